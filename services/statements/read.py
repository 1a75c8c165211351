"""One read of one account: from the bank's pages to bank statement lines."""

import contextlib
import hashlib
import json
import time
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from ...tbc import TbcRefused
from ..clock import bank_today, utc_now
from ..period_limit import PeriodLimit, from_first
from .booking import book_movements, known_lines
from .coverage import first_day_read, last_day_listed
from .held import NAMELESS, let_go, note_listed, store_held, unlisted
from .miscounted import halve, miscounted, note_agreement, note_contradiction, without
from .opening import begin_at
from .update import update_known_lines

# Each read begins so many days before the cursor: movements may be dated back.
OVERLAP_DAYS = 7
# The bank's own limit.
PAGE_SIZE = 700
# How often a window is read when the bank's list changes meanwhile.
MAX_READINGS = 3
# So many miscounted lists are asked for again in one read.
MAX_MISCOUNTED = 20


class TimeIsUp(Exception):
    """The scheduled action's time is over: what is booked stays, the rest comes next."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What the bank lists of some days: ids, and which of them are not authorised.

    ``is_complete``: the bank counts as many as it lists. Else these are the ids of all
    attempts, and one that is not among them may be at the bank all the same.
    """

    ids: set
    waiting: set
    is_complete: bool

    @property
    def authorised(self):
        return self.ids - self.waiting


class AccountCursor:
    """Keeps on the account, which the caller has locked, and its run how far it is."""

    def __init__(self, account_sudo, run_sudo):
        self.account, self.record = account_sudo, run_sudo
        self.listed_before = last_day_listed(account_sudo)

    def advance(self, read, _first, last):
        """Keep that all until ``last`` was listed; return whether that is new.

        It is complete if none of these days contradicts itself.
        """
        account, before = self.account, last_day_listed(self.account)
        # Today is not over, so it can't be complete yet.
        done = min(last, read.today - timedelta(days=1))
        until = max(before or done, done)
        vals = {"synced_until": until, "listed_until": False}
        if miscounted(account, account.sync_from, until):
            vals = {"listed_until": until} if until != before else {}
        changed = {name: day for name, day in vals.items() if account[name] != day}
        if changed:
            account.write(changed)
        return bool(changed)

    def prepare_progress_vals(self, read):
        """Return how far the read is, for its record."""
        self.account.reading_at = utc_now()
        return {"fetched": len(read.seen)}


