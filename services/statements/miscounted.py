"""Days on which the bank's list of movements contradicts its own count.

They are kept as ``tbc.difference`` of the kind ``miscounted``, from ``day`` to
``day_to``. ``asked_at`` is empty on days that are only suspected because a longer list
was wrong; these are halved until single days are left.
"""

from odoo import fields

from ..clock import DAY, days_between
from ..differences import all_differences


def miscounted(account, first=None, last=None):
    """Return the account's miscounted days, the oldest first, as ``tbc.difference``.

    :param first: only those that reach into the days from ``first`` to ``last``
    """
    found = all_differences(account, "miscounted").filtered(
        lambda d: (not last or d.day <= last) and (not first or first <= d.day_to)
    )
    return found.sorted("day")


def note_contradiction(account, first, last):
    """Keep that the list of these days, taken together, contradicts itself.

    What is known of single days among them explains it; the others are only suspected.
    """
    known, now = miscounted(account, first, last), fields.Datetime.now()
    if same := known.filtered(lambda d: (d.day, d.day_to) == (first, last)):
        same.asked_at = now
        return
    if known.filtered(lambda d: d.day <= first and last <= d.day_to):
        # A part of what was known as a whole.
        note_agreement(account, first, last)
        known = known.browse()
    asked_at = False if known else now
    for begin, end in list(days_without(known, first, last)):
        _create(account, begin, end, asked_at=asked_at)


def note_agreement(account, first, last):
    """Keep that all of these days were listed as the bank counts them.

    :return: whether one of them did not agree before
    """
    known = miscounted(account, first, last)
    for row in known:
        begin, end = row.day, row.day_to
        row.unlink()
        # What is left of a longer one may be right by itself.
        for day, day_to in ((begin, first - DAY), (last + DAY, end)):
            if day <= day_to:
                _create(account, day, day_to, asked_at=False)
    return bool(known)


def halve(row):
    """Part days that contradict themselves as a whole into two that may not."""
    account, first, last = row.account_id, row.day, row.day_to
    middle = first + (last - first) // 2
    row.unlink()
    _create(account, first, middle, asked_at=False)
    _create(account, middle + DAY, last, asked_at=False)


def days_without(spans, first, last):
    """Yield the days from first to last, without those of the miscounted ``spans``."""
    for row in spans:
        if first < row.day:
            yield first, min(row.day - DAY, last)
        first = max(first, row.day_to + DAY)
    if first <= last:
        yield first, last


def days_of(spans):
    """Return the single days of miscounted ``spans`` as a set."""
    return {day for row in spans for day in days_between(row.day, row.day_to)}


def forget_unread(account):
    """Drop miscounted days that nobody wants any more: not read, or before all reads."""
    spans = [
        (backfill.tried_from, backfill.tried_to)
        for backfill in account.backfill_ids
        if backfill.tried_from
    ]
    for row in miscounted(account, None, account.sync_from - DAY):
        if not any(first <= row.day_to and row.day <= last for first, last in spans):
            if row.day_to < account.sync_from:
                row.unlink()
            else:
                row.day = account.sync_from


def _create(account, day, day_to, *, asked_at):
    account.env["tbc.difference"].create(
        {
            "account_id": account.id,
            "kind": "miscounted",
            "day": day,
            "day_to": day_to,
            "asked_at": asked_at,
        }
    )
