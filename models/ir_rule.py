from odoo import api, models

from ..services.own_columns import by_own_columns


class IrRule(models.Model):
    _inherit = "ir.rule"

    @api.model
    def _compute_domain(self, model_name, mode="read"):
        """The companies that somebody may see are told by a bank line itself, too."""
        domain = super()._compute_domain(model_name, mode)
        is_line = model_name == "account.bank.statement.line"
        return by_own_columns(domain) if is_line else domain
