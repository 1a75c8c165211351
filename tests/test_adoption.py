"""Movements that are in the books from before the module was uninstalled."""

from datetime import date

from odoo.addons.account_tbc_bank.services.statements.adoption import adopt_movements
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import IBAN, OTHER_IBAN, TWO_IBANS, TbcCase

OURS = (
    "tbc_account_id",
    "tbc_day",
    "tbc_movement_id",
    "tbc_operation_id",
    "tbc_parent_operation_id",
    "tbc_payment_id",
)


@tagged("post_install", "-at_install")
class TestAdoption(TbcCase):
    bank_options = TWO_IBANS

    def set_up_once(self):
        super().set_up_once()
        self.before = self.make_account()
        self.journal = self.before.journal_id

    def fill(self):
        """Read three movements; return their lines, as an uninstallation leaves them."""
        self.add("-120.25", paymentId="502341")
        self.add("-0.50", parentExternalPaymentId="78452136", opCode="*CM*")
        self.add("75.00", "2026-06-16")
        self.sync(self.before)
        lines = self.lines(self.before)
        self.kept = lines.read(OURS)
        self.uninstall()
        return lines

    def uninstall(self):
        """Take from the books what an uninstallation takes."""
        self.env.flush_all()
        columns = ", ".join(f"{name} = NULL" for name in OURS)
        self.env.cr.execute(f"UPDATE account_bank_statement_line SET {columns}")
        self.env.invalidate_all()
        self.before.unlink()
        self.journal.bank_statements_source = "undefined"

    def link(self, **values):
        """Make the account anew and link the old journal."""
        return self.make_account(journal=False, journal_id=self.journal.id, **values)

    def balance(self, journal):
        [[total]] = self.env["account.move.line"]._read_group(
            [("account_id", "=", journal.default_account_id.id)],
            aggregates=["balance:sum"],
        )
        return total

    def test_nothing_is_booked_twice(self):
        lines = self.fill()
        account = self.link()
        for line, kept in zip(lines.read(OURS), self.kept, strict=True):
            account_id, _name = line.pop("tbc_account_id")
            self.assertEqual(account_id, account.id)
            kept.pop("tbc_account_id")
            self.assertEqual(line, kept)
        new_one = self.add("9.00", "2026-06-20")
        run = self.sync(account)
        self.assertEqual((run.new, run.known), (1, 3))
        self.assertEqual(self.lines(account) - lines, self.lines(account)[-1])
        self.assertEqual(self.lines(account)[-1].tbc_movement_id, new_one)
        self.assertEqual((account.difference, account.health), (0.0, "ok"))
        self.assertEqual(account.books_balance, 963.25)
        self.assertIn("3 transactions", account.message_ids[0].body)

    def test_a_journal_is_not_made_beside_the_old_one(self):
        lines = self.fill()
        account = self.make_account()
        self.assertEqual(account.journal_id, self.journal)
        self.assertEqual(self.lines(account), lines)
        self.sync(account)
        self.assertEqual(self.lines(account), lines)
        self.assertEqual((account.difference, account.health), (0.0, "ok"))

    def test_a_journal_of_somebody_else_is_not_taken(self):
        self.fill()
        other = self.make_account(iban=OTHER_IBAN)
        dollars = self.make_account(self.usd)
        self.assertNotIn(self.journal, (other + dollars).journal_id)
        self.assertFalse(self.lines(other) + self.lines(dollars))

    def test_another_journal_would_count_twice(self):
        self.fill()
        other = self.journal.copy({"name": "Other", "currency_id": False})
        with self.assertRaises(ValidationError) as caught:
            self.make_account(journal=False, journal_id=other.id)
        self.assertIn(self.journal.name, str(caught.exception))
        account = self.make_account(
            journal=False, journal_id=other.id, sync_from=date(2026, 6, 17)
        )
        self.assertEqual(account.journal_id, other)
        with self.assertRaises(ValidationError):
            account.sync_from = date(2026, 6, 16)

    def test_the_opening_balance_is_not_booked_twice(self):
        self.fill()
        account = self.make_account()
        opening = account.opening_line_id
        self.assertEqual((opening.amount, opening.date), (1000.0, date(2026, 5, 31)))
        account.book_opening = True
        self.sync(account)
        self.assertFalse(account.opening_missing)
        self.assertEqual(self.balance(self.journal), 954.25)

    def test_an_opening_balance_of_a_later_day_goes(self):
        """Reading from an earlier day on brings in what the line stood for."""
        self.fill()
        self.add("300.00", "2026-05-20")
        account = self.link(sync_from=date(2026, 5, 1), book_opening=True)
        self.assertFalse(account.opening_line_id)
        self.sync(account)
        at_the_bank = float(self.bank.ledger.balance(IBAN, "GEL"))
        self.assertEqual(self.balance(self.journal), at_the_bank)
        self.assertEqual(account.difference, 0.0)

    def test_a_copy_of_a_line_is_not_the_movement(self):
        lines = self.fill()
        copy = lines[0].copy({"journal_id": self.journal.id})
        elsewhere = lines[0].copy()
        self.assertNotEqual(elsewhere.journal_id, self.journal)
        for one in copy + elsewhere:
            self.assertTrue(one.transaction_details)
        account = self.make_account()
        self.assertEqual(account.journal_id, self.journal)
        self.assertEqual(self.lines(account), lines)
        self.assertFalse((copy + elsewhere).filtered("tbc_movement_id"))

    def test_what_is_no_movement_of_the_account_stays_as_it_is(self):
        lines = self.fill()
        theirs = lines[0].transaction_details
        details = (
            "text",
            ["movementId"],
            {"movementId": "1.1"},
            {**theirs, "movementId": "5.1", "currency": "USD"},
            {
                **theirs,
                "movementId": "6.1",
                "customerAccountInfo": {"accountIban": OTHER_IBAN},
            },
        )
        strangers = lines.create(
            [
                {"journal_id": self.journal.id, "amount": 1, "transaction_details": one}
                for one in details
            ]
        )
        account = self.link()
        self.assertEqual(self.lines(account), lines)
        self.assertEqual(strangers.mapped("tbc_account_id"), self.env["tbc.account"])

    def test_a_line_changed_by_hand_is_still_the_movement(self):
        """It is told as a difference, and not booked a second time."""
        lines = self.fill()
        lines.filtered(lambda line: line.amount == -120.25).amount = -20.25
        account = self.link()
        run = self.sync(account)
        self.assertEqual((run.new, run.known), (0, 3))
        self.assertEqual(account.difference, 100.0)

    def test_matched_lines_stay_matched(self):
        self.add("75.00")
        self.sync(self.before)
        line = self.lines(self.before)
        _liquidity, suspense, _other = line._seek_for_lines()
        income = self.env["account.account"].search(
            [("account_type", "=", "income")], limit=1
        )
        suspense.account_id = income
        self.assertTrue(line.is_reconciled)
        self.uninstall()
        account = self.link()
        self.assertEqual(self.lines(account), line)
        self.assertTrue(line.is_reconciled)
        self.assertEqual(line.state, "posted")

    def test_linking_again_finds_nothing_left_to_do(self):
        self.fill()
        account = self.link()
        count = len(account.message_ids)
        adopt_movements(account)
        self.assertEqual(len(account.message_ids), count)
        self.assertEqual(len(self.lines(account)), 3)
