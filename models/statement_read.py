"""One read of one account: from the bank's pages to bank statement lines."""

import hashlib
import json
import time
from dataclasses import dataclass
from datetime import timedelta

from ..services.clock import bank_today, utc_now
from ..tbc import TbcRefused
from .held_unlisted import NAMELESS, Unseen, let_go, note_listed, unlisted
from .miscount import (
    ask_for_miscounted,
    miscounted,
    note_agreement,
    note_contradiction,
    without,
)
from .older_days import OlderDays, days_with_other_ids
from .period_limit import PeriodLimit, from_first
from .statement_proof import StatementProof
from .told_anew import take_anew

# Each read begins this much before the cursor: movements may be dated back.
OVERLAP_DAYS = 7
# The bank's own limit.
PAGE_SIZE = 700
# How often a window is read when the bank's list changes meanwhile.
MAX_READINGS = 3


class OutOfTime(Exception):
    """The scheduled action's time is over: what is booked stays, the rest comes next."""


class Overtaken(Exception):
    """Another worker has taken the account, between two pages, and reads it now."""


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


class StatementRead:
    """Reads an account's movements window by window, books them page by page.

    :param account_sudo: the ``tbc.account``, locked by the caller.
    :param client: a :class:`..tbc.TbcClient`.
    :param run_sudo: the ``tbc.sync.run`` that tells of it.
    :param commit: called after each page: makes it last, and returns the seconds left.
    """

    def __init__(self, account_sudo, client, run_sudo, commit):
        self.account = account_sudo
        self.client = client
        self.run = run_sudo
        self.commit = commit
        self.seen = set()
        self.known = set()
        self.got_on = False
        # Whether what is booked now had been missed, and the proof found it.
        self.repairing = False
        self.today = bank_today()
        self.started = time.monotonic()
        self.seconds_left = float("inf")
        self.lists = PeriodLimit(account_sudo, "longest_list", self._holds_account)
        # The last day that was listed before this read, and what was listed again.
        self.listed_before = account_sudo._last_day_listed()
        self.listed_again = {}

    def read(self):
        """Read everything from the cursor to today, then prove it.

        :raise TbcError: the bank failed; what was booked stays, the cursor stays
            before what was not read completely. :raise OutOfTime: see there.
        """
        if self.account.sync_from > self.today:
            return
        self._book(*self.account._held_from_books())
        self._read_until_today()
        ask_for_miscounted(self)
        Unseen(self).run()
        self._reach_back()
        proof = StatementProof(self)
        proof.run(days_with_other_ids(self.account, self.listed_again))
        self.account._book_opening_line()
        self.account._keep_book_differences(self.today)
        self._keep_going()
        self.account._tie_out(self.client, self.commit)
        OlderDays(self, proof).run()

    def first_day(self):
        """The first day that each read lists: some days before the cursor."""
        first, listed = self.account.sync_from, self.listed_before
        return (
            max(first, listed - timedelta(days=OVERLAP_DAYS - 1)) if listed else first
        )

    def _read_until_today(self):
        """Read the windows; days known to be miscounted are asked for by themselves."""
        first, last = self.first_day(), self.today
        self.run.day_from = first
        spans = miscounted(self.account, first, last)
        for begin, end in list(without(spans, first, last)):
            while begin <= end:
                begin = self._read_some(begin, end) + timedelta(days=1)
        self._move_cursor(last)

    def _read_some(self, first, last):
        """Read as many days from the first as the bank answers for; return the last."""
        [(_first, end)], _listing = self.read_longest(from_first(first, last))
        self.run.day_to = end
        return end

    def read_longest(self, spans, **options):
        """Read one window, as long as the bank answers for.

        :param spans: as for :meth:`.period_limit.PeriodLimit.ask`
        :return: ``[(first day, last day)]`` and its :class:`Listing`
        """
        return self.lists.ask(
            spans, lambda asked: (asked, self._read_window(*asked[0], **options))
        )

    def _read_window(self, first, last, readings=MAX_READINGS):
        """Read one window until the bank's list holds still, then move the cursor.

        Where it never does, its days are named, and the cursor stays before them.

        :return: the :class:`Listing`
        """
        ids, waiting = set(), set()
        for _reading in range(readings):
            listing = self._list(first, last)
            if listing.is_complete:
                return listing
            ids, waiting = ids | listing.ids, waiting | listing.waiting
        note_contradiction(self.account, first, last)
        self._move_cursor(last)
        self._keep_going()
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
            page_ids = self._book(page.movements, page.unreadable, taken=ids)
            note_listed(account, page_ids, first, last)
            ids |= page_ids
            waiting |= {m.movement_id for m in page.movements if not m.is_authorised}
            self.seen |= page_ids
            totals.add(page.total)
            is_complete = page.is_last and totals == {len(ids)}
            listing = Listing(ids, waiting, is_complete)
            if listing.is_complete:
                self._finish_window(first, last, listing)
            self._keep_going()
        return listing

    def _finish_window(self, first, last, listing):
        """Keep what a complete list tells, in the commit of its last page."""
        gone = unlisted(self.account, first, last, listing.ids | self.seen)
        let_go(self.account, gone, self.run)
        if note_agreement(self.account, first, last):
            self.got_on = True
        listed_before = self.listed_before
        if listed_before and self.account.sync_from <= first <= listed_before:
            self.listed_again[first, last] = listing.authorised
        self._move_cursor(last)

    def _move_cursor(self, last):
        """Keep that all until ``last`` was listed; it is complete if none of these days
        contradicts itself.
        """
        account, before = self.account, self.account._last_day_listed()
        # Today is not over, so it can't be complete yet.
        done = min(last, self.today - timedelta(days=1))
        until = max(before or done, done)
        if miscounted(account, account.sync_from, until):
            vals = {} if until == before else {"listed_until": until}
        else:
            vals = {"synced_until": until, "listed_until": False}
        vals = {name: day for name, day in vals.items() if account[name] != day}
        if vals:
            account.write(vals)
            self.got_on = True

    def _reach_back(self):
        """Begin at the first day of the past that has been read, if it joins on.

        The bank's opening balance and the books' follow in the same commit.
        """
        account = self.account
        first = account._first_day_read()
        if first >= account.sync_from:
            return
        try:
            statement = self.client.statement(
                account.iban, account.currency_id.name, first, first
            )
        except TbcRefused:
            # The bank tells no balance of that day: the books go on as they are.
            return
        if self._holds_account():
            # All of it or nothing, whatever Odoo refuses.
            with account.env.cr.savepoint():
                account._begin_at(first, statement.opening_balance)

    def _holds_account(self):
        return True

    def _book(self, movements, unreadable=(), taken=()):
        """Book what is new of a page, hold what can't be; return the page's ids."""
        account = self.account
        movements = {movement.movement_id: movement for movement in movements}
        unreadable = _by_held_id(unreadable, taken)
        ids = movements.keys() | unreadable.keys()
        lines = account._known_lines(list(ids - self.known))
        take_anew(account, lines, movements)
        known = set(lines.mapped("tbc_movement_id"))
        self.known |= known
        new = [m for key, m in movements.items() if key not in self.known]
        bookable, held = account._sort_out(new)
        booked, refused = account._create_statement_lines(bookable)
        held = {
            **held,
            **refused,
            **{key: ("unreadable", m.reason, m) for key, m in unreadable.items()},
        }
        account._hold(held, released=(known | set(booked)) - held.keys())
        self.known |= set(booked)
        self.run.new += len(booked)
        if self.repairing:
            self.run.repaired += len(booked)
        self.got_on |= bool(booked)
        self.run.known += len(known)
        return ids

    def _keep_going(self):
        self.account.reading_at = utc_now()
        self.run.write(
            {
                "fetched": len(self.seen),
                "seconds": time.monotonic() - self.started,
                "trace_id": self.client.last_trace_id,
            }
        )
        self.seconds_left = self.commit()
        # Pages that were known already cost little, and stopping after them only would
        # mean to begin with the same ones next time.
        if not self.seconds_left and self.got_on:
            raise OutOfTime


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
