import logging
from datetime import timedelta

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL, date_utils

from ..tbc import TbcError
from .concurrency import CONCURRENCY_ERRORS

_logger = logging.getLogger(__name__)

# Each costs a question to the bank: the rest is made by the next reads.
STATEMENTS_A_READ = 31
ONE_DAY = timedelta(days=1)


class TbcAccount(models.Model):
    _inherit = "tbc.account"

    # === BANK STATEMENTS === #

    def _tie_out(self, client, commit):
        """Keep the bank's figures of each month, make the statements that agree.

        What fails here fails no read: the movements are booked, the next read asks
        again.

        :param commit: called after each step: makes it last, returns the seconds left
        """
        try:
            self._ask_months(client, commit)
            self._make_statements(client, commit)
        except TbcError as error:
            self.integration_id._record_refusal(error)
            _logger.info("TBC account %s: no monthly figures: %s", self.id, error)

    def _make_statements(self, client, commit):
        """Make or mend the statements of periods that are over, the oldest first."""
        if self.statement_period == "none" and not self._own_statements():
            return
        loose, foreign = self._days_of_lines()
        blocked = foreign | self._unsettled_days()
        due, asked = self._spans_due(loose, blocked), set()
        while due and len(asked) < STATEMENTS_A_READ:
            span = min(due)
            asked.add(span)
            mended = self._make_statement(client, *span)
            if not commit():
                return
            if mended:
                # Those after it begin with another balance now.
                due |= self._ready(self._broken_spans(), blocked)
            due -= asked

    def _own_statements(self):
        """Return the statements that were made here, the oldest first."""
        return self.env["account.bank.statement"].search(
            [("tbc_account_id", "=", self.id)], order="tbc_day_from"
        )

    def _spans_due(self, loose, blocked):
        """Return ``{(first day, last day)}`` that the bank shall be asked about.

        :param loose: the days of lines without a statement
        :param blocked: the days that keep a period from having one
        """
        taken = [(s.tbc_day_from, s.tbc_day_to) for s in self._own_statements()]
        due = self._broken_spans()
        for day in loose:
            inside = [span for span in taken if span[0] <= day <= span[1]]
            due.update(inside)
            span = self._period(day)
            if span and not inside and not _overlap(span, taken):
                due.add(span)
        return self._ready(due, blocked)

    def _ready(self, spans, blocked):
        """Return which of ``spans`` are over, read and without anything open."""
        return {
            span
            for span in spans
            if self._is_completely_read(*span)
            and not any(span[0] <= day <= span[1] for day in blocked)
        }

    def _broken_spans(self):
        """The spans of statements that add up no more, or follow no more."""
        broken, before = set(), None
        between = self._sums_outside_statements()
        for statement in self._own_statements():
            span = (statement.tbc_day_from, statement.tbc_day_to)
            if not statement.is_complete:
                broken.add(span)
            elif before:
                gap = (before.tbc_day_to + ONE_DAY, span[0] - ONE_DAY)
                held_in, held_out = self._held_sums(*gap)
                moved = sum(
                    amount for day, amount in between if gap[0] <= day <= gap[1]
                )
                expected = before.balance_end_real + moved + held_in - held_out
                if not self._is_equal(expected, statement.balance_start):
                    broken.add(span)
            before = statement
        return broken

    def _sums_outside_statements(self):
        """Return ``[(the bank's day, sum)]`` of lines in no statement of ours."""
        self.env["account.bank.statement.line"].flush_model()
        self.env["account.bank.statement"].flush_model()
        return self.env.execute_query(
            SQL(
                """
                SELECT COALESCE(line.tbc_day, move.date), SUM(line.amount)::float
                  FROM account_bank_statement_line line
                  JOIN account_move move ON move.id = line.move_id
             LEFT JOIN account_bank_statement statement
                    ON statement.id = line.statement_id
                 WHERE line.tbc_account_id = %(account)s
                   AND line.tbc_movement_id IS NOT NULL
                   AND statement.tbc_account_id IS DISTINCT FROM %(account)s
                 GROUP BY 1
                """,
                account=self.id,
            )
        )

    def _period(self, day):
        """Return the first and last day of the period of ``day``; None without one."""
        if self.statement_period == "daily":
            return day, day
        if self.statement_period == "monthly":
            return day.replace(day=1), date_utils.end_of(day, "month")
        return None

    def _is_completely_read(self, first, last):
        """Whether all that the bank has of these days was listed once, at least."""
        return bool(
            self.synced_until and self.sync_from <= first and last <= self.synced_until
        )

    def _days_of_lines(self):
        """Return two sets of days: those of loose bank lines, and those left alone.

        Left alone is a day with a line that a person booked, changed or put into a
        statement of his own, or that stands in the books on another day than at the
        bank.
        """
        self.env["account.bank.statement.line"].flush_model()
        self.env["account.bank.statement"].flush_model()
        self.env["account.move"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                WITH line AS (
                    SELECT line.statement_id, move.date, line.tbc_day,
                           COALESCE(line.tbc_day, move.date) <> move.date
                           OR line.tbc_movement_id IS NULL
                           OR line.tbc_account_id IS DISTINCT FROM %(account)s
                           OR move.state <> 'posted'
                           OR statement.id IS NOT NULL
                              AND statement.tbc_account_id IS DISTINCT FROM %(account)s
                           AS is_foreign
                      FROM account_bank_statement_line line
                      JOIN account_move move ON move.id = line.move_id
                 LEFT JOIN account_bank_statement statement
                        ON statement.id = line.statement_id
                     WHERE line.journal_id = %(journal)s
                       AND move.date >= %(first)s
                       AND line.id IS DISTINCT FROM %(opening)s
                       AND (move.state <> 'cancel' OR line.tbc_movement_id IS NOT NULL)
                )
                SELECT date, is_foreign FROM line
                 WHERE is_foreign OR statement_id IS NULL GROUP BY 1, 2
                 UNION SELECT tbc_day, TRUE FROM line
                        WHERE is_foreign AND tbc_day IS NOT NULL
                """,
                account=self.id,
                journal=self.journal_id.id,
                first=self.sync_from,
                opening=self.opening_line_id.id or None,
            )
        )
        loose = {day for day, is_foreign in rows if not is_foreign}
        return loose, {day for day, is_foreign in rows if is_foreign}

    def _unsettled_days(self):
        """The days with movements that are not booked, or with a difference."""
        held = self.held_ids.filtered(lambda h: h.day and h.reason != "waiting")
        # Archived ones too: what an entry by hand makes up for is no movement.
        return {*held.mapped("day"), *self._all_differences().mapped("day")}

    def _make_statement(self, client, first, last):
        """Make the statement of these days, or mend it, if the bank says the same.

        :return: whether one that existed was changed
        """
        answer = client.statement(self.iban, self.currency_id.name, first, last)
        lines = self._lines_between(first, last)
        if not self._agrees(answer, lines):
            return False
        statement = self.env["account.bank.statement"].search(
            [("tbc_account_id", "=", self.id), ("tbc_day_from", "=", first)]
        )
        vals = {
            "balance_start": float(answer.opening_balance),
            "balance_end_real": float(answer.closing_balance),
        }
        try:
            with self.env.cr.savepoint():
                if statement:
                    self._mend_statement(statement, lines, vals)
                elif lines:
                    self._create_statement(first, last, lines, vals)
        except (UserError, *CONCURRENCY_ERRORS):
            # Another module's rule, or somebody at work on one of the lines: the next
            # read tries again.
            _logger.info("TBC account %s: no statement of %s", self.id, first)
            return False
        return bool(statement)

    def _lines_between(self, first, last):
        return self.env["account.bank.statement.line"].search(
            [
                ("tbc_account_id", "=", self.id),
                ("tbc_movement_id", "!=", False),
                ("date", ">=", first),
                ("date", "<=", last),
                ("state", "=", "posted"),
            ]
        )

    def _agrees(self, answer, lines):
        """Whether the bank's figures are those of ``lines``, and add up."""
        amounts = lines.mapped("amount")
        return (
            self._is_equal(answer.credit_sum, sum(a for a in amounts if a > 0))
            and self._is_equal(answer.debit_sum, -sum(a for a in amounts if a < 0))
            and answer.opening_balance + answer.credit_sum - answer.debit_sum
            == answer.closing_balance
        )

    def _mend_statement(self, statement, lines, vals):
        if not lines:
            # The bank took back all that was in it.
            statement.unlink()
            return
        statement.write({**vals, "line_ids": [Command.set(lines.ids)]})

    def _create_statement(self, first, last, lines, vals):
        self.env["account.bank.statement"].create(
            {
                **vals,
                "name": self._statement_name(first, last),
                "reference": f"{self.iban} {self.currency_id.name} {first} {last}",
                "date": last,
                "tbc_account_id": self.id,
                "tbc_day_from": first,
                "tbc_day_to": last,
                "line_ids": [Command.set(lines.ids)],
            }
        )

    def _statement_name(self, first, last):
        """``TBC GEL …1292 2026-05``: it stays what it is in every language."""
        period = f"{first:%Y-%m}" if first != last else str(first)
        return f"TBC {self.currency_id.name} …{self.iban[-4:]} {period}"


def _overlap(span, taken):
    first, last = span
    return any(begin <= last and first <= end for begin, end in taken)
