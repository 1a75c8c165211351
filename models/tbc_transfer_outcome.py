from datetime import timedelta

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_amount

from .. import messages
from ..services.calls import (
    INITIATE,
    MISMATCH,
    NOT_MADE,
    SIGNATURE,
    TO_INITIATE,
    TO_SIGN,
    call,
    end_calls,
)
from ..services.clock import utc_now
from ..services.connecting import MOST_DAYS
from ..services.counterpart import is_fee, match_with_payments
from .tbc_transfer import CLOSED

# Taking a payment back costs Odoo about a tenth of a second.
TAKEN_BACK_AT_ONCE = 20


class TbcTransfer(models.Model):
    _inherit = "tbc.transfer"

    # === ENDS === #

    def _finish(self):
        """The bank has executed it; the books wait for its movement."""
        self.next_question_at = False
        self._match_movements()

    def _conclude(self, state, reason_en, reason_ge, trace_id):
        """The bank will not execute it: the bill is open again, and people know why."""
        self.ensure_one()
        self.write(
            {
                "state": state,
                "bank_reason_en": reason_en,
                "bank_reason_ge": reason_ge,
                "trace_id": trace_id or self.trace_id,
                "problem": False,
                "was_doubtful": False,
                "next_question_at": False,
            }
        )
        sentence = self._conclusion_sentence()
        self._tell(messages.with_trace(self.env, sentence, trace_id))
        self.takes_back_payment = True

    def _take_back_payments_soon(self):
        """Take back the payments of what was concluded: a few at once, many one by one
        with a commit between, by the scheduled action."""
        waiting = self.filtered("takes_back_payment")
        if len(waiting) > TAKEN_BACK_AT_ONCE:
            self.env.ref("account_tbc_bank.ir_cron_refresh_status").sudo()._trigger()
            return
        for order in waiting:
            order._take_back_payment()

    @api.model
    def _take_back_some_payments(self):
        """Take back a few payments that wait for it; return whether there were any."""
        waiting = self.search(
            [("takes_back_payment", "=", True)], limit=TAKEN_BACK_AT_ONCE
        ).try_lock_for_update(allow_referencing=True)
        for order in waiting:
            order._for_integration_user()._take_back_payment()
        self.env.flush_all()
        return bool(waiting)

    def _take_back_payment(self):
        """Reject the payment, and call whoever queued it."""
        self.takes_back_payment = False
        sentence = self._conclusion_sentence()
        try:
            with self.env.cr.savepoint():
                self.payment_id._tbc_reject(sentence)
        except UserError as error:
            self.problem = self.env._(
                "The payment could not be taken back: %(reason)s Reset it by hand.",
                reason=error,
            )
            sentence = f"{sentence} {self.problem}"
        self._call_preparer(
            self.env._("TBC Bank: a payment was not made"), sentence, NOT_MADE
        )

    def _conclusion_sentence(self):
        """What became of it, with both languages of the bank's reason."""
        if self.given_up_by_id and not self.turned_up_at:
            return self._giving_up_sentence()
        sentences = {
            "refused": self.env._("TBC Bank refused this transfer."),
            "failed": self.env._("TBC Bank could not execute this transfer."),
            "cancelled": self.env._("This transfer was cancelled in TBC Bank."),
        }
        reasons = dict.fromkeys(
            reason for reason in (self.bank_reason_en, self.bank_reason_ge) if reason
        )
        return " ".join([sentences[self.state], *reasons])

    def _cancel_unsent(self, sentence):
        """Close orders that the bank was never told of: their payment is gone (sudo)."""
        batches = self.batch_id
        self.write(
            {
                "state": "cancelled",
                "batch_id": False,
                "initiated_by_id": False,
                "initiated_at": False,
                "initiation_seal": False,
            }
        )
        batches.filtered(lambda batch: not batch.order_ids).unlink()
        self._tell(sentence)

    # === MATCHING === #

    def _match_movements(self):
        """Match these orders' payments with their bank lines, by the bank's own id.

        Nothing is forced: the one line of that id on the order's account, with exactly
        its amount, or none and a sentence.
        """
        orders = self.filtered("bank_transfer_id")
        lines = self.env["account.bank.statement.line"].search(
            [
                ("tbc_account_id", "in", orders.account_id.ids),
                ("tbc_payment_id", "in", orders.mapped("bank_transfer_id")),
            ]
        )
        by_id = lines.grouped(lambda line: (line.tbc_account_id, line.tbc_payment_id))
        pairs = {}
        for order in orders:
            found = by_id.get(
                (order.account_id, order.bank_transfer_id), lines.browse()
            )
            found = order._movements_of_it(found)
            if found and found == order.payment_id.reconciled_statement_line_ids:
                continue
            if sentence := order._mismatch_sentence(found):
                order._report_mismatch(sentence)
            elif found:
                pairs[order] = found
        self._reconcile(pairs)

    def _movements_of_it(self, lines):
        """``lines`` without its fees, and without what only brings the money back."""
        lines = lines.filtered(lambda line: not is_fee(line))
        paid = self.payment_id.reconciled_statement_line_ids
        if len(paid) == 1 and paid in lines:
            lines = lines.filtered(
                lambda line: line.currency_id.compare_amounts(line.amount, -paid.amount)
            )
        return lines

    def _mismatch_sentence(self, lines):
        """Return why ``lines``, which have this order's id, can't be matched with it."""
        if not lines:
            return None
        namesakes = self.search_count(
            [
                ("account_id", "=", self.account_id.id),
                ("bank_transfer_id", "=", self.bank_transfer_id),
            ],
            limit=2,
        )
        if namesakes > 1:
            return self.env._(
                "Two orders have the same ID of the bank, so none of its movements was"
                " matched. Tell the bank's support."
            )
        if self.state not in CLOSED and self.is_matched:
            if self.payment_id.reconciled_statement_line_ids & lines:
                return self.env._(
                    "The bank lists another movement with the ID of this transfer, which"
                    " is matched already. The money may have come back: look at it."
                )
            return self.env._(
                "The bank has booked this transfer, and its payment is matched with"
                " something else already. Undo that, and it is matched at the next read."
            )
        if self.state in CLOSED or self.payment_id.state not in ("in_process", "paid"):
            return self.env._(
                "The bank has booked this transfer, although the payment is not waiting"
                " for it any more. Look at its bill: it may be paid twice."
            )
        if len(lines) > 1:
            return self.env._(
                "The bank lists %(count)s movements for this one transfer, so none was"
                " matched. Ask the bank.",
                count=len(lines),
            )
        if lines.currency_id != self.currency_id or self.currency_id.compare_amounts(
            -lines.amount, self.amount
        ):
            return self.env._(
                "The bank's movement is %(booked)s and the transfer was %(ordered)s, so"
                " they were not matched. Match them by hand once you know why.",
                booked=format_amount(self.env, -lines.amount, lines.currency_id),
                ordered=format_amount(self.env, self.amount, self.currency_id),
            )
        if lines.is_reconciled:
            return self.env._(
                "The bank's movement is matched with something else already. Undo that,"
                " and the payment is matched at the next read."
            )
        return None

    def _report_mismatch(self, sentence):
        """Tell it once, to whoever queued the order."""
        if sentence != self.problem:
            self.problem = sentence
            self._tell(sentence)
            self._call_preparer(
                self.env._("TBC Bank: a transfer needs a look"), sentence, MISMATCH
            )

    def _reconcile(self, pairs):
        """Match ``{order: line}``: all at once, or one by one where Odoo refuses one."""
        if not pairs:
            return
        orders = self.browse(order.id for order in pairs)
        lines = self.env["account.bank.statement.line"].union(*pairs.values())
        try:
            with self.env.cr.savepoint():
                match_with_payments(lines, orders.mapped("payment_id"))
        except UserError as error:
            if len(pairs) > 1:
                for order, line in pairs.items():
                    order._reconcile({order: line})
                return
            orders._report_mismatch(
                self.env._(
                    "The bank has booked this transfer, but Odoo could not match it:"
                    " %(reason)s It is tried again at the next read.",
                    reason=error,
                )
            )
            return
        orders.write({"problem": False, "overdue_reason": False})
        # They have been executed, whatever the bank's last word was.
        orders.filtered(lambda o: o.state != "done").next_question_at = utc_now()
        end_calls(orders, orders.payment_id)

    # === SIGNATURES === #

    @api.model
    def _remind_of_signatures(self):
        """Leave one activity an account for transfers that wait for their signature."""
        accounts = self.env["tbc.account"].search(
            [("integration_id.can_initiate_transfers", "=", True)]
        )
        for account in accounts:
            account._remind_of_signatures()


