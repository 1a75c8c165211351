"""One read of one account: from the bank's pages to bank statement lines."""

import hashlib
import json
import random
import re
import time
from datetime import timedelta

from ..tbc import TbcRefused, TbcUnreadable
from .statement_proof import StatementProof
from .tbc_account import utc_now

# The bank's longest period is not published; a month keeps every answer small and
# makes reading again after a change cheap.
WINDOW_DAYS = 31
# Each read begins this much before the cursor: movements may be dated back.
OVERLAP_DAYS = 7
# The bank's own limit.
PAGE_SIZE = 700
# So many movements are asked for by their id in one read at the most.
MOST_UNSEEN = 50
# How often a window is read when the bank's list changes meanwhile.
MAX_READINGS = 3

# An unreadable movement without an id is held by this and a digest.
NAMELESS = "no-id:"
# What can be asked for by id; anything else could not stand in an address.
ASKABLE_ID = re.compile(r"\w[\w.-]{0,99}", re.ASCII)


class OutOfTime(Exception):
    """The scheduled action's time is over: what is booked stays, the rest comes next."""


class Overtaken(Exception):
    """Another worker has taken the account, between two pages, and reads it now."""


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
        self.today = account_sudo._bank_today()
        self.started = time.monotonic()

    def read(self):
        """Read everything from the cursor to today, then prove it.

        :raise TbcError: the bank failed; what was booked stays, the cursor stays
            before what was not read completely. :raise OutOfTime: see there.
        """
        if self.account.sync_from > self.today:
            return
        self._book(*self.account._held_from_books())
        for first, last in self._windows():
            self.run.write({"day_from": self.run.day_from or first, "day_to": last})
            self._read_window(first, last)
        self._ask_for_unseen()
        self._reach_back()
        StatementProof(self).run()
        self.account._book_opening_line()
        self.account._keep_book_differences(self.today)
        self._keep_going()
        self.account._tie_out(self.client, self.commit)

    def _windows(self):
        """Yield ``(first day, last day)``: from before the cursor until today."""
        account = self.account
        first = account.sync_from
        if account.synced_until:
            first = max(first, account.synced_until - timedelta(days=OVERLAP_DAYS - 1))
        while first <= self.today:
            last = min(first + timedelta(days=WINDOW_DAYS - 1), self.today)
            yield first, last
            first = last + timedelta(days=1)

    def _read_window(self, first, last):
        """Read one window until the bank's list holds still, then move the cursor.

        :return: the set of all ids listed, and ``{id: Movement}`` of the readable ones.
        """
        account = self.account
        for _reading in range(MAX_READINGS):
            pages = self._pages(
                iban=account.iban,
                currency=account.currency_id.name,
                period_from=first,
                period_to=last,
            )
            ids, totals, listed = set(), set(), {}
            for page, is_last in pages:
                ids |= self._book(page.movements, page.unreadable, taken=ids)
                listed |= {m.movement_id: m for m in page.movements}
                self.seen |= ids
                totals.add(page.total)
                complete = is_last and totals == {len(ids)}
                if complete:
                    self._forget_nameless(first, last, ids)
                    self._move_cursor(last)
                self._keep_going()
            if complete:
                return ids, listed
        raise TbcUnreadable("the list of movements kept changing while it was read")

    def _forget_nameless(self, first, last, ids):
        """Drop what was held without an id and is listed under an id now, or no more."""
        self.account.held_ids.filtered(
            lambda held: (
                held.movement_id.startswith(NAMELESS)
                and held.movement_id not in ids
                and held.day
                and first <= held.day <= last
            )
        ).unlink()

    def _move_cursor(self, last):
        # Today is not over, so it can't be complete yet.
        done = min(last, self.today - timedelta(days=1))
        if not self.account.synced_until or done > self.account.synced_until:
            self.account.synced_until = done
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

    def _pages(self, **query):
        """Yield ``(page, is_last)`` of a list of movements."""
        index = read = 0
        while True:
            page = self.client.movements(page_index=index, page_size=PAGE_SIZE, **query)
            count = len(page.movements) + len(page.unreadable)
            index, read = index + 1, read + count
            is_last = not count or read >= page.total
            yield page, is_last
            if is_last:
                return

    def _book(self, movements, unreadable=(), taken=()):
        """Book what is new of a page, hold what can't be; return the page's ids."""
        account = self.account
        movements = {movement.movement_id: movement for movement in movements}
        unreadable = _by_held_id(unreadable, taken)
        ids = movements.keys() | unreadable.keys()
        lines = account._known_lines(list(ids - self.known))
        account._take_days(lines, movements)
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

    def _ask_for_unseen(self):
        """Ask by id for what waits at the bank and lies before the days just read."""
        held = self.account.held_ids.filtered(
            lambda h: (
                h.reason in ("waiting", "unreadable")
                and h.movement_id not in self.seen
                and ASKABLE_ID.fullmatch(h.movement_id)
            )
        )
        # Others have their turn at the next read.
        for record in random.sample(held, min(len(held), MOST_UNSEEN)):
            try:
                movement = self.client.movement(record.movement_id)
            except (TbcUnreadable, TbcRefused):
                continue
            if movement and self.account._is_own(movement):
                self._book([movement])
            elif movement:
                # Now that it can be read, it is another account's.
                record.unlink()
            elif record.reason == "waiting":
                # The bank dropped it before it was authorised: no money moved.
                record.unlink()

    def _keep_going(self):
        self.account.reading_at = utc_now()
        self.run.write(
            {
                "fetched": len(self.seen),
                "seconds": time.monotonic() - self.started,
                "trace_id": self.client.last_trace_id,
            }
        )
        seconds_left = self.commit()
        # Pages that were known already cost little, and stopping after them only would
        # mean to begin with the same ones next time.
        if not seconds_left and self.got_on:
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
