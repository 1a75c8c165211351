"""The accountant: settles what the matching left, on the screen's own doors, and counts
how often what is true was proposed.

The year is worked through once: nine months line by line, with an operation rule for
each counterparty that always goes to one account; then the matching runs again, and what
it leaves of the last three months needs a person.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta

from fake_tbc.year_books import OWN, RETURNS

# The truth is the first proposal, or among five; and of the last months so much is left.
FIRST_SHARE, FIVE_SHARE, PERSON_SHARE = 0.85, 0.97, 0.08
# A smaller number of lines says nothing of shares. One line is no share at all.
FEWEST_LINES, FEWEST_LATE = 20, 400
# In a short year most counterparties are seen once: their lines count in a longer one.
FEWEST_WITH_STRANGERS = 1000
PAGE = 80
TAUGHT_DAYS = 274
_SHOWN = 12


@dataclass
class Work:
    """What came out.

    - ``places``: {kind of story: {place of the truth among the proposals, 0 for none:
      movement ids}};
    - ``strangers``: {place of the truth: movement ids}, of lines of counterparties that
      were never settled before: no history tells anything of them;
    - ``late``, ``late_left``: lines of the last three months, and those of them that
      need a person;
    - ``missed``: a sentence for each line whose truth is not the first proposal.
    """

    places: dict = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    strangers: dict = field(default_factory=lambda: defaultdict(list))
    unknown: int = 0
    late: int = 0
    late_left: int = 0
    rules: int = 0
    pages: int = 0
    missed: list = field(default_factory=list)
    problems: list = field(default_factory=list)

    def count(self, *places):
        """How many lines have their truth at one of these places; all without any."""
        return sum(
            len(ids)
            for by_place in self.places.values()
            for place, ids in by_place.items()
            if place in places or not places
        )

    def count_strangers(self, *places):
        """As :meth:`count`, of lines of counterparties never settled before."""
        return sum(
            len(ids)
            for place, ids in self.strangers.items()
            if place in places or not places
        )

    def count_all(self, *places):
        """As :meth:`count`, of each line that the ledger knows an answer to."""
        return self.count(*places) + self.count_strangers(*places)

    def violations(self):
        """A sentence for everything that falls short."""
        if self.count() >= FEWEST_LINES:
            yield from self._both_short("", self.count)
        if self.count_all() >= FEWEST_WITH_STRANGERS:
            yield from self._both_short(", strangers counted,", self.count_all)
        if self.late >= FEWEST_LATE and self.late_left > PERSON_SHARE * self.late:
            yield (
                f"{self.late_left} of {self.late} lines of the last three months need a"
                f" person, more than {PERSON_SHARE:.0%}"
            )
        yield from self.problems[:_SHOWN]

    def _both_short(self, which, count):
        there, five = count(), count(1, 2, 3, 4, 5)
        yield from self._short(f"first{which}", count(1), there, FIRST_SHARE)
        yield from self._short(f"among five{which}", five, there, FIVE_SHARE)

    def _short(self, words, count, there, share):
        if count < share * there and there - count > 1:
            yield (
                f"the truth is proposed {words} for {count} of {there} lines"
                f" ({count / there:.1%}, not {share:.0%}): {self._missed()}"
            )

    def _shares(self, which, count):
        there, five = count(), count(1, 2, 3, 4, 5)
        yield _row(f"truth is the first proposal{which}", count(1), there, FIRST_SHARE)
        yield _row(f"truth is among five{which}", five, there, FIVE_SHARE)

    def _missed(self):
        kinds = [
            f"{kind} {len(ids)} ({', '.join(ids[:2])})"
            for kind, by_place in self.places.items()
            for place, ids in by_place.items()
            if place != 1
        ]
        return "; ".join(kinds[:_SHOWN])

    def summary(self):
        """The lines of the table that a person reads."""
        first = self.count_strangers()
        rows = [
            _row("lines left whose truth is known", self.count_all()),
            *self._shares("", self.count_all),
            _row("of these seen for the first time", first),
            *self._shares(" of the rest", self.count),
            _row("of which nobody knows anything", self.unknown),
            _row("operation rules taught", self.rules),
            _row("lines of the last three months", self.late),
            _row("of these need a person", self.late_left, self.late, -PERSON_SHARE),
        ]
        for kind, by_place in sorted(self.places.items()):
            counts = ", ".join(
                f"{place or 'none'}: {len(ids)}"
                for place, ids in sorted(by_place.items(), key=lambda one: one[0] or 9)
            )
            rows.append(f"    {kind:<40} {counts}")
        return [*rows, *self.missed]


def _row(words, count, of=None, least=None):
    more = ""
    if of is not None:
        limit = f"at least {least:.0%}" if least > 0 else f"at most {-least:.0%}"
        more = f"of {of:,} ({count / of if of else 1:.1%}, {limit})"
    return f"  {words:<40}{count:>14,} {more}".rstrip()


@dataclass(frozen=True)
class Truth:
    """What settles a line: one of some sets of items, an account, or on account."""

    items: tuple = ()
    account_id: int | None = None
    partner_id: int | None = None
    side: str | None = None

    def is_proposed_by(self, proposal):
        """Whether accepting the proposal does just that."""
        wanted = proposal["settlement"]
        found = {one["id"] for one in wanted["items"]}
        if self.items:
            return found in self.items and not wanted["parts"]
        if self.account_id:
            accounts = {part["account_id"] for part in wanted["parts"]}
            return accounts == {self.account_id} and not found
        is_alone = not found and not wanted["parts"] and not wanted["other_line_id"]
        same = wanted["on_account"] == self.side
        return is_alone and same and wanted["partner_id"] == self.partner_id


class Accountant:
    """Works through the lines of a company.

    :param company: the :class:`.company.Company`
    """

    def __init__(self, company):
        self.company, self.year = company, company.year
        self.work = Work()
        self.account_ids = {}  # word of a fate → account.account
        self.settled = set()  # movement ids
        self.by_hand = {}  # movement id → the line in the books, as it was left
        self._met = set()  # words of fates that were settled once
        self._documents = {}

    def go(self, first, last):
        """Settle nine months, teach, let it match, and settle the rest."""
        self._documents = {one.number: one for one in self.year.documents}
        until = first + timedelta(days=TAUGHT_DAYS)
        self._open_accounts()
        self._settle_all(until)
        self.company.match()
        self._count_late(until, last)
        self._settle_all(last + timedelta(days=60))
        return self.work

    def _open_accounts(self):
        """An account for each counterparty that the books do not know."""
        words = sorted({fate.account for fate in self.year.fates.values()} - {None})
        with self.company.env() as env:
            company = env["res.company"].browse(self.company.company_id)
            accounts = env["account.account"].create(
                [
                    {
                        "name": word,
                        "code": f"98{number:04d}",
                        "account_type": "expense",
                    }
                    for number, word in enumerate(words)
                ]
            )
            self.account_ids = dict(zip(words, accounts.ids, strict=True))
            self.account_ids[OWN] = company.transfer_account_id.id

    def remember(self, lines):
        """Remember how the lines that were settled stand in the books.

        :param lines: list of :class:`.ledger.Line`
        """
        self.by_hand = {
            line.movement_id: line for line in lines if line.movement_id in self.settled
        }

    def account_of(self, fate):
        """The account that a person puts what has this fate on, if it is one."""
        return self.account_ids.get(fate.account)

    # --- pages ------------------------------------------------------------------------

    def _domain(self):
        return [
            ("tbc_account_id", "in", list(self.company.account_ids.values())),
            ("tbc_movement_id", "!=", False),
        ]

    def _settle_all(self, until):
        with self.company.env() as env:
            lines = env["account.bank.statement.line"].search(
                [
                    *self._domain(),
                    ("is_reconciled", "=", False),
                    ("date", "<=", until),
                ],
                order="internal_index",
            )
            ids = lines.ids
        for begin in range(0, len(ids), PAGE):
            with self.company.env("bookkeeper") as env:
                self.work.pages += 1
                self._settle_page(
                    env["account.bank.statement.line"].browse(ids[begin : begin + PAGE])
                )

    def _settle_page(self, lines):
        cards, used = lines.tbc_match_cards(), set()
        for line in lines:
            card = cards[line.id]
            if not used.isdisjoint({*_ids_of(card), card["counterparty"]}):
                # Shown anew, when what it offers is gone, or one of its counterparty
                # has just been settled.
                card = line.tbc_match_cards()[line.id]
            if not line.is_reconciled and line.tbc_movement_id not in self.settled:
                used |= {*self._settle(line, card), card["counterparty"] or None}

    def _count_late(self, until, last):
        with self.company.env() as env:
            lines = env["account.bank.statement.line"]
            late = [*self._domain(), ("date", ">", until), ("date", "<=", last)]
            self.work.late = lines.search_count(late)
            self.work.late_left = lines.search_count(
                [*late, ("is_reconciled", "=", False)]
            )

    # --- one line ---------------------------------------------------------------------

    def _settle(self, line, card):
        """Settle it as it is true; return the ids of items and lines that it took."""
        fate = self.year.fates[line.tbc_movement_id]
        truth = self._truth(line, fate)
        if not truth:
            self.work.unknown += 1
            return set()
        proposals = card["proposals"]
        place = next(
            (
                number
                for number, proposal in enumerate(proposals, 1)
                if truth.is_proposed_by(proposal)
            ),
            0,
        )
        self._tally(line, fate, place)
        if place != 1 and line.tbc_movement_id in self.work.places[fate.kind][place]:
            self.work.missed.append(_in_words(line, fate, place, truth, card))
        settlement = (
            proposals[place - 1]["settlement"] if place else self._by_hand(line, truth)
        )
        self._do(line, fate, settlement)
        return {one["id"] for one in settlement["items"]}

    def _tally(self, line, fate, place):
        is_new = fate.account and fate.account != OWN and fate.account not in self._met
        self._met.add(fate.account)
        places = self.work.strangers if is_new else self.work.places[fate.kind]
        places[place].append(line.tbc_movement_id)

    def _do(self, line, fate, settlement):
        """Settle; and always so, where it is one of a counterparty's."""
        try:
            with line.env.cr.savepoint():
                if self._is_to_teach(line, fate):
                    self._teach(line, settlement, fate)
                else:
                    line.tbc_settle(settlement)
        except Exception as error:
            kind = self.year.fates[line.tbc_movement_id].kind
            self.work.problems.append(
                f"{line.tbc_movement_id} ({kind}) is not settled: {error}"
            )
        else:
            self.settled.add(line.tbc_movement_id)

    def _is_to_teach(self, line, fate):
        return fate.account and ("taught", fate.account) not in self._met

    def _teach(self, line, settlement, fate):
        draft = line.tbc_rule_draft()
        if draft["problem"]:
            # Nothing of it tells it from the others.
            line.tbc_settle(settlement)
            return
        vals = {"name": fate.account}
        for one in draft["conditions"]:
            # A rule for own transfers says so.
            is_type = one["field"] == "transaction_type" and fate.account == OWN
            if one["on"] or is_type:
                vals |= one["vals"]
        line.tbc_settle_always(settlement, vals)
        self._met.add(("taught", fate.account))
        self.work.rules += 1

    def _by_hand(self, line, truth):
        """The settlement of what was not proposed."""
        settlement = {
            "why": False,
            "partner_id": truth.partner_id or False,
            "items": [],
            "left_open": False,
            "parts": [],
            "other_line_id": False,
            "on_account": truth.side or False,
        }
        if truth.items:
            return {**settlement, **self._paying(line, min(truth.items, key=sorted))}
        if truth.account_id:
            settlement["parts"] = [{"account_id": truth.account_id, "amount": None}]
        return settlement

    def _paying(self, line, ids):
        """Its items, and what becomes of a difference."""
        items = line.env["account.move.line"].browse(sorted(ids))
        gap = line.amount - sum(items.mapped("amount_residual_currency"))
        gap = round(gap * 100) * (1 if line.amount > 0 else -1)
        side = "customer" if line.amount > 0 else "vendor"
        return {
            "items": [{"id": item.id, "amount": None} for item in items],
            "left_open": gap < 0,
            "on_account": side if gap > 0 else False,
            "partner_id": items.partner_id.commercial_partner_id[:1].id,
        }

    # --- the truth --------------------------------------------------------------------

    def _truth(self, line, fate):
        """The :class:`Truth`, or ``None`` where the ledger knows of none."""
        if fate.account:
            return Truth(account_id=self.account_ids[fate.account])
        meant = fate.meant or ((tuple(fate.pays),) if fate.pays else ())
        items = [self._open_items(line, numbers) for numbers in meant]
        items = tuple(one for one in items if one)
        if items:
            return Truth(items=items)
        party = fate.party or self._party(fate)
        if not party:
            return None
        side = "vendor" if party in self.year.vendors else "customer"
        partner_id = self.company.partner_ids[party.name]
        return Truth(partner_id=partner_id, side=side)

    def _party(self, fate):
        """Whose document it pays, or what it returns had paid."""
        if fate.outcome == RETURNS:
            fate = self.year.fates[fate.other]
        numbers = [number for some in (fate.pays, *fate.meant) for number in some]
        documents = [self._documents[one] for one in numbers if one in self._documents]
        return documents[0].party if documents else None

    def _open_items(self, line, numbers):
        """The ids of the documents' items, if all of them are open."""
        found = set()
        for number in numbers:
            name = "ref" if self._documents[number].is_bill else "name"
            items = line.env["account.move.line"].search(
                [
                    (f"move_id.{name}", "=", number),
                    ("company_id", "=", self.company.company_id),
                    (
                        "account_id.account_type",
                        "in",
                        ("asset_receivable", "liability_payable"),
                    ),
                    ("reconciled", "=", False),
                ]
            )
            if not items:
                return None
            found |= set(items.ids)
        return found


def _in_words(line, fate, place, truth, card):
    """What is true of a line, and what was proposed instead."""
    offered = [
        (one["title"], one["reason"], sorted(part["id"] for part in items))
        for one in card["proposals"]
        for items in (one["settlement"]["items"],)
    ]
    return (
        f"    {line.tbc_movement_id} ({fate.kind}) {line.date} {line.amount}"
        f" {line.currency_id.name} {line.payment_ref!r} of {line.partner_name!r},"
        f" partner {line.partner_id.name!r}: true at {place or 'none'} is {truth},"
        f" proposed {offered}"
    )


def _ids_of(card):
    """The ids of all items that a card's proposals would take."""
    return {
        item["id"]
        for proposal in card["proposals"]
        for item in proposal["settlement"]["items"]
    }
