from odoo import api, models

from ..services.statements.page_create import page_of


class AccountAnalyticDistributionModel(models.Model):
    _inherit = "account.analytic.distribution.model"

    @api.model
    def _get_distribution(self, vals):
        """Ask once for all lines of a page that are alike."""
        page = page_of(self)
        if not page:
            return super()._get_distribution(vals)
        ask = super()._get_distribution
        return page.distribution(vals, lambda: ask(vals))
