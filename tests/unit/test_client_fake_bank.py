"""The client against the fake bank: the bank's own scenarios, and a whole ledger."""

import datetime
import unittest
from decimal import Decimal

import tbc
from fake_tbc import FAKE_CLIENT_ID, FAKE_CLIENT_SECRET, FakeBank

IBAN = "GE48TB7873440574631292"
JUNE = (datetime.date(2026, 6, 1), datetime.date(2026, 6, 30))


class BankCase(unittest.TestCase):
    options = {}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bank = FakeBank(**cls.options).start()
        cls.addClassCleanup(cls.bank.stop)

    def setUp(self):
        self.addCleanup(self.bank.clear_faults)
        self.bank.forget_requests()
        self.client = tbc.TbcClient(
            self.bank.url,
            FAKE_CLIENT_ID,
            FAKE_CLIENT_SECRET,
            timeout=10,
            sleep=lambda seconds: None,
        )
        self.addCleanup(self.client.close)

    def period(self, first, last, **filters):
        return self.client.movements(period_from=first, period_to=last, **filters)


class TestDocumentedScenarios(BankCase):
    options = {"mode": "documented"}

    def test_june_of_both_accounts(self):
        for currency, count in (("GEL", 11), ("USD", 20)):
            page = self.period(*JUNE, iban=IBAN, currency=currency, page_size=100)
            found = (len(page.movements), page.unreadable, page.total, page.page_size)
            self.assertEqual(found, (count, (), count, 100))
            self.assertEqual({m.currency for m in page.movements}, {currency})
            self.assertEqual({m.account_iban for m in page.movements}, {IBAN})

    def test_paging_and_its_contradiction(self):
        since = datetime.date(2026, 2, 1)
        for index, count in enumerate((20, 15, 0)):
            page = self.period(since, JUNE[1], page_index=index, page_size=20)
            found = (len(page.movements), page.total, page.page_index)
            self.assertEqual(found, (count, 35, index))
        self.assertEqual(len(self.period(since, JUNE[1], page_size=100).movements), 60)
        self.assertEqual(len(self.client.movements(page_size=100).movements), 60)

    def test_movements_by_id(self):
        for movement_id, sign in [
            ("018383341565.1", -1),
            ("018716808825.1", -1),
            ("018716808825.2", 1),
        ]:
            movement = self.client.movement(movement_id)
            self.assertEqual(movement.movement_id, movement_id)
            self.assertGreater(movement.amount * sign, 0)
        self.assertIsNone(self.client.movement("000000000000.1"))

    def test_changed_since(self):
        moment = datetime.datetime(2026, 6, 9, tzinfo=tbc.GEORGIAN_TIME)
        page = self.client.movements(changed_since=moment, page_size=100)
        self.assertEqual((page.page_index, page.page_size), (0, 100))

    def test_periods(self):
        def month(year, number, days):
            day = datetime.date(year, number, 1)
            return day, day + datetime.timedelta(days=days)

        self.assertEqual(self.period(*month(2025, 1, 30)).total, 0)
        with self.assertRaises(tbc.TbcAuthRefused) as caught:
            self.period(*month(2024, 1, 30), page_size=100)
        self.assertEqual(caught.exception.title, "NOT_AUTHORIZED")
        self.assertEqual(caught.exception.trace_id, self.client.last_trace_id)
        self.assertTrue(caught.exception.trace_id)
        with self.assertRaises(tbc.TbcNoAnswer) as caught:
            self.period(*month(2024, 2, 59), page_size=100)
        self.assertEqual(caught.exception.title, "GENERAL_ERROR")

    def test_statements_and_balance(self):
        period = datetime.date(2025, 1, 1), datetime.date(2025, 3, 1)
        statement = self.client.statement(IBAN, "GEL", *period)
        self.assertEqual((statement.opening_date, statement.closing_date), period)
        figures = statement.opening_balance, statement.closing_balance
        self.assertEqual(figures, (Decimal("1000.50"), Decimal("1250.00")))
        sums = statement.credit_sum, statement.debit_sum
        self.assertEqual(sums, (Decimal("500.25"), Decimal("250.75")))
        self.assertEqual(statement.iban, IBAN)
        balance = self.client.balance(IBAN, "GEL")
        self.assertEqual(balance.available_balance, Decimal("1702.30"))
        with self.assertRaises(tbc.TbcRefused) as caught:
            self.client.balance("GE29NB0000000101904917", "GEL")
        self.assertEqual(caught.exception.title, "INVALID_ACCOUNT")


