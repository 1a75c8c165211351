from odoo import api, models
from odoo.exceptions import ValidationError


class TbcAccount(models.Model):
    _inherit = "tbc.account"

    # === JOURNAL === #

    @api.constrains("journal_id", "currency_id", "integration_id")
    def _check_journal_id(self):
        for account in self.filtered("journal_id"):
            if not account._fits_journal():
                raise ValidationError(account._misfit_sentence())
            if secured := account._secured_journal_sentence():
                raise ValidationError(secured)

    def _fits_journal(self):
        """Whether the journal is a bank journal of this currency and company."""
        journal = self.journal_id
        currency = journal.currency_id or journal.company_id.currency_id
        return (
            journal.type == "bank"
            and currency == self.currency_id
            and journal.company_id == self.company_id
        )

    def _misfit_sentence(self):
        return self.env._(
            "%(account)s needs a bank journal of %(company)s in %(currency)s;"
            " %(journal)s is not one.",
            account=self.display_name,
            company=self.company_id.name,
            currency=self.currency_id.name,
            journal=self.journal_id.display_name,
        )

    def action_create_journal(self):
        """Create a bank journal for each account that has none, and link it.

        Where the account was read into a journal before, that one goes on.
        """
        self.check_access("write")
        for account in self.sudo().filtered(lambda a: not a.journal_id):
            if journal := account._journal_to_go_on_with():
                account.journal_id = journal
                continue
            journal = self.env["account.journal"].sudo()
            journal = journal.with_company(account.company_id).create(
                account._prepare_journal_vals()
            )
            account.write({"journal_id": journal.id, "book_opening": True})

    def action_release_journal(self):
        """Let the journal take bank lines: no more hash on its posted entries.

        Odoo's own screen hides that setting on a bank journal.
        """
        self.check_access("write")
        self.journal_id.restrict_mode_hash_table = False

    def _prepare_journal_vals(self):
        """Journals of one IBAN share its bank account record.

        Never its ``journal_id`` or currency: these would belong to one journal only.
        """
        self.ensure_one()
        partner = self.company_id.partner_id
        bank_account = self.env["res.partner.bank"].search(
            [
                ("sanitized_acc_number", "=", self.iban),
                ("partner_id", "=", partner.id),
            ],
            limit=1,
        )
        if not bank_account:
            bank_account = self.env["res.partner.bank"].create(
                {"acc_number": self.iban, "partner_id": partner.id}
            )
        foreign = self.currency_id != self.company_id.currency_id
        return {
            "name": f"TBC {self.currency_id.name} …{self.iban[-4:]}",
            "type": "bank",
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id if foreign else False,
            "bank_account_id": bank_account.id,
        }

    def _mark_journal(self):
        self.journal_id.sudo().bank_statements_source = "tbc_bank"
        self._adopt_movements()
        self._offer_transfers()

    def _offer_transfers(self):
        """Put the payment method on the journals that may be paid from."""
        paying = self.sudo().filtered("integration_id.can_initiate_transfers")
        paying.journal_id._tbc_add_payment_method()
