"""Which days are looked at for bank statements that are missing or wrong.

Once a day all are, and when something has changed that may concern each of them. Else
the recent days, those of which something was written since the last look, and those that
were not right then. ``tbc.account.statement_look`` keeps what the next look must know.
"""

import hashlib
from datetime import date, datetime
from typing import NamedTuple

from ..clock import DAY, bank_today
from ..differences import all_differences
from ..kept_days import LONGEST_TRANSACTION
from ..statements.coverage import held_by_bank

# More older days than these are not looked up one by one: then all are looked at.
MOST_DAYS = 100


class Look(NamedTuple):
    """What is looked at.

    - ``first``: all days from this one on; ``date.min``: everything;
    - ``days``: older days that are looked at, too;
    - ``moved_from``: the first day whose sums may be others than at the last look, so
      that the balances after it may be;
    - ``since``: statements that somebody has written since are looked at.
    """

    first: date = date.min
    days: tuple = ()
    moved_from: date = date.min
    since: datetime = datetime.min

    @property
    def is_whole(self):
        """Whether everything is looked at."""
        return self.first == date.min


EVERYTHING = Look()


def look_of(account):
    """Return what is to be looked at now (account in sudo)."""
    last = account.statement_look
    if not last or not account.days_kept_at or last["basis"] != basis_of(account):
        return EVERYTHING
    touched, still = (
        {date.fromisoformat(day) for day in last[name]} for name in ("touched", "open")
    )
    days = touched | still
    if len(days) > MOST_DAYS:
        return EVERYTHING
    first = account.days_kept_until + DAY
    since = datetime.fromisoformat(last["at"]) - LONGEST_TRANSACTION
    return Look(first, tuple(sorted(days)), min({first, *touched}), since)


def note_touched(account, days):
    """Keep for the next look that something was written of these older days."""
    last = account.statement_look
    if last and days:
        touched = {*last["touched"], *map(str, days)}
        account.statement_look = {**last, "touched": sorted(touched)}


def keep_look(account, basis, still):
    """Keep that what is to be looked at was; these days are not right yet."""
    if len(still) > MOST_DAYS:
        account.statement_look = False
        return
    days = sorted(map(str, still))
    at = account.env.cr.now().isoformat(timespec="seconds")
    account.statement_look = {"basis": basis, "at": at, "touched": [], "open": days}


def basis_of(account):
    """What may concern every statement, as a digest: the day, settings, obstacles."""
    differences = [
        (d.kind, d.day, d.day_to, d.amount, d.active, d.line_id.id)
        for d in all_differences(account)
        if d.kind != "statement"
    ]
    basis = (
        bank_today(),
        account.journal_id.id,
        account.statement_period,
        account.sync_from,
        account.bank_opening_day,
        account.bank_opening_balance,
        account.opening_line_id.id,
        sorted(held_by_bank(account).mapped("day")),
        differences,
    )
    return hashlib.sha256(repr(basis).encode()).hexdigest()
