import secrets
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..services.chatter import write_note
from ..services.clock import utc_now
from ..tbc import TransferOrder, TransferType
from .tbc_initiation import break_seals

TRANSFERS = "account_tbc_bank.group_tbc_transfers"

# How far an order has come. A late answer of the bank never takes it back.
RANKS = {
    "draft": 0,
    "queued": 1,
    "sending": 2,
    "unknown": 2,
    "submitted": 3,
    "to_sign": 4,
    "in_progress": 5,
    "done": 6,
    "refused": 6,
    "failed": 6,
    "cancelled": 6,
}
# The bank has it, or may have it.
AT_THE_BANK = ("sending", "unknown", "submitted", "to_sign", "in_progress")
# Nothing was paid by it, and its payment may get a fresh order.
CLOSED = ("refused", "failed", "cancelled")

# What the bank is told. It is fixed as soon as it may have been told.
ORDER_FIELDS = {
    "payment_id",
    "account_id",
    "transfer_type",
    "amount",
    "currency_id",
    "credit_account",
    "credit_currency_id",
    "description",
    "additional_description",
    "beneficiary_name",
    "beneficiary_tax_code",
    "beneficiary_address",
    "beneficiary_bank_code",
    "beneficiary_bank_name",
    "charge_details",
    "taxpayer_code",
    "taxpayer_name",
    "treasury_code",
}


def new_external_id():
    """Our own id of an order or a batch: 18 digits as text.

    The bank's guide wants an integer, its own software sends text: digits are both.
    Drawn by lot, because nobody knows how widely the bank wants them to be unique.
    """
    return str(10**17 + secrets.randbelow(9 * 10**17))


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

    # === LOW-LEVEL METHODS === #

    def write(self, vals):
        """What the bank was told, or may have been, stays as it was told."""
        if "external_id" in vals or (
            ORDER_FIELDS & vals.keys() and self.filtered(lambda o: o._was_sent())
        ):
            raise UserError(
                self.env._(
                    "A transfer order that was sent can't be changed. Queue a new"
                    " payment instead."
                )
            )
        if not vals.get("initiation_seal", True) or vals.get("state") in CLOSED:
            break_seals(self.sudo().filtered(lambda order: order.state != "draft"))
        if "state" in vals:
            vals = {**vals, "state_at": utc_now()}
        if "bank_status" in vals:
            vals = {**vals, "bank_status_at": utc_now()}
        if "initiated_at" in vals:
            # Which day it waits for is a part of each initiation, and of none other.
            vals = {"send_on": False, **vals}
        return super().write(vals)

    def _was_sent(self):
        return bool(self.sent_at) or self.state not in ("draft", "queued", "cancelled")

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent(self):
        if self.filtered(lambda order: order._was_sent()):
            raise UserError(
                self.env._("A transfer order that was sent can't be deleted.")
            )

    # === THE BANK'S TERMS === #

    def _to_bank(self, position=None):
        """This order as the core sends it."""
        self.ensure_one()
        names = ORDER_FIELDS - {
            "payment_id",
            "account_id",
            "transfer_type",
            "amount",
            "currency_id",
            "credit_account",
            "credit_currency_id",
        }
        return TransferOrder(
            transfer_type=TransferType(self.transfer_type),
            external_id=self.external_id,
            position=position or self.position or 1,
            debit_iban=self.account_id.iban,
            debit_currency=self.account_id.currency_id.name,
            credit_iban=self.credit_account or None,
            credit_currency=self.credit_currency_id.name or None,
            amount=Decimal(f"{self.amount:.{self.currency_id.decimal_places}f}"),
            currency=self.currency_id.name,
            **{name: self[name] or None for name in names},
        )

    # === WHO MAY === #

    def _check_may_prepare(self):
        if not self.env.su and not self.env.user.has_group(TRANSFERS):
            raise AccessError(
                self.env._("Only users of TBC Bank's transfers may prepare them.")
            )

    def _check_may_follow(self):
        """Whoever prepares, and the integration user, may ask how far an order is."""
        self.check_access("read")
        if self.sudo().integration_id.user_id != self.env.user:
            self._check_may_prepare()

    # === WORDS === #

    def _tell(self, sentence):
        """Write the same note into the chatter of each order."""
        write_note(self, sentence)

    def _name_list(self, sentences):
        """Lines of ``{order: sentence}``, each with its payment and beneficiary."""
        return "\n".join(
            f"{order.payment_id.display_name}, {order.recipient or '–'}: {sentence}"
            for order, sentence in sentences.items()
        )
