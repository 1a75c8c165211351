"""The opening balance: what the books lack of the bank's before the first day read."""

import json
import logging

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL

from ..amounts import is_nil, is_rounded_away
from ..clock import DAY
from ..ledger import books_balance, lock_violations
from ..rates import rates_of
from .coverage import first_day_read, forget_days_before, unfinished_backfills

_logger = logging.getLogger(__name__)

# What a line of the opening balance says of itself, where movements have the bank's
# own object.
OPENING_OF = "tbcOpeningOf"
_OPENING_LINE = """
    SELECT id, transaction_details -> %(name)s ->> 'firstDay'
      FROM account_bank_statement_line
     WHERE journal_id = %(journal)s AND transaction_details @> %(details)s::jsonb
  ORDER BY id
     LIMIT 1
"""


def as_bank_names_it(account):
    """What the bank's object of each movement of this account says of it."""
    return {
        "currency": account.currency_id.name,
        "customerAccountInfo": {"accountIban": account.iban},
    }


def adopt_opening_line(account):
    """Know the opening line again; drop it where an earlier first day is wanted now."""
    rows = account.env.execute_query(
        SQL(
            _OPENING_LINE,
            name=OPENING_OF,
            journal=account.journal_id.id,
            details=json.dumps({OPENING_OF: as_bank_names_it(account)}),
        )
    )
    if rows and not account.opening_line_id:
        [(line_id, first_day)] = rows
        account.sudo().opening_line_id = line_id
        if fields.Date.to_date(first_day) > account.sync_from:
            account.sudo().opening_line_id.unlink()


def opening_gap(account):
    """What the books lack of the bank's balance when the first day wanted began."""
    if account.bank_opening_day != account.sync_from:
        return 0.0
    before = books_balance(account, account.sync_from - DAY)
    return round(account.bank_opening_balance - before, 3)


def restart_from(account, first_day):
    """Forget the cursor, and an opening line of a later day: it would count double.

    Where the past was read up to the new first day, the next read moves that line.
    """
    account_sudo = account.sudo()
    if first_day < account.sync_from:
        if first_day_read(account_sudo) <= first_day:
            return
        account_sudo.opening_line_id.unlink()
    forget_days_before(account_sudo.backfill_ids, first_day)
    # The opening balance of the new first day holds what came before it.
    account_sudo.held_ids.filtered(
        lambda held: held.day and account.sync_from <= held.day < first_day
    ).unlink()
    # What a read has left behind was read of the days wanted before.
    cursor = ("synced_until", "listed_until", "bookmark")
    account_sudo.write(dict.fromkeys(cursor, False))


def book_opening_line(account, *, reckon_again=False):
    """Enter what the books lack of the bank's opening balance, if that is wanted.

    :param bool reckon_again: whether the amount of an existing line is reckoned again
    :raise UserError: Odoo refuses the entry.
    """
    if account.bank_opening_day != account.sync_from:
        return
    if line := account.opening_line_id:
        # A later day: the line is from before the past was read.
        if reckon_again or line.date > account.sync_from:
            _move_opening_line(account)
        return
    gap = opening_gap(account)
    if account.book_opening and not is_nil(gap) and not _waits(account, gap):
        _put_opening(account, gap)


def _waits(account, gap):
    """Whether an opening line waits for what would keep its movements on hold, too."""
    return (
        is_rounded_away(account.currency_id, gap)
        or rates_of(account).is_missing
        or account.journal_id.restrict_mode_hash_table
    )


def begin_at(account, first_day, opening_balance):
    """Let ``first_day`` be the first day wanted; the bank began it with that balance."""
    account.write(
        {
            "sync_from": first_day,
            "bank_opening_balance": opening_balance,
            "bank_opening_day": first_day,
            # The older days were never compared with the books.
            "looked_through_on": False,
        }
    )
    book_opening_line(account, reckon_again=True)


def _move_opening_line(account):
    gap = opening_gap(account)
    if account.opening_line_id.date < account.sync_from:
        gap += account.opening_line_id.amount
    try:
        _put_opening(account, gap)
    except UserError:
        # Each page has taken its sum out of it, so later days are right.
        _logger.info("TBC account %s: the opening line stays where it is", account.id)


