"""Movements of an account: what happened, as the bank tells it.

Source: https://developers.tbcbank.ge/docs/bis-get-account-movements
"""

import datetime
import re
from dataclasses import dataclass, field, fields
from decimal import Decimal

from . import wire
from .echo import CUT
from .errors import TbcUnreadable
from .exchange import converted
from .wire import JsonObject, JsonValue

AUTHORISED = 0
# Of any id: a longer one is none, and nobody could look it up.
LONGEST_ID = 200


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Counterparty:
    """The other side of a movement. Each member is text or ``None``."""

    name: str | None = None
    iban: str | None = None
    bank_code: str | None = None
    bank_name: str | None = None
    tax_code: str | None = None
    personal_number: str | None = None
    treasury_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Movement:
    """One leg of one operation on one account. Absent text is ``None``.

    - ``movement_id``: whole, with zeros and suffix (`.1` debit leg, `.2` credit leg);
    - ``amount``: signed, negative when money went out, two decimals;
    - ``account_iban``, ``account_name``: our side;
    - ``day``: Georgian calendar day of the operation, else of the document;
    - ``foreign_currency``, ``foreign_amount``: the other side of a conversion, signed
      as ``amount``: both or neither;
    - ``status_code``: 0 authorised, 1 and 2 waiting for it;
    - ``parent_external_payment_id``: of a fee, the operation it was taken for;
    - ``payment_id``: of the transfer order made through this API.
    """

    movement_id: str
    payment_id: str | None
    external_payment_id: str | None
    amount: Decimal
    currency: str
    purpose: str | None
    account_iban: str | None
    account_name: str | None
    day: datetime.date
    document_date: datetime.date | None
    exchange_rate: str | None
    foreign_currency: str | None
    foreign_amount: Decimal | None
    additional_information: str | None
    op_code: str | None
    counterparty: Counterparty
    intermediary_bank_code: str | None
    intermediary_bank_name: str | None
    status_code: int
    parent_external_payment_id: str | None
    transaction_reference: str | None
    additional_description: str | None
    document_number: str | None
    charge_detail: str | None
    taxpayer_code: str | None
    taxpayer_name: str | None
    transaction_type: int | None
    raw: JsonObject = field(compare=False)

    def __repr__(self) -> str:
        # No IBAN and no name: this ends up in logs.
        return f"<Movement {self.movement_id} {self.day} {self.amount} {self.currency}>"

    @property
    def is_authorised(self) -> bool:
        """Whether the bank has authorised it; until then it is not to be booked."""
        return self.status_code == AUTHORISED

    @property
    def operation_id(self) -> str:
        """The movement id without its leg suffix: the same on both legs."""
        return re.sub(r"\.[12]$", "", self.movement_id)


# Texts that the bank names as we do, and those that it does not.
_COUNTERPARTY = {
    **{f.name: wire.camel_case(f.name) for f in fields(Counterparty)},
    "name": "partnerName",
    "iban": "accountIban",
}
_ELSEWHERE = (
    *("account_iban", "account_name", "foreign_currency"),
    *("external_payment_id", "parent_external_payment_id", "payment_id"),
)
_TEXTS = {
    f.name: wire.camel_case(f.name)
    for f in fields(Movement)
    if f.type == str | None and f.name not in _ELSEWHERE
}


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableMovement:
    """A member of a page that is no movement to be trusted."""

    movement_id: str | None
    day: datetime.date | None
    reason: str  # the bank's field and its fault (`amount: negative`), never its value
    raw: JsonValue = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementPage:
    """One page; ``total`` counts the matches of all pages."""

    movements: tuple[Movement, ...]
    unreadable: tuple[UnreadableMovement, ...]
    total: int
    is_last: bool = False  # only ``TbcClient.movement_pages`` tells


def _listed(envelope: JsonObject) -> tuple[list[JsonValue], int]:
    transactions = envelope.get("transactions")
    total = wire.optional(envelope, "total", wire.integer)
    if not isinstance(transactions, list) or total is None or total < 0:
        raise TbcUnreadable("the page has no transactions or no total")
    return transactions, total


