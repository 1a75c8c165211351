from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import format_date

from ..services.amounts import EXACT, is_nil
from ..services.buttons import at_least_one, notice, only_one, our_action, titled
from ..services.clock import EARLIEST, LATEST
from ..services.kept_days import forget_kept
from ..services.ledger import books_balance, first_open_day
from ..services.matching.run import match_by_cron
from ..services.matching.screen import to_match_counts
from ..services.partners import counterparty_of, find_partner_ids
from ..services.proof.bank_statements import make_anew
from ..services.rates import missing_rate_sentence, old_rate_sentence, rate_sentence
from ..services.rounds import read_beside, read_due_accounts
from ..services.statements import adoption, backfill, health, journal, opening
from ..services.statements.chart import LISTS, chart, day_domain
from ..services.statements.coverage import UNFINISHED_BACKFILL
from ..services.sync import sync_accounts, sync_now
from ..services.transfers.initiate import review
from ..services.transfers.remind import to_initiate
from ..services.transfers.waiting import ask_waiting, to_initiate_sentence
from ..tbc import clean_iban, has_iban_shape
from .system_fields import SYSTEM, cleared_to_create, differs, forbid_user_write


class TbcAccount(models.Model):
    """One currency of an IBAN, seen through an integration: an account by itself."""

    _name = "tbc.account"
    # What the activity menu opens: the cards fit a phone, too.
    _systray_view = "kanban"
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
    name = fields.Char("Account Holder")
    iban = fields.Char("IBAN", required=True)
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
        "Import From",
        required=True,
        tracking=True,
        default=lambda self: first_open_day(self.env.company),
        help="The first day wanted in the books.",
    )
    synced_until = fields.Date(
        **SYSTEM,
        help="The last day that is over and was synced completely.",
    )
    listed_until = fields.Date(
        **SYSTEM,
        help="The last day that is over and was synced, while the bank's list of some"
        " day before it contradicts itself.",
    )
    longest_list = fields.Integer(
        "Days Asked at Once",
        **SYSTEM,
        help="So many days of transactions the bank lists at once; 0: it refused none"
        " yet.",
    )
    longest_sums = fields.Integer(
        **SYSTEM, help="So many days the bank sums up at once; 0: it refused none yet."
    )
    longest_found_on = fields.Date(**SYSTEM)
    last_sync_at = fields.Datetime("Last synced", **SYSTEM)
    reading_at = fields.Datetime(
        string="Syncing At",
        **SYSTEM,
        help="When the sync that goes on now last stored a page.",
    )
    queued_at = fields.Datetime(
        string="Waiting Since",
        **SYSTEM,
        help="Since when the account waits for its turn to be synced.",
    )
    bookmark = fields.Json(
        **SYSTEM,
        prefetch=False,
        groups=fields.NO_ACCESS,
        help="What was synced by a sync that goes on later.",
    )
    last_error = fields.Text(**SYSTEM)
    failure_count = fields.Integer("Failures in a Row", **SYSTEM)
    refusal = fields.Text(
        "Refused by the Bank",
        **SYSTEM,
        help="Why the bank refuses this account, while it answers for others.",
    )
    refused_at = fields.Datetime(**SYSTEM)
    bank_balance = fields.Float("Balance at the Bank", digits=EXACT, **SYSTEM)
    bank_balance_day = fields.Date(**SYSTEM)
    bank_opening_balance = fields.Float(
        "Opening Balance at the Bank",
        digits=EXACT,
        **SYSTEM,
        help="The bank's balance when the first day wanted began.",
    )
    bank_opening_day = fields.Date(
        **SYSTEM, help="The day that began with that balance."
    )
    books_balance = fields.Monetary(
        "Balance in the Books", compute="_compute_books_balance"
    )
    difference = fields.Float(
        digits=EXACT, compute="_compute_books_balance", help="Books minus bank."
    )
    book_opening = fields.Boolean(
        "Book the Opening Balance",
        copy=False,
        help="Enter what the books lack of the bank's opening balance, as a line of the"
        " day before the first day wanted.",
    )
    opening_line_id = fields.Many2one(
        "account.bank.statement.line", **SYSTEM, ondelete="set null"
    )
    fee_account_id = fields.Many2one(
        "account.account",
        "Bank Fees Account",
        check_company=True,
        copy=False,
        tracking=True,
        help="Where the bank's fees are booked. Empty: they are left to match.",
    )
    statement_period = fields.Selection(
        [("none", "None"), ("daily", "Daily"), ("monthly", "Monthly")],
        string="Bank Statements",
        required=True,
        default="none",
        copy=False,
        help="Make a statement of each day or month that is over and does not differ "
        "from the bank.",
    )
    locked_policy = fields.Selection(
        [("hold", "Hold"), ("first_open_day", "Book on the first open day")],
        string="Transactions in Locked Periods",
        required=True,
        default="hold",
        copy=False,
        help="What becomes of a transaction whose day is locked in the books.",
    )
    difference_ids = fields.One2many("tbc.difference", "account_id", "Differing Days")
    difference_count = fields.Integer(compute="_compute_difference_count")
    proved_day = fields.Date(
        string="Last Day Compared",
        **SYSTEM,
        help="The day whose opening balance was last compared by itself; each sync"
        " takes the next one.",
    )
    relisted_from = fields.Date(
        **SYSTEM,
        help="The older days are listed again, a month a day and the newest first; this"
        " is the first one of those that were.",
    )
    relisted_on = fields.Date(**SYSTEM, help="The last day on which that was done.")
    days_kept_until = fields.Date(
        **SYSTEM, help="What the older days add up to is kept until this one."
    )
    days_kept_at = fields.Datetime(**SYSTEM)
    looked_through_on = fields.Date(
        **SYSTEM, help="When all days were last compared with the books."
    )
    statement_look = fields.Json(
        **SYSTEM,
        groups=fields.NO_ACCESS,
        help="What the next sync must know to look for statements that are wrong.",
    )
    month_ids = fields.One2many("tbc.month", "account_id", "Months")
    backfill_ids = fields.One2many("tbc.backfill", "account_id", "Import History")
    backfill_progress = fields.Json(
        "Import Progress", compute="_compute_backfill_progress"
    )
    calendar = fields.Json("Days Synced", compute="_compute_calendar")
    opening_missing = fields.Boolean(compute="_compute_opening_missing")
    held_ids = fields.One2many("tbc.held.movement", "account_id", "On Hold")
    held_count = fields.Integer(
        string="Transactions on Hold", compute="_compute_held_count"
    )
    line_count = fields.Integer(
        string="Transaction Count", compute="_compute_line_count"
    )
    transfer_count = fields.Integer(compute="_compute_transfer_count")
    to_match_count = fields.Integer("To Match", compute="_compute_to_match_count")
    to_initiate = fields.Char(compute="_compute_to_initiate")
    run_ids = fields.One2many("tbc.sync.run", "account_id", "Sync History")
    health = fields.Selection(
        [
            ("unlinked", "No journal"),
            ("never", "Not synced yet"),
            ("reading", "Syncing"),
            ("ok", "In order"),
            ("difference", "Differs"),
            ("held", "On hold"),
            ("late", "Late"),
            ("failed", "Failed"),
            ("paused", "Not connected"),
        ],
        compute="_compute_health",
    )
    health_message = fields.Text("What to Do", compute="_compute_health")
    is_journal_secured = fields.Boolean(related="journal_id.restrict_mode_hash_table")
    advice = fields.Text(
        "What to Set Right",
        compute="_compute_advice",
        help="What is to be set right in Odoo, however the last sync went.",
    )
    exchange_rate = fields.Char(compute="_compute_exchange_rate")

    _iban_currency_uniq = models.Constraint(
        "unique(company_id, iban, currency_id)",
        "This company has this IBAN in this currency already, perhaps archived.",
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
            bank = account.bank_balance if account.bank_balance_day else books
            account.books_balance, account.difference = books, books - bank

    @api.depends("book_opening", "bank_opening_balance", "bank_opening_day")
    def _compute_opening_missing(self):
        """Whether the opening balance could be booked, and nobody has asked for it."""
        for account in self:
            account.opening_missing = (
                not account.book_opening
                and not account.opening_line_id
                and not is_nil(opening.opening_gap(account))
            )

    @api.depends("held_ids")
    def _compute_held_count(self):
        self._count("held_count", "tbc.held.movement", "account_id")

    def _compute_line_count(self):
        self._count("line_count", "account.bank.statement.line", "tbc_account_id")

    def _compute_transfer_count(self):
        self._count("transfer_count", "tbc.transfer", "account_id")

    @api.depends("journal_id")
    def _compute_to_match_count(self):
        """Count the transactions to match, as the journal's card does."""
        counts = to_match_counts(self.journal_id.sudo())
        for account in self:
            account.to_match_count = counts.get(account.journal_id, 0)

    @api.depends_context("uid")
    def _compute_to_initiate(self):
        for account in self:
            account.to_initiate = to_initiate_sentence(account)

    def _count(self, field_name, model, account_field):
        """Fill in how many records of another model each account has."""
        domain = [(account_field, "in", self.ids)]
        records_sudo = self.env[model].sudo()
        groups = records_sudo._read_group(domain, [account_field], ["__count"])
        counts = {account.id: count for account, count in groups}
        for account in self:
            account[field_name] = counts.get(account.id, 0)

    @api.depends("currency_id", "integration_id", "journal_id")
    def _compute_advice(self):
        for account in self:
            sentences = (
                journal.secured_journal_sentence(account),
                missing_rate_sentence(account),
                old_rate_sentence(account),
            )
            account.advice = " ".join(filter(None, sentences))

    @api.depends("currency_id", "company_id")
    def _compute_exchange_rate(self):
        for account in self:
            account.exchange_rate = rate_sentence(account)

    @api.depends(
        "journal_id",
        "integration_id.state",
        "integration_id.pause_reason",
        "integration_id.can_read_statements",
        "integration_id.can_initiate_transfers",
        "journal_id.active",
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
            account.health, message = health.health(account)
            account.health_message = " ".join(filter(None, (message, account.advice)))

    @api.depends("difference_ids")
    def _compute_difference_count(self):
        for account in self:
            account.difference_count = len(account.difference_ids)

    @api.depends("backfill_ids.state", "backfill_ids.done_from")
    def _compute_backfill_progress(self):
        """What the form shows of the newest back-fill while that is not over."""
        for account in self:
            newest = account.backfill_ids.sorted("id")[-1:]
            is_shown = newest.state in (*UNFINISHED_BACKFILL, "failed")
            account.backfill_progress = is_shown and backfill.shown_progress(newest)

    def _compute_calendar(self):
        """One letter per day and month, newest month first."""
        for account in self:
            account.calendar = chart(account) if account.id else False

    # === CONSTRAINT METHODS === #

    @api.constrains("iban")
    def _check_iban(self):
        for account in self.filtered(lambda a: not has_iban_shape(a.iban)):
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
                sentence = self.env._(
                    "%(day)s can't be the first day wanted: choose one from %(first)s to"
                    " %(last)s.",
                    day=format_date(self.env, account.sync_from),
                    first=format_date(self.env, EARLIEST),
                    last=format_date(self.env, LATEST),
                )
                raise ValidationError(sentence)

    @api.constrains("journal_id", "currency_id", "integration_id")
    def _check_journal_id(self):
        for account in self.filtered("journal_id"):
            misfit = journal.misfit_sentence(account)
            if fault := misfit or journal.secured_journal_sentence(account):
                raise ValidationError(fault)

    @api.constrains("journal_id", "sync_from")
    def _check_not_booked_elsewhere(self):
        """The same movements in two journals would count twice in the ledger."""
        for account in self.filtered("journal_id"):
            if fault := adoption.booked_elsewhere_sentence(account, account.sync_from):
                raise ValidationError(fault)

    # === LOW-LEVEL METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        clean = cleared_to_create(self, vals_list)
        for vals in vals_list:
            vals["iban"] = clean_iban(vals.get("iban")) or ""
            if "sync_from" not in vals and vals.get("integration_id"):
                integration = self.env["tbc.integration"].browse(vals["integration_id"])
                vals["sync_from"] = first_open_day(integration.company_id)
        accounts = super(TbcAccount, clean).create(vals_list).with_env(self.env)
        journal.mark_journals(accounts.filtered("journal_id"))
        return accounts

    def write(self, vals):
        """A new first day begins the read again; what is booked stays booked once."""
        forbid_user_write(self, vals)
        if "iban" in vals:
            vals = {**vals, "iban": clean_iban(vals["iban"]) or ""}
        if {"iban", "currency_id", "integration_id", "journal_id"} & vals.keys():
            self._check_may_repoint(vals)
        if vals.get("sync_from"):
            first_day = fields.Date.to_date(vals["sync_from"])
            for account in self.filtered(lambda a: a.sync_from != first_day):
                opening.restart_from(account, first_day)
        result = super().write(vals)
        if {"currency_id", "journal_id"} & vals.keys():
            forget_kept(self)
        if vals.get("journal_id"):
            journal.mark_journals(self)
        return result

    def _check_may_repoint(self, vals):
        """Once there are lines or transfers, the account and its journal stay these."""
        self.invalidate_recordset(["line_count", "transfer_count"])
        for account in self.filtered(lambda a: a.line_count or a.transfer_count):
            if account._is_repointed(vals):
                sentence = self.env._(
                    "%(account)s has booked transactions or transfers already, so its "
                    "IBAN, currency, journal, company and environment stay as they are.",
                    account=account.display_name,
                )
                raise UserError(sentence)

    def _is_repointed(self, vals):
        integration_id = vals.get("integration_id", self.integration_id.id)
        integration = self.env["tbc.integration"].browse(integration_id)
        return differs(self, vals, ("iban", "currency_id", "journal_id")) or any(
            integration[name] != self.integration_id[name]
            for name in ("company_id", "environment")
        )

    # === HOOKS === #

    def _prepare_statement_line_vals(self, movement, vals):
        """Return the values of a movement's bank line; other modules may extend them."""
        return vals

    def _match_partners(self, movements):
        """Return ``{movement id: partner id}``; see :func:`.partners.find_partner_ids`."""
        return find_partner_ids(
            self.company_id,
            {m.movement_id: counterparty_of(m) for m in movements},
        )

    # === READING === #

    def sync(self):
        """Read these accounts from the bank, in the caller's transaction.

        A failure is told on the account and its run, and does not stop the others.

        :return: the ``tbc.sync.run`` records, one per account read
        """
        self._check_may_sync()
        return sync_accounts(self)

    def _check_may_sync(self):
        self.check_access("read")
        if self.env.su or self.integration_id.user_id == self.env.user:
            return
        if not self.env.user.has_group("account_tbc_bank.group_tbc_statements"):
            raise AccessError(
                self.env._("Only users of TBC Bank's statements may sync accounts.")
            )

    @api.model
    def _cron_sync(self):
        read_due_accounts(self)

    @api.model
    def _cron_sync_beside(self):
        read_beside(self)

    @api.model
    def _cron_match(self):
        match_by_cron(self.env)

    # === ACTION METHODS === #

    def action_sync(self):
        """Read now and tell the result; a long backlog goes to the background."""
        at_least_one(self)
        self._check_may_sync()
        sentence, kind = sync_now(self)
        ask_waiting(self)
        return notice(self.env, sentence, kind=kind)

    def action_make_statements(self):
        """Make the wrong statements anew, with the bank's figures."""
        only_one(self)
        self._check_may_sync()
        sentence, kind = make_anew(self)
        return notice(self.env, sentence, kind=kind)

    def action_create_journal(self):
        self.check_access("write")
        journal.create_journals(self.sudo())

    def action_release_journal(self):
        """Let the journal take bank lines: no more hash on its posted entries.

        Odoo's own screen hides that setting on a bank journal.
        """
        self.check_access("write")
        self.journal_id.restrict_mode_hash_table = False

    def action_read_past(self):
        self._check_may_sync()
        chosen = ("default_day_from", "default_day_to")
        context = {n: v for n, v in self.env.context.items() if n in chosen}
        context |= {"default_account_ids": self.ids}
        return our_action(self.env, "tbc_backfill_start_action", context=context)

    def open_day(self, day, kind):
        """List what the chart counts of a day: ``booked``, ``held`` or ``differing``."""
        only_one(self)
        name = format_date(self.env, fields.Date.to_date(day))
        domain = list(day_domain(self, day, kind))
        action = our_action(self.env, LISTS[kind], domain=domain, context={})
        return titled(action, f"{self.display_name}, {name}")

    def action_book_opening(self):
        """Book what the books lack of the bank's opening balance, with a read."""
        self.check_access("write")
        self.book_opening = True
        return self.action_sync()

    def action_open_differences(self):
        return self._open("tbc_difference_action")

    def action_open_backfills(self):
        return self._open("tbc_backfill_action")

    def action_open_lines(self):
        return self._open("account_bank_statement_line_action", "tbc_account_id")

    def action_tbc_to_match(self):
        """List what is left to match of this account's journal."""
        return self.journal_id.action_tbc_to_match()

    def action_open_held(self):
        return self._open("tbc_held_movement_action")

    def action_open_runs(self):
        return self._open("tbc_sync_run_action")

    def action_initiate(self):
        """Open the dialog of all that waits to be initiated from these accounts.

        An account shows no state of a transfer, so the transfers follow in the end.
        """
        return review(to_initiate(self.with_context(tbc_shows_transfers=True)))

    def action_open_transfers(self):
        return self._open("tbc_transfer_action")

    def _open(self, action_name, field_name="account_id"):
        """List the records of another model that belong to this account."""
        only_one(self)
        # A filter in sight, and not in the domain.
        context = {f"search_default_{field_name}": self.id}
        return our_action(self.env, action_name, context=context)
