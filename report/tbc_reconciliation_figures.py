"""The figures of the TBC Reconciliation report: the books beside the bank."""

import itertools
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from dateutil.relativedelta import relativedelta

from odoo.tools import SQL, date_utils

from ..services.clock import bank_today
from ..services.statements.coverage import last_day_listed

ONE_DAY = timedelta(days=1)


@dataclass(slots=True)
class Side:
    """One side's figures: opening + credits − debits = closing."""

    opening: float
    credits: float
    debits: float
    closing: float


@dataclass(slots=True)
class Row:
    """One account and month.

    ``bank`` is ``None`` where the bank was not asked; ``bank_until`` its last day where
    that is before ``last``. Amounts are in the account's currency.
    """

    month: date
    first: date
    last: date
    books: Side
    bank: Side | None = None
    bank_until: date | None = None
    asked_at: datetime | None = None
    unmatched: int = 0
    unmatched_amount: float = 0.0
    unread_days: int = 0
    held: int = 0
    held_amount: float = 0.0
    differing_days: int = 0
    moved: int = 0
    differs: frozenset = frozenset()
    # Whether the difference is that of the month before, and nothing else differs.
    is_carried: bool = False

    @property
    def difference(self):
        """Books minus bank at the end; ``None`` where the bank was not asked."""
        if not self.bank:
            return None
        # Far below a tetri: only what binary fractions leave behind.
        return round(self.books.closing - self.bank.closing, 6)


