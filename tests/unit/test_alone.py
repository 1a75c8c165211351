"""The bank's API by itself: what it does to a program that only imports it."""

import os
import subprocess
import sys
import unittest
from pathlib import Path

from account_tbc_bank import tbc

ROOT = Path(__file__).parents[2]
# Run without Odoo, and without the rest of this module.
PROBE = """
import logging, socket, sys, threading, warnings
import requests

def state():
    loggers = [logging.getLogger(), *logging.Logger.manager.loggerDict.values()]
    kept = [one for one in loggers if isinstance(one, logging.Logger)]
    changed = [one.name for one in kept if one.filters or one.level]
    return (
        changed,
        [one.name for one in kept if one.handlers],
        socket.getdefaulttimeout(),
        threading.active_count(),
        list(warnings.filters),
        list(sys.path),
    )

before = state()
import tbc
assert state() == before, (before, state())
alien = [name for name in sys.modules if name.split(".")[0] in ("odoo", "bookkeeping")]
assert not alien, alien
tbc.TbcClient(tbc.SANDBOX_URL, lambda: ("id", "secret")).close()
assert logging.getLogger("urllib3.connectionpool").filters
tbc.TbcClient(tbc.SANDBOX_URL, lambda: ("id", "secret")).close()
assert len(logging.getLogger("urllib3.connectionpool").filters) == 1
"""


class Recorded:
    """Answers by path, in place of the network."""

    base_url, last_trace_id = "https://recorded.example", "trace-of-the-record"

    def __init__(self, **answers):
        self.answers, self.sent, self.is_open = answers, [], True

    def send(self, method, path, *, auth, repeat, **content):
        self.sent.append((method, path, repeat, content))
        return self.answers[path.rpartition("/")[2]]

    def close(self):
        self.is_open = False


class TestAlone(unittest.TestCase):
    def test_an_import_changes_nothing(self):
        variables = {**os.environ, "PYTHONPATH": str(ROOT)}
        arguments = [sys.executable, "-W", "ignore", "-c", PROBE]
        result = subprocess.run(
            arguments, env=variables, cwd="/", capture_output=True, text=True
        )
        self.assertEqual(result.stderr, "")

    def test_a_transport_can_be_handed_in(self):
        recorded = Recorded(
            token={"access_token": "a-token", "expires_in": 3600},
            GEL={"currentBalance": "7", "availableBalance": "5"},
        )
        credentials = ("an-id", "a-secret")
        with tbc.TbcClient(
            "https://nobody.example", lambda: credentials, transport=recorded
        ) as client:
            balance = client.balance("GE48TB7873440574631292", "GEL")
            self.assertIn(recorded.base_url, repr(client))
            self.assertEqual(client.last_trace_id, recorded.last_trace_id)
        self.assertEqual(str(balance.current_balance), "7.00")
        self.assertEqual(
            [(m, r) for m, _p, r, _q in recorded.sent], [("POST", True), ("GET", True)]
        )
        self.assertFalse(recorded.is_open)
