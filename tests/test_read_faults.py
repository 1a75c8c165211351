"""What a read does when the bank, or the way to it, is unkind."""

from datetime import date, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from .common import IBAN, TbcCase


@tagged("post_install", "-at_install")
class TestReadFaults(TbcCase):
    def set_up_once(self):
        super().set_up_once()
        self.account = self.make_account()

    def fails(self, *words):
        """Read; it must fail with these words and leave the cursor alone."""
        cursor = self.account.synced_until
        run = self.account.sync()
        self.assertEqual(run.state, "failed")
        for word in words:
            self.assertIn(word, run.error)
        self.assertEqual(self.account.synced_until, cursor)
        self.assertEqual(self.account.last_error, run.error)
        self.assertEqual(self.account.health_message, run.error)
        self.assertNotIn("Traceback", run.error)
        return run

    def comes_in(self, movement_id):
        self.bank.clear_faults()
        self.sync(self.account)
        self.assertEqual(self.ids(self.account), [movement_id])
        self.assertEqual(self.account.failure_count, 0)
        self.assertFalse(self.account.last_error)
        self.assertEqual(self.account.health, "ok")

    def test_each_fault_is_a_sentence_and_passes(self):
        movement_id = self.add("10.00")
        for fault, word in (
            ("drop", "did not answer"),
            ("html500", "did not answer"),
            ("truncated", "can't be read"),
            ("empty", "can't be read"),
            ("redirect", "can't be read"),
            ("429", "fewer requests"),
            ("GENERAL_ERROR", "did not answer"),
            ("INVALID_ACCOUNT", "does not know this account"),
            ("INCORRECT_INPUT_DATA", "INCORRECT_INPUT_DATA"),
        ):
            with self.subTest(fault):
                self.bank.add_fault(fault, on="movements", times=None)
                self.fails(word)
                self.bank.clear_faults()
                self.assertFalse(self.lines(self.account))
        self.comes_in(movement_id)

    def test_the_bank_is_not_there(self):
        movement_id = self.add("10.00")
        self.bank.stop()
        self.fails("can't be reached", "nothing was sent")
        self.assertFalse(self.ids(self.account))
        self.assertTrue(movement_id)

    def test_two_hiccups_are_nobodys_business(self):
        movement_id = self.add("10.00")
        self.bank.add_fault("html500", on="movements", times=2)
        self.comes_in(movement_id)

    def test_an_expired_token_is_renewed_once(self):
        movement_id = self.add("10.00")
        self.sync(self.account)
        self.bank.forget_requests()
        self.bank.expire_tokens()
        self.sync(self.account)
        self.assertEqual(len(self.bank.requests_to("token")), 1)
        self.assertEqual(self.ids(self.account), [movement_id])

    def test_refusals_pause_and_tell_the_user(self):
        for title in (
            "USER_IS_DELETED",
            "USER_IS_NOT_ACTIVE",
            "USER_IS_BLOCKED",
            "NOT_AUTHORIZED",
        ):
            with self.subTest(title):
                self.bank.add_fault(title, on="movements")
                run = self.fails("The bank says")
                self.assertIn("trace ID", run.error)
                self.assertEqual(self.integration.state, "paused")
                self.assertEqual(self.account.health, "paused")
                activity = self.integration.activity_ids[-1]
                self.assertEqual(activity.user_id, self.director)
                self.assertIn("Business Internet Banking", activity.note)
                self.bank.forget_requests()
                failures = self.account.failure_count
                self.assertIn("The bank says", self.account.sync().error)
                self.assertFalse(self.bank.requests, "a paused one asks nothing")
                self.assertEqual(self.account.failure_count, failures)
                self.bank.clear_faults()
                self.integration.action_test_connection()
                self.assertEqual(self.integration.state, "connected")
                self.assertFalse(self.integration.activity_ids)
        self.sync(self.account)

    def test_the_bank_asks_for_time(self):
        self.bank.add_fault("429", on="movements", times=1, retry_after=7200)
        self.fails("fewer requests")
        wait = self.integration.not_before - fields.Datetime.now()
        self.assertAlmostEqual(wait.total_seconds(), 7200, delta=60)
        self.bank.forget_requests()
        run = self.account.sync()
        self.assertIn("not to be called", run.error)
        self.assertEqual(self.account.failure_count, 1, "nobody was asked")
        self.assertFalse(self.bank.requests)

    def test_three_failures_call_a_person_and_a_success_sends_them_home(self):
        self.bank.add_fault("html500", on="movements", times=None)
        for _time in range(2):
            self.fails()
        self.assertFalse(self.account.activity_ids)
        self.fails()
        self.assertEqual(self.account.activity_ids.user_id, self.director)
        self.fails()
        self.assertEqual(len(self.account.activity_ids), 1)
        self.bank.clear_faults()
        self.sync(self.account)
        self.assertFalse(self.account.activity_ids)

    def test_one_account_does_not_stop_the_others(self):
        usd = self.make_account(self.usd)
        self.add("10.00", currency="USD")
        self.bank.add_fault("INVALID_ACCOUNT", on="movements", times=1)
        runs = (self.account + usd).sync()
        self.assertEqual(runs.mapped("state"), ["failed", "done"])
        self.assertEqual(self.lines(usd).amount, 10.0)

    def test_the_statement_fails_after_the_movements(self):
        """What was read completely stays read; the missing proof is told."""
        self.add("10.00")
        self.bank.add_fault("html500", on="statements", times=None)
        run = self.account.sync()
        self.assertEqual(run.state, "failed")
        self.assertEqual(len(self.lines(self.account)), 1)
        self.assertEqual(self.account.synced_until, date(2026, 6, 29))
        self.bank.clear_faults()
        self.sync(self.account)
        self.assertTrue(self.account.opening_line_id)
        self.assertEqual(self.account.health, "ok")

    def test_text_numbers_and_an_object_pager(self):
        movement_id = self.add("10.25")
        self.bank.add_fault("object_pager", on="any", times=None)
        self.sync(self.account)
        self.assertEqual(self.ids(self.account), [movement_id])
        self.assertEqual(self.lines(self.account).amount, 10.25)

    def test_an_account_not_read_for_long_says_so(self):
        self.sync(self.account)
        self.account.last_sync_at -= timedelta(hours=5)
        self.assertEqual(self.account.health, "late")
        self.assertIn("Not synced since", self.account.health_message)
        self.assertIn("scheduled action", self.account.health_message)
        self.bank.add_fault("INVALID_ACCOUNT", on="movements")
        self.account.sync()
        self.assertEqual(self.account.health, "failed")
        self.assertIn("Not synced since", self.account.health_message)
        self.assertIn("does not know", self.account.health_message)
        self.sync(self.account)
        self.assertEqual(self.account.health, "ok")

    def test_secrets_and_ibans_stay_out_of_the_log(self):
        self.add("10.00")
        for fault in ("401", "html500", "truncated", "USER_IS_BLOCKED"):
            self.bank.add_fault(fault, on="movements", times=3)
        with self.assertLogs(level="DEBUG") as logs:
            for _time in range(5):
                self.account.sync()
        text = "\n".join(logs.output)
        self.assertIn("/bab/v1/accounts/movements", text)
        for secret in ("fake-client-secret", "fake-client-id", "Bearer"):
            self.assertNotIn(secret, text)
        ours = [line for line in logs.output if "odoo.sql_db" not in line]
        self.assertNotIn(IBAN, "\n".join(ours))


