from odoo import api, fields, models
from odoo.exceptions import UserError

from ..services.buttons import only_one, our_action
from ..services.identity import confirms_identity
from ..services.transfers import states
from ..services.transfers.close import close_missing
from ..services.transfers.words import counts_sentence, shown_state, shown_states

# The first of these that an order of the batch is in stands for the whole batch.
UNDER_WAY = ("unknown", "sending", "queued", "draft", "submitted", "to_sign")
UNDER_WAY += ("in_progress",)


class TbcTransferBatch(models.Model):
    """Up to 1000 orders with one debit account, which go to the bank in one request."""

    _name = "tbc.transfer.batch"
    _description = "TBC Transfer Batch"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(required=True, readonly=True)
    account_id = fields.Many2one(
        "tbc.account",
        string="From Account",
        required=True,
        readonly=True,
        ondelete="restrict",
        check_company=True,
    )
    integration_id = fields.Many2one(related="account_id.integration_id", store=True)
    company_id = fields.Many2one(
        related="account_id.company_id", store=True, index=True, precompute=True
    )
    currency_id = fields.Many2one(related="account_id.currency_id")
    external_id = fields.Char(
        string="Our ID",
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: states.new_external_id(),
        help="Sent to the bank with the batch: it takes each ID only once.",
    )
    bank_batch_id = fields.Char(string="Bank's ID", readonly=True, copy=False)
    bank_status = fields.Char(
        readonly=True, copy=False, help="The bank's own word, as it wrote it."
    )
    order_ids = fields.One2many(
        "tbc.transfer", "batch_id", "All Transfers", readonly=True
    )
    order_count = fields.Integer(string="Transfers", compute="_compute_summary")
    amount = fields.Monetary(string="Total", compute="_compute_summary")
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("queued", "To Initiate"),
            ("sending", "Sending"),
            ("unknown", "Checking with the Bank"),
            ("submitted", "At the Bank"),
            ("to_sign", "To Sign"),
            ("in_progress", "In Progress"),
            ("partial", "Executed in Part"),
            ("done", "Executed"),
            ("failed", "Not Executed"),
        ],
        compute="_compute_state",
        store=True,
    )
    shown_state = fields.Selection(
        selection=lambda self: shown_states(self),
        string="Status",
        compute="_compute_shown_state",
        help="The state, and whether somebody has initiated it.",
    )
    initiated_by_id = fields.Many2one("res.users", compute="_compute_shown_state")
    initiated_at = fields.Datetime(
        string="Initiated On", compute="_compute_shown_state"
    )
    summary = fields.Char(compute="_compute_summary")
    closed_ids = fields.One2many(
        "tbc.transfer",
        "batch_id",
        string="Not Executed",
        domain=[("state", "in", states.CLOSED)],
        readonly=True,
    )
    waits_for_initiation = fields.Boolean(compute="_compute_what_may_be_done")
    may_be_closed = fields.Boolean(compute="_compute_what_may_be_done")
    is_integration_user = fields.Boolean(related="integration_id.is_integration_user")

    _external_id_uniq = models.Constraint(
        "unique(external_id)", "This ID was given to another batch already."
    )

    @api.depends("order_ids.state")
    def _compute_state(self):
        for batch in self:
            batch.state = self._state_of(set(batch.order_ids.mapped("state")))

    @api.depends("state", "order_ids.initiated_at", "order_ids.send_on")
    def _compute_shown_state(self):
        """A batch is initiated as a whole, so its last order tells by whom."""
        for batch in self:
            order = batch.order_ids.filtered("initiated_at").sorted("initiated_at")[-1:]
            batch.initiated_by_id = order.initiated_by_id
            batch.initiated_at = order.initiated_at
            is_queued = batch.state == "queued" and order.state == "queued"
            batch.shown_state = shown_state(order) if is_queued else batch.state

    @api.depends("order_ids.state", "order_ids.amount")
    def _compute_summary(self):
        for batch in self:
            batch.summary = counts_sentence(batch.order_ids)
            batch.order_count = len(batch.order_ids)
            batch.amount = sum(batch.order_ids.mapped("amount"))

    def _state_of(self, found):
        """The batch's state: when nothing is under way, it was executed, or was not."""
        for state in UNDER_WAY:
            if state in found:
                return state
        if "done" not in found:
            return "failed" if found else "draft"
        return "done" if found == {"done"} else "partial"

    @api.depends("order_ids.may_be_closed", "order_ids.state", "order_ids.initiated_at")
    def _compute_what_may_be_done(self):
        for batch in self:
            orders = batch.order_ids
            batch.waits_for_initiation = bool(
                orders.filtered(states.waits_for_initiation)
            )
            batch.may_be_closed = any(orders.mapped("may_be_closed"))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent(self):
        self.order_ids._unlink_except_sent()

    def action_review(self):
        return self.order_ids.action_review()

    def action_refresh_status(self):
        return self.order_ids.action_refresh_status()

    def action_withdraw(self):
        """Make drafts of the batch's orders, each of which is prepared singly again."""
        queued = self.order_ids.filtered(lambda order: order.state == "queued")
        if not queued:
            raise UserError(self.env._("This batch does not wait to be initiated."))
        queued.action_withdraw()

    def action_queue_again(self):
        states.others_of(self, self.env["tbc.transfer"]).action_queue_again()

    @confirms_identity
    def action_close(self):
        return close_missing(self.order_ids.filtered("may_be_closed"))

    def action_open_orders(self):
        only_one(self)
        domain = [("batch_id", "=", self.id)]
        return our_action(self.env, "tbc_transfer_action", domain=domain, context={})
