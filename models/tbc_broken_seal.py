from odoo import api, fields, models
from odoo.exceptions import UserError


class TbcBrokenSeal(models.Model):
    """An initiation of a transfer order that was taken back, one row each time.

    A seal holds the number of the last one. Whatever is written back into the order, an
    older seal does not fit any more. Nobody has access: only the module adds a row.
    """

    _name = "tbc.broken.seal"
    _description = "Broken Seal of a TBC Transfer"
    _rec_name = "order_id"

    order_id = fields.Many2one(
        "tbc.transfer",
        "Transfer",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_broken(self):
        raise UserError(self.env._("A seal that was broken stays broken."))
