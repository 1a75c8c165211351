"""Lists of many pages, which one call of the scheduled action has no time to read."""

from datetime import date, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from .common import IBAN, TbcCase
from .fake_tbc.bank import FAKE_CLIENT_ID, FAKE_CLIENT_SECRET

READ = "odoo.addons.account_tbc_bank.services.statements.read"
BOOKMARK = "odoo.addons.account_tbc_bank.services.statements.bookmark"


@tagged("post_install", "-at_install")
class TestLongList(TbcCase):
    """Each call has time for one page of five movements."""

    bank_options = {"accounts": {IBAN: ("GEL",)}, "days": 0}

    def set_up_once(self):
        super().set_up_once()
        self.startPatcher(patch(f"{READ}.PAGE_SIZE", 5))
        self.startPatcher(
            patch.object(
                type(self.env["ir.cron"]), "_commit_progress", lambda *a, **k: 0
            )
        )
        self.account = self.make_account()
        self.integration.action_test_connection()
        self.bank.forget_requests()

    def fill(self, first, days, per_day):
        """Write so many movements a day at the bank; return their ids."""
        return [
            self.add(f"{number + 1}.00", str(first + timedelta(days=day)))
            for day in range(days)
            for number in range(per_day)
        ]

    def call(self, times=1):
        for _time in range(times):
            self.env["tbc.account"]._cron_sync()

    def last_run(self):
        return self.account.run_ids.sorted("id")[-1:]

    def call_until_done(self, most=100):
        """Call until a read ends; return how many calls it took."""
        for number in range(most):
            self.call()
            if self.last_run().state != "partial":
                return number + 1
        self.fail("it never comes to an end")

    def asked(self):
        """The page of each list that the bank was asked for."""
        return [
            int(request.query["PageIndex"])
            for request in self.bank.requests_to("movements")
        ]

    def assertComplete(self, expected):
        self.assertEqual(sorted(self.ids(self.account)), sorted(expected))
        self.assertEqual(self.account.difference, 0.0)
        self.assertEqual(self.account.health, "ok")
        self.assertEqual(self.account.synced_until, date(2026, 6, 29))
        self.assertFalse(self.account.bookmark)

    def test_each_page_is_asked_for_once(self):
        """The month is parted, and no list begins again, nor the days before it."""
        expected = self.fill(date(2026, 6, 1), 30, 3)
        self.call_until_done()
        self.assertComplete(expected)
        self.assertLessEqual(len(self.asked()), 1.2 * 18)
        self.assertEqual(sum(self.account.run_ids.mapped("new")), 90)
        self.assertEqual(sum(self.account.run_ids.mapped("fetched")), 90)

    def test_the_cursor_moves_with_whole_lists_only(self):
        self.fill(date(2026, 6, 1), 25, 3)
        cursors = []
        for _call in range(30):
            self.call()
            cursors.append(self.account.synced_until)
            until = self.account.synced_until or date(2026, 5, 31)
            there = {line.date for line in self.lines(self.account)}
            days = (until - date(2026, 5, 31)).days
            whole = {date(2026, 6, 1) + timedelta(days=n) for n in range(min(days, 25))}
            self.assertLessEqual(whole, there)
        self.assertEqual(cursors, sorted(cursors, key=lambda day: str(day or "")))
        self.assertFalse(cursors[0])

    def test_a_list_that_changed_between_two_calls_is_read_again(self):
        expected = [self.add(f"{n + 1}.00") for n in range(22)]
        self.call(2)
        self.assertEqual(self.asked(), [0, 1])
        expected.append(self.add("99.00"))
        self.bank.forget_requests()
        self.call_until_done()
        self.assertEqual(self.asked()[:2], [2, 0])
        self.assertComplete(expected)

    def test_a_list_that_grows_too_long_meanwhile_is_parted(self):
        expected = self.fill(date(2026, 6, 10), 10, 5)
        self.call(2)
        expected += self.fill(date(2026, 6, 20), 9, 5)
        self.call_until_done()
        self.assertComplete(expected)

    def test_one_taken_and_one_more_are_seen(self):
        """As many as before, and another one: the count tells nothing, the ids do."""
        expected = [self.add(f"{n + 1}.00") for n in range(12)]
        self.call(1)
        self.bank.ledger.withdraw(expected.pop(0))
        expected.append(self.add("99.00"))
        self.call_until_done()
        self.assertComplete(expected)

    def test_a_list_that_never_holds_still_is_named(self):
        for number in range(12):
            self.add(f"{number + 1}.00")
        self.bank.add_fault("repeat_page", on="movements", times=None, after=1)
        for _call in range(20):
            self.call()
            if self.account.difference_ids.filtered(lambda d: d.kind == "miscounted"):
                break
        else:
            self.fail("it is read for ever")
        self.assertFalse(self.account.synced_until)
        self.bank.clear_faults()

    def test_another_client_begins_anew(self):
        expected = [self.add(f"{n + 1}.00") for n in range(12)]
        self.call(2)
        self.bank.add_client("other-client", "other-secret")
        integration = self.integration.with_user(self.director)
        integration.set_credentials("other-client", "other-secret")
        integration.action_test_connection()
        self.bank.forget_requests()
        self.call()
        self.assertEqual(self.asked()[0], 0)
        integration.set_credentials(FAKE_CLIENT_ID, FAKE_CLIENT_SECRET)
        integration.action_test_connection()
        self.call_until_done()
        self.assertComplete(expected)

    def test_another_first_day_begins_anew(self):
        expected = [self.add(f"{n + 1}.00") for n in range(12)]
        expected.append(self.add("5.00", "2026-05-20"))
        self.call(2)
        self.account.sync_from = date(2026, 5, 1)
        self.bank.forget_requests()
        self.call()
        self.assertEqual(self.asked()[0], 0)
        self.call_until_done()
        self.assertComplete(expected)

    def test_a_first_day_changed_and_changed_back_begins_anew(self):
        expected = self.fill(date(2026, 6, 1), 30, 5)
        self.call(12)
        self.assertTrue(self.account.synced_until)
        self.assertTrue(self.account.bookmark)
        for day in (date(2026, 6, 20), date(2026, 6, 1)):
            self.account.sync_from = day
        self.assertFalse(self.account.synced_until)
        self.bank.forget_requests()
        self.call()
        first = self.bank.requests_to("movements")[0]
        self.assertEqual(first.query["PeriodFrom"][:10], "2026-06-01")
        self.call_until_done()
        self.assertComplete(expected)

    def test_what_is_old_is_not_gone_on_with(self):
        expected = [self.add(f"{n + 1}.00") for n in range(12)]
        self.call(2)
        kept = dict(self.account.bookmark)
        kept["at"] = fields.Datetime.to_string(
            fields.Datetime.now() - timedelta(hours=2)
        )
        self.account.bookmark = kept
        self.bank.forget_requests()
        self.call()
        self.assertEqual(self.asked()[0], 0)
        self.call_until_done()
        self.assertComplete(expected)

    def test_the_bank_fails_between_two_pages(self):
        expected = [self.add(f"{n + 1}.00") for n in range(12)]
        self.call()
        self.bank.add_fault("drop", on="movements", times=3)
        self.call()
        self.assertEqual(self.last_run().state, "failed")
        self.bank.clear_faults()
        self.bank.forget_requests()
        self.call_until_done()
        self.assertEqual(self.asked(), [1, 2])
        self.assertComplete(expected)

    def test_what_was_put_in_anothers_place_is_found(self):
        """In the days that are listed again, by a read of several calls."""
        first = self.fill(date(2026, 6, 24), 5, 2)
        self.call_until_done()
        self.bank.ledger.withdraw(first[0])
        other = self.add("1.00", "2026-06-24")
        more = self.fill(date(2026, 6, 29), 2, 30)
        self.call_until_done()
        self.assertIn(other, self.ids(self.account))
        self.assertLessEqual(set(more), set(self.ids(self.account)))
        told = self.account.difference_ids.filtered(lambda d: d.kind == "not_at_bank")
        self.assertEqual(told.line_id.tbc_movement_id, first[0])

    def test_a_short_read_keeps_nothing(self):
        self.add("1.00")
        self.sync(self.account)
        with patch(f"{BOOKMARK}.Bookmark.keep") as keep:
            self.sync(self.account)
        keep.assert_not_called()

    def test_the_past(self):
        expected = self.fill(date(2026, 5, 1), 31, 3)
        backfill = self.env["tbc.backfill"].create(
            {
                "account_id": self.account.id,
                "day_from": "2026-05-01",
                "day_to": "2026-05-31",
            }
        )
        for _call in range(60):
            self.env["tbc.backfill"]._cron_backfill()
            if backfill.state == "done":
                break
        self.assertEqual(backfill.state, "done")
        self.assertEqual((backfill.new, backfill.movement_count), (93, 93))
        self.assertEqual(sorted(self.ids(self.account)), sorted(expected))
        self.assertLessEqual(len(self.asked()), 1.2 * 19 + 1)
        self.assertFalse(backfill.bookmark)
