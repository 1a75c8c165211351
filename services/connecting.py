"""Whether an integration may call the bank, the client to call it with, and its pauses.

Functions rather than methods: no record leads to a client, neither by RPC nor in the
code of a server action.
"""

import hashlib
from datetime import timedelta
from functools import partial

from odoo import fields
from odoo.exceptions import AccessError, UserError

from .. import messages, tbc
from . import calls
from .chatter import post_note
from .sealing import open_credential, server_option
from .unexpected import tell_unknown_error

DEFAULT_TIMEOUT = 30
# However long the bank asks to be left alone: a mistaken figure must not freeze it.
LONGEST_WAIT = timedelta(days=1)
# Of any setting in days: longer ago nobody is reminded of anything.
LONGEST_SETTING_DAYS = 3660

# Tokens live in this process and nowhere else.
TOKENS = tbc.TokenCache()


def check_may_call(integration):
    """Raise a sentence unless user, credentials and database allow a call."""
    integration.ensure_one()
    env, user_sudo = integration.env, integration.user_id.sudo()
    if not user_sudo.active or not user_sudo._is_internal():
        raise UserError(
            env._(
                "%(user)s, the integration user of %(name)s, is not an active"
                " internal user any more. Name another integration user.",
                user=user_sudo.name,
                name=integration.name,
            )
        )
    parameters_sudo = env["ir.config_parameter"].sudo()
    is_neutralized = parameters_sudo.get_param("database.is_neutralized")
    if integration.environment == "production" and is_neutralized:
        raise UserError(
            env._("This database is a neutralised copy, which never calls the bank.")
        )
    if not integration.has_credentials:
        raise UserError(
            env._(
                "%(name)s has no Client ID and Secret. %(user)s, the integration"
                " user, must enter them.",
                name=integration.name,
                user=user_sudo.name,
            )
        )


def check_may_send(integration):
    """Raise a sentence unless transfers may leave through this integration now."""
    check_may_call(integration)
    env = integration.env
    if not integration.can_initiate_transfers:
        raise UserError(
            env._(
                "%(name)s may not initiate transfers: tick that permission here and"
                " in Business Internet Banking.",
                name=integration.name,
            )
        )
    if integration.state != "connected":
        raise UserError(
            integration.pause_reason
            or env._(
                "The connection of %(name)s has not been tested: press Test"
                " Connection.",
                name=integration.name,
            )
        )


def check_may_initiate(integration, user):
    """Raise a sentence unless ``user`` may initiate transfers here."""
    if user != integration.user_id:
        raise AccessError(
            integration.env._(
                "Only %(user)s, the integration user, may initiate transfers.",
                user=integration.user_id.name,
            )
        )
    check_may_send(integration)
    # However ``user`` came to be named: what another one entered does not open.
    open_credential(integration.sudo().credential_ids, user)


def base_url(integration):
    """The bank's address; the option replaces the sandbox's, never production's."""
    if integration.environment == "production":
        return tbc.PRODUCTION_URL
    return server_option("tbc_bis_sandbox_url") or tbc.SANDBOX_URL


def open_client(integration_sudo, kind=tbc.TbcClient):
    """Return the bank's client of an integration, to be used with ``with``.

    It opens the credentials itself, when it asks for a token, and keeps neither.

    :param kind: ``TbcClient``, or a class of the same package that extends it
    """
    check_may_call(integration_sudo)
    credential_sudo, user = integration_sudo.credential_ids, integration_sudo.user_id
    # A token that was granted before is used with credentials that open, or not at all.
    open_credential(credential_sudo, user)
    try:
        return kind(
            base_url(integration_sudo),
            partial(open_credential, credential_sudo, user),
            timeout=float(server_option("tbc_bis_timeout") or DEFAULT_TIMEOUT),
            tokens=TOKENS,
            token_key=_token_key(credential_sudo),
        )
    except ValueError as error:
        sentence = integration_sudo.env._(
            "The server's option tbc_bis_sandbox_url or tbc_bis_timeout can't be"
            " used: %(reason)s.",
            reason=error,
        )
    raise UserError(sentence)


def _token_key(credential_sudo):
    """What a token is kept under: the sealed text changes with every entry, so that no
    token outlives the credentials that it was granted for, in any process.
    """
    sealed = credential_sudo.client_id_sealed + credential_sudo.client_secret_sealed
    digest = hashlib.sha256(sealed.encode()).hexdigest()
    return credential_sudo.env.cr.dbname, credential_sudo.integration_id.id, digest


def pause(integration_sudo, reason):
    """Pause with a sentence, and leave an activity for the integration user."""
    integration_sudo.write({"state": "paused", "pause_reason": reason})
    post_note(integration_sudo, reason)
    summary = integration_sudo.env._("TBC Bank: the integration is paused")
    call_user(integration_sudo, summary, reason, calls.PAUSED)


