"""Three accounts of one company, read by one, two and three of Odoo's cron workers.

Each worker is a process, as in Odoo's own server; time is that of the clock on the wall.
A history is the processors' work; an hour's few transactions are the bank's answers,
and no account is read by two, so that two workers are no more than half as fast again.
"""

import itertools
import os
import sys
import time
from contextlib import contextmanager
from datetime import date, datetime, timedelta, timezone
from functools import partial
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
LINES, SMALL_LINES, NEW = 5600, 10, 5
# Seconds that the bank takes for an answer of an hour.
ANSWERS, SMALL_ANSWERS = (0.5, 1.0), (0.05,)
SEEDS = itertools.count(7000)
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
    lines = SMALL_LINES if bench.is_small else LINES
    delays = SMALL_ANSWERS if bench.is_small else ANSWERS
    counts = (1, 2) if bench.is_small else (1, 2, 3)
    with bench.at(NOW), patch.dict(os.environ, variables), alone(bench.env):
        agency = Agency(bench.env.cr.dbname)
        reading = partial(read_history, bench.env, company, agency, lines)
        kind = f"a history of {ACCOUNTS} accounts of {lines:,}"
        yield from _rows_of(bench, kind, reading, counts)
        for delay in delays:
            reading = partial(read_hour, bench.env, company, agency, delay)
            kind = f"an hour of {ACCOUNTS} accounts, answers of {delay} s"
            yield from _rows_of(bench, kind, reading, (1, counts[-1]))
        agency.close()


def _rows_of(bench, kind, reading, counts):
    single = None
    for count in counts:
        seconds = reading(count)
        yield Row(f"{kind}, cron workers: {count}", seconds)
        if single and not bench.is_small:
            name = f"the same, {count} beside one, {os.cpu_count()} processors"
            goal = GOALS[count]
            yield Row(name, single / seconds, goal, unit="as fast", is_least=True)
        single = single or seconds


def read_history(env, company, agency, lines, count):
    """Return the seconds that so many workers need for three fresh accounts."""
    with _accounts_at_bank(env, company, lines, count) as (bank, accounts):
        staff = Staff(agency, bank, count)
        seconds = staff.read(accounts)
        staff.dismiss()
    return seconds


def read_hour(env, company, agency, delay, count):
    """Return the seconds for what is new in an hour, of three accounts known before.

    :param delay: seconds that the bank takes for an answer
    """
    with _accounts_at_bank(env, company, NEW, count) as (bank, accounts):
        staff = Staff(agency, bank, count)
        staff.read(accounts)
        staff.dismiss()
        for account in accounts:
            for number in range(NEW):
                amount = f"{number + 1}.00"
                bank.ledger.add(account.iban, "GEL", amount=amount, day=NOW.date())
        bank.add_fault("slow", times=None, seconds=delay)
        # An hour later the token of each worker has expired: none has one already.
        staff = Staff(agency, bank, count)
        seconds = staff.read(accounts, reads=2)
        staff.dismiss()
    return seconds


@contextmanager
def _accounts_at_bank(env, company, lines, count):
    # Each time others than before.
    ibans = make_accounts(next(SEEDS), ACCOUNTS, ("GEL",))
    bank = make_bank(ibans, lines, days=DAYS, until=UNTIL, seed=count, now=NOW)
    with bank, patch.dict(os.environ, {"TBC_BIS_SANDBOX_URL": bank.url}):
        first = UNTIL - timedelta(days=DAYS - 1)
        accounts = env["tbc.account"].union(
            *(make_account(env(context={}), company, iban, first) for iban in ibans)
        )
        env.cr.commit()
        yield bank, accounts
    env.cr.commit()
    env.invalidate_all()
    for account in accounts:
        _check_read(bank, account)
    accounts.active = False
    env.cr.commit()


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
            # Whose turn it is follows from the time.
            "goes_on": True,
            "page_size": 700,
        }

    def read(self, accounts, reads=1):
        """Let the reading begin; return the seconds until all of it is done.

        :param reads: how many times each account is read then
        """
        for worker in self.workers:
            # It has a connection before the clock goes.
            self._call(worker, "backends", pid=worker.pid)
        self._call(self.workers[0], "call_readers")
        begin = time.monotonic()
        for worker in self.workers:
            ids = accounts.ids
            self._send(worker, "be_a_cron_worker", account_ids=ids, reads=reads)
        for worker in self.workers:
            worker.answer(PATIENCE)
        return time.monotonic() - begin

    def dismiss(self):
        """Send the workers home."""
        for worker in self.workers:
            worker.dismiss()
            worker.wait_for_death()

    def _send(self, worker, do, **arguments):
        worker.send({"do": do, "settings": self.settings, **arguments})

    def _call(self, worker, do, **arguments):
        self._send(worker, do, **arguments)
        return worker.answer(PATIENCE)
