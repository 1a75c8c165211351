"""What was settled is taken back: wholly, by us and by Odoo's own undo; legs together."""

import re

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .settle_common import IBAN, OTHER_IBAN, SettleCase


@tagged("post_install", "-at_install")
class TestSettleBack(SettleCase):
    notes_changes = False

    def ways(self, line):
        """Each kind of settlement of 100, with what it pays."""
        invoice, note = self.invoice(120), self.invoice(20, move_type="out_refund")
        return {
            "documents": self.paying(invoice, note),
            "a part": self.paying(self.invoice(300), left_open=True),
            "accounts": {"parts": [self.part(self.fuel, 60), self.part(self.fees)]},
            "a tax": {
                "parts": [self.part(self.fuel, tax_ids=self.make_tax(kind="sale").ids)]
            },
            "on account": {"on_account": "customer", "partner_id": self.customer.id},
            "dollars": self.paying(self.usd_invoice(500), left_open=True),
        }

    def residuals(self, settlement):
        ids = [one["id"] for one in settlement.get("items", [])]
        return self.env["account.move.line"].browse(ids).mapped("amount_residual")

    def buttons(self):
        """Whoever has a button for it; account_reconcile_oca may be there, too."""
        names = ("tbc_unsettle", "action_undo_reconciliation", "unreconcile_bank_line")
        lines = self.env["account.bank.statement.line"]
        return [name for name in names if hasattr(lines, name)]

    def settle_elsewhere(self, line, item):
        """On account_reconcile_oca's screen, if it is there; else in the entry."""
        if hasattr(line, "reconcile_bank_line"):
            line.add_account_move_line_id = item
            line._onchange_add_account_move_line_id()
            line.reconcile_bank_line()
            return
        suspense = line._seek_for_lines()[1]
        suspense.account_id = item.account_id
        (suspense + item).reconcile()

    def test_every_way_back(self):
        for button in self.buttons():
            line = self.booked(100, purpose=button)
            before = self.entry(line)
            for kind, settlement in self.ways(line).items():
                with self.subTest(kind, button=button):
                    residuals = self.residuals(settlement)
                    line.tbc_settle(settlement)
                    self.assertSettled(line)
                    getattr(line, button)()
                    self.env.invalidate_all()
                    self.assertOpen(line)
                    self.assertEqual(self.entry(line), before)
                    self.assertEqual(self.residuals(settlement), residuals)
                    self.assertTrue(line.tbc_match_undone)

    def test_the_matching_leaves_it_alone(self):
        invoice = self.invoice(100)
        line = self.of_customer(100)
        line.tbc_settle(self.paying(invoice))
        told = line.tbc_unsettle()
        self.assertEqual(told["cards"].keys(), {line.id})
        self.match()
        self.assertOpen(line)
        self.assertEqual(invoice.payment_state, "not_paid")
        # Settled again, it is as any other.
        line.tbc_settle(self.paying(invoice))
        self.assertSettled(line)
        self.assertFalse(line.tbc_match_undone)

    def test_what_the_matching_did(self):
        invoice = self.invoice(100)
        line = self.of_customer(100)
        self.match()
        self.assertTrue(line.is_reconciled)
        line.tbc_unsettle()
        self.match()
        self.assertOpen(line)
        self.assertEqual(invoice.payment_state, "not_paid")

    def test_what_somebody_did_elsewhere(self):
        """Without our note, it is left alone all the same."""
        invoice = self.invoice(100)
        line = self.booked(100)
        self.settle_elsewhere(line, self.receivable(invoice))
        self.assertTrue(line.is_reconciled)
        self.assertEqual(invoice.payment_state, "paid")
        self.match()
        with self.assertRaisesRegex(UserError, "matched already"):
            line.tbc_settle({"parts": [self.part(self.fuel)]})
        line.tbc_unsettle()
        self.match()
        self.assertOpen(line)

    def settle_by_another_entry(self, line, item):
        """As account_reconcile_oca does where suspense accounts are kept, or a person."""
        suspense = line._seek_for_lines()[1]
        suspense.account_id.sudo().reconcile = True
        if hasattr(line, "reconcile_bank_line"):
            line.journal_id.sudo().reconcile_mode = "keep"
            self.settle_elsewhere(line, item)
            return
        entry = self.mine(self.env["account.move"]).create(
            {
                "journal_id": line.journal_id.id,
                "date": line.date,
                "line_ids": [
                    Command.create({"account_id": account.id, "balance": balance})
                    for account, balance in (
                        (suspense.account_id, -suspense.balance),
                        (item.account_id, suspense.balance),
                    )
                ],
            }
        )
        entry.action_post()
        for one, other in zip(entry.line_ids, suspense + item, strict=True):
            (one + other).reconcile()

    def undo_other_entry(self, line, entry):
        if hasattr(line, "unreconcile_bank_line"):
            line.unreconcile_bank_line()
        else:
            entry.button_cancel()

    def test_what_another_entry_matched(self):
        """Undone alone, the line's money would be there twice."""
        invoice = self.invoice(100)
        line = self.booked(100)
        self.settle_by_another_entry(line, self.receivable(invoice))
        self.env.invalidate_all()
        self.assertTrue(line.is_reconciled)
        self.assertEqual(invoice.payment_state, "paid")
        with self.assertRaisesRegex(UserError, "matched already"):
            line.tbc_settle({"parts": [self.part(self.fuel)]})
        suspense = line._seek_for_lines()[1]
        entry = (suspense._all_reconciled_lines() - suspense).move_id
        for button in ("tbc_unsettle", "action_undo_reconciliation"):
            with self.assertRaisesRegex(UserError, re.escape(entry.name)):
                getattr(line, button)()
        self.assertTrue(line.is_reconciled)
        self.undo_other_entry(line, entry)
        self.env.invalidate_all()
        self.assertOpen(line)
        self.assertEqual(invoice.payment_state, "not_paid")
        # Now it is ours, and every button knows that.
        for button in self.buttons():
            line.tbc_settle(self.paying(invoice))
            self.assertSettled(line)
            getattr(line, button)()
            self.env.invalidate_all()
            self.assertOpen(line)
            self.assertEqual(invoice.payment_state, "not_paid")
            self.assertFalse(invoice.reversal_move_ids)

    def test_nothing_to_take_back(self):
        line = self.booked(100)
        with self.assertRaisesRegex(UserError, "nothing to undo"):
            line.tbc_unsettle()
        with self.assertRaises(UserError):
            line.browse().tbc_unsettle()

    def test_an_invoice_that_is_parted_from_it(self):
        """Odoo's own: the money stays on account, as after its own matching."""
        invoice = self.invoice(100)
        line = self.booked(100)
        line.tbc_settle(self.paying(invoice))
        self.receivable(invoice).remove_move_reconcile()
        self.assertEqual(line._seek_for_lines()[2].amount_residual, -100)
        line.tbc_unsettle()
        self.assertOpen(line)


