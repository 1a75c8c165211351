from odoo import models

from ..services.identity import during_check, record_check


class ResUsersIdentitycheck(models.TransientModel):
    _inherit = "res.users.identitycheck"

    def _check_identity(self):
        """Keep a mark of our own: Odoo's can be written by code in the session."""
        result = super()._check_identity()
        record_check(self.create_uid)
        return result

    def run_check(self):
        return during_check(super().run_check)
