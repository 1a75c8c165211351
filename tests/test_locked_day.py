"""Movements of locked days: held with what they need, or booked on the first open day."""

from datetime import date

from odoo.tests import tagged

from .common import IBAN, TbcCase


@tagged("post_install", "-at_install")
class TestLockedDay(TbcCase):
    bank_options = {"accounts": {IBAN: ("GEL",)}, "days": 0}

    def set_up_once(self):
        super().set_up_once()
        self.account = self.make_account(sync_from=date(2026, 3, 1))
        self.march = self.add("5.00", "2026-03-03")
        self.june = self.add("7.00", "2026-06-11")

    def test_held_names_the_lock_and_what_to_do(self):
        self.lock_until("2026-03-31")
        self.sync(self.account)
        message = self.account.held_ids.message
        self.assertIn("03/31/2026", message)
        for advice in ("Move the lock date", "exception", "first open day"):
            self.assertIn(advice, message)

    def test_the_hard_lock_counts_when_it_is_later(self):
        self.lock_until("2026-03-31")
        self.company.hard_lock_date = date(2026, 4, 30)
        self.sync(self.account)
        self.assertIn("04/30/2026", self.account.held_ids.message)
        self.account.locked_policy = "first_open_day"
        self.sync(self.account)
        self.assertEqual(self.lines(self.account)[0].date, date(2026, 5, 1))

    def test_held_by_an_older_version(self):
        """It has no lock date: the sentence does without."""
        self.lock_until("2026-03-31")
        self.sync(self.account)
        self.account.held_ids.detail = False
        self.assertIn("locked", self.account.held_ids.message)

    def test_the_first_open_day(self):
        self.account.locked_policy = "first_open_day"
        self.lock_until("2026-03-31")
        run = self.sync(self.account)
        self.assertEqual((run.new, run.held), (2, 0))
        line = self.lines(self.account)[0]
        self.assertEqual(line.tbc_movement_id, self.march)
        self.assertEqual(line.date, date(2026, 4, 1))
        self.assertEqual(line.tbc_day, date(2026, 3, 3))
        self.assertEqual(line.state, "posted")
        self.assertIn(
            "The bank's day 3 March 2026 is locked, so this was booked on 1 April 2026.",
            line.narration.replace("&#39;", "'"),
        )
        # Nobody is told of a day that stayed the same.
        other = self.lines(self.account)[1]
        self.assertEqual((other.date, other.tbc_day), (date(2026, 6, 11),) * 2)
        self.assertFalse(other.narration)
        # Again is nothing new.
        self.assertEqual(self.sync(self.account).new, 0)

    def test_held_ones_follow_the_setting(self):
        self.lock_until("2026-03-31")
        self.sync(self.account)
        self.assertEqual(self.account.held_ids.mapped("movement_id"), [self.march])
        self.account.locked_policy = "first_open_day"
        self.assertIn("next sync books it", self.account.held_ids.message)
        self.sync(self.account)
        self.assertFalse(self.account.held_ids)
        self.assertEqual(self.lines(self.account)[0].date, date(2026, 4, 1))

    def test_an_open_day_that_has_not_come(self):
        """Locked up to today or later: no line of tomorrow, it waits."""
        self.account.locked_policy = "first_open_day"
        self.lock_until("2026-06-30")
        self.sync(self.account)
        self.assertEqual(self.account.held_count, 2)
        self.assertFalse(self.lines(self.account))
        self.lock_until("2026-06-29")
        self.sync(self.account)
        self.assertEqual(
            set(self.lines(self.account).mapped("date")), {date(2026, 6, 30)}
        )

    def test_a_closed_year_never_comes_into_the_new_one(self):
        """Before the first day wanted the opening balance holds it already."""
        self.integration.action_test_connection()
        self.account.locked_policy = "first_open_day"
        self.lock_until("2026-02-28")
        old = self.add("9.00", "2026-02-10")
        self.sync(self.account)
        self.env["tbc.backfill"].create(
            {
                "account_id": self.account.id,
                "day_from": date(2026, 2, 1),
                "day_to": date(2026, 2, 28),
            }
        )
        with self.enter_registry_test_mode():
            self.env.ref("account_tbc_bank.ir_cron_backfill").method_direct_trigger()
        self.sync(self.account)
        held = self.account.held_ids
        self.assertEqual((held.movement_id, held.reason), (old, "locked"))
        self.assertIn("opening balance", held.message)
        self.assertEqual(self.account.sync_from, date(2026, 3, 1))
        self.assertEqual(
            self.account.books_balance, float(self.bank.ledger.balance(IBAN, "GEL"))
        )
