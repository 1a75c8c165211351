from odoo import api, fields, models
from odoo.exceptions import UserError

from ..services.buttons import our_action
from ..services.identity import confirms_identity
from ..services.transfers.initiate import (
    NOW,
    ON_THE_DAY,
    days_sentence,
    digest,
    initiate,
    later_days,
)
from ..services.transfers.not_made import trusted_accounts
from ..services.transfers.prepare import queue_payments
from ..services.transfers.words import totals_sentence


class TbcTransferInitiate(models.TransientModel):
    """Shows the integration user what goes to the bank, before it goes."""

    _name = "tbc.transfer.initiate"
    _description = "Initiate Transfers"

    order_ids = fields.Many2many("tbc.transfer", string="Transfers", readonly=True)
    shown = fields.Char(
        groups=fields.NO_ACCESS, help="Fingerprint of the transfers as they were shown."
    )
    kept = fields.Text(readonly=True, help="What can't be initiated now, and why.")
    summary = fields.Char(compute="_compute_summary")
    batch_names = fields.Char(string="Batches", compute="_compute_summary")
    days_warning = fields.Text(compute="_compute_days")
    has_later_days = fields.Boolean(compute="_compute_days")

    @api.depends("order_ids")
    def _compute_summary(self):
        for dialog in self:
            dialog.summary = totals_sentence(dialog.order_ids)
            dialog.batch_names = ", ".join(dialog.order_ids.batch_id.mapped("name"))

    @api.depends("order_ids")
    def _compute_days(self):
        for dialog in self:
            orders_sudo = dialog.order_ids.sudo()
            dialog.days_warning = days_sentence(orders_sudo)
            dialog.has_later_days = bool(later_days(orders_sudo))

    @confirms_identity
    def action_confirm(self):
        return self._confirm()

    @confirms_identity
    def action_confirm_now(self):
        """Those of another day go now, too."""
        return self._confirm(NOW)

    @confirms_identity
    def action_confirm_on_the_day(self):
        """Those of a later day go by themselves when it comes."""
        return self._confirm(ON_THE_DAY)

    def _confirm(self, decision=None):
        if digest(self.order_ids) != self.sudo().shown:
            sentence = self.env._(
                "Somebody has changed these transfers since they were shown. Close"
                " this and look at them again."
            )
            raise UserError(sentence)
        return initiate(self.order_ids, decision, self._what_follows())

    def _what_follows(self):
        """The transfers, where the screen below shows none; see ``tbc.account``."""
        if not self.env.context.get("tbc_shows_transfers"):
            return None
        domain = [("id", "in", self.order_ids.ids)]
        return our_action(self.env, "tbc_transfer_action", domain=domain)


class TbcTransferQueue(models.TransientModel):
    """Asks for the name of a batch."""

    _name = "tbc.transfer.queue"
    _description = "Prepare Payments as One Batch"

    payment_ids = fields.Many2many("account.payment", readonly=True)
    name = fields.Char(string="Name of the Batch", help="Shown in TBC's internet bank.")
    payment_count = fields.Integer(compute="_compute_payment_count")

    @api.depends("payment_ids")
    def _compute_payment_count(self):
        for dialog in self:
            dialog.payment_count = len(dialog.payment_ids)

    def action_queue(self):
        """Prepare the payments as one batch for each account that they leave."""
        name = (self.name or "").strip()
        if not name:
            raise UserError(self.env._("Give the batch a name."))
        batches = queue_payments(self.payment_ids, batch_name=name).batch_id
        return batches._get_records_action(name=self.env._("Batches"))


class TbcTransferAgain(models.TransientModel):
    """Asks to which account of the recipient a payment is made once more."""

    _name = "tbc.transfer.again"
    _description = "Pay Again"

    payment_id = fields.Many2one("account.payment", required=True, readonly=True)
    partner_id = fields.Many2one(related="payment_id.partner_id", related_sudo=False)
    currency_id = fields.Many2one(related="payment_id.currency_id", related_sudo=False)
    amount = fields.Monetary(related="payment_id.amount", related_sudo=False)
    reason = fields.Text(related="payment_id.tbc_note", related_sudo=False)
    bank_account_id = fields.Many2one(
        "res.partner.bank",
        string="Recipient Account",
        domain="[('id', 'in', bank_account_ids)]",
    )
    bank_account_ids = fields.Many2many(
        "res.partner.bank", compute="_compute_bank_account_ids"
    )

    @api.depends("payment_id")
    def _compute_bank_account_ids(self):
        for dialog in self:
            dialog.bank_account_ids = trusted_accounts(dialog.payment_id)

    def action_pay_again(self):
        return self.payment_id._tbc_pay_again(self.bank_account_id)
