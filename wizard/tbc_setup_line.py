from odoo import api, fields, models

from ..models.system_fields import forbid_user_write
from ..services.statements.journal import first_day_in, free_journals, plan_sentence


class TbcSetupLine(models.TransientModel):
    """What will be made of one account, as the dialog shows it."""

    _name = "tbc.setup.line"
    _description = "Account at TBC"

    dialog_id = fields.Many2one(
        "tbc.setup", required=True, readonly=True, ondelete="cascade", index=True
    )
    account_id = fields.Many2one(
        "tbc.account", required=True, readonly=True, ondelete="cascade"
    )
    iban = fields.Char(related="account_id.iban")
    currency_id = fields.Many2one(related="account_id.currency_id")
    name = fields.Char(related="account_id.name")
    exchange_rate = fields.Char(related="account_id.exchange_rate")
    may_choose = fields.Boolean(related="dialog_id.may_choose")
    free_journal_ids = fields.Many2many(
        "account.journal", compute="_compute_free_journal_ids", compute_sudo=True
    )
    journal_id = fields.Many2one(
        "account.journal",
        help="Empty: a new one is made.",
        domain="[('id', 'in', free_journal_ids)]",
    )
    sync_from = fields.Date(
        "Import From",
        compute="_compute_sync_from",
        compute_sudo=True,
        store=True,
        readonly=False,
        help="The first day wanted in the books.",
    )
    plan = fields.Char("What Is Made", compute="_compute_plan", compute_sudo=True)

    def write(self, vals):
        forbid_user_write(self, vals)
        return super().write(vals)

    @api.depends("account_id")
    def _compute_free_journal_ids(self):
        for line in self:
            line.free_journal_ids = free_journals(line.account_id)

    @api.depends("journal_id", "dialog_id.sync_from")
    def _compute_sync_from(self):
        """Behind what the journal has from elsewhere: it would be booked twice."""
        for line in self:
            wanted = line.dialog_id.sync_from
            if wanted:
                line.sync_from = first_day_in(line.account_id, line.journal_id, wanted)

    @api.depends("journal_id")
    @api.depends_context("lang")
    def _compute_plan(self):
        for line in self:
            line.plan = plan_sentence(line.account_id, line.journal_id)
