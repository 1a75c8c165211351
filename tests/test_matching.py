"""What arrives in the journals is matched with what it surely is, and nothing else."""

from datetime import date, timedelta
from unittest.mock import patch

from odoo.addons.account_tbc_bank.services.ledger import books_balance
from odoo.addons.account_tbc_bank.services.matching import run
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common import IBAN, OTHER_IBAN
from .transfer_common import TransferCase

CUSTOMER_CODE = "404123456"
CUSTOMER = {"taxCode": CUSTOMER_CODE, "partnerName": "Customer LLC"}
CUSTOMER_IBAN = "GE61TB9876543210987654"
OWN = {"partnerName": "Our Company LLC"}


@tagged("post_install", "-at_install")
class MatchingCase(TransferCase):
    """Three accounts, a customer, and open documents."""

    bank_options = {
        "accounts": {IBAN: ("GEL", "USD", "EUR"), OTHER_IBAN: ("GEL",)},
        "days": 0,
        "openings": dict.fromkeys(
            ((IBAN, "GEL"), (IBAN, "USD"), (IBAN, "EUR"), (OTHER_IBAN, "GEL")), "0.00"
        ),
    }

    def set_up_once(self):
        super().set_up_once()
        self.customer = self.env["res.partner"].create(
            {"name": "Customer LLC", "is_company": True, "vat": CUSTOMER_CODE}
        )
        self.rate(self.usd, 2.70)
        self.rate(self.eur, 3.20)

    def rate(self, currency, value):
        self.env["res.currency.rate"].create(
            {
                "currency_id": currency.id,
                "company_id": self.company.id,
                "name": "2026-01-01",
                "inverse_company_rate": value,
            }
        )

    def invoice(self, amount=100.0, partner=None, *, move_type="out_invoice", **values):
        """Return a posted invoice without tax."""
        return self.invoices([(amount, partner)], move_type=move_type, **values)

    def invoices(self, wanted, *, move_type="out_invoice", **values):
        """Such invoices, posted at once: an amount and a partner of each."""
        moves = self.env["account.move"].create(
            [
                {
                    "move_type": move_type,
                    "partner_id": (partner or self.customer).id,
                    "invoice_date": "2026-06-10",
                    "date": "2026-06-10",
                    "currency_id": self.gel.id,
                    "invoice_line_ids": [
                        Command.create(
                            {"name": "Goods", "price_unit": amount, "tax_ids": [(5,)]}
                        )
                    ],
                    **values,
                }
                for amount, partner in wanted
            ]
        )
        moves.action_post()
        return moves

    def receive(self, amount=100, purpose="Payment", **members):
        """The customer's money at the bank; return the movement's id."""
        members = {
            "partnerAccountInfo": CUSTOMER,
            "purpose": purpose,
            "transactionType": 20 if amount > 0 else 30,
            **members,
        }
        return self.add(amount, **members)

    def read(self, *accounts):
        """Read the accounts, and match."""
        for account in accounts or self.account:
            self.sync(account)
        self.match()

    def executed(self, payments):
        """Send, sign at the bank, and ask; return the orders."""
        orders = self.send(payments)
        self.bank.in_progress_questions = 0
        self.bank.sign()
        self.refresh()
        return orders

    def match(self):
        self.match_accounts(
            self.env["tbc.account"].search([("company_id", "=", self.company.id)])
        )
        self.env.invalidate_all()

    def line(self, movement_id):
        return self.env["account.bank.statement.line"].search(
            [("tbc_movement_id", "=", movement_id)]
        )

    def assertMatched(self, movement_id, moves):
        """The line's counterpart is reconciled with these entries, and used up."""
        line = self.line(movement_id)
        _liquidity, suspense, others = line._seek_for_lines()
        self.assertFalse(suspense, line.payment_ref)
        self.assertTrue(all(others.mapped("reconciled")))
        partials = others.matched_debit_ids | others.matched_credit_ids
        found = (partials.debit_move_id | partials.credit_move_id).move_id
        self.assertEqual(found - line.move_id, moves)
        self.assertTrue(line.tbc_match_note)

    def assertUnmatched(self, movement_id):
        line = self.line(movement_id)
        self.assertTrue(line)
        self.assertFalse(line.is_reconciled, line.tbc_match_note)
        self.assertFalse(line.tbc_match_note)


