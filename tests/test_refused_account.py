"""The bank refuses one account: the integration's others, and the orders, go on."""

from datetime import timedelta
from unittest.mock import patch

from odoo.addons.account_tbc_bank.services import sync
from odoo.addons.account_tbc_bank.services.matching import run as matching
from odoo.addons.account_tbc_bank.services.statements import read
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..tbc import TbcNoAnswer
from .common import IBAN, TbcCase


@tagged("post_install", "-at_install")
class TestRefusedAccount(TbcCase):
    bank_options = {"accounts": {IBAN: ("GEL", "USD", "EUR")}, "days": 0}

    def set_up_once(self):
        super().set_up_once()
        self.gel_account = self.make_account()
        self.usd_account = self.make_account(self.usd)
        self.integration.action_test_connection()

    def refuse(self, currency="GEL", title="NOT_AUTHORIZED"):
        self.bank.add_fault(title, times=None, account=(IBAN, currency))

    def run_cron(self):
        with self.enter_registry_test_mode():
            self.env.ref("account_tbc_bank.ir_cron_sync").method_direct_trigger()

    def test_only_that_account_is_paused(self):
        self.refuse()
        usd = self.add("2.00", currency="USD")
        self.run_cron()
        self.assertEqual(self.integration.state, "connected")
        self.assertEqual(self.gel_account.health, "paused")
        self.assertIn("may not see this account", self.gel_account.health_message)
        self.assertIn("Only this account", self.gel_account.health_message)
        self.assertEqual(self.gel_account.activity_ids.user_id, self.director)
        self.assertEqual(self.gel_account.run_ids.state, "failed")
        self.assertEqual(self.ids(self.usd_account), [usd])
        self.assertEqual(self.usd_account.health, "ok")
        self.assertFalse(self.integration.activity_ids)
        # It is left alone for a day.
        self.bank.forget_requests()
        self.run_cron()
        asked = {
            request.query["AccountCurrencyCode"]
            for request in self.bank.requests_to("movements")
        }
        self.assertEqual(asked, {"USD"})
        self.bank.clear_faults()
        self.bank.now += timedelta(days=1, hours=1)
        self.run_cron()
        self.assertEqual(self.gel_account.health, "ok")
        self.assertFalse(self.gel_account.refusal or self.gel_account.activity_ids)

    def test_the_gateway_s_own_403(self):
        self.refuse(title="403")
        self.run_cron()
        self.assertEqual(self.integration.state, "connected")
        self.assertEqual(self.gel_account.health, "paused")
        self.assertEqual(self.usd_account.health, "ok")

    def test_an_account_that_the_bank_does_not_know(self):
        self.refuse(title="INVALID_ACCOUNT")
        self.run_cron()
        self.assertEqual(self.integration.state, "connected")
        self.assertEqual(self.gel_account.health, "failed")
        self.assertEqual(self.usd_account.health, "ok")

    def test_a_click_asks_at_once(self):
        self.refuse()
        self.run_cron()
        self.bank.clear_faults()
        self.gel_account.action_sync()
        self.assertEqual(self.gel_account.health, "ok")

    def test_a_click_on_a_long_backlog_does_too(self):
        self.refuse()
        self.gel_account.sync_from = "2026-01-01"
        self.run_cron()
        self.assertEqual(self.gel_account.health, "paused")
        self.bank.clear_faults()
        self.gel_account.action_sync()
        self.run_cron()
        self.assertEqual(self.gel_account.health, "ok")

    def test_a_test_lets_it_be_asked_again(self):
        self.refuse()
        self.run_cron()
        self.integration.action_test_connection()
        self.assertFalse(self.gel_account.refusal)
        self.assertFalse(self.gel_account.activity_ids)

    def test_all_of_them_are_the_integration(self):
        for currency in ("GEL", "USD"):
            self.refuse(currency)
        self.make_account(self.eur, journal=False)
        self.run_cron()
        self.assertEqual(self.integration.state, "paused")
        self.assertIn("may not see this account", self.integration.pause_reason)
        self.assertEqual(self.gel_account.health, "paused")
        self.bank.clear_faults()
        self.integration.action_test_connection()
        self.run_cron()
        self.assertEqual(self.gel_account.health, "ok")

    def test_what_is_said_of_the_user_is_the_integration(self):
        for title in (
            "USER_IS_BLOCKED",
            "USER_IS_DELETED",
            "USER_IS_NOT_ACTIVE",
            "401",
        ):
            with self.subTest(title):
                self.bank.clear_faults()
                self.integration.action_test_connection()
                self.refuse(title=title)
                self.gel_account.sync()
                self.assertEqual(self.integration.state, "paused")
                self.assertFalse(self.gel_account.refusal)

    def test_a_period_of_the_past_that_is_refused(self):
        """The account itself is read on."""
        self.sync(self.gel_account)
        backfill = self.env["tbc.backfill"].create(
            {
                "account_id": self.gel_account.id,
                "day_from": "2020-01-01",
                "day_to": "2020-01-31",
            }
        )
        self.refuse()
        with self.enter_registry_test_mode():
            self.env.ref("account_tbc_bank.ir_cron_backfill").method_direct_trigger()
        self.assertEqual(backfill.state, "failed")
        self.assertIn("period", backfill.error)
        self.assertEqual(self.integration.state, "connected")
        self.assertFalse(self.gel_account.refusal)

    def test_nobody_may_write_it(self):
        with self.assertRaisesRegex(Exception, "Only a sync with the bank"):
            self.gel_account.with_user(self.administrator).refusal = "x"


