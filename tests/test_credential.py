"""The seal: what a dump shows, what a lost or changed key does, rotation."""

import os
from unittest.mock import patch

from cryptography.fernet import Fernet

from odoo.addons.account_tbc_bank.services.connecting import (
    open_client,
)
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import config

from .common import TbcCase

SECRET = "S3cret-value"
CLIENT = "Cl13nt-value"


@tagged("post_install", "-at_install")
class TestCredential(TbcCase):
    def setUp(self):
        super().setUp()
        self.integration.with_user(self.director).set_credentials(CLIENT, SECRET)
        self.credential = self.integration.sudo().credential_ids

    def use_keys(self, *keys):
        self.startPatcher(
            patch.dict(os.environ, {"TBC_BIS_ENCRYPTION_KEY": ",".join(keys)})
        )

    def test_a_dump_shows_neither(self):
        """No table of the database holds either value in clear."""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT table_name FROM information_schema.tables"
            " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
            " AND (table_name LIKE 'tbc%%' OR table_name LIKE 'mail%%'"
            " OR table_name LIKE 'ir_%%' OR table_name LIKE 'bus%%')"
        )
        tables = [name for (name,) in self.env.cr.fetchall()]
        self.assertIn("tbc_credential", tables)
        for table in tables:
            self.env.cr.execute(
                f'SELECT count(*) FROM "{table}" t'
                " WHERE t::text LIKE %s OR t::text LIKE %s",
                (f"%{SECRET}%", f"%{CLIENT}%"),
            )
            self.assertEqual(self.env.cr.fetchone()[0], 0, table)

    def test_only_the_integration_user_enters(self):
        for user in (self.administrator, self.accountant, self.payer, self.clerk):
            with self.assertRaises(AccessError):
                self.integration.with_user(user).set_credentials("a", "b")
        with self.assertRaisesRegex(UserError, "both"):
            self.integration.with_user(self.director).set_credentials("a", " ")

    def test_another_key_is_one_sentence_and_keeps_the_value(self):
        sealed = self.credential.client_secret_sealed
        account = self.make_account()
        self.use_keys(Fernet.generate_key().decode())
        run = account.sync()
        self.assertEqual(run.state, "failed")
        self.assertIn("sealed with another key", run.error)
        self.assertEqual(self.credential.client_secret_sealed, sealed)
        self.assertFalse(self.bank.requests)

    def test_something_that_is_no_key(self):
        self.use_keys("not a key")
        with self.assertRaisesRegex(UserError, "not a key"):
            open_client(self.integration)

    def test_rotation(self):
        old = os.environ["TBC_BIS_ENCRYPTION_KEY"]
        new = Fernet.generate_key().decode()
        self.use_keys(new, old)
        open_client(self.integration).close()
        self.env["tbc.credential"]._reseal_all()
        self.use_keys(new)
        open_client(self.integration).close()
        self.use_keys(old)
        with self.assertRaisesRegex(UserError, "another key"):
            open_client(self.integration)

    def test_rotation_with_the_wrong_keys_changes_nothing(self):
        sealed = self.credential.client_secret_sealed
        self.use_keys(Fernet.generate_key().decode())
        with self.assertRaisesRegex(UserError, "another key"):
            self.env["tbc.credential"]._reseal_all()
        self.assertEqual(self.credential.client_secret_sealed, sealed)

    def test_a_sealed_value_opens_in_its_place_only(self):
        other = self.integration.copy({"name": "Other"})
        self.assertFalse(other.has_credentials)
        self.env["tbc.credential"].sudo().create(
            {
                "integration_id": other.id,
                "client_id_sealed": self.credential.client_id_sealed,
                "client_secret_sealed": self.credential.client_secret_sealed,
            }
        )
        with self.assertRaisesRegex(UserError, "another integration or another"):
            open_client(other)

    def test_a_database_copy_does_not_open_it(self):
        """Odoo gives a restored copy another uuid."""
        self.env["ir.config_parameter"].sudo().set_param("database.uuid", "copy")
        with self.assertRaisesRegex(UserError, "another database"):
            open_client(self.integration)

    def test_the_key_option_may_stand_in_odoo_conf(self):
        key = os.environ.pop("TBC_BIS_ENCRYPTION_KEY")
        with patch.dict(config.options, {"tbc_bis_encryption_key": key}):
            open_client(self.integration).close()
