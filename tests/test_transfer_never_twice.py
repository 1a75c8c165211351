"""Ways to pay twice, or to forget, that a reader of the code found."""

from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..services.transfers import not_made
from ..services.transfers.prepare import queue, queue_payments
from .transfer_common import TransferCase


@tagged("post_install", "-at_install")
class TestTransferNeverTwice(TransferCase):
    begins_with_a_payment = True
    notes_changes = False

    def missing(self, payments, fault="drop", route="import_single"):
        """Sent, no answer, and the bank says that it does not know them."""
        self.bank.add_fault(fault, on=route)
        if "batch" not in route:
            payments.action_tbc_queue()
        self.initiate(payments)
        self.submit()
        if fault != "drop":
            self.bank.add_fault("lookup_late", on=route.replace("import", "find"))
        self.refresh()
        orders = self.orders(payments)
        self.assertEqual(set(orders.mapped("state")), {"unknown"})
        self.assertTrue(all(orders.mapped("is_missing_at_bank")))
        return orders

    def rejected(self, amount=100.0):
        bill = self.make_bill(amount)
        payment = self.register(bill)
        self.reject(payment)
        return bill, payment

    # --- in doubt ---------------------------------------------------------------------

    def test_refused_the_second_time_is_not_refused(self):
        """The bank has it from the first time, and looks for faults before doubles."""
        payment = self.pay()
        order = self.missing(payment, "drop_after_accept")
        order.with_user(self.bookkeeper).action_queue_again()
        self.bank.add_fault("VALIDATION_ERROR", on="import_single")
        self.initiate(payment)
        self.submit()
        self.assertEqual((order.state, payment.state), ("unknown", "in_process"))
        self.assertIn("may have it from the first time", order.problem)
        self.refresh()
        self.assertEqual(order.state, "to_sign")
        self.assertOneOfEach(order)

    def test_a_part_of_a_doubtful_batch_stays(self):
        payments = self.pay_many([1.0, 4.0, 4.0])
        queue_payments(payments, batch_name="June")
        orders = self.missing(payments, route="import_batch")
        batch = orders.batch_id
        batch.with_user(self.bookkeeper).action_queue_again()
        with self.assertRaisesRegex(UserError, "reset as a whole"):
            orders[1].with_user(self.bookkeeper).action_withdraw()
        self.initiate(payments)
        orders[1].write({"state": "unknown"})
        self.submit()
        self.assertFalse(self.bank.transfers.orders)
        self.assertIn("only together", orders[0].problem)

    def test_two_orders_with_one_id_of_the_bank(self):
        """Reported, and no read of the account stumbles over it."""
        payments = self.pay_many([5.0, 5.0])
        orders = self.send(payments)
        self.refresh()
        self.bank.in_progress_questions = 0
        self.bank.sign()
        orders[1].bank_transfer_id = orders[0].bank_transfer_id
        self.sync(self.account)
        self.assertEqual(set(payments.mapped("state")), {"in_process"})
        for order in orders:
            self.assertIn("same ID of the bank", order.problem)

    def test_not_again_with_another_client_id(self):
        payment = self.pay()
        order = self.missing(payment)
        self.bank.add_client("other-client", "other-secret")
        integration = self.integration.with_user(self.director)
        integration.set_credentials("other-client", "other-secret")
        integration.action_test_connection()
        with self.assertRaisesRegex(UserError, "another Client ID"):
            order.with_user(self.bookkeeper).action_queue_again()
        queue(order)
        self.initiate(payment)
        self.submit()
        self.assertEqual(self.posts(), 1)
        self.assertIn("another Client ID", order.problem)

    def test_a_look_up_that_fails_and_fails_calls_somebody(self):
        self.bank.add_fault("drop_after_accept", on="import_single")
        payment = self.pay()
        order = self.send(payment)
        self.bank.add_fault("DomainError", on="find_single", times=None)
        self.refresh()
        self.assertIn("does not answer for this transfer", order.problem)
        self.assertFalse(payment.activity_ids)
        order.sent_at = "2026-06-30 04:00:00"
        self.refresh()
        self.refresh()
        self.assertEqual(payment.activity_ids.user_id, self.bookkeeper)
        self.assertEqual(order.state, "unknown")

    # --- by hand ----------------------------------------------------------------------

    def test_no_button_frees_the_bill_of_a_sent_order(self):
        bill = self.make_bill()
        payment = self.register(bill)
        self.send(payment)
        self.refresh()
        entry = payment.move_id.with_user(self.env.user)
        for step in ("to_sign", "done"):
            self.assertEqual(self.order(payment).state, step)
            for attempt in (
                lambda: entry._reverse_moves(cancel=True),
                entry.button_draft,
                entry.button_cancel,
                payment.action_validate,
            ):
                with self.assertRaises(UserError):
                    attempt()
            self.bank.sign()
            self.refresh()
            self.refresh()
        self.assertEqual(bill.payment_state, "in_payment")
        self.sync(self.account)
        self.assertEqual(bill.payment_state, "paid")

    def test_archived_and_changed_are_held_back(self):
        other = self.make_vendor("Other LLC", "GE12TB7189885380696572")
        first, second = self.pay_many([1.0]), self.pay_many([2.0], other)
        payments = first + second
        payments.action_tbc_queue()
        self.initiate(payments)
        other.bank_ids.active = False
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_payment SET amount = 9 WHERE id = %s", [first.id]
        )
        self.env.invalidate_all()
        self.submit()
        self.assertFalse(self.posts())
        orders = self.orders(payments)
        self.assertIn("was changed after", orders[0].problem)
        self.assertIn("not trusted", orders[1].problem)
        # Whoever initiated them is called, although nobody else queued them.
        self.assertEqual(self.account.activity_ids.user_id, self.director)

    def test_a_bill_that_is_cancelled_is_not_paid(self):
        bill = self.make_bill()
        payment = self.register(bill)
        payment.action_tbc_queue()
        bill.button_draft()
        bill.button_cancel()
        with self.assertRaisesRegex(UserError, "not posted any more"):
            self.initiate(payment)
        self.order(payment).with_user(self.bookkeeper).action_withdraw()
        with self.assertRaisesRegex(UserError, "not posted any more"):
            payment.action_tbc_queue()
        bill, payment = self.rejected()
        bill.button_draft()
        bill.button_cancel()
        with self.assertRaisesRegex(UserError, "not posted any more"):
            payment.action_tbc_pay_again()

    def test_a_write_off_is_not_lost_by_paying_again(self):
        account = self.env["account.account"].search(
            [("account_type", "=", "income_other")], limit=1
        )
        bill = self.make_bill()
        payment = self.register(
            bill,
            amount=95.0,
            payment_difference_handling="reconcile",
            writeoff_account_id=account.id,
        )
        self.reject(payment)
        with self.assertRaisesRegex(UserError, "Register a new payment"):
            payment.action_tbc_pay_again()

    def test_an_archived_account_pays_nothing(self):
        payment = self.pay()
        payment.action_tbc_queue()
        self.initiate(payment)
        self.account.active = False
        self.submit()
        self.assertFalse(self.posts())
        self.assertIn("is archived", self.order(payment).problem)

    def test_paying_by_hand_stays_the_default(self):
        """Expenses, tills and people without a role take the first method there is."""
        self.env.invalidate_all()
        lines = self.account.journal_id._get_available_payment_method_lines("outbound")
        self.assertEqual(lines[0].code, "manual")
        self.assertIn("tbc_transfer", lines.mapped("code"))

    def test_a_batch_without_orders_is_gone(self):
        payments = self.pay_many([1.0, 2.0])
        queue_payments(payments, batch_name="June")
        batch = self.orders(payments).batch_id
        payments.action_cancel()
        self.assertFalse(batch.exists())

    def test_what_a_person_closed_is_not_laid_at_the_banks_door(self):
        payment = self.pay()
        payment.action_tbc_queue()
        payment.action_cancel()
        self.assertEqual(self.order(payment).state, "cancelled")
        self.assertFalse(payment.tbc_note)

    # --- paid again -------------------------------------------------------------------

    def test_the_whole_chain_is_looked_at(self):
        _bill, first = self.rejected()
        first.action_tbc_pay_again()
        second = first.tbc_paid_again_id
        self.reject(second)
        second.action_tbc_pay_again()
        with self.assertRaisesRegex(UserError, "paid again already"):
            first.action_tbc_pay_again()
        first.action_draft()
        first.action_post()
        with self.assertRaisesRegex(UserError, "paid again already"):
            first.action_tbc_queue()

    def test_a_bill_that_was_matched_by_hand_counts(self):
        bill = self.make_bill()
        payment = self.pay_many([100.0])
        lines = (bill + payment.move_id.with_user(self.env.user)).line_ids
        lines.filtered(
            lambda line: line.account_type == "liability_payable"
        ).reconcile()
        self.reject(payment)
        self.assertEqual(bill.payment_state, "not_paid")
        self.pay_cash(bill)
        with self.assertRaisesRegex(UserError, "paid them meanwhile"):
            payment.action_tbc_pay_again()

    def test_a_payment_without_an_entry_counts(self):
        """As Enterprise makes them: the bill is open until the bank line is there."""
        bill = self.make_bill()
        payment = self.register(bill)
        self.reject(payment)
        manual = self.account.journal_id.outbound_payment_method_line_ids.filtered(
            lambda line: line.code == "manual"
        )
        other = payment.sudo().copy({"payment_method_line_id": manual.id})
        other.outstanding_account_id = False
        other.action_post()
        bill.matched_payment_ids += other
        self.assertFalse(other.move_id)
        self.assertEqual(bill.amount_residual, 100.0)
        with self.assertRaisesRegex(UserError, "paid them meanwhile"):
            payment.action_tbc_pay_again()
        other.action_cancel()
        payment.action_tbc_pay_again()

    def pay_cash(self, bill, **values):
        journals = self.env["account.journal"]
        till = journals.create({"name": "Till", "type": "cash", "code": "TILL"})
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=bill.ids
        ).create({"journal_id": till.id, **values}).action_create_payments()

    def test_another_currency_is_counted_too(self):
        self.env["res.currency.rate"].create(
            {
                "currency_id": self.usd.id,
                "company_id": self.company.id,
                "name": "2026-06-01",
                "rate": 0.4,
            }
        )
        bill = self.make_bill(100.0, currency=self.usd)
        payment = self.register(bill, currency_id=self.gel.id)
        self.assertEqual(payment.amount, 250.0)
        self.reject(payment)
        self.pay_cash(bill, amount=240.0, currency_id=self.gel.id)
        if bill.matched_payment_ids[-1].move_id:
            self.assertAlmostEqual(bill.amount_residual, 4.0)
        with self.assertRaisesRegex(UserError, "paid them meanwhile"):
            payment.action_tbc_pay_again()

    def test_a_failed_one_that_was_signed_after_all(self):
        """The bank is asked once more before the payment is made again."""
        payment = self.pay()
        order = self.send(payment)
        self.refresh()
        self.bank.add_fault("unknown_status", on="single_status", word="Failed")
        self.refresh()
        self.assertEqual((order.state, payment.state), ("failed", "rejected"))
        with self.assertRaisesRegex(UserError, "Waiting for certification"):
            payment.action_tbc_pay_again()
        self.bank.add_fault("html500", on="single_status", times=9)
        with self.assertRaisesRegex(UserError, "could not be asked"):
            payment.action_tbc_pay_again()
        self.bank.clear_faults()
        self.bank.reject()
        payment.action_tbc_pay_again()

    # --- many at once -----------------------------------------------------------------

    def test_many_are_taken_back_one_after_the_other(self):
        """A thousand refused salaries do not fit into one transaction."""
        limit = patch.object(not_made, "TAKEN_BACK_AT_ONCE", 2)
        self.startPatcher(limit)
        payments = self.pay_many([1.0, 2.0, 3.0, 4.0, 5.0])
        queue_payments(payments, batch_name="June")
        self.initiate(payments)
        self.bank.add_fault("VALIDATION_ERROR", on="import_batch")
        self.submit()
        orders = self.orders(payments)
        self.assertEqual(set(orders.mapped("state")), {"refused"})
        self.assertEqual(set(payments.mapped("state")), {"in_process"})
        with self.assertRaises(UserError):
            payments[0].action_tbc_pay_again()
        self.refresh()
        self.assertEqual(set(payments.mapped("state")), {"rejected"})
        self.assertFalse(any(orders.mapped("takes_back_payment")))

    def test_the_bank_asks_for_years(self):
        payment = self.pay()
        payment.action_tbc_queue()
        self.initiate(payment)
        self.bank.add_fault("429", on="import_single", retry_after=99999999)
        self.submit()
        wait = self.integration.not_before - self.order(payment).queued_at
        self.assertLessEqual(wait.days, 1)
        self.integration.with_user(self.director).action_test_connection()
        self.assertFalse(self.integration.not_before)

    # --- what the statement says ------------------------------------------------------

    def test_money_that_comes_back_is_named(self):
        payment = self.pay(100.0)
        order = self.send(payment)
        self.refresh()
        self.bank.in_progress_questions = 0
        self.bank.sign()
        self.sync(self.account)
        self.assertEqual(payment.state, "paid")
        # Without the correspondent's fee: no return that is certain.
        self.add("99.00", "2026-06-30", paymentId=order.bank_transfer_id)
        self.sync(self.account)
        self.match_accounts(self.account)
        self.assertIn("may have come back", order.problem)
        self.assertEqual(payment.state, "paid")

    def test_rejected_in_a_locked_period_and_executed_all_the_same(self):
        payment = self.pay(100.0, payment_date="2026-06-25")
        order = self.send(payment)
        self.refresh()
        self.lock_until("2026-06-28")
        self.bank.fail(order.bank_transfer_id)
        self.refresh()
        self.add("-100.00", "2026-06-30", paymentId=order.bank_transfer_id)
        self.sync(self.account)
        self.assertIn("may be paid twice", order.problem)
