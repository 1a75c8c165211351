"""What is prepared for a bill never exceeds what is open on it."""

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from ..services.transfers.prepare import queue_payments
from .transfer_shared import SharedTransferCase


class BillsMixin:
    """Several people pay the same bills, each in a dialog of their own."""

    def dialog(self, bills, method_line=None, **values):
        """A Register Payment dialog that is open, and not confirmed yet."""
        line = method_line or self.method_line()
        return (
            self.env["account.payment.register"]
            .with_user(self.bookkeeper)
            .with_context(active_model="account.move", active_ids=bills.ids)
            .create(
                {
                    "journal_id": line.journal_id.id,
                    "payment_method_line_id": line.id,
                    "payment_date": "2026-06-30",
                    **values,
                }
            )
        )

    def confirm(self, *dialogs):
        """Confirm the dialogs one after the other; return their payments."""
        return [
            dialog._create_payments().with_user(self.bookkeeper) for dialog in dialogs
        ]

    def manual_line(self):
        lines = self.account.journal_id.outbound_payment_method_line_ids
        return lines.filtered(lambda line: line.code == "manual")

    def till_line(self):
        journals = self.env["account.journal"]
        till = journals.search([("code", "=", "TILL")]) or journals.create(
            {"name": "Till", "type": "cash", "code": "TILL"}
        )
        return till.outbound_payment_method_line_ids[:1]

    def pay_cash(self, bill):
        [payment] = self.confirm(self.dialog(bill, self.till_line()))
        return payment.with_user(self.env.user)

    def payable(self, *moves):
        lines = self.env["account.move"].union(*moves).sudo().line_ids
        return lines.filtered(lambda o: o.account_type == "liability_payable")

    def match(self, payment, *bills):
        self.payable(payment.move_id, *bills).reconcile()

    def part(self, payment):
        """Take the payment off its bills, as an accountant may."""
        self.payable(payment.move_id).with_user(self.accountant).remove_move_reconcile()
        self.env.invalidate_all()

    def credit(self, bill, amount=None):
        """A posted credit note of the bill, by Odoo's own dialog."""
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=bill.ids)
            .create({"journal_id": bill.journal_id.id, "date": "2026-06-25"})
        )
        wizard.reverse_moves()
        note = wizard.new_move_ids
        if amount:
            note.invoice_line_ids.price_unit = amount
        if note.state == "draft":
            note.action_post()
        return note

    def assertRefused(self, payment, *words):
        """It can't be queued, and the sentence has these words."""
        before = payment.sudo().tbc_transfer_ids
        with self.assertRaises(UserError) as caught:
            payment.action_tbc_queue()
        self.assertEqual(payment.sudo().tbc_transfer_ids, before)
        for word in words:
            self.assertIn(word, str(caught.exception))

    def assertHeld(self, payment, *words):
        """It can't be initiated, and is not sent if it was initiated before."""
        with self.assertRaises(UserError) as caught:
            self.initiate(payment)
        for word in words:
            self.assertIn(word, str(caught.exception))

    def assertNotSent(self, payment, *words):
        """It was initiated, and does not go; the order says why."""
        self.submit()
        self.assertFalse(self.posts())
        order = self.order(payment)
        self.assertFalse(order.initiated_at)
        for word in words:
            self.assertIn(word, order.problem)


