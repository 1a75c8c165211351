"""The workers that the tests hire: real processes on a real database, and a bank."""

import atexit
import contextlib
import json
import os
import queue
import subprocess
import tempfile
import threading
import time
import unittest
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography.fernet import Fernet

from fake_tbc import FAKE_CLIENT_ID, FAKE_CLIENT_SECRET, FakeBank
from fake_tbc.iban import georgian_iban

# The least patience that a slow, busy machine needs.
PATIENCE = 60
GEORGIA = timezone(timedelta(hours=4))
NOON = datetime(2026, 6, 30, 12, tzinfo=GEORGIA)
# One key for all tests of this run, whose database is its own.
KEY = Fernet.generate_key().decode()

_free, _started = [], []


class Refused(Exception):
    """A worker's work ended with an exception; ``kind`` is its class."""

    def __init__(self, answer):
        super().__init__(
            f"{answer['error']}\nIn the worker:\n{answer['traceback'][-2500:]}"
        )
        self.kind = answer["kind"]


class Worker:
    """One worker process. It loads the registry while the test goes on."""

    def __init__(self):
        # Open as long as the worker lives.
        self.log = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115
        self.process = subprocess.Popen(
            [
                os.environ["TBC_TEST_PYTHON"],
                Path(__file__).with_name("worker.py"),
                os.environ["TBC_TEST_CONF"],
                os.environ["TBC_TEST_DB"],
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )
        self._answers = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()
        self._is_ready = False
        self._owed = 1
        _started.append(self)

    def _listen(self):
        with self.process.stdout:
            for line in self.process.stdout:
                self._answers.put(json.loads(line))
        self._answers.put(None)

    def send(self, order):
        """Hand over one order (a dict; ``None``: an empty line), and go on at once."""
        if not self._is_ready:
            self.answer()
            self._is_ready = True
        self._owed += 1
        line = "" if order is None else json.dumps(order, default=str)
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def answer(self):
        """Wait for the answer; return its result.
        :raise Refused: the work raised. :raise EOFError: the process is dead.
        """
        answer = self._answers.get(timeout=PATIENCE)
        self._owed -= 1
        if answer is None:
            raise EOFError(f"the worker is dead; its log:\n{self.log_text()[-3000:]}")
        if "error" in answer:
            raise Refused(answer)
        return answer.get("result", answer.get("event"))

    @property
    def is_working(self):
        """Whether the answer is still to come."""
        return self._answers.empty() and self.process.poll() is None

    @property
    def is_idle(self):
        """Whether it lives and has given all its answers."""
        return self.process.poll() is None and not self._owed

    def kill(self):
        """``kill -9``."""
        self.process.kill()
        self.wait_for_death()

    def wait_for_death(self):
        """See the process off."""
        self.process.wait(PATIENCE)
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()

    def log_text(self):
        """All that Odoo logged in it."""
        self.log.flush()
        self.log.seek(0)
        return self.log.read()


@atexit.register
def _send_home():
    for worker in _started:
        if worker.process.poll() is None:
            worker.process.stdin.close()
    for worker in _started:
        try:
            worker.process.wait(10)
        except subprocess.TimeoutExpired:
            worker.process.kill()
            worker.process.wait()
        worker.log.close()


class ProcessCase(unittest.TestCase):
    """A bank with empty books, an integration that sees it, and workers on request."""

    currencies = ("GEL",)
    page_size = 5
    maxDiff = None

    def setUp(self):
        self.hired = []
        self.addCleanup(self.dismiss)
        self.iban = georgian_iban("TB", f"7{time.time_ns() % 10**15:015d}")
        self.bank = FakeBank(
            now=NOON, accounts={self.iban: self.currencies}, days=0
        ).start()
        self.addCleanup(self.bank.stop)
        self.settings = {
            "variables": {
                "TBC_BIS_SANDBOX_URL": self.bank.url,
                "TBC_BIS_ENCRYPTION_KEY": KEY,
                "TBC_BIS_TIMEOUT": "20",
            },
            "now": NOON.isoformat(),
            "page_size": self.page_size,
        }
        # The one that is never killed.
        self.clerk = self.hire()
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
        for worker, _begin in self.hired:
            if not worker.is_idle:  # only after a failure
                worker.kill()
                self.buried(worker)
        self.call(self.clerk, "retire", integration_id=self.integration)

    # --- workers ----------------------------------------------------------------------

    def hire(self):
        """Return a worker: an idle one, or a new process."""
        worker = _free.pop() if _free else Worker()
        self.hired.append((worker, len(worker.log_text())))
        return worker

    def dismiss(self):
        """Let the living go back to the others; no log may hold a traceback."""
        for worker, begin in self.hired:
            log = worker.log_text()[begin:]
            if worker.is_idle:
                _free.append(worker)
            elif worker.process.poll() is None:
                worker.kill()
            _before, traceback, rest = log.partition("Traceback (most recent")
            self.assertFalse(traceback, rest[:3000])

    def send(self, worker, do, **arguments):
        """Order one piece of work."""
        worker.send({"do": do, "settings": self.settings, **arguments})

    def call(self, worker, do, **arguments):
        """Order one piece of work and wait for its result."""
        self.send(worker, do, **arguments)
        return worker.answer()

    def state(self, account=None):
        """What the database holds of the account."""
        return self.call(self.clerk, "state", account_id=account or self.account)

    def buried(self, worker):
        """Wait until PostgreSQL too has seen that the worker is dead."""
        pid = worker.process.pid
        self.until(lambda: not self.call(self.clerk, "backends", pid=pid))

    def until(self, is_so):
        """Wait until ``is_so()`` is true, and return what it gave."""
        deadline = time.monotonic() + PATIENCE
        while not (found := is_so()):
            self.assertLess(time.monotonic(), deadline, "it never came to that")
            time.sleep(0.02)
        return found

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
