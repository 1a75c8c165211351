"""What currencies are worth at the bank. A rate is kept in whole ten-thousandths."""

# GEL for one unit: 3.1750 is 31750. Any other currency counts as one GEL.
_GEL_RATES = {
    "GEL": 10_000,
    "USD": 27_150,
    "EUR": 31_750,
    "GBP": 36_400,
    "CHF": 33_900,
    "TRY": 660,
}


def base_and_quote(one, other):
    """The two currencies, the dearer first: a rate is told for one unit of it."""
    return sorted((one, other), key=lambda code: -_GEL_RATES.get(code, 10_000))


def rate_of(base, quote, part=10_000):
    """Units of ``quote`` for one ``base``; ``part`` of 9900 makes it one percent less."""
    return _GEL_RATES.get(base, 10_000) * part // _GEL_RATES.get(quote, 10_000)


def rate_text(base, quote, rate):
    """As the bank writes it: ``1 EUR = 3.175 GEL``."""
    return f"1 {base} = {rate / 10_000:.4f}".rstrip("0").rstrip(".") + f" {quote}"


def convert(cents, source, target):
    """Hundredths of ``target`` for ``cents`` of ``source``, rounded half up, and the
    rate as text.
    """
    base, quote = base_and_quote(source, target)
    rate = rate_of(base, quote)
    if source == base:
        value = (cents * rate + 5_000) // 10_000
    else:
        value = (cents * 10_000 * 2 + rate) // (2 * rate)
    return value, rate_text(base, quote, rate)
