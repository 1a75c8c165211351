from odoo import api, fields, models

from ..models.system_fields import forbid_user_write
from ..services import setting_up
from ..services.buttons import only_one
from ..services.fee_account import expense_accounts, usual_fee_account
from ..services.statements.journal import Plan


class TbcSetup(models.TransientModel):
    """Shows which accounts the bank has, and what will be made of them.

    Made by the integration alone, after it has asked the bank. What is done with it is
    bounded by the integration and the rights of whoever presses, not by its values.
    """

    _name = "tbc.setup"
    _description = "Accounts at TBC"

    integration_id = fields.Many2one("tbc.integration", required=True, readonly=True)
    line_ids = fields.One2many("tbc.setup.line", "dialog_id", "What Is Made")
    account_ids = fields.Many2many("tbc.account", readonly=True, string="Accounts")
    taken_ids = fields.Many2many(
        "tbc.account",
        relation="tbc_setup_taken_rel",
        readonly=True,
        string="Accounts of Another Integration",
    )
    archived_ids = fields.Many2many(
        "tbc.account",
        relation="tbc_setup_archived_rel",
        readonly=True,
        context={"active_test": False},
        string="Archived Accounts",
    )
    may_choose = fields.Boolean(compute="_compute_may_choose")
    fee_account_ids = fields.Many2many(
        "account.account", compute="_compute_fee_account_ids"
    )
    fee_account_id = fields.Many2one(
        "account.account",
        "Bank Fees Account",
        domain="[('id', 'in', fee_account_ids)]",
        help="Where the bank's fees are booked. Empty: they are left to match.",
    )
    may_take_over = fields.Boolean(compute="_compute_may_take_over")
    take_over = fields.Boolean(
        help="They are synced and paid from through this integration from now on."
    )
    sync_from = fields.Date(
        "Import From", required=True, help="The first day wanted in the books."
    )
    trouble = fields.Text(readonly=True)
    warning = fields.Text(compute="_compute_warning")

    def write(self, vals):
        forbid_user_write(self, vals)
        return super().write(vals)

    @api.depends("taken_ids")
    @api.depends_context("uid")
    def _compute_may_take_over(self):
        may_write = self.env["tbc.account"].has_access("write")
        for dialog in self:
            dialog.may_take_over = may_write and bool(dialog.sudo().taken_ids)

    @api.depends_context("uid")
    def _compute_may_choose(self):
        """Who may link a journal to an account, and sees which ones there are."""
        models = ("account.journal", "account.account")
        may_choose = self.env["tbc.account"].has_access("write") and all(
            self.env[model].has_access("read") for model in models
        )
        self.may_choose = may_choose

    @api.depends("integration_id")
    def _compute_fee_account_ids(self):
        accounts_sudo = self.env["account.account"].sudo()
        for dialog in self:
            company = dialog.integration_id.company_id
            dialog.fee_account_ids = accounts_sudo.search(expense_accounts(company))

    @api.depends(
        "account_ids",
        "archived_ids",
        "line_ids.journal_id",
        "line_ids.sync_from",
        "taken_ids",
        "trouble",
    )
    def _compute_warning(self):
        for dialog in self:
            sentences = setting_up.warning(dialog.sudo())
            dialog.warning = "\n".join(filter(None, (dialog.trouble, sentences)))

    def action_open_archived(self):
        """Open the archived accounts, where they are unarchived."""
        only_one(self)
        return self.archived_ids._get_records_action(
            name=self.env._("Archived Accounts"), context={"active_test": False}
        )

    def action_start(self):
        """Link the journals, make new ones and begin the first sync."""
        only_one(self)
        integration = self.integration_id
        integration._check_may_configure()
        accounts = self.account_ids & integration.account_ids
        if self.take_over:
            # In the rights of whoever presses: an administrator's.
            self.env["tbc.account"].check_access("write")
            self.taken_ids.integration_id = integration
            accounts |= self.taken_ids
        setting_up.begin(accounts, self.sync_from, self._plans(), self._fee_account())
        return {"type": "ir.actions.act_window_close"}

    def _plans(self):
        """What was chosen for each account; nothing by who may not choose."""
        lines = self.line_ids if self.may_choose else self.line_ids.browse()
        return {
            line.account_id: Plan(line.journal_id, line.sync_from or self.sync_from)
            for line in lines
        }

    def _fee_account(self):
        if self.may_choose:
            return self.fee_account_id
        return usual_fee_account(self.integration_id.company_id)
