"""The bank's own figures of each month, asked for again when something has changed."""

import logging
import math
from datetime import datetime, timedelta
from functools import partial

from ...bookkeeping import Sums
from ...tbc import TbcRefused, TbcUnreadable
from ..amounts import is_equal
from ..clock import DAY, bank_today, days_within, utc_now
from ..differences import expected_sums
from ..ledger import day_sums
from ..period_limit import LONGEST_TRIED, ask_statement

_logger = logging.getLogger(__name__)

# A long history comes in over several reads: a single one must not last for long. A
# month counts as often as the bank has to be asked for its parts.
MONTHS_A_READ = 12


def ask_months(account, client, commit, days=None):
    """Keep the bank's figures of each month since the first day wanted.

    Each once, this month's once a day, and again when something about it has changed
    since: a quiet read costs no question more. Each answer is committed by itself.

    :param days: as for :func:`.bank_statements.update_months_and_statements`
    """
    spans = month_spans(account)
    sums = _month_sums(account, spans, days)
    known = account.env["tbc.month"].search_fetch([("account_id", "=", account.id)])
    months = {record.month: record for record in known}
    for month in months.keys() - spans.keys():
        months.pop(month).unlink()
    questions = 0
    for month in _in_turn(spans, months):
        record = months.get(month, account.env["tbc.month"])
        before = months.get((month - DAY).replace(day=1), record.browse())
        if not _is_stale(account, record, before, spans[month], sums[month]):
            continue
        try:
            months[month] = _ask_month(account, client, record, spans[month], sums)
        except (TbcRefused, TbcUnreadable) as error:
            # The others are not kept waiting by a month that the bank won't tell.
            _logger.info("TBC account %s: %s not told: %s", account.id, month, error)
        first, last = spans[month]
        days = account.longest_sums or LONGEST_TRIED["longest_sums"]
        questions += math.ceil(((last - first).days + 1) / days)
        if not commit() or questions >= MONTHS_A_READ:
            return


def _in_turn(spans, months):
    """Return this month, then who was never asked, then who was not for the longest."""
    *past, this_month = sorted(spans)
    never = datetime.min
    past.sort(key=lambda m: months[m].asked_at if m in months else never)
    return [this_month, *past]


def month_spans(account):
    """Return ``{first of the month: (first day, last day)}`` of the days wanted."""
    spans, month, today = {}, account.sync_from.replace(day=1), bank_today()
    while month <= today:
        following = (month + 31 * DAY).replace(day=1)
        spans[month] = (max(month, account.sync_from), min(following - DAY, today))
        month = following
    return spans


def _month_sums(account, spans, days):
    """Return ``{first of the month: (lines, Sums)}`` as we know them of its days.

    How many lines are posted, and what the bank should sum up: the proof has just
    found that it has what we know of its days, less the known gaps.
    """
    if days is None:
        days = day_sums(account, account.sync_from)
    expected = expected_sums(account, days)
    in_order, sums = sorted(expected), {}
    for month, span in spans.items():
        found = days_within(in_order, *span)
        lines = sum(days[day].posted for day in found if day in days)
        sums[month] = lines, Sums.total(expected[day] for day in found)
    return sums


def _is_stale(account, record, before, span, own):
    """Whether the bank is to be asked for a month: never asked, or something changed.

    :param own: our lines, and the sums that the bank should have
    """
    if not record or (record.day_from, record.day_to) != span:
        return True
    same, (count, sums) = partial(is_equal, account.currency_id), own
    if record.line_count != count or not _has_sums(same, record, "line_", sums):
        return True
    if before and not same(before.closing, record.opening):
        # The bank has changed something further back.
        return True
    # The read has just asked for the balance of today.
    is_of_today = record.day_to == account.bank_balance_day
    if is_of_today and not same(record.closing, account.bank_balance):
        return True
    # It differs and is known to: the proof looks after that, once a day will do.
    is_same = _has_sums(same, record, "", sums)
    return not is_same and utc_now() - record.asked_at >= timedelta(days=1)


def _has_sums(same, record, prefix, sums):
    credits, debits = record[f"{prefix}credits"], record[f"{prefix}debits"]
    return same(credits, sums.credit) and same(debits, sums.debit)


def _ask_month(account, client, record, span, sums):
    """Ask the bank for one month; return the record that keeps its answer."""
    month = span[0].replace(day=1)
    statement = ask_statement(account, client, *span)
    count, own = sums[month]
    vals = {
        "day_from": span[0],
        "day_to": span[1],
        "opening": float(statement.opening_balance),
        "credits": float(statement.credit_sum),
        "debits": float(statement.debit_sum),
        "closing": float(statement.closing_balance),
        "asked_at": utc_now(),
        "line_count": count,
        "line_credits": float(own.credit),
        "line_debits": float(own.debit),
    }
    if not record:
        return record.create({**vals, "account_id": account.id, "month": month})
    record.write(vals)
    return record
