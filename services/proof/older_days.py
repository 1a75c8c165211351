"""The older days of the last year: a month a day is listed again, ids are compared.

Sums can't tell when the bank puts one transaction in the place of another of the same
amount on the same day.
"""

import logging

from ...tbc import TbcRefused
from ..clock import DAY
from ..ledger import day_sums
from ..period_limit import to_last
from ..statements.miscounted import days_without, miscounted
from .other_ids import days_with_other_ids
from .reasons import keep_book_differences

_logger = logging.getLogger(__name__)

# How far back it goes: the days of the last year, when their turn comes.
YEAR = (365 + 14) * DAY
# So many movements are listed again in one read; the next one goes on with others.
MOST_LISTED = 7000


class OlderDays:
    """Lists one older month a Georgian day again, the newest first.

    In parts that are remembered, so that a large month takes several reads, and none
    is cut off in vain. It is the last thing that a read does, and never makes it late.
    """

    def __init__(self, read, proof):
        self.read, self.proof, self.account = read, proof, read.account
        self.oldest = max(self.account.sync_from, read.today - YEAR)
        self.newest = read.first_day() - DAY

    def relist(self):
        """List today's part, if that has not been done; what was listed is kept."""
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
        keep_book_differences(
            self.account, self.read.today, is_scheduled=self.read.is_scheduled
        )

    def _list_month(self):
        """List what is left of a month; return whether nothing is left of it."""
        last = self._last()
        if last < self.oldest:
            return True
        month = max(last.replace(day=1), self.oldest)
        known, listed = day_sums(self.account, month, last), 0
        counts = {day: sums.lines for day, sums in known.items()}
        while month <= last:
            if listed >= MOST_LISTED or (listed and not self.read.seconds_left):
                return False
            first, count = _first_of_part(month, last, counts)
            self._list_part(first, last)
            listed, last = listed + max(count, 1), first - DAY
        return True

    def _last(self):
        """The day to go on with: before what was listed, or the newest again."""
        last = self.account.relisted_from
        last = last - DAY if last else self.newest
        return last if self.oldest <= last <= self.newest else self.newest

    def _list_part(self, first, last):
        """List these days, compare their ids, and remember that it was done."""
        # What was known before must not make this part end before it is compared.
        self.read.progressed = False
        self.read.repairing = True
        try:
            spans = miscounted(self.account, first, last)
            for begin, end in reversed(list(days_without(spans, first, last))):
                while begin <= end:
                    end = self._list_from_end(begin, end) - DAY
        finally:
            self.read.repairing = False
        self.account.relisted_from = first
        self.read.progressed = False
        self.read.checkpoint()

    def _list_from_end(self, begin, end):
        """List as many days up to ``end`` as the bank answers for; return the first."""
        [(first, last)], listing = self.read.read_longest(to_last(begin, end))
        if listing.is_complete:
            ids = {(first, last): listing.authorised}
            self.proof.check_days(days_with_other_ids(self.account, ids))
        return first


def _first_of_part(month, last, counts):
    """Return the first day of the days up to ``last`` that are listed at once, and how
    many lines they have: a few pages, or one day.
    """
    first, count = last, counts.get(last, 0)
    while first > month and count + counts.get(first - DAY, 0) <= MOST_LISTED // 2:
        first -= DAY
        count += counts.get(first, 0)
    return first, count