class TestMatchingDocuments(MatchingCase):
    def test_an_invoice_by_its_exact_amount(self):
        invoice = self.invoice(100)
        self.invoice(99.99)
        movement = self.receive(100)
        self.read()
        self.assertMatched(movement, invoice)
        self.assertEqual(invoice.payment_state, "paid")
        line = self.line(movement)
        self.assertIn(invoice.name, line.tbc_match_note)
        self.assertIn(line.tbc_match_note, str(line.move_id.message_ids.mapped("body")))

    def test_two_candidates_are_no_match(self):
        first, second = self.invoice(100), self.invoice(100)
        movement = self.receive(100)
        self.read()
        self.assertUnmatched(movement)
        self.assertEqual((first + second).mapped("payment_state"), ["not_paid"] * 2)

    def test_two_lines_for_one_invoice(self):
        invoice = self.invoice(100)
        movements = [self.receive(100), self.receive(100, "Again", day="2026-06-16")]
        self.read()
        for movement in movements:
            self.assertUnmatched(movement)
        self.assertEqual(invoice.payment_state, "not_paid")

    def test_the_invoice_that_the_purpose_names(self):
        invoices = self.invoice(100) + self.invoice(100)
        movement = self.receive(100, f"ინვოისი {invoices[1].name}")
        self.read()
        self.assertMatched(movement, invoices[1])

    def test_a_part_of_the_invoice_that_is_named(self):
        invoice = self.invoice(100)
        named = self.receive(40, f"Part of {invoice.name}")
        silent = self.receive(60, "The rest")
        self.read()
        self.assertMatched(named, invoice)
        self.assertEqual(invoice.amount_residual, 60)
        # Once the rest is what is open, it is exactly this amount.
        self.match()
        self.assertMatched(silent, invoice)
        self.assertEqual(invoice.payment_state, "paid")

    def test_two_parts_at_once(self):
        invoice = self.invoice(100)
        parts = [
            self.receive(amount, invoice.name, day=day)
            for amount, day in ((40, "2026-06-15"), (35, "2026-06-16"))
        ]
        self.read()
        for part in parts:
            self.assertMatched(part, invoice)
        self.assertEqual(invoice.amount_residual, 25)

    def test_never_more_than_is_open(self):
        invoice = self.invoice(100)
        movement = self.receive(100.01, invoice.name)
        self.read()
        self.assertUnmatched(movement)

    def test_several_invoices_of_an_exact_sum(self):
        invoices = self.invoice(100) + self.invoice(55.55)
        purpose = " და ".join(invoices.mapped("name"))
        movement = self.receive(155.55, purpose)
        wrong = self.receive(155.54, purpose, day="2026-06-16")
        self.read()
        # Both name them, and one of them is too much.
        self.assertUnmatched(wrong)
        self.assertUnmatched(movement)
        self.bank.ledger.withdraw(wrong)
        self.line(wrong).unlink()
        self.match()
        self.assertMatched(movement, invoices)

    def test_an_invoice_less_a_credit_note(self):
        invoice, note = self.invoice(100), self.invoice(30, move_type="out_refund")
        purpose = f"{invoice.name} - {note.name}"
        wrong = self.receive(71, purpose)
        self.read()
        self.assertUnmatched(wrong)
        self.bank.ledger.withdraw(wrong)
        self.line(wrong).unlink()
        movement = self.receive(70, purpose)
        self.read()
        # Odoo matches the line with the invoice, and the rest of that with the note.
        self.assertMatched(movement, invoice)
        self.assertEqual((invoice + note).mapped("amount_residual"), [0, 0])
        self.assertIn(note.name, self.line(movement).tbc_match_note)
        self.line(movement).action_undo_reconciliation()
        self.assertEqual((invoice + note).mapped("amount_residual"), [100, 30])

    def test_invoices_less_a_larger_credit_note(self):
        invoices = self.invoice(100) + self.invoice(90)
        documents = invoices + self.invoice(130, move_type="out_refund")
        movement = self.receive(60, " ".join(documents.mapped("name")))
        self.read()
        self.assertTrue(self.line(movement).is_reconciled)
        self.assertEqual(documents.mapped("amount_residual"), [0, 0, 0])
        self.line(movement).with_user(self.accountant).action_undo_reconciliation()
        self.assertEqual(documents.mapped("amount_residual"), [100, 90, 130])

    def test_a_bill_less_a_refund(self):
        bill = self.invoice(80, self.vendor, move_type="in_invoice", ref="AB-771")
        refund = self.invoice(20, self.vendor, move_type="in_refund", ref="AB-772")
        movement = self.receive(
            -60, "AB-771, AB-772", partnerAccountInfo={"taxCode": "204567891"}
        )
        self.read()
        self.assertMatched(movement, bill)
        self.assertEqual((bill + refund).mapped("amount_residual"), [0, 0])

    def test_another_document_in_the_purpose(self):
        invoice = self.invoice(100)
        other = invoice.name[:-5] + "99999"
        movement = self.receive(100, other)
        self.read()
        self.assertUnmatched(movement)

    def test_bills_by_the_vendor_s_number(self):
        bills = self.env["account.move"]
        for ref in ("AB-771", "AB-772"):
            bills += self.invoice(80, self.vendor, move_type="in_invoice", ref=ref)
        movement = self.receive(
            -80, "ა/ფ AB-772", partnerAccountInfo={"taxCode": "204567891"}
        )
        self.read()
        self.assertMatched(movement, bills[1])
        self.assertEqual(bills[0].payment_state, "not_paid")

    def test_credit_notes_and_vendor_refunds(self):
        credit_note = self.invoice(30, move_type="out_refund")
        refund = self.invoice(20, self.vendor, move_type="in_refund")
        paid_back = self.receive(-30)
        received = self.receive(20, partnerAccountInfo={"taxCode": "204567891"})
        self.read()
        self.assertMatched(paid_back, credit_note)
        self.assertMatched(received, refund)

    def test_not_another_partner_nor_currency_nor_direction(self):
        self.invoice(100, self.vendor)
        self.invoice(100, currency_id=self.usd.id)
        self.invoice(100, move_type="out_refund")
        movement = self.receive(100)
        self.read()
        self.assertUnmatched(movement)

    def test_a_foreign_invoice_with_odoo_s_exchange_difference(self):
        usd = self.make_account(self.usd)
        invoice = self.invoice(100, currency_id=self.usd.id)
        self.rate_of_day("2026-06-14", 2.80)
        movement = self.receive(100, currency="USD")
        self.read(usd)
        line = self.line(movement)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertTrue(line.is_reconciled)
        item = invoice.line_ids.filtered("reconciled")
        self.assertEqual(item.matched_credit_ids.exchange_move_id.state, "posted")

    def rate_of_day(self, day, value):
        self.env["res.currency.rate"].create(
            {
                "currency_id": self.usd.id,
                "company_id": self.company.id,
                "name": day,
                "inverse_company_rate": value,
            }
        )

    def test_by_iban_and_not_against_another_tax_code(self):
        self.env["res.partner.bank"].create(
            {"acc_number": CUSTOMER_IBAN, "partner_id": self.customer.id}
        )
        invoice, other = self.invoice(100), self.invoice(70)
        movement = self.receive(100, partnerAccountInfo={"accountIban": CUSTOMER_IBAN})
        stranger = self.receive(
            70,
            partnerAccountInfo={"accountIban": CUSTOMER_IBAN, "taxCode": "111111111"},
        )
        self.read()
        self.assertMatched(movement, invoice)
        self.assertUnmatched(stranger)
        self.assertFalse(self.line(stranger).partner_id)
        self.assertEqual(other.payment_state, "not_paid")

    def test_a_partner_whom_the_bank_contradicts(self):
        """Whoever put him there: a person, or another module by the account."""
        invoice = self.invoice(100)
        movement = self.receive(100, partnerAccountInfo={"taxCode": "111111111"})
        self.sync(self.account)
        self.line(movement).partner_id = self.customer
        self.match()
        self.assertUnmatched(movement)
        self.assertEqual(invoice.payment_state, "not_paid")

    def test_a_partner_who_is_entered_later(self):
        movement = self.receive(100, partnerAccountInfo={"taxCode": "405999999"})
        self.read()
        self.assertUnmatched(movement)
        partner = self.env["res.partner"].create({"name": "New", "vat": "GE405999999"})
        invoice = self.invoice(100, partner)
        self.match()
        self.assertEqual(self.line(movement).partner_id, partner)
        self.assertMatched(movement, invoice)

    def test_an_open_payment_stands_in_the_way(self):
        invoice = self.invoice(100)
        self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": "2026-06-10",
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "partner_id": self.customer.id,
                            "balance": balance,
                        }
                    )
                    for account, balance in (
                        (self.customer.property_account_receivable_id, 100),
                        (self.company.get_unaffected_earnings_account(), -100),
                    )
                ],
            }
        ).action_post()
        movement = self.receive(100)
        self.read()
        self.assertUnmatched(movement)
        self.assertEqual(invoice.payment_state, "not_paid")

    def test_a_registered_payment_is_a_rival(self):
        paid, other = self.invoice(100), self.invoice(100)
        journal = self.account.journal_id
        method = journal.inbound_payment_method_line_ids[:1]
        payment = self.env["account.payment"]
        method.payment_account_id = payment.new(
            {"company_id": self.company.id}
        )._get_outstanding_account("inbound")
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=paid.ids
        )
        payments = wizard.create(
            {"journal_id": journal.id, "payment_method_line_id": method.id}
        )._create_payments()
        items = payments.move_id.line_ids.filtered(lambda item: not item.reconciled)
        self.assertEqual(items.mapped("amount_residual_currency"), [100.0])
        movement = self.receive(100)
        self.read()
        self.assertUnmatched(movement)
        self.assertEqual(other.payment_state, "not_paid")

    def test_what_somebody_has_half_done_is_left(self):
        invoice = self.invoice(100)
        movement = self.receive(100)
        self.sync(self.account)
        line = self.line(movement)
        _liquidity, suspense, _others = line._seek_for_lines()
        account = self.company.get_unaffected_earnings_account()
        line.move_id.with_context(skip_readonly_check=True).write(
            {
                "line_ids": [
                    Command.update(
                        suspense.id, {"balance": -40, "amount_currency": -40}
                    ),
                    Command.create({"account_id": account.id, "balance": -60}),
                ]
            }
        )
        self.match()
        self.assertFalse(line.is_reconciled)
        self.assertFalse(line.tbc_match_problem)
        self.assertEqual(invoice.payment_state, "not_paid")

    def test_a_conversion_that_pays_an_invoice_exactly(self):
        eur = self.make_account(self.eur)
        invoice = self.invoice(100, currency_id=self.eur.id)
        movement = self.receive(100, currency="EUR", exchangeRate="1 EUR = 3.175 GEL")
        self.read(eur)
        self.assertTrue(self.line(movement).is_reconciled)
        self.assertEqual((invoice.payment_state, invoice.amount_residual), ("paid", 0))

    def test_a_line_of_another_bank_could_pay_it_too(self):
        invoice = self.invoice(100)
        journal = self.env["account.journal"].create(
            {"name": "Other Bank", "type": "bank", "company_id": self.company.id}
        )
        self.env["account.bank.statement.line"].create(
            {
                "journal_id": journal.id,
                "date": "2026-06-15",
                "amount": 100,
                "payment_ref": "Payment",
                "partner_id": self.customer.id,
            }
        )
        movement = self.receive(100)
        self.read()
        self.assertUnmatched(movement)
        self.assertEqual(invoice.payment_state, "not_paid")

    def test_a_movement_of_our_order_pays_no_other_bill(self):
        self.add(1000, "2026-06-01")
        order = self.executed(self.pay(100))
        other = self.make_bill(100)
        again = self.add(
            -100,
            "2026-06-30",
            paymentId=order.bank_transfer_id,
            partnerAccountInfo={"taxCode": "204567891"},
        )
        self.read()
        self.assertUnmatched(again)
        self.assertEqual(other.payment_state, "not_paid")

    def test_another_company_s_invoice(self):
        company = self.env["res.company"].create({"name": "Sister LLC"})
        self.env["account.chart.template"].try_loading(
            "generic_coa", company, install_demo=False
        )
        company.currency_id = self.gel
        invoice = self.invoice(100, company_id=company.id)
        movement = self.receive(100)
        self.read()
        self.assertUnmatched(movement)
        self.assertEqual(invoice.payment_state, "not_paid")

    def test_a_locked_line_is_left_alone(self):
        self.invoice(100)
        movement = self.receive(100)
        self.sync(self.account)
        # Odoo lets nobody lock a period with unmatched lines, but in other ways.
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_company SET fiscalyear_lock_date = '2026-06-20' WHERE id = %s",
            [self.company.id],
        )
        self.env.invalidate_all()
        self.match()
        self.assertUnmatched(movement)


