"""Reading any answer: its JSON, what an error says, the trace id."""

import json
import re
import time
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from email.utils import parsedate_to_datetime
from typing import Any

from .wire import JsonObject, JsonValue, json_object, storable

TRACE_HEADERS = ("X-Trace-Id", "traceparent", "X-Correlation-Id", "X-Request-Id")
# The bank's own answers are five levels deep, its longest numbers have 19 digits.
DEEPEST = 50
MOST_DIGITS = 40


def parse_json(body: bytes) -> JsonObject | list[JsonValue]:
    """The JSON object or list of ``bytes``, no number having been a float.

    A number that no number can hold stays text, and what lies too deep is left out:
    one such member must not keep the others of a page from being read.

    :raise ValueError: not JSON, whatever the reason
    """
    try:
        value = _DECODER.decode(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise ValueError("not JSON") from None
    if not isinstance(value, (dict, list)):
        raise ValueError("not JSON")
    _cut(value)
    return value


def _exact(digits: str) -> Decimal | str:
    try:
        return Decimal(digits)
    except InvalidOperation:
        return digits


def _whole(digits: str) -> int | str:
    return int(digits) if len(digits) <= MOST_DIGITS else digits


_DECODER = json.JSONDecoder(
    parse_float=_exact, parse_int=_whole, parse_constant=Decimal
)


def _cut(value: JsonValue, depth: int = DEEPEST) -> None:
    """Empty the lists and objects that lie deeper than ``depth``."""
    if not isinstance(value, (dict, list)):
        return
    if not depth:
        value.clear()
    for one in value.values() if isinstance(value, dict) else value:
        _cut(one, depth - 1)


def facts(problem: JsonValue, headers: Mapping[str, str]) -> dict[str, Any]:
    """What an answer that is not 2xx says, as attributes of a ``TbcError``."""
    said = json_object(problem)

    def word(*names: str) -> str | None:
        found = [said.get(name) for name in names]
        return next((storable(w) for w in found if w and isinstance(w, str)), None)

    return {
        "code": word("code", "error", "ErrorCode"),
        "title": word("title"),
        "detail": word("detail", "error_description", "Error"),
        "errors": _field_faults(said.get("errors")),
        "trace_id": _trace_id(said.get("traceId")) or trace_id(headers),
        "after": _retry_after(headers),
    }


def trace_id(headers: Mapping[str, str]) -> str | None:
    """The bank's trace id in the headers, or ``None``."""
    return next(filter(None, (_trace_id(headers.get(n)) for n in TRACE_HEADERS)), None)


def _trace_id(value: object) -> str | None:
    # It goes to logs and screens as it is, so it must look like one.
    if isinstance(value, str) and re.fullmatch(r"[\w.:|-]{1,100}", value, re.ASCII):
        return value
    return None


def _field_faults(errors: JsonValue) -> dict[str, list[str]]:
    faults = json_object(errors).items()
    lists = {name: f if isinstance(f, list) else [f] for name, f in faults}
    return {storable(n): [storable(str(f)) for f in fs] for n, fs in lists.items()}


def _retry_after(headers: Mapping[str, str]) -> int | None:
    """Seconds to wait, from either form of the header: seconds or a date."""
    value = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d{1,9}", value, re.ASCII):
        return int(value)
    try:
        moment = parsedate_to_datetime(value)
        return max(0, round(moment.timestamp() - time.time()))
    except (ValueError, OverflowError):
        return None
