from odoo import fields, models


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
            ("status_code", "Status code"),
            ("status_word", "Status of a transfer"),
            ("error", "Error"),
        ],
        required=True,
        readonly=True,
    )
    name = fields.Char("Word", required=True, readonly=True)

    _word_uniq = models.Constraint(
        "unique(integration_id, kind, name)", "This word is known already."
    )
