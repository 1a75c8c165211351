"""What the accountant of the proof counts: proposals beside the truth, and shares."""

import unittest

from books.accountant import FEWEST_LATE, FEWEST_LINES, Truth, Work

NOTHING = {
    "partner_id": 7,
    "items": [],
    "parts": [],
    "other_line_id": False,
    "on_account": False,
}


def proposal(**settlement):
    return {"settlement": {**NOTHING, **settlement}}


class TestTruth(unittest.TestCase):
    def test_open_items(self):
        truth = Truth(items=({1, 2}, {3}))
        both = [{"id": 2}, {"id": 1}]
        self.assertTrue(truth.is_proposed_by(proposal(items=both)))
        self.assertTrue(truth.is_proposed_by(proposal(items=[{"id": 3}])))
        self.assertFalse(truth.is_proposed_by(proposal(items=[{"id": 1}])))
        self.assertFalse(truth.is_proposed_by(proposal()))

    def test_an_account(self):
        truth = Truth(account_id=5)
        for account_id, is_true in ((5, True), (6, False)):
            parts = [{"account_id": account_id}]
            self.assertEqual(truth.is_proposed_by(proposal(parts=parts)), is_true)

    def test_on_account(self):
        truth = Truth(partner_id=7, side="customer")
        self.assertTrue(truth.is_proposed_by(proposal(on_account="customer")))
        for other in (
            {"on_account": "vendor"},
            {"on_account": "customer", "partner_id": 8},
            {"on_account": "customer", "items": [{"id": 1}]},
        ):
            self.assertFalse(truth.is_proposed_by(proposal(**other)))


class TestWork(unittest.TestCase):
    def setUp(self):
        self.work = Work()

    def tally(self, place, count):
        self.work.places["kind"][place] += [f"{place}-{n}" for n in range(count)]

    def test_enough(self):
        self.tally(1, 85)
        self.tally(4, 12)
        self.tally(0, 3)
        self.work.late, self.work.late_left = 1_000, 80
        self.assertEqual(list(self.work.violations()), [])
        self.assertIn("(85.0%, at least 85%)", "\n".join(self.work.summary()))

    def test_too_few_first(self):
        self.tally(1, 84)
        self.tally(2, 16)
        [sentence] = self.work.violations()
        self.assertIn("first for 84 of 100", sentence)

    def test_too_few_among_five(self):
        self.tally(1, 96)
        self.tally(0, 4)
        [sentence] = self.work.violations()
        self.assertIn("among five for 96 of 100", sentence)
        self.assertIn("kind 4", sentence)

    def test_too_many_need_a_person(self):
        self.work.late, self.work.late_left = FEWEST_LATE, FEWEST_LATE // 10
        [sentence] = self.work.violations()
        self.assertIn("need a person", sentence)

    def test_one_line_is_no_share(self):
        """Of the few lines of a small year one is more than 3 %; two are too many."""
        self.tally(1, FEWEST_LINES - 1)
        self.tally(0, 1)
        self.assertEqual(list(self.work.violations()), [])
        self.tally(2, 10)
        self.tally(0, 1)
        self.assertIn("among five", " ".join(self.work.violations()))

    def test_few_lines_say_nothing(self):
        self.tally(0, FEWEST_LINES - 1)
        self.work.late = self.work.late_left = FEWEST_LATE - 1
        self.assertEqual(list(self.work.violations()), [])

    def test_what_could_not_be_settled_is_told(self):
        self.work.problems.append("it is locked")
        self.assertEqual(list(self.work.violations()), ["it is locked"])