class TestLedger(BankCase):
    first, last = datetime.date(2026, 5, 17), datetime.date(2026, 6, 30)
    options = {"seed": 7, "days": 45, "until": last, "currencies": ("GEL", "EUR")}

    def pages(self, iban, currency, size):
        filters = {"iban": iban, "currency": currency, "page_size": size}
        page = self.period(self.first, self.last, **filters)
        yield page
        while (page.page_index + 1) * size < page.total:
            following = page.page_index + 1
            page = self.period(self.first, self.last, **filters, page_index=following)
            yield page

    def test_all_pages_add_up_to_the_totals(self):
        for iban, currency in self.bank.ledger.accounts:
            with self.subTest(currency=currency):
                pages = list(self.pages(iban, currency, 20))
                movements = [m for page in pages for m in page.movements]
                self.assertGreater(len(pages), 2)
                self.assertEqual({page.total for page in pages}, {len(movements)})
                self.assertEqual(
                    len({m.movement_id for m in movements}), len(movements)
                )
                self.assertFalse(any(page.unreadable for page in pages))
                booked = [m.amount for m in movements if m.is_authorised]
                totals = self.client.statement(iban, currency, self.first, self.last)
                self.assertEqual(sum(a for a in booked if a > 0), totals.credit_sum)
                self.assertEqual(-sum(a for a in booked if a < 0), totals.debit_sum)
                self.assertEqual(
                    totals.opening_balance + sum(booked), totals.closing_balance
                )

    def test_every_movement_becomes_a_line(self):
        for movement in self.client.movements().movements:
            values = tbc.statement_line_values(movement)
            self.assertEqual(values["amount"], movement.amount)
            self.assertTrue(values["payment_ref"])
            both = values["foreign_currency"], values["amount_currency"]
            self.assertEqual(both[0] is None, both[1] is None)
            self.assertEqual(both[0] is None, movement.exchange_rate is None)

    def test_unkind_moments_of_a_read(self):
        for name in ("drop", "html500", "429", "401", "expired_token"):
            with self.subTest(fault=name):
                self.bank.clear_faults()
                self.bank.add_fault(name, on="movements")
                page = self.client.movements(page_size=5)
                self.assertEqual(len(page.movements), 5)

    def test_answers_nobody_can_read(self):
        for name, expected in [
            ("truncated", tbc.TbcUnreadable),
            ("empty", tbc.TbcUnreadable),
            ("redirect", tbc.TbcUnreadable),
            ("USER_IS_BLOCKED", tbc.TbcAuthRefused),
        ]:
            with self.subTest(fault=name), self.assertRaises(expected):
                self.bank.clear_faults()
                self.bank.add_fault(name, on="movements")
                self.client.movements()

    def test_another_hand_of_the_same_bank(self):
        plain = self.client.movements(page_size=50)
        self.bank.add_fault("object_pager", on="movements")
        self.assertEqual(self.client.movements(page_size=50), plain)

    def test_permissions(self):
        self.client.check_scope(tbc.SCOPE_ACCOUNTS)
        self.bank.permissions = {"transfers"}
        self.addCleanup(setattr, self.bank, "permissions", ["statements", "transfers"])
        with self.assertRaises(tbc.TbcAuthRefused):
            self.client.check_scope(tbc.SCOPE_ACCOUNTS)
        wrong = tbc.TbcClient(self.bank.url, FAKE_CLIENT_ID, "wrong")
        with wrong, self.assertRaises(tbc.TbcAuthRefused):
            wrong.check_scope(tbc.SCOPE_TRANSFERS)
