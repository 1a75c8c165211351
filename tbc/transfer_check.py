"""What is wrong with transfer orders, before anything is sent: the bank's own rules.

Sources: https://developers.tbcbank.ge/reference/single-transfers (which members each
type has), https://developers.tbcbank.ge/docs/bis-test-scenarios-transfers (limits)
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import TypeAlias

from . import transfer, wire
from .transfer import TransferBatch, TransferOrder, TransferType

RULES = (
    *("missing", "unexpected", "too_long", "not_latin"),
    *("not_positive", "too_many_decimals", "too_large"),
    *("other_currency", "not_gel", "gel"),
    *("not_an_account", "check_digits", "not_tbc", "not_georgian", "same_account"),
    *("not_nine_digits", "not_a_tax_code", "not_sha_or_our", "not_a_position"),
    *("none", "too_many", "not_unique", "different_debit"),
)

_ALWAYS = "transfer_type debit_iban debit_currency amount currency description"
_CREDIT = "credit_iban credit_currency"
_FOREIGN = "beneficiary_name beneficiary_address beneficiary_bank_code charge_details"
_INTERMEDIARY = "intermediary_bank_code intermediary_bank_name"
# What each type needs besides, and what it may have; the rest does not belong to it.
_FIELDS = {
    TransferType.OWN: (_CREDIT, ""),
    TransferType.WITHIN_BANK: (f"{_CREDIT} beneficiary_name", "beneficiary_tax_code"),
    TransferType.NATIONAL: (
        f"{_CREDIT} beneficiary_name",
        "beneficiary_tax_code beneficiary_bank_code beneficiary_bank_name",
    ),
    TransferType.FOREIGN: (
        f"{_CREDIT} {_FOREIGN}",
        f"beneficiary_bank_name {_INTERMEDIARY}",
    ),
    TransferType.TREASURY: ("treasury_code", "taxpayer_code taxpayer_name"),
}
_REQUIRED = {kind: set(needs.split()) for kind, (needs, _may) in _FIELDS.items()}
_OPTIONAL = {kind: set(may.split()) for kind, (_needs, may) in _FIELDS.items()}
_NAMES = [f.name for f in fields(TransferOrder)]
_OF_TYPES = set().union(*_REQUIRED.values(), *_OPTIONAL.values())
_NATIONAL = (TransferType.NATIONAL, TransferType.TREASURY)
_LONGEST = {
    "description": transfer.LONGEST_DESCRIPTION,
    "additional_description": transfer.LONGEST_ADDITIONAL_DESCRIPTION,
}
# SWIFT carries no other letters than these, not even accented ones.
_LATIN = (
    *("description", "beneficiary_name", "beneficiary_address"),
    *("beneficiary_bank_name", "intermediary_bank_name"),
)
_TAX_CODE = re.compile(r"\d{9}|\d{11}", re.ASCII)
_FORMS = (
    ("treasury_code", re.compile(r"\d{9}", re.ASCII), "not_nine_digits"),
    ("charge_details", re.compile("SHA|OUR"), "not_sha_or_our"),
    ("beneficiary_tax_code", _TAX_CODE, "not_a_tax_code"),
    ("taxpayer_code", _TAX_CODE, "not_a_tax_code"),
)
# Abroad not every account is an IBAN, but what begins like one should be right.
_OTHER_ACCOUNT = re.compile(r"(?!GE\d\d|[A-Z]{2}\d\d[A-Z0-9]{11})[A-Z0-9]{1,34}")
# The check digits of these are wrong, and yet the sandbox takes them.
_SANDBOX_ACCOUNTS = (
    "GE48TB7873440574631292",
    "GE29TB7777777777777777",
    "GE29TB9999999999999999",
)


@dataclass(frozen=True, slots=True)
class OrderFault:
    """One broken rule.

    ``field``: attribute of ``TransferOrder``, or `orders` for the request; ``rule``:
    one of ``RULES``; ``limit``: the number that was passed, if the rule has one;
    ``is_warning``: the order may be sent all the same.
    """

    field: str
    rule: str
    limit: int | None = None
    is_warning: bool = False


# Of the order in a position, or of the request as a whole (``None``).
RequestFault: TypeAlias = tuple[int | None, OrderFault]
RequestFaults: TypeAlias = tuple[RequestFault, ...]
# The values of an order by the names of its fields, as text; what is not fit is None.
Given: TypeAlias = dict[str, str | None]


def _given(order: TransferOrder) -> Given:
    given = {name: wire.text(getattr(order, name)) for name in _NAMES}
    for name in ("debit_iban", "credit_iban"):
        given[name] = wire.clean_iban(given[name])
    for name in ("debit_currency", "credit_currency", "currency"):
        code = given[name] or ""
        given[name] = code if re.fullmatch("[A-Z]{3}", code) else None
    if not isinstance(order.amount, Decimal) or not order.amount.is_finite():
        given["amount"] = None
    return given


def check_order(order: TransferOrder) -> tuple[OrderFault, ...]:
    """Every fault of one ``TransferOrder``, as a tuple of ``OrderFault``.

    Nothing is raised: a value of the wrong type, or a word that is no currency or no
    type, counts as missing.
    """
    given = _given(order)
    kind = next((kind for kind in TransferType if kind == given["transfer_type"]), None)
    given["transfer_type"] = kind
    return (
        *_presence(kind, given),
        *_external_id(given["external_id"]),
        *_position(order.position),
        *_texts(kind, given),
        *_amount(order.amount if given["amount"] else None),
        *_currencies(kind, given),
        *_accounts(kind, given),
    )


def check_single_request(orders: Iterable[TransferOrder]) -> RequestFaults:
    """Every fault of a single import: a tuple of (position or ``None``, ``OrderFault``).

    ``None``: of the request as a whole.
    """
    return tuple(_request(orders, transfer.MOST_SINGLE_ORDERS))


def check_batch(batch: TransferBatch) -> RequestFaults:
    """Every fault of a ``TransferBatch``: as ``check_single_request``."""
    external_id = wire.text(batch.external_id)
    found: list[RequestFault] = [(None, fault) for fault in _external_id(external_id)]
    most = transfer.MOST_BATCH_ORDERS
    found += _request(batch.orders, most, of_batch=external_id)
    debits = {
        (wire.clean_iban(order.debit_iban), str(order.debit_currency))
        for order in batch.orders or ()
    }
    if len(debits) > 1:
        found.append((None, OrderFault("orders", "different_debit")))
    return tuple(found)


def _request(
    orders: Iterable[TransferOrder], most: int, *, of_batch: str | None = None
) -> Iterator[RequestFault]:
    orders = tuple(orders or ())
    if not orders:
        yield None, OrderFault("orders", "none")
    if len(orders) > most:
        yield None, OrderFault("orders", "too_many", most)
    for name, others in (("position", []), ("external_id", [of_batch])):
        values = [wire.text(getattr(order, name)) for order in orders]
        counts = Counter([*values, *others])
        for order, value in zip(orders, values, strict=True):
            if value is not None and counts[value] > 1:
                yield order.position, OrderFault(name, "not_unique")
    for order in orders:
        yield from ((order.position, fault) for fault in check_order(order))


def _presence(kind: TransferType | None, given: Given) -> Iterator[OrderFault]:
    required = {*_ALWAYS.split(), *(_REQUIRED[kind] if kind else ())}
    alien = _OF_TYPES - required - _OPTIONAL[kind] if kind else set()
    if kind is TransferType.TREASURY and any(map(given.get, _OPTIONAL[kind])):
        # Code or name alone would not say for whom the tax is paid.
        required |= _OPTIONAL[kind]
    for name, value in given.items():
        if value is None and name in required:
            yield OrderFault(name, "missing")
        elif value is not None and name in alien:
            yield OrderFault(name, "unexpected")


def _external_id(value: str | None) -> Iterator[OrderFault]:
    if value is None:
        yield OrderFault("external_id", "missing")
    elif len(value) > transfer.LONGEST_EXTERNAL_ID:
        yield OrderFault("external_id", "too_long", transfer.LONGEST_EXTERNAL_ID)
    elif not wire.EXTERNAL_ID.fullmatch(value):
        yield OrderFault("external_id", "not_latin")


def _position(value: object) -> Iterator[OrderFault]:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        yield OrderFault("position", "not_a_position")


def _texts(kind: TransferType | None, given: Given) -> Iterator[OrderFault]:
    for name, longest in _LONGEST.items():
        if len(given[name] or "") > longest:
            yield OrderFault(name, "too_long", longest)
    for name, form, rule in _FORMS:
        if (word := given[name]) and not form.fullmatch(word):
            yield OrderFault(name, rule)
    for name in _LATIN if kind is TransferType.FOREIGN else ():
        if any(sign.isalpha() and not sign.isascii() for sign in given[name] or ""):
            yield OrderFault(name, "not_latin")


def _amount(amount: Decimal | None) -> Iterator[OrderFault]:
    if amount is None:
        return
    if amount <= 0:
        yield OrderFault("amount", "not_positive")
    if abs(amount) >= wire.MONEY_LIMIT:
        yield OrderFault("amount", "too_large", wire.MONEY_LIMIT)
    elif amount != amount.quantize(wire.CENT):
        yield OrderFault("amount", "too_many_decimals", 2)


def _currencies(kind: TransferType | None, given: Given) -> Iterator[OrderFault]:
    currency, debit = given["currency"], given["debit_currency"]
    if currency and debit and currency != debit:
        yield OrderFault("currency", "other_currency")
    for name in ("currency", "credit_currency"):
        is_gel = given[name] == "GEL"
        if kind is TransferType.FOREIGN and is_gel:
            yield OrderFault(name, "gel")
        elif given[name] and kind in _NATIONAL and not is_gel:
            yield OrderFault(name, "not_gel")


def _accounts(kind: TransferType | None, given: Given) -> Iterator[OrderFault]:
    debit, credit = given["debit_iban"], given["credit_iban"]
    yield from _account("debit_iban", debit)
    if wire.has_iban_shape(credit):
        yield from _bank(kind, credit)
    if not (kind is TransferType.FOREIGN and _OTHER_ACCOUNT.fullmatch(credit or "")):
        yield from _account("credit_iban", credit)
    if debit and (debit, given["debit_currency"]) == (credit, given["credit_currency"]):
        yield OrderFault("credit_iban", "same_account")


def _account(name: str, iban: str | None) -> Iterator[OrderFault]:
    if iban and not wire.has_iban_shape(iban):
        yield OrderFault(name, "not_an_account")
    elif iban and not wire.iban_is_valid(iban):
        yield OrderFault(name, "check_digits", is_warning=iban in _SANDBOX_ACCOUNTS)


def _bank(kind: TransferType | None, iban: str | None) -> Iterator[OrderFault]:
    bank = wire.georgian_bank_code(iban)
    if kind in (TransferType.OWN, TransferType.WITHIN_BANK) and bank != "TB":
        yield OrderFault("credit_iban", "not_tbc")
    elif kind is TransferType.NATIONAL and bank is None:
        yield OrderFault("credit_iban", "not_georgian")
