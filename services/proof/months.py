"""The bank's own figures of each month, asked for again when something has changed."""

import logging
import math
from datetime import date, datetime, timedelta
from functools import partial

from dateutil.relativedelta import relativedelta

from odoo.tools import date_utils

from ...tbc import TbcRefused, TbcUnreadable
from ..amounts import is_equal
from ..clock import bank_today, utc_now
from ..ledger import day_sums
from ..period_limit import LONGEST, ask_statement

_logger = logging.getLogger(__name__)

# A long history comes in over several reads: a single one must not last for long. A
# month counts as often as the bank has to be asked for its parts.
MONTHS_A_READ = 12
# Differences that may mean other figures of the bank.
FOUND_AT_THE_BANK = ("unlisted", "not_at_bank", "other_day")
# Our own sums of a month without a line.
NOTHING = (0, 0.0, 0.0)


def ask_months(account, client, commit):
    """Keep the bank's figures of each month since the first day wanted.

    Each once, this month's once a day, and again when something about it has
    changed since: a quiet read costs no question more.

    :param commit: called after each answer: makes it last, returns the seconds left
    :raise TbcError: the bank failed; what it answered before stays
    """
    spans = _month_spans(account, bank_today())
    months = {record.month: record for record in account.month_ids}
    for month in months.keys() - spans.keys():
        months.pop(month).unlink()
    sums = _month_sums(account)
    *past, this_month = sorted(spans)
    # Whoever was never asked comes first, then whoever was not for the longest.
    past.sort(key=lambda month: _asked_at(months.get(month)))
    questions = 0
    for month in [this_month, *past]:
        record = months.get(month, account.env["tbc.month"])
        before = months.get(month - relativedelta(months=1), record.browse())
        own = sums.get(month, NOTHING)
        if not _is_stale(account, record, before, spans[month], own):
            continue
        try:
            months[month] = _ask_month(account, client, record, spans[month], sums)
        except (TbcRefused, TbcUnreadable) as error:
            # The others are not kept waiting by a month that the bank won't tell.
            _logger.info("TBC account %s: %s not told: %s", account.id, month, error)
        first, last = spans[month]
        days = account.longest_sums or LONGEST["longest_sums"]
        questions += math.ceil(((last - first).days + 1) / days)
        if not commit() or questions >= MONTHS_A_READ:
            return


def _asked_at(record):
    return (record and record.asked_at) or datetime.min


def _month_spans(account, today):
    """Return ``{first of the month: (first day, last day)}`` of the days wanted."""
    spans, month = {}, account.sync_from.replace(day=1)
    while month <= today:
        spans[month] = (
            max(month, account.sync_from),
            min(date_utils.end_of(month, "month"), today),
        )
        month += relativedelta(months=1)
    return spans


def _month_sums(account):
    """Return ``{first of the month: (lines, credits, debits)}`` of our own lines.

    By the bank's day, and of what is posted only.
    """
    sums = {}
    for day, found in day_sums(account, account.sync_from)[account.id].items():
        month = day.replace(day=1)
        count, credits, debits = sums.get(month, NOTHING)
        sums[month] = (
            count + found.posted,
            credits + found.credits,
            debits + found.debits,
        )
    return sums


def _is_stale(account, record, before, span, own):
    """Whether the bank is to be asked for a month.

    :param record: what it said of it; empty: it was never asked
    :param before: what it said of the month before; may be empty
    :param span: first day, last day
    :param own: our lines, credits, debits
    """
    if not record or (record.day_from, record.day_to) != span:
        return True
    if _has_changed(account, record, before, own) or _has_new_difference(record):
        return True
    if utc_now() - record.asked_at < timedelta(days=1):
        # It differs and is known to; the proof looks after that.
        return False
    same, (_count, credits, debits) = partial(is_equal, account.currency_id), own
    held_in, held_out = _held_sums(account, *span)
    return not (
        same(record.credits, credits + held_in)
        and same(record.debits, debits + held_out)
    )


def _has_changed(account, record, before, own):
    """Whether our lines, or the balances at an end, are not what they were."""
    same, (count, credits, debits) = partial(is_equal, account.currency_id), own
    # The read has just asked for the balance of today.
    is_of_today = record.day_to == account.bank_balance_day
    return (
        record.line_count != count
        or not same(record.line_credits, credits)
        or not same(record.line_debits, debits)
        # The bank has changed something further back.
        or bool(before and not same(before.closing, record.opening))
        or (is_of_today and not same(record.closing, account.bank_balance))
    )


def _has_new_difference(record):
    """Whether a difference was found since that may mean other figures of the bank."""
    return any(
        record.day_from <= found.day <= record.day_to
        and found.write_date > record.asked_at
        for found in record.account_id.difference_ids
        if found.kind in FOUND_AT_THE_BANK
    )


def _held_sums(account, first, last):
    """Return credits and debits that the bank counts and that are not booked."""
    amounts = [
        held.amount
        for held in account.held_ids
        if held.reason != "waiting" and first <= (held.day or date.max) <= last
    ]
    return sum(a for a in amounts if a > 0), -sum(a for a in amounts if a < 0)


def _ask_month(account, client, record, span, sums):
    """Ask the bank for one month; return the record that keeps its answer."""
    month = span[0].replace(day=1)
    statement = ask_statement(account, client, *span)
    count, credits, debits = sums.get(month, NOTHING)
    vals = {
        "day_from": span[0],
        "day_to": span[1],
        "opening": float(statement.opening_balance),
        "credits": float(statement.credit_sum),
        "debits": float(statement.debit_sum),
        "closing": float(statement.closing_balance),
        "asked_at": utc_now(),
        "line_count": count,
        "line_credits": credits,
        "line_debits": debits,
    }
    if record:
        record.write(vals)
        return record
    return record.create({**vals, "account_id": account.id, "month": month})