class StatementRead:
    """Reads an account's movements window by window, books them page by page.

    :param cursor: keeps how far it has come: an :class:`AccountCursor`, or that of a
        back-fill
    :param commit: called after each page: makes it last, and returns the seconds left
    """

    def __init__(self, account_sudo, client, cursor, commit):
        self.account, self.client, self.commit = account_sudo, client, commit
        self.cursor, self.run = cursor, cursor.record
        self.seen, self.known = set(), set()
        self.progressed = False
        # Whether what is booked now had been missed, and the proof found it.
        self.repairing = False
        self.today = bank_today()
        self.started = time.monotonic() - self.run.seconds
        self.seconds_left = float("inf")
        may_keep = partial(_holds, account_sudo)
        self.lists = PeriodLimit(account_sudo, "longest_list", may_keep)
        # What was listed before this read, and is listed again by it.
        self.listed_again = {}

    def first_day(self):
        """The first day that each read lists: some days before the cursor."""
        first, listed = self.account.sync_from, self.cursor.listed_before
        if not listed:
            return first
        return max(first, listed - timedelta(days=OVERLAP_DAYS - 1))

    def read_until_today(self):
        """Read the windows; days known to be miscounted are asked for by themselves.

        :raise TbcError: the bank failed; what was booked stays, and the cursor stays
            before what was not read completely. :raise TimeIsUp: see there.
        """
        first, last = self.first_day(), self.today
        self.run.day_from = first
        spans = miscounted(self.account, first, last)
        for begin, end in list(without(spans, first, last)):
            while begin <= end:
                [(_first, day_to)], _listing = self.read_longest(from_first(begin, end))
                self.run.day_to = day_to
                begin = day_to + timedelta(days=1)
        self._advance(first, last)

    def read_longest(self, spans, **options):
        """Read one window, as long as the bank answers for.

        :param spans: as for :meth:`..period_limit.PeriodLimit.ask`
        :return: ``[(first day, last day)]`` and its :class:`Listing`
        """
        return self.lists.ask(
            spans, lambda asked: (asked, self.read_window(*asked[0], **options))
        )

    def read_window(self, first, last, readings=MAX_READINGS):
        """Read one window until the bank's list holds still; return its listing.

        Where it never does, its days are named, and the cursor stays before them.
        """
        ids, waiting = set(), set()
        for _reading in range(readings):
            listing = self._list(first, last)
            if listing.is_complete:
                return listing
            ids, waiting = ids | listing.ids, waiting | listing.waiting
        note_contradiction(self.account, first, last)
        self._advance(first, last)
        self.checkpoint()
        return Listing(ids, waiting, is_complete=False)

    def _list(self, first, last):
        """List the days once, book what is new page by page; return the listing."""
        ids, totals, waiting = set(), set(), set()
        for page in self._pages(first, last):
            page_ids = self.book(page.movements, page.unreadable, taken=ids)
            note_listed(self.account, page_ids, first, last)
            ids |= page_ids
            waiting |= {m.movement_id for m in page.movements if not m.is_authorised}
            self.seen |= page_ids
            totals.add(page.total)
            is_complete = page.is_last and totals == {len(ids)}
            listing = Listing(ids, waiting, is_complete)
            if is_complete:
                self._finish_window(first, last, listing)
            self.checkpoint()
        return listing

    def _pages(self, first, last):
        return self.client.movement_pages(
            iban=self.account.iban,
            currency=self.account.currency_id.name,
            period_from=first,
            period_to=last,
            page_size=PAGE_SIZE,
        )

    def _finish_window(self, first, last, listing):
        """Keep what a complete list tells, in the commit of its last page."""
        gone = unlisted(self.account, first, last, listing.ids | self.seen)
        let_go(self.account, gone, self.run)
        self.progressed |= note_agreement(self.account, first, last)
        listed_before = self.cursor.listed_before
        if listed_before and self.account.sync_from <= first <= listed_before:
            self.listed_again[first, last] = listing.authorised
        self._advance(first, last)

    def _advance(self, first, last):
        self.progressed |= self.cursor.advance(self, first, last)

    def relist_miscounted(self, first=None, last=None):
        """List the miscounted days again, halved until single ones are left.

        The recent days first, which no window has read; then who waited longest.

        :param first: only those that reach into the days from here to ``last``
        """
        asked = set()
        while row := self._next_miscounted(asked, first, last):
            if len(asked) == MAX_MISCOUNTED:
                return
            if row.asked_at and row.day < row.day_to:
                halve(row)
                self.progressed = True
                continue
            asked.add(row.id)
            # The bank may not go back so far; it is tried again at the next read.
            with contextlib.suppress(TbcRefused):
                self.read_longest(from_first(row.day, row.day_to), readings=1)

    def _next_miscounted(self, asked, first, last):
        rows, recent = miscounted(self.account, first, last), self.first_day()
        rows = rows.filtered(lambda d: d.id not in asked or d.day < d.day_to)
        rows = rows.sorted(lambda d: (d.day_to < recent, str(d.asked_at or ""), d.day))
        return rows[:1]

    def extend_first_day(self):
        """Begin at the first day of the past that has been read, if it joins on.

        The bank's opening balance and the books' follow in the same commit.
        """
        account, first = self.account, first_day_read(self.account)
        if first >= account.sync_from:
            return
        currency = account.currency_id.name
        # Where the bank tells no balance of that day, the books go on as they are.
        with contextlib.suppress(TbcRefused):
            statement = self.client.statement(account.iban, currency, first, first)
            # All of it or nothing, whatever Odoo refuses.
            if _holds(account):
                with account.env.cr.savepoint():
                    begin_at(account, first, statement.opening_balance)

    def book(self, movements, unreadable=(), taken=()):
        """Book what is new of a page, hold what can't be; return the page's ids."""
        account = self.account
        movements = {movement.movement_id: movement for movement in movements}
        unreadable = _by_held_id(unreadable, taken)
        ids = movements.keys() | unreadable.keys()
        lines = known_lines(account, list(ids - self.known))
        update_known_lines(account, lines, movements)
        known = set(lines.mapped("tbc_movement_id"))
        self.known |= known
        new = [m for key, m in movements.items() if key not in self.known]
        booked, held = book_movements(account, new)
        held |= {key: ("unreadable", m.reason, m) for key, m in unreadable.items()}
        store_held(account, held, released=(known | booked) - held.keys())
        self._count(booked, known)
        return ids

    def _count(self, booked, known):
        self.known |= booked
        self.progressed |= bool(booked)
        self.run.new += len(booked)
        self.run.known += len(known)
        if self.repairing:
            self.run.repaired += len(booked)

    def checkpoint(self):
        """Make what was done last, and tell how far it has come.

        :raise TimeIsUp: see there
        """
        vals = self.cursor.prepare_progress_vals(self)
        seconds, trace_id = time.monotonic() - self.started, self.client.last_trace_id
        self.run.write({**vals, "seconds": seconds, "trace_id": trace_id})
        self.seconds_left = self.commit()
        # Pages that were known already cost little, and stopping after them only would
        # mean to begin with the same ones next time.
        if not self.seconds_left and self.progressed:
            raise TimeIsUp


def _holds(account):
    """Whether this read may write the account's own row: no other worker has it."""
    return bool(account.try_lock_for_update(allow_referencing=True))


def _by_held_id(unreadable, taken):
    """Return ``{id to hold it by: movement}``; one without an id gets a name.

    ``taken``: the ids of the pages before, so that two that are alike stay two.
    """
    by_id = {}
    for movement in unreadable:
        held_id = movement.movement_id or _digest(movement.raw)
        while held_id in by_id or (not movement.movement_id and held_id in taken):
            held_id += "+"
        by_id[held_id] = movement
    return by_id


def _digest(raw):
    text = json.dumps(raw, sort_keys=True, default=str)
    return NAMELESS + hashlib.sha256(text.encode()).hexdigest()[:24]
