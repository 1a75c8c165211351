"""What is known of a transaction that nobody has settled yet: plain values.

Amounts are whole ``cents``, signed as the transaction is: above zero is money in, and
what is owed to us. A rate says what one unit of another currency was worth.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Literal

KnownBy = Literal["line", "tax_code", "iban", "history", "name"]
Side = Literal["customer", "vendor"]
# What two lines have in common: the counterparty, the partner, the operation that this
# one belongs to, or no more than the bank's code and the words.
Basis = Literal["counterparty", "partner", "parent", "kind"]
RuleState = Literal["on", "off", "shared"]
_NONE: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A partner who may be the other side; ``alikeness`` of the names, out of 100."""

    partner_id: int
    known_by: KnownBy
    alikeness: int = 100
    is_customer: bool = False
    is_vendor: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """A line that is to be settled.

    - ``parties``: who the other side may be, the likeliest first;
    - ``rates``: {currency: one unit of it in the line's own currency, on that day};
    - ``foreign``: the bank's own (currency, cents) of a conversion;
    - ``is_own``: whether the other side is the company itself.
    """

    line_id: int
    journal_id: int
    cents: int
    currency: str
    day: date
    purpose: str
    parties: tuple[Party, ...] = ()
    rates: Mapping[str, float] = field(default_factory=lambda: _NONE)
    foreign: tuple[str, int] | None = None
    is_own: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An open item.

    - ``document_id``: what it belongs to: an invoice has an item for each instalment;
    - ``cents``: what is open, in its own currency; ``whole``: what was, at first;
    - ``numbers``: what the document is called;
    - ``is_payment``: a payment registered by hand that waits for its transaction;
    - ``is_document``: an invoice, bill or credit note, no money on account.
    """

    item_id: int
    document_id: int
    partner_id: int | None
    currency: str
    cents: int
    whole: int
    day: date
    due: date
    numbers: tuple[str, ...]
    is_payment: bool = False
    is_document: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """How an earlier line was settled that has something in common with this one.

    ``side``: its money went to a partner's account, not to ``account_id`` as such.
    """

    line_id: int
    basis: Basis
    cents: int
    day: date
    account_id: int
    partner_id: int | None = None
    tax_ids: tuple[int, ...] = ()
    analytic: str | None = None
    side: Side | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """A line of another account that may be the other end of an own transfer.

    - ``is_operation``: the bank says that it is the same operation;
    - ``is_named``: one of the two names the account of the other.
    """

    line_id: int
    journal_id: int
    cents: int
    currency: str
    day: date
    is_operation: bool = False
    is_named: bool = False
    is_own: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleHint:
    """An operation rule that fits the transaction, and why it did not take it."""

    rule_id: int
    account_id: int
    state: RuleState
    partner_id: int | None = None
    tax_ids: tuple[int, ...] = ()
