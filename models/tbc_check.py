import base64

from odoo import api, fields, models
from odoo.tools import format_datetime

from ..services.buttons import only_one
from ..services.check import report, run

OUTCOMES = ("differs", "expected", "not_seen")
# So many checks of each integration are kept.
CHECKS_KEPT = 10


class TbcCheck(models.Model):
    """One check of whether the bank answers as this module assumes."""

    _name = "tbc.check"
    _description = "TBC Check of the Bank's Answers"
    _order = "id desc"

    integration_id = fields.Many2one(
        "tbc.integration", required=True, ondelete="cascade", readonly=True, index=True
    )
    company_id = fields.Many2one(related="integration_id.company_id", store=True)
    environment = fields.Selection(related="integration_id.environment")
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("running", "Under Way"),
            ("done", "Done"),
            ("stopped", "Stopped"),
            ("failed", "Failed"),
        ],
        "Status",
        required=True,
        default="waiting",
        readonly=True,
    )
    with_scenarios = fields.Boolean(
        "With Transfers of the Sandbox",
        readonly=True,
        help="The bank's own test transfers are sent, too. They move no money.",
    )
    line_ids = fields.One2many("tbc.check.line", "check_id", readonly=True)
    step_count = fields.Integer("Steps", readonly=True)
    steps_done = fields.Integer(readonly=True)
    request_count = fields.Integer("Questions Asked", readonly=True)
    progress = fields.Float(compute="_compute_progress")
    progress_shown = fields.Json("Check Progress", compute="_compute_progress")
    ended_at = fields.Datetime("Ended", readonly=True)
    problem = fields.Text(readonly=True)
    differs_count = fields.Integer("Differs", compute="_compute_counts")
    expected_count = fields.Integer("As Expected", compute="_compute_counts")
    not_seen_count = fields.Integer("Could Not Be Seen", compute="_compute_counts")
    memory = fields.Json(readonly=True, groups=fields.NO_ACCESS)
    report = fields.Text("File to Send", compute="_compute_report")
    report_file = fields.Binary(compute="_compute_report_file")

    # === COMPUTE METHODS === #

    @api.depends("integration_id", "create_date")
    @api.depends_context("lang", "tz")
    def _compute_display_name(self):
        for one in self:
            moment = one.create_date or fields.Datetime.now()
            told = format_datetime(one.env, moment, dt_format="short")
            one.display_name = f"{one.integration_id.name} {told}"

    @api.depends("state", "step_count", "steps_done", "request_count")
    def _compute_progress(self):
        for one in self:
            one.progress = 100.0 * one.steps_done / (one.step_count or 1)
            one.progress_shown = one.state in run.UNFINISHED and {
                "done": one.steps_done,
                "total": one.step_count,
                "percent": round(one.progress),
                "questions": one.request_count,
            }

    @api.depends("line_ids.outcome")
    def _compute_counts(self):
        for one in self:
            found = one.line_ids.mapped("outcome")
            for outcome in OUTCOMES:
                one[f"{outcome}_count"] = found.count(outcome)

    @api.depends("line_ids", "memory", "state")
    def _compute_report(self):
        for one in self:
            one.report = report.report_text(one.sudo())

    @api.depends("report")
    def _compute_report_file(self):
        for one in self:
            one.report_file = base64.b64encode(one.report.encode())

    # === THE SCHEDULED ACTION === #

    @api.model
    def _cron_check(self):
        run.run_due_checks(self)

    @api.autovacuum
    def _gc_checks(self):
        """Only the latest ones of each integration are kept."""
        found = self._read_group([], ["integration_id"], ["id:recordset"])
        for _integration, checks in found:
            checks.sorted("id", reverse=True)[CHECKS_KEPT:].filtered(
                "ended_at"
            ).unlink()

    @api.model
    def _check_now(self, integration, tell, *, with_scenarios=False):
        """Check at once, step by step, for who waits at a terminal.

        Whoever has that may act for the integration user, in the sandbox.
        """
        asked = integration.with_user(integration.user_id)
        one = run.begin(asked, with_scenarios=with_scenarios)
        one = self.browse(one.id)
        try:
            run.go_on(one, tell)
        except KeyboardInterrupt:
            self.env.cr.rollback()
            run.stop(one)
            self.env["ir.cron"]._commit_progress()
            raise
        return one

    # === BUTTONS === #

    def action_stop(self):
        """Ask nothing more."""
        for one in self:
            one.integration_id._check_may_configure()
        run.stop(self.sudo())

    def action_check_again(self):
        """Begin a new check of the same integration."""
        only_one(self)
        return self.integration_id.action_check_answers()

    def action_check_transfers(self):
        """Begin a new one that sends the sandbox's documented transfers, too."""
        only_one(self)
        self.integration_id._check_may_configure()
        return run.begin_and_open(self.integration_id, with_scenarios=True)

    def action_save_file(self):
        """Save the file that the screen shows."""
        only_one(self)
        name = f"tbc-check-{fields.Date.today()}.json"
        path = f"/web/content/tbc.check/{self.id}/report_file/{name}"
        return {"type": "ir.actions.act_url", "url": f"{path}?download=true"}
