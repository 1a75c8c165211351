from odoo import models


class AccountMoveReversal(models.TransientModel):
    _inherit = "account.move.reversal"

    def _prepare_default_reversal(self, move):
        """A vendor's refund names the IBAN of ours that carries its currency."""
        vals = super()._prepare_default_reversal(move)
        if move.is_outbound():
            banks = move._tbc_own_banks()
            bank = banks._tbc_carrying(banks[:1], move.currency_id)
            if bank != banks[:1]:
                vals["partner_bank_id"] = bank.id
        return vals
