from odoo import api, fields, models

from ..services.check import words


class TbcCheckLine(models.Model):
    """One thing that the module assumes of the bank's answers, and what was seen."""

    _name = "tbc.check.line"
    _description = "TBC Row of a Check"
    _order = "check_id desc, sequence, id"
    _rec_name = "key"

    check_id = fields.Many2one(
        "tbc.check", required=True, ondelete="cascade", readonly=True, index=True
    )
    company_id = fields.Many2one(related="check_id.company_id", store=True)
    sequence = fields.Integer(readonly=True)
    key = fields.Char(required=True, readonly=True)
    outcome = fields.Selection(
        [
            ("expected", "As Expected"),
            ("differs", "Differs"),
            ("not_seen", "Could Not Be Seen"),
        ],
        required=True,
        readonly=True,
    )
    seen = fields.Json(readonly=True)
    assumption = fields.Char("What Is Assumed", compute="_compute_words")
    bank_does = fields.Char("What the Bank Does", compute="_compute_words")
    meaning = fields.Char("What It Means", compute="_compute_words")

    _key_uniq = models.Constraint("unique(check_id, key)", "This row is there already.")

    @api.depends("key", "outcome", "seen")
    @api.depends_context("lang")
    def _compute_words(self):
        for line in self:
            key, outcome, seen = line.key, line.outcome, line.seen or {}
            line.assumption = words.assumption(self.env, key)
            line.bank_does = words.bank_does(self.env, key, outcome, seen)
            line.meaning = words.meaning(self.env, key, outcome)
