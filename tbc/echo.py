"""Cutting out of an answer what was sent to the bank in confidence.

A bank, or a gateway before it, that says what it was sent says it to whoever reads the
answer, wherever it is kept or shown. So nothing is read before it was searched, in
whichever coding it comes.
"""

import base64
import html
import re
import unicodedata
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import TypeAlias, overload
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

    @overload
    def cut(self, value: str) -> str: ...
    @overload
    def cut(self, value: JsonValue) -> JsonValue: ...
    def cut(self, value: JsonValue) -> JsonValue:
        """The same JSON value without anything of that."""
        forms = {form for one in self.__sealed for form in _forms(opened(one))}
        if not _may_hold("\n".join(_texts(value)), forms):
            return value
        return _cut(value, forms)


def _forms(value: str) -> Iterator[tuple[str, bool]]:
    """What to look for: a value and its codings.

    In Base64 of a longer text a value begins at any of three places; the letters that
    it shares with its neighbours are left out.
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


def _texts(value: JsonValue) -> Iterator[str]:
    if isinstance(value, dict):
        for name, one in value.items():
            yield name
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, str):
        yield value
    elif _is_long_number(value):
        yield str(value)


def _is_long_number(value: JsonValue) -> bool:
    is_number = isinstance(value, (int, Decimal)) and not isinstance(value, bool)
    return is_number and len(str(value)) >= SHORTEST_NUMBER


def _may_hold(text: str, forms: _Forms) -> bool:
    """Whether it is worth to look at each text by itself: quick, of a whole answer."""
    for _time in range(DECODED):
        squeezed = _squeezed(text)
        if any(form in squeezed for form, _is_word in forms):
            return True
        inner = _decoded(text)
        if inner == text:
            return False
        text = inner
    return False


def _cut(value: JsonValue, forms: _Forms) -> JsonValue:
    if isinstance(value, dict):
        return {_cut_text(n, forms): _cut(one, forms) for n, one in value.items()}
    if isinstance(value, list):
        return [_cut(one, forms) for one in value]
    if isinstance(value, str):
        return _cut_text(value, forms)
    if _is_long_number(value) and _cut_text(str(value), forms) != str(value):
        return CUT
    return value


def _cut_text(text: str, forms: _Forms) -> str:
    """The text itself if there is nothing in it; else as it was found, decoded."""
    if not _may_hold(text, forms):
        return text
    seen = text
    for _time in range(DECODED):
        if found := _places(seen, forms):
            text = seen = _without(seen, found)
        inner = _decoded(seen)
        if inner == seen:
            break
        seen = inner
    return text


def _places(text: str, forms: _Forms) -> list[tuple[int, int]]:
    """(begin, end) in the text of each form, in order.

    Not by a regular expression: Python keeps those, with the secret in them.
    """
    kept = [i for i, sign in enumerate(text) if ord(sign) not in _SKIPPED]
    folded = _folded(text)
    squeezed = "".join(folded[i] for i in kept)
    found = []
    for form, is_word in forms:
        at = squeezed.find(form)
        while at >= 0:
            begin, end = kept[at], kept[at + len(form) - 1] + 1
            if not is_word or _is_word(text, begin, end, len(form)):
                found.append((begin, end))
            at = squeezed.find(form, at + 1)
    return sorted(found)


def _is_word(text: str, begin: int, end: int, length: int) -> bool:
    around = text[max(begin - 1, 0) : begin] + text[end : end + 1]
    return end - begin == length and not any(sign.isalnum() for sign in around)


def _without(text: str, places: list[tuple[int, int]]) -> str:
    kept: list[str] = []
    last = 0
    for begin, end in places:
        if begin >= last:
            kept += [text[last:begin], CUT]
        last = max(last, end)
    return "".join([*kept, text[last:]])


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
