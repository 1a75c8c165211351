"""One read of one account: from the bank's pages to bank statement lines."""

import hashlib
import json
import time
from datetime import timedelta, timezone

from ..tbc import TbcUnreadable
from .tbc_account import utc_now

# The bank's longest period is not published; a month keeps every answer small and
# makes reading again after a change cheap.
WINDOW_DAYS = 31
# Each read begins this much before the cursor: movements may be dated back.
OVERLAP_DAYS = 7
# The bank's own limit.
PAGE_SIZE = 700
# How often a window is read when the bank's list changes meanwhile.
MAX_READINGS = 3


class OutOfTime(Exception):
    """The scheduled action's time is over: what is booked stays, the rest comes next."""


class StatementRead:
    """Reads an account's movements window by window, books them page by page.

    :param account_sudo: the ``tbc.account``, locked by the caller.
    :param client: a :class:`..tbc.TbcClient`.
    :param run_sudo: the ``tbc.sync.run`` that tells of it.
    :param commit: called after each page; makes it last and returns whether to go on.
    """

    def __init__(self, account_sudo, client, run_sudo, commit):
        self.account = account_sudo
        self.client = client
        self.run = run_sudo
        self.commit = commit
        self.seen = set()
        self.known = set()
        self.today = account_sudo._bank_today()
        self.started = time.monotonic()

    def read(self):
        """Read everything from the cursor to today, then prove it.

        :raise TbcError: the bank failed; what was booked stays, the cursor stays
            before what was not read completely. :raise OutOfTime: see there.
        """
        self._book(self.account._held_from_books())
        for first, last in self._windows():
            self.run.write({"day_from": self.run.day_from or first, "day_to": last})
            self._read_window(first, last)
            self._take_statement(first, last)
        self._ask_for_unseen()
        if self.account._has_unexplained_difference():
            self._read_late()
        self._keep_going()

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
        """Read one window until the bank's list holds still, then move the cursor."""
        account = self.account
        for _reading in range(MAX_READINGS):
            pages = self._pages(
                iban=account.iban,
                currency=account.currency_id.name,
                period_from=first,
                period_to=last,
            )
            ids, totals = set(), set()
            for page, is_last in pages:
                ids |= self._book(page.movements, page.unreadable)
                self.seen |= ids
                totals.add(page.total)
                complete = is_last and totals == {len(ids)}
                if complete:
                    # Today is not over, so it can't be complete yet.
                    done = min(last, self.today - timedelta(days=1))
                    account.synced_until = max(account.synced_until or done, done)
                self._keep_going()
            if complete:
                return
        raise TbcUnreadable("the list of movements kept changing while it was read")

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

    def _book(self, movements, unreadable=()):
        """Book what is new of a page, hold what can't be; return the page's ids."""
        account = self.account
        movements = {movement.movement_id: movement for movement in movements}
        unreadable = {_held_id(movement): movement for movement in unreadable}
        ids = movements.keys() | unreadable.keys()
        known = account._known_movement_ids(list(ids - self.known))
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
        self.run.known += len(known)
        return ids

    def _take_statement(self, first, last):
        """Keep the bank's own totals of the window, its proof."""
        account = self.account
        statement = self.client.statement(
            account.iban, account.currency_id.name, first, last
        )
        values = {
            "bank_balance": statement.closing_balance,
            "bank_balance_day": last,
        }
        if first == account.sync_from:
            values["bank_opening_balance"] = statement.opening_balance
        account.write(values)
        account._book_opening_line()

    def _ask_for_unseen(self):
        """Ask by id for what waits at the bank and lies before the days just read."""
        held = self.account.held_ids.filtered(
            lambda h: (
                h.reason in ("waiting", "unreadable")
                and h.movement_id not in self.seen
                and not h.movement_id.startswith(NAMELESS)
            )
        )
        for record in held:
            try:
                movement = self.client.movement(record.movement_id)
            except TbcUnreadable:
                continue
            if movement:
                self._book([movement])
            else:
                # The bank no longer has it: it never was a movement of the account.
                record.unlink()

    def _read_late(self):
        """Look for movements that appeared since the last read with an older day."""
        since = self.account.last_sync_at
        if not since:
            return
        since = since.replace(tzinfo=timezone.utc) - timedelta(days=1)
        pair = (self.account.iban, self.account.currency_id.name)
        for page, _last in self._pages(changed_since=since):
            self._book(
                [
                    movement
                    for movement in page.movements
                    if (movement.account_iban, movement.currency) == pair
                    and movement.day >= self.account.sync_from
                ]
            )
            self._keep_going()

    def _keep_going(self):
        self.account.reading_at = utc_now()
        self.run.write(
            {
                "fetched": len(self.seen),
                "seconds": time.monotonic() - self.started,
                "trace_id": self.client.last_trace_id,
            }
        )
        if not self.commit():
            raise OutOfTime


NAMELESS = "no-id:"


def _held_id(unreadable):
    """The id that an unreadable movement is held by; one without an id gets a name."""
    if unreadable.movement_id:
        return unreadable.movement_id
    text = json.dumps(unreadable.raw, sort_keys=True, default=str)
    return NAMELESS + hashlib.sha256(text.encode()).hexdigest()[:24]
