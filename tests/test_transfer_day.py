"""Payments of another day than today's: somebody decides, and they go on their day."""

from datetime import datetime, timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..services.transfers.prepare import queue_payments
from .common import GEORGIA
from .transfer_common import identity
from .transfer_shared import SharedTransferCase


@tagged("post_install", "-at_install")
class TestTransferDay(SharedTransferCase):
    def pay_on(self, *days):
        """Queued payments, one dated on each of these days."""
        payments = self.pay_many([float(number) for number in range(1, len(days) + 1)])
        for payment, day in zip(payments, days, strict=True):
            payment.sudo().date = day
        payments.action_tbc_queue()
        return payments

    def review(self, payments, user=None):
        """The dialog as the integration user sees it."""
        user = user or self.director
        action = self.orders(payments).with_user(user).action_review()
        return self.env[action["res_model"]].with_user(user).browse(action["res_id"])

    def decide(self, payments, button, user=None):
        dialog = self.review(payments, user)
        with identity(user or self.director):
            return getattr(dialog, button)()["params"]["message"]

    # --- a decision is wanted ---------------------------------------------------------

    def test_today_and_lately_need_none(self):
        payments = self.pay_on("2026-06-30", "2026-06-29", "2026-05-31")
        dialog = self.review(payments)
        self.assertFalse(dialog.days_warning)
        self.assertFalse(dialog.has_later_days)
        self.initiate(payments)
        self.submit()
        self.assertOneOfEach(self.orders(payments))

    def test_without_a_decision_nothing_goes(self):
        for day, words in (
            ("2026-07-01", "later than today"),
            ("2026-07-30", "later than today"),
            ("2026-05-29", "more than 31 days ago"),
            ("2025-06-30", "more than 31 days ago"),
        ):
            payments = self.pay_on("2026-06-30", day)
            roads = (
                lambda p: self.initiate(p),
                lambda p: p.with_user(self.director).action_tbc_initiate(),
                lambda p: self.review(p).action_confirm(),
            )
            for road in roads:
                with (
                    self.subTest(day),
                    identity(self.director),
                    self.assertRaisesRegex(UserError, words),
                ):
                    road(payments)
            dialog = self.review(payments)
            self.assertIn(words, dialog.days_warning)
            self.assertEqual(dialog.has_later_days, words.startswith("later"))
            self.submit()
            self.assertFalse(self.posts())

    def test_send_now(self):
        payments = self.pay_on("2026-07-30", "2025-06-30")
        self.assertIn(
            "Going to the bank now", self.decide(payments, "action_confirm_now")
        )
        self.submit()
        self.assertOneOfEach(self.orders(payments))

    def test_wait_for_the_day(self):
        payments = self.pay_on("2026-06-30", "2026-07-15", "2026-08-01", "2025-01-01")
        message = self.decide(payments, "action_confirm_on_the_day")
        self.assertIn("07/15/2026, by themselves: 1 transfer", message)
        today, july, august, old = self.orders(payments)
        self.assertEqual(july.state, "queued")
        self.submit()
        self.assertOneOfEach(today + old)
        # The Georgian day begins at 20:00 of the day before, in UTC.
        self.bank.now = datetime(2026, 7, 14, 23, 59, tzinfo=GEORGIA)
        self.submit()
        self.assertEqual(july.state, "queued")
        self.bank.now = datetime(2026, 7, 15, 0, 1, tzinfo=GEORGIA)
        self.submit()
        self.assertEqual((july.state, august.state), ("submitted", "queued"))
        self.bank.now = datetime(2026, 8, 3, 9, tzinfo=GEORGIA)
        self.submit()
        self.submit()
        self.assertOneOfEach(today + old + july + august)

    def test_a_batch_waits_for_its_last_day(self):
        payments = self.pay_many([1.0, 2.0, 3.0])
        days = ("2026-06-30", "2026-07-20", "2026-07-10")
        for payment, day in zip(payments, days, strict=True):
            payment.sudo().date = day
        queue_payments(payments, batch_name="July")
        with self.assertRaisesRegex(UserError, "later than today"):
            self.initiate(payments)
        self.decide(payments, "action_confirm_on_the_day")
        orders = self.orders(payments)
        self.assertEqual(set(map(str, orders.mapped("send_on"))), {"2026-07-20"})
        self.bank.now = datetime(2026, 7, 19, 12, tzinfo=GEORGIA)
        self.submit()
        self.assertFalse(self.posts())
        self.bank.now = datetime(2026, 7, 20, 0, 5, tzinfo=GEORGIA)
        self.submit()
        self.assertOneOfEach(orders)
        self.assertEqual(self.posts(), 1)

    # --- while it waits ---------------------------------------------------------------

    def waiting(self, day="2026-07-15"):
        payment = self.pay_on(day)
        self.decide(payment, "action_confirm_on_the_day")
        return payment, self.order(payment)

    def test_taken_out_and_decided_anew(self):
        payment, order = self.waiting()
        order.with_user(self.bookkeeper).action_withdraw()
        self.assertFalse(order.send_on)
        payment.action_tbc_queue()
        self.bank.now = datetime(2026, 7, 15, 12, tzinfo=GEORGIA)
        self.submit()
        self.assertFalse(self.posts())
        self.initiate(payment)
        self.submit()
        self.assertOneOfEach(order)

    def test_another_integration_user(self):
        _payment, order = self.waiting()
        self.integration.user_id = self.clerk
        as_clerk = self.integration.with_user(self.clerk)
        as_clerk.set_credentials("fake-client-id", "fake-client-secret")
        as_clerk.action_test_connection()
        self.bank.now = datetime(2026, 7, 15, 12, tzinfo=GEORGIA)
        self.submit()
        self.assertFalse(self.posts())
        self.assertEqual((order.state, order.initiated_at), ("queued", False))
        self.assertIn("not the integration user any more", order.problem)

    def test_what_was_not_decided_does_not_go(self):
        """The day is a part of what was initiated: nobody writes another one."""
        for change in (
            "UPDATE tbc_transfer SET send_on = '2026-06-30' WHERE id = %s",
            "UPDATE tbc_transfer SET send_on = NULL WHERE id = %s",
            """UPDATE account_payment SET date = '2026-06-30' FROM tbc_transfer t
               WHERE t.payment_id = account_payment.id AND t.id = %s;
               UPDATE tbc_transfer SET send_on = '2026-06-30'""",
        ):
            _payment, order = self.waiting()
            self.env.flush_all()
            self.env.cr.execute(change, [order.id])
            self.env.invalidate_all()
            self.submit()
            with self.subTest(change):
                self.assertFalse(self.posts())
                self.assertEqual((order.state, order.initiated_at), ("queued", False))

    def test_moved_after_it_was_initiated(self):
        payment = self.pay_on("2026-06-30")
        self.initiate(payment)
        payment.sudo().date = "2026-08-30"
        self.submit()
        self.assertFalse(self.posts())
        self.assertIn("does not fit", self.order(payment).problem)

    def test_a_new_day_while_the_dialog_is_open(self):
        payment = self.pay_on("2026-07-15")
        dialog = self.review(payment)
        payment.sudo().date = "2026-08-15"
        with identity(self.director), self.assertRaisesRegex(UserError, "changed"):
            dialog.action_confirm_on_the_day()

    def test_the_password_is_asked_for_each_button(self):
        payment = self.pay_on("2026-07-15")
        dialog = self.review(payment)
        for button in ("action_confirm_now", "action_confirm_on_the_day"):
            with identity(self.director, seconds_ago=3600):
                action = getattr(dialog, button)()
            self.assertEqual(action["res_model"], "res.users.identitycheck")
        self.assertFalse(self.order(payment).initiated_at)

    def test_nobody_else_decides(self):
        payment = self.pay_on("2026-07-15")
        dialog = self.review(payment)
        for button in ("action_confirm_now", "action_confirm_on_the_day"):
            for user in (self.bookkeeper, self.administrator):
                with (
                    self.subTest(button, user=user.login),
                    identity(user),
                    self.assertRaises(AccessError),
                ):
                    getattr(dialog.with_user(user).sudo(False), button)()
        self.assertFalse(self.order(payment).initiated_at)

    def test_the_bank_is_away_on_the_day(self):
        _payment, order = self.waiting()
        self.bank.now = datetime(2026, 7, 15, 8, tzinfo=GEORGIA)
        self.bank.add_fault("429", on="import_single", retry_after=600)
        self.submit()
        self.assertEqual(order.state, "queued")
        self.bank.now += timedelta(minutes=11)
        self.submit()
        self.assertOneOfEach(order)
