"""What the bank is paying stays matched with what it pays, and stays in the books."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_transfer_bills import BillsMixin
from .transfer_common import TransferCase


@tagged("post_install", "-at_install")
class TestTransferPart(BillsMixin, TransferCase):
    notes_changes = False

    def ways_to_part(self, bill, payment):
        """``{name: function}`` of everything that frees the bill of its payment."""
        bill = bill.with_user(self.accountant)
        entry = payment.move_id.with_user(self.accountant)
        items = self.payable(entry).with_user(self.accountant)
        partial = (items.matched_debit_ids | items.matched_credit_ids)[:1]
        other = self.payable(self.make_bill(1.0))
        selected = items.with_context(active_ids=items.ids)
        return {
            "the bill's widget": lambda: bill.js_remove_outstanding_partial(partial.id),
            "the entry's widget": lambda: entry.js_remove_outstanding_partial(
                partial.id
            ),
            "the payment's items": items.remove_move_reconcile,
            "the bill's items": bill.line_ids.remove_move_reconcile,
            "the list of items": selected.action_unreconcile_match_entries,
            "deleting": partial.unlink,
            "another amount": lambda: partial.write({"amount": 0.01}),
            "another bill": lambda: partial.write({"credit_move_id": other.id}),
            "reset and cancel": lambda: (bill.button_draft(), bill.button_cancel()),
            "reverse": lambda: bill._reverse_moves(
                [{"invoice_date": "2026-06-30"}], cancel=True
            ),
            "another amount of the bill": lambda: (
                bill.button_draft(),
                bill.invoice_line_ids.write({"price_unit": 7.0}),
            ),
            "another account": lambda: self.payable(bill).write(
                {"account_id": self.other_payable().id}
            ),
        }

    def other_payable(self):
        accounts = self.env["account.account"]
        return accounts.search([("code", "=", "999003")]) or accounts.create(
            {
                "name": "Other payables",
                "code": "999003",
                "account_type": "liability_payable",
                "reconcile": True,
            }
        )

    def assertTogether(self, bill, payment):
        for name, part in self.ways_to_part(bill, payment).items():
            with self.subTest(name, state=self.order(payment).state):
                with self.assertRaises(UserError) as caught:
                    with self.env.cr.savepoint():
                        part()
                        self.env.flush_all()
                self.env.invalidate_all()
                self.assertIn(payment.name, str(caught.exception))
                self.assertEqual(bill.amount_residual, 0.0)
                self.assertEqual(bill.state, "posted")

    def test_with_a_live_order(self):
        """From the moment that it may be sent to the moment that its bank line is read."""
        bill = self.make_bill(600.0)
        payment = self.register(bill)
        order = self.send(payment)
        self.bank.in_progress_questions = 1
        states = [order.state]
        self.assertTogether(bill, payment)
        self.refresh()
        states.append(order.state)
        self.assertTogether(bill, payment)
        self.bank.sign()
        self.refresh()
        states.append(order.state)
        self.assertTogether(bill, payment)
        self.refresh()
        states.append(order.state)
        self.assertTogether(bill, payment)
        self.assertEqual(states, ["submitted", "to_sign", "in_progress", "done"])
        self.sync(self.account)
        self.assertEqual((bill.payment_state, payment.state), ("paid", "paid"))

    def test_being_sent_and_in_doubt(self):
        bill = self.make_bill(600.0)
        payment = self.register(bill)
        payment.action_tbc_queue()
        self.initiate(payment)
        order = self.order(payment)
        used = self.integration.sudo().credential_ids.fingerprint
        order.write(
            {
                "state": "sending",
                "sent_at": "2026-06-30 08:00:00",
                "sent_with": used,
            }
        )
        self.assertTogether(bill, payment)
        order.write({"state": "unknown", "was_doubtful": True})
        self.assertTogether(bill, payment)
        order.is_missing_at_bank = True
        order.with_user(self.bookkeeper).action_queue_again()
        self.assertEqual(order.state, "queued")
        self.assertTogether(bill, payment)

    def test_a_grouped_payment(self):
        bills = self.make_bill(100.0) + self.make_bill(50.0)
        payment = self.register(bills, group_payment=True)
        self.send(payment)
        self.assertTogether(bills[1], payment)
        self.assertEqual(bills.mapped("amount_residual"), [0.0, 0.0])

    def test_matched_by_hand(self):
        bill, payment = self.make_bill(100.0), self.pay_many([100.0])
        self.match(payment, bill)
        self.send(payment)
        self.assertTogether(bill, payment)

    def test_what_may_be_parted(self):
        """As long as the bank has nothing, and as soon as the bank line is there."""
        bill = self.make_bill(100.0)
        payment = self.register(bill)
        self.part(payment)
        self.match(payment, bill)
        payment.action_tbc_queue()
        self.part(payment)
        self.match(payment, bill)
        self.initiate(payment)
        self.submit()
        self.refresh()
        self.bank.in_progress_questions = 0
        self.bank.sign()
        self.refresh()
        self.sync(self.account)
        line = self.lines(self.account)
        # Undone and matched again, the bank line alone.
        line.with_user(self.accountant).action_undo_reconciliation()
        self.assertFalse(payment.is_matched)
        self.assertEqual(bill.amount_residual, 0.0)
        self.assertTogether(bill, payment)
        self.sync(self.account)
        self.assertTrue(payment.is_matched)
        self.part(payment)
        self.assertEqual(bill.amount_residual, 100.0)

    def test_the_bank_does_not_pay(self):
        """Its own refusal parts them, also where the period is locked."""
        for day, lock in (("2026-06-30", None), ("2026-06-25", "2026-06-28")):
            bill = self.make_bill(100.0)
            payment = self.register(bill, payment_date=day)
            self.send(payment)
            self.refresh()
            if lock:
                self.lock_until(lock)
            self.bank.reject()
            self.refresh()
            with self.subTest(day):
                self.assertEqual(payment.state, "rejected")
                self.assertEqual(bill.amount_residual, 100.0)

    def test_an_exchange_difference_stays_with_it(self):
        for day, rate in (("2026-06-01", 2.5), ("2026-06-25", 2.7)):
            self.env["res.currency.rate"].create(
                {
                    "currency_id": self.usd.id,
                    "company_id": self.company.id,
                    "name": day,
                    "inverse_company_rate": rate,
                }
            )
        bill = self.make_bill(100.0, currency=self.usd)
        payment = self.register(bill, currency_id=self.gel.id)
        items = self.payable(payment.move_id, bill)
        partials = items.matched_debit_ids | items.matched_credit_ids
        self.assertTrue(partials.exchange_move_id)
        self.send(payment)
        self.assertTogether(bill, payment)
        self.refresh()
        self.bank.reject()
        self.refresh()
        self.assertEqual(bill.amount_residual, 100.0)

    # --- the entry --------------------------------------------------------------------

    def test_the_entry_of_an_executed_payment_stays(self):
        """Matched or not: a paid payment with a draft entry is in no books."""
        bill = self.make_bill(100.0)
        payment = self.register(bill)
        self.send(payment)
        self.refresh()
        self.bank.in_progress_questions = 0
        self.bank.sign()
        self.refresh()
        self.sync(self.account)
        self.assertEqual((self.order(payment).state, payment.state), ("done", "paid"))
        self.assertTrue(payment.is_matched)
        entry = payment.move_id.with_user(self.env.user)
        payment = payment.with_user(self.env.user)
        for name, attempt in {
            "reset": entry.button_draft,
            "cancel": entry.button_cancel,
            "reverse": lambda: entry._reverse_moves(cancel=True),
            "reverse later": entry._reverse_moves,
            "the dialog": lambda: self.credit_dialog(entry).reverse_moves(),
            "written": lambda: entry.write({"state": "draft"}),
            "written off": lambda: entry.write({"state": "cancel"}),
            "let go": lambda: entry.write({"origin_payment_id": False}),
            "left": lambda: payment.write({"move_id": False}),
            "entry deleted": entry.with_context(force_delete=True).unlink,
            "the payment": payment.action_draft,
            "the payment's end": payment.action_cancel,
            "rejected": payment.action_reject,
            "deleted": payment.unlink,
        }.items():
            with self.subTest(name):
                with self.assertRaises(UserError) as caught:
                    with self.env.cr.savepoint():
                        attempt()
                        self.env.flush_all()
                self.env.invalidate_all()
                if name != "deleted":
                    self.assertIn(payment.name, str(caught.exception))
                self.assertEqual((entry.state, payment.state), ("posted", "paid"))
        # Nor does undoing its bank line open a way.
        self.lines(self.account).action_undo_reconciliation()
        with self.assertRaises(UserError):
            entry.button_draft()

    def credit_dialog(self, entry):
        return (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=entry.ids)
            .create({"journal_id": entry.journal_id.id, "date": "2026-06-30"})
        )

    def test_money_that_comes_back_may_be_undone(self):
        """Its bank line is matched with what was paid, and parts nothing."""
        bill = self.make_bill(100.0)
        payment = self.register(bill)
        self.send(payment)
        self.refresh()
        self.bank.in_progress_questions = 0
        self.bank.sign()
        self.sync(self.account)
        self.assertEqual(bill.payment_state, "paid")
        # The bank's word comes later than its bank line.
        self.assertEqual(self.order(payment).state, "to_sign")
        self.part(payment)
        back = self.env["account.bank.statement.line"].create(
            {
                "journal_id": payment.journal_id.id,
                "date": "2026-06-30",
                "payment_ref": "came back",
                "amount": 100.0,
                "partner_id": self.vendor.id,
            }
        )
        _liquidity, suspense, _other = back._seek_for_lines()
        suspense.account_id = self.payable(bill).account_id
        self.match(payment, back.move_id)
        self.assertTrue(back.is_reconciled)
        [paid] = payment.reconciled_statement_line_ids
        for line in (paid, back):
            line.with_user(self.accountant).action_undo_reconciliation()
            self.assertFalse(line.is_reconciled)

    def test_other_entries_are_free(self):
        bill, other = self.make_bill(100.0), self.make_bill(100.0)
        payment = self.register(bill)
        self.send(payment)
        cash = self.pay_cash(other)
        self.part(cash)
        self.assertEqual(other.amount_residual, 100.0)
        cash.action_draft()
        self.assertEqual(cash.move_id.state, "draft")
