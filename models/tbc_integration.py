import hashlib
from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.addons.base.models.res_users import check_identity
from odoo.exceptions import AccessError, UserError, ValidationError

from .. import messages
from ..tbc import (
    PRODUCTION_URL,
    SANDBOX_URL,
    SCOPE_ACCOUNTS,
    SCOPE_TRANSFERS,
    TbcAuthRefused,
    TbcBusy,
    TbcClient,
    TbcError,
    TokenCache,
)
from .server_option import server_option
from .tbc_credential import open_credential

# How far back the bank is asked for movements when accounts are looked for.
DISCOVER_DAYS = 92
DEFAULT_TIMEOUT = 30
ATTENTION = "account_tbc_bank.mail_activity_type_attention"
ADMINISTRATOR = "account_tbc_bank.group_tbc_administrator"

# Tokens live in this process and nowhere else.
TOKENS = TokenCache()


class TbcIntegration(models.Model):
    _name = "tbc.integration"
    _description = "TBC API Integration"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "company_id, name"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
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
        help="The one person who enters and sees the client ID and secret.",
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
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        tracking=True,
    )
    pause_reason = fields.Text(readonly=True, copy=False)
    not_before = fields.Datetime(
        string="Not Asked Before",
        readonly=True,
        copy=False,
        help="The bank asked not to be called before this time.",
    )
    connection_report = fields.Text(string="Last Test", readonly=True, copy=False)
    account_ids = fields.One2many("tbc.account", "integration_id", string="Accounts")
    account_count = fields.Integer(compute="_compute_account_count")
    credential_ids = fields.One2many(
        "tbc.credential", "integration_id", groups=fields.NO_ACCESS
    )
    has_credentials = fields.Boolean(compute="_compute_has_credentials")
    is_integration_user = fields.Boolean(compute="_compute_is_integration_user")
    may_configure = fields.Boolean(compute="_compute_is_integration_user")

    # === COMPUTE METHODS === #

    @api.depends("account_ids")
    def _compute_account_count(self):
        for integration in self:
            integration.account_count = len(integration.account_ids)

    @api.depends("credential_ids")
    def _compute_has_credentials(self):
        for integration in self:
            integration.has_credentials = bool(integration.sudo().credential_ids)

    @api.depends("user_id")
    @api.depends_context("uid")
    def _compute_is_integration_user(self):
        administrator = self.env.user.has_group(ADMINISTRATOR)
        for integration in self:
            integration.is_integration_user = integration.user_id == self.env.user
            integration.may_configure = (
                administrator or integration.is_integration_user
            )

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

    # === LOW-LEVEL METHODS === #

    def write(self, vals):
        """Credentials belong to one person and one environment: a change erases them."""
        changed = self.filtered(lambda integration: integration._differs(vals))
        for integration in changed & self.filtered("account_ids.synced_until"):
            if integration._differs(vals, ("environment", "company_id")):
                raise UserError(
                    self.env._(
                        "%(name)s has read statements already, so it stays with its"
                        " company and environment. Make another integration instead.",
                        name=integration.name,
                    )
                )
        result = super().write(vals)
        for integration in changed.sudo().filtered("has_credentials"):
            integration.credential_ids.unlink()
            integration._pause(
                self.env._(
                    "The client ID and secret were erased, because the integration was"
                    " given to %(user)s or moved. %(user)s must enter them.",
                    user=integration.user_id.name,
                )
            )
        return result

    def _differs(self, vals, names=("user_id", "environment", "company_id")):
        self.ensure_one()
        return any(
            name in vals
            and vals[name] != self._fields[name].convert_to_write(self[name], self)
            for name in names
        )

    # === CREDENTIALS === #

    def set_credentials(self, client_id, client_secret):
        """Keep the client id and secret, sealed; only the integration user may.

        :raise AccessError: somebody else asks. :raise UserError: one is empty.
        """
        self.ensure_one()
        self._check_is_integration_user()
        client_id, client_secret = (
            (client_id or "").strip(),
            (client_secret or "").strip(),
        )
        if not client_id or not client_secret:
            raise UserError(self.env._("Enter both the client ID and the secret."))
        try:
            TbcClient(self._base_url(), client_id, client_secret).close()
        except ValueError as error:
            raise UserError(
                self.env._(
                    "This can't be a client ID and secret: copy both again from Business"
                    " Internet Banking, without spaces or line breaks."
                )
            ) from error
        credential_sudo = self.sudo().credential_ids
        if not credential_sudo:
            credential_sudo = credential_sudo.create({"integration_id": self.id})
        credential_sudo._seal(client_id, client_secret)
        integration_sudo = self.sudo()
        integration_sudo.write({"state": "draft", "pause_reason": False})
        integration_sudo.activity_unlink([ATTENTION])
        integration_sudo.message_post(
            body=self.env._("New client ID and secret entered. Test the connection.")
        )

    def action_enter_credentials(self):
        """Open the dialog with the two password boxes."""
        self.ensure_one()
        self._check_is_integration_user()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Client ID and Secret"),
            "res_model": "tbc.credential.entry",
            "view_mode": "form",
            "target": "new",
            "context": {"default_integration_id": self.id},
        }

    @check_identity
    def action_reveal_credentials(self):
        """Show both values to the integration user, after Odoo's identity check."""
        self.ensure_one()
        self._check_is_integration_user()
        reveal = self.env["tbc.credential.reveal"].create({"integration_id": self.id})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Client ID and Secret"),
            "res_model": reveal._name,
            "res_id": reveal.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
        }

    def _check_is_integration_user(self):
        if self.env.uid != self.user_id.id:
            raise AccessError(
                self.env._(
                    "Only %(user)s, the integration user, may do this.",
                    user=self.user_id.name,
                )
            )

    # === CLIENT === #

    def _client(self):
        """Return the bank's client for this integration, to be used with ``with``.

        :raise UserError: the integration may not call the bank now, and why.
        """
        self.ensure_one()
        self._check_may_call()
        credential_sudo = self.sudo().credential_ids
        client_id, client_secret = open_credential(credential_sudo)
        # The sealed text changes with every entry, so a token never outlives the
        # credentials that it was granted for, in whichever process it is kept.
        sealed = credential_sudo.client_id_sealed + credential_sudo.client_secret_sealed
        key = (self.env.cr.dbname, self.id, hashlib.sha256(sealed.encode()).hexdigest())
        try:
            return TbcClient(
                self._base_url(),
                client_id,
                client_secret,
                timeout=float(server_option("tbc_bis_timeout") or DEFAULT_TIMEOUT),
                tokens=TOKENS,
                token_key=key,
            )
        except ValueError as error:
            raise UserError(
                self.env._(
                    "The server's option tbc_bis_sandbox_url or tbc_bis_timeout can't be"
                    " used: %(reason)s.",
                    reason=error,
                )
            ) from error

    def _base_url(self):
        if self.environment == "production":
            return PRODUCTION_URL
        return server_option("tbc_bis_sandbox_url") or SANDBOX_URL

    def _check_may_call(self):
        """Raise a sentence unless user, credentials and database allow a call."""
        self.ensure_one()
        user_sudo = self.user_id.sudo()
        if not user_sudo.active or not user_sudo._is_internal():
            raise UserError(
                self.env._(
                    "%(user)s, the integration user of %(name)s, is not an active"
                    " internal user any more. Name another integration user.",
                    user=user_sudo.name,
                    name=self.name,
                )
            )
        if self.environment == "production" and self._is_neutralized():
            raise UserError(
                self.env._(
                    "This database is a neutralised copy, which never calls the bank."
                )
            )
        if not self.has_credentials:
            raise UserError(
                self.env._(
                    "%(name)s has no client ID and secret. %(user)s, the integration"
                    " user, must enter them.",
                    name=self.name,
                    user=user_sudo.name,
                )
            )

    def _is_neutralized(self):
        parameters_sudo = self.env["ir.config_parameter"].sudo()
        return bool(parameters_sudo.get_param("database.is_neutralized"))

    # === PAUSE === #

    def action_pause(self):
        """Pause by hand: the scheduled reads leave this integration out."""
        for integration in self:
            integration._check_may_configure()
            integration.sudo()._pause(
                self.env._("Paused by %(user)s.", user=self.env.user.name)
            )

    def _pause(self, reason):
        """Pause with a sentence, and leave an activity for the integration user."""
        self.ensure_one()
        self.write({"state": "paused", "pause_reason": reason})
        self.message_post(body=reason)
        if self.user_id.active:
            self.activity_schedule(
                ATTENTION,
                user_id=self.user_id.id,
                summary=self.env._("TBC Bank: the integration is paused"),
                note=reason,
            )

    def _record_refusal(self, error):
        """Take what the bank says of the integration as a whole (sudo)."""
        self.ensure_one()
        if isinstance(error, TbcAuthRefused) and self.state != "paused":
            self._pause(messages.user_message(self._for_user().env, error))
        if isinstance(error, TbcBusy) and error.after:
            self.not_before = fields.Datetime.now() + timedelta(seconds=error.after)

    def _for_user(self):
        """This integration in its user's language."""
        return self.with_context(lang=self.user_id.lang)

    # === TEST AND DISCOVERY === #

    def _check_may_configure(self):
        if not self.env.su and not self.may_configure:
            raise AccessError(
                self.env._(
                    "Only the integration user and TBC Bank administrators may do this."
                )
            )

    def action_test_connection(self):
        """Ask the bank for a token of each scope and for the accounts it shows.

        The result stands in words on the integration and in the notice. A success
        connects the integration; a refusal by the bank pauses it.
        """
        self.ensure_one()
        self._check_may_configure()
        integration_sudo = self.sudo()
        report = []
        with integration_sudo._client() as client:
            granted, errors = integration_sudo._test_scopes(client, report)
            if SCOPE_ACCOUNTS in granted:
                try:
                    pairs = integration_sudo._seen_accounts(client)
                except TbcError as error:
                    errors.insert(0, error)
                    granted.discard(SCOPE_ACCOUNTS)
                    report.append(messages.user_message(self.env, error))
                else:
                    report.append(
                        self.env._("Accounts seen: %(count)s", count=len(pairs))
                    )
        return integration_sudo._finish_test(report, granted, errors)

    def _test_scopes(self, client, report):
        """Append a sentence per permission; return scopes granted and errors met."""
        granted, errors = set(), []
        for wanted, scope, label in (
            (self.can_read_statements, SCOPE_ACCOUNTS, self.env._("Statements")),
            (self.can_initiate_transfers, SCOPE_TRANSFERS, self.env._("Transfers")),
        ):
            if not wanted:
                report.append(self.env._("%(scope)s: not asked for", scope=label))
                continue
            try:
                client.check_scope(scope)
                granted.add(scope)
                report.append(
                    self.env._("%(scope)s: the bank gave a token", scope=label)
                )
            except TbcError as error:
                errors.append(error)
                report.append(f"{label}: {messages.user_message(self.env, error)}")
        return granted, errors

    def _finish_test(self, report, granted, errors):
        """Keep the report; one permission that works is enough to be connected."""
        text = "\n".join(report)
        self.connection_report = text
        self.message_post(body=Markup("<br/>").join(report))
        if granted:
            self.write({"state": "connected", "pause_reason": False})
            self.activity_unlink([ATTENTION])
        elif errors:
            self._record_refusal(errors[0])
        if not errors:
            title, kind = self.env._("The connection works"), "success"
        elif granted:
            title, kind = self.env._("The connection works in part"), "warning"
        else:
            title, kind = self.env._("The connection does not work"), "danger"
        return self._notice(text, kind=kind, title=title)

    def action_discover_accounts(self):
        """Make a ``tbc.account`` for each (IBAN, currency) in the bank's movements.

        :return: the action that lists them, to link or create a journal for each.
        """
        self.ensure_one()
        self._check_may_configure()
        integration_sudo = self.sudo()
        try:
            with integration_sudo._client() as client:
                pairs = integration_sudo._seen_accounts(client)
        except TbcError as error:
            integration_sudo._record_refusal(error)
            return self._notice(messages.user_message(self.env, error), kind="danger")
        integration_sudo._add_accounts(pairs)
        return self.action_open_accounts()

    def _seen_accounts(self, client):
        """Return ``{(iban, currency code): account name}`` of the last months."""
        today = self.env["tbc.account"]._bank_today()
        since, pairs, index, read = today - timedelta(days=DISCOVER_DAYS), {}, 0, 0
        while True:
            page = client.movements(
                period_from=since, period_to=today, page_index=index
            )
            for movement in page.movements:
                if movement.account_iban and movement.currency:
                    pair = (movement.account_iban, movement.currency)
                    pairs.setdefault(pair, movement.account_name)
            count = len(page.movements) + len(page.unreadable)
            read, index = read + count, index + 1
            if not count or read >= page.total:
                return pairs

    def _add_accounts(self, pairs):
        accounts = self.env["tbc.account"].with_context(active_test=False)
        known = accounts.search([("company_id", "=", self.company_id.id)])
        known_pairs = {(account.iban, account.currency_id.name) for account in known}
        currencies = {
            currency.name: currency.id
            for currency in self.env["res.currency"]
            .with_context(active_test=False)
            .search([("name", "in", [code for _iban, code in pairs])])
        }
        accounts.create(
            [
                {
                    "integration_id": self.id,
                    "iban": iban,
                    "currency_id": currencies[code],
                    "name": name,
                }
                for (iban, code), name in sorted(pairs.items())
                if (iban, code) not in known_pairs and code in currencies
            ]
        )

    def action_open_accounts(self):
        """List this integration's accounts."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_tbc_bank.tbc_account_action"
        )
        action["domain"] = [("integration_id", "=", self.id)]
        action["context"] = {"default_integration_id": self.id}
        return action

    def _notice(self, message, *, kind="success", title=None):
        """Return the action that shows ``message`` and then reloads the screen."""
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": title or self.env._("TBC Bank"),
                "message": message,
                "type": kind,
                "sticky": kind != "success",
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
