"""Money leaves once: what happens around the POST."""

import contextlib
import time
from datetime import timedelta
from unittest.mock import patch

import requests
from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..services.transfers import answers, send
from ..services.transfers.answers import doubt
from ..services.transfers.initiate import initiate
from ..services.transfers.prepare import queue_payments
from ..services.transfers.send import mark_sending, send_marked
from .transfer_common import TransferCase, identity

# Before Odoo's tests put their own in its place.
SEND = requests.Session.send


@tagged("post_install", "-at_install")
class TestTransferSend(TransferCase):
    begins_with_a_payment = True
    notes_changes = False

    # --- the answer is lost -----------------------------------------------------------

    def test_lost_answer_and_the_bank_had_accepted(self):
        for fault, options in (
            ("drop_after_accept", {}),
            ("html500_after_accept", {}),
            ("truncated", {}),
        ):
            with self.subTest(fault):
                self.bank.add_fault(fault, on="import_single", **options)
                payment = self.pay()
                order = self.send(payment)
                self.assertEqual(order.state, "unknown")
                self.assertIn("nobody knows", order.problem)
                self.refresh()
                self.assertEqual(order.state, "to_sign")
                self.assertTrue(order.bank_transfer_id)
                self.assertFalse(order.problem)
        self.assertEqual(self.posts(), 3)
        self.assertOneOfEach(self.env["tbc.transfer"].search([]))

    @contextlib.contextmanager
    def impatient(self):
        """The client waits a moment for an answer; in Odoo's tests it is ten seconds."""
        with (
            patch.dict("os.environ", {"TBC_BIS_TIMEOUT": "0.3"}),
            patch.object(requests.Session, "send", SEND),
        ):
            begun = time.monotonic()
            yield
        self.assertLess(time.monotonic() - begun, 30, "it was the bank that gave up")

    def test_time_out_and_the_bank_had_accepted(self):
        with self.impatient():
            self.bank.add_fault("timeout_after_accept", on="import_single", seconds=60)
            order = self.send(self.pay())
        self.assertEqual(order.state, "unknown")
        self.refresh()
        self.assertEqual(order.state, "to_sign")
        self.assertOneOfEach(order)

    def test_time_out_and_the_bank_had_not(self):
        with self.impatient():
            self.bank.add_fault("timeout", on="import_single", seconds=60)
            payment = self.pay()
            order = self.send(payment)
        self.assertEqual(order.state, "unknown")
        with self.assertRaisesRegex(UserError, "Press Ask the Bank first"):
            order.with_user(self.bookkeeper).action_queue_again()
        self.refresh()
        self.assertEqual(order.state, "unknown")
        self.assertTrue(order.is_missing_at_bank)
        self.assertIn("does not know this transfer", order.problem)
        self.assertEqual(payment.activity_ids.user_id, self.bookkeeper)
        self.submit()
        self.assertEqual(self.posts(), 1)
        external_id = order.external_id
        order.with_user(self.bookkeeper).action_queue_again()
        self.submit()
        self.assertEqual(self.posts(), 1)
        self.initiate(payment)
        self.submit()
        self.assertEqual(order.state, "submitted")
        self.assertEqual(order.external_id, external_id)
        self.assertEqual(self.posts(), 2)
        self.assertOneOfEach(order)

    def test_found_late(self):
        self.bank.add_fault("drop_after_accept", on="import_single")
        order = self.send(self.pay())
        self.bank.add_fault("lookup_late", on="find_single", times=2)
        for _time in range(2):
            self.refresh()
            self.assertEqual(order.state, "unknown")
            self.assertTrue(order.is_missing_at_bank)
        self.refresh()
        self.assertEqual(order.state, "to_sign")
        self.assertOneOfEach(order)

    def test_queued_again_although_the_bank_had_it(self):
        """The look-up was late, a person queues again: the ID keeps it single."""
        self.bank.add_fault("drop_after_accept", on="import_single")
        payment = self.pay()
        order = self.send(payment)
        self.bank.add_fault("lookup_late", on="find_single")
        self.refresh()
        order.with_user(self.bookkeeper).action_queue_again()
        self.initiate(payment)
        self.submit()
        self.assertEqual(order.state, "unknown")
        self.assertIn("has this ID already", order.problem)
        self.refresh()
        self.assertEqual(order.state, "to_sign")
        self.assertOneOfEach(order)

    def test_duplicate(self):
        self.bank.add_fault("duplicate", on="import_single")
        order = self.send(self.pay())
        self.assertEqual(order.state, "unknown")
        self.submit()
        self.assertEqual(self.posts(), 1)
        self.refresh()
        self.assertTrue(order.is_missing_at_bank)
        self.assertEqual(order.state, "unknown")

    def test_what_was_once_sent_can_not_be_let_go(self):
        """Queued again and withdrawn, it is as unknown as before; nothing frees it."""
        self.bank.add_fault("drop", on="import_single")
        payment = self.pay()
        order = self.send(payment)
        self.refresh()
        order.with_user(self.bookkeeper).action_queue_again()
        order.with_user(self.bookkeeper).action_withdraw()
        self.assertEqual(order.state, "unknown")
        for attempt in (
            payment.action_cancel,
            payment.action_draft,
            payment.action_reject,
            payment.move_id.button_draft,
            payment.move_id.button_cancel,
            payment.unlink,
            payment.action_tbc_queue,
            order.unlink,
        ):
            with self.subTest(attempt.__name__), self.assertRaises(UserError):
                attempt()
        with self.assertRaisesRegex(UserError, "can't be changed"):
            payment.amount = 1.0
        with self.assertRaisesRegex(UserError, "can't be changed"):
            order.amount = 1.0
        self.assertEqual(payment.state, "in_process")

    # --- the worker dies --------------------------------------------------------------

    def test_sending_left_by_a_dead_worker(self):
        payment = self.pay()
        payment.action_tbc_queue()
        self.initiate(payment)
        order = self.order(payment)
        mark_sending(order)
        self.assertEqual(order.state, "sending")
        self.submit()
        self.refresh()
        self.assertEqual(order.state, "sending")
        order.sent_at -= timedelta(minutes=3)
        self.submit()
        self.assertEqual(order.state, "unknown")
        self.assertIn("server stopped", order.problem)
        self.assertFalse(self.posts())
        self.refresh()
        self.assertTrue(order.is_missing_at_bank)

    def test_declared_dead_while_it_was_not(self):
        """The one that comes back finds the order taken, and sends nothing."""
        payment = self.pay()
        payment.action_tbc_queue()
        self.initiate(payment)
        order = self.order(payment)
        taken = mark_sending(order)
        doubt(order, "another worker thinks that this one is dead")
        send_marked(taken)
        self.assertFalse(self.posts())
        self.assertEqual(order.state, "unknown")

    @mute_logger("odoo.addons.base.models.ir_cron")
    def test_odoo_fails_while_it_takes_the_answer(self):
        """The bank has the order; what goes wrong after that makes it unknown."""
        payment = self.pay()
        payment.action_tbc_queue()
        self.initiate(payment)
        order = self.order(payment)
        taken = mark_sending(order)
        with (
            patch.object(answers, "accept", side_effect=UserError("no room")),
            self.assertRaises(UserError),
        ):
            send_marked(taken)
        self.assertEqual(order.state, "sending")
        order.sent_at -= timedelta(minutes=3)
        self.refresh()
        self.refresh()
        self.assertEqual(order.state, "to_sign")
        self.assertOneOfEach(order)

    # --- surely not sent --------------------------------------------------------------

    def test_unreachable_and_busy_wait(self):
        for fault, words in (("429", "fewer requests"), ("off", "can't be reached")):
            with self.subTest(fault):
                payment = self.pay()
                payment.action_tbc_queue()
                self.initiate(payment)
                if fault == "off":
                    self.bank.stop()
                else:
                    self.bank.add_fault("429", on="import_single", retry_after=60)
                self.submit()
                order = self.order(payment)
                self.assertEqual(order.state, "queued")
                self.assertTrue(order.initiated_at)
                self.assertFalse(order.sent_at)
                self.assertIn(words, order.problem)
                self.assertTrue(self.integration.not_before)
                if fault == "off":
                    self.bank.start()
                    self.startPatcher(
                        patch.dict("os.environ", {"TBC_BIS_SANDBOX_URL": self.bank.url})
                    )
                before = self.posts()
                self.submit()
                self.assertEqual(self.posts(), before)
                self.integration.not_before = False
                self.submit()
                self.assertEqual(order.state, "submitted")
                self.assertFalse(order.problem)
        self.assertOneOfEach(self.env["tbc.transfer"].search([]))

    def test_token_trouble_sends_nothing(self):
        payments = self.pay_many([10.0, 20.0, 30.0])
        for fault, payment in zip(("drop", "html500", "empty"), payments, strict=True):
            with self.subTest(fault):
                payment.action_tbc_queue()
                self.initiate(payment)
                self.bank.add_fault(fault, on="token", times=9)
                self.submit()
                self.bank.clear_faults()
                order = self.order(payment)
                self.assertEqual(order.state, "queued")
                self.assertFalse(self.posts())
                order.with_user(self.bookkeeper).action_withdraw()
                self.integration.not_before = False

    # --- nothing goes any more --------------------------------------------------------

    def assertHeldBack(self, payments, words):
        """Nothing was sent; each order is queued, not initiated, and says why."""
        self.submit()
        self.assertFalse(self.posts())
        for order in self.orders(payments):
            self.assertEqual(order.state, "queued")
            self.assertFalse(order.initiated_at)
            self.assertFalse(order.sent_at)
            self.assertIn(words, order.problem)
            self.assertIn(words, order.message_ids[0].body)

    def initiated(self, count=2):
        """That many payments, queued and initiated."""
        payments = self.pay_many([10.0 + number for number in range(count)])
        payments.action_tbc_queue()
        self.initiate(payments)
        return payments

    def test_integration_user_archived(self):
        payments = self.initiated()
        self.director.active = False
        self.assertHeldBack(payments, "not an active internal user")

    def test_integration_user_replaced(self):
        payments = self.initiated()
        self.integration.user_id = self.administrator
        self.integration.with_user(self.administrator).set_credentials(
            "fake-client-id", "fake-client-secret"
        )
        self.integration.with_user(self.administrator).action_test_connection()
        self.assertHeldBack(payments, "is not the integration user any more")

    def test_permission_taken_in_odoo(self):
        payments = self.initiated()
        self.integration.can_initiate_transfers = False
        self.assertHeldBack(payments, "may not initiate transfers")

    def test_permission_taken_at_the_bank(self):
        payments = self.initiated()
        self.bank.permissions = {"statements"}
        self.submit()
        self.assertEqual(self.integration.state, "paused")
        for order in self.orders(payments):
            self.assertEqual(order.state, "queued")
            self.assertFalse(order.initiated_at)
            self.assertIn("Not sent", order.problem)
        self.assertFalse(self.bank.transfers.orders)

    def test_integration_paused(self):
        payments = self.initiated()
        self.integration.with_user(self.director).action_pause()
        self.assertHeldBack(payments, "Paused by")

    def test_credentials_erased(self):
        payments = self.initiated()
        self.integration.credential_ids.sudo().unlink()
        self.assertHeldBack(payments, "no Client ID and Secret")

    def test_restored_copy(self):
        payments = self.initiated()
        self.env["ir.config_parameter"].set_param("database.uuid", "a copy's own")
        self.assertHeldBack(payments, "does not fit this transfer or this database")

    def test_neutralised_copy(self):
        payments = self.initiated()
        self.integration.environment = "sandbox"
        self.env["ir.config_parameter"].set_param("database.is_neutralized", "True")
        self.env.cr.execute("UPDATE tbc_integration SET environment = 'production'")
        self.integration.invalidate_recordset()
        self.assertHeldBack(payments, "neutralised copy")

    def test_initiated_by_hand_in_the_database(self):
        """Whoever writes the initiation in moves nothing."""
        payment = self.pay()
        payment.action_tbc_queue()
        self.order(payment).write(
            {
                "initiated_by_id": self.director.id,
                "initiated_at": "2026-06-30 08:00:00",
                "initiation_seal": "gAAAAA",
            }
        )
        self.assertHeldBack(payment, "does not fit this transfer or this database")

    def test_a_seal_of_another_order_does_not_fit(self):
        first, second = self.initiated()
        orders = self.orders(first + second)
        orders[1].initiation_seal = orders[0].initiation_seal
        self.submit()
        self.assertEqual(orders.mapped("state"), ["submitted", "queued"])
        self.assertOneOfEach(orders[0])

    def test_payment_cancelled_between(self):
        payments = self.initiated()
        payments[0].action_cancel()
        orders = self.orders(payments)
        self.assertEqual(orders[0].state, "cancelled")
        self.submit()
        self.assertOneOfEach(orders[1])

    def test_trust_taken_between(self):
        payments = self.initiated()
        self.vendor.bank_ids.allow_out_payment = False
        self.assertHeldBack(payments, "is not trusted any more")

    # --- order by order ---------------------------------------------------------------

    def test_ten_with_three_failed(self):
        payments = self.pay_many([float(10 + number) for number in range(10)])
        self.bank.add_fault("partial", on="import_single", positions=[2, 5, 9])
        orders = self.send(payments)
        self.assertEqual(self.posts(), 1)
        refused = orders.filtered(lambda order: order.state == "refused")
        self.assertEqual(refused, orders[1] + orders[4] + orders[8])
        self.assertEqual((orders - refused).mapped("state"), ["submitted"] * 7)
        self.assertOneOfEach(orders - refused)
        self.assertEqual(set(refused.payment_id.mapped("state")), {"rejected"})
        self.assertTrue(all(refused.mapped("bank_reason_en")))

    def test_shuffled_answer(self):
        payments = self.pay_many([float(10 + number) for number in range(10)])
        self.bank.add_fault("shuffled", on="import_single")
        orders = self.send(payments)
        by_id = {str(o.transfer_id): o.external_id for o in self.bank.transfers.orders}
        for order in orders:
            self.assertEqual(by_id[order.bank_transfer_id], order.external_id)

    def test_an_answer_that_forgets_some(self):
        payments = self.pay_many([1.0, 2.0, 3.0])
        self.bank.add_fault("missing_position", on="import_single", positions=[2])
        orders = self.send(payments)
        self.assertEqual(orders.mapped("state"), ["submitted", "unknown", "submitted"])
        self.refresh()
        self.assertEqual(orders.mapped("state"), ["to_sign"] * 3)
        self.assertOneOfEach(orders)

    def test_other_shapes_of_the_answer(self):
        for fault in ("variant_b", "variant_c", "null_lists"):
            with self.subTest(fault):
                self.bank.add_fault(fault, on="import_single")
                self.assertEqual(self.send(self.pay()).state, "submitted")
        self.assertOneOfEach(self.env["tbc.transfer"].search([]))

    def test_a_refused_request_is_taken_apart(self):
        """The bank refuses ten because of one: nine go, one is refused."""
        payments = self.pay_many([1.0, 2.0, 3.0])
        self.bank.add_fault("VALIDATION_ERROR", on="import_single")
        orders = self.send(payments)
        self.assertEqual(orders.mapped("state"), ["queued"] * 3)
        self.assertTrue(all(orders.mapped("initiated_at")))
        self.bank.add_fault("VALIDATION_ERROR", on="import_single")
        self.submit()
        self.assertEqual(orders.mapped("state"), ["refused", "submitted", "submitted"])
        self.assertOneOfEach(orders[1:])
        self.assertEqual(self.posts(), 4)

    # --- twice ------------------------------------------------------------------------

    def test_submitted_twice(self):
        orders = self.orders(self.initiated(3))
        self.submit()
        self.submit()
        self.assertEqual(self.posts(), 1)
        self.assertOneOfEach(orders)

    def test_double_click_on_queue(self):
        payment = self.pay()
        payment.action_tbc_queue()
        with self.assertRaisesRegex(UserError, "has a transfer already"):
            payment.action_tbc_queue()
        self.assertEqual(len(payment.sudo().tbc_transfer_ids), 1)

    @mute_logger("odoo.sql_db")
    def test_the_database_forbids_two_live_orders(self):
        payment = self.pay()
        payment.action_tbc_queue()
        order = self.order(payment)
        with self.assertRaises(UniqueViolation), self.cr.savepoint():
            order.copy()
            self.env.flush_all()

    def test_initiated_twice(self):
        payments = self.pay_many([1.0, 2.0])
        payments.action_tbc_queue()
        self.initiate(payments)
        with self.assertRaisesRegex(UserError, "None of these transfers waits"):
            self.initiate(payments)
        self.submit()
        self.assertEqual(self.posts(), 1)

    def test_only_the_integration_user_in_person(self):
        payment = self.pay()
        payment.action_tbc_queue()
        for user in (self.bookkeeper, self.administrator, self.env.user):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.initiate(payment, user)
        orders = self.order(payment).with_user(self.director)
        with self.assertRaises(AccessError):
            initiate(orders)
        with identity(self.administrator), self.assertRaises(AccessError):
            initiate(orders)
        with (
            identity(self.director, seconds_ago=3600),
            self.assertRaises(AccessError),
        ):
            initiate(orders)
        self.submit()
        self.assertFalse(self.posts())

    # --- batches ----------------------------------------------------------------------

    def make_batch(self, amounts):
        """Payments queued and initiated as one batch."""
        payments = self.pay_many(amounts)
        queue_payments(payments, batch_name="June salaries")
        self.initiate(payments)
        return payments

    def test_batch(self):
        payments = self.make_batch([100.0, 200.0, 300.0])
        orders = self.orders(payments)
        batch = orders.batch_id
        self.assertEqual((batch.state, batch.amount), ("queued", 600.0))
        self.submit()
        self.assertEqual((self.posts(), batch.state), (1, "submitted"))
        self.assertTrue(batch.bank_batch_id)
        self.refresh()
        self.assertEqual(batch.state, "to_sign")
        self.assertTrue(all(orders.mapped("bank_transfer_id")))
        self.bank.sign()
        self.refresh()
        self.refresh()
        self.assertEqual(batch.state, "done")
        self.assertEqual(batch.summary, "3 executed")
        self.sync(self.account)
        self.assertEqual(set(payments.mapped("state")), {"paid"})

    def test_batch_whose_answer_is_lost(self):
        [payment] = self.pay_many([12.34])
        payments = self.copy_payment(payment, 49)
        queue_payments(payments, batch_name="June salaries")
        self.initiate(payments)
        self.bank.add_fault("drop_after_accept", on="import_batch")
        self.submit()
        orders = self.orders(payments)
        batch = orders.batch_id
        self.assertEqual((batch.state, self.posts()), ("unknown", 1))
        self.assertEqual(batch.summary, "50 being checked with the bank")
        self.refresh()
        self.assertEqual(batch.state, "to_sign")
        self.assertOneOfEach(orders)
        self.assertEqual(self.posts(), 1)

    def test_batch_that_the_bank_did_not_get(self):
        payments = self.make_batch([1.0, 2.0])
        self.bank.add_fault("drop", on="import_batch")
        self.submit()
        self.refresh()
        orders = self.orders(payments)
        batch = orders.batch_id
        self.assertEqual(batch.state, "unknown")
        with self.assertRaisesRegex(UserError, "as a whole"):
            orders[0].with_user(self.bookkeeper).action_queue_again()
        batch.with_user(self.bookkeeper).action_queue_again()
        with self.assertRaisesRegex(UserError, "go together"):
            self.initiate(payments[0])
        self.initiate(payments)
        self.submit()
        self.assertEqual(batch.state, "submitted")
        self.assertOneOfEach(orders)

    def test_batch_partly_executed(self):
        blocked = self.make_vendor("Blocked LLC", "GE12TB7189885380696572")
        self.bank.block_account("GE12TB7189885380696572", at="execution")
        payments = self.pay_many([10.0] * 4) + self.pay_many([1.0], blocked)
        queue_payments(payments, batch_name="June")
        self.initiate(payments)
        self.submit()
        self.refresh()
        self.bank.sign()
        self.refresh()
        self.refresh()
        batch = self.orders(payments).batch_id
        self.assertEqual(batch.state, "partial")
        self.assertEqual(batch.summary, "4 executed, 1 failed")
        self.assertEqual(batch.closed_ids.payment_id, payments[-1])
        self.assertEqual(payments[-1].state, "rejected")

    def test_refused_batch(self):
        payments = self.make_batch([1.0, 2.0])
        self.bank.add_fault("VALIDATION_ERROR", on="import_batch")
        self.submit()
        self.assertEqual(set(self.orders(payments).mapped("state")), {"refused"})
        self.assertEqual(set(payments.mapped("state")), {"rejected"})
        self.assertEqual(self.orders(payments).batch_id.state, "failed")
        self.assertFalse(self.bank.transfers.orders)

    def test_batch_waits_for_all_its_orders(self):
        other = self.make_vendor("Other LLC", "GE12TB7189885380696572")
        payments = self.pay_many([1.0]) + self.pay_many([2.0], other)
        queue_payments(payments, batch_name="June")
        self.initiate(payments)
        other.bank_ids.allow_out_payment = False
        self.submit()
        self.assertFalse(self.posts())
        orders = self.orders(payments)
        self.assertIn("another transfer in it", orders[0].problem)
        self.assertIn("not trusted", orders[1].problem)
        orders[1].with_user(self.bookkeeper).action_withdraw()
        self.initiate(payments[0])
        self.submit()
        self.assertOneOfEach(orders[0])

    def test_more_than_ten_go_in_tens(self):
        with patch.object(send, "MOST_SINGLE_ORDERS", 2):
            payments = self.initiated(5)
            self.submit()
        self.assertEqual(self.posts(), 3)
        self.assertOneOfEach(self.orders(payments))
        self.assertEqual(send.MOST_SINGLE_ORDERS, 10)
