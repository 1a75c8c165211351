"""Three accounts of one company, read by one, two and three of Odoo's cron workers.

Each worker is a process, as in Odoo's own server; time is that of the clock on the wall.
A history is the processors' work; an hour's few transactions are the bank's answers.
"""

import os
import sys
import time
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from unittest.mock import patch

from company import make_account, make_bank, make_company
from meter import Row, check
from windows import alone

from odoo.tools import config

from fake_tbc.generator import make_accounts

PROCESS_TESTS = Path(__file__).parents[2] / "tests" / "process"
UNTIL, DAYS = date(2026, 6, 10), 10
NOW = datetime(2026, 6, 30, 20, tzinfo=timezone(timedelta(hours=4)))
ACCOUNTS = 3
# {what is read: (lines of an account, and of a small run, seconds of an answer)}
KINDS = {"a history": (2800, 10, 0), "an hour": (5, 5, 0.5)}
# {workers: how many times as fast as one}
GOALS = {2: 1.7, 3: 2.4}
PATIENCE = 1800


def rows(bench):
    """Yield how long three accounts take, and how many times as fast that is as one.

    The processors serve the database and the fake bank, too: where there are not more
    of them than workers, a goal that is missed for a history says little.
    """
    # Here, because the workers' own modules are no part of Odoo.
    sys.path.append(str(PROCESS_TESTS))
    from workers import Agency

    company = make_company(bench.env, "Workers LLC")
    variables = {
        "TBC_TEST_CONF": config.rcfile,
        "TBC_TEST_PYTHON": sys.executable,
    }
    with bench.at(NOW), patch.dict(os.environ, variables), alone(bench.env):
        agency = Agency(bench.env.cr.dbname)
        for kind in KINDS:
            yield from _rows_of(kind, bench, company, agency)
        agency.close()


def _rows_of(kind, bench, company, agency):
    lines, small_lines, delay = KINDS[kind]
    lines = small_lines if bench.is_small else lines
    delay = min(delay, 0.05) if bench.is_small else delay
    single = None
    for count in (1, 2) if bench.is_small else (1, 2, 3):
        seconds = measure(bench.env, company, agency, count, lines, delay)
        title = f"{kind} of {ACCOUNTS} accounts of {lines:,}, cron workers: {count}"
        yield Row(title, seconds)
        if single and not bench.is_small:
            name = f"{kind}: {count} workers beside one, {os.cpu_count()} processors"
            goal = GOALS[count]
            yield Row(name, single / seconds, goal, unit="as fast", is_least=True)
        single = single or seconds


def measure(env, company, agency, count, lines, delay):
    """Return the seconds that so many workers need for three fresh accounts.

    :param delay: seconds that the bank takes for an answer
    """
    ibans = make_accounts(7000 + 10 * lines + count, ACCOUNTS, ("GEL",))
    bank = make_bank(ibans, lines, days=DAYS, until=UNTIL, seed=count, now=NOW)
    with bank, patch.dict(os.environ, {"TBC_BIS_SANDBOX_URL": bank.url}):
        first = UNTIL - timedelta(days=DAYS - 1)
        accounts = env["tbc.account"].union(
            *(make_account(env(context={}), company, iban, first) for iban in ibans)
        )
        env.cr.commit()
        if delay:
            bank.add_fault("slow", times=None, seconds=delay)
        seconds = Staff(agency, bank, count).read(accounts)
    env.cr.commit()
    env.invalidate_all()
    for account in accounts:
        _check_read(bank, account)
    accounts.active = False
    env.cr.commit()
    return seconds


def _check_read(bank, account):
    # On a slow machine one call has no time for all of it.
    runs = account.run_ids.sorted("id")
    check("reads", (runs[-1:].state, set(runs.mapped("error"))), ("done", {False}))
    # Some of the newest do not appear yet, or are not authorised.
    booked = len(bank.ledger.movements(account.iban, "GEL"))
    balance = float(bank.ledger.balance(account.iban, "GEL"))
    found = account.line_count, account.books_balance
    check("the books", found, (booked, balance))


class Staff:
    """Some of Odoo's cron workers, each a process.

    :param agency: forks them
    """

    def __init__(self, agency, bank, count):
        from workers import Worker

        self.workers = [Worker(agency) for _worker in range(count)]
        self.settings = {
            "variables": {
                "TBC_BIS_SANDBOX_URL": bank.url,
                "TBC_BIS_ENCRYPTION_KEY": os.environ["TBC_BIS_ENCRYPTION_KEY"],
                "TBC_BIS_TIMEOUT": "60",
            },
            "now": NOW.isoformat(),
            "page_size": 700,
        }

    def read(self, accounts):
        """Let the reading begin; return the seconds until all of it is done."""
        for worker in self.workers:
            # It has a connection before the clock goes.
            self._call(worker, "backends", pid=worker.pid)
        self._call(self.workers[0], "call_readers")
        begin = time.monotonic()
        for worker in self.workers:
            self._send(worker, "be_a_cron_worker", account_ids=accounts.ids)
        for worker in self.workers:
            worker.answer(PATIENCE)
        seconds = time.monotonic() - begin
        for worker in self.workers:
            worker.dismiss()
            worker.wait_for_death()
        return seconds

    def _send(self, worker, do, **arguments):
        worker.send({"do": do, "settings": self.settings, **arguments})

    def _call(self, worker, do, **arguments):
        self._send(worker, do, **arguments)
        return worker.answer(PATIENCE)