def is_wrong_pair(error):
    """Whether the bank knows no such client ID and secret."""
    words = {str(word).strip().lower() for word in (error.code, error.title)}
    return isinstance(error, tbc.TbcAuthRefused) and "invalid_client" in words


def record_refusal(integration_sudo, error):
    """Take what the bank says of the integration as a whole."""
    tell_unknown_error(integration_sudo, error)
    if isinstance(error, tbc.TbcAuthRefused):
        language = calls.language_of(integration_sudo.company_id)
        _pause_refused(integration_sudo.with_context(lang=language), error)
    if isinstance(error, tbc.TbcBusy) and error.after:
        wait = min(timedelta(seconds=error.after), LONGEST_WAIT)
        integration_sudo.not_before = fields.Datetime.now() + wait


def _pause_refused(integration_sudo, error):
    """Pause with what the bank says; a pause that there is gets the new reason."""
    reason = messages.user_message(integration_sudo.env, error)
    if is_wrong_pair(error):
        _pause_wrong_pair(integration_sudo, reason)
    elif integration_sudo.state == "paused":
        integration_sudo.pause_reason = reason
    else:
        pause(integration_sudo, reason)


def _pause_wrong_pair(integration_sudo, reason):
    """Pause until others are entered. The reason is told once, on the form: the chatter
    keeps only what changed, which scheduled actions else leave out.
    """
    integration_sudo = integration_sudo.with_context(tracking_disable=False)
    integration_sudo.write(
        {"state": "paused", "pause_reason": reason, "is_pair_refused": True}
    )
    call_for_credentials(integration_sudo)


def call_for_credentials(integration_sudo):
    """Ask the integration user for the Client ID and Secret."""
    integration_sudo = calls.in_words_for(integration_sudo, integration_sudo.user_id)
    env = integration_sudo.env
    summary = env._("TBC Bank: enter the Client ID and Secret")
    note = env._("Open the integration and press Enter Client ID and Secret.")
    call_user(integration_sudo, summary, note, calls.CREDENTIALS)


def call_user(integration_sudo, summary, note, reason):
    """Leave an activity for the integration user, one at a time."""
    integration_sudo.activity_unlink([calls.ATTENTION])
    user = integration_sudo.user_id
    calls.call(integration_sudo, user, reason=reason, summary=summary, note=note)


def hand_over_calls(integrations_sudo):
    """What the former integration user was called for is the new one's now."""
    orders_sudo = calls.called_records(integrations_sudo.env["tbc.transfer"])
    by_integration = orders_sudo.grouped("integration_id")
    for integration_sudo in integrations_sudo:
        own_sudo = by_integration.get(integration_sudo, orders_sudo.browse())
        for records_sudo in (integration_sudo, integration_sudo.account_ids, own_sudo):
            calls.reassign_calls(records_sudo, integration_sudo.user_id)


def has_read(integration_sudo):
    """Whether any account, archived ones too, has been read, has lines or paid."""
    accounts_sudo = integration_sudo.with_context(active_test=False).account_ids
    accounts_sudo.invalidate_recordset(["line_count"])
    return any(
        one.synced_until or one.line_count or one.transfer_count
        for one in accounts_sudo
    )


def check_is_integration_user(integration):
    """Raise a sentence unless the integration user asks."""
    if integration.env.uid != integration.user_id.id:
        raise AccessError(
            integration.env._(
                "Only %(user)s, the integration user, may do this.",
                user=integration.user_id.name,
            )
        )


def keep_credentials(integration_sudo, vals):
    """Keep the sealed values, in place of what was entered before."""
    env, credential_sudo = integration_sudo.env, integration_sudo.credential_ids
    if credential_sudo:
        credential_sudo.write(vals)
    else:
        credential_sudo.create({"integration_id": integration_sudo.id, **vals})
    integration_sudo.write(
        {
            "state": "draft",
            "pause_reason": False,
            "is_pair_refused": False,
            "connection_report": False,
            "tested_at": False,
        }
    )
    integration_sudo.activity_unlink([calls.ATTENTION])
    sentence = env._("New Client ID and Secret entered.")
    post_note(integration_sudo, sentence)


def erase_credentials(integration_sudo, reason):
    """Erase both values and pause, with a sentence."""
    integration_sudo.credential_ids.unlink()
    pause(integration_sudo, reason)


def erase_exposed_credentials(integrations_sudo):
    """Erase what somebody else may be able to reach as the integration user."""
    for integration_sudo in integrations_sudo.filtered("has_credentials"):
        erase_credentials(
            integration_sudo,
            integration_sudo.env._(
                "The Client ID and Secret were erased, because the login or password"
                " of %(user)s, the integration user, was changed by somebody else or"
                " by a reset link. %(user)s must enter them again.",
                user=integration_sudo.user_id.name,
            ),
        )
