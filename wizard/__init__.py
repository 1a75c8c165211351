from . import tbc_backfill, tbc_credential, tbc_transfer
