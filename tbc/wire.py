"""The converters every parser uses: JSON values in, plain Python values out.

They read ``None`` and ``""`` as absent (``None``) and raise ``ValueError`` on what
they cannot read, in words without the value: these words reach the logs.
"""

import datetime
import re
import string
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import TypeAlias, TypeVar

# What JSON is read into, by ``answer.parse_json``; and what can be written as JSON.
JsonValue: TypeAlias = (
    bool | int | str | Decimal | list["JsonValue"] | dict[str, "JsonValue"] | None
)
JsonObject: TypeAlias = dict[str, JsonValue]
Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None
T = TypeVar("T")
# Reads ``None`` and ``""`` as ``None``, and raises ``ValueError``.
Converter: TypeAlias = Callable[[object], T | None]

# Asia/Tbilisi, all year: Georgia has no daylight saving.
GEORGIAN_TIME = datetime.timezone(datetime.timedelta(hours=4))
CENT = Decimal("0.01")
# 13 digits and 2 decimals, as in the bank's older service: these 15 digits are also
# all that a float can hold to the cent.
MONEY_LIMIT = 10**13
INTEGER_LIMIT = 2**63
# What lies outside is no day of a bank's, and too near to the ends of the calendar.
FIRST_YEAR, LAST_YEAR = 1900, 2199
# Of a transfer order or a batch, as we name it; the bank's ids fit it too.
EXTERNAL_ID = re.compile(r"[A-Za-z0-9_-]{1,50}")

_NUMBER = re.compile(r"[+-]?\d{1,40}(\.\d{1,40})?([eE][+-]?\d{1,3})?", re.ASCII)
_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)"
    r"(?:[T ](\d\d:\d\d)(:\d\d(?=\D|$))?(?:[.,]\d+)? ?(Z|[+-]\d\d(?::?\d\d)?)?)?",
    re.ASCII,
)
_IBAN = re.compile(r"(?!GE)[A-Z]{2}\d\d[A-Z0-9]{11,30}|GE\d\d[A-Z]{2}\d{16}", re.A)
_IBAN_IN_TEXT = re.compile(
    r"(?<![A-Za-z0-9])[A-Za-z]{2}\d\d"
    r"(?:[A-Za-z0-9]{11,30}|(?:[ +-][A-Z0-9]{4}){2,7}(?:[ +-][A-Z0-9]{1,4})?)"
    r"(?![A-Za-z0-9])",
    re.ASCII,
)
# Long words with a digit in them (tokens, secrets), long numbers (ids, tax codes).
_WORD = re.compile(r"[\w.+=~-]{9,}", re.ASCII)
_WORD_SIGNS = string.ascii_letters + string.digits + "_.+=~-"
_LONG_NUMBER = re.compile(r"\d{9,}", re.ASCII)
_LONGEST_WORD = 24
# So much of a text is searched for secrets; an IBAN in groups is at most so long.
LONGEST_REDACTED, _GROUPED_IBAN = 2000, 42


def storable(value: str) -> str:
    """The text without what databases and files refuse: NUL, half a character."""
    if value.isascii() and "\x00" not in value:
        return value
    return value.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def text(value: object) -> str | None:
    """Stripped text; a number becomes its digits; objects and such read as absent."""
    if not isinstance(value, str):
        if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
            return None
        value = str(value)
    return storable(value).strip() or None


def decimal(value: object) -> Decimal | None:
    """An exact finite ``Decimal``, from a JSON number or its text form."""
    if value is None or value == "":
        return None
    # Decimal() alone would take True, "1_000", "NaN" and digits of any alphabet.
    if not _NUMBER.fullmatch(str(value).strip()):
        raise ValueError("not a number")
    return Decimal(str(value).strip())


def figure(value: object) -> Decimal | None:
    """A ``Decimal`` with two decimals, or with as many as the bank tells."""
    number = decimal(value)
    if number is None:
        return None
    if abs(number) >= MONEY_LIMIT:
        raise ValueError("too large")
    in_cents = number.quantize(CENT)
    return in_cents if in_cents == number else number


def money(value: object) -> Decimal | None:
    """A ``Decimal`` with two decimals; more decimals are refused, never rounded."""
    number = figure(value)
    if number is not None and number != number.quantize(CENT):
        raise ValueError("more than 2 decimals")
    return number


def integer(value: object) -> int | None:
    """An ``int`` of at most 64 bits, from a JSON number or its text form."""
    number = decimal(value)
    if number is None:
        return None
    if abs(number) >= INTEGER_LIMIT or number != int(number):
        raise ValueError("not a whole number")
    return int(number)