class TestMatchingUndo(MatchingCase):
    def test_what_somebody_undid_stays_undone(self):
        invoice = self.invoice(100)
        movement = self.receive(100)
        self.read()
        line = self.line(movement)
        line.with_user(self.accountant).action_undo_reconciliation()
        self.assertEqual(invoice.payment_state, "not_paid")
        self.assertTrue(line.tbc_match_undone)
        self.match()
        self.assertUnmatched(movement)
        line.with_user(self.accountant).action_tbc_match_again()
        self.match()
        self.assertMatched(movement, invoice)
        self.assertFalse(line.tbc_match_undone)

    def test_both_legs_are_undone_together(self):
        other = self.make_account(iban=OTHER_IBAN)
        debit, credit = self.own_transfer()
        self.read(self.account, other)
        self.line(debit).action_undo_reconciliation()
        for movement in (debit, credit):
            self.assertUnmatched(movement)
            self.assertTrue(self.line(movement).tbc_match_undone)

    def own_transfer(self):
        debit = self.add(
            -50,
            transactionType=1,
            movementId="000000000777.1",
            externalPaymentId="777",
            partnerAccountInfo={"accountIban": OTHER_IBAN},
        )
        credit = self.add(
            50,
            iban=OTHER_IBAN,
            transactionType=1,
            movementId="000000000777.2",
            externalPaymentId="777",
            partnerAccountInfo={"accountIban": IBAN},
        )
        return debit, credit

    def test_nobody_else_writes_the_notes(self):
        self.receive(100)
        self.read()
        line = self.lines(self.account).with_user(self.accountant)
        for values in ({"tbc_match_note": "x"}, {"tbc_match_undone": True}):
            with self.assertRaises(AccessError):
                line.write(values)

    def test_a_stranger_may_not_let_it_match_again(self):
        self.receive(100)
        self.read()
        with self.assertRaises(AccessError):
            self.lines(self.account).with_user(self.director).action_tbc_match_again()


