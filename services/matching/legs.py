"""Both legs of a transfer of one's own meet on Odoo's transfer account."""

from ..counterpart import Counterpart, suspense_item


def transfer_account(companies):
    """Odoo's transfer account of a company, or the one that several have in common.

    A branch may have one of its own; its parent's serves it as well.
    """
    shared = companies[:1].sudo().parent_ids
    for company in companies.sudo():
        shared &= company.parent_ids
    from_below = shared.sorted("parent_path", reverse=True)
    return from_below.transfer_account_id[:1].with_env(companies.env)


def both_legs(debit, credit, account, notes):
    """The ``Counterpart`` of each of two lines, which are matched with each other.

    :param account: the transfer account of both
    :param notes: ``{line: sentence}``
    """
    return [
        Counterpart(
            line=line,
            other_leg=credit if line == debit else None,
            account=account,
            note=notes[line],
            **own_worth(line, *_exchanged(line, debit, credit)),
        )
        for line in (debit, credit)
    ]


def _exchanged(line, debit, credit):
    """The currency in which ``line`` meets its other leg, and its amount in that.

    With the company's currency on one side its amount is the value of both. Else
    what left is what arrived.
    """
    by_currency = {leg.currency_id: leg for leg in (credit, debit)}
    leg = by_currency.get(line.company_id.sudo().currency_id, debit)
    return leg.currency_id, leg.amount if line == leg else -leg.amount


def own_worth(line, currency, amount):
    """Give ``line`` that worth; return what its ``Counterpart`` needs for it.

    In the company's currency it becomes the line's own value in the books. Else
    Odoo books the difference of its rates.

    :param amount: signed as the line's own
    """
    if currency == line.currency_id:
        converted = suspense_item(line).currency_id != currency
        return _in_currency(currency, line.amount) if converted else {}
    if currency != line.company_id.sudo().currency_id:
        return _in_currency(currency, amount)
    known = line.foreign_currency_id == currency
    if not known or currency.compare_amounts(line.amount_currency, amount):
        line.write({"foreign_currency_id": currency.id, "amount_currency": amount})
    return {}


def _in_currency(currency, amount):
    return {"currency": currency, "amount_currency": -amount}
