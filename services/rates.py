"""Which exchange rate Odoo takes for a bank line of a foreign account, if there is one."""

from bisect import bisect_right
from datetime import timedelta

from odoo.tools import format_date

from .clock import bank_today

# Rates of a longer time ago are nobody's business any more.
RATES_LOOKED_AT = timedelta(days=366)


class Rates:
    """The days for which a company has a rate of a currency, as Odoo picks among them.

    :param currency_sudo: a ``res.currency``
    :param company_sudo: a ``res.company``; a branch has the rates of its root
    """

    def __init__(self, currency_sudo, company_sudo):
        self.currency, self.company = currency_sudo, company_sudo
        self.is_needed = currency_sudo != company_sudo.currency_id
        # The company's own days, and those of all companies, in order.
        self.days = self._look_up() if self.is_needed else ([], [])

    def _look_up(self):
        companies = (False, self.company.root_id.id)
        rates = self.currency.env["res.currency.rate"].search_fetch(
            [("currency_id", "=", self.currency.id), ("company_id", "in", companies)],
            ["name", "company_id"],
            order="name",
        )
        own = rates.filtered("company_id")
        return own.mapped("name"), (rates - own).mapped("name")

    @property
    def is_missing(self):
        """Whether Odoo would take the amount for one of the company's own currency.

        Not so where the foreign currency is the one that all rates refer to.
        """
        if not self.is_needed or any(self.days):
            return False
        currency = self.company.currency_id
        today = bank_today()
        return currency._get_rates(self.company, today).get(currency.id) == 1.0

    def day_of(self, day):
        """The day of the rate that Odoo takes for ``day``; ``None`` where it has none.

        The last one until then, the company's own first; else the first one after it.
        """
        for days in self.days:
            if place := bisect_right(days, day):
                return days[place - 1]
        return next((days[0] for days in self.days if days), None)

    def is_old(self, day, longest):
        """Whether that rate is of a day more than ``longest`` days away."""
        found = self.day_of(day)
        return bool(longest > 0 and found and abs((day - found).days) > longest)


def rates_of(account):
    """The :class:`Rates` of this account's currency."""
    account_sudo = account.sudo()
    return Rates(account_sudo.currency_id, account_sudo.company_id)


def missing_rate_sentence(account):
    """Say that what comes in can't be booked for lack of any rate, or ``None``."""
    if (
        not account.currency_id
        or not account.company_id
        or not rates_of(account).is_missing
    ):
        return None
    return no_rate_sentence(account.currency_id)


def rate_sentence(account):
    """Say what one unit is worth today, and since when; ``""`` where none is needed."""
    rates, today = rates_of(account), bank_today()
    if not rates.is_needed:
        return ""
    if rates.is_missing:
        return account.env._("No exchange rate")
    company_sudo = account.sudo().company_id
    value = rates.currency._convert(
        1.0, company_sudo.currency_id, company_sudo, today, round=False
    )
    told = f"{value:.4f} {company_sudo.currency_id.name}"
    if day := rates.day_of(today):
        told = f"{told}, {format_date(account.env, day)}"
    return told


def no_rate_sentence(currency):
    """Say that amounts in a currency can't be valued, and what to do."""
    return currency.env._(
        "%(currency)s has no exchange rate in Odoo, so transactions in it stay on"
        " hold: enter its rates under Accounting, Configuration, Currencies.",
        currency=currency.name,
    )


def old_rate_sentence(account):
    """Say which line was booked last with a rate of long ago, or ``None``."""
    if not (found := _old_rate(account)):
        return None
    day, rate_day = found
    return account.env._(
        "Transactions of %(day)s were booked with the %(currency)s rate of "
        "%(rate_day)s: Odoo had no nearer one. Enter the rates of each day before the "
        "transactions are synced.",
        day=format_date(account.env, day),
        currency=account.currency_id.name,
        rate_day=format_date(account.env, rate_day),
    )


def old_rate_words(account):
    """Say in a few words, for a card, of which day that rate was; "" if none was."""
    if not (found := _old_rate(account)):
        return ""
    return account.env._(
        "Booked with the %(currency)s rate of %(rate_day)s",
        currency=account.currency_id.name,
        rate_day=format_date(account.env, found[1]),
    )


def _old_rate(account):
    """Return the last day with lines of an old rate, and the rate's day, or ``None``."""
    stored_sudo = account._origin.sudo()
    longest, rates = stored_sudo.integration_id.rate_days, rates_of(stored_sudo)
    is_needed = longest and stored_sudo.journal_id and rates.is_needed
    days = _days_at_rates(stored_sudo) if is_needed else ()
    day = next((day for day in days if rates.is_old(day, longest)), None)
    return day and (day, rates.day_of(day))


def _days_at_rates(account_sudo):
    """Return the days with lines whose value a rate made, the newest first."""
    rows = account_sudo.env["account.bank.statement.line"]._read_group(
        [
            ("tbc_account_id", "=", account_sudo.id),
            ("tbc_movement_id", "!=", False),
            ("foreign_currency_id", "!=", account_sudo.company_id.currency_id.id),
            ("date", ">=", bank_today() - RATES_LOOKED_AT),
        ],
        ["date:day"],
        order="date:day DESC",
    )
    return [day for (day,) in rows]
