import json
from urllib.parse import urlencode

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import date_utils

from ..services.buttons import only_one, our_action
from ..services.clock import EARLIEST, LATEST, bank_today

REPORT = "account_tbc_bank.report_tbc_reconciliation"
LONGEST_YEARS = 20


class TbcReconciliation(models.TransientModel):
    """Asks for the accounts and months of the TBC Reconciliation report."""

    _name = "tbc.reconciliation"
    _description = "TBC Reconciliation"

    account_ids = fields.Many2many(
        "tbc.account",
        string="Accounts",
        required=True,
        default=lambda self: self._default_account_ids(),
    )
    month_from = fields.Date(
        string="First Month",
        required=True,
        default=lambda self: bank_today().replace(month=1, day=1),
    )
    month_to = fields.Date(
        string="Last Month",
        required=True,
        default=lambda self: date_utils.end_of(bank_today(), "month"),
    )
    has_pdf = fields.Boolean(compute="_compute_has_pdf")

    def _default_account_ids(self):
        """What was selected in the list of accounts; else all that have a journal."""
        accounts = self.env["tbc.account"]
        if self.env.context.get("active_model") == accounts._name:
            return accounts.browse(self.env.context.get("active_ids", []))
        return accounts.search([("journal_id", "!=", False)])

    @api.depends_context("uid")
    def _compute_has_pdf(self):
        """Whether Odoo's own printing is set up on this server."""
        reports = self.env["ir.actions.report"]
        self.has_pdf = reports.get_wkhtmltopdf_state() in ("ok", "workers", "upgrade")

    @api.constrains("month_from", "month_to")
    def _check_months(self):
        for wizard in self:
            if wizard.month_from > wizard.month_to:
                raise ValidationError(
                    self.env._("The first month comes after the last one.")
                )
            longest = wizard.month_from + relativedelta(years=LONGEST_YEARS)
            if wizard.month_to >= longest:
                raise ValidationError(
                    self.env._(
                        "Choose %(years)s years at the most.", years=LONGEST_YEARS
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        """Whatever day was picked stands for its month."""
        return super().create([_whole_months(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(_whole_months(vals))

    def _chosen_accounts(self):
        """Return the chosen accounts that the user may see, in all of his companies.

        A link carries no choice of companies, unlike the dialog that it comes from.
        """
        self.ensure_one()
        companies = self.env.user.company_ids.ids
        accounts = self.with_context(allowed_company_ids=companies).env["tbc.account"]
        accounts = accounts.with_context(active_test=False)
        accounts.check_access("read")
        return accounts.search([("id", "in", self.sudo().account_ids.ids)])

    def action_show(self):
        """Open the report in a tab of its own, where the browser prints it.

        In the user's language: Odoo's address would take the one of its web site.
        """
        self._check_accounts()
        context = json.dumps({"lang": self.env.user.lang})
        url = f"/report/html/{REPORT}/{self.id}?{urlencode({'context': context})}"
        return {"type": "ir.actions.act_url", "url": url, "target": "new"}

    def action_print(self):
        """Make a PDF, where Odoo's own printing is set up."""
        self._check_accounts()
        report = self.env.ref("account_tbc_bank.tbc_reconciliation_report_action")
        return report.report_action(self, config=False)

    def action_open_months(self):
        """Open the months as a list, which Odoo groups and exports."""
        accounts = self._check_accounts()
        domain = [
            ("account_id", "in", accounts.ids),
            ("month", ">=", self.month_from),
            ("month", "<=", self.month_to),
        ]
        return our_action(self.env, "tbc_month_action", domain=domain)

    def _check_accounts(self):
        """Return the chosen accounts; refuse a choice of none."""
        only_one(self)
        accounts = self._chosen_accounts()
        if not accounts:
            raise UserError(self.env._("Choose one account at least."))
        return accounts


def _whole_months(vals):
    """Return ``vals`` from the first day of the one month to the last of the other."""
    whole = dict(vals)
    ends = {"month_from": date_utils.start_of, "month_to": date_utils.end_of}
    for name in ends.keys() & vals.keys():
        if vals[name]:
            # Or of the nearest month in which an account may be: the calendar ends.
            day = min(max(fields.Date.to_date(vals[name]), EARLIEST), LATEST)
            whole[name] = ends[name](day, "month")
    return whole
