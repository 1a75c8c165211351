import json
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL, format_date, split_every

from ..bookkeeping import statement_line_values
from ..services.chatter import write_note
from ..tbc import TbcError, parse_movement

# How many of the bank's objects are in memory at once.
PORTION = 1000
# What a line of the opening balance says of itself, where movements have the bank's
# own object.
OPENING_OF = "tbcOpeningOf"
# Of the core's plain values, those that are gone when the module was uninstalled.
_RESTORED = (
    "tbc_day",
    "tbc_movement_id",
    "tbc_operation_id",
    "tbc_parent_operation_id",
    "tbc_payment_id",
)


class TbcAccount(models.Model):
    """Movements that are in the books already, from before the module was uninstalled.

    An uninstallation takes our columns along, so that a read would book everything
    again. The bank's own object stays on the line, in a field of Odoo.
    """

    _inherit = "tbc.account"

    @api.constrains("journal_id", "sync_from")
    def _check_not_booked_elsewhere(self):
        """The same movements in two journals would count twice in the ledger."""
        for account in self.filtered("journal_id"):
            for journal, last in account._journals_with_movements():
                if journal != account.journal_id and last >= account.sync_from:
                    raise ValidationError(
                        account._booked_elsewhere_sentence(journal, last)
                    )

    def _booked_elsewhere_sentence(self, journal, last):
        return self.env._(
            "%(journal)s holds movements of %(account)s until %(day)s. Link that"
            " journal, or read from a later day on.",
            journal=journal.display_name,
            account=self.display_name,
            day=format_date(self.env, last),
        )

    def _journals_with_movements(self):
        """Return ``[(journal, last day)]``: where movements of this account are booked
        that no account has now, most of them first.

        What the account's own journal has as well is only a copy there.
        """
        self.ensure_one()
        self._flush_lines()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT line.journal_id, MAX(move.date)
                  FROM account_bank_statement_line line
                  JOIN account_move move ON move.id = line.move_id
                 WHERE line.company_id = %s
                   AND line.tbc_account_id IS NULL
                   AND line.transaction_details @> %s::jsonb
                   AND line.transaction_details ? 'movementId'
                   AND line.transaction_details ->> 'movementId' NOT IN (
                        SELECT own.transaction_details ->> 'movementId'
                          FROM account_bank_statement_line own
                         WHERE own.journal_id = %s
                           AND own.transaction_details ->> 'movementId' IS NOT NULL)
              GROUP BY line.journal_id
              ORDER BY COUNT(*) DESC, line.journal_id
                """,
                self.company_id.id,
                json.dumps(self._as_bank_names_it()),
                self.journal_id.id or None,
            )
        )
        journals = self.env["account.journal"].sudo()
        return [(journals.browse(journal_id), last) for journal_id, last in rows]

    def _as_bank_names_it(self):
        """What the bank's object of each movement of this account says of it."""
        return {
            "currency": self.currency_id.name,
            "customerAccountInfo": {"accountIban": self.iban},
        }

    def _journal_to_go_on_with(self):
        """Return the free journal that the account was read into before, if any."""
        for journal, _last in self._journals_with_movements():
            # One of an archived account is not free either.
            accounts = journal.with_context(active_test=False).tbc_account_ids
            if journal.active and not accounts:
                return journal
        return self.env["account.journal"]

    # === ADOPTION === #

    def _adopt_movements(self):
        """Make the movements in these accounts' journals theirs again (sudo)."""
        for account in self.filtered("journal_id"):
            count = sum(
                account._adopt_lines(ids)
                for ids in split_every(PORTION, account._lines_to_adopt())
            )
            account._adopt_opening_line()
            if count:
                account._forget_figures()
                write_note(
                    account,
                    self.env._(
                        "%(count)s movements in %(journal)s were booked before. They"
                        " will not be booked again.",
                        count=count,
                        journal=account.journal_id.display_name,
                    ),
                )

    def _lines_to_adopt(self):
        """Return the ids of the journal's lines that hold a movement and no account.

        Of two copies of a line the first one is the movement.
        """
        self._flush_lines()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (line.transaction_details ->> 'movementId') line.id
                  FROM account_bank_statement_line line
                 WHERE line.journal_id = %s
                   AND line.tbc_account_id IS NULL
                   AND line.transaction_details ? 'movementId'
                   AND NOT EXISTS (
                        SELECT 1
                          FROM account_bank_statement_line known
                         WHERE known.tbc_account_id = %s
                           AND known.tbc_movement_id =
                               line.transaction_details ->> 'movementId')
              ORDER BY line.transaction_details ->> 'movementId', line.id
                """,
                self.journal_id.id,
                self.id,
            )
        )
        return sorted(line_id for (line_id,) in rows)

    def _adopt_lines(self, line_ids):
        """Write the bank's own fields of lines anew; return how many there were."""
        lines = self.env["account.bank.statement.line"].sudo().browse(line_ids)
        count = 0
        for line in lines:
            movement = self._movement_of(line)
            if movement and self._is_own(movement):
                values = statement_line_values(movement)
                vals = {name: values[name] for name in _RESTORED}
                vals["tbc_amount"] = float(values["amount"])
                line.write({**vals, "tbc_account_id": self.id})
                count += 1
        lines.flush_recordset()
        # The bank's objects need not all stay in memory.
        lines.invalidate_recordset(["transaction_details"])
        return count

    @api.model
    def _movement_of(self, line):
        """Return the movement that a line's JSON tells of, or ``None``."""
        text = json.dumps(line.transaction_details)
        try:
            return parse_movement(json.loads(text, parse_float=Decimal))
        except TbcError:
            return None

    def _adopt_opening_line(self):
        """Know the line of the opening balance again (sudo).

        It goes where an earlier first day is wanted now: what it stood for is read.
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id, transaction_details -> %s ->> 'firstDay'
                  FROM account_bank_statement_line
                 WHERE journal_id = %s AND transaction_details @> %s::jsonb
              ORDER BY id
                 LIMIT 1
                """,
                OPENING_OF,
                self.journal_id.id,
                json.dumps({OPENING_OF: self._as_bank_names_it()}),
            )
        )
        if rows and not self.opening_line_id:
            [(line_id, first_day)] = rows
            self.sudo().opening_line_id = line_id
            if fields.Date.to_date(first_day) > self.sync_from:
                self.sudo().opening_line_id.unlink()

    def _prepare_opening_details(self):
        """What a line of the opening balance says of itself."""
        first_day = fields.Date.to_string(self.sync_from)
        return {OPENING_OF: {**self._as_bank_names_it(), "firstDay": first_day}}

    def _flush_lines(self):
        self.env["account.bank.statement.line"].flush_model()
        self.env["account.move"].flush_model(["date"])
