"""The chart of days: what each of an account's days is to the bank."""

from collections import defaultdict
from datetime import timedelta

from ..clock import bank_today, days_between
from ..ledger import day_sums
from .coverage import last_day_listed
from .miscounted import days_of, miscounted

ONE_DAY = timedelta(days=1)
# The chart begins at least this long ago.
CHART_DAYS = 366


def charts(accounts):
    """Return ``{account: chart}``: one letter a day, the newest month first.

    See :func:`_day_state` for the letters.
    """
    booked = {
        account_id: {day: sums.lines for day, sums in days.items() if sums.lines}
        for account_id, days in day_sums(accounts).items()
    }
    held, differing = _held_per_day(accounts), _differing_days(accounts)
    return {
        account: _chart(
            account, booked[account.id], held[account.id], differing[account.id]
        )
        for account in accounts
    }


def _chart(account, booked, held, differing):
    today = bank_today()
    done = account.backfill_ids.filtered("done_from")
    first = min(
        account.sync_from,
        today - timedelta(days=CHART_DAYS - 1),
        *account.backfill_ids.mapped("day_from"),
    )
    read = _days_read(account, done)
    months = defaultdict(lambda: {"days": "", "booked": {}, "held": {}})
    day = first.replace(day=1)
    while day <= today:
        month = months[f"{day:%Y-%m}"]
        month["days"] += _day_state(account, day, read, booked, held, differing)
        for name, counts in (("booked", booked), ("held", held)):
            if counts.get(day):
                month[name][day.day] = counts[day]
        day += ONE_DAY
    return {
        "today": str(today),
        "months": [{"month": key, **months[key]} for key in sorted(months)[::-1]],
    }


def _days_read(account, done):
    """Return the days that were read completely, as a set."""
    spans = [(backfill.done_from, backfill.done_to) for backfill in done]
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


def _held_per_day(accounts):
    rows = accounts.env["tbc.held.movement"]._read_group(
        [("account_id", "in", accounts.ids), ("day", "!=", False)],
        ["account_id", "day:day"],
        ["__count"],
    )
    return _by_account((account.id, day, count) for account, day, count in rows)


def _differing_days(accounts):
    rows = accounts.env["tbc.difference"]._read_group(
        [("account_id", "in", accounts.ids), ("kind", "!=", "statement")],
        ["account_id", "day:day"],
        ["__count"],
    )
    found = _by_account((account.id, day, count) for account, day, count in rows)
    for account in accounts:
        found[account.id] |= dict.fromkeys(days_of(miscounted(account)), 1)
    return found


def _by_account(rows):
    found = defaultdict(dict)
    for account_id, day, count in rows:
        found[account_id][day] = count
    return found
