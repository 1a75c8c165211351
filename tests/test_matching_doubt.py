"""What fits and is not certain all the same: it is left alone, and told."""

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from ..services.transfers.prepare import queue_payments
from .common import IBAN, OTHER_IBAN
from .test_matching import MatchingCase


@tagged("post_install", "-at_install")
class TestReissued(MatchingCase):
    """The bank issues a transaction anew, under another id."""

    def receive(self, amount=100, purpose="Payment", *, day="2026-06-26", **members):
        return super().receive(amount, purpose, day=day, **members)

    def paid_and_reissued(self, day="2026-06-26", purpose="Payment"):
        """An invoice that is paid, another one of its amount, and the doubled line."""
        first = self.invoice(150)
        movement = self.receive(150, purpose)
        self.read()
        self.assertMatched(movement, first)
        other = self.invoice(150)
        self.bank.ledger.withdraw(movement)
        again = self.receive(150, purpose, day=day)
        self.sync(self.account)
        self.assertEqual(self.account.difference_ids.kind, "not_at_bank")
        return movement, again, other

    def assertNotTwice(self, day):
        movement, again, other = self.paid_and_reissued(day)
        self.match()
        self.assertUnmatched(again)
        self.assertEqual(other.payment_state, "not_paid")
        problem = self.line(again).tbc_match_problem
        self.assertIn(other.name, problem)
        self.assertIn("Not at the bank any more", problem)
        # Once a person has followed the advice, it is certain, of both invoices alike.
        self.line(movement).unlink()
        other.button_draft()
        self.sync(self.account)
        self.assertFalse(self.account.difference_ids)
        self.match()
        self.assertTrue(self.line(again).is_reconciled)
        self.assertFalse(self.line(again).tbc_match_problem)

    def test_it_does_not_close_another_invoice(self):
        self.assertNotTwice("2026-06-26")

    def test_it_does_not_close_another_invoice_on_another_day(self):
        self.assertNotTwice("2026-06-29")

    def test_it_names_the_same_invoice(self):
        first = self.invoice(300)
        movement = self.receive(150, first.name)
        self.read()
        self.assertMatched(movement, first)
        self.bank.ledger.withdraw(movement)
        again = self.receive(150, first.name)
        other = self.invoice(70)
        elsewhere = self.receive(70, other.name)
        same = self.invoice(150)
        another = self.receive(150, same.name)
        self.read()
        # Its very words were there before. What names others is certain.
        self.assertUnmatched(again)
        self.assertEqual(first.amount_residual, 150)
        self.assertMatched(elsewhere, other)
        self.assertMatched(another, same)

    def test_other_amounts_on_that_day_and_elsewhere(self):
        self.paid_and_reissued()
        near, far = self.invoice(70), self.invoice(80)
        that_day = self.receive(70)
        next_day = self.receive(80, day="2026-06-27")
        self.read()
        self.assertUnmatched(that_day)
        self.assertEqual(near.payment_state, "not_paid")
        self.assertMatched(next_day, far)

    def test_what_the_bank_does_not_list_pays_nothing(self):
        movement = self.receive(150)
        self.sync(self.account)
        self.bank.ledger.withdraw(movement)
        self.sync(self.account)
        invoice = self.invoice(150)
        self.match()
        self.assertUnmatched(movement)
        self.line(movement).payment_ref = invoice.name
        self.match()
        self.assertUnmatched(movement)
        self.assertEqual(invoice.payment_state, "not_paid")

    def test_what_is_counted_and_not_listed(self):
        """A day that differs in any way, until it does not."""
        invoice = self.invoice(70)
        hidden, movement = self.receive(150), self.receive(70)
        self.bank.ledger.hide(hidden, keep_in_totals=True)
        self.read()
        self.assertEqual(self.account.difference_ids.kind, "unlisted")
        self.assertUnmatched(movement)
        self.assertEqual(invoice.payment_state, "not_paid")
        self.bank.ledger.show(hidden)
        self.read()
        self.assertFalse(self.account.difference_ids)
        self.assertMatched(movement, invoice)

    def test_what_was_matched_before_is_told_and_stays(self):
        first, other = self.invoice(150), self.invoice(70)
        movements = [self.receive(150), self.receive(70, day="2026-06-28")]
        self.read()
        self.assertTrue(self.line(movements[0]).tbc_match_by_amount)
        self.bank.ledger.withdraw(movements[0])
        again = self.receive(150)
        self.read()
        line = self.line(movements[0])
        self.assertTrue(line.is_reconciled)
        self.assertEqual(first.payment_state, "paid")
        self.assertIn("Matched by its amount alone, and now", line.tbc_match_problem)
        told = line.move_id.message_ids.filtered(
            lambda message: "there twice" in str(message.body)
        )
        self.assertEqual(len(told), 1)
        self.assertFalse(self.line(movements[1]).tbc_match_problem)
        self.assertEqual(other.payment_state, "paid")
        # Once, and it goes with its reason.
        self.match()
        self.assertEqual(
            told,
            line.move_id.message_ids.filtered(
                lambda message: "there twice" in str(message.body)
            ),
        )
        self.line(again).unlink()
        self.bank.ledger.withdraw(again)
        line.with_context(skip_readonly_check=True).unlink()
        self.sync(self.account)
        self.match()
        self.assertFalse(self.lines(self.account).filtered("tbc_match_problem"))

    def test_the_flag_is_ours(self):
        self.invoice(150)
        movement = self.receive(150)
        self.read()
        line = self.line(movement)
        with self.assertRaises(AccessError):
            line.with_user(self.accountant).tbc_match_by_amount = False
        line.with_user(self.accountant).action_undo_reconciliation()
        self.assertFalse(line.tbc_match_by_amount)


