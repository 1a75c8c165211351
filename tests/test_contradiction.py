"""A list of the bank's that contradicts its own count, for ever."""

from datetime import date, timedelta
from unittest.mock import patch

from odoo.addons.account_tbc_bank.services.sync import is_backlog
from odoo.tests import tagged

from .common import TODAY
from .proof_common import ProofCase
from .test_backfill import PAGE_SIZE, BackfillCase


class ContradictionCase(ProofCase):
    """An account of half a year."""

    def set_up_once(self):
        super().set_up_once()
        self.account = self.make_account(sync_from=date(2026, 1, 1))

    def words(self):
        self.account.invalidate_recordset()
        return self.account.health_message


@tagged("post_install", "-at_install")
class TestContradiction(ContradictionCase):
    notes_changes = False

    def set_up_once(self):
        super().set_up_once()
        self.months = [self.add("10.00", f"2026-0{n}-15") for n in range(1, 7)]
        self.good = self.add("3.00", "2026-02-10")
        self.bad = self.add("7.00", "2026-02-10")

    def one_too_many(self):
        """Its list of 10 February counts one that it never shows."""
        self.bank.ledger.hide(self.bad, keep_in_count=True)

    def assertNewerIsRead(self):
        for movement_id in [*self.months, self.good]:
            self.assertIn(movement_id, self.ids(self.account))

    def assertNamed(self, *days):
        """These days alone are named, and nothing is green."""
        self.account.invalidate_recordset()
        rows = self.account.difference_ids.filtered(lambda d: d.kind == "miscounted")
        found = [(str(row.day), str(row.day_to or row.day)) for row in rows]
        self.assertEqual(found, list(days))
        self.assertEqual(self.account.health, "difference")

    def test_the_total_is_one_more_for_ever(self):
        self.one_too_many()
        run = self.sync(self.account)
        self.assertNewerIsRead()
        self.assertFalse(run.error)
        self.assertNamed(("2026-02-10", "2026-02-10"))
        self.assertIn("10", self.words())
        self.assertIn("2026", self.words())
        self.assertNotIn("nothing was taken", self.words())
        self.assertNotIn("0.00", self.words())
        # The cursor stays, though all newer days were read and proved.
        self.assertEqual(self.account.synced_until, date(2026, 1, 31))
        self.assertEqual(self.account.bank_balance, 1063.0)
        self.assertEqual(self.account.difference, 0.0)

    def test_it_costs_little_from_then_on(self):
        self.one_too_many()
        self.sync(self.account)
        row = self.account.difference_ids
        late = self.add("1.00", TODAY)
        self.read_anew(self.account)
        self.assertIn(late, self.ids(self.account))
        self.assertEqual(len(self.asked("movements")), 1 + 2, self.asked("movements"))
        self.assertEqual(self.account.difference_ids, row)

    def test_newer_days_are_proved(self):
        self.one_too_many()
        self.sync(self.account)
        late = self.add("5.00", "2026-04-03")
        withdrawn = self.months[4]
        self.bank.ledger.withdraw(withdrawn)
        self.sync(self.account)
        self.assertIn(late, self.ids(self.account))
        self.assertIn(
            ("2026-05-15", "not_at_bank", 10.0), self.differences(self.account)
        )

    def test_it_heals(self):
        self.one_too_many()
        self.sync(self.account)
        self.bank.ledger.show(self.bad)
        self.sync(self.account)
        self.assertIn(self.bad, self.ids(self.account))
        self.assertEqual(self.differences(self.account), [])
        self.assertEqual(self.account.health, "ok", self.words())
        self.assertEqual(self.account.synced_until, TODAY - timedelta(days=1))

    def test_listed_and_counted_twice(self):
        self.bank.ledger.repeat(self.good)
        self.sync(self.account)
        self.assertNewerIsRead()
        self.assertNamed(("2026-02-10", "2026-02-10"))
        self.assertEqual(self.ids(self.account).count(self.good), 1)
        self.assertLess(self.account.synced_until, date(2026, 2, 10))
        self.bank.ledger.repeat(self.good, times=1)
        self.sync(self.account)
        self.assertEqual(self.account.health, "ok", self.words())

    def test_two_days_of_one_month(self):
        self.one_too_many()
        self.bank.ledger.repeat(self.add("2.00", "2026-02-25"))
        self.sync(self.account)
        self.sync(self.account)
        self.assertNamed(("2026-02-10", "2026-02-10"), ("2026-02-25", "2026-02-25"))

    def test_a_recent_day(self):
        """It is read each hour all the same, and so are the days around it."""
        self.sync(self.account)
        bad = self.add("2.00", "2026-06-27")
        self.bank.ledger.repeat(bad)
        self.sync(self.account)
        self.assertNamed(("2026-06-27", "2026-06-27"))
        self.assertEqual(self.account.synced_until, date(2026, 6, 29))
        new = [self.add("4.00", day) for day in ("2026-06-26", "2026-06-27", TODAY)]
        self.bank.forget_requests()
        self.sync(self.account)
        self.assertLessEqual(set(new), set(self.ids(self.account)))
        self.assertLessEqual(len(self.bank.requests_to("movements")), 3)

    def test_today(self):
        self.sync(self.account)
        self.bank.ledger.repeat(self.add("2.00", TODAY))
        self.sync(self.account)
        self.assertNamed((str(TODAY), str(TODAY)))
        new = self.add("4.00", TODAY)
        self.sync(self.account)
        self.assertIn(new, self.ids(self.account))
        self.bank.now += timedelta(days=1)
        newer = self.add("5.00", "2026-07-01")
        self.sync(self.account)
        self.assertIn(newer, self.ids(self.account))
        self.assertEqual(self.account.synced_until, date(2026, 6, 29))

    def test_a_day_that_was_read_well_before(self):
        """The proof reads it again, and goes on with the other days."""
        self.sync(self.account)
        self.bank.ledger.repeat(self.good)
        late = [self.add("5.00", "2026-02-10"), self.add("6.00", "2026-03-10")]
        self.sync(self.account)
        self.assertLessEqual(set(late), set(self.ids(self.account)))
        self.assertNamed(("2026-02-10", "2026-02-10"))
        self.assertEqual(self.account.synced_until, TODAY - timedelta(days=1))

    def test_no_line_is_called_gone_by_a_list_that_contradicts_itself(self):
        self.sync(self.account)
        self.bank.ledger.hide(self.bad, keep_in_totals=True, keep_in_count=True)
        self.add("5.00", "2026-02-10")
        self.sync(self.account)
        self.assertNamed(("2026-02-10", "2026-02-10"))
        self.assertNotIn("not_at_bank", self.account.difference_ids.mapped("kind"))

    def test_what_is_unlisted_there_is_told_beside(self):
        """Counted in the sums as well: the amount is told, too."""
        self.bank.ledger.hide(self.bad, keep_in_totals=True, keep_in_count=True)
        self.sync(self.account)
        self.assertEqual(
            sorted(self.differences(self.account)),
            [("2026-02-10", "miscounted", 0.0), ("2026-02-10", "unlisted", -7.0)],
        )
        self.assertExplained(self.account)

    def test_the_chart_the_statements_and_the_button(self):
        self.account.statement_period = "daily"
        self.one_too_many()
        self.sync(self.account)
        days = {m["month"]: m["days"] for m in self.account.calendar["months"]}
        self.assertEqual(days["2026-02"][9], "d")
        self.assertEqual(days["2026-02"][14], "c")
        self.assertEqual(days["2026-03"][0], "e")
        statements = self.env["account.bank.statement"].search(
            [("tbc_account_id", "=", self.account.id)]
        )
        made = {str(statement.tbc_day_from) for statement in statements}
        self.assertIn("2026-05-15", made)
        self.assertNotIn("2026-02-10", made)
        self.integration.action_test_connection()
        self.assertFalse(is_backlog(self.account))

    def test_an_unreadable_answer_after_a_page(self):
        """What was booked is not denied."""
        for number in range(7):
            self.add(f"{number + 1}.00", "2026-01-20")
        self.bank.add_fault("truncated", on="movements", times=3, after=1)
        with patch(PAGE_SIZE, 5):
            run = self.account.sync()
        self.assertEqual((run.state, run.new), ("failed", 5))
        self.assertIn("can't be read", run.error)
        self.assertNotIn("nothing was taken", run.error)

    def test_a_later_first_day_forgets_it(self):
        self.one_too_many()
        self.sync(self.account)
        self.account.sync_from = date(2026, 3, 1)
        self.sync(self.account)
        self.assertEqual(self.differences(self.account), [])
        self.assertEqual(self.account.synced_until, TODAY - timedelta(days=1))

    def test_no_time_at_all(self):
        """The scheduled action gets to the end, whatever it is cut off by."""
        self.one_too_many()
        self.integration.action_test_connection()
        progress = patch.object(
            type(self.env["ir.cron"]), "_commit_progress", lambda *args, **kwargs: 0
        )
        with patch(PAGE_SIZE, 2), progress:
            for _call in range(40):
                self.env["tbc.account"]._cron_sync()
        self.assertNewerIsRead()
        self.assertNamed(("2026-02-10", "2026-02-10"))
        self.assertEqual(self.account.run_ids[0].state, "done")


