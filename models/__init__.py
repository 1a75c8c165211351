from . import (
    account_bank_statement_line,
    account_journal,
    res_users,
    tbc_account,
    tbc_account_sync,
    tbc_credential,
    tbc_held_movement,
    tbc_integration,
    tbc_sync_run,
)
