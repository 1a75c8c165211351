"""The bank's own figures of each month: asked once, again when something changed."""

from datetime import date, timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import IBAN, TbcCase

MODULE = "odoo.addons.account_tbc_bank.services.proof.months"


@tagged("post_install", "-at_install")
class TestMonth(TbcCase):
    bank_options = {
        "accounts": {IBAN: ("GEL", "USD")},
        "days": 0,
        "openings": {(IBAN, "GEL"): "100.00"},
    }

    def set_up_once(self):
        super().set_up_once()
        self.account = self.make_account(sync_from=date(2026, 4, 10))
        self.add("10.00", "2026-04-09")  # before the first day wanted
        self.april = self.add("20.00", "2026-04-10")
        self.add("-5.00", "2026-05-31")
        self.add("7.00", "2026-06-01")

    def figures(self):
        return [
            (r.month.month, r.opening, r.credits, r.debits, r.closing)
            for r in self.months()
        ]

    def months(self):
        return self.account.month_ids.sorted("month")

    def asked(self):
        """The periods of the questions since they were last forgotten, sorted."""
        asked = [
            (request.query["PeriodFrom"][:10], request.query["PeriodTo"][:10])
            for request in self.bank.requests_to("statements")
        ]
        self.bank.forget_requests()
        return sorted(asked)

    def months_asked(self):
        """The months that are over and that the next read asks about."""
        before = {record: record.asked_at for record in self.months()}
        self.bank.now += timedelta(minutes=1)
        self.sync(self.account)
        return [
            record.month.month
            for record in self.months()[:-1]
            if record.asked_at != before.get(record)
        ]

    def test_the_figures_are_the_banks(self):
        self.sync(self.account)
        self.assertEqual(
            self.figures(),
            [
                (4, 110.0, 20.0, 0.0, 130.0),
                (5, 130.0, 0.0, 5.0, 125.0),
                (6, 125.0, 7.0, 0.0, 132.0),
            ],
        )
        april, _may, june = self.months()
        self.assertEqual(
            (april.month, april.day_from, april.day_to),
            (date(2026, 4, 1), date(2026, 4, 10), date(2026, 4, 30)),
        )
        self.assertEqual(june.day_to, date(2026, 6, 30))
        self.assertEqual((april.line_count, april.line_credits), (1, 20.0))

    def test_a_month_that_is_over_is_asked_once(self):
        self.sync(self.account)
        self.assertFalse(self.months_asked())
        june = self.months()[-1]
        asked_at = june.asked_at
        self.bank.now += timedelta(hours=1)
        self.add("1.00", "2026-06-30")
        self.sync(self.account)
        self.assertEqual((june.credits, june.closing), (8.0, 133.0))
        self.assertGreater(june.asked_at, asked_at)

    def test_a_quiet_read_asks_for_no_month(self):
        self.sync(self.account)
        asked_at = self.months()[-1].asked_at
        self.assertFalse(self.months_asked())
        self.assertEqual(self.months()[-1].asked_at, asked_at)

    def test_what_the_bank_alone_counts_this_month(self):
        """Our own lines are what they were, the bank's balance is not."""
        self.sync(self.account)
        late = self.add("4.00", "2026-06-29")
        self.bank.ledger.hide(late, keep_in_totals=True)
        self.sync(self.account)
        self.assertEqual(self.figures()[2], (6, 125.0, 11.0, 0.0, 136.0))

    def test_the_month_that_ended_meanwhile(self):
        self.sync(self.account)
        self.add("3.00", "2026-06-30")
        self.bank.now += timedelta(days=2)
        self.sync(self.account)
        june, july = self.months()[-2:]
        self.assertEqual((june.day_to, june.closing), (date(2026, 6, 30), 135.0))
        self.assertEqual((july.opening, july.closing), (135.0, 135.0))

    def test_our_own_change_asks_again(self):
        self.sync(self.account)
        late = self.add("9.00", "2026-05-05")
        self.assertEqual(self.months_asked(), [5])
        self.assertEqual(self.figures()[1], (5, 130.0, 9.0, 5.0, 134.0))
        self.assertIn(late, self.ids(self.account))
        self.assertFalse(self.months_asked())
        # The bank takes it back, somebody deletes its line: our sums are others.
        self.bank.ledger.withdraw(late)
        self.lines(self.account).filtered(
            lambda line: line.tbc_movement_id == late
        ).unlink()
        self.assertEqual(self.months_asked(), [5])
        self.assertEqual(self.figures()[1], (5, 130.0, 0.0, 5.0, 125.0))

    def test_what_follows_a_change_is_asked_again(self):
        """A late movement moves the opening of every month after it."""
        self.sync(self.account)
        self.add("9.00", "2026-04-15")
        self.assertEqual(self.months_asked(), [4, 5])
        self.assertEqual(
            [figures[1] for figures in self.figures()], [110.0, 139.0, 134.0]
        )

    def test_what_the_bank_took_back_is_asked_again(self):
        self.sync(self.account)
        self.bank.ledger.withdraw(self.april)
        self.add("20.00", "2026-05-20")
        self.sync(self.account)
        self.sync(self.account)
        # May has changed in the books. April is no more what it was at the bank: its
        # day differs, which is what the proof writes down.
        self.env["tbc.difference"].create(
            {
                "account_id": self.account.id,
                "day": date(2026, 4, 10),
                "kind": "not_at_bank",
                "amount": 20.0,
            }
        )
        self.sync(self.account)
        self.assertEqual(self.figures()[0], (4, 110.0, 0.0, 0.0, 110.0))

    def test_a_held_movement_is_no_reason_to_ask_each_time(self):
        self.lock_until("2026-04-30")
        self.sync(self.account)
        self.assertEqual(self.figures()[0], (4, 110.0, 20.0, 0.0, 130.0))
        self.assertEqual(self.months()[0].line_count, 0)
        self.assertFalse(self.months_asked())
        # Booked at last, our own sums have changed.
        self.lock_until("2026-03-31")
        self.assertEqual(self.months_asked(), [4])
        self.assertFalse(self.months_asked())

    def test_a_new_first_day(self):
        self.sync(self.account)
        self.account.sync_from = date(2026, 5, 20)
        self.sync(self.account)
        self.assertEqual(
            self.figures(),
            [(5, 130.0, 0.0, 5.0, 125.0), (6, 125.0, 7.0, 0.0, 132.0)],
        )
        self.assertEqual(self.months()[0].day_from, date(2026, 5, 20))

    def test_a_long_history_comes_in_over_several_reads(self):
        self.account.sync_from = date(2026, 1, 1)
        with patch(f"{MODULE}.MONTHS_A_READ", 3):
            self.sync(self.account)
            self.assertEqual([f[0] for f in self.figures()], [1, 2, 6])
            self.sync(self.account)
        self.assertEqual([f[0] for f in self.figures()], [1, 2, 3, 4, 5, 6])

    def test_a_failure_spoils_no_read(self):
        """The proof has its answer; the question after it fails."""
        self.sync(self.account)
        before = self.figures()
        self.bank.forget_requests()
        self.sync(self.account)
        proof = len(self.asked())
        for fault in ("html500", "429"):
            with self.subTest(fault):
                self.add("1.00", "2026-06-30")
                self.bank.add_fault(fault, on="statements", times=None, after=proof)
                run = self.sync(self.account)
                self.bank.clear_faults()
                self.assertEqual(run.new, 1)
                self.assertEqual(self.figures(), before)
                self.assertFalse(self.account.last_error)
        self.sync(self.account)
        self.assertEqual(self.figures()[2], (6, 125.0, 9.0, 0.0, 134.0))

    def test_who_sees_them(self):
        self.sync(self.account)
        months = self.months()
        for user in (self.clerk, self.director):
            self.assertEqual(
                months.with_user(user).read(["closing"])[0]["closing"], 130
            )
            with self.assertRaises(AccessError):
                months.with_user(user).write({"closing": 0})
        self.assertFalse(self.env["tbc.month"].with_user(self.accountant).search([]))
        with self.assertRaises(AccessError):
            months.with_user(self.accountant).read(["closing"])
