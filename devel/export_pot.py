"""Write i18n/account_tbc_bank.pot: `make dev-db && make shell < devel/export_pot.py`."""

from pathlib import Path

from odoo.modules import get_module_path
from odoo.tools.translate import trans_export

MODULE = "account_tbc_bank"
path = Path(get_module_path(MODULE)) / "i18n" / f"{MODULE}.pot"
with path.open("wb") as stream:
    trans_export(None, [MODULE], stream, "po", env)  # noqa: F821 -- the shell's
