"""The chart of days: what each of an account's days is to the bank, and holds."""

from collections import Counter
from datetime import timedelta

from odoo.fields import Domain

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
    differing, read = _differing(account), _days_read(account)
    kinds = {"booked": booked, "held": held, "differing": differing}
    months = {}
    for day in days_between(first.replace(day=1), today):
        name = f"{day:%Y-%m}"
        empty = {"month": name, "days": "", **{kind: {} for kind in kinds}}
        month = months.setdefault(name, empty)
        month["days"] += _day_state(account, day, read, booked, held, differing)
        for kind, counts in kinds.items():
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


def _differing(account):
    """How many differences each day has, as a ``Counter``."""
    found = account.difference_ids.filtered(lambda d: d.kind != "statement")
    alone = found.filtered(lambda d: d.kind != "miscounted")
    counts = Counter(alone.mapped("day"))
    for difference in miscounted(account):
        counts.update(days_of([difference]))
    return counts


# === WHAT A DAY HOLDS === #

# {what the chart counts: the action that lists it}
LISTS = {
    "booked": "account_bank_statement_line_action",
    "held": "tbc_held_movement_action",
    "differing": "tbc_difference_action",
}


def day_domain(account, day, kind):
    """The records that the chart counts of an account's day, as a domain."""
    if kind == "booked":
        # Lines of older versions do not know the bank's day.
        own = Domain("tbc_day", "=", day) | (
            Domain("tbc_day", "=", False) & Domain("date", "=", day)
        )
        ours = [("tbc_account_id", "=", account.id), ("tbc_movement_id", "!=", False)]
        return Domain(ours) & own
    domain = Domain("account_id", "=", account.id)
    if kind == "held":
        return domain & Domain("day", "=", day)
    several = Domain("day", "<=", day) & Domain("day_to", ">=", day)
    domain &= Domain("kind", "!=", "statement")
    return domain & (Domain("day", "=", day) | several)
