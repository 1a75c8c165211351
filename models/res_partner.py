from odoo import api, fields, models

from ..bookkeeping import clean_tax_code


class ResPartner(models.Model):
    _inherit = "res.partner"

    tbc_vat = fields.Char(
        string="Tax ID for TBC Bank",
        compute="_compute_tbc_vat",
        store=True,
        index="btree_not_null",
        help="The tax ID as it is compared with the bank's: without blanks, dashes and"
        " GE.",
    )

    @api.depends("vat")
    def _compute_tbc_vat(self):
        for partner in self:
            partner.tbc_vat = clean_tax_code(partner.vat)
