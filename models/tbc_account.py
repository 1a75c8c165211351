from datetime import date, timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

from ..services.clock import bank_today
from ..tbc import clean_iban, has_iban_shape
from .exact_amount import is_nil
from .guard import only_one, refuse_people, without_defaults

# What only a read may write.
READ_BY_BANK = {
    "bank_balance",
    "bank_balance_day",
    "bank_opening_balance",
    "bank_opening_day",
    "failure_count",
    "last_error",
    "last_sync_at",
    "listed_until",
    "longest_found_on",
    "longest_list",
    "longest_sums",
    "opening_line_id",
    "proved_day",
    "queued_at",
    "reading_at",
    "refusal",
    "refused_at",
    "relisted_from",
    "relisted_on",
    "synced_until",
}
# Before this no account of the bank can have a movement; and no day after it is wanted.
EARLIEST, LATEST = date(1992, 1, 1), date(2100, 1, 1)
# Of the bank's figures, which a currency's own rounding must not touch.
EXACT = (16, 3)


class TbcAccount(models.Model):
    """One (IBAN, currency) of the bank, seen through an integration.

    The bank keeps several currencies under one IBAN; each is an account of its own
    here, with its own journal.
    """

    _name = "tbc.account"
    _description = "TBC Account"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "company_id, iban, currency_id"
    _check_company_auto = True

    integration_id = fields.Many2one(
        "tbc.integration", required=True, ondelete="restrict", index=True
    )
    company_id = fields.Many2one(
        related="integration_id.company_id", store=True, index=True, precompute=True
    )
    name = fields.Char(string="Account Holder")
    iban = fields.Char(string="IBAN", required=True)
    currency_id = fields.Many2one("res.currency", required=True)
    journal_id = fields.Many2one(
        "account.journal",
        check_company=True,
        ondelete="restrict",
        tracking=True,
        copy=False,
        domain="[('type', '=', 'bank'), ('company_id', '=', company_id)]",
    )
    active = fields.Boolean(default=True, tracking=True)
    sync_from = fields.Date(
        string="Read From",
        required=True,
        tracking=True,
        default=lambda self: self._default_sync_from(),
        help="The first day wanted in the books.",
    )
    synced_until = fields.Date(
        string="Complete Until",
        readonly=True,
        copy=False,
        help="The last day that is over and has been read completely.",
    )
    listed_until = fields.Date(
        string="Read Until",
        readonly=True,
        copy=False,
        help="The last day that is over and has been read, while the bank's list of"
        " some day before it contradicts itself.",
    )
    longest_list = fields.Integer(
        string="Days Asked at Once",
        readonly=True,
        copy=False,
        help="So many days of movements the bank lists at once; 0: it refused none yet.",
    )
    longest_sums = fields.Integer(
        readonly=True,
        copy=False,
        help="So many days the bank sums up at once; 0: it refused none yet.",
    )
    longest_found_on = fields.Date(readonly=True, copy=False)
    last_sync_at = fields.Datetime(string="Last Read", readonly=True, copy=False)
    reading_at = fields.Datetime(
        readonly=True,
        copy=False,
        help="When the read that goes on now last stored a page.",
    )
    queued_at = fields.Datetime(
        readonly=True,
        copy=False,
        help="When the scheduled action put the account into its queue.",
    )
    last_error = fields.Text(readonly=True, copy=False)
    failure_count = fields.Integer(
        string="Failures in a Row", readonly=True, copy=False
    )
    bank_balance = fields.Float(
        string="Balance at the Bank", digits=EXACT, readonly=True, copy=False
    )
    bank_balance_day = fields.Date(readonly=True, copy=False)
    bank_opening_balance = fields.Float(
        string="Opening Balance at the Bank",
        digits=EXACT,
        readonly=True,
        copy=False,
        help="The bank's balance when the first day wanted began.",
    )
    bank_opening_day = fields.Date(
        readonly=True, copy=False, help="The day that began with that balance."
    )
    books_balance = fields.Monetary(
        string="Balance in the Books", compute="_compute_books_balance"
    )
    difference = fields.Float(
        digits=EXACT, compute="_compute_books_balance", help="Books minus bank."
    )
    book_opening = fields.Boolean(
        string="Book the Opening Balance",
        copy=False,
        help="Enter what the books lack of the bank's opening balance, as a line of the"
        " day before the first day wanted.",
    )
    opening_line_id = fields.Many2one(
        "account.bank.statement.line", readonly=True, copy=False, ondelete="set null"
    )
    fee_account_id = fields.Many2one(
        "account.account",
        string="Bank Fees Account",
        check_company=True,
        copy=False,
        tracking=True,
        help="Where the bank's fees are booked. Empty: they are left in suspense.",
    )
    statement_period = fields.Selection(
        [("none", "None"), ("daily", "Daily"), ("monthly", "Monthly")],
        string="Bank Statements",
        required=True,
        default="none",
        copy=False,
        help="Make a statement of each day or month that is over and agrees with the"
        " bank.",
    )
    locked_policy = fields.Selection(
        [("hold", "Hold"), ("first_open_day", "Book on the first open day")],
        string="Movements of Locked Days",
        required=True,
        default="hold",
        copy=False,
        help="What becomes of a movement whose day is locked in the books.",
    )
    difference_ids = fields.One2many(
        "tbc.difference", "account_id", string="Differing Days"
    )
    opening_missing = fields.Boolean(compute="_compute_opening_missing")
    held_ids = fields.One2many("tbc.held.movement", "account_id")
    held_count = fields.Integer(compute="_compute_held_count")
    line_count = fields.Integer(compute="_compute_line_count")
    transfer_count = fields.Integer(compute="_compute_transfer_count")
    run_ids = fields.One2many("tbc.sync.run", "account_id", string="Reads")
    health = fields.Selection(
        [
            ("unlinked", "No journal"),
            ("never", "Not read yet"),
            ("reading", "Being read"),
            ("ok", "In order"),
            ("difference", "Differs"),
            ("held", "Held"),
            ("late", "Late"),
            ("failed", "Failed"),
            ("paused", "Not connected"),
        ],
        compute="_compute_health",
    )
    health_message = fields.Text(string="What to Do", compute="_compute_health")

    _iban_currency_uniq = models.Constraint(
        "unique(company_id, iban, currency_id)",
        "This company has this IBAN in this currency already.",
    )
    _journal_uniq = models.Constraint(
        "unique(journal_id)", "This journal is linked to another TBC account already."
    )

    # === DEFAULTS === #

    def _default_sync_from(self):
        return self._first_open_day(self.env.company)

    @api.model
    def _first_open_day(self, company):
        """The first day of the year, or the day after a later lock date."""
        company_sudo = company.sudo()
        lock = max(
            company_sudo.user_fiscalyear_lock_date, company_sudo.user_hard_lock_date
        )
        new_year = bank_today().replace(month=1, day=1)
        if lock >= LATEST:
            # Locked for ever: nothing is booked before somebody moves it.
            return new_year
        return max(new_year, lock + timedelta(days=1))

    # === COMPUTE METHODS === #

    @api.depends("iban", "currency_id")
    def _compute_display_name(self):
        for account in self:
            iban = account.iban or ""
            account.display_name = f"{iban} {account.currency_id.name or ''}".strip()

    @api.depends("bank_balance", "bank_balance_day", "journal_id")
    def _compute_books_balance(self):
        """The posted balance of the journal's bank account on the bank's last day."""
        for account in self:
            books = account._books_balance(account.bank_balance_day)
            account.books_balance = books
            account.difference = (
                books - account.bank_balance if account.bank_balance_day else 0.0
            )

    def _books_balance(self, day):
        """Return the posted balance at the end of ``day``, in the account's currency."""
        self.ensure_one()
        # An integration user without any accounting role sees the figure, too.
        ledger_account = self.sudo().journal_id.default_account_id
        if not ledger_account:
            return 0.0
        domain = [
            ("account_id", "=", ledger_account.id),
            ("parent_state", "=", "posted"),
            ("company_id", "in", self._company_tree().ids),
        ]
        if day:
            domain.append(("date", "<=", day))
        in_company_currency = self.currency_id == self.company_id.currency_id
        column = "balance" if in_company_currency else "amount_currency"
        if not in_company_currency:
            domain.append(("currency_id", "=", self.currency_id.id))
        [[total]] = (
            self.env["account.move.line"]
            .sudo()
            ._read_group(domain, aggregates=[f"{column}:sum"])
        )
        return self.currency_id.round(total or 0.0)

    def _company_tree(self):
        """Return the root company and all its branches, which share its accounts.

        An entry of any of them counts on the bank's ledger account.
        """
        companies_sudo = self.env["res.company"].sudo().with_context(active_test=False)
        root = self.company_id.sudo().root_id
        return companies_sudo.search([("id", "child_of", root.id)])

    @api.depends("book_opening", "bank_opening_balance", "bank_opening_day")
    def _compute_opening_missing(self):
        """Whether the opening balance could be booked, and nobody has asked for it."""
        for account in self:
            account.opening_missing = (
                not account.book_opening
                and not account.opening_line_id
                and not is_nil(account._opening_gap())
            )

    @api.depends("held_ids")
    def _compute_held_count(self):
        counts = dict(
            self.env["tbc.held.movement"]._read_group(
                [("account_id", "in", self.ids)], ["account_id"], ["__count"]
            )
        )
        for account in self:
            account.held_count = counts.get(account, 0)

    def _compute_line_count(self):
        counts = dict(
            self.env["account.bank.statement.line"]
            .sudo()
            ._read_group(
                [("tbc_account_id", "in", self.ids)], ["tbc_account_id"], ["__count"]
            )
        )
        for account in self:
            account.line_count = counts.get(account, 0)

    def _compute_transfer_count(self):
        counts = dict(
            self.env["tbc.transfer"]
            .sudo()
            ._read_group([("account_id", "in", self.ids)], ["account_id"], ["__count"])
        )
        for account in self:
            account.transfer_count = counts.get(account.sudo(), 0)

    # === CONSTRAINT METHODS === #

    @api.constrains("iban")
    def _check_iban(self):
        for account in self:
            if not has_iban_shape(account.iban):
                raise ValidationError(
                    self.env._(
                        "%(iban)s is not an IBAN: a Georgian one is GE, two digits, two"
                        " letters of the bank and sixteen digits.",
                        iban=account.iban,
                    )
                )

    @api.constrains("sync_from")
    def _check_sync_from(self):
        for account in self:
            if not EARLIEST <= account.sync_from <= LATEST:
                raise ValidationError(
                    self.env._(
                        "%(day)s can't be the first day wanted: choose one from"
                        " %(first)s to %(last)s.",
                        day=format_date(self.env, account.sync_from),
                        first=format_date(self.env, EARLIEST),
                        last=format_date(self.env, LATEST),
                    )
                )

    # === LOW-LEVEL METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            refuse_people(self, vals, READ_BY_BANK)
            vals["iban"] = clean_iban(vals.get("iban")) or ""
            if "sync_from" not in vals and vals.get("integration_id"):
                integration = self.env["tbc.integration"].browse(vals["integration_id"])
                vals["sync_from"] = self._first_open_day(integration.company_id)
        clean = without_defaults(self, READ_BY_BANK)
        accounts = super(TbcAccount, clean).create(vals_list).with_env(self.env)
        accounts.filtered("journal_id")._mark_journal()
        return accounts

    def write(self, vals):
        """A new first day begins the read again; what is booked stays booked once."""
        refuse_people(self, vals, READ_BY_BANK)
        if "iban" in vals:
            vals = {**vals, "iban": clean_iban(vals["iban"]) or ""}
        if {"iban", "currency_id", "integration_id", "journal_id"} & vals.keys():
            self._check_may_repoint(vals)
        if vals.get("sync_from"):
            first_day = fields.Date.to_date(vals["sync_from"])
            for account in self.filtered(lambda a: a.sync_from != first_day):
                account._restart_from(first_day)
        result = super().write(vals)
        if vals.get("journal_id"):
            self._mark_journal()
        return result

    def _check_may_repoint(self, vals):
        """What names the account or its journal is fixed once lines came in by it."""
        self.invalidate_recordset(["line_count", "transfer_count"])
        for account in self.filtered(lambda a: a.line_count or a.transfer_count):
            fixed = [
                name
                for name in ("iban", "currency_id", "journal_id")
                if name in vals
                and vals[name]
                != self._fields[name].convert_to_write(account[name], account)
            ]
            integration = self.env["tbc.integration"].browse(
                vals.get("integration_id", account.integration_id.id)
            )
            place = ("company_id", "environment")
            if fixed or [integration[name] for name in place] != [
                account.integration_id[name] for name in place
            ]:
                raise UserError(
                    self.env._(
                        "%(account)s has booked lines or transfers already, so its IBAN,"
                        " currency, journal, company and environment stay as they are.",
                        account=account.display_name,
                    )
                )

    def _last_day_listed(self):
        """The last day that is over and was read; some of them may not be complete."""
        return self.listed_until or self.synced_until

    # === ACTION METHODS === #

    def action_book_opening(self):
        """Book what the books lack of the bank's opening balance, with a read."""
        self.check_access("write")
        self.book_opening = True
        return self.action_sync()

    def action_open_lines(self):
        """List this account's bank lines."""
        only_one(self)
        return self._open(
            "account_tbc_bank.account_bank_statement_line_action", "tbc_account_id"
        )

    def action_open_held(self):
        """List what is not booked yet, each with what it waits for."""
        only_one(self)
        return self._open("account_tbc_bank.tbc_held_movement_action", "account_id")

    def action_open_runs(self):
        """List the account's reads."""
        only_one(self)
        return self._open("account_tbc_bank.tbc_sync_run_action", "account_id")

    def action_open_transfers(self):
        """List the transfers that leave this account."""
        only_one(self)
        return self._open("account_tbc_bank.tbc_transfer_action", "account_id")

    def _open(self, action_name, field_name):
        action = self.env["ir.actions.act_window"]._for_xml_id(action_name)
        action["domain"] = [(field_name, "=", self.id)]
        action["context"] = {}
        return action