class TestMatchingLegs(MatchingCase):
    def legs(self, debit, credit, *, operation="777", kind=1, **members):
        """Two movements of one operation: each ``(amount, currency, iban)``."""
        ids = []
        for suffix, (amount, currency, iban), (*_, partner) in (
            ("1", debit, credit),
            ("2", credit, debit),
        ):
            ids.append(
                self.add(
                    amount,
                    currency=currency,
                    iban=iban,
                    transactionType=kind,
                    movementId=f"{operation:>012}.{suffix}",
                    externalPaymentId=operation,
                    partnerAccountInfo={**OWN, "accountIban": partner},
                    **members,
                )
            )
        return ids

    def assertMet(self, ids):
        """Both legs lie on the transfer account, which is even again."""
        transfer = self.company.transfer_account_id
        for movement in ids:
            line = self.line(movement)
            self.assertTrue(line.is_reconciled, line)
            _liquidity, _suspense, others = line._seek_for_lines()
            self.assertEqual(others.account_id, transfer)
            self.assertTrue(others.reconciled)
        items = self.env["account.move.line"].search([("account_id", "=", transfer.id)])
        self.assertAlmostEqual(sum(items.mapped("balance")), 0)
        self.assertFalse(items.filtered(lambda item: item.amount_residual))

    def test_between_two_accounts(self):
        other = self.make_account(iban=OTHER_IBAN)
        ids = self.legs((-50, "GEL", IBAN), (50, "GEL", OTHER_IBAN))
        self.read(self.account)
        self.assertUnmatched(ids[0])
        self.read(other)
        self.assertMet(ids)

    def test_two_operations_that_name_each_other_s_account(self):
        other = self.make_account(iban=OTHER_IBAN)
        ids = self.legs((-50, "GEL", IBAN), (50, "GEL", OTHER_IBAN))
        movement = self.bank.ledger.find(ids[1])
        movement.members["externalPaymentId"] = "778"
        self.read(self.account, other)
        self.assertMet(ids)

    def test_two_currencies_on_one_way(self):
        """Half of two transfers is no conversion."""
        other = self.make_account(iban=OTHER_IBAN)
        usd = self.make_account(self.usd)
        debit = self.legs((-100, "GEL", OTHER_IBAN), (100, "GEL", IBAN))[0]
        credit = self.add(
            100,
            currency="USD",
            transactionType=1,
            externalPaymentId="779",
            partnerAccountInfo={"accountIban": OTHER_IBAN},
        )
        self.read(other, usd)
        self.assertUnmatched(debit)
        self.assertUnmatched(credit)

    def test_unequal_legs_are_left(self):
        other = self.make_account(iban=OTHER_IBAN)
        ids = self.legs((-50, "GEL", IBAN), (49, "GEL", OTHER_IBAN))
        self.read(self.account, other)
        for movement in ids:
            self.assertUnmatched(movement)

    def test_three_movements_of_one_operation_are_left(self):
        other = self.make_account(iban=OTHER_IBAN)
        ids = self.legs((-50, "GEL", IBAN), (50, "GEL", OTHER_IBAN))
        ids.append(
            self.add(
                -50,
                transactionType=1,
                externalPaymentId="777",
                partnerAccountInfo={"accountIban": OTHER_IBAN},
            )
        )
        self.read(self.account, other)
        for movement in ids:
            self.assertUnmatched(movement)

    def test_conversions(self):
        usd, eur = self.make_account(self.usd), self.make_account(self.eur)
        sold = self.legs(
            (-100, "USD", IBAN),
            ("271.53", "GEL", IBAN),
            operation="801",
            kind=5,
            exchangeRate="1 USD = 2.7153 GEL",
        )
        # The rate's product is 86.98: what was really paid counts.
        bought = self.legs(
            ("-277.22", "GEL", IBAN),
            ("86.99", "EUR", IBAN),
            operation="802",
            kind=5,
            exchangeRate="1 EUR = 3.187 GEL",
        )
        silent = self.legs(
            (-10, "USD", IBAN), ("27.05", "GEL", IBAN), operation="803", kind=5
        )
        crossed = self.legs(
            (-100, "USD", IBAN), ("84.10", "EUR", IBAN), operation="804", kind=5
        )
        self.read(self.account, usd, eur)
        self.assertMet([*sold, *bought, *silent, *crossed])
        for account in (self.account, usd, eur):
            expected = self.bank.ledger.balance(IBAN, account.currency_id.name)
            found = books_balance(account, date(2026, 6, 30))
            self.assertAlmostEqual(found, float(expected))

    def test_the_other_leg_of_our_own_order(self):
        other = self.make_account(iban=OTHER_IBAN)
        self.account.journal_id.bank_account_id.allow_out_payment = True
        other.journal_id.bank_account_id.allow_out_payment = True
        self.add(1000, "2026-06-01")
        payment = self.env["account.payment"].create(
            {
                "payment_type": "outbound",
                "partner_type": "supplier",
                "partner_id": self.company.partner_id.id,
                "partner_bank_id": other.journal_id.bank_account_id.id,
                "amount": 75,
                "date": "2026-06-30",
                "memo": "Own",
                "journal_id": self.account.journal_id.id,
                "payment_method_line_id": self.method_line().id,
            }
        )
        payment.action_post()
        order = self.executed(payment.with_user(self.bookkeeper))
        self.read(self.account, other)
        line = self.lines(other)
        self.assertEqual(line.amount, 75)
        self.assertTrue(order.is_matched)
        self.assertMatched(line.tbc_movement_id, payment.move_id)
        transfer = self.env["account.move.line"].search(
            [("account_id", "=", self.company.transfer_account_id.id)]
        )
        self.assertEqual(len(transfer), 2)
        self.assertTrue(all(transfer.mapped("reconciled")))


