"""Journals of several currencies share one IBAN: each document finds its own."""

from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import IBAN, OTHER_IBAN, TbcCase


@tagged("post_install", "-at_install")
class TestPayingCurrency(TbcCase):
    notes_changes = False
    bank_options = {
        "accounts": {IBAN: ("GEL", "USD", "EUR"), OTHER_IBAN: ("USD",)},
        "days": 0,
    }

    def set_up_once(self):
        super().set_up_once()
        for currency, rate in ((self.usd, 2.7), (self.eur, 3.1)):
            self.env["res.currency.rate"].create(
                {
                    "name": "2026-01-01",
                    "currency_id": currency.id,
                    "company_id": self.company.id,
                    "inverse_company_rate": rate,
                }
            )
        self.integration.can_initiate_transfers = True
        # Odoo takes the first one: here that is the wrong one for most documents.
        self.euro = self.make_account(self.eur)
        self.lari = self.make_account(self.gel)
        self.dollar = self.make_account(self.usd)
        self.journals = {
            account.currency_id: account.journal_id
            for account in (self.euro, self.lari, self.dollar)
        }
        for number, journal in enumerate(self.journals.values()):
            journal.sequence = number
        self.iban = self.lari.journal_id.bank_account_id
        self.plain = self.env["account.journal"].search(
            [
                ("company_id", "=", self.company.id),
                ("type", "in", ("bank", "cash")),
                ("id", "not in", [journal.id for journal in self.journals.values()]),
            ]
        )
        self.partner = self.env["res.partner"].create({"name": "Partner LLC"})
        self.env["res.partner.bank"].create(
            {"acc_number": "GE90BG0000000589021505", "partner_id": self.partner.id}
        )

    # --- documents and dialogs ----------------------------------------------------------

    def document(self, move_type, currency, amount=1000.0, **values):
        """Return a posted document of this amount."""
        line = {"name": "Goods", "price_unit": amount, "tax_ids": [Command.clear()]}
        document = self.env["account.move"].create(
            {
                "move_type": move_type,
                "partner_id": self.partner.id,
                "invoice_date": "2026-06-20",
                "date": "2026-06-20",
                "currency_id": currency.id,
                "invoice_line_ids": [Command.create(line)],
                **values,
            }
        )
        document.action_post()
        return document

    def dialog(self, documents, user=None):
        model = self.env["account.payment.register"].with_user(user or self.env.user)
        return model.with_context(
            active_model="account.move", active_ids=documents.ids
        ).create({})

    def offered(self, documents, user=None):
        dialog = self.dialog(documents, user)
        return dialog.journal_id, dialog.currency_id, dialog.amount

    def drop(self, account):
        """Let no journal of this account's currency be left."""
        journal = account.journal_id
        account.unlink()
        journal.active = False

    # --- registering a payment ----------------------------------------------------------

    def test_each_document_finds_the_journal_of_its_currency(self):
        for move_type in ("out_invoice", "in_invoice", "out_refund", "in_refund"):
            for currency, journal in self.journals.items():
                with self.subTest(move_type, currency=currency.name):
                    self.assertEqual(
                        self.offered(self.document(move_type, currency)),
                        (journal, currency, 1000.0),
                    )

    def test_a_journal_that_has_the_company_s_currency_set(self):
        """Its currency may be named or left out: it is the same."""
        self.lari.journal_id.currency_id = self.gel
        document = self.document("out_invoice", self.gel)
        self.assertEqual(
            self.offered(document), (self.lari.journal_id, self.gel, 1000.0)
        )

    def test_without_a_journal_of_the_currency_it_is_none_of_ours(self):
        for account in (self.lari, self.dollar):
            currency = account.currency_id
            self.drop(account)
            for move_type in ("out_invoice", "in_invoice", "out_refund", "in_refund"):
                with self.subTest(move_type, currency=currency.name):
                    journal, _, _ = self.offered(self.document(move_type, currency))
                    self.assertIn(journal, self.plain)

    def test_without_any_other_journal_it_is_empty(self):
        self.drop(self.lari)
        self.plain.active = False
        dialog = self.dialog(self.document("out_invoice", self.gel))
        self.assertFalse(dialog.journal_id)
        self.assertEqual(dialog.currency_id, self.gel)
        # A person may choose one of another currency.
        self.assertIn(self.euro.journal_id, dialog.available_journal_ids)
        dialog.journal_id = self.euro.journal_id
        self.assertEqual(dialog.currency_id, self.eur)
        self.assertAlmostEqual(dialog.amount, 322.58)

    def test_what_is_chosen_stays(self):
        document = self.document("out_invoice", self.gel)
        dialog = self.dialog(document)
        dialog.journal_id = self.euro.journal_id
        self.assertEqual(dialog.journal_id, self.euro.journal_id)
        chosen = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=document.ids
        )
        chosen = chosen.create({"journal_id": self.euro.journal_id.id})
        self.assertEqual(chosen.journal_id, self.euro.journal_id)

    def test_the_dialog_on_screen(self):
        document = self.document("out_invoice", self.gel)
        model = self.env["account.payment.register"].with_user(self.accountant)
        model = model.with_context(active_model="account.move", active_ids=document.ids)
        with Form(model) as form:
            self.assertEqual(form.journal_id, self.lari.journal_id)
            self.assertEqual(form.amount, 1000.0)
        payment = form.record._create_payments()
        self.assertEqual(payment.journal_id, self.lari.journal_id)
        self.assertEqual((payment.currency_id, payment.amount), (self.gel, 1000.0))
        self.assertEqual(payment.partner_bank_id, self.iban)

    def test_an_accountant_without_a_role_of_ours(self):
        document = self.document("out_invoice", self.usd)
        self.assertFalse(
            self.accountant.has_group("account_tbc_bank.group_tbc_statements")
        )
        self.assertEqual(
            self.offered(document, self.accountant),
            (self.dollar.journal_id, self.usd, 1000.0),
        )

    def test_several_documents_at_once(self):
        documents = self.document("out_invoice", self.gel)
        documents += self.document("out_invoice", self.gel, 200.0)
        self.assertEqual(self.dialog(documents).journal_id, self.lari.journal_id)
        other = self.env["res.partner"].create({"name": "Other LLC"})
        documents += self.document("out_invoice", self.gel, partner_id=other.id)
        dialog = self.dialog(documents)
        self.assertFalse(dialog.can_edit_wizard)
        self.assertEqual(dialog.journal_id, self.lari.journal_id)

    def test_documents_of_several_currencies(self):
        """No journal of ours fits them all."""
        documents = self.document("out_invoice", self.gel)
        documents += self.document("out_invoice", self.usd)
        self.assertIn(self.dialog(documents).journal_id, self.plain)

    def test_a_preferred_method_of_another_currency(self):
        """The way of paying is the partner's, the currency the document's."""
        method = self.env.ref("account_tbc_bank.payment_method_tbc_transfer")
        lines = {
            account: account.journal_id.outbound_payment_method_line_ids.filtered(
                lambda line: line.payment_method_id == method
            )
            for account in (self.euro, self.lari)
        }
        self.partner.property_outbound_payment_method_line_id = lines[self.euro]
        dialog = self.dialog(self.document("in_invoice", self.gel))
        self.assertEqual(dialog.journal_id, self.lari.journal_id)
        self.assertEqual(dialog.payment_method_line_id, lines[self.lari])
        dialog = self.dialog(self.document("in_invoice", self.eur))
        self.assertEqual(dialog.payment_method_line_id, lines[self.euro])
        self.drop(self.lari)
        dialog = self.dialog(self.document("in_invoice", self.gel))
        self.assertIn(dialog.journal_id, self.plain)

    def test_an_archived_account_s_journal_is_ours_still(self):
        self.euro.active = False
        document = self.document("out_invoice", self.gel)
        self.assertEqual(self.dialog(document).journal_id, self.lari.journal_id)

    def test_a_plain_journal_on_the_same_iban(self):
        """Somebody keeps the euros by hand."""
        journal = self.euro.journal_id
        self.euro.unlink()
        document = self.document("out_invoice", self.gel)
        self.assertEqual(self.dialog(document).journal_id, self.lari.journal_id)
        document = self.document("out_invoice", self.eur)
        self.assertEqual(self.dialog(document).journal_id, journal)

    def test_journals_that_are_not_ours_stay_odoo_s_matter(self):
        """Two plain journals of one bank account: Odoo takes the first."""
        for account in (self.euro, self.lari, self.dollar):
            account.unlink()
        document = self.document("out_invoice", self.gel)
        self.assertEqual(self.dialog(document).journal_id, self.journals[self.eur])

    # --- what is printed ----------------------------------------------------------------

    def test_the_iban_on_the_document(self):
        for move_type in ("out_invoice", "in_refund"):
            for currency in self.journals:
                with self.subTest(move_type, currency=currency.name):
                    document = self.document(move_type, currency)
                    self.assertEqual(document.partner_bank_id, self.iban)

    def test_the_iban_that_carries_the_currency(self):
        """Dollars go to the other IBAN, as no account of the first one takes them."""
        self.drop(self.dollar)
        other = self.make_account(self.usd, iban=OTHER_IBAN)
        bank = other.journal_id.bank_account_id
        self.assertNotEqual(bank, self.iban)
        for move_type in ("out_invoice", "in_refund"):
            with self.subTest(move_type):
                document = self.document(move_type, self.usd)
                self.assertEqual(document.partner_bank_id, bank)
                self.assertEqual(self.dialog(document).journal_id, other.journal_id)
        document = self.document("out_invoice", self.gel)
        self.assertEqual(document.partner_bank_id, self.iban)
        # What a vendor is paid to is his own.
        document = self.document("in_invoice", self.usd)
        self.assertEqual(document.partner_bank_id, self.partner.bank_ids)

    def test_an_iban_without_a_journal_carries_its_currency_too(self):
        self.drop(self.dollar)
        self.make_account(self.usd, journal=False)
        self.make_account(self.usd, iban=OTHER_IBAN)
        document = self.document("out_invoice", self.usd)
        self.assertEqual(document.partner_bank_id, self.iban)

    def test_the_iban_of_a_preferred_method(self):
        """Where the customer's way of paying is a journal of another currency."""
        self.drop(self.dollar)
        other = self.make_account(self.usd, iban=OTHER_IBAN)
        line = self.euro.journal_id.inbound_payment_method_line_ids[:1]
        self.partner.property_inbound_payment_method_line_id = line
        document = self.document("out_invoice", self.usd)
        self.assertEqual(document.partner_bank_id, other.journal_id.bank_account_id)

    def test_an_iban_chosen_by_hand_stays(self):
        self.drop(self.dollar)
        self.make_account(self.usd, iban=OTHER_IBAN)
        document = self.document("out_invoice", self.usd, partner_bank_id=self.iban.id)
        self.assertEqual(document.partner_bank_id, self.iban)

    def test_a_reversal(self):
        """Odoo takes the first bank account of whoever is paid."""
        self.drop(self.dollar)
        other = self.make_account(self.usd, iban=OTHER_IBAN)
        bill = self.document("in_invoice", self.usd)
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=bill.ids)
            .create({"journal_id": bill.journal_id.id, "date": "2026-06-21"})
        )
        wizard.reverse_moves()
        refund = wizard.new_move_ids
        self.assertEqual(refund.partner_bank_id, other.journal_id.bank_account_id)

    def test_a_journal_s_currency_is_not_the_iban_s(self):
        """Odoo writes it there; then the other journals' documents named another."""
        bank = self.env["res.partner.bank"].create(
            {
                "acc_number": "NL91ABNA0417164300",
                "partner_id": self.company.partner_id.id,
            }
        )
        self.lari.journal_id.currency_id = self.gel
        self.assertFalse(self.iban.currency_id)
        self.assertEqual(
            self.document("out_invoice", self.usd).partner_bank_id, self.iban
        )
        plain = self.plain.filtered(lambda journal: journal.type == "bank")
        plain.bank_account_id = bank
        plain.currency_id = self.usd
        self.assertEqual(bank.currency_id, self.usd, "as in plain Odoo")
