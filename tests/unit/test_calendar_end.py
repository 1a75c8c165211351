"""Documents and movements dated at the very end of the calendar."""

import datetime
import unittest

from account_tbc_bank.bookkeeping import BankLine, OpenItem, plan_payments

LAST = datetime.date.max


class TestCalendarEnd(unittest.TestCase):
    def test_a_line_and_an_item_of_the_last_day(self):
        line = BankLine(
            line_id=1, partner_id=1, currency="GEL", cents=5, day=LAST, purpose=""
        )
        item = OpenItem(
            item_id=1,
            document_id=1,
            account_id=1,
            partner_id=1,
            currency="GEL",
            cents=5,
            day=LAST,
            numbers=(),
        )
        [payment] = plan_payments([line], [item])
        self.assertEqual(payment.items, (item,))
