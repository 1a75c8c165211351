from odoo import api, fields, models

from ..bookkeeping import clean_tax_code, georgian_tax_code

TREASURY_BIC = "TRESGE22"


class ResPartner(models.Model):
    _inherit = "res.partner"

    tbc_vat = fields.Char(
        string="Tax ID for TBC Bank",
        compute="_compute_tbc_vat",
        store=True,
        index="btree_not_null",
        help="The tax ID as it is compared with the bank's: without blanks, dashes and"
        " GE.",
    )

    @api.depends("vat")
    def _compute_tbc_vat(self):
        for partner in self:
            partner.tbc_vat = clean_tax_code(partner.vat)

    def _tbc_tax_code(self):
        """The Georgian tax code (9 digits) or personal number (11), or ``None``.

        Without the prefix, a number of somebody abroad is another country's.
        """
        is_abroad = (self.country_id.code or "GE") != "GE"
        return georgian_tax_code(self.vat, is_abroad=is_abroad)

    def _tbc_address(self):
        """The address in one line, or ``None`` while street, city or country is missing."""
        street, street2, postcode, city = (
            (self[name] or "").strip() for name in ("street", "street2", "zip", "city")
        )
        if not (street and city and self.country_id):
            return None
        country = self.country_id.with_context(lang="en_US").name
        parts = (street, street2, postcode, city, country)
        return ", ".join(part for part in parts if part)


class ResPartnerBank(models.Model):
    _inherit = "res.partner.bank"

    def _tbc_treasury_code(self):
        """The account number, if this is a code of the State Treasury; else ``None``."""
        treasury = self.env.ref(
            "account_tbc_bank.partner_treasury", raise_if_not_found=False
        )
        bic = (self.bank_id.bic or "").upper()
        is_treasury = bic.startswith(TREASURY_BIC) or (
            treasury and self.partner_id.commercial_partner_id == treasury
        )
        return self.sanitized_acc_number or "" if is_treasury else None
