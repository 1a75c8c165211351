"""The chart of days: what each of an account's days is to the bank, and holds."""

from collections import Counter

from odoo.fields import Domain

from ..clock import DAY, bank_today, days_between
from ..ledger import day_sums
from .coverage import last_day_listed
from .miscounted import days_of, miscounted

# The chart begins at least this long ago.
CHART_DAYS = 366


def chart(account):
    """Return the chart of an account: one letter a day, the newest month first.

    ``d`` differs from the bank, ``h`` holds something not booked, ``c`` complete,
    ``e`` read and empty, ``o`` not over or not complete yet, ``n`` never read.
    """
    today = bank_today()
    first = min(
        account.sync_from,
        today - (CHART_DAYS - 1) * DAY,
        *account.backfill_ids.mapped("day_from"),
    )
    booked = {
        day: known.lines for day, known in day_sums(account).items() if known.lines
    }
    held = Counter(account.held_ids.filtered("day").mapped("day"))
    kinds = {"booked": booked, "held": held, "differing": _differing(account)}
    states, wanted = _states(account, today, **kinds), account.sync_from
    months = []
    for day in days_between(first.replace(day=1), today):
        if day.day == 1:
            empty = {"month": f"{day:%Y-%m}", "days": ""}
            months.append(empty | {kind: {} for kind in kinds})
        months[-1]["days"] += states.get(day) or ("o" if day >= wanted else "n")
        for kind, counts in kinds.items():
            if count := counts.get(day):
                months[-1][kind][day.day] = count
    return {"today": str(today), "months": months[::-1]}


def _states(account, today, booked, held, differing):
    """``{day: letter}`` of the days of which there is something to tell."""
    read = _days_read(account)
    # What comes later is told instead of what comes before.
    return {
        **dict.fromkeys(read, "e"),
        **dict.fromkeys(read & booked.keys(), "c"),
        today: "o",
        **dict.fromkeys(held, "h"),
        **dict.fromkeys(differing, "d"),
    }


def _days_read(account):
    """Return the days that were read completely, as a set."""
    spans = [
        (backfill.done_from, backfill.done_to)
        for backfill in account.backfill_ids.filtered("done_from")
    ]
    if until := last_day_listed(account):
        spans.append((account.sync_from, until))
    return {day for span in spans for day in days_between(*span)}


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
