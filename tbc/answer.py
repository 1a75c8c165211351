"""Reading any answer: its JSON, what an error says, the trace id.

Source: https://developers.tbcbank.ge/docs/bis-errors
"""

import json
import re
import time
from decimal import Decimal
from email.utils import parsedate_to_datetime

from .wire import storable

TRACE_HEADERS = ("X-Trace-Id", "traceparent", "X-Correlation-Id", "X-Request-Id")


def parse_json(body):
    """The JSON value of ``bytes``, no number having been a float.

    :raise ValueError: not JSON, whatever the reason
    """
    try:
        words = body.decode("utf-8-sig")
        return json.loads(words, parse_float=Decimal, parse_constant=Decimal)
    except (ValueError, ArithmeticError, RecursionError):
        raise ValueError("not JSON") from None


def facts(problem, headers):
    """What an answer that is not 2xx says, as attributes of a ``TbcError``.

    :param problem: the JSON value of its body: problem+json, the OAuth form of a
        refusal, or anything else, which says nothing
    """
    if not isinstance(problem, dict):
        problem = {}

    def word(*names):
        found = [problem.get(name) for name in names]
        return next((storable(w) for w in found if w and isinstance(w, str)), None)

    return {
        "code": word("code", "error", "ErrorCode"),
        "title": word("title"),
        "detail": word("detail", "error_description", "Error"),
        "errors": _field_faults(problem.get("errors")),
        "trace_id": _trace_id(problem.get("traceId")) or trace_id(headers),
        "after": _retry_after(headers),
    }


def trace_id(headers):
    """The bank's trace id in the headers, or ``None``."""
    found = [_trace_id(headers.get(name)) for name in TRACE_HEADERS]
    return next(filter(None, found), None)


def _trace_id(value):
    # It goes to logs and screens as it is, so it must look like one.
    fits = isinstance(value, str) and re.fullmatch(r"[\w.:|-]{1,100}", value, re.ASCII)
    return value if fits else None


def _field_faults(errors):
    faults = errors if isinstance(errors, dict) else {}
    lists = {name: f if isinstance(f, list) else [f] for name, f in faults.items()}
    return {storable(n): [storable(str(f)) for f in fs] for n, fs in lists.items()}


def _retry_after(headers):
    """Seconds to wait, from either form of the header: seconds or a date."""
    value = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d{1,9}", value, re.ASCII):
        return int(value)
    try:
        moment = parsedate_to_datetime(value)
        return max(0, round(moment.timestamp() - time.time()))
    except (ValueError, OverflowError):
        return None
