import datetime
import json
import unittest
from decimal import Decimal

from account_tbc_bank.tbc import wire

SANDBOX_IBAN = "GE48TB7873440574631292"


class ConverterCase(unittest.TestCase):
    def assert_reads(self, convert, table):
        for value, expected in table:
            with self.subTest(value=value):
                read = convert(value)
                self.assertEqual(read, expected)
                self.assertIs(type(read), type(expected))

    def assert_refuses(self, convert, values):
        for value in values:
            with self.subTest(value=value):
                with self.assertRaises(ValueError) as caught:
                    convert(value)
                if len(str(value)) > 2:
                    self.assertNotIn(str(value), str(caught.exception))


class TestNumbers(ConverterCase):
    def test_money_is_exact_and_has_two_decimals(self):
        table = [
            (Decimal("1280.75"), Decimal("1280.75")),
            (1.23, Decimal("1.23")),
            (5000, Decimal("5000.00")),
            ("1702.3", Decimal("1702.30")),
            (" 1.500 ", Decimal("1.50")),
            (Decimal("-12.3"), Decimal("-12.30")),
            (Decimal("1E+2"), Decimal("100.00")),
            ("9999999999999.99", Decimal("9999999999999.99")),
        ]
        self.assert_reads(wire.money, [*table, (None, None), ("", None)])
        self.assertEqual(str(wire.money(5000)), "5000.00")

    def test_money_refuses_what_it_would_have_to_guess(self):
        odd = [True, "1,280.75", "1_000", "NaN", "١٢", Decimal("NaN"), Decimal("Inf")]
        self.assert_refuses(wire.money, [*odd, [], {}, "12 GEL", float("inf")])
        self.assert_refuses(wire.money, ["10.005", 0.001, Decimal("1E-999")])
        self.assert_refuses(wire.money, [10**13, "-1E999", 10**400])

    def test_every_cent_survives(self):
        for cents in range(0, 100_000, 397):
            written = f'{{"amount": {cents // 100}.{cents % 100:02}}}'
            amount = json.loads(written, parse_float=Decimal)["amount"]
            self.assertEqual(wire.money(amount) * 100, cents)

    def test_integers(self):
        table = [(0, 0), ("30", 30), (Decimal("700.0"), 700), (None, None), ("", None)]
        self.assert_reads(wire.integer, [*table, (2**63 - 1, 2**63 - 1), (-1, -1)])
        self.assert_refuses(wire.integer, [1.5, "x1", True, 2**63, "1E999", [1]])

    def test_booleans(self):
        table = [(True, True), (False, False), ("False", False), (" true", True)]
        self.assert_reads(wire.boolean, [*table, (None, None), ("", None)])
        self.assert_refuses(wire.boolean, [1, 0, "yes", [], Decimal(1)])


class TestDates(ConverterCase):
    def test_the_georgian_day_of_every_form(self):
        june = datetime.date(2026, 6, 22)
        table = [
            ("2026-06-22", june),
            ("2026-06-22T00:00:00", june),
            ("2026-06-22T23:59:59", june),
            ("2026-06-22T23:59:59.9999999", june),
            (" 2026-06-22 10:00 ", june),
            ("2026-06-22T00:00:00+04:00", june),
            ("2026-06-22T00:00:00+0400", june),
            ("2026-06-22T00:00:00+04", june),
            ("2026-06-21T20:00:00Z", june),
            ("2026-06-21T20:00Z", june),
            ("2026-06-22T19:59:59.5Z", june),
            ("2026-06-23T05:00:00.123+12:00", june),
            ("2026-06-22T20:00:00Z", datetime.date(2026, 6, 23)),
            ("0001-01-01T00:00:00", None),
            (None, None),
            ("", None),
        ]
        self.assert_reads(wire.day, table)

    def test_what_is_no_date(self):
        words = ["22.06.2026", "2026-06-31", "2026-13-01T00:00:00", "today", "2026"]
        self.assert_refuses(wire.day, [*words, 1776844800, [], "2026-06-22T25:00:00"])
        self.assert_refuses(wire.day, ["9999-12-31T23:00:00Z", "2026-06-22T00:00:00X"])
        self.assert_refuses(wire.day, ["9999-12-31", "2200-01-01", "1899-12-31"])
        self.assert_refuses(wire.day, ["1900-01-01T00:00:00+05:00"])

    def test_no_text_of_a_day_is_kept_in_memory(self):
        wire.day("2026-06-22T10:20:30Z")
        kept = wire._georgian_day.cache_info().currsize
        wire.day("2026-06-22T10:20:30." + "7" * 5000 + "Z")
        wire.day(" " * 5000 + "2026-06-22T10:20:30Z")
        self.assertEqual(wire._georgian_day.cache_info().currsize, kept)


