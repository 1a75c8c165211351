"""The chart of days: it never calls a day complete that is not."""

from datetime import date, datetime, timedelta

from odoo.tests import tagged

from .test_backfill import BackfillCase


@tagged("post_install", "-at_install")
class TestCalendar(BackfillCase):
    def states(self, account=None):
        """``{day: letter}`` of the chart, as a clerk reads it."""
        account = (account or self.account).with_user(self.clerk)
        self.env.flush_all()
        account.invalidate_recordset()
        [values] = account.read(["calendar"])
        return {
            date.fromisoformat(f"{month['month']}-{number:02d}"): letter
            for month in values["calendar"]["months"]
            for number, letter in enumerate(month["days"], 1)
        }

    def count(self, name, day):
        chart = self.account.calendar
        [month] = [m for m in chart["months"] if m["month"] == f"{day:%Y-%m}"]
        return {int(key): value for key, value in month[name].items()}.get(day.day)

    def test_nothing_was_read(self):
        states = self.states()
        self.assertEqual(states[date(2026, 5, 31)], "n")
        self.assertEqual(states[date(2026, 6, 1)], "o")
        self.assertEqual(states[date(2026, 6, 30)], "o")
        # Whole months, from a year ago to today and no further.
        self.assertEqual((min(states), max(states)), (date(2025, 6, 1), self.today))

    @property
    def today(self):
        return self.bank.now.date()

    def test_after_a_read(self):
        self.sync(self.account)
        states = self.states()
        self.assertEqual(states[date(2026, 6, 1)], "c")
        self.assertEqual(states[date(2026, 6, 2)], "e")
        self.assertEqual(states[date(2026, 6, 15)], "c")
        self.assertEqual(states[self.today], "o")
        self.assertEqual(states[date(2026, 5, 31)], "n")
        self.assertEqual(self.count("booked", date(2026, 6, 15)), 1)

    def test_three_days_without_a_read(self):
        self.sync(self.account)
        self.bank.now += timedelta(days=3)
        states = self.states()
        self.assertEqual(states[date(2026, 6, 29)], "e")
        for number in range(4):
            self.assertEqual(states[self.today - timedelta(days=number)], "o")

    def test_held_and_differing(self):
        self.lock_until("2026-06-10")
        held = date(2026, 6, 5)
        self.add("7.00", str(held))
        self.sync(self.account)
        self.env["tbc.difference"].create(
            {
                "account_id": self.account.id,
                "day": date(2026, 6, 2),
                "kind": "unlisted",
                "amount": 1.0,
            }
        )
        states = self.states()
        self.assertEqual(states[held], "h")
        self.assertEqual(self.count("held", held), 1)
        self.assertEqual(states[date(2026, 6, 2)], "d")

    def test_the_days_of_a_backfill(self):
        """Only its done part is read; a page of an unfinished month is not."""
        self.sync(self.account)
        for number in range(7):
            self.add(f"{number + 1}.00", "2026-02-12")
        self.start(date(2026, 2, 1), date(2026, 3, 31))
        self.turn([60, 0])
        states = self.states()
        self.assertEqual(states[date(2026, 3, 31)], "c")
        self.assertEqual(states[date(2026, 3, 30)], "e")
        self.assertEqual(states[date(2026, 2, 12)], "n")
        self.assertEqual(states[date(2026, 4, 1)], "n")

    def test_a_moved_day_shows_on_the_banks(self):
        self.account.locked_policy = "first_open_day"
        self.lock_until("2026-06-05")
        self.add("7.00", "2026-06-03")
        self.sync(self.account)
        states = self.states()
        self.assertEqual(states[date(2026, 6, 3)], "c")
        self.assertEqual(states[date(2026, 6, 6)], "e")

    def test_it_begins_with_the_oldest_backfill(self):
        self.start(date(2019, 2, 15), date(2019, 3, 31))
        self.assertEqual(min(self.states()), date(2019, 2, 1))

    def test_the_georgian_day(self):
        """Two in the morning in Georgia is still yesterday elsewhere."""
        self.bank.now = datetime(2026, 7, 1, 2, tzinfo=self.bank.now.tzinfo)
        self.sync(self.account)
        states = self.states()
        self.assertEqual(max(states), date(2026, 7, 1))
        self.assertEqual(states[date(2026, 7, 1)], "o")
        self.assertEqual(states[date(2026, 6, 30)], "e")

    def test_queries_do_not_grow_with_the_days(self):
        self.sync(self.account)
        counts = []
        for first in (date(2026, 6, 1), date(2010, 6, 1)):
            self.account.sync_from = first
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.account.mapped("calendar")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)
        self.assertLess(counts[0], 15)

    def test_the_dialog_opens_with_the_gap(self):
        action = (
            self.account.with_user(self.clerk)
            .with_context(
                default_day_from="2026-05-01",
                default_day_to="2026-05-31",
                default_name="not this",
            )
            .action_read_past()
        )
        self.assertEqual(
            action["context"],
            {
                "default_account_ids": self.account.ids,
                "default_day_from": "2026-05-01",
                "default_day_to": "2026-05-31",
            },
        )
