from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import format_date

from ..services.amounts import EXACT, is_nil
from ..services.choice import at_least_one, only_one
from ..services.clock import EARLIEST, LATEST
from ..services.ledger import books_balance, first_open_day
from ..services.matching.run import match_by_cron
from ..services.notices import notice
from ..services.partners import find_partner_ids
from ..services.proof.bank_statements import make_anew
from ..services.rates import missing_rate_sentence, old_rate_sentence
from ..services.rounds import read_due_accounts
from ..services.statements.adoption import (
    booked_elsewhere_sentence,
)
from ..services.statements.backfill import progress
from ..services.statements.chart import charts
from ..services.statements.coverage import UNFINISHED
from ..services.statements.health import health
from ..services.statements.journal import (
    create_journals,
    mark_journals,
    misfit_sentence,
    secured_journal_sentence,
)
from ..services.statements.opening import opening_gap, restart_from
from ..services.sync import sync_accounts, sync_now
from ..tbc import clean_iban, has_iban_shape
from .system_fields import drop_context_defaults, forbid_user_write

# System fields: set by a read, never by a user.
SYSTEM_FIELDS = {
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
        default=lambda self: first_open_day(self.env.company),
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
    refusal = fields.Text(
        string="Refused by the Bank",
        readonly=True,
        copy=False,
        help="Why the bank refuses this account, while it answers for others.",
    )
    refused_at = fields.Datetime(readonly=True, copy=False)
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
    difference_count = fields.Integer(compute="_compute_difference_count")
    proved_day = fields.Date(
        readonly=True,
        copy=False,
        help="The day whose opening balance was last compared by itself; each read"
        " takes the next one.",
    )
    relisted_from = fields.Date(
        readonly=True,
        copy=False,
        help="The older days are listed again, a month a day and the newest first; this"
        " is the first one of those that were.",
    )
    relisted_on = fields.Date(
        readonly=True,
        copy=False,
        help="The last day on which that was done.",
    )
    month_ids = fields.One2many("tbc.month", "account_id", string="Months")
    backfill_ids = fields.One2many(
        "tbc.backfill", "account_id", string="Reads of the Past"
    )
    backfill_progress = fields.Json(
        string="Read of the Past", compute="_compute_backfill_progress"
    )
    calendar = fields.Json(string="Days Read", compute="_compute_calendar")
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
    is_journal_secured = fields.Boolean(related="journal_id.restrict_mode_hash_table")
    advice = fields.Text(
        string="What to Set Right",
        compute="_compute_advice",
        help="What is to be set right in Odoo, however the last read went.",
    )

    _iban_currency_uniq = models.Constraint(
        "unique(company_id, iban, currency_id)",
        "This company has this IBAN in this currency already.",
    )
    _journal_uniq = models.Constraint(
        "unique(journal_id)", "This journal is linked to another TBC account already."
    )

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
            books = books_balance(account, account.bank_balance_day)
            account.books_balance = books
            account.difference = (
                books - account.bank_balance if account.bank_balance_day else 0.0
            )

    @api.depends("book_opening", "bank_opening_balance", "bank_opening_day")
    def _compute_opening_missing(self):
        """Whether the opening balance could be booked, and nobody has asked for it."""
        for account in self:
            account.opening_missing = (
                not account.book_opening
                and not account.opening_line_id
                and not is_nil(opening_gap(account))
            )

    @api.depends("held_ids")
    def _compute_held_count(self):
        self._count("held_count", "tbc.held.movement", "account_id")

    def _compute_line_count(self):
        self._count("line_count", "account.bank.statement.line", "tbc_account_id")

    def _compute_transfer_count(self):
        self._count("transfer_count", "tbc.transfer", "account_id")

    def _count(self, field_name, model, account_field):
        """Fill in how many records of another model each account has."""
        groups = (
            self.env[model]
            .sudo()
            ._read_group(
                [(account_field, "in", self.ids)], [account_field], ["__count"]
            )
        )
        counts = {account.id: count for account, count in groups}
        for account in self:
            account[field_name] = counts.get(account.id, 0)

    @api.depends("currency_id", "integration_id", "journal_id")
    def _compute_advice(self):
        for account in self:
            sentences = (
                secured_journal_sentence(account),
                missing_rate_sentence(account),
                old_rate_sentence(account),
            )
            account.advice = " ".join(filter(None, sentences))

    @api.depends(
        "journal_id",
        "integration_id.state",
        "integration_id.pause_reason",
        "integration_id.can_read_statements",
        "integration_id.can_initiate_transfers",
        "journal_id.outbound_payment_method_line_ids.payment_account_id",
        "sync_from",
        "reading_at",
        "book_opening",
        "last_sync_at",
        "last_error",
        "refusal",
        "bank_balance",
        "held_ids",
        "difference_ids",
    )
    def _compute_health(self):
        for account in self:
            account.health, message = health(account)
            account.health_message = " ".join(filter(None, (message, account.advice)))

    @api.depends("difference_ids")
    def _compute_difference_count(self):
        for account in self:
            account.difference_count = len(account.difference_ids)

    @api.depends("backfill_ids.state", "backfill_ids.done_from")
    def _compute_backfill_progress(self):
        """What the form shows of the newest back-fill while that is not over."""
        for account in self:
            backfill = account.backfill_ids.sorted("id")[-1:]
            shown = backfill.state in (*UNFINISHED, "failed")
            account.backfill_progress = shown and progress(backfill)

    def _compute_calendar(self):
        """One letter per day and month, newest month first."""
        stored = self.filtered("id")
        (self - stored).calendar = False
        for account, chart in charts(stored).items():
            account.calendar = chart

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

    @api.constrains("journal_id", "currency_id", "integration_id")
    def _check_journal_id(self):
        for account in self.filtered("journal_id"):
            if fault := misfit_sentence(account) or secured_journal_sentence(account):
                raise ValidationError(fault)

    @api.constrains("journal_id", "sync_from")
    def _check_not_booked_elsewhere(self):
        """The same movements in two journals would count twice in the ledger."""
        for account in self.filtered("journal_id"):
            if fault := booked_elsewhere_sentence(account, account.sync_from):
                raise ValidationError(fault)

    # === LOW-LEVEL METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            forbid_user_write(self, vals, SYSTEM_FIELDS)
            vals["iban"] = clean_iban(vals.get("iban")) or ""
            if "sync_from" not in vals and vals.get("integration_id"):
                integration = self.env["tbc.integration"].browse(vals["integration_id"])
                vals["sync_from"] = first_open_day(integration.company_id)
        clean = drop_context_defaults(self, SYSTEM_FIELDS)
        accounts = super(TbcAccount, clean).create(vals_list).with_env(self.env)
        mark_journals(accounts.filtered("journal_id"))
        return accounts

    def write(self, vals):
        """A new first day begins the read again; what is booked stays booked once."""
        forbid_user_write(self, vals, SYSTEM_FIELDS)
        if "iban" in vals:
            vals = {**vals, "iban": clean_iban(vals["iban"]) or ""}
        if {"iban", "currency_id", "integration_id", "journal_id"} & vals.keys():
            self._check_may_repoint(vals)
        if vals.get("sync_from"):
            first_day = fields.Date.to_date(vals["sync_from"])
            for account in self.filtered(lambda a: a.sync_from != first_day):
                restart_from(account, first_day)
        result = super().write(vals)
        if vals.get("journal_id"):
            mark_journals(self)
        return result

    def _check_may_repoint(self, vals):
        """What names the account or its journal is fixed once lines came in by it."""
        self.invalidate_recordset(["line_count", "transfer_count"])
        for account in self.filtered(lambda a: a.line_count or a.transfer_count):
            if account._is_repointed(vals):
                raise UserError(
                    self.env._(
                        "%(account)s has booked lines or transfers already, so its IBAN,"
                        " currency, journal, company and environment stay as they are.",
                        account=account.display_name,
                    )
                )

    def _is_repointed(self, vals):
        """Whether ``vals`` name another account, journal, company or environment."""
        names = {"iban", "currency_id", "journal_id"} & vals.keys()
        before = self._convert_to_write({name: self[name] for name in names})
        integration = self.env["tbc.integration"].browse(
            vals.get("integration_id", self.integration_id.id)
        )
        return any(vals[name] != before[name] for name in names) or any(
            integration[name] != self.integration_id[name]
            for name in ("company_id", "environment")
        )

    # === HOOKS === #

    def _prepare_statement_line_vals(self, movement, vals):
        """Return the values of a movement's bank line; other modules may extend them.

        :param movement: a :class:`..tbc.Movement`
        :param dict vals: what the module itself writes
        """
        return vals

    def _match_partners(self, movements):
        """Return ``{movement id: partner id}``; see :func:`.partners.find_partner_ids`."""
        return find_partner_ids(
            self.company_id,
            {
                movement.movement_id: (
                    movement.counterparty.tax_code,
                    movement.counterparty.iban,
                )
                for movement in movements
            },
        )

    # === READING === #

    def sync(self):
        """Read these accounts from the bank, in the caller's transaction.

        An account that fails does not stop the others: the failure is told on its run
        and on the account. An account that another worker reads now is left to it.

        :return: the ``tbc.sync.run`` records, one per account read.
        """
        self._check_may_sync()
        return sync_accounts(self)

    def _check_may_sync(self):
        self.check_access("read")
        if self.env.su or self.integration_id.user_id == self.env.user:
            return
        if not self.env.user.has_group("account_tbc_bank.group_tbc_statements"):
            raise AccessError(
                self.env._("Only users of TBC Bank's statements may read accounts.")
            )

    @api.model
    def _cron_sync(self):
        """Read every account that is due, one commit a page."""
        read_due_accounts(self)

    # === SCHEDULED ACTIONS === #

    @api.model
    def _cron_match(self):
        """Match what is certain in every company."""
        match_by_cron(self.env)

    # === ACTION METHODS === #

    def action_sync(self):
        """Read now and tell the result; a long backlog goes to the background."""
        at_least_one(self)
        self._check_may_sync()
        sentence, kind = sync_now(self)
        return notice(self.env, sentence, kind=kind)

    def action_make_statements(self):
        """Make the wrong statements anew with the bank's figures, and say how it went."""
        only_one(self)
        self._check_may_sync()
        sentence, kind = make_anew(self)
        return notice(self.env, sentence, kind=kind)

    def action_create_journal(self):
        """Create a bank journal for each account that has none, and link it."""
        self.check_access("write")
        create_journals(self.sudo())

    def action_release_journal(self):
        """Let the journal take bank lines: no more hash on its posted entries.

        Odoo's own screen hides that setting on a bank journal.
        """
        self.check_access("write")
        self.journal_id.restrict_mode_hash_table = False

    def action_read_past(self):
        """Open the dialog that asks which days of these accounts to read."""
        self._check_may_sync()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_tbc_bank.tbc_backfill_start_action"
        )
        chosen = ("default_day_from", "default_day_to")
        context = {n: v for n, v in self.env.context.items() if n in chosen}
        action["context"] = {"default_account_ids": self.ids, **context}
        return action

    def action_book_opening(self):
        """Book what the books lack of the bank's opening balance, with a read."""
        self.check_access("write")
        self.book_opening = True
        return self.action_sync()

    def action_open_differences(self):
        """List where books and bank disagree, each with what mends it."""
        only_one(self)
        return self._open("account_tbc_bank.tbc_difference_action", "account_id")

    def action_open_backfills(self):
        """List the reads of this account's past."""
        only_one(self)
        return self._open("account_tbc_bank.tbc_backfill_action", "account_id")

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
