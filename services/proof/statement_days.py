"""What bank statements an account has and lacks, by the books and the bank's figures."""

from bisect import bisect_left, bisect_right
from datetime import date
from functools import partial
from itertools import accumulate

from odoo.fields import Domain
from odoo.tools import SQL, date_utils

from ..amounts import is_equal
from ..clock import days_between, days_within
from ..differences import all_differences, expected_sums, is_reversed, reversed_lines
from ..ledger import flush_lines
from ..own_columns import MOVE_OF_LINE
from ..statements.coverage import held_by_bank, is_completely_read
from ..statements.miscounted import days_of, miscounted
from .statement_look import EVERYTHING, basis_of, keep_look, look_of

# A line with its entry, as the rows are made of.
_COLUMNS = """
    line.id, line.tbc_day, line.statement_id, line.tbc_movement_id, line.tbc_account_id,
    move.date, move.state
"""
_OF_JOURNAL = f"""
    SELECT {_COLUMNS}
      FROM account_bank_statement_line line
      JOIN account_move move ON move.id = line.move_id
     WHERE line.journal_id = %(journal)s
"""
# Looked up one by one, in turn by the days and by the statements.
_OF_SPANS = f"""
    SELECT {_COLUMNS}
      FROM UNNEST(%(firsts)s::date[], %(lasts)s::date[]) AS span(first, last)
CROSS JOIN LATERAL (SELECT move.id, move.date, move.state
                      FROM account_move move
                     WHERE move.journal_id = %(journal)s
                       AND move.date BETWEEN span.first AND span.last
                    OFFSET 0) move
CROSS JOIN LATERAL (SELECT *
                      FROM account_bank_statement_line line
                     WHERE line.move_id = move.id
                    OFFSET 0) line
     UNION ALL
    SELECT {_COLUMNS}
      FROM account_bank_statement_line line
      {MOVE_OF_LINE}
     WHERE line.statement_id = ANY(%(inside)s)
"""
# Is it in a statement of ours, and in one of the days wanted? Is it a posted movement?
# Is it made up for?
_ROWS = """
    SELECT line.date,
           COALESCE(line.tbc_day, line.date),
           line.statement_id,
           statement.id IS NOT NULL,
           COALESCE(statement.tbc_day_from >= %(first)s, FALSE),
           line.tbc_movement_id IS NOT NULL
           AND line.tbc_account_id IS NOT DISTINCT FROM %(account)s
           AND line.state = 'posted',
           line.id = ANY(%(reversed)s)
      FROM (%(lines)s) line
 LEFT JOIN account_bank_statement statement
        ON statement.id = line.statement_id
       AND statement.tbc_account_id = %(account)s
     WHERE (line.date >= %(first)s OR statement.id IS NOT NULL)
       AND line.id IS DISTINCT FROM %(opening)s
       AND (line.state != 'cancel' OR line.tbc_movement_id IS NOT NULL)
     GROUP BY 1, 2, 3, 4, 5, 6, 7
"""
_FIGURES = ("tbc_day_from", "tbc_day_to", "balance_start", "balance_end_real")


