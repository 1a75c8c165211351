from odoo import api, fields, models
from odoo.tools import format_date

from .. import messages
from ..services.buttons import only_one


class TbcHeldMovement(models.Model):
    """A transaction of the bank that is on hold, and what it waits for.

    The bank's JSON is kept whole, so that it is booked from here when the obstacle has
    gone, however long ago its day was read.
    """

    _name = "tbc.held.movement"
    _description = "TBC Transaction on Hold"
    _order = "day desc, id desc"
    _rec_name = "movement_id"

    account_id = fields.Many2one(
        "tbc.account", required=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(related="account_id.company_id", store=True)
    movement_id = fields.Char("TBC Movement ID", required=True, readonly=True)
    day = fields.Date(readonly=True)
    # Not of the currency's own digits: its rounding may be what it waits for.
    amount = fields.Float(digits=(16, 2), readonly=True)
    currency_id = fields.Many2one(related="account_id.currency_id")
    label = fields.Char(readonly=True)
    reason = fields.Selection(
        [
            ("waiting", "Not authorised yet"),
            ("locked", "Locked period"),
            ("currency", "Currency switched off"),
            ("rate", "No exchange rate"),
            ("rounding", "Currency's rounding"),
            ("secured", "Secured journal"),
            ("account", "Another account"),
            ("unreadable", "Unreadable"),
            ("refused", "Refused by Odoo"),
        ],
        required=True,
        readonly=True,
    )
    detail = fields.Char(readonly=True)
    message = fields.Text("What to Do", compute="_compute_message")
    raw = fields.Json(readonly=True)
    listed_from = fields.Date(
        readonly=True,
        help="Between this day and the next one the bank has listed it, whatever day it"
        " tells itself.",
    )
    listed_to = fields.Date(readonly=True)

    _movement_uniq = models.Constraint(
        "unique(account_id, movement_id)", "This transaction is on hold already."
    )

    @api.depends("reason", "detail", "day", "account_id.locked_policy")
    def _compute_message(self):
        for held in self:
            if held.reason == "locked":
                held.message = held._locked_message()
            else:
                held.message = messages.held_message(
                    self.env, held.reason, held.detail, held._rounding()
                )

    def action_open_currency(self):
        """Open the currency that this waits for: its rates, its rounding, its switch."""
        only_one(self)
        currencies = self.env["res.currency"].with_context(active_test=False)
        found = currencies.search([("name", "=", self.detail)], limit=1)
        return (found or self.currency_id)._get_records_action()

    def _rounding(self):
        """Return the rounding factor that keeps it from being booked."""
        if self.reason != "rounding":
            return None
        currencies_sudo = self.env["res.currency"].sudo()
        return f"{currencies_sudo.search([('name', '=', self.detail)]).rounding:g}"

    def _locked_message(self):
        """Name the lock date, and what lets this movement in under this setting."""
        account_sudo = self.account_id.sudo()
        # Without the date: held by an older version.
        until = self.detail and format_date(self.env, self.detail)
        case = account_sudo.locked_policy
        if case != "hold" and self.day and self.day < account_sudo.sync_from:
            case = "before"
        return messages.locked_message(self.env, until=until, case=case)
