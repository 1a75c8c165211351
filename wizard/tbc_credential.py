from odoo import api, fields, models

from ..models.identity import is_present
from ..models.tbc_credential import open_credential


class TbcCredentialEntry(models.TransientModel):
    """Two password boxes. What is typed goes straight to the seal: the two fields have
    no column, and reading them gives nothing back."""

    _name = "tbc.credential.entry"
    _description = "Enter the Client ID and Secret"

    integration_id = fields.Many2one("tbc.integration", required=True, readonly=True)
    client_id = fields.Char(string="Client ID", store=False)
    client_secret = fields.Char(string="Secret", store=False)

    @api.model_create_multi
    def create(self, vals_list):
        kept = [
            {name: vals[name] for name in vals.keys() - {"client_id", "client_secret"}}
            for vals in vals_list
        ]
        entries = super().create(kept)
        for entry, vals in zip(entries, vals_list, strict=True):
            entry.integration_id.set_credentials(
                vals.get("client_id"), vals.get("client_secret")
            )
        return entries

    def write(self, vals):
        """Refuse a second save: the boxes are empty by then."""
        vals = {
            name: value
            for name, value in vals.items()
            if name not in ("client_id", "client_secret")
        }
        return super().write(vals)

    def action_test_connection(self):
        """The dialog's button; the record's creation has kept the values already."""
        return self.integration_id.action_test_connection()


class TbcCredentialReveal(models.TransientModel):
    """Shows both values to the integration user while the identity check lasts."""

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
        """Both values, if the person of this very session is the integration user."""
        user = self.integration_id.user_id
        credential_sudo = self.integration_id.sudo().credential_ids
        if user != self.env.user or not is_present(user) or not credential_sudo:
            return False, False
        return open_credential(credential_sudo)
