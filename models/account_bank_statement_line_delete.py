from odoo import models


class AccountBankStatementLine(models.Model):
    _inherit = "account.bank.statement.line"

    def unlink(self):
        """What a difference says to delete can be: it leaves our statement first.

        Odoo deletes nothing out of a valid statement.
        """
        differences_sudo = self.env["tbc.difference"].sudo()
        differences_sudo = differences_sudo.with_context(active_test=False).search(
            [
                ("line_id", "in", self.ids),
                ("kind", "in", ("not_at_bank", "by_hand")),
            ]
        )
        told = self.browse(differences_sudo.line_id.ids)
        told._tbc_leave_statement()
        return super().unlink()

    def _tbc_leave_statement(self):
        """Leave the statement that was made of the bank's figures.

        The next read makes that anew.
        """
        inside = self.filtered("statement_id.tbc_account_id")
        if inside:
            inside.statement_id = False
