from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from .. import messages
from ..services.calls import (
    ATTENTION,
    CREDENTIALS,
    PAUSED,
    call,
    called_records,
    reassign_calls,
)
from ..services.chatter import post_note
from ..tbc import (
    TbcAuthRefused,
    TbcBusy,
)
from .guard import only_one, without_defaults

ADMINISTRATOR = "account_tbc_bank.group_tbc_administrator"
# However long the bank asks to be left alone: a mistaken figure must not freeze it.
LONGEST_WAIT = timedelta(days=1)
# Of any setting: longer ago nobody is reminded of anything.
MOST_DAYS = 3660
# What only a test, a read or a pause may write.
FOUND_OUT = {"state", "pause_reason", "not_before", "connection_report"}


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
    second_person_above = fields.Monetary(
        currency_field="company_currency_id",
        tracking=True,
        help="Above this amount, whoever queued a payment may not initiate it. Payments"
        " in another currency count at the day's rate. 0: no such limit.",
    )
    signature_days = fields.Integer(
        string="Remind of Signatures After",
        default=2,
        help="Days that a transfer may wait for its signature in TBC's internet bank"
        " before the integration user is reminded.",
    )
    overdue_days = fields.Integer(
        string="Tell of Overdue Transfers After",
        default=3,
        help="Days that a transfer may stand still, at the bank or without its movement,"
        " before whoever queued it is told.",
    )
    rate_days = fields.Integer(
        string="Tell of Exchange Rates Older Than",
        default=7,
        help="Days between a transaction in another currency and the exchange rate that"
        " it is booked with, before the account tells of it. 0: it never does.",
    )
    company_currency_id = fields.Many2one(related="company_id.currency_id")
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
                if not 0 <= integration[name] <= MOST_DAYS:
                    raise ValidationError(
                        self.env._(
                            "%(setting)s: choose 0 to %(most)s days.",
                            setting=self._fields[name]._description_string(self.env),
                            most=MOST_DAYS,
                        )
                    )

    # === LOW-LEVEL METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Tell the integration user, who may have no menu to get here."""
        for vals in vals_list:
            self._check_may_write(vals)
        clean = without_defaults(self, FOUND_OUT)
        integrations = super(TbcIntegration, clean).create(vals_list)
        integrations = integrations.with_env(self.env)
        for integration in integrations:
            if integration.user_id != self.env.user:
                integration.sudo()._call_user(
                    self.env._("TBC Bank: enter the client ID and secret"),
                    self.env._(
                        "Open the integration and press Enter Client ID and Secret."
                    ),
                    CREDENTIALS,
                )
        return integrations

    def write(self, vals):
        """Credentials belong to one person and one environment: a change erases them."""
        self._check_may_write(vals)
        changed = self.filtered(lambda integration: integration._differs(vals))
        for integration in changed.filtered(
            lambda integration: integration._has_read()
        ):
            if integration._differs(vals, ("environment", "company_id")):
                raise UserError(
                    self.env._(
                        "%(name)s has read statements or made transfers already, so it"
                        " stays with its company and environment. Make another"
                        " integration instead.",
                        name=integration.name,
                    )
                )
        result = super().write(vals)
        if vals.get("can_initiate_transfers"):
            self.account_ids._offer_transfers()
        if "user_id" in vals:
            changed._reassign_calls()
        for integration in changed.sudo().filtered("has_credentials"):
            integration._erase_credentials(
                self.env._(
                    "The client ID and secret were erased, because the integration was"
                    " given to %(user)s or moved. %(user)s must enter them.",
                    user=integration.user_id.name,
                )
            )
        return result

    def _has_read(self):
        """Whether any account, archived ones too, has been read, has lines or paid."""
        accounts_sudo = self.sudo().with_context(active_test=False).account_ids
        accounts_sudo.invalidate_recordset(["line_count"])
        return any(
            a.synced_until or a.line_count or a.transfer_count for a in accounts_sudo
        )

    def _check_may_write(self, vals):
        """The outcome of a test or a read is not written by anybody's RPC."""
        if not self.env.su and FOUND_OUT & vals.keys():
            raise AccessError(
                self.env._("Use the buttons: they ask the bank and tell what it says.")
            )

    def _erase_credentials(self, reason):
        """Erase both values and pause, with a sentence (sudo)."""
        self.credential_ids.unlink()
        self._pause(reason)

    def _erase_exposed_credentials(self):
        """Erase what somebody else may be able to reach as the integration user (sudo)."""
        for integration in self.filtered("has_credentials"):
            integration._erase_credentials(
                self.env._(
                    "The client ID and secret were erased, because the login or password"
                    " of %(user)s, the integration user, was changed by somebody else or"
                    " by a reset link. %(user)s must enter them again.",
                    user=integration.user_id.name,
                )
            )

    def _differs(self, vals, names=("user_id", "environment", "company_id")):
        self.ensure_one()
        return any(
            name in vals
            and vals[name] != self._fields[name].convert_to_write(self[name], self)
            for name in names
        )

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
        post_note(self, reason)
        self._call_user(
            self.env._("TBC Bank: the integration is paused"), reason, PAUSED
        )

    def _call_user(self, summary, note, reason):
        """Leave an activity for the integration user, one at a time."""
        self.activity_unlink([ATTENTION])
        call(self, self.user_id, reason=reason, summary=summary, note=note)

    def _reassign_calls(self):
        """What the former integration user was called for is the new one's now."""
        orders_sudo = called_records(self.env["tbc.transfer"].sudo())
        for integration_sudo in self.sudo():
            own_sudo = orders_sudo.filtered(
                lambda order, own=integration_sudo: order.integration_id == own
            )
            accounts_sudo = integration_sudo.account_ids
            for records_sudo in (integration_sudo, accounts_sudo, own_sudo):
                reassign_calls(records_sudo, integration_sudo.user_id)

    def _tbc_call_holds(self, reason):
        """Whether what the integration user was called for is still to be done."""
        if reason == PAUSED:
            return self.state == "paused"
        return reason == CREDENTIALS and not self.has_credentials

    def _record_refusal(self, error):
        """Take what the bank says of the integration as a whole (sudo)."""
        self.ensure_one()
        if isinstance(error, TbcAuthRefused) and self.state != "paused":
            self._pause(messages.user_message(self._for_user().env, error))
        if isinstance(error, TbcBusy) and error.after:
            pause = min(timedelta(seconds=error.after), LONGEST_WAIT)
            self.not_before = fields.Datetime.now() + pause

    def _read_accounts(self):
        """The accounts whose statements are read through this integration."""
        return self.account_ids.filtered("journal_id")

    def _for_user(self):
        """This integration in its user's language."""
        return self.with_context(lang=self.user_id.lang)

    # === ACTION METHODS === #

    def _check_may_configure(self):
        if not self.env.su and not self.may_configure:
            raise AccessError(
                self.env._(
                    "Only the integration user and TBC Bank administrators may do this."
                )
            )

    def action_open_accounts(self):
        """List this integration's accounts."""
        only_one(self)
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
