from odoo import models

from ..services.transfers.prepare import withdraw_changed

# What an order tells the bank of the recipient's bank.
TOLD = {"bic", "name"}


class ResBank(models.Model):
    _inherit = "res.bank"

    def write(self, vals):
        """A bank changes: so does what a queued order would tell."""
        result = super().write(vals)
        if TOLD & vals.keys():
            domain = [("payment_id.partner_bank_id.bank_id", "in", self.ids)]
            withdraw_changed(self.env, domain)
        return result
