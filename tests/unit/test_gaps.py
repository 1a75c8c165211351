"""What a difference looks like."""

import unittest

from account_tbc_bank.bookkeeping.gaps import look_at


class TestGaps(unittest.TestCase):
    def assert_look(self, paid, open_cents, look, rate=0, whole=None):
        with self.subTest(paid=paid, open=open_cents):
            gap = look_at(paid, open_cents, whole)
            self.assertEqual((gap.look, gap.rate), (look, rate))
            self.assertEqual(gap.cents, paid - open_cents)

    def test_a_gap_of_cents_looks_like_rounding(self):
        self.assert_look(99_998, 100_000, "rounding")
        self.assert_look(100_003, 100_000, "rounding")
        self.assert_look(12_300, 12_345, "rounding")
        self.assert_look(12_400, 12_345, "rounding")
        self.assert_look(100, 100, "rounding")

    def test_a_small_gap_looks_like_a_fee(self):
        self.assert_look(98_350, 100_012, "fee")
        self.assert_look(101_511, 100_012, "fee")
        self.assert_look(9_900_011, 9_999_999, "fee")
        self.assert_look(300, 512, "part")

    def test_a_gap_of_a_tax_rate_looks_like_withholding(self):
        self.assert_look(80_000, 100_000, "withholding", 200)
        self.assert_look(95_000, 100_000, "withholding", 50)
        self.assert_look(960_000, 1_000_000, "withholding", 40)
        self.assert_look(98_000, 100_000, "withholding", 20)
        self.assert_look(78_400, 100_000, "withholding", 216)
        self.assert_look(98_767, 123_459, "withholding", 200)

    def test_a_gap_of_the_vat_looks_like_vat(self):
        self.assert_look(100_000, 118_000, "vat", 180)

    def test_a_gap_of_a_round_share_looks_like_an_instalment(self):
        self.assert_look(50_000, 100_000, "instalment", 500)
        self.assert_look(33_333, 100_000, "instalment", 333)
        self.assert_look(70_000, 100_000, "instalment", 700)
        self.assert_look(41_000, 60_000, "instalment", 0, whole=100_000)
        self.assert_look(41_111, 100_000, "part")

    def test_a_gap_above_zero_looks_like_more(self):
        self.assert_look(150_000, 100_000, "more")
