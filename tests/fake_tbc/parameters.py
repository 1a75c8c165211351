"""What may be asked, and how. Bank's pages: account-movements, account-statements,
bis-overview.

Names are PascalCase as documented; any other spelling is an unknown parameter, and
unknown ones are ignored. A period counts whole Georgian days, first and last included,
whatever times stand beside them. What the pages leave open and this bank refuses (400
INCORRECT_INPUT_DATA): a blank value, a period that ends before it begins, one end of a
period alone. Account and currency without a period are accepted.
"""

import datetime as dt
from dataclasses import dataclass

from .clock import read_moment
from .errors import Refusal, problem

LARGEST_PAGE = 700


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementsQuery:
    """A valid question for movements. ``account``: (IBAN, currency) or ``None`` for
    all; ``since``, ``until``: moments of the period or ``None``; ``changed_after``:
    LastMovementTimeStamp.
    """

    account: tuple | None
    since: dt.datetime | None
    until: dt.datetime | None
    changed_after: dt.datetime | None
    page_index: int
    page_size: int

    @property
    def days(self):
        """First and last day of the period, as keyword arguments."""
        if self.since is None:
            return {}
        return {"first": self.since.date(), "last": self.until.date()}


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementQuery:
    """A valid question for a statement; all four are there."""

    account: tuple
    since: dt.datetime
    until: dt.datetime


def movements_query(query):
    """Check and read the parameters of ``/movements``.
    :raise Refusal: INCORRECT_INPUT_DATA.
    """
    reader = _Reader(query)
    account, since, until = reader.account(), *reader.period()
    changed_after = reader.moment("LastMovementTimeStamp")
    if "LastMovementTimeStamp" in query and set(query) & set(_FILTERS):
        reader.fault(
            "LastMovementTimeStamp", "cannot be combined with account or period"
        )
    index = reader.integer("PageIndex", 0, None)
    size = reader.integer("PageSize", LARGEST_PAGE, LARGEST_PAGE)
    reader.finish()
    return MovementsQuery(
        account=account,
        since=since,
        until=until,
        changed_after=changed_after,
        page_index=index,
        page_size=size,
    )


def statement_query(query):
    """Check and read the parameters of ``/statements``, all required.
    :raise Refusal: INCORRECT_INPUT_DATA.
    """
    reader = _Reader(query)
    for name in _FILTERS:
        if name not in query:
            reader.fault(name, "is required")
    account, (since, until) = reader.account(), reader.period()
    reader.finish()
    return StatementQuery(account=account, since=since, until=until)


_FILTERS = ("AccountNumber", "AccountCurrencyCode", "PeriodFrom", "PeriodTo")


class _Reader:
    """Reads parameters and gathers what is wrong with them, so that one answer names
    every fault.
    """

    def __init__(self, query):
        self._query, self._faults = query, {}

    def fault(self, name, sentence):
        self._faults.setdefault(name, []).append(f"{name} {sentence}")

    def finish(self):
        if self._faults:
            raise Refusal(problem("INCORRECT_INPUT_DATA", faults=self._faults))

    def account(self):
        pair = tuple(self._text(name) for name in _FILTERS[:2])
        self._both(_FILTERS[:2])
        return pair if all(pair) else None

    def period(self):
        since, until = (self.moment(name) for name in _FILTERS[2:])
        self._both(_FILTERS[2:])
        if since and until and until.date() < since.date():
            self.fault("PeriodTo", "is before PeriodFrom")
        return since, until

    def moment(self, name):
        text = self._text(name)
        try:
            return read_moment(text) if text else None
        except ValueError:
            self.fault(name, "is not a date")
            return None

    def integer(self, name, default, highest):
        text = self._text(name)
        if not text:
            return default
        if not (text.isascii() and text.lstrip("-").isdigit() and len(text) < 10):
            self.fault(name, "is not a number")
        elif int(text) < 0 or (highest is not None and int(text) > highest):
            self.fault(name, f"is out of range 0…{highest or ''}")
        else:
            return int(text)
        return default

    def _text(self, name):
        text = self._query.get(name)
        if text is not None and not text.strip():
            self.fault(name, "is blank")
        return text

    def _both(self, names):
        missing = [name for name in names if name not in self._query]
        if len(missing) == 1:
            self.fault(missing[0], f"must come with {' and '.join(names)}")
