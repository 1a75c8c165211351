"""The other side of a conversion, from the text of its exchange rate."""

import re
from decimal import ROUND_HALF_UP, Decimal

from .wire import CENT, MONEY_LIMIT

# "1 EUR = 3.175 GEL", "100 JPY = 1,72 GEL": whole units, then their price. Thousands
# marks are not read: they look like decimals, and no amount is better than a wrong one.
_RATE = re.compile(r"(\d+) ?([A-Z]{3}) ?= ?(\d+(?:[.,]\d+)?) ?([A-Z]{3})", re.ASCII)
_LONGEST_FIGURE = 30
# ISO 4217: these have no hundredths, so none may come of a division.
_WHOLE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"


def converted(
    rate: str | None, amount: Decimal, currency: str
) -> tuple[str, Decimal] | tuple[None, None]:
    """The currency and the signed amount that ``amount`` in ``currency`` was exchanged
    for or from; ``(None, None)`` where the text tells none.
    """
    match = _RATE.fullmatch(" ".join((rate or "").upper().split()))
    if not match:
        return None, None
    units, unit_currency, price, price_currency = match.groups()
    units, price = _figure(units), _figure(price.replace(",", "."))
    if not units or not price or unit_currency == price_currency:
        return None, None
    if currency == price_currency:
        other, amount = unit_currency, amount * units / price
    elif currency == unit_currency:
        other, amount = price_currency, amount * price / units
    else:
        return None, None
    if abs(amount) >= MONEY_LIMIT:
        raise ValueError("too large")
    if other in _WHOLE:
        amount = amount.quantize(Decimal(1), ROUND_HALF_UP)
    amount = amount.quantize(CENT, ROUND_HALF_UP)
    # Less than half a cent of the other currency is no amount to book.
    return (other, amount) if amount else (None, None)


def _figure(digits: str) -> Decimal:
    if len(digits) > _LONGEST_FIGURE or Decimal(digits) >= MONEY_LIMIT:
        raise ValueError("too large")
    return Decimal(digits)
