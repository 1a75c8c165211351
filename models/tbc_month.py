from odoo import api, fields, models
from odoo.tools import format_date


class TbcMonth(models.Model):
    """The bank's own figures of one account and month, as the bank gave them.

    Beside them our own sums of the same days when the bank was asked: once they have
    changed, the bank is asked again.
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
        help="Later than the month's own first day where the account is read from a"
        " later day on.",
    )
    day_to = fields.Date(
        string="Last Day",
        required=True,
        readonly=True,
        help="Earlier than the month's own last day while the month is not over.",
    )
    opening = fields.Monetary(readonly=True)
    credits = fields.Monetary(readonly=True)
    debits = fields.Monetary(readonly=True)
    closing = fields.Monetary(readonly=True)
    asked_at = fields.Datetime(string="Asked", required=True, readonly=True)
    line_count = fields.Integer(
        string="Our Lines", readonly=True, help="As the bank was asked."
    )
    line_credits = fields.Monetary(string="Our Credits", readonly=True)
    line_debits = fields.Monetary(string="Our Debits", readonly=True)

    _month_uniq = models.Constraint(
        "unique(account_id, month)",
        "The bank's figures of this month are here already.",
    )

    @api.depends("account_id", "month")
    def _compute_display_name(self):
        for record in self:
            month = format_date(self.env, record.month, date_format="MMMM yyyy")
            record.display_name = f"{record.account_id.display_name} {month}"