def draw_from_opening(account, amount):
    """Take the sum of movements before the first day wanted out of the opening line.

    The line stood for them until now, so later days stay right with each page. The
    caller holds a savepoint.

    :raise UserError: the line can't be changed.
    """
    if account.currency_id.is_zero(amount):
        return
    if line := account.opening_line_id:
        _change_opening(account, line, line.amount - amount)
    elif account.book_opening and account.bank_opening_day == account.sync_from:
        # The books lacked nothing on the first day, so they lack this before it.
        _put_opening(account, -amount)


def _put_opening(account, amount):
    """Have one opening line of ``amount``, before all days that were read, or none."""
    line, day = account.opening_line_id, _opening_line_date(account)
    with account.env.cr.savepoint():
        if line and account.currency_id.is_zero(amount):
            line.unlink()
        elif line and (not day or line.date <= day):
            _change_opening(account, line, amount)
        elif day:
            line.unlink()
            _create_opening(account, amount, day)


def _opening_line_date(account):
    """Return the day for the opening line; ``None``: all are locked, so it waits.

    Before the days that are still to be read, so that it moves once; on the first of
    them where the day before is locked.
    """
    first_days = unfinished_backfills(account).mapped("day_from")
    for first in sorted({*first_days, account.sync_from}):
        for day in (first - DAY, first):
            if day <= account.sync_from and not lock_violations(account, day):
                return day
    return None


def _create_opening(account, amount, day):
    first_day = fields.Date.to_string(account.sync_from)
    details = {**as_bank_names_it(account), "firstDay": first_day}
    # As Odoo's own opening entry has it.
    counterpart = account.company_id.get_unaffected_earnings_account()
    vals = {
        "journal_id": account.journal_id.id,
        "date": day,
        "amount": account.currency_id.round(amount),
        "payment_ref": account.env._("Opening balance at the bank"),
        "counterpart_account_id": counterpart.id,
        "transaction_details": {OPENING_OF: details},
    }
    account.opening_line_id = account.env["account.bank.statement.line"].create(vals)


def _change_opening(account, line, amount):
    """Write the amount of the opening line, and leave it its counterpart.

    Odoo's own way would put the suspense account in its place.
    """
    amount = account.currency_id.round(amount)
    if not account.currency_id.compare_amounts(line.amount, amount):
        return
    items = _items_of_opening(line)
    line = line.with_context(
        skip_account_move_synchronization=True, skip_readonly_check=True
    )
    line.amount = amount
    line.move_id.write({"line_ids": _prepare_item_commands(line, items)})


def _prepare_item_commands(line, items):
    _liquidity, counterpart = items
    values = line._prepare_move_line_default_vals(counterpart.account_id.id)
    amounts = "amount_currency", "debit", "credit"
    return [
        Command.update(item.id, {name: vals[name] for name in amounts})
        for item, vals in zip(items, values, strict=True)
    ]


def _items_of_opening(line):
    """Return its item on the bank account, and its one counterpart."""
    liquidity, suspense, others = line._seek_for_lines()
    counterpart = suspense + others
    if len(liquidity) == len(counterpart) == 1:
        return liquidity, counterpart
    raise UserError(
        line.env._(
            "The opening entry %(entry)s was changed by hand, so it can't follow the "
            "history that is imported before it. Give it its one counterpart again.",
            entry=line.move_id.name,
        )
    )


def entered_otherwise_before(account):
    """Return what the books hold before the first day wanted, but not from reads."""
    day_before = account.sync_from - DAY
    total = books_balance(account, day_before)
    [[read]] = account.env["account.bank.statement.line"]._read_group(
        [
            ("tbc_account_id", "=", account.id),
            ("tbc_movement_id", "!=", False),
            ("date", "<=", day_before),
        ],
        aggregates=["amount:sum"],
    )
    line = account.opening_line_id
    opening = line.amount if line and line.date <= day_before else 0.0
    return account.currency_id.round(total - (read or 0.0) - opening)
