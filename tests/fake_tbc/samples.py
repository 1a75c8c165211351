"""Orders of each type that the bank's own sandbox tests send, and expect to succeed.
Bank's page: bis-test-scenarios-transfers.
"""

from .order import FOREIGN, NATIONAL, OWN, TREASURY, WITHIN_BANK

FIRST, SECOND = "GE29TB7777777777777777", "GE29TB9999999999999999"
_OF_TYPE = {
    OWN: {"creditAccount": (SECOND, "GEL"), "amount": (3.45, "GEL")},
    WITHIN_BANK: {
        "creditAccount": (SECOND, "GEL"),
        "amount": (3.45, "GEL"),
        "beneficiaryName": "Test Beneficiary",
    },
    NATIONAL: {
        "documentNumber": 10002,
        "creditAccount": ("GE90BG0000000589021505", "GEL"),
        "amount": (100, "GEL"),
        "beneficiaryName": "Other Bank Beneficiary",
        "beneficiaryTaxCode": "12345678901",
    },
    FOREIGN: {
        "documentNumber": 0,
        "debitAccount": (FIRST, "EUR"),
        "creditAccount": ("CZ6508000000192000145399", "EUR"),
        "amount": (1, "EUR"),
        "beneficiaryName": "Beneficiary Name",
        "beneficiaryAddress": "Beneficiary Address",
        "beneficiaryBankCode": "0800",
        "beneficiaryBankName": "Some Bank",
        "intermediaryBankCode": "string",
        "intermediaryBankName": "string",
        "chargeDetails": "SHA",
    },
    TREASURY: {"amount": (1, "GEL"), "treasuryCode": "101001000"},
}


def single(kind=WITHIN_BANK, **changes):
    """One order for a single import. ``changes`` replace or complete members, ``None``
    leaves one out; an account is written (IBAN, currency), an amount (number,
    currency).
    """
    members = {
        "transferType": kind,
        "documentNumber": 10001,
        "position": 1,
        "debitAccount": (FIRST, "GEL"),
        "description": "Invoice 254",
        **_OF_TYPE[kind],
        **changes,
    }
    return {
        name: _spelt_out(name, value)
        for name, value in members.items()
        if value is not None
    }


def of_batch(kind=WITHIN_BANK, **changes):
    """The same for a batch import, which names the debit account once."""
    return single(kind, **{"debitAccount": None, **changes})


def batch(*orders, debit=(FIRST, "GEL"), **members):
    """The body of a batch import; numbers its orders from 1."""
    numbered = [{**one, "position": number} for number, one in enumerate(orders, 1)]
    account = _spelt_out("debitAccount", debit)
    return {"debitAccount": account, "transferOrders": numbered, **members}


def _spelt_out(name, value):
    if name in ("debitAccount", "creditAccount") and isinstance(value, tuple):
        return dict(zip(("accountNumber", "accountCurrencyCode"), value, strict=True))
    if name == "amount" and isinstance(value, tuple):
        return dict(zip(("amount", "currency"), value, strict=True))
    return value