@tagged("post_install", "-at_install")
class TestUnexpected(TbcCase):
    """What nobody thought of: told on the account, and the others go on."""

    bank_options = {"accounts": {IBAN: ("GEL", "USD")}, "days": 0}

    def set_up_once(self):
        super().set_up_once()
        self.gel_account = self.make_account()
        self.usd_account = self.make_account(self.usd)
        self.integration.action_test_connection()
        self.usd_id = self.add("2.00", currency="USD")
        self.gel_id = self.add("10.00", purpose="boom")

    def run_cron(self, name="sync"):
        with self.enter_registry_test_mode():
            self.env.ref(f"account_tbc_bank.ir_cron_{name}").method_direct_trigger()

    def fail_on(self, account, module, step, error=ZeroDivisionError):
        """Let a step of the read of one account, or of all, raise something odd."""
        original = getattr(module, step)

        def failing(records, *arguments, **options):
            if records & account:
                raise error("boom")
            return original(records, *arguments, **options)

        return patch.object(module, step, failing)

    @mute_logger("odoo.addons.account_tbc_bank.services.unexpected")
    def test_a_read(self):
        with self.fail_on(self.gel_account, read, "book_movements"):
            self.run_cron()
            self.assertEqual(self.gel_account.health, "failed")
            self.assertIn("nobody expected", self.gel_account.health_message)
            self.assertIn("ZeroDivisionError", self.gel_account.last_error)
            self.assertEqual(self.gel_account.failure_count, 1)
            self.assertEqual(self.gel_account.run_ids.mapped("state"), ["failed"])
            self.assertEqual(self.ids(self.usd_account), [self.usd_id])
            self.run_cron()
            self.run_cron()
            self.assertEqual(self.gel_account.activity_ids.user_id, self.director)
        self.run_cron()
        self.assertEqual(self.gel_account.health, "ok")
        self.assertEqual(self.ids(self.gel_account), [self.gel_id])

    @mute_logger("odoo.addons.account_tbc_bank.services.unexpected", "odoo.sql_db")
    def test_an_error_of_the_database(self):
        original = read.book_movements

        def failing(records, movements):
            if records & self.gel_account:
                records.env.cr.execute("SELECT 1 / 0")
            return original(records, movements)

        with patch.object(read, "book_movements", failing):
            self.run_cron()
        self.assertIn("DivisionByZero", self.gel_account.last_error)
        self.assertEqual(self.ids(self.usd_account), [self.usd_id])

    def test_it_is_in_the_log_with_its_traceback(self):
        log = "odoo.addons.account_tbc_bank.services.unexpected"
        step = sync, "update_months_and_statements"
        with self.fail_on(self.gel_account, *step), self.assertLogs(log) as logs:
            self.run_cron()
        self.assertIn("ZeroDivisionError: boom", logs.output[0])
        self.assertEqual(self.gel_account.health, "failed")
        self.assertEqual(self.ids(self.gel_account), [self.gel_id])

    def test_typed_errors_are_no_surprise(self):
        with self.fail_on(self.gel_account, read, "book_movements", TbcNoAnswer):
            self.run_cron()
        self.assertIn("did not answer", self.gel_account.last_error)

    @mute_logger("odoo.addons.account_tbc_bank.services.unexpected")
    def test_a_read_of_the_past(self):
        days = {"day_from": "2026-05-01", "day_to": "2026-05-31"}
        first, second = self.env["tbc.backfill"].create(
            [
                {**days, "account_id": account.id}
                for account in (self.gel_account, self.usd_account)
            ]
        )
        with self.fail_on(self.gel_account, read, "known_lines"):
            self.add("1.00", "2026-05-05")
            self.run_cron("backfill")
        self.assertIn("nobody expected", first.error)
        self.assertEqual(second.state, "done")
        self.run_cron("backfill")
        self.assertEqual(first.state, "done")

    @mute_logger("odoo.addons.account_tbc_bank.services.unexpected")
    def test_the_matching(self):
        self.run_cron()
        with self.fail_on(self.gel_account, matching, "match_transfers"):
            self.run_cron("match")
        activity = (self.gel_account + self.usd_account).activity_ids
        self.assertEqual(activity.user_id, self.director)
        self.assertIn("nobody expected", activity.note)
