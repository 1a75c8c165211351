from odoo import fields, models

from ..services.amounts import EXACT


class TbcDay(models.Model):
    """What was added up of one older day of an account, so that no read does it again.

    Kept by ``services/kept_days.py`` alone; nobody has access. Held movements are not in
    it, nor is a day of which something was written since.
    """

    _name = "tbc.day"
    _description = "TBC Day"
    _rec_name = "day"

    account_id = fields.Many2one(
        "tbc.account", required=True, readonly=True, ondelete="cascade"
    )
    day = fields.Date(required=True, readonly=True)
    # Of the bank's movements on this day.
    credits = fields.Float(digits=EXACT, readonly=True)
    debits = fields.Float(digits=EXACT, readonly=True)
    lines = fields.Integer(string="Transactions", readonly=True)
    posted = fields.Integer(readonly=True)
    # Of the posted items on the bank's ledger account, in the account's currency.
    booked_in = fields.Float(digits=EXACT, readonly=True)
    booked_out = fields.Float(digits=EXACT, readonly=True)
    is_stale = fields.Boolean(
        readonly=True, help="Something of this day was changed since it was added up."
    )

    _day_uniq = models.UniqueIndex("(account_id, day)")
    # Each read asks for these, and hardly ever is there one.
    _stale_idx = models.Index("(account_id, day) WHERE is_stale")
