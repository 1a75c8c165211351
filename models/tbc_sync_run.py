from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import format_datetime

from ..services.amounts import EXACT

KEPT_DAYS = 90


class TbcSyncRun(models.Model):
    """The history of one sync of one account."""

    _name = "tbc.sync.run"
    _description = "TBC Sync"
    _order = "id desc"

    account_id = fields.Many2one(
        "tbc.account", required=True, ondelete="cascade", readonly=True, index=True
    )
    company_id = fields.Many2one(related="account_id.company_id", store=True)
    currency_id = fields.Many2one(related="account_id.currency_id")
    state = fields.Selection(
        [
            ("running", "Running"),
            ("done", "Done"),
            ("partial", "Continues later"),
            ("failed", "Failed"),
            ("cut", "Interrupted"),
        ],
        "Status",
        required=True,
        default="running",
        readonly=True,
    )
    day_from = fields.Date("First Day", readonly=True)
    day_to = fields.Date("Last Day", readonly=True)
    fetched = fields.Integer(
        string="Listed",
        readonly=True,
        help="Different transactions that the bank listed.",
    )
    new = fields.Integer(readonly=True, help="Transactions booked by this sync.")
    repaired = fields.Integer(
        readonly=True,
        help="New transactions of days synced before, which were missing.",
    )
    known = fields.Integer(readonly=True, help="Transactions booked before.")
    held = fields.Integer(
        "On Hold", readonly=True, help="Transactions on hold when this sync ended."
    )
    seconds = fields.Float(readonly=True, digits=(10, 1))
    bank_balance = fields.Float(digits=EXACT, readonly=True)
    difference = fields.Float(digits=EXACT, readonly=True, help="Books minus bank.")
    error = fields.Text(readonly=True)
    note = fields.Text(
        "Not on Hold Any More",
        readonly=True,
        help="What was on hold, and the bank no longer lists.",
    )
    trace_id = fields.Char("Bank's Trace ID", readonly=True)

    @api.depends("account_id", "create_date")
    @api.depends_context("lang", "tz")
    def _compute_display_name(self):
        for run in self:
            moment = run.create_date or fields.Datetime.now()
            told = format_datetime(run.env, moment, dt_format="short")
            run.display_name = f"{run.account_id.display_name} {told}"

    @api.autovacuum
    def _gc_runs(self):
        limit = fields.Datetime.now() - timedelta(days=KEPT_DAYS)
        self.search([("create_date", "<", limit)], limit=10_000).unlink()
