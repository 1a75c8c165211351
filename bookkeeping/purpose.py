"""The numbers of documents that the purpose of a payment names."""

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from typing import Any, Generic, TypeAlias, TypeVar

Id = TypeVar("Id", bound=Hashable)
# The words of a number: runs of letters, runs of digits.
_Name: TypeAlias = tuple[str, ...]
# From where to where in a text, and the words there.
_Found: TypeAlias = list[tuple[tuple[int, int], _Name]]
_Mentions: TypeAlias = dict[int, tuple[Any, ...]]

# Letters and digits apart: "INV2026" is "INV", "2026".
_RUN = re.compile(r"\d+|[^\W\d_]+")
# The number in "ინვოისი #254", "Invoice No INV/2026/00254", "ა/ფ 254", "Inv. 254".
# Each part has an end, or a long text of blanks would be tried in too many ways.
_MENTION = re.compile(
    r"(?:\b(?:invoices?|inv|bill|ინვ)(?![^\W\d_])|ინვოის[^\W\d]{0,30}"
    r"|ანგარიშ-?\s?ფაქტურ[^\W\d]{0,30}|\bა/ფ)"
    r"[\s.:,]{0,9}(\b(?:no|nr|n)(?![^\W\d_])|[#№])?[\s.:]{0,9}"
    r"((?=\w)(?=[\w/.-]{0,60}\d)[\w/.-]{1,60})"
)
# The number of something, but of what? "№ 254", "ბინა #12".
_SIGN = re.compile(r"[#№]\s*\d")
# "INV/2026/00254, 00255", "… და 255": one more, which is not read.
_AND_MORE = re.compile(r"\s?(?:[,;&+]|და\b|and\b)\s?[#№]?\s?\d+(?!\d)(?![\w./-]*\w)")
_SHORTEST_NAME, _SHORTEST_SHORT_NUMBER = 4, 3
# The bank's own limits are 140 and 210 characters.
LONGEST_TEXT, _LONGEST_NUMBER = 1000, 60


