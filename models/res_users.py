from odoo import models


class ResUsers(models.Model):
    _inherit = "res.users"

    def write(self, vals):
        """An archived user can't be an integration user: their integrations pause."""
        result = super().write(vals)
        if "active" in vals and not vals["active"]:
            integrations_sudo = self.env["tbc.integration"].sudo()
            integrations_sudo = integrations_sudo.search([("user_id", "in", self.ids)])
            for integration_sudo in integrations_sudo:
                integration_sudo._pause(
                    self.env._(
                        "%(user)s, the integration user, is archived in Odoo. Name"
                        " another integration user, or make this one active again and"
                        " test the connection.",
                        user=integration_sudo.user_id.name,
                    )
                )
        return result
