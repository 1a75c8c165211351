"""Amounts as the bank tells them, beside Odoo's, which each currency rounds."""

from odoo.tools import float_compare

# The bank's smallest unit: what is less than half of it is no amount.
CENT = 0.01
# Digits of the bank's figures, which a currency's own rounding must not touch.
EXACT = (16, 3)


def is_rounded_away(currency, amount):
    """Whether Odoo would store another amount than this one."""
    amount = float(amount)
    # More than floats themselves lose of it.
    unseen = max(CENT / 20, abs(amount) * 1e-14)
    return abs(currency.round(amount) - amount) > unseen


def is_nil(amount):
    """Whether an amount is nothing, however coarsely its currency is rounded."""
    return not float_compare(amount, 0.0, precision_rounding=CENT)


def format_exactly(currency, amount):
    """The amount with its currency; with all its digits where that shows less."""
    if is_rounded_away(currency, amount):
        digits = 2 if is_nil(10 * (amount - round(amount, 2))) else 3
        return f"{amount:.{digits}f} {currency.name}"
    return currency.format(amount)


def is_equal(currency, one, other):
    """Whether two amounts are the same one in their currency."""
    one, other = float(one), float(other)
    return one == other or not currency.compare_amounts(one, other)