class Names(Generic[Id]):
    """What some documents are called, to find them in a text.

    :param documents: pairs of a document's id and its number; the same id may come
        with several numbers.
    """

    def __init__(self, documents: Iterable[tuple[Id, str]]) -> None:
        # Numbers as tuples of words; what precedes the last word of those that end with
        # digits; and by these last digits alone.
        self.by_name: dict[_Name, set[Id]] = defaultdict(set)
        self.by_digits: dict[int, set[Id]] = defaultdict(set)
        self.series: set[_Name] = set()
        self.plain_lengths: set[int] = set()
        for document_id, number in documents:
            if len(number) <= _LONGEST_NUMBER:
                self._learn(tuple(_RUN.findall(number.lower())), document_id)
        self.elsewhere: set[_Name] = set()
        self._measure()

    def _measure(self) -> None:
        self.lengths = {len(name) for name in {*self.by_name, *self.elsewhere}}
        self.lengths |= {len(series) + 1 for series in self.series}
        if self.plain_lengths:
            self.lengths.add(1)

    def know_of(self, others: "Names[Id]") -> None:
        """Know the documents of the other direction: their names are no strangers.

        And those that reverse them, though none is here: Odoo calls the credit note of
        INV/2026/00001 by an R before it, RINV/2026/00001.
        """
        self.elsewhere = {name for name in others.by_name if not _is_plain(name)}
        self.series |= {(f"r{first}", *rest) for first, *rest in others.series if first}
        self._measure()

    def _learn(self, name: _Name, document_id: Id) -> None:
        if _is_telling(name):
            self.by_name[name].add(document_id)
        if not name or not name[-1].isdecimal():
            return
        self.by_digits[int(name[-1])].add(document_id)
        if not all(word.isdecimal() for word in name):
            self.series.add(_series(name))
        elif _is_plain(name) and len(name[0]) >= _SHORTEST_NAME:
            self.plain_lengths.add(len(name[0]))

    def read(self, text: str, is_exact: Callable[[Id], bool]) -> tuple[set[Id], bool]:
        """The documents that a text names; and whether it names any, here or not.

        :param is_exact: says of a document's id whether the amount is exactly its own:
            short numbers count only beside that.
        """
        if len(text) > LONGEST_TEXT:
            # Whatever it names: nothing is certain of such a text.
            return set(), True
        text = " ".join(text.lower().split())
        mentions = {found.start(2): found.groups() for found in _MENTION.finditer(text)}
        alone, pieces = self._candidates(text)
        named: set[Id] = set()
        speaks_of_others = self._any_stray(alone, pieces)
        if self.by_digits and not mentions:
            speaks_of_others |= bool(_SIGN.search(text))
        for (start, end), name in alone:
            if name in self.elsewhere:
                mentions = _outside(mentions, start, end)
            if name not in self.by_name:
                known = name in self.elsewhere
                speaks_of_others |= not known and self._is_like_ours(name)
                continue
            documents = self.by_name[name]
            if _is_plain(name) and start not in mentions:
                # It may be any number: no more than a hint beside the exact amount.
                exact = set(filter(is_exact, documents))
                named |= exact
                speaks_of_others |= not exact
                continue
            mentions = _outside(mentions, start, end)
            named |= documents
            more = _AND_MORE.match(text, end)
            speaks_of_others |= len(documents) > 1 or bool(more)
        for sign, number in mentions.values():
            documents = self._by_short_number(sign, number, is_exact)
            named |= documents
            speaks_of_others |= not documents and bool(self.by_digits or self.by_name)
        return (set(), True) if speaks_of_others else (named, bool(named))

    def mentioned(self, text: str) -> tuple[set[Id], set[Id]]:
        """The documents that a text may name: by a whole number, and by its last digits.

        No more than a hint: whatever else the text says, and whether it is one alone.
        """
        text = " ".join(text[:LONGEST_TEXT].lower().split())
        alone, _pieces = self._candidates(text)
        whole = [self.by_name[name] for _span, name in alone if name in self.by_name]
        short: set[Id] = set()
        for _sign, number in (found.groups() for found in _MENTION.finditer(text)):
            number = _without_ending(number)
            if number.isdecimal():
                short |= self.by_digits.get(int(number), set())
        return set().union(*whole), short

    def _candidates(self, text: str) -> tuple[_Found, _Found]:
        """Two lists of ``((start, end), words)`` that could be one of these numbers:
        those that stand alone, and pieces of something longer.
        """
        runs = list(_RUN.finditer(text))
        alone: _Found = []
        pieces: _Found = []
        for first, run in enumerate(runs):
            for length in self.lengths:
                some = runs[first : first + length]
                if len(some) == length:
                    words = tuple(one.group() for one in some)
                    place = alone if _stands_alone(text, run, some[-1]) else pieces
                    place.append(((run.start(), some[-1].end()), words))
        return alone, pieces

    def _any_stray(self, alone: _Found, pieces: _Found) -> bool:
        """Whether a piece of a longer number looks like ours: that one is not here."""
        found = [
            span
            for span, name in alone
            if name in self.by_name or name in self.elsewhere
        ]
        return any(
            not _is_plain(name)
            and (name in self.by_name or self._is_like_ours(name))
            and not any(start <= span[0] and span[1] <= end for start, end in found)
            for span, name in pieces
        )

    def _is_like_ours(self, name: _Name) -> bool:
        if not name[-1].isdecimal():
            return False
        if _is_plain(name):
            return len(name[0]) in self.plain_lengths and not _is_year(name[0])
        return _series(name) in self.series

    def _by_short_number(
        self, sign: str | None, number: str, is_exact: Callable[[Id], bool]
    ) -> set[Id]:
        number = _without_ending(number)
        # "Invoice 12 May": only a sign makes so short a number certain.
        is_short = not sign and len(number) < _SHORTEST_SHORT_NUMBER
        if not number.isdecimal() or is_short:
            return set()
        found = set(filter(is_exact, self.by_digits.get(int(number), ())))
        return found if len(found) == 1 else set()


def _without_ending(number: str) -> str:
    """A number without the Georgian ending or the stop that follows it."""
    return re.sub(r"-?[ა-ჿ]+$", "", number).rstrip("._-/")


def _series(name: _Name) -> _Name:
    """What comes before the last digits, whatever the year and the month."""
    return tuple("#" if word.isdecimal() else word for word in name[:-1])


def _is_telling(name: _Name) -> bool:
    """Whether a number is long enough, and no year, to be found by itself."""
    text = "".join(name)
    return (
        len(text) >= _SHORTEST_NAME
        and any(character.isdecimal() for character in text)
        and not _is_date(name)
    )


def _is_date(name: _Name) -> bool:
    """A year, a month and a year, or a whole date: text, and no number."""
    *before, last = name
    return _is_year(last) and (
        all(word.isdecimal() and len(word) <= 2 for word in before)
        or (len(before) == 1 and before[0].isalpha() and len(before[0]) > 2)
    )


def _outside(mentions: _Mentions, start: int, end: int) -> _Mentions:
    """Those of the mentions that do not begin between these places of the text."""
    return {at: said for at, said in mentions.items() if not start <= at < end}


def _is_plain(name: _Name) -> bool:
    return len(name) == 1 and name[0].isdecimal()


def _is_year(word: str) -> bool:
    return bool(re.fullmatch(r"(19|20)\d\d", word))


def _stands_alone(text: str, first: re.Match[str], last: re.Match[str]) -> bool:
    """Whether these words are not a piece of a longer number or of an amount.

    A Georgian ending may follow a number: "00254-ის".
    """
    before = text[max(0, first.start() - 2) : first.start()]
    after = text[last.end() : last.end() + 2]
    if last.group().isdecimal():
        after = re.sub(r"^-?[ა-ჿ].?", "", after)
    return not (
        re.search(r"[^\W_][/\\_-]?$|\d[.,]$", before)
        or re.match(r"[^\W_]|[/\\_-]\w|[.,]\d", after)
    )
