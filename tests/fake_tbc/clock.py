"""The bank's clock and the moments it reads and writes. Georgia keeps UTC+4 all year
round.
"""

import re
from datetime import datetime, timedelta, timezone

TBILISI = timezone(timedelta(hours=4), "Asia/Tbilisi")

_MOMENT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,7}))?)?(Z|[+-]\d\d:\d\d)?)?",
    re.ASCII,
)


class Clock:
    """What time it is at the bank.

    :param datetime now: a fixed moment; without it the real time.
    :param datetime not_before: real time never reads earlier than this, so that a
        ledger dated after the machine's own day is not invisible.
    """

    def __init__(self, now=None, not_before=None):
        self._fixed = aware(now)
        self._not_before = aware(not_before)

    @property
    def now(self):
        """The present moment, aware, in Asia/Tbilisi. Set it to freeze time, to
        ``None`` for real time.
        """
        if self._fixed is not None:
            return self._fixed
        real = datetime.now(TBILISI)
        return max(real, self._not_before) if self._not_before else real

    @now.setter
    def now(self, moment):
        self._fixed = aware(moment)


def aware(moment):
    """The moment in Asia/Tbilisi; one without an offset is taken as local time there.
    ``None`` stays.
    """
    if moment is None:
        return None
    return (
        moment.replace(tzinfo=TBILISI)
        if moment.tzinfo is None
        else moment.astimezone(TBILISI)
    )


def read_moment(text):
    """Read a date (``2026-06-30``) or a date-time, with or without offset, as the
    bank's queries do.

    Bank's page: bis-overview (ISO 8601), account-movements. Strict on purpose, and
    alike on each Python.
    :raise ValueError: on anything else.
    """
    found = _MOMENT.fullmatch(text)
    if not found:
        raise ValueError(f"not an ISO 8601 date: {text!r}")
    year, month, day, hour, minute, second, fraction, offset = found.groups()
    micro = int((fraction or "0").ljust(6, "0")[:6])
    numbers = [int(part or 0) for part in (year, month, day, hour, minute, second)]
    try:
        return datetime(*numbers, micro, tzinfo=_zone(offset)).astimezone(TBILISI)
    except OverflowError as error:
        raise ValueError(str(error)) from error


def write_moment(moment, offset=False):
    """``2026-06-22T00:00:00``, or with ``+04:00`` behind it: the two forms that the
    bank's pages show.
    """
    text = moment.astimezone(TBILISI).replace(tzinfo=None).isoformat(timespec="seconds")
    return text + "+04:00" if offset else text


def _zone(offset):
    if offset is None:
        return TBILISI
    if offset == "Z":
        return timezone.utc
    away = timedelta(hours=int(offset[1:3]), minutes=int(offset[4:6]))
    return timezone(-away if offset[0] == "-" else away)
