"""Foreign currency that our own orders buy and sell, matched to the tetri."""

import random
from unittest.mock import patch

from odoo.addons.account_tbc_bank.services.ledger import books_balance
from odoo.tests import tagged

from ..services.transfers.prepare import queue_payments
from .common import IBAN
from .fake_tbc import rates
from .test_matching import MatchingCase

SEED = 20260630


@tagged("post_install", "-at_install")
class TestOwnConversions(MatchingCase):
    notes_changes = False
    bank_options = {
        **MatchingCase.bank_options,
        "openings": {(IBAN, code): "1000000.00" for code in ("GEL", "USD", "EUR")},
    }

    def set_up_once(self):
        super().set_up_once()
        self.accounts = {
            self.gel: self.account,
            self.usd: self.make_account(self.usd),
            self.eur: self.make_account(self.eur),
        }
        for account in self.accounts.values():
            account.book_opening = False
            account.journal_id.bank_account_id.allow_out_payment = True
        # As Odoo's own, so that roundings alone make the difference.
        self.startPatcher(patch.dict(rates._GEL_RATES, USD=27_000, EUR=32_000))
        self.bank.in_progress_questions = 0

    def convert(self, source, target, amounts):
        """Pay these amounts from one own account to the other; return the payments."""
        account = self.accounts[source]
        own = self.account.journal_id.bank_account_id
        payments = self.env["account.payment"].create(
            [
                {
                    "payment_type": "outbound",
                    "partner_type": "supplier",
                    "partner_id": self.company.partner_id.id,
                    "partner_bank_id": own.id,
                    "amount": amount,
                    "date": "2026-06-30",
                    "memo": f"Exchange {number}",
                    "journal_id": account.journal_id.id,
                    "payment_method_line_id": self.method_line(account).id,
                    "tbc_credit_currency_id": target.id,
                }
                for number, amount in enumerate(amounts)
            ]
        )
        payments.action_post()
        payments = payments.with_user(self.bookkeeper)
        queue_payments(payments, batch_name="Exchange")
        self.initiate(payments)
        self.submit()
        self.refresh()
        self.bank.sign()
        self.refresh()
        self.read(account, self.accounts[target])
        return payments

    def amounts(self, count, least=1, most=9_000):
        dice = random.Random(SEED)
        return [dice.randint(least * 100, most * 100) / 100 for _ in range(count)]

    def assertConverted(self, payments, target):
        """Each credit leg meets its payment; nothing is left on the transfer account."""
        self.assertEqual(set(payments.mapped("state")), {"paid"})
        lines = self.lines(self.accounts[target]).filtered(lambda one: one.amount > 0)
        self.assertEqual(len(lines), len(payments), f"seed {SEED}")
        for line in lines:
            with self.subTest(line.amount, seed=SEED):
                self.assertTrue(line.is_reconciled, line.tbc_match_problem)
        transfer = self.company.transfer_account_id
        items = self.env["account.move.line"].search([("account_id", "=", transfer.id)])
        self.assertAlmostEqual(sum(items.mapped("balance")), 0)
        self.assertFalse(items.filtered(lambda one: not one.reconciled))
        for account in self.accounts.values():
            books = books_balance(account, False)
            place = IBAN, account.currency_id.name
            ledger = self.bank.ledger
            bank = float(ledger.balance(*place) - ledger.opening(*place))
            self.assertAlmostEqual(books, bank)
        return lines

    def test_bought(self):
        payments = self.convert(self.gel, self.usd, [2773.92, *self.amounts(14)])
        lines = self.assertConverted(payments, self.usd)
        # What was paid is what it is worth, to the tetri.
        self.assertIn(1027.38, lines.mapped("amount"))
        paid = sorted(payments.mapped("amount"))
        liquidity = [line._seek_for_lines()[0].balance for line in lines]
        self.assertEqual(sorted(liquidity), paid)

    def test_bought_at_another_rate_than_odoo_s(self):
        rates._GEL_RATES["USD"] = 27_153
        payments = self.convert(self.gel, self.usd, [1000.01, *self.amounts(5)])
        lines = self.assertConverted(payments, self.usd)
        liquidity = [line._seek_for_lines()[0].balance for line in lines]
        self.assertEqual(sorted(liquidity), sorted(payments.mapped("amount")))

    def test_sold(self):
        rates._GEL_RATES["USD"] = 27_153
        payments = self.convert(self.usd, self.gel, [1027.38, *self.amounts(11)])
        self.assertConverted(payments, self.gel)

    def test_between_foreign_currencies(self):
        rates._GEL_RATES["EUR"] = 31_871
        payments = self.convert(self.usd, self.eur, [1000.01, *self.amounts(7)])
        self.assertConverted(payments, self.eur)

    def test_undone_and_matched_again(self):
        payments = self.convert(self.gel, self.usd, [2773.92, 100.01])
        lines = self.assertConverted(payments, self.usd)
        lines.action_undo_reconciliation()
        self.assertFalse(any(lines.mapped("is_reconciled")))
        self.match()
        lines.action_tbc_match_again()
        self.match()
        self.assertConverted(payments, self.usd)

    def test_without_a_rate_on_the_leg(self):
        with patch(
            "odoo.addons.account_tbc_bank.tests.fake_tbc.execution.convert",
            lambda *args: (rates.convert(*args)[0], None),
        ):
            payments = self.convert(self.gel, self.usd, [2773.92, 100.01])
        self.assertConverted(payments, self.usd)

    def test_between_two_accounts_of_one_currency_nothing_is_forced(self):
        """A leg of another amount than the order's is no leg of it."""
        payments = self.convert(self.gel, self.usd, [100.0])
        line = self.lines(self.accounts[self.usd])
        line.action_undo_reconciliation()
        payments.move_id.line_ids.remove_move_reconcile()
        self.match()
        # Its payment is not matched with the bank's movement, so neither is this.
        self.assertFalse(line.is_reconciled)
