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
            # Searched for, so that they come in Odoo's order.
            available = journals.search(
                [
                    *journals._check_company_domain(wizard.company_id),
                    ("id", "in", wizard.available_journal_ids.ids),
                ]
            )
            wizard.journal_id = journal_in_currency(
                wizard.journal_id, available, wizard._tbc_currencies()
            )
        return result

    def _tbc_currencies(self):
        currency_ids = {
            batch["payment_values"]["currency_id"] for batch in self.batches
        }
        return self.env["res.currency"].browse(currency_ids)

    def _compute_payment_method_line_id(self):
        """Where the preferred journal gave way to another currency's, pay as with it."""
        before = {wizard: wizard.payment_method_line_id for wizard in self}
        result = super()._compute_payment_method_line_id()
        for wizard in self:
            preferred = wizard.line_ids.move_id.preferred_payment_method_line_id
            journal = wizard.journal_id
            if (
                wizard.payment_method_line_id != before[wizard]
                and len(preferred) == 1
                and preferred.journal_id != journal
                and is_ours(preferred.journal_id)
                and is_ours(journal)
            ):
                lines = journal._get_available_payment_method_lines(wizard.payment_type)
                alike = lines.filtered(
                    lambda line, preferred=preferred: (
                        line.payment_method_id == preferred.payment_method_id
                    )
                )
                wizard.payment_method_line_id = (
                    alike[:1] or wizard.payment_method_line_id
                )
        return result
