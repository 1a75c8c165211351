import hashlib
import logging

from odoo import fields, models
from odoo.exceptions import UserError

from .. import crypto, messages
from ..services.sealing import server_keys

_logger = logging.getLogger(__name__)

SEALED = ("client_id_sealed", "client_secret_sealed")


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

    def _register_hook(self):
        """Tell the server's administrator at each start of a key that is not safe."""
        super()._register_hook()
        try:
            server_keys()
        except crypto.SealError as error:
            _logger.error(messages.seal_message(self.env, error))

    def _place(self, name, user):
        """The place that a value is sealed for: this database, record, column and user.

        A database that Odoo restores as a *copy* gets a uuid of its own, and one that
        is copied by other means gets another name: neither opens what the original
        keeps. Nor does what one user entered open for another, however that one came
        to be named.
        """
        self.ensure_one()
        return _place(self.integration_id, name, user)

    def _reseal_all(self):
        """Seal every credential again with the newest key.

        :return: how many there were. :raise UserError: one does not open; nothing has
            been changed then.
        """
        # All of them, or the old key could not be taken away.
        credentials_sudo = self.sudo().search([])  # pylint: disable=no-search-all
        try:
            for credential_sudo in credentials_sudo:
                credential_sudo.write(
                    {
                        name: crypto.reseal(credential_sudo[name], server_keys())
                        for name in SEALED
                    }
                )
            return len(credentials_sudo)
        except crypto.SealError as error:
            sentence = messages.seal_message(self.env, error)
        raise UserError(sentence)


def sealed_vals(integration_sudo, client_id, client_secret):
    """Return the values of a credential, sealed with the newest key for the user.

    :raise crypto.SealError: there is no key to seal with
    """
    env, user = integration_sudo.env, integration_sudo.user_id
    uuid = env["ir.config_parameter"].sudo().get_param("database.uuid")
    digest = hashlib.sha256(f"{uuid}/{client_id}".encode()).hexdigest()
    vals = {"fingerprint": digest[:16]}
    for name, value in zip(SEALED, (client_id, client_secret), strict=True):
        place = _place(integration_sudo, name, user)
        vals[name] = crypto.seal(value, place, server_keys(create=True))
    return vals


def open_credential(credential_sudo, user):
    """Return ``(client_id, client_secret)``: the one place where they are opened.

    A function rather than a method, so that neither RPC nor the code of a server
    action can call it. :raise UserError: the key does not fit, or somebody else than
    ``user`` has entered them; they are kept.
    """
    sealed = [
        (credential_sudo[name], credential_sudo._place(name, user)) for name in SEALED
    ]
    # No name for a key or a value in this frame, which what is raised is kept with.
    try:
        return tuple(crypto.open_sealed(*one, server_keys()) for one in sealed)
    except crypto.SealError as error:
        sentence = messages.seal_message(credential_sudo.env, error)
    raise UserError(sentence)


def _place(integration_sudo, name, user):
    uuid = integration_sudo.env["ir.config_parameter"].sudo().get_param("database.uuid")
    parts = (uuid, integration_sudo.env.cr.dbname, integration_sudo.id, name, user.id)
    return "/".join(map(str, parts))