class TbcAccount(models.Model):
    _inherit = "tbc.account"

    def _match_transfers(self):
        """Match what was booked by the bank's payment id and is still in suspense."""
        lines = self.env["account.bank.statement.line"].search(
            [
                ("tbc_account_id", "in", self.ids),
                ("tbc_payment_id", "!=", False),
                ("is_reconciled", "=", False),
            ]
        )
        if lines:
            self.env["tbc.transfer"].search(
                [
                    ("account_id", "in", self.ids),
                    ("bank_transfer_id", "in", lines.mapped("tbc_payment_id")),
                ]
            )._match_movements()

    def _to_sign(self):
        """The orders from this account that wait for a signature, oldest first."""
        return self.env["tbc.transfer"].search(
            [("account_id", "in", self.ids), ("state", "=", "to_sign")],
            order="state_at, id",
        )

    def _signature_sentence(self):
        """ "3 transfers wait for your signature in TBC", or ``None``."""
        count = len(self.sudo()._to_sign())
        if not count:
            return None
        if count == 1:
            return self.env._("1 transfer waits for your signature in TBC")
        return self.env._(
            "%(count)s transfers wait for your signature in TBC", count=count
        )

    def _waits_for_initiator(self):
        """Whether the integration user has to look at something of this account."""
        user = self.integration_id.user_id
        return bool(
            self.env["tbc.transfer"].search_count(
                [
                    ("account_id", "=", self.id),
                    ("state", "=", "queued"),
                    ("initiated_at", "=", False),
                    "|",
                    ("queued_by_id", "!=", user.id),
                    ("problem", "!=", False),
                ],
                limit=1,
            )
        )

    def _call_initiator(self):
        """Leave the integration user one activity while something is to be initiated."""
        for account in self:
            if not account._waits_for_initiator():
                end_calls(account)
                continue
            user = account.integration_id.user_id
            account = account.with_context(lang=user.lang)
            call(
                account,
                user,
                reason=TO_INITIATE,
                kind=INITIATE,
                summary=account.env._("Transfers wait for you to initiate them"),
                note=account.env._("Open the account's transfers, and look at them."),
            )

    def _late_to_sign(self):
        """The orders that have waited for their signature longer than is wanted."""
        limit = utc_now() - timedelta(
            days=min(self.integration_id.signature_days, MOST_DAYS)
        )
        return self._to_sign().filtered(lambda order: order.state_at <= limit)

    def _remind_of_signatures(self):
        """Leave an activity while the oldest has waited longer than is wanted."""
        self.ensure_one()
        late = self._late_to_sign()
        if not late:
            end_calls(self)
            return
        user = self.integration_id.user_id
        account = self.with_context(lang=user.lang)
        call(
            account,
            user,
            reason=TO_SIGN,
            kind=SIGNATURE,
            summary=account._signature_sentence(),
            note=account.env._(
                "%(transfers)s wait in TBC's internet bank. Sign or reject them there.",
                transfers=late.with_env(account.env)._totals_sentence(),
            ),
        )
