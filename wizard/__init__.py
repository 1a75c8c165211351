from . import tbc_backfill, tbc_credential, tbc_reconciliation, tbc_transfer
