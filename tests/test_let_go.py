"""What is on hold and the bank does not list any more is let go, and that is told."""

from datetime import timedelta
from unittest.mock import patch

from odoo.tests import tagged

from .common import IBAN, TODAY, TbcCase
from .test_backfill import PAGE_SIZE


@tagged("post_install", "-at_install")
class TestLetGo(TbcCase):
    bank_options = {"accounts": {IBAN: ("GEL",)}, "days": 0}

    def set_up_once(self):
        super().set_up_once()
        self.account = self.make_account()

    def add_number(self, day="2026-06-28", amount="7.00"):
        """A movement whose id came as a number: its zeros are lost."""
        movement_id = self.add(amount, day)
        number = int(movement_id.split(".")[0])
        self.bank.ledger.find(movement_id).members["movementId"] = number
        return movement_id, str(number)

    def held(self):
        self.account.invalidate_recordset()
        return sorted(self.account.held_ids.mapped("movement_id"))

    def assertTold(self, run, *words):
        """In the read's own history, and in the account's."""
        for text in (run.note, self.account.message_ids[0].body):
            for word in ("does not list", *words):
                self.assertIn(word, text or "")

    def later(self, days):
        self.bank.now += timedelta(days=days)

    def test_an_id_that_came_once_as_a_number(self):
        for day, days in (("2026-06-28", 0), ("2026-06-02", 0), ("2026-06-28", 40)):
            with self.subTest(day=day, days=days):
                movement_id, number = self.add_number(day)
                self.sync(self.account)
                # A day outside of the recent ones needs a proof to be found.
                self.assertEqual(self.held(), [number])
                self.later(days)
                del self.bank.ledger.find(movement_id).members["movementId"]
                run = self.sync(self.account)
                self.assertEqual(self.held(), [])
                self.assertTold(run, number)
                if days:
                    self.later(1)
                    self.sync(self.account)
                self.assertIn(movement_id, self.ids(self.account))

    def test_still_a_number(self):
        _movement_id, number = self.add_number("2026-06-02")
        self.sync(self.account)
        for _time in range(3):
            self.sync(self.account)
            self.assertEqual(self.held(), [number])
        self.later(40)
        self.sync(self.account)
        self.assertEqual(self.held(), [number])

    def test_without_a_date(self):
        """With an id, and without one."""
        for without in (
            ["date", "documentDate"],
            ["date", "documentDate", "movementId"],
        ):
            for days in (0, 3, 60):
                with self.subTest(without=without, days=days):
                    day = str(self.bank.now.date() - timedelta(days=2))
                    movement_id = self.add("7.00", day, without=without)
                    self.sync(self.account)
                    [held] = self.account.held_ids
                    self.assertFalse(held.day)
                    self.later(days)
                    self.sync(self.account)
                    self.assertEqual(len(self.held()), 1, "the bank still lists it")
                    self.bank.ledger.withdraw(movement_id)
                    run = self.sync(self.account)
                    self.assertEqual(self.held(), [])
                    self.assertTold(run)

    def test_without_a_date_and_completed(self):
        movement_id = self.add("7.00", "2026-06-28", without=["date", "documentDate"])
        self.sync(self.account)
        self.later(60)
        self.bank.ledger.find(movement_id).without = ()
        self.sync(self.account)
        self.assertEqual(self.held(), [])
        self.assertEqual(self.ids(self.account), [movement_id])

    def test_held_by_an_older_version(self):
        """It does not know when it was listed: the time of the hold tells about it."""
        movement_id = self.add("7.00", "2026-06-28", without=["date", "documentDate"])
        self.sync(self.account)
        [held] = self.account.held_ids
        held.write({"listed_from": False, "listed_to": False})
        self.env.cr.execute(
            "UPDATE tbc_held_movement SET create_date = '2026-06-29 08:00:00'"
        )
        held.invalidate_recordset()
        self.later(60)
        self.sync(self.account)
        self.assertTrue(self.held())
        held.write({"listed_from": False, "listed_to": False})
        self.bank.ledger.withdraw(movement_id)
        run = self.sync(self.account)
        self.assertEqual(self.held(), [])
        self.assertTold(run)

    def test_a_waiting_one_whose_id_can_t_be_asked_for(self):
        movement_id = self.add("9.00", "2026-06-02", movementId="a/b?c", statusCode=1)
        self.sync(self.account)
        self.sync(self.account)
        self.assertEqual(self.held(), ["a/b?c"])
        self.bank.ledger.withdraw(movement_id)
        run = self.sync(self.account)
        self.assertEqual(self.held(), [])
        self.assertTold(run, "a/b?c")

    def test_a_waiting_one_that_the_bank_drops_is_told(self):
        movement_id = self.add("5.00", "2026-06-02", statusCode=1)
        self.sync(self.account)
        self.bank.ledger.withdraw(movement_id)
        run = self.sync(self.account)
        self.assertEqual(self.held(), [])
        self.assertTold(run, movement_id)

    def test_a_locked_one_that_the_bank_withdraws_is_told(self):
        self.lock_until("2026-06-03")
        movement_id = self.add("5.00", "2026-06-03")
        self.sync(self.account)
        self.bank.ledger.withdraw(movement_id)
        run = self.sync(self.account)
        self.assertEqual(self.held(), [])
        self.assertTold(run, movement_id)

    def test_a_list_that_contradicts_itself_lets_nothing_go(self):
        movement_id = self.add("7.00", "2026-06-28", without=["date", "documentDate"])
        self.bank.ledger.repeat(self.add("1.00", "2026-06-28"))
        self.sync(self.account)
        self.bank.ledger.hide(movement_id, keep_in_count=True)
        for _time in range(2):
            self.sync(self.account)
            self.assertEqual(len(self.held()), 1)

    def test_a_bank_that_fails_meanwhile_lets_nothing_go(self):
        movement_id = self.add("7.00", "2026-06-28", without=["date", "documentDate"])
        self.sync(self.account)
        self.later(60)
        self.sync(self.account)
        self.bank.ledger.withdraw(movement_id)
        self.bank.add_fault("html500", on="movement", times=None)
        self.account.sync()
        self.assertEqual(len(self.held()), 1)

    def test_many_at_once_cost_a_bounded_number_of_requests(self):
        for number in range(30):
            self.add(
                f"{number + 1}.00",
                "2026-06-02",
                without=["date", "documentDate", "movementId"],
            )
        with patch(PAGE_SIZE, 50):
            self.sync(self.account)
            self.later(60)
            self.sync(self.account)
            self.bank.forget_requests()
            self.sync(self.account)
        self.assertEqual(len(self.held()), 30)
        self.assertLessEqual(len(self.bank.requests), 6)
        self.assertTrue(TODAY)
