"""Orders that stand still: told after a few days, with the transaction that fits."""

from datetime import datetime, timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..services.calls import OVERDUE
from ..services.transfers.prepare import queue_payments
from .common import GEORGIA, NOON
from .transfer_common import TREASURY_CODE, TransferCase, identity

DAY = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestTransferOverdue(TransferCase):
    begins_with_a_payment = True
    notes_changes = False

    def after(self, days):
        type(self).bank.now = NOON + days * DAY
        self.refresh()

    def calls(self, *records):
        activities = self.env["mail.activity"]
        for record in records:
            activities |= record.sudo().activity_ids
        return activities.filtered(lambda one: one.tbc_reason == OVERDUE)

    def executed(self, payments):
        """Finished, says the bank, and books nothing."""
        orders = self.send(payments)
        self.bank.add_fault("unknown_status", on="single_status", word="Finished")
        self.refresh()
        self.assertEqual(set(orders.mapped("state")), {"done"})
        return orders

    def without_id(self, amount="-100.00", day="2026-06-30", **members):
        """A movement of the statement that does not say which transfer it is."""
        partner = {
            "accountIban": self.vendor.bank_ids.sanitized_acc_number,
            "partnerName": "Vendor LLC",
        }
        self.add(amount, day, **{"partnerAccountInfo": partner, **members})
        self.sync(self.account)
        return self.lines(self.account).sorted("id")[-1]

    # --- executed, and no movement ----------------------------------------------------

    def test_no_movement(self):
        payment = self.pay()
        order = self.executed(payment)
        self.after(2.9)
        self.assertFalse(self.calls(payment, order))
        self.after(3.1)
        activity = self.calls(payment, order)
        self.assertEqual(len(activity), 1)
        self.assertEqual(activity.user_id, self.bookkeeper)
        self.assertIn("executed this transfer", activity.note)
        self.assertIn("no transaction", order.overdue_note)
        told = len(order.message_ids)
        self.after(5)
        self.assertEqual(self.calls(payment, order), activity)
        self.assertEqual(len(order.message_ids), told)
        activity.unlink()
        self.after(6)
        self.assertFalse(self.calls(payment, order))
        self.bank.in_progress_questions = 0
        self.bank.sign()
        self.sync(self.account)
        self.refresh()
        self.assertEqual(payment.state, "paid")
        self.assertFalse(order.overdue_reason)

    def test_the_setting(self):
        self.integration.overdue_days = 10
        payment = self.pay()
        self.executed(payment)
        self.after(9)
        self.assertFalse(self.calls(payment))
        self.after(11)
        self.assertTrue(self.calls(payment))
        self.integration.overdue_days = 20
        self.after(12)
        self.assertFalse(self.calls(payment))

    def test_a_movement_without_an_id(self):
        payment = self.pay()
        order = self.executed(payment)
        self.after(4)
        line = self.without_id()
        self.assertEqual(payment.state, "in_process")
        self.after(5)
        self.assertEqual(len(self.calls(payment, order)), 1)
        self.assertIn("one fits", self.calls(payment).note)
        self.assertEqual(order.with_user(self.bookkeeper).candidate_ids, line)
        as_bookkeeper = line.with_user(self.bookkeeper)
        as_bookkeeper.with_context(tbc_order_id=order.id).action_tbc_match_order()
        self.assertEqual(payment.state, "paid")
        self.assertEqual(payment.reconciled_statement_line_ids, line)
        self.assertIn("by tbc_bookkeeper", line.tbc_match_note)
        self.assertFalse(self.calls(payment, order))
        self.assertFalse(order.candidate_ids)
        with self.assertRaisesRegex(UserError, "does not fit"):
            as_bookkeeper.with_context(tbc_order_id=order.id).action_tbc_match_order()
        self.after(6)
        self.assertFalse(order.overdue_reason)

    def test_undone_it_stays_undone(self):
        """Whatever other order has no ID of the bank yet."""
        payment = self.pay()
        order = self.executed(payment)
        line = self.without_id()
        self.pay_many([7.0]).action_tbc_queue()
        line.with_context(tbc_order_id=order.id).action_tbc_match_order()
        line.action_undo_reconciliation()
        self.assertEqual(payment.state, "in_process")
        self.assertTrue(line.tbc_match_undone)
        line.with_context(tbc_order_id=order.id).action_tbc_match_order()
        self.assertEqual(payment.state, "paid")

    def test_it_is_not_matched_by_itself(self):
        payment = self.pay()
        self.executed(payment)
        line = self.without_id()
        self.after(8)
        self.sync(self.account)
        self.match_accounts(self.account)
        self.assertFalse(line.is_reconciled)
        line.action_tbc_match_again()
        self.match_accounts(self.account)
        self.assertFalse(line.is_reconciled)

    def test_what_does_not_fit(self):
        vendor = self.vendor.bank_ids.sanitized_acc_number
        payment = self.pay()
        order = self.executed(payment)
        self.without_id("-99.99")
        self.without_id("100.00")
        self.without_id(day="2026-06-29")
        self.without_id(paymentId="123456")
        self.without_id(parentExternalPaymentId=5)
        self.without_id(
            partnerAccountInfo={
                "accountIban": "GE12TB7189885380696572",
                "partnerName": "X",
            }
        )
        self.without_id(partnerAccountInfo={"partnerName": "Somebody Else"})
        self.assertFalse(order.candidate_ids)
        fits = self.without_id(partnerAccountInfo={"partnerName": "VENDOR, LLC."})
        fits |= self.without_id(
            partnerAccountInfo={"accountIban": f"{vendor[:4]} {vendor[4:]}"}
        )
        order.invalidate_recordset()
        self.assertEqual(order.candidate_ids, fits)

    def test_who_may_match(self):
        order = self.executed(self.pay())
        line = self.without_id()
        for user in (self.accountant, self.director):
            with self.subTest(user.login), self.assertRaises(AccessError):
                line.with_user(user).with_context(
                    tbc_order_id=order.id
                ).action_tbc_match_order()
        other = self.without_id("-55.00")
        with self.assertRaisesRegex(UserError, "does not fit"):
            other.with_user(self.bookkeeper).with_context(
                tbc_order_id=order.id
            ).action_tbc_match_order()
        self.assertFalse(line.is_reconciled)

    def test_a_tax(self):
        treasury = self.env["res.partner.bank"].search(
            [("acc_number", "=", TREASURY_CODE)]
        )
        treasury.allow_out_payment = True
        self.company.vat = "204999999"
        payment = self.pay_many([70.0], treasury.partner_id)
        order = self.executed(payment)
        self.without_id(
            "-70.00",
            partnerAccountInfo={"treasuryCode": "300773150", "partnerName": "T"},
        )
        line = self.without_id(
            "-70.00",
            partnerAccountInfo={"treasuryCode": TREASURY_CODE, "partnerName": "T"},
        )
        self.assertEqual(order.candidate_ids, line)

    # --- at the bank ------------------------------------------------------------------

    def test_a_word_that_nobody_knows(self):
        payment = self.pay()
        order = self.send(payment)
        self.refresh()
        self.bank.add_fault(
            "unknown_status", on="single_status", times=None, word="Held"
        )
        self.refresh()
        self.after(2)
        self.assertFalse(self.calls(payment, order))
        self.after(4)
        self.assertEqual(len(self.calls(payment, order)), 1)
        self.assertIn("“Held”", self.calls(payment).note)
        self.bank.clear_faults()
        self.after(5)
        self.assertEqual(order.bank_status, "Waiting for certification")
        self.assertFalse(self.calls(payment, order))

    def test_stuck_at_the_bank(self):
        payment = self.pay()
        self.bank.in_progress_questions = 99
        order = self.send(payment)
        self.refresh()
        self.bank.sign()
        self.refresh()
        self.assertEqual(order.state, "in_progress")
        self.after(4)
        self.assertEqual(len(self.calls(payment, order)), 1)
        self.assertIn("In progress", self.calls(payment).note)
        self.bank.fail(order.bank_transfer_id)
        self.after(5)
        self.assertEqual(payment.state, "rejected")
        self.assertFalse(self.calls(payment, order))

    def test_waiting_to_be_signed_has_its_own_reminder(self):
        payment = self.pay()
        order = self.send(payment)
        self.after(9)
        self.assertEqual(order.state, "to_sign")
        self.assertFalse(self.calls(payment, order))

    def test_a_batch_calls_once(self):
        payments = self.pay_many([1.0, 2.0, 3.0])
        queue_payments(payments, batch_name="June")
        self.initiate(payments)
        self.submit()
        self.refresh()
        self.bank.sign()
        self.refresh()
        self.refresh()
        batch = self.orders(payments).batch_id
        self.assertEqual(batch.state, "done")
        self.after(4)
        activity = self.calls(batch, *payments, *self.orders(payments))
        self.assertEqual(len(activity), 1)
        self.assertEqual(
            (activity.res_model, activity.user_id.login),
            (
                "tbc.transfer.batch",
                "tbc_bookkeeper",
            ),
        )
        for payment in payments:
            self.assertIn(payment.display_name, activity.note)
        self.sync(self.account)
        self.refresh()
        self.assertFalse(activity.exists())

    # --- before the bank --------------------------------------------------------------

    def test_initiated_and_not_sent(self):
        payment = self.pay()
        payment.action_tbc_queue()
        self.initiate(payment)
        self.bank.add_fault("429", on="token", retry_after=60, times=None)
        self.submit()
        self.after(4)
        self.assertEqual(len(self.calls(payment)), 1)
        self.bank.clear_faults()
        self.submit()
        self.after(4)
        self.assertFalse(self.calls(payment))

    def test_waiting_for_its_day_is_not_late(self):
        payment = self.pay_many([5.0])
        payment.sudo().date = "2026-07-20"
        payment.action_tbc_queue()
        review = self.order(payment).with_user(self.director).action_review()
        dialog = self.env[review["res_model"]].browse(review["res_id"])
        with identity(self.director):
            dialog.with_user(self.director).action_confirm_on_the_day()
        type(self).bank.now = datetime(2026, 7, 19, 12, tzinfo=GEORGIA)
        self.refresh()
        self.assertFalse(self.calls(payment))
        type(self).bank.now = datetime(2026, 7, 24, 12, tzinfo=GEORGIA)
        self.refresh()
        self.assertEqual(len(self.calls(payment)), 1)
