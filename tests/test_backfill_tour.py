"""The chart of days and the progress bar, in a real browser."""

from datetime import date

from odoo.tests import HttpCase, tagged

from .test_backfill import BackfillCase


@tagged("post_install", "-at_install")
class TestBackfillTour(BackfillCase, HttpCase):
    def run_cron(self):
        """In this kind of test the registry is in test mode already."""
        self.cron.method_direct_trigger()

    def test_a_gap_is_read(self):
        """A clerk clicks a gap, pauses, goes on; then the gap is gone."""
        self.sync(self.account)
        url = f"/odoo/tbc-accounts/{self.account.id}"
        self.start_tour(url, "account_tbc_bank_gap", login="tbc_clerk")
        backfill = self.account.backfill_ids
        self.assertEqual(backfill.state, "waiting")
        self.assertEqual(backfill.day_from, date(2025, 6, 1))
        self.assertEqual(backfill.day_to, date(2026, 5, 31))
        self.run_cron()
        self.assertEqual(backfill.state, "done")
        self.assertWhole(self.past + self.present)
        self.start_tour(url, "account_tbc_bank_no_gap", login="tbc_clerk")
