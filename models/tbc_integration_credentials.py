import hashlib
from functools import partial

from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.http import request

from .. import crypto, messages
from ..services.identity import (
    IDENTITY_SECONDS,
    confirms_identity,
    enters,
    grant,
    is_granted,
    reveals,
    revoke,
)
from ..services.sealing import server_option
from ..tbc import (
    PRODUCTION_URL,
    SANDBOX_URL,
    TbcClient,
    TokenCache,
    check_credentials,
)
from .guard import only_one
from .tbc_credential import open_credential, sealed_vals
from .tbc_integration import ATTENTION

DEFAULT_TIMEOUT = 30

# Tokens live in this process and nowhere else.
TOKENS = TokenCache()


class TbcIntegration(models.Model):
    _inherit = "tbc.integration"

    # === CREDENTIALS === #

    @api.private
    def set_credentials(self, client_id, client_secret):
        """Keep the client id and secret, sealed; only the integration user may.

        Not over RPC: Odoo writes the arguments of such a call into its log.

        :raise AccessError: somebody else asks. :raise UserError: one is empty.
        """
        self.ensure_one()
        self._check_is_integration_user()
        if request:
            self._check_may_enter()
        vals, fault = _credential_vals(self.sudo(), client_id, client_secret)
        # What follows is code of others too, and an error is kept with this frame.
        del client_id, client_secret
        if fault:
            raise UserError(fault)
        if credential_sudo := self.sudo().credential_ids:
            credential_sudo.write(vals)
        else:
            credential_sudo.create({"integration_id": self.id, **vals})
        integration_sudo = self.sudo()
        integration_sudo.write({"state": "draft", "pause_reason": False})
        integration_sudo.activity_unlink([ATTENTION])
        integration_sudo.message_post(
            body=self.env._("New client ID and secret entered. Test the connection.")
        )

    @confirms_identity(always=True)
    def action_enter_credentials(self):
        """Open the dialog with the two password boxes, after the password."""
        only_one(self)
        self._check_is_integration_user()
        grant(self.env.user, enters(self))
        return {
            "type": "ir.actions.client",
            "tag": "tbc_enter_credentials",
            "name": self.env._("Client ID and Secret"),
            "target": "new",
            "params": {"integration_id": self.id},
        }

    def action_keep_credentials(self):
        """Keep what the dialog's boxes hold, and test the connection with it.

        The two values come in the context: Odoo writes the arguments of a call into
        its log, and not the context, in which its own dialog sends the password.
        """
        only_one(self)
        context = self.env.context
        bare = self.with_context(tbc_client_id=None, tbc_client_secret=None)
        bare.set_credentials(
            context.get("tbc_client_id"), context.get("tbc_client_secret")
        )
        revoke(enters(self))
        return bare.action_test_connection()

    def _check_may_enter(self):
        if not is_granted(self.env.user, enters(self), IDENTITY_SECONDS):
            raise AccessError(
                self.env._(
                    "The client ID and secret are entered by the integration user in"
                    " person, after the password: press Enter Client ID and Secret."
                )
            )

    @confirms_identity(always=True)
    def action_reveal_credentials(self):
        """Show both values to the integration user, who gives the password each time."""
        only_one(self)
        self._check_is_integration_user()
        reveal = self.env["tbc.credential.reveal"].create({"integration_id": self.id})
        grant(self.env.user, reveals(reveal))
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
        # However ``user`` came to be named: what another one entered does not open.
        open_credential(self.sudo().credential_ids, user)

    def _is_neutralized(self):
        parameters_sudo = self.env["ir.config_parameter"].sudo()
        return bool(parameters_sudo.get_param("database.is_neutralized"))


def open_client(integration_sudo):
    """Return the bank's client of an integration, to be used with ``with``.

    It opens the credentials itself, when it asks for a token, and keeps neither. A
    function rather than a method: no record leads to a client, neither by RPC nor in the
    code of a server action.

    :raise UserError: the integration may not call the bank now, and why.
    """
    integration_sudo.ensure_one()
    integration_sudo._check_may_call()
    env = integration_sudo.env
    credential_sudo, user = integration_sudo.credential_ids, integration_sudo.user_id
    # A token that was granted before is used with credentials that open, or not at all.
    open_credential(credential_sudo, user)
    # The sealed text changes with every entry, so a token never outlives the
    # credentials that it was granted for, in whichever process it is kept.
    sealed = credential_sudo.client_id_sealed + credential_sudo.client_secret_sealed
    digest = hashlib.sha256(sealed.encode()).hexdigest()
    try:
        return TbcClient(
            integration_sudo._base_url(),
            partial(open_credential, credential_sudo, user),
            timeout=float(server_option("tbc_bis_timeout") or DEFAULT_TIMEOUT),
            tokens=TOKENS,
            token_key=(env.cr.dbname, integration_sudo.id, digest),
        )
    except ValueError as error:
        sentence = env._(
            "The server's option tbc_bis_sandbox_url or tbc_bis_timeout can't be"
            " used: %(reason)s.",
            reason=error,
        )
    raise UserError(sentence)


def _credential_vals(integration_sudo, client_id, client_secret):
    """(the sealed values, ``None``), or (``None``, what is wrong with them).

    A function rather than a method: the code of a server action can't call it.
    """
    env = integration_sudo.env
    client_id, client_secret = (
        (client_id or "").strip(),
        (client_secret or "").strip(),
    )
    if not client_id or not client_secret:
        return None, env._("Enter both the client ID and the secret.")
    try:
        check_credentials(client_id, client_secret)
        return sealed_vals(integration_sudo, client_id, client_secret), None
    except ValueError:
        return None, env._(
            "This can't be a client ID and secret: copy both again from Business"
            " Internet Banking, without spaces or line breaks."
        )
    except crypto.SealError as error:
        return None, messages.seal_message(env, error)
