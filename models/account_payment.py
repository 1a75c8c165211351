from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..services.buttons import at_least_one, notice, only_one
from ..services.calls import end_calls
from ..services.identity import confirms_identity
from ..services.partners import company_tree
from ..services.transfers import not_made, terms
from ..services.transfers.checks import check_may_prepare
from ..services.transfers.initiate import initiate
from ..services.transfers.paying import prepare_at_once, unprepared
from ..services.transfers.prepare import withdraw_changed
from ..services.transfers.protect import check_waits, release_orders
from ..services.transfers.states import is_closed, live
from ..services.transfers.words import conclusion_sentence, shown_states
from .system_fields import differs

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
        "tbc.transfer", "payment_id", string="TBC Transfers", readonly=True
    )
    tbc_transfer_id = fields.Many2one(
        "tbc.transfer", string="TBC Transfer", compute="_compute_tbc_transfer_id"
    )
    tbc_state = fields.Selection(
        selection=lambda self: self._tbc_selection("state"),
        string="Transfer State",
        compute="_compute_tbc_transfer_id",
    )
    tbc_shown_state = fields.Selection(
        selection=lambda self: [
            ("not_prepared", self.env._("Not Prepared")),
            *shown_states(self.env["tbc.transfer"]),
        ],
        string="TBC Transfer Status",
        compute="_compute_tbc_transfer_id",
    )
    tbc_initiated_by_id = fields.Many2one(
        "res.users", string="Initiated By", compute="_compute_tbc_transfer_id"
    )
    tbc_initiated_at = fields.Datetime(
        string="Initiated On", compute="_compute_tbc_transfer_id"
    )
    tbc_is_integration_user = fields.Boolean(compute="_compute_tbc_transfer_id")
    tbc_note = fields.Text(string="What to Do", compute="_compute_tbc_transfer_id")
    tbc_transfer_type = fields.Selection(
        selection=lambda self: self._tbc_selection("transfer_type"),
        string="Transfer Type",
        compute="_compute_tbc_transfer_type",
    )
    tbc_transfer_reason = fields.Char(
        string="Because", compute="_compute_tbc_transfer_type"
    )
    tbc_charge_details = fields.Selection(
        [
            ("SHA", "SHA: the recipient bears the other banks' charges"),
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

    @api.model
    def _tbc_selection(self, name):
        """The values of a transfer's field, in the user's language."""
        return self.env["tbc.transfer"]._fields[name]._description_selection(self.env)

    @api.depends(
        "tbc_transfer_ids.state",
        "tbc_transfer_ids.problem",
        "tbc_transfer_ids.initiated_at",
        "tbc_transfer_ids.send_on",
        "payment_method_line_id",
        "state",
        "is_matched",
    )
    @api.depends_context("uid")
    def _compute_tbc_transfer_id(self):
        """The live order, or the last one."""
        by_payment = self.sudo().tbc_transfer_ids.grouped("payment_id")
        waiting = unprepared(self.sudo())
        for payment in self:
            orders = by_payment.get(payment._origin.sudo(), self.env["tbc.transfer"])
            order = live(orders)[:1] or orders.sorted("id")[-1:]
            payment.tbc_transfer_id = order.sudo(False)
            payment.tbc_state = order.state
            payment.tbc_initiated_by_id = order.initiated_by_id
            payment.tbc_initiated_at = order.initiated_at
            is_waiting = payment.sudo() in waiting
            payment.tbc_shown_state = (
                "not_prepared" if is_waiting else order.shown_state
            )
            payment.tbc_is_integration_user = (
                order.integration_id.user_id.id == self.env.uid
            )
            # What a person closed before it was sent, the bank never heard of.
            was_told = is_closed(order) and order.sent_at
            payment.tbc_note = order.problem or (
                was_told and conclusion_sentence(order)
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
            chosen = terms.choose_type(payment)
            payment.tbc_transfer_type = chosen and chosen.value
            payment.tbc_transfer_reason = chosen and terms.type_reason(payment, chosen)

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
            if own and terms.is_transfer(payment) and transfer_account:
                payment.destination_account_id = transfer_account
        return result

    @api.model
    def _get_method_codes_using_bank_account(self):
        return [*super()._get_method_codes_using_bank_account(), terms.TBC_TRANSFER]

    @api.model
    def _get_method_codes_needing_bank_account(self):
        return [*super()._get_method_codes_needing_bank_account(), terms.TBC_TRANSFER]

    # === LOW-LEVEL METHODS === #

    def write(self, vals):
        """A payment that the bank is paying stays what the bank was told."""
        if ORDERED & vals.keys() or vals.get("state") in BY_HAND:
            is_ended = "state" in vals
            release_orders(
                self.sudo().filtered(lambda p: is_ended or differs(p, vals, ORDERED))
            )
        result = super().write(vals)
        if TOLD & vals.keys():
            withdraw_changed(self.env, [("payment_id", "in", self.ids)])
        if {"state", "tbc_paid_again_id"} & vals.keys():
            end_calls(self.sudo().filtered("tbc_transfer_ids"))
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_tbc_ordered(self):
        """An order keeps its payment."""
        if self.sudo().tbc_transfer_ids:
            sentence = self.env._(
                "A payment with transfers can't be deleted. Cancel it instead."
            )
            raise UserError(sentence)

    def _generate_journal_entry(self, *args, **kwargs):
        """A transfer has its entry even where somebody thinks that it needs none.

        Modules of others leave the entry of a payment to the own company out.
        """
        for payment in self.filtered(lambda p: not p.outstanding_account_id):
            if terms.is_transfer(payment):
                account = payment.payment_method_line_id.payment_account_id
                payment.outstanding_account_id = (
                    account or payment._get_outstanding_account("outbound")
                )
        return super()._generate_journal_entry(*args, **kwargs)

    def action_post(self):
        """A transfer is not paid before the bank has paid it, whatever the accounts."""
        result = super().action_post()
        check_waits(self.filtered(terms.is_transfer))
        return result

    # === HOOK === #

    def _tbc_prepare_order_vals(self):
        """What the bank is told of this payment, as values of a ``tbc.transfer``."""
        return terms.prepare_order_vals(self)

    # === ACTION METHODS === #

    def action_tbc_queue(self):
        """Prepare these payments' transfers: all, or none."""
        sentence, kind = prepare_at_once(self)
        return notice(self.env, sentence, kind=kind)

    def action_tbc_queue_batch(self):
        """Ask for the name under which these payments go as one batch."""
        at_least_one(self)
        check_may_prepare(self.env)
        return self.env["tbc.transfer.queue"]._get_records_action(
            name=self.env._("Prepare as One Batch"),
            target="new",
            context={"default_payment_ids": [Command.set(self.ids)]},
        )

    @confirms_identity
    def action_tbc_initiate(self):
        return initiate(self._tbc_live_orders())

    def action_tbc_review(self):
        return self._tbc_live_orders().action_review()

    def action_tbc_refresh_status(self):
        return self._tbc_live_orders().action_refresh_status()

    def action_tbc_open_transfers(self):
        orders = self.sudo().tbc_transfer_ids.sudo(False)
        return orders._get_records_action(name=self.env._("TBC Transfers"))

    def _tbc_live_orders(self):
        """The orders of these payments that are not closed, as the user may see them."""
        return live(self.sudo().tbc_transfer_ids).sudo(False)

    def action_tbc_pay_again(self):
        """Pay each that the bank did not make by a fresh payment and a fresh order."""
        return self._tbc_pay_again()

    def _tbc_pay_again(self, bank_account=None):
        fresh = self.browse()
        for payment in self:
            not_made.check_may_pay_again(payment)
            fresh |= not_made.copy_payment(payment, bank_account)
        fresh.action_tbc_queue()
        return fresh._get_records_action(name=self.env._("Paid Again"))

    def action_tbc_choose_account(self):
        """Ask to which account of the recipient this is paid again."""
        only_one(self)
        not_made.check_may_pay_again(self)
        accounts = not_made.trusted_accounts(self)
        first = self.partner_bank_id & accounts or accounts[:1]
        dialog = self.env["tbc.transfer.again"].create(
            {"payment_id": self.id, "bank_account_id": first.id}
        )
        return dialog._get_records_action(name=self.env._("Pay Again"), target="new")
