"""Which open items a movement surely pays: names in a purpose, and exact amounts.

Plain values in, pairs out; nothing here guesses: where more than one item could match,
nothing is matched.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeAlias, TypeVar

from .purpose import Names

# An open item dated later than so many days after the movement was not what it paid.
LONGEST_ADVANCE = 31


@dataclass(frozen=True, slots=True, kw_only=True)
class BankLine:
    """An unmatched movement: ``cents`` signed, below zero when money went out.

    ``is_rival``: another bank's, not to be matched here; but it could pay the same.
    """

    line_id: int
    partner_id: int | None
    currency: str
    cents: int
    day: date
    purpose: str
    is_rival: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItem:
    """An open receivable or payable; ``cents`` above zero is owed to us.

    - ``document_id``: what it belongs to: an invoice has an item for each instalment;
    - ``numbers``: what the document is called: its number, its payment reference;
    - ``is_document``: False for what only stands in the way, such as a payment.
    """

    item_id: int
    document_id: int
    account_id: int
    partner_id: int
    currency: str
    cents: int
    day: date
    numbers: tuple[str | None, ...]
    is_document: bool = True


# Partner and currency; and a document's id with whether it is owed to us.
_Key: TypeAlias = tuple[int | None, str]
_Document: TypeAlias = tuple[int, bool]
_T = TypeVar("_T", BankLine, OpenItem)


@dataclass(frozen=True, slots=True)
class Payment:
    """``line`` pays ``items``; ``named`` when its purpose says so."""

    line: BankLine
    items: tuple[OpenItem, ...]
    named: bool


def plan_payments(
    lines: Iterable[BankLine], items: Iterable[OpenItem]
) -> list[Payment]:
    """List the ``Payment`` of each line that surely pays something, oldest first.

    A line pays what its purpose names: one document, in part too, or several whose sum
    is exact, less the credit notes that it names. Else the only item of exactly its
    amount, if no other line could pay that.
    """
    open_items, groups = _grouped(items), _grouped(lines)
    found: list[Payment] = []
    for key in groups.keys() & open_items.keys():
        found += _Partner(open_items[key]).payments(groups[key])
    return sorted(found, key=lambda payment: (payment.line.day, payment.line.line_id))


def _grouped(some: Iterable[_T]) -> dict[_Key, list[_T]]:
    groups: dict[_Key, list[_T]] = defaultdict(list)
    for one in some:
        groups[one.partner_id, one.currency].append(one)
    return groups


class _Partner:
    """The open items of one partner and currency: what he owes, and what we owe him."""

    def __init__(self, items: Iterable[OpenItem]) -> None:
        self.documents: dict[_Document, list[OpenItem]] = defaultdict(list)
        for item in items:
            self.documents[item.document_id, item.cents > 0].append(item)
        self.names = {side: self._names_of(side) for side in (True, False)}
        for side, names in self.names.items():
            names.know_of(self.names[not side])

    def _names_of(self, side: bool) -> Names[_Document]:
        return Names(
            (key, number)
            for key, items in self.documents.items()
            if key[1] == side
            for item in items
            for number in filter(None, item.numbers)
        )

    def payments(self, lines: Iterable[BankLine]) -> list[Payment]:
        """The payments that ``lines`` surely are."""
        claims: dict[BankLine, set[_Document]] = {}
        partly: set[BankLine] = set()
        silent: list[BankLine] = []
        for line in lines:
            documents, speaks, may_be_part = self._read(line)
            if documents:
                claims[line] = documents
                if may_be_part:
                    partly.add(line)
            elif not speaks:
                silent.append(line)
        return self._by_name(claims, partly) + self._by_amount(silent, claims)

    def _read(self, line: BankLine) -> tuple[set[_Document], bool, bool]:
        """The documents that a purpose names; whether it names any, here or not; and
        whether it may pay a part: not where it speaks of a credit note, too.
        """

        def is_exact(key: _Document) -> bool:
            return self._residual(key) == line.cents

        side = line.cents > 0
        documents, speaks = self.names[side].read(line.purpose, is_exact)
        reverse, speaks_of_reverse = self.names[not side].read(line.purpose, is_exact)
        may_be_part = len(documents) == 1 and not speaks_of_reverse
        if speaks and not documents:
            # It names another document, whatever else it names.
            return set(), True, False
        return documents | reverse, speaks, may_be_part

    def _residual(self, key: _Document) -> int:
        return sum(item.cents for item in self.documents[key])

    def _by_name(
        self, claims: dict[BankLine, set[_Document]], partly: set[BankLine]
    ) -> list[Payment]:
        """What is named is paid, unless more claim it than it is."""
        claimed = self._claimed(claims)
        payments: list[Payment] = []
        for line, documents in claims.items():
            total = sum(map(self._residual, documents))
            fits = line in partly or line.cents == total
            if fits and all(
                claimed[key] <= abs(self._residual(key)) for key in documents
            ):
                items = [item for key in documents for item in self.documents[key]]
                payments += _payment(line, items, named=True)
        return payments

    def _claimed(self, claims: dict[BankLine, set[_Document]]) -> dict[_Document, int]:
        """How much of each document is claimed by all lines that name it."""
        claimed: dict[_Document, int] = defaultdict(int)
        for line, documents in claims.items():
            for key in documents:
                only = len(documents) == 1
                claimed[key] += abs(line.cents if only else self._residual(key))
        return claimed

    def _by_amount(
        self, lines: Iterable[BankLine], claims: dict[BankLine, set[_Document]]
    ) -> list[Payment]:
        """The only item of the amount, if that has no second line either."""
        named: set[_Document] = set().union(*claims.values())
        items: dict[int, list[OpenItem]] = defaultdict(list)
        for key in self.documents.keys() - named:
            for item in self._meant_by_amount(key):
                items[item.cents].append(item)
        groups: dict[int, list[BankLine]] = defaultdict(list)
        for line in lines:
            groups[line.cents].append(line)
        payments: list[Payment] = []
        for cents in items.keys() & groups.keys():
            payments += _the_only_one(groups[cents], items[cents])
        return payments

    def _meant_by_amount(self, key: _Document) -> list[OpenItem]:
        """The items of a document, and all its instalments at once."""
        items = self.documents[key]
        if len(items) == 1:
            return items
        total = replace(items[0], cents=self._residual(key), is_document=False)
        return [*items, total]


def _the_only_one(lines: list[BankLine], items: list[OpenItem]) -> list[Payment]:
    """The payment of the oldest item by the one line that could pay it and no other.

    A line can pay what is dated until a month after it; so if it can pay one item
    alone, that is the oldest. What is no document stands in the way on any day.
    """
    items = sorted(items, key=_first_day)
    # As numbers: the calendar ends, and some write its last day on a document.
    days = [_first_day(item).toordinal() for item in items]
    latest = [(line, line.day.toordinal() + LONGEST_ADVANCE) for line in lines]
    counts = [(line, bisect_right(days, day)) for line, day in latest]
    able = [(line, count) for line, count in counts if count]
    if len(able) != 1 or able[0][1] != 1:
        return []
    return _payment(able[0][0], items[:1], named=False)


def _first_day(item: OpenItem) -> date:
    return item.day if item.is_document else date.min


def _payment(line: BankLine, items: list[OpenItem], *, named: bool) -> list[Payment]:
    one_account = len({item.account_id for item in items}) == 1
    payable = one_account and all(item.is_document for item in items)
    if line.is_rival or not payable:
        return []
    items = sorted(items, key=lambda item: (item.day, item.item_id))
    return [Payment(line, tuple(items), named)]
