"""Movement → the plain values of one statement line; payment → type of its order."""

import datetime
from collections.abc import Iterable
from decimal import Decimal
from typing import TypedDict

from ..tbc import Movement, TransferType, clean_iban, georgian_bank_code, json_value
from ..tbc.wire import Json


class StatementLineValues(TypedDict):
    """See ``statement_line_values``."""

    date: datetime.date
    tbc_day: datetime.date
    amount: Decimal
    payment_ref: str
    ref: str | None
    partner_name: str | None
    account_number: str | None
    transaction_type: str | None
    tbc_movement_id: str
    tbc_operation_id: str
    tbc_parent_operation_id: str | None
    tbc_payment_id: str | None
    foreign_currency: str | None
    amount_currency: Decimal | None
    transaction_details: Json


def statement_line_values(movement: Movement) -> StatementLineValues:
    """What a statement line stores of an authorised movement, as a dict of

    - ``date`` and ``tbc_day`` (``datetime.date``, the same), ``amount`` (signed
      ``Decimal``);
    - ``tbc_operation_id``: the operation that the movement is a leg of, text;
    - ``tbc_parent_operation_id``: of a fee or a return, the operation that it belongs
      to, text or ``None``;
    - ``payment_ref``, ``tbc_movement_id``: text, never empty;
    - ``ref``, ``partner_name``, ``account_number``, ``transaction_type``,
      ``tbc_payment_id``: text or ``None``;
    - ``foreign_currency`` (ISO code) and ``amount_currency`` (signed ``Decimal``) of a
      conversion: both or neither (``None``);
    - ``transaction_details``: the bank's own object, fit for a JSON column.
    """
    return {
        "date": movement.day,
        "tbc_day": movement.day,
        "amount": movement.amount,
        "payment_ref": movement.purpose
        or movement.additional_description
        or movement.additional_information
        or movement.op_code
        or movement.movement_id,
        "ref": movement.document_number or movement.transaction_reference,
        "partner_name": movement.counterparty.name,
        "account_number": movement.counterparty.iban,
        "transaction_type": movement.op_code,
        "tbc_movement_id": movement.movement_id,
        "tbc_operation_id": movement.external_payment_id
        or movement.operation_id.lstrip("0")
        or movement.movement_id,
        "tbc_parent_operation_id": movement.parent_external_payment_id,
        "tbc_payment_id": movement.payment_id,
        "foreign_currency": movement.foreign_currency,
        "amount_currency": movement.foreign_amount,
        "transaction_details": json_value(movement.raw),
    }


def choose_transfer_type(
    *,
    currency: str,
    account: str | None,
    own_ibans: Iterable[str],
    treasury_code: str | None = None,
) -> TransferType:
    """The ``TransferType`` of a payment, as far as its figures tell.

    :param str currency: of the amount
    :param account: the beneficiary's, as typed; ``None`` for the Treasury
    :param own_ibans: the payer's accounts; at another bank they are as anybody's
    """
    if treasury_code:
        return TransferType.TREASURY
    iban = clean_iban(account)
    if georgian_bank_code(iban) == "TB":
        is_own = iban in map(clean_iban, own_ibans)
        return TransferType.OWN if is_own else TransferType.WITHIN_BANK
    return TransferType.NATIONAL if currency == "GEL" else TransferType.FOREIGN
