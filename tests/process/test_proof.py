"""A hundred orders through a storm, as ``make prove-transfers`` does with thousands."""

import os
import unittest

from proof import Proof

DEFAULT_SEED = "tbilisi"
COUNT = 100


class TestProof(unittest.TestCase):
    """``SEED=…`` chooses another storm; the one at hand is printed."""

    maxDiff = None

    def test_every_order_once(self):
        seed = os.environ.get("SEED") or DEFAULT_SEED
        print(f"SEED={seed}", flush=True)
        evidence = Proof(seed, COUNT).run()
        print("\n".join(evidence.summary()), flush=True)
        self.assertEqual(evidence.violations(), [])
