"""TBC Bank's Business Integration Services, in plain Python.

The names imported here are the public ones.

Source: https://developers.tbcbank.ge/docs/bis-overview
"""

from . import check
from .account import Balance, Statement, parse_balance, parse_statement
from .auth import SCOPE_ACCOUNTS, SCOPE_TRANSFERS, TokenCache, check_credentials
from .client import PRODUCTION_URL, SANDBOX_URL, TbcClient
from .errors import (
    BANK,
    TbcAuthRefused,
    TbcBusy,
    TbcDuplicate,
    TbcError,
    TbcNoAnswer,
    TbcRefused,
    TbcUnreachable,
    TbcUnreadable,
    says_not_found,
)
from .movement import (
    Counterparty,
    Movement,
    MovementPage,
    UnreadableMovement,
    parse_movement,
    parse_movement_page,
)
from .transfer import (
    LONGEST_ADDITIONAL_DESCRIPTION,
    LONGEST_DESCRIPTION,
    MOST_BATCH_ORDERS,
    MOST_SINGLE_ORDERS,
    TransferBatch,
    TransferOrder,
    TransferType,
    batch_payload,
    single_payload,
)
from .transfer_answer import (
    ImportReceipt,
    OrderStatus,
    TransferStatus,
    is_error,
    order_state,
    parse_import_receipt,
    parse_transfer_status,
)
from .transfer_check import (
    RULES,
    OrderFault,
    check_batch,
    check_order,
    check_single_request,
)
from .transport import Auth, Sender, Transport
from .wire import (
    GEORGIAN_TIME,
    clean_iban,
    georgian_bank_code,
    has_iban_shape,
    json_value,
    text,
)
