"""What time it is, at the bank and in the database."""

from bisect import bisect_left, bisect_right
from datetime import date, datetime, timedelta, timezone

from ..tbc import GEORGIAN_TIME

DAY = timedelta(days=1)
# Before this no account of the bank can have a movement; and no day after it is wanted.
EARLIEST, LATEST = date(1992, 1, 1), date(2100, 1, 1)


def georgian_now():
    """The present moment, aware, in Georgia."""
    return datetime.now(GEORGIAN_TIME)


def bank_today():
    """The bank's calendar day now."""
    return georgian_now().date()


def utc_now():
    """The same moment as Odoo stores it: UTC without a zone or fractions."""
    now = georgian_now().astimezone(timezone.utc)
    return now.replace(tzinfo=None, microsecond=0)


def days_between(first, last):
    """Yield the days from the first to the last."""
    for number in range((last - first).days + 1):
        yield first + number * DAY


def days_within(days, first, last):
    """Return those of the sorted ``days`` that are from the first to the last."""
    return days[bisect_left(days, first) : bisect_right(days, last)]


def georgian_day(moment):
    """The calendar day in Georgia of a moment as Odoo stores it."""
    return moment.replace(tzinfo=timezone.utc).astimezone(GEORGIAN_TIME).date()
