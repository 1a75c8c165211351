"""What answers are made of, without a value of theirs: members, types, forms, counts."""

import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from ..wire import JsonValue, decimal, has_iban_shape, json_type

DEEPEST = 6
# Of an object whose names are values (an account's number, say), these are enough.
MOST_PATHS = 200

_FORMS = (
    ("empty", r"\s*"),
    ("date", r"\d{4}-\d\d-\d\d"),
    ("midnight", r"\d{4}-\d\d-\d\dT00:00(:00(\.0+)?)?"),
    ("moment", r"\d{4}-\d\d-\d\dT[\d:.]+"),
    ("moment with offset", r"\d{4}-\d\d-\d\dT[\d:.]+ ?(Z|[+-]\d\d:?\d\d)"),
    ("movement id", r"\d{12}\.[12]"),
    ("digits", r"\d+"),
    ("decimal", r"-?\d+[.,]\d+"),
    ("three capitals", r"[A-Z]{3}"),
    ("rate", r"\d+ [A-Z]{3} = [\d.,]+ [A-Z]{3}"),
)


def form_of(value: JsonValue) -> str | None:
    """The form of a text or a number; ``None`` for anything else."""
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        return None
    if isinstance(value, str):
        if has_iban_shape(value):
            return "IBAN"
        found = (name for name, form in _FORMS if re.fullmatch(form, value, re.ASCII))
        return next(found, "other text")
    exact = decimal(value) or Decimal(0)
    exponent = exact.normalize().as_tuple().exponent
    places = max(0, -exponent) if isinstance(exponent, int) else 0
    sign = "negative, " if exact < 0 else ""
    return sign + (f"{places} decimals" if places else "whole")


def members_of(value: JsonValue, path: str = "") -> Iterator[tuple[str, JsonValue]]:
    """Each member at any depth with its path, such as ``transactions[].amount``."""
    if isinstance(value, dict) and path.count(".") < DEEPEST:
        for name, inner in value.items():
            below = f"{path}.{name}" if path else name
            yield below, inner
            yield from members_of(inner, below)
    if isinstance(value, list):
        for inner in value:
            yield from members_of(inner, f"{path}[]")


def shape_of(value: JsonValue) -> dict[str, Counter[str]]:
    """``{path of a member: {type or form: how often}}``."""
    shape: dict[str, Counter[str]] = {}
    for path, inner in members_of(value):
        if path in shape or len(shape) < MOST_PATHS:
            counted = shape.setdefault(path, Counter())
            counted[json_type(inner)] += 1
            form = form_of(inner)
            if form:
                counted[f"{json_type(inner)}: {form}"] += 1
    return shape


def values_of(value: JsonValue) -> set[str]:
    """Each text and number of an answer, as text: what no row and no shape may tell."""
    inner = [one for _path, one in members_of(value)]
    return {str(one) for one in inner if isinstance(one, (str, int, Decimal))}
