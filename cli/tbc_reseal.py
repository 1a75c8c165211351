"""``ODOO_RC=odoo.conf odoo tbc_reseal -d DATABASE``: seal with a new key."""

import odoo
from odoo.cli import Command
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.tools import config


class Tbc_Reseal(Command):
    """Seal TBC Bank's client ids and secrets again with the newest encryption key.

    Put the new key first in tbc_bis_encryption_key, the old one after it, run this,
    then take the old key out.
    """

    name = "tbc_reseal"

    def run(self, args):
        config.parse_config(args, setup_logging=True)
        names = config["db_name"]
        if not names:
            raise SystemExit("Name the database: odoo tbc_reseal -d DATABASE")
        for name in [names] if isinstance(names, str) else names:
            with Registry(name).cursor() as cr:
                env = odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, {})
                try:
                    count = env["tbc.credential"]._reseal_all()
                except UserError as error:
                    raise SystemExit(f"{name}: {error}") from error
            print(
                f"{name}: {count} Client ID(s) and Secret(s) sealed with the newest key."
            )
