"""Movement → the plain values of one statement line; payment → type of its order."""

import re
from decimal import ROUND_HALF_UP, Decimal

from .transfer import TransferType
from .wire import CENT, clean_iban, georgian_bank_code, json_value

# "1 EUR = 3.175 GEL", "100 JPY = 1,72 GEL": whole units, then their price. Thousands
# marks are not read: they look like decimals, and no amount is better than a wrong one.
_RATE = re.compile(r"(\d+) ?([A-Z]{3}) ?= ?(\d+(?:[.,]\d+)?) ?([A-Z]{3})", re.ASCII)


def statement_line_values(movement):
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
    currency, amount_currency = _foreign_amount(movement)
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
        "foreign_currency": currency,
        "amount_currency": amount_currency,
        "transaction_details": json_value(movement.raw),
    }


def choose_transfer_type(*, currency, account, own_ibans, treasury_code=None):
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


def _foreign_amount(movement):
    match = _RATE.fullmatch(" ".join((movement.exchange_rate or "").upper().split()))
    if not match:
        return None, None
    units, unit_currency, price, price_currency = match.groups()
    units, price = Decimal(units), Decimal(price.replace(",", "."))
    if not units or not price or unit_currency == price_currency:
        return None, None
    if movement.currency == price_currency:
        currency, amount = unit_currency, movement.amount * units / price
    elif movement.currency == unit_currency:
        currency, amount = price_currency, movement.amount * price / units
    else:
        return None, None
    amount = amount.quantize(CENT, ROUND_HALF_UP)
    # Less than half a cent of the other currency is no amount to book.
    return (currency, amount) if amount else (None, None)
