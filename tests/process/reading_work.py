"""Reading statements, as the scheduled action and as people do it."""

import contextlib
import time
from functools import partial
from unittest.mock import patch

from stop import Stop
from work import Work, wait_until

from odoo.api import SUPERUSER_ID, Environment
from odoo.service.model import retrying

CRON = "odoo.addons.base.models.ir_cron"
# Part of the names of the actions that read accounts.
READING = "TBC Bank: sync"


class ReadingWork(Work):
    """The pieces of work that read accounts, or look at what was read."""

    def state(self, account_id):
        """What the database holds of an account."""
        with self.env() as env:
            account = env["tbc.account"].browse(account_id)
            lines = env["account.bank.statement.line"].search(
                [("tbc_account_id", "=", account_id)], order="id"
            )
            return {
                "ids": lines.mapped("tbc_movement_id"),
                "unposted": sum(line.state != "posted" for line in lines),
                "synced_until": account.synced_until or None,
                "reading_at": account.reading_at or None,
                "runs": account.run_ids.sorted("id").mapped("state"),
                "errors": account.run_ids.sorted("id").mapped("error"),
                "held": account.held_count,
                "books": account.books_balance,
                "bank": account.bank_balance,
                "difference": account.difference,
                "health": account.health,
                "failures": account.failure_count,
                "integration": account.integration_id.state,
            }

    def journal(self, account_id):
        """The account's journal."""
        with self.env() as env:
            return env["tbc.account"].browse(account_id).journal_id.id

    def cron_sync(self, times=1, at=None, stop=None):
        """Do what the scheduled action does, ``times`` times.

        :param at: the second (of ``time.time``) to begin at
        :param stop: arguments of :class:`stop.Stop`
        """
        wait_until(at)
        for _time in range(times):
            with contextlib.ExitStack() as stack:
                env = stack.enter_context(self.env())
                if stop:
                    stack.enter_context(Stop(self, **stop).watch())
                env["tbc.account"]._cron_sync()

    def start_past(self, account_id, first, last, order="newest"):
        """Ask for days of the past, as a person does in the dialog."""
        with self.person("process_clerk") as env:
            dialog = env["tbc.backfill.start"].create(
                {
                    "account_ids": [account_id],
                    "day_from": first,
                    "day_to": last,
                    "order": order,
                }
            )
            dialog.action_start()

    def cron_past(self, times=1, at=None, stop=None):
        """Do what the scheduled action that reads the past does."""
        wait_until(at)
        for _time in range(times):
            with contextlib.ExitStack() as stack:
                env = stack.enter_context(self.env())
                if stop:
                    stack.enter_context(Stop(self, **stop).watch())
                env["tbc.backfill"]._cron_backfill()

    def press_past(self, account_id, button):
        """Press *Pause*, *Go On* or *Cancel*; return how many seconds that took."""
        begin = time.monotonic()
        with self.person("process_clerk") as env:
            backfill = env["tbc.backfill"].search(
                [("account_id", "=", account_id)], limit=1
            )
            retrying(getattr(backfill, f"action_{button}"), env)
        return time.monotonic() - begin

    def past(self, account_id):
        """What the database holds of the account's newest back-fill."""
        with self.env() as env:
            account = env["tbc.account"].browse(account_id)
            backfill = account.backfill_ids.sorted("id")[-1:]
            return {
                "state": backfill.state,
                "done_from": backfill.done_from or None,
                "done_to": backfill.done_to or None,
                "new": backfill.new,
                "error": backfill.error,
                "sync_from": account.sync_from,
                "opening": account.opening_line_id.amount,
            }

    def click(self, account_id, times=1, at=None):
        """Press *Sync now* as a person; Odoo's server repeats it on a conflict."""
        wait_until(at)
        states = []
        for _time in range(times):
            with self.env() as env:
                clerk = env["res.users"].search([("login", "=", "process_clerk")])
                account = env["tbc.account"].browse(account_id).with_user(clerk)
                retrying(partial(self._sync, account, states), account.env)
        return states

    def _sync(self, account, states):
        states += account.sync().mapped("state")

    def run_schedule(self, number, at=None, seconds=60):
        """Run a copy of the scheduled action through Odoo's own machinery.

        :param number: which copy
        :param seconds: the time that a job has
        :return: whether Odoo will run it again at once
        """
        with self.env() as env:
            original = env.ref("account_tbc_bank.ir_cron_sync")
            name = f"{original.name} ({number})"
            cron = original.search([("cron_name", "=", name)])
            cron = cron or original.copy({"name": name, "cron_name": name})
            cron_id = cron.id
        wait_until(at)
        with self.env() as env, patch(f"{CRON}.MIN_TIME_PER_JOB", seconds):
            env["ir.cron"].browse(cron_id).method_direct_trigger()
        with self.env() as env:
            triggers = env["ir.cron.trigger"].search([("cron_id", "=", cron_id)])
            return bool(triggers)

    def call_readers(self):
        """Have the reading begin, as its hour comes; what helps it is not due."""
        with self.env() as env:
            first = env.ref("account_tbc_bank.ir_cron_sync")
            readers = env["ir.cron"].search([("model_id.model", "=", "tbc.account")])
            readers.nextcall = "2100-01-01 00:00:00"
            env["ir.cron.trigger"].search([("cron_id", "in", readers.ids)]).unlink()
            first._trigger()

    def run_ready_readers(self, at=None, seconds=60):
        """Be one of Odoo's cron workers, for the actions that read accounts.

        :return: how many were ready
        """
        wait_until(at)
        cron = self.registry["ir.cron"]
        with self.registry.cursor() as cr, patch(f"{CRON}.MIN_TIME_PER_JOB", seconds):
            ready = cron._get_all_ready_jobs(cr)
            ids = [job["id"] for job in ready if READING in job["cron_name"]]
            cron._process_jobs_loop(cr, job_ids=ids)
        return len(ids)

    def be_a_cron_worker(self, account_ids, reads=1):
        """Look for ready actions until these accounts are read whole, so many times."""
        while True:
            self.run_ready_readers(seconds=10)
            with self.env() as env:
                accounts = env["tbc.account"].browse(account_ids)
                states = (account.run_ids.mapped("state") for account in accounts)
                if all(some.count("done") >= reads for some in states):
                    return
            time.sleep(0.1)

    # --- a transaction left open ------------------------------------------------------

    def insert(self, account_id, movement_id):
        """Create a line for a movement and leave the transaction open."""
        self.kept_cr = self.registry.cursor()
        env = Environment(self.kept_cr, SUPERUSER_ID, {})
        account = env["tbc.account"].browse(account_id)
        env["account.bank.statement.line"].create(
            {
                "journal_id": account.journal_id.id,
                "date": "2026-06-15",
                "amount": 10.0,
                "payment_ref": movement_id,
                "tbc_account_id": account.id,
                "tbc_movement_id": movement_id,
            }
        )
        env.flush_all()

    def look_for_turn(self, account_id):
        """Look whether it is this account's turn and leave the transaction open."""
        from odoo.addons.account_tbc_bank.services import rounds

        self.kept_cr = self.registry.cursor()
        env = Environment(self.kept_cr, SUPERUSER_ID, {})
        return bool(rounds._take_from_queue(env["tbc.account"].browse(account_id)))

    def commit(self):
        """Commit what another piece of work left open."""
        self.kept_cr.commit()
        self.let_go()
