"""Where a read goes on that one call of the scheduled action can't finish.

Odoo gives a call little time, and a busy account's list has many pages. What was read
of a list is kept with the page that it covers, in the same commit: so each page is
asked for once. A list that changes between two calls is read again.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

from odoo import fields

from ..clock import bank_today

# So many pages are one list at the most: the longer, the more likely it changes.
LONGEST_LIST_PAGES = 10
# After this the bank's list may be another one although it is as long as before.
KEPT_FOR = timedelta(hours=1)


@dataclass
class Pages:
    """Pages of the list of some days: how many were read, and what is on them.

    ``totals``: what the bank told as the number of all movements, on one page or other.
    """

    first: date
    last: date
    count: int = 0
    ids: set = field(default_factory=set)
    waiting: set = field(default_factory=set)
    totals: set = field(default_factory=set)
    is_complete: bool = False

    def add(self, page, ids):
        """One page more, on which these ids are."""
        self.count += 1
        self.ids |= ids
        self.waiting |= {m.movement_id for m in page.movements if not m.is_authorised}
        self.totals.add(page.total)
        self.is_complete = page.is_last and self.totals == {len(self.ids)}


class Bookmark:
    """What one read has done, and what the next call need not do again.

    - ``day``: all days before were listed; ``None``: nobody has begun
    - ``days``: so many days make a list of a few pages; 0: more than are ever asked for
    - ``suspects``: days whose ids were not those of the books
    - ``window``: first and last day of a list that is read in part
    - ``is_trusted``: whether that list was the same from one call to the next
    - ``is_taken_up``: whether the call before has left it

    :param record_sudo: the account or the back-fill that keeps it
    :param terms: what must be the same when it is taken up
    """

    def __init__(self, record_sudo, account_sudo, terms=()):
        self.record = record_sudo
        integration = account_sudo.integration_id
        client = integration.credential_ids.fingerprint
        self.terms = [integration.id, client, *terms]
        kept = self._kept()
        self.is_taken_up = bool(kept)
        self.day = _day(kept.get("day"))
        self.days = kept.get("days", 0)
        self.suspects = {_day(day) for day in kept.get("suspects", ())}
        self.window = tuple(map(_day, kept.get("window", ())))
        self.is_trusted = kept.get("is_trusted", True)
        self._pages = kept.get("pages")

    def _kept(self):
        kept = self.record.bookmark or {}
        at = kept.get("at") and fields.Datetime.to_datetime(kept["at"])
        is_good = at and kept["terms"] == self.terms
        return kept if is_good and fields.Datetime.now() - at < KEPT_FOR else {}

    def choose(self, spans, days):
        """Return the periods to ask for: the list that is read in part comes first.

        :param spans: as for :meth:`..period_limit.PeriodLimit.ask`
        """
        if self.window:
            length = _length(*self.window)
            if length <= days and spans(length) == [self.window]:
                return [self.window]
        return spans(min(days, self.days or days))

    def narrow(self, pages, total, page_size):
        """Return whether a list of so many movements is too long, and keep how many
        days are not.
        """
        days, most = _length(pages.first, pages.last), LONGEST_LIST_PAGES * page_size
        # Up to twice as many are let pass: to ask for fewer days costs a page, too.
        if pages.count or days == 1 or total <= 2 * most:
            return False
        self.days = max(1, days * most // total)
        self.turn(self.day)
        return True

    def pages(self, first, last):
        """Return what was read of the list of these days, or ``None``."""
        if self.window != (first, last) or not self._pages:
            return None
        kept = self._pages
        ids, waiting = set(kept["ids"]), set(kept["waiting"])
        return Pages(first, last, kept["count"], ids, waiting, {kept["total"]})

    def keep_pages(self, pages):
        """Keep what was read of a list; return whether it can be gone on with."""
        if self.window != (pages.first, pages.last):
            self.window, self.is_trusted = (pages.first, pages.last), True
        if not self.is_trusted or len(pages.totals) > 1:
            return False
        [total] = pages.totals
        self._pages = {
            "count": pages.count,
            "ids": sorted(pages.ids),
            "waiting": sorted(pages.waiting),
            "total": total,
        }
        self.keep()
        return True

    def distrust(self, first, last):
        """This list has changed while it was read: it is read in one call, or again.

        Else a list that changes all the time would never come to its end.
        """
        self.window, self.is_trusted, self._pages = (first, last), False, None
        self.keep()

    def turn(self, day):
        """All days before this one were listed, and no list is read in part."""
        self.day, self.window, self.is_trusted, self._pages = day, (), True, None

    def keep(self):
        """Keep it on the record."""
        kept = {
            "terms": self.terms,
            "at": fields.Datetime.to_string(fields.Datetime.now()),
            "day": self.day and str(self.day),
            "days": self.days,
            "suspects": sorted(map(str, self.suspects)),
            "window": list(map(str, self.window)),
            "is_trusted": self.is_trusted,
            "pages": self._pages,
        }
        self.record.bookmark = kept


def forget_end(record_sudo):
    """Let a read that failed after its last list begin anew: lists grow meanwhile."""
    day = (record_sudo.bookmark or {}).get("day")
    if day and _day(day) > bank_today():
        record_sudo.bookmark = False


def _length(first, last):
    return (last - first).days + 1


def _day(text):
    return fields.Date.to_date(text) or None
