from odoo import api, fields, models
from odoo.tools import format_datetime

from ..services.buttons import only_one
from ..services.kept_days import forget_kept
from ..services.matching.screen import to_match_action, to_match_counts
from ..services.outstanding import TBC_TRANSFER
from ..services.shared_ibans import shares_iban
from ..services.transfers.remind import signature_sentence

CARD_CLASSES = {
    "ok": "text-success",
    "failed": "text-danger",
    "paused": "text-danger",
    "late": "text-warning-emphasis",
    "held": "text-warning-emphasis",
    "difference": "text-warning-emphasis",
}


class AccountJournal(models.Model):
    _inherit = "account.journal"

    tbc_account_ids = fields.One2many("tbc.account", "journal_id", readonly=True)

    def _get_bank_statements_available_sources(self):
        return [
            *super()._get_bank_statements_available_sources(),
            ("tbc_bank", self.env._("TBC Bank")),
        ]

    def _fill_bank_cash_dashboard_data(self, dashboard_data):
        """Put the account's health on the card of whoever may see TBC accounts."""
        result = super()._fill_bank_cash_dashboard_data(dashboard_data)
        for journal, count in to_match_counts(self).items():
            dashboard_data[journal.id]["tbc_to_match"] = count
        if not self.env.user.has_group("account_tbc_bank.group_tbc_statements"):
            return result
        for account in self.tbc_account_ids:
            last = account.last_sync_at
            dashboard_data[account.journal_id.id]["tbc"] = {
                "health": account.health,
                "class": CARD_CLASSES.get(account.health, "text-muted"),
                "message": account.health_message,
                "last_sync": last
                and format_datetime(self.env, last, dt_format="short"),
                "to_sign": signature_sentence(account),
            }
        return result

    # === SEVERAL CURRENCIES UNDER ONE IBAN === #

    def write(self, vals):
        """The IBAN gets no currency from one of its journals: the others have theirs."""
        result = super().write(vals)
        if "default_account_id" in vals:
            forget_kept(self.tbc_account_ids)
        if "currency_id" in vals:
            shared = self.filtered(shares_iban)
            shared.sudo().bank_account_id.currency_id = False
        return result

    # === PAYING === #

    @api.constrains("default_account_id", "suspense_account_id")
    def _check_tbc_outstanding_account(self):
        """Neither may be the account on which transfers wait, of any journal."""
        accounts = self.default_account_id | self.suspense_account_id
        domain = [
            ("payment_method_id.code", "=", TBC_TRANSFER),
            ("payment_account_id", "in", accounts.ids),
        ]
        lines_sudo = self.env["account.payment.method.line"].sudo().search(domain)
        lines_sudo.sudo(False)._check_tbc_outstanding_account()

    def _tbc_may_pay(self):
        self.ensure_one()
        return self.sudo().tbc_account_ids.integration_id.can_initiate_transfers

    def _get_available_payment_method_lines(self, payment_type):
        """Offer TBC transfers only where the integration may initiate them."""
        lines = super()._get_available_payment_method_lines(payment_type)
        if self and not self._tbc_may_pay():
            lines = lines.filtered(lambda line: line.code != TBC_TRANSFER)
        return lines

    def _is_payment_method_available(self, payment_method_code, complete_domain=True):
        if payment_method_code == TBC_TRANSFER and not self._tbc_may_pay():
            return False
        return super()._is_payment_method_available(
            payment_method_code, complete_domain
        )

    def action_tbc_sign(self):
        """List what waits for a signature in TBC's internet bank."""
        only_one(self)
        actions = self.env["ir.actions.act_window"]
        action = actions._for_xml_id("account_tbc_bank.tbc_transfer_action")
        domain = [("account_id", "in", self.tbc_account_ids.ids)]
        return {**action, "domain": domain, "context": {"search_default_to_sign": 1}}

    # === STATEMENTS === #

    def action_tbc_connect(self):
        """Connect the company of this journal to the bank."""
        only_one(self)
        integrations = self.env["tbc.integration"].with_company(self.company_id)
        return integrations.action_connect()

    def action_tbc_sync(self):
        return self.tbc_account_ids.action_sync()

    def action_tbc_to_match(self):
        """List exactly what this journal's card counts as left to match."""
        action = to_match_action(self.env)
        action["domain"] = [("state", "=", "posted"), ("journal_id", "in", self.ids)]
        action["context"] = {"search_default_unmatched": 1}
        return action

    def action_tbc_account(self):
        only_one(self)
        return self.tbc_account_ids._get_records_action(context={})

    def open_action(self):
        """Open the bank lines themselves, where Odoo would list only statements."""
        action = super().open_action()
        if (
            action.get("res_model") != "account.bank.statement"
            or not self.tbc_account_ids
            or self.env.context.get("action_name")
        ):
            return action
        lines = self.env["ir.actions.act_window"]._for_xml_id(
            "account_tbc_bank.account_bank_statement_line_action"
        )
        # Who puts a screen for reconciling in the place of Odoo's list knows it by this.
        lines["xml_id"] = action.get("xml_id")
        return {**lines, "domain": [("journal_id", "=", self.id)], "context": {}}
