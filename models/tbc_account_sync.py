import logging
from datetime import timedelta
from functools import partial

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import format_date

from .. import messages
from ..services.calls import UNREADABLE, call, end_calls
from ..services.clock import bank_today, utc_now
from ..services.locks import CONCURRENCY_ERRORS, retry_on_conflict
from ..services.unexpected import guarded
from ..tbc import (
    TbcBusy,
    TbcError,
    TbcUnreachable,
)
from .guard import at_least_one
from .statement_read import OutOfTime, Overtaken, StatementRead
from .tbc_integration_credentials import open_client

_logger = logging.getLogger(__name__)

# A longer backlog is read by the scheduled action: a button must answer soon.
BUTTON_DAYS = 31
FAILURES_BEFORE_ACTIVITY = 3
# Whoever still waits in the queue after this begins a new round with all others.
LONGEST_ROUND = timedelta(minutes=30)


class TbcAccount(models.Model):
    _inherit = "tbc.account"

    # === READING === #

    def sync(self):
        """Read these accounts from the bank, in the caller's transaction.

        An account that fails does not stop the others: the failure is told on its run
        and on the account. An account that another worker reads now is left to it.

        :return: the ``tbc.sync.run`` records, one per account read.
        """
        self._check_may_sync()
        runs = self.env["tbc.sync.run"]
        for account_sudo in self.sudo():
            # The lock comes first: whoever waited for it must not decide on what the
            # account looked like before.
            account_sudo.flush_recordset()
            if account_sudo.try_lock_for_update(allow_referencing=True):
                runs |= account_sudo._sync_locked(lambda: float("inf"))
        return runs.with_env(self.env)

    def _check_may_sync(self):
        self.check_access("read")
        if self.env.su or self.integration_id.user_id == self.env.user:
            return
        if not self.env.user.has_group("account_tbc_bank.group_tbc_statements"):
            raise AccessError(
                self.env._("Only users of TBC Bank's statements may read accounts.")
            )

    @api.model
    def _cron_sync(self):
        """Read every account that is due, one commit a page.

        Odoo gives a scheduled action little time and calls it again at once while
        something remains: the queue says who has not had a turn yet.
        """
        queue = retry_on_conflict(self.env, self._queue)
        ir_cron = self.env["ir.cron"]
        ir_cron._commit_progress(remaining=len(queue))
        away = self.env["tbc.integration"]
        for position, account in enumerate(queue, 1):
            # It leaves the queue before it is read: whatever happens to it then, the
            # others have their turn.
            taken = retry_on_conflict(self.env, account._take_from_queue)
            ir_cron._commit_progress(1)
            if taken and account.integration_id not in away:
                run, is_away = account._cron_sync_one()
                away |= is_away
                if run.state == "partial":
                    account.queued_at = utc_now()
                    ir_cron._commit_progress(remaining=len(queue) - position + 1)
                    break
            if not ir_cron._commit_progress():
                break

    def _queue(self):
        """Return the accounts of this round that wait; begin a round if none does."""
        # Two workers that start together must not make two queues, nor one of them
        # none: the second waits here, and sees the first one's queue retry_on_conflict.
        self.env.cr.execute("SELECT pg_advisory_xact_lock(hashtext('tbc_account'))")
        due = self.search(self._due_domain(), order="last_sync_at NULLS FIRST, id")
        # Who was read in part stands behind the others: a year must not keep an hour out.
        queue = due.filtered("queued_at").sorted("queued_at")
        if not queue or min(queue.mapped("queued_at")) < utc_now() - LONGEST_ROUND:
            # Who is locked is being read already.
            queue = due.try_lock_for_update(allow_referencing=True)
            queue.queued_at = utc_now()
            queue.flush_recordset()
        return queue

    def _due_domain(self):
        return (
            Domain(
                [
                    ("journal_id", "!=", False),
                    ("integration_id.state", "=", "connected"),
                    ("integration_id.can_read_statements", "=", True),
                ]
            )
            & self._not_refused_domain()
            & (
                Domain("integration_id.not_before", "=", False)
                | Domain("integration_id.not_before", "<=", fields.Datetime.now())
            )
        )

    def _take_from_queue(self):
        """Return this account if no other worker has it, and nobody had it meanwhile."""
        self.ensure_one()
        account = self.try_lock_for_update(allow_referencing=True)
        account = account.filtered("queued_at")
        account.queued_at = False
        account.flush_recordset()
        return account.filtered_domain(self._due_domain())

    def _cron_sync_one(self):
        """Read one account; return its run, and its integration if the bank is away."""
        self.ensure_one()
        runs, integrations = self.env["tbc.sync.run"], self.env["tbc.integration"]
        try:
            # The commit before freed the lock.
            if not self.try_lock_for_update(allow_referencing=True):
                return runs, integrations
            run, error = guarded(
                self.env,
                partial(self._sync_and_tell, self._commit_page),
                self._record_unexpected,
                passing=(Overtaken,),
            )
            self.env["ir.cron"]._commit_progress()
        except (Overtaken, *CONCURRENCY_ERRORS):
            # Somebody else wrote the same rows. What was committed stays; the rest is
            # read by that worker, or at the next run.
            self.env.cr.rollback()
            _logger.info("TBC account %s: left to another worker", self.id)
            return runs, integrations
        is_away = isinstance(error, TbcUnreachable | TbcBusy)
        return run, self.integration_id if is_away else integrations

    def _commit_page(self):
        """Commit a page; return the seconds left.

        :raise Overtaken: another worker took the account meanwhile.
        """
        seconds_left = self.env["ir.cron"]._commit_progress()
        if not self.try_lock_for_update(allow_referencing=True):
            raise Overtaken
        return seconds_left

    def _sync_locked(self, commit):
        """Read one locked account (sudo); return its run."""
        run, _error = self._sync_and_tell(commit)
        return run

    def _sync_and_tell(self, commit):
        """Read, and tell the outcome on the run and the account.

        :return: the run, and the :class:`TbcError` that ended it or ``None``.
        """
        account = self.with_company(self.company_id).with_context(
            lang=self.integration_id.user_id.lang,
            # Odoo's audit trail is made of these messages; elsewhere they only cost.
            tracking_disable=not self.company_id.restrictive_audit_trail,
        )
        account.run_ids.filtered(lambda run: run.state == "running").state = "cut"
        run = self.env["tbc.sync.run"].create({"account_id": account.id})
        if obstacle := account._reading_obstacle():
            run.write({"state": "failed", "error": obstacle})
            return run, None
        try:
            with open_client(account.integration_id) as client:
                StatementRead(account, client, run, commit).read()
        except OutOfTime:
            run.state = "partial"
            return run, None
        except TbcError as error:
            account._record_failure(run, messages.user_message(account.env, error))
            account._record_refusal(error)
            run.trace_id = error.trace_id or run.trace_id
            return run, error
        except UserError as error:
            account._record_failure(run, str(error))
            return run, None
        except ValueError as error:
            # The client refuses to send what the bank would not take.
            sentence = account.env._(
                "The bank can't be asked for this account: %(reason)s.", reason=error
            )
            account._record_failure(run, sentence)
            return run, None
        account._record_success(run)
        return run, None

    def _reading_obstacle(self):
        """Return the sentence that says why this account may not be read, or None."""
        integration = self.integration_id
        if not self.journal_id:
            return self.env._("Link a journal first, or create one.")
        if not self._fits_journal():
            return self._misfit_sentence()
        if not integration.can_read_statements:
            return self.env._(
                "%(name)s may not view statements: tick that permission here and in"
                " Business Internet Banking.",
                name=integration.name,
            )
        if integration.state == "paused":
            return integration.pause_reason
        if integration.not_before and integration.not_before > fields.Datetime.now():
            return self.env._("The bank asked not to be called for a while. Try later.")
        return None

    def _record_success(self, run):
        self.write(
            {
                "last_sync_at": utc_now(),
                "last_error": False,
                "failure_count": 0,
                "reading_at": False,
            }
        )
        self._forget_refusal()
        self._forget_figures()
        self._match_transfers()
        self.env.ref("account_tbc_bank.ir_cron_match").sudo()._trigger()
        end_calls(self)
        if self.integration_id.state == "draft":
            self.integration_id.state = "connected"
        run.write(
            {
                "state": "done",
                "held": self.held_count,
                "bank_balance": self.bank_balance,
                "difference": self.difference,
            }
        )

    def _record_failure(self, run, sentence):
        """Tell a failure on the run and the account; the third one calls for a person."""
        _logger.info("TBC account %s: the read failed", self.id)
        run.write({"state": "failed", "error": sentence, "held": self.held_count})
        self.write(
            {
                "last_error": sentence,
                "failure_count": self.failure_count + 1,
                "reading_at": False,
            }
        )
        if self.failure_count == FAILURES_BEFORE_ACTIVITY:
            call(
                self,
                self.integration_id.user_id,
                reason=UNREADABLE,
                summary=self.env._("TBC Bank: the statements can't be read"),
                note=sentence,
            )

    def _record_unexpected(self, sentence):
        """Tell what nobody thought of; return the failed run, and no error."""
        account = self.with_context(lang=self.integration_id.user_id.lang)
        run = account.run_ids.filtered(lambda run: run.state == "running")[:1]
        run = run or run.create({"account_id": account.id})
        account._record_failure(run, sentence)
        return run, None

    # === BUTTONS === #

    def action_sync(self):
        """Read now and tell the result; a long backlog goes to the background."""
        at_least_one(self)
        self._check_may_sync()
        backlog = self.sudo().filtered(lambda account: account._is_backlog())
        if backlog:
            # Whoever presses has set right what the bank refused.
            backlog.write({"queued_at": utc_now(), "refused_at": False})
            self.env.ref("account_tbc_bank.ir_cron_sync").sudo()._trigger()
        runs = (self - backlog.with_env(self.env)).sync()
        sentences = [run._sentence(named=len(self) > 1) for run in runs]
        sentences += [account._backlog_sentence() for account in backlog]
        busy = self - runs.account_id - backlog
        sentences += [
            self.env._(
                "%(account)s is being read already.", account=account.display_name
            )
            for account in busy
        ]
        failed = runs.filtered(lambda run: run.state == "failed")
        differing = runs.account_id.filtered(lambda account: account.health != "ok")
        kind = "danger" if failed else "warning" if differing else "success"
        return self.integration_id[:1]._notice("\n".join(sentences), kind=kind)

    def _is_backlog(self):
        """Whether so much is to be read that a click should not wait for it."""
        self.ensure_one()
        begin = self._last_day_listed() or self.sync_from
        return (
            self.integration_id.state == "connected"
            and bool(self.journal_id)
            and (bank_today() - begin).days > BUTTON_DAYS
        )

    def _backlog_sentence(self):
        return self.env._(
            "%(account)s is being read from %(day)s on, in the background.",
            account=self.display_name,
            day=format_date(self.env, self._last_day_listed() or self.sync_from),
        )
