"""A real Odoo process that does what the tests tell it: ``worker.py CONF DATABASE``.

Each line on its input is a JSON object: ``do`` names one of the :class:`Work` methods,
``settings`` tell where the bank is, the rest are the method's arguments. Each answer is
a line: ``{"result": …}``, or ``{"error": sentence, "kind": class, "traceback": …}``.
"""

import contextlib
import json
import os
import signal
import sys
import time
import traceback
from datetime import datetime
from functools import partial
from pathlib import Path
from unittest.mock import patch

sys.path.pop(0)  # this folder is no place to import from

from cryptography.fernet import Fernet

import odoo.init  # noqa: F401 -- must come before everything else of Odoo
from odoo.api import SUPERUSER_ID, Environment
from odoo.modules.neutralize import neutralize_database
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.service.server import load_server_wide_modules
from odoo.tools import config

MODELS = "odoo.addons.account_tbc_bank.models"
CRON = "odoo.addons.base.models.ir_cron"
COMPANY = "Our Company LLC (process tests)"
# Odoo's log goes to stderr; nothing else may write between the answers.
ANSWERS = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)


def main(conf, database):
    """Load the database's registry, then work until the input ends."""
    config.parse_config(["-c", conf, "-d", database], setup_logging=True)
    load_server_wide_modules()
    work = Work(Registry(database))
    say(result="ready")
    for line in sys.stdin:
        order = json.loads(line)
        try:
            with settings(**order.pop("settings")):
                say(result=getattr(work, order.pop("do"))(**order))
        except Exception as error:
            work.let_go()
            say(
                error=str(error),
                kind=type(error).__name__,
                traceback=traceback.format_exc(),
            )


def say(**answer):
    """Write one answer."""
    ANSWERS.write(json.dumps(answer, default=str) + "\n")
    ANSWERS.flush()


@contextlib.contextmanager
def settings(variables, now, page_size, data_dir=None):
    """What differs from test to test: variables, the bank's moment, a page's size."""
    moment = datetime.fromisoformat(now)
    os.environ.pop("TBC_BIS_ENCRYPTION_KEY", None)
    os.environ.update(variables)
    folder = {"data_dir": data_dir or config["data_dir"]}
    with (
        patch(f"{MODELS}.tbc_account.georgian_now", lambda: moment),
        patch(f"{MODELS}.statement_read.PAGE_SIZE", page_size),
        patch(f"{MODELS}.tbc_credential.config", folder),
    ):
        yield


@contextlib.contextmanager
def stop_at_page(registry, *, page, moment, act):
    """``kill`` this process, or make it ``wait`` for a line, at the commit of a page.

    :param page: which page's commit; pages without new lines count too
    :param moment: ``before`` or ``after`` the commit itself
    """
    pages = 0
    in_page = False
    account_model, cron_model = registry["tbc.account"], registry["ir.cron"]
    commit_page = account_model._commit_page
    commit = cron_model._commit_progress

    def stop(when):
        if not in_page or (pages, when) != (page, moment):
            return
        if act == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        say(event="waits")
        sys.stdin.readline()

    def watched_page(self):
        nonlocal pages, in_page
        pages += 1
        in_page = True
        try:
            return commit_page(self)
        finally:
            in_page = False

    def watched_commit(self, *args, **kwargs):
        stop("before")
        result = commit(self, *args, **kwargs)
        stop("after")
        return result

    with (
        patch.object(account_model, "_commit_page", watched_page),
        patch.object(cron_model, "_commit_progress", watched_commit),
    ):
        yield


