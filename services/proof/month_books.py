"""What the books hold of a month, beside the bank's figures, and what is still open."""

from collections import Counter

from odoo.tools import date_utils, format_date

from ..amounts import is_equal
from ..clock import DAY, bank_today
from ..ledger import items_per_day, moved_lines
from ..statements.coverage import held_by_bank, last_day_listed
from .months import month_spans

FIGURES = ("opening", "credits", "debits", "closing")


def rows_of(account, first, last):
    """Return a ``tbc.month`` for each month wanted from ``first`` to ``last``.

    Where the bank was not asked, or about other days, it is a new record, not stored.
    """
    months = account.env["tbc.month"]
    asked = {(record.month, record.day_from): record for record in account.month_ids}
    for month, (begin, end) in month_spans(account).items():
        if first <= month <= last:
            vals = {"account_id": account.id, "month": month}
            vals |= {"day_from": begin, "day_to": end}
            months |= asked.get((month, begin)) or months.new(vals)
    # All at once, before they are looked at one by one.
    months.mapped("difference")
    return months


def total_of(rows):
    """Return a new ``tbc.month``, not stored, that sums up the rows of one account."""
    vals = {name: rows[:1][name] for name in ("opening", "books_opening")}
    vals |= {name: rows[-1:][name] for name in ("closing", "books_closing")}
    vals["difference"] = rows[-1:].difference
    sums = ("credits", "debits", "unmatched_count", "unmatched_amount")
    for name in (*sums, "books_credits", "books_debits"):
        vals[name] = sum(rows.mapped(name))
    # The bank's side only where it was asked for each of them.
    vals["asked_at"] = all(rows.mapped("asked_at")) and rows[-1:].asked_at
    return rows.new({"account_id": rows.account_id.id, **vals})


def books_of(months):
    """Yield ``(record, values)``: what the books hold of each month, what is open."""
    for account, own in months.grouped("account_id").items():
        days = min(own.mapped("day_from")), max(map(last_day_of, own))
        books = _Books(account.sudo(), *days)
        for record in own:
            yield record, books.values_of(record)


class _Books:
    """The books of one account (sudo), day by day, for months between two days."""

    def __init__(self, account, first, last):
        self.account, self.today = account, bank_today()
        self.items = items_per_day(account, self.today)
        self.unmatched = account.env["account.bank.statement.line"]._read_group(
            [
                ("journal_id", "=", account.journal_id.id),
                ("is_reconciled", "=", False),
                ("state", "=", "posted"),
            ],
            ["date:day"],
            ["__count", "amount:sum"],
        )
        # A line that left its month counts there and where it went.
        self.moved = Counter(
            month
            for _id, day, date in moved_lines(
                account, first.replace(day=1), date_utils.end_of(last, "month")
            )
            for month in {day.replace(day=1), date.replace(day=1)}
        )
        differences = account.difference_ids.filtered(lambda d: d.kind != "statement")
        self.differing = set(differences.mapped("day"))

    def values_of(self, record):
        """Return the values of the fields that compare a month with the books."""
        first, last = record.day_from, last_day_of(record)
        held = held_by_bank(self.account, first, last)
        unmatched = [row[1:] for row in self.unmatched if first <= row[0] <= last]
        return {
            **self._figures(record),
            "unmatched_count": sum(count for count, _amount in unmatched),
            "unmatched_amount": sum(amount for _count, amount in unmatched),
            "unread_days": self._unread_days(first, last),
            "held_count": len(held),
            "held_amount": sum(held.mapped("amount")),
            "differing_days": sum(first <= day <= last for day in self.differing),
            "moved_count": self.moved[record.month],
        }

    def _figures(self, record):
        """Until the last day that the bank's figures cover."""
        first, last = record.day_from, record.day_to
        opening = sum(in_ - out for day, in_, out in self.items if day < first)
        during = [sums for day, *sums in self.items if first <= day <= last]
        credits = sum(in_ for in_, _out in during)
        debits = sum(out for _in, out in during)
        closing = self.account.currency_id.round(opening + credits - debits)
        return {
            "books_opening": opening,
            "books_credits": credits,
            "books_debits": debits,
            "books_closing": closing,
            "difference": closing - record.closing if record.asked_at else 0.0,
        }

    def _unread_days(self, first, last):
        """How many days that are over were not read completely."""
        if until := last_day_listed(self.account):
            first = max(first, until + DAY)
        last = min(last, self.today - DAY)
        return max((last - first).days + 1, 0)


def last_day_of(record):
    """The last day of a month that has begun."""
    return min(date_utils.end_of(record.month, "month"), bank_today())


def differing(record):
    """Return the names of the figures in which books and bank differ."""
    if not record.asked_at:
        return set()
    currency = record.currency_id
    return {
        n for n in FIGURES if not is_equal(currency, record[f"books_{n}"], record[n])
    }


def is_carried(record, before):
    """Whether a month only hands on what differed in the month before it."""
    return (
        differing(record) == {"opening", "closing"}
        and "closing" in differing(before)
        and before.difference == record.difference
    )


def notes(record, before):
    """Return the sentences that explain a month; the one before it may be empty."""
    env, currency = record.env, record.currency_id
    found = []
    if "opening" in differing(record) and not is_carried(record, before):
        found.append(env._("The opening balance differs already."))
    if not record.asked_at:
        found.append(env._("Not checked with the bank yet."))
    elif record.day_to < last_day_of(record):
        day = format_date(env, record.day_to)
        found.append(env._("Until %(day)s.", day=day))
    if count := record.unread_days:
        found.append(env._("Days not synced: %(count)s.", count=count))
    if count := record.held_count:
        amount = currency.format(record.held_amount)
        found.append(
            env._("On hold: %(count)s (%(amount)s).", count=count, amount=amount)
        )
    if count := record.differing_days:
        found.append(env._("Days that differ: %(count)s.", count=count))
    if count := record.moved_count:
        found.append(env._("Booked on another day: %(count)s.", count=count))
    return found
