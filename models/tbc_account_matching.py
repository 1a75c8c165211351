from functools import partial

from odoo import api, models

from ..services.calls import UNMATCHED, call, end_call
from ..services.locks import CONCURRENCY_ERRORS
from ..services.unexpected import guarded
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
                end = guarded(
                    self.env,
                    partial(self._match_company, company, commit),
                    partial(self._record_matching_failure, company),
                )
                if not end:
                    # Later steps may have more than this one had left.
                    ir_cron._commit_progress(remaining=1)
                    return
            except CONCURRENCY_ERRORS:
                # Somebody works on the same invoices; the next call sees what is left.
                self.env.cr.rollback()
                ir_cron._commit_progress(remaining=1)

    def _match_company(self, company, commit):
        """Match what is certain; return whether the end was reached."""
        end = self._matching(company, commit).run()
        if end:
            end_call(self._matched_accounts(company), UNMATCHED)
        return end

    def _record_matching_failure(self, company, sentence):
        """Call the integration user of one of the company's accounts, once."""
        account = self._matched_accounts(company)[:1]
        user = account.integration_id.user_id
        account = account.with_context(lang=user.lang)
        call(
            account,
            user,
            reason=UNMATCHED,
            summary=account.env._("TBC Bank: transactions can't be matched"),
            note=sentence,
        )
        return True

    def _matched_accounts(self, company):
        return self.search(
            [("company_id", "child_of", company.id), ("journal_id", "!=", False)]
        )

    def _matching(self, company, commit):
        language = company.partner_id.lang or self.env.lang
        return Matching(
            # Whoever asks may be looking at archived records.
            company.with_company(company).with_context(lang=language, active_test=True),
            commit,
        )