class TestMatchingFeesAndRules(MatchingCase):
    def test_words_are_words(self):
        self.account.fee_account_id = self.account_of("740001")
        for purpose in ("POS - COFFEE LAB", "SUPERCHARGER", "Feed for cattle"):
            self.add(-6, transactionType=33, purpose=purpose)
        plural = self.add(-6, transactionType=33, purpose="Monthly Fees")
        self.read()
        matched = self.lines(self.account).filtered("is_reconciled")
        self.assertEqual(matched.tbc_movement_id, plural)

    def test_no_rule_for_what_may_pay_an_invoice(self):
        bills = [self.invoice(80, self.vendor, move_type="in_invoice") for _ in "ab"]
        self.rule("utility", self.account_of("760003"))
        movement = self.receive(
            -80, transactionType=31, partnerAccountInfo={"taxCode": "204567891"}
        )
        self.read()
        self.assertUnmatched(movement)
        self.assertEqual(len(bills), 2)

    def test_the_suspense_account_is_no_account_for_a_rule(self):
        with self.assertRaises(ValidationError):
            self.rule("card", self.account.journal_id.suspense_account_id)

    def test_an_archived_account_is_matched_too(self):
        self.account.fee_account_id = self.account_of("740001")
        fee = self.add(-1, parentExternalPaymentId=18000000999, transactionType=33)
        self.sync(self.account)
        self.account.active = False
        self.match_accounts(self.env["tbc.account"].search([]))
        self.match_accounts(self.make_account(self.usd))
        self.assertEqual(self.counterpart(fee).code, "740001")

    def account_of(self, code):
        return self.env["account.account"].create(
            {
                "code": code,
                "name": f"Expense {code}",
                "account_type": "expense",
                "company_ids": [Command.set(self.company.ids)],
            }
        )

    def rule(self, name, account, **values):
        rule = self.env.ref(f"account_tbc_bank.tbc_operation_rule_{name}")
        rule = rule.with_company(self.company)
        rule.write({"account_id": account.id, **values})
        return rule

    def counterpart(self, movement_id):
        _liquidity, suspense, others = self.line(movement_id)._seek_for_lines()
        return (suspense | others).account_id

    def test_fees_wait_for_their_account_and_know_their_operation(self):
        paid = self.receive(-500, externalPaymentId="18000000501")
        fee = self.add(-0.9, parentExternalPaymentId=18000000501, transactionType=33)
        orphan = self.add(-0.5, parentExternalPaymentId=18000000999, transactionType=33)
        self.read()
        self.assertUnmatched(fee)
        self.account.fee_account_id = self.account_of("740001")
        self.match()
        for movement in (fee, orphan):
            self.assertEqual(self.counterpart(movement).code, "740001")
            self.assertTrue(self.line(movement).is_reconciled)
        self.assertEqual(self.line(fee).tbc_parent_line_id, self.line(paid))
        self.assertIn(self.line(paid).move_id.name, self.line(fee).tbc_match_note)
        self.assertIn("18000000999", self.line(orphan).tbc_match_note)

    def test_a_refund_in_part_or_from_elsewhere_is_no_fee(self):
        self.account.fee_account_id = self.account_of("740001")
        self.receive(500, externalPaymentId="18000000511")
        refund = self.add(-200, parentExternalPaymentId=18000000511)
        elsewhere = self.add(-500, parentExternalPaymentId=18000000512)
        self.read()
        self.assertUnmatched(refund)
        self.assertUnmatched(elsewhere)

    def test_a_refund_that_names_its_operation_is_no_fee(self):
        self.account.fee_account_id = self.account_of("740001")
        self.receive(500, externalPaymentId="18000000501")
        self.receive(-300, externalPaymentId="18000000502")
        refund = self.add(-20, parentExternalPaymentId=18000000501, transactionType=30)
        charge = self.add(-2, parentExternalPaymentId=18000000501, transactionType=33)
        odd = self.add(-1, parentExternalPaymentId=18000000502, transactionType=30)
        self.read()
        self.assertUnmatched(refund)
        for movement in (charge, odd):
            self.assertEqual(self.counterpart(movement).code, "740001")

    def test_a_rule_is_off_until_an_account_is_chosen(self):
        tax = self.add(-300, transactionType=32)
        self.read()
        self.assertUnmatched(tax)
        self.rule("treasury", self.account_of("334001"))
        self.match()
        self.assertEqual(self.counterpart(tax).code, "334001")
        self.assertIn("Treasury", self.line(tax).tbc_match_note)

    def test_georgian_defaults(self):
        kinds = {
            "treasury": (-1, 32, "გადასახადების ერთიანი კოდი"),
            "utility": (-2, 31, "კომუნალური გადასახადი"),
            "salary": (-3, 30, "ხელფასი 06/2026"),
            "cash_out": (-4, 30, "ნაღდი ფულის გატანა"),
            "cash_in": (5, 20, "ნაღდი ფულის შემოტანა"),
            "card": (-6, 33, "POS - WISSOL, 6.00"),
            "charge": (-7, 33, "მომსახურების საკომისიო"),
        }
        movements = {}
        for number, (name, (amount, kind, purpose)) in enumerate(kinds.items()):
            self.rule(name, self.account_of(f"75000{number}"))
            movements[name] = self.add(amount, transactionType=kind, purpose=purpose)
        other = self.add(-8, transactionType=30, purpose="Goods")
        self.read()
        for number, name in enumerate(kinds):
            self.assertEqual(self.counterpart(movements[name]).code, f"75000{number}")
        self.assertUnmatched(other)

    def test_charges_go_to_the_fees_account(self):
        self.account.fee_account_id = self.account_of("740001")
        charge = self.add(-7, transactionType=33, purpose="მომსახურების საკომისიო")
        self.read()
        self.assertEqual(self.counterpart(charge).code, "740001")

    def test_the_first_rule_wins_and_code_and_direction_count(self):
        first = self.env["tbc.operation.rule"].with_company(self.company)
        first.create(
            {
                "name": "Fuel",
                "sequence": 1,
                "op_code": "CRD",
                "direction": "out",
                "words": "wissol, სოკარ",
                "account_id": self.account_of("760001").id,
                "partner_id": self.vendor.id,
            }
        )
        self.rule("card", self.account_of("760002"))
        fuel = self.add(-6, transactionType=33, purpose="POS - Wissol", opCode="crd")
        other = self.add(-6, transactionType=33, purpose="POS - Wissol", opCode="X")
        refund = self.add(6, transactionType=33, purpose="POS - Wissol", opCode="CRD")
        self.read()
        self.assertEqual(self.counterpart(fuel).code, "760001")
        items = self.line(fuel).line_ids
        self.assertIn(self.vendor, items.partner_id)
        self.assertEqual(self.counterpart(other).code, "760002")
        self.assertUnmatched(refund)

    def test_each_company_has_its_own_accounts(self):
        rule = self.rule("treasury", self.account_of("334001"))
        other = self.env["res.company"].create({"name": "Sister LLC"})
        self.assertFalse(rule.with_company(other).account_id)

    def test_a_tax_is_included(self):
        tax = self.env["account.tax"].create(
            {
                "name": "VAT 18",
                "amount": 18,
                "type_tax_use": "purchase",
                "company_id": self.company.id,
            }
        )
        self.rule("card", self.account_of("760002"), tax_id=tax.id)
        movement = self.add(-118, transactionType=33, purpose="POS - WISSOL")
        self.read()
        _liquidity, suspense, others = self.line(movement)._seek_for_lines()
        self.assertFalse(suspense)
        base = others.filtered("tax_ids")
        self.assertEqual((base.balance, base.account_id.code), (100, "760002"))
        self.assertEqual((others - base).balance, 18)
        self.assertEqual((others - base).tax_line_id, tax)
        self.line(movement).action_undo_reconciliation()
        self.assertUnmatched(movement)

    def test_an_invoice_goes_before_a_rule(self):
        bill = self.invoice(80, self.vendor, move_type="in_invoice")
        self.rule("utility", self.account_of("760003"))
        movement = self.receive(
            -80, transactionType=31, partnerAccountInfo={"taxCode": "204567891"}
        )
        self.read()
        self.assertMatched(movement, bill)

    def test_only_accounting_administrators_write_rules(self):
        rule = self.env.ref("account_tbc_bank.tbc_operation_rule_card")
        for user in (self.clerk, self.accountant):
            self.assertTrue(rule.with_user(user).name)
            with self.assertRaises(AccessError):
                rule.with_user(user).name = "x"


