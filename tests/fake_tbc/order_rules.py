"""What the bank checks in each order. Bank's pages: reference single-transfers and
batch-transfers (members of each type), bis-test-scenarios-transfers (lengths).

Left open by the pages, and refused here: members of another type, blank text, an
amount above thirteen digits, an amount in another currency than the debit account's, a
beneficiary in another currency than the amount's (unless the account is ours), an
account of TBC behind another bank's type, one taxpayer member without the other, a tax
code without nine or eleven digits.
"""

import re

from .iban import is_valid_iban
from .money import cents
from .order import FOREIGN, NATIONAL, OWN, TREASURY, WITHIN_BANK, account_of

# the check digits of the bank's own sandbox accounts are wrong
_EXEMPT = {
    "GE48TB7873440574631292",
    "GE29TB7777777777777777",
    "GE29TB9999999999999999",
}
_REQUIRED = {
    OWN: {"creditAccount"},
    WITHIN_BANK: {"creditAccount", "beneficiaryName"},
    NATIONAL: {"creditAccount", "beneficiaryName"},
    FOREIGN: {
        "creditAccount",
        "beneficiaryName",
        "beneficiaryAddress",
        "beneficiaryBankCode",
        "chargeDetails",
    },
    TREASURY: {"treasuryCode"},
}
_OPTIONAL = {
    OWN: set(),
    WITHIN_BANK: {"beneficiaryTaxCode", "personalNumber"},
    NATIONAL: {"beneficiaryTaxCode", "beneficiaryBankCode", "beneficiaryBankName"},
    FOREIGN: {"beneficiaryBankName", "intermediaryBankCode", "intermediaryBankName"},
    TREASURY: {"taxpayerCode", "taxpayerName"},
}
_ALWAYS = {"transferType", "debitAccount", "amount", "description"}
_ALLOWED = {"transferExternalId", "documentNumber", "position", "additionalDescription"}
_TAX_CODE = r"\d{9}|\d{11}", "must have nine or eleven digits"
_PATTERNS = {
    "description": (r"(?s).{1,140}", "must have at most 140 characters"),
    "additionalDescription": (r"(?s).{1,210}", "must have at most 210 characters"),
    "treasuryCode": (r"\d{9}", "must have nine digits"),
    "chargeDetails": (r"SHA|OUR", "must be SHA or OUR"),
    "beneficiaryTaxCode": _TAX_CODE,
    "taxpayerCode": _TAX_CODE,
    "personalNumber": (r"\d{11}", "must have eleven digits"),
}
_GEORGIAN_IBAN = re.compile(r"GE\d\d([A-Z]{2})\d{16}", re.ASCII)
_ANY_IBAN = re.compile(r"[A-Z]{2}\d\d[A-Z0-9]{11,30}", re.ASCII)


def broken_rules(bank, client, payload):
    """List of (member, sentence), empty for an order that the bank takes."""
    found = [
        *_members(payload),
        *_texts(payload),
        *_debit(bank, client, payload),
        *_amount(payload),
        *_credit(bank, payload),
    ]
    told = [(member, f"{member} {sentence}") for member, sentence in found]
    reason = bank.transfers.refusal_at_import(payload)
    return [*told, ("creditAccount", reason)] if reason else told


def _members(payload):
    kind = payload["transferType"]
    required = _ALWAYS | _REQUIRED[kind]
    for name in sorted(required - payload.keys()):
        yield name, "is required"
    for name in sorted(payload.keys() - required - _ALLOWED - _OPTIONAL[kind]):
        yield name, f"does not belong to {kind}"
    if ("taxpayerCode" in payload) != ("taxpayerName" in payload):
        yield "taxpayerCode", "must come with taxpayerName"


def _texts(payload):
    for name, value in payload.items():
        if not isinstance(value, str) or name == "transferExternalId":
            continue
        pattern, sentence = _PATTERNS.get(name, (r"(?s).*", ""))
        if not value.strip():
            yield name, "must not be blank"
        elif not re.fullmatch(pattern, value, re.ASCII):
            yield name, sentence


def _debit(bank, client, payload):
    if "debitAccount" not in payload:
        return
    account = account_of(payload["debitAccount"])
    ours = bank.scenarios.debit_accounts if bank.scenarios else bank.ledger.accounts
    if account not in ours or not client.sees(account):
        yield "debitAccount", "is not an account that may be debited"


def _amount(payload):
    if "amount" not in payload:
        return
    value, currency = cents(payload["amount"]["amount"]), payload["amount"]["currency"]
    if value is None:
        yield "amount", "must have at most two decimals"
    elif not 0 < value < 10**15:
        yield "amount", "must be above zero and have at most thirteen digits"
    debit = payload.get("debitAccount", {}).get("accountCurrencyCode", currency)
    if currency != debit:
        yield "amount", "must be in the currency of the debit account"
    kind = payload["transferType"]
    if kind in (NATIONAL, TREASURY) and currency != "GEL":
        yield "amount", "must be in GEL"
    if kind == FOREIGN and currency == "GEL":
        yield "amount", "must be in a foreign currency"


def _credit(bank, payload):
    if "creditAccount" not in payload or payload["transferType"] == TREASURY:
        return
    kind, account = payload["transferType"], account_of(payload["creditAccount"])
    sentence = _iban_fault(bank, kind, account[0])
    if sentence:
        yield "creditAccount", sentence
    elif kind == OWN and not bank.scenarios and account not in bank.ledger.accounts:
        yield "creditAccount", "is not an account of yours"
    amount = payload.get("amount", {}).get("currency", account[1])
    if kind != OWN and account[1] != amount:
        yield "creditAccount", "must be in the currency of the amount"
    if not re.fullmatch("[A-Z]{3}", account[1]):
        yield "creditAccount", "must have the code of a currency"
    if payload.get("debitAccount") == payload["creditAccount"]:
        yield "creditAccount", "must not be the debit account"


def _iban_fault(bank, kind, iban):
    """What is wrong with a beneficiary's account, or ``None``. Abroad an account need
    not be an IBAN.
    """
    georgian = _GEORGIAN_IBAN.fullmatch(iban)
    known = iban in _EXEMPT or any(iban == one for one, _code in bank.ledger.accounts)
    if kind == FOREIGN and not _ANY_IBAN.fullmatch(iban):
        good = re.fullmatch(r"[A-Z0-9]{1,34}", iban, re.ASCII)
        return None if good else "is not an account number"
    if not georgian and kind != FOREIGN:
        return "is not a Georgian IBAN"
    if not known and not is_valid_iban(iban):
        return "has wrong check digits"
    at_tbc = georgian and georgian[1] == "TB"
    if at_tbc and kind in (NATIONAL, FOREIGN):
        return "is an account of this bank"
    if not at_tbc and kind in (OWN, WITHIN_BANK):
        return "is not an account of this bank"
    return None
