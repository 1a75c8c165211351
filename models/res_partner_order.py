"""A partner, an account or a bank changes: so does what a queued order would tell."""

from odoo import models

PARTNER_TOLD = {
    "city",
    "country_id",
    "is_company",
    "name",
    "parent_id",
    "street",
    "street2",
    "vat",
    "zip",
}
# Not the number: whoever changes that, is stopped when it is to be initiated or sent.
ACCOUNT_TOLD = {"acc_holder_name", "bank_id", "currency_id", "partner_id"}
BANK_TOLD = {"bic", "name"}


class ResPartner(models.Model):
    _inherit = "res.partner"

    def write(self, vals):
        """The recipient, the taxpayer, or the partner into which another is merged."""
        result = super().write(vals)
        if PARTNER_TOLD & vals.keys():
            self.env["tbc.transfer"]._withdraw_changed(
                [
                    "|",
                    "|",
                    ("payment_id.partner_id", "in", self.ids),
                    ("payment_id.partner_id.commercial_partner_id", "in", self.ids),
                    ("company_id.partner_id", "in", self.ids),
                ]
            )
        return result


class ResPartnerBank(models.Model):
    _inherit = "res.partner.bank"

    def write(self, vals):
        result = super().write(vals)
        if ACCOUNT_TOLD & vals.keys():
            self.env["tbc.transfer"]._withdraw_changed(
                [("payment_id.partner_bank_id", "in", self.ids)]
            )
        return result


class ResBank(models.Model):
    _inherit = "res.bank"

    def write(self, vals):
        result = super().write(vals)
        if BANK_TOLD & vals.keys():
            self.env["tbc.transfer"]._withdraw_changed(
                [("payment_id.partner_bank_id.bank_id", "in", self.ids)]
            )
        return result
