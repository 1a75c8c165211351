"""The bank's books: accounts, their movements, and the totals that follow from them."""

import datetime as dt
from bisect import bisect_left, bisect_right, insort
from operator import attrgetter

from .money import cents, decimal
from .movement import Movement, by_hand, leg_id, merge_members

_order = attrgetter("day", "movement_id")
_day = attrgetter("day")


class Ledger:
    """Everything on the accounts of one bank.

    :param list accounts: (IBAN, currency) pairs.
    :param clock: the bank's clock.
    :param lock: the bank's one re-entrant lock.
    :param str owner: the name of the account holder.
    """

    def __init__(self, accounts, *, clock, lock, owner):
        self._clock, self._lock, self.owner = clock, lock, owner
        self._lists = {account: [] for account in accounts}
        self._by_id = {}
        self._openings, self._overdrafts = {}, {}
        self._last_number = 18_000_000_000

    @property
    def accounts(self):
        """List of (IBAN, currency)."""
        return list(self._lists)

    # --- what tests do to it ----------------------------------------------------------

    def add(self, iban, currency, *, amount, day, without=(), extra=None, **members):
        """Write one movement, at once visible and authorised unless told otherwise.

        :param amount: signed text, int or Decimal, below zero for a debit. Anything
            that is not a number of at most two decimals is sent as it stands and counts
            nothing in the totals.
        :param day: the Georgian day it counts for, a date or ``YYYY-MM-DD``; the
            ``date`` member follows it.
        :param members: any member of the bank's Movement, sane or not; a dict for
            ``partnerAccountInfo`` completes the empty one. Also ``appears_at``, the
            moment at which the bank first shows it (default: now), and
            ``authorised_at``, the moment at which statusCode becomes 0 (default: as it
            appears; with a ``statusCode`` other than 0, not before :meth:`authorise`).
        :param extra: members that the bank does not have. ``without``: names of members
            left out.
        :return: the :class:`Movement`.
        :raise TypeError: for a member that the bank does not have.
        """
        with self._lock:
            self._check((iban, currency))
            made = by_hand(amount, day, members, self._clock.now)
            made["members"].update(extra or {})
            return self.write(
                Movement(
                    movement_id=self._take_id(made["members"], made["cents"]),
                    iban=iban,
                    currency=currency,
                    owner=self.owner,
                    without=tuple(without),
                    **made,
                )
            )

    def hide(self, movement_id, *, keep_in_totals=False, keep_in_count=False):
        """Show it nowhere; with ``keep_in_totals`` statements and balances go on
        counting it (they disagree), with ``keep_in_count`` so does the ``total`` of the
        lists that should show it.
        """
        with self._lock:
            movement = self._by_id[movement_id]
            movement.hidden, movement.kept_in_totals = True, keep_in_totals
            movement.kept_in_count = keep_in_count

    def repeat(self, movement_id, times=2):
        """List it so many times, and count it in ``total`` as often; it stays one in
        statements and balances.
        """
        with self._lock:
            self._by_id[movement_id].listed = times

    def change(self, movement_id, **members):
        """Tell other members of it from now on, under the same id, which is an update.

        :param members: as for :meth:`add`, but for what its amount and day follow from;
            ``partnerAccountInfo`` completes what was told before.
        :raise TypeError: for a member that the bank does not have.
        """
        with self._lock:
            movement = self._by_id[movement_id]
            movement.members = merge_members(movement.members, members)
            movement.changed = self._clock.now

    def show(self, movement_id):
        """Show it from now on, even one that was to appear later."""
        with self._lock:
            movement, now = self._by_id[movement_id], self._clock.now
            if movement.authorised_at == movement.appears_at:
                movement.authorised_at = min(movement.authorised_at, now)
            movement.hidden, movement.changed = False, now
            movement.appears_at = min(movement.appears_at, now)

    def withdraw(self, movement_id):
        """Take it out of the books for good."""
        with self._lock:
            movement = self._by_id.pop(movement_id)
            self._lists[movement.account].remove(movement)

    def authorise(self, movement_id):
        """Its statusCode is 0 from now on, which is an update."""
        with self._lock:
            movement, now = self._by_id[movement_id], self._clock.now
            movement.authorised_at = movement.changed = now

    # --- what tests read from it ------------------------------------------------------

    def movements(self, iban, currency):
        """Plain dicts, as the bank sends them, of what is visible and authorised now;
        oldest first.
        """
        with self._lock:
            now = self._clock.now
            rows = reversed(self.select([(iban, currency)]))
            return [row.as_json(now) for row in rows if row.status(now) == 0]

    def balance(self, iban, currency, day=None):
        """Decimal balance at the end of ``day`` (default: of all days), authorised
        movements only.
        """
        totals = self.totals((iban, currency), dt.date.min, day or dt.date.max)
        return decimal(totals["closing"])

    def opening(self, iban, currency):
        """Decimal balance before the first movement."""
        return decimal(self._openings.get((iban, currency), 0))

    # --- what the endpoints ask -------------------------------------------------------

    def find(self, movement_id):
        """The visible movement with this whole id, or ``None``."""
        with self._lock:
            movement = self._by_id.get(movement_id)
            return (
                movement if movement and movement.is_visible(self._clock.now) else None
            )

    def select(self, accounts, first=dt.date.min, last=dt.date.max, changed_after=None):
        """Visible movements, authorised or not, from day ``first`` to day ``last``,
        newest first.
        """
        with self._lock:
            now = self._clock.now
            found = []
            for account in accounts:
                found += [
                    row
                    for row in self._between(account, first, last)
                    if row.is_visible(now)
                ]
            if changed_after is not None:
                found = [row for row in found if row.changed_at(now) > changed_after]
            if len(accounts) > 1:
                found.sort(key=_order)
            return [row for row in found[::-1] for _time in range(row.listed)]

    def count_unlisted(self, accounts, first=dt.date.min, last=dt.date.max):
        """How many movements of these days a list counts and does not show."""
        with self._lock:
            return sum(
                row.hidden and row.kept_in_count
                for account in accounts
                for row in self._between(account, first, last)
            )

    def totals(self, account, first, last):
        """Dict of ``opening``, ``credit``, ``debit``, ``closing`` in cents, for whole
        days ``first`` to ``last``.
        """
        with self._lock:
            self._check(account)
            now = self._clock.now
            counted = [
                row
                for row in self._between(account, dt.date.min, last)
                if row.is_counted(now)
            ]
            opening = self._openings.get(account, 0) + sum(
                row.cents for row in counted if row.day < first
            )
            period = [row.cents for row in counted if row.day >= first]
            credit = sum(value for value in period if value > 0)
            debit = -sum(value for value in period if value < 0)
            return {
                "opening": opening,
                "credit": credit,
                "debit": debit,
                "closing": opening + credit - debit,
            }

    def blocked(self, account):
        """Cents of the visible debits that still wait for authorisation."""
        with self._lock:
            now = self._clock.now
            rows = self.select([account])
            return -sum(
                row.cents for row in rows if row.cents < 0 and row.status(now) != 0
            )

    def overdraft(self, account):
        """The granted limit in cents, or ``None``."""
        return self._overdrafts.get(account)

    def available(self, account):
        """Cents that may be spent: the balance, less debits that wait for
        authorisation, plus the overdraft limit.
        """
        current = self.totals(account, dt.date.min, dt.date.max)["closing"]
        return current - self.blocked(account) + (self.overdraft(account) or 0)

    # --- what builds it ---------------------------------------------------------------

    def write(self, movement):
        """Put a ready :class:`Movement` into the books and return it."""
        with self._lock:
            if movement.movement_id in self._by_id:
                raise ValueError(f"movement {movement.movement_id} exists already")
            insort(self._lists[movement.account], movement, key=_order)
            self._by_id[movement.movement_id] = movement
            if movement.operation.isdigit():
                self._last_number = max(self._last_number, int(movement.operation))
            return movement

    @property
    def next_operation(self):
        """The number that no operation has yet."""
        return self._last_number + 1

    def set_limits(self, openings, overdrafts):
        """Openings and overdrafts, {(IBAN, currency): text or Decimal}."""
        for account, text in [*openings.items(), *overdrafts.items()]:
            self._check(account)
            if cents(text) is None:
                raise ValueError(f"not an amount: {text!r}")
        self._openings = {account: cents(text) for account, text in openings.items()}
        self._overdrafts = {key: cents(text) for key, text in overdrafts.items()}

    def open_with(self, account, opening_cents):
        """Set the balance before the first movement, unless the test has set one."""
        self._openings.setdefault(account, opening_cents)

    def all_on(self, account):
        """Each movement of one account, visible or not, newest first."""
        return self._lists[account][::-1]

    def _take_id(self, members, signed):
        given = members.get("movementId")
        if isinstance(given, str) and given:
            return given
        return leg_id(self.next_operation, signed)

    def _between(self, account, first, last):
        rows = self._lists[account]
        return rows[
            bisect_left(rows, first, key=_day) : bisect_right(rows, last, key=_day)
        ]

    def _check(self, account):
        if account not in self._lists:
            raise KeyError(f"the bank has no account {account}")
