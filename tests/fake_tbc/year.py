"""A business year of a company with several accounts, and the truth about it.

Customers pay invoices in all the ways in which they do, vendors are paid, money moves
between the company's own accounts, the bank takes its fees, some of it comes back: and
of each movement it is known what can be known (:class:`.year_books.Fate`). The client's
books get the parties and the documents, and no more.
"""

import datetime as dt

from .cast import Cast
from .dice import Dice
from .generator import TRAITS, alike, date_text, moment_on, share
from .money import decimal
from .movement import Movement, leg_id
from .operations import fee, members_of, written_out
from .scene import Leg, Scene
from .year_books import (
    FEE,
    MOVES,
    PAYS,
    STAYS,
    Document,
    Entry,
    Fate,
    make_parties,
)
from .year_kinds import LONGEST, STORIES

CURRENCIES = ((0.7, "GEL"), (0.88, "USD"), (1.0, "EUR"))
# A document is this much older than its first payment, in days.
_AGE = 2, 40
# How much is on an account on the first day, at the least: cents.
_AT_LEAST = 10_000_000


class Year:
    """Fills a ledger, and remembers the truth.

    ``parties``, ``documents``; ``fates``: {movement id: :class:`.Fate`}; ``entries``:
    every operation; ``doubles``: parties that the books are to have twice.

    :param ledger: empty books of accounts in GEL, USD and EUR, two IBANs at the least
    :param seed: decides everything
    :param int parties: how many customers, and as many vendors
    """

    def __init__(self, ledger, *, seed, parties=60):
        self.ledger, self.dice = ledger, Dice(f"year {seed}")
        self.scene = Scene(
            ledger.accounts,
            Cast(self.dice),
            ledger.owner,
            f"2{self.dice.digits(8)}",
        )
        taken = {self.scene.tax_code}
        taken.update(one.get("taxCode") for one in self.scene.cast.companies)
        self.customers = make_parties(self.dice, parties, taken)
        self.vendors = make_parties(self.dice, parties, taken)
        self.strangers = [
            one.account for one in make_parties(self.dice, 10, taken) if one.vat
        ]
        self.doubles = [one for one in make_parties(self.dice, 9, taken) if one.vat]
        self.documents, self.entries, self.fates = [], [], {}
        self._amounts, self._numbers = {}, {}

    @property
    def parties(self):
        """Everybody whom the books know."""
        return self.customers + self.vendors + self.doubles

    def fill(self, first, last, count, *, appears=None):
        """Tell stories of the days ``first`` to ``last`` (three weeks at the least),
        ``count`` movements or a few more: each story once, then as chance will have it.

        :param datetime appears: the bank shows nothing of it before that moment
        """
        known = len(self.entries)
        planted, written = iter(STORIES), 0
        table = _limits(STORIES)
        room = (last - first).days - LONGEST
        while written < count:
            story = next(planted, None) or share(self.dice, table)
            before = len(self.entries)
            story(self, first + dt.timedelta(days=self.dice.below(room)))
            written += sum(len(entry.legs) for entry in self.entries[before:])
        for entry in sorted(self.entries[known:], key=lambda one: one.moment):
            self._write(entry, appears)
        if not known:
            self._open()

    # --- what the stories are made of -------------------------------------------------

    def invoice(self, day, party=None, *, currency=None, like=None, more_than=None):
        """An invoice that is open on ``day``, of a customer drawn by lot.

        :param Document like: one whose currency and amount it has
        :param Document more_than: one whose amount it exceeds
        """
        party = party or self.dice.pick(self.customers)
        issued = self._issued(day)
        document = self._document(party, issued, currency, like, more_than)
        place = f"INV/{issued.year}"
        self._numbers[place] = self._numbers.get(place, 0) + 1
        document.number = f"{place}/{self._numbers[place]:05d}"
        return document

    def bill(self, day, currency=None, party=None):
        """A bill that is open on ``day``, of a vendor drawn by lot."""
        party = party or self.dice.pick(self.vendors)
        document = self._document(party, self._issued(day), currency)
        prefix = document.party.prefix
        self._numbers[prefix] = self._numbers.get(prefix, 4_000) + 1
        document.number = f"{prefix}-{self._numbers[prefix]:06d}"
        document.is_bill = True
        return document

    def _issued(self, day):
        return day - dt.timedelta(days=self.dice.between(*_AGE))

    def _document(self, party, issued, currency, like=None, more_than=None):
        document = Document(
            number="",
            is_bill=False,
            party=party,
            currency=currency or share(self.dice, CURRENCIES),
            cents=0,
            day=issued,
        )
        if like:
            document.currency, document.cents = like.currency, like.cents
        while not document.cents:
            drawn = self.dice.between(2_500, 900_000)
            if more_than:
                drawn += more_than.cents
            if self._is_free(document, drawn):
                document.cents = self.take(document, drawn)
        self.documents.append(document)
        return document

    def _is_free(self, document, cents):
        key = document.party.name, document.currency
        return cents not in self._amounts.get(key, ())

    def take(self, document, cents, party=None):
        """Let no other document of this party have that amount. Returns it."""
        key = (party or document.party).name, document.currency
        self._amounts.setdefault(key, set()).add(cents)
        return cents

    def someone(self, known_by, unlike=None):
        """A customer whose ``vat`` or ``iban`` is in the books."""
        known = [one for one in self.customers if getattr(one, known_by)]
        return self.dice.pick([one for one in known if one is not unlike])

    def account(self, currency=None, unlike=None):
        """One of the accounts."""
        currency = currency or share(self.dice, CURRENCIES)
        found = [one for one in self.scene.accounts if one[1] == currency]
        return self.dice.pick([one for one in found if one != unlike])

    @staticmethod
    def later(day, days):
        """So many days after it."""
        return day + dt.timedelta(days=days)

    @staticmethod
    def fate(kind, outcome, pays=None):
        """A fate, to be handed over with its movement."""
        return Fate(kind=kind, outcome=outcome, pays=pays or {})

    @staticmethod
    def guess(kind, *alternatives, party=None):
        """The fate of what nobody can know: a person settles it with one of these.

        :param alternatives: documents, or lists of documents
        """
        lists = [one if isinstance(one, list) else [one] for one in alternatives]
        meant = tuple(tuple(one.number for one in some) for some in lists)
        party = party or lists[0][0].party
        return Fate(kind=kind, outcome=STAYS, meant=meant, party=party)

    def pays(self, document, kind):
        """The fate of what pays all of a document."""
        return self.fate(kind, PAYS, {document.number: document.cents})

    def receive(self, day, document, purpose, fate, **options):
        """Money comes in from the party of a document, or ``payer``. Returns the entry.

        :param options: ``payer``; ``cents`` if not the document's; ``account`` if not
            any, or that of the operation that it returns; ``trait`` and ``after`` as an
            :class:`.Entry` has them
        """
        leg = self._leg((20, 1), document, purpose, options)
        return self.enter(day, [leg], [fate], **options)

    def spend(self, day, document, purpose, fate, **options):
        """Money goes to the party of a document, now and then with a fee; options as
        above. Returns the entry.
        """
        legs, fates = [self._leg((30, -1), document, purpose, options)], [fate]
        if not options.get("after") and self.dice.chance(0.4):
            legs.append(fee(legs[0].account, self.dice.between(50, 1_500)))
            fates.append(self.fate("fee", FEE))
        return self.enter(day, legs, fates, **options)

    def _leg(self, kind_and_sign, document, purpose, options):
        kind, sign = kind_and_sign
        other = options.pop("payer", document.party.account)
        cents = options.pop("cents", document.cents)
        account = options.pop("account", None)
        if not account and options.get("after"):
            account = options["after"].legs[0].account
        members = members_of(
            kind,
            "GIB",
            purpose,
            other,
            additionalInformation=written_out(other, purpose),
        )
        return Leg(account or self.account(document.currency), sign * cents, members)

    def move(self, day, legs, kind):
        """Money moves between two of the accounts."""
        fates = [self.fate(kind, MOVES) for _leg in legs]
        return self.enter(day, legs, fates)

    def enter(self, day, legs, fates, *, trait=None, after=None):
        """Add an operation; its trait is drawn, unless it is given (``plain``: none)."""
        drawn = share(self.dice, TRAITS) or ""
        trait = ("" if drawn == "twin" else drawn) if trait is None else trait
        entry = Entry(
            moment=moment_on(self.dice, day, trait),
            legs=legs,
            fates=fates,
            trait=trait,
            after=after,
        )
        self.entries.append(entry)
        return entry

    # --- writing ----------------------------------------------------------------------

    def _write(self, entry, appears):
        """Number one operation, write its movements, and tie the fates to their ids."""
        number = self.ledger.next_operation + self.dice.between(0, 900)
        entry.operation = number
        shared, date = alike(self.dice, entry), date_text(self.dice, entry)
        if appears:
            for name in ("appears_at", "authorised_at"):
                shared[name] = max(shared[name], appears)
        for leg, fate in zip(entry.legs, entry.fates, strict=True):
            members = {**leg.members, "date": date}
            if leg.fee:
                number += self.dice.between(1, 9)
                members["parentExternalPaymentId"] = entry.operation
                fate.other = entry.ids[0]
            self._name_parent(entry, members)
            movement = self.ledger.write(
                Movement(
                    movement_id=leg_id(number, leg.cents),
                    iban=leg.account[0],
                    currency=leg.account[1],
                    cents=leg.cents,
                    members=members,
                    owner=self.ledger.owner,
                    **shared,
                )
            )
            entry.ids.append(movement.movement_id)
            self.fates[movement.movement_id] = fate
        self._tie(entry)

    @staticmethod
    def _name_parent(entry, members):
        if not entry.after:
            return
        parent = entry.after.operation
        if entry.names_parent:
            members["parentExternalPaymentId"] = parent
        for name in ("purpose", "additionalInformation"):
            text = members[name]
            members[name] = text.replace("{operation}", str(parent))

    def _tie(self, entry):
        if entry.after:
            entry.fates[0].other = entry.after.ids[0]
            entry.after.fates[0].other = entry.ids[0]
        elif entry.fates[0].outcome == MOVES:
            one, two = entry.fates
            one.other, two.other = entry.ids[1], entry.ids[0]

    def _open(self):
        """Openings with tetri, so high that no account ends a day below zero."""
        openings = {}
        for account in self.scene.accounts:
            running = lowest = 0
            for movement in reversed(self.ledger.all_on(account)):
                running += min(movement.cents, 0)
                lowest = min(lowest, running)
            drawn = self.dice.between(1, _AT_LEAST) + _AT_LEAST - lowest
            openings[account] = decimal(drawn)
        self.ledger.set_limits(openings, {})


def _limits(parts):
    """A table for :func:`.generator.share` from {value: parts}."""
    whole, limits, sum_so_far = sum(parts.values()), [], 0
    for value, part in parts.items():
        sum_so_far += part
        limits.append((sum_so_far / whole, value))
    limits[-1] = (1.0, limits[-1][1])
    return limits
