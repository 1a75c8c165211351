import hashlib
from pathlib import Path

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import config

from .. import crypto, messages
from .server_option import server_option

KEY_FILE = "tbc_bis_encryption.key"


def server_keys(*, create=False):
    """Return the keys that seal credentials, newest first.

    The option ``tbc_bis_encryption_key``, or else the key file in the data folder,
    which is made when ``create`` is true. It lies beside the filestore, so that a
    backup of a database never carries its key.
    """
    option = server_option("tbc_bis_encryption_key")
    if option:
        return crypto.split_keys(option)
    return crypto.key_file(Path(config["data_dir"]) / KEY_FILE, create=create)


class TbcCredential(models.Model):
    """The client id and secret of one integration, both sealed.

    The record rule lets in the integration user alone. Even that user can't read the
    sealed columns: the two values are typed in and shown by the two dialogs of
    ``wizard/tbc_credential.py`` and by nothing else.
    """

    _name = "tbc.credential"
    _description = "TBC Client ID and Secret"
    _rec_name = "integration_id"

    integration_id = fields.Many2one(
        "tbc.integration", required=True, ondelete="cascade", readonly=True, copy=False
    )
    client_id_sealed = fields.Char(
        groups=fields.NO_ACCESS, prefetch=False, copy=False, readonly=True
    )
    client_secret_sealed = fields.Char(
        groups=fields.NO_ACCESS, prefetch=False, copy=False, readonly=True
    )

    fingerprint = fields.Char(
        groups=fields.NO_ACCESS,
        copy=False,
        readonly=True,
        help="Tells one client ID from another, and nothing else of it.",
    )

    _integration_uniq = models.Constraint(
        "unique(integration_id)", "An integration has one client ID and secret."
    )

    def _place(self, name):
        """The place that a value is sealed for: this database, record and column.

        A database that Odoo restores as a *copy* gets a uuid of its own, and one that
        is copied by other means gets another name: neither opens what the original
        keeps.
        """
        self.ensure_one()
        uuid = self.env["ir.config_parameter"].sudo().get_param("database.uuid")
        return f"{uuid}/{self.env.cr.dbname}/{self.integration_id.id}/{name}"

    def _seal(self, client_id, client_secret):
        """Keep the two values, sealed with the newest key."""
        self.ensure_one()
        values = {"client_id_sealed": client_id, "client_secret_sealed": client_secret}
        uuid = self.env["ir.config_parameter"].sudo().get_param("database.uuid")
        digest = hashlib.sha256(f"{uuid}/{client_id}".encode()).hexdigest()
        self.fingerprint = digest[:16]
        try:
            keys = server_keys(create=True)
            self.write(
                {
                    name: crypto.seal(value, self._place(name), keys)
                    for name, value in values.items()
                }
            )
        except crypto.SealError as error:
            raise UserError(messages.seal_message(self.env, error)) from error

    def _reseal_all(self):
        """Seal every credential again with the newest key.

        :return: how many there were. :raise UserError: one does not open; nothing has
            been changed then.
        """
        # All of them, or the old key could not be taken away.
        credentials_sudo = self.sudo().search([])  # pylint: disable=no-search-all
        names = ("client_id_sealed", "client_secret_sealed")
        try:
            keys = server_keys()
            for credential_sudo in credentials_sudo:
                credential_sudo.write(
                    {name: crypto.reseal(credential_sudo[name], keys) for name in names}
                )
        except crypto.SealError as error:
            raise UserError(messages.seal_message(self.env, error)) from error
        return len(credentials_sudo)


def open_credential(credential_sudo):
    """Return ``(client_id, client_secret)``: the one place where they are opened.

    A function rather than a method, so that neither RPC nor the code of a server
    action can call it. :raise UserError: the key does not fit; the values are kept.
    """
    try:
        keys = server_keys()
        return tuple(
            crypto.open_sealed(
                credential_sudo[name], credential_sudo._place(name), keys
            )
            for name in ("client_id_sealed", "client_secret_sealed")
        )
    except crypto.SealError as error:
        raise UserError(messages.seal_message(credential_sudo.env, error)) from error
