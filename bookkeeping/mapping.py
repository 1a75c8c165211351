"""Movement → the plain values of one statement line; payment → type of its order."""

from collections.abc import Iterable
from typing import Any

from ..tbc import Movement, TransferType, clean_iban, georgian_bank_code, json_value


def statement_line_values(movement: Movement) -> dict[str, Any]:
    """What a statement line stores of an authorised movement, by the names of its fields.

    - ``amount``, ``amount_currency``: signed ``Decimal``;
    - ``foreign_currency`` (ISO code), ``amount_currency``: of a conversion, or ``None``;
    - ``tbc_operation_id``: the operation that the movement is a leg of;
    - ``tbc_parent_operation_id``: of a fee or a return, the operation it belongs to;
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
    """The ``TransferType`` of a payment to an account, as far as its figures tell."""
    if treasury_code:
        return TransferType.TREASURY
    iban = clean_iban(account)
    if georgian_bank_code(iban) == "TB":
        # At another bank, the payer's own accounts are as anybody's.
        is_own = iban in map(clean_iban, own_ibans)
        return TransferType.OWN if is_own else TransferType.WITHIN_BANK
    return TransferType.NATIONAL if currency == "GEL" else TransferType.FOREIGN
