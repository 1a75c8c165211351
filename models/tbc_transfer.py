from odoo import api, fields, models
from odoo.exceptions import UserError

from ..services.calls import end_calls
from ..services.clock import utc_now
from ..services.identity import confirms_identity
from ..services.transfers import states
from ..services.transfers.candidates import open_candidates
from ..services.transfers.close import close_errors, close_missing
from ..services.transfers.follow import ask_now, refresh_due
from ..services.transfers.initiate import initiate, review
from ..services.transfers.overdue import overdue_sentence
from ..services.transfers.prepare import queue_again, withdraw
from ..services.transfers.seal import break_seals
from ..services.transfers.send import send_due
from ..services.transfers.terms import ORDER_FIELDS
from ..services.transfers.words import shown_state, shown_states
from ..tbc import is_error


class TbcTransfer(models.Model):
    """One transfer order: what the bank is asked to pay, once, for one payment.

    Everybody reads only: each change goes through the methods, which check who asks.
    """

    _name = "tbc.transfer"
    _description = "TBC Transfer"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _rec_name = "external_id"
    _check_company_auto = True

    payment_id = fields.Many2one(
        "account.payment", required=True, readonly=True, ondelete="restrict", index=True
    )
    account_id = fields.Many2one(
        "tbc.account",
        string="From Account",
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
        default=lambda self: states.new_external_id(),
        help="Sent to the bank with the transfer: it takes each ID only once.",
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
            ("draft", "Draft"),
            ("queued", "To Initiate"),
            ("sending", "Sending"),
            ("unknown", "Checking with the Bank"),
            ("submitted", "At the Bank"),
            ("to_sign", "To Sign"),
            ("in_progress", "In Progress"),
            ("done", "Executed"),
            ("refused", "Refused"),
            ("failed", "Failed"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        default="draft",
        index=True,
    )
    shown_state = fields.Selection(
        selection=lambda self: shown_states(self),
        string="Status",
        compute="_compute_shown_state",
        help="The state, and whether somebody has initiated it.",
    )
    state_at = fields.Datetime(
        string="Since", readonly=True, default=lambda self: utc_now()
    )

    # === THE ORDER === #

    amount = fields.Monetary(required=True, readonly=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    credit_account = fields.Char(string="To Account", readonly=True)
    credit_currency_id = fields.Many2one("res.currency", readonly=True)
    description = fields.Char(readonly=True)
    additional_description = fields.Char(readonly=True)
    beneficiary_name = fields.Char("Recipient's Name", readonly=True)
    beneficiary_tax_code = fields.Char("Recipient's Tax Code", readonly=True)
    beneficiary_address = fields.Char("Recipient's Address", readonly=True)
    beneficiary_bank_code = fields.Char("Recipient's Bank Code", readonly=True)
    beneficiary_bank_name = fields.Char("Recipient's Bank Name", readonly=True)
    charge_details = fields.Char(string="Charges", readonly=True)
    taxpayer_code = fields.Char(readonly=True)
    taxpayer_name = fields.Char(readonly=True)
    treasury_code = fields.Char(readonly=True)
    position = fields.Integer(
        readonly=True, help="Its number in the request that was sent last."
    )

    # === WHO AND WHEN === #

    queued_by_id = fields.Many2one("res.users", string="Prepared By", readonly=True)
    queued_at = fields.Datetime(string="Prepared On", readonly=True)
    initiated_by_id = fields.Many2one("res.users", readonly=True)
    initiated_at = fields.Datetime(string="Initiated On", readonly=True)
    send_on = fields.Date(
        string="Waits Until",
        readonly=True,
        help="The day on which it goes to the bank by itself, as it was initiated.",
    )
    initiation_seal = fields.Char(
        groups=fields.NO_ACCESS, prefetch=False, readonly=True
    )
    sent_at = fields.Datetime(readonly=True)
    sent_with = fields.Char(
        groups=fields.NO_ACCESS,
        readonly=True,
        help="Fingerprint of the Client ID that it was sent with.",
    )
    settled = fields.Monetary(
        string="Matched",
        readonly=True,
        help="How much of the payment was matched with bills when it was prepared.",
    )
    next_question_at = fields.Datetime(
        string="Bank Asked Again", readonly=True, index="btree_not_null"
    )

    # === WHAT THE BANK SAYS === #

    bank_transfer_id = fields.Char(
        string="Bank's ID", readonly=True, index="btree_not_null"
    )
    bank_status = fields.Char(
        readonly=True, help="The bank's own word, as it wrote it."
    )
    bank_status_at = fields.Datetime(readonly=True)
    bank_reason_en = fields.Text(string="Bank's Reason (English)", readonly=True)
    bank_reason_ge = fields.Text(string="Bank's Reason (Georgian)", readonly=True)
    trace_id = fields.Char(string="Bank's Trace ID", readonly=True)
    problem = fields.Text(readonly=True, help="What keeps it, and what you can do.")
    was_doubtful = fields.Boolean(
        readonly=True,
        help="It was sent once and nobody knows whether the bank took it.",
    )
    is_missing_at_bank = fields.Boolean(
        readonly=True, help="The bank was asked for it last and did not know it."
    )
    takes_back_payment = fields.Boolean(
        readonly=True,
        index="btree_not_null",
        help="It was not executed, and its payment is still to be rejected.",
    )
    goes_alone = fields.Boolean(
        readonly=True,
        help="The bank refused a whole request: each of its transfers is sent alone.",
    )
    goes_on_if_missing = fields.Boolean(
        readonly=True,
        help="The bank refused the request that it was in, for another transfer that "
        "it has already: if it does not know this one, it is sent by itself.",
    )
    recipient = fields.Char(compute="_compute_recipient")
    recipient_account = fields.Char(compute="_compute_recipient")
    is_matched = fields.Boolean(
        related="payment_id.is_matched", string="Payment Matched"
    )
    is_integration_user = fields.Boolean(related="integration_id.is_integration_user")

    # === WHAT THE BANK DOES NOT SAY === #

    asked_alone_at = fields.Datetime(
        readonly=True,
        help="When the bank was last asked for it by our own ID, because its status did"
        " not tell of it.",
    )
    missed_on = fields.Date(
        readonly=True,
        help="The first day on which the bank did not know it since it was sent.",
    )
    missed_at = fields.Datetime(
        readonly=True, help="When the bank last did not know it."
    )
    given_up_by_id = fields.Many2one("res.users", string="Closed By", readonly=True)
    given_up_at = fields.Datetime(string="Closed On", readonly=True)
    look_at = fields.Datetime(
        string="Looked for Again", readonly=True, index="btree_not_null"
    )
    turned_up_at = fields.Datetime(
        readonly=True, index="btree_not_null", help="When the bank had it after all."
    )
    look_alike_id = fields.Many2one(
        "account.bank.statement.line",
        readonly=True,
        ondelete="set null",
        help="A transaction that may be this transfer, which was closed.",
    )
    closed_by_id = fields.Many2one(
        "res.users",
        string="Taken as Not Executed By",
        readonly=True,
        help="Who took it as not executed, having looked in the internet bank.",
    )

    # === WHAT TO DO === #

    may_be_closed = fields.Boolean(compute="_compute_what_may_be_done")
    is_error_at_bank = fields.Boolean(compute="_compute_what_may_be_done")
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
        "unique(external_id)", "This ID was given to another transfer already."
    )
    # The net below every check: whatever two workers do, a payment has one order that
    # could be paid.
    _live_uniq = models.UniqueIndex(
        "(payment_id) WHERE state NOT IN ('refused', 'failed', 'cancelled')",
        "This payment has a transfer already.",
    )

    # === COMPUTE METHODS === #

    @api.depends("beneficiary_name", "payment_id", "credit_account", "treasury_code")
    def _compute_recipient(self):
        for order in self:
            # The bank is not told the name of the Treasury, or our own.
            partner_sudo = order.sudo().payment_id.partner_id
            order.recipient = order.beneficiary_name or partner_sudo.name
            order.recipient_account = order.credit_account or order.treasury_code

    @api.depends("state", "initiated_at", "send_on")
    def _compute_shown_state(self):
        for order in self:
            order.shown_state = shown_state(order)

    @api.depends("recipient", "amount", "currency_id")
    def _compute_display_name(self):
        for order in self:
            amount = order.currency_id.format(order.amount) if order.currency_id else ""
            order.display_name = f"{amount} → {order.recipient or '–'}"

    @api.depends("state", "is_missing_at_bank", "missed_on", "missed_at", "bank_status")
    def _compute_what_may_be_done(self):
        for order in self:
            order.may_be_closed = states.was_missed_on_two_days(order)
            is_followed = order.state in states.FOLLOWED
            order.is_error_at_bank = is_followed and is_error(order.bank_status)

    @api.depends("overdue_reason", "bank_status", "state_at")
    def _compute_overdue_note(self):
        for order in self:
            order.overdue_note = order.overdue_reason and overdue_sentence(order)

    @api.depends("state", "payment_id.is_matched")
    def _compute_candidate_ids(self):
        for order in self:
            order.candidate_ids = open_candidates(order)

    # === LOW-LEVEL METHODS === #

    def copy_data(self, default=None):
        """Only what the bank is told: how far an order is, holds for no other one."""
        kept = ORDER_FIELDS | set(default or ())
        copies = super().copy_data(default)
        return [{name: vals[name] for name in vals.keys() & kept} for vals in copies]

    def write(self, vals):
        """What the bank was told, or may have been, stays as it was told."""
        self._check_may_write(vals)
        if not vals.get("initiation_seal", True) or vals.get("state") in states.CLOSED:
            break_seals(self.sudo().filtered(lambda order: order.state != "draft"))
        result = super().write(states.with_moments(vals))
        if vals.get("is_missing_at_bank"):
            states.count_missing_day(self)
        elif vals.get("was_doubtful"):
            # It was sent once more: what was asked before says nothing of that.
            self.write({"missed_on": False, "missed_at": False})
        if {"state", "is_missing_at_bank"} & vals.keys():
            end_calls(self, self.payment_id, self.batch_id)
        return result

    def _check_may_write(self, vals):
        is_told = ORDER_FIELDS & vals.keys() and self.filtered(states.was_sent)
        if "external_id" in vals or is_told:
            sentence = self.env._(
                "A transfer that was sent can't be changed. Make a new payment instead."
            )
            raise UserError(sentence)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent(self):
        if self.filtered(states.was_sent):
            raise UserError(self.env._("A transfer that was sent can't be deleted."))

    # === SCHEDULED ACTIONS === #

    @api.model
    def _cron_submit(self):
        send_due(self.env)

    @api.model
    def _cron_refresh_status(self):
        refresh_due(self.env)

    # === ACTION METHODS === #

    def action_review(self):
        return review(self)

    @confirms_identity
    def action_initiate(self):
        """Nothing is sent here: the scheduled action does it."""
        return initiate(self)

    def action_withdraw(self):
        withdraw(self)

    def action_queue_again(self):
        queue_again(self)

    def action_refresh_status(self):
        return ask_now(self)

    @confirms_identity
    def action_close(self):
        return close_missing(self)

    @confirms_identity
    def action_close_error(self):
        return close_errors(self)
