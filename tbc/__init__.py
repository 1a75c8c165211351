"""TBC Bank's Business Integration Services, in plain Python: no Odoo in here.

Source: https://developers.tbcbank.ge/docs/bis-overview
"""

from .account import Balance, Statement, parse_balance, parse_statement
from .auth import SCOPE_ACCOUNTS, SCOPE_TRANSFERS, TokenCache
from .client import PRODUCTION_URL, SANDBOX_URL, TbcClient
from .errors import (
    TbcAuthRefused,
    TbcBusy,
    TbcError,
    TbcNoAnswer,
    TbcRefused,
    TbcUnreachable,
    TbcUnreadable,
)
from .mapping import statement_line_values
from .movement import (
    Counterparty,
    Movement,
    MovementPage,
    UnreadableMovement,
    parse_movement,
    parse_movement_page,
)
from .wire import (
    GEORGIAN_TIME,
    clean_iban,
    has_iban_shape,
    iban_is_valid,
    json_value,
    mask_iban,
)

__all__ = [
    "GEORGIAN_TIME",
    "PRODUCTION_URL",
    "SANDBOX_URL",
    "SCOPE_ACCOUNTS",
    "SCOPE_TRANSFERS",
    "Balance",
    "Counterparty",
    "Movement",
    "MovementPage",
    "Statement",
    "TbcAuthRefused",
    "TbcBusy",
    "TbcClient",
    "TbcError",
    "TbcNoAnswer",
    "TbcRefused",
    "TbcUnreachable",
    "TbcUnreadable",
    "TokenCache",
    "UnreadableMovement",
    "clean_iban",
    "has_iban_shape",
    "iban_is_valid",
    "json_value",
    "mask_iban",
    "parse_balance",
    "parse_movement",
    "parse_movement_page",
    "parse_statement",
    "statement_line_values",
]
