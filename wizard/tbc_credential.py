from odoo import api, fields, models

from ..services.identity import is_granted, reveals
from ..services.sealing import open_credential

# The browser reads the dialog right after the password was given.
SHOWN_SECONDS = 60


class TbcCredentialReveal(models.TransientModel):
    """Shows both values to the integration user, right after the password."""

    _name = "tbc.credential.reveal"
    _description = "Show the Client ID and Secret"

    integration_id = fields.Many2one("tbc.integration", required=True, readonly=True)
    client_id = fields.Char(string="Client ID", compute="_compute_values")
    client_secret = fields.Char(string="Secret", compute="_compute_values")

    @api.depends("integration_id")
    @api.depends_context("uid")
    def _compute_values(self):
        for reveal in self:
            reveal.client_id, reveal.client_secret = reveal._values()

    def _values(self):
        """Both values, if the person of this very session was just asked who it is."""
        user, integration_sudo = self.env.user, self.integration_id.sudo()
        credential_sudo = integration_sudo.credential_ids
        if (
            integration_sudo.user_id != user
            or not is_granted(user, reveals(self), SHOWN_SECONDS)
            or not credential_sudo
        ):
            return False, False
        return open_credential(credential_sudo, user)
