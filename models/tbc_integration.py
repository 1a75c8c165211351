from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.http import request

from ..services import connecting, discovery, identity, setting_up
from ..services.buttons import notice, only_one, our_action, reload_screen
from ..services.check.run import begin_and_open
from ..services.sealing import credential_vals
from ..services.statements.journal import offer_transfers
from .system_fields import SYSTEM, differs, drop_context_defaults, system_fields

ADMINISTRATOR = "account_tbc_bank.group_tbc_administrator"
# What moves an integration elsewhere.
MOVED = {"company_id", "environment"}


class TbcIntegration(models.Model):
    _name = "tbc.integration"
    _description = "TBC API Integration"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "company_id, name"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True, default="Odoo")
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    environment = fields.Selection(
        [("sandbox", "Sandbox"), ("production", "Production")],
        required=True,
        default="production",
        tracking=True,
        help="The sandbox is the bank's own test system: nothing in it is real.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Integration User",
        required=True,
        tracking=True,
        ondelete="restrict",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        default=lambda self: self.env.user,
        help="The one person who enters and sees the Client ID and Secret.",
    )
    can_read_statements = fields.Boolean(
        string="View Statements",
        default=True,
        tracking=True,
        help="The integration's permission at the bank to view transaction history and"
        " account statements.",
    )
    can_initiate_transfers = fields.Boolean(
        string="Initiate Transfers",
        tracking=True,
        help="The integration's permission at the bank to initiate transactions.",
    )
    state = fields.Selection(
        [("draft", "Not Connected"), ("connected", "Connected"), ("paused", "Paused")],
        "Status",
        required=True,
        default="draft",
        **SYSTEM,
        tracking=True,
    )
    pause_reason = fields.Text(**SYSTEM)
    not_before = fields.Datetime(
        string="Not Asked Before",
        **SYSTEM,
        help="The bank asked not to be called before this time.",
    )
    connection_report = fields.Text(string="Last Test", **SYSTEM)
    tested_at = fields.Datetime("Last Tested", **SYSTEM)
    account_ids = fields.One2many("tbc.account", "integration_id", string="Accounts")
    require_two_people = fields.Boolean(
        compute="_compute_require_two_people",
        inverse="_inverse_require_two_people",
        help="Whoever prepared a transfer above the amount may not initiate it.",
    )
    second_person_above = fields.Monetary(
        "Two People Above",
        currency_field="company_currency_id",
        tracking=True,
        help="Up to this amount, one person may do both. Payments in another currency"
        " count at the day's rate.",
    )
    signature_days = fields.Integer(
        string="Remind to Sign After",
        default=2,
        help="Days that a transfer may wait to be signed in TBC's internet bank before "
        "the integration user is reminded.",
    )
    overdue_days = fields.Integer(
        string="Tell of Overdue Transfers After",
        default=3,
        help="Days that a transfer may stand still, at the bank or without its "
        "transaction, before whoever prepared it is told.",
    )
    rate_days = fields.Integer(
        string="Tell of Exchange Rates Older Than",
        default=7,
        help="Days between a transaction in another currency and the exchange rate that"
        " it is booked with, before the account tells of it. 0: it never does.",
    )
    company_currency_id = fields.Many2one(related="company_id.currency_id")
    account_count = fields.Integer(compute="_compute_account_count")
    unknown_word_ids = fields.One2many(
        "tbc.unknown.word", "integration_id", "New Words of the Bank"
    )
    unknown_word_count = fields.Integer(
        "New Words", compute="_compute_unknown_word_count"
    )
    credential_ids = fields.One2many(
        "tbc.credential",
        "integration_id",
        "Client ID and Secret",
        groups=fields.NO_ACCESS,
    )
    has_credentials = fields.Boolean(
        string="Has Client ID and Secret", compute="_compute_has_credentials"
    )
    is_pair_refused = fields.Boolean(
        "Client ID or Secret Refused",
        **SYSTEM,
        tracking=True,
        help="The bank knows no such Client ID and Secret: others must be entered.",
    )
    is_set_up = fields.Boolean(compute="_compute_is_set_up")
    sync_progress = fields.Json("First Sync", compute="_compute_sync_progress")
    is_integration_user = fields.Boolean(compute="_compute_is_integration_user")
    may_configure = fields.Boolean(compute="_compute_is_integration_user")

    # === COMPUTE METHODS === #

    @api.depends("account_ids")
    def _compute_account_count(self):
        for integration in self:
            integration.account_count = len(integration.account_ids)

    @api.depends("unknown_word_ids")
    def _compute_unknown_word_count(self):
        for integration in self:
            integration.unknown_word_count = len(integration.unknown_word_ids)

    @api.depends("credential_ids")
    def _compute_has_credentials(self):
        for integration in self:
            integration.has_credentials = bool(integration.sudo().credential_ids)

    @api.depends("account_ids.journal_id")
    def _compute_is_set_up(self):
        """Whether any account has its journal."""
        for integration in self:
            integration.is_set_up = bool(integration.account_ids.journal_id)

    @api.depends("state", "account_ids.journal_id", "account_ids.last_sync_at")
    def _compute_sync_progress(self):
        for integration in self:
            integration.sync_progress = setting_up.progress(integration)

    @api.depends("second_person_above")
    def _compute_require_two_people(self):
        for integration in self:
            integration.require_two_people = integration.second_person_above > 0

    def _inverse_require_two_people(self):
        for integration in self:
            if not integration.require_two_people:
                integration.second_person_above = 0
            elif not integration.second_person_above:
                raise ValidationError(
                    self.env._("Enter the amount above which two people are required.")
                )

    @api.depends("user_id")
    @api.depends_context("uid")
    def _compute_is_integration_user(self):
        administrator = self.env.user.has_group(ADMINISTRATOR)
        for integration in self:
            integration.is_integration_user = integration.user_id == self.env.user
            integration.may_configure = administrator or integration.is_integration_user

    # === CONSTRAINT METHODS === #

    @api.constrains("user_id", "company_id")
    def _check_user_id(self):
        for integration in self:
            user_sudo = integration.user_id.sudo()
            if not user_sudo.active or not user_sudo._is_internal():
                raise ValidationError(
                    self.env._(
                        "%(user)s can't be the integration user: choose an active"
                        " internal user.",
                        user=user_sudo.name,
                    )
                )
            if integration.company_id not in user_sudo.company_ids:
                raise ValidationError(
                    self.env._(
                        "%(user)s can't be the integration user: the user has no access"
                        " to %(company)s.",
                        user=user_sudo.name,
                        company=integration.company_id.name,
                    )
                )

    @api.constrains("overdue_days", "rate_days", "signature_days")
    def _check_days(self):
        for integration in self:
            for name in ("overdue_days", "rate_days", "signature_days"):
                if not 0 <= integration[name] <= connecting.LONGEST_SETTING_DAYS:
                    raise ValidationError(
                        self.env._(
                            "%(setting)s: choose 0 to %(most)s days.",
                            setting=self._fields[name]._description_string(self.env),
                            most=connecting.LONGEST_SETTING_DAYS,
                        )
                    )

    # === LOW-LEVEL METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Tell the integration user, who may have no menu to get here."""
        for vals in vals_list:
            self._check_may_write(vals)
        clean = drop_context_defaults(self)
        integrations = super(TbcIntegration, clean).create(vals_list)
        integrations = integrations.with_env(self.env)
        # The integration user has a menu of its own: see ir.ui.menu.
        self.env.registry.clear_cache()
        others = integrations.filtered(lambda one: one.user_id != self.env.user)
        for integration_sudo in others.sudo():
            connecting.call_for_credentials(integration_sudo)
        return integrations

    def write(self, vals):
        """Credentials belong to one person and one environment: a change erases them."""
        self._check_may_write(vals)
        changed = self.filtered(lambda one: differs(one, vals, {"user_id", *MOVED}))
        changed._check_may_move(vals)
        result = super().write(vals)
        if vals.get("can_initiate_transfers"):
            offer_transfers(self.account_ids)
        if "user_id" in vals:
            self.env.registry.clear_cache()
            connecting.hand_over_calls(changed.sudo())
        changed._erase_credentials_given_away()
        return result

    def _check_may_write(self, vals):
        """The outcome of a test or a read is not written by anybody's RPC."""
        if not self.env.su and system_fields(self) & vals.keys():
            raise AccessError(
                self.env._("Use the buttons: they ask the bank and tell what it says.")
            )

    def _check_may_move(self, vals):
        """What was read or paid through it stays with its company and environment."""
        for integration in self.filtered(lambda one: differs(one, vals, MOVED)):
            if connecting.has_read(integration.sudo()):
                raise UserError(
                    self.env._(
                        "%(name)s has synced accounts or made transfers already, so it "
                        "stays with its company and environment. Make another "
                        "integration instead.",
                        name=integration.name,
                    )
                )

    # === CREDENTIALS === #

    def _erase_credentials_given_away(self):
        for integration_sudo in self.sudo().filtered("has_credentials"):
            connecting.erase_credentials(
                integration_sudo,
                self.env._(
                    "The Client ID and Secret were erased, because the integration was"
                    " given to %(user)s or moved. %(user)s must enter them.",
                    user=integration_sudo.user_id.name,
                ),
            )

    @api.private
    def set_credentials(self, client_id, client_secret):
        """Keep the client id and secret, sealed; only the integration user may.

        Not over RPC: Odoo writes the arguments of such a call into its log.
        """
        self.ensure_one()
        connecting.check_is_integration_user(self)
        self._check_in_person()
        vals, fault = credential_vals(self.sudo(), client_id, client_secret)
        # What follows is code of others too, and an error is kept with this frame.
        del client_id, client_secret
        if fault:
            raise UserError(fault)
        connecting.keep_credentials(self.sudo(), vals)

    def _check_in_person(self):
        """On a screen, the password was given just before the two values."""
        if request and not identity.is_granted(self.env.user, identity.enters(self)):
            raise AccessError(
                self.env._(
                    "The Client ID and Secret are entered by the integration user in"
                    " person, after the password: press Enter Client ID and Secret."
                )
            )

    @identity.confirms_identity(always=True)
    def action_enter_credentials(self):
        """Open the dialog with the two password boxes, after the password."""
        only_one(self)
        connecting.check_is_integration_user(self)
        identity.grant(self.env.user, identity.enters(self))
        return {
            "type": "ir.actions.client",
            "tag": "tbc_enter_credentials",
            "name": self.env._("Client ID and Secret"),
            "target": "new",
            "params": {"integration_id": self.id},
        }

    def action_keep_credentials(self):
        """Keep what the dialog's boxes hold, if the bank knows it; return what to do
        next, or ``{"fault": sentence}``: nothing is kept then, and the boxes stay.

        The two values come in the context: Odoo writes the arguments of a call into
        its log, and not the context, in which its own dialog sends the password. That
        password is for one pair that is kept, however often it was mistyped before.
        """
        only_one(self)
        context = self.env.context
        bare = self.with_context(tbc_client_id=None, tbc_client_secret=None)
        with self.env.cr.savepoint() as savepoint:
            bare.set_credentials(
                context.get("tbc_client_id"), context.get("tbc_client_secret")
            )
            fault, told = discovery.try_entered(bare.sudo())
            if fault:
                savepoint.rollback()
                return {"fault": fault}
        identity.revoke(identity.enters(self))
        return bare._next_step(told)

    def _next_step(self, told):
        """After a test: the accounts, if they can be found and none is set up."""
        can_find = self.state == "connected" and self.can_read_statements
        if not can_find or self.is_set_up:
            return told
        is_fine = told["params"]["type"] == "success"
        return self._set_up(None if is_fine else told["params"]["message"])

    @identity.confirms_identity(always=True)
    def action_reveal_credentials(self):
        """Show both values to the integration user, who gives the password each time."""
        only_one(self)
        connecting.check_is_integration_user(self)
        reveal = self.env["tbc.credential.reveal"].create({"integration_id": self.id})
        identity.grant(self.env.user, identity.reveals(reveal))
        name = self.env._("Client ID and Secret")
        return reveal._get_records_action(name=name, target="new", context={})

    # === ACTION METHODS === #

    def _check_may_configure(self):
        if not self.env.su and not self.may_configure:
            raise AccessError(
                self.env._(
                    "Only the integration user and TBC Bank administrators may do this."
                )
            )

    def action_pause(self):
        """Pause by hand: the scheduled reads leave this integration out."""
        for integration in self:
            integration._check_may_configure()
            reason = self.env._(
                "Paused by %(user)s. Press Test Connection to go on.",
                user=self.env.user.name,
            )
            connecting.pause(integration.sudo(), reason)

    def action_test_connection(self):
        """Ask the bank for a token of each scope and for the accounts it shows."""
        only_one(self)
        self._check_may_configure()
        return discovery.try_connection(self.sudo())

    def action_discover_accounts(self):
        """Find the accounts in the bank's movements, and list them to be linked."""
        only_one(self)
        self._check_may_configure()
        pairs, fault = discovery.discover_accounts(self.sudo())
        if fault:
            return self._tell(fault)
        action = self.action_open_accounts()
        if sentences := discovery.missing_rate_sentences(self.sudo(), pairs):
            sentence = "\n".join(sentences)
            return notice(self.env, sentence, kind="warning", after=action)
        return action

    def _tell(self, fault):
        """Say what went wrong, unless the form says it as the reason of a pause."""
        if self.state == "paused":
            return reload_screen()
        return notice(self.env, fault, kind="danger")

    @api.model
    def action_connect(self):
        """Go on with the company's integration that is not set up yet, or begin one."""
        self.check_access("create")
        mine = self.search([("company_id", "=", self.env.company.id)])
        begun = mine.filtered(lambda one: not one.is_set_up)[:1]
        return begun._get_records_action(
            name=self.env._("Connect TBC"),
            views=[(False, "form")],
            context={"default_company_id": self.env.company.id},
        )

    def action_hand_over(self):
        """Say that the integration user was called, who goes on from here."""
        only_one(self)
        sentence = self.env._(
            "%(user)s was asked to enter the Client ID and Secret, and goes on from"
            " there.",
            user=self.user_id.name,
        )
        return notice(self.env, sentence)

    def action_remind(self):
        """Call the integration user again, whose activity may be gone or forgotten."""
        only_one(self)
        self._check_may_configure()
        connecting.call_for_credentials(self.sudo())
        return self.action_hand_over()

    def action_set_up(self):
        """Find the accounts, and show what will be made of them before it is made."""
        only_one(self)
        self._check_may_configure()
        return self._set_up()

    def _set_up(self, trouble=None):
        pairs, fault = discovery.discover_accounts(self.sudo())
        if fault:
            return self._tell(fault)
        dialog_sudo = self.env["tbc.setup"].sudo()
        dialog_sudo = dialog_sudo.create(
            setting_up.prepare_dialog_vals(self.sudo(), pairs, trouble)
        )
        return dialog_sudo.sudo(False)._get_records_action(
            name=self.env._("Accounts at TBC"), target="new", context={}
        )

    def action_sync(self):
        """Sync all accounts of this integration that have a journal."""
        only_one(self)
        return self.account_ids.filtered("journal_id").action_sync()

    def action_check_answers(self):
        """Check the bank's answers against what this module assumes of them."""
        only_one(self)
        self._check_may_configure()
        return begin_and_open(self)

    def action_open_accounts(self):
        """List this integration's accounts."""
        only_one(self)
        context = {"default_integration_id": self.id}
        return self._open("tbc_account_action", context=context)

    def action_open_unknown_words(self):
        """List the words of the bank's that have no meaning yet."""
        only_one(self)
        return self._open("tbc_unknown_word_action")

    def _open(self, name, **values):
        """List the records of another model that belong to this integration."""
        domain = [("integration_id", "=", self.id)]
        return our_action(self.env, name, domain=domain, **values)
