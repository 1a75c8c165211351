"""Uninstalling leaves lines, payments and journals whole; installing again doubles none."""

import os
import unittest

from life import Life


class TestUninstall(unittest.TestCase):
    """On a database of its own."""

    maxDiff = None

    def setUp(self):
        self.life = Life(os.environ["TBC_TEST_SPARE_DB"])
        self.addCleanup(self.life.close)

    def test_books_stay_and_come_back(self):
        life = self.life
        with life.part() as ask:
            life.fill(ask)
            before = ask("books")
            self.assertFilled(before)
        life.leave()
        with life.part() as ask:
            self.assertEqual(ask("installed", names=["account_tbc_bank"]), [])
            self.assertEqual(ask("leftovers"), {})
            self.assertEqual(ask("books"), before)
            ask("use", journal_id=life.journal, draft_id=life.draft)
            self.assertEqual(ask("books"), before)
        life.come_back()
        with life.part() as ask:
            self.assertReadsOn(ask, before)
            self.assertEqual(life.pay_one(ask), 1)

    def assertFilled(self, books):
        """There is something of everything to lose."""
        self.assertEqual(len(books["lines"]), 8)
        self.assertIn(None, books["movements"])  # the opening balance
        self.assertGreaterEqual(sum(ln["is_reconciled"] for ln in books["lines"]), 4)
        self.assertEqual(len(books["statements"]), 1)
        self.assertEqual(
            sorted(payment["state"] for payment in books["payments"]),
            ["draft", "in_process", "paid", "paid", "paid"],
        )
        balances = [balance for balance, _count in books["balances"].values()]
        self.assertIn(float(self.life.balance()), balances)

    def assertReadsOn(self, ask, before):
        """The journal goes on, each movement once."""
        life, journal = self.life, self.life.journal
        life.connect(ask)
        self.assertEqual(life.journal, journal)
        state = life.read(ask)
        self.assertEqual((len(state["ids"]), state["difference"]), (7, 0.0))
        self.assertEqual(ask("books")["lines"], before["lines"])
        life.add(2, "2026-06-29")
        state = life.read(ask)
        self.assertEqual((len(state["ids"]), state["difference"]), (9, 0.0))
        self.assertEqual(state["books"], float(life.balance()))
