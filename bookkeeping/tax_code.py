"""Tax codes as people write them, and as they are compared."""

import re
import unicodedata

from ..tbc import text

_GEORGIAN = re.compile(r"\d{9}|\d{11}", re.ASCII)


def clean_tax_code(value: object) -> str | None:
    """The tax code as it is compared: letters and digits, without Georgia's GE before.

    People write blanks of all kinds, dashes and small letters; ``None`` when absent.
    """
    code = _letters_and_digits(value)
    number = code.removeprefix("GE")
    return (number if number.isdecimal() else code) or None


def georgian_tax_code(value: object, *, is_abroad: bool = False) -> str | None:
    """The Georgian tax code (9 digits) or personal number (11) in it, or ``None``."""
    code = clean_tax_code(value) or ""
    # Of somebody abroad, a number without the prefix is another country's.
    if is_abroad and not _letters_and_digits(value).startswith("GE"):
        return None
    return code if _GEORGIAN.fullmatch(code) else None


def _letters_and_digits(value: object) -> str:
    signs = unicodedata.normalize("NFKC", text(value) or "")
    return "".join(sign for sign in signs if sign.isalnum()).upper()