@tagged("post_install", "-at_install")
class TestTransferBills(BillsMixin, SharedTransferCase):
    # --- two dialogs ------------------------------------------------------------------

    def test_two_dialogs_pay_a_bill_once(self):
        bill = self.make_bill(500.0)
        first, second = self.confirm(self.dialog(bill), self.dialog(bill))
        self.assertRefused(second, first.name, bill.name)
        self.assertRefused(first + second, f"{second.name}, Vendor LLC: ", first.name)
        first.action_tbc_queue()
        self.assertRefused(second, first.name)
        self.initiate(first)
        self.assertRefused(second, first.name)
        self.submit()
        self.assertRefused(second, first.name)
        self.assertOneOfEach(self.order(first))
        with self.assertRaises(UserError):
            queue_payments(second, batch_name="June")

    def test_two_parts_that_are_too_much_together(self):
        bill = self.make_bill(500.0)
        first, second, third = self.confirm(
            self.dialog(bill, amount=300.0),
            self.dialog(bill, amount=300.0),
            self.dialog(bill, amount=1.0),
        )
        first.action_tbc_queue()
        self.assertRefused(second, first.name)
        self.assertRefused(third, first.name)
        second.action_cancel()
        self.assertEqual(bill.amount_residual, 200.0)
        rest = self.register(bill)
        self.assertEqual(rest.amount, 200.0)
        rest.action_tbc_queue()
        self.initiate(first + rest)
        self.submit()
        self.assertOneOfEach(self.orders(first + rest))

    def test_parts_that_fit(self):
        bill = self.make_bill(500.0)
        parts = self.confirm(
            self.dialog(bill, amount=300.0), self.dialog(bill, amount=200.0)
        )
        payments = parts[0] + parts[1]
        self.send(payments)
        self.assertOneOfEach(self.orders(payments))

    def test_one_by_hand_and_one_by_tbc(self):
        """Whichever was confirmed first: what is paid by hand, nobody here can stop."""
        for hand in (self.manual_line(), self.till_line()):
            for hand_first in (True, False):
                with self.subTest(hand.journal_id.name, hand_first=hand_first):
                    bill = self.make_bill(500.0)
                    dialogs = [self.dialog(bill, hand), self.dialog(bill)]
                    if not hand_first:
                        dialogs.reverse()
                    made = self.confirm(*dialogs)
                    if not hand_first:
                        made.reverse()
                    by_hand, by_tbc = made
                    self.assertRefused(by_tbc, by_hand.name, bill.name)
                    by_hand.action_cancel()
                    if hand_first:
                        self.match(by_tbc, bill)
                    by_tbc.action_tbc_queue()

    def test_a_payment_by_hand_comes_later(self):
        bill = self.make_bill(500.0)
        late = self.dialog(bill, self.manual_line())
        [payment] = self.confirm(self.dialog(bill))
        payment.action_tbc_queue()
        [by_hand] = self.confirm(late)
        self.assertHeld(payment, by_hand.name)
        by_hand.action_cancel()
        self.initiate(payment)
        by_hand.action_draft()
        by_hand.action_post()
        self.assertNotSent(payment, by_hand.name)

    def test_one_by_hand_without_an_entry(self):
        """As Enterprise makes them: the bill's items know nothing of it."""
        bill = self.make_bill(500.0)
        [payment] = self.confirm(self.dialog(bill))
        other = payment.sudo().copy({"payment_method_line_id": self.manual_line().id})
        other.outstanding_account_id = False
        other.action_post()
        bill.matched_payment_ids += other
        self.assertFalse(other.move_id)
        self.assertRefused(payment, other.name)
        other.action_validate()
        self.assertRefused(payment, other.name)
        other.action_cancel()
        payment.action_tbc_queue()

    def test_a_paid_part_without_an_entry_counts_once(self):
        """The bank line has settled the bill for it already."""
        bill = self.make_bill(500.0)
        other = self.draft_by_hand(200.0)
        other.outstanding_account_id = False
        other.action_post()
        bill.matched_payment_ids += other
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.account.journal_id.id,
                "date": "2026-06-30",
                "payment_ref": "by hand",
                "amount": -200.0,
                "partner_id": self.vendor.id,
            }
        )
        _liquidity, suspense, _other = line._seek_for_lines()
        suspense.account_id = self.payable(bill).account_id
        self.payable(bill, line.move_id).reconcile()
        self.assertEqual((bill.amount_residual, other.state), (300.0, "paid"))
        payment = self.register(bill)
        self.assertEqual(payment.amount, 300.0)
        payment.action_tbc_queue()

    def draft_by_hand(self, amount):
        return self.env["account.payment"].create(
            {
                "payment_type": "outbound",
                "partner_type": "supplier",
                "partner_id": self.vendor.id,
                "amount": amount,
                "date": "2026-06-30",
                "journal_id": self.account.journal_id.id,
                "payment_method_line_id": self.manual_line().id,
            }
        )

    def test_a_bill_on_two_grouped_payments(self):
        common, one, two = (self.make_bill(amount) for amount in (500.0, 20.0, 30.0))
        first, second = self.confirm(
            self.dialog(common + one, group_payment=True),
            self.dialog(common + two, group_payment=True),
        )
        self.assertEqual((first.amount, second.amount), (520.0, 530.0))
        first.action_tbc_queue()
        self.assertRefused(second, first.name, common.name)
        second.action_cancel()
        alone = self.register(two)
        self.send(alone)
        self.assertOneOfEach(self.order(alone))

    def test_more_than_the_bill(self):
        bill = self.make_bill(500.0)
        payment = self.register(bill, amount=600.0)
        self.assertRefused(payment, bill.name, "100.00")

    # --- what may go ------------------------------------------------------------------

    def test_a_payment_without_a_bill(self):
        """Salaries and advances owe no bill an answer; nor two of one amount."""
        payments = self.pay_many([100.0, 100.0])
        self.send(payments)
        self.assertOneOfEach(self.orders(payments))

    def test_an_advance_that_is_matched_in_part(self):
        """What no bill takes is still an advance."""
        advance = self.pay_many([1000.0])
        bill = self.make_bill(300.0)
        self.match(advance, bill)
        self.send(advance)
        self.assertOneOfEach(self.order(advance))

    def test_with_a_credit_note(self):
        bill = self.make_bill(500.0)
        note = self.credit(bill, 200.0)
        self.match_moves(bill, note)
        payment = self.register(bill)
        self.assertEqual(payment.amount, 300.0)
        self.send(payment)
        self.assertOneOfEach(self.order(payment))

    def match_moves(self, bill, note):
        items = self.payable(bill, note).filtered(lambda item: not item.reconciled)
        if len(items) > 1:
            items.reconcile()

    def test_a_bill_and_a_refund_in_one(self):
        bill = self.make_bill(500.0)
        refund = self.env["account.move"].create(
            {
                "move_type": "in_refund",
                "partner_id": self.vendor.id,
                "invoice_date": "2026-06-20",
                "invoice_line_ids": [
                    Command.create(
                        {"name": "Back", "price_unit": 200, "tax_ids": [(5,)]}
                    )
                ],
            }
        )
        refund.action_post()
        payment = self.register(bill + refund, group_payment=True)
        self.assertEqual(payment.amount, 300.0)
        self.send(payment)
        self.assertOneOfEach(self.order(payment))

    def test_a_write_off_counts_as_paid(self):
        bill = self.make_bill(100.0)
        rounding = self.env["account.account"].create(
            {"name": "Rounding", "code": "999002", "account_type": "income_other"}
        )
        payment = self.register(
            bill,
            amount=99.5,
            payment_difference_handling="reconcile",
            writeoff_account_id=rounding.id,
        )
        self.send(payment)
        self.assertOneOfEach(self.order(payment))

    def test_an_early_discount(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "2 % within a month",
                "early_discount": True,
                "discount_percentage": 2,
                "discount_days": 30,
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 100.0})
                ],
            }
        )
        bill = self.make_bill(100.0)
        bill.button_draft()
        bill.invoice_payment_term_id = term
        bill.action_post()
        payment = self.register(bill)
        self.assertEqual(payment.amount, 98.0)
        self.send(payment)
        self.assertOneOfEach(self.order(payment))

    def test_installments(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "Half and half",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 50.0}),
                    Command.create(
                        {"value": "percent", "value_amount": 50.0, "nb_days": 30}
                    ),
                ],
            }
        )
        bill = self.make_bill(100.0)
        bill.button_draft()
        bill.invoice_payment_term_id = term
        bill.action_post()
        first, second, third = self.confirm(
            *(
                self.dialog(bill, amount=50.0, installments_mode="next")
                for _number in range(3)
            )
        )
        self.assertEqual(bill.amount_residual, 0.0)
        self.assertRefused(third, first.name, second.name)
        self.send(first + second)
        self.assertOneOfEach(self.orders(first + second))

    def set_rate(self, day, gel):
        self.env["res.currency.rate"].create(
            {
                "currency_id": self.usd.id,
                "company_id": self.company.id,
                "name": day,
                "inverse_company_rate": gel,
            }
        )

    def test_a_bill_in_another_currency(self):
        """With an exchange difference between the bill's day and the payment's."""
        self.set_rate("2026-06-01", 2.5)
        self.set_rate("2026-06-25", 2.7134)
        bill = self.make_bill(333.33, currency=self.usd)
        gel = {"currency_id": self.gel.id}
        first, second = self.confirm(self.dialog(bill, **gel), self.dialog(bill, **gel))
        self.assertEqual(first.amount, 904.46)
        self.assertRefused(second, first.name)
        self.send(first)
        self.assertOneOfEach(self.order(first))

    def test_parts_in_another_currency(self):
        """Each part is rounded; a cent of that is nobody's double payment."""
        self.set_rate("2026-06-01", 2.7134)
        bill = self.make_bill(100.0, currency=self.usd)
        parts = self.env["account.payment"]
        for amount in (33.33, 77.77):
            parts |= self.register(bill, currency_id=self.gel.id, amount=amount)
        parts |= self.register(bill, currency_id=self.gel.id)
        self.assertEqual(bill.amount_residual, 0.0)
        self.send(parts)
        self.assertOneOfEach(self.orders(parts))

    # --- between queueing and sending -------------------------------------------------

    def test_parted_and_paid_in_cash(self):
        bill = self.make_bill(500.0)
        payment = self.register(bill)
        payment.action_tbc_queue()
        self.part(payment)
        self.assertHeld(payment, bill.name, "not matched")
        cash = self.pay_cash(bill)
        self.assertHeld(payment, bill.name, cash.name)
        cash.action_cancel()
        self.match(payment, bill)
        self.initiate(payment)
        self.part(payment)
        cash = self.pay_cash(bill)
        self.assertNotSent(payment, bill.name, cash.name)
        self.assertRefused(payment, "has a transfer already")
        self.order(payment).with_user(self.bookkeeper).action_withdraw()
        self.assertRefused(payment, bill.name, cash.name)

    def test_parted_and_reversed(self):
        bill = self.make_bill(500.0)
        payment = self.register(bill)
        payment.action_tbc_queue()
        self.initiate(payment)
        self.part(payment)
        note = self.credit(bill)
        self.match_moves(bill, note)
        self.assertEqual(bill.payment_state, "reversed")
        self.assertNotSent(payment, bill.name, note.name)

    def test_reversed_while_it_is_matched(self):
        """The vendor has credited what the payment would pay."""
        bill = self.make_bill(500.0)
        payment = self.register(bill)
        payment.action_tbc_queue()
        note = self.credit(bill, 200.0)
        self.assertEqual(note.amount_residual, 200.0)
        self.assertHeld(payment, note.name)
        # Used for another bill, it is no word about this one any more.
        self.match_moves(self.make_bill(200.0), note)
        self.initiate(payment)

    def test_parted_in_part(self):
        """Of two bills, one is somebody else's now."""
        one, two = self.make_bill(100.0), self.make_bill(50.0)
        payment = self.register(one + two, group_payment=True)
        payment.action_tbc_queue()
        partials = self.payable(two).matched_debit_ids
        partials.with_user(self.accountant).unlink()
        self.assertHeld(payment, two.name)

    def test_matched_by_hand_and_parted(self):
        """The payment was registered without the bill: the order remembers."""
        bill = self.make_bill(500.0)
        for later in (False, True):
            with self.subTest(later=later):
                payment = self.pay_many([500.0])
                if not later:
                    self.match(payment, bill)
                payment.action_tbc_queue()
                if later:
                    self.match(payment, bill)
                self.initiate(payment)
                self.part(payment)
                cash = self.pay_cash(bill)
                self.assertNotSent(payment, "not matched")
                self.assertHeld(payment, "not matched")
                cash.action_cancel()
                self.match(payment, bill)
                self.initiate(payment)
                payment.action_cancel()

    def test_a_bill_matched_by_hand_becomes_a_draft(self):
        bill = self.make_bill(500.0)
        payment = self.pay_many([500.0])
        self.match(payment, bill)
        payment.action_tbc_queue()
        bill.button_draft()
        self.assertHeld(payment, "not posted any more")
        self.order(payment).with_user(self.bookkeeper).action_withdraw()
        self.assertRefused(payment, "not posted any more")

    def test_matched_with_another_bill(self):
        """What the books match, is paid: the first bill is open for others."""
        bill, other = self.make_bill(500.0), self.make_bill(500.0)
        payment = self.register(bill)
        payment.action_tbc_queue()
        self.part(payment)
        self.match(payment, other)
        fresh = self.register(bill)
        fresh.action_tbc_queue()
        self.initiate(payment + fresh)
        self.submit()
        self.assertOneOfEach(self.orders(payment + fresh))

    def test_a_batch_waits_for_its_bills(self):
        bills = [self.make_bill(10.0), self.make_bill(20.0)]
        payments = self.register(bills[0]) + self.register(bills[1])
        queue_payments(payments, batch_name="June")
        self.initiate(payments)
        self.part(payments[1])
        cash = self.pay_cash(bills[1])
        self.submit()
        self.assertFalse(self.posts())
        orders = self.orders(payments)
        self.assertIn("Its batch waits", orders[0].problem)
        self.assertIn(cash.name, orders[1].problem)

    # --- paid again -------------------------------------------------------------------

    def rejected(self, bills, **values):
        payment = self.register(bills, **values)
        self.send(payment)
        self.refresh()
        self.bank.reject()
        self.refresh()
        self.assertEqual(payment.state, "rejected")
        return payment

    def test_pay_again_asks_the_same(self):
        bill = self.make_bill(500.0)
        payment = self.rejected(bill)
        fresh = self.register(bill)
        with self.assertRaisesRegex(UserError, "paid them meanwhile"):
            payment.action_tbc_pay_again()
        fresh.action_cancel()
        late = self.dialog(bill, amount=500.0)
        payment.action_tbc_pay_again()
        again = payment.tbc_paid_again_id
        [second] = self.confirm(late)
        self.assertEqual((second.amount, second.state), (500.0, "in_process"))
        self.assertRefused(second, again.name)
        self.initiate(again)
        self.submit()
        self.assertEqual(self.order(again).state, "submitted")
