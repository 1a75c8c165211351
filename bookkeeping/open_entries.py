"""Which open items a transaction may pay, and how well each fits."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from .exact_sums import MOST_AMOUNTS, sets_of_sum
from .gaps import Gap, look_at
from .hints import Entry, Transaction
from .purpose import Names

# Of one amount, or near to it, so many are proposed.
_MOST_ALIKE, _MOST_NEAR = 4, 3
# With more items than these, a sum of some of them may be one by chance.
_FEW_ITEMS = 12
# Per mille that a day's rate of the payer may differ from ours: not at all, surely,
# likely, maybe. What is likely comes before a counterparty's single earlier settlement.
_RATE_STEPS = ((0, 890), (5, 850), (20, 740), (50, 520))
_NAMED_GAP = {
    "rounding": 950,
    "fee": 945,
    "withholding": 948,
    "vat": 935,
    "instalment": 925,
    "more": 905,
    "part": 900,
}
# Without a number only these differences look like something.
_NEAR_GAP = {
    "rounding": 800,
    "withholding": 790,
    "vat": 690,
    "fee": 680,
    "instalment": 500,
}
_NEAR_DAYS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Items that fit, why, and what they leave: ``gap`` in the transaction's cents."""

    entries: tuple[Entry, ...]
    code: str
    points: int
    gap: int = 0
    values: dict[str, int | str | None] = field(default_factory=dict)


