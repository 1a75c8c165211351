import datetime
import itertools
import random
import unittest
from decimal import Decimal

from account_tbc_bank.bookkeeping import Sums, differing_days

FIRST = datetime.date(2025, 7, 1)
DAY = datetime.timedelta(days=1)


class Books:
    """Gaps by day, counted when they are asked for."""

    def __init__(self, gaps):
        self.gaps = {FIRST + number * DAY: gap for number, gap in gaps.items()}
        self.questions = 0

    def total(self, first, last):
        days = (gap for day, gap in self.gaps.items() if first <= day <= last)
        return sum(days, Sums())

    def ask(self, first, last):
        self.questions += 1
        return self.total(first, last)

    def find(self, days):
        last = FIRST + (days - 1) * DAY
        gap = self.total(FIRST, last)
        return dict(differing_days(FIRST, last, gap, self.ask))


class TestDifferingDays(unittest.TestCase):
    def test_nothing_differs_and_nothing_is_asked(self):
        books = Books({})
        self.assertEqual(books.find(366), {})
        self.assertEqual(books.questions, 0)

    def test_each_single_day_costs_a_question_a_level(self):
        for days, levels in ((1, 0), (2, 1), (31, 5), (366, 9)):
            for number in {0, 1, days // 2, days - 2, days - 1} & set(range(days)):
                with self.subTest(days=days, number=number):
                    books = Books({number: Sums.of(Decimal("-0.01"))})
                    self.assertEqual(books.find(days), books.gaps)
                    self.assertLessEqual(books.questions, levels)

    def test_two_days_that_cancel_in_the_balance(self):
        """The sums of both sides are compared, not their balance."""
        for one, other in itertools.combinations(range(31), 2):
            books = Books({one: Sums.of(Decimal(5)), other: Sums.of(Decimal(-5))})
            self.assertEqual(books.find(31), books.gaps)

    def test_many_differing_days_are_found_with_few_questions(self):
        seed = random.randrange(10**6)
        dice = random.Random(seed)
        for _time in range(50):
            gaps = {
                number: Sums(Decimal(dice.randint(0, 9)), Decimal(dice.randint(1, 9)))
                for number in dice.sample(range(366), dice.randint(1, 40))
            }
            books = Books(gaps)
            with self.subTest(seed=seed):
                self.assertEqual(books.find(366), books.gaps)
                self.assertLessEqual(books.questions, 9 * len(gaps))

    def test_a_question_that_fails_ends_it(self):
        def ask(_first, _last):
            raise TimeoutError

        days = differing_days(FIRST, FIRST + DAY, Sums.of(Decimal(1)), ask)
        with self.assertRaises(TimeoutError):
            next(days)

    def test_days_found_come_before_the_rest_is_asked(self):
        books = Books(dict.fromkeys(range(366), Sums.of(Decimal(1))))
        last = FIRST + 365 * DAY
        found = differing_days(FIRST, last, books.total(FIRST, last), books.ask)
        self.assertEqual(next(found)[0], FIRST)
        self.assertLessEqual(books.questions, 9)


class TestSums(unittest.TestCase):
    def test_both_sides_count(self):
        sums = Sums.of(Decimal("5.00")) + Sums.of(Decimal("-5.00"))
        self.assertTrue(sums)
        self.assertEqual(sums, Sums(Decimal(5), Decimal(5)))
        self.assertEqual(sums.net, 0)
        self.assertFalse(sums - sums)

    def test_cents_are_exact(self):
        tenth = Sums.of(Decimal("0.10"))
        self.assertEqual(sum([tenth] * 3, Sums()), Sums.of(Decimal("0.30")))
        self.assertEqual(Sums.total([tenth] * 3), Sums.of(Decimal("0.30")))

    def test_a_total_of_none_is_nothing(self):
        self.assertEqual(Sums.total([]), Sums())
        both = [Sums(Decimal(7), Decimal(2)), Sums(Decimal(1), Decimal(5))]
        self.assertEqual(Sums.total(iter(both)), Sums(Decimal(8), Decimal(7)))
