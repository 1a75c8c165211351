"""What the bank says of a whole account: the totals of a period, and the balance.

Amounts are ``Decimal`` with two decimals, or with more where the bank tells more: a sum
that nobody expects so must not keep a whole account from being read. Days are Georgian.

Sources: https://developers.tbcbank.ge/docs/bis-get-account-statement,
https://developers.tbcbank.ge/docs/bis-get-account-balance
"""

import datetime
from dataclasses import dataclass, field
from decimal import Decimal

from . import wire
from .errors import TbcUnreadable
from .wire import Converter, JsonValue, T


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """Totals of a period: opening + credits − debits = closing; both sums positive."""

    opening_date: datetime.date | None
    opening_balance: Decimal
    closing_date: datetime.date | None
    closing_balance: Decimal
    credit_sum: Decimal
    debit_sum: Decimal
    currency: str | None
    iban: str | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """The balance now; ``available_balance`` is the bank's figure, not to be derived."""

    current_balance: Decimal
    available_balance: Decimal
    overdraft_limit: Decimal | None
    currency: str | None


def parse_statement(payload: JsonValue) -> Statement:
    """The ``Statement`` of an answer; ``TbcUnreadable`` when a figure is missing."""
    return Statement(
        opening_date=_member(payload, "openingDate", wire.day),
        opening_balance=_figure(payload, "openingBalance"),
        closing_date=_member(payload, "closingDate", wire.day),
        closing_balance=_figure(payload, "closingBalance"),
        credit_sum=_figure(payload, "creditSum"),
        debit_sum=_figure(payload, "debitSum"),
        currency=_member(payload, "currency", wire.currency_code),
        iban=_member(payload, "accountNumber", wire.clean_iban),
    )


def parse_balance(payload: JsonValue) -> Balance:
    """The ``Balance`` of an answer; ``TbcUnreadable`` when a figure is missing."""
    return Balance(
        current_balance=_figure(payload, "currentBalance"),
        available_balance=_figure(payload, "availableBalance"),
        overdraft_limit=_member(payload, "overdraftLimit", wire.figure),
        currency=_member(payload, "currency", wire.currency_code),
    )


def _figure(payload: JsonValue, name: str) -> Decimal:
    found = _member(payload, name, wire.figure)
    if found is None:
        raise TbcUnreadable(f"unreadable answer: {name}: missing")
    return found


def _member(payload: JsonValue, name: str, convert: Converter[T]) -> T | None:
    try:
        return wire.member(wire.json_object(payload), name, convert)
    except ValueError as error:
        unreadable = TbcUnreadable(f"unreadable answer: {error}")
    raise unreadable
