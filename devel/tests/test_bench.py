"""The benchmark must count what it measured: a figure of nothing looks like speed."""

import unittest

from imports import SideBySide, rounds_of
from meter import Row, check, print_table


class Journal:
    """A journal of the bare creation that holds so many lines."""

    id = 1

    def __init__(self, lines):
        self.lines = lines

    def search_count(self, _domain):
        """How many lines it holds."""
        return self.lines


def round_of(*, ours, bare):
    """A round that measured so many lines of ours, and so many bare ones."""
    round_ = SideBySide.__new__(SideBySide)
    round_.measured, round_.journal = ours, Journal(bare)
    round_.env = {"account.bank.statement.line": round_.journal}
    return round_


class TestBench(unittest.TestCase):
    def test_pages_enough_and_not_more(self):
        rounds = [rounds_of(lines) for lines in (20, 700, 701, 2800, 5000)]
        self.assertEqual(rounds, [4, 4, 2, 1, 1])

    def test_lines_that_were_not_measured(self):
        round_of(ours=20, bare=20).check(20)
        for ours, bare, side in ((0, 0, "ours"), (20, 0, "the bare"), (40, 20, "ours")):
            with (
                self.subTest(ours=ours, bare=bare),
                self.assertRaisesRegex(AssertionError, f"of {side}.* instead of 20"),
            ):
                round_of(ours=ours, bare=bare).check(20)

    def test_what_was_not_done(self):
        check("lines", 20, 20)
        with self.assertRaisesRegex(AssertionError, "lines: 19 instead of 20"):
            check("lines", 19, 20)

    def test_queries_and_ratios_above_their_goal_fail(self):
        for unit, value, status in (
            ("queries", 40, 0),
            ("queries", 41, 1),
            ("times", 0.56, 1),
            # A slower machine is no failure.
            ("s", 99, 0),
        ):
            goal = 0.55 if unit == "times" else 40
            with self.subTest(unit=unit, value=value):
                self.assertEqual(
                    print_table([Row("a poll", value, goal, unit)]), status
                )

    def test_the_least_that_a_row_may_be(self):
        row = Row("two workers", 1.4, 1.7, "as fast", is_least=True)
        self.assertEqual((row.is_met, print_table([row])), (False, 0))
        self.assertTrue(Row("two workers", 1.7, 1.7, "as fast", is_least=True).is_met)


if __name__ == "__main__":
    unittest.main()
