"""The benchmark must count what it measured: a figure of nothing looks like speed."""

import unittest
from types import SimpleNamespace

from bench import Measured, SideBySide, rounds_of


def clock(seconds, queries):
    """What one side used, page by page, and what followed the last page."""
    return SimpleNamespace(seconds=seconds, queries=queries)


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

    def test_the_sums_of_its_rounds(self):
        measured = Measured(20)
        for _number in range(2):
            ours = clock([2.0, 3.0, 0.5], [40, 30, 9])
            bare = clock([1.0, 2.0, 0.0], [10, 12, 0])
            measured.add(SimpleNamespace(ours=ours, bare=bare))
        self.assertEqual(
            (measured.rounds, measured.ours, measured.bare), (2, 11.0, 6.0)
        )
        self.assertEqual(measured.page_ratios, [2.0, 1.5] * 2)
        self.assertEqual(measured.added_first, [30, 30])
        self.assertEqual(measured.added_later, [18, 18])

    def test_lines_that_were_not_measured(self):
        round_of(ours=20, bare=20).check(20)
        for ours, bare, side in ((0, 0, "ours"), (20, 0, "the bare"), (40, 20, "ours")):
            with (
                self.subTest(ours=ours, bare=bare),
                self.assertRaisesRegex(AssertionError, f"^{side}.* lines of 20 "),
            ):
                round_of(ours=ours, bare=bare).check(20)


if __name__ == "__main__":
    unittest.main()
