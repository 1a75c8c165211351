import logging

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import date_utils

from .. import messages
from ..services.locks import CONCURRENCY_ERRORS
from ..tbc import TbcError, TbcRefused, TbcUnreadable
from .guard import only_one
from .period_limit import ask_statement
from .statement_days import StatementDays
from .tbc_account_refusal import may_speak_of_one
from .tbc_integration_credentials import open_client

_logger = logging.getLogger(__name__)

# Each costs a question to the bank: the rest is made by the next reads.
STATEMENTS_A_READ = 31
# A person who presses the button waits for it.
STATEMENTS_A_CLICK = 366


class TbcAccount(models.Model):
    _inherit = "tbc.account"

    # === BANK STATEMENTS === #

    def _tie_out(self, client, commit):
        """Keep the bank's figures of each month, make the statements that agree.

        What fails here fails no read: the movements are booked, the next read asks
        again. Statements that are wrong then are told.

        :param commit: called after each step: makes it last, returns the seconds left
        """
        try:
            self._ask_months(client, commit)
            self._make_statements(client, commit)
        except TbcError as error:
            # The bank may refuse one month only: the next read tells whether it is more.
            if not may_speak_of_one(error):
                self.integration_id._record_refusal(error)
            _logger.info("TBC account %s: no monthly figures: %s", self.id, error)
        self._keep_statement_differences()

    def _make_statements(self, client, commit, most=None):
        """Make the statements of periods that are over, and anew what is wrong.

        The oldest first, but behind the others what a read before could not mend.

        :param int most: how many at the most; ``STATEMENTS_A_READ`` if not said
        """
        if self.statement_period == "none" and not self._own_statements():
            return
        told = set(self._statement_differences().mapped("day"))
        spans = sorted(
            StatementDays(self).spans(), key=lambda span: (span[0] in told, span)
        )
        for span in spans[: most or STATEMENTS_A_READ]:
            try:
                self._make_statement(client, *span)
            except (TbcRefused, TbcUnreadable) as error:
                # The others are not kept waiting by a period that the bank won't tell.
                _logger.info("TBC account %s: %s not told: %s", self.id, span, error)
            if not commit():
                return

    def _own_statements(self):
        """Return the statements that were made here, the oldest first."""
        return self.env["account.bank.statement"].search(
            [("tbc_account_id", "=", self.id)], order="tbc_day_from"
        )

    # === WRONG STATEMENTS === #

    def _statement_differences(self):
        return self._all_differences().filtered(
            lambda difference: difference.kind == "statement"
        )

    def _keep_statement_differences(self):
        """Tell which statements are wrong, where nothing else of their days is told."""
        known = self._statement_differences()
        if not known and not self._own_statements():
            return
        known._replace_by(
            self,
            [
                {
                    "kind": "statement",
                    "day": statement.tbc_day_from,
                    "amount": 0.0,
                    "statement_id": statement.id,
                }
                for statement in StatementDays(self).untold()
            ],
        )
        self.invalidate_recordset(["difference_ids"])

    def action_make_statements(self):
        """Make the wrong statements anew with the bank's figures, and say how it went."""
        only_one(self)
        self._check_may_sync()
        account = self.sudo()
        notice = self.integration_id._notice
        account.flush_recordset()
        if not account.try_lock_for_update(allow_referencing=True):
            sentence = self.env._(
                "%(account)s is being read already.", account=self.display_name
            )
            return notice(sentence, kind="warning")
        try:
            with open_client(account.integration_id) as client:
                account._make_statements(client, lambda: True, most=STATEMENTS_A_CLICK)
        except TbcError as error:
            account.integration_id._record_refusal(error)
            return notice(messages.user_message(self.env, error), kind="danger")
        account._keep_statement_differences()
        wrong = account._statement_differences().with_env(self.env)
        if wrong:
            return notice(wrong[0].message, kind="warning")
        return notice(self.env._("The bank statements agree with the bank."))

    # === MAKING === #

    def _period(self, day):
        """Return the first and last day of the period of ``day``; None without one."""
        if self.statement_period == "daily":
            return day, day
        if self.statement_period == "monthly":
            return day.replace(day=1), date_utils.end_of(day, "month")
        return None

    def _is_completely_read(self, first, last):
        """Whether all that the bank has of these days was listed once, at least."""
        until = self._last_day_listed()
        return bool(until and self.sync_from <= first and last <= until)

    def _make_statement(self, client, first, last):
        """Make the statement of these days, or mend it, if the bank says the same."""
        answer = ask_statement(self, client, first, last)
        lines = self._lines_between(first, last)
        if not self._agrees(answer, lines):
            return
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

    def _lines_between(self, first, last):
        """Return the lines of the bank's movements, but for those made up for by hand."""
        return self.env["account.bank.statement.line"].search(
            [
                ("id", "not in", self._reversed_lines().ids),
                ("tbc_account_id", "=", self.id),
                ("tbc_movement_id", "!=", False),
                ("date", ">=", first),
                ("date", "<=", last),
                ("state", "=", "posted"),
            ]
        )

    def _reversed_lines(self):
        """The lines that the bank took back, and what was entered against them."""
        return self._all_differences().filtered(lambda d: d._is_reversed()).line_id

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
        # A line may have gone with its entry, which the database does by itself.
        statement.modified(["line_ids"])
        day = statement.tbc_day_to
        statement.write({**vals, "date": day, "line_ids": [Command.set(lines.ids)]})

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
