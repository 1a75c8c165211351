"""One proof: the year is read in steps, matched and counted; then comes a storm."""

import contextlib
import os
import time
from datetime import date, datetime, timedelta, timezone
from unittest.mock import patch

from cryptography.fernet import Fernet

from fake_tbc import FakeBank
from fake_tbc.generator import make_accounts
from fake_tbc.year import Year

from . import ledger
from .accountant import Accountant
from .check import Check
from .company import CODES, Company
from .orders import Orders
from .storm import Storm

LAST = date(2026, 6, 30)
FIRST = LAST - timedelta(days=364)
GEORGIA = timezone(timedelta(hours=4))
SERVICES = "odoo.addons.account_tbc_bank.services"
TRANSPORT = "odoo.addons.account_tbc_bank.tbc.transport"
# Everything that comes late is there this much after its day.
LATE = timedelta(days=24)


class BooksProof:
    """Makes the bank, the year and the company, and compares.

    :param registry: Odoo's, of a database with the module
    :param seed: decides everything
    :param int count: movements in the year
    :param say: called with a line of text about how far it is
    :param int ibans: how many, each in three currencies
    :param int steps: how often the year is read
    """

    def __init__(self, registry, seed, count, *, say=print, ibans=3, steps=4):
        self.seed, self.count, self.say, self.steps = seed, count, say, steps
        self.started = time.monotonic()
        self.bank = FakeBank(
            accounts=make_accounts(f"books {seed}", ibans, CODES),
            days=0,
            now=datetime.combine(FIRST, datetime.min.time(), GEORGIA),
        )
        parties = max(12, count // 350)
        self.year = Year(self.bank.ledger, seed=seed, parties=parties)
        name = f"Books {seed} {time.time_ns()}"
        self.company = Company(registry, self.year, name)
        self.orders = Orders(self.company, self.bank)
        self.storm = Storm(self.bank, self.year)
        self.accountant = Accountant(self.company)
        self.seconds = {}

    def run(self):
        """Do all of it; return {part: :class:`.check.Verdict` or what alike}."""
        return dict(self.parts())

    def parts(self):
        """Do it part by part; yield the name of each, and its verdict, when it is there."""
        with self._surroundings():
            try:
                self.year.fill(FIRST, LAST, self.count)
                self._at(FIRST)
                self.company.open(FIRST)
                yield "the year", self._first_half()
                yield "the accountant", self._settle()
                yield "after the storm", self._second_half()
            finally:
                self.company.retire()

    @contextlib.contextmanager
    def _surroundings(self):
        with self.bank:
            variables = {
                "TBC_BIS_SANDBOX_URL": self.bank.url,
                # In a database with others, theirs; else one of its own.
                "TBC_BIS_ENCRYPTION_KEY": os.environ.get("TBC_BIS_ENCRYPTION_KEY")
                or Fernet.generate_key().decode(),
                "TBC_BIS_TIMEOUT": "60",
            }
            with (
                patch.dict(os.environ, variables),
                patch(f"{SERVICES}.clock.georgian_now", lambda: self.bank.now),
                # Three pauses of seconds each, when the bank is down.
                patch(f"{TRANSPORT}.PAUSES", [0.01]),
            ):
                yield

    # --- the two halves ---------------------------------------------------------------

    def _first_half(self):
        orders = max(8, min(48, self.count // 100))
        for step in range(1, self.steps + 1):
            self._at(FIRST + (LAST - FIRST) * step // self.steps)
            self._enter()
            self.orders.pay(orders // self.steps)
            self._read_and_match(f"step {step} of {self.steps}")
            self._pass(1)
            self.orders.send_back()
        # What is dated back has appeared by then.
        self._at(LAST + LATE)
        self._read_and_match("three weeks later")
        return self._check("the year")

    def _settle(self):
        with self._timed("settling"):
            work = self.accountant.go(FIRST, LAST)
        self._tell(f"{len(self.accountant.settled)} lines settled by the accountant")
        with self.company.env() as env:
            books = ledger.take(env, list(self.company.account_ids.values()))
        self.accountant.remember(books.lines)
        return work

    def _second_half(self):
        today, known = self.bank.now.date(), set(self.year.fates)
        self.storm.begin(self._booked())
        more = max(100, self.count // 40)
        # Weeks ago, and never seen until now; and the days to come.
        self.year.fill(today - LATE * 3, today - LATE * 2, more, appears=self.bank.now)
        self.year.fill(today + timedelta(days=1), today + LATE, more)
        self.storm.spoil(known)
        self._at(today + LATE)
        self._enter()
        self.orders.pay(4)
        self._read_and_match("in the storm")
        self.storm.be_down(self.company.read)
        self._read_and_match("the bank was down")
        self.storm.end()
        for _day in range(2):
            self._pass(1)
            self._read_and_match("it recovers")
        self._pass(LATE.days)
        self._read_and_match("three weeks later")
        return self._check("after the storm")

    # --- steps ------------------------------------------------------------------------

    def _at(self, day):
        self.bank.now = datetime.combine(day, datetime.min.time(), GEORGIA)
        self.bank.now += timedelta(hours=20)

    def _pass(self, days):
        self.bank.now += timedelta(days=days)

    def _enter(self):
        with self._timed("documents"):
            count = self.company.enter_documents(self.bank.now.date())
        self._tell(f"{count} documents")

    def _read_and_match(self, words):
        with self._timed("reading"):
            states = self.company.read()
        if bad := {state for state in states.values() if state != "done"}:
            raise AssertionError(f"{words}: reads ended as {bad}")
        self._tell(f"{words}: read")
        with self._timed("matching"):
            matched = self.company.match()
        left = self.company.unmatched()
        self._tell(f"{words}: {matched} lines matched, {left} left")

    def _booked(self):
        with self.company.env() as env:
            books = ledger.take(env, list(self.company.account_ids.values()))
        return {line.movement_id for line in books.lines}

    def _check(self, words):
        with self.company.env() as env:
            books = ledger.take(env, list(self.company.account_ids.values()))
        check = Check(
            self.bank,
            self.year,
            books,
            self.company,
            accountant=self.accountant,
            lasting=self.storm.lasting,
        )
        verdict = check.run(FIRST, self.bank.now.date())
        self._tell(f"{words}: compared")
        return verdict

    @contextlib.contextmanager
    def _timed(self, name):
        begun = time.monotonic()
        yield
        self.seconds[name] = self.seconds.get(name, 0) + time.monotonic() - begun

    def _tell(self, words):
        self.say(f"  {time.monotonic() - self.started:5.0f} s  {words}")
