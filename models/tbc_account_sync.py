import logging

from psycopg2 import errors

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import format_date

from .. import messages
from ..tbc import (
    TbcBusy,
    TbcError,
    TbcUnreachable,
)
from .statement_read import OutOfTime, StatementRead
from .tbc_account import utc_now
from .tbc_integration import ATTENTION

_logger = logging.getLogger(__name__)

CONCURRENCY_ERRORS = (
    errors.SerializationFailure,
    errors.LockNotAvailable,
    errors.DeadlockDetected,
    errors.UniqueViolation,
)

# A longer backlog is read by the scheduled action: a button must answer soon.
BUTTON_DAYS = 31
FAILURES_BEFORE_ACTIVITY = 3


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
                runs |= account_sudo._sync_locked(lambda: True)
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
        """Read every account that is due, one commit a page."""
        accounts = self.search(self._due_domain(), order="last_sync_at NULLS FIRST, id")
        ir_cron = self.env["ir.cron"]
        ir_cron._commit_progress(remaining=len(accounts))
        unreachable = self.env["tbc.integration"]
        for account in accounts:
            if account.integration_id in unreachable:
                continue
            try:
                unreachable |= account._cron_sync_one()
            except CONCURRENCY_ERRORS:
                # Somebody else wrote the same rows. What was committed stays; the rest
                # is read again at the next run.
                self.env.cr.rollback()
                _logger.info("TBC account %s: busy, left for the next run", account.id)
            if not ir_cron._commit_progress(1):
                break

    def _due_domain(self):
        return Domain(
            [
                ("journal_id", "!=", False),
                ("integration_id.state", "=", "connected"),
                ("integration_id.can_read_statements", "=", True),
            ]
        ) & (
            Domain("integration_id.not_before", "=", False)
            | Domain("integration_id.not_before", "<=", fields.Datetime.now())
        )

    def _cron_sync_one(self):
        """Read one account; return its integration where the others need not try."""
        self.ensure_one()
        account = self.try_lock_for_update(allow_referencing=True)
        # The last commit began a new view of the data: what another worker did to
        # this account since the list was made is seen now.
        account = account.filtered_domain(self._due_domain())
        if not account:
            return self.env["tbc.integration"]
        run = account._sync_locked(account._commit_page)
        spared = run.env.context.get("tbc_unreachable")
        return account.integration_id if spared else self.env["tbc.integration"]

    def _commit_page(self):
        """Commit a page; return whether there is time and the account is still ours."""
        seconds_left = self.env["ir.cron"]._commit_progress()
        return bool(seconds_left and self.try_lock_for_update(allow_referencing=True))

    def _sync_locked(self, commit):
        """Read one locked account (sudo); return its run."""
        self.ensure_one()
        account = self.with_company(self.company_id).with_context(
            lang=self.integration_id.user_id.lang,
            # Odoo's audit trail is made of these messages; elsewhere they only cost.
            tracking_disable=not self.company_id.restrictive_audit_trail,
        )
        account.run_ids.filtered(lambda run: run.state == "running").state = "cut"
        run = self.env["tbc.sync.run"].create({"account_id": account.id})
        try:
            account._check_may_read()
            with account.integration_id._client() as client:
                StatementRead(account, client, run, commit).read()
        except OutOfTime:
            run.state = "partial"
        except TbcError as error:
            account._record_failure(run, messages.user_message(account.env, error))
            account.integration_id._record_refusal(error)
            run.trace_id = error.trace_id or run.trace_id
            if isinstance(error, TbcUnreachable | TbcBusy):
                run = run.with_context(tbc_unreachable=True)
        except UserError as error:
            account._record_failure(run, str(error))
        else:
            account._record_success(run)
        account.reading_at = False
        return run

    def _check_may_read(self):
        """Raise a sentence unless account and integration allow a read."""
        integration = self.integration_id
        if not self.journal_id:
            raise UserError(self.env._("Link a journal first, or create one."))
        if not integration.can_read_statements:
            raise UserError(
                self.env._(
                    "%(name)s may not view statements: tick that permission here and in"
                    " Business Internet Banking.",
                    name=integration.name,
                )
            )
        if integration.state == "paused":
            raise UserError(integration.pause_reason)
        if integration.not_before and integration.not_before > fields.Datetime.now():
            raise UserError(
                self.env._("The bank asked not to be called for a while. Try later.")
            )

    def _record_success(self, run):
        self.write(
            {
                "last_sync_at": utc_now(),
                "last_error": False,
                "failure_count": 0,
            }
        )
        self._forget_figures()
        self.activity_unlink([ATTENTION])
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
        self.write({"last_error": sentence, "failure_count": self.failure_count + 1})
        if self.failure_count == FAILURES_BEFORE_ACTIVITY:
            self.activity_schedule(
                ATTENTION,
                user_id=self.integration_id.user_id.id,
                summary=self.env._("TBC Bank: the statements can't be read"),
                note=sentence,
            )

    # === BUTTONS === #

    def action_sync(self):
        """Read now and tell the result; a long backlog goes to the background."""
        self._check_may_sync()
        backlog = self.sudo().filtered(lambda account: account._is_backlog())
        if backlog:
            self.env.ref("account_tbc_bank.ir_cron_sync").sudo()._trigger()
        runs = (self - backlog.with_env(self.env)).sync()
        sentences = [run._sentence() for run in runs]
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
        begin = self.synced_until or self.sync_from
        return (
            self.integration_id.state == "connected"
            and bool(self.journal_id)
            and (self._bank_today() - begin).days > BUTTON_DAYS
        )

    def _backlog_sentence(self):
        return self.env._(
            "%(account)s is being read from %(day)s on, in the background.",
            account=self.display_name,
            day=format_date(self.env, self.synced_until or self.sync_from),
        )
