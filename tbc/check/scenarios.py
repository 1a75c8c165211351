"""The sandbox's own transfer scenarios, which move no money.

Source: https://developers.tbcbank.ge/docs/bis-test-scenarios-transfers
"""

import uuid

from ..errors import TbcDuplicate
from ..wire import Json, json_object
from .judge import error_words, safe_path, safe_word
from .known import is_known_status_word
from .probe import Answer, Probe
from .rows import Row, row
from .subject import Memory, Subject

DEBIT, OTHER = "GE29TB7777777777777777", "GE29TB9999999999999999"
_COMMON: dict[str, Json] = {"documentNumber": 10001, "position": 1}


def _account(iban: str, currency: str = "GEL") -> Json:
    return {"accountNumber": iban, "accountCurrencyCode": currency}


def _order(
    kind: str, amount: float, *, currency: str = "GEL", **more: Json
) -> dict[str, Json]:
    return {
        **_COMMON,
        "transferType": kind,
        "debitAccount": _account(DEBIT, currency),
        "amount": {"amount": amount, "currency": currency},
        "description": "Test transfer",
        **more,
    }


_TREASURY = _order("TreasuryTransfer", 1, treasuryCode="101001000")
SINGLES: dict[str, dict[str, Json]] = {
    "scenario_own": _order("TransferToOwnAccount", 3.45, creditAccount=_account(OTHER)),
    "scenario_within_bank": _order(
        "TransferWithinBank",
        3.45,
        creditAccount=_account(OTHER),
        beneficiaryName="Test Beneficiary",
    ),
    "scenario_other_bank": _order(
        "TransferToOtherBankNationalCurrency",
        100,
        documentNumber=10002,
        creditAccount=_account("GE90BG0000000589021505"),
        beneficiaryName="Test Beneficiary",
        beneficiaryTaxCode="12345678901",
    ),
    "scenario_foreign": _order(
        "TransferToOtherBankForeignCurrency",
        1,
        currency="EUR",
        documentNumber=0,
        creditAccount=_account("CZ6508000000192000145399", "EUR"),
        beneficiaryName="Test Beneficiary",
        beneficiaryAddress="Test Address",
        beneficiaryBankCode="0800",
        beneficiaryBankName="Test Bank",
        chargeDetails="SHA",
    ),
    "scenario_treasury": _TREASURY,
    "scenario_taxpayer": {
        **_TREASURY,
        "taxpayerCode": "123456789",
        "taxpayerName": "Some Taxpayer",
    },
}
_BATCH = (
    ("TransferWithinBank", "GE44TB0600051509630891", 1),
    ("TransferToOwnAccount", "GE41TB7849963286076183", 2),
    ("TransferToOtherBankNationalCurrency", "GE90BG0000000589021505", 30),
)


def single(key: str, probe: Probe, _subject: Subject, memory: Memory) -> list[Row]:
    """Send one order; look it up by our own id; ask for its status."""
    external_id = uuid.uuid4().hex
    order: dict[str, Json] = {**SINGLES[key], "transferExternalId": external_id}
    memory["sent_order"] = order
    answer = probe.send("single", {"singleTransferOrders": [order]})
    taken = answer.said.get("succeeded")
    first = json_object(taken[0] if isinstance(taken, list) and taken else None)
    transfer_id = first.get("transferId")
    return [_followed(key, probe, answer, "single", external_id, str(transfer_id))]


def batch(probe: Probe, _subject: Subject, _memory: Memory) -> list[Row]:
    """Send the sandbox's batch of three orders, and follow it to its end."""
    external_id = uuid.uuid4().hex
    payload: dict[str, Json] = {
        "batchTransferExternalId": external_id,
        "batchName": "Test batch",
        "debitAccount": _account(DEBIT),
        "transferOrders": [
            _batch_order(place, *one) for place, one in enumerate(_BATCH, start=1)
        ],
    }
    answer = probe.send("batch", payload)
    batch_id = str(answer.said.get("batchTransferId"))
    key = "scenario_batch"
    return [_followed(key, probe, answer, "batch", external_id, batch_id)]


def _batch_order(place: int, kind: str, iban: str, amount: int) -> Json:
    order: dict[str, Json] = {
        "transferType": kind,
        "documentNumber": place,
        "position": place,
        "amount": {"amount": amount, "currency": "GEL"},
        "description": "Test transfer",
        "creditAccount": _account(iban),
    }
    named = {} if "Own" in kind else {"beneficiaryName": "Test Beneficiary"}
    return {**order, **named}


def _followed(
    key: str, probe: Probe, sent: Answer, kind: str, external_id: str, bank_id: str
) -> Row:
    if not bank_id.isdigit():
        words: list[Json] = [safe_path(name) for name in sent.said]
        return row(key, False, **(error_words(sent.error) or {"words": words}))
    found = probe.ask_transfers(f"find_{kind}", f"/{kind}/{external_id}").said
    named = {str(found.get(name)) for name in ("transferId", "batchId")}
    status = probe.ask_transfers("status", f"/{kind}/{bank_id}/status").said
    word = status.get("status")
    is_known = bool(word) and is_known_status_word(str(word))
    seen: dict[str, Json] = {"status_word": safe_word(word)}
    return row(key, bank_id in named and is_known, found=bank_id in named, **seen)


def duplicate(probe: Probe, _subject: Subject, memory: Memory) -> list[Row]:
    """The last order once more, with the same id: the bank has it already."""
    order = memory.get("sent_order")
    answer = probe.send("single", {"singleTransferOrders": [order]})
    is_told = isinstance(answer.error, TbcDuplicate)
    return [row("scenario_duplicate", is_told, **error_words(answer.error))]
