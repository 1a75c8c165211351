"""The words of operation rules: neither too wide, nor of one transaction only."""

import unittest

from account_tbc_bank.bookkeeping.rule_words import (
    compared_words,
    drafted_name,
    drafted_words,
    is_telling,
    rule_parts,
    words_pattern,
)

# What the bank says, and the words that a rule gets of it.
DRAFTED = (
    ("POS - WISSOL, Tbilisi, 12.06.2026", "POS - WISSOL"),
    ("POS - WISSOL-112, Tbilisi, 12.06.2026 14:05", "POS - WISSOL"),
    ("POS - Wissol Petroleum JSC, 61.00, MC 5***1234", "POS - Wissol Petroleum JSC"),
    (
        "POS - ENERGO-PRO, GEORGIA, 35.20 GEL, Apr 3 2019 10:12AM, MC 518700***1234",
        "POS - ENERGO-PRO",
    ),
    ("Rent, office in the yard, June 2026", "Rent office in the yard"),
    ("Payment of invoice No 254, cleaning of windows", "cleaning of windows"),
    ("Salary of May 2026", "Salary of"),
    ("ოფისის ქირა, ივნისის, 2026 წ.", "ოფისის ქირა"),
    ("ინვოისი #254-ის გადახდა, დასუფთავება", "დასუფთავება"),
    ("გადარიცხვის საკომისიო", "გადარიცხვის საკომისიო"),
    ("Bank of Georgian Wine,  Telavi", "Bank of Georgian Wine"),
    ("“Fuel” , diesel.", "Fuel” diesel"),
    ("Ltd, Tbilisi, 12.06.2026", None),
    ("შპს, თბილისში, 12.06.2026", None),
    ("12.06.2026, 14:05, № 254", None),
    ("POS - 254", None),
    ("თანხის გადარიცხვა", None),
    (", ,", None),
    ("", None),
)


class TestDraftedWords(unittest.TestCase):
    def test_what_changes_and_what_is_general_is_dropped(self):
        for purpose, words in DRAFTED:
            with self.subTest(purpose):
                self.assertEqual(drafted_words(purpose), words)

    def test_they_are_one_condition_and_fit_their_own_text(self):
        for purpose, words in DRAFTED:
            with self.subTest(purpose):
                parts = rule_parts(words)
                self.assertEqual(len(parts), words is not None)
                for part in parts:
                    self.assertTrue(words_pattern(part).search(compared_words(purpose)))

    def test_another_shop_of_the_same_town_and_day(self):
        [part] = rule_parts(drafted_words("POS - WISSOL, Tbilisi, 12.06.2026"))
        pattern = words_pattern(part)
        other = "POS - CARREFOUR, Tbilisi, 12.06.2026"
        self.assertFalse(pattern.search(compared_words(other)))
        self.assertTrue(
            pattern.search(compared_words("POS - WISSOL, Batumi, 13.06.2026"))
        )

    def test_a_long_text_takes_no_time(self):
        self.assertEqual(drafted_words("x" * 100_000), "x" * 1000)
        self.assertIsNone(drafted_words("1" * 100_000))


class TestNames(unittest.TestCase):
    def test_a_name_with_a_comma_is_one(self):
        [part] = rule_parts(drafted_name("Google Ireland, Ltd"))
        pattern = words_pattern(part)
        for name, fits in (
            ("Google Ireland, Ltd", True),
            ("GOOGLE IRELAND LTD", True),
            ("Alpha, Ltd", False),
            ("Google Georgia, Ltd", False),
        ):
            with self.subTest(name):
                self.assertEqual(bool(pattern.search(compared_words(name))), fits)

    def test_what_tells_nothing_is_no_name(self):
        for name in ("Ltd", "შპს", "Shps, Tbilisi", "J.S.C", "", "თბილისი"):
            with self.subTest(name):
                self.assertIsNone(drafted_name(name))

    def test_telling(self):
        for text, tells in (
            ("BP", True),
            ("Ltd WISSOL", True),
            ("254", True),
            ("of the bank", False),
            ("x", False),
        ):
            with self.subTest(text):
                self.assertEqual(is_telling(text), tells)


class TestComparing(unittest.TestCase):
    def test_parts(self):
        self.assertEqual(
            rule_parts(" Wissol ,Socar  Georgia,, -"), ["wissol", "socar georgia"]
        )
        self.assertEqual(rule_parts(None), [])

    def test_endings(self):
        for words, text, fits in (
            ("tax", "taxes", False),
            ("tax", "a tax", True),
            ("fee", "bank fees", True),
            ("ხელფას", "ხელფასის", True),
            ("ფას", "ხელფასის", False),
            ("c++", "c++", True),
        ):
            with self.subTest(words):
                self.assertEqual(bool(words_pattern(words).search(text)), fits)


if __name__ == "__main__":
    unittest.main()
