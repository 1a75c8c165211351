"""One read of one account: from the bank's pages to bank statement lines."""

import contextlib
import hashlib
import json
import time
from dataclasses import dataclass
from functools import partial

from ...tbc import TbcRefused
from ..clock import DAY, bank_today, utc_now
from ..locks import try_lock
from ..period_limit import PeriodLimit, from_first
from ..proof.other_ids import days_with_other_ids
from ..unexpected import tell_unknown_codes
from .booking import book_movements, known_lines
from .bookmark import Bookmark, Pages
from .coverage import first_day_read, last_day_listed
from .held import NAMELESS, let_go, note_listed, store_held, unlisted
from .miscounted import (
    days_without,
    halve,
    miscounted,
    note_agreement,
    note_contradiction,
)
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
# Seconds; where nothing is new, what was done is made last with what comes next.
COMMIT_WAIT_SECONDS = 5


class TimeIsUp(Exception):
    """The scheduled action's time is over: what is booked stays, the rest comes next."""


class TooLong(Exception):
    """A list has more pages than are read at once: fewer days are asked for."""


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
        # Whoever wants another first day begins anew.
        terms = [str(account_sudo.sync_from)]
        self.bookmark = Bookmark(account_sudo, account_sudo, terms)

    def advance(self, read, _first, last):
        """Keep that all until ``last`` was listed; return whether that is new.

        It is complete if none of these days contradicts itself.
        """
        account, before = self.account, last_day_listed(self.account)
        # Today is not over, so it can't be complete yet.
        done = min(last, read.today - DAY)
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
        # What the call before has listed, its own run tells.
        return {"fetched": len(read.seen - read.seen_before)}


