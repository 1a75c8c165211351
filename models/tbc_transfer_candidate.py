"""Movements that may be an order of ours, although they do not have its payment id."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount

from ..services.calls import end_calls
from ..services.clock import georgian_day
from ..services.counterpart import is_fee, match_with_payments
from ..services.locks import lock
from ..services.matching.undo import of_orders
from ..tbc import clean_iban
from .tbc_transfer import CLOSED

# How long after its execution an order's movement may be dated.
NEAR = timedelta(days=10)


class TbcTransfer(models.Model):
    _inherit = "tbc.transfer"

    candidate_ids = fields.Many2many(
        "account.bank.statement.line",
        string="Transactions that Fit",
        compute="_compute_candidate_ids",
        compute_sudo=True,
    )

    @api.depends("state", "payment_id.is_matched")
    def _compute_candidate_ids(self):
        for order in self:
            order.candidate_ids = order._open_candidates()

    def _open_candidates(self):
        """The lines that fit, while it waits for one (sudo)."""
        if self.state in CLOSED or not self.sent_at or self.is_matched:
            return self.env["account.bank.statement.line"]
        return self._candidates()

    def _movements(self):
        """The bank lines that have this order's id, without fees (sudo)."""
        lines = self.env["account.bank.statement.line"].search(
            [
                ("tbc_account_id", "=", self.account_id.id),
                ("tbc_payment_id", "=", self.bank_transfer_id or ""),
            ]
        )
        return lines.filtered(lambda line: not is_fee(line))

    def _candidates(self):
        """The unmatched lines that may be this order, nearest first (sudo).

        On its account, of exactly its amount, to the same recipient, and without the id
        of any order of ours.
        """
        day = georgian_day(self.sent_at or self.create_date)
        domain = [
            ("tbc_account_id", "=", self.account_id.id),
            ("is_reconciled", "=", False),
            ("amount", "=", -self.amount),
            ("date", ">=", day),
        ]
        if self.state == "done":
            last = georgian_day(self.state_at) + NEAR
            domain.append(("date", "<=", last))
        lines = self.env["account.bank.statement.line"].search(domain, order="date, id")
        lines = lines.filtered(lambda line: not is_fee(line) and self._fits(line))
        return lines - of_orders(lines)

    def _fits(self, line):
        """Whether a line's counterparty is this order's, as far as the bank tells."""
        if line.tbc_payment_id and self.bank_transfer_id:
            # The bank has said whose it is.
            return False
        details = line.transaction_details or {}
        other = details.get("partnerAccountInfo") or {}
        if self.treasury_code:
            return other.get("treasuryCode") in (None, "", self.treasury_code)
        iban = clean_iban(line.account_number)
        if iban and self.credit_account:
            return iban == clean_iban(self.credit_account)
        names = {_plain(self.beneficiary_name), _plain(self.payment_id.partner_id.name)}
        name = _plain(line.partner_name)
        return not name or any(one and (one in name or name in one) for one in names)

    # === MATCHED BY A PERSON === #

    def _match_candidate(self, line):
        """Match this order's payment with a line, because somebody says so.

        :raise UserError: the line is none that fits.
        """
        self.ensure_one()
        self._check_may_follow()
        line.check_access("read")
        order_sudo, line_sudo = self.sudo(), line.sudo()
        lock(order_sudo)
        line_sudo.invalidate_recordset()
        if line_sudo not in order_sudo._open_candidates() or len(line_sudo) != 1:
            raise UserError(
                self.env._(
                    "This transaction does not fit the transfer any more: one of the two"
                    " is matched already, or was changed."
                )
            )
        sentence = self.env._(
            "Matched with payment %(payment)s of %(amount)s by %(user)s: the bank did"
            " not tell its payment ID.",
            payment=order_sudo.payment_id.display_name,
            amount=format_amount(self.env, order_sudo.amount, order_sudo.currency_id),
            user=self.env.user.name,
        )
        match_with_payments(line_sudo, order_sudo.payment_id, note=sentence)
        vals = {"problem": False, "overdue_reason": False}
        if order_sudo.state == "unknown":
            # Nobody knew what became of it, and somebody does now.
            vals |= {"state": "done", "next_question_at": False}
        order_sudo.write(vals)
        order_sudo._tell(sentence)
        end_calls(order_sudo, order_sudo.payment_id, order_sudo.batch_id)


def _plain(name):
    """A name without the marks and the case that banks and people write differently."""
    return "".join(sign for sign in (name or "").casefold() if sign.isalnum())
