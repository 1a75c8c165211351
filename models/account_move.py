from odoo import api, models
from odoo.exceptions import UserError

from ..services.locks import lock
from ..services.shared_ibans import bank_in_currency, own_banks
from .tbc_transfer import AT_THE_BANK, CLOSED


class AccountMove(models.Model):
    _inherit = "account.move"

    # === BANK LINES === #

    def unlink(self):
        """The bank line goes with its entry; its statement must learn of that.

        The database removes the line, and Odoo would keep the statement's old sums.
        """
        self.statement_line_id._tbc_leave_statement()
        return super().unlink()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_tbc_movement(self):
        """The entry takes its bank line along, without asking the line."""
        self.statement_line_id._unlink_except_tbc_movement()
        self._tbc_check_may_change()

    # === INVOICES AND BILLS === #

    def _compute_partner_bank_id(self):
        """Name the IBAN of ours that carries the document's currency."""
        result = super()._compute_partner_bank_id()
        for move in self.filtered(lambda move: move.is_inbound()):
            bank = bank_in_currency(
                move.partner_bank_id, own_banks(move), move.currency_id
            )
            if bank != move.partner_bank_id:
                move.partner_bank_id = bank
        return result

    def _get_invoice_in_payment_state(self):
        """A bill is not paid while its transfer waits for the bank: it is *in payment*.

        Odoo's own state; without it, Community calls the bill paid at once.
        """
        state = super()._get_invoice_in_payment_state()
        if state != "paid" or len(self) != 1:
            return state
        payments = self._get_reconciled_payments()
        waiting = payments.filtered(lambda p: p._tbc_is_transfer() and not p.is_matched)
        return "in_payment" if waiting else state

    # === ENTRIES OF PAYMENTS === #

    def write(self, vals):
        """Nor is it changed past Odoo's buttons."""
        if vals.get("state") in ("draft", "cancel") or "origin_payment_id" in vals:
            self._tbc_check_may_change()
        return super().write(vals)

    def _check_draftable(self):
        """The entry of a payment that the bank is paying stays."""
        self._tbc_check_may_change()
        return super()._check_draftable()

    def _reverse_moves(self, default_values_list=None, cancel=False):
        """A reversal reopens the bill as well as a reset does."""
        self._tbc_check_may_change()
        return super()._reverse_moves(default_values_list, cancel=cancel)

    def _tbc_check_may_change(self):
        """Refuse what the payment itself refuses: its entry is the payment's record."""
        orders_sudo = self.origin_payment_id.sudo().tbc_transfer_ids
        orders_sudo = orders_sudo.filtered(lambda order: order.state not in CLOSED)
        if orders_sudo:
            # A worker may be taking one of them for sending at this very moment.
            lock(orders_sudo)
        for order_sudo in orders_sudo:
            if order_sudo.state == "done" and not order_sudo.is_matched:
                raise UserError(
                    self.env._(
                        "TBC Bank has executed the transfer of %(payment)s, so its entry"
                        " stays and waits for its bank line.",
                        payment=order_sudo.payment_id.display_name,
                    )
                )
            if order_sudo.state == "done":
                raise UserError(
                    self.env._(
                        "TBC Bank has executed the transfer of %(payment)s, so its entry"
                        " stays. What came back is booked by its own bank line.",
                        payment=order_sudo.payment_id.display_name,
                    )
                )
            if order_sudo.state in AT_THE_BANK:
                raise UserError(
                    self.env._(
                        "TBC Bank has or may have the transfer order of %(payment)s, so"
                        " its entry stays. Reject the order in TBC's internet bank; the"
                        " payment follows.",
                        payment=order_sudo.payment_id.display_name,
                    )
                )
