"""Which days of an account are read, and which are still to be."""

from datetime import date

from ..clock import DAY
from ..ledger import locked_until
from .miscounted import days_of, miscounted

UNFINISHED_BACKFILL = ("waiting", "running", "paused")


def last_day_listed(account):
    """The last day that is over and was read; some of them may not be complete."""
    return account.listed_until or account.synced_until


def held_by_bank(account, first=date.min, last=date.max):
    """The movements on hold that the bank counts on these days."""
    return account.held_ids.filtered(
        lambda h: h.reason != "waiting" and h.day and first <= h.day <= last
    )


def unfinished_backfills(accounts):
    """Return the reads of these accounts' past that are not over."""
    return accounts.env["tbc.backfill"].search(
        [("account_id", "in", accounts.ids), ("state", "in", UNFINISHED_BACKFILL)]
    )


def first_day_read(account):
    """Return the first day from which on all is read and booked, without a gap.

    What is held of an earlier day would be missing after it: then the day after.
    Nor does an opening line fit into locked days.
    """
    first = _first_day_imported(account)
    missing = _days_incomplete(account, first, account.sync_from - DAY)
    first = max(missing, default=first - DAY) + DAY
    if account.opening_line_id or account.book_opening:
        locked = locked_until(account, first)
        if locked and locked >= account.sync_from:
            return account.sync_from
        first = locked + DAY if locked else first
    return min(first, account.sync_from)


def _first_day_imported(account):
    first = account.sync_from
    done = account.backfill_ids.filtered("done_from").sorted("done_to", reverse=True)
    for backfill in done:
        if backfill.done_to >= first - DAY:
            first = min(first, backfill.done_from)
    return first


def _days_incomplete(account, first, last):
    """The days of which something is held, or whose list contradicts itself."""
    missing = {*held_by_bank(account, first, last).mapped("day")}
    return missing | {d for d in days_of(miscounted(account)) if first <= d <= last}


def is_completely_read(account, first, last):
    """Whether all that the bank has of these days was listed once, at least."""
    until = last_day_listed(account)
    return bool(until and account.sync_from <= first and last <= until)


def forget_days_before(backfills, first_day):
    """Let days that somebody does not want any more be as if never read (sudo)."""
    for begin, end in (("done_from", "done_to"), ("tried_from", "tried_to")):
        for backfill in backfills.filtered(begin):
            if backfill[end] < first_day:
                backfill.write({begin: False, end: False})
            elif backfill[begin] < first_day:
                backfill[begin] = first_day


def unfinished_sentence(backfill):
    return backfill.env._(
        "The history of %(account)s is being imported already: wait for that to end,"
        " or stop it.",
        account=backfill.account_id.display_name,
    )
