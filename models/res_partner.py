import re

from odoo import models

TREASURY_BIC = "TRESGE22"


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _tbc_tax_code(self):
        """The Georgian tax code (9 digits) or personal number (11), or ``None``.

        Without the prefix, a number of somebody abroad is another country's.
        """
        vat = re.sub(r"\s", "", self.vat or "").upper()
        code = vat.removeprefix("GE")
        if code == vat and (self.country_id.code or "GE") != "GE":
            return None
        return code if re.fullmatch(r"\d{9}|\d{11}", code, re.ASCII) else None

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
