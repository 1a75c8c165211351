"""Odoo's books beside the truth: what ties out, what was matched, and what was wrong."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import timedelta

from fake_tbc.year_books import (
    FEE,
    MAY_PAY,
    MOVES,
    ORDER,
    PAYS,
    RETURNED,
    RETURNS,
    RULE,
    STAYS,
)

# Of the documents' payments that are certain, so many must be matched.
CERTAIN_SHARE = 0.95
CERTAIN = "certain payments of documents"
# What must be matched without exception.
_ALL = (
    "transfers to vendors",
    "between own accounts",
    "conversions",
    "fees",
    "by rule",
    "returns",
)
_SHOWN = 12


@dataclass
class Tally:
    """How many there are, how many were matched."""

    there: int = 0
    matched: int = 0


@dataclass
class Verdict:
    """What came out. ``wrong``: sentences, each a match that must not be; ``missed``:
    {kind: movement ids that should be matched and are not}.
    """

    tallies: dict = field(default_factory=lambda: defaultdict(Tally))
    days: int = 0
    differing: list = field(default_factory=list)
    wrong: list = field(default_factory=list)
    missed: dict = field(default_factory=lambda: defaultdict(list))
    other: list = field(default_factory=list)
    unmatched: int = 0
    suspense: float = 0.0
    documents: int = 0
    expected: int = 0

    def violations(self):
        """A sentence for everything that is not as it must be."""
        return [
            *_few(self.differing),
            *_few(self.wrong),
            *self._shortfalls(),
            *_few(self.other),
        ]

    def _shortfalls(self):
        for name in _ALL:
            tally = self.tallies[name]
            if tally.matched < tally.there:
                ids = ", ".join(self.missed[name][:_SHOWN])
                yield f"{name}: {tally.matched} of {tally.there}; not {ids}"
        certain = self.tallies[CERTAIN]
        if certain.matched < CERTAIN_SHARE * certain.there:
            missed = [one for kind, ids in self.missed.items() for one in ids]
            yield (
                f"certain payments: {certain.matched} of {certain.there}; not"
                f" {', '.join(missed[:_SHOWN])}"
            )

    def summary(self):
        """The lines of the table that a person reads."""
        rows = [
            _row("books = bank: accounts × days", self.days),
            _row("of these differ", len(self.differing)),
            _row("documents in the books", self.documents),
        ]
        for name in (*_ALL, CERTAIN, "left alone", "settled by the accountant"):
            tally = self.tallies[name]
            share = tally.matched / tally.there if tally.there else 1
            rows.append(_row(name, tally.matched, f"of {tally.there:,} ({share:.1%})"))
        missed = [f"{kind} {len(ids)}" for kind, ids in self.missed.items()]
        if missed:
            rows.append(f"    not matched: {', '.join(missed)}")
        return [
            *rows,
            _row("wrong matches", len(self.wrong)),
            _row("transactions to match, all in suspense", self.unmatched),
            f"  {'balance of the suspense accounts, GEL':<40}{self.suspense:>14,.2f}",
            _row("differences that must be told", self.expected),
        ]


def _row(words, count, more=""):
    return f"  {words:<40}{count:>14,} {more}".rstrip()


class Check:
    """One comparison.

    :param bank: the fake bank
    :param year: its year, with the truth
    :param snapshot: the books, see :class:`.ledger.Snapshot`
    :param company: the :class:`.company.Company`
    :param lasting: [(movement, kind of difference)]: what books and bank will disagree
        upon for good
    :param accountant: the :class:`.accountant.Accountant`
    """

    def __init__(self, bank, year, snapshot, company, *, accountant, lasting=()):
        self.bank, self.year, self.books = bank, year, snapshot
        self.company, self.lasting = company, list(lasting)
        self.verdict = Verdict(expected=len(self.lasting))
        self.by_hand, self.account_of = accountant.by_hand, accountant.account_of
        self.lines = {line.movement_id: line for line in snapshot.lines}
        self.lines_by_item = {
            item: line for line in snapshot.lines for item in line.items
        }
        self.executed = {
            line.payment_id: line.movement_id
            for line in snapshot.lines
            if line.payment_id and line.liquidity < 0
        }
        self.pays = defaultdict(dict)
        for number, payers in snapshot.paid.items():
            for payer, cents in payers.items():
                self.pays[payer][number] = cents

    def run(self, first, last):
        """Compare everything, the balances of the days ``first`` to ``last``."""
        self.verdict.documents = self.company.entered
        self._check_booked()
        for place, account_id in self.company.account_ids.items():
            self._check_days(place, account_id, first, last)
        for movement_id, line in self.lines.items():
            self._check_line(line, self.year.fates.get(movement_id))
        self._check_documents()
        self._check_suspense()
        self._check_differences()
        return self.verdict

    # --- balances ---------------------------------------------------------------------

    def _check_booked(self):
        """Each movement once: what the bank shows, and what it has withdrawn since."""
        counts = Counter(line.movement_id for line in self.books.lines)
        shown = {
            movement["movementId"]
            for account in self.bank.ledger.accounts
            for movement in self.bank.ledger.movements(*account)
        }
        withdrawn = {
            movement.movement_id
            for movement, kind in self.lasting
            if kind == "not_at_bank"
        }
        for movement_id in sorted((shown | withdrawn) - counts.keys()):
            self.verdict.other.append(f"{movement_id} is not booked")
        for movement_id in sorted(counts.keys() - shown - withdrawn):
            self.verdict.other.append(f"{movement_id} is booked, the bank has it not")
        for movement_id, count in counts.items():
            if count > 1:
                self.verdict.other.append(f"{movement_id} is booked {count} times")

    def _check_days(self, place, account_id, first, last):
        ledger, day = self.bank.ledger, first
        opening = self._cents(ledger.opening(*place))
        shift = self._lasting_by_day(place)
        balances = self.books.balances[account_id]
        by_day = self.books.by_day[account_id]
        general = sum(cents for one, cents in balances.items() if one < first)
        lines = opening + sum(cents for one, cents in by_day.items() if one < first)
        while day <= last:
            general += balances.get(day, 0)
            lines += by_day.get(day, 0)
            bank = self._cents(ledger.balance(*place, day))
            bank += sum(cents for one, cents in shift if one <= day)
            self.verdict.days += 1
            for name, cents in (("ledger", general), ("bank lines", lines)):
                if cents != bank:
                    self.verdict.differing.append(
                        f"{place[1]} account {account_id}, {day}: {name} have"
                        f" {cents / 100:.2f}, the bank {bank / 100:.2f}"
                    )
            day += timedelta(days=1)

    def _lasting_by_day(self, place):
        """[(day, cents that the books have and the bank has not)]."""
        return [
            (movement.day, movement.cents if kind == "not_at_bank" else -movement.cents)
            for movement, kind in self.lasting
            if movement.account == place
        ]

    @staticmethod
    def _cents(amount):
        return round(amount * 100)

    # --- matches ----------------------------------------------------------------------

    def _check_line(self, line, fate):
        if fate is None:
            self.verdict.other.append(f"{line.movement_id}: nobody knows it")
            return
        if line.is_matched != (not self._in_suspense(line)):
            self.verdict.other.append(
                f"{line.movement_id}: matched is {line.is_matched}, but suspense holds"
                f" {line.suspense:.2f}"
            )
        if line.movement_id in self.by_hand:
            self._check_by_hand(line, fate)
            return
        check = {
            PAYS: self._check_pays,
            MAY_PAY: self._check_may_pay,
            STAYS: self._check_stays,
            MOVES: self._check_moves,
            FEE: self._check_fee,
            RULE: self._check_rule,
            ORDER: self._check_order,
            RETURNED: self._check_returned,
            RETURNS: self._check_returned,
        }[fate.outcome]
        check(line, fate)

    def _check_by_hand(self, line, fate):
        """What a person has settled is as it was: neither undone nor doubled."""
        before = self.by_hand[line.movement_id]
        if (before.is_matched, before.accounts) != (line.is_matched, line.accounts):
            self._say_wrong(line, fate, "a person had settled it, and not so")
        tally = self.verdict.tallies["settled by the accountant"]
        tally.there += 1
        tally.matched += line.is_matched

    def _in_suspense(self, line):
        return bool(line.suspense) or not line.items

    def _say_wrong(self, line, fate, words):
        numbers = ", ".join(self.pays[line.movement_id]) or "no document"
        self.verdict.wrong.append(
            f"{line.movement_id} ({fate.kind}): {words}; it pays {numbers}"
        )

    def _count(self, name, line, is_matched, fate):
        tally = self.verdict.tallies[name]
        tally.there += 1
        tally.matched += is_matched
        if not is_matched:
            kind = name if name in _ALL else fate.kind
            self.verdict.missed[kind].append(line.movement_id)

    def _check_pays(self, line, fate):
        is_paying = self.pays[line.movement_id] == fate.pays
        if not is_paying and not self._in_suspense(line):
            self._say_wrong(line, fate, f"should pay {', '.join(fate.pays)}")
        self._count(CERTAIN, line, is_paying, fate)

    def _check_may_pay(self, line, fate):
        paid = self.pays[line.movement_id]
        if any(cents > fate.pays.get(number, 0) for number, cents in paid.items()):
            self._say_wrong(line, fate, f"may pay {', '.join(fate.pays)} and no other")
        elif not paid and not self._in_suspense(line) and not self._is_tied(line, fate):
            self._say_wrong(line, fate, "is matched with something else")

    def _check_stays(self, line, fate):
        is_alone = self._in_suspense(line) and not line.items
        taught = self.account_of(fate)
        if taught and set(line.accounts) == {taught}:
            # By an operation rule that the accountant has made.
            return
        if not is_alone:
            self._say_wrong(line, fate, "nothing certain can be known of it")
        tally = self.verdict.tallies["left alone"]
        tally.there += 1
        tally.matched += is_alone

    def _check_moves(self, line, fate):
        name = "between own accounts" if fate.kind == "own transfer" else "conversions"
        is_tied = self._is_tied(line, fate)
        is_moved = is_tied and set(line.accounts) == {self.books.transfer_account_id}
        if not is_moved and not self._in_suspense(line):
            self._say_wrong(line, fate, f"is one leg, {fate.other} the other")
        if fate.other in self.lines:
            self._count(name, line, is_moved, fate)

    def _check_fee(self, line, fate):
        self._check_account("fees", line, fate, self.company.fee_account_id)

    def _check_rule(self, line, fate):
        account = self.company.rule_accounts[fate.rule]
        self._check_account("by rule", line, fate, account)

    def _check_account(self, name, line, fate, account):
        is_there = set(line.accounts) == {account} and not line.suspense
        if not is_there and not self._in_suspense(line):
            self._say_wrong(line, fate, "is on another account")
        self._count(name, line, is_there, fate)

    def _check_order(self, line, fate):
        orders = {
            self.books.payments.get(other)
            for item in line.items
            for other in self.books.partners[item]
        }
        is_matched = orders == {line.payment_id}
        if not is_matched and not self._in_suspense(line):
            self._say_wrong(line, fate, f"executes order {line.payment_id}")
        for number, cents in fate.pays.items():
            paid = self.books.paid[number].get(f"order {line.payment_id}")
            if is_matched and paid != cents:
                self._say_wrong(line, fate, f"{number} is not paid by its order")
        self._count("transfers to vendors", line, is_matched, fate)

    def _check_returned(self, line, fate):
        other = self.lines.get(fate.other)
        if fate.outcome == RETURNED and not other:
            self._check_pays(line, fate)
            return
        is_tied = self._is_tied(line, fate)
        numbers = fate.pays or self.year.fates[fate.other].pays
        still_paid = any(self._is_paid(number, line, other) for number in numbers)
        is_paying = bool(fate.pays) and self.pays[line.movement_id] == fate.pays
        if not (is_tied or is_paying or self._in_suspense(line)):
            self._say_wrong(line, fate, f"belongs to {fate.other}")
        if fate.is_certain:
            self._count("returns", line, is_tied and not still_paid, fate)

    def _is_paid(self, number, *lines):
        """Whether one of these lines, or the order that it executes, pays a document."""
        payers = self.books.paid.get(number, {})
        names = [line.movement_id for line in lines if line]
        names += [f"order {line.payment_id}" for line in lines if line]
        return any(payers.get(name) for name in names)

    def _is_tied(self, line, fate):
        """Whether the line is matched, all of it, with the one that ``fate`` names."""
        if self._in_suspense(line):
            return False
        others = {
            self._movement_of(other)
            for item in line.items
            for other in self.books.partners[item]
        }
        # A line that executed an order is matched with the order's payment.
        return bool(others) and others <= {fate.other, line.movement_id}

    def _movement_of(self, item):
        """The movement that an item belongs to, itself or by one of our orders."""
        line = self.lines_by_item.get(item)
        if line:
            return line.movement_id
        return self.executed.get(self.books.payments.get(item))

    def _check_documents(self):
        """Nothing but bank lines and our orders has paid a document."""
        known = self.lines.keys() | {f"order {key}" for key in self._order_ids()}
        for number, payers in self.books.paid.items():
            for payer in payers.keys() - known:
                self.verdict.wrong.append(f"{number} is paid by {payer}")

    def _order_ids(self):
        return set(self.books.payments.values())

    # --- what is left -----------------------------------------------------------------

    def _check_suspense(self):
        left = [line for line in self.books.lines if not line.is_matched]
        expected = -sum(line.liquidity for line in left)
        self.verdict.unmatched = len(left)
        self.verdict.suspense = self.books.suspense
        if round(expected - self.books.suspense, 2):
            self.verdict.other.append(
                f"suspense holds {self.books.suspense:.2f}, the unmatched lines are"
                f" {expected:.2f}"
            )
        for line in left:
            if round(line.liquidity + line.suspense, 2):
                self.verdict.other.append(
                    f"{line.movement_id}: {line.suspense:.2f} of {line.liquidity:.2f}"
                    " in suspense"
                )

    def _check_differences(self):
        expected = {
            (
                self.company.account_ids[movement.account],
                movement.day,
                kind,
                movement.cents if kind == "not_at_bank" else -movement.cents,
            )
            for movement, kind in self.lasting
        }
        for row in sorted(expected - self.books.differences):
            self.verdict.other.append(f"this difference is not told: {row}")
        for row in sorted(self.books.differences - expected):
            self.verdict.other.append(f"this difference is told and is none: {row}")


def _few(sentences):
    """The first of them, and how many more there are."""
    if len(sentences) <= _SHOWN:
        return sentences
    return [*sentences[:_SHOWN], f"… and {len(sentences) - _SHOWN} more like these"]
