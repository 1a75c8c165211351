"""What the difference between what is paid and what is open looks like."""

from dataclasses import dataclass
from typing import Literal

# Per mille that Georgian law lets a payer keep back: income tax of a person who is not
# registered, of a dividend or interest, of a non-resident, the pension's contribution.
WITHHELD = (200, 50, 40, 20, 100, 150)
# Of a person: first 2 % for the pension, then 20 % of the rest.
PENSION_AND_TAX = 216
VAT = 180
# A tip of rounding, and a bank's fee: cents, and per mille of what is open.
ROUNDED, SMALL_FEE, FEE_SHARE = 100, 5_000, 10
# Parts in which people pay: halves, thirds, quarters, and tenths of the whole.
_PARTS = tuple((part, of) for of in (2, 3, 4, 5, 10) for part in range(1, of))

Look = Literal["rounding", "fee", "withholding", "vat", "instalment", "part", "more"]


@dataclass(frozen=True, slots=True)
class Gap:
    """``cents``: paid less open, below zero where it is less; ``look``: what that
    looks like; ``rate``: per mille of a tax, or of the whole that was paid.
    """

    cents: int
    look: Look
    rate: int = 0


def look_at(paid: int, open_cents: int, whole: int | None = None) -> Gap:
    """What it looks like when so many cents are paid of what is open, both above zero.

    :param whole: what was open at first, where a part has been paid already
    """
    gap = paid - open_cents
    if abs(gap) <= _rounded(paid, open_cents):
        return Gap(gap, "rounding")
    if gap > 0:
        return Gap(gap, "fee" if _may_be_fee(gap, open_cents) else "more")
    if rate := _withheld(paid, open_cents):
        return Gap(gap, "withholding", rate)
    if _is_near(paid * (1000 + VAT), open_cents * 1000):
        return Gap(gap, "vat", VAT)
    if _may_be_fee(-gap, open_cents):
        return Gap(gap, "fee")
    if whole and whole > open_cents:
        return Gap(gap, "instalment")
    for part, of in _PARTS:
        if _is_near(paid * of, open_cents * part, of):
            return Gap(gap, "instalment", 1000 * part // of)
    return Gap(gap, "part")


def _rounded(paid: int, open_cents: int) -> int:
    """How much may be a tip of rounding: a few tetri, more where it is a round sum."""
    small = min(ROUNDED, max(5, open_cents // 100))
    return small if not paid % 100 or not open_cents % 100 else 5


def _may_be_fee(gap: int, open_cents: int) -> bool:
    return (
        gap <= max(SMALL_FEE, open_cents * FEE_SHARE // 1000) and gap * 5 <= open_cents
    )


def _withheld(paid: int, open_cents: int) -> int:
    """The rate that is kept back, or 0."""
    for rate in (*WITHHELD, PENSION_AND_TAX):
        if _is_near(paid * 1000, open_cents * (1000 - rate)):
            return rate
    return 0


def _is_near(one: int, other: int, unit: int = 1000) -> bool:
    """Whether two amounts, each times ``unit``, are the same but for rounding."""
    return abs(one - other) <= unit
