import hashlib

from odoo import models
from odoo.addons.base.models.res_users import check_identity
from odoo.exceptions import AccessError, UserError

from ..tbc import PRODUCTION_URL, SANDBOX_URL, TbcClient, TokenCache
from .guard import only_one
from .server_option import server_option
from .tbc_credential import open_credential
from .tbc_integration import ATTENTION

DEFAULT_TIMEOUT = 30

# Tokens live in this process and nowhere else.
TOKENS = TokenCache()


class TbcIntegration(models.Model):
    _inherit = "tbc.integration"

    # === CREDENTIALS === #

    def set_credentials(self, client_id, client_secret):
        """Keep the client id and secret, sealed; only the integration user may.

        :raise AccessError: somebody else asks. :raise UserError: one is empty.
        """
        self.ensure_one()
        self._check_is_integration_user()
        client_id, client_secret = (
            (client_id or "").strip(),
            (client_secret or "").strip(),
        )
        if not client_id or not client_secret:
            raise UserError(self.env._("Enter both the client ID and the secret."))
        try:
            TbcClient(self._base_url(), client_id, client_secret).close()
        except ValueError as error:
            raise UserError(
                self.env._(
                    "This can't be a client ID and secret: copy both again from Business"
                    " Internet Banking, without spaces or line breaks."
                )
            ) from error
        credential_sudo = self.sudo().credential_ids
        if not credential_sudo:
            credential_sudo = credential_sudo.create({"integration_id": self.id})
        credential_sudo._seal(client_id, client_secret)
        integration_sudo = self.sudo()
        integration_sudo.write({"state": "draft", "pause_reason": False})
        integration_sudo.activity_unlink([ATTENTION])
        integration_sudo.message_post(
            body=self.env._("New client ID and secret entered. Test the connection.")
        )

    def action_enter_credentials(self):
        """Open the dialog with the two password boxes."""
        only_one(self)
        self._check_is_integration_user()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Client ID and Secret"),
            "res_model": "tbc.credential.entry",
            "view_mode": "form",
            "target": "new",
            "context": {"default_integration_id": self.id},
        }

    @check_identity
    def action_reveal_credentials(self):
        """Show both values to the integration user, after Odoo's identity check."""
        only_one(self)
        self._check_is_integration_user()
        reveal = self.env["tbc.credential.reveal"].create({"integration_id": self.id})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Client ID and Secret"),
            "res_model": reveal._name,
            "res_id": reveal.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
        }

    def _check_is_integration_user(self):
        if self.env.uid != self.user_id.id:
            raise AccessError(
                self.env._(
                    "Only %(user)s, the integration user, may do this.",
                    user=self.user_id.name,
                )
            )

    # === CLIENT === #

    def _base_url(self):
        if self.environment == "production":
            return PRODUCTION_URL
        return server_option("tbc_bis_sandbox_url") or SANDBOX_URL

    def _check_may_call(self):
        """Raise a sentence unless user, credentials and database allow a call."""
        self.ensure_one()
        user_sudo = self.user_id.sudo()
        if not user_sudo.active or not user_sudo._is_internal():
            raise UserError(
                self.env._(
                    "%(user)s, the integration user of %(name)s, is not an active"
                    " internal user any more. Name another integration user.",
                    user=user_sudo.name,
                    name=self.name,
                )
            )
        if self.environment == "production" and self._is_neutralized():
            raise UserError(
                self.env._(
                    "This database is a neutralised copy, which never calls the bank."
                )
            )
        if not self.has_credentials:
            raise UserError(
                self.env._(
                    "%(name)s has no client ID and secret. %(user)s, the integration"
                    " user, must enter them.",
                    name=self.name,
                    user=user_sudo.name,
                )
            )

    def _check_may_send(self):
        """Raise a sentence unless transfers may leave through this integration now."""
        self._check_may_call()
        if not self.can_initiate_transfers:
            raise UserError(
                self.env._(
                    "%(name)s may not initiate transfers: tick that permission here and"
                    " in Business Internet Banking.",
                    name=self.name,
                )
            )
        if self.state != "connected":
            raise UserError(
                self.pause_reason
                or self.env._(
                    "The connection of %(name)s has not been tested: press Test"
                    " Connection.",
                    name=self.name,
                )
            )

    def _check_may_initiate(self, user):
        """Raise a sentence unless ``user`` may initiate transfers here."""
        if user != self.user_id:
            raise AccessError(
                self.env._(
                    "Only %(user)s, the integration user, may initiate transfers.",
                    user=self.user_id.name,
                )
            )
        self._check_may_send()

    def _is_neutralized(self):
        parameters_sudo = self.env["ir.config_parameter"].sudo()
        return bool(parameters_sudo.get_param("database.is_neutralized"))


def open_client(integration_sudo):
    """Return the bank's client of an integration, to be used with ``with``.

    A function rather than a method: no record leads to the opened credentials, neither
    by RPC nor in the code of a server action.

    :raise UserError: the integration may not call the bank now, and why.
    """
    integration_sudo.ensure_one()
    integration_sudo._check_may_call()
    env = integration_sudo.env
    credential_sudo = integration_sudo.credential_ids
    client_id, client_secret = open_credential(credential_sudo)
    # The sealed text changes with every entry, so a token never outlives the
    # credentials that it was granted for, in whichever process it is kept.
    sealed = credential_sudo.client_id_sealed + credential_sudo.client_secret_sealed
    digest = hashlib.sha256(sealed.encode()).hexdigest()
    try:
        return TbcClient(
            integration_sudo._base_url(),
            client_id,
            client_secret,
            timeout=float(server_option("tbc_bis_timeout") or DEFAULT_TIMEOUT),
            tokens=TOKENS,
            token_key=(env.cr.dbname, integration_sudo.id, digest),
        )
    except ValueError as error:
        raise UserError(
            env._(
                "The server's option tbc_bis_sandbox_url or tbc_bis_timeout can't be"
                " used: %(reason)s.",
                reason=error,
            )
        ) from error
