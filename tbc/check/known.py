"""What the bank's pages tell of its answers: members, their types, closed lists.

Sources: https://developers.tbcbank.ge/docs/bis-get-account-movements and the pages beside
it; https://developers.tbcbank.ge/docs/bis-errors
"""

from ..transfer_answer import is_error, order_state

TRANSACTION_TYPES = (1, 5, 20, 30, 31, 32, 33)
STATUS_CODES = (0, 1, 2)

# {member: (type, whether it may be null)}
_COUNTERPARTY = {
    **dict.fromkeys(("accountIban", "bankCode", "bankName"), ("text", True)),
    **dict.fromkeys(("treasuryCode", "partnerName"), ("text", True)),
    "docTypeId": ("number", True),
    **dict.fromkeys(("personalNumber", "documentNumber", "taxCode"), ("text", True)),
}
_OURS = dict.fromkeys(("accountName", "accountIban"), ("text", True))
_MOVEMENT = {
    "movementId": ("text", False),
    "paymentId": ("text", True),
    "externalPaymentId": ("text", True),
    "amount": ("number", False),
    "currency": ("text", False),
    "purpose": ("text", True),
    "isDebit": ("boolean", False),
    "customerAccountInfo": ("object", False),
    "documentDate": ("text", True),
    "exchangeRate": ("text", True),
    "additionalInformation": ("text", True),
    "opCode": ("text", True),
    "partnerAccountInfo": ("object", True),
    "intermediaryBankCode": ("text", True),
    "intermediaryBankName": ("text", True),
    "statusCode": ("number", False),
    "date": ("text", True),
    "parentExternalPaymentId": ("number", True),
    "transactionReference": ("text", True),
    "additionalDescription": ("text", True),
    "documentNumber": ("text", True),
    "chargeDetail": ("text", True),
    "taxpayerCode": ("text", True),
    "taxpayerName": ("text", True),
    "transactionType": ("number", True),
    **{f"customerAccountInfo.{name}": kind for name, kind in _OURS.items()},
    **{f"partnerAccountInfo.{name}": kind for name, kind in _COUNTERPARTY.items()},
}
_STATUS = {
    "position": ("number", True),
    **dict.fromkeys(("transferId", "transferStatus"), ("text", True)),
    **dict.fromkeys(("errorDetailEN", "errorDetailGE"), ("text", True)),
    **dict.fromkeys(("failureReasonEn", "failureReasonGe"), ("text", True)),
}
# {endpoint: {path of a member: (type, whether it may be null)}}
MEMBERS = {
    "token": {
        **dict.fromkeys(("access_token", "token_type", "scope"), ("text", False)),
        **dict.fromkeys(("issued_at", "expires_in"), ("number", False)),
    },
    "movements": {
        "transactions": ("list", False),
        "pager": ("list", False),
        "total": ("number", False),
        "pager[].pageIndex": ("number", False),
        "pager[].pageSize": ("number", False),
        **{f"transactions[].{name}": kind for name, kind in _MOVEMENT.items()},
    },
    "movement": {
        "transaction": ("object", False),
        **{f"transaction.{name}": kind for name, kind in _MOVEMENT.items()},
    },
    "statements": {
        **dict.fromkeys(("openingDate", "closingDate"), ("text", False)),
        **dict.fromkeys(("openingBalance", "closingBalance"), ("number", False)),
        **dict.fromkeys(("creditSum", "debitSum"), ("number", False)),
        **dict.fromkeys(("currency", "accountNumber"), ("text", False)),
    },
    "balances": {
        **dict.fromkeys(("currentBalance", "availableBalance"), ("number", False)),
        "overdraftLimit": ("number", True),
        "currency": ("text", False),
    },
    "find_single": {"transferId": ("number", False)},
    "find_batch": {"batchId": ("number", False)},
    "import_single": {
        **dict.fromkeys(("succeeded", "failed"), ("list", True)),
        "succeeded[].position": ("number", False),
        "succeeded[].transferId": ("number", False),
        "failed[].position": ("number", False),
        "failed[].errors": ("list", True),
    },
    "import_batch": {"batchTransferId": ("number", False)},
    "status": {
        "status": ("text", False),
        "singleTransferData": ("object", True),
        "batchTransferData": ("list", True),
        **{f"singleTransferData.{name}": kind for name, kind in _STATUS.items()},
        **{f"batchTransferData[].{name}": kind for name, kind in _STATUS.items()},
    },
}
# Our code reads no movement without them.
NEEDED = ("movementId", "amount", "currency", "isDebit", "statusCode")

PROBLEM = (
    *("type", "title", "status", "detail", "instance", "code", "traceId", "errors"),
    *("objectType", "objectId"),
)
_CODES = (
    *("ValidationError", "VALIDATION_ERROR", "DomainError", "ForbiddenError"),
    *("SystemError", "ApplicationError", "Unauthorized", "ObjectNotFound"),
    *("DUPLICATED_SINGLE_TRANSFER_REQUEST", "DUPLICATED_BATCH_TRANSFER_REQUEST"),
    *("invalid_client", "invalid_scope", "unauthorized_client", "invalid_request"),
)
_TITLES = (
    *("INCORRECT_INPUT_DATA", "INVALID_ACCOUNT", "USER_IS_DELETED", "GENERAL_ERROR"),
    *("USER_IS_NOT_ACTIVE", "USER_IS_BLOCKED", "NOT_AUTHORIZED"),
    *("One or more validation errors occurred", "Duplicated Single Transfer Request"),
    *("Domain logic validation error", "Unauthorized access"),
    *("Requested object was not found", "Duplicated Batch Transfer Request"),
    "An error occurred while processing your request",
    "Application logic validation error",
)
_STATUS_WORDS = (
    *("Initial state", "Draft", "Registered", "Deleted", "Waiting for certification"),
    *("In progress", "Error", "Finished", "Failed", "Cancelled"),
    *("Uploading", "Finished with errors", "FINISHED"),
)
_NAMES = {
    name
    for members in MEMBERS.values()
    for path in members
    for name in path.replace("[]", "").split(".")
}
# Words that tell nothing of anybody: the bank has published them.
PUBLISHED = frozenset({*_CODES, *_TITLES, *_STATUS_WORDS, *_NAMES, *PROBLEM, "Bearer"})


def is_known_status_word(word: str | None) -> bool:
    """Whether a status word of an order or a batch is one that we have a meaning for."""
    squeezed = (word or "").replace(" ", "").replace("_", "").lower()
    return bool(
        not word or order_state(word) or is_error(word) or "witherrors" in squeezed
    )


def is_known_error(code: str | None, title: str | None) -> bool:
    """Whether an error has a code or a title that the bank documents, or none at all."""
    said = [word.strip().rstrip(".") for word in (code, title) if word]
    return not said or any(word in PUBLISHED for word in said)
