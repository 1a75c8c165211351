"""What the books hold of an account: balances, its movements' days, locked days."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from odoo.fields import Domain
from odoo.tools import SQL

from ..bookkeeping import Sums
from .clock import LATEST, bank_today
from .partners import company_tree


def books_balance(account, day):
    """Return the posted balance at the end of ``day``, in the account's currency.

    ``day`` may be empty: of all days.
    """
    # An integration user without any accounting role sees the figure, too.
    account_sudo = account.sudo()
    if not account_sudo.journal_id.default_account_id:
        return 0.0
    account.env["account.move.line"].flush_model()
    [[total]] = account.env.execute_query(
        SQL(
            "SELECT SUM(%s) FROM account_move_line item WHERE %s AND item.date <= %s",
            _ledger_amount(account_sudo),
            _on_bank_account(account_sudo),
            day or date.max,
        )
    )
    return account.currency_id.round(total or 0.0)


def first_open_day(company):
    """Return the first day of the year, or the day after a later lock date."""
    company_sudo = company.sudo()
    lock = max(company_sudo.user_fiscalyear_lock_date, company_sudo.user_hard_lock_date)
    new_year = bank_today().replace(month=1, day=1)
    # Locked for ever: nothing is booked before somebody moves it.
    is_for_ever = lock >= LATEST
    return new_year if is_for_ever else max(new_year, lock + timedelta(days=1))


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


def forget_figures(account):
    """Drop what was computed from the books before lines were added to them."""
    account.invalidate_recordset(
        [
            "advice",
            "books_balance",
            "difference",
            "difference_count",
            "health",
            "health_message",
            "line_count",
            "opening_missing",
        ]
    )


@dataclass(slots=True)
class Day:
    """What we know of one of the bank's days.

    - ``told``: :class:`Sums` of the bank's amounts, whatever became of them here: what
      is booked, and what is held for Odoo's own obstacles;
    - ``lines``: how many lines there are; ``posted``: how many of them are posted;
    - ``credits``, ``debits``: of the posted ones, as Odoo has them.
    """

    told: Sums
    lines: int = 0
    posted: int = 0
    credits: float = 0.0
    debits: float = 0.0


def day_sums(accounts, first=date.min, last=date.max):
    """Return ``{account id: {the bank's day: Day}}`` of days with movements that we know.

    One query, for whoever adds up what was booked by the bank's own days.
    """
    env = accounts.env
    env["tbc.held.movement"].flush_model()
    rows = env.execute_query(
        SQL(
            """
            SELECT account_id, day,
                   COALESCE(SUM(told) FILTER (WHERE told > 0), 0)::text,
                   COALESCE(-SUM(told) FILTER (WHERE told < 0), 0)::text,
                   COUNT(line_id),
                   COUNT(line_id) FILTER (WHERE state = 'posted'),
                   SUM(GREATEST(amount, 0)) FILTER (WHERE state = 'posted'),
                   SUM(GREATEST(-amount, 0)) FILTER (WHERE state = 'posted')
              FROM (SELECT account_id, day, told, line_id, state, amount
                      FROM (%(lines)s) line
                     UNION ALL
                    SELECT account_id, day, amount, NULL, NULL, NULL
                      FROM tbc_held_movement
                     WHERE account_id = ANY(%(accounts)s)
                       AND reason != 'waiting'
                       AND day BETWEEN %(first)s AND %(last)s) movement
             GROUP BY 1, 2
            """,
            lines=_movement_lines(accounts, first, last),
            accounts=accounts.ids,
            first=first,
            last=last,
        )
    )
    found = {account_id: {} for account_id in accounts.ids}
    for account_id, day, credit, debit, lines, posted, *amounts in rows:
        # As text: Odoo would make them floats, in which sums of cents are not exact.
        told = Sums(Decimal(credit), Decimal(debit))
        amounts = [float(amount or 0) for amount in amounts]
        found[account_id][day] = Day(told, lines, posted, *amounts)
    return found


def told_sums(account, first, last):
    """Return ``{day: Sums}`` of what the bank told of these days, by its own days."""
    days = day_sums(account, first, last)[account.id]
    return {day: sums.told for day, sums in days.items()}


def movements_between(account, first, last):
    """Return rows of line id, the bank's day and movement id."""
    return account.env.execute_query(
        SQL(
            "SELECT line_id, day, movement_id FROM (%s) line",
            _movement_lines(account, first, last),
        )
    )


def _movement_lines(accounts, first, last):
    """The lines of the bank's movements of these days, by its own days: a sub-query.

    In two halves, so that the index on the bank's day serves: lines of older versions
    know none, and stand on the day of their entry.
    """
    flush_lines(accounts)
    halves = [
        SQL(
            """
            SELECT line.id AS line_id, line.tbc_account_id AS account_id,
                   line.tbc_movement_id AS movement_id, %(day)s AS day,
                   COALESCE(line.tbc_amount, line.amount) AS told, line.amount,
                   move.state
              FROM account_bank_statement_line line
              JOIN account_move move ON move.id = line.move_id
             WHERE line.tbc_account_id = ANY(%(accounts)s)
               AND line.tbc_movement_id IS NOT NULL
               AND line.tbc_day %(is_known)s
               AND %(day)s BETWEEN %(first)s AND %(last)s
            """,
            day=day,
            is_known=is_known,
            accounts=accounts.ids,
            first=first,
            last=last,
        )
        for day, is_known in (
            (SQL("line.tbc_day"), SQL("IS NOT NULL")),
            (SQL("move.date"), SQL("IS NULL")),
        )
    ]
    return SQL(" UNION ALL ").join(halves)


def lines_of_day(account, day):
    """Return the lines of the bank's movements of one of its days."""
    return account.env["account.bank.statement.line"].search(
        Domain("tbc_account_id", "=", account.id)
        & Domain("tbc_movement_id", "!=", False)
        & (
            Domain("tbc_day", "=", day)
            | (Domain("tbc_day", "=", False) & Domain("date", "=", day))
        ),
        order="id",
    )


def deviating_lines(account):
    """Return rows of line id, bank's day, booked day, amounts told and booked."""
    account.env.flush_all()
    return account.env.execute_query(
        SQL(
            """
            SELECT line.id, COALESCE(line.tbc_day, move.date), move.date,
                   COALESCE(line.tbc_amount, line.amount) AS told,
                   COALESCE(SUM(%(amount)s), 0) AS booked
              FROM account_bank_statement_line line
              JOIN account_move move ON move.id = line.move_id
         LEFT JOIN account_move_line item
                ON item.move_id = move.id AND %(on_account)s
             WHERE line.tbc_account_id = %(account)s
               AND line.tbc_movement_id IS NOT NULL
               AND GREATEST(move.date, line.tbc_day) >= %(first)s
             GROUP BY line.id, move.id
            HAVING COALESCE(SUM(%(amount)s), 0)
                   != COALESCE(line.tbc_amount, line.amount)
                OR move.date != line.tbc_day
             ORDER BY line.id
            """,
            amount=_ledger_amount(account),
            on_account=_on_bank_account(account),
            account=account.id,
            first=account.sync_from,
        )
    )


def items_by_hand(account, today):
    """Return rows of item id, bank line id or None, day and amount."""
    account.env.flush_all()
    return account.env.execute_query(
        SQL(
            """
            SELECT item.id, line.id, item.date, %(amount)s
              FROM account_move_line item
         LEFT JOIN account_bank_statement_line line ON line.move_id = item.move_id
             WHERE %(on_account)s
               AND item.date BETWEEN %(first)s AND %(last)s
               AND %(amount)s != 0
               AND line.id IS DISTINCT FROM %(opening)s
               AND (line.tbc_movement_id IS NULL
                    OR line.tbc_account_id IS DISTINCT FROM %(account)s)
             ORDER BY item.id
            """,
            amount=_ledger_amount(account),
            on_account=_on_bank_account(account),
            first=account.sync_from,
            last=today,
            opening=account.opening_line_id.id or 0,
            account=account.id,
        )
    )


def _ledger_amount(account):
    """The column of ``item`` that is in the account's currency."""
    if account.currency_id == account.company_id.currency_id:
        return SQL("item.balance")
    return SQL("item.amount_currency")


def _on_bank_account(account):
    """The condition that ``item`` counts in the balance of the bank's account."""
    condition = SQL(
        "item.account_id = %s AND item.parent_state = 'posted'"
        " AND item.company_id = ANY(%s)",
        account.journal_id.default_account_id.id,
        company_tree(account.company_id).ids,
    )
    if account.currency_id != account.company_id.currency_id:
        condition = SQL(
            "%s AND item.currency_id = %s", condition, account.currency_id.id
        )
    return condition
