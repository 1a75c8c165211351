"""One older month a day is listed again, and its ids are compared."""

from datetime import date, timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import TODAY
from .proof_common import ProofCase
from .test_backfill import PAGE_SIZE

OLDER = "odoo.addons.account_tbc_bank.services.proof.older_days"


@tagged("post_install", "-at_install")
class TestOlderDays(ProofCase):
    notes_changes = False

    def tomorrow(self, account, days=1):
        """Read on each of the next days; return the requests of each."""
        counts = []
        for _day in range(days):
            self.bank.now += timedelta(days=1)
            self.read_anew(account)
            counts.append(len(self.bank.requests))
        return counts

    def replace(self, movement_id, **members):
        """The bank has another one in its place: same day, same amount, other id."""
        movement = self.bank.ledger.find(movement_id)
        iban, currency = movement.account
        self.bank.ledger.withdraw(movement_id)
        return self.add(
            f"{movement.cents / 100:.2f}",
            str(movement.day),
            iban=iban,
            currency=currency,
            **members,
        )

    def test_replaced_twenty_days_back(self):
        account = self.make_account()
        old = self.add("200.00", "2026-06-10", purpose="A")
        self.add("30.00", "2026-06-10")
        self.sync(account)
        new = self.replace(old, purpose="B")
        # On the same day nothing is listed a second time.
        self.sync(account)
        self.assertEqual(self.differences(account), [])
        self.tomorrow(account)
        self.assertIn(new, self.ids(account))
        self.assertEqual(
            self.differences(account), [("2026-06-10", "not_at_bank", 200.0)]
        )
        self.assertEqual(account.difference_ids.line_id.tbc_movement_id, old)
        self.assertEqual(account.health, "difference")
        self.assertEqual(account.difference, 200.0)
        self.assertExplained(account)
        row = account.difference_ids
        self.tomorrow(account, 3)
        self.assertEqual(account.difference_ids, row)
        row.line_id.unlink()
        self.sync(account)
        self.assertEqual(account.health, "ok", account.health_message)

    def test_each_month_of_the_last_year_within_a_fortnight(self):
        for order in range(1, 13):
            day = date(2025, 7, 8) + timedelta(days=29 * (order - 1))
            self.add(f"{order}.00", str(day))
        account = self.make_account(sync_from=date(2025, 1, 1))
        self.sync(account)
        olds = self.lines(account).mapped("tbc_movement_id")
        news = [self.replace(movement_id) for movement_id in olds]
        counts = self.tomorrow(account, 14)
        self.assertEqual(len(account.difference_ids), len(olds))
        self.assertEqual(set(account.difference_ids.mapped("kind")), {"not_at_bank"})
        self.assertLessEqual(set(news), set(self.ids(account)))
        self.assertExplained(account)
        # One more list a day, and where something was found, that day's list and sums.
        self.assertLessEqual(max(counts), 3 + 1 + 2 * 2 + 3)

    def test_a_quiet_day_costs_one_list_more(self):
        account = self.make_account(sync_from=date(2026, 1, 1))
        self.add("5.00", "2026-03-03")
        self.sync(account)
        self.sync(account)
        self.bank.now += timedelta(days=1)
        self.read_anew(account)
        self.assertEqual(len(self.asked("movements")), 2)
        for _hour in range(3):
            self.bank.now += timedelta(hours=1)
            self.read_anew(account)
            self.assertEqual(len(self.asked("movements")), 1)
        self.bank.now += timedelta(days=1)
        before = self.asked("movements")
        self.read_anew(account)
        self.assertEqual(len(self.asked("movements")), 2)
        self.assertNotEqual(self.asked("movements")[1], before)

    def test_replaced_by_one_that_can_t_be_read(self):
        """The sums agree all the while: it is the id that tells."""
        account = self.make_account()
        old = self.add("200.00", "2026-06-10")
        self.sync(account)
        new = self.replace(old, without=["isDebit"])
        self.tomorrow(account)
        self.assertEqual(account.held_ids.movement_id, new)
        self.assertEqual(
            sorted(self.differences(account)),
            [("2026-06-10", "not_at_bank", 200.0), ("2026-06-10", "unlisted", -200.0)],
        )
        self.assertEqual(account.difference, 0.0)
        rows = account.difference_ids
        self.tomorrow(account, 2)
        self.assertEqual(account.difference_ids, rows)
        # Now it can be read: booked, and the old one alone is too much.
        del self.bank.ledger.find(new).without
        self.bank.ledger.find(new).without = ()
        self.tomorrow(account)
        self.assertIn(new, self.ids(account))
        self.assertEqual(
            self.differences(account), [("2026-06-10", "not_at_bank", 200.0)]
        )

    def test_the_same_on_a_recent_day(self):
        account = self.make_account()
        old = self.add("200.00", "2026-06-28")
        self.sync(account)
        new = self.replace(old, without=["isDebit"])
        self.sync(account)
        self.assertEqual(account.held_ids.movement_id, new)
        self.assertEqual(
            sorted(self.differences(account)),
            [("2026-06-28", "not_at_bank", 200.0), ("2026-06-28", "unlisted", -200.0)],
        )
        rows = account.difference_ids
        self.bank.forget_requests()
        self.sync(account)
        self.assertEqual(account.difference_ids, rows)
        # And it comes back, in place of the other.
        movement = self.bank.ledger.find(new)
        self.bank.ledger.withdraw(new)
        self.add("200.00", "2026-06-28", movementId=old)
        self.assertTrue(movement)
        self.sync(account)
        self.assertEqual(self.differences(account), [])
        self.assertFalse(account.held_ids)
        self.assertEqual(account.health, "ok", account.health_message)

    def test_completed_long_ago(self):
        account = self.make_account()
        movement_id = self.add("5.00", "2026-06-05", purpose="before")
        self.sync(account)
        self.bank.ledger.change(movement_id, purpose="after")
        self.tomorrow(account)
        self.assertEqual(self.lines(account).payment_ref, "after")

    def test_a_large_month_takes_several_reads(self):
        """Each goes on where the one before it stopped; none lists the whole."""
        account = self.make_account()
        for day in range(1, 21):
            for number in range(3):
                self.add(f"{number + 1}.00", f"2026-06-{day:02}")
        self.sync(account)
        self.bank.now += timedelta(days=1)
        seen, reads = set(), 0
        with patch(f"{OLDER}.MOST_LISTED", 10), patch(PAGE_SIZE, 5):
            while account.relisted_on != self.bank.now.date():
                reads += 1
                self.assertLess(reads, 12)
                self.read_anew(account)
                pages = len(self.asked("movements"))
                self.assertLessEqual(pages, 2 + 4)
                for first, last in set(self.asked("movements")[1:]):
                    day = date.fromisoformat(first)
                    while day <= date.fromisoformat(last):
                        seen.add(day)
                        day += timedelta(days=1)
        self.assertGreater(reads, 3)
        self.assertLessEqual({date(2026, 6, day) for day in range(1, 23)}, seen)

    def test_no_time_at_all_still_gets_on(self):
        account = self.make_account()
        for day in range(1, 16):
            self.add("1.00", f"2026-06-{day:02}")
        self.integration.action_test_connection()
        self.sync(account)
        self.bank.now += timedelta(days=1)
        progress = patch.object(
            type(self.env["ir.cron"]), "_commit_progress", lambda *args, **kwargs: 0
        )
        with patch(f"{OLDER}.MOST_LISTED", 4), patch(PAGE_SIZE, 2), progress:
            for _call in range(20):
                self.env["tbc.account"]._cron_sync()
        self.assertEqual(account.relisted_on, self.bank.now.date())
        self.assertEqual(account.run_ids[0].state, "done")

    def test_a_bank_that_does_not_go_back_so_far(self):
        """A refusal there is no failure of the read."""
        account = self.make_account(sync_from=date(2026, 1, 1))
        self.sync(account)
        self.bank.now += timedelta(days=1)
        self.bank.add_fault("INCORRECT_INPUT_DATA", on="movements", times=None, after=1)
        self.sync(account)
        self.assertEqual(account.health, "ok")
        self.bank.clear_faults()
        self.read_anew(account)
        self.assertEqual(len(self.asked("movements")), 1)

    def test_a_bank_that_forgets_is_not_one_that_wants_short_questions(self):
        account = self.make_account(sync_from=date(2026, 1, 1))
        old = self.add("5.00", "2026-05-05")
        self.sync(account)
        new = self.replace(old)
        self.bank.add_fault("too_old", on="movements", times=None, first="2026-04-10")
        self.tomorrow(account, 8)
        self.assertIn(new, self.ids(account))
        self.assertFalse(account.longest_list)
        self.read_anew(account)
        self.assertEqual(len(self.asked("movements")), 1)

    def test_an_outage_there_is_told_and_repeated(self):
        account = self.make_account()
        old = self.add("5.00", "2026-06-05")
        self.sync(account)
        new = self.replace(old)
        self.bank.now += timedelta(days=1)
        self.bank.add_fault("html500", on="movements", times=None, after=1)
        self.assertEqual(account.sync().state, "failed")
        self.bank.clear_faults()
        self.sync(account)
        self.assertIn(new, self.ids(account))
        self.assertEqual(len(account.difference_ids), 1)

    def test_nobody_writes_the_cursor(self):
        account = self.make_account()
        for name in ("relisted_from", "relisted_on"):
            with self.assertRaises(AccessError):
                account.with_user(self.administrator)[name] = TODAY
