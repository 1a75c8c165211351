"""Where the money of earlier transactions like this one went."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from .hints import Basis, Past, Side, Transaction
from .purpose import LONGEST_TEXT

# So many of the latest count; of them, so many in one place make a habit of it.
LATEST, MANY = 20, 3
# So many words of a purpose say what kind of transaction it is.
_WORDS = 4
_POINTS = {"counterparty": 840, "partner": 800, "kind": 690}
# Alike words that went somewhere once are no habit: an open item that may fit is more.
_WORDS_ONCE = 495
# Money that came is given back within this, as a rule.
LONGEST_UNTIL_BACK = timedelta(days=120)
# What is paid twice is paid again within this; a rent comes later.
SOON = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """``count`` of the latest ``of`` went to one account, always with these taxes.

    ``partner_id``, ``analytic``: only where they were always the same.
    """

    basis: Basis
    points: int
    count: int
    of: int
    account_id: int
    partner_id: int | None
    tax_ids: tuple[int, ...]
    analytic: str | None
    side: Side | None


def habits(cents: int, pasts: Iterable[Past], most: int = 2) -> list[Habit]:
    """The places where the latest of the same direction went, of each basis."""
    by_basis: dict[Basis, list[Past]] = defaultdict(list)
    for past in pasts:
        if past.cents * cents > 0 and past.basis != "parent":
            by_basis[past.basis].append(past)
    found: list[Habit] = []
    for basis, some in by_basis.items():
        found += _of_basis(basis, some)[:most]
    return sorted(found, key=lambda one: (-one.points, one.account_id, one.tax_ids))


def _of_basis(basis: Basis, pasts: list[Past]) -> list[Habit]:
    latest = sorted(pasts, key=lambda one: (one.day, one.line_id), reverse=True)
    latest = latest[:LATEST]
    groups: dict[tuple[int, tuple[int, ...]], list[Past]] = defaultdict(list)
    for past in latest:
        groups[past.account_id, past.tax_ids].append(past)
    found = [_habit(basis, some, len(latest)) for some in groups.values()]
    return sorted(found, key=lambda one: (-one.points, one.account_id, one.tax_ids))


def _habit(basis: Basis, some: list[Past], of: int) -> Habit:
    share, enough = len(some) / of, min(1.0, (len(some) + 1) / (MANY + 1))
    points = _POINTS[basis] - round(240 * (1 - share * enough))
    if basis == "kind" and len(some) == 1:
        points = min(points, _WORDS_ONCE)
    partners = {past.partner_id for past in some}
    analytics = {past.analytic for past in some}
    return Habit(
        basis=basis,
        points=points,
        count=len(some),
        of=of,
        account_id=some[0].account_id,
        partner_id=partners.pop() if len(partners) == 1 else None,
        tax_ids=some[0].tax_ids,
        analytic=analytics.pop() if len(analytics) == 1 else None,
        side=some[0].side,
    )


def _may_be_given_back(transaction: Transaction, past: Past) -> bool:
    return bool(
        past.side
        and past.partner_id
        and past.cents * transaction.cents < 0
        and abs(past.cents) >= abs(transaction.cents)
        and timedelta(0) <= transaction.day - past.day <= LONGEST_UNTIL_BACK
    )


def money_given_back(transaction: Transaction, pasts: Sequence[Past]) -> list[Past]:
    """Money of a partner that went the other way not long ago, and not less of it.

    First what the bank names, then what is exactly as much, then the latest.
    """
    return sorted(
        (past for past in pasts if _may_be_given_back(transaction, past)),
        key=lambda past: (
            past.basis != "parent",
            past.cents != -transaction.cents,
            transaction.day - past.day,
            past.line_id,
        ),
    )


def paid_before(
    transaction: Transaction, partner_id: int, pasts: Sequence[Past]
) -> Past | None:
    """What was exactly as much, of that partner, a few days before or after."""
    alike = [
        past
        for past in pasts
        if past.side
        and past.partner_id == partner_id
        and past.cents == transaction.cents
        and abs(transaction.day - past.day) <= SOON
    ]
    return max(alike, key=lambda past: (past.day, past.line_id), default=None)


def wording(purpose: str) -> str:
    """The first words of a purpose, without its numbers: what alike ones share."""
    words = re.findall(r"[^\W\d_]{2,}", purpose[:LONGEST_TEXT].lower())
    return " ".join(words[:_WORDS])
