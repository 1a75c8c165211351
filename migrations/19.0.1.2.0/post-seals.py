"""Seals name the integration user from this version on."""

import logging

from odoo.addons.account_tbc_bank import crypto
from odoo.addons.account_tbc_bank.services.sealing import (
    SEALED,
    place_of,
    server_keys,
)
from odoo.api import SUPERUSER_ID, Environment

_logger = logging.getLogger(__name__)


def migrate(cr, version):
    if not version:
        return
    env = Environment(cr, SUPERUSER_ID, {})
    for credential in env["tbc.credential"].search([]):
        user = credential.integration_id.user_id
        try:
            with cr.savepoint():
                for name in SEALED:
                    credential[name] = _bound(credential, name, user)
        except crypto.SealError as error:
            # Nothing is lost but two texts to copy, and nothing may open without a user.
            _logger.warning(
                "TBC Bank: the client ID and secret of %s could not be opened with the"
                " key that this update has (%s). Its integration user must enter them"
                " again.",
                credential.integration_id.name,
                error.reason,
            )


def _bound(credential, name, user):
    """The same value, sealed for its user as well."""
    keys = server_keys()
    uuid = credential.env["ir.config_parameter"].get_param("database.uuid")
    place = (uuid, credential.env.cr.dbname, credential.integration_id.id, name)
    value = crypto.open_sealed(credential[name], "/".join(map(str, place)), keys)
    return crypto.seal(value, place_of(credential.integration_id, name, user), keys)
