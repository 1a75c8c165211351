from odoo import api, fields, models

from ..services.partners import compared_tax_code
from ..services.transfers.prepare import withdraw_changed

# What an order tells the bank of a partner: with a change, it is queued anew.
TOLD = {
    "city",
    "country_id",
    "is_company",
    "name",
    "parent_id",
    "street",
    "street2",
    "vat",
    "zip",
}


class ResPartner(models.Model):
    _inherit = "res.partner"

    tbc_vat = fields.Char(
        "Tax ID for TBC Bank",
        compute="_compute_tbc_vat",
        store=True,
        index="btree_not_null",
        help="The tax ID as it is compared with the bank's: without blanks, dashes and"
        " GE.",
    )

    @api.depends("vat")
    def _compute_tbc_vat(self):
        for partner in self:
            partner.tbc_vat = compared_tax_code(partner)

    def write(self, vals):
        """Withdraw orders that tell the bank of these partners, or of whom they became."""
        result = super().write(vals)
        if TOLD & vals.keys():
            withdraw_changed(
                self.env,
                [
                    "|",
                    "|",
                    ("payment_id.partner_id", "in", self.ids),
                    ("payment_id.partner_id.commercial_partner_id", "in", self.ids),
                    ("company_id.partner_id", "in", self.ids),
                ],
            )
        return result
