from . import (
    account_move_reversal,
    account_payment_register,
    res_users_identitycheck,
    tbc_backfill,
    tbc_credential,
    tbc_reconciliation,
    tbc_setup,
    tbc_setup_line,
    tbc_transfer,
)