class OpenEntries:
    """All open items that come into question for a page of transactions."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        ordered = sorted(entries, key=lambda one: (one.due, one.day, one.item_id))
        self.by_partner: dict[int | None, list[Entry]] = defaultdict(list)
        self.by_amount: dict[tuple[str, int], list[Entry]] = defaultdict(list)
        self.documents: dict[int, list[Entry]] = defaultdict(list)
        for entry in ordered:
            self.by_partner[entry.partner_id].append(entry)
            self.by_amount[entry.currency, entry.cents].append(entry)
            if entry.is_document:
                self.documents[entry.document_id].append(entry)
        self.names = Names(
            (key, number)
            for key, some in self.documents.items()
            for number in some[0].numbers
        )

    def fitting(self, transaction: Transaction) -> Iterator[Found]:
        """Everything that may fit, in no order that means anything."""
        partners = dict.fromkeys(party.partner_id for party in transaction.parties)
        yield from self._named(transaction, set(partners))
        for partner_id in partners:
            entries = self.by_partner.get(partner_id, [])
            yield from _Partner(transaction, entries).fitting()
        yield from self._of_strangers(transaction, set(partners))

    # --- named in the purpose ---------------------------------------------------------

    def _named(self, transaction: Transaction, partners: set[int]) -> Iterator[Found]:
        whole, short = self.names.mentioned(transaction.purpose)
        known = [self._fit(key, transaction) for key in sorted(whole)]
        named = [entries for entries in known if entries]
        own = [some for some in named if some[0].partner_id in partners]
        others = [some for some in named if some[0].partner_id not in partners]
        if len(own) > 1:
            yield from _several(transaction, own)
        for some in own:
            yield from _one_named(transaction, some, less=0)
        for some in others:
            # The number of another's document convinces beside its amount alone.
            exact = sum(entry.cents for entry in some) == transaction.cents
            yield from _one_named(transaction, some, less=0 if exact else 520)
        yield from self._named_in_short(transaction, partners, short - whole)

    def _named_in_short(
        self, transaction: Transaction, partners: set[int], keys: set[int]
    ) -> Iterator[Found]:
        for key in sorted(keys):
            some = self._fit(key, transaction)
            if some and some[0].partner_id in partners:
                yield from _one_named(transaction, some, less=50)
            elif some and sum(one.cents for one in some) == transaction.cents:
                yield from _one_named(transaction, some, less=30)

    def _fit(self, document_id: int, transaction: Transaction) -> list[Entry]:
        """The items of a document that this transaction may pay."""
        return [
            entry
            for entry in self.documents[document_id]
            if entry.currency == transaction.currency
            and entry.cents * transaction.cents > 0
        ]

    # --- of somebody else -------------------------------------------------------------

    def _of_strangers(
        self, transaction: Transaction, partners: set[int]
    ) -> Iterator[Found]:
        """Of exactly the amount, from whomever; a payment that waits comes first."""
        same = self.by_amount.get((transaction.currency, transaction.cents), [])
        others = [entry for entry in same if entry.partner_id not in partners]
        for place, entry in enumerate(others[:_MOST_ALIKE]):
            if not entry.is_document and not entry.is_payment:
                continue
            base = 660 if partners else 860
            yield Found(
                entries=(entry,),
                code="payment" if entry.is_payment else "exact",
                points=base - 100 * (len(others) > 1) - place + 60 * entry.is_payment,
                values={"count": len(others)},
            )


class _Partner:
    """The open items of one partner, beside one transaction."""

    def __init__(self, transaction: Transaction, entries: Sequence[Entry]) -> None:
        self.transaction, self.cents = transaction, transaction.cents
        self.entries = [one for one in entries if one.cents * self.cents > 0]
        self.own = [one for one in self.entries if one.currency == transaction.currency]

    def fitting(self) -> Iterator[Found]:
        yield from self._exact()
        yield from self._sums()
        yield from self._near()
        yield from self._oldest()
        yield from self._in_other_currencies()

    def _exact(self) -> Iterator[Found]:
        same = [one for one in self.own if one.cents == self.cents]
        for payment in [one for one in same if one.is_payment]:
            yield Found(entries=(payment,), code="payment", points=940)
        same = [one for one in same if not one.is_payment]
        if len(same) == 1:
            yield Found(entries=(same[0],), code="exact", points=930)
            return
        for place, entry in enumerate(same[:_MOST_ALIKE]):
            near = _days(entry, self.transaction.day) <= _NEAR_DAYS
            yield Found(
                entries=(entry,),
                code="near_day" if near and place else "exact_of",
                points=915 - 10 * place + 5 * near,
                values={"count": len(same), "place": place + 1},
            )

    def _sums(self) -> Iterator[Found]:
        able = [one for one in self.own if not one.is_payment][:MOST_AMOUNTS]
        amounts = [abs(one.cents) for one in able]
        if sum(amounts) < abs(self.cents):
            return
        for place, places in enumerate(sets_of_sum(amounts, abs(self.cents))):
            some = tuple(able[one] for one in places)
            is_run = places == tuple(range(len(places)))
            sure = is_run or len(able) <= _FEW_ITEMS
            yield Found(
                entries=some,
                code="sum",
                points=(870 if sure else 700) - 10 * place,
                values={"count": len(some)},
            )

    def _near(self) -> Iterator[Found]:
        """One item, less or more by what looks like something."""
        able = []
        for entry in self.own:
            gap = _gap(self.cents, (entry,))
            if gap.cents and gap.look in _NEAR_GAP and not entry.is_payment:
                points = _NEAR_GAP[gap.look]
                able.append((-points, abs(gap.cents), entry.item_id, entry, gap))
        for place, (points, *_order, entry, gap) in enumerate(
            sorted(able)[:_MOST_NEAR]
        ):
            yield _differing(self.transaction, (entry,), gap, -points - 5 * place)

    def _oldest(self) -> Iterator[Found]:
        """As many of the oldest as the money is enough for, the last one in part."""
        some: list[Entry] = []
        left = abs(self.cents)
        for entry in [one for one in self.own if one.is_document][:MOST_AMOUNTS]:
            if left > 0:
                some.append(entry)
                left -= abs(entry.cents)
        if some and left:
            yield Found(
                entries=tuple(some),
                code="oldest",
                points=420 if left < 0 else 400,
                gap=left if self.cents > 0 else -left,
                values={"count": len(some)},
            )

    def _in_other_currencies(self) -> Iterator[Found]:
        able = []
        for entry in self.entries:
            off = self._off(entry)
            if off is not None:
                able.append((off, entry.item_id, entry))
        for off, _item_id, entry in sorted(able)[:_MOST_NEAR]:
            points = next((some for most, some in _RATE_STEPS if off <= most), 0)
            if points:
                yield Found(
                    entries=(entry,),
                    code="other_currency",
                    points=points,
                    values={"off": off},
                )

    def _off(self, entry: Entry) -> int | None:
        """Per mille that the item's worth differs from the amount, or ``None``.

        0: it is the bank's own amount, or exact at the day's rate but for rounding.
        """
        if entry.currency == self.transaction.currency:
            return None
        if self.transaction.foreign == (entry.currency, entry.cents):
            return 0
        rate = self.transaction.rates.get(entry.currency)
        if not rate:
            return None
        gap = abs(entry.cents * rate - self.cents)
        return 1 + int(1000 * gap / abs(self.cents)) if gap > 1 else 0


def _several(transaction: Transaction, named: list[list[Entry]]) -> Iterator[Found]:
    """All that are named, together."""
    some = tuple(entry for entries in named for entry in entries)
    gap = _gap(transaction.cents, some)
    if not gap.cents:
        yield Found(
            entries=some, code="named", points=985, values={"count": len(named)}
        )
    elif gap.look in _NAMED_GAP:
        yield _differing(transaction, some, gap, _NAMED_GAP[gap.look] + 20, named=True)


def _one_named(
    transaction: Transaction, entries: list[Entry], less: int
) -> Iterator[Found]:
    """The document, or the one of its instalments that has exactly the amount."""
    exact = [one for one in entries if one.cents == transaction.cents]
    some = tuple(exact[:1] or entries)
    gap = _gap(transaction.cents, some)
    if not gap.cents:
        yield Found(entries=some, code="named", points=1000 - less, values={"count": 1})
    elif not less or gap.look != "part":
        yield _differing(
            transaction, some, gap, _NAMED_GAP[gap.look] - less, named=True
        )


def _gap(cents: int, entries: Sequence[Entry]) -> Gap:
    total, whole = (
        abs(sum(amounts))
        for amounts in zip(*((one.cents, one.whole) for one in entries), strict=True)
    )
    return look_at(abs(cents), total, whole)


def _differing(
    transaction: Transaction,
    entries: tuple[Entry, ...],
    gap: Gap,
    points: int,
    *,
    named: bool = False,
) -> Found:
    return Found(
        entries=entries,
        code="named_differs" if named else "differs",
        points=points,
        gap=gap.cents if transaction.cents > 0 else -gap.cents,
        values={"look": gap.look, "rate": gap.rate, "count": len(entries)},
    )


def _days(entry: Entry, day: date) -> int:
    return min(abs((one - day).days) for one in (entry.due, entry.day))
