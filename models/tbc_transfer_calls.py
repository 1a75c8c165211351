from odoo import models

from ..services.calls import (
    CAME_BACK,
    MISMATCH,
    NOT_ARRIVED,
    NOT_MADE,
    OTHER,
    OVERDUE,
    REFUSED,
    TO_INITIATE,
    TO_SIGN,
    TURNED_UP,
    UNFOLLOWED,
    UNMATCHED,
    UNREADABLE,
    call,
    end_calls,
)
from ..services.counterpart import is_return
from .tbc_transfer import CLOSED

# A batch shares these: one call for all of its orders.
OF_THE_BATCH = (NOT_ARRIVED, OVERDUE, UNFOLLOWED)
# What a person does with a payment that the bank did not make.
SETTLED_BY_HAND = ("draft", "canceled")


class TbcTransfer(models.Model):
    _inherit = "tbc.transfer"

    # === CALLS === #

    def write(self, vals):
        result = super().write(vals)
        if {"state", "is_missing_at_bank"} & vals.keys():
            end_calls(self, self.payment_id, self.batch_id)
        return result

    def _call_preparer(self, summary, note, reason=OTHER):
        """Leave an activity for whoever queued it, on the payment or the batch.

        Who has left, or may not see payments any more, is stood in for by the
        integration user, on the order.
        """
        user = self.queued_by_id
        record = self.payment_id
        if reason in OF_THE_BATCH and len(self.batch_id.order_ids) > 1:
            record = self.batch_id
        # In his own companies: a branch's payment may leave its parent's account.
        his = record.with_user(user).with_context(
            allowed_company_ids=user.company_ids.ids
        )
        if not user.active or not his.has_access("read"):
            user = self.integration_id.user_id
            record = self if record != self.batch_id else record
        call(record.sudo(), user, reason=reason, summary=summary, note=note)

    def _tbc_call_holds(self, reason):
        """Whether what somebody was called for is still so (sudo)."""
        holds = {
            NOT_MADE: self._is_not_made,
            NOT_ARRIVED: lambda: self.state == "unknown" and self.is_missing_at_bank,
            UNFOLLOWED: lambda: self.state == "unknown" and not self.is_missing_at_bank,
            MISMATCH: self._is_mismatched,
            CAME_BACK: self._came_back,
            OVERDUE: lambda: self.overdue_reason and self._find_overdue_reason(),
            TURNED_UP: self._has_turned_up,
            OTHER: lambda: bool(self.problem),
        }
        return reason in holds and bool(holds[reason]())

    def _is_not_made(self):
        """Whether the bank did not make it, and what it was to pay is still open."""
        payment = self.payment_id
        if self.state not in CLOSED or payment.state in SETTLED_BY_HAND:
            return False
        again = payment._tbc_last_paid_again()
        if again and again.state not in ("canceled", "rejected"):
            return False
        if payment.state != "rejected":
            # It could not be taken back.
            return True
        bills = payment.invoice_ids
        return not bills or any(bill.amount_residual for bill in bills)

    def _is_mismatched(self):
        """Whether a movement with its id still waits for somebody's decision."""
        lines = self._movements()
        waits = self.state not in CLOSED and not self.is_matched
        return lines and (waits or not all(lines.mapped("is_reconciled")))

    def _came_back(self):
        """Whether its money came back, and what it had paid is still open."""
        paid = self.payment_id.reconciled_statement_line_ids
        returns = self.env["account.bank.statement.line"].search(
            [("tbc_parent_line_id", "in", paid.ids), ("is_reconciled", "=", True)]
        )
        bills = self.payment_id.invoice_ids
        is_open = not bills or any(bill.amount_residual for bill in bills)
        return is_open and returns.filtered(is_return)


class TbcTransferBatch(models.Model):
    _inherit = "tbc.transfer.batch"

    def _tbc_call_holds(self, reason):
        return any(order._tbc_call_holds(reason) for order in self.order_ids)


class AccountPayment(models.Model):
    _inherit = "account.payment"

    def write(self, vals):
        result = super().write(vals)
        if {"state", "tbc_paid_again_id"} & vals.keys():
            end_calls(self.sudo().filtered("tbc_transfer_ids"))
        return result

    def _tbc_call_holds(self, reason):
        """Whether one of its orders still calls for somebody."""
        return any(order._tbc_call_holds(reason) for order in self.tbc_transfer_ids)


class TbcAccount(models.Model):
    _inherit = "tbc.account"

    def _tbc_call_holds(self, reason):
        """Whether what the integration user was called for is still to be done."""
        if reason == UNREADABLE:
            may_read = self.integration_id.can_read_statements
            return bool(
                self.last_error and self.active and self.journal_id and may_read
            )
        if reason == REFUSED:
            return bool(self.refusal)
        if reason == UNMATCHED:
            # The next run that ends well takes it away itself.
            return True
        if reason == TO_INITIATE:
            return self._waits_for_initiator()
        return reason == TO_SIGN and bool(self._late_to_sign())
