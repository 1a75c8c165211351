from odoo import api, models

from ..services.statements.page_create import page_of


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    @api.model_create_multi
    def create(self, vals_list):
        """The entries of a page are linked to their bank lines before their items."""
        if page := page_of(self):
            page.link(self.env)
        return super().create(vals_list)
