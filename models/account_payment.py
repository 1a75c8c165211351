from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..services.chatter import write_note
from ..services.clock import bank_today
from ..services.identity import confirms_identity
from ..services.locks import lock
from ..services.notices import notice
from ..services.partners import company_tree
from ..tbc import TransferType
from .account_payment_method import TBC_TRANSFER
from .bill_claims import are_bills_open
from .guard import at_least_one
from .tbc_transfer import CLOSED

# What the order of a payment was made of. With a live order, it stays as it is.
ORDERED = {
    "amount",
    "currency_id",
    "journal_id",
    "move_id",
    "partner_bank_id",
    "partner_id",
    "payment_method_line_id",
    "payment_type",
}
# The rest of what the bank is told of a payment: with a change, it is queued anew.
TOLD = {
    "memo",
    "tbc_charge_details",
    "tbc_credit_currency_id",
    "tbc_taxpayer_code",
    "tbc_taxpayer_name",
}
# States that a person gives a payment; "paid" comes of matching by itself.
BY_HAND = ("draft", "canceled", "rejected", "paid")


class AccountPayment(models.Model):
    _inherit = "account.payment"

    tbc_transfer_ids = fields.One2many(
        "tbc.transfer",
        "payment_id",
        string="TBC Transfer Orders",
        readonly=True,
    )
    tbc_transfer_id = fields.Many2one(
        "tbc.transfer", string="TBC Order", compute="_compute_tbc_transfer_id"
    )
    tbc_state = fields.Selection(
        selection=lambda self: self.env["tbc.transfer"]._fields["state"].selection,
        string="TBC",
        compute="_compute_tbc_transfer_id",
    )
    tbc_is_integration_user = fields.Boolean(compute="_compute_tbc_transfer_id")
    tbc_note = fields.Text(string="What to Do", compute="_compute_tbc_transfer_id")
    tbc_transfer_type = fields.Selection(
        selection=lambda self: (
            self.env["tbc.transfer"]._fields["transfer_type"].selection
        ),
        string="Transfer Type",
        compute="_compute_tbc_transfer_type",
    )
    tbc_transfer_reason = fields.Char(
        string="Because", compute="_compute_tbc_transfer_type"
    )
    tbc_charge_details = fields.Selection(
        [
            ("SHA", "SHA: the beneficiary bears the other banks' charges"),
            ("OUR", "OUR: we bear all charges"),
        ],
        string="Charges",
        default="SHA",
    )
    tbc_taxpayer_code = fields.Char(
        string="Taxpayer Code", help="If not the company's own tax code."
    )
    tbc_taxpayer_name = fields.Char(
        string="Taxpayer Name", help="If not the company's own name."
    )
    tbc_credit_currency_id = fields.Many2one(
        "res.currency",
        string="Recipient's Currency",
        help="Currency of the recipient account, if it is not that of the payment:"
        " between own accounts the bank converts.",
    )
    tbc_paid_again_id = fields.Many2one(
        "account.payment",
        string="Paid Again By",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )

    # === COMPUTE METHODS === #

    @api.depends("tbc_transfer_ids.state", "tbc_transfer_ids.problem")
    @api.depends_context("uid")
    def _compute_tbc_transfer_id(self):
        """The live order, or the last one."""
        by_payment = self.sudo().tbc_transfer_ids.grouped("payment_id")
        for payment in self:
            orders = by_payment.get(payment._origin.sudo(), self.env["tbc.transfer"])
            live = orders.filtered(lambda order: order.state not in CLOSED)
            order = live[:1] or orders.sorted("id")[-1:]
            payment.tbc_transfer_id = order.sudo(False)
            payment.tbc_state = order.state
            payment.tbc_is_integration_user = (
                order.integration_id.user_id.id == self.env.uid
            )
            # What a person closed before it was sent, the bank never heard of.
            was_told = order.state in CLOSED and order.sent_at
            payment.tbc_note = order.problem or (
                was_told and order._conclusion_sentence()
            )

    @api.depends(
        "payment_method_line_id",
        "partner_bank_id",
        "partner_id",
        "currency_id",
        "journal_id",
    )
    def _compute_tbc_transfer_type(self):
        for payment in self:
            chosen = payment._tbc_choose_type()
            payment.tbc_transfer_type = chosen and chosen.value
            payment.tbc_transfer_reason = chosen and payment._tbc_type_reason(chosen)

    @api.onchange("payment_method_line_id")
    def _onchange_tbc_destination(self):
        """Only here, and not a dependency: a chosen account stays as in plain Odoo."""
        if self.partner_id in company_tree(self.company_id).partner_id:
            self._compute_destination_account_id()

    def _compute_destination_account_id(self):
        """Money between own accounts goes through Odoo's transfer account."""
        result = super()._compute_destination_account_id()
        for payment in self:
            own = payment.partner_id in company_tree(payment.company_id).partner_id
            transfer_account = payment.company_id.transfer_account_id
            if own and payment._tbc_is_transfer() and transfer_account:
                payment.destination_account_id = transfer_account
        return result

    @api.model
    def _get_method_codes_using_bank_account(self):
        return [*super()._get_method_codes_using_bank_account(), TBC_TRANSFER]

    @api.model
    def _get_method_codes_needing_bank_account(self):
        return [*super()._get_method_codes_needing_bank_account(), TBC_TRANSFER]

    def _tbc_is_transfer(self):
        return self.payment_method_code == TBC_TRANSFER

    def _tbc_type_reason(self, chosen):
        """Why the type was chosen, as a sentence."""
        return {
            TransferType.OWN: self.env._("The recipient account is the company's own."),
            TransferType.WITHIN_BANK: self.env._("The recipient account is in TBC."),
            TransferType.NATIONAL: self.env._(
                "The recipient account is in another bank, and the payment is in GEL."
            ),
            TransferType.FOREIGN: self.env._(
                "The recipient account is in another bank, and the payment is not in"
                " GEL."
            ),
            TransferType.TREASURY: self.env._(
                "The recipient account is a treasury code of the State Treasury."
            ),
        }[chosen]

    # === LOW-LEVEL METHODS === #

    def write(self, vals):
        """A payment that the bank is paying stays what the bank was told."""
        if ORDERED & vals.keys() or vals.get("state") in BY_HAND:
            self._tbc_let_go(vals)
        result = super().write(vals)
        if TOLD & vals.keys():
            orders = self.env["tbc.transfer"]
            orders._withdraw_changed([("payment_id", "in", self.ids)])
        return result

    def _tbc_let_go(self, vals):
        """Close the orders that the bank does not know; refuse where it may."""
        orders_sudo = self.sudo().tbc_transfer_ids.filtered(
            lambda order: order.state not in CLOSED
        )
        changed = [
            order
            for order in orders_sudo
            if "state" in vals
            or any(
                vals[name]
                != self._fields[name].convert_to_write(
                    order.payment_id[name], order.payment_id
                )
                for name in ORDERED & vals.keys()
            )
        ]
        orders_sudo = orders_sudo.browse(order.id for order in changed)
        if not orders_sudo:
            return
        lock(orders_sudo)
        for order_sudo in orders_sudo:
            if order_sudo._was_sent():
                raise UserError(
                    self.env._(
                        "%(payment)s has a transfer order that TBC Bank has or may have"
                        " (%(state)s), so it can't be changed or cancelled here. Reject"
                        " the order in TBC's internet bank; the payment follows.",
                        payment=order_sudo.payment_id.display_name,
                        state=order_sudo._state_sentence(),
                    )
                )
        orders_sudo._cancel_unsent(
            self.env._(
                "Closed, because its payment was changed or cancelled by %(user)s.",
                user=self.env.user.name,
            )
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_tbc_ordered(self):
        """An order keeps its payment."""
        if self.sudo().tbc_transfer_ids:
            raise UserError(
                self.env._(
                    "A payment with transfer orders can't be deleted. Cancel it instead."
                )
            )

    # === ACTION METHODS === #

    def action_tbc_queue(self):
        """Prepare these payments' orders and queue them: all of them, or none.

        :raise UserError: the list of every fault, each with its payment.
        """
        orders = self._tbc_queue()
        return notice(
            orders.env,
            self.env._(
                "Queued: %(transfers)s. Next, %(users)s must initiate them.",
                transfers=orders._totals_sentence(),
                users=", ".join(orders.sudo().integration_id.user_id.mapped("name")),
            ),
        )

    def action_tbc_queue_batch(self):
        """Ask for the name under which these payments go as one batch."""
        at_least_one(self)
        self.env["tbc.transfer"]._check_may_prepare()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Queue as One Batch"),
            "res_model": "tbc.transfer.queue",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_payment_ids": [Command.set(self.ids)]},
        }

    @confirms_identity
    def action_tbc_initiate(self):
        """Let the queued orders of these payments go to the bank.

        Only the integration user may, after Odoo's identity check.
        """
        return self._tbc_orders()._initiate()

    def action_tbc_review(self):
        """Show what is about to be initiated: count, totals, each transfer."""
        return self._tbc_orders().action_review()

    def action_tbc_refresh_status(self):
        """Ask the bank now how far these payments' orders are."""
        return self._tbc_orders().action_refresh_status()

    def action_tbc_open_transfers(self):
        """Open the transfer orders of this payment."""
        orders = self.sudo().tbc_transfer_ids.sudo(False)
        return orders._get_records_action(name=self.env._("TBC Transfer Orders"))

    def _tbc_orders(self):
        """The orders of these payments that are not closed, as the user may see them."""
        orders_sudo = self.sudo().tbc_transfer_ids
        return orders_sudo.filtered(lambda order: order.state not in CLOSED).sudo(False)

    # === PAY AGAIN === #

    def action_tbc_pay_again(self):
        """Make a fresh payment with a fresh order for each that the bank did not make.

        :raise UserError: one of them was made after all, or its bill is paid.
        """
        fresh = self.browse()
        for payment in self:
            payment._tbc_check_may_pay_again()
            fresh |= payment._tbc_pay_again()
        fresh.action_tbc_queue()
        return fresh._get_records_action(name=self.env._("Paid Again"))

    def _tbc_check_may_pay_again(self):
        self.env["tbc.transfer"]._check_may_prepare()
        lock(self.sudo())
        live = self.sudo().tbc_transfer_ids.filtered(lambda o: o.state not in CLOSED)
        again = self._tbc_last_paid_again()
        if not self.sudo().tbc_transfer_ids or live or self.state != "rejected":
            raise UserError(
                self.env._(
                    "%(payment)s was not rejected by the bank, so it can't be paid"
                    " again.",
                    payment=self.display_name,
                )
            )
        if again and again.state not in ("canceled", "rejected"):
            raise UserError(
                self.env._(
                    "%(payment)s was paid again already, by %(again)s.",
                    payment=self.display_name,
                    again=again.display_name,
                )
            )
        if self._tbc_has_unposted_bills() or self._seek_for_lines()[2]:
            raise UserError(
                self.env._(
                    "%(payment)s had a discount or a write-off, or a bill of it is not"
                    " posted any more. Register a new payment on the bill instead.",
                    payment=self.display_name,
                )
            )
        self.sudo().tbc_transfer_ids._check_still_closed()
        if self.invoice_ids and not are_bills_open(self):
            raise UserError(
                self.env._(
                    "The bills of %(payment)s are not open for its whole amount any"
                    " more: somebody has paid them meanwhile. Register a payment of"
                    " what is left.",
                    payment=self.display_name,
                )
            )

    def _tbc_last_paid_again(self):
        """The last of the payments that stood in for this one, or none."""
        again = self.tbc_paid_again_id
        while again.tbc_paid_again_id:
            again = again.tbc_paid_again_id
        return again

    def _tbc_pay_again(self):
        """Return a posted copy of this payment, reconciled with the same bills."""
        fresh = self.copy({"date": bank_today()})
        fresh.action_post()
        fresh._tbc_reconcile_with(self.invoice_ids)
        self.tbc_paid_again_id = fresh
        write_note(
            self, self.env._("Paid again by %(payment)s.", payment=fresh.display_name)
        )
        return fresh

    # === REJECTION === #

    def _tbc_reject(self, sentence):
        """The bank did not pay: take the entry back, so that the bill is open again.

        In a locked period the entry stays, and another one of today takes it back.
        """
        self.ensure_one()
        if self.state in ("draft", "canceled", "rejected"):
            return
        if self.is_matched or self.reconciled_statement_line_ids:
            raise UserError(self.env._("It is matched with a bank line."))
        # Bills that were matched by hand are known by the reconciliation only.
        self.invoice_ids |= self.reconciled_bill_ids | self.reconciled_invoice_ids
        try:
            with self.env.cr.savepoint():
                self.move_id.button_cancel()
        except UserError:
            self.move_id._reverse_moves([{"date": bank_today()}], cancel=True)
        self.state = "rejected"
        write_note(self, sentence)
