"""Texts that nobody expects: four times as long may cost four times the time, no more."""

import time
import unittest
from unittest import mock

from golden import golden

from account_tbc_bank import tbc
from account_tbc_bank.bookkeeping import purpose
from account_tbc_bank.bookkeeping.purpose import Names
from account_tbc_bank.tbc import errors, transfer_answer, transport, wire
from account_tbc_bank.tbc.client import TbcClient

LENGTH = 4000
# Whoever is as quick as that is not measured; a square would need ten times it.
QUICK = 0.005
# What four times the length may cost: four, with room for a busy machine; a square
# costs sixteen.
GROWTH, MOST, TRIES = 4, 8.0, 3
# Repeated until the text is long enough.
PATTERNS = [
    *(" ", ".", "a", "1", "0", "-", "_", "/", ",", "=", "~", "#", "№", "ა", "é", "\t"),
    *("a1", "1 ", "a ", "1.", "1-", "1/", "A1B2-", "GE48 ", "GE48TB78", "GE48 TB78 "),
    *(
        "GE",
        "AA11BB22CC33DD44EE55",
        "AA11 BBBB CCCC DDDD ",
        "x" * 23 + " ",
        "9" * 8 + " ",
    ),
    *(
        "inv",
        "inv ",
        "inv.",
        "inv-",
        "inv#",
        "inv. no ",
        "invoice",
        "invoices ",
        "ინვოის",
    ),
    *(
        "ინვოისი ",
        "ინვოისი-",
        "ანგარიშ ფაქტურა ",
        "ა/ფ ",
        "INV/2026/00254, ",
        "254 და ",
    ),
    *("and ", "და", ", 1", ",1", " & ", "+", "No ", "n ", "2026-", "TRANSFERID", "ID"),
    *("duplica", "დუბ", "EUR", "1 EUR = ", "2026-06-22T", "INV/2026/0025", "00254-ის "),
]
NAMES = Names([(1, "INV/2026/00254"), (2, "BILL/77"), (3, "123456"), (4, "9" * 5000)])


def not_found(text):
    client = TbcClient("http://127.0.0.1:9", lambda: ("an-id", "secret"))
    refusal = tbc.TbcRefused(code=text, title=text)
    with mock.patch.object(TbcClient, "_transfers", side_effect=refusal):
        try:
            return client.find_single("123")
        except tbc.TbcRefused:
            return None


def refuses(convert):
    def run(text):
        try:
            return convert(text)
        except ValueError:
            return None

    return run


SAMPLE = golden("movements_page")["transactions"][0]
SEARCHES = {
    "redact": wire.redact,
    "mask_ibans": wire.mask_ibans,
    "iban_is_valid": wire.iban_is_valid,
    "text": wire.text,
    "money": refuses(wire.money),
    "day": refuses(wire.day),
    "currency_code": refuses(wire.currency_code),
    "an error": lambda text: str(tbc.TbcRefused(text, code=text, title=text)),
    "a duplicate": errors.speaks_of_duplicate,
    "not found": not_found,
    "a status": transfer_answer.order_state,
    "an id": lambda text: transfer_answer._id({"id": text}, "id"),
    "an origin": refuses(transport.checked_origin),
    "one more": lambda text: purpose._AND_MORE.match(text),
    "a sign": lambda text: purpose._SIGN.search(text),
    "mentions": lambda text: list(purpose._MENTION.finditer(text)),
    "a rate": lambda text: tbc.parse_movement_page(
        {"transactions": [SAMPLE | {"exchangeRate": text}], "total": 1}
    ),
    "a movement": lambda text: tbc.parse_movement_page(
        {"transactions": [dict.fromkeys(SAMPLE, text)], "total": 1}
    ),
}


# The words after which something is looked for.
BEGINNINGS = {
    "mentions": ("", "inv ", "ინვოისი", "ა/ფ no "),
    "one more": (",", " and "),
    "redact": ("", "GE48", "GE48 TB78 "),
    "not found": ("", "TRANSFER"),
}


class TestLongText(unittest.TestCase):
    def test_time_grows_with_the_length_and_no_faster(self):
        # As if nothing was too long to be searched.
        patcher = mock.patch.object(wire, "LONGEST_REDACTED", 10**9)
        patcher.start()
        self.addCleanup(patcher.stop)
        for name, search in SEARCHES.items():
            for begin in BEGINNINGS.get(name, ("",)):
                for pattern in PATTERNS:
                    with self.subTest(name, begin=begin, pattern=pattern):
                        self.assert_linear(search, begin, pattern)

    def assert_linear(self, search, begin, pattern):
        if seconds(search, begin, pattern, LENGTH) < QUICK:
            return
        growths = (
            seconds(search, begin, pattern, GROWTH * LENGTH)
            / max(seconds(search, begin, pattern, LENGTH), QUICK / 10)
            for _time in range(TRIES)
        )
        self.assertTrue(any(growth < MOST for growth in growths))

    def test_a_long_text_is_cut_before_it_is_searched(self):
        for search in (wire.redact, lambda text: NAMES.read(text, bool)):
            for pattern in ("ა1 ", "inv ", "GE48 ", "ინვოის"):
                self.assertLess(seconds(search, "", pattern, 10**6), 0.1)

    def test_nothing_secret_shows_at_the_cut(self):
        iban, token = "GE48TB7873440574631292", "abcdefghijklmnopqrstuvwxyz0123456789"
        grouped = " ".join(iban[at : at + 4] for at in range(0, len(iban), 4))
        letters = "x" * 3 * wire.LONGEST_REDACTED + "1"
        for secret in (iban, grouped, token, "204567891012", letters):
            for before in range(wire.LONGEST_REDACTED - 60, wire.LONGEST_REDACTED + 2):
                # Blanks are joined, so that all of it would fit into the line.
                line = wire.redact("a" + " " * (before - 1) + secret + " end")
                with self.subTest(secret=secret, before=before):
                    self.assertNotRegex(line, r"TB78|7873|0574|bcdef|3456|4567|xxx")

    def test_a_purpose_too_long_names_who_knows_what(self):
        """So nothing is matched by its amount alone, either."""
        text = "INV/2026/00254 " + "a " * purpose.LONGEST_TEXT
        self.assertEqual(NAMES.read(text, lambda document: True), (set(), True))
        named = NAMES.read("INV/2026/00254", lambda document: True)
        self.assertEqual(named, ({1}, True))

    def test_a_number_of_thousands_of_digits(self):
        for digits in ("9" * 5000, "inv " + "9" * 5000, "inv " + "9" * 1000):
            NAMES.read(digits, lambda document: True)


def seconds(search, begin, pattern, length):
    text = begin + pattern * (length // len(pattern)) + " 1"
    began = time.process_time()
    search(text)
    return time.process_time() - began
