"""Whatever the bank sends: a value that can be, or one of the package's own errors.

Golden answers with some of their pieces replaced by odd ones, and garbage. The seed is
printed; ``TBC_FUZZ_SEED`` repeats a run.
"""

import datetime
import json
import os
import random
import re
import sys
import unittest

from golden import golden_bytes
from requests.structures import CaseInsensitiveDict

from account_tbc_bank import tbc
from account_tbc_bank.bookkeeping import statement_line_values
from account_tbc_bank.tbc import wire
from account_tbc_bank.tbc.answer import facts, parse_json
from account_tbc_bank.tbc.auth import fetch_token
from account_tbc_bank.tbc.errors import error_from_answer
from account_tbc_bank.tbc.transfer_answer import parse_id

BODIES = 20_000
SEED = int(os.environ.get("TBC_FUZZ_SEED") or random.SystemRandom().getrandbits(32))

# Pieces of JSON: each is put in the place of any name or value.
ODD = [
    *("null", "true", "false", "0", "-0", "-1", "1.005", "100.505", "1e2", "-0.00"),
    *("1E999999", "-1E999999", "1E-999999", "1e99999999999999999999", "1e400"),
    *("9" * 20, "9" * 40, "9" * 41, "9" * 5000, "-" + "9" * 5000, "0." + "9" * 5000),
    *("NaN", "Infinity", "-Infinity", "9999999999999.99", "10000000000000", "7" * 19),
    *('""', '" "', '"\\u0000"', '"\\ud800"', '"a\\udfffb"', '"\u2028"', '"١٢"', '"0"'),
    *(
        '"9999-12-31T23:59:59Z"',
        '"9999-12-31"',
        '"0001-01-01T00:00:00Z"',
        '"0002-01-01"',
    ),
    *('"0000-00-00"', '"2026-06-31"', '"2026-06-22T00:00:00+23:59"', '"1-1-1"'),
    *('"2026-06-22T00:00:00-99:99"', '"2026-06-22T24:00:00"', '"0001-01-02"'),
    *(
        "[]",
        "{}",
        "[[]]",
        "[null]",
        '{"a":1,"a":2}',
        '[{"id":1},{"id":"1"}]',
        "[1,2,3]",
    ),
    *("[" * 90 + "]" * 90, "[" * 900 + "]" * 900, '{"a":' * 300 + "1" + "}" * 300),
    *("[" * 100_000, '{"errors":' * 90 + "[]" + "}" * 90),
    *('"1 EUR = 3.175 GEL"', f'"{"9" * 30} EUR = 1 GEL"', f'"1 EUR = {"9" * 30} GEL"'),
    *('"1 GEL = 99999999999999999 EUR"', '"1 EUR = 0.' + "0" * 40 + '1 GEL"'),
    *('"0 EUR = 0 GEL"', '"1 EUR = 1e9 GEL"', f'"{"9" * 5000} EUR = {"9" * 5000} GEL"'),
    *(
        '"Finished"',
        '"Duplicated"',
        '"GEL"',
        '"ლარი"',
        '"JPY"',
        '"GE48TB7873440574631292"',
    ),
    *(json.dumps("a" * 3000), json.dumps(" " * 3000), json.dumps("1" * 3000)),
    *('"amount"', '"total"', '"transactions"', '"succeeded"', '"failed"', '"position"'),
]
ODD_NAMES = [piece for piece in ODD if piece.startswith('"')]
# Scalars and names of a JSON text.
PIECE = re.compile(r'"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|null|true|false')
GARBAGE = [
    b"",
    b"\xff\xfe",
    b"\xef\xbb\xbf{}",
    b"\x00",
    b"<html>",
    b"[1,",
    b'"',
    b"nul",
]


class _Sender:
    """In the place of a transport: its one answer is known already."""

    def __init__(self, answer):
        self.send = lambda *_path, **_request: answer


class NotJson(Exception):
    """What ``parse_json`` promises of anything that is not JSON."""


def read_json(body):
    try:
        return parse_json(body)
    except ValueError as error:
        assert str(error) == "not JSON"
        raise NotJson("not JSON") from None


def read_page(value):
    page = tbc.parse_movement_page(value)
    assert page.total >= 0
    for movement in page.movements:
        read_movement(movement.raw)
    for bad in page.unreadable:
        json.dumps(wire.json_value(bad.raw), allow_nan=False).encode()
        assert bad.reason.encode() and len(bad.movement_id or "") < 500


