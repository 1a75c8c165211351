from odoo import api, models
from odoo.exceptions import ValidationError

from ..services.outstanding import outstanding_fault


class AccountPaymentMethodLine(models.Model):
    _inherit = "account.payment.method.line"

    @api.constrains("payment_account_id", "payment_method_id", "journal_id")
    def _check_tbc_outstanding_account(self):
        for line in self:
            if fault := outstanding_fault(line):
                raise ValidationError(fault)
