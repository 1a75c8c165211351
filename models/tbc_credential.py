import logging

from odoo import fields, models

from .. import crypto, messages
from ..services.sealing import reseal_credentials, server_keys

_logger = logging.getLogger(__name__)


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
        help="Tells one Client ID from another, and nothing else of it.",
    )

    _integration_uniq = models.Constraint(
        "unique(integration_id)", "An integration has one Client ID and Secret."
    )

    def _register_hook(self):
        """Tell the server's administrator at each start of a key that is not safe."""
        super()._register_hook()
        try:
            server_keys()
        except crypto.SealError as error:
            _logger.error(messages.seal_message(self.env, error))

    def _reseal_all(self):
        """Seal every credential again with the newest key; return how many there were."""
        return reseal_credentials(self.env)
