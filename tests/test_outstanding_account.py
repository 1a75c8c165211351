"""The account on which a transfer waits for the bank."""

import json

from odoo.addons.account_tbc_bank.services.statements.health import unpayable
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .transfer_shared import SharedTransferCase


@tagged("post_install", "-at_install")
class TestOutstandingAccount(SharedTransferCase):
    def make_ledger_account(self, code, *, reconcile=True):
        return self.env["account.account"].create(
            {
                "name": "An account",
                "code": code,
                "account_type": "asset_current",
                "reconcile": reconcile,
                "company_ids": self.company.ids,
            }
        )

    def bad_accounts(self):
        """What each of them would do: call a bill paid, or never match anything."""
        journal = self.account.journal_id
        till = self.env["account.journal"].create(
            {"name": "Till", "type": "cash", "code": "TILL"}
        )
        return {
            "bank or of cash": journal.default_account_id | till.default_account_id,
            "to match are on it": journal.suspense_account_id,
            "does not allow reconciliation": self.make_ledger_account(
                "109901", reconcile=False
            ),
            "bills themselves": self.vendor.property_account_payable_id,
        }

    def card(self, user):
        journal = self.account.journal_id.with_user(user)
        journal.invalidate_recordset()
        return json.loads(journal.kanban_dashboard)["tbc_card"]

    def set_by_sql(self, line, account):
        """As a database has it that was there before these checks."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_payment_method_line SET payment_account_id = %s"
            " WHERE id = %s",
            [account.id or None, line.id],
        )
        self.env.invalidate_all()

    # --- refused ----------------------------------------------------------------------

    def test_refused_on_the_line(self):
        for words, accounts in self.bad_accounts().items():
            for account in accounts:
                with (
                    self.subTest(words),
                    self.assertRaisesRegex(ValidationError, words),
                    self.env.cr.savepoint(),
                ):
                    self.method_line().payment_account_id = account
        self.method_line().payment_account_id = self.make_ledger_account("109902")

    def test_refused_on_the_journal(self):
        """The other way round: the journal's account becomes the one of transfers."""
        outstanding = self.method_line().payment_account_id
        other = self.env["account.journal"].create(
            {"name": "A bank", "type": "bank", "code": "ABNK"}
        )
        for journal in (self.account.journal_id, other):
            for name in ("default_account_id", "suspense_account_id"):
                with (
                    self.subTest(journal=journal.name, field=name),
                    self.assertRaisesRegex(ValidationError, "outstanding account"),
                    self.env.cr.savepoint(),
                ):
                    journal[name] = outstanding

    def test_refused_on_the_journals_form(self):
        journal = self.account.journal_id
        with self.assertRaisesRegex(ValidationError, "bank or of cash"):
            journal.write(
                {
                    "outbound_payment_method_line_ids": [
                        (
                            1,
                            self.method_line().id,
                            {"payment_account_id": journal.default_account_id.id},
                        )
                    ]
                }
            )

    def test_other_methods_may(self):
        journal = self.account.journal_id
        manual = journal.outbound_payment_method_line_ids - self.method_line()
        manual.payment_account_id = journal.default_account_id

    # --- there before -----------------------------------------------------------------

    def test_told_on_the_card(self):
        self.assertNotIn("outstanding account", self.card(self.clerk)["message"])
        for words, accounts in self.bad_accounts().items():
            self.set_by_sql(self.method_line(), accounts[:1])
            with self.subTest(words):
                card = self.card(self.clerk)
                self.assertEqual(
                    (card["health"], card["class"]), ("failed", "text-danger")
                )
                self.assertIn(words, card["message"])
                self.assertIn(self.account.journal_id.name, card["message"])
        self.account.integration_id.can_initiate_transfers = False
        self.env.invalidate_all()
        self.assertNotIn("outstanding account", self.card(self.clerk)["message"])

    def test_no_bill_is_paid_by_registering(self):
        bad = self.bad_accounts()
        for words in ("bank or of cash", "does not allow reconciliation"):
            bill = self.make_bill()
            self.set_by_sql(self.method_line(), bad[words][:1])
            with (
                self.subTest(words),
                self.assertRaisesRegex(UserError, words),
                self.env.cr.savepoint(),
            ):
                self.register(bill)
            self.assertEqual(bill.payment_state, "not_paid")

    def test_an_own_transfer_on_the_transfer_account(self):
        """Both sides of its entry on one account would balance each other."""
        self.method_line().payment_account_id = self.company.transfer_account_id
        bill = self.make_bill()
        self.assertEqual(self.register(bill).state, "in_process")
        own = self.account.journal_id.bank_account_id
        own.allow_out_payment = True
        payment = self.env["account.payment"].create(
            {
                "payment_type": "outbound",
                "partner_type": "supplier",
                "partner_id": self.company.partner_id.id,
                "partner_bank_id": own.id,
                "amount": 270.0,
                "date": "2026-06-30",
                "journal_id": self.account.journal_id.id,
                "payment_method_line_id": self.method_line().id,
            }
        )
        with self.assertRaisesRegex(UserError, "no transfer was made"):
            payment.action_post()

    def test_without_an_account_the_companys_is_taken(self):
        outstanding = self.method_line().payment_account_id
        self.method_line().payment_account_id = False
        self.assertEqual(unpayable(self.account), None)
        bill = self.make_bill()
        payment = self.register(bill)
        self.assertEqual(payment.outstanding_account_id, outstanding)
        self.assertEqual(payment.state, "in_process")
        payment.sudo().action_draft()
        # As Enterprise leaves it.
        payment = self.register(self.make_bill())
        draft = payment.sudo().copy()
        draft.outstanding_account_id = False
        draft.action_post()
        self.assertEqual(draft.outstanding_account_id, outstanding)
        self.assertEqual((draft.state, draft.move_id.state), ("in_process", "posted"))
