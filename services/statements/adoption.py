"""Movements that are in the books already, from before the module was uninstalled.

An uninstallation takes our columns along, so that a read would book everything again.
The bank's own object stays on the line, in a field of Odoo.
"""

import json

from odoo.tools import SQL, format_date, split_every

from ...bookkeeping import statement_line_values
from ..chatter import write_note
from ..clock import bank_today
from ..ledger import flush_lines
from .booking import is_own, movement_of
from .opening import OPENING_OF, adopt_opening_line, as_bank_names_it

# How many of the bank's objects are in memory at once.
PORTION = 1000
# Of the core's plain values, those that are gone when the module was uninstalled.
_RESTORED = (
    "tbc_day",
    "tbc_movement_id",
    "tbc_operation_id",
    "tbc_parent_operation_id",
    "tbc_payment_id",
)
# The journals with movements of no account, and the last day of each.
_JOURNALS = """
    SELECT line.journal_id, MAX(move.date)
      FROM account_bank_statement_line line
      JOIN account_move move ON move.id = line.move_id
     WHERE line.company_id = %(company)s
       AND line.tbc_account_id IS NULL
       AND line.transaction_details @> %(names)s::jsonb
       AND line.transaction_details ? 'movementId'
       AND line.transaction_details ->> 'movementId' NOT IN (
            SELECT own.transaction_details ->> 'movementId'
              FROM account_bank_statement_line own
             WHERE own.journal_id = %(own_journal)s
               AND own.transaction_details ->> 'movementId' IS NOT NULL)
  GROUP BY line.journal_id
  ORDER BY COUNT(*) DESC, line.journal_id
"""
# What our lines say of themselves, whatever became of our columns.
_OURS = ["movementId", OPENING_OF]
# A day to come is a mistake, and ends nothing.
_LAST_DAYS = """
    SELECT MAX(move.date) FILTER (
               WHERE move.date <= %(today)s
                 AND move.state != 'cancel'
                 AND line.tbc_movement_id IS NULL
                 AND (line.transaction_details ?| %(ours)s) IS NOT TRUE),
           MAX(move.date) FILTER (
               WHERE line.transaction_details ? 'movementId'
                 AND line.transaction_details @> %(names)s::jsonb)
      FROM account_bank_statement_line line
      JOIN account_move move ON move.id = line.move_id
     WHERE line.journal_id = %(journal)s
"""
# The lines of a journal with a movement that its account does not know.
_TO_ADOPT = """
    SELECT DISTINCT ON (line.transaction_details ->> 'movementId') line.id
      FROM account_bank_statement_line line
     WHERE line.journal_id = %(journal)s
       AND line.tbc_account_id IS NULL
       AND line.transaction_details ? 'movementId'
       AND NOT EXISTS (
            SELECT 1
              FROM account_bank_statement_line known
             WHERE known.tbc_account_id = %(account)s
               AND known.tbc_movement_id = line.transaction_details ->> 'movementId')
  ORDER BY line.transaction_details ->> 'movementId', line.id
"""


def booked_elsewhere_sentence(account, first_day):
    """Say that another journal holds movements of this account from ``first_day`` on,
    and what to do; ``None`` if none does.
    """
    for journal, last in _journals_with_movements(account):
        if journal != account.journal_id and last >= first_day:
            return account.env._(
                "%(journal)s has transactions of %(account)s until %(day)s. Link that "
                "journal, or choose a later day in Import From.",
                journal=journal.display_name,
                account=account.display_name,
                day=format_date(account.env, last),
            )
    return None


def _journals_with_movements(account):
    """Return ``[(journal, last day)]`` with movements of this account that no account
    has now, most of them first. What its own journal has as well is a copy there.
    """
    flush_lines(account)
    query = SQL(
        _JOURNALS,
        company=account.company_id.id,
        names=json.dumps(as_bank_names_it(account)),
        own_journal=account.journal_id.id or None,
    )
    rows = account.env.execute_query(query)
    journals = account.env["account.journal"].sudo()
    return [(journals.browse(journal_id), last) for journal_id, last in rows]


def journal_to_go_on_with(account):
    """Return the free journal that the account was read into before, if any."""
    for journal, _last in _journals_with_movements(account):
        # One of an archived account is not free either.
        accounts = journal.with_context(active_test=False).tbc_account_ids
        if journal.active and not accounts:
            return journal
    return account.env["account.journal"]


def last_day_from_elsewhere(account, journal, *, is_later=False):
    """Return the last day of a journal's bank lines that are neither the bank's
    movements as we book them nor our opening line; ``None`` if there are none, or if
    the account was read into this journal before: what was added there is an addition.

    :param is_later: count what was added after the last movement that was read
    """
    flush_lines(account)
    query = SQL(
        _LAST_DAYS,
        journal=journal.id,
        today=bank_today(),
        ours=_OURS,
        names=json.dumps(as_bank_names_it(account)),
    )
    [(last, last_own)] = account.env.execute_query(query)
    if last and last_own:
        return last if is_later and last > last_own else None
    return last


def adopt_movements(accounts):
    """Make the movements in these accounts' journals theirs again (sudo)."""
    for account in accounts.filtered("journal_id"):
        portions = split_every(PORTION, _lines_to_adopt(account))
        count = sum(_adopt_lines(account, ids) for ids in portions)
        adopt_opening_line(account)
        if count:
            account.invalidate_recordset()
            sentence = accounts.env._(
                "%(count)s transactions in %(journal)s were booked before. They will "
                "not be booked again.",
                count=count,
                journal=account.journal_id.display_name,
            )
            write_note(account, sentence)


def _lines_to_adopt(account):
    """Return the ids of the journal's lines that hold a movement and no account.

    Of two copies of a line the first one is the movement.
    """
    flush_lines(account)
    query = SQL(_TO_ADOPT, journal=account.journal_id.id, account=account.id)
    rows = account.env.execute_query(query)
    return sorted(line_id for (line_id,) in rows)


def _adopt_lines(account, line_ids):
    """Write the bank's own fields of lines anew; return how many there were."""
    lines = account.env["account.bank.statement.line"].sudo().browse(line_ids)
    count = 0
    for line in lines:
        movement = movement_of(line.transaction_details)
        if movement and is_own(account, movement):
            values = statement_line_values(movement)
            vals = {name: values[name] for name in _RESTORED}
            vals["tbc_amount"] = float(values["amount"])
            line.write({**vals, "tbc_account_id": account.id})
            count += 1
    lines.flush_recordset()
    # The bank's objects need not all stay in memory.
    lines.invalidate_recordset(["transaction_details"])
    return count
