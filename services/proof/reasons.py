"""The reasons why books and bank differ: found anew by each proof, and kept."""

from decimal import Decimal

from ...bookkeeping import Sums
from .. import ledger
from ..adding_up import keep_days
from ..amounts import is_nil
from ..differences import (
    KINDS_AT_THE_BANK,
    KINDS_IN_THE_BOOKS,
    all_differences,
    archive_made_up,
    replace_differences,
)
from ..kept_days import NOTHING_KEPT, kept
from ..statements.miscounted import forget_unread
from ..statements.opening import opening_gap
from .statement_look import note_touched


def keep_bank_differences(account, day, listed, gap):
    """Find anew what the bank has otherwise on a day than we know, and keep it.

    :param set listed: ids of the authorised movements that the bank lists on
        ``day``; ``None`` where its list can't be trusted
    :param Sums gap: the bank's sums less ours
    """
    reasons = []
    known = ledger.movements_between(account, day, day) if listed is not None else ()
    gone = [
        line_id for line_id, _day, movement_id in known if movement_id not in listed
    ]
    for line in account.env["account.bank.statement.line"].browse(gone):
        told = line.tbc_amount or line.amount
        gap += Sums.of(Decimal(str(told)))
        reasons.append({"kind": "not_at_bank", "amount": told, "line_id": line.id})
    # What the bank has more than it lists, our books have less, and the reverse.
    for excess, amount in ((gap.credit, -gap.credit), (gap.debit, gap.debit)):
        if not is_nil(float(excess)):
            kind = "unlisted" if excess > 0 else "uncounted"
            reasons.append({"kind": kind, "amount": float(amount)})
    before = all_differences(account, *KINDS_AT_THE_BANK).filtered(
        lambda d: d.day == day
    )
    replace_differences(before, account, [{"day": day, **vals} for vals in reasons])


def _reasons_of_lines(account, moves):
    """Lines of these entries that stand there with another amount, or on another day."""
    reasons, locked = [], {}
    for line_id, day, date, told, booked in ledger.deviating_lines(account, moves):
        if booked != told:
            vals = {"kind": "changed", "amount": round(booked - told, 2)}
            reasons.append({**vals, "day": day, "line_id": line_id})
        if day not in locked:
            locked[day] = bool(ledger.lock_violations(account, day))
        # What lies in a locked period is booked later, and that is as it should be.
        if day == date or not booked or (day < date and locked[day]):
            continue
        vals = {"kind": "other_day", "amount": -booked if day < date else booked}
        reasons.append({**vals, "day": min(day, date), "line_id": line_id})
    return reasons


def _reasons_by_hand(account, moves, today):
    """Items of these entries that are no movement; those of a day may cancel."""
    by_day = {}
    for item_id, line_id, day, amount in ledger.items_by_hand(account, moves, today):
        reason = {"kind": "by_hand", "day": day, "amount": amount}
        reason |= {"line_id": line_id, "move_line_id": item_id}
        by_day.setdefault(day, []).append(reason)
    currency, reasons = account.currency_id, []
    for day, found in by_day.items():
        total = sum(reason["amount"] for reason in found)
        # The opening balance, entered on the first day, is right at its end.
        explained = opening_gap(account) if day == account.sync_from else 0.0
        if currency.compare_amounts(total, explained) and not currency.is_zero(total):
            reasons += found
    return reasons


def keep_book_differences(account, today, *, is_scheduled=True):
    """Find anew what the books differ by from the movements that we know.

    Once a day everything is looked through; else the recent days, those of which
    something was written since, and those that differ.
    """
    whole = account.looked_through_on != today
    forget_unread(account)
    # A later first day leaves what lies before it to the opening balance.
    gaps = all_differences(account, *KINDS_AT_THE_BANK)
    gaps.filtered(lambda d: d.day < account.sync_from).unlink()
    before = all_differences(account, *KINDS_IN_THE_BOOKS)
    ledger.flush_items(account)
    known = kept(account)
    looked_at = NOTHING_KEPT if whole else _to_be_looked_at(account, known, before)
    note_touched(account, known.touched)
    keep_days(account, known, whole=whole)
    reasons = []
    if moves := ledger.unlike_moves(account, looked_at):
        reasons += _reasons_of_lines(account, moves)
        reasons += _reasons_by_hand(account, moves, today)
    replace_differences(before, account, reasons)
    # Also where nothing is left in the books: an entry that made up for what the bank
    # has otherwise may be deleted.
    if differences := all_differences(account):
        archive_made_up(differences)
        account.invalidate_recordset(["difference_ids"])
    # One that is asked for by hand leaves the day's balances to a scheduled one.
    if whole and is_scheduled:
        account.looked_through_on = today


def _to_be_looked_at(account, known, before):
    """What is kept, but for the days that differ, and the first one wanted.

    There the opening balance is right, whatever the bank says of it by now.
    """
    lines = before.line_id
    days = {account.sync_from, *before.mapped("day"), *lines.mapped("date")}
    return known.but_for(days.union(filter(None, lines.mapped("tbc_day"))))
