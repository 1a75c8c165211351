"""The chart of days: what each of an account's days is to the bank."""

from collections import Counter
from datetime import timedelta

from ..clock import bank_today, days_between
from ..ledger import day_sums
from .coverage import last_day_listed
from .miscounted import days_of, miscounted

# The chart begins at least this long ago.
CHART_DAYS = 366


def chart(account):
    """Return the chart of an account: one letter a day, the newest month first.

    See :func:`_day_state` for the letters.
    """
    today = bank_today()
    first = min(
        account.sync_from,
        today - timedelta(days=CHART_DAYS - 1),
        *account.backfill_ids.mapped("day_from"),
    )
    sums = day_sums(account)
    booked = {day: found.lines for day, found in sums.items() if found.lines}
    held = Counter(account.held_ids.filtered("day").mapped("day"))
    differing, read = _differing_days(account), _days_read(account)
    months = {}
    for day in days_between(first.replace(day=1), today):
        name = f"{day:%Y-%m}"
        empty = {"month": name, "days": "", "booked": {}, "held": {}}
        month = months.setdefault(name, empty)
        month["days"] += _day_state(account, day, read, booked, held, differing)
        for kind, counts in (("booked", booked), ("held", held)):
            if counts.get(day):
                month[kind][day.day] = counts[day]
    return {"today": str(today), "months": [*months.values()][::-1]}


def _days_read(account):
    """Return the days that were read completely, as a set."""
    spans = [
        (backfill.done_from, backfill.done_to)
        for backfill in account.backfill_ids.filtered("done_from")
    ]
    if until := last_day_listed(account):
        spans.append((account.sync_from, until))
    return {day for span in spans for day in days_between(*span)}


def _day_state(account, day, read, booked, held, differing):
    """Return what the chart shows of a day, as a letter.

    ``d`` differs from the bank, ``h`` holds something not booked, ``c`` complete,
    ``e`` read and empty, ``o`` not over or not complete yet, ``n`` never read.
    """
    if day in differing:
        return "d"
    if day in held:
        return "h"
    if day == bank_today():
        return "o"
    if day in read:
        return "c" if day in booked else "e"
    return "o" if day >= account.sync_from else "n"


def _differing_days(account):
    found = account.difference_ids.filtered(lambda d: d.kind != "statement")
    return {*found.mapped("day"), *days_of(miscounted(account))}
