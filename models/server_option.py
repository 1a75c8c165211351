"""Options that only the server's administrator can set."""

import os

from odoo.tools import config


def server_option(name):
    """Return the text of the option ``name``, or ``""``.

    The environment variable of that name in capitals comes before the line of
    odoo.conf, as it does for Odoo's own options.
    """
    return os.environ.get(name.upper()) or config.get(name) or ""