@tagged("post_install", "-at_install")
class TestPages(TbcCase):
    """Windows of several pages, on a bank that moves while it is read."""

    bank_options = {"accounts": {IBAN: ("GEL",)}, "days": 0}

    def set_up_once(self):
        super().set_up_once()
        self.startPatcher(
            patch("odoo.addons.account_tbc_bank.services.statements.read.PAGE_SIZE", 5)
        )
        self.account = self.make_account()
        self.expected = [self.add(f"{n + 1}.00") for n in range(12)]

    def assertComplete(self):
        self.assertEqual(sorted(self.ids(self.account)), sorted(self.expected))
        self.assertEqual(self.account.difference, 0.0)

    def test_pages_add_up(self):
        self.sync(self.account)
        self.assertComplete()
        self.assertEqual(len(self.bank.requests_to("movements")), 3)

    def test_a_repeated_page_is_read_again(self):
        self.bank.add_fault("repeat_page", on="movements", times=1, after=1)
        self.sync(self.account)
        self.assertComplete()
        self.assertEqual(len(self.bank.requests_to("movements")), 6)

    def test_a_total_that_changes_is_read_again(self):
        self.bank.add_fault("total_changes", on="movements", times=1, after=1)
        self.sync(self.account)
        self.assertComplete()

    def test_a_list_that_never_holds_still(self):
        """Its day is named, the cursor stays, and all other days are read."""
        self.bank.add_fault("repeat_page", on="movements", times=None, after=1)
        other = self.add("99.00", "2026-06-20")
        self.sync(self.account)
        self.assertFalse(self.account.synced_until)
        self.assertIn(other, self.ids(self.account))
        self.expected.append(other)
        named = self.account.difference_ids.filtered(lambda d: d.kind == "miscounted")
        self.assertEqual(named.day, named.day_to)
        self.assertEqual(named.day, date(2026, 6, 15))
        self.bank.clear_faults()
        self.sync(self.account)
        self.assertComplete()

    def test_an_outage_between_pages(self):
        self.bank.add_fault("drop", on="movements", times=3, after=1)
        run = self.account.sync()
        self.assertEqual((run.state, run.new), ("failed", 5))
        self.assertFalse(self.account.synced_until)
        self.sync(self.account)
        self.assertComplete()
