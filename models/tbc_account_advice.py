from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import format_date

from ..services.clock import bank_today
from .currency_rate import Rates, days_at_company_rates

# Rates of a longer time ago are nobody's business any more.
RATES_LOOKED_AT = timedelta(days=366)


class TbcAccount(models.Model):
    _inherit = "tbc.account"

    is_journal_secured = fields.Boolean(related="journal_id.restrict_mode_hash_table")
    advice = fields.Text(
        string="What to Set Right",
        compute="_compute_advice",
        help="What is to be set right in Odoo, however the last read went.",
    )

    # === WHAT IS TO BE SET RIGHT IN ODOO === #

    @api.depends("currency_id", "integration_id", "journal_id")
    def _compute_advice(self):
        for account in self:
            sentences = (
                account._secured_journal_sentence(),
                account._missing_rate_sentence(),
                account._old_rate_sentence(),
            )
            account.advice = " ".join(filter(None, sentences))

    def _rates(self):
        """The :class:`Rates` of this account's currency."""
        self.ensure_one()
        account_sudo = self.sudo()
        return Rates(account_sudo.currency_id, account_sudo.company_id)

    def _missing_rate_sentence(self):
        """Say that what comes in can't be booked for lack of any rate, or ``None``."""
        if not self.currency_id or not self.company_id or not self._rates().is_missing:
            return None
        return self._no_rate_sentence(self.currency_id)

    @api.model
    def _no_rate_sentence(self, currency):
        return self.env._(
            "%(currency)s has no exchange rate in Odoo, so transactions in it stay on"
            " hold: enter its rates under Accounting, Configuration, Currencies.",
            currency=currency.name,
        )

    def _old_rate_sentence(self):
        """Say which line was booked last with a rate of long ago, or ``None``."""
        stored_sudo = self._origin.sudo()
        longest = stored_sudo.integration_id.rate_days
        if not longest or not stored_sudo.journal_id:
            return None
        rates = stored_sudo._rates()
        if not rates.is_needed:
            return None
        first = bank_today() - RATES_LOOKED_AT
        days = days_at_company_rates(stored_sudo, first)
        day = next((day for day in days[::-1] if rates.is_old(day, longest)), None)
        if not day:
            return None
        return self.env._(
            "Transactions of %(day)s were booked with the %(currency)s rate of"
            " %(rate_day)s: Odoo had no nearer one. Enter the rates of each day before"
            " the transactions are read.",
            day=format_date(self.env, day),
            currency=self.currency_id.name,
            rate_day=format_date(self.env, rates.day_of(day)),
        )

    def _secured_journal_sentence(self):
        """Say that Odoo takes no lines in this journal, and the way out, or ``None``."""
        journal_sudo = self.sudo().journal_id
        if not journal_sudo.restrict_mode_hash_table:
            return None
        return self.env._(
            "%(journal)s has “Secure Posted Entries with Hash” switched on, and Odoo"
            " then takes no bank line that is not matched yet. Press Switch Off the Hash"
            " on the TBC account, or link another bank journal.",
            journal=journal_sudo.display_name,
        )
