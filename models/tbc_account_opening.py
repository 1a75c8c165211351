import logging
from datetime import timedelta

from odoo import models
from odoo.exceptions import UserError

from .exact_amount import is_nil, is_rounded_away

_logger = logging.getLogger(__name__)

AMOUNTS = ("amount_currency", "debit", "credit")


class TbcAccount(models.Model):
    _inherit = "tbc.account"

    # === FIRST DAY === #

    def _restart_from(self, first_day):
        """Forget the cursor; an opening line of a later day would count double.

        Not so where the past was read up to the new first day: nothing is missing, and
        the next read moves the opening line.
        """
        self.ensure_one()
        account_sudo = self.sudo()
        if first_day < self.sync_from:
            if account_sudo._first_day_read() <= first_day:
                return
            account_sudo.opening_line_id.unlink()
        account_sudo.backfill_ids._forget_days_before(first_day)
        # The opening balance of the new first day holds what came before it.
        account_sudo.held_ids.filtered(
            lambda held: held.day and self.sync_from <= held.day < first_day
        ).unlink()
        account_sudo.write({"synced_until": False, "listed_until": False})

    # === OPENING BALANCE === #

    def _book_opening_line(self, *, retry_on_conflict=False):
        """Enter what the books lack of the bank's opening balance, if that is wanted.

        On the day before the first day wanted; on the first day itself where the day
        before is locked; while that is locked too it waits. The counterpart is the
        account of Odoo's own opening entry. A line of a later day, from before the
        past was read, moves.

        :param bool retry_on_conflict: whether the line's amount is reckoned again.
        :raise UserError: Odoo refuses the entry.
        """
        line = self.opening_line_id
        if self.bank_opening_day != self.sync_from:
            return
        if not line:
            gap = self._opening_gap() if self.book_opening else 0.0
            # It waits for what would keep its movements on hold as well.
            waits = (
                is_rounded_away(self.currency_id, gap)
                or self._rates().is_missing
                or self.journal_id.restrict_mode_hash_table
            )
            if not is_nil(gap) and not waits:
                self._put_opening(self.currency_id.round(gap))
        elif retry_on_conflict or line.date > self.sync_from:
            self._move_opening_line()

    def _begin_at(self, first_day, opening_balance):
        """Make ``first_day`` the first day wanted; all from there on has been read.

        :param opening_balance: the bank's, when that day began
        """
        self.write(
            {
                "sync_from": first_day,
                "bank_opening_balance": opening_balance,
                "bank_opening_day": first_day,
            }
        )
        self._book_opening_line(retry_on_conflict=True)

    def _move_opening_line(self):
        gap = self._opening_gap()
        if self.opening_line_id.date < self.sync_from:
            gap += self.opening_line_id.amount
        try:
            with self.env.cr.savepoint():
                self._put_opening(self.currency_id.round(gap))
        except UserError:
            # Each page has taken its sum out of it, so later days are right.
            _logger.info("TBC account %s: the opening line stays where it is", self.id)

    def _draw_from_opening(self, amount):
        """Take movements of before the first day wanted out of the opening line.

        It held them until now, so that later days stay right with each page.

        :param amount: their sum
        :raise UserError: the line can't be changed.
        """
        if self.currency_id.is_zero(amount):
            return
        line = self.opening_line_id
        if line:
            self._change_opening(line, self.currency_id.round(line.amount - amount))
        elif self.book_opening and self.bank_opening_day == self.sync_from:
            # The books lacked nothing on the first day, so they lack this before it.
            self._put_opening(-self.currency_id.round(amount))

    def _put_opening(self, amount):
        """Have one opening line of ``amount``, before all days that were read."""
        line, day = self.opening_line_id, self._opening_line_date()
        if line and self.currency_id.is_zero(amount):
            line.unlink()
        elif line and (not day or line.date <= day):
            self._change_opening(line, amount)
        elif day:
            line.unlink()
            self._create_opening(amount, day)

    def _opening_line_date(self):
        """Return the day for the opening line, ``None`` while all are locked.

        Already before the days that are still to be read, so that it moves but once.
        """
        first_days = self._unfinished_backfill().mapped("day_from")
        for first in sorted({*first_days, self.sync_from}):
            for day in (first - timedelta(days=1), first):
                if day <= self.sync_from and not self._lock_violations(day):
                    return day
        return None

    def _create_opening(self, amount, day):
        counterpart = self.company_id.get_unaffected_earnings_account()
        self.opening_line_id = self._create_together(
            [
                {
                    "journal_id": self.journal_id.id,
                    "date": day,
                    "amount": amount,
                    "payment_ref": self.env._("Opening balance at the bank"),
                    "counterpart_account_id": counterpart.id,
                    "transaction_details": self._prepare_opening_details(),
                }
            ]
        )

    def _change_opening(self, line, amount):
        """Write the amount of the opening line, and leave it its counterpart.

        Odoo's own way would put the suspense account in its place.
        """
        if not self.currency_id.compare_amounts(line.amount, amount):
            return
        liquidity, suspense, others = line._seek_for_lines()
        counterpart = suspense + others
        if len(liquidity) != 1 or len(counterpart) != 1:
            raise UserError(
                self.env._(
                    "The opening entry %(entry)s was changed by hand, so it can't follow"
                    " what is read before it. Give it its one counterpart again.",
                    entry=line.move_id.name,
                )
            )
        line = line.with_context(skip_account_move_synchronization=True)
        with self.env.cr.savepoint():
            line.amount = amount
            values = line._prepare_move_line_default_vals(counterpart.account_id.id)
            commands = [
                (1, entry.id, {name: vals[name] for name in AMOUNTS})
                for entry, vals in zip((liquidity, counterpart), values, strict=True)
            ]
            line.move_id.with_context(skip_readonly_check=True).write(
                {"line_ids": commands}
            )

    def _entered_otherwise_before(self):
        """Return what the books hold before the first day wanted, but not from reads."""
        day_before = self.sync_from - timedelta(days=1)
        total = self._books_balance(day_before)
        [[read]] = self.env["account.bank.statement.line"]._read_group(
            [
                ("tbc_account_id", "=", self.id),
                ("tbc_movement_id", "!=", False),
                ("date", "<=", day_before),
            ],
            aggregates=["amount:sum"],
        )
        line = self.opening_line_id
        opening = line.amount if line and line.date <= day_before else 0.0
        return self.currency_id.round(total - (read or 0.0) - opening)
