from odoo import models


class AccountJournal(models.Model):
    _inherit = "account.journal"

    # === SEVERAL CURRENCIES UNDER ONE IBAN === #

    def write(self, vals):
        """The IBAN gets no currency from one of its journals: the others have theirs."""
        result = super().write(vals)
        if "currency_id" in vals:
            shared = self.filtered(lambda journal: journal._tbc_shares_iban())
            shared.sudo().bank_account_id.currency_id = False
        return result

    def _tbc_is_ours(self):
        """Whether a TBC account, perhaps an archived one, has this journal."""
        accounts_sudo = self.sudo().with_context(active_test=False).tbc_account_ids
        return bool(accounts_sudo)

    def _tbc_shares_iban(self):
        """Whether this is one of the journals of an IBAN that has one of ours."""
        return (
            self._tbc_is_ours() or self.sudo().bank_account_id.journal_id._tbc_is_ours()
        )

    def _tbc_is_in(self, currencies):
        """Whether all amounts in ``currencies`` are in the currency of this journal."""
        own = self.currency_id or self.company_id.sudo().currency_id
        return currencies <= own

    def _tbc_in_currency(self, available, currencies):
        """Return the journal to offer where Odoo has found this one.

        Odoo finds the first one of an IBAN, or the first of all. Instead of one in
        another currency: the one of the same IBAN, another one of ours, or one that is
        not ours. What has nothing to do with our IBANs stays as Odoo found it.

        :param available: the journals to choose from, in Odoo's order
        :param currencies: of what is to be paid
        """
        if not self or self._tbc_is_in(currencies) or not self._tbc_shares_iban():
            return self
        candidates = available.filtered(
            lambda journal: journal._tbc_is_in(currencies) or not journal._tbc_is_ours()
        )
        return candidates.sorted(
            lambda journal: (
                journal.bank_account_id != self.bank_account_id,
                not journal._tbc_is_in(currencies),
            )
        )[:1]
