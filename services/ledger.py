"""What the books hold of an account: balances, its movements' days, locked days."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from odoo.tools import SQL

from ..bookkeeping import Sums
from .clock import DAY, LATEST, bank_today
from .kept_days import NOTHING_KEPT, kept
from .own_columns import MOVE_OF_LINE


def first_open_day(company):
    """Return the first day of the year, or the day after a later lock date."""
    company_sudo = company.sudo()
    lock = max(company_sudo.user_fiscalyear_lock_date, company_sudo.user_hard_lock_date)
    new_year = bank_today().replace(month=1, day=1)
    # Locked for ever: nothing is booked before somebody moves it.
    is_for_ever = lock >= LATEST
    return new_year if is_for_ever else max(new_year, lock + DAY)


def flush_lines(records):
    """Let the database know of every line and entry, before it is asked."""
    records.env["account.bank.statement.line"].flush_model()
    records.env["account.move"].flush_model(["date", "state"])


def lock_violations(account, day):
    """Return the lock dates that keep entries of ``day`` out, as Odoo does."""
    return account.company_id._get_lock_date_violations(
        day, sale=False, purchase=False, tax=False
    )


def locked_until(account, day):
    """Return the last locked day, if ``day`` is locked; else ``None``."""
    locks = [lock for lock, _name in lock_violations(account, day)]
    return max(locks, default=None)


# === THE BANK'S DAYS === #

# In two halves, so that the index on the bank's day serves: lines of older versions
# know none, and stand on the day of their entry.
_HALF = f"""
    SELECT line.id AS line_id, line.tbc_movement_id AS movement_id, %(day)s AS day,
           COALESCE(line.tbc_amount, line.amount) AS told, move.state
      FROM account_bank_statement_line line
      {MOVE_OF_LINE}
     WHERE line.tbc_account_id = %(account)s
       AND line.tbc_movement_id IS NOT NULL
       AND line.tbc_day %(is_known)s
       AND %(day)s BETWEEN %(first)s AND %(last)s
       AND %(is_open)s
"""
# The day of a line, and what its own ``tbc_day`` is then.
_HALVES = (
    (SQL("line.tbc_day"), SQL("IS NOT NULL")),
    (SQL("move.date"), SQL("IS NULL")),
)
# What is kept of a day is added up already. It is only a part of its day where something
# is held of that, too, which is hardly ever.
_DAY_SUMS = """
    WITH held AS (
        SELECT day, GREATEST(amount, 0) AS credit, GREATEST(-amount, 0) AS debit
          FROM tbc_held_movement
         WHERE account_id = %(account)s
           AND reason != 'waiting'
           AND day BETWEEN %(first)s AND %(last)s
    ), kept AS (
        SELECT day, credits, debits, lines, posted,
               day IN (SELECT day FROM held) AS is_part
          FROM tbc_day
         WHERE account_id = %(account)s
           AND lines > 0
           AND day BETWEEN %(first)s AND %(last)s
           AND %(is_closed)s
    )
    SELECT day, credits::text, debits::text, lines, posted FROM kept WHERE NOT is_part
     UNION ALL
    SELECT day, SUM(credit)::text, SUM(debit)::text, SUM(lines)::int, SUM(posted)::int
      FROM (SELECT day, GREATEST(told, 0) AS credit, GREATEST(-told, 0) AS debit,
                   1 AS lines, (state = 'posted')::int AS posted
              FROM (%(lines)s) line
             UNION ALL
            SELECT day, credits, debits, lines, posted FROM kept WHERE is_part
             UNION ALL
            SELECT day, credit, debit, 0, 0 FROM held) movement
     GROUP BY 1
     ORDER BY 1
