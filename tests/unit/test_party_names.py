"""One name in Georgian and in Latin letters, with and without its legal form."""

import unittest

from account_tbc_bank.bookkeeping import PartyNames, alikeness
from account_tbc_bank.bookkeeping.party_names import name_words

SAME = (
    ("შპს ალფა", "Alpha LLC"),
    ("შპს „ალფა“", "ALPHA, L.L.C."),
    ("სს თელასი", "JSC Telasi"),
    ("ი.მ. გიორგი ბერიძე", "I.E. Giorgi Beridze"),
    ("იმ გიორგი ბერიძე", "Beridze Giorgi"),
    ("შ.პ.ს. მაგთიკომი", "MagtiCom Ltd"),
    ("კავკასიის ხილი", "Kavkasiis Khili"),
    ("ჭავჭავაძე", "Chavchavadze"),
    ("ცისკარი", "Tsiskari"),
    ("წყალი", "Tskali"),
    ("ქართლი", "Qartli"),
    ("ქართლი", "Kartli"),
    ("ჟინვალი", "Zhinvali"),
    ("ღვინო", "Ghvino"),
    ("შატო მუხრანი", "Shato Mukhrani"),
    ("Café Zoé", "CAFE ZOE"),
    ("ვისოლი", "Wissol"),
)
ALIKE = (
    ("WISSOL #41", "ვისოლი"),
    ("ნინო კაპანაძე", "N. Kapanadze"),
    ("Green Valley & Sons LLC", "Green Valley"),
    ("Imereti Foods", "Imeriti Foods LLC"),
    ("Rioni Logistics", "Rionni Logistik"),
)
OTHERS = (
    ("Alpha", "Beta"),
    ("Giorgi Beridze", "Giorgi Kapanadze"),
    ("Nikora 112", "Nikora 41"),
    ("Alta", "Alfa"),
    ("LLC", "Alpha LLC"),
    ("", "Alpha"),
    ("!!!", "Alpha"),
)


class TestNames(unittest.TestCase):
    def test_one_name_in_two_scripts(self):
        for one, other in SAME:
            with self.subTest(one, other=other):
                self.assertEqual(name_words(one), name_words(other))
                self.assertEqual(alikeness(one, other), 100)

    def test_two_ways_to_write_one_name_are_alike(self):
        for one, other in ALIKE:
            with self.subTest(one, other=other):
                self.assertIn(alikeness(one, other), range(75, 100))
                self.assertEqual(alikeness(one, other), alikeness(other, one))

    def test_names_of_two_parties_are_not_alike(self):
        for one, other in OTHERS:
            with self.subTest(one, other=other):
                self.assertLess(alikeness(one, other), 75)

    def test_a_name_of_nothing_but_its_form(self):
        self.assertEqual(name_words("LLC"), ("lk",))

    def test_the_most_alike_first_and_equals_in_their_order(self):
        names = PartyNames(
            [(1, "Alpha Trade"), (2, "შპს ალფა"), (3, "Alpha LLC"), (4, "Beta")]
        )
        self.assertEqual(names.find("ALPHA", 60), [(100, 2), (100, 3), (62, 1)])
        self.assertEqual(names.find("ALPHA", 60, most=1), [(100, 2)])
        self.assertEqual(names.find("Gamma", 60), [])
        self.assertEqual(names.find("", 60), [])

    def test_a_word_of_half_the_world(self):
        """Names are not compared with all that share a common word."""
        many = [(number, f"Giorgi Number{number}") for number in range(1_000)]
        names = PartyNames([*many, (5_000, "Giorgi Tsereteli")])
        self.assertEqual(names.find("გიორგი წერეთელი", 90), [(100, 5_000)])
