"""The hourly scheduled action."""

from datetime import timedelta, timezone
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from .common import IBAN, OTHER_IBAN, TbcCase


@tagged("post_install", "-at_install")
class TestScheduled(TbcCase):
    bank_options = {
        "accounts": {IBAN: ("GEL", "USD"), OTHER_IBAN: ("GEL",)},
        "days": 0,
    }

    def set_up_once(self):
        super().set_up_once()
        self.gel_account = self.make_account()
        self.usd_account = self.make_account(self.usd)
        self.integration.action_test_connection()
        self.bank.forget_requests()
        self.cron = self.env.ref("account_tbc_bank.ir_cron_sync")

    def run_cron(self):
        with self.enter_registry_test_mode():
            self.cron.method_direct_trigger()

    def test_every_linked_account_is_read(self):
        self.make_account(iban=OTHER_IBAN, journal=False)
        ids = [self.add("1.00"), self.add("2.00", currency="USD")]
        self.add("3.00", iban=OTHER_IBAN)
        self.run_cron()
        self.assertEqual(self.ids(self.gel_account), ids[:1])
        self.assertEqual(self.ids(self.usd_account), ids[1:])
        asked = {
            (request.query["AccountNumber"], request.query["AccountCurrencyCode"])
            for request in self.bank.requests_to("movements")
        }
        self.assertEqual(asked, {(IBAN, "GEL"), (IBAN, "USD")})

    def test_what_is_not_due_is_not_asked(self):
        for change in (
            {"state": "paused", "pause_reason": "x"},
            {"state": "draft"},
            {"can_read_statements": False},
            {"not_before": fields.Datetime.now() + timedelta(hours=1)},
        ):
            with self.subTest(change):
                before = {name: self.integration[name] for name in change}
                self.integration.write(change)
                self.run_cron()
                self.assertFalse(self.bank.requests)
                self.integration.write(before)
        (self.gel_account + self.usd_account).active = False
        self.run_cron()
        self.assertFalse(self.bank.requests)

    def test_one_failure_does_not_stop_the_next(self):
        self.add("2.00", currency="USD")
        self.bank.add_fault("INVALID_ACCOUNT", on="movements", times=1)
        self.run_cron()
        self.assertIn("does not know", self.gel_account.last_error)
        self.assertEqual(len(self.lines(self.usd_account)), 1)
        self.run_cron()
        self.assertFalse(self.gel_account.last_error)

    def test_a_bank_that_is_away_is_asked_once(self):
        self.bank.add_fault("429", on="any", times=None, retry_after=600)
        self.run_cron()
        self.assertEqual(len(self.bank.requests), 1)
        self.assertTrue(self.gel_account.last_error)
        self.assertFalse((self.gel_account + self.usd_account).filtered("queued_at"))

    def test_a_busy_bank_is_not_asked_in_a_loop(self):
        """Odoo calls an action again at once while something remains."""
        self.bank.add_fault("429", on="any", times=None)
        self.startPatcher(
            patch("odoo.addons.account_tbc_bank.tbc.transport.PAUSES", ())
        )
        self.run_cron()
        self.assertEqual(len(self.bank.requests), 1)
        self.assertEqual(self.gel_account.failure_count, 1)

    def test_a_refusal_pauses_and_spares_the_rest(self):
        self.bank.add_fault("USER_IS_BLOCKED", on="movements", times=None)
        self.run_cron()
        self.assertEqual(len(self.bank.requests_to("movements")), 1)
        self.assertEqual(self.integration.state, "paused")

    def test_out_of_time_goes_on_next_time(self):
        """The page that was committed stays; the cursor waits; nothing is double."""
        expected = [self.add(f"{n + 1}.00") for n in range(7)]
        size = "odoo.addons.account_tbc_bank.services.statements.read.PAGE_SIZE"
        times = iter([60, 60, 0, 0, 0])
        progress = patch.object(
            type(self.env["ir.cron"]),
            "_commit_progress",
            lambda *args, **kwargs: next(times, 60),
        )
        with patch(size, 5):
            with progress:
                self.env["tbc.account"]._cron_sync()
            run = self.gel_account.run_ids
            self.assertEqual((run.state, run.new), ("partial", 5))
            self.assertTrue(self.gel_account.queued_at)
            self.assertEqual(self.gel_account.health, "reading")
            self.assertFalse(self.gel_account.synced_until)
            self.assertFalse(self.gel_account.last_error)
            self.run_cron()
        self.assertEqual(self.ids(self.gel_account), expected[::-1])
        self.assertEqual(self.gel_account.health, "ok")

    def test_a_long_read_lets_the_others_pass(self):
        expected = [self.add(f"{n + 1}.00") for n in range(12)]
        usd = self.add("1.00", currency="USD")
        size = "odoo.addons.account_tbc_bank.services.statements.read.PAGE_SIZE"
        progress = patch.object(
            type(self.env["ir.cron"]), "_commit_progress", lambda *args, **kwargs: 0
        )
        with patch(size, 5), progress:
            self.env["tbc.account"]._cron_sync()
            self.assertEqual(self.gel_account.run_ids.state, "partial")
            self.bank.now += timedelta(minutes=1)
            self.gel_account.queued_at = self.bank.now.astimezone(timezone.utc).replace(
                tzinfo=None
            )
            self.env["tbc.account"]._cron_sync()
            self.assertEqual(self.ids(self.usd_account), [usd])
            for _call in range(4):
                self.env["tbc.account"]._cron_sync()
        self.assertEqual(sorted(self.ids(self.gel_account)), sorted(expected))

    def test_no_time_at_all_still_gets_on(self):
        """One page at a time, each new: never the same known one for ever."""
        expected = [self.add(f"{n + 1}.00") for n in range(12)]
        size = "odoo.addons.account_tbc_bank.services.statements.read.PAGE_SIZE"
        progress = patch.object(
            type(self.env["ir.cron"]), "_commit_progress", lambda *args, **kwargs: 0
        )
        with patch(size, 5), progress:
            for _call in range(6):
                self.env["tbc.account"]._cron_sync()
        self.assertEqual(sorted(self.ids(self.gel_account)), sorted(expected))
        self.assertEqual(self.gel_account.health, "ok")

    def test_a_dead_run_is_told(self):
        dead = self.env["tbc.sync.run"].create({"account_id": self.gel_account.id})
        self.run_cron()
        self.assertEqual(dead.state, "cut")

    def test_old_runs_are_pruned(self):
        self.run_cron()
        old, new = self.gel_account.run_ids, self.usd_account.run_ids
        self.env.cr.execute(
            "UPDATE tbc_sync_run SET create_date = create_date - interval '91 days'"
            " WHERE id = %s",
            (old.id,),
        )
        old.invalidate_recordset()
        self.env["tbc.sync.run"]._gc_runs()
        self.assertFalse(old.exists())
        self.assertTrue(new.exists())
