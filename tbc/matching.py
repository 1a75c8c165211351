"""Which open items a movement surely pays: names in a purpose, and exact amounts.

Plain values in, pairs out; nothing here guesses. Two candidates are none.
"""

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

# An open item dated later than this after the movement was not what it paid.
LONGEST_ADVANCE = timedelta(days=31)

_RUN = re.compile(r"[^\W_]+")
# The number in "ინვოისი #254", "Invoice No INV/2026/00254", "ა/ფ № 254", "Inv. 254".
_MENTION = re.compile(
    r"(?:\binvoices?\b|\binv\b|\bbill\b|ინვოის\w*|ანგარიშ-?\s?ფაქტურ\w*|\bა/ფ)"
    r"[\s.:,]*(?:\b(?:no|nr|n)(?![^\W\d_])|[#№])?[\s.:]*((?=[\w/.-]*\d)\w[\w/.-]*)"
)
_SHORTEST_NAME = 4


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
    is exact. Else the only item of exactly its amount, if no other line could pay that.
    """
    sides = defaultdict(list)
    for item in items:
        sides[item.partner_id, item.currency, item.cents > 0].append(item)
    groups = defaultdict(list)
    for line in lines:
        groups[line.partner_id, line.currency, line.cents > 0].append(line)
    found = []
    for key in groups.keys() & sides.keys():
        found += _Side(sides[key]).payments(groups[key])
    return sorted(found, key=lambda payment: (payment.line.day, payment.line.line_id))


class _Side:
    """The open items of one partner, currency and direction."""

    def __init__(self, items):
        self.documents = defaultdict(list)
        for item in items:
            self.documents[item.document_id].append(item)
        # Numbers as tuples of words; what precedes the last word of those that end with
        # digits; and by these last digits alone.
        self.by_name, self.by_digits = defaultdict(set), defaultdict(set)
        self.series, self.plain_lengths = set(), set()
        for item in items:
            for number in filter(None, item.numbers):
                self._learn(tuple(_RUN.findall(number.lower())), item.document_id)
        self.lengths = {len(name) for name in self.by_name}
        self.lengths |= {len(series) + 1 for series in self.series}
        if self.plain_lengths:
            self.lengths.add(1)

    def _learn(self, name, document_id):
        if _is_telling(name):
            self.by_name[name].add(document_id)
        if not name or not name[-1].isdecimal():
            return
        self.by_digits[int(name[-1])].add(document_id)
        if not all(word.isdecimal() for word in name):
            self.series.add(name[:-1])
        elif _is_plain(name) and len(name[0]) >= _SHORTEST_NAME:
            self.plain_lengths.add(len(name[0]))

    def payments(self, lines):
        """The payments that ``lines``, all of this side, surely are."""
        claims, silent = {}, []
        for line in lines:
            documents, speaks = self._read(line)
            if documents:
                claims[line] = documents
            elif not speaks:
                silent.append(line)
        return self._by_name(claims) + self._by_amount(silent, claims)

    def _residual(self, document_id):
        return sum(item.cents for item in self.documents[document_id])

    # --- what a purpose says ----------------------------------------------------------

    def _read(self, line):
        """The documents that a purpose names; and whether it names any, here or not."""
        text = line.purpose.lower()
        mentions = {found.start(1): found[1] for found in _MENTION.finditer(text)}
        named, speaks_of_others = set(), False
        for (start, end), name in self._names(text):
            if name not in self.by_name:
                speaks_of_others |= self._is_like_ours(name)
                continue
            documents = self.by_name[name]
            if _is_plain(name) and start not in mentions:
                # It may be any number: no more than a hint beside the exact amount.
                exact = self._of_amount(documents, line)
                named |= exact
                speaks_of_others |= not exact
                continue
            mentions = {at: n for at, n in mentions.items() if not start <= at < end}
            named |= documents
            speaks_of_others |= len(documents) > 1
        for number in mentions.values():
            documents = self._by_short_number(number, line)
            named |= documents
            speaks_of_others |= not documents and bool(self.by_digits or self.by_name)
        if speaks_of_others:
            named = set()
        return named, bool(named) or speaks_of_others

    def _names(self, text):
        """Yield ``((start, end), words)`` of all that could be a number of this side."""
        runs = list(_RUN.finditer(text))
        for first, run in enumerate(runs):
            for length in self.lengths:
                some = runs[first : first + length]
                if len(some) == length and _stands_alone(text, run, some[-1]):
                    words = tuple(one.group() for one in some)
                    yield (run.start(), some[-1].end()), words

    def _is_like_ours(self, name):
        if not name[-1].isdecimal():
            return False
        if _is_plain(name):
            return len(name[0]) in self.plain_lengths and not _is_year(name[0])
        return name[:-1] in self.series

    def _by_short_number(self, number, line):
        number = number.rstrip("._-/")
        if not number.isdecimal():
            return set()
        found = self._of_amount(self.by_digits.get(int(number), ()), line)
        return found if len(found) == 1 else set()

    def _of_amount(self, documents, line):
        return {key for key in documents if self._residual(key) == line.cents}

    # --- who pays what ----------------------------------------------------------------

    def _by_name(self, claims):
        """What is named is paid, unless more claim it than it is."""
        claimed = defaultdict(int)
        for line, documents in claims.items():
            for key in documents:
                only = len(documents) == 1
                claimed[key] += abs(line.cents if only else self._residual(key))
        payments = []
        for line, documents in claims.items():
            total = sum(map(self._residual, documents))
            fits = len(documents) == 1 or line.cents == total
            if fits and all(
                claimed[key] <= abs(self._residual(key)) for key in documents
            ):
                items = [item for key in documents for item in self.documents[key]]
                payments += _payment(line, items, named=True)
        return payments

    def _by_amount(self, lines, claims):
        """The only item of the amount, if that has no second line either."""
        named = set().union(*claims.values())
        items = defaultdict(list)
        for key in self.documents.keys() - named:
            for item in self.documents[key]:
                items[item.cents].append(item)
        candidates = {
            line: [
                item
                for item in items.get(line.cents, ())
                if item.day - line.day <= LONGEST_ADVANCE
            ]
            for line in lines
        }
        rivals = defaultdict(int)
        for found in candidates.values():
            for item in found:
                rivals[item] += 1
        payments = []
        for line, found in candidates.items():
            if len(found) == 1 and rivals[found[0]] == 1:
                payments += _payment(line, found, named=False)
        return payments


def _payment(line, items, *, named):
    one_account = len({item.account_id for item in items}) == 1
    payable = one_account and all(item.is_document for item in items)
    if line.is_rival or not payable:
        return []
    items = sorted(items, key=lambda item: (item.day, item.item_id))
    return [Payment(line, tuple(items), named)]


def _is_telling(name):
    """Whether a number is long enough, and no year, to be found by itself."""
    text = "".join(name)
    return (
        len(text) >= _SHORTEST_NAME
        and any(character.isdecimal() for character in text)
        and not (len(name) == 1 and _is_year(text))
    )


def _is_plain(name):
    return len(name) == 1 and name[0].isdecimal()


def _is_year(word):
    return bool(re.fullmatch(r"(19|20)\d\d", word))


def _stands_alone(text, first, last):
    """Whether these words are not a piece of a longer number or of an amount."""
    before = text[max(0, first.start() - 2) : first.start()]
    after = text[last.end() : last.end() + 2]
    return not (
        re.fullmatch(r"[^\W_][/\\_-]|\d[.,]", before)
        or re.fullmatch(r"[/\\_-]\w|[.,]\d", after)
    )
