import unittest

from account_tbc_bank.bookkeeping import clean_tax_code, georgian_tax_code


class TestTaxCode(unittest.TestCase):
    def test_tax_codes_as_people_write_them(self):
        for written in (
            "204100003",
            "GE204100003",
            "ge204100003",
            " Ge 204 100 003\u00a0",
            "204-100-003",
            "204\u2013100\u2011003",
            "204.100.003",
            "\u202a204100003\u202c\u200b",
            "２０４１００００３",
            204100003,
        ):
            with self.subTest(written):
                self.assertEqual(clean_tax_code(written), "204100003")
                self.assertEqual(georgian_tax_code(written), "204100003")
        table = [(None, None), ("", None), (" - ", None), ("/", None), ("GE", "GE")]
        table += [("cz 12345678", "CZ12345678"), ("GEA1", "GEA1"), ("GE12", "12")]
        for written, code in table:
            with self.subTest(written):
                self.assertEqual(clean_tax_code(written), code)
        for other in ("20410000", "2041000031", "DE204100003", "204100003A", None):
            with self.subTest(other):
                self.assertIsNone(georgian_tax_code(other))
        self.assertEqual(georgian_tax_code("0100-1012345"), "01001012345")

    def test_somebody_abroad_has_another_country_s_number(self):
        for written, code in (("204 100 003", None), ("ge-204100003", "204100003")):
            with self.subTest(written):
                found = georgian_tax_code(written, is_abroad=True)
                self.assertEqual(found, code)
