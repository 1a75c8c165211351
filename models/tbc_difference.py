from odoo import fields, models


class TbcDifference(models.Model):
    """One reason why the books and the bank disagree on one day of one account.

    Written by the proof after each read; gone when the day agrees again.
    """

    _name = "tbc.difference"
    _description = "TBC Difference"
    _order = "day, id"

    account_id = fields.Many2one(
        "tbc.account", required=True, ondelete="cascade", readonly=True, index=True
    )
    company_id = fields.Many2one(related="account_id.company_id", store=True)
    currency_id = fields.Many2one(related="account_id.currency_id")
    day = fields.Date(required=True, readonly=True)
    kind = fields.Selection(
        [
            ("unlisted", "Counted by the bank, not listed"),
            ("not_at_bank", "Not at the bank any more"),
            ("changed", "Changed in the books"),
            ("other_day", "Booked on another day"),
            ("by_hand", "Booked by hand"),
        ],
        required=True,
        readonly=True,
    )
    amount = fields.Monetary(readonly=True, help="Books minus bank.")
    line_id = fields.Many2one(
        "account.bank.statement.line", readonly=True, ondelete="cascade"
    )
    move_line_id = fields.Many2one(
        "account.move.line", readonly=True, ondelete="cascade"
    )
