"""A year of 150 movements, as ``make prove-books`` does with thousands."""

import os
import unittest

from staff import KEY, NOON, Staff

DEFAULT_SEED = "kutaisi"
# The fewest in which each kind of movement occurs.
COUNT = 150


class TestBooks(unittest.TestCase):
    """``SEED=…`` chooses another year; the one at hand is printed."""

    maxDiff = None

    def test_books_tie_out(self):
        seed = os.environ.get("SEED") or DEFAULT_SEED
        print(f"SEED={seed}", flush=True)
        staff = Staff()
        staff.patience = 600
        variables = {"TBC_BIS_ENCRYPTION_KEY": KEY}
        staff.settings.update(variables=variables, now=NOON.isoformat(), page_size=700)
        try:
            told, violations = staff.ask("prove_books", seed=seed, count=COUNT)
        finally:
            tracebacks = staff.dismiss()
        print("\n".join(told), flush=True)
        self.assertEqual(violations, [])
        self.assertEqual(tracebacks, [])