@tagged("post_install", "-at_install")
class TestAwaitedOrders(MatchingCase):
    """A movement of an order whose ID the bank has not told us yet."""

    def set_up_once(self):
        super().set_up_once()
        self.add(1000, "2026-06-01")
        self.bank.in_progress_questions = 0
        self.other = self.make_account(iban=OTHER_IBAN)
        for account in (self.account, self.other):
            account.journal_id.bank_account_id.allow_out_payment = True

    def tax_payment(self, amount=300):
        """Rules for the Treasury and for salaries are on, and a tax is to be paid."""
        expense = self.env["account.account"].search(
            [("account_type", "=", "expense"), ("company_ids", "in", self.company.ids)],
            limit=1,
        )
        for name in ("treasury", "salary", "charge"):
            rule = self.env.ref(f"account_tbc_bank.tbc_operation_rule_{name}")
            rule.with_company(self.company).account_id = expense
        code = self.env.ref("account_tbc_bank.treasury_code_unified")
        code.allow_out_payment = True
        return self.payment(amount, code, memo="Taxes")

    def payment(self, amount, recipient, **values):
        payment = self.env["account.payment"].create(
            {
                "payment_type": "outbound",
                "partner_type": "supplier",
                "partner_id": recipient.partner_id.id,
                "partner_bank_id": recipient.id,
                "amount": amount,
                "date": "2026-06-30",
                "journal_id": self.account.journal_id.id,
                "payment_method_line_id": self.method_line().id,
                "tbc_taxpayer_code": "204567891",
                "tbc_taxpayer_name": "Our Company LLC",
                **values,
            }
        )
        payment.action_post()
        return payment.with_user(self.bookkeeper)

    def executed_unseen(self, payment):
        """The bank has it and executes it; its answer was lost. Return the order."""
        self.bank.add_fault("drop_after_accept", on="import_single")
        order = self.send(payment)
        self.assertEqual((order.state, order.bank_transfer_id), ("unknown", False))
        self.bank.sign()
        return order

    def assertPaidInTheEnd(self, payment, order):
        self.refresh()
        self.refresh()
        self.read(self.account, self.other)
        self.assertEqual((order.state, payment.state), ("done", "paid"), order.problem)
        self.assertFalse(order.problem)
        self.assertFalse(self.lines(self.account).filtered("tbc_match_problem"))

    def test_no_rule_takes_it(self):
        payment = self.tax_payment()
        order = self.executed_unseen(payment)
        self.read()
        line = self.lines(self.account).filtered(lambda one: one.amount == -300)
        self.assertTrue(line.tbc_payment_id)
        self.assertUnmatched(line.tbc_movement_id)
        self.assertIn(order.display_name, line.tbc_match_problem)
        self.assertPaidInTheEnd(payment, order)
        self.assertEqual(payment.reconciled_statement_line_ids, line)

    def test_a_batch_before_its_first_status(self):
        payment = self.tax_payment()
        queue_payments(payment, batch_name="Taxes")
        self.initiate(payment)
        self.submit()
        order = self.order(payment)
        self.assertEqual((order.state, order.bank_transfer_id), ("submitted", False))
        self.bank.sign()
        self.read()
        line = self.lines(self.account).filtered(lambda one: one.amount == -300)
        self.assertUnmatched(line.tbc_movement_id)
        self.assertPaidInTheEnd(payment, order)

    def test_both_legs_of_an_own_transfer(self):
        own = self.other.journal_id.bank_account_id
        payment = self.payment(75, own, partner_id=self.company.partner_id.id)
        order = self.executed_unseen(payment)
        self.read(self.account, self.other)
        for account, amount in ((self.account, -75), (self.other, 75)):
            line = self.lines(account).filtered(lambda one, a=amount: one.amount == a)
            self.assertUnmatched(line.tbc_movement_id)
        self.assertPaidInTheEnd(payment, order)
        self.match()
        items = self.env["account.move.line"].search(
            [("account_id", "=", self.company.transfer_account_id.id)]
        )
        self.assertEqual(len(items), 2)
        self.assertTrue(all(items.mapped("reconciled")))

    def test_the_other_leg_alone(self):
        """It was read first, and a rule would fit it."""
        own = self.other.journal_id.bank_account_id
        payment = self.payment(75, own, partner_id=self.company.partner_id.id)
        order = self.executed_unseen(payment)
        rule = self.env.ref("account_tbc_bank.tbc_operation_rule_treasury").copy(
            {"transaction_type": "1", "words": False, "sequence": 1}
        )
        expense = self.env["account.account"].search(
            [("account_type", "=", "expense"), ("company_ids", "in", self.company.ids)],
            limit=1,
        )
        rule.with_company(self.company).account_id = expense
        self.read(self.other)
        self.assertFalse(self.lines(self.other).is_reconciled)
        self.assertPaidInTheEnd(payment, order)

    def test_no_return_takes_it(self):
        payment = self.tax_payment()
        order = self.executed_unseen(payment)
        self.read()
        line = self.lines(self.account).filtered(lambda one: one.amount == -300)
        operation = int(line.tbc_operation_id)
        back = self.add(300, "2026-06-30", parentExternalPaymentId=operation)
        self.read()
        self.assertUnmatched(line.tbc_movement_id)
        self.assertUnmatched(back)
        self.refresh()
        self.refresh()
        self.read()
        self.assertEqual(payment.reconciled_statement_line_ids, line)
        self.assertEqual(self.line(back).tbc_parent_line_id, line)
        self.assertEqual(order.state, "done")

    def test_no_bill_is_paid_by_it(self):
        bills = self.make_bill(100) + self.make_bill(100)
        payment = self.register(bills[0])
        order = self.executed_unseen(payment)
        self.read()
        self.assertEqual(bills[1].payment_state, "not_paid")
        self.assertPaidInTheEnd(payment, order)
        self.assertEqual(bills.mapped("payment_state"), ["paid", "not_paid"])

    def test_near_misses_are_booked(self):
        """Of another amount, an earlier day, another account, or another order's."""
        payment = self.tax_payment()
        order = self.executed_unseen(payment)
        known = self.executed_of_known_id()
        tax = {"transactionType": 32}
        near = [
            self.add(-299.99, "2026-06-30", paymentId="901", **tax),
            self.add(-300, "2026-06-29", paymentId="902", **tax),
            self.add(-300, "2026-06-30", iban=OTHER_IBAN, paymentId="903", **tax),
        ]
        self.read(self.account, self.other)
        for movement in near:
            self.assertTrue(self.line(movement).is_reconciled, movement)
        self.assertTrue(known.is_matched)
        self.assertPaidInTheEnd(payment, order)

    def executed_of_known_id(self):
        order = self.send(self.pay(300))
        self.bank.sign()
        self.refresh()
        return order

    def test_a_movement_whose_payment_id_comes_later(self):
        """The order is known to be executed; a movement of its amount has no ID yet."""
        payment = self.tax_payment()
        order = self.send(payment)
        self.bank.sign()
        self.refresh()
        self.assertEqual(order.state, "done")
        for one in self.bank.ledger.movements(IBAN, "GEL"):
            self.bank.ledger.find(one["movementId"]).members.pop("paymentId", None)
        self.read()
        line = self.lines(self.account).filtered(lambda one: one.amount == -300)
        self.assertFalse(line.tbc_payment_id)
        self.assertUnmatched(line.tbc_movement_id)
        # Once the order is matched, it is any tax.
        line.tbc_payment_id = order.bank_transfer_id
        again = self.add(-300, "2026-06-30", transactionType=32)
        self.read()
        self.assertTrue(order.is_matched)
        self.assertTrue(self.line(again).is_reconciled)

    def test_an_order_that_was_refused_awaits_nothing(self):
        self.tax_payment()
        payment = self.pay(300)
        self.bank.block_account(self.vendor.bank_ids.sanitized_acc_number)
        order = self.send(payment)
        self.assertEqual(order.state, "refused")
        tax = self.add(-300, "2026-06-30", paymentId="904", transactionType=32)
        self.read()
        self.assertTrue(self.line(tax).is_reconciled)


