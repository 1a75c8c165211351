from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..services.amounts import EXACT
from ..services.buttons import only_one
from ..services.differences import advice, no_differences_help


class TbcDifference(models.Model):
    """One reason why the books and the bank disagree on one day of one account.

    Written by the proof after each read; gone when the day agrees again. Archived while
    an entry by hand of the same day makes up for it.
    """

    _name = "tbc.difference"
    _description = "TBC Difference"
    _order = "day, id"

    account_id = fields.Many2one(
        "tbc.account", required=True, ondelete="cascade", readonly=True, index=True
    )
    company_id = fields.Many2one(related="account_id.company_id", store=True)
    currency_id = fields.Many2one(related="account_id.currency_id")
    active = fields.Boolean(default=True, readonly=True)
    day = fields.Date(required=True, readonly=True)
    day_to = fields.Date(
        string="Last Day",
        readonly=True,
        help="Where it is about several days that can't be told apart.",
    )
    kind = fields.Selection(
        [
            ("unlisted", "Counted by the bank, not listed"),
            ("uncounted", "Listed by the bank, not counted"),
            ("not_at_bank", "Not at the bank any more"),
            ("changed", "Changed in the books"),
            ("other_day", "Booked on another day"),
            ("by_hand", "Booked by hand"),
            ("statement", "Bank statement differs"),
            ("miscounted", "List contradicts its count"),
        ],
        required=True,
        readonly=True,
    )
    amount = fields.Float(digits=EXACT, readonly=True, help="Books minus bank.")
    line_id = fields.Many2one(
        "account.bank.statement.line",
        string="Transaction",
        readonly=True,
        ondelete="cascade",
        index="btree_not_null",
    )
    move_line_id = fields.Many2one(
        "account.move.line",
        string="Journal Item",
        readonly=True,
        ondelete="cascade",
        index="btree_not_null",
    )
    statement_id = fields.Many2one(
        "account.bank.statement",
        string="Bank Statement",
        readonly=True,
        ondelete="cascade",
        index="btree_not_null",
    )
    asked_at = fields.Datetime(
        readonly=True, help="When the bank's list of this day was last asked for."
    )
    message = fields.Text(string="What to Do", compute="_compute_message")

    @api.depends("kind", "day", "day_to", "line_id", "move_line_id", "statement_id")
    def _compute_message(self):
        for difference in self:
            difference.message = advice(difference)

    @api.depends("day", "kind")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for difference in self:
            day = format_date(self.env, difference.day)
            difference.display_name = f"{day}: {kinds.get(difference.kind, '')}"

    @api.model
    def get_empty_list_help(self, help_message):
        """Say that books and bank agree only where they do."""
        return no_differences_help(self.env)

    def action_open_entry(self):
        """Open the journal entry that differs."""
        only_one(self)
        return (self.move_line_id or self.line_id).move_id._get_records_action()

    def action_delete_line(self):
        """Delete the line that the bank took back, as far as this person may."""
        only_one(self)
        if self.kind != "not_at_bank":
            raise UserError(
                self.env._("Only a line that the bank took back is deleted here.")
            )
        self.line_id.unlink()

    def action_make_statements(self):
        """Make this statement again, and with it all others that are wrong."""
        only_one(self)
        return self.account_id.action_make_statements()
