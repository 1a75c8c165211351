"""The older days of the last year: a month a day is listed again, ids are compared.

Sums can't tell when the bank puts one transaction in the place of another of the same
amount on the same day.
"""

import logging
from datetime import timedelta

from odoo.tools import SQL

from ..tbc import TbcRefused
from .miscount import miscounted, without
from .period_limit import to_last

_logger = logging.getLogger(__name__)

DAY = timedelta(days=1)
# How far back it goes: the days of the last year, when their turn comes.
YEAR = timedelta(days=365 + 14)
# So many movements are listed again in one read; the next one goes on with others.
MOST_LISTED = 7000


class OlderDays:
    """Lists one older month a Georgian day again, the newest first.

    In parts that are remembered, so that a large month takes several reads, and none
    is cut off in vain. It is the last thing that a read does, and never makes it late.

    :param read: the :class:`.statement_read.StatementRead`
    :param proof: its :class:`.statement_proof.StatementProof`
    """

    def __init__(self, read, proof):
        self.read, self.proof, self.account = read, proof, read.account
        self.oldest = max(self.account.sync_from, read.today - YEAR)
        self.newest = read.first_day() - DAY

    def run(self):
        """List today's part, if that has not been done.

        :raise TbcError: the bank failed, :raise OutOfTime: as the windows do; what was
            listed again until then is remembered.
        """
        if self.account.relisted_on == self.read.today:
            return
        try:
            is_done = self._list_month()
        except TbcRefused as error:
            # It does not tell days so old; the newer ones are looked at again.
            _logger.info("TBC account %s: older days: %s", self.account.id, error)
            self.account.relisted_from, is_done = False, True
        if is_done:
            self.account.relisted_on = self.read.today
        self.account._keep_book_differences(self.read.today)

    def _list_month(self):
        """List what is left of a month; return whether nothing is left of it."""
        last = self._last()
        if last < self.oldest:
            return True
        month = max(last.replace(day=1), self.oldest)
        counts, listed = self._count_lines(month, last), 0
        while month <= last:
            if listed >= MOST_LISTED or (listed and not self.read.seconds_left):
                return False
            first, count = _first_of_part(month, last, counts)
            self._look_at(first, last)
            listed, last = listed + max(count, 1), first - DAY
        return True

    def _last(self):
        """The day to go on with: before what was listed, or the newest again."""
        last = self.account.relisted_from
        last = last - DAY if last else self.newest
        return last if self.oldest <= last <= self.newest else self.newest

    def _count_lines(self, first, last):
        """Return ``{day: lines that we know}``."""
        rows = _lines_between(self.account, first, last)
        counts = {}
        for _line_id, day, _movement_id in rows:
            counts[day] = counts.get(day, 0) + 1
        return counts

    def _look_at(self, first, last):
        """List these days, compare their ids, and remember that it was done."""
        # What was known before must not make this part end before it is compared.
        self.read.got_on = False
        self.read.repairing = True
        try:
            spans = miscounted(self.account, first, last)
            for begin, end in reversed(list(without(spans, first, last))):
                while begin <= end:
                    end = self._list_from_end(begin, end) - DAY
        finally:
            self.read.repairing = False
        self.account.relisted_from = first
        self.read.got_on = False
        self.read._keep_going()

    def _list_from_end(self, begin, end):
        """List as many days up to ``end`` as the bank answers for; return the first."""
        [(first, last)], listing = self.read.read_longest(to_last(begin, end))
        if listing.is_complete:
            ids = {(first, last): listing.authorised}
            self.proof.look_at(days_with_other_ids(self.account, ids))
        return first


def days_with_other_ids(account, listings):
    """Return the days on which our ids are not those that the bank lists, nor told so.

    :param listings: ``{(first day, last day): ids}`` of complete lists
    """
    listed = set().union(*listings.values())
    told = {
        difference.line_id.id
        for difference in account._all_differences()
        if difference.kind == "not_at_bank"
    }
    return {
        day
        for first, last in listings
        for line_id, day, movement_id in _lines_between(account, first, last)
        if (movement_id in listed) == (line_id in told)
    }


def _first_of_part(month, last, counts):
    """Return the first day of the days up to ``last`` that are listed at once, and how
    many lines they have: a few pages, or one day.
    """
    first, count = last, counts.get(last, 0)
    while first > month and count + counts.get(first - DAY, 0) <= MOST_LISTED // 2:
        first -= DAY
        count += counts.get(first, 0)
    return first, count


def _lines_between(account, first, last):
    """Return rows of line id, the bank's day and movement id."""
    lines = account.env["account.bank.statement.line"]
    lines.flush_model()
    account.env["account.move"].flush_model(["date"])
    return lines.env.execute_query(
        SQL(
            """
            SELECT id, tbc_day, tbc_movement_id
              FROM account_bank_statement_line
             WHERE tbc_account_id = %(account)s
               AND tbc_movement_id IS NOT NULL
               AND tbc_day BETWEEN %(first)s AND %(last)s
         UNION ALL
            -- Lines of older versions know no day of the bank's.
            SELECT line.id, move.date, line.tbc_movement_id
              FROM account_bank_statement_line line
              JOIN account_move move ON move.id = line.move_id
             WHERE line.tbc_account_id = %(account)s
               AND line.tbc_movement_id IS NOT NULL
               AND line.tbc_day IS NULL
               AND move.date BETWEEN %(first)s AND %(last)s
            """,
            account=account.id,
            first=first,
            last=last,
        )
    )