def read_movement(value):
    movement = tbc.parse_movement(value)
    values = statement_line_values(movement)
    day = values["date"]
    assert datetime.date(1900, 1, 1) <= day <= datetime.date(2200, 1, 1), day
    for name in ("amount", "amount_currency"):
        amount = values[name]
        assert amount is None or abs(amount) < 10**13, amount
        assert amount is None or float(f"{amount:f}") == float(amount)
    ids = ("movement_id", "operation_id", "parent_operation_id", "payment_id")
    assert max(len(values[f"tbc_{name}"] or "") for name in ids) < 500
    json.dumps(values.pop("transaction_details"), allow_nan=False).encode()
    "".join(str(value) for value in values.values()).encode()


def read_statement(value):
    figures = tbc.parse_statement(value)
    assert abs(figures.closing_balance) < 10**13
    assert figures.opening_balance + figures.credit_sum - figures.debit_sum < 10**14


def read_receipt(value):
    tbc.parse_import_receipt(value, [1, 2, 3] if len(value) % 2 else [1])


def read_status(value):
    status = tbc.parse_transfer_status(value, single=len(value) % 2 == 1)
    tbc.order_state(status.of(transfer_id="4578192", position=1).word)


def read_error(value):
    told = str(value)[:40].encode("latin-1", "replace").decode("latin-1")
    known = facts(value, CaseInsensitiveDict({"X-Trace-Id": told, "Retry-After": told}))
    status = 400 + len(told) % 120
    assert str(error_from_answer(status, known))


def read_token(value):
    token = fetch_token(
        _Sender(value),
        lambda: ("an-id", "secret"),
        "bab_accounts",
        lambda: 9.0,
    )
    assert isinstance(token.fresh_until, float)


READERS = [
    (("movements_page", "movements_variants", "movements_unreadable"), read_page),
    (("movement_by_id",), read_movement),
    (("statement", "statement_text_figures"), read_statement),
    (("balance", "balance_overdraft"), tbc.parse_balance),
    (
        ("transfer_receipt", "transfer_receipt_id", "transfer_receipt_results"),
        read_receipt,
    ),
    (
        ("transfer_batch_receipt",),
        lambda value: parse_id(value, "batchTransferId", "id"),
    ),
    (("transfer_status_single", "transfer_status_batch"), read_status),
    (("error_general", "error_validation", "transfer_duplicate"), read_error),
    (("token", "token_other_product", "token_refused"), read_token),
]


class TestWhateverComes(unittest.TestCase):
    def setUp(self):
        print(f"\nTBC_FUZZ_SEED={SEED}", file=sys.stderr)
        self.dice = random.Random(SEED)

    def test_a_value_or_one_of_our_errors(self):
        readers = [
            (read, [pieces(text) for name in names for text in bodies(name)])
            for names, read in READERS
        ]
        errors = 0
        for number in range(BODIES):
            read, goldens = self.dice.choice(readers)
            body = self.spoil(self.dice.choice(goldens))
            if self.dice.random() < 0.2:
                # The answer to another question.
                read, _goldens = self.dice.choice(readers)
            try:
                read(read_json(body))
            except (tbc.TbcError, NotJson) as error:
                errors += 1
                assert str(error)
            except Exception as error:
                self.fail(
                    f"TBC_FUZZ_SEED={SEED}: {type(error).__name__} of body {number}"
                    f" in {read.__name__}: {error}\n{body[:3000]!r}"
                )
        # Neither all of it good, nor all of it refused.
        self.assertTrue(0.2 < errors / BODIES < 0.9, errors)

    def spoil(self, parts):
        """The JSON text of ``parts``, some of them replaced; or no JSON at all."""
        dice = self.dice
        if dice.random() < 0.02:
            return dice.choice(GARBAGE) + dice.randbytes(dice.randrange(20))
        if dice.random() < 0.03:
            return dice.choice(ODD).encode("utf-8", "surrogatepass")
        parts = list(parts)
        for _time in range(dice.choice((1, 1, 2, 3, 8))):
            at = dice.randrange(len(parts) // 2) * 2 + 1
            is_name = parts[at + 1].lstrip().startswith(":")
            parts[at] = dice.choice(ODD_NAMES if is_name else ODD)
        body = "".join(parts).encode("utf-8", "surrogatepass")
        if dice.random() < 0.03:
            at = dice.randrange(len(body))
            body = body[:at] + dice.randbytes(2) + body[at + 1 :]
        return body


def bodies(name):
    """A golden answer as texts, each with one movement at the most."""
    value = json.loads(golden_bytes(name))
    rows = value.get("transactions") if isinstance(value, dict) else None
    for change in [{"transactions": [row]} for row in rows or ()] or [{}]:
        yield json.dumps({**value, **change} if change else value)


def pieces(text):
    """What stands between the names and values of a JSON text, and these, in turn."""
    found, end = [], 0
    for piece in PIECE.finditer(text):
        found += [text[end : piece.start()], piece.group()]
        end = piece.end()
    return [*found, text[end:]]
