"""What the server's administrator does: neutralise, change keys, restore a copy."""

import contextlib
import time
from pathlib import Path
from unittest.mock import patch

from cryptography.fernet import Fernet
from work import Work, wait_until

from odoo.modules.neutralize import neutralize_database
from odoo.tools import config


class ServerWork(Work):
    """The pieces of work on the database as a whole, and on its keys."""

    @contextlib.contextmanager
    def _neutralized_env(self):
        """A neutralised database, all of which is undone at the end."""

        def only_flush(cron, *_args, **_kwargs):
            cron.env.flush_all()
            return float("inf")

        with self.env() as env:
            neutralize_database(env.cr)
            env.invalidate_all()
            cron = self.registry["ir.cron"]
            with patch.object(cron, "_commit_progress", only_flush):
                yield env
            env.cr.rollback()

    def neutralized(self, integration_id):
        """Neutralise the database, look at the integration, read, and undo it all."""
        # Only once Odoo knows where its addons are.
        from odoo.addons.account_tbc_bank.services.statements.health import due_domain

        with self._neutralized_env() as env:
            integration = env["tbc.integration"].browse(integration_id)
            account = integration.account_ids[:1]
            return {
                "state": integration.state,
                "environment": integration.environment,
                "has_credentials": integration.has_credentials,
                "credentials": env["tbc.credential"].search_count([]),
                "due": len(account.search(due_domain())),
                "error": account.sync().error,
            }

    def neutralized_transfers(self, order_ids):
        """Neutralise the database, send and ask as scheduled, and undo it all.

        :return: the orders' states, and how many of them are still initiated
        """
        with self._neutralized_env() as env:
            orders = env["tbc.transfer"].browse(order_ids)
            orders._cron_submit()
            orders._cron_refresh_status()
            return [orders.mapped("state"), len(orders.filtered("initiated_at"))]

    def database_uuid(self, new=None):
        """Give the database another identity, as a restored copy has; return the old
        one.
        """
        with self.env() as env:
            parameters = env["ir.config_parameter"]
            before = parameters.get_param("database.uuid")
            if new:
                parameters.set_param("database.uuid", new)
            return before

    def sealed(self, integration_id):
        """The two sealed values as the database holds them."""
        with self.env() as env:
            env.cr.execute(
                "SELECT client_id_sealed, client_secret_sealed FROM tbc_credential"
                " WHERE integration_id = %s",
                [integration_id],
            )
            return env.cr.fetchone()

    def enter_credentials(
        self, integration_id, client_id, client_secret, at=None, making_takes=0
    ):
        """Enter the credentials as the integration user.

        :param at: the moment to begin at
        :param making_takes: seconds between seeing that there is no key file and having
            made a key
        """
        generate_key = Fernet.generate_key

        def slowly():
            time.sleep(making_takes)
            return generate_key()

        wait_until(at)
        with self.env() as env, patch.object(Fernet, "generate_key", slowly):
            integration = env["tbc.integration"].browse(integration_id)
            integration.with_user(integration.user_id).set_credentials(
                client_id, client_secret
            )

    def name_integration(self, integration_id, name):
        """Give it a name that no other integration has."""
        with self.env() as env:
            env["tbc.integration"].browse(integration_id).name = name

    def test_connection(self, integration_id):
        """Test the connection; return the integration's state and the report."""
        with self.env() as env:
            integration = env["tbc.integration"].browse(integration_id)
            integration.action_test_connection()
            return [integration.state, integration.connection_report]

    def filestore(self):
        """The folder of the database's attachments."""
        return str(Path(config.filestore(self.registry.db_name)))
