"""Transfer orders as we ask for them: the values, and the JSON that goes to the bank.

Source: https://developers.tbcbank.ge/docs/bis-import-single-transfer
"""

import enum
from collections.abc import Iterable
from dataclasses import dataclass, fields
from decimal import Decimal

from . import wire
from .wire import Json

MOST_SINGLE_ORDERS = 10
MOST_BATCH_ORDERS = 1000
LONGEST_DESCRIPTION = 140
LONGEST_ADDITIONAL_DESCRIPTION = 210
# Not published; 32 signs are known to work.
LONGEST_EXTERNAL_ID = 50


# Not ``enum.StrEnum``: Python 3.10 has none.
class TransferType(str, enum.Enum):
    """The bank's five kinds of order; each equals its word and prints as it."""

    OWN = "TransferToOwnAccount"
    WITHIN_BANK = "TransferWithinBank"
    NATIONAL = "TransferToOtherBankNationalCurrency"
    FOREIGN = "TransferToOtherBankForeignCurrency"
    TREASURY = "TreasuryTransfer"

    __str__ = str.__str__


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class TransferOrder:
    """One order, unchecked: ``check_order`` tells what is wrong with it.

    - ``external_id``: our name for it at the bank, 1 to 50 of A–Z, a–z, 0–9, _ and -;
    - ``position``: from 1, which order of its request this is;
    - ``amount``: what leaves the debit account, hence in ``debit_currency`` as well;
    - ``credit_iban``: of a foreign transfer any account number;
    - ``charge_details``: `SHA` or `OUR`.

    Which of the others are needed depends on the type. Absent text is ``None``.
    """

    transfer_type: TransferType
    external_id: str
    position: int
    debit_iban: str
    debit_currency: str
    amount: Decimal
    currency: str
    description: str
    credit_iban: str | None = None
    credit_currency: str | None = None
    additional_description: str | None = None
    beneficiary_name: str | None = None
    beneficiary_tax_code: str | None = None
    beneficiary_address: str | None = None
    beneficiary_bank_code: str | None = None
    beneficiary_bank_name: str | None = None
    intermediary_bank_code: str | None = None
    intermediary_bank_name: str | None = None
    charge_details: str | None = None
    taxpayer_code: str | None = None
    taxpayer_name: str | None = None
    treasury_code: str | None = None

    def __repr__(self) -> str:
        # No IBAN and no name: this ends up in logs.
        return f"<TransferOrder {self.external_id} {self.amount} {self.currency}>"


# The rest goes into the JSON as it is, under the same name in camelCase.
_ELSEWHERE = (
    *("transfer_type", "external_id", "position", "amount", "currency"),
    *("debit_iban", "debit_currency", "credit_iban", "credit_currency"),
)
_TEXTS = {
    f.name: wire.camel_case(f.name)
    for f in fields(TransferOrder)
    if f.name not in _ELSEWHERE
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferBatch:
    """Orders that go as one; they all have the same debit account.

    Source: https://developers.tbcbank.ge/docs/bis-import-batch-transfers
    """

    external_id: str
    orders: tuple[TransferOrder, ...]
    name: str | None = None


def single_payload(orders: Iterable[TransferOrder]) -> dict[str, Json]:
    """The JSON object of a single import, of orders that were checked."""
    return {
        "singleTransferOrders": [
            _order(order) | {"debitAccount": _debit(order)} for order in orders
        ]
    }


def batch_payload(batch: TransferBatch) -> dict[str, Json]:
    """The JSON object of a batch import, of a batch that was checked."""
    return _present(
        {
            "batchTransferExternalId": wire.text(batch.external_id),
            "batchName": wire.text(batch.name),
            "debitAccount": _debit(batch.orders[0]),
            "transferOrders": [_order(order) for order in batch.orders],
        }
    )


def _order(order: TransferOrder) -> dict[str, Json]:
    return _present(
        {
            "transferType": TransferType(order.transfer_type).value,
            "transferExternalId": wire.text(order.external_id),
            "position": order.position,
            "creditAccount": _account(order.credit_iban, order.credit_currency),
            "amount": {
                "amount": _number(order.amount),
                "currency": wire.text(order.currency),
            },
            **{key: wire.text(getattr(order, name)) for name, key in _TEXTS.items()},
        }
    )


def _debit(order: TransferOrder) -> Json:
    return _account(order.debit_iban, order.debit_currency)


def _account(typed: str | None, currency: str | None) -> Json:
    iban = wire.clean_iban(typed)
    return iban and {"accountNumber": iban, "accountCurrencyCode": wire.text(currency)}


def _number(amount: Decimal) -> float:
    number = wire.json_value(amount)
    if not isinstance(number, float):
        raise ValueError("no JSON number is exactly this amount")
    return number


def _present(members: dict[str, Json]) -> dict[str, Json]:
    return {name: value for name, value in members.items() if value is not None}
