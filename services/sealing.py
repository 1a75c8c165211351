"""The keys and options of this server, which no database holds; what they seal."""

import hashlib
import os
from pathlib import Path

from odoo.exceptions import UserError
from odoo.tools import config

from .. import crypto, messages
from ..tbc import check_credentials

SEALED = ("client_id_sealed", "client_secret_sealed")


def server_keys(*, create=False):
    """Return the keys that seal and sign, newest first: the server's option, or else
    the key file in the data folder, which is made when ``create`` is true.
    """
    option = server_option("tbc_bis_encryption_key")
    if option:
        return crypto.split_keys(option)
    # Beside the filestore, so that no backup of a database carries it.
    path = Path(config["data_dir"]) / "tbc_bis_encryption.key"
    return crypto.key_file(path, create=create)


def server_option(name):
    """Return the text of the option ``name``, or ``""``; as of Odoo's own options, the
    environment variable of that name in capitals comes before the line of odoo.conf.
    """
    return os.environ.get(name.upper()) or config.get(name) or ""


def credential_vals(integration_sudo, client_id, client_secret):
    """(values sealed for the integration user, ``None``), or (``None``, the fault)."""
    env = integration_sudo.env
    client_id, client_secret = (client_id or "").strip(), (client_secret or "").strip()
    if not client_id or not client_secret:
        return None, env._("Enter both the Client ID and the Secret.")
    try:
        check_credentials(client_id, client_secret)
        return _sealed_vals(integration_sudo, client_id, client_secret), None
    except ValueError:
        return None, env._(
            "This can't be a Client ID and Secret: copy both again from Business"
            " Internet Banking, without spaces or line breaks."
        )
    except crypto.SealError as error:
        return None, messages.seal_message(env, error)


def _sealed_vals(integration_sudo, client_id, client_secret):
    digest = hashlib.sha256(f"{_uuid(integration_sudo)}/{client_id}".encode())
    vals = {"fingerprint": digest.hexdigest()[:16]}
    for name, value in zip(SEALED, (client_id, client_secret), strict=True):
        place = place_of(integration_sudo, name, integration_sudo.user_id)
        vals[name] = crypto.seal(value, place, server_keys(create=True))
    return vals


def open_credential(credential_sudo, user):
    """Return ``(client_id, client_secret)``, as ``user`` entered them: the one place
    where they are opened. No method, which RPC or a server action could call.
    """
    integration_sudo = credential_sudo.integration_id
    # What is kept from being fetched beside other fields; here all of it is wanted.
    credential_sudo.fetch([*SEALED, "fingerprint"])
    sealed = [
        (credential_sudo[name], place_of(integration_sudo, name, user))
        for name in SEALED
    ]
    # No name for a key or a value in this frame, which what is raised is kept with.
    try:
        return tuple(crypto.open_sealed(*one, server_keys()) for one in sealed)
    except crypto.SealError as error:
        sentence = messages.seal_message(credential_sudo.env, error)
    raise UserError(sentence)


def reseal_credentials(env):
    """Seal every credential again with the newest key; return how many there were."""
    # All of them, or the old key could not be taken away.
    every = env["tbc.credential"].sudo().search([])  # pylint: disable=no-search-all
    try:
        for credential_sudo in every:
            credential_sudo.write(
                {
                    name: crypto.reseal(credential_sudo[name], server_keys())
                    for name in SEALED
                }
            )
        return len(every)
    except crypto.SealError as error:
        sentence = messages.seal_message(env, error)
    raise UserError(sentence)


def place_of(integration_sudo, name, user):
    """The place that a value is sealed for: this database, record, column and user.

    A database that Odoo restores as a *copy* gets a uuid of its own, and one that is
    copied by other means gets another name: neither opens what the original keeps. Nor
    does what one user entered open for another, however that one came to be named.
    """
    database = _uuid(integration_sudo), integration_sudo.env.cr.dbname
    return "/".join(map(str, (*database, integration_sudo.id, name, user.id)))


def _uuid(records):
    return records.env["ir.config_parameter"].sudo().get_param("database.uuid")
