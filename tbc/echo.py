"""Cutting out of an answer what was sent to the bank in confidence.

A bank, or a gateway before it, that says what it was sent says it to whoever reads the
answer, wherever it is kept or shown. So nothing is read before it was searched, in
whichever coding it comes.
"""

import base64
import html
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import TypeAlias
from urllib.parse import unquote

from .sealed import Sealed, opened
from .wire import JsonValue

# What stands where something was cut.
CUT = "…"
# A shorter value is cut where it is a word of its own, and so is a number, or amounts
# and ids with the same digits in them would be cut; one of a letter or two is none.
SHORTEST_ANYWHERE, SHORTEST_WORD = 6, 3
# More digits than an amount has.
SHORTEST_NUMBER = 16
# JSON in JSON, quoted in a URL, in a page: so often is an answer decoded.
DECODED = 4

_ESCAPE = re.compile(r"\\+(?:u([0-9a-f]{4})|x([0-9a-f]{2}))", re.IGNORECASE)
# Breaks of lines and what nobody sees. Base64's + and a form's blank are the same sign,
# and JSON may have a \ before any other.
_SKIPPED = dict.fromkeys(
    sign
    for sign in (*range(0x3001), 0xFEFF)
    if chr(sign) in "+\\"
    or chr(sign).isspace()
    or unicodedata.category(chr(sign)) in ("Cc", "Cf")
)


# The signs to look for, and whether they count only as a word of their own.
_Forms: TypeAlias = set[tuple[str, bool]]


class Sent:
    """What one client has sent in confidence so far, sealed."""

    def __init__(self) -> None:
        self.__sealed: tuple[Sealed, ...] = ()

    def add(self, sealed: Iterable[Sealed]) -> None:
        """Remember some ``Sealed``, before they are sent."""
        self.__sealed = tuple(dict.fromkeys((*self.__sealed, *sealed)))

    def cut(self, value: JsonValue) -> JsonValue:
        """Return the JSON value without anything that was sent in confidence."""
        forms = {form for one in self.__sealed for form in _forms(opened(one))}
        # Quick, of a whole answer: there hardly ever is anything.
        together = "\n".join(_texts(value))
        if _cut(together, forms) == together:
            return value
        return _mapped(value, lambda text: _cut(text, forms))


def _forms(value: str) -> Iterator[tuple[str, bool]]:
    """What to look for: a value and its codings. In Base64 of a longer text it begins
    at any of three places; the letters shared with its neighbours are left out.
    """
    data = value.encode()
    if len(value) >= SHORTEST_ANYWHERE:
        coded = [data.hex(), base64.b64encode(data).decode()]
        for shift in range(3):
            longer = base64.b64encode(bytes(shift) + data).decode()
            coded.append(longer[-(-shift * 8 // 6) : (shift + len(data)) * 8 // 6])
        for one in coded:
            yield _squeezed(one), False
            yield _squeezed(one.replace("+", "-").replace("/", "_")), False
    plain = _squeezed(value)
    if len(plain) >= SHORTEST_WORD:
        yield plain, len(plain) < SHORTEST_ANYWHERE or plain.isdigit()


def _texts(value: JsonValue) -> list[str]:
    """What :func:`_mapped` would change of a JSON value, in any order."""
    found: list[str] = []
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, str):
            found.append(one)
        elif isinstance(one, dict):
            found += one
            left += one.values()
        elif isinstance(one, list):
            left += one
        elif _is_long_number(one):
            found.append(str(one))
    return found


def _is_long_number(value: JsonValue) -> bool:
    """Whether it is a number with more digits than an amount has."""
    return isinstance(value, (int, Decimal)) and len(str(value)) >= SHORTEST_NUMBER


def _mapped(value: JsonValue, change: Callable[[str], str]) -> JsonValue:
    """The same JSON value, each text and long number of it changed."""
    if isinstance(value, dict):
        return {change(name): _mapped(one, change) for name, one in value.items()}
    if isinstance(value, list):
        return [_mapped(one, change) for one in value]
    if isinstance(value, str):
        return change(value)
    if _is_long_number(value):
        return value if change(str(value)) == str(value) else CUT
    return value


def _cut(text: str, forms: _Forms) -> str:
    """The text itself if there is nothing in it; else as it was found, decoded."""
    seen = text
    for _time in range(DECODED):
        if places := _places(seen, forms):
            # One mark, whatever the length.
            text = seen = "".join(
                CUT * (at - 1 not in places) if at in places else sign
                for at, sign in enumerate(seen)
            )
        inner = _decoded(seen)
        if inner == seen:
            break
        seen = inner
    return text


def _places(text: str, forms: _Forms) -> set[int]:
    """Where in the text the signs of any form stand: without a regular expression, as
    Python keeps those, with the secret in them.
    """
    squeezed = _squeezed(text)
    there = [(form, is_word) for form, is_word in forms if form in squeezed]
    places: set[int] = set()
    if not there:
        return places
    kept = [i for i, sign in enumerate(text) if ord(sign) not in _SKIPPED]
    for form, is_word in there:
        for at in _starts(squeezed, form):
            begin, end = kept[at], kept[at + len(form) - 1] + 1
            if not is_word or _is_word(text, begin, end, len(form)):
                places |= set(range(begin, end))
    return places


def _starts(text: str, form: str) -> Iterator[int]:
    at = text.find(form)
    while at >= 0:
        yield at
        at = text.find(form, at + 1)


def _is_word(text: str, begin: int, end: int, length: int) -> bool:
    around = text[max(begin - 1, 0) : begin] + text[end : end + 1]
    return end - begin == length and not any(sign.isalnum() for sign in around)


def _squeezed(text: str) -> str:
    return _folded(text).translate(_SKIPPED)


def _folded(text: str) -> str:
    """The text in small letters, sign by sign."""
    folded = text.casefold()
    if len(folded) == len(text):
        return folded
    return "".join(sign.casefold()[0] for sign in text)


def _decoded(text: str) -> str:
    if "\\" in text:
        text = _ESCAPE.sub(lambda match: chr(int(match[1] or match[2], 16)), text)
    if "%" in text:
        text = unquote(text)
    return html.unescape(text) if "&" in text else text