class StatementDays:
    """The days and statements of one account since the first day wanted.

    Those that are to be looked at now: see :mod:`.statement_look`.

    - ``loose``: days with lines that are in no statement, or in that of other days;
    - ``blocked``: days that keep a period from having a statement;
    - ``explained``: those of them of which something else is told;
    - ``wrong``: statements made here that are not what books and bank say of their
      days, the oldest first.

    :param days: as for :func:`.bank_statements.update_months_and_statements`
    :param bool whole: whether everything is looked at in any case
    """

    def __init__(self, account_sudo, days=None, *, whole=False):
        self.account = account_sudo
        self.look = EVERYTHING if whole else look_of(account_sudo)
        self.basis = basis_of(account_sudo)
        self.loose, self.blocked, self.explained = set(), set(), set()
        self._look_at_obstacles()
        self.statements = self._find_statements()
        self._seen, self._wrong_ids = set(), set()
        self._look_at_lines(self._spans_looked_at())
        self._look_at_figures(days)

    @property
    def wrong(self):
        """Statements made here that are not right, the oldest first."""
        found = self.statements.browse(self._wrong_ids)
        return found.sorted("tbc_day_from")

    def spans(self):
        """Return ``{(first day, last day)}`` of the statements to be made, or anew."""
        while unseen := self._unseen(due := self._due()):
            self._look_at_lines(unseen)
        return {span for span in due if not _has_day(span, self.blocked)}

    def keep(self):
        """Keep that this was looked at; what is not right is, the next time, too."""
        still = {first for first, _last in self.spans()}
        still.update(self.wrong.mapped("tbc_day_from"))
        keep_look(self.account, self.basis, still)

    def _due(self):
        """The spans that lack a right statement, whether it can be made or not."""
        due = {_span(statement) for statement in self.wrong}
        periods = {_period_of(self.account, day) for day in self.loose} - {None}
        periods = self._completely_read(periods)
        if periods:
            taken = {
                day
                for statement in own_statements(self.account)
                for day in days_between(*_span(statement))
            }
            periods = {one for one in periods if taken.isdisjoint(days_between(*one))}
        return self._completely_read(due) | periods

    def _completely_read(self, spans):
        return {span for span in spans if is_completely_read(self.account, *span)}

    def _unseen(self, spans):
        """Those of which not every line was looked at."""
        if self.look.is_whole:
            return set()
        return {span for span in spans - self._seen if span[0] < self.look.first}

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

    def _find_statements(self):
        """Return the statements that are looked at, the oldest first."""
        look, account = self.look, self.account
        domain = Domain("tbc_day_from", ">=", account.sync_from)
        if not look.is_whole:
            first = min(look.first, look.moved_from)
            domain &= Domain.OR(
                [
                    Domain("tbc_day_to", ">=", first),
                    Domain("write_date", ">=", look.since),
                    *(
                        Domain("tbc_day_from", "<=", end)
                        & Domain("tbc_day_to", ">=", begin)
                        for begin, end in self._periods_looked_up()
                    ),
                ]
            )
        return own_statements(account, domain)

    def _spans_looked_at(self):
        """The days that are looked at, and the periods of those that are looked up."""
        spans = {(self.look.first, date.max), *self._periods_looked_up()}
        return spans.union(map(_span, self._looked_up()))

    def _periods_looked_up(self):
        """The periods of the older days; there may be statements of shorter ones."""
        return {_period_of(self.account, day) or (day, day) for day in self.look.days}

    def _looked_up(self):
        """The statements of which each line is looked at, wherever it is booked."""
        return self.statements.filtered(
            lambda one: _has_day(_span(one), self.look.days)
        )

    def _look_at_lines(self, spans):
        """Sort out the days with lines, find statements that are wrong by them."""
        self._seen |= spans
        rows = self._rows(spans)
        dates = sorted({date_ for date_, *_others in rows})
        of_day = {
            day: statement.id
            for statement in self.statements | self.wrong
            for day in days_within(dates, *_span(statement))
        }
        for date_, bank_day, inside, is_own, is_wanted, *state in rows:
            is_known, is_gone = state
            there = {inside} if is_wanted else set()
            due = {of_day.get(date_)} - {None}
            if is_gone:
                self._wrong_ids |= there
            elif not is_known or date_ != bank_day:
                # A person has booked or changed it, or it is not on the bank's day.
                self._wrong_ids |= there
                self.blocked |= {date_, bank_day}
            elif inside and not is_own:
                # Somebody has put it into a statement of his own.
                self._wrong_ids |= due
                self.blocked.add(date_)
            elif not there or there != due:
                self._wrong_ids |= there | due
                self.loose.add(date_)

    def _rows(self, spans):
        """The rows of the lines of these days."""
        account = self.account
        flush_lines(account)
        lines = _OF_JOURNAL if self.look.is_whole else _OF_SPANS
        firsts, lasts = zip(*spans, strict=True)
        values = {"account": account.id, "journal": account.journal_id.id}
        inside = (self._looked_up() | self.wrong).ids
        lines = SQL(lines, firsts=[*firsts], lasts=[*lasts], inside=inside, **values)
        query = SQL(
            _ROWS,
            lines=lines,
            first=account.sync_from,
            opening=account.opening_line_id.id or None,
            reversed=reversed_lines(account).ids,
            **values,
        )
        return account.env.execute_query(query)

    def _look_at_figures(self, days):
        """Find statements whose balances are not their lines' or the bank's.

        Without asking it: the proof has just found that it has what we expect.
        """
        account, statements = self.account, self.statements
        wrong = statements.filtered(lambda one: not one.is_complete)
        if statements and account.bank_opening_day == account.sync_from:
            sums = expected_sums(account, days)
            days = sorted(sums)
            changes = (float(sums[day].net) for day in days)
            balances = list(accumulate(changes, initial=account.bank_opening_balance))
            wrong |= statements.filtered(
                lambda one: not _has_balances(account, one, days, balances)
            )
        self._wrong_ids.update(wrong.ids)


def _has_balances(account, statement, days, balances):
    """Whether it begins and ends with what the bank had before and after its days.

    :param balances: what the bank had when each of ``days`` began, and after all
    """
    first, last = _span(statement)
    same = partial(is_equal, account.currency_id)
    return same(balances[bisect_left(days, first)], statement.balance_start) and same(
        balances[bisect_right(days, last)], statement.balance_end_real
    )


def _span(statement):
    return statement.tbc_day_from, statement.tbc_day_to


def _has_day(span, days):
    return any(span[0] <= day <= span[1] for day in days)


def own_statements(account, domain=Domain.TRUE):
    """Return the statements that were made here, the oldest first."""
    statements = account.env["account.bank.statement"]
    statements.flush_model()
    return statements.search_fetch(
        Domain("tbc_account_id", "=", account.id) & domain,
        [*_FIGURES, "is_complete"],
        order="tbc_day_from",
    )


def has_statements(account):
    """Whether any was made here."""
    statements = account.env["account.bank.statement"]
    return bool(statements.search([("tbc_account_id", "=", account.id)], limit=1))


def _period_of(account, day):
    """Return the first and last day of the period of ``day``; None without one."""
    if account.statement_period == "daily":
        return day, day
    if account.statement_period == "monthly":
        return day.replace(day=1), date_utils.end_of(day, "month")
    return None
