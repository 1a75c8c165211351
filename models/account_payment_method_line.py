from odoo import api, models
from odoo.exceptions import ValidationError

from .account_payment_method import TBC_TRANSFER

MONEY_TYPES = ("asset_cash", "liability_credit_card")
PARTNER_TYPES = ("asset_receivable", "liability_payable")


class AccountPaymentMethodLine(models.Model):
    _inherit = "account.payment.method.line"

    @api.constrains("payment_account_id", "payment_method_id", "journal_id")
    def _check_tbc_outstanding_account(self):
        for line in self:
            if fault := line._tbc_outstanding_fault():
                raise ValidationError(fault)

    def _tbc_outstanding_fault(self):
        """Return why this line's outstanding account can't be used, as a sentence.

        A transfer waits on that account until its movement is there. Without an account
        of its own Odoo takes the company's, which is in order.
        """
        account_sudo = self.sudo().payment_account_id
        if self.code != TBC_TRANSFER or not self.journal_id or not account_sudo:
            return None
        reason = self._tbc_account_reason(account_sudo)
        return reason and self.env._(
            "%(journal)s: %(account)s can't be the outstanding account of TBC Transfer:"
            " %(reason)s Choose the account of outstanding payments in the journal, under"
            " Outgoing Payments.",
            journal=self.journal_id.display_name,
            account=account_sudo.with_company(self.journal_id.company_id).display_name,
            reason=reason,
        )

    def _tbc_account_reason(self, account_sudo):
        """Why no transfer can wait on this account, or ``None``."""
        if self._tbc_is_money(account_sudo):
            return self.env._(
                "it is the account of a bank or of cash, so a bill would be called paid"
                " as soon as its payment is registered, and nobody would pay it."
            )
        if self._tbc_is_suspense(account_sudo):
            return self.env._(
                "bank lines wait on it for their match, so none could be matched with a"
                " payment."
            )
        if not account_sudo.reconcile:
            return self.env._(
                "it does not allow reconciliation, so a bill would be called paid as soon"
                " as its payment is registered, and nobody would pay it."
            )
        if account_sudo.account_type in PARTNER_TYPES:
            return self.env._("the bills themselves stand on such an account.")
        return None

    def _tbc_is_money(self, account_sudo):
        return account_sudo.account_type in MONEY_TYPES or self._tbc_has_journal(
            [
                ("default_account_id", "=", account_sudo.id),
                ("type", "in", ("bank", "cash", "credit")),
            ]
        )

    def _tbc_is_suspense(self, account_sudo):
        company_sudo = self.journal_id.company_id.sudo()
        return (
            account_sudo == company_sudo.account_journal_suspense_account_id
            or self._tbc_has_journal([("suspense_account_id", "=", account_sudo.id)])
        )

    def _tbc_has_journal(self, domain):
        journals_sudo = self.env["account.journal"].sudo()
        return bool(
            journals_sudo.with_context(active_test=False).search(domain, limit=1)
        )
