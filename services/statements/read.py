"""One read of one account: from the bank's pages to bank statement lines."""

import hashlib
import json
import time
from dataclasses import dataclass
from datetime import timedelta

from ...tbc import TbcRefused
from ..clock import bank_today, utc_now
from ..period_limit import PeriodLimit, from_first
from .booking import book_movements, known_lines
from .coverage import first_day_read, last_day_listed
from .held import NAMELESS, let_go, note_listed, store_held, unlisted
from .miscounted import miscounted, note_agreement, note_contradiction, without
from .opening import begin_at
from .update import update_known_lines

# Each read begins this much before the cursor: movements may be dated back.
OVERLAP_DAYS = 7
# The bank's own limit.
PAGE_SIZE = 700
# How often a window is read when the bank's list changes meanwhile.
MAX_READINGS = 3


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
        """The ids of what the bank has booked."""
        return self.ids - self.waiting


class AccountCursor:
    """Keeps on the account and its run how far the hourly read has come.

    :param account_sudo: the ``tbc.account``, locked by the caller.
    :param run_sudo: the ``tbc.sync.run`` that tells of it.
    """

    def __init__(self, account_sudo, run_sudo):
        self.account, self.record = account_sudo, run_sudo
        self.listed_before = last_day_listed(account_sudo)

    def holds_account(self):
        """Whether this read may write the account's own row."""
        return True

    def may_extend(self):
        """Whether this read may make the account begin earlier."""
        return True

    def advance(self, read, _first, last):
        """Keep that all until ``last`` was listed; it is complete if none of these days
        contradicts itself.

        :return: whether that is new
        """
        account, before = self.account, last_day_listed(self.account)
        # Today is not over, so it can't be complete yet.
        done = min(last, read.today - timedelta(days=1))
        until = max(before or done, done)
        if miscounted(account, account.sync_from, until):
            vals = {} if until == before else {"listed_until": until}
        else:
            vals = {"synced_until": until, "listed_until": False}
        vals = {name: day for name, day in vals.items() if account[name] != day}
        if vals:
            account.write(vals)
        return bool(vals)

    def tell(self, read, *, within_window):
        """Write how far the read has come."""
        self.account.reading_at = utc_now()
        self.record.write(
            {
                "fetched": len(read.seen),
                "seconds": time.monotonic() - read.started,
                "trace_id": read.client.last_trace_id,
            }
        )


class StatementRead:
    """Reads an account's movements window by window, books them page by page.

    :param account_sudo: the ``tbc.account``
    :param client: a :class:`..tbc.TbcClient`.
    :param cursor: keeps how far it has come: an :class:`AccountCursor`, or that of a
        back-fill.
    :param commit: called after each page: makes it last, and returns the seconds left.
    :param forgets: whether what one window listed is forgotten in the next one
    """

    def __init__(self, account_sudo, client, cursor, commit, *, forgets=False):
        self.account, self.client = account_sudo, client
        self.cursor, self.run = cursor, cursor.record
        self.commit, self.forgets = commit, forgets
        self.seen, self.known = set(), set()
        self.progressed = False
        # Whether what is booked now had been missed, and the proof found it.
        self.repairing = False
        self.today = bank_today()
        self.started = time.monotonic()
        self.seconds_left = float("inf")
        self.lists = PeriodLimit(account_sudo, "longest_list", cursor.holds_account)
        # What was listed before this read, and is listed again by it.
        self.listed_again = {}

    def first_day(self):
        """The first day that each read lists: some days before the cursor."""
        first, listed = self.account.sync_from, self.cursor.listed_before
        return (
            max(first, listed - timedelta(days=OVERLAP_DAYS - 1)) if listed else first
        )

    def read_until_today(self):
        """Read the windows; days known to be miscounted are asked for by themselves.

        :raise TbcError: the bank failed; what was booked stays, the cursor stays
            before what was not read completely. :raise TimeIsUp: see there.
        """
        first, last = self.first_day(), self.today
        self.run.day_from = first
        spans = miscounted(self.account, first, last)
        for begin, end in list(without(spans, first, last)):
            while begin <= end:
                begin = self._read_some(begin, end) + timedelta(days=1)
        self._advance(first, last)

    def _read_some(self, first, last):
        """Read as many days from the first as the bank answers for; return the last."""
        [(_first, end)], _listing = self.read_longest(from_first(first, last))
        self.run.day_to = end
        return end

    def read_longest(self, spans, **options):
        """Read one window, as long as the bank answers for.

        :param spans: as for :meth:`..period_limit.PeriodLimit.ask`
        :return: ``[(first day, last day)]`` and its :class:`Listing`
        """
        return self.lists.ask(
            spans, lambda asked: (asked, self.read_window(*asked[0], **options))
        )

    def read_window(self, first, last, readings=MAX_READINGS):
        """Read one window until the bank's list holds still, then move the cursor.

        Where it never does, its days are named, and the cursor stays before them.

        :return: the :class:`Listing`
        """
        if self.forgets:
            self.seen, self.known = set(), set()
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
        account = self.account
        pages = self.client.movement_pages(
            iban=account.iban,
            currency=account.currency_id.name,
            period_from=first,
            period_to=last,
            page_size=PAGE_SIZE,
        )
        ids, totals, waiting = set(), set(), set()
        for page in pages:
            page_ids = self.book(page.movements, page.unreadable, taken=ids)
            note_listed(account, page_ids, first, last)
            ids |= page_ids
            waiting |= {m.movement_id for m in page.movements if not m.is_authorised}
            self.seen |= page_ids
            totals.add(page.total)
            is_complete = page.is_last and totals == {len(ids)}
            listing = Listing(ids, waiting, is_complete)
            if listing.is_complete:
                self._finish_window(first, last, listing)
            self.checkpoint(within_window=not listing.is_complete)
        return listing

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

    def extend_first_day(self):
        """Begin at the first day of the past that has been read, if it joins on.

        The bank's opening balance and the books' follow in the same commit.
        """
        account = self.account
        first = first_day_read(account)
        if first >= account.sync_from or not self.cursor.may_extend():
            return
        try:
            statement = self.client.statement(
                account.iban, account.currency_id.name, first, first
            )
        except TbcRefused:
            # The bank tells no balance of that day: the books go on as they are.
            return
        if self.cursor.holds_account():
            # All of it or nothing, whatever Odoo refuses.
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
        self.known |= booked
        self.run.new += len(booked)
        if self.repairing:
            self.run.repaired += len(booked)
        self.progressed |= bool(booked)
        self.run.known += len(known)
        return ids

    def checkpoint(self, *, within_window=False):
        """Make what was done last, and tell how far it has come.

        :raise TimeIsUp: see there
        """
        self.cursor.tell(self, within_window=within_window)
        self.seconds_left = self.commit()
        # Pages that were known already cost little, and stopping after them only would
        # mean to begin with the same ones next time.
        if not self.seconds_left and self.progressed:
            raise TimeIsUp


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
