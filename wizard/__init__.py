from . import (
    account_move_reversal,
    account_payment_register,
    tbc_backfill,
    tbc_credential,
    tbc_reconciliation,
    tbc_transfer,
)