class Figures:
    """Adds up the books of ``accounts_sudo`` from one month to another.

    :param accounts_sudo: ``tbc.account`` records that the user may see
    :param first_month: first day of the first month
    :param last_day: last day of the last month
    """

    def __init__(self, accounts_sudo, first_month, last_day):
        self.accounts = accounts_sudo
        self.env = accounts_sudo.env
        self.today = bank_today()
        self.first = first_month
        self.last = min(last_day, self.today)
        self.env.flush_all()

    def rows(self):
        """Return ``{account id: [Row]}``, oldest first."""
        turnover, months = self._turnover(), self._months()
        rows = {}
        for account in self.accounts:
            _in, _out, opening = turnover.get((account.id, None), (0.0, 0.0, 0.0))
            rows[account.id] = []
            for first, last in self._spans(account):
                key = (account.id, first.replace(day=1))
                in_, out, moved = turnover.get(key, (0.0, 0.0, 0.0))
                rounded = [account.currency_id.round(x) for x in (opening, in_, out)]
                closing = account.currency_id.round(opening + in_ - out)
                row = Row(key[1], first, last, Side(*rounded, closing))
                self._add_bank(account, row, months.get(key))
                rows[account.id].append(row)
                opening += moved
            self._mark_carried(rows[account.id])
        self._add_open_points(rows)
        return rows

    def _mark_carried(self, rows):
        """Mark the months that only hand on what differed before."""
        for before, row in itertools.pairwise(rows):
            row.is_carried = (
                row.differs == {"opening", "closing"}
                and "closing" in before.differs
                and before.difference == row.difference
            )

    def _spans(self, account):
        """Yield the first and last day of each month in which days are wanted."""
        first = max(self.first, account.sync_from)
        while first <= self.last:
            yield first, min(date_utils.end_of(first, "month"), self.last)
            first = first.replace(day=1) + relativedelta(months=1)

    def _months(self):
        found = self.env["tbc.month"].search(
            [
                ("account_id", "in", self.accounts.ids),
                ("month", ">=", self.first),
                ("month", "<=", self.last),
            ]
        )
        return {(record.account_id.id, record.month): record for record in found}

    def _add_bank(self, account, row, record):
        """Put the bank's figures beside ours; those of other days are none."""
        if not record or record.day_from != row.first:
            return
        row.bank = Side(record.opening, record.credits, record.debits, record.closing)
        row.asked_at = record.asked_at
        if record.day_to < row.last:
            row.bank_until = record.day_to
        row.differs = _differing(row.books, row.bank, account.currency_id)

    # --- the ledger ---------------------------------------------------------------------

    def _ledger(self):
        """The posted items of each account's own ledger account, as a sub-query.

        ``amount`` is in the account's currency; ``is_opening`` marks the bank's opening
        balance, booked by a read, which may stand on the first day wanted itself.
        """
        return SQL(
            """
            SELECT account.id AS account_id, account.sync_from, item.date,
                   CASE WHEN account.currency_id = company.currency_id
                        THEN item.balance ELSE item.amount_currency END AS amount,
                   opening.move_id IS NOT NULL AS is_opening
              FROM tbc_account account
              JOIN res_company company ON company.id = account.company_id
              JOIN account_journal journal ON journal.id = account.journal_id
              JOIN account_move_line item
                ON item.account_id = journal.default_account_id
               AND item.parent_state = 'posted'
               AND (account.currency_id = company.currency_id
                    OR item.currency_id = account.currency_id)
              -- Branches share the root's accounts, so any company of the tree counts.
              JOIN res_company holder
                ON holder.id = item.company_id
               AND SPLIT_PART(holder.parent_path, '/', 1)
                   = SPLIT_PART(company.parent_path, '/', 1)
         LEFT JOIN account_bank_statement_line opening
                ON opening.id = account.opening_line_id
               AND opening.move_id = item.move_id
             WHERE account.id = ANY(%(accounts)s) AND item.date <= %(last)s
            """,
            accounts=self.accounts.ids,
            last=self.last,
        )

    def _turnover(self):
        """Return ``{(account id, month): (in, out, change)}``.

        In and out until the last day that the bank's figures cover; the change of the
        whole month, for the month after. What came before the first day shown has the
        month ``None``.
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT item.account_id,
                       CASE WHEN is_opening
                              OR item.date < GREATEST(item.sync_from, %(first)s)
                            THEN NULL
                            ELSE date_trunc('month', item.date)::date END,
                       SUM(GREATEST(amount, 0)) FILTER (
                           WHERE item.date <= COALESCE(month.day_to, item.date)
                       )::float,
                       SUM(GREATEST(-amount, 0)) FILTER (
                           WHERE item.date <= COALESCE(month.day_to, item.date)
                       )::float,
                       SUM(amount)::float
                  FROM (%(ledger)s) item
             LEFT JOIN tbc_month month
                    ON month.account_id = item.account_id
                   AND month.month = date_trunc('month', item.date)::date
                   AND month.day_from = GREATEST(month.month, item.sync_from)
                 GROUP BY 1, 2
                """,
                ledger=self._ledger(),
                first=self.first,
            )
        )
        return {
            (account, month): (in_ or 0.0, out or 0.0, change)
            for account, month, in_, out, change in rows
        }

    # --- what is still open -------------------------------------------------------------

    def _add_open_points(self, rows):
        """Fill in what explains a difference, or is left to do."""
        unmatched, moved = self._unmatched(), self._moved()
        held, differing = self._held(), self._differing()
        for account in self.accounts:
            for row in rows[account.id]:
                key = (account.id, row.month)
                row.unmatched, row.unmatched_amount = unmatched.get(key, (0, 0.0))
                row.held, row.held_amount = held.get(key, (0, 0.0))
                row.differing_days = differing.get(key, 0)
                row.moved = moved.get(key, 0)
                row.unread_days = self._unread_days(account, row)

    def _unread_days(self, account, row):
        """How many days that are over were not read completely."""
        last = min(row.last, self.today - ONE_DAY)
        first = row.first
        if until := last_day_listed(account):
            first = max(first, until + ONE_DAY)
        return max((last - first).days + 1, 0)

    def _unmatched(self):
        """Return ``{(account id, month): (lines, amount)}`` of what is in suspense."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT account.id, date_trunc('month', move.date)::date, COUNT(*),
                       SUM(line.amount)::float
                  FROM tbc_account account
                  JOIN account_bank_statement_line line
                    ON line.journal_id = account.journal_id
                  JOIN account_move move ON move.id = line.move_id
                 WHERE account.id = ANY(%(accounts)s)
                   AND line.is_reconciled IS NOT TRUE
                   AND move.state = 'posted'
                   AND move.date BETWEEN GREATEST(account.sync_from, %(first)s)
                                     AND %(last)s
                 GROUP BY 1, 2
                """,
                accounts=self.accounts.ids,
                first=self.first,
                last=self.last,
            )
        )
        return {(account, month): tuple(rest) for account, month, *rest in rows}

    def _moved(self):
        """Return ``{(account id, month): lines}`` booked in it on another day, or not.

        A line that left its month counts there and where it went.
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT line.tbc_account_id, month.month, COUNT(*)
                  FROM account_bank_statement_line line
                  JOIN account_move move ON move.id = line.move_id
            CROSS JOIN LATERAL (
                           SELECT date_trunc('month', line.tbc_day)::date AS month
                            UNION
                           SELECT date_trunc('month', move.date)::date
                       ) month
                 WHERE line.tbc_account_id = ANY(%(accounts)s)
                   AND line.tbc_day <> move.date
                 GROUP BY 1, 2
                """,
                accounts=self.accounts.ids,
            )
        )
        return {(account, month): count for account, month, count in rows}

    def _held(self):
        """Return ``{(account id, month): (movements, amount)}`` counted by the bank."""
        groups = self.env["tbc.held.movement"]._read_group(
            [
                ("account_id", "in", self.accounts.ids),
                ("reason", "!=", "waiting"),
                ("day", "!=", False),
            ],
            ["account_id", "day:month"],
            ["__count", "amount:sum"],
        )
        return {(account.id, month): tuple(rest) for account, month, *rest in groups}

    def _differing(self):
        """Return ``{(account id, month): days that differ}``."""
        groups = self.env["tbc.difference"]._read_group(
            [("account_id", "in", self.accounts.ids), ("kind", "!=", "statement")],
            ["account_id", "day:day"],
        )
        days = defaultdict(int)
        for account, day in groups:
            days[account.id, day.replace(day=1)] += 1
        return days


def total(rows, currency):
    """Return the ``Row`` that sums up ``rows`` of one account, ``None`` of none.

    The bank's side only where it was asked for each of them.
    """
    if not rows:
        return None
    last = rows[-1]
    books = _sum([row.books for row in rows])
    bank = _sum([row.bank for row in rows]) if all(r.bank for r in rows) else None
    return Row(
        rows[0].month,
        rows[0].first,
        last.last,
        books,
        bank=bank,
        bank_until=last.bank_until,
        unmatched=sum(row.unmatched for row in rows),
        unmatched_amount=sum(row.unmatched_amount for row in rows),
        unread_days=sum(row.unread_days for row in rows),
        held=sum(row.held for row in rows),
        held_amount=sum(row.held_amount for row in rows),
        differing_days=sum(row.differing_days for row in rows),
        moved=sum(row.moved for row in rows),
        differs=_differing(books, bank, currency) if bank else frozenset(),
    )


def _differing(books, bank, currency):
    """Return the names of the figures in which the two sides differ."""
    return frozenset(
        name
        for name in Side.__slots__
        if currency.compare_amounts(getattr(books, name), getattr(bank, name))
    )


def _sum(sides):
    return Side(
        sides[0].opening,
        sum(side.credits for side in sides),
        sum(side.debits for side in sides),
        sides[-1].closing,
    )
