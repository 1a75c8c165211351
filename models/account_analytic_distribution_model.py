from odoo import api, models

from ..services.at_once import at_once_of
from ..services.statements.page_create import page_of


class AccountAnalyticDistributionModel(models.Model):
    _inherit = "account.analytic.distribution.model"

    @api.model
    def _get_distribution(self, vals):
        """Ask once for all that are alike, of a page of lines or of items."""
        together = page_of(self) or at_once_of(self)
        if not together:
            return super()._get_distribution(vals)
        ask = super()._get_distribution
        return together.distributions.of(vals, lambda: ask(vals))
