"""Which open items a movement surely pays: names in a purpose, and exact amounts.

Plain values in, pairs out; nothing here guesses. Two candidates are none.
"""

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date

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
    numbers: tuple
    is_document: bool = True


@dataclass(frozen=True, slots=True)
class Payment:
    """``line`` pays ``items``; ``named`` when its purpose says so."""

    line: BankLine
    items: tuple
    named: bool


def plan_payments(lines, items):
    """List the ``Payment`` of each line that surely pays something, oldest first.

    A line pays what its purpose names: one document, in part too, or several whose sum
    is exact, less the credit notes that it names. Else the only item of exactly its
    amount, if no other line could pay that.
    """
    open_items, groups = defaultdict(list), defaultdict(list)
    for item in items:
        open_items[item.partner_id, item.currency].append(item)
    for line in lines:
        groups[line.partner_id, line.currency].append(line)
    found = []
    for key in groups.keys() & open_items.keys():
        found += _Partner(open_items[key]).payments(groups[key])
    return sorted(found, key=lambda payment: (payment.line.day, payment.line.line_id))


class _Partner:
    """The open items of one partner and currency: what he owes, and what we owe him.

    A document is known by its id and by whether it is owed to us.
    """

    def __init__(self, items):
        self.documents = defaultdict(list)
        for item in items:
            self.documents[item.document_id, item.cents > 0].append(item)
        self.names = {side: self._names_of(side) for side in (True, False)}
        for side, names in self.names.items():
            names.know_of(self.names[not side])

    def _names_of(self, side):
        return Names(
            (key, number)
            for key, items in self.documents.items()
            if key[1] == side
            for item in items
            for number in filter(None, item.numbers)
        )

    def payments(self, lines):
        """The payments that ``lines`` surely are."""
        claims, partly, silent = {}, set(), []
        for line in lines:
            documents, speaks, may_be_part = self._read(line)
            if documents:
                claims[line] = documents
                if may_be_part:
                    partly.add(line)
            elif not speaks:
                silent.append(line)
        return self._by_name(claims, partly) + self._by_amount(silent, claims)

    def _read(self, line):
        """The documents that a purpose names; whether it names any, here or not; and
        whether it may pay a part: not where it speaks of a credit note, too.
        """

        def is_exact(key):
            return self._residual(key) == line.cents

        side = line.cents > 0
        documents, speaks = self.names[side].read(line.purpose, is_exact)
        reverse, speaks_of_reverse = self.names[not side].read(line.purpose, is_exact)
        may_be_part = len(documents) == 1 and not speaks_of_reverse
        if speaks and not documents:
            # It names another document, whatever else it names.
            return set(), True, False
        return documents | reverse, speaks, may_be_part

    def _residual(self, key):
        return sum(item.cents for item in self.documents[key])

    def _by_name(self, claims, partly):
        """What is named is paid, unless more claim it than it is."""
        claimed = defaultdict(int)
        for line, documents in claims.items():
            for key in documents:
                only = len(documents) == 1
                claimed[key] += abs(line.cents if only else self._residual(key))
        payments = []
        for line, documents in claims.items():
            total = sum(map(self._residual, documents))
            fits = line in partly or line.cents == total
            if fits and all(
                claimed[key] <= abs(self._residual(key)) for key in documents
            ):
                items = [item for key in documents for item in self.documents[key]]
                payments += _payment(line, items, named=True)
        return payments

    def _by_amount(self, lines, claims):
        """The only item of the amount, if that has no second line either."""
        named = set().union(*claims.values())
        items, groups = defaultdict(list), defaultdict(list)
        for key in self.documents.keys() - named:
            of_document = self.documents[key]
            for item in of_document:
                items[item.cents].append(item)
            if len(of_document) > 1:
                # All instalments at once could be meant, too.
                total = replace(
                    of_document[0], cents=self._residual(key), is_document=False
                )
                items[total.cents].append(total)
        for line in lines:
            groups[line.cents].append(line)
        payments = []
        for cents in items.keys() & groups.keys():
            payments += _the_only_one(groups[cents], items[cents])
        return payments


def _the_only_one(lines, items):
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


def _first_day(item):
    return item.day if item.is_document else date.min


def _payment(line, items, *, named):
    one_account = len({item.account_id for item in items}) == 1
    payable = one_account and all(item.is_document for item in items)
    if line.is_rival or not payable:
        return []
    items = sorted(items, key=lambda item: (item.day, item.item_id))
    return [Payment(line, tuple(items), named)]