@tagged("post_install", "-at_install")
class TestSettleLegs(SettleCase):
    notes_changes = False

    def transfer_items(self):
        transfer = self.company.transfer_account_id
        return self.env["account.move.line"].search([("account_id", "=", transfer.id)])

    def legs(self, back=100):
        debit = self.booked(-100, purpose="To the other account")
        credit = self.booked(back, self.other_account, purpose="From ours")
        return debit, credit

    def test_between_two_accounts(self):
        debit, credit = self.legs()
        told = debit.tbc_settle({"other_line_id": credit.id})
        self.assertEqual(told["cards"].keys(), {debit.id, credit.id})
        for line, other in ((debit, credit), (credit, debit)):
            self.assertSettled(line)
            self.assertIn(other.move_id.name, line.tbc_match_note)
        self.assertEqual(self.transfer_items().mapped("balance"), [-100, 100])
        self.assertTrue(all(self.transfer_items().mapped("reconciled")))

    def test_in_another_bank_s_journal(self):
        debit = self.booked(-100)
        credit = self.other_bank(100)
        debit.tbc_settle({"other_line_id": credit.id})
        for line in (debit, credit):
            self.assertSettled(line)
        # Either of them takes both back.
        credit.tbc_unsettle()
        for line in (debit, credit):
            self.assertOpen(line)
        self.assertFalse(self.transfer_items())
        credit.tbc_settle({"other_line_id": debit.id})
        debit.action_undo_reconciliation()
        for line in (debit, credit):
            self.assertOpen(line)

    def test_less_what_the_other_bank_kept(self):
        debit = self.booked(-100)
        credit = self.other_bank(97)
        with self.assertRaisesRegex(UserError, "different amounts"):
            debit.tbc_settle({"other_line_id": credit.id})
        debit.tbc_settle({"other_line_id": credit.id, "parts": [self.part(self.fees)]})
        for line in (debit, credit):
            self.assertSettled(line)
        transfer = self.code(self.company.transfer_account_id)
        self.assertEqual(
            self.items(debit), sorted([(transfer, 97, 97), ("620000", 3, 3)])
        )
        self.assertEqual(self.items(credit), [(transfer, -97, -97)])
        self.assertTrue(all(self.transfer_items().mapped("reconciled")))
        credit.tbc_unsettle()
        for line in (debit, credit):
            self.assertOpen(line)

    def test_a_line_of_another_bank_alone(self):
        """The screen is for all banks: whatever its journal, it is settled so."""
        line = self.other_bank(100)
        invoice = self.invoice(100)
        line.tbc_settle(self.paying(invoice))
        self.assertSettled(line)
        self.assertEqual(invoice.payment_state, "paid")
        line.tbc_unsettle()
        self.assertOpen(line)

    def test_no_other_leg(self):
        line = self.booked(-100)
        same_way = self.booked(-100, self.other_account, purpose="Out")
        same_journal = self.booked(100, purpose="In")
        settled = self.other_bank(100)
        settled.tbc_settle({"parts": [self.part(self.fuel)]})
        for other, sentence in (
            (line, "not the other leg"),
            (same_way, "not the other leg"),
            (same_journal, "not the other leg"),
            (settled, "matched this transaction"),
        ):
            with self.subTest(other.payment_ref):
                with self.assertRaisesRegex(UserError, sentence):
                    line.tbc_settle({"other_line_id": other.id})
        self.assertOpen(line)

    def test_both_are_left_alone_by_the_matching(self):
        details = {"transactionType": 1}
        debit = self.booked(
            -100,
            partnerAccountInfo={"accountIban": OTHER_IBAN, "partnerName": "Our"},
            **details,
        )
        credit = self.booked(
            100,
            self.other_account,
            partnerAccountInfo={"accountIban": IBAN, "partnerName": "Our"},
            **details,
        )
        self.match()
        self.assertTrue(debit.is_reconciled)
        debit.tbc_unsettle()
        self.match()
        for line in (debit, credit):
            self.assertOpen(line)
        debit.tbc_settle({"parts": [self.part(self.fuel)]})
        self.match()
        self.assertSettled(debit)
        self.assertOpen(credit)
