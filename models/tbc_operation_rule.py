from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

# What each company chooses for itself, also on a rule that all companies share.
CHOSEN_BY_COMPANY = {"account_id", "partner_id", "tax_id"}


class TbcOperationRule(models.Model):
    """What kind of movement goes to which account, when nothing else explains it.

    Not Odoo's reconciliation models: those know no operation code, and whatever
    else runs them would apply ours to every bank line.
    """

    _name = "tbc.operation.rule"
    _description = "TBC Operation Rule"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    company_id = fields.Many2one(
        "res.company",
        index=True,
        default=lambda self: self.env.company,
        help="Empty: one of the rules that come with the module, for all companies;"
        " each chooses its own account.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    op_code = fields.Char(
        string="Operation Code", help="The bank's code, such as GIB. Empty: any."
    )
    transaction_type = fields.Selection(
        [
            ("1", "1 Own transfer"),
            ("5", "5 Conversion"),
            ("20", "20 Incoming"),
            ("30", "30 Outgoing or cash"),
            ("31", "31 Utilities, mobile, fines"),
            ("32", "32 Treasury"),
            ("33", "33 Other expense, fees"),
        ],
        help="The bank's type of transaction. Empty: any.",
    )
    direction = fields.Selection(
        [("any", "Both"), ("in", "Incoming"), ("out", "Outgoing")],
        required=True,
        default="any",
    )
    words = fields.Char(
        string="Words in the Purpose",
        help="Separated by commas; one of them is enough. Empty: any purpose.",
    )
    is_charge = fields.Boolean(
        string="Bank's Fee",
        help="Without an account here, it goes to the fees account of the bank account.",
    )
    account_id = fields.Many2one(
        "account.account",
        company_dependent=True,
        domain="[('account_type', 'not in', ('asset_cash', 'liability_credit_card'))]",
        help="Until one is chosen, this rule is off. Each company has its own.",
    )
    partner_id = fields.Many2one("res.partner", company_dependent=True)
    tax_id = fields.Many2one(
        "account.tax",
        company_dependent=True,
        help="Included in the amount. Each company has its own.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        rules._check_may_share()
        return rules

    def write(self, vals):
        """What all companies share is changed by whoever administers all of them."""
        if vals.keys() - CHOSEN_BY_COMPANY:
            self._check_may_share()
        result = super().write(vals)
        if "company_id" in vals:
            self._check_may_share()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_shared(self):
        self._check_may_share()

    def _check_may_share(self):
        if self.env.su or self.env.user.has_group("base.group_system"):
            return
        if shared := self.filtered(lambda rule: not rule.company_id):
            raise AccessError(
                self.env._(
                    "“%(rule)s” is a rule of all companies: choose your company's account"
                    " for it, or make a rule of your own. Only an administrator of the"
                    " whole system changes the rest.",
                    rule=shared[0].name,
                )
            )

    @api.constrains("account_id")
    def _check_account_id(self):
        for rule in self.filtered("account_id"):
            journals = self.env["account.journal"].search_count(
                [("suspense_account_id", "=", rule.account_id.id)], limit=1
            )
            if not journals:
                continue
            raise ValidationError(
                self.env._(
                    "%(account)s holds what is not matched yet: choose another one for"
                    " %(rule)s.",
                    account=rule.account_id.display_name,
                    rule=rule.name,
                )
            )
