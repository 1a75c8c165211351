from odoo import api, fields, models

from ..services.kept_days import mark_moves_stale
from .system_fields import SYSTEM, cleared_to_create, forbid_user_write


class AccountBankStatement(models.Model):
    _inherit = "account.bank.statement"

    tbc_account_id = fields.Many2one(
        "tbc.account",
        string="TBC Account",
        **SYSTEM,
        index="btree_not_null",
        ondelete="set null",
        help="Set on a statement that was made of the bank's own figures.",
    )
    tbc_day_from = fields.Date(string="First Day", **SYSTEM)
    tbc_day_to = fields.Date(string="Last Day", **SYSTEM)

    # The net below the read's own look-up: two workers make a period's statement once.
    _tbc_period_uniq = models.UniqueIndex(
        "(tbc_account_id, tbc_day_from) WHERE tbc_account_id IS NOT NULL",
        "The statement of this period exists already.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        clean = cleared_to_create(self, vals_list)
        statements = super(AccountBankStatement, clean).create(vals_list)
        return statements.with_env(self.env)

    def write(self, vals):
        forbid_user_write(self, vals)
        return super().write(vals)

    def unlink(self):
        """The days of its lines lack a statement then: the database tells nobody."""
        mark_moves_stale(self.line_ids.move_id)
        return super().unlink()
