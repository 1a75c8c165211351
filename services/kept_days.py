"""What is kept of an account's older days, so that a read need not add them up again.

Kept are the sums of each day that lies longer back than the recent ones. They hold until
something of the day is written: new and changed rows tell so by their ``write_date``;
what is deleted, or goes to another day or account, is marked before (:func:`mark_stale`).
Once a day all of them are reckoned anew.
"""

from datetime import date, timedelta
from typing import NamedTuple

from odoo.tools import SQL

from .clock import bank_today
from .own_columns import MOVE_OF_LINE

# These days are added up at each read.
RECENT_DAYS = 45
# A transaction may have begun so long before a read, and be committed after it.
LONGEST_TRANSACTION = timedelta(hours=1)

# The planner takes a few new rows for many, where other accounts have just been read: so
# entries and lines are looked up one by one, and neither workers of the database nor
# compiled plans, which cost more than these rows do, are used in this transaction. The line
# of an item is looked up by its entry alone: of a database that has not been analysed yet
# PostgreSQL would go through all lines of the account, for each item.
_TOUCHED = f"""
    SELECT set_config('max_parallel_workers_per_gather', '0', TRUE),
           set_config('jit', 'off', TRUE);
    SELECT day FROM tbc_day WHERE account_id = %(account)s AND is_stale
     UNION
    SELECT COALESCE(line.tbc_day, move.date)
      FROM account_bank_statement_line line
      {MOVE_OF_LINE}
     WHERE line.tbc_account_id = %(account)s AND line.write_date >= %(since)s
     UNION
    SELECT UNNEST(ARRAY[item.date, line.tbc_day])
      FROM account_move_line item
 LEFT JOIN LATERAL (SELECT tbc_day, tbc_account_id
                      FROM account_bank_statement_line line
                     WHERE line.move_id = item.move_id
                    OFFSET 0) line ON line.tbc_account_id = %(account)s
     WHERE item.account_id = %(ledger_account)s AND item.write_date >= %(since)s
"""
_STALE = """
    UPDATE tbc_day kept
       SET is_stale = TRUE
      FROM (SELECT account.id AS account_id, item.date AS day
              FROM account_move_line item
              JOIN account_journal journal
                ON journal.default_account_id = item.account_id
              JOIN tbc_account account ON account.journal_id = journal.id
             WHERE %(items)s
             UNION
            SELECT line.tbc_account_id, COALESCE(line.tbc_day, item.date)
              FROM account_move_line item
              JOIN account_bank_statement_line line ON line.move_id = item.move_id
             WHERE %(items)s AND line.tbc_account_id IS NOT NULL) AS changed
     WHERE kept.account_id = changed.account_id
       AND kept.day = changed.day
       AND kept.is_stale IS NOT TRUE
"""


class Kept(NamedTuple):
    """Which days are not looked at again: those until one, but for some of them.

    - ``until``: ``date.min`` where nothing is kept;
    - ``touched``: the older days of which something was written since.
    """

    until: date
    touched: list

    def is_open(self, day):
        """An SQL condition: whether this day is to be looked at itself."""
        if self.until == date.min:
            return SQL("TRUE")
        return SQL("(%s > %s OR %s = ANY(%s))", day, self.until, day, self.touched)

    def is_closed(self, day):
        """Whether what is kept of this day is to be taken instead."""
        return SQL("(%s <= %s AND %s != ALL(%s))", day, self.until, day, self.touched)

    def but_for(self, days):
        """Return what is kept without these days, which are looked at themselves."""
        older = {day for day in days if day <= self.until}
        return self._replace(touched=[*older.union(self.touched)])


NOTHING_KEPT = Kept(date.min, [])


def kept(account):
    """Return what is :class:`Kept` of an account now; everything is in the database."""
    # Who may see the account need not see its journal.
    account = account.sudo()
    if not account.days_kept_at:
        return NOTHING_KEPT
    values = {
        "account": account.id,
        "ledger_account": account.journal_id.default_account_id.id or None,
        "since": account.days_kept_at - LONGEST_TRANSACTION,
    }
    rows = account.env.execute_query(SQL(_TOUCHED, **values))
    until = account.days_kept_until
    return Kept(until, [day for (day,) in rows if day and day <= until])


def recent_from(today=None):
    """Return the first of the days that are added up at each read."""
    return (today or bank_today()) - timedelta(days=RECENT_DAYS - 1)


def mark_stale(records, which):
    """Let the days of these items be looked at again: they are about to change.

    :param which: an SQL condition on an ``item`` of ``account_move_line``
    """
    if records:
        records.env.execute_query(SQL(f"{_STALE} RETURNING kept.id", items=which))


def mark_moves_stale(moves):
    """Let the days of the items of these entries be looked at again."""
    mark_stale(moves, SQL("item.move_id = ANY(%s)", moves.ids))


def mark_items_stale(items):
    """Let the days of these items be looked at again."""
    mark_stale(items, SQL("item.id = ANY(%s)", items.ids))


def forget_kept(accounts):
    """Let nothing of these accounts be kept: they have another ledger account."""
    accounts.sudo().write({"days_kept_at": False, "looked_through_on": False})
