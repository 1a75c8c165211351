"""The bank's API by itself: what it does to a program that only imports it."""

import os
import re
import subprocess
import sys
import unittest
from pathlib import Path

from account_tbc_bank import tbc

ROOT = Path(__file__).parents[2]
# Words of books and of Odoo.
ALIEN = re.compile(
    "odoo|partners?|journals?|columns?|ledgers?|invoices?|bills?|vendors?|customers?"
    "|reconcil\\w*|bookkeeping|recordsets?|orm|sudo|crons?|chatter|wizards?"
)
# The bank's own keys, a text in camelCase: "partnerName", f"partnerAccountInfo.{name}".
BANK_KEY = re.compile(r"""(?<=["'])[a-z]+(?:[A-Z][a-z0-9]*)+""")
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


def alien_words(code):
    """The words of books and of Odoo in a code: its names, texts and comments."""
    words = re.findall(r"[A-Za-z][a-z]*|[A-Z]+", BANK_KEY.sub("", code))
    return sorted({word for word in words if ALIEN.fullmatch(word.lower())})


class TestAlone(unittest.TestCase):
    def test_no_word_of_books_or_of_odoo_is_in_it(self):
        found = [
            f"{path.relative_to(ROOT)}: {word}"
            for path in (ROOT / "tbc").rglob("*.py")
            for word in alien_words(path.read_text(encoding="utf-8"))
        ]
        self.assertEqual(found, [])

    def test_alien_words_are_seen_wherever_they_stand(self):
        for code in (
            "# Odoo's rules",
            "self.partner_id",
            "class BankJournal:",
            'text = "the journal"',
            "ledgerColumn = 1",
            'raw["partner"]',
        ):
            with self.subTest(code):
                self.assertTrue(alien_words(code))
        for code in ('raw["partnerName"]', 'f"partnerAccountInfo.{name}"', "billing"):
            self.assertEqual(alien_words(code), [])

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
