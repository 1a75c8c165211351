"""Reading days of the past, beside the hourly read."""

import time

from ..services.clock import utc_now
from .miscount import ask_for_miscounted
from .statement_read import OutOfTime, StatementRead


class PastRead(StatementRead):
    """Reads the windows of a back-fill, and books what is missing.

    It leaves the account's own row to the hourly read: the cursor, the counts and the
    clock are those of the back-fill.

    :param backfill_sudo: the ``tbc.backfill``, taken by the caller.
    :param client: a :class:`..tbc.TbcClient`.
    :param commit: as for a :class:`StatementRead`.
    """

    def __init__(self, account_sudo, client, backfill_sudo, commit):
        super().__init__(account_sudo, client, backfill_sudo, commit)
        # The hourly read compares the ids of days that were listed before.
        self.listed_before = None
        self.seconds_before = backfill_sudo.seconds
        self.window = None

    def read(self):
        """Read what is left of the back-fill.

        :raise TbcError: the bank failed; what was booked stays. :raise OutOfTime: the
            rest comes next.
        """
        self._reach_back()
        while self.run._next_window():
            self.read_longest(lambda days: [self.run._next_window(days)])
        ask_for_miscounted(self, self.run.day_from, self.run.day_to)
        # The hourly read may have seen to them, too.
        self.run._take_days_read()
        self._reach_back()

    def _read_window(self, first, last, **options):
        self.window = first, last
        self.seen, self.known = set(), set()
        return super()._read_window(first, last, **options)

    def _move_cursor(self, last):
        self.got_on |= self.run._take_window(*self.window, fetched=len(self.seen))
        self.window = None
        self._reach_back()

    def _reach_back(self):
        """As the hourly read does it; that one does it where both want the account."""
        account = self.account
        if account._first_day_read() >= account.sync_from or account._is_being_read():
            return
        super()._reach_back()

    def _holds_account(self):
        return bool(self.account.try_lock_for_update(allow_referencing=True))

    def _keep_going(self):
        if self.window:
            self.run.window_fetched = len(self.seen)
        self.run.write(
            {
                "read_at": utc_now(),
                "seconds": self.seconds_before + time.monotonic() - self.started,
                "trace_id": self.client.last_trace_id,
            }
        )
        self.seconds_left = self.commit()
        if not self.seconds_left and self.got_on:
            raise OutOfTime
