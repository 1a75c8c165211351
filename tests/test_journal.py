"""The dashboard card and the notice after a click."""

import json
from datetime import date

from odoo.tests import tagged

from .common import IBAN, TbcCase


@tagged("post_install", "-at_install")
class TestJournal(TbcCase):
    bank_options = {"accounts": {IBAN: ("GEL", "USD")}, "days": 0}

    def set_up_once(self):
        super().set_up_once()
        self.account = self.make_account()
        self.journal = self.account.journal_id

    def card(self, user):
        journal = self.journal.with_user(user)
        journal.invalidate_recordset()
        return json.loads(journal.kanban_dashboard).get("tbc_card")

    def test_the_card_tells_the_state(self):
        self.assertEqual(self.card(self.clerk)["health"], "paused")
        self.integration.action_test_connection()
        self.assertEqual(self.card(self.clerk)["health"], "never")
        self.sync(self.account)
        card = self.card(self.clerk)
        self.assertEqual(card["health"], "ok")
        self.assertTrue(card["last_sync"])
        self.assertEqual(card["state"], "Balance checked")
        self.assertIn("Balance checked", card["message"])
        self.bank.add_fault("INVALID_ACCOUNT", on="movements")
        self.account.sync()
        self.assertIn("does not know", self.card(self.clerk)["message"])

    def test_the_card_is_the_roles(self):
        self.assertIsNone(self.card(self.accountant))

    def test_the_notice_counts_and_compares(self):
        for number in range(3):
            self.add(f"{number + 1}.00")
        self.account.sync_from = date(2026, 6, 1)
        notice = self.journal.with_user(self.clerk).action_tbc_sync()["params"]
        self.assertEqual(notice["message"], "3 new transactions. Balance checked.")
        self.assertEqual((notice["type"], notice["sticky"]), ("success", False))
        notice = self.journal.with_user(self.clerk).action_tbc_sync()["params"]
        self.assertEqual(notice["message"], "No new transactions. Balance checked.")
        self.add("4.00")
        self.add("5.00", statusCode=1)
        notice = self.journal.with_user(self.clerk).action_tbc_sync()["params"]
        self.assertEqual(
            notice["message"],
            "1 new transaction. 1 late transaction was found and booked."
            " Balance checked."
            " Waiting for authorisation at the bank: 1.",
        )
        self.assertEqual(notice["type"], "success")
        self.lock_until("2026-06-14")
        self.add("6.00", "2026-06-12")
        notice = self.journal.with_user(self.clerk).action_tbc_sync()["params"]
        self.assertIn("On hold: 1.", notice["message"])
        self.assertEqual(notice["type"], "warning")

    def test_the_notice_of_several_accounts_names_each(self):
        usd = self.make_account(self.usd)
        self.add("1.00")
        self.add("2.00", currency="USD")
        accounts = (self.account + usd).with_user(self.clerk)
        self.assertEqual(
            accounts.action_sync()["params"]["message"].splitlines(),
            [
                f"{IBAN} {code}: 1 new transaction. Balance checked."
                for code in ("GEL", "USD")
            ],
        )

    def test_the_notice_of_a_failure(self):
        self.bank.add_fault("INVALID_ACCOUNT", on="movements")
        notice = self.journal.with_user(self.clerk).action_tbc_sync()["params"]
        self.assertEqual((notice["type"], notice["sticky"]), ("danger", True))
        self.assertIn(IBAN, notice["message"])

    def test_a_long_backlog_goes_to_the_background(self):
        self.integration.action_test_connection()
        self.account.sync_from = date(2026, 1, 1)
        self.bank.forget_requests()
        cron = self.env.ref("account_tbc_bank.ir_cron_sync")
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        notice = self.account.with_user(self.clerk).action_sync()["params"]
        now = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        self.assertEqual(len(now - triggers), 1)
        self.assertIn("in the background", notice["message"])
        self.assertFalse(self.bank.requests)

    def test_transactions_opens_the_lines(self):
        action = self.journal.with_user(self.clerk).open_action()
        # Who has a screen for reconciling finds Odoo's own list here, and replaces it.
        if "account_reconcile_oca" in self.env.registry._init_modules:
            self.assertIn("account_reconcile_oca.", action["xml_id"])
            return
        self.assertEqual(action["xml_id"], "account.action_bank_statement_tree")
        self.assertEqual(action["res_model"], "account.bank.statement.line")
        self.assertFalse(action["domain"])
        self.assertEqual(
            action["context"], {"search_default_journal_id": self.journal.id}
        )

    def test_the_source_is_named(self):
        self.assertEqual(self.journal.bank_statements_source, "tbc_bank")