"""


class Day(NamedTuple):
    """What we know of one of the bank's days.

    - ``told``: :class:`Sums` of the bank's amounts, whatever became of them here: what
      is booked, and what is held for Odoo's own obstacles;
    - ``lines``: how many lines there are; ``posted``: how many of them are posted.
    """

    told: Sums
    lines: int
    posted: int


def day_sums(account, first=date.min, last=date.max):
    """Return ``{the bank's day: Day}`` of the days with movements that we know, the
    oldest first.
    """
    account.env["tbc.held.movement"].flush_model()
    flush_lines(account)
    known = kept(account)
    rows = account.env.execute_query(
        SQL(
            _DAY_SUMS,
            account=account.id,
            first=first,
            last=last,
            lines=movement_lines(account, first, last, known),
            is_closed=known.is_closed(SQL("day")),
        )
    )
    # As text: Odoo would make them floats, in which sums of cents are not exact.
    return {
        day: Day(Sums(Decimal(credit), Decimal(debit)), lines, posted)
        for day, credit, debit, lines, posted in rows
    }


def told_sums(account, first, last):
    """Return ``{day: Sums}`` of what the bank told of these days, by its own days."""
    days = day_sums(account, first, last)
    return {day: sums.told for day, sums in days.items()}


def movements_between(account, first, last):
    """Return rows of line id, the bank's day and movement id, the oldest line first."""
    return account.env.execute_query(
        SQL(
            "SELECT line_id, day, movement_id FROM (%s) line ORDER BY line_id",
            movement_lines(account, first, last),
        )
    )


def movement_lines(account, first, last, known=NOTHING_KEPT):
    """The lines of the bank's movements of these days, by its own days: a sub-query.

    :param known: what is :class:`.kept_days.Kept`: only the days that are open
    """
    flush_lines(account)
    values = {"account": account.id, "first": first, "last": last}
    halves = [
        SQL(_HALF, day=day, is_known=is_known, is_open=known.is_open(day), **values)
        for day, is_known in _HALVES
    ]
    return SQL("%s UNION ALL %s", *halves)


# === THE BANK'S LEDGER ACCOUNT === #

# Branches share the root's accounts, so any company of the tree counts. The sum of ids
# keeps PostgreSQL from an index in which a company may have millions.
_ON_ACCOUNT = """
    item.account_id = %(ledger_account)s AND item.parent_state = 'posted'
    AND (%(is_own)s OR item.currency_id = %(currency)s) AND item.company_id + 0 IN
    (SELECT id FROM res_company WHERE SPLIT_PART(parent_path, '/', 1) = %(root)s)
"""
_ITEMS = f"FROM account_move_line item WHERE {_ON_ACCOUNT} AND item.date <= %(last)s"
# Day, what came in and what went out, as posted.
ITEMS_OF_DAYS = f"""
    SELECT item.date AS day, GREATEST(%(amount)s, 0) AS came, GREATEST(-%(amount)s, 0)
           AS went
    {_ITEMS} AND %(is_open)s
"""
_BOOKED = f"""
    {ITEMS_OF_DAYS}
     UNION ALL
    SELECT day, booked_in, booked_out
      FROM tbc_day
     WHERE account_id = %(account)s AND day <= %(last)s AND %(is_closed)s
"""
# An opening balance counts before all days.
_PER_DAY = f"""
    SELECT day, SUM(came)::float, SUM(went)::float
      FROM ({_BOOKED}
             UNION ALL
            SELECT UNNEST(ARRAY[item.date, %(never)s]),
                   UNNEST(ARRAY[-1, 1]) * GREATEST(%(amount)s, 0),
                   UNNEST(ARRAY[-1, 1]) * GREATEST(-%(amount)s, 0)
            {_ITEMS} AND item.move_id = %(opening)s) booked
     GROUP BY 1
"""
# Entries that are not as the bank told their movement: not on its day, not of its amount,
# or of none. Hardly ever is there one, and this looks at each row once. The day of the
# entry is looked up only where the bank's lies before the first day, or is not known.
_UNLIKE = f"""
    SELECT DISTINCT COALESCE(line.move_id, item.move_id)
      FROM (SELECT line.move_id, line.tbc_day AS day,
                   COALESCE(line.tbc_amount, line.amount) AS amount
              FROM account_bank_statement_line line
             WHERE line.tbc_account_id = %(account)s
               AND line.tbc_movement_id IS NOT NULL
               AND line.tbc_day >= %(first)s
               AND %(is_open_line)s
             UNION ALL
            SELECT line.move_id, COALESCE(line.tbc_day, move.date),
                   COALESCE(line.tbc_amount, line.amount)
              FROM account_bank_statement_line line
              {MOVE_OF_LINE}
             WHERE line.tbc_account_id = %(account)s
               AND line.tbc_movement_id IS NOT NULL
               AND (line.tbc_day IS NULL
                    OR (line.tbc_day < %(first)s AND %(is_open_line)s))
               AND (line.tbc_day IS NOT NULL OR %(is_open_date)s)
               AND move.date >= %(first)s) line
 FULL JOIN (SELECT item.move_id, item.date AS day, SUM(%(amount)s) AS amount
            {_ITEMS} AND item.date >= %(first)s AND %(is_open)s
             GROUP BY item.move_id, item.date) item
     USING (move_id, day, amount)
     WHERE line.move_id IS NULL OR item.move_id IS NULL
"""
_DEVIATING = f"""
    SELECT line.id, COALESCE(line.tbc_day, move.date), move.date,
           COALESCE(line.tbc_amount, line.amount) AS told,
           COALESCE(SUM(%(amount)s), 0) AS booked
      FROM account_bank_statement_line line
      {MOVE_OF_LINE}
 LEFT JOIN account_move_line item ON item.move_id = move.id AND {_ON_ACCOUNT}
     WHERE line.move_id = ANY(%(moves)s)
       AND line.tbc_account_id = %(account)s
       AND line.tbc_movement_id IS NOT NULL
       AND GREATEST(move.date, line.tbc_day) >= %(first)s
     GROUP BY line.id, move.id, move.date
    HAVING COALESCE(SUM(%(amount)s), 0) != COALESCE(line.tbc_amount, line.amount)
        OR move.date != line.tbc_day
     ORDER BY line.id
"""
# Lines and entries of the days, each read once, and what is in one of the two alone.
_MOVED = f"""
    WITH told AS MATERIALIZED (
        SELECT line.move_id AS id, line.tbc_day AS day
          FROM account_bank_statement_line line
         WHERE line.tbc_account_id = %(account)s
           AND line.tbc_day BETWEEN %(first)s AND %(last)s
    ), booked AS MATERIALIZED (
        SELECT move.id, move.date AS day
          FROM account_move move
         WHERE move.journal_id = %(journal)s
           AND move.date BETWEEN %(first)s AND %(last)s
    ), odd AS MATERIALIZED (
        SELECT id FROM told FULL JOIN booked USING (id, day)
         WHERE told.id IS NULL OR booked.id IS NULL
    )
    SELECT DISTINCT line.id, line.tbc_day, move.date
      FROM odd
CROSS JOIN LATERAL (SELECT *
                      FROM account_bank_statement_line line
                     WHERE line.move_id = odd.id
                    OFFSET 0) line
      {MOVE_OF_LINE}
     WHERE line.tbc_account_id = %(account)s
       AND line.tbc_movement_id IS NOT NULL
       AND move.date != line.tbc_day
       AND GREATEST(move.date, line.tbc_day) >= %(from)s
"""
_BY_HAND = f"""
    SELECT item.id, line.id, item.date, %(amount)s
      FROM account_move_line item
 LEFT JOIN account_bank_statement_line line ON line.move_id = item.move_id
     WHERE {_ON_ACCOUNT}
       AND item.move_id = ANY(%(moves)s)
       AND item.date BETWEEN %(first)s AND %(last)s
       AND %(amount)s != 0
       AND line.id IS DISTINCT FROM %(opening)s
       AND (line.tbc_movement_id IS NULL
            OR line.tbc_account_id IS DISTINCT FROM %(account)s)
     ORDER BY item.id
"""


def books_balance(account, day):
    """Return the posted balance at the end of ``day``; without one, of all days."""
    # An integration user without any accounting role sees the figure, too.
    account_sudo = account.sudo()
    if not account_sudo.journal_id.default_account_id:
        return 0.0
    query = f"SELECT SUM(came - went) FROM ({_BOOKED}) booked"
    flush_items(account_sudo)
    known = kept(account_sudo)
    [[total]] = _query(account_sudo, query, known, last=day or date.max)
    return account.currency_id.round(total or 0.0)


def items_per_day(account, last):
    """Return rows of day, what came in and what went out until ``last``, as posted.

    The bank's opening balance, booked by a read, comes before all days: it may stand
    on the first day wanted itself.
    """
    flush_items(account)
    opening = account.opening_line_id.move_id.id or None
    values = {"opening": opening, "never": date.min, "last": last}
    return _query(account, _PER_DAY, kept(account), **values)


def unlike_moves(account, known):
    """Return the ids of the entries since the first day wanted that are not of a
    movement of the bank's, on its day and of its amount.

    :param known: what is :class:`.kept_days.Kept`: only those of the days that are open
    """
    flush_items(account)
    values = {"first": account.sync_from, "last": date.max}
    return [move_id for (move_id,) in _query(account, _UNLIKE, known, **values)]


def deviating_lines(account, moves):
    """Return rows of line id, bank's day, booked day, amounts told and booked.

    :param moves: ids of :func:`unlike_moves`
    """
    values = {"first": account.sync_from, "moves": moves}
    return _query(account, _DEVIATING, NOTHING_KEPT, **values)


def moved_lines(account, first, last):
    """Return rows of line id, bank's day and booked day, where they are not the same.

    Of what the bank counts on these days, and of what is booked on them.
    """
    flush_lines(account)
    values = {"account": account.id, "from": account.sync_from}
    return account.env.execute_query(
        SQL(
            _MOVED,
            first=first,
            last=last,
            journal=account.journal_id.id,
            **values,
        )
    )


def items_by_hand(account, moves, today):
    """Return rows of item id, bank line id or None, day and amount.

    :param moves: ids of :func:`unlike_moves`
    """
    # Without a bank line, an item is not the opening's, whether there is one or not.
    opening = account.opening_line_id.id or 0
    values = {"first": account.sync_from, "last": today, "opening": opening}
    return _query(account, _BY_HAND, NOTHING_KEPT, moves=moves, **values)


def flush_items(account):
    """Let the database know of every line, entry and item, before it is asked."""
    flush_lines(account)
    account.env["account.move.line"].flush_model()


def _query(account, query, known, **values):
    """Ask about the ``item`` rows on the bank's ledger account."""
    return account.env.execute_query(
        SQL(query, **values, **on_ledger_account(account, known))
    )


def on_ledger_account(account, known):
    """The values that every query about ``item`` rows wants."""
    is_own = account.currency_id == account.company_id.currency_id
    return {
        "account": account.id,
        "amount": SQL("item.balance") if is_own else SQL("item.amount_currency"),
        "is_own": is_own,
        "currency": account.currency_id.id,
        "ledger_account": account.journal_id.default_account_id.id or None,
        "root": str(account.company_id.root_id.id),
        "is_open": known.is_open(SQL("item.date")),
        "is_open_line": known.is_open(SQL("line.tbc_day")),
        "is_open_date": known.is_open(SQL("move.date")),
        "is_closed": known.is_closed(SQL("day")),
    }
