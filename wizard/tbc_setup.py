from odoo import api, fields, models

from ..services import setting_up
from ..services.buttons import only_one


class TbcSetup(models.TransientModel):
    """Shows which accounts the bank has, and what will be made of them.

    Made by the integration alone, after it has asked the bank. What is done with it is
    bounded by the integration and the rights of whoever presses, not by its values.
    """

    _name = "tbc.setup"
    _description = "Accounts at TBC"

    integration_id = fields.Many2one("tbc.integration", required=True, readonly=True)
    account_ids = fields.Many2many("tbc.account", readonly=True, string="Accounts")
    taken_ids = fields.Many2many(
        "tbc.account",
        relation="tbc_setup_taken_rel",
        readonly=True,
        string="Accounts of Another Integration",
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

    @api.depends("taken_ids")
    @api.depends_context("uid")
    def _compute_may_take_over(self):
        may_write = self.env["tbc.account"].has_access("write")
        for dialog in self:
            dialog.may_take_over = may_write and bool(dialog.sudo().taken_ids)

    @api.depends("account_ids", "taken_ids", "trouble")
    def _compute_warning(self):
        for dialog in self:
            taken_sudo = dialog.sudo().taken_ids
            sentences = setting_up.warning(self.env, dialog.account_ids, taken_sudo)
            dialog.warning = "\n".join(filter(None, (dialog.trouble, sentences)))

    def action_start(self):
        """Make the journals and begin the first sync."""
        only_one(self)
        integration = self.integration_id
        integration._check_may_configure()
        accounts = self.account_ids & integration.account_ids
        if self.take_over:
            # In the rights of whoever presses: an administrator's.
            self.env["tbc.account"].check_access("write")
            self.taken_ids.integration_id = integration
            accounts |= self.taken_ids
        setting_up.begin(accounts, self.sync_from)
        return {"type": "ir.actions.act_window_close"}
