from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..services.rounds import read_due_backfills
from ..services.statements.backfill import message, trigger_backfill
from ..services.statements.coverage import (
    UNFINISHED_BACKFILL,
    unfinished_backfills,
    unfinished_sentence,
)


class TbcBackfill(models.Model):
    """Days of the past that somebody wants in the books, and how far they are read.

    The days from ``done_from`` to ``done_to`` are read completely. They grow by a month
    at a time, with the lines that they stand for, so a read may die at any moment.
    """

    _name = "tbc.backfill"
    _description = "TBC History Import"
    _order = "id desc"

    account_id = fields.Many2one(
        "tbc.account", required=True, ondelete="cascade", readonly=True, index=True
    )
    company_id = fields.Many2one(related="account_id.company_id", store=True)
    day_from = fields.Date("First Day", required=True, readonly=True)
    day_to = fields.Date("Last Day", required=True, readonly=True)
    order = fields.Selection(
        [("newest", "Newest First"), ("oldest", "Oldest First")],
        required=True,
        default="newest",
        readonly=True,
    )
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("running", "Importing"),
            ("paused", "Paused"),
            ("done", "Done"),
            ("failed", "Failed"),
            ("cancelled", "Stopped"),
        ],
        "Status",
        required=True,
        default="waiting",
        readonly=True,
    )
    done_from = fields.Date("Imported From", readonly=True)
    done_to = fields.Date("Imported Until", readonly=True)
    tried_from = fields.Date(
        readonly=True,
        help="From this day to the next one all was listed, be it that the bank's list"
        " of some day contradicts itself.",
    )
    tried_to = fields.Date(readonly=True)
    days_total = fields.Integer("Days", compute="_compute_days")
    days_done = fields.Integer("Days Imported", compute="_compute_days")
    progress = fields.Float(compute="_compute_days")
    fetched = fields.Integer(
        string="Listed",
        readonly=True,
        help="Transactions that the bank listed in the days imported.",
    )
    window_fetched = fields.Integer(
        string="Listed in This Month",
        readonly=True,
        help="Transactions listed in the month that is being imported.",
    )
    movement_count = fields.Integer("Transactions", compute="_compute_movement_count")
    new = fields.Integer(readonly=True, help="Transactions booked by this import.")
    known = fields.Integer(readonly=True, help="Transactions booked before.")
    started_at = fields.Datetime(readonly=True)
    read_at = fields.Datetime(
        "Last Page", readonly=True, help="When a page was last stored."
    )
    seconds = fields.Float(readonly=True, digits=(10, 1))
    bookmark = fields.Json(
        readonly=True,
        prefetch=False,
        groups=fields.NO_ACCESS,
        help="What was imported of the month that is being imported.",
    )
    error = fields.Text(readonly=True)
    trace_id = fields.Char("Bank's Trace ID", readonly=True)
    message = fields.Text("What Happens", compute="_compute_message")

    _unfinished_uniq = models.UniqueIndex(
        "(account_id) WHERE state IN ('waiting', 'running', 'paused')",
        "The history of this account is being imported already.",
    )
    _days_ordered = models.Constraint(
        "CHECK (day_from <= day_to)", "The first day comes after the last one."
    )

    # === COMPUTE METHODS === #

    @api.depends("account_id", "day_from", "day_to")
    def _compute_display_name(self):
        for backfill in self:
            backfill.display_name = self.env._(
                "%(account)s, %(first)s – %(last)s",
                account=backfill.account_id.display_name,
                first=format_date(self.env, backfill.day_from),
                last=format_date(self.env, backfill.day_to),
            )

    @api.depends("day_from", "day_to", "done_from", "done_to")
    def _compute_days(self):
        for backfill in self:
            total = (backfill.day_to - backfill.day_from).days + 1
            done = 0
            if backfill.done_from:
                done = (backfill.done_to - backfill.done_from).days + 1
            backfill.days_total, backfill.days_done = total, done
            backfill.progress = 100.0 * done / total

    @api.depends("fetched", "window_fetched")
    def _compute_movement_count(self):
        for backfill in self:
            backfill.movement_count = backfill.fetched + backfill.window_fetched

    @api.depends("state", "error", "seconds", "day_from", "day_to", "done_from")
    def _compute_message(self):
        for backfill in self:
            backfill.message = message(backfill)

    # === THE SCHEDULED ACTION === #

    @api.model
    def _cron_backfill(self):
        read_due_backfills(self)

    # === BUTTONS === #

    def action_pause(self):
        """Stop after the page that is being read."""
        self._change_state(("waiting", "running"), "paused")

    def action_resume(self):
        for backfill in self:
            other = unfinished_backfills(backfill.account_id) - backfill
            if other:
                raise UserError(unfinished_sentence(backfill))
        self._change_state(("paused", "failed"), "waiting")
        trigger_backfill(self.env)

    def action_cancel(self):
        """Read no more of it; what was read stays."""
        self._change_state((*UNFINISHED_BACKFILL, "failed"), "cancelled")

    def _change_state(self, before, after):
        self.account_id._check_may_sync()
        chosen_sudo = self.sudo().filtered(lambda backfill: backfill.state in before)
        chosen_sudo.write({"state": after, "error": False})
