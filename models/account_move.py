from odoo import api, models


class AccountMove(models.Model):
    _inherit = "account.move"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_bank_movement(self):
        """The entry takes its bank line along, without asking the line."""
        self.statement_line_id._unlink_except_bank_movement()
