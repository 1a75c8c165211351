from odoo import models


class IrUiMenu(models.Model):
    _inherit = "ir.ui.menu"

    def _load_menus_blacklist(self):
        """The integration user's own menu is for one who has no role beside it.

        Odoo keeps the answer for each user: who is one is told by ``tbc.integration``.
        """
        hidden = super()._load_menus_blacklist()
        user = self.env.user
        if user.has_group("account_tbc_bank.group_tbc_transfers"):
            is_shown = False
        else:
            integrations_sudo = self.env["tbc.integration"].sudo()
            is_shown = integrations_sudo.search_count(
                [("user_id", "=", user.id)], limit=1
            )
        own = self.env.ref("account_tbc_bank.menu_tbc_own", raise_if_not_found=False)
        return hidden if is_shown or not own else [*hidden, own.id]