class StatementRead:
    """Reads an account's movements window by window, books them page by page.

    :param cursor: keeps how far it has come: an :class:`AccountCursor`, or that of a
        back-fill
    :param commit: called after each page: makes it last, and returns the seconds left
    :param bool is_scheduled: whether the next one follows by itself
    """

    def __init__(self, account_sudo, client, cursor, commit, *, is_scheduled=False):
        self.is_scheduled = is_scheduled
        self.account, self.client, self.commit = account_sudo, client, commit
        self.cursor, self.run = cursor, cursor.record
        self.bookmark = cursor.bookmark
        self.seen, self.known = set(), set()
        # Of the pages of a list with which this read goes on.
        self.seen_before = set()
        self.progressed = False
        # Whether something else was learned since the last commit.
        self.learned = False
        # Whether what is booked now had been missed, and the proof found it.
        self.repairing = False
        self.today = bank_today()
        self.started = time.monotonic() - self.run.seconds
        self.waits_until = time.monotonic() + COMMIT_WAIT_SECONDS
        self.seconds_left, self.commits = float("inf"), 0
        self.lists = PeriodLimit(account_sudo, "longest_list", self._may_write)
        # What was listed before this read, and is listed again by it.
        self.listed_again = {}

    def first_day(self):
        """The first day that each read lists: some days before the cursor."""
        first, listed = self.account.sync_from, self.cursor.listed_before
        if not listed:
            return first
        return max(first, listed - (OVERLAP_DAYS - 1) * DAY)

    def read_until_today(self):
        """Read the windows; days known to be miscounted are asked for by themselves.

        :raise TbcError: the bank failed; what was booked stays, and the cursor stays
            before what was not read completely. :raise TimeIsUp: see there.
        """
        first, last = self.first_day(), self.today
        begin = max(first, self.bookmark.day or first)
        self.run.day_from = min(begin, last)
        spans = miscounted(self.account, first, last)
        for day, end in list(days_without(spans, begin, last)):
            while day <= end:
                windows = partial(self._windows, day, end)
                [(_first, day_to)], _listing = self.read_longest(windows, keeps=True)
                self.run.day_to = day_to
                day = day_to + DAY
        self._advance(first, last)

    def _windows(self, begin, end, days):
        """Where lists are long, today has one of its own: it grows while it is read."""
        if self.bookmark.days and begin < end == self.today:
            end -= DAY
        return from_first(begin, end)(days)

    def read_longest(self, spans, **options):
        """Read one window, as long as the bank answers for, and of a few pages.

        :param spans: as for :meth:`..period_limit.PeriodLimit.ask`
        :return: ``[(first day, last day)]`` and its :class:`Listing`
        """

        def question(asked):
            return asked, self.read_window(*asked[0], **options)

        while True:
            with contextlib.suppress(TooLong):
                return self.lists.ask(partial(self.bookmark.choose, spans), question)

    def read_window(self, first, last, readings=MAX_READINGS, *, keeps=False):
        """Read one window until the bank's list holds still; return its listing.

        Where it never does, its days are named, and the cursor stays before them.

        :param keeps: whether the next call goes on with what this one leaves
        """
        ids, waiting = set(), set()
        before = self.bookmark.pages(first, last) if keeps else None
        for pages in [*filter(None, [before]), *[None] * readings]:
            listing = self._list(pages or Pages(first, last), keeps=keeps)
            if listing.is_complete:
                return listing
            if keeps:
                self.bookmark.distrust(first, last)
            ids, waiting = ids | listing.ids, waiting | listing.waiting
        note_contradiction(self.account, first, last)
        self._advance(first, last)
        if keeps:
            self._turn(last)
        self.checkpoint()
        return Listing(ids, waiting, is_complete=False)

    def _list(self, pages, *, keeps):
        """List the days once, book what is new page by page; return the listing.

        :param pages: the :class:`.bookmark.Pages` of this list that were read before
        """
        self.seen |= pages.ids
        self.seen_before |= pages.ids
        told_before = set(pages.totals)
        for page in self._ask(pages):
            if self.bookmark.narrow(pages, page.total, PAGE_SIZE):
                raise TooLong
            if told_before and told_before != {page.total}:
                # It has changed since, so what was read of it proves nothing.
                break
            page_ids = self.book(page.movements, page.unreadable, taken=pages.ids)
            note_listed(self.account, page_ids, pages.first, pages.last)
            pages.add(page, page_ids)
            self.seen |= page_ids
            if pages.is_complete:
                self._finish_window(pages)
                if keeps:
                    self._turn(pages.last)
            elif keeps and not page.is_last:
                self.progressed |= self.bookmark.keep_pages(pages)
            self.checkpoint(may_wait=pages.is_complete)
        return Listing(pages.ids, pages.waiting, pages.is_complete)

    def _ask(self, pages):
        """Yield the pages of a list that were not read yet."""
        return self.client.movement_pages(
            begin=pages.count,
            read=len(pages.ids),
            iban=self.account.iban,
            currency=self.account.currency_id.name,
            period_from=pages.first,
            period_to=pages.last,
            page_size=PAGE_SIZE,
        )

    def _finish_window(self, pages):
        """Keep what a complete list tells, in the commit of its last page."""
        first, last = pages.first, pages.last
        gone = unlisted(self.account, first, last, pages.ids | self.seen)
        self.learned |= bool(gone)
        let_go(self.account, gone, self.run)
        self.progressed |= note_agreement(self.account, first, last)
        listed_before = self.cursor.listed_before
        if listed_before and self.account.sync_from <= first <= listed_before:
            self.listed_again[first, last] = pages.ids - pages.waiting
        self._advance(first, last)

    def _turn(self, last):
        """All days until ``last`` were listed: the next call begins after them."""
        self.bookmark.turn(last + DAY)
        if last < self.today:
            self._keep_place()
            self.progressed = True

    def _keep_place(self):
        """Keep on the record how far this read is, for the call that goes on with it."""
        self.bookmark.suspects |= self.suspects()
        self.listed_again = {}
        self.bookmark.keep()

    def suspects(self):
        """The days listed again whose ids were not those of the books."""
        if not self.listed_again:
            return self.bookmark.suspects
        found = days_with_other_ids(self.account, self.listed_again)
        return found | self.bookmark.suspects

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
            if self._may_write():
                with account.env.cr.savepoint():
                    begin_at(account, first, statement.opening_balance)

    def book(self, movements, unreadable=(), taken=()):
        """Book what is new of a page, hold what can't be; return the page's ids."""
        account = self.account
        movements = {movement.movement_id: movement for movement in movements}
        unreadable = _by_held_id(unreadable, taken)
        ids = movements.keys() | unreadable.keys()
        lines = self._known_lines(movements, ids)
        self.learned |= update_known_lines(account, lines, movements)
        known = set(lines.mapped("tbc_movement_id"))
        self.known |= known
        new = [m for key, m in movements.items() if key not in self.known]
        booked, held = book_movements(account, new)
        held |= {key: ("unreadable", m.reason, m) for key, m in unreadable.items()}
        released = (known | booked) - held.keys()
        self.learned |= store_held(account, held, released=released)
        tell_unknown_codes(account.integration_id, movements.values())
        self._count(booked, known)
        return ids

    def _known_lines(self, movements, ids):
        """Return the lines of these ids; where others are booked next, after a commit.

        Whoever reads the past of this account has the journal's next number first, and
        wants the account and its opening line then. What was written is made last
        before, so that none of the two waits for the other.
        """
        lines = known_lines(self.account, list(ids - self.known))
        known = self.known.union(lines.mapped("tbc_movement_id"))
        if any(m.is_authorised for key, m in movements.items() if key not in known):
            self._commit()
            # Another worker may have had a turn between.
            lines = known_lines(self.account, list(ids - self.known))
        return lines

    def _count(self, booked, known):
        self.known |= booked
        self.progressed |= bool(booked)
        self.run.new += len(booked)
        self.run.known += len(known)
        if self.repairing:
            self.run.repaired += len(booked)

    def checkpoint(self, *, may_wait=False):
        """Make what was done last, and tell how far it has come.

        :param may_wait: whether it may be done with a later one: all that Odoo knows of
            the records is forgotten each time
        :raise TimeIsUp: see there
        """
        vals, now = self.cursor.prepare_progress_vals(self), time.monotonic()
        seconds, trace_id = now - self.started, self.client.last_trace_id
        self.run.write({**vals, "seconds": seconds, "trace_id": trace_id})
        has_news = self.progressed or self.learned
        if may_wait and not has_news and now < self.waits_until:
            return
        self._commit()
        # Pages that were known already cost little, and stopping after them only would
        # mean to begin with the same ones next time.
        if not self.seconds_left and self.progressed:
            self._keep_place()
            raise TimeIsUp

    def _may_write(self):
        """Whether this read may write the account's own row: no other worker has it."""
        return bool(try_lock(self.account))

    def _commit(self):
        self.waits_until = time.monotonic() + COMMIT_WAIT_SECONDS
        self.learned = False
        self.seconds_left = self.commit()
        self.commits += 1


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
