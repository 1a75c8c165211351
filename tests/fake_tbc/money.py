"""Amounts: kept in whole hundredths (cents, tetri), sent as JSON numbers."""

from decimal import Decimal, InvalidOperation


def cents(amount):
    """Whole hundredths of a number with at most two decimals, or ``None`` for anything
    else.
    """
    try:
        exact = Decimal(str(amount)) * 100
        return int(exact) if exact == int(exact) else None
    except (InvalidOperation, ValueError, OverflowError):
        return None


def decimal(value):
    """Decimal of whole hundredths."""
    return Decimal(value).scaleb(-2)


def number(cents):
    """Hundredths as a JSON number: 128075 → 1280.75, 500000 → 5000. Exact up to fifteen
    digits.
    """
    return cents // 100 if cents % 100 == 0 else cents / 100
