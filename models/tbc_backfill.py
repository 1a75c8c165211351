import logging
from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from .. import messages
from ..services.chatter import write_note
from ..services.clock import utc_now
from ..services.locks import CONCURRENCY_ERRORS, MAX_ATTEMPTS
from ..services.unexpected import guarded
from ..tbc import TbcBusy, TbcError, TbcRefused, TbcUnreachable
from .miscount import miscounted
from .past_read import PastRead
from .statement_read import OutOfTime, Overtaken
from .tbc_account_refusal import may_speak_of_one
from .tbc_integration_credentials import open_client

_logger = logging.getLogger(__name__)

UNFINISHED = ("waiting", "running", "paused")
ONE_DAY = timedelta(days=1)
# Whoever met another worker again and again tries later.
REST = timedelta(minutes=1)


class TbcBackfill(models.Model):
    """Days of the past that somebody wants in the books, and how far they are read.

    The days from ``done_from`` to ``done_to`` are read completely. They grow by a month
    at a time, with the lines that they stand for, so a read may die at any moment.
    """

    _name = "tbc.backfill"
    _description = "TBC Read of the Past"
    _order = "id desc"

    account_id = fields.Many2one(
        "tbc.account", required=True, ondelete="cascade", readonly=True, index=True
    )
    company_id = fields.Many2one(related="account_id.company_id", store=True)
    day_from = fields.Date(string="First Day", required=True, readonly=True)
    day_to = fields.Date(string="Last Day", required=True, readonly=True)
    order = fields.Selection(
        [("newest", "Newest first"), ("oldest", "Oldest first")],
        required=True,
        default="newest",
        readonly=True,
    )
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("running", "Being read"),
            ("paused", "Paused"),
            ("done", "Done"),
            ("failed", "Failed"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="waiting",
        readonly=True,
    )
    done_from = fields.Date(string="Read From", readonly=True)
    done_to = fields.Date(string="Read Until", readonly=True)
    tried_from = fields.Date(
        readonly=True,
        help="From this day to the next one all was listed, be it that the bank's list"
        " of some day contradicts itself.",
    )
    tried_to = fields.Date(readonly=True)
    days_total = fields.Integer(string="Days", compute="_compute_days")
    days_done = fields.Integer(string="Days Read", compute="_compute_days")
    progress = fields.Float(compute="_compute_days")
    fetched = fields.Integer(
        readonly=True, help="Movements that the bank listed in the days read."
    )
    window_fetched = fields.Integer(
        readonly=True, help="Movements listed in the month that is being read."
    )
    movement_count = fields.Integer(
        string="Movements Read", compute="_compute_movement_count"
    )
    new = fields.Integer(readonly=True, help="Movements booked by this read.")
    known = fields.Integer(readonly=True, help="Movements booked before.")
    started_at = fields.Datetime(readonly=True)
    read_at = fields.Datetime(
        string="Last Page", readonly=True, help="When a page was last stored."
    )
    seconds = fields.Float(readonly=True, digits=(10, 1))
    error = fields.Text(readonly=True)
    trace_id = fields.Char(string="Bank's Trace ID", readonly=True)
    message = fields.Text(string="What Happens", compute="_compute_message")

    _unfinished_uniq = models.UniqueIndex(
        "(account_id) WHERE state IN ('waiting', 'running', 'paused')",
        "The past of this account is being read already.",
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
            backfill.message = backfill._message()

    def _message(self):
        """Say in one sentence where this read stands, and what it waits for."""
        if self.state in ("done", "cancelled", "failed"):
            return self.error or self._outcome_sentence()
        if self.state == "paused":
            return self.env._("Paused: press Go On to read the rest.")
        if obstacle := self.account_id.sudo()._past_obstacle() or self.error:
            return self.env._("Waits and tries again: %(reason)s", reason=obstacle)
        if not self.days_done:
            return self.env._("Begins in a moment.")
        return self._time_left_sentence()

    def _outcome_sentence(self):
        return self.env._(
            "%(days)s days read, %(new)s transactions were new.",
            days=self.days_done,
            new=self.new,
        )

    def _contradictions(self):
        """Return a sentence for each of the days whose list contradicts its count."""
        spans = miscounted(self.account_id.sudo(), self.day_from, self.day_to)
        return [row._days_sentence() for row in spans]

    def _time_left_sentence(self):
        left = self.seconds / self.days_done * (self.days_total - self.days_done)
        minutes = round(left / 60)
        if minutes < 1:
            return self.env._("Less than a minute left.")
        if minutes < 100:
            return self.env._("About %(count)s minutes left.", count=minutes)
        return self.env._("About %(count)s hours left.", count=round(minutes / 60))

    # === THE SCHEDULED ACTION === #

    @api.model
    def _cron_backfill(self):
        """Read on where each back-fill stopped, one commit a page.

        When the time is over, Odoo calls again at once; whoever has waited longest
        comes first then.
        """
        ir_cron = self.env["ir.cron"]
        queue = self.search(self._due_domain(), order="read_at NULLS FIRST, id")
        ir_cron._commit_progress(remaining=len(queue))
        away = self.env["tbc.integration"]
        for position, backfill in enumerate(queue):
            integration = backfill.account_id.integration_id
            outcome = "left"
            if integration not in away:
                outcome = guarded(
                    self.env, backfill._cron_turn, backfill._record_unexpected
                )
            if outcome == "away":
                away |= integration
            if outcome == "later":
                # Odoo runs it again, but only wakes its sleeping workers for a trigger.
                self._call_at_once()
                ir_cron._commit_progress(remaining=len(queue) - position)
                return
            if not ir_cron._commit_progress(1):
                return

    def _due_domain(self):
        accounts = self.env["tbc.account"]._due_domain()
        return Domain("state", "in", ("waiting", "running")) & Domain(
            "account_id", "any", accounts
        )

    def _cron_turn(self):
        """Read on; return ``later`` (time is over), ``away`` (the bank), or ``left``."""
        for _attempt in range(MAX_ATTEMPTS):
            try:
                outcome = self._turn()
                self.env["ir.cron"]._commit_progress()
                return outcome
            except Overtaken:
                self.env.cr.rollback()
                return "left"
            except CONCURRENCY_ERRORS:
                # Somebody else wrote the same rows: that page is read again.
                self.env.cr.rollback()
                _logger.info("TBC back-fill %s: one page is read again", self.id)
        cron = self.env.ref("account_tbc_bank.ir_cron_backfill")
        cron._trigger(at=fields.Datetime.now() + REST)
        return "left"

    def _turn(self):
        self.ensure_one()
        self._take()
        account = self.account_id
        account = account.with_company(account.company_id).with_context(
            lang=account.integration_id.user_id.lang,
            # As in the hourly read: Odoo's audit trail is made of these messages.
            tracking_disable=not account.company_id.restrictive_audit_trail,
        )
        if account._past_obstacle():
            return "left"
        self.write({"state": "running", "started_at": self.started_at or utc_now()})
        try:
            with open_client(account.integration_id) as client:
                PastRead(account, client, self, self._commit_page).read()
        except OutOfTime:
            return "later"
        except TbcError as error:
            return self._record_failure(account, error)
        except (UserError, ValueError) as error:
            self.error = str(error)
            return "left"
        if sentences := self._contradictions():
            self.error = " ".join(sentences)
        else:
            self._finish(account)
        return "left"

    def _take(self):
        """Keep other workers from this back-fill until the transaction ends.

        No row lock: a person's Pause would wait for page after page.

        :raise Overtaken: another worker has it, or it is not to be read any more.
        """
        self.env.cr.execute(
            "SELECT pg_try_advisory_xact_lock(hashtext('tbc_backfill'), %s)", (self.id,)
        )
        if not self.env.cr.fetchone()[0]:
            raise Overtaken
        self.invalidate_recordset()
        if not self.exists() or self.state not in ("waiting", "running"):
            raise Overtaken

    def _commit_page(self):
        """Commit a page; return the seconds left.

        :raise Overtaken: somebody paused it, or another worker took it.
        """
        seconds_left = self.env["ir.cron"]._commit_progress()
        self._take()
        return seconds_left

    def _next_window(self, days=31):
        """Return ``(first day, last day)`` of the next month to read, or ``None``.

        Next to the days read, and no longer than ``days``.
        """
        most = timedelta(days=days - 1)
        if self.order == "oldest":
            before = self.tried_to or self.done_to
            first = before + ONE_DAY if before else self.day_from
            month_end = first + relativedelta(day=31)
            window = first, min(month_end, self.day_to, first + most)
        else:
            before = self.tried_from or self.done_from
            last = before - ONE_DAY if before else self.day_to
            window = max(last.replace(day=1), self.day_from, last - most), last
        return window if window[0] <= window[1] else None

    def _take_window(self, first, last, *, fetched):
        """Keep that these days were listed (sudo); return whether they are new."""
        begin, end = self.tried_from or self.done_from, self.tried_to or self.done_to
        is_new = not begin or first < begin or end < last
        self.write(
            {
                "tried_from": min(begin or first, first),
                "tried_to": max(end or last, last),
                "fetched": self.fetched + (fetched if is_new else 0),
                "window_fetched": 0,
                "error": False,
            }
        )
        self._take_days_read()
        return is_new

    def _take_days_read(self):
        """Call the days read that were listed, unless one of them contradicts itself."""
        tried = {"done_from": self.tried_from, "done_to": self.tried_to}
        if self.tried_from and not miscounted(self.account_id, *tried.values()):
            self.write(tried)

    def _forget_days_before(self, first_day):
        """Let days that somebody does not want any more be as if never read (sudo)."""
        for begin, end in (("done_from", "done_to"), ("tried_from", "tried_to")):
            for backfill in self.filtered(begin):
                if backfill[end] < first_day:
                    backfill.write({begin: False, end: False})
                elif backfill[begin] < first_day:
                    backfill[begin] = first_day

    def _record_failure(self, account, error):
        """Tell what the bank did; only a plain refusal ends the back-fill."""
        _logger.info("TBC back-fill %s: the read failed", self.id)
        sentence = messages.user_message(account.env, error)
        self.write({"error": sentence, "trace_id": error.trace_id or self.trace_id})
        is_of_these_days = may_speak_of_one(error)
        if not is_of_these_days:
            account.integration_id._record_refusal(error)
        if is_of_these_days or isinstance(error, TbcRefused):
            self.state = "failed"
        return "away" if isinstance(error, TbcUnreachable | TbcBusy) else "left"

    def _record_unexpected(self, sentence):
        """Tell it; others have their turn before it comes again."""
        self.write({"error": sentence, "read_at": utc_now()})
        return "left"

    def _finish(self, account):
        self.write({"state": "done", "error": False})
        write_note(
            account,
            account.env._(
                "The days from %(first)s to %(last)s were read: %(count)s movements, of"
                " which %(new)s are new in the books.",
                first=format_date(account.env, self.day_from),
                last=format_date(account.env, self.day_to),
                count=self.movement_count,
                new=self.new,
            ),
        )
        # It matches what is new, and proves the whole.
        self.env.ref("account_tbc_bank.ir_cron_sync")._trigger()

    # === BUTTONS === #

    def action_pause(self):
        """Stop after the page that is being read."""
        self._change_state(("waiting", "running"), "paused")

    def action_resume(self):
        """Go on where it stopped."""
        for backfill in self:
            other = backfill.account_id._unfinished_backfill() - backfill
            if other:
                raise UserError(backfill._unfinished_sentence())
        self._change_state(("paused", "failed"), "waiting")
        self._call_at_once()

    def action_cancel(self):
        """Read no more of it; what was read stays."""
        self._change_state((*UNFINISHED, "failed"), "cancelled")

    def _change_state(self, before, after):
        self.account_id._check_may_sync()
        chosen_sudo = self.sudo().filtered(lambda backfill: backfill.state in before)
        chosen_sudo.write({"state": after, "error": False})

    def _unfinished_sentence(self):
        return self.env._(
            "The past of %(account)s is being read already: wait for that to end, or"
            " cancel it.",
            account=self.account_id.display_name,
        )

    def _call_at_once(self):
        self.env.ref("account_tbc_bank.ir_cron_backfill").sudo()._trigger()
