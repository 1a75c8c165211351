"""The method TBC Transfer: where it is offered, and what it does to a bill."""

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged

from .common import OTHER_IBAN
from .transfer_common import BANK_OF_GEORGIA_IBAN
from .transfer_shared import SharedTransferCase


@tagged("post_install", "-at_install")
class TestPaymentMethod(SharedTransferCase):
    def make_integration(self, **values):
        """One more integration, which may not initiate unless it is told."""
        return self.env["tbc.integration"].create(
            {
                "name": "Second",
                "company_id": self.company.id,
                "environment": "sandbox",
                "user_id": self.director.id,
                **values,
            }
        )

    def make_bank_journal(self, **values):
        return self.env["account.journal"].create(
            {"name": "A bank", "type": "bank", "company_id": self.company.id, **values}
        )

    def offered(self, journal):
        """The lines of the method that a payment from this journal may choose."""
        lines = journal._get_available_payment_method_lines("outbound")
        return lines.filtered(lambda line: line.code == "tbc_transfer")

    def addable(self, journal):
        """Whether the method can be added by hand on the journal's own form."""
        journal.invalidate_recordset(["available_payment_method_ids"])
        return "tbc_transfer" in journal.available_payment_method_ids.mapped("code")

    def assertOffered(self, journal, offered=True):
        self.assertEqual(len(self.offered(journal)), int(offered))
        self.assertEqual(self.addable(journal), offered)

    # --- where it is offered ----------------------------------------------------------

    def test_linked_then_ticked_then_unticked(self):
        second = self.make_integration()
        account = self.make_account(iban=OTHER_IBAN, integration_id=second.id)
        journal = account.journal_id
        self.assertOffered(journal, False)
        second.can_initiate_transfers = True
        self.assertOffered(journal)
        line = self.offered(journal)
        self.assertEqual(line.name, "TBC Transfer")
        second.can_initiate_transfers = False
        self.assertOffered(journal, False)
        second.can_initiate_transfers = True
        self.assertOffered(journal)
        self.assertEqual(self.offered(journal), line)
        account.active = False
        self.assertOffered(journal, False)
        account.active = True
        self.assertOffered(journal)
        account.journal_id = False
        self.assertOffered(journal, False)
        other = self.make_bank_journal()
        account.journal_id = other
        self.assertOffered(other)
        self.assertOffered(journal, False)
        account.integration_id = self.make_integration(name="Third")
        self.assertOffered(other, False)

    def test_ticked_then_linked(self):
        journal = self.make_bank_journal()
        self.assertOffered(journal, False)
        self.make_account(iban=OTHER_IBAN, journal=False, journal_id=journal.id)
        self.assertOffered(journal)
        outstanding = self.env["account.chart.template"].ref(
            "account_journal_payment_credit_account_id"
        )
        for line in self.offered(journal) + self.method_line():
            self.assertEqual(line.payment_account_id, outstanding)
            self.assertTrue(outstanding.reconcile)
        inbound = journal._get_available_payment_method_lines("inbound")
        self.assertNotIn("tbc_transfer", inbound.mapped("code"))

    def test_never_on_other_journals(self):
        journals = self.env["account.journal"].search(
            [("company_id", "=", self.company.id), ("type", "!=", "general")]
        )
        ours = self.account.journal_id
        journals |= self.make_bank_journal()
        journals |= self.make_bank_journal(name="Cash 2", type="cash")
        journals |= self.make_bank_journal(name="Card", type="credit")
        for journal in journals - ours:
            with self.subTest(journal.name):
                self.assertFalse(self.offered(journal))
                self.assertFalse(self.addable(journal))
        everywhere = self.env["account.payment.method.line"].search(
            [("code", "=", "tbc_transfer"), ("company_id", "=", self.company.id)]
        )
        self.assertEqual(everywhere.journal_id, ours)
        bank = (journals - ours).filtered(lambda journal: journal.type == "bank")[:1]
        payment = self.pay_many([1]).with_user(self.env.user)
        payment.action_draft()
        with self.assertRaises(ValidationError):
            payment.write(
                {
                    "journal_id": bank.id,
                    "payment_method_line_id": self.method_line().id,
                }
            )

    def test_its_name_is_in_the_company_s_language(self):
        """Odoo keeps one for everybody, whoever links the journal."""
        self.env["res.lang"]._activate_lang("ka_GE")
        method = self.env.ref("account_tbc_bank.payment_method_tbc_transfer")
        method.with_context(lang="ka_GE").name = "თიბისის გადარიცხვა"
        self.company.partner_id.lang = "ka_GE"
        journal = self.make_account(iban=OTHER_IBAN).journal_id
        self.assertEqual(self.offered(journal).name, "თიბისის გადარიცხვა")

    # --- the bill ---------------------------------------------------------------------

    def manual(self, journal=None):
        journal = journal or self.account.journal_id
        lines = journal.outbound_payment_method_line_ids
        return lines.filtered(lambda line: line.code == "manual")

    def match(self, *payments):
        """Bank lines of these payments, reconciled with them by hand; the lines."""
        lines = self.env["account.bank.statement.line"]
        for payment in payments:
            lines += lines.create(
                {
                    "journal_id": payment.journal_id.id,
                    "date": "2026-06-30",
                    "payment_ref": "by hand",
                    "amount": -payment.amount,
                    "partner_id": payment.partner_id.id,
                }
            )
            _liquidity, suspense, _other = lines[-1]._seek_for_lines()
            waiting, _counterpart, _write_off = payment.sudo()._seek_for_lines()
            suspense.account_id = waiting.account_id
            (suspense + waiting).reconcile()
        return lines

    def test_a_bill_is_in_payment_until_the_bank_line_is_matched(self):
        bill = self.make_bill(100)
        payment = self.register(bill)
        self.assertEqual(
            (payment.state, bill.payment_state), ("in_process", "in_payment")
        )
        self.assertFalse(payment.is_matched)
        line = self.match(payment)
        self.assertTrue(payment.is_matched)
        self.assertEqual((payment.state, bill.payment_state), ("paid", "paid"))
        line.action_undo_reconciliation()
        self.assertFalse(payment.is_matched)
        self.assertEqual(
            (payment.state, bill.payment_state), ("in_process", "in_payment")
        )
        payment.action_cancel()
        self.assertEqual(bill.payment_state, "not_paid")

    def test_other_methods_stay_as_in_plain_odoo(self):
        """In Community a bill is paid at once, whatever journal its payment is in; with
        Enterprise or a module of the OCA it is in payment.
        """
        word = self.env["account.move"]._get_invoice_in_payment_state()
        if "account_payment_batch_oca" not in self.env.registry._init_modules:
            self.assertEqual(word, "paid")
        other = self.manual(self.make_bank_journal())
        for line in (self.manual(), other):
            with self.subTest(line.journal_id.name):
                bill = self.make_bill(100)
                self.register(
                    bill, journal_id=line.journal_id.id, payment_method_line_id=line.id
                )
                self.assertEqual(bill.payment_state, word)
        self.assertEqual(self.make_bill(100).payment_state, "not_paid")

    def test_a_bill_paid_in_two_ways(self):
        bill = self.make_bill(100)
        part = self.register(bill, amount=40, payment_difference_handling="open")
        self.assertEqual(bill.payment_state, "partial")
        self.register(bill, payment_method_line_id=self.manual().id)
        self.assertEqual(bill.payment_state, "in_payment")
        self.match(part)
        # The other one is as far as the edition says that it is.
        word = self.env["account.move"]._get_invoice_in_payment_state()
        self.assertEqual(bill.payment_state, word)

    def test_several_bills_in_one_payment(self):
        bills = self.make_bill(10) + self.make_bill(20)
        payment = self.register(bills, group_payment=True)
        self.assertEqual(set(bills.mapped("payment_state")), {"in_payment"})
        self.match(payment)
        self.assertEqual(set(bills.mapped("payment_state")), {"paid"})
        # Two payments of one bill: it is paid when both are there.
        bill = self.make_bill(30)
        first = self.register(bill, amount=10, payment_difference_handling="open")
        second = self.register(bill)
        self.match(first)
        self.assertEqual(bill.payment_state, "in_payment")
        self.match(second)
        self.assertEqual(bill.payment_state, "paid")

    # --- trust ------------------------------------------------------------------------

    def test_odoo_asks_for_a_trusted_account_at_confirmation(self):
        untrusted = self.make_vendor("New LLC", BANK_OF_GEORGIA_IBAN, trusted=False)
        drafts = self.env["account.payment"].create(
            [
                {
                    "payment_type": "outbound",
                    "partner_type": "supplier",
                    "partner_id": untrusted.id,
                    "amount": 1,
                    "journal_id": line.journal_id.id,
                    "payment_method_line_id": line.id,
                }
                for line in (self.method_line(), self.manual())
            ]
        )
        drafts = drafts.with_user(self.bookkeeper)
        tbc, manual = drafts
        self.assertTrue(tbc.require_partner_bank_account)
        self.assertFalse(manual.require_partner_bank_account)
        with self.assertRaises(UserError) as caught:
            tbc.action_post()
        self.assertIn("must be manually validated", str(caught.exception))
        self.assertEqual(tbc.state, "draft")
        manual.action_post()
        tbc.partner_bank_id = False
        with self.assertRaises(UserError):
            tbc.action_post()
        with self.assertRaises(UserError):
            untrusted.bank_ids.with_user(self.bookkeeper).allow_out_payment = True

    def test_odoo_asks_for_a_trusted_account_in_register_payment(self):
        untrusted = self.make_vendor("New LLC", BANK_OF_GEORGIA_IBAN, trusted=False)
        nameless = self.env["res.partner"].create({"name": "No account"})
        good, doubtful, without = (
            self.make_bill(amount, vendor)
            for amount, vendor in ((1, self.vendor), (2, untrusted), (3, nameless))
        )
        for bill in (doubtful, without):
            with self.assertRaises(UserError) as caught:
                self.register(bill)
            self.assertIn("must be manually validated", str(caught.exception))
            self.assertEqual(bill.payment_state, "not_paid")
        payments = self.register(good + doubtful + without)
        self.assertEqual(payments.partner_id, self.vendor)
        self.assertEqual(doubtful.payment_state, "not_paid")
        wizard = (
            self.env["account.payment.register"]
            .with_user(self.bookkeeper)
            .with_context(active_model="account.move", active_ids=doubtful.ids)
        )
        with Form(wizard) as form:
            form.journal_id = self.account.journal_id
            form.payment_method_line_id = self.method_line()
            self.assertEqual(form.untrusted_payments_count, 1)
