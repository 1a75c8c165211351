"""What bank statements an account has and lacks, by the books and the bank's figures."""

from odoo.tools import SQL, date_utils

from ...bookkeeping import Sums
from ..amounts import is_equal
from ..clock import days_between
from ..differences import all_differences, is_reversed, known_gaps, reversed_lines
from ..ledger import told_sums
from ..statements.coverage import is_completely_read
from ..statements.miscounted import days_of, miscounted


class StatementDays:
    """The days and statements of one account since the first day wanted.

    - ``loose``: days with lines that are in no statement, or in that of other days;
    - ``blocked``: days that keep a period from having a statement;
    - ``explained``: those of them of which something else is told;
    - ``wrong``: statements made here that are not what books and bank say of their days.

    :param account_sudo: a ``tbc.account``
    """

    def __init__(self, account_sudo):
        self.account = account_sudo
        self.all_statements = own_statements(account_sudo)
        self.statements = self.all_statements.filtered(
            lambda statement: statement.tbc_day_from >= account_sudo.sync_from
        )
        self.loose, self.blocked, self.explained = set(), set(), set()
        self._wrong_ids = set()
        self._look_at_obstacles()
        self._look_at_lines()
        self._look_at_figures()

    @property
    def wrong(self):
        """The statements, the oldest first."""
        return self.statements.filtered(lambda one: one.id in self._wrong_ids)

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

    # === WHAT KEEPS A STATEMENT BACK === #

    def _look_at_obstacles(self):
        """Days with movements that are not booked, or with a difference."""
        held = self.account.held_ids.filtered(lambda h: h.day and h.reason != "waiting")
        differences = all_differences(self.account).filtered(
            lambda difference: (
                difference.kind != "statement" and not is_reversed(difference)
            )
        )
        told = differences.filtered("active")
        contradicting = days_of(miscounted(self.account))
        self.explained = {*held.mapped("day"), *told.mapped("day"), *contradicting}
        # Archived ones too: what an entry by hand makes up for is no movement.
        self.blocked = {*held.mapped("day"), *differences.mapped("day"), *contradicting}

    # === LINES === #

    def _look_at_lines(self):
        own = {statement.id: _span(statement) for statement in self.statements}
        of_day = {
            day: statement_id
            for statement_id, span in own.items()
            for day in days_between(*span)
        }
        for date, bank_day, statement_id, is_own, is_known, is_gone in self._rows():
            there = {statement_id} & own.keys()
            due = {of_day[date]} if date in of_day else set()
            if is_gone:
                self._wrong_ids |= there
            elif not is_known or date != bank_day:
                # A person has booked or changed it, or it is not on the bank's day.
                self._wrong_ids |= there
                self.blocked |= {date, bank_day}
            elif statement_id and not is_own:
                # Somebody has put it into a statement of his own.
                self._wrong_ids |= due
                self.blocked.add(date)
            elif not there or there != due:
                self._wrong_ids |= there | due
                self.loose.add(date)

    def _rows(self):
        """Return rows of date, bank's day, statement, and what kind of lines they are.

        Whether the statement was made here; whether they are posted movements of the
        account; whether they are made up for by an entry by hand.
        """
        env = self.account.env
        env["account.bank.statement.line"].flush_model()
        env["account.bank.statement"].flush_model()
        env["account.move"].flush_model()
        return env.execute_query(
            SQL(
                """
                SELECT move.date,
                       COALESCE(line.tbc_day, move.date),
                       line.statement_id,
                       statement.tbc_account_id IS NOT DISTINCT FROM %(account)s,
                       line.tbc_movement_id IS NOT NULL
                       AND line.tbc_account_id IS NOT DISTINCT FROM %(account)s
                       AND move.state = 'posted',
                       line.id = ANY(%(reversed)s)
                  FROM account_bank_statement_line line
                  JOIN account_move move ON move.id = line.move_id
             LEFT JOIN account_bank_statement statement
                    ON statement.id = line.statement_id
                 WHERE line.journal_id = %(journal)s
                   AND (move.date >= %(first)s
                        OR statement.tbc_account_id = %(account)s)
                   AND line.id IS DISTINCT FROM %(opening)s
                   AND (move.state != 'cancel' OR line.tbc_movement_id IS NOT NULL)
                 GROUP BY 1, 2, 3, 4, 5, 6
                """,
                account=self.account.id,
                journal=self.account.journal_id.id,
                first=self.account.sync_from,
                opening=self.account.opening_line_id.id or None,
                reversed=reversed_lines(self.account).ids,
            )
        )

    # === FIGURES === #

    def _look_at_figures(self):
        """Compare each statement's balances with the bank's, without asking it.

        The proof has just found that the bank has what we know, less the known gaps.
        """
        account = self.account
        for statement in self.statements:
            if not statement.is_complete:
                self._wrong_ids.add(statement.id)
        if not self.statements or account.bank_opening_day != account.sync_from:
            return
        changes = self._changes(max(self.statements.mapped("tbc_day_to")))
        balance = account.bank_opening_balance
        for statement in self.statements:
            while changes and changes[0][0] < statement.tbc_day_from:
                balance += changes.pop(0)[1]
            is_right = is_equal(account.currency_id, balance, statement.balance_start)
            while changes and changes[0][0] <= statement.tbc_day_to:
                balance += changes.pop(0)[1]
            if not (
                is_right
                and is_equal(account.currency_id, balance, statement.balance_end_real)
            ):
                self._wrong_ids.add(statement.id)

    def _changes(self, last):
        """Return ``[(day, what it changes the bank's balance by)]``, oldest first."""
        first = self.account.sync_from
        sums = told_sums(self.account, first, last)
        for day, gap in known_gaps(self.account).items():
            sums[day] = sums.get(day, Sums()) - gap
        return [(day, float(sums[day].net)) for day in sorted(sums) if day >= first]


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
