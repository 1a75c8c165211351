"""The keys and options of this server, which no database holds."""

import os
from pathlib import Path

from odoo.tools import config

from .. import crypto

KEY_FILE = "tbc_bis_encryption.key"


def key_path():
    """The key file: beside the filestore, so that no backup of a database carries it."""
    return Path(config["data_dir"]) / KEY_FILE


def server_keys(*, create=False):
    """Return the keys that seal and sign, newest first.

    The option ``tbc_bis_encryption_key``, or else the key file in the data folder,
    which is made when ``create`` is true.

    :raise crypto.SealError: ``bad_key``, ``no_file``, ``unsafe_file``
    """
    option = server_option("tbc_bis_encryption_key")
    if option:
        return crypto.split_keys(option)
    return crypto.key_file(key_path(), create=create)


def server_option(name):
    """Return the text of the option ``name``, or ``""``.

    The environment variable of that name in capitals comes before the line of
    odoo.conf, as it does for Odoo's own options.
    """
    return os.environ.get(name.upper()) or config.get(name) or ""
