"""Testing the connection, discovering accounts, pausing."""

import os
from unittest.mock import patch

from odoo.addons.account_tbc_bank.services.connecting import (
    base_url,
    open_client,
)
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.modules.neutralize import get_neutralization_queries
from odoo.tests import new_test_user, tagged

from .common import IBAN, TbcCase


@tagged("post_install", "-at_install")
class TestIntegration(TbcCase):
    def test_the_test_says_in_words(self):
        self.add("1.00")
        self.add("1.00", currency="USD")
        self.integration.can_initiate_transfers = True
        notice = self.integration.with_user(self.director).action_test_connection()
        self.assertEqual(
            self.integration.connection_report.splitlines(),
            [
                "Token: the bank gave one",
                "Statements: permitted",
                "Transfers: permitted",
                "Accounts seen: 2",
            ],
        )
        self.assertEqual(notice["params"]["type"], "success")
        self.assertEqual(
            notice["params"]["message"], self.integration.connection_report
        )
        self.assertEqual(self.integration.state, "connected")

    def test_the_test_is_kept_in_the_company_s_language(self):
        """Whoever tests reads it in his own."""
        self.env["res.lang"]._activate_lang("ka_GE")
        self.company.partner_id.lang = "ka_GE"
        self.director.lang = "en_US"
        notice = self.integration.with_user(self.director).action_test_connection()
        self.assertIn("Statements: permitted", notice["params"]["message"])
        self.assertIn("ტოკენი", self.integration.connection_report)
        self.assertIn("ტოკენი", self.integration.message_ids[0].body)

    def test_a_permission_that_is_missing_at_the_bank(self):
        self.integration.can_initiate_transfers = True
        self.bank.permissions = {"statements"}
        notice = self.integration.action_test_connection()
        self.assertEqual(notice["params"]["type"], "warning")
        self.assertIn(
            "Transfers: The API integration lacks this permission",
            self.integration.connection_report,
        )
        self.assertEqual(self.integration.state, "connected")

    def test_wrong_credentials(self):
        """It is said once: on the form, not in a message nor in the chatter."""
        self.integration.can_initiate_transfers = True
        self.integration.with_user(self.director).set_credentials("wrong", "wrong")
        self.assertEqual(
            self.integration.action_test_connection()["tag"], "soft_reload"
        )
        self.assertEqual(self.integration.state, "paused")
        self.assertIn("is wrong. Sandbox and production", self.integration.pause_reason)
        self.assertEqual(self.integration.pause_reason.count("is wrong"), 1)
        call = self.integration.activity_ids
        self.assertEqual(
            (call.user_id, call.tbc_reason), (self.director, "credentials")
        )
        bodies = self.integration.message_ids.mapped("body")
        self.assertNotIn("wrong", str([*bodies, call.note, call.summary]))

    def test_a_refusal_takes_the_place_of_a_pause_by_hand(self):
        self.integration.action_pause()
        self.assertIn("Paused by", self.integration.pause_reason)
        self.integration.with_user(self.director).set_credentials("wrong", "wrong")
        self.integration.action_test_connection()
        self.integration.action_pause()
        self.integration.action_test_connection()
        self.assertIn("is wrong", self.integration.pause_reason)
        self.bank.add_fault("USER_IS_BLOCKED", on="any", times=None)
        self.integration.with_user(self.director).set_credentials(
            "fake-client-id", "fake-client-secret"
        )
        self.integration.action_pause()
        self.integration.action_test_connection()
        self.assertIn("is blocked", self.integration.pause_reason)

    def test_a_pair_that_is_refused_in_the_background_leaves_a_trace(self):
        account = self.make_account()
        self.integration.action_test_connection()
        self.integration.sudo().credential_ids.unlink()
        self.integration.with_user(self.director).set_credentials("wrong", "wrong")
        self.integration.sudo().state = "connected"
        self.env.cr.flush()
        account.sync()
        self.env.cr.flush()
        self.assertTrue(self.integration.is_pair_refused)
        changes = self.integration.message_ids[0].sudo().tracking_value_ids
        changed = set(changes.field_id.mapped("name"))
        self.assertEqual(changed, {"state", "is_pair_refused"})

    def test_the_integration_user_is_reminded(self):
        self.integration.sudo().credential_ids.unlink()
        with self.assertRaises(AccessError):
            self.integration.with_user(self.clerk).action_remind()
        for _time in range(2):
            self.integration.with_user(self.administrator).action_remind()
        call = self.integration.activity_ids
        self.assertEqual((len(call), call.user_id), (1, self.director))
        self.assertIn("press Enter Client ID and Secret", call.note)

    def test_no_credentials_no_call(self):
        empty = self.integration.copy({"name": "Empty"})
        with self.assertRaisesRegex(UserError, "no Client ID and Secret"):
            empty.action_test_connection()
        self.assertFalse(self.bank.requests)

    def test_discovery_lists_each_iban_and_currency(self):
        for code in ("GEL", "USD", "EUR"):
            self.add("1.00", currency=code)
            self.add("2.00", currency=code)
        action = self.integration.action_discover_accounts()
        self.assertEqual(action["res_model"], "tbc.account")
        accounts = self.integration.account_ids
        self.assertEqual(
            sorted((a.iban, a.currency_id.name) for a in accounts),
            [(IBAN, "EUR"), (IBAN, "GEL"), (IBAN, "USD")],
        )
        self.assertFalse(accounts.journal_id)
        self.integration.action_discover_accounts()
        self.assertEqual(self.integration.account_ids, accounts)
        accounts.action_create_journal()
        self.assertEqual(len(accounts.journal_id), 3)
        self.assertEqual(
            [j.currency_id.name or "GEL" for j in accounts.journal_id],
            [a.currency_id.name for a in accounts],
        )

    def test_discovery_knows_an_archived_account(self):
        self.add("1.00")
        account = self.make_account(journal=False)
        account.active = False
        self.integration.action_discover_accounts()
        self.assertFalse(self.integration.account_ids)

    def test_a_journal_of_another_currency_is_refused(self):
        account = self.make_account(self.usd, journal=False)
        with self.assertRaisesRegex(ValidationError, "USD"):
            account.journal_id = self.env["account.journal"].create(
                {"name": "GEL", "type": "bank", "company_id": self.company.id}
            )

    def test_another_user_erases_the_credentials_and_pauses(self):
        self.integration.action_test_connection()
        self.integration.user_id = self.clerk
        self.assertFalse(self.integration.has_credentials)
        self.assertFalse(self.integration.sudo().credential_ids)
        self.assertEqual(self.integration.state, "paused")
        self.assertEqual(self.integration.activity_ids.user_id, self.clerk)
        self.integration.with_user(self.clerk).set_credentials(
            "fake-client-id", "fake-client-secret"
        )
        self.assertEqual(self.integration.state, "draft")
        self.assertFalse(self.integration.activity_ids)

    def test_the_same_user_again_erases_nothing(self):
        self.integration.write({"user_id": self.director.id, "name": "Renamed"})
        self.assertTrue(self.integration.has_credentials)

    def test_archiving_the_user_pauses(self):
        account = self.make_account()
        self.integration.action_test_connection()
        self.director.active = False
        self.assertEqual(self.integration.state, "paused")
        self.assertIn("archived", self.integration.pause_reason)
        self.bank.forget_requests()
        self.assertEqual(account.sync().state, "failed")
        self.assertFalse(self.bank.requests)

    def test_the_user_is_active_internal_and_of_the_company(self):
        portal = new_test_user(self.env, "tbc_portal2", groups="base.group_portal")
        stranger = new_test_user(
            self.env,
            "tbc_stranger",
            company_id=self.env.ref("base.main_company").id,
            company_ids=[Command.set(self.env.ref("base.main_company").ids)],
        )
        for user in (portal, stranger):
            with self.subTest(user.login), self.assertRaises(ValidationError):
                self.integration.user_id = user

    def test_statements_not_permitted(self):
        account = self.make_account()
        self.integration.can_read_statements = False
        run = account.sync()
        self.assertIn("may not view statements", run.error)
        self.assertFalse(self.bank.requests)

    def test_pause_by_hand(self):
        account = self.make_account()
        self.integration.action_pause()
        self.assertIn("Paused by", account.sync().error)
        self.assertFalse(self.bank.requests)

    def test_an_integration_that_read_stays_where_it_is(self):
        account = self.make_account()
        self.sync(account)
        with self.assertRaisesRegex(UserError, "another integration"):
            self.integration.environment = "production"

    def test_an_archived_account_counts_too(self):
        account = self.make_account()
        self.add("1.00")
        self.sync(account)
        account.sync_from = "2026-06-02"
        account.active = False
        with self.assertRaisesRegex(UserError, "another integration"):
            self.integration.environment = "production"

    def test_an_account_with_lines_stays_in_its_environment(self):
        account = self.make_account()
        self.add("1.00")
        self.sync(account)
        production = self.integration.copy(
            {"name": "Production", "environment": "production"}
        )
        sandbox = self.integration.copy({"name": "Another", "environment": "sandbox"})
        with self.assertRaisesRegex(UserError, "environment stay"):
            account.integration_id = production
        account.integration_id = sandbox

    def test_the_named_user_is_called(self):
        self.assertEqual(self.integration.user_id, self.director)
        other = self.integration.copy({"name": "Other"})
        self.assertEqual(other.activity_ids.user_id, self.director)

    def test_the_first_day_is_after_the_lock_of_its_company(self):
        self.add("1.00")
        self.lock_until("2026-03-31")
        self.integration.action_discover_accounts()
        self.assertEqual(str(self.integration.account_ids.sync_from), "2026-04-01")

    def test_a_neutralised_copy_cannot_call(self):
        account = self.make_account()
        self.env.flush_all()
        for query in get_neutralization_queries(["account_tbc_bank"]):
            self.env.cr.execute(query)
        self.env.invalidate_all()
        self.assertEqual(self.integration.state, "paused")
        self.assertEqual(self.integration.environment, "sandbox")
        self.assertFalse(self.integration.has_credentials)
        self.assertIn("neutralised copy", account.sync().error)
        self.assertFalse(self.bank.requests)

    def test_a_neutralised_copy_never_calls_production(self):
        """Not even with credentials that somebody enters there."""
        self.env["ir.config_parameter"].sudo().set_param(
            "database.is_neutralized", True
        )
        self.integration.environment = "production"
        self.integration.with_user(self.director).set_credentials("a", "b")
        with self.assertRaisesRegex(UserError, "never calls the bank"):
            open_client(self.integration)

    def test_the_sandbox_option_never_redirects_production(self):
        production = self.integration.copy(
            {"name": "Production", "environment": "production"}
        )
        with patch.dict(os.environ, {"TBC_BIS_SANDBOX_URL": self.bank.url}):
            self.assertEqual(base_url(production), "https://api.tbcbank.ge")
            self.assertEqual(base_url(self.integration), self.bank.url)
        with patch.dict(os.environ, {"TBC_BIS_SANDBOX_URL": ""}):
            self.assertEqual(base_url(self.integration), "https://test-api.tbcbank.ge")
