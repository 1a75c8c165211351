from odoo import models
from odoo.http import request


class ResUsers(models.Model):
    _inherit = "res.users"

    def write(self, vals):
        """What happens to an integration user happens to the integrations, too."""
        exposed = self.filtered(lambda user: user._tbc_is_exposed(vals))
        result = super().write(vals)
        if "active" in vals and not vals["active"]:
            self._tbc_pause_integrations()
        exposed._tbc_erase_credentials()
        return result

    def _tbc_is_exposed(self, vals):
        """Whether the way to log in changes, and not by the person's own session."""
        own = bool(request) and request.session.get("uid") == self.id
        new_login = "login" in vals and vals["login"] != self.login
        return not own and ("password" in vals or new_login)

    def _tbc_integrations_sudo(self):
        return self.env["tbc.integration"].sudo().search([("user_id", "in", self.ids)])

    def _tbc_pause_integrations(self):
        for integration_sudo in self._tbc_integrations_sudo():
            integration_sudo._pause(
                self.env._(
                    "%(user)s, the integration user, is archived in Odoo. Name another"
                    " integration user, or make this one active again and test the"
                    " connection.",
                    user=integration_sudo.user_id.name,
                )
            )

    def _tbc_erase_credentials(self):
        """Whoever sets another person's password could log in as that person."""
        integrations_sudo = self._tbc_integrations_sudo().filtered("has_credentials")
        for integration_sudo in integrations_sudo:
            integration_sudo._erase_credentials(
                self.env._(
                    "The client ID and secret were erased, because the login or password"
                    " of %(user)s, the integration user, was changed by somebody else or"
                    " by a reset link. %(user)s must enter them again.",
                    user=integration_sudo.user_id.name,
                )
            )
