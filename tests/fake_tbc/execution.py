"""Money moves: what a signed order does to the books."""

from .cast import treasury_at
from .iban import BANKS
from .movement import Movement, leg_id
from .operations import fee, members_of, written_out
from .order import FAILED, FINISHED, FOREIGN, NATIONAL, OWN, TREASURY
from .rates import convert
from .scene import Leg

_FEES = {NATIONAL: 90, FOREIGN: 1500}  # hundredths of the debit account's currency
# members that an order and its movement call alike
_ALIKE = (
    "intermediaryBankCode",
    "intermediaryBankName",
    "taxpayerCode",
    "taxpayerName",
)
_NO_MONEY = "Insufficient funds", "ანგარიშზე არ არის საკმარისი თანხა"


def execute(ledger, order, now):
    """Write the movements of an order, which is then Finished; or it is Failed, where
    the money with its fee, overdraft included, is not there.
    """
    legs = _legs(ledger, order)
    spent = -sum(leg.cents for leg in legs if leg.account == order.debit)
    if spent > ledger.available(order.debit):
        order.end(FAILED, *_NO_MONEY)
        return
    _write(ledger, [leg for leg in legs if leg.account in ledger.accounts], now)
    order.end(FINISHED)


def _legs(ledger, order):
    kind = order.payload["transferType"]
    legs = _own(ledger, order) if kind == OWN else _outgoing(ledger, order, kind)
    if kind in _FEES:
        legs.append(fee(order.debit, _FEES[kind]))
    return legs


def _own(ledger, order):
    """Type 1, or 5 between two currencies. Both legs hold the ``paymentId``, which is a
    guess: it belongs to the operation.
    """
    (source, from_currency), (target, to_currency) = order.debit, order.credit
    value, rate = order.cents, None
    words = 1, "GIB", order.payload["description"]
    if from_currency != to_currency:
        value, rate = convert(value, from_currency, to_currency)
        words = 5, "CNV", order.payload["description"]
    members = {**_common(order), "exchangeRate": rate}
    there, here = (_at(iban, ledger.owner) for iban in (target, source))
    return [
        Leg(order.debit, -order.cents, members_of(*words, there, **members)),
        Leg(order.credit, value, members_of(*words, here, **members)),
    ]


def _outgoing(ledger, order, kind):
    """Type 30, or 32 to the Treasury. A beneficiary whose account the bank keeps in
    these books gets the money (type 20), and knows nothing of the ``paymentId``.
    """
    payload, purpose = order.payload, order.payload["description"]
    payee, members = _beneficiary(payload), _common(order)
    members["chargeDetail"] = payload.get("chargeDetails")
    members["additionalInformation"] = written_out(payee, purpose)
    members.update((name, payload.get(name)) for name in _ALIKE)
    words = (32, "TRS") if kind == TREASURY else (30, "GIB")
    legs = [
        Leg(order.debit, -order.cents, members_of(*words, purpose, payee, **members))
    ]
    if order.credit in ledger.accounts:
        payer = _at(order.debit[0], ledger.owner)
        legs.append(
            Leg(order.credit, order.cents, members_of(20, "GIB", purpose, payer))
        )
    return legs


def _common(order):
    number = order.payload.get("documentNumber")
    return {
        "paymentId": str(order.transfer_id),
        "documentNumber": None if number is None else str(number),
        "additionalDescription": order.payload.get("additionalDescription"),
    }


def _beneficiary(payload):
    """``partnerAccountInfo`` of the other side."""
    if payload["transferType"] == TREASURY:
        return treasury_at(payload["treasuryCode"])
    members = _at(payload["creditAccount"]["accountNumber"], payload["beneficiaryName"])
    given = {
        "bankCode": payload.get("beneficiaryBankCode"),
        "bankName": payload.get("beneficiaryBankName"),
        "taxCode": payload.get("beneficiaryTaxCode"),
        "personalNumber": payload.get("personalNumber"),
    }
    return {**given, **members} if members["bankCode"] else {**members, **given}


def _at(iban, name):
    code, bank = BANKS.get(iban[4:6] if iban.startswith("GE") else "", (None, None))
    return {
        "accountIban": iban,
        "bankCode": code,
        "bankName": bank,
        "partnerName": name,
    }


def _write(ledger, legs, now):
    """The movements of one operation; a fee is an operation of its own."""
    operation = ledger.next_operation
    for leg in legs:
        number, members = operation, leg.members
        if leg.fee:
            number = ledger.next_operation
            members = {**members, "parentExternalPaymentId": operation}
        ledger.write(
            Movement(
                movement_id=leg_id(number, leg.cents),
                iban=leg.account[0],
                currency=leg.account[1],
                cents=leg.cents,
                day=now.date(),
                appears_at=now,
                authorised_at=now,
                members=members,
                owner=ledger.owner,
            )
        )