@tagged("post_install", "-at_install")
class TestSuspenseAccount(MatchingCase):
    """The journal has another suspense account than when the line came in."""

    def change(self):
        journal = self.account.journal_id
        former = journal.suspense_account_id
        journal.suspense_account_id = former.copy({"name": "New suspense"})
        self.env.flush_all()
        self.env.invalidate_all()
        return former

    def test_older_lines_are_matched(self):
        self.add(1000, "2026-06-01")
        other = self.make_account(iban=OTHER_IBAN)
        self.account.fee_account_id = self.env["account.account"].search(
            [("account_type", "=", "expense"), ("company_ids", "in", self.company.ids)],
            limit=1,
        )
        invoices = self.invoice(100) + self.invoice(70)
        movements = [self.receive(100), self.receive(70, invoices[1].name)]
        fee = self.add(-1, parentExternalPaymentId=18000000999, transactionType=33)
        later = self.receive(33)
        legs = [
            self.add(
                amount,
                iban=iban,
                transactionType=1,
                movementId=f"000000000777.{suffix}",
                externalPaymentId="777",
                partnerAccountInfo={"accountIban": partner},
            )
            for suffix, amount, iban, partner in (
                (1, -50, IBAN, OTHER_IBAN),
                (2, 50, OTHER_IBAN, IBAN),
            )
        ]
        self.sync(self.account)
        self.sync(other)
        former = self.change()
        self.match()
        for movement, invoice in zip(movements, invoices, strict=True):
            self.assertMatched(movement, invoice)
        for movement in (fee, *legs):
            line = self.line(movement)
            self.assertTrue(line.is_reconciled, line.tbc_match_problem)
            self.assertNotIn(former, line.line_ids.account_id)
        self.assertUnmatched(later)
        self.assertFalse(self.line(later).tbc_match_problem)
        third = self.invoice(33)
        self.match()
        self.assertMatched(later, third)

    def test_our_own_orders(self):
        self.add(1000, "2026-06-01")
        payment = self.pay(100)
        order = self.send(payment)
        self.bank.in_progress_questions = 0
        self.bank.sign()
        order.bank_transfer_id, known = False, order.bank_transfer_id
        self.sync(self.account)
        self.change()
        order.bank_transfer_id = known
        self.refresh()
        self.match()
        self.assertEqual(payment.state, "paid", order.problem)

    def test_what_a_person_has_booked_stays(self):
        """Even on the account that was the suspense account."""
        invoice = self.invoice(100)
        movement = self.receive(100)
        self.sync(self.account)
        former = self.change()
        line = self.line(movement)
        income = self.env["account.account"].search(
            [("account_type", "=", "income"), ("company_ids", "in", self.company.ids)],
            limit=1,
        )
        item = line.line_ids.filtered(lambda one: one.account_id == former)
        for account in (income, former):
            item.with_context(skip_readonly_check=True).account_id = account
            self.env.flush_all()
            self.match()
            self.assertEqual(item.account_id, account)
            self.assertEqual(invoice.payment_state, "not_paid")

    def test_what_a_person_has_half_done_is_left(self):
        invoice = self.invoice(100)
        movement = self.receive(100)
        self.sync(self.account)
        line = self.line(movement)
        _liquidity, suspense, _others = line._seek_for_lines()
        line.move_id.with_context(skip_readonly_check=True).write(
            {
                "line_ids": [
                    Command.update(
                        suspense.id, {"balance": -40, "amount_currency": -40}
                    ),
                    Command.create(
                        {
                            "account_id": self.company.get_unaffected_earnings_account().id,
                            "balance": -60,
                        }
                    ),
                ]
            }
        )
        self.env.flush_all()
        self.change()
        self.match()
        self.assertFalse(line.is_reconciled)
        self.assertEqual(invoice.payment_state, "not_paid")

    def test_undone_on_the_new_account(self):
        invoice = self.invoice(100)
        movement = self.receive(100)
        self.sync(self.account)
        self.change()
        self.match()
        line = self.line(movement)
        line.action_undo_reconciliation()
        _liquidity, suspense, _others = line._seek_for_lines()
        self.assertEqual(suspense.account_id, line.journal_id.suspense_account_id)
        line.action_tbc_match_again()
        self.match()
        self.assertMatched(movement, invoice)
