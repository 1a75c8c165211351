from odoo import api, models

from ..services.transfers.protect import release_matches

# What a match is made of. Odoo itself never changes them.
MATCHED = {
    "amount",
    "credit_amount_currency",
    "credit_move_id",
    "debit_amount_currency",
    "debit_move_id",
}


class AccountPartialReconcile(models.Model):
    """Every way to part a bill from its payment ends in one of these being deleted."""

    _inherit = "account.partial.reconcile"

    def write(self, vals):
        """A match that is changed is as good as none."""
        if MATCHED & vals.keys():
            release_matches(self)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_tbc_ordered(self):
        """What the bank is paying stays matched with what it pays."""
        release_matches(self)
