from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

from ..services.buttons import notice, only_one, our_action, titled
from ..services.matching.conditions import CONDITIONS
from ..services.matching.taught import apply_now, is_on, look_ahead_all

# What each company chooses for itself, also on a rule that all companies share.
CHOSEN_BY_COMPANY = {"account_id", "partner_id", "tax_id"}


class TbcOperationRule(models.Model):
    """What kind of transaction goes to which account, when nothing else explains it.

    Not Odoo's reconciliation models: those know no operation code, and whatever
    else runs them would apply ours to every bank line.
    """

    _name = "tbc.operation.rule"
    _inherit = ["analytic.mixin"]
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
    counterparty = fields.Char(
        help="Tax codes, IBANs or words of the name, separated by commas; one of them is"
        " enough. Empty: anybody.",
    )
    own_account = fields.Boolean(
        string="Own Account in Another Bank",
        help="The other side is an account of the company itself: one of its bank"
        " accounts in Odoo, or one under its own tax code.",
    )
    amount_from = fields.Float(
        digits=(16, 2),
        help="In the currency of the bank account, without a sign. Empty: any.",
    )
    amount_to = fields.Float(
        digits=(16, 2),
        help="In the currency of the bank account, without a sign. Empty: any.",
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
    label = fields.Char(
        string="Text of the Entry",
        help="Stands on the journal item. Empty: what the bank says.",
    )
    status = fields.Selection(
        [("on", "On"), ("off", "Off")],
        compute="_compute_status",
        help="Off: no account is chosen, so it books nothing.",
    )
    settled_ids = fields.One2many(
        "account.bank.statement.line",
        "tbc_rule_id",
        string="Matched Transactions",
        readonly=True,
    )
    settled_count = fields.Integer("Matched", compute="_compute_settled_count")
    fitting_ids = fields.Many2many(
        "account.bank.statement.line",
        string="Transactions It Would Book",
        compute="_compute_fitting_ids",
    )
    fitting_count = fields.Integer("Would Book", compute="_compute_fitting_ids")
    alike_ids = fields.Many2many(
        "tbc.operation.rule",
        string="Fit the Same",
        compute="_compute_fitting_ids",
        help="Other rules that fit some of the same transactions: the first one wins.",
    )

    # === COMPUTE METHODS === #

    @api.depends("settled_ids")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_settled_count(self):
        lines = self.env["account.bank.statement.line"]
        groups = lines._read_group(
            [("tbc_rule_id", "in", self._origin.ids)], ["tbc_rule_id"], ["__count"]
        )
        counts = {rule.id: count for rule, count in groups}
        for rule in self:
            rule.settled_count = counts.get(rule._origin.id, 0)

    @api.depends("company_id", "is_charge", "sequence", *CONDITIONS)
    @api.depends_context("uid", "company", "allowed_company_ids")
    def _compute_fitting_ids(self):
        for rule, lines, alike in look_ahead_all(self):
            rule.fitting_ids, rule.alike_ids = lines, alike
            rule.fitting_count = len(lines)

    @api.depends("account_id", "active", "is_charge", "company_id")
    @api.depends_context("company")
    def _compute_status(self):
        for rule in self:
            rule.status = "on" if is_on(rule) else "off"

    # === LOW-LEVEL METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        rules._check_may_share()
        return rules

    def write(self, vals):
        """What all companies share is changed by whoever works in all of them."""
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
        theirs = self.env.user.company_ids.ids
        companies_sudo = self.env["res.company"].sudo()
        if not companies_sudo.search_count([("id", "not in", theirs)], limit=1):
            return
        if shared := self.filtered(lambda rule: not rule.company_id):
            raise AccessError(
                self.env._(
                    "“%(rule)s” is a rule of all companies: choose your company's account"
                    " for it, or make a rule of your own. Only who works in all"
                    " companies changes the rest.",
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
                    "%(account)s is for transactions to match: choose another account "
                    "for %(rule)s.",
                    account=rule.account_id.display_name,
                    rule=rule.name,
                )
            )

    @api.constrains("amount_from", "amount_to")
    def _check_amounts(self):
        for rule in self:
            least, most = rule.amount_from, rule.amount_to
            if least < 0 or most < 0 or (most and least > most):
                raise ValidationError(
                    self.env._(
                        "%(rule)s: the amounts go from the smaller one to the larger"
                        " one, without a sign.",
                        rule=rule.name,
                    )
                )

    # === ACTION METHODS === #

    def action_open_settled(self):
        """Show what this rule has booked."""
        return self._show_lines(self.env._("Matched"), self.settled_ids)

    def action_open_fitting(self):
        """Show what this rule would book now."""
        return self._show_lines(self.env._("Would Book"), self.fitting_ids)

    def action_apply(self):
        """Book what this rule would book, now."""
        only_one(self)
        lines, problems, rest = apply_now(self)
        sentences = [self.env._("Booked: %(count)s.", count=len(lines))]
        if rest:
            sentences.append(
                self.env._("Booked in the background: %(count)s.", count=rest)
            )
        sentences += set(problems.values())
        kind = "warning" if problems else "success"
        return notice(self.env, "\n".join(sentences), kind=kind)

    def _show_lines(self, name, lines):
        values = {"domain": [("id", "in", lines.ids)], "context": {}}
        action = our_action(self.env, "account_bank_statement_line_action", **values)
        return titled(action, name)
