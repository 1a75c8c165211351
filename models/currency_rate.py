"""Which exchange rate Odoo takes for a bank line of a foreign account, if there is one."""

from bisect import bisect_right

from odoo.tools import SQL

from ..services.clock import bank_today


class Rates:
    """The days for which a company has a rate of a currency, as Odoo picks among them.

    :param currency_sudo: a ``res.currency``
    :param company_sudo: a ``res.company``; a branch has the rates of its root
    """

    def __init__(self, currency_sudo, company_sudo):
        self.currency, self.company = currency_sudo, company_sudo
        self.is_needed = currency_sudo != company_sudo.currency_id
        self._own, self._shared = [], []
        if self.is_needed:
            self._look_up()

    def _look_up(self):
        rates = self.currency.env["res.currency.rate"].search_fetch(
            [
                ("currency_id", "=", self.currency.id),
                ("company_id", "in", (False, self.company.root_id.id)),
            ],
            ["name", "company_id"],
            order="name",
        )
        for rate in rates:
            days = self._own if rate.company_id else self._shared
            days.append(rate.name)

    @property
    def is_missing(self):
        """Whether Odoo would take the amount for one of the company's own currency.

        Not so where the foreign currency is the one that all rates refer to.
        """
        if not self.is_needed or self._own or self._shared:
            return False
        currency = self.company.currency_id
        today = bank_today()
        return currency._get_rates(self.company, today).get(currency.id) == 1.0

    def day_of(self, day):
        """The day of the rate that Odoo takes for ``day``; ``None`` where it has none.

        The last one until then, the company's own first; else the first one after it.
        """
        for days in (self._own, self._shared):
            if place := bisect_right(days, day):
                return days[place - 1]
        return next((days[0] for days in (self._own, self._shared) if days), None)

    def is_old(self, day, longest):
        """Whether that rate is of a day more than ``longest`` days away."""
        found = self.day_of(day)
        return bool(longest > 0 and found and abs((day - found).days) > longest)


def days_at_company_rates(account_sudo, first):
    """The days from ``first`` on with lines of an account whose value a rate made."""
    account_sudo.env["account.bank.statement.line"].flush_model()
    account_sudo.env["account.move"].flush_model(["date"])
    rows = account_sudo.env.execute_query(
        SQL(
            """
            SELECT DISTINCT move.date
              FROM account_bank_statement_line line
              JOIN account_move move ON move.id = line.move_id
             WHERE line.tbc_account_id = %(account)s
               AND line.tbc_movement_id IS NOT NULL
               AND line.foreign_currency_id IS DISTINCT FROM %(currency)s
               AND move.date >= %(first)s
             ORDER BY 1
            """,
            account=account_sudo.id,
            currency=account_sudo.company_id.currency_id.id,
            first=first,
        )
    )
    return [day for (day,) in rows]
