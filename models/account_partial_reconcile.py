from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..services.locks import lock
from .bill_claims import settled_by
from .tbc_transfer import AT_THE_BANK, CLOSED

# What a match is made of. Odoo itself never changes them.
MATCHED = {
    "amount",
    "credit_amount_currency",
    "credit_move_id",
    "debit_amount_currency",
    "debit_move_id",
}


class AccountPartialReconcile(models.Model):
    """Every way to part a bill from its payment ends in one of these being deleted."""

    _inherit = "account.partial.reconcile"

    def write(self, vals):
        """A match that is changed is as good as none."""
        if MATCHED & vals.keys():
            self._tbc_let_go()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_tbc_ordered(self):
        """What the bank is paying stays matched with what it pays."""
        self._tbc_let_go()

    def _tbc_let_go(self):
        """Refuse where the bank has or may have the order; remember it where it waits.

        What is in the queue, asks for its bills again before it goes.
        """
        payments_sudo = self.sudo()._tbc_payments()
        orders_sudo = payments_sudo.tbc_transfer_ids.filtered(
            lambda order: order.state not in CLOSED
        )
        if not orders_sudo:
            return
        lock(orders_sudo)
        # Whoever looked at one of them before this was done, is to look again.
        self.env.cr.execute(
            SQL(
                "UPDATE tbc_transfer SET write_date = write_date WHERE id IN %s",
                tuple(orders_sudo.ids),
            )
        )
        for order_sudo in orders_sudo:
            payment_sudo = order_sudo.payment_id
            if sentence := _refusal(order_sudo):
                raise UserError(sentence)
            if order_sudo.state == "queued":
                settled = settled_by(payment_sudo)
                order_sudo.settled = max(order_sudo.settled, settled)

    def _tbc_payments(self):
        """The payments that these partials match with a bill, or with what stands for one.

        Not what matches them with their bank line: that may be undone.
        """
        payments = self.env["account.payment"]
        for partial in self:
            items = partial.debit_move_id | partial.credit_move_id
            if items.statement_line_id:
                continue
            payments |= items.filtered(
                lambda item: (
                    item.account_type in ("asset_receivable", "liability_payable")
                )
            ).move_id.origin_payment_id
        return payments


def _refusal(order_sudo):
    """Return why the order's payment stays matched, as a sentence, or ``None``."""
    name = order_sudo.payment_id.display_name
    if order_sudo.state == "done" and not order_sudo.is_matched:
        return order_sudo.env._(
            "TBC Bank has executed the transfer of %(payment)s, so it stays matched with"
            " its bill and waits for its bank line.",
            payment=name,
        )
    may_be_there = order_sudo.state in AT_THE_BANK or order_sudo.was_doubtful
    if may_be_there and not _is_booked(order_sudo):
        return order_sudo.env._(
            "TBC Bank has or may have the transfer order of %(payment)s, so it stays"
            " matched with its bill. Reject the order in TBC's internet bank; the bill"
            " is open again then.",
            payment=name,
        )
    return None


def _is_booked(order_sudo):
    """Whether the payment is matched with the very bank line of this order."""
    lines = order_sudo.payment_id.reconciled_statement_line_ids
    ids = set(lines.mapped("tbc_payment_id")) - {False}
    return order_sudo.bank_transfer_id in ids
