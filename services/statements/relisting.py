"""Listing again the days whose list contradicts its own count."""

import contextlib

from ...tbc import TbcRefused
from ..period_limit import from_first
from .miscounted import halve, miscounted

# So many lists are asked for again in one read.
MOST_MISCOUNTED = 20


def relist_miscounted(read, first=None, last=None):
    """List these days again, halved until single ones are left.

    The recent days first, which no window has read; then who waited longest.

    :param read: the :class:`.read.StatementRead`
    :param first: only those that reach into the days from ``first`` to ``last``
    """
    asked, recent = set(), read.first_day()
    while len(asked) < MOST_MISCOUNTED:
        rows = miscounted(read.account, first, last).filtered(
            lambda d: d.id not in asked or d.day < d.day_to
        )
        if not rows:
            return
        row = min(rows, key=lambda d: (d.day_to < recent, str(d.asked_at or ""), d.day))
        if row.asked_at and row.day < row.day_to:
            halve(row)
            read.progressed = True
            continue
        asked.add(row.id)
        # The bank may not go back so far; one try, there is another at the next read.
        with contextlib.suppress(TbcRefused):
            read.read_longest(from_first(row.day, row.day_to), readings=1)
