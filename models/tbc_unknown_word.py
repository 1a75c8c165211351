from odoo import api, fields, models

from ..services.check import words


class TbcUnknownWord(models.Model):
    """A word of the bank's that no page of its tells of, told once on the integration."""

    _name = "tbc.unknown.word"
    _description = "TBC Unknown Word of the Bank"
    _order = "id desc"

    integration_id = fields.Many2one(
        "tbc.integration", required=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(related="integration_id.company_id", store=True)
    kind = fields.Selection(
        [
            ("transaction_type", "Transaction type"),
            ("status_code", "Status of a transaction"),
            ("status_word", "Status of a transfer"),
            ("error", "Error"),
        ],
        "What It Is",
        required=True,
        readonly=True,
    )
    name = fields.Char("The Bank's Word", required=True, readonly=True)
    meaning = fields.Char("What It Means", compute="_compute_meaning")

    _word_uniq = models.Constraint(
        "unique(integration_id, kind, name)", "This word is known already."
    )

    @api.depends("kind")
    @api.depends_context("lang")
    def _compute_meaning(self):
        for word in self:
            word.meaning = words.meaning_of_word(self.env, word.kind)
