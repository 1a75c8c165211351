"""Activities: one for each reason, and each goes when its reason goes."""

from datetime import timedelta

from odoo.tests import tagged

from ..services import calls
from ..services.calls import (
    CAME_BACK,
    CREDENTIALS,
    MISMATCH,
    NOT_ARRIVED,
    NOT_MADE,
    PAUSED,
    TO_INITIATE,
    TO_SIGN,
    UNFOLLOWED,
    UNREADABLE,
)
from ..services.transfers.prepare import queue_payments
from .common import NOON
from .transfer_common import TransferCase


@tagged("post_install", "-at_install")
class TestCalls(TransferCase):
    begins_with_a_payment = True
    notes_changes = False

    def test_every_reason_has_a_check(self):
        """Without one, its calls would end as soon as anybody looks at them."""
        reasons = {one for own in calls.REASONS.values() for one in own}
        self.assertEqual(reasons, set(calls._CHECKS))

    def reasons(self, *records):
        """Why people are called to these records now."""
        activities = self.env["mail.activity"]
        for record in records:
            activities |= record.sudo().activity_ids
        return sorted(activities.mapped("tbc_reason"))

    def in_doubt(self, payments):
        """Sent without an answer; the bank does not know them when it is asked."""
        self.bank.add_fault("drop", on="import_single")
        orders = self.send(payments)
        self.refresh()
        return orders

    def rejected(self):
        bill = self.make_bill()
        payment = self.register(bill)
        self.send(payment)
        self.refresh()
        self.bank.reject()
        self.refresh()
        self.assertEqual(self.reasons(payment), [NOT_MADE])
        return bill, payment

    # --- an order ---------------------------------------------------------------------

    def test_did_not_arrive_then_found_signed_and_paid(self):
        payment = self.pay()
        self.bank.add_fault("drop_after_accept", on="import_single")
        self.bank.add_fault("lookup_late", on="find_single")
        order = self.send(payment)
        self.refresh()
        self.assertEqual(self.reasons(payment, order), [NOT_ARRIVED])
        self.refresh()
        self.assertEqual(order.state, "to_sign")
        self.assertFalse(payment.activity_ids)

    def test_did_not_arrive_and_queued_again(self):
        payment = self.pay()
        order = self.in_doubt(payment)
        for _time in range(3):
            self.assertEqual(self.reasons(payment, order), [NOT_ARRIVED])
            order.with_user(self.bookkeeper).action_queue_again()
            self.assertFalse(payment.activity_ids)
            self.bank.add_fault("VALIDATION_ERROR", on="import_single")
            self.initiate(payment)
            self.submit()
            self.refresh()
        self.assertEqual(self.reasons(payment, order), [NOT_ARRIVED])

    def test_a_batch_that_did_not_arrive_calls_once(self):
        payments = self.pay_many([1.0, 2.0, 3.0])
        queue_payments(payments, batch_name="June")
        self.initiate(payments)
        self.bank.add_fault("drop", on="import_batch")
        self.submit()
        self.refresh()
        self.refresh()
        batch = self.orders(payments).batch_id
        self.assertEqual(self.reasons(batch, *payments), [NOT_ARRIVED])
        self.assertEqual(batch.activity_ids.user_id, self.bookkeeper)
        batch.with_user(self.bookkeeper).action_queue_again()
        self.assertFalse(self.reasons(batch, *payments))

    def test_cannot_be_followed_then_followed(self):
        payment = self.pay()
        self.bank.add_fault("drop_after_accept", on="import_single")
        order = self.send(payment)
        order.sent_at = "2026-06-30 04:00:00"
        self.bank.add_fault("DomainError", on="find_single", times=2)
        self.refresh()
        self.refresh()
        self.assertEqual(self.reasons(payment, order), [UNFOLLOWED])
        self.refresh()
        self.assertEqual(order.state, "to_sign")
        self.assertFalse(payment.activity_ids)

    def test_cannot_be_followed_then_not_there(self):
        payment = self.pay()
        self.bank.add_fault("drop", on="import_single")
        order = self.send(payment)
        order.sent_at = "2026-06-30 04:00:00"
        self.bank.add_fault("DomainError", on="find_single")
        self.refresh()
        self.assertEqual(self.reasons(payment, order), [UNFOLLOWED])
        self.refresh()
        self.assertEqual(self.reasons(payment, order), [NOT_ARRIVED])

    def test_not_made_then_paid_again(self):
        _bill, payment = self.rejected()
        payment.action_tbc_pay_again()
        self.assertFalse(payment.activity_ids)

    def test_not_made_then_paid_in_cash(self):
        bill, payment = self.rejected()
        till = self.env["account.journal"].create(
            {"name": "Till", "type": "cash", "code": "TILL"}
        )
        self.refresh()
        self.assertEqual(self.reasons(payment), [NOT_MADE])
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=bill.ids
        ).create({"journal_id": till.id}).action_create_payments()
        self.refresh()
        self.assertFalse(payment.activity_ids)

    def test_not_made_then_cancelled(self):
        _bill, payment = self.rejected()
        payment.action_draft()
        self.assertFalse(payment.activity_ids)

    def test_needs_a_look_then_matched_by_hand(self):
        payment = self.pay(100.0)
        order = self.send(payment)
        self.refresh()
        self.add("-99.00", "2026-06-30", paymentId=order.bank_transfer_id)
        self.sync(self.account)
        self.sync(self.account)
        self.assertEqual(self.reasons(payment, order), [MISMATCH])
        line = self.lines(self.account)
        _liquidity, suspense, _other = line._seek_for_lines()
        suspense.account_id = self.company.transfer_account_id
        self.env.invalidate_all()
        self.refresh()
        self.assertEqual(self.reasons(payment, order), [MISMATCH])
        self.pay_with(payment)
        self.refresh()
        self.assertFalse(payment.activity_ids)

    def pay_with(self, payment):
        """Match the payment with an entry by hand."""
        waiting, _counterpart, _rest = payment.sudo()._seek_for_lines()
        entry = self.env["account.move"].create(
            {
                "line_ids": [
                    (0, 0, {"account_id": account.id, "balance": balance})
                    for account, balance in (
                        (waiting.account_id, 100.0),
                        (self.company.transfer_account_id, -100.0),
                    )
                ]
            }
        )
        entry.action_post()
        items = entry.line_ids.filtered("debit") + waiting
        items.with_user(self.env.user).reconcile()

    def test_needs_a_look_then_matched_by_itself(self):
        payment = self.pay(100.0)
        order = self.send(payment)
        self.refresh()
        account = payment.outstanding_account_id.sudo()
        account.reconcile = False
        self.add("-100.00", "2026-06-30", paymentId=order.bank_transfer_id)
        self.sync(self.account)
        self.assertEqual(self.reasons(payment), [MISMATCH])
        account.reconcile = True
        self.sync(self.account)
        self.assertEqual(payment.state, "paid")
        self.assertFalse(payment.activity_ids)

    def test_two_reasons_end_by_themselves(self):
        """Not made and paid again, but executed all the same: the alarm stays."""
        _bill, payment = self.rejected()
        order = self.order(payment)
        self.add("-100.00", "2026-06-30", paymentId=order.bank_transfer_id)
        self.sync(self.account)
        self.assertEqual(self.reasons(payment), [MISMATCH, NOT_MADE])
        payment.tbc_paid_again_id = self.pay()
        self.assertEqual(self.reasons(payment), [MISMATCH])
        self.assertIn("may be paid twice", payment.activity_ids.note)
        self.refresh()
        self.assertEqual(self.reasons(payment), [MISMATCH])

    def test_came_back_then_paid_again(self):
        bill = self.make_bill()
        payment = self.register(bill)
        order = self.send(payment)
        self.refresh()
        self.bank.in_progress_questions = 0
        self.bank.sign()
        self.sync(self.account)
        self.assertEqual(bill.payment_state, "paid")
        self.add("100.00", "2026-06-30", paymentId=order.bank_transfer_id)
        self.sync(self.account)
        self.match_accounts(self.account)
        self.assertEqual(bill.amount_residual, 100.0)
        self.refresh()
        self.assertEqual(self.reasons(payment), [CAME_BACK])
        self.register(bill)
        self.refresh()
        self.assertFalse(payment.activity_ids)

    def test_what_people_schedule_themselves_stays(self):
        payment = self.pay()
        mine = payment.sudo().activity_schedule(
            "account_tbc_bank.mail_activity_type_attention",
            user_id=self.bookkeeper.id,
            automated=False,
        )
        self.send(payment)
        self.refresh()
        self.assertEqual(payment.activity_ids, mine)

    def test_of_an_older_version(self):
        """Without a reason they stay as long as there is any."""
        payment = self.pay()
        self.in_doubt(payment)
        payment.sudo().activity_ids.tbc_reason = False
        self.refresh()
        self.assertEqual(len(payment.activity_ids), 1)
        self.order(payment).with_user(self.bookkeeper).action_queue_again()
        self.initiate(payment)
        self.submit()
        self.refresh()
        self.assertFalse(payment.activity_ids)

    # --- an account -------------------------------------------------------------------

    def test_to_initiate_then_cancelled(self):
        payment = self.pay()
        payment.action_tbc_queue()
        self.assertEqual(self.reasons(self.account), [TO_INITIATE])
        payment.action_cancel()
        self.refresh()
        self.assertFalse(self.account.activity_ids)

    def test_the_next_integration_user_is_called(self):
        payment = self.pay()
        payment.action_tbc_queue()
        self.integration.user_id = self.clerk
        self.assertEqual(self.account.activity_ids.user_id, self.clerk)
        second = self.env["tbc.integration"].create(
            {
                "name": "Second",
                "company_id": self.company.id,
                "environment": "sandbox",
                "user_id": self.director.id,
            }
        )
        self.assertEqual(self.reasons(second), [CREDENTIALS])
        second.user_id = self.clerk
        self.assertEqual(second.activity_ids.user_id, self.clerk)

    def test_to_sign_then_signed(self):
        self.send(self.pay())
        self.refresh()
        type(self).bank.now = NOON + timedelta(days=2, minutes=1)
        self.refresh()
        self.assertEqual(self.reasons(self.account), [TO_SIGN])
        self.integration.can_initiate_transfers = False
        self.bank.sign()
        self.refresh()
        self.assertFalse(self.account.activity_ids)

    def test_unreadable_then_read(self):
        for end in (
            lambda: self.sync(self.account),
            lambda: self.account.write({"active": False}),
        ):
            self.bank.add_fault("html500", on="movements", times=99)
            for _time in range(3):
                self.account.sync()
            self.assertEqual(self.reasons(self.account), [UNREADABLE])
            self.bank.clear_faults()
            self.refresh()
            self.assertEqual(self.reasons(self.account), [UNREADABLE])
            end()
            self.refresh()
            self.assertFalse(self.account.activity_ids)

    # --- an integration ---------------------------------------------------------------

    def test_paused_then_connected(self):
        self.integration.action_pause()
        self.integration.action_pause()
        self.assertEqual(self.reasons(self.integration), [PAUSED])
        self.refresh()
        self.assertEqual(self.reasons(self.integration), [PAUSED])
        self.integration.with_user(self.director).action_test_connection()
        self.assertFalse(self.integration.activity_ids)
