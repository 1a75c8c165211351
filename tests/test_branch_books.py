"""Entries on the bank's ledger account, in any company of the tree."""

from datetime import date

from odoo.addons.account_tbc_bank.services.ledger import books_balance
from odoo.addons.account_tbc_bank.services.proof.reasons import keep_book_differences
from odoo.fields import Command
from odoo.tests import tagged

from .proof_common import ProofCase


@tagged("post_install", "-at_install")
class TestBranchBooks(ProofCase):
    @classmethod
    def _make_company(cls):
        result = super()._make_company()
        cls.branch = cls.env["res.company"].create(
            {"name": "Our Branch", "parent_id": cls.company.id}
        )
        cls.env.user.company_ids += cls.branch
        return result

    def set_up_once(self):
        super().set_up_once()
        self.account = self.make_account()
        self.add("20.00", "2026-06-10")
        self.sync(self.account)
        self.assertEqual(self.account.health, "ok")

    def by_hand_in(self, company, account, amount, day, **values):
        """A posted entry of ``company`` on the account's ledger account."""
        env = self.env(context={"allowed_company_ids": [company.id, self.company.id]})
        root_journal = env["account.journal"].search(
            [("company_id", "=", self.company.id), ("type", "=", "general")], limit=1
        )
        counterpart = self.company.get_unaffected_earnings_account()
        bank, currency = account.journal_id.default_account_id, account.currency_id
        entry = env["account.move"].create(
            {
                "company_id": company.id,
                "journal_id": root_journal.id,
                "date": day,
                "line_ids": [
                    Command.create(self.item(bank, amount, currency, **values)),
                    Command.create(self.item(counterpart, -amount, currency)),
                ],
            }
        )
        entry.action_post()
        self.assertEqual(entry.company_id, company)
        return entry

    def test_an_entry_of_a_branch_is_told(self):
        entry = self.by_hand_in(self.branch, self.account, 7.0, "2026-06-12")
        self.sync(self.account)
        self.assertEqual(
            self.differences(self.account), [("2026-06-12", "by_hand", 7.0)]
        )
        self.assertEqual(self.account.difference, 7.0)
        self.assertEqual(self.account.health, "difference")
        self.assertIn("7.00", self.account.health_message)
        self.assertIn("higher than at the bank", self.account.health_message)
        self.assertExplained(self.account)
        entry.button_draft()
        entry.unlink()
        self.sync(self.account)
        self.assertEqual(self.account.health, "ok")
        self.assertEqual(self.account.difference, 0.0)

    def test_an_entry_of_a_branch_that_is_archived_since(self):
        self.by_hand_in(self.branch, self.account, 7.0, "2026-06-12")
        self.branch.active = False
        self.sync(self.account)
        self.assertEqual(
            self.differences(self.account), [("2026-06-12", "by_hand", 7.0)]
        )

    def test_an_entry_of_a_branch_in_a_foreign_currency(self):
        account = self.make_account(self.usd)
        self.add("3.00", "2026-06-10", currency="USD")
        self.sync(account)
        self.by_hand_in(self.branch, account, 7.0, "2026-06-12")
        self.sync(account)
        self.assertEqual(self.differences(account), [("2026-06-12", "by_hand", 7.0)])
        self.assertEqual(account.difference, 7.0)

    def test_an_entry_of_the_root_on_a_branch_s_account(self):
        self.director.company_ids += self.branch
        integration = self.env["tbc.integration"].create(
            {
                "name": "Branch",
                "company_id": self.branch.id,
                "environment": "sandbox",
                "user_id": self.director.id,
            }
        )
        account = self.env["tbc.account"].create(
            {
                "integration_id": integration.id,
                "iban": self.account.iban,
                "currency_id": self.usd.id,
                "sync_from": date(2026, 6, 1),
            }
        )
        account.action_create_journal()
        self.assertEqual(account.journal_id.company_id, self.branch)
        # The root may post only on an account that is its own.
        account.journal_id.default_account_id.sudo().company_ids = self.company
        self.by_hand_in(self.company, account, 7.0, "2026-06-12")
        self.by_hand_in(self.branch, account, 1.0, "2026-06-13")
        self.assertEqual(books_balance(account, date(2026, 6, 30)), 8.0)
        keep_book_differences(account, date(2026, 6, 30))
        self.assertEqual(
            self.differences(account),
            [("2026-06-12", "by_hand", 7.0), ("2026-06-13", "by_hand", 1.0)],
        )

    def test_before_the_first_day_it_is_opening_balance(self):
        """What a branch holds there is not booked a second time as the opening."""
        account = self.make_account(self.usd)
        self.by_hand_in(self.branch, account, 20.0, "2026-05-20")
        account.book_opening = True
        self.sync(account)
        self.assertEqual(account.opening_line_id.amount, 30.0)
        self.assertEqual(account.health, "ok")

    def test_another_company_s_books_are_none_of_ours(self):
        """An account of the chart may be shared by companies of no common root."""
        other = self.env["res.company"].create({"name": "Other LLC"})
        self.env["account.chart.template"].try_loading(
            "generic_coa", other, install_demo=False
        )
        other.currency_id = self.gel
        self.env.user.company_ids += other
        bank = self.account.journal_id.default_account_id
        # Odoo lets no bank account be shared.
        bank.account_type = "asset_current"
        bank.with_company(other).sudo().write(
            {"company_ids": [Command.link(other.id)], "code": "101499"}
        )
        env = self.env(context={"allowed_company_ids": [other.id, self.company.id]})
        journal = env["account.journal"].search(
            [("company_id", "=", other.id), ("type", "=", "general")], limit=1
        )
        counterpart = other.get_unaffected_earnings_account()
        entry = env["account.move"].create(
            {
                "company_id": other.id,
                "journal_id": journal.id,
                "date": "2026-06-12",
                "line_ids": [
                    Command.create(self.item(bank, 7.0, self.gel)),
                    Command.create(self.item(counterpart, -7.0, self.gel)),
                ],
            }
        )
        entry.action_post()
        self.sync(self.account)
        self.assertEqual(self.account.health, "ok")
        self.assertEqual(self.account.difference, 0.0)

    def test_who_has_no_access_to_the_branch(self):
        """sees the figures, and the difference with what to do."""
        self.by_hand_in(self.branch, self.account, 7.0, "2026-06-12")
        self.sync(self.account)
        self.assertNotIn(self.branch, self.clerk.company_ids)
        account = self.account.with_user(self.clerk).with_context(
            allowed_company_ids=self.company.ids
        )
        account.invalidate_recordset()
        self.assertEqual((account.difference, account.health), (7.0, "difference"))
        listed = (
            account.env["tbc.difference"]
            .search([("account_id", "=", account.id)])
            .web_read(
                {
                    "amount": {},
                    "message": {},
                    "line_id": {"fields": {"display_name": {}}},
                    "move_line_id": {"fields": {"display_name": {}}},
                }
            )
        )
        self.assertEqual([row["amount"] for row in listed], [7.0])
        self.assertIn("by hand", listed[0]["message"])

    def test_the_report(self):
        self.by_hand_in(self.branch, self.account, 7.0, "2026-06-12")
        self.by_hand_in(self.branch, self.account, 3.0, "2026-05-12")
        self.sync(self.account)
        wizard = self.env["tbc.reconciliation"].create(
            {
                "account_ids": self.account.ids,
                "month_from": "2026-06-01",
                "month_to": "2026-06-30",
            }
        )
        report = self.env["report.account_tbc_bank.report_tbc_reconciliation"]
        [section] = report._get_report_values(wizard.ids)["sections"]
        [row] = section.rows
        # 1,000.00 is the bank's opening balance: see below what of it is booked.
        self.assertEqual(row.books_credits, 27.0)
        self.assertEqual(row.books_closing, self.account.books_balance)
        self.assertEqual(
            row.books_opening, books_balance(self.account, date(2026, 5, 31))
        )
