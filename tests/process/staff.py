"""The staff that the tests hire: workers on a real database, and a bank."""

import time
import unittest
from datetime import datetime, timedelta, timezone

from cryptography.fernet import Fernet
from workers import PATIENCE, Worker

from fake_tbc import FAKE_CLIENT_ID, FAKE_CLIENT_SECRET, FakeBank
from fake_tbc.iban import georgian_iban

GEORGIA = timezone(timedelta(hours=4))
NOON = datetime(2026, 6, 30, 12, tzinfo=GEORGIA)
# One key for all tests of this run, whose database is its own.
KEY = Fernet.generate_key().decode()

_free = []


class Staff:
    """Workers on request, and what they are told: where the bank is, what time it is.

    ``settings`` are those of ``worker.settings``; ``patience``: seconds that one piece
    of work may take.
    """

    patience = PATIENCE

    def __init__(self):
        self.hired, self.settings = [], {}
        # The one that is never killed.
        self.clerk = self.hire()

    def hire(self):
        """Return a worker: an idle one, or a new process."""
        worker = _free.pop() if _free else Worker()
        self.hired.append((worker, len(worker.log_text())))
        return worker

    def dismiss(self):
        """Let the living go back to the others; return the tracebacks in the logs."""
        found = []
        for worker, begin in self.hired:
            log = worker.log_text()[begin:]
            if worker.is_idle:
                _free.append(worker)
            elif worker.is_alive:
                worker.kill()
            _before, traceback, rest = log.partition("Traceback (most recent")
            if traceback:
                found.append(rest[:3000])
        self.hired = []
        return found

    def send(self, worker, do, **arguments):
        """Order one piece of work."""
        worker.send({"do": do, "settings": self.settings, **arguments})

    def call(self, worker, do, **arguments):
        """Order one piece of work and wait for its result."""
        self.send(worker, do, **arguments)
        return worker.answer(self.patience)

    def ask(self, do, **arguments):
        """Have the clerk do one piece of work; return its result."""
        return self.call(self.clerk, do, **arguments)

    def buried(self, worker):
        """Wait until PostgreSQL too has seen that the worker is dead."""
        self.until(lambda: not self.ask("backends", pid=worker.pid))

    def until(self, is_so):
        """Wait until ``is_so()`` is true, and return what it gave."""
        deadline = time.monotonic() + PATIENCE
        while not (found := is_so()):
            if time.monotonic() > deadline:
                raise TimeoutError("it never came to that")
            time.sleep(0.02)
        return found


class ProcessCase(unittest.TestCase):
    """A bank with empty books, an integration that sees it, and workers on request."""

    currencies = ("GEL",)
    page_size = 5
    maxDiff = None

    def setUp(self):
        self.staff = Staff()
        self.clerk, self.hire = self.staff.clerk, self.staff.hire
        self.send, self.call = self.staff.send, self.staff.call
        self.buried, self.until = self.staff.buried, self.staff.until
        self.addCleanup(self.dismiss)
        self.iban = georgian_iban("TB", f"7{time.time_ns() % 10**15:015d}")
        self.bank = FakeBank(
            now=NOON, accounts={self.iban: self.currencies}, days=0
        ).start()
        self.addCleanup(self.bank.stop)
        self.settings = self.staff.settings
        self.settings.update(
            variables={
                "TBC_BIS_SANDBOX_URL": self.bank.url,
                "TBC_BIS_ENCRYPTION_KEY": KEY,
                "TBC_BIS_TIMEOUT": "20",
            },
            now=NOON.isoformat(),
            page_size=self.page_size,
        )
        made = self.call(
            self.clerk,
            "open_integration",
            accounts=[(self.iban, code) for code in self.currencies],
            client_id=FAKE_CLIENT_ID,
            client_secret=FAKE_CLIENT_SECRET,
        )
        self.integration, self.accounts = made["integration"], made["accounts"]
        self.account = self.accounts[0]
        self.addCleanup(self._retire)
        self.bank.forget_requests()

    def _retire(self):
        self.bank.clear_faults()
        for worker, _begin in self.staff.hired:
            if not worker.is_idle:  # only after a failure
                worker.kill()
                self.buried(worker)
        self.call(self.clerk, "retire", integration_id=self.integration)

    def dismiss(self):
        """No worker's log may hold a traceback."""
        self.assertEqual(self.staff.dismiss(), [])

    def state(self, account=None):
        """What the database holds of the account."""
        return self.call(self.clerk, "state", account_id=account or self.account)

    # --- bank -------------------------------------------------------------------------

    def add(self, count, currency="GEL"):
        """Write ``count`` movements at the bank; return their ids, oldest first."""
        return [
            self.bank.ledger.add(
                self.iban, currency, amount=f"{number + 1}.25", day="2026-06-15"
            ).movement_id
            for number in range(count)
        ]

    def asked(self, name="movements"):
        """How many requests of one kind the bank has seen."""
        return len(self.bank.requests_to(name))

    def assertWhole(self, expected, account=None, currency="GEL"):
        """Each movement once, and the books' balance is the bank's."""
        state = self.state(account)
        self.assertEqual(sorted(state["ids"]), sorted(expected))
        self.assertEqual(state["unposted"], 0)
        self.assertEqual(state["difference"], 0.0)
        at_the_bank = float(self.bank.ledger.balance(self.iban, currency))
        self.assertEqual(state["books"], at_the_bank)
        self.assertEqual(state["synced_until"], "2026-06-29")
        self.assertIsNone(state["reading_at"])
        self.assertEqual(state["health"], "ok")
        return state
