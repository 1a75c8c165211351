from . import tbc_credential, tbc_transfer
