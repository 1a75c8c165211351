from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"

    def unlink(self):
        """The bank line goes with its entry; its statement must learn of that.

        The database removes the line, and Odoo would keep the statement's old sums.
        """
        self.statement_line_id._tbc_leave_statement()
        return super().unlink()

    def _compute_partner_bank_id(self):
        """Name the IBAN of ours that carries the document's currency."""
        result = super()._compute_partner_bank_id()
        for move in self.filtered(lambda move: move.is_inbound()):
            bank = move._tbc_own_banks()._tbc_carrying(
                move.partner_bank_id, move.currency_id
            )
            if bank != move.partner_bank_id:
                move.partner_bank_id = bank
        return result

    def _tbc_own_banks(self):
        """The bank accounts to which the company can be paid."""
        return self.company_id.partner_id.bank_ids.filtered(
            lambda bank: not bank.company_id or bank.company_id == self.company_id
        )
