from odoo import api, models

from ..services.kept_days import mark_items_stale
from ..services.statements.page_create import page_of

# What the balance of a ledger account on a day is made of.
_BALANCE = {
    "account_id",
    "amount_currency",
    "balance",
    "credit",
    "currency_id",
    "debit",
}


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    # What was written since the last read, on the ledger account of a bank.
    _tbc_written_idx = models.Index("(account_id, write_date)")

    @api.model_create_multi
    def create(self, vals_list):
        """The entries of a page are linked to their bank lines before their items."""
        if page := page_of(self):
            page.link(self.env)
        return super().create(vals_list)

    def write(self, vals):
        """Let the days of these items be added up anew, when their balance changes."""
        if _BALANCE & vals.keys():
            mark_items_stale(self)
        return super().write(vals)

    def unlink(self):
        mark_items_stale(self)
        return super().unlink()
