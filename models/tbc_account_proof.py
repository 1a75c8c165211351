from decimal import Decimal

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..bookkeeping import Sums
from ..services.chatter import write_note
from .exact_amount import is_nil
from .guard import only_one
from .miscount import forget_unread
from .tbc_difference import AT_THE_BANK, IN_THE_BOOKS


class TbcAccount(models.Model):
    _inherit = "tbc.account"

    difference_count = fields.Integer(compute="_compute_difference_count")
    proved_day = fields.Date(
        readonly=True,
        copy=False,
        help="The day whose opening balance was last compared by itself; each read"
        " takes the next one.",
    )
    relisted_from = fields.Date(
        readonly=True,
        copy=False,
        help="The older days are listed again, a month a day and the newest first; this"
        " is the first one of those that were.",
    )
    relisted_on = fields.Date(
        readonly=True,
        copy=False,
        help="The last day on which that was done.",
    )

    @api.depends("difference_ids")
    def _compute_difference_count(self):
        for account in self:
            account.difference_count = len(account.difference_ids)

    def action_open_differences(self):
        """List where books and bank disagree, each with what mends it."""
        only_one(self)
        return self._open("account_tbc_bank.tbc_difference_action", "account_id")

    # === WHAT THE BANK TOLD === #

    def _day_sums(self, first, last):
        """Return ``{day: Sums}`` of the bank's movements that we know, by its own days.

        Booked ones with the amount that the bank told, whatever became of it here, and
        those that are held for Odoo's own obstacles; one query.
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT day,
                       COALESCE(SUM(amount) FILTER (WHERE amount > 0), 0)::text,
                       COALESCE(-SUM(amount) FILTER (WHERE amount < 0), 0)::text
                  FROM (SELECT COALESCE(line.tbc_day, move.date) AS day,
                               COALESCE(line.tbc_amount, line.amount) AS amount
                          FROM account_bank_statement_line line
                          JOIN account_move move ON move.id = line.move_id
                         WHERE line.tbc_account_id = %(account)s
                           AND line.tbc_movement_id IS NOT NULL
                         UNION ALL
                        SELECT day, amount
                          FROM tbc_held_movement
                         WHERE account_id = %(account)s
                           AND reason != 'waiting') movement
                 WHERE day BETWEEN %(first)s AND %(last)s
                 GROUP BY day
                """,
                account=self.id,
                first=first,
                last=last,
            )
        )
        # As text: Odoo would make them floats, in which sums of cents are not exact.
        return {
            day: Sums(Decimal(credit), Decimal(debit)) for day, credit, debit in rows
        }

    def _lines_of_day(self, day):
        """Return the lines of the bank's movements of one of its days."""
        return self.env["account.bank.statement.line"].search(
            Domain("tbc_account_id", "=", self.id)
            & Domain("tbc_movement_id", "!=", False)
            & (
                Domain("tbc_day", "=", day)
                | (Domain("tbc_day", "=", False) & Domain("date", "=", day))
            ),
            order="id",
        )

    def _take_days(self, lines, movements):
        """Give the lines whose movement has another day at the bank now that day.

        :param movements: ``{movement id: Movement}``
        """
        for line in lines:
            movement = movements.get(line.tbc_movement_id)
            if movement and movement.day != (line.tbc_day or line.date):
                line.tbc_day = movement.day

    def _take_amounts(self, lines, movements):
        """Keep what the bank says now of booked movements whose amount it has changed.

        The entry stays: what its amount differs by is then told, and a person decides.

        :param movements: ``{movement id: Movement}``
        """
        for line in lines:
            movement = movements.get(line.tbc_movement_id)
            if not movement or not movement.is_authorised:
                continue
            amount = float(movement.amount)
            told = line.tbc_amount or line.amount
            if not self.currency_id.compare_amounts(told, amount):
                continue
            known = line.tbc_amount
            line.tbc_amount = amount
            if not known:
                # A line of an older version: who has changed it, is not known.
                continue
            sentence = self.env._(
                "The bank tells %(now)s for this movement, and told %(before)s before.",
                now=self.currency_id.format(amount),
                before=self.currency_id.format(told),
            )
            write_note(line.move_id, sentence)

    def _unlisted_held(self, day, listed):
        """Return what is held for ``day`` and the bank does not list there any more.

        It must not be booked once its obstacle is gone.

        :param set listed: the ids listed on that day
        """
        return self.held_ids.filtered(
            lambda held: (
                held.day == day
                and held.reason != "waiting"
                and held.movement_id not in listed
            )
        )

    # === REASONS === #

    def _reasons_at_the_bank(self, day, listed, gap):
        """Return the values of the differences between bank and known movements.

        :param set listed: ids of the authorised movements that the bank lists on
            ``day``; ``None`` where its list can't be trusted
        :param Sums gap: the bank's sums less ours
        """
        reasons = []
        for line in self._lines_of_day(day) if listed is not None else ():
            if line.tbc_movement_id in listed:
                continue
            told = line.tbc_amount or line.amount
            gap += Sums.of(Decimal(str(told)))
            reasons.append({"kind": "not_at_bank", "amount": told, "line_id": line.id})
        # What the bank has more than it lists, our books have less, and the reverse.
        for excess, amount in ((gap.credit, -gap.credit), (gap.debit, gap.debit)):
            if not is_nil(float(excess)):
                kind = "unlisted" if excess > 0 else "uncounted"
                reasons.append({"kind": kind, "amount": float(amount)})
        return [{"day": day, **reason} for reason in reasons]

    def _reasons_in_the_books(self, today):
        """Return the values of the differences between known movements and ledger."""
        return [*self._reasons_of_lines(), *self._reasons_by_hand(today)]

    def _reasons_of_lines(self):
        """Lines that the ledger holds with another amount, or on another day."""
        reasons, locked = [], {}
        for line_id, day, date, told, booked in self._deviating_lines():
            if booked != told:
                amount = round(booked - told, 2)
                vals = {"kind": "changed", "amount": amount}
                reasons.append({**vals, "day": day, "line_id": line_id})
            if day not in locked:
                locked[day] = bool(self._lock_violations(day))
            # What lies in a locked period is booked later, and that is as it should be.
            if day == date or not booked or (day < date and locked[day]):
                continue
            amount = -booked if day < date else booked
            vals = {"kind": "other_day", "amount": amount}
            reasons.append({**vals, "day": min(day, date), "line_id": line_id})
        return reasons

    def _deviating_lines(self):
        """Return rows of line id, bank's day, booked day, amounts told and booked."""
        self.env.flush_all()
        return self.env.execute_query(
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
                amount=self._ledger_amount(),
                on_account=self._on_bank_account(),
                account=self.id,
                first=self.sync_from,
            )
        )

    def _reasons_by_hand(self, today):
        """Items on the bank's account that are no movement; those of a day may cancel."""
        by_day = {}
        for item_id, line_id, day, amount in self._items_by_hand(today):
            by_day.setdefault(day, []).append(
                {
                    "kind": "by_hand",
                    "day": day,
                    "amount": amount,
                    "line_id": line_id,
                    "move_line_id": item_id,
                }
            )
        opening = self._opening_gap()
        reasons = []
        for day, found in by_day.items():
            total = sum(reason["amount"] for reason in found)
            # The opening balance, entered on the first day, is right at its end.
            explained = opening if day == self.sync_from else 0.0
            if self.currency_id.compare_amounts(
                total, explained
            ) and not self.currency_id.is_zero(total):
                reasons += found
        return reasons

    def _items_by_hand(self, today):
        """Return rows of item id, bank line id or None, day and amount."""
        self.env.flush_all()
        return self.env.execute_query(
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
                amount=self._ledger_amount(),
                on_account=self._on_bank_account(),
                first=self.sync_from,
                last=today,
                opening=self.opening_line_id.id or 0,
                account=self.id,
            )
        )

    def _ledger_amount(self):
        """The column of ``item`` that is in the account's currency."""
        if self.currency_id == self.company_id.currency_id:
            return SQL("item.balance")
        return SQL("item.amount_currency")

    def _on_bank_account(self):
        """The condition that ``item`` counts in the balance of the bank's account."""
        condition = SQL(
            "item.account_id = %s AND item.parent_state = 'posted'"
            " AND item.company_id = ANY(%s)",
            self.journal_id.default_account_id.id,
            self._company_tree().ids,
        )
        if self.currency_id != self.company_id.currency_id:
            condition = SQL(
                "%s AND item.currency_id = %s", condition, self.currency_id.id
            )
        return condition

    # === KEPT DIFFERENCES === #

    def _all_differences(self):
        """Return the differences, those that an entry by hand makes up for, too."""
        return (
            self.env["tbc.difference"]
            .with_context(active_test=False)
            .search([("account_id", "=", self.id)])
        )

    def _known_gaps(self):
        """Return ``{day: Sums}``: ours less the bank's, of the days that are known."""
        gaps = {}
        for difference in self._all_differences():
            if difference.kind in AT_THE_BANK:
                gap = gaps.get(difference.day, Sums())
                gaps[difference.day] = gap + difference._sums()
        return gaps

    def _keep_bank_differences(self, day, reasons):
        """Let ``reasons`` be what remains between bank and known movements on a day."""
        known = self._all_differences().filtered(
            lambda difference: difference.day == day and difference.kind in AT_THE_BANK
        )
        known._replace_by(self, reasons)

    def _keep_book_differences(self, today):
        """Find anew what the books differ by from the movements that we know."""
        forget_unread(self)
        differences = self._all_differences()
        # A later first day leaves what lies before it to the opening balance.
        differences.filtered(
            lambda difference: (
                difference.kind in AT_THE_BANK and difference.day < self.sync_from
            )
        ).unlink()
        known = differences.exists().filtered(lambda d: d.kind in IN_THE_BOOKS)
        known._replace_by(self, self._reasons_in_the_books(today))
        self._all_differences()._settle()
        self.invalidate_recordset(["difference_ids"])

    def _first_difference_sentence(self):
        """Say where books and bank disagree first, and what to do about it."""
        # Money comes first.
        first = self.difference_ids.sorted(
            lambda d: (d.kind == "statement", d.day, d.id)
        )[0]
        sentence = first._sentence()
        others = len(self.difference_ids) - 1
        if others == 1:
            sentence += " " + self.env._("There is one more difference.")
        elif others:
            sentence += " " + self.env._(
                "There are %(count)s more differences.", count=others
            )
        return sentence
