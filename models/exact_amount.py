"""Amounts as the bank tells them, beside Odoo's, which each currency rounds."""

from odoo.tools import float_compare

# The bank's smallest unit: what is less than half of it is no amount.
CENT = 0.01


def is_rounded_away(currency, amount):
    """Whether Odoo would store another amount than this one."""
    return not is_nil(currency.round(float(amount)) - float(amount))


def is_nil(amount):
    """Whether an amount is nothing, however coarsely its currency is rounded."""
    return not float_compare(amount, 0.0, precision_rounding=CENT)


def format_exactly(currency, amount):
    """The amount with its currency; with hundredths where the currency shows none."""
    if is_rounded_away(currency, amount):
        return f"{amount:.2f} {currency.name}"
    return currency.format(amount)