@tagged("post_install", "-at_install")
class TestContradictionInThePast(BackfillCase):
    notes_changes = False

    def set_up_once(self):
        super().set_up_once()
        self.bad = self.add("2.00", "2026-04-10")
        self.bank.ledger.hide(self.bad, keep_in_totals=True, keep_in_count=True)

    def named(self):
        self.account.invalidate_recordset()
        return [
            (str(row.day), str(row.day_to or row.day), row.kind)
            for row in self.account.difference_ids
        ]

    def read_past(self, order):
        self.sync(self.account)
        backfill = self.start(date(2026, 3, 1), date(2026, 5, 31), order)
        self.run_cron()
        return backfill

    def assertReadAround(self, order, first_day):
        backfill = self.read_past(order)
        self.assertWhole(self.past + self.present)
        self.assertTiesOut()
        self.sync(self.account)
        self.assertEqual(self.named(), [("2026-04-10", "2026-04-10", "miscounted")])
        # What lies before it is no beginning of the books.
        self.assertEqual(self.account.sync_from, first_day)
        self.assertTiesOut()
        self.assertEqual(self.account.health, "difference")
        # It is not called read, and waits.
        self.assertEqual(backfill.state, "running")
        self.assertLess(backfill.days_done, backfill.days_total)
        self.assertIn("contradicts", backfill.message)
        self.assertIn("tries again", backfill.message)
        self.assertNotIn("nothing was taken", backfill.message)
        self.bank.forget_requests()
        self.run_cron()
        self.assertLessEqual(len(self.bank.requests_to("movements")), 2)
        return backfill

    def assertHeals(self, backfill):
        self.bank.ledger.show(self.bad)
        self.run_cron()
        self.assertEqual(backfill.state, "done")
        self.assertEqual(backfill.days_done, backfill.days_total)
        self.assertEqual(self.named(), [])
        self.assertWhole([*self.past, *self.present, self.bad])
        self.assertEqual(self.account.sync_from, date(2026, 3, 1))
        self.assertTiesOut()
        self.sync(self.account)
        self.assertEqual(self.account.health, "ok", self.account.health_message)

    def test_newest_first(self):
        self.assertHeals(self.assertReadAround("newest", date(2026, 5, 1)))

    def test_oldest_first(self):
        self.assertHeals(self.assertReadAround("oldest", date(2026, 6, 1)))

    def test_the_hourly_read_heals_it(self):
        backfill = self.read_past("newest")
        self.bank.ledger.show(self.bad)
        self.sync(self.account)
        self.assertEqual(self.named(), [])
        self.run_cron()
        self.assertEqual(backfill.state, "done")
        self.assertEqual(self.account.sync_from, date(2026, 3, 1))
        self.assertTiesOut()

    def test_cancelled_by_a_person(self):
        backfill = self.read_past("newest")
        backfill.with_user(self.clerk).action_cancel()
        self.bank.ledger.show(self.bad)
        self.sync(self.account)
        self.assertEqual(self.named(), [])
        self.assertWhole([*self.past, *self.present, self.bad])
        self.assertTiesOut()
