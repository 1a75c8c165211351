from odoo import models

from ..services.transfers.prepare import withdraw_changed

# What an order tells the bank of an account. Not the number: whoever changes that, is
# stopped when the order is to be initiated or sent.
TOLD = {"acc_holder_name", "bank_id", "currency_id", "partner_id"}


class ResPartnerBank(models.Model):
    _inherit = "res.partner.bank"

    def write(self, vals):
        """An account changes: so does what a queued order would tell."""
        result = super().write(vals)
        if TOLD & vals.keys():
            withdraw_changed(self.env, [("payment_id.partner_bank_id", "in", self.ids)])
        return result
