"""The bank's answers kept in tests/data, read the way the client reads them."""

import pathlib

from account_tbc_bank.tbc.answer import parse_json

_FOLDER = pathlib.Path(__file__).parents[1] / "data"


def golden_bytes(name):
    """The bytes of ``tests/data/<name>.json``."""
    return (_FOLDER / f"{name}.json").read_bytes()


def golden(name):
    """The JSON value of ``tests/data/<name>.json``."""
    return parse_json(golden_bytes(name))
