from odoo import models

from ..services.shared_ibans import is_ours, journal_in_currency


class AccountPaymentRegister(models.TransientModel):
    _inherit = "account.payment.register"

    def _compute_journal_id(self):
        """Offer the journal in the documents' currency, or none of ours."""
        chosen = self.filtered(lambda w: w.journal_id in w.available_journal_ids)
        result = super()._compute_journal_id()
        for wizard in self - chosen:
            journals = wizard.env["account.journal"]
            domain = journals._check_company_domain(wizard.company_id)
            domain = [*domain, ("id", "in", wizard.available_journal_ids.ids)]
            # Searched for, so that they come in Odoo's order.
            available = journals.search(domain)
            values = [batch["payment_values"] for batch in wizard.batches]
            ids = {each["currency_id"] for each in values}
            wizard.journal_id = journal_in_currency(
                wizard.journal_id, available, wizard.env["res.currency"].browse(ids)
            )
        return result

    def _compute_payment_method_line_id(self):
        """Where the preferred journal gave way to another currency's, pay as with it."""
        before = {wizard: wizard.payment_method_line_id for wizard in self}
        result = super()._compute_payment_method_line_id()
        for wizard in self.filtered(lambda w: w.payment_method_line_id != before[w]):
            wizard.payment_method_line_id = (
                wizard._tbc_line_as_preferred() or wizard.payment_method_line_id
            )
        return result

    def _tbc_line_as_preferred(self):
        """The journal's line of the method that is preferred in another one of ours."""
        preferred = self.line_ids.move_id.preferred_payment_method_line_id
        journals = preferred.journal_id | self.journal_id
        if len(preferred) != 1 or len(journals) != 2 or not all(map(is_ours, journals)):
            return preferred.browse()
        lines = self.journal_id._get_available_payment_method_lines(self.payment_type)
        return lines.filtered(
            lambda line: line.payment_method_id == preferred.payment_method_id
        )[:1]
