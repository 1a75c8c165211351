"""What bank statements an account has and lacks, by the books and the bank's figures."""

from bisect import bisect_left, bisect_right
from functools import partial
from itertools import accumulate

from odoo.tools import SQL, date_utils

from ..amounts import is_equal
from ..clock import days_between
from ..differences import all_differences, expected_sums, is_reversed, reversed_lines
from ..ledger import flush_lines
from ..statements.coverage import held_by_bank, is_completely_read
from ..statements.miscounted import days_of, miscounted

_ROWS = """
    SELECT move.date,
           COALESCE(line.tbc_day, move.date),
           line.statement_id,
           line.tbc_movement_id IS NOT NULL
           AND line.tbc_account_id IS NOT DISTINCT FROM %(account)s
           AND move.state = 'posted',
           line.id = ANY(%(reversed)s)
      FROM account_bank_statement_line line
      JOIN account_move move ON move.id = line.move_id
     WHERE line.journal_id = %(journal)s
       AND (move.date >= %(first)s OR line.statement_id = ANY(%(own)s))
       AND line.id IS DISTINCT FROM %(opening)s
       AND (move.state != 'cancel' OR line.tbc_movement_id IS NOT NULL)
     GROUP BY 1, 2, 3, 4, 5
"""


class StatementDays:
    """The days and statements of one account since the first day wanted.

    - ``loose``: days with lines that are in no statement, or in that of other days;
    - ``blocked``: days that keep a period from having a statement;
    - ``explained``: those of them of which something else is told;
    - ``wrong``: statements made here that are not what books and bank say of their
      days, the oldest first.
    """

    def __init__(self, account_sudo):
        self.account = account_sudo
        self.all_statements = own_statements(account_sudo)
        self.statements = self.all_statements.filtered(
            lambda statement: statement.tbc_day_from >= account_sudo.sync_from
        )
        self.loose, self.blocked, self.explained = set(), set(), set()
        self._look_at_obstacles()
        wrong = self._look_at_lines() | self._look_at_figures()
        self.wrong = self.statements.filtered(lambda one: one.id in wrong)

    def spans(self):
        """Return ``{(first day, last day)}`` of the statements to be made, or anew."""
        taken = [_span(statement) for statement in self.all_statements]
        due = {_span(statement) for statement in self.wrong}
        for day in self.loose:
            span = _period_of(self.account, day)
            if span and not any(b <= span[1] and span[0] <= e for b, e in taken):
                due.add(span)
        return {
            span
            for span in due
            if is_completely_read(self.account, *span)
            and not _has_day(span, self.blocked)
        }

    def untold(self):
        """Return the wrong statements of whose days nothing else is told."""
        return self.wrong.filtered(
            lambda statement: not _has_day(_span(statement), self.explained)
        )

    def _look_at_obstacles(self):
        """Days with movements that are not booked, or with a difference."""
        held = held_by_bank(self.account)
        found = all_differences(self.account).filtered(
            lambda one: one.kind != "statement" and not is_reversed(one)
        )
        days = {*held.mapped("day"), *days_of(miscounted(self.account))}
        self.explained = days.union(found.filtered("active").mapped("day"))
        # Archived ones too: what an entry by hand makes up for is no movement.
        self.blocked = days.union(found.mapped("day"))

    def _look_at_lines(self):
        """Sort out the days with lines; return the ids of statements that are wrong."""
        wrong, ids = set(), set(self.statements.ids)
        own_ids = set(self.all_statements.ids)
        of_day = {
            day: statement.id
            for statement in self.statements
            for day in days_between(*_span(statement))
        }
        for date, bank_day, statement_id, is_known, is_gone in self._rows():
            there, due = {statement_id} & ids, {of_day.get(date)} - {None}
            if is_gone:
                wrong |= there
            elif not is_known or date != bank_day:
                # A person has booked or changed it, or it is not on the bank's day.
                wrong |= there
                self.blocked |= {date, bank_day}
            elif statement_id and statement_id not in own_ids:
                # Somebody has put it into a statement of his own.
                wrong |= due
                self.blocked.add(date)
            elif not there or there != due:
                wrong |= there | due
                self.loose.add(date)
        return wrong

    def _rows(self):
        """Date, bank's day, statement; is it a posted movement? is it made up for?"""
        account = self.account
        flush_lines(account)
        query = SQL(
            _ROWS,
            account=account.id,
            journal=account.journal_id.id,
            first=account.sync_from,
            own=self.all_statements.ids,
            opening=account.opening_line_id.id or None,
            reversed=reversed_lines(account).ids,
        )
        return account.env.execute_query(query)

    def _look_at_figures(self):
        """Return the ids of statements whose balances are not their lines' or the bank's.

        Without asking it: the proof has just found that it has what we expect.
        """
        wrong = self.statements.filtered(lambda one: not one.is_complete)
        account = self.account
        if self.statements and account.bank_opening_day == account.sync_from:
            sums = expected_sums(account, account.sync_from)
            days = sorted(sums)
            changes = (float(sums[day].net) for day in days)
            balances = list(accumulate(changes, initial=account.bank_opening_balance))
            wrong |= self.statements.filtered(
                lambda one: not _has_balances(one, days, balances)
            )
        return set(wrong.ids)


def _has_balances(statement, days, balances):
    """Whether it begins and ends with what the bank had before and after its days.

    :param balances: what the bank had when each of ``days`` began, and after all
    """
    first, last = _span(statement)
    same = partial(is_equal, statement.tbc_account_id.currency_id)
    return same(balances[bisect_left(days, first)], statement.balance_start) and same(
        balances[bisect_right(days, last)], statement.balance_end_real
    )


def _span(statement):
    return statement.tbc_day_from, statement.tbc_day_to


def _has_day(span, days):
    return any(span[0] <= day <= span[1] for day in days)


def own_statements(account):
    """Return the statements that were made here, the oldest first."""
    return account.env["account.bank.statement"].search(
        [("tbc_account_id", "=", account.id)], order="tbc_day_from"
    )


def _period_of(account, day):
    """Return the first and last day of the period of ``day``; None without one."""
    if account.statement_period == "daily":
        return day, day
    if account.statement_period == "monthly":
        return day.replace(day=1), date_utils.end_of(day, "month")
    return None
