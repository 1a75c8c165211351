from odoo import fields, models


class MailActivity(models.Model):
    _inherit = "mail.activity"

    tbc_reason = fields.Char(
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="Why TBC Bank calls somebody: the activity goes when this goes.",
    )
