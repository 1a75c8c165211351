from . import tbc_credential