class TestText(ConverterCase):
    def test_text(self):
        table = [("  a b ", "a b"), ("", None), (" ", None), (None, None), (77, "77")]
        odd = [(True, None), ({}, None), ([1], None), (Decimal("1.10"), "1.10")]
        unstorable = [("a\x00b", "ab"), ("a\ud800", "a?"), ("ქართული", "ქართული")]
        self.assert_reads(wire.text, [*table, *odd, *unstorable])

    def test_currency(self):
        self.assert_reads(wire.currency_code, [(" gel", "GEL"), ("", None)])
        self.assert_refuses(wire.currency_code, ["LARI", "G1", "₾₾₾", 981])

    def test_json_value_keeps_each_digit_and_can_be_stored(self):
        raw = {
            "price": Decimal("1.10"),
            "exact": Decimal("12345678901234567.89"),
            "odd": [Decimal("NaN"), Decimal("1E400"), 7, None, True],
            "na\x00me": "a\x00b\ud800",
        }
        expected = {
            "price": 1.1,
            "exact": "12345678901234567.89",
            "odd": ["NaN", "1E+400", 7, None, True],
            "name": "ab?",
        }
        self.assertEqual(wire.json_value(raw), expected)
        json.dumps(wire.json_value(raw), allow_nan=False).encode()


class TestMembers(unittest.TestCase):
    def test_optional(self):
        for raw in ({}, {"a": None}, {"a": "x"}, None, [1], "a"):
            self.assertIsNone(wire.optional(raw, "a", wire.integer))
        self.assertEqual(wire.optional({"a": "7"}, "a", wire.integer), 7)

    def test_spelling(self):
        self.assertEqual(wire.camel_case("beneficiary_tax_code"), "beneficiaryTaxCode")
        self.assertEqual(wire.camel_case("description"), "description")


class TestIban(ConverterCase):
    def test_cleaning(self):
        spaced = "ge48 tb78\u00a07344 0574 6312 92 "
        self.assert_reads(wire.clean_iban, [(spaced, SANDBOX_IBAN), ("", None)])

    def test_check_digits(self):
        valid = ["GE44TB0600051509630891", "ge41 TB78 4996 3286 0761 83"]
        valid += ["GE90BG0000000589021505", "CZ6508000000192000145399"]
        self.assert_reads(wire.iban_is_valid, [(iban, True) for iban in valid])
        wrong = [SANDBOX_IBAN, "GE44TB060005150963089", "GE44TB06000515096308911"]
        wrong += ["", None, "hello", "GE44TB06000515096308A1", "CZ65-0800"]
        self.assert_reads(wire.iban_is_valid, [(iban, False) for iban in wrong])

    def test_shape_alone_lets_the_sandbox_in(self):
        self.assertTrue(wire.has_iban_shape(SANDBOX_IBAN))
        for odd in ("GE48TB787344057463129", SANDBOX_IBAN.lower(), "../../x", None):
            self.assertFalse(wire.has_iban_shape(odd))

    def test_georgian_bank(self):
        table = [("GE90BG0000000589021505", "BG"), (SANDBOX_IBAN, "TB")]
        none = ["CZ6508000000192000145399", "GE90BG00000005890215", "", None]
        table += [(iban, None) for iban in none]
        self.assert_reads(wire.georgian_bank_code, table)

    def test_masks(self):
        table = [(SANDBOX_IBAN, "GE48…1292"), ("short", "…"), (None, "…")]
        self.assert_reads(wire.mask_iban, table)

    def test_redacted_text(self):
        table = [
            (f"no {SANDBOX_IBAN}!", "no GE48…1292!"),
            ("from GE48 TB78 7344 0574 6312 92\nto", "from GE48…1292 to"),
            ("tin 204567891, code 42", "tin …, code 42"),
            ("Bearer eyJhbGciOiJIUzI1NiJ9.e30.ab-_c==", "Bearer …"),
            ("DUPLICATED_TRANSFER_REQUEST", "DUPLICATED_TRANSFER_REQUEST"),
            ("x " * 500, ("x " * 500)[:200]),
        ]
        self.assert_reads(wire.redact, table)
