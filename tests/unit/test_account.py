import datetime
import unittest
from decimal import Decimal

from golden import golden

from account_tbc_bank.tbc import (
    Balance,
    Statement,
    TbcUnreadable,
    parse_balance,
    parse_statement,
)


class TestStatement(unittest.TestCase):
    def test_the_documented_sample(self):
        statement = parse_statement(golden("statement"))
        expected = Statement(
            opening_date=datetime.date(2025, 1, 1),
            opening_balance=Decimal("1000.50"),
            closing_date=datetime.date(2025, 3, 1),
            closing_balance=Decimal("1250.00"),
            credit_sum=Decimal("500.25"),
            debit_sum=Decimal("250.75"),
            currency="GEL",
            iban="GE48TB7873440574631292",
        )
        self.assertEqual(statement, expected)
        self.assertNotIn("GE48TB", repr(statement))

    def test_figures_as_text(self):
        statement = parse_statement(golden("statement_text_figures"))
        self.assertEqual(statement.closing_balance, Decimal("-12.30"))
        self.assertEqual(statement.opening_date, datetime.date(2025, 3, 1))
        self.assertIsNone(statement.closing_date or statement.iban)

    def test_a_sum_with_more_decimals_is_the_bank_s_own(self):
        sums = golden("statement") | {"closingBalance": "1250.005", "creditSum": 1.125}
        statement = parse_statement(sums)
        self.assertEqual(str(statement.closing_balance), "1250.005")
        self.assertEqual(str(statement.credit_sum), "1.125")
        with self.assertRaisesRegex(TbcUnreadable, "debitSum: too large"):
            parse_statement(sums | {"debitSum": 10**13})

    def test_each_figure_is_needed(self):
        sample = golden("statement")
        for name in ("openingBalance", "closingBalance", "creditSum", "debitSum"):
            with self.assertRaisesRegex(TbcUnreadable, f"{name}: missing"):
                parse_statement(sample | {name: None})
        with self.assertRaisesRegex(TbcUnreadable, "closingDate: not a date"):
            parse_statement(sample | {"closingDate": "soon"})
        with self.assertRaises(TbcUnreadable):
            parse_statement([sample])


class TestBalance(unittest.TestCase):
    def test_the_documented_sample(self):
        expected = Balance(
            current_balance=Decimal("5000.00"),
            available_balance=Decimal("1702.30"),
            overdraft_limit=None,
            currency="GEL",
        )
        self.assertEqual(parse_balance(golden("balance")), expected)

    def test_overdraft(self):
        balance = parse_balance(golden("balance_overdraft"))
        self.assertEqual(balance.current_balance, Decimal("-120.50"))
        self.assertEqual(balance.overdraft_limit, Decimal("1000"))

    def test_each_figure_is_needed(self):
        for name in ("currentBalance", "availableBalance"):
            with self.assertRaisesRegex(TbcUnreadable, f"{name}: missing"):
                parse_balance(golden("balance") | {name: ""})
