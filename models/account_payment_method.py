from odoo import api, models

from ..services.outstanding import TBC_TRANSFER


class AccountPaymentMethod(models.Model):
    _inherit = "account.payment.method"

    @api.model
    def _get_payment_method_information(self):
        information = super()._get_payment_method_information()
        information[TBC_TRANSFER] = {"mode": "multi", "type": ("bank",)}
        return information

    def _auto_link_payment_methods(self, payment_methods, methods_info):
        """An account that may be paid from brings the method to its own journal."""
        others = payment_methods.filtered(lambda method: method.code != TBC_TRANSFER)
        super()._auto_link_payment_methods(others, methods_info)
        return payment_methods
