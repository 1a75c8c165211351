from odoo import api, fields, models

from ..services.at_once import at_once_of
from ..services.kept_days import mark_moves_stale
from ..services.shared_ibans import bank_in_currency, own_banks
from ..services.statements.page_create import page_of
from ..services.transfers.paying import has_unprepared
from ..services.transfers.protect import check_entries
from ..services.transfers.terms import is_transfer


class AccountMove(models.Model):
    _inherit = "account.move"

    status_in_payment = fields.Selection(
        selection_add=[("tbc_not_prepared", "Transfer Not Prepared")]
    )

    # === BANK LINES === #

    def unlink(self):
        """The bank line goes with its entry; its statement must learn of that.

        The database removes the line, and Odoo would keep the statement's old sums.
        """
        self.statement_line_id._tbc_leave_statement()
        mark_moves_stale(self)
        return super().unlink()

    def _get_next_sequence_format(self):
        ask, page = super()._get_next_sequence_format, page_of(self)
        return page.number_format(self, ask) if page else ask()

    def _message_log(self, **message):
        """Of many items that are written at once, all entries tell at once."""
        at_once = at_once_of(self)
        if at_once and at_once.keeps(self, message):
            return None
        return super()._message_log(**message)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_tbc_movement(self):
        """The entry takes its bank line along, without asking the line."""
        self.statement_line_id._unlink_except_tbc_movement()
        check_entries(self)

    # === INVOICES AND BILLS === #

    def _compute_partner_bank_id(self):
        """Name the IBAN of ours that carries the document's currency."""
        result = super()._compute_partner_bank_id()
        for move in self.filtered(lambda move: move.is_inbound()):
            move.partner_bank_id = bank_in_currency(
                move.partner_bank_id, own_banks(move), move.currency_id
            )
        return result

    def _get_invoice_in_payment_state(self):
        """A bill is not paid while its transfer waits for the bank: it is *in payment*.

        Odoo's own state; without it, Community calls the bill paid at once.
        """
        state = super()._get_invoice_in_payment_state()
        if state != "paid" or len(self) != 1:
            return state
        payments = self._get_reconciled_payments()
        waiting = payments.filtered(lambda p: is_transfer(p) and not p.is_matched)
        return "in_payment" if waiting else state

    @api.depends(
        "matched_payment_ids.state",
        "matched_payment_ids.is_matched",
        "matched_payment_ids.tbc_transfer_ids.state",
    )
    def _compute_status_in_payment(self):
        """A bill whose transfer nobody has prepared, is not one that is being paid."""
        result = super()._compute_status_in_payment()
        for move in self.filtered(lambda move: move.is_outbound()):
            is_paying = move.payment_state in ("in_payment", "partial")
            if is_paying and has_unprepared(move.sudo()):
                move.status_in_payment = "tbc_not_prepared"
        return result

    # === ENTRIES OF PAYMENTS === #

    def write(self, vals):
        """The entry of a payment that the bank is paying is not changed by a plain write."""
        if vals.get("state") in ("draft", "cancel") or "origin_payment_id" in vals:
            check_entries(self)
        if "date" in vals or vals.get("state") in ("draft", "cancel"):
            mark_moves_stale(self)
        page = page_of(self)
        return bool(page and page.defers(self, vals)) or super().write(vals)

    def _check_draftable(self):
        """The entry of a payment that the bank is paying stays."""
        check_entries(self)
        return super()._check_draftable()

    def _reverse_moves(self, default_values_list=None, cancel=False):
        """A reversal reopens the bill as well as a reset does."""
        check_entries(self)
        return super()._reverse_moves(default_values_list, cancel=cancel)
