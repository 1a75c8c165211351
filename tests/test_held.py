"""Movements that can't be booked yet: named, never skipped, tried again."""

from datetime import date, timedelta
from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import IBAN, TbcCase


@tagged("post_install", "-at_install")
class TestHeld(TbcCase):
    notes_changes = False
    bank_options = {"accounts": {IBAN: ("GEL",)}, "days": 0}

    def set_up_once(self):
        super().set_up_once()
        self.account = self.make_account()

    def assertHeld(self, movement_id, reason):
        held = self.account.held_ids
        self.assertEqual(held.mapped("movement_id"), [movement_id])
        self.assertEqual(held.reason, reason)
        self.assertTrue(held.message)
        self.assertEqual(self.account.held_count, 1)
        return held

    def test_a_locked_period(self):
        self.lock_until("2026-06-10")
        locked = self.add("5.00", "2026-06-10")
        free = self.add("7.00", "2026-06-11")
        run = self.sync(self.account)
        self.assertEqual((run.new, run.held), (1, 1))
        self.assertEqual(self.ids(self.account), [free])
        held = self.assertHeld(locked, "locked")
        self.assertEqual((held.day, held.amount), (date(2026, 6, 10), 5.0))
        self.assertIn("locked", held.message)
        self.assertEqual(self.account.health, "held")
        # Long after its day left the overlap it is still there, and comes in.
        self.bank.now += timedelta(days=60)
        self.sync(self.account)
        self.assertHeld(locked, "locked")
        self.lock_until("2026-05-31")
        run = self.sync(self.account)
        self.assertEqual((run.new, run.held), (1, 0))
        line = self.lines(self.account)[0]
        self.assertEqual((line.tbc_movement_id, line.amount), (locked, 5.0))
        self.assertEqual(line.date, date(2026, 6, 10))
        self.assertEqual(self.account.difference, 0.0)
        self.assertEqual(self.account.health, "ok")

    def test_an_unreadable_movement(self):
        bad = self.add("abc")
        good = self.add("7.00")
        self.sync(self.account)
        self.assertEqual(self.ids(self.account), [good])
        held = self.assertHeld(bad, "unreadable")
        self.assertIn("amount", held.message)
        self.assertEqual(held.raw["amount"], "abc")
        self.bank.ledger.withdraw(bad)
        self.add("5.00", movementId=bad)
        self.sync(self.account)
        self.assertFalse(self.account.held_ids)
        self.assertEqual(self.ids(self.account), [good, bad])

    def test_an_unreadable_movement_that_the_bank_does_not_find(self):
        """What the bank says of an unknown id is a guess: no reason to forget."""
        bad = self.add("abc", "2026-06-02")
        self.sync(self.account)
        self.bank.add_fault("INCORRECT_INPUT_DATA", on="movement", times=None)
        for _time in range(2):
            self.sync(self.account)
            self.assertHeld(bad, "unreadable")

    def test_an_id_that_fits_no_address(self):
        odd = [
            self.add("9.00", "2026-06-02", movementId=movement_id, statusCode=1)
            for movement_id in ("a/b?c", "ა123.1", "1" * 101)
        ]
        self.sync(self.account)
        self.sync(self.account)
        held = self.account.held_ids
        self.assertEqual(sorted(held.mapped("movement_id")), sorted(odd))

    def test_a_refused_question_fails_no_read(self):
        waiting = self.add("5.00", "2026-06-02", statusCode=1)
        self.sync(self.account)
        self.bank.add_fault("INVALID_ACCOUNT", on="movement", times=None)
        self.sync(self.account)
        self.assertHeld(waiting, "waiting")

    def test_a_later_first_day_forgets_what_lies_before(self):
        """The opening balance of the later day holds it already."""
        self.lock_until("2026-06-10")
        self.add("5.00", "2026-06-10")
        self.sync(self.account)
        self.account.sync_from = date(2026, 6, 11)
        self.assertFalse(self.account.held_ids)
        self.lock_until("2026-05-01")
        self.sync(self.account)
        self.assertFalse(self.ids(self.account))
        self.assertEqual(self.account.health, "ok")

    def test_a_movement_that_got_its_id_leaves_nothing_behind(self):
        movement = self.bank.ledger.add(
            IBAN, "GEL", amount="7.00", day="2026-06-28", without=["movementId"]
        )
        self.sync(self.account)
        self.assertEqual(self.account.held_count, 1)
        self.bank.ledger.withdraw(movement.movement_id)
        good = self.add("7.00", "2026-06-28")
        self.sync(self.account)
        self.assertFalse(self.account.held_ids)
        self.assertEqual(self.ids(self.account), [good])

    def test_twins_without_an_id_on_two_pages(self):
        for _twin in range(7):
            self.add("7.00", "2026-06-28", without=["movementId"])
        with patch(
            "odoo.addons.account_tbc_bank.services.statements.read.PAGE_SIZE", 5
        ):
            for _time in range(2):
                self.sync(self.account)
                self.assertEqual(self.account.held_count, 7)

    def test_unreadable_movements_without_an_id(self):
        """Two that are alike are two, and don't keep the others out."""
        for _twin in range(2):
            self.add("7.00", without=["movementId"])
        good = self.add("8.00")
        for _time in range(2):
            run = self.sync(self.account)
            self.assertEqual(run.held, 2)
            self.assertEqual(len(self.account.held_ids), 2)
        self.assertEqual(self.ids(self.account), [good])

    def test_a_currency_switched_off(self):
        self.eur.active = False
        conversion = self.add("-317.50", exchangeRate="1 EUR = 3.175 GEL")
        self.sync(self.account)
        held = self.assertHeld(conversion, "currency")
        self.assertIn("EUR", held.message)
        self.eur.active = True
        self.sync(self.account)
        self.assertFalse(self.account.held_ids)
        self.assertEqual(self.lines(self.account).amount_currency, -100.0)

    def test_not_authorised_yet(self):
        waiting = self.add("5.00", statusCode=1)
        self.sync(self.account)
        self.assertHeld(waiting, "waiting")
        self.assertEqual(self.account.difference, 0.0)
        self.bank.ledger.authorise(waiting)
        self.sync(self.account)
        self.assertFalse(self.account.held_ids)
        self.assertEqual(self.ids(self.account), [waiting])

    def test_authorised_when_its_day_is_long_gone(self):
        """It is asked for by its id, and only while it waits."""
        waiting = self.add("5.00", "2026-06-02", statusCode=2)
        self.sync(self.account)
        self.sync(self.account)
        self.bank.forget_requests()
        self.sync(self.account)
        self.assertEqual(len(self.bank.requests_to("movement")), 1)
        self.bank.ledger.authorise(waiting)
        self.sync(self.account)
        self.assertEqual(self.ids(self.account), [waiting])
        self.bank.forget_requests()
        self.sync(self.account)
        self.assertFalse(self.bank.requests_to("movement"))

    def test_a_waiting_one_that_the_bank_drops(self):
        waiting = self.add("5.00", statusCode=1)
        self.sync(self.account)
        self.bank.ledger.withdraw(waiting)
        self.sync(self.account)
        self.assertFalse(self.account.held_ids)
        self.assertFalse(self.ids(self.account))

    def test_a_movement_of_another_account(self):
        stranger = self.add(
            "5.00",
            customerAccountInfo={"accountIban": "GE90BG0000000589021505"},
        )
        self.sync(self.account)
        self.assertHeld(stranger, "account")

    def test_odoo_refuses_one_of_a_page(self):
        """The page's other movements are booked; the refusal is told in its words."""
        good = [self.add("1.00", "2026-06-12"), self.add("2.00", "2026-06-14")]
        bad = self.add("3.00", "2026-06-13", purpose="refuse me")
        model = type(self.env["account.bank.statement.line"])
        original = model.create
        refusal = "A rule of another module says no."

        def create(lines, vals_list):
            created = original(lines, vals_list)
            if "refuse me" in created.mapped("payment_ref"):
                raise ValidationError(refusal)
            return created

        self.patch(model, "create", create)
        run = self.sync(self.account)
        self.assertEqual((run.new, run.held), (2, 1))
        self.assertEqual(sorted(self.ids(self.account)), sorted(good))
        self.assertIn("says no", self.assertHeld(bad, "refused").message)

    def test_the_opening_balance_waits_for_the_lock_too(self):
        self.start_bank(
            accounts={IBAN: ("GEL",)}, days=0, openings={(IBAN, "GEL"): "100.00"}
        )
        self.integration.with_user(self.director).set_credentials(
            "fake-client-id", "fake-client-secret"
        )
        self.lock_until("2026-06-01")
        self.sync(self.account)
        self.assertFalse(self.account.opening_line_id)
        self.assertEqual(self.account.health, "difference")
        self.assertIn("locked", self.account.health_message)
        # The day before the first one may stay locked: then it is booked on the first.
        self.lock_until("2026-05-31")
        self.sync(self.account)
        self.assertEqual(self.account.opening_line_id.date, date(2026, 6, 1))
        self.assertEqual(self.account.opening_line_id.amount, 100.0)
        self.assertEqual(self.account.health, "ok")
