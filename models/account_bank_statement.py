from odoo import api, fields, models

from .system_fields import drop_context_defaults, forbid_user_write

SYSTEM_FIELDS = {"tbc_account_id", "tbc_day_from", "tbc_day_to"}


class AccountBankStatement(models.Model):
    _inherit = "account.bank.statement"

    tbc_account_id = fields.Many2one(
        "tbc.account",
        string="TBC Account",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="Set on a statement that was made of the bank's own figures.",
    )
    tbc_day_from = fields.Date(string="First Day", readonly=True, copy=False)
    tbc_day_to = fields.Date(string="Last Day", readonly=True, copy=False)

    # The net below the read's own look-up: two workers make a period's statement once.
    _tbc_period_uniq = models.UniqueIndex(
        "(tbc_account_id, tbc_day_from) WHERE tbc_account_id IS NOT NULL",
        "The statement of this period exists already.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            forbid_user_write(self, vals, SYSTEM_FIELDS)
        clean = drop_context_defaults(self, SYSTEM_FIELDS)
        statements = super(AccountBankStatement, clean).create(vals_list)
        return statements.with_env(self.env)

    def write(self, vals):
        forbid_user_write(self, vals, SYSTEM_FIELDS)
        return super().write(vals)
