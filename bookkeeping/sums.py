"""The sums of a period, and on which days two books differ."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

_DAY = timedelta(days=1)
_NOTHING = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Sums:
    """What came in and what went out; both positive, or below zero in a difference."""

    credit: Decimal = _NOTHING
    debit: Decimal = _NOTHING

    @classmethod
    def of(cls, amount: Decimal) -> "Sums":
        """The sums of one signed amount."""
        return cls(credit=amount) if amount > 0 else cls(debit=-amount)

    @classmethod
    def total(cls, several: Iterable["Sums"]) -> "Sums":
        """The sums of several: one is made for all, where ``+`` makes one with each."""
        found = list(several)
        return cls(
            sum((one.credit for one in found), _NOTHING),
            sum((one.debit for one in found), _NOTHING),
        )

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(self.credit + other.credit, self.debit + other.debit)

    def __sub__(self, other: "Sums") -> "Sums":
        return Sums(self.credit - other.credit, self.debit - other.debit)

    def __bool__(self) -> bool:
        return bool(self.credit or self.debit)

    @property
    def net(self) -> Decimal:
        """Credits less debits."""
        return self.credit - self.debit


def differing_days(
    first: date, last: date, gap: Sums, ask: Callable[[date, date], Sums]
) -> Iterator[tuple[date, Sums]]:
    """Yield ``(day, gap of the day)`` for the days on which two books differ.

    The period is halved until the days are found. Only one half is asked for; what
    remains of the gap is the other's: one question a level and branch. Days whose gaps
    cancel each other inside one half stay unseen.

    :param Sums gap: of the whole period
    :param ask: called with first and last day, returns the gap of that period
    """
    if not gap:
        return
    if first == last:
        yield first, gap
        return
    middle = first + (last - first) // 2
    left = ask(first, middle)
    yield from differing_days(first, middle, left, ask)
    yield from differing_days(middle + _DAY, last, gap - left, ask)
