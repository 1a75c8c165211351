"""What the body of an import may look like. Bank's pages: bis-import-single-transfer,
bis-import-batch-transfers, reference single-transfers and batch-transfers.

Whatever is wrong here refuses the whole request with 400 ValidationError. Left open by
the pages, and refused: members that the bank does not know, ``null`` for an absent
member, an external id that is blank or longer than fifty characters, a body that does
not call itself JSON.
"""

import math
from collections import Counter
from dataclasses import dataclass

from .errors import Refusal, transfer_problem
from .order import FOREIGN, NATIONAL, OWN, TREASURY, WITHIN_BANK

_TYPES = (OWN, WITHIN_BANK, NATIONAL, FOREIGN, TREASURY)
_LONGEST_ID = 50


class _Whole(dict):
    """The form of an object that is given with all its members or not at all."""


_ACCOUNT = _Whole(accountNumber="text", accountCurrencyCode="text")
_BATCH_ORDER = {
    "transferType": "text",
    "transferExternalId": "identifier",
    "documentNumber": "integer",
    "position": "integer",
    "creditAccount": _ACCOUNT,
    "amount": _Whole(amount="number", currency="text"),
    "description": "text",
    "additionalDescription": "text",
    "beneficiaryName": "text",
    "beneficiaryTaxCode": "text",
    "personalNumber": "text",
    "beneficiaryAddress": "text",
    "beneficiaryBankCode": "text",
    "beneficiaryBankName": "text",
    "intermediaryBankCode": "text",
    "intermediaryBankName": "text",
    "chargeDetails": "text",
    "taxpayerCode": "text",
    "taxpayerName": "text",
    "treasuryCode": "text",
}
_SINGLE = {"singleTransferOrders": [{**_BATCH_ORDER, "debitAccount": _ACCOUNT}]}
_BATCH = {
    "batchName": "text",
    "debitAccount": _ACCOUNT,
    "transferOrders": [_BATCH_ORDER],
    "batchTransferExternalId": "identifier",
    "validateReceiverIdentifier": "text",
}


def _is_integer(value):
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63


def _is_number(value):
    if isinstance(value, bool):
        return False
    return isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))


def _is_identifier(value):
    if isinstance(value, str):
        return value.strip() != "" and len(value) <= _LONGEST_ID
    return _is_integer(value)


_CHECKS = {
    "text": lambda value: isinstance(value, str),
    "integer": _is_integer,
    "number": _is_number,
    "identifier": _is_identifier,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One order of a request: its ``position`` (its number from 1, where none is
    given) and its JSON with the debit account.
    """

    position: int
    payload: dict

    @property
    def external_id(self):
        """As text, or ``None``."""
        return identifier(self.payload.get("transferExternalId"))


def identifier(value):
    """An external id as text: 11001 and "11001" are one. ``None`` stays."""
    return None if value is None else str(value)


def read_single(call):
    """The list of :class:`Asked` in a single import.
    :raise Refusal: ValidationError.
    """
    name = "singleTransferOrders"
    orders = _body(call, _SINGLE).get(name)
    _finish(_orders_faults(orders, name, 10))
    return [_asked(number, order) for number, order in enumerate(orders, 1)]


def read_batch(call):
    """The whole body of a batch import, and its list of :class:`Asked`.
    :raise Refusal: ValidationError.
    """
    body, name = _body(call, _BATCH), "transferOrders"
    faults = [] if "debitAccount" in body else [("debitAccount", "is required")]
    orders = body.get(name)
    of_batch = identifier(body.get("batchTransferExternalId"))
    _finish([*faults, *_orders_faults(orders, name, 1000, of_batch)])
    debit = {"debitAccount": body["debitAccount"]}
    asked = [_asked(number, debit | order) for number, order in enumerate(orders, 1)]
    return body, asked


def _asked(number, payload):
    return Asked(payload.get("position", number), payload)


def _body(call, form):
    if not call.headers.get("content-type", "").startswith("application/json"):
        _finish([("Content-Type", "must be application/json")])
    try:
        body = call.json()
    except ValueError:
        _finish([("body", "is not JSON")])
    _finish(_walk(body, form, ""))
    return body


def _walk(value, form, path):
    """Yield (path, what is wrong with it)."""
    if isinstance(form, dict):
        yield from _walk_object(value, form, path)
    elif isinstance(form, list):
        if not isinstance(value, list):
            yield path, "must be an array"
            return
        for index, inner in enumerate(value):
            yield from _walk(inner, form[0], f"{path}[{index}]")
    elif not _CHECKS[form](value):
        yield path, f"is not a valid {form}"


def _walk_object(value, form, path):
    if not isinstance(value, dict):
        yield path or "body", "must be an object"
        return
    for name, inner in value.items():
        where = f"{path}.{name}" if path else name
        if name in form:
            yield from _walk(inner, form[name], where)
        else:
            yield where, "is unknown"
    if isinstance(form, _Whole):
        for name in form:
            if name not in value:
                yield f"{path}.{name}", "is required"


def _orders_faults(orders, name, most, of_batch=None):
    if not orders or len(orders) > most:
        yield name, f"must hold 1 to {most} orders"
        return
    for index, order in enumerate(orders):
        if order.get("transferType") not in _TYPES:
            yield f"{name}[{index}].transferType", f"must be one of {', '.join(_TYPES)}"
    positions = [order["position"] for order in orders if "position" in order]
    if positions and len(positions) < len(orders):
        yield name, "must give a position to all orders or to none"
    if len(set(positions)) < len(positions):
        yield name, "must give each order another position"
    ids = Counter(identifier(order.get("transferExternalId")) for order in orders)
    ids.update([of_batch])
    if any(count > 1 for one, count in ids.items() if one is not None):
        yield name, "must give each order another external id"


def _finish(faults):
    gathered = {}
    for path, sentence in faults:
        gathered.setdefault(path, []).append(f"{path} {sentence}")
    if gathered:
        raise Refusal(transfer_problem("ValidationError", faults=gathered))
