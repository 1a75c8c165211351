"""Sets of amounts with an exact sum, and the steps that the search takes at most."""

import random
import sys
import unittest

from account_tbc_bank.bookkeeping.exact_sums import MOST_AMOUNTS, sets_of_sum

# Lines that are run, whatever the amounts are.
MOST_STEPS = 8_000


def steps_of(function, *arguments):
    """How many lines of Python a call runs."""
    count, before = 0, sys.gettrace()

    def trace(_frame, event, _argument):
        nonlocal count
        count += event == "line"
        return trace

    sys.settrace(trace)
    try:
        function(*arguments)
    finally:
        sys.settrace(before)
    return count


class TestSums(unittest.TestCase):
    def assert_finds(self, amounts, total, *expected, most=2):
        with self.subTest(amounts=amounts, total=total):
            self.assertEqual(sets_of_sum(amounts, total, most), list(expected))

    def test_runs_come_first(self):
        self.assert_finds([100, 200, 300, 50], 300, (0, 1), most=1)
        self.assert_finds([500, 200, 300, 50], 550, (1, 2, 3), (0, 3))
        self.assert_finds([1, 2, 4, 8], 15, (0, 1, 2, 3))

    def test_all_but_one(self):
        self.assert_finds([11, 22, 44, 88, 176], 11 + 22 + 88 + 176, (0, 1, 3, 4))

    def test_two_three_and_four(self):
        amounts = [1_001, 2_003, 4_007, 8_017, 16_033, 32_069]
        self.assert_finds(amounts, 2_003 + 16_033, (1, 4))
        self.assert_finds(amounts, 1_001 + 8_017 + 32_069, (0, 3, 5))
        self.assert_finds(amounts, 1_001 + 4_007 + 16_033 + 32_069, (0, 2, 4, 5))

    def test_no_amount_twice(self):
        self.assert_finds([100, 250], 200)
        self.assert_finds([100, 330, 300], 500)
        self.assert_finds([], 100)
        self.assert_finds([100], 100)
        self.assert_finds([7, 7, 7, 7], 28, (0, 1, 2, 3))

    def test_of_two_ways_both(self):
        self.assert_finds([100, 200, 250, 50], 300, (0, 1), (2, 3))

    def test_only_the_oldest_are_looked_at(self):
        amounts = [10**6 + number**3 for number in range(MOST_AMOUNTS)] + [3, 4]
        self.assert_finds(amounts, 7)

    def test_the_worst_case_is_bounded(self):
        dice = random.Random(7)
        lists = {
            "all alike": [100] * 500,
            "two kinds": [100, 101] * 250,
            "one after the other": list(range(1, 500)),
            "powers": [2**number for number in range(60)],
            "drawn": [dice.randrange(1, 10**6) for _ in range(500)],
            "drawn of few": [dice.randrange(1, 40) for _ in range(500)],
        }
        for name, amounts in lists.items():
            totals = {150, 250, 350, 1_000, sum(amounts[:3]), sum(amounts[:40]) - 1}
            totals |= {sum(amounts[:40:7]), 10**7, 3 * amounts[0] + 1}
            for total in totals:
                with self.subTest(name, total=total):
                    steps = steps_of(sets_of_sum, amounts, total, 50)
                    self.assertLess(steps, MOST_STEPS)
