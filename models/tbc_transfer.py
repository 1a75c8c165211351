from odoo import api, fields, models
from odoo.exceptions import UserError

from ..services.calls import end_calls
from ..services.choice import at_least_one
from ..services.clock import utc_now
from ..services.identity import confirms_identity
from ..services.transfers.candidates import open_candidates
from ..services.transfers.close import close_errors, close_missing
from ..services.transfers.follow import ask_now
from ..services.transfers.initiate import initiate, review
from ..services.transfers.overdue import overdue_sentence
from ..services.transfers.prepare import queue_again, take_out
from ..services.transfers.refresh import refresh_due
from ..services.transfers.seal import break_seals
from ..services.transfers.send import send_due
from ..services.transfers.states import (
    CLOSED,
    FOLLOWED,
    count_missing_day,
    new_external_id,
    was_missed_on_two_days,
    was_sent,
    with_moments,
)
from ..services.transfers.terms import ORDER_FIELDS
from ..tbc import is_error


class TbcTransfer(models.Model):
    """One transfer order: what the bank is asked to pay, once, for one payment.

    Everybody reads only: each change goes through the methods, which check who asks.
    """

    _name = "tbc.transfer"
    _description = "TBC Transfer Order"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _rec_name = "external_id"
    _check_company_auto = True

    payment_id = fields.Many2one(
        "account.payment",
        required=True,
        readonly=True,
        ondelete="restrict",
        index=True,
    )
    account_id = fields.Many2one(
        "tbc.account",
        string="From",
        required=True,
        readonly=True,
        ondelete="restrict",
        index=True,
        check_company=True,
    )
    integration_id = fields.Many2one(related="account_id.integration_id", store=True)
    company_id = fields.Many2one(
        related="account_id.company_id", store=True, index=True, precompute=True
    )
    batch_id = fields.Many2one(
        "tbc.transfer.batch", readonly=True, ondelete="restrict", index="btree_not_null"
    )
    external_id = fields.Char(
        string="Our ID",
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: new_external_id(),
        help="Told to the bank with the order: it takes an order of this ID once only.",
    )
    transfer_type = fields.Selection(
        [
            ("TransferToOwnAccount", "Own account"),
            ("TransferWithinBank", "Within TBC"),
            ("TransferToOtherBankNationalCurrency", "Other bank, GEL"),
            ("TransferToOtherBankForeignCurrency", "Foreign currency"),
            ("TreasuryTransfer", "Treasury"),
        ],
        required=True,
        readonly=True,
    )
    state = fields.Selection(
        [
            ("draft", "Prepared"),
            ("queued", "Queued"),
            ("sending", "Being Sent"),
            ("unknown", "Outcome Unknown"),
            ("submitted", "At the Bank"),
            ("to_sign", "To Be Signed"),
            ("in_progress", "In Progress"),
            ("done", "Executed"),
            ("refused", "Refused"),
            ("failed", "Failed"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        index=True,
    )
    state_at = fields.Datetime(
        string="Since", readonly=True, copy=False, default=lambda self: utc_now()
    )

    # === THE ORDER === #

    amount = fields.Monetary(required=True, readonly=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    credit_account = fields.Char(string="To Account", readonly=True)
    credit_currency_id = fields.Many2one("res.currency", readonly=True)
    description = fields.Char(readonly=True)
    additional_description = fields.Char(readonly=True)
    beneficiary_name = fields.Char(string="Beneficiary", readonly=True)
    beneficiary_tax_code = fields.Char(readonly=True)
    beneficiary_address = fields.Char(readonly=True)
    beneficiary_bank_code = fields.Char(readonly=True)
    beneficiary_bank_name = fields.Char(readonly=True)
    charge_details = fields.Char(string="Charges", readonly=True)
    taxpayer_code = fields.Char(readonly=True)
    taxpayer_name = fields.Char(readonly=True)
    treasury_code = fields.Char(readonly=True)
    position = fields.Integer(
        readonly=True, copy=False, help="Its number in the request that was sent last."
    )

    # === WHO AND WHEN === #

    queued_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    queued_at = fields.Datetime(readonly=True, copy=False)
    initiated_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    initiated_at = fields.Datetime(readonly=True, copy=False)
    send_on = fields.Date(
        string="Waits Until",
        readonly=True,
        copy=False,
        help="The day on which it goes to the bank by itself, as it was initiated.",
    )
    initiation_seal = fields.Char(
        groups=fields.NO_ACCESS, prefetch=False, copy=False, readonly=True
    )
    sent_at = fields.Datetime(readonly=True, copy=False)
    sent_with = fields.Char(
        groups=fields.NO_ACCESS,
        copy=False,
        readonly=True,
        help="Fingerprint of the client ID that it was sent with.",
    )
    settled = fields.Monetary(
        string="Matched",
        readonly=True,
        copy=False,
        help="How much of the payment was matched with bills when it was queued.",
    )
    next_question_at = fields.Datetime(
        string="Bank Asked Again", readonly=True, copy=False, index="btree_not_null"
    )

    # === WHAT THE BANK SAYS === #

    bank_transfer_id = fields.Char(
        string="Bank's ID", readonly=True, copy=False, index="btree_not_null"
    )
    bank_status = fields.Char(
        readonly=True, copy=False, help="The bank's own word, as it wrote it."
    )
    bank_status_at = fields.Datetime(readonly=True, copy=False)
    bank_reason_en = fields.Text(
        string="Bank's Reason (English)", readonly=True, copy=False
    )
    bank_reason_ge = fields.Text(
        string="Bank's Reason (Georgian)", readonly=True, copy=False
    )
    trace_id = fields.Char(string="Bank's Trace ID", readonly=True, copy=False)
    problem = fields.Text(
        readonly=True, copy=False, help="What keeps it, and what you can do."
    )
    was_doubtful = fields.Boolean(
        readonly=True,
        copy=False,
        help="It was sent once and nobody knows whether the bank took it.",
    )
    is_missing_at_bank = fields.Boolean(
        readonly=True,
        copy=False,
        help="The bank was asked for it last and did not know it.",
    )
    takes_back_payment = fields.Boolean(
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="It was not executed, and its payment is still to be rejected.",
    )
    goes_alone = fields.Boolean(
        readonly=True,
        copy=False,
        help="The bank refused a whole request: each of its orders goes by itself.",
    )
    goes_on_if_missing = fields.Boolean(
        readonly=True,
        copy=False,
        help="The bank refused the request that it was in, for another order that it has"
        " already: if it does not know this one, it is sent by itself.",
    )
    recipient = fields.Char(compute="_compute_recipient")
    recipient_account = fields.Char(string="To", compute="_compute_recipient")
    is_matched = fields.Boolean(
        related="payment_id.is_matched", string="Payment Matched"
    )
    is_integration_user = fields.Boolean(related="integration_id.is_integration_user")

    # === WHAT THE BANK DOES NOT SAY === #

    asked_alone_at = fields.Datetime(
        readonly=True,
        copy=False,
        help="When the bank was last asked for it by our own ID, because its status did"
        " not tell of it.",
    )
    missed_on = fields.Date(
        readonly=True,
        copy=False,
        help="The first day on which the bank did not know it since it was sent.",
    )
    missed_at = fields.Datetime(
        readonly=True, copy=False, help="When the bank last did not know it."
    )
    given_up_by_id = fields.Many2one(
        "res.users", string="Closed By", readonly=True, copy=False
    )
    given_up_at = fields.Datetime(string="Closed On", readonly=True, copy=False)
    look_at = fields.Datetime(
        string="Looked for Again", readonly=True, copy=False, index="btree_not_null"
    )
    turned_up_at = fields.Datetime(
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="When the bank had it after all.",
    )
    look_alike_id = fields.Many2one(
        "account.bank.statement.line",
        readonly=True,
        copy=False,
        ondelete="set null",
        help="A transaction that may be this transfer, which was closed.",
    )
    closed_by_id = fields.Many2one(
        "res.users",
        string="Taken as Not Executed By",
        readonly=True,
        copy=False,
        help="Who took it as not executed, having looked in the internet bank.",
    )

    # === WHAT TO DO === #

    may_be_closed = fields.Boolean(compute="_compute_may_be_closed")
    is_error_at_bank = fields.Boolean(compute="_compute_is_error_at_bank")
    overdue_reason = fields.Selection(
        [
            ("not_sent", "Not sent"),
            ("stuck", "Not executed"),
            ("word", "Unknown status"),
            ("no_movement", "No transaction"),
            ("candidate", "A transaction fits"),
        ],
        string="Overdue",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    overdue_note = fields.Text(compute="_compute_overdue_note")
    candidate_ids = fields.Many2many(
        "account.bank.statement.line",
        string="Transactions that Fit",
        compute="_compute_candidate_ids",
        compute_sudo=True,
    )

    _external_id_uniq = models.Constraint(
        "unique(external_id)", "This ID was given to another transfer order already."
    )
    # The net below every check: whatever two workers do, a payment has one order that
    # could be paid.
    _live_uniq = models.UniqueIndex(
        "(payment_id) WHERE state NOT IN ('refused', 'failed', 'cancelled')",
        "This payment has a transfer order already.",
    )

    # === COMPUTE METHODS === #

    @api.depends("beneficiary_name", "payment_id", "credit_account", "treasury_code")
    def _compute_recipient(self):
        for order in self:
            # The bank is not told the name of the Treasury, or our own.
            partner_sudo = order.sudo().payment_id.partner_id
            order.recipient = order.beneficiary_name or partner_sudo.name
            order.recipient_account = order.credit_account or order.treasury_code

    @api.depends("recipient", "amount", "currency_id")
    def _compute_display_name(self):
        for order in self:
            amount = order.currency_id.format(order.amount) if order.currency_id else ""
            order.display_name = f"{amount} → {order.recipient or '–'}"

    @api.depends("state", "is_missing_at_bank", "missed_on", "missed_at")
    def _compute_may_be_closed(self):
        for order in self:
            order.may_be_closed = was_missed_on_two_days(order)

    @api.depends("bank_status", "state")
    def _compute_is_error_at_bank(self):
        for order in self:
            order.is_error_at_bank = order.state in FOLLOWED and is_error(
                order.bank_status
            )

    @api.depends("overdue_reason", "bank_status", "state_at")
    def _compute_overdue_note(self):
        for order in self:
            reason = order.overdue_reason
            order.overdue_note = reason and overdue_sentence(order, reason)

    @api.depends("state", "payment_id.is_matched")
    def _compute_candidate_ids(self):
        for order in self:
            order.candidate_ids = open_candidates(order)

    # === LOW-LEVEL METHODS === #

    def write(self, vals):
        """What the bank was told, or may have been, stays as it was told."""
        is_told = ORDER_FIELDS & vals.keys() and self.filtered(was_sent)
        if "external_id" in vals or is_told:
            raise UserError(
                self.env._(
                    "A transfer order that was sent can't be changed. Queue a new"
                    " payment instead."
                )
            )
        if not vals.get("initiation_seal", True) or vals.get("state") in CLOSED:
            break_seals(self.sudo().filtered(lambda order: order.state != "draft"))
        result = super().write(with_moments(vals))
        if vals.get("is_missing_at_bank"):
            count_missing_day(self)
        elif vals.get("was_doubtful"):
            # It was sent once more: what was asked before says nothing of that.
            self.write({"missed_on": False, "missed_at": False})
        if {"state", "is_missing_at_bank"} & vals.keys():
            end_calls(self, self.payment_id, self.batch_id)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent(self):
        if self.filtered(was_sent):
            raise UserError(
                self.env._("A transfer order that was sent can't be deleted.")
            )

    # === SCHEDULED ACTIONS === #

    @api.model
    def _cron_submit(self):
        """Send what was initiated: each request once, one commit before and one after."""
        send_due(self.env)

    @api.model
    def _cron_refresh_status(self):
        """Ask the bank how far its orders are, one commit for each order or batch."""
        refresh_due(self.env)

    # === ACTION METHODS === #

    def action_review(self):
        """Open the dialog that shows what is about to be initiated."""
        return review(self)

    @confirms_identity
    def action_initiate(self):
        """Let these queued orders go to the bank, as the integration user.

        Nothing is sent here: the scheduled action does it, while the same person is
        still the integration user.
        """
        return initiate(self)

    def action_withdraw(self):
        """Take orders out of the queue, as long as none of them is being sent."""
        at_least_one(self)
        take_out(self)

    def action_queue_again(self):
        """Queue what the bank did not know when it was asked, with the same ID."""
        at_least_one(self)
        queue_again(self)

    def action_refresh_status(self):
        """Ask the bank for these orders now, and tell what it says."""
        return ask_now(self)

    @confirms_identity
    def action_close(self):
        """Close what the bank did not know on two days, as the integration user.

        The bank is asked once more: what it has is followed and not closed.
        """
        return close_missing(self)

    @confirms_identity
    def action_close_error(self):
        """Take these as not executed, as the integration user, who has looked.

        The bank is asked once more. What it does not call an error any more is followed
        as before.
        """
        return close_errors(self)