class Work:
    """What a worker can do. Each method is one piece of work, one or more commits."""

    def __init__(self, registry):
        self.registry = registry
        self.kept_cr = None

    @contextlib.contextmanager
    def env(self, uid=SUPERUSER_ID):
        """An environment on a connection of its own; committed at the end."""
        self.registry.check_signaling()
        with self.registry.cursor() as cr:
            yield Environment(cr, uid, {})
        self.registry.signal_changes()

    # --- what there is ----------------------------------------------------------------

    def open_integration(self, accounts, client_id, client_secret):
        """Connect a new integration with its accounts, each with a journal.

        :param accounts: list of ``(iban, currency code)``
        """
        with self.env() as env:
            company, director = self._company(env)
            env = env(context={"allowed_company_ids": company.ids})
            integration = env["tbc.integration"].create(
                {
                    "name": f"Odoo {time.monotonic_ns()}",
                    "company_id": company.id,
                    "environment": "sandbox",
                    "user_id": director.id,
                }
            )
            integration.with_user(director).set_credentials(client_id, client_secret)
            integration.action_test_connection()
            currencies = env["res.currency"]
            records = env["tbc.account"].create(
                [
                    {
                        "integration_id": integration.id,
                        "iban": iban,
                        "currency_id": currencies.search([("name", "=", code)]).id,
                        "sync_from": "2026-06-01",
                    }
                    for iban, code in accounts
                ]
            )
            records.action_create_journal()
            return {"integration": integration.id, "accounts": records.ids}

    def _company(self, env):
        company = env["res.company"].search([("name", "=", COMPANY)])
        if company:
            director = env["res.users"].search([("login", "=", "process_director")])
            return company, director
        currencies = env["res.currency"].with_context(active_test=False)
        currencies = currencies.search([("name", "in", ("GEL", "USD", "EUR"))])
        currencies.active = True
        company = env["res.company"].create(
            {"name": COMPANY, "country_id": env.ref("base.ge").id}
        )
        env["account.chart.template"].try_loading(
            "generic_coa", company, install_demo=False
        )
        company.currency_id = currencies.filtered(lambda one: one.name == "GEL")
        director, _clerk = env["res.users"].create(
            [
                {
                    "name": login,
                    "login": login,
                    "company_id": company.id,
                    "company_ids": [company.id],
                    "group_ids": [env.ref(group).id],
                }
                for login, group in (
                    ("process_director", "base.group_user"),
                    ("process_clerk", "account_tbc_bank.group_tbc_statements"),
                )
            ]
        )
        return company, director

    def retire(self, integration_id):
        """Take an integration out of the way of the next test."""
        with self.env() as env:
            integration = env["tbc.integration"].browse(integration_id)
            integration.account_ids.active = False
            env["tbc.credential"].search(
                [("integration_id", "=", integration_id)]
            ).unlink()
            integration.state = "draft"

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

    def backends(self, pid):
        """How many connections of the process ``pid`` PostgreSQL still serves."""
        with self.env() as env:
            env.cr.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s",
                [f"odoo-{pid}"],
            )
            return env.cr.fetchone()[0]

    # --- reading ----------------------------------------------------------------------

    def cron_sync(self, times=1, at=None, stop=None):
        """Do what the scheduled action does, ``times`` times.

        :param at: the second (of ``time.time``) to begin at
        :param stop: arguments of :func:`stop_at_page`
        """
        wait_until(at)
        for _time in range(times):
            with contextlib.ExitStack() as stack:
                env = stack.enter_context(self.env())
                if stop:
                    stack.enter_context(stop_at_page(self.registry, **stop))
                env["tbc.account"]._cron_sync()

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

    def run_schedule(self, number, at=None, seconds=10):
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

    # --- transactions left open -------------------------------------------------------

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

    def commit(self):
        """Commit what :meth:`insert` left open."""
        self.kept_cr.commit()
        self.let_go()

    def let_go(self):
        """Roll back what is left open."""
        if self.kept_cr:
            self.kept_cr.close()
            self.kept_cr = None

    # --- neutralised, resealed, restarted ---------------------------------------------

    def neutralized(self, integration_id):
        """Neutralise the database, look at the integration, read, and undo it all."""
        with self.env() as env:
            neutralize_database(env.cr)
            env.invalidate_all()
            integration = env["tbc.integration"].browse(integration_id)
            account = integration.account_ids[:1]
            found = {
                "state": integration.state,
                "environment": integration.environment,
                "has_credentials": integration.has_credentials,
                "credentials": env["tbc.credential"].search_count([]),
                "due": len(account.search(account._due_domain())),
                "error": account.sync().error,
            }
            env.cr.rollback()
        return found

    def sealed(self, integration_id):
        """The two sealed values as the database holds them."""
        with self.env() as env:
            env.cr.execute(
                "SELECT client_id_sealed, client_secret_sealed FROM tbc_credential"
                " WHERE integration_id = %s",
                [integration_id],
            )
            return env.cr.fetchone()

    def enter_credentials(
        self, integration_id, client_id, client_secret, at=None, making_takes=0
    ):
        """Enter the credentials as the integration user.

        :param at: the moment to begin at
        :param making_takes: seconds between seeing that there is no key file and having
            made a key
        """
        generate_key = Fernet.generate_key

        def slowly():
            time.sleep(making_takes)
            return generate_key()

        wait_until(at)
        with self.env() as env, patch.object(Fernet, "generate_key", slowly):
            integration = env["tbc.integration"].browse(integration_id)
            integration.with_user(integration.user_id).set_credentials(
                client_id, client_secret
            )

    def test_connection(self, integration_id):
        """Test the connection; return the integration's state and the report."""
        with self.env() as env:
            integration = env["tbc.integration"].browse(integration_id)
            integration.action_test_connection()
            return [integration.state, integration.connection_report]

    def filestore(self):
        """The folder of the database's attachments."""
        return str(Path(config.filestore(self.registry.db_name)))


def wait_until(moment):
    """Sleep until ``moment`` (of ``time.time``), so that workers begin together."""
    if moment:
        time.sleep(max(0, moment - time.time()))


if __name__ == "__main__":
    main(*sys.argv[1:])