class TestMatchingReturns(MatchingCase):
    def test_a_returned_payment_reopens_the_bill(self):
        bill = self.invoice(80, self.vendor, move_type="in_invoice", ref="AB-771")
        vendor = {"taxCode": "204567891"}
        paid = self.receive(
            -80, "AB-771", externalPaymentId="18000000601", partnerAccountInfo=vendor
        )
        self.read()
        self.assertMatched(paid, bill)
        back = self.receive(
            80,
            "Returned",
            day="2026-06-20",
            parentExternalPaymentId=18000000601,
            partnerAccountInfo=vendor,
        )
        self.read()
        self.assertEqual(bill.payment_state, "not_paid")
        self.assertMatched(back, self.line(paid).move_id)
        self.assertEqual(self.line(back).tbc_parent_line_id, self.line(paid))
        self.assertIn("open again", str(bill.message_ids.mapped("body")))
        # Nobody pays the bill with the money that came back, nor matches it again.
        self.match()
        self.assertEqual(bill.payment_state, "not_paid")

    def test_a_returned_order_reopens_its_bill(self):
        self.add(1000, "2026-06-01")
        bill = self.make_bill(100)
        payment = self.register(bill)
        order = self.executed(payment)
        self.read()
        self.assertEqual(bill.payment_state, "paid")
        [paid] = order.payment_id.reconciled_statement_line_ids
        back = self.add(
            100, "2026-06-30", paymentId=order.bank_transfer_id, transactionType=20
        )
        self.read()
        self.assertEqual(bill.payment_state, "not_paid")
        self.assertMatched(back, payment.move_id)
        self.assertEqual(self.line(back).tbc_parent_line_id, paid)
        self.assertEqual(order.state, "done")
        self.assertFalse(order.problem)
        self.assertTrue(payment.activity_ids)
        # It can be paid anew.
        again = self.register(bill)
        again.action_tbc_queue()
        self.assertEqual(self.order(again).state, "queued")
        self.assertEqual(
            books_balance(self.account, date(2026, 6, 30)),
            float(self.bank.ledger.balance(IBAN, "GEL")),
        )

    def test_a_return_is_undone_with_what_it_returned(self):
        bill = self.invoice(80, self.vendor, move_type="in_invoice", ref="AB-771")
        vendor = {"taxCode": "204567891"}
        paid = self.receive(
            -80, "AB-771", externalPaymentId="18000000601", partnerAccountInfo=vendor
        )
        self.read()
        back = self.receive(80, day="2026-06-20", parentExternalPaymentId=18000000601)
        self.read()
        self.assertTrue(self.line(back).is_reconciled)
        for first in (paid, back):
            with self.subTest(first):
                self.line(first).action_undo_reconciliation()
                for movement in (paid, back):
                    self.assertUnmatched(movement)
                lines = self.line(paid) + self.line(back)
                lines.with_user(self.accountant).action_tbc_match_again()
                self.match()
                self.assertTrue(all(lines.mapped("is_reconciled")))
                self.match()
        self.assertEqual(bill.amount_residual, 80)

    def test_a_refund_to_a_customer_reopens_the_invoice(self):
        invoice = self.invoice(100)
        paid = self.receive(100, invoice.name, externalPaymentId="18000000701")
        self.read()
        back = self.receive(-100, "Returned: operation 18000000701", day="2026-06-20")
        self.read()
        self.assertEqual(invoice.payment_state, "not_paid")
        self.assertMatched(back, self.line(paid).move_id)

    def test_an_unmatched_original_and_its_return_cancel_out(self):
        paid = self.receive(-80, externalPaymentId="18000000801")
        back = self.receive(80, parentExternalPaymentId=18000000801)
        self.read()
        transfer = self.company.transfer_account_id
        for movement in (paid, back):
            _liquidity, suspense, others = self.line(movement)._seek_for_lines()
            self.assertFalse(suspense)
            self.assertEqual(others.account_id, transfer)
            self.assertTrue(others.reconciled)

    def test_a_returned_fee_goes_to_the_fees_account(self):
        self.account.fee_account_id = self.env["account.account"].search(
            [("account_type", "=", "expense")], limit=1
        )
        self.receive(-80, externalPaymentId="18000000901")
        fee = self.add(
            -1,
            parentExternalPaymentId=18000000901,
            externalPaymentId="18000000902",
            transactionType=33,
        )
        back = self.add(1, parentExternalPaymentId=18000000902, day="2026-06-20")
        self.read()
        for movement in (fee, back):
            _liquidity, _suspense, others = self.line(movement)._seek_for_lines()
            self.assertEqual(others.account_id, self.account.fee_account_id)

    def test_what_is_no_return(self):
        paid = self.receive(-80, externalPaymentId="18000000801")
        others = [
            self.receive(79, parentExternalPaymentId=18000000801),
            self.receive(80, parentExternalPaymentId=18000000802),
            self.receive(80, "18000000801", day="2026-06-10"),
        ]
        self.read()
        for movement in (paid, *others):
            self.assertUnmatched(movement)

    def test_two_returns_of_one_are_none(self):
        paid = self.receive(-80, externalPaymentId="18000000801")
        twice = [
            self.receive(80, parentExternalPaymentId=18000000801, day=day)
            for day in ("2026-06-16", "2026-06-17")
        ]
        self.read()
        for movement in (paid, *twice):
            self.assertUnmatched(movement)

    def test_a_second_return_later_is_left(self):
        self.receive(-80, externalPaymentId="18000000801")
        self.receive(80, parentExternalPaymentId=18000000801)
        self.read()
        again = self.receive(80, parentExternalPaymentId=18000000801)
        self.read()
        self.assertUnmatched(again)


