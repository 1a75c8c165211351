from odoo import fields, models
from odoo.tools import format_datetime

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
        if not self.env.user.has_group("account_tbc_bank.group_tbc_statements"):
            return result
        for account in self.tbc_account_ids:
            dashboard_data[account.journal_id.id]["tbc"] = {
                "health": account.health,
                "class": CARD_CLASSES.get(account.health, "text-muted"),
                "message": account.health_message,
                "last_sync": account.last_sync_at
                and format_datetime(self.env, account.last_sync_at, dt_format="short"),
            }
        return result

    def action_tbc_sync(self):
        """Read the journal's TBC account now."""
        return self.tbc_account_ids.action_sync()

    def action_tbc_account(self):
        """Open the journal's TBC account."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "tbc.account",
            "res_id": self.tbc_account_ids.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

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
        return {**lines, "domain": [("journal_id", "=", self.id)], "context": {}}
