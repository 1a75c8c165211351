from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import format_date

from ..services.proof.month_books import books_of, notes


class TbcMonth(models.Model):
    """The bank's own figures of one account and month, and the books of the same days.

    ``line_…`` are our own sums when the bank was asked: once they have changed, the bank
    is asked again.
    """

    _name = "tbc.month"
    _description = "TBC Month"
    _order = "account_id, month"

    account_id = fields.Many2one(
        "tbc.account", required=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(related="account_id.company_id", store=True)
    currency_id = fields.Many2one(related="account_id.currency_id")
    month = fields.Date(required=True, readonly=True, help="Its first day.")
    day_from = fields.Date(
        string="First Day",
        required=True,
        readonly=True,
        help="Later than the month's own first day where the account is synced from a "
        "later day on.",
    )
    day_to = fields.Date(
        string="Last Day",
        required=True,
        readonly=True,
        help="Earlier than the month's own last day while the month is not over.",
    )
    opening = fields.Monetary(string="Bank: opening", readonly=True, aggregator=None)
    credits = fields.Monetary(string="Bank: credits", readonly=True)
    debits = fields.Monetary(string="Bank: debits", readonly=True)
    closing = fields.Monetary(string="Bank: closing", readonly=True, aggregator=None)
    asked_at = fields.Datetime(string="Bank asked", required=True, readonly=True)
    line_count = fields.Integer(
        string="Our Transactions", readonly=True, help="As the bank was asked."
    )
    line_credits = fields.Monetary(string="Our Credits", readonly=True)
    line_debits = fields.Monetary(string="Our Debits", readonly=True)
    # Reckoned whenever it is looked at: an entry of today may change an old month.
    books_opening = fields.Monetary(string="Books: opening", compute="_compute_books")
    books_credits = fields.Monetary(string="Books: credits", compute="_compute_books")
    books_debits = fields.Monetary(string="Books: debits", compute="_compute_books")
    books_closing = fields.Monetary(string="Books: closing", compute="_compute_books")
    difference = fields.Monetary(compute="_compute_books", help="Books minus bank.")
    unmatched_count = fields.Integer(string="To Match", compute="_compute_books")
    unmatched_amount = fields.Monetary(
        string="Amount to Match", compute="_compute_books"
    )
    held_count = fields.Integer(string="On Hold", compute="_compute_books")
    held_amount = fields.Monetary(string="Amount on Hold", compute="_compute_books")
    unread_days = fields.Integer(string="Days Not Synced", compute="_compute_books")
    differing_days = fields.Integer(compute="_compute_books")
    moved_count = fields.Integer(
        string="Booked on another day", compute="_compute_books"
    )
    notes = fields.Text(compute="_compute_notes")

    _month_uniq = models.Constraint(
        "unique(account_id, month)",
        "The bank's figures of this month are here already.",
    )

    @api.depends("account_id", "month")
    def _compute_display_name(self):
        for record in self:
            month = format_date(self.env, record.month, date_format="MMMM yyyy")
            record.display_name = f"{record.account_id.display_name} {month}"

    @api.depends("account_id", "month", "day_from", "day_to", "closing", "asked_at")
    def _compute_books(self):
        for record, values in books_of(self):
            record.update(values)

    @api.depends("account_id", "month", "asked_at", "difference")
    def _compute_notes(self):
        for record in self:
            before = record.month - relativedelta(months=1)
            others = record.account_id.month_ids
            before = others.filtered(lambda m, before=before: m.month == before)
            record.notes = " ".join(notes(record, before))
