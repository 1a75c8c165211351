import logging
import math
from datetime import date, datetime, timedelta

from dateutil.relativedelta import relativedelta

from odoo import fields, models
from odoo.tools import SQL, date_utils

from ..services.clock import bank_today, utc_now
from ..tbc import TbcRefused, TbcUnreadable
from .period_limit import LONGEST, ask_statement

_logger = logging.getLogger(__name__)

# A long history comes in over several reads: a single one must not last for long. A
# month counts as often as the bank has to be asked for its parts.
MONTHS_A_READ = 12
# Differences that may mean other figures of the bank.
FOUND_AT_THE_BANK = ("unlisted", "not_at_bank", "other_day")
# Our own sums of a month without a line.
NOTHING = (0, 0.0, 0.0)


class TbcAccount(models.Model):
    _inherit = "tbc.account"

    month_ids = fields.One2many("tbc.month", "account_id", string="Months")

    # === THE BANK'S FIGURES OF EACH MONTH === #

    def _ask_months(self, client, commit):
        """Keep the bank's figures of each month since the first day wanted.

        Each once, this month's once a day, and again when something about it has
        changed since: a quiet read costs no question more.

        :param commit: called after each answer: makes it last, returns the seconds left
        :raise TbcError: the bank failed; what it answered before stays
        """
        spans = self._month_spans(bank_today())
        months = {record.month: record for record in self.month_ids}
        for month in months.keys() - spans.keys():
            months.pop(month).unlink()
        sums = self._month_sums()
        *past, this_month = sorted(spans)
        # Whoever was never asked comes first, then whoever was not for the longest.
        past.sort(key=lambda month: self._asked_at(months.get(month)))
        questions = 0
        for month in [this_month, *past]:
            record = months.get(month, self.env["tbc.month"])
            before = months.get(month - relativedelta(months=1), record.browse())
            own = sums.get(month, NOTHING)
            if not self._is_stale(record, before, spans[month], own):
                continue
            try:
                months[month] = self._ask_month(client, record, spans[month], sums)
            except (TbcRefused, TbcUnreadable) as error:
                # The others are not kept waiting by a month that the bank won't tell.
                _logger.info("TBC account %s: %s not told: %s", self.id, month, error)
            first, last = spans[month]
            days = self.longest_sums or LONGEST["longest_sums"]
            questions += math.ceil(((last - first).days + 1) / days)
            if not commit() or questions >= MONTHS_A_READ:
                return

    def _asked_at(self, record):
        return (record and record.asked_at) or datetime.min

    def _month_spans(self, today):
        """Return ``{first of the month: (first day, last day)}`` of the days wanted."""
        spans, month = {}, self.sync_from.replace(day=1)
        while month <= today:
            spans[month] = (
                max(month, self.sync_from),
                min(date_utils.end_of(month, "month"), today),
            )
            month += relativedelta(months=1)
        return spans

    def _month_sums(self):
        """Return ``{first of the month: (lines, credits, debits)}`` of our own lines.

        By the bank's day, and of what is posted only.
        """
        self.env["account.bank.statement.line"].flush_model()
        self.env["account.move"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT date_trunc('month', COALESCE(line.tbc_day, move.date))::date,
                       COUNT(*),
                       SUM(GREATEST(line.amount, 0)),
                       SUM(GREATEST(-line.amount, 0))
                  FROM account_bank_statement_line line
                  JOIN account_move move ON move.id = line.move_id
                 WHERE line.tbc_account_id = %(account)s
                   AND line.tbc_movement_id IS NOT NULL
                   AND move.state = 'posted'
                   AND COALESCE(line.tbc_day, move.date) >= %(first)s
                 GROUP BY 1
                """,
                account=self.id,
                first=self.sync_from,
            )
        )
        return {
            month: (count, float(credits), float(debits))
            for month, count, credits, debits in rows
        }

    def _is_stale(self, record, before, span, own):
        """Whether the bank is to be asked for a month.

        :param record: what it said of it; empty: it was never asked
        :param before: what it said of the month before; may be empty
        :param span: first day, last day
        :param own: our lines, credits, debits
        """
        if not record or (record.day_from, record.day_to) != span:
            return True
        is_equal = self._is_equal
        count, credits, debits = own
        if (
            record.line_count != count
            or not is_equal(record.line_credits, credits)
            or not is_equal(record.line_debits, debits)
            # The bank has changed something further back.
            or (before and not is_equal(before.closing, record.opening))
        ):
            return True
        if any(
            span[0] <= found.day <= span[1] and found.write_date > record.asked_at
            for found in self.difference_ids
            if found.kind in FOUND_AT_THE_BANK
        ):
            return True
        # The read has just asked for the balance of today.
        if span[1] == self.bank_balance_day and not is_equal(
            record.closing, self.bank_balance
        ):
            return True
        if utc_now() - record.asked_at < timedelta(days=1):
            # It differs and is known to; the proof looks after that.
            return False
        held_in, held_out = self._held_sums(*span)
        return not (
            is_equal(record.credits, credits + held_in)
            and is_equal(record.debits, debits + held_out)
        )

    def _is_equal(self, one, other):
        return not self.currency_id.compare_amounts(float(one), float(other))

    def _held_sums(self, first, last):
        """Return credits and debits that the bank counts and that are not booked."""
        amounts = [
            held.amount
            for held in self.held_ids
            if held.reason != "waiting" and first <= (held.day or date.max) <= last
        ]
        return sum(a for a in amounts if a > 0), -sum(a for a in amounts if a < 0)

    def _ask_month(self, client, record, span, sums):
        """Ask the bank for one month; return the record that keeps its answer."""
        month = span[0].replace(day=1)
        statement = ask_statement(self, client, *span)
        count, credits, debits = sums.get(month, NOTHING)
        vals = {
            "day_from": span[0],
            "day_to": span[1],
            "opening": float(statement.opening_balance),
            "credits": float(statement.credit_sum),
            "debits": float(statement.debit_sum),
            "closing": float(statement.closing_balance),
            "asked_at": utc_now(),
            "line_count": count,
            "line_credits": credits,
            "line_debits": debits,
        }
        if record:
            record.write(vals)
            return record
        return record.create({**vals, "account_id": self.id, "month": month})
