"""What becomes of an order, and of its payment and bill."""

from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from ..services.transfers.remind import signature_sentence
from .common import NOON
from .transfer_common import TransferCase

STATUS = "odoo.addons.account_tbc_bank.services.transfers.status"


@tagged("post_install", "-at_install")
class TestTransferOutcome(TransferCase):
    begins_with_a_payment = True
    notes_changes = False

    def executed(self, payments):
        """Send, sign, follow to the end; the statement is not read yet."""
        orders = self.send(payments)
        self.refresh()
        self.bank.sign()
        self.refresh()
        self.refresh()
        return orders

    # --- not executed -----------------------------------------------------------------

    def assertNotPaid(self, bill, payment, state):
        order = self.order(payment)
        self.assertEqual(order.state, state)
        self.assertEqual(payment.state, "rejected")
        self.assertEqual(bill.payment_state, "not_paid")
        self.assertEqual(bill.amount_residual, bill.amount_total)
        self.assertEqual(payment.activity_ids.user_id, self.bookkeeper)
        self.assertFalse(order.next_question_at)

    def test_the_three_ways_not_to_be_paid(self):
        for act, state in (
            (lambda order: self.bank.reject(order.bank_transfer_id), "cancelled"),
            (lambda order: self.bank.delete(order.bank_transfer_id), "cancelled"),
            (lambda order: self.bank.fail(order.bank_transfer_id), "failed"),
        ):
            bill = self.make_bill()
            payment = self.register(bill)
            order = self.send(payment)
            self.refresh()
            act(order)
            self.refresh()
            with self.subTest(order.bank_status):
                self.assertNotPaid(bill, payment, state)

    def test_both_languages_of_the_reason(self):
        self.bank.block_account(
            self.vendor.bank_ids.sanitized_acc_number,
            at="execution",
            reason_en="The account is closed",
            reason_ge="ანგარიში დახურულია",
        )
        bill = self.make_bill()
        payment = self.register(bill)
        order = self.executed(payment)
        self.assertNotPaid(bill, payment, "failed")
        self.assertEqual(order.bank_reason_en, "The account is closed")
        self.assertEqual(order.bank_reason_ge, "ანგარიში დახურულია")
        for words in (order.bank_reason_en, order.bank_reason_ge):
            self.assertIn(words, payment.tbc_note)
            self.assertIn(words, "".join(payment.message_ids.mapped("body")))
            self.assertIn(words, order.message_ids[0].body)
            self.assertIn(words, payment.activity_ids.note)

    def test_refused_at_the_import(self):
        self.bank.block_account(self.vendor.bank_ids.sanitized_acc_number)
        bill = self.make_bill()
        payment = self.register(bill)
        order = self.send(payment)
        self.assertNotPaid(bill, payment, "refused")
        self.assertIn("blocked", order.bank_reason_en)

    def test_rejected_in_a_locked_period(self):
        """Its entry stays there; today's takes it back."""
        bill = self.make_bill()
        payment = self.register(bill, payment_date="2026-06-25")
        self.send(payment)
        self.refresh()
        self.lock_until("2026-06-28")
        self.bank.reject()
        self.refresh()
        self.assertNotPaid(bill, payment, "cancelled")
        self.assertEqual(payment.move_id.state, "posted")
        self.assertEqual(str(payment.move_id.reversal_move_ids.date), "2026-06-30")
        self.assertFalse(payment.move_id.line_ids.filtered("amount_residual"))

    # --- paid again -------------------------------------------------------------------

    def rejected(self):
        bill = self.make_bill()
        payment = self.register(bill)
        self.send(payment)
        self.refresh()
        self.bank.reject()
        self.refresh()
        self.assertEqual(payment.state, "rejected")
        return bill, payment

    def test_pay_again(self):
        bill, payment = self.rejected()
        with self.assertRaises(UserError):
            payment.action_tbc_queue()
        payment.action_tbc_pay_again()
        fresh = payment.tbc_paid_again_id
        self.assertNotEqual(fresh, payment)
        self.assertEqual(bill.payment_state, "in_payment")
        order = self.order(fresh)
        self.assertNotEqual(order.external_id, self.order(payment).external_id)
        self.initiate(fresh)
        self.submit()
        self.bank.sign()
        self.refresh()
        self.refresh()
        self.sync(self.account)
        self.assertEqual(fresh.state, "paid")
        self.assertEqual(bill.payment_state, "paid")
        self.assertEqual(payment.state, "rejected")

    def test_pay_again_only_once(self):
        _bill, payment = self.rejected()
        payment.action_tbc_pay_again()
        with self.assertRaisesRegex(UserError, "paid again already"):
            payment.action_tbc_pay_again()

    def test_pay_again_not_what_is_paid(self):
        """Somebody has paid the bill in cash meanwhile."""
        bill, payment = self.rejected()
        cash = self.env["account.journal"].create(
            {"name": "Till", "type": "cash", "code": "TILL"}
        )
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=bill.ids
        ).create({"journal_id": cash.id}).action_create_payments()
        with self.assertRaisesRegex(UserError, "paid them meanwhile"):
            payment.action_tbc_pay_again()
        self.assertFalse(payment.tbc_paid_again_id)

    def test_pay_again_not_what_may_be_paid(self):
        payment = self.pay()
        for step in (lambda: None, lambda: self.send(payment), self.refresh):
            step()
            with self.assertRaisesRegex(UserError, "was not rejected"):
                payment.action_tbc_pay_again()

    def test_a_wrong_account_is_mended_before_it_is_paid_again(self):
        _bill, payment = self.rejected()
        recipient = payment.partner_bank_id.with_user(self.env.user)
        recipient.allow_out_payment = False
        with self.assertRaises(UserError):
            payment.action_tbc_pay_again()
        self.assertFalse(payment.tbc_paid_again_id)
        recipient.allow_out_payment = True
        payment.action_tbc_pay_again()
        self.assertTrue(payment.tbc_paid_again_id)

    # --- status -----------------------------------------------------------------------

    def test_unknown_word_changes_nothing(self):
        order = self.send(self.pay())
        self.refresh()
        self.bank.add_fault("unknown_status", on="single_status", times=2, word="Held")
        # While a job runs in a test, Odoo turns the loggers themselves down.
        with patch(f"{STATUS}._logger.info") as logged:
            self.refresh()
            self.refresh()
        logged.assert_called_once()
        self.assertEqual((order.state, order.bank_status), ("to_sign", "Held"))
        self.refresh()
        self.assertEqual(order.bank_status, "Waiting for certification")

    def test_never_backwards(self):
        order = self.send(self.pay())
        self.refresh()
        self.bank.sign()
        self.refresh()
        self.assertEqual(order.state, "in_progress")
        self.bank.add_fault("status_backwards", on="single_status")
        self.refresh()
        self.assertEqual(order.state, "in_progress")
        self.refresh()
        self.assertEqual(order.state, "done")

    def test_the_bank_is_asked_less_and_less(self):
        order = self.send(self.pay())
        for age, pause in (
            (timedelta(minutes=10), timedelta(minutes=5)),
            (timedelta(hours=5), timedelta(hours=1)),
            (timedelta(days=3), timedelta(days=1)),
        ):
            type(self).bank.now = NOON + age
            order.sent_at = (NOON - timedelta(hours=4)).replace(tzinfo=None)
            self.refresh()
            with self.subTest(age):
                self.assertEqual(order.next_question_at - pause, order.sent_at + age)
                before = len(self.bank.requests)
                self.run_cron("ir_cron_refresh_status")
                self.assertEqual(len(self.bank.requests), before)

    def test_asked_by_hand(self):
        payment = self.pay()
        self.send(payment)
        for user in (self.bookkeeper, self.director):
            with self.subTest(user.login):
                order = self.order(payment).with_user(user)
                notice = order.action_refresh_status()["params"]
                self.assertEqual(notice["type"], "success")
                self.assertIn("To Sign", notice["message"])
        self.bank.add_fault("html500", on="single_status", times=9)
        notice = self.order(payment).action_refresh_status()["params"]
        self.assertEqual(notice["type"], "danger")
        self.assertEqual(self.order(payment).state, "to_sign")
        self.assertEqual(self.order(payment).problem, notice["message"])

    def test_a_bank_that_is_away_is_not_asked_for_each(self):
        orders = self.send(self.pay_many([1, 2, 3]))
        self.bank.add_fault("drop", on="single_status", times=None)
        self.bank.forget_requests()
        notice = orders.with_user(self.director).action_refresh_status()["params"]
        self.assertEqual(notice["type"], "danger")
        asked = {request.path for request in self.bank.requests_to("single_status")}
        self.assertEqual(len(asked), 1)
        self.bank.clear_faults()
        self.account.with_user(self.director).action_sync()
        self.assertEqual(set(orders.mapped("state")), {"to_sign"})

    def test_the_chatter_tells_the_way(self):
        payment = self.pay()
        order = self.executed(payment)
        told = "\n".join(order.message_ids.sorted("id").mapped("body"))
        for words in (
            "Prepared by tbc_bookkeeper",
            "Initiated by tbc_director",
            "The bank has the transfer.",
            "The bank says: Waiting for certification",
            "The bank says: Finished",
        ):
            self.assertIn(words, told)

    # --- matched ----------------------------------------------------------------------

    def test_finished_is_not_paid(self):
        bill = self.make_bill()
        payment = self.register(bill)
        order = self.executed(payment)
        self.assertEqual(order.state, "done")
        self.assertEqual(
            (payment.state, bill.payment_state), ("in_process", "in_payment")
        )
        self.sync(self.account)
        self.assertEqual((payment.state, bill.payment_state), ("paid", "paid"))
        line = self.lines(self.account)
        self.assertTrue(line.is_reconciled)
        self.assertEqual(payment.reconciled_statement_line_ids, line)
        self.assertIn("bank's payment ID", line.move_id.message_ids[0].body)

    def test_movement_before_the_status(self):
        payment = self.pay()
        order = self.send(payment)
        self.refresh()
        self.bank.in_progress_questions = 0
        self.bank.sign()
        self.sync(self.account)
        self.assertEqual((payment.state, order.state), ("paid", "to_sign"))
        self.run_cron("ir_cron_refresh_status")
        self.assertEqual(order.state, "done")

    def booked(self, payment, amount, **members):
        """An order at the bank, and a movement with its payment id of that amount."""
        order = self.send(payment)
        self.refresh()
        self.add(amount, "2026-06-30", paymentId=order.bank_transfer_id, **members)
        self.sync(self.account)
        return order

    def test_another_amount_is_reported(self):
        payment = self.pay(100.0)
        order = self.booked(payment, "-99.00")
        self.assertEqual(payment.state, "in_process")
        self.assertIn("99.00", order.problem)
        self.assertIn("100.00", order.problem)
        self.assertEqual(payment.activity_ids.user_id, self.bookkeeper)
        messages = len(order.message_ids)
        self.sync(self.account)
        self.assertEqual(len(order.message_ids), messages)

    def test_two_movements_are_reported(self):
        payment = self.pay(100.0)
        order = self.send(payment)
        self.refresh()
        for _time in range(2):
            self.add("-100.00", "2026-06-30", paymentId=order.bank_transfer_id)
        self.sync(self.account)
        self.assertEqual(payment.state, "in_process")
        self.assertIn("2 transactions", order.problem)

    def test_the_fee_is_not_the_transfer(self):
        other = self.make_vendor("Other LLC", "GE90BG0000000589021505")
        payment = self.pay(100.0, other)
        self.executed(payment)
        self.sync(self.account)
        lines = self.lines(self.account)
        self.assertEqual(len(lines), 2)
        self.assertEqual(payment.reconciled_statement_line_ids.amount, -100.0)
        self.assertFalse((lines - payment.reconciled_statement_line_ids).is_reconciled)

    def test_the_same_amount_without_the_id_is_not_matched(self):
        payment = self.pay(100.0)
        self.send(payment)
        self.refresh()
        self.add("-100.00", "2026-06-30")
        self.add("-100.00", "2026-06-30", paymentId="999")
        self.sync(self.account)
        self.assertEqual(payment.state, "in_process")

    def test_executed_after_it_had_failed(self):
        """The one thing that must be shouted: the bill may be paid twice."""
        payment = self.pay(100.0)
        order = self.send(payment)
        self.refresh()
        self.bank.fail(order.bank_transfer_id)
        self.refresh()
        self.assertEqual(payment.state, "rejected")
        payment.action_tbc_pay_again()
        self.add("-100.00", "2026-06-30", paymentId=order.bank_transfer_id)
        self.sync(self.account)
        self.assertIn("may be paid twice", order.problem)
        self.assertIn("may be paid twice", payment.activity_ids[-1].note)
        self.assertEqual(payment.state, "rejected")

    def test_undone_and_matched_again(self):
        payment = self.pay(100.0)
        self.executed(payment)
        self.sync(self.account)
        line = self.lines(self.account)
        line.action_undo_reconciliation()
        self.assertEqual(payment.state, "in_process")
        self.sync(self.account)
        self.assertEqual(payment.state, "paid")

    def test_odoo_refuses_to_match(self):
        payment = self.pay(100.0)
        order = self.executed(payment)
        payment.outstanding_account_id.sudo().reconcile = False
        self.sync(self.account)
        self.assertEqual(payment.state, "in_process")
        self.assertIn("could not match", order.problem)
        payment.outstanding_account_id.sudo().reconcile = True
        self.sync(self.account)
        self.assertEqual(payment.state, "paid")
        self.assertFalse(order.problem)

    def test_foreign_currency(self):
        self.env["res.currency.rate"].create(
            [
                {
                    "currency_id": self.usd.id,
                    "company_id": self.company.id,
                    "name": day,
                    "rate": rate,
                }
                for day, rate in (("2026-06-01", 0.4), ("2026-06-30", 0.5))
            ]
        )
        account = self.make_account(self.usd)
        bill = self.make_bill(100.0, currency=self.usd)
        payment = self.register(bill, account, payment_date="2026-06-25")
        self.executed(payment)
        self.sync(account)
        self.assertEqual((payment.state, bill.payment_state), ("paid", "paid"))
        matched = payment.move_id.line_ids + self.lines(account).move_id.line_ids
        matched = matched.filtered("account_id.reconcile")
        self.assertEqual(set(matched.mapped("amount_residual")), {0.0})
        self.assertTrue(matched.matched_debit_ids.exchange_move_id)

    def test_own_accounts_and_a_conversion(self):
        usd_account = self.make_account(self.usd)
        for credit_currency, other in ((self.gel, None), (self.usd, usd_account)):
            with self.subTest(credit_currency.name):
                own = self.company.partner_id.bank_ids
                if not other:
                    other_account = self.make_account(iban="GE29TB9999999999999999")
                    own = self.company.partner_id.bank_ids - own
                else:
                    own = self.account.journal_id.bank_account_id
                own.allow_out_payment = True
                payment = self.env["account.payment"].create(
                    {
                        "payment_type": "outbound",
                        "partner_type": "supplier",
                        "partner_id": self.company.partner_id.id,
                        "partner_bank_id": own.id,
                        "amount": 270.0,
                        "date": "2026-06-30",
                        "journal_id": self.account.journal_id.id,
                        "payment_method_line_id": self.method_line().id,
                        "tbc_credit_currency_id": credit_currency.id,
                    }
                )
                self.assertEqual(payment.tbc_transfer_type, "TransferToOwnAccount")
                payment.action_post()
                payment = payment.with_user(self.bookkeeper)
                transfer_account = self.company.transfer_account_id
                self.assertEqual(payment.destination_account_id, transfer_account)
                self.executed(payment)
                self.sync(self.account)
                self.sync(other or other_account)
                self.assertEqual(payment.state, "paid", self.order(payment).problem)
                line = self.lines(other or other_account)
                self.assertGreater(line.amount, 0)
                self.assertFalse(line.is_reconciled)

    # --- signatures -------------------------------------------------------------------

    def test_waiting_for_signatures(self):
        payments = self.pay_many([1.0, 2.0, 3.0])
        self.send(payments)
        card = self.account.journal_id.with_user(self.bookkeeper)
        data = {card.id: {}}
        self.refresh()
        card._fill_bank_cash_dashboard_data(data)
        self.assertEqual(data[card.id]["tbc_card"]["to_sign"], "3 to sign")
        self.assertFalse(self.account.activity_ids)
        type(self).bank.now = NOON + timedelta(days=2, minutes=1)
        self.refresh()
        activity = self.account.activity_ids
        self.assertEqual(activity.user_id, self.director)
        self.assertIn("3 transfers", activity.summary)
        self.refresh()
        self.assertEqual(len(self.account.activity_ids), 1)
        self.bank.sign()
        self.refresh()
        self.refresh()
        self.assertFalse(self.account.activity_ids)
        self.assertFalse(signature_sentence(self.account))

    # --- who is called ----------------------------------------------------------------

    def test_the_integration_user_is_called_to_initiate(self):
        payments = self.pay_many([1.0, 2.0])
        payments.action_tbc_queue()
        activity = self.account.activity_ids
        self.assertEqual(activity.user_id, self.director)
        self.assertIn("To initiate: 2 transfers", activity.summary)
        self.initiate(payments[0])
        self.assertEqual(self.account.activity_ids, activity)
        self.initiate(payments[1])
        self.assertFalse(self.account.activity_ids)

    def test_whoever_left_is_stood_in_for(self):
        payment = self.pay()
        order = self.send(payment)
        self.refresh()
        self.bookkeeper.active = False
        self.bank.reject()
        self.refresh()
        self.assertEqual(payment.with_user(self.env.user).state, "rejected")
        self.assertEqual(order.activity_ids.user_id, self.director)

    def test_a_payment_matched_with_something_else_is_reported(self):
        payment = self.pay(100.0)
        order = self.executed(payment)
        waiting, _counterpart, _rest = payment._seek_for_lines()
        by_hand = self.env["account.move"].create(
            {
                "line_ids": [
                    Command.create({"account_id": account.id, "balance": balance})
                    for account, balance in (
                        (waiting.account_id, 100.0),
                        (self.company.transfer_account_id, -100.0),
                    )
                ]
            }
        )
        by_hand.action_post()
        matching = by_hand.line_ids.filtered("debit") + waiting
        matching.with_user(self.env.user).reconcile()
        self.assertTrue(payment.is_matched)
        self.sync(self.account)
        self.assertIn("matched with something else", order.problem)
        self.assertFalse(self.lines(self.account).is_reconciled)

    def test_another_client_id_says_nothing_of_an_order(self):
        """The bank tells a client of its own orders only: not found is no answer."""
        self.bank.add_fault("drop_after_accept", on="import_single")
        payment = self.pay()
        order = self.send(payment)
        self.bank.add_client("other-client", "other-secret")
        integration = self.integration.with_user(self.director)
        integration.set_credentials("other-client", "other-secret")
        integration.action_test_connection()
        self.refresh()
        self.assertEqual(order.state, "unknown")
        self.assertFalse(order.is_missing_at_bank)
        self.assertIn("another Client ID", order.problem)
        with self.assertRaises(UserError):
            order.with_user(self.bookkeeper).action_queue_again()
        integration.set_credentials("fake-client-id", "fake-client-secret")
        integration.action_test_connection()
        self.refresh()
        self.assertEqual(order.state, "to_sign")

    def test_pay_again_in_foreign_currency(self):
        """Rates move between bill and payment; what is open is counted in dollars."""
        self.env["res.currency.rate"].create(
            [
                {
                    "currency_id": self.usd.id,
                    "company_id": self.company.id,
                    "name": day,
                    "rate": rate,
                }
                for day, rate in (("2026-06-01", 0.5), ("2026-06-25", 0.4))
            ]
        )
        account = self.make_account(self.usd)
        bill = self.make_bill(100.0, currency=self.usd)
        payment = self.register(bill, account)
        self.send(payment)
        self.refresh()
        self.bank.reject()
        self.refresh()
        payment.action_tbc_pay_again()
        self.assertEqual(bill.payment_state, "in_payment")
