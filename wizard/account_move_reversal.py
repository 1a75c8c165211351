from odoo import models

from ..services.shared_ibans import bank_in_currency, own_banks


class AccountMoveReversal(models.TransientModel):
    _inherit = "account.move.reversal"

    def _prepare_default_reversal(self, move):
        """A vendor's refund names the IBAN of ours that carries its currency."""
        vals = super()._prepare_default_reversal(move)
        if move.is_outbound():
            banks = own_banks(move)
            bank = bank_in_currency(banks[:1], banks, move.currency_id)
            if bank != banks[:1]:
                vals["partner_bank_id"] = bank.id
        return vals
