from odoo import api, models

from .concurrency import CONCURRENCY_ERRORS
from .matching import Matching


class TbcAccount(models.Model):
    _inherit = "tbc.account"

    # === MATCHING === #

    def _match(self):
        """Match what is certain of these accounts' companies, in this transaction.

        A company and its branches are matched as one.
        """
        for company in self.sudo().company_id.root_id:
            self.sudo()._matching(company, lambda *_figures: True).run()

    @api.model
    def _cron_match(self):
        """Match what is certain, a hundred cases a commit.

        Whatever kills it, the next call plans from what is left.
        """
        ir_cron = self.env["ir.cron"]

        def commit(done, remaining):
            return ir_cron._commit_progress(done, remaining=remaining)

        for company in self.search([("journal_id", "!=", False)]).company_id.root_id:
            try:
                if not self._matching(company, commit).run():
                    # Later steps may have more than this one had left.
                    ir_cron._commit_progress(remaining=1)
                    return
            except CONCURRENCY_ERRORS:
                # Somebody works on the same invoices; the next call sees what is left.
                self.env.cr.rollback()
                ir_cron._commit_progress(remaining=1)

    def _matching(self, company, commit):
        language = company.partner_id.lang or self.env.lang
        return Matching(
            # Whoever asks may be looking at archived records.
            company.with_company(company).with_context(lang=language, active_test=True),
            commit,
        )
