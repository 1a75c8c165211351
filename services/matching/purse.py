"""What is left of a bank line's money, while it is given to one taker after another."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Money:
    """One sum in three currencies, each signed as the bank line is.

    - ``amount``: in the journal's currency, as the bank counts it;
    - ``worth``: in that of the suspense item, which the bank may have told;
    - ``value``: in the company's, as the books count it.
    """

    amount: float
    worth: float
    value: float

    def __sub__(self, other):
        return Money(
            self.amount - other.amount,
            self.worth - other.worth,
            self.value - other.value,
        )


class Purse:
    """A line's money; ``left`` is what nobody has taken.

    :param suspense: the line's suspense item
    """

    def __init__(self, line, suspense):
        self.line = line
        self.currency = line.currency_id
        self.worth_currency = suspense.currency_id
        self.company_currency = suspense.company_currency_id
        self.whole = Money(line.amount, -suspense.amount_currency, -suspense.balance)
        self.left = self.whole

    @property
    def is_foreign(self):
        """Whether the books count in another currency than the bank."""
        return self.currency != self.company_currency

    @property
    def is_empty(self):
        """Whether nothing of the bank's amount is left."""
        return self.currency.is_zero(self.left.amount)

    def take(self, amount):
        """Take a part of the line, at the rate of the whole; all that is left, wholly."""
        share = amount / self.whole.amount
        money = Money(
            self.currency.round(amount),
            self.worth_currency.round(self.whole.worth * share),
            self.company_currency.round(self.whole.value * share),
        )
        if not self.currency.compare_amounts(amount, self.left.amount):
            money = self.left
        return self._give(money)

    def take_valued(self, amount, value):
        """Take a part of the line that has a value of its own."""
        worth = self.worth_currency.round(self.whole.worth * amount / self.whole.amount)
        return self._give(Money(self.currency.round(amount), worth, value))

    def take_all(self):
        """Take what is left."""
        return self._give(self.left)

    def _give(self, money):
        rest = self.left - money
        self.left = Money(
            self.currency.round(rest.amount),
            self.worth_currency.round(rest.worth),
            self.company_currency.round(rest.value),
        )
        return money

    def price(self, currency):
        """What one unit of a currency is worth: in the bank's money, in the books'."""
        whole = self.whole
        rate = whole.value / whole.amount
        if currency == self.currency:
            return 1.0, rate
        if currency == self.company_currency:
            return 1.0 / rate, 1.0
        if currency == self.worth_currency:
            return whole.amount / whole.worth, whole.value / whole.worth
        value = currency._get_conversion_rate(
            currency, self.company_currency, self.line.company_id, self.line.date
        )
        return value / rate, value