def boolean(value: object) -> bool | None:
    """A ``bool``, from a JSON boolean or the words true and false."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        value = {"true": True, "false": False}.get(value.strip().lower())
    if not isinstance(value, bool):
        raise ValueError("not true or false")
    return value


def day(value: object) -> datetime.date | None:
    """The Georgian calendar day of a date or date-time, as a ``datetime.date``.

    Without an offset it is Georgian already, with one it is converted. Year 1 is what
    a .NET server writes for a date nobody filled in: absent.
    """
    if value is None or value == "":
        return None
    match = _MOMENT.fullmatch(value.strip()) if isinstance(value, str) else None
    if not match:
        raise ValueError("not a date")
    if match[1].startswith("0001-"):
        return None
    return _georgian_day(*match.groups())


# A page tells the same few days hundreds of times. Kept is no more of its text than that.
@lru_cache(maxsize=1000)
def _georgian_day(
    date: str, clock: str | None, seconds: str | None, offset: str | None
) -> datetime.date:
    offset = (offset or "+04:00").replace("Z", "+00")
    offset += ":00" if len(offset) == 3 else ""  # %z does not take a bare hour
    written = f"{date} {clock or '00:00'}{seconds or ':00'} {offset}"
    try:
        moment = datetime.datetime.strptime(written, "%Y-%m-%d %H:%M:%S %z")
        georgian = moment.astimezone(GEORGIAN_TIME).date()
    except (ValueError, OverflowError):
        raise ValueError("not a date") from None
    if not FIRST_YEAR <= georgian.year <= LAST_YEAR:
        raise ValueError("not a day of our time")
    return georgian


def currency_code(value: object) -> str | None:
    """Three capital letters."""
    code = (text(value) or "").upper()
    if code and not re.fullmatch(r"[A-Z]{3}", code):
        raise ValueError("not a currency code")
    return code or None


def clean_iban(value: object) -> str | None:
    """The IBAN without spaces and in capitals, unchecked; ``None`` when absent."""
    return "".join((text(value) or "").split()).upper() or None


def has_iban_shape(value: str | None) -> bool:
    """Whether a clean IBAN has the letters, digits and length of one."""
    return bool(_IBAN.fullmatch(value or ""))


def iban_is_valid(value: object) -> bool:
    """Whether shape and check digits (mod 97) are right, of an IBAN as typed."""
    iban = clean_iban(value) or ""
    if not has_iban_shape(iban):
        return False
    # ISO 13616: country and check digits go last, A is 10 … Z is 35.
    return int("".join(str(int(sign, 36)) for sign in iban[4:] + iban[:4])) % 97 == 1


def georgian_bank_code(value: str | None) -> str | None:
    """The two letters of the bank in a clean Georgian IBAN, ``None`` in any other."""
    iban = value or ""
    georgian = has_iban_shape(iban) and iban.startswith("GE")
    return iban[4:6] if georgian else None


def mask_iban(value: object) -> str:
    """``GE48…1292``: enough to recognise an account, too little to use it."""
    iban = clean_iban(value) or ""
    return f"{iban[:4]}…{iban[-4:]}" if len(iban) >= 12 else "…"


def mask_ibans(value: str) -> str:
    """The text with each IBAN in it masked."""
    return _IBAN_IN_TEXT.sub(lambda match: mask_iban(match.group()), value)


def redact(value: str) -> str:
    """One line fit for a log, of any text: IBANs, tokens and long numbers masked."""
    line = " ".join(storable(value[:LONGEST_REDACTED]).split())
    line = _WORD.sub(_without_secret, mask_ibans(line))
    if len(value) > LONGEST_REDACTED:
        # Of a secret that was cut in two, the first half looks like none.
        line = line[:-_GROUPED_IBAN].rstrip(_WORD_SIGNS) + "…"
    return line[:200]


def _without_secret(match: re.Match[str]) -> str:
    word = match.group()
    if len(word) >= _LONGEST_WORD and any(sign.isdigit() for sign in word):
        return "…"
    return _LONG_NUMBER.sub("…", word)


def json_object(value: JsonValue) -> JsonObject:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def json_type(value: JsonValue) -> str:
    """``null``, ``boolean``, ``number``, ``text``, ``list`` or ``object``."""
    names: tuple[tuple[type | tuple[type, ...], str], ...] = (
        (bool, "boolean"),
        ((int, Decimal), "number"),
        (str, "text"),
        (list, "list"),
        (dict, "object"),
    )
    return next((name for kind, name in names if isinstance(value, kind)), "null")


def member(raw: JsonObject, name: str, convert: Converter[T]) -> T | None:
    """One member of a JSON object, converted; the ``ValueError`` starts with its name."""
    try:
        return convert(raw.get(name))
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def required(raw: JsonObject, name: str, convert: Converter[T]) -> T:
    """Same, but what is absent is a ``ValueError``, too."""
    value = member(raw, name, convert)
    if value is None:
        raise ValueError(f"{name}: missing")
    return value


def optional(raw: JsonValue, name: str, convert: Converter[T]) -> T | None:
    """Same, but what cannot be read is ``None``; ``raw`` may be no object."""
    try:
        return member(raw, name, convert) if isinstance(raw, dict) else None
    except ValueError:
        return None


def camel_case(name: str) -> str:
    """The bank's spelling of an attribute's name: `tax_code` is `taxCode`."""
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def json_value(value: JsonValue) -> Json:
    """The same value as any JSON can store it: a ``Decimal`` as a float, if that is
    written as the same number, else as text.
    """
    if isinstance(value, dict):
        return {storable(name): json_value(item) for name, item in value.items()}
    if isinstance(value, list):
        return [json_value(item) for item in value]
    if isinstance(value, Decimal):
        same = value.is_finite() and Decimal(repr(float(value))) == value
        return float(value) if same else str(value)
    return storable(value) if isinstance(value, str) else value