def parse_movement_page(
    payload: JsonValue, page_size: int | None = None
) -> MovementPage:
    """The ``MovementPage`` of an answer; one bad movement never breaks the page.

    :param page_size: how many were asked for: what has more is no answer to that
    """
    transactions, total = _listed(wire.json_object(payload))
    if page_size is not None and len(transactions) > page_size:
        raise TbcUnreadable("the page has more transactions than were asked for")
    parsed = [_movement_or_reason(raw) for raw in transactions]
    return MovementPage(
        movements=tuple(item for item in parsed if isinstance(item, Movement)),
        unreadable=tuple(item for item in parsed if not isinstance(item, Movement)),
        total=total,
    )


def parse_movement(payload: JsonValue) -> Movement:
    """The ``Movement`` of the by-id answer, or of a movement object by itself."""
    parsed = _movement_or_reason(wire.json_object(payload).get("transaction", payload))
    if isinstance(parsed, UnreadableMovement):
        raise TbcUnreadable(f"unreadable movement: {parsed.reason}")
    return parsed


def _movement_or_reason(raw: JsonValue) -> Movement | UnreadableMovement:
    try:
        return _movement(raw)
    except ValueError as error:
        return UnreadableMovement(
            movement_id=wire.optional(raw, "movementId", _id),
            day=wire.optional(raw, "date", wire.day)
            or wire.optional(raw, "documentDate", wire.day),
            reason=str(error),
            raw=raw,
        )


def _movement(raw: JsonValue) -> Movement:
    if not isinstance(raw, dict):
        raise ValueError("movement: not an object")
    ours = wire.json_object(raw.get("customerAccountInfo"))
    parent = wire.member(raw, "parentExternalPaymentId", _id)
    amount = _signed_amount(raw)
    currency = wire.required(raw, "currency", wire.currency_code)
    foreign_currency, foreign_amount = wire.required(
        raw, "exchangeRate", lambda rate: converted(wire.text(rate), amount, currency)
    )
    return Movement(
        **_texts(raw, _TEXTS),
        movement_id=wire.required(raw, "movementId", _movement_id),
        payment_id=wire.member(raw, "paymentId", _id),
        external_payment_id=wire.member(raw, "externalPaymentId", _id),
        amount=amount,
        currency=currency,
        foreign_currency=foreign_currency,
        foreign_amount=foreign_amount,
        account_iban=wire.clean_iban(ours.get("accountIban")),
        account_name=wire.text(ours.get("accountName")),
        day=wire.member(raw, "date", wire.day)
        or wire.required(raw, "documentDate", wire.day),
        document_date=wire.optional(raw, "documentDate", wire.day),
        counterparty=Counterparty(
            **_texts(wire.json_object(raw.get("partnerAccountInfo")), _COUNTERPARTY)
        ),
        status_code=wire.required(raw, "statusCode", wire.integer),
        parent_external_payment_id=None if parent == "0" else parent,
        transaction_type=wire.optional(raw, "transactionType", wire.integer),
        raw=raw,
    )


def _texts(raw: JsonObject, names: dict[str, str]) -> dict[str, str | None]:
    return {ours: wire.text(raw.get(theirs)) for ours, theirs in names.items()}


def _signed_amount(raw: JsonObject) -> Decimal:
    amount = wire.required(raw, "amount", wire.money)
    if amount < 0:
        # Not seen at the bank; is it a refund, or the sign of a debit? Do not guess.
        raise ValueError("amount: negative")
    return -amount if wire.required(raw, "isDebit", wire.boolean) else amount


def _movement_id(value: object) -> str | None:
    # A number has lost its leading zeros, and might come back as text tomorrow.
    if value is not None and not isinstance(value, str):
        raise ValueError("not text")
    if value and CUT in value:
        # Two of which the same is left would look like one.
        raise ValueError("cut")
    return _id(value)


def _id(value: object) -> str | None:
    found = wire.text(value)
    if found and len(found) > LONGEST_ID:
        raise ValueError("too long")
    return found
