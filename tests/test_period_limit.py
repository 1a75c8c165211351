"""A bank that answers for short periods only."""

from datetime import date, timedelta

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import IBAN, TbcCase
from .test_backfill import BackfillCase


class LimitCase(TbcCase):
    bank_options = {
        "accounts": {IBAN: ("GEL", "USD")},
        "days": 0,
        "openings": {(IBAN, "GEL"): "1000.00"},
    }

    def limit(self, days, *routes):
        for route in routes or ("movements", "statements"):
            self.bank.add_fault("too_long", on=route, times=None, days=days)

    def refused(self):
        return [r.name for r in self.bank.requests if r.status == 400]


@tagged("post_install", "-at_install")
class TestPeriodLimit(LimitCase):
    def set_up_once(self):
        super().set_up_once()
        self.account = self.make_account(sync_from=date(2026, 1, 1))
        self.movements = [self.add("10.00", f"2026-0{n}-15") for n in range(1, 7)]

    def test_every_limit_is_found_and_remembered(self):
        for days in (1, 3, 7, 15, 30):
            with self.subTest(days):
                self.bank.clear_faults()
                self.limit(days)
                self.account.write({"longest_list": 0, "longest_sums": 0})
                self.account.sync_from = date(2026, 1, 1) - timedelta(days=days)
                self.sync(self.account)
                self.assertEqual(sorted(self.ids(self.account)), self.movements)
                self.assertEqual(self.account.health, "ok")
                self.assertTrue(self.refused())
                late = self.add("1.00", "2026-03-03")
                self.bank.forget_requests()
                self.sync(self.account)
                self.assertFalse(self.refused())
                self.assertIn(late, self.ids(self.account))
                self.movements = sorted([*self.movements, late])
                self.assertEqual(self.account.health, "ok")

    def test_thirty_days_of_movements_only(self):
        self.limit(30, "movements")
        self.sync(self.account)
        self.assertEqual(self.ids(self.account), self.movements)
        self.assertEqual(self.account.health, "ok")

    def test_a_quiet_poll_stays_cheap(self):
        self.limit(30)
        # The figures of the months come in over several reads.
        for _time in range(3):
            self.sync(self.account)
        self.bank.forget_requests()
        self.sync(self.account)
        self.assertLessEqual(len(self.bank.requests), 3)

    def test_another_refusal_is_not_the_period(self):
        """Each in its own words, and nothing is remembered."""
        for title, words in (
            ("INVALID_ACCOUNT", "does not know this account"),
            ("INCORRECT_INPUT_DATA", "INCORRECT_INPUT_DATA"),
        ):
            self.bank.forget_requests()
            self.bank.add_fault(title, on="movements", times=None)
            run = self.account.sync()
            self.assertEqual(run.state, "failed")
            self.assertIn(words, run.error)
            self.assertLessEqual(len(self.bank.requests_to("movements")), 6)
            self.bank.clear_faults()
        self.bank.forget_requests()
        self.sync(self.account)
        query = self.bank.requests_to("movements")[0].query
        self.assertEqual(query["PeriodTo"], "2026-01-31")

    def test_an_unknown_account_is_asked_once(self):
        self.bank.add_fault("INVALID_ACCOUNT", on="movements", times=None)
        self.account.sync()
        self.assertEqual(len(self.bank.requests_to("movements")), 1)

    def test_the_longer_one_is_tried_again_later(self):
        self.limit(7)
        self.sync(self.account)
        self.bank.clear_faults()
        self.bank.now += timedelta(days=32)
        self.bank.forget_requests()
        self.sync(self.account)
        lengths = [
            (
                date.fromisoformat(request.query["PeriodTo"])
                - date.fromisoformat(request.query["PeriodFrom"])
            ).days
            + 1
            for request in self.bank.requests_to("movements")
        ]
        self.assertGreater(max(lengths), 7)

    def test_months_and_statements(self):
        self.account.statement_period = "monthly"
        self.limit(7)
        for _time in range(3):
            self.sync(self.account)
        months = self.account.month_ids
        self.assertEqual(len(months), 6)
        march = months.filtered(lambda m: m.month == date(2026, 3, 1))
        self.assertEqual((march.opening, march.closing), (1020.0, 1030.0))
        self.assertEqual((march.credits, march.debits), (10.0, 0.0))
        statements = self.env["account.bank.statement"].search(
            [("tbc_account_id", "=", self.account.id)], order="date"
        )
        self.assertEqual(len(statements), 5)
        self.assertEqual(
            statements.mapped("balance_end_real"),
            [1010.0, 1020.0, 1030.0, 1040.0, 1050.0],
        )

    def test_accounts_are_discovered(self):
        self.add("5.00", "2026-05-01", currency="USD")
        self.limit(30, "movements")
        self.integration.with_user(self.director).action_discover_accounts()
        found = self.env["tbc.account"].search(
            [("integration_id", "=", self.integration.id)]
        )
        self.assertEqual(set(found.currency_id.mapped("name")), {"GEL", "USD"})

    def test_nobody_writes_it(self):
        with self.assertRaises(AccessError):
            self.account.with_user(self.administrator).longest_list = 3


@tagged("post_install", "-at_install")
class TestPeriodLimitInThePast(BackfillCase):
    def test_the_past_in_both_orders(self):
        for order in ("newest", "oldest"):
            for days in (30, 7, 1):
                with self.subTest(order=order, days=days):
                    account = self.account
                    self.bank.clear_faults()
                    self.bank.add_fault(
                        "too_long", on="movements", times=None, days=days
                    )
                    account.write({"longest_list": 0})
                    backfill = self.start(date(2026, 3, 25), date(2026, 5, 31), order)
                    for _call in range(20):
                        if backfill.state != "done":
                            self.run_cron()
                    self.sync(account)
                    self.assertWhole(self.past + self.present)
                    self.assertTiesOut()
                    self.assertEqual(account.sync_from, date(2026, 3, 25))