@tagged("post_install", "-at_install")
class TestMatchingScheduled(MatchingCase):
    def test_the_scheduled_action_goes_on_where_it_was_stopped(self):
        invoices = [self.invoice(100 + number) for number in range(5)]
        movements = [self.receive(100 + number) for number in range(5)]
        self.sync(self.account)
        seen = []

        def stop_after_two(*figures, **_options):
            seen.append(figures)
            return len(seen) < 2

        cron = type(self.env["ir.cron"])
        with (
            patch.object(run, "CHUNK", 1),
            patch.object(
                cron, "_commit_progress", lambda _self, *a, **k: stop_after_two(*a)
            ),
        ):
            self.env["tbc.account"]._cron_match()
        done = [move for move in invoices if move.payment_state == "paid"]
        self.assertEqual(len(done), 2)
        self.run_cron("ir_cron_match")
        for movement, invoice in zip(movements, invoices, strict=True):
            self.assertMatched(movement, invoice)

    def test_a_case_that_odoo_refuses_keeps_nobody_out(self):
        invoices = [self.invoice(100 + number) for number in range(3)]
        movements = [self.receive(100 + number) for number in range(3)]
        self.sync(self.account)
        put = run.put_on_counterpart

        def refuse(counterparts):
            if any(one.items.move_id == invoices[1] for one in counterparts):
                raise UserError(invoices[1].name)
            return put(counterparts)

        with patch.object(run, "put_on_counterpart", refuse):
            self.match()
        self.assertMatched(movements[0], invoices[0])
        self.assertUnmatched(movements[1])
        self.assertMatched(movements[2], invoices[2])
        line = self.line(movements[1])
        self.assertEqual(line.tbc_match_problem, invoices[1].name)
        # It is not tried again at once, but after a day, or when somebody asks for it.
        self.match()
        self.assertUnmatched(movements[1])
        self.bank.now += timedelta(days=1, minutes=1)
        self.match()
        self.assertMatched(movements[1], invoices[1])
        self.assertFalse(line.tbc_match_problem)

    def test_a_read_that_brings_something_calls_it(self):
        cron = self.env.ref("account_tbc_bank.ir_cron_match")
        triggers = self.env["ir.cron.trigger"]
        before = triggers.search_count([("cron_id", "=", cron.id)])
        self.sync(self.account)
        quiet = triggers.search_count([("cron_id", "=", cron.id)])
        self.receive(41)
        self.sync(self.account)
        after = triggers.search_count([("cron_id", "=", cron.id)])
        self.assertEqual((quiet, after), (before, before + 1))

    def test_suspense_holds_what_is_unmatched(self):
        self.invoice(100)
        self.receive(100)
        self.receive(33)
        self.receive(-7, partnerAccountInfo={})
        self.read()
        suspense = self.account.journal_id.suspense_account_id
        items = self.env["account.move.line"].search([("account_id", "=", suspense.id)])
        unmatched = self.lines(self.account).filtered(lambda x: not x.is_reconciled)
        self.assertEqual(items.statement_line_id, unmatched)
        self.assertEqual(sum(items.mapped("balance")), -26)
