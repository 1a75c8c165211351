"""The template of the translations is the one that the code gives now."""

import io

import polib

from odoo.modules import get_module_path
from odoo.tests import TransactionCase, tagged
from odoo.tools.translate import trans_export


@tagged("post_install", "-at_install")
class TestTranslation(TransactionCase):
    def test_the_template_is_current(self):
        """If not: `make dev-db && make shell < devel/export_pot.py`, then i18n/ka.po."""
        stream = io.BytesIO()
        trans_export(None, ["account_tbc_bank"], stream, "po", self.env)
        now = {entry.msgid for entry in polib.pofile(stream.getvalue().decode())}
        path = f"{get_module_path('account_tbc_bank')}/i18n/account_tbc_bank.pot"
        kept = {entry.msgid for entry in polib.pofile(path)}
        self.assertEqual(now - kept, set())
        self.assertEqual(kept - now, set())
