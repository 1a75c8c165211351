"""Run a script inside Odoo: ``in_odoo.py SCRIPT DATABASE CONF [ARGUMENT…]``.

Calls the script's ``main(env, *arguments)`` in one transaction as the superuser,
commits, and ends with what it returned: nothing or 0 is success.
"""

import importlib.util
import sys
import threading


def load(path):
    """Import the file at ``path`` and return it as a module."""
    spec = importlib.util.spec_from_file_location("tbc_script", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main(path, database, conf, *arguments):
    """Run the script at ``path`` on ``database``; return its exit status."""
    import odoo.init  # noqa: F401 -- must come before everything else of Odoo
    from odoo.api import SUPERUSER_ID, Environment
    from odoo.modules.registry import Registry
    from odoo.service.server import load_server_wide_modules
    from odoo.tools import config

    config.parse_config(["-c", conf, "-d", database], setup_logging=True)
    load_server_wide_modules()
    threading.current_thread().dbname = database
    script = load(path)
    with Registry(database).cursor() as cr:
        env = Environment(cr, SUPERUSER_ID, {})
        status = script.main(env, *arguments) or 0
        if status:
            cr.rollback()
    return status


if __name__ == "__main__":
    sys.path.pop(0)  # this folder is no place to import from
    sys.exit(main(*sys.argv[1:]))
