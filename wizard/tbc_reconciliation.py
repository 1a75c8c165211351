import base64

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import date_utils

from ..report.tbc_reconciliation_choice import chosen_accounts, xlsx_url
from ..report.tbc_reconciliation_xlsx import Workbook
from ..services.choice import only_one
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
        string="From",
        required=True,
        default=lambda self: self._today().replace(month=1, day=1),
    )
    month_to = fields.Date(
        string="To",
        required=True,
        default=lambda self: date_utils.end_of(self._today(), "month"),
    )
    has_pdf = fields.Boolean(compute="_compute_has_pdf")
    xlsx = fields.Binary(string="XLSX", compute="_compute_xlsx")

    def _today(self):
        return bank_today()

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

    @api.depends("account_ids", "month_from", "month_to")
    @api.depends_context("uid", "lang")
    def _compute_xlsx(self):
        report = self.env[f"report.{REPORT}"]
        for wizard in self:
            values = report._get_report_values(wizard.ids)
            content = Workbook(report, values).content()
            wizard.xlsx = base64.b64encode(content)

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

    @api.onchange("month_from", "month_to")
    def _onchange_months(self):
        self.update(_whole_months({n: self[n] for n in ("month_from", "month_to")}))

    @api.model_create_multi
    def create(self, vals_list):
        """Whatever day was picked stands for its month."""
        return super().create([_whole_months(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(_whole_months(vals))

    # === BUTTONS === #

    def action_show(self):
        """Open the report in a tab of its own, where the browser prints it."""
        self._check_accounts()
        return self._open(f"/report/html/{REPORT}/{self.id}")

    def action_print(self):
        """Make a PDF, where Odoo's own printing is set up."""
        self._check_accounts()
        report = self.env.ref("account_tbc_bank.tbc_reconciliation_report_action")
        return report.report_action(self, config=False)

    def action_download(self):
        """Download the report as XLSX."""
        self._check_accounts()
        return self._open(xlsx_url(self))

    def _check_accounts(self):
        only_one(self)
        if not chosen_accounts(self):
            raise UserError(self.env._("Choose one account at least."))

    def _open(self, url):
        return {"type": "ir.actions.act_url", "url": url, "target": "new"}


def _within_reach(day):
    """The day, or the nearest one on which an account may be: the calendar ends."""
    return min(max(fields.Date.to_date(day), EARLIEST), LATEST)


def _whole_months(vals):
    """Return ``vals`` from the first day of the one month to the last of the other."""
    whole = dict(vals)
    if vals.get("month_from"):
        day = _within_reach(vals["month_from"])
        whole["month_from"] = date_utils.start_of(day, "month")
    if vals.get("month_to"):
        day = _within_reach(vals["month_to"])
        whole["month_to"] = date_utils.end_of(day, "month")
    return whole
