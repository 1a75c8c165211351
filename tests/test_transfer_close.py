"""Orders in doubt that the bank never had: closed by a person, and watched."""

from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..services.calls import NOT_ARRIVED, NOT_MADE, TURNED_UP
from ..services.transfers.close import close_missing
from ..services.transfers.prepare import queue_payments
from .common import NOON
from .transfer_common import TransferCase, identity

DAY = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestTransferClose(TransferCase):
    begins_with_a_payment = True
    notes_changes = False

    def in_doubt(self, payments, fault="drop", route="import_single"):
        """Sent without an answer; asked once, and not known."""
        self.bank.add_fault(fault, on=route)
        if not payments[0].tbc_state:
            payments.action_tbc_queue()
        self.initiate(payments)
        self.submit()
        if fault != "drop":
            self.bank.add_fault(
                "lookup_late", on=route.replace("import", "find"), times=None
            )
        self.refresh()
        orders = self.orders(payments)
        self.assertEqual(set(orders.mapped("state")), {"unknown"})
        return orders

    def next_day(self, days=1):
        type(self).bank.now = self.bank.now + days * DAY

    def close(self, orders, user=None):
        user = user or self.director
        with identity(user):
            return orders.with_user(user).action_close()["params"]

    def closed(self, fault="drop"):
        """A bill whose transfer was closed: the bill, its payment, the order."""
        bill = self.make_bill()
        payment = self.register(bill)
        order = self.in_doubt(payment, fault)
        self.next_day()
        self.refresh()
        self.close(order)
        self.assertEqual((order.state, payment.state), ("cancelled", "rejected"))
        return bill, payment, order

    def look(self):
        """The follow-up, when it is time to look for what was closed."""
        closed = self.env["tbc.transfer"].search([("look_at", "!=", False)])
        closed.look_at = "2026-01-01 00:00:00"
        self.run_cron("ir_cron_refresh_status")

    # --- who and when -----------------------------------------------------------------

    def test_closed_after_two_days(self):
        bill, payment, order = self.closed()
        self.assertEqual(bill.payment_state, "not_paid")
        for record in (order, payment, bill):
            told = "".join(record.sudo().message_ids.mapped("body"))
            self.assertIn(f"Closed by {self.director.name} on 07/01/2026", told)
        self.assertIn("Closed by tbc_director", payment.tbc_note)
        self.assertEqual(payment.sudo().activity_ids.mapped("tbc_reason"), [NOT_MADE])
        self.register(bill)
        self.assertEqual(bill.payment_state, "in_payment")

    def test_not_before_the_second_day(self):
        order = self.in_doubt(self.pay())
        self.assertFalse(order.may_be_closed)
        for _time in range(3):
            type(self).bank.now += timedelta(hours=3)
            self.refresh()
            with self.assertRaisesRegex(UserError, "on another day"):
                self.close(order)
        # 20:00 in UTC is another day in Georgia.
        type(self).bank.now = NOON + timedelta(hours=12, minutes=1)
        self.refresh()
        self.assertTrue(order.may_be_closed)
        self.close(order)
        self.assertEqual(order.state, "cancelled")

    def test_asked_on_one_day_and_closed_on_another(self):
        order = self.in_doubt(self.pay())
        self.next_day(5)
        with self.assertRaisesRegex(UserError, "on another day"):
            self.close(order)

    def test_refused_each_time(self):
        payment = self.pay()
        order = self.in_doubt(payment)
        for _time in range(2):
            self.bank.add_fault("VALIDATION_ERROR", on="import_single")
            order.with_user(self.bookkeeper).action_queue_again()
            self.initiate(payment)
            self.submit()
            self.refresh()
            self.assertEqual(order.state, "unknown")
            activities = payment.sudo().activity_ids
            self.assertEqual(activities.mapped("tbc_reason"), [NOT_ARRIVED])
            self.next_day()
        self.refresh()
        self.close(order)
        self.assertEqual((order.state, payment.state), ("cancelled", "rejected"))

    def test_sent_again_without_an_answer(self):
        """What was asked before says nothing of what was sent after."""
        payment = self.pay()
        order = self.in_doubt(payment)
        self.next_day()
        order.with_user(self.bookkeeper).action_queue_again()
        self.bank.add_fault("drop", on="import_single")
        self.initiate(payment)
        self.submit()
        self.refresh()
        with self.assertRaisesRegex(UserError, "on another day"):
            self.close(order)

    def test_only_the_integration_user_in_person(self):
        order = self.in_doubt(self.pay())
        self.next_day()
        self.refresh()
        for user in (self.bookkeeper, self.administrator, self.env.user):
            with (
                self.subTest(user.login),
                self.assertRaisesRegex(AccessError, "the integration user, in person"),
            ):
                self.close(order, user)
        with identity(self.director, seconds_ago=3600):
            action = order.with_user(self.director).action_close()
        self.assertEqual(action["res_model"], "res.users.identitycheck")
        with self.assertRaises(AccessError):
            # As the code of a server action would.
            close_missing(order.with_user(self.director))
        self.assertEqual(order.state, "unknown")

    def test_not_what_the_bank_may_have(self):
        payment = self.pay()
        payment.action_tbc_queue()
        order = self.order(payment)
        for step in (lambda: self.initiate(payment), self.submit, self.refresh):
            with self.assertRaisesRegex(UserError, "can't be closed"):
                self.close(order)
            step()
        self.assertEqual(order.state, "to_sign")

    def test_a_closed_order_cannot_be_closed_again(self):
        _bill, _payment, order = self.closed()
        with self.assertRaisesRegex(UserError, "can't be closed"):
            self.close(order)

    def test_another_client_id_says_nothing(self):
        order = self.in_doubt(self.pay())
        self.bank.add_client("other-client", "other-secret")
        integration = self.integration.with_user(self.director)
        integration.set_credentials("other-client", "other-secret")
        integration.action_test_connection()
        self.next_day()
        self.refresh()
        with self.assertRaisesRegex(UserError, "another Client ID"):
            self.close(order)

    def test_asked_once_more(self):
        """It came late, between the question and the click."""
        payment = self.pay()
        order = self.in_doubt(payment, "drop_after_accept")
        self.next_day()
        self.refresh()
        self.bank.clear_faults()
        notice = self.close(order)
        self.assertEqual(notice["type"], "warning")
        self.assertEqual((order.state, payment.state), ("to_sign", "in_process"))

    def test_not_with_a_transaction_that_fits(self):
        payment = self.pay()
        order = self.in_doubt(payment)
        partner = {"accountIban": order.credit_account}
        self.add("-100.00", "2026-06-30", partnerAccountInfo=partner)
        self.next_day()
        self.refresh()
        self.sync(self.account)
        with self.assertRaisesRegex(UserError, "fits it"):
            self.close(order)
        line = order.candidate_ids.with_user(self.bookkeeper)
        line.with_context(tbc_order_id=order.id).action_tbc_match_order()
        self.assertEqual((order.state, payment.state), ("done", "paid"))
        self.assertFalse(self.reasons(payment))
        with self.assertRaisesRegex(UserError, "can't be closed"):
            self.close(order)

    def test_closing_no_orders_is_refused(self):
        orders = self.in_doubt(self.pay())
        with self.assertRaisesRegex(UserError, "None of these"):
            self.close(orders - orders)

    def test_the_bank_must_answer(self):
        order = self.in_doubt(self.pay())
        self.next_day()
        self.refresh()
        self.bank.add_fault("html500", on="find_single", times=9)
        with self.assertRaises(UserError):
            self.close(order)
        self.assertEqual(order.state, "unknown")

    # --- a batch ----------------------------------------------------------------------

    def batch_in_doubt(self, fault="drop"):
        payments = self.pay_many([1.0, 2.0, 3.0, 4.0])
        queue_payments(payments, batch_name="June")
        orders = self.in_doubt(payments, fault, "import_batch")
        self.next_day()
        self.refresh()
        return payments, orders

    def test_one_payee_does_not_hold_the_batch(self):
        payments, orders = self.batch_in_doubt()
        batch = orders.batch_id
        self.close(orders[1])
        self.assertEqual(payments[1].state, "rejected")
        self.assertEqual(set((orders - orders[1]).mapped("state")), {"unknown"})
        batch.with_user(self.bookkeeper).action_queue_again()
        rest = payments - payments[1]
        self.initiate(rest)
        self.submit()
        self.assertOneOfEach(orders - orders[1])
        self.assertEqual(self.bank.requests_to("import_batch")[-1].status, 200)
        self.look()
        self.assertFalse(orders[1].turned_up_at)

    def test_the_whole_batch(self):
        payments, orders = self.batch_in_doubt()
        self.close(orders.batch_id)
        self.assertEqual(set(orders.mapped("state")), {"cancelled"})
        self.assertEqual(set(payments.mapped("state")), {"rejected"})
        self.assertEqual(orders.batch_id.state, "failed")

    def test_a_batch_that_the_bank_had_all_along(self):
        """The rest is sent again with the batch's ID: nothing is taken twice, each order
        finds itself, and the closed one is told of."""
        payments, orders = self.batch_in_doubt("drop_after_accept")
        self.close(orders[1])
        rest = orders - orders[1]
        orders.batch_id.with_user(self.bookkeeper).action_queue_again()
        self.initiate(payments - payments[1])
        self.submit()
        self.bank.clear_faults()
        self.refresh()
        self.assertOneOfEach(orders)
        by_id = {
            str(order.transfer_id): order.external_id
            for order in self.bank.transfers.orders
        }
        for order in rest:
            self.assertEqual(order.state, "to_sign")
            self.assertEqual(by_id[order.bank_transfer_id], order.external_id)
        self.look()
        self.assertTrue(orders[1].turned_up_at)
        self.assertEqual(by_id[orders[1].bank_transfer_id], orders[1].external_id)

    # --- it turns up ------------------------------------------------------------------

    def reasons(self, record):
        return record.sudo().activity_ids.mapped("tbc_reason")

    def test_it_turns_up(self):
        bill, payment, order = self.closed("drop_after_accept")
        self.look()
        self.assertFalse(order.turned_up_at)
        self.bank.clear_faults()
        self.look()
        self.assertIn(TURNED_UP, self.reasons(payment))
        self.assertIn(TURNED_UP, self.reasons(order))
        self.assertEqual(order.activity_ids.user_id, self.director)
        for record in (order, payment, bill):
            self.assertIn("after all", record.sudo().message_ids[0].body)
            self.assertIn("Waiting for certification", record.message_ids[0].body)
        told = len(order.message_ids)
        self.look()
        self.assertEqual(len(order.message_ids), told)
        self.assertEqual(self.reasons(payment).count(TURNED_UP), 1)
        # Nobody signs it: it is rejected there, and all is well.
        self.bank.reject()
        self.look()
        self.assertNotIn(TURNED_UP, self.reasons(payment))
        self.assertFalse(self.reasons(order))

    def test_it_turns_up_with_the_word_that_it_had_before(self):
        """The bank had it, forgot it, and has it again, where it was."""
        _bill, payment, order = self.closed("drop_after_accept")
        order.bank_status = "Waiting for certification"
        self.bank.clear_faults()
        for _time in range(2):
            self.look()
            self.assertTrue(order.turned_up_at)
            self.assertEqual(self.reasons(payment).count(TURNED_UP), 1)

    def test_it_turns_up_while_another_waits(self):
        bill, _payment, _order = self.closed("drop_after_accept")
        other = self.register(bill)
        other.action_tbc_queue()
        self.initiate(other)
        self.bank.clear_faults()
        self.look()
        posts = self.posts()
        self.submit()
        self.assertEqual(self.posts(), posts)
        self.assertIn("turned up", self.order(other).problem)
        self.bank.reject()
        self.look()
        self.initiate(other)
        self.submit()
        self.assertEqual(self.posts(), posts + 1)

    def test_it_turns_up_and_is_executed(self):
        _bill, payment, order = self.closed("drop_after_accept")
        self.bank.clear_faults()
        self.look()
        self.bank.in_progress_questions = 0
        self.bank.sign()
        self.sync(self.account)
        self.look()
        self.assertIn("may be paid twice", order.problem)
        self.assertIn(TURNED_UP, self.reasons(payment))

    def test_the_look_does_not_end_with_an_error(self):
        _bill, _payment, order = self.closed("drop_after_accept")
        self.bank.clear_faults()
        self.bank.add_fault("html500", on="find_single", times=9)
        self.look()
        self.assertFalse(order.turned_up_at)
        self.assertTrue(order.look_at)
        self.bank.clear_faults()
        self.run_cron("ir_cron_refresh_status")
        self.assertFalse(order.turned_up_at)
        self.next_day()
        self.run_cron("ir_cron_refresh_status")
        self.assertTrue(order.turned_up_at)

    def test_a_movement_that_may_be_it(self):
        bill, payment, order = self.closed()
        partner = {"accountIban": order.credit_account, "partnerName": "Vendor LLC"}
        stranger = {**partner, "accountIban": "GE12TB7189885380696572"}
        self.add("-100.00", "2026-07-01", partnerAccountInfo=stranger)
        self.add("-99.00", "2026-07-01", partnerAccountInfo=partner)
        self.sync(self.account)
        self.look()
        self.assertNotIn(TURNED_UP, self.reasons(payment))
        self.add("-100.00", "2026-07-01", partnerAccountInfo=partner, paymentId="77")
        self.sync(self.account)
        for _time in range(2):
            self.look()
            self.assertEqual(self.reasons(payment).count(TURNED_UP), 1)
            self.assertEqual(self.reasons(order), [TURNED_UP])
        self.assertIn("may be this transfer", bill.message_ids[0].body)
        line = order.look_alike_id
        _liquidity, suspense, _other = line._seek_for_lines()
        suspense.account_id = self.company.transfer_account_id
        self.look()
        self.assertNotIn(TURNED_UP, self.reasons(payment))

    def test_a_movement_without_an_id_that_may_be_it(self):
        _bill, payment, order = self.closed()
        self.pay_many([7.0]).action_tbc_queue()
        partner = {"accountIban": order.credit_account}
        self.add("-100.00", "2026-07-01", partnerAccountInfo=partner)
        self.sync(self.account)
        self.look()
        self.assertIn(TURNED_UP, self.reasons(payment))

    def test_what_was_paid_again_is_no_alarm(self):
        _bill, payment, order = self.closed()
        payment.action_tbc_pay_again()
        fresh = payment.tbc_paid_again_id
        self.initiate(fresh)
        self.submit()
        self.refresh()
        self.bank.in_progress_questions = 0
        self.bank.sign()
        self.sync(self.account)
        self.look()
        self.assertFalse(order.look_alike_id)
        self.assertFalse(self.reasons(payment))
