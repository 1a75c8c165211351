from odoo import api, fields, models

from ..services.buttons import only_one
from ..services.dashboard import fill_cards
from ..services.kept_days import forget_kept
from ..services.matching.screen import to_match_action
from ..services.outstanding import TBC_TRANSFER
from ..services.shared_ibans import may_pay_from, shares_iban


class AccountJournal(models.Model):
    _inherit = "account.journal"

    tbc_account_ids = fields.One2many("tbc.account", "journal_id", readonly=True)

    def _get_bank_statements_available_sources(self):
        return [
            *super()._get_bank_statements_available_sources(),
            ("tbc_bank", self.env._("TBC Bank")),
        ]

    def _fill_bank_cash_dashboard_data(self, dashboard_data):
        """Put what is to be done in TBC Bank on the cards."""
        result = super()._fill_bank_cash_dashboard_data(dashboard_data)
        fill_cards(self, dashboard_data)
        return result

    # === SEVERAL CURRENCIES UNDER ONE IBAN === #

    def write(self, vals):
        """The IBAN gets no currency from one of its journals: the others have theirs."""
        result = super().write(vals)
        if "default_account_id" in vals:
            # Whoever may write a journal need not see its TBC account.
            accounts_sudo = self.sudo().with_context(active_test=False)
            forget_kept(accounts_sudo.tbc_account_ids)
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

    def _get_available_payment_method_lines(self, payment_type):
        """Offer TBC transfers only where the integration may initiate them."""
        lines = super()._get_available_payment_method_lines(payment_type)
        if self and not may_pay_from(self):
            lines = lines.filtered(lambda line: line.code != TBC_TRANSFER)
        return lines

    def _is_payment_method_available(self, payment_method_code, complete_domain=True):
        if payment_method_code == TBC_TRANSFER and not may_pay_from(self):
            return False
        return super()._is_payment_method_available(
            payment_method_code, complete_domain
        )

    def action_tbc_to_prepare(self):
        """List the payments by TBC that nobody has prepared."""
        only_one(self)
        action = self._tbc_open(
            "account.action_account_payments_payable",
            tbc_to_queue=1,
            journal_id=self.id,
        )
        action["context"] |= {
            "default_payment_type": "outbound",
            "default_partner_type": "supplier",
        }
        return action

    def action_tbc_to_initiate(self):
        """List what waits to be initiated."""
        return self._tbc_open_transfers(queued=1)

    def action_tbc_sign(self):
        """List what waits for a signature in TBC's internet bank."""
        return self._tbc_open_transfers(to_sign=1)

    def _tbc_open_transfers(self, **filters):
        only_one(self)
        return self._tbc_open(
            "account_tbc_bank.tbc_transfer_action",
            account_id=self.tbc_account_ids.id,
            **filters,
        )

    def _tbc_open(self, action_name, **defaults):
        """Open a list with these filters on: in sight, and not in its domain."""
        action = self.env["ir.actions.act_window"]._for_xml_id(action_name)
        context = {f"search_default_{name}": value for name, value in defaults.items()}
        return {**action, "context": context}

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
        only_one(self)
        action = to_match_action(self.env)
        action["context"] = {
            "search_default_unmatched": 1,
            "search_default_journal_id": self.id,
        }
        return action

    def action_tbc_on_hold(self):
        """List the transactions on hold."""
        only_one(self)
        return self._tbc_open(
            "account_tbc_bank.tbc_held_movement_action",
            account_id=self.tbc_account_ids.id,
        )

    def action_tbc_differences(self):
        """List the days on which books and bank differ."""
        only_one(self)
        return self._tbc_open(
            "account_tbc_bank.tbc_difference_action",
            account_id=self.tbc_account_ids.id,
            differing=1,
        )

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
        lines = self._tbc_open(
            "account_tbc_bank.account_bank_statement_line_action", journal_id=self.id
        )
        # Who puts a screen for reconciling in the place of Odoo's list knows it by this.
        return {**lines, "xml_id": action.get("xml_id")}
