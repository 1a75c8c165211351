"""A bank's twin: the same past, and nothing in common from there on."""

import datetime as dt
import unittest

from fake_tbc import FakeBank
from fake_tbc.caller import Caller

IBAN = "GE44TB0600051509630891"
NOON = dt.datetime(2026, 6, 30, 12)


class TestTwin(unittest.TestCase):
    def setUp(self):
        self.bank = self.started(
            FakeBank(accounts={IBAN: ("GEL",)}, days=0, now=NOON, seed=7)
        )
        self.bank.ledger.add(IBAN, "GEL", amount="5.00", day="2026-06-15")
        self.caller = Caller(self.bank).sign_in()
        self.addCleanup(self.caller.close)
        self.twin = self.started(self.bank.twin())

    def started(self, bank):
        bank.start()
        self.addCleanup(bank.stop)
        return bank

    def test_same_past_at_another_address(self):
        self.assertNotEqual(self.twin.url, self.bank.url)
        self.assertEqual(self.twin.now, self.bank.now)
        self.assertEqual(self.rows(self.twin), self.rows(self.bank))
        self.assertEqual(self.twin.requests, self.bank.requests)

    def test_a_token_granted_before_is_good_at_both(self):
        other = Caller(self.twin)
        self.addCleanup(other.close)
        other.headers = self.caller.headers
        for caller in (self.caller, other):
            self.assertEqual(caller.movements().status, 200)
        self.assertEqual(len(self.twin.requests_to("movements")), 1)

    def test_nothing_done_to_one_happens_to_the_other(self):
        self.twin.ledger.add(IBAN, "GEL", amount="7.00", day="2026-06-16")
        self.twin.now += dt.timedelta(days=1)
        self.twin.add_fault("drop", times=None)
        self.twin.expire_tokens()
        self.twin.permissions = ()
        self.twin.forget_requests()
        self.assertEqual(len(self.rows(self.bank)), 1)
        self.assertEqual(self.caller.movements().status, 200)
        self.assertEqual(len(self.bank.requests_to("token")), 1)

    def rows(self, bank):
        return bank.ledger.movements(IBAN, "GEL")
