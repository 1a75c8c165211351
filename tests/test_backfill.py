"""Reading the past: nothing lost, nothing doubled, and the books right at each commit."""

from datetime import date, timedelta
from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo import fields
from odoo.addons.account_tbc_bank.services.ledger import books_balance
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import IBAN, TbcCase

PAGE_SIZE = "odoo.addons.account_tbc_bank.services.statements.read.PAGE_SIZE"
PAUSES = "odoo.addons.account_tbc_bank.tbc.transport.PAUSES"


class BackfillCase(TbcCase):
    """An account read from 1 June on, and a bank that has had it for years."""

    bank_options = {
        "accounts": {IBAN: ("GEL", "USD", "EUR")},
        "days": 0,
        "openings": {(IBAN, "GEL"): "1000.50", (IBAN, "USD"): "0.00"},
    }

    def set_up_once(self):
        super().set_up_once()
        self.integration.action_test_connection()
        self.past = [
            self.add("10.00", "2026-03-31"),
            self.add("-20.00", "2026-04-01"),
            self.add("40.00", "2026-04-15"),
            self.add("-80.00", "2026-05-02"),
            self.add("160.00", "2026-05-31"),
        ]
        self.present = [self.add("320.00", "2026-06-01"), self.add("-5.00")]
        self.account = self.make_account()
        self.cron = self.env.ref("account_tbc_bank.ir_cron_backfill")

    def run_cron(self):
        with self.enter_registry_test_mode():
            self.cron.method_direct_trigger()

    def start(self, first, last, order="newest", accounts=None, user=None):
        """Press the dialog's button; return the back-fills."""
        accounts = accounts or self.account
        user = user or self.clerk
        dialog = (
            self.env["tbc.backfill.start"]
            .with_user(user)
            .create(
                {
                    "account_ids": [Command.set(accounts.ids)],
                    "day_from": first,
                    "day_to": last,
                    "order": order,
                }
            )
        )
        dialog.action_start()
        return self.env["tbc.backfill"].search(
            [("account_id", "in", accounts.ids)], limit=len(accounts)
        )

    def turn(self, seconds):
        """One call of the scheduled action; ``seconds`` are left after each commit."""
        left = iter(seconds)
        progress = patch.object(
            type(self.env["ir.cron"]),
            "_commit_progress",
            lambda *args, **kwargs: next(left, 0),
        )
        with progress:
            self.env["tbc.backfill"]._cron_backfill()

    def assertTiesOut(self, account=None, currency="GEL"):
        """Books and bank agree at the end of each day from the first day wanted on."""
        account = account or self.account
        self.env.flush_all()
        account.invalidate_recordset()
        day = account.sync_from
        while day <= self.bank.now.date():
            bank = float(self.bank.ledger.balance(IBAN, currency, day))
            self.assertEqual(books_balance(account, day), bank, day)
            day += timedelta(days=1)

    def assertWhole(self, expected, account=None):
        lines = self.lines(account or self.account)
        self.assertEqual(sorted(lines.mapped("tbc_movement_id")), sorted(expected))
        self.assertEqual(set(lines.mapped("state")), {"posted"})


@tagged("post_install", "-at_install")
class TestBackfill(BackfillCase):
    def test_newest_first(self):
        """The first day wanted moves back month by month, and the opening with it."""
        self.sync(self.account)
        until = self.account.synced_until
        self.account.sudo().looked_through_on = until
        backfill = self.start(date(2026, 3, 15), date(2026, 5, 31))
        self.assertEqual(backfill.state, "waiting")
        seen = []

        def check(*_args, **_kwargs):
            seen.append(self.account.sync_from)
            self.assertTiesOut()
            return 60

        with patch.object(type(self.env["ir.cron"]), "_commit_progress", check):
            self.env["tbc.backfill"]._cron_backfill()
        months = [date(2026, month, 1) for month in (6, 5, 4)] + [date(2026, 3, 15)]
        self.assertEqual(sorted(set(seen), reverse=True), months)
        self.assertWhole(self.past + self.present)
        self.assertEqual(backfill.state, "done")
        self.assertEqual((backfill.movement_count, backfill.new), (5, 5))
        self.assertEqual((backfill.days_done, backfill.days_total), (78, 78))
        self.assertEqual(backfill.progress, 100.0)
        # What the hourly read knows stays known; the older days are to be compared.
        self.assertEqual(self.account.synced_until, until)
        self.assertFalse(self.account.sudo().looked_through_on)
        self.assertEqual(self.account.bank_opening_balance, 1000.50)
        self.assertEqual(self.account.opening_line_id.amount, 1000.50)
        self.assertEqual(self.account.opening_line_id.date, date(2026, 3, 14))
        self.assertTrue(self.account.opening_line_id.is_reconciled)
        self.bank.forget_requests()
        self.assertEqual(self.sync(self.account).new, 0)
        self.assertEqual(len(self.bank.requests_to("movements")), 1)
        self.assertEqual(self.account.health, "ok")

    def test_oldest_first(self):
        """The first day wanted moves once, at the end."""
        self.sync(self.account)
        self.start(date(2026, 3, 1), date(2026, 5, 31), "oldest")
        seen = []

        def check(*_args, **_kwargs):
            seen.append(self.account.sync_from)
            self.assertTiesOut()
            return 60

        with patch.object(type(self.env["ir.cron"]), "_commit_progress", check):
            self.env["tbc.backfill"]._cron_backfill()
        self.assertEqual(set(seen), {date(2026, 6, 1), date(2026, 3, 1)})
        asked = [
            request.query["PeriodFrom"][:10]
            for request in self.bank.requests_to("movements")
        ]
        self.assertEqual(asked[-3:], ["2026-03-01", "2026-04-01", "2026-05-01"])
        self.assertWhole(self.past + self.present)
        self.assertEqual(self.account.opening_line_id.amount, 1000.50)
        self.assertTiesOut()

    def test_a_foreign_currency(self):
        """The opening entry follows in both currencies."""
        self.env["res.currency.rate"].create(
            {
                "currency_id": self.usd.id,
                "company_id": self.company.id,
                "name": "2026-01-01",
                "inverse_company_rate": 2.5,
            }
        )
        self.add("100.00", "2026-02-10", currency="USD")
        self.add("30.00", "2026-05-10", currency="USD")
        account = self.make_account(self.usd)
        self.sync(account)
        self.assertEqual(account.opening_line_id.amount, 130.0)
        self.start(date(2026, 3, 1), date(2026, 5, 31), accounts=account)
        self.run_cron()
        self.assertTiesOut(account, "USD")
        entry = account.opening_line_id.move_id
        self.assertEqual(sorted(entry.line_ids.mapped("balance")), [-250.0, 250.0])
        self.start(date(2026, 2, 1), date(2026, 2, 28), accounts=account)
        self.run_cron()
        self.assertTiesOut(account, "USD")
        # Nothing came before the account was opened, so nothing is left to enter.
        self.assertFalse(account.opening_line_id)

    def test_a_day_that_was_never_read_stays_apart(self):
        """A gap keeps the first day where it is, until somebody reads the gap."""
        self.sync(self.account)
        self.start(date(2026, 3, 1), date(2026, 3, 31))
        self.run_cron()
        self.assertEqual(self.account.sync_from, date(2026, 6, 1))
        self.assertTiesOut()
        self.start(date(2026, 4, 1), date(2026, 5, 31))
        self.run_cron()
        self.assertEqual(self.account.sync_from, date(2026, 3, 1))
        self.assertTiesOut()
        self.assertWhole(self.past + self.present)

    def test_before_the_first_hourly_read(self):
        self.start(date(2026, 4, 1), date(2026, 5, 31))
        self.run_cron()
        self.sync(self.account)
        self.assertWhole(self.past[1:] + self.present)
        self.assertTiesOut()
        self.assertEqual(self.account.health, "ok")

    def test_part_of_the_past_before_the_first_hourly_read(self):
        self.start(date(2026, 4, 1), date(2026, 4, 30))
        self.run_cron()
        self.sync(self.account)
        self.assertTiesOut()
        self.start(date(2026, 5, 1), date(2026, 5, 31))
        self.run_cron()
        self.assertTiesOut()
        self.assertEqual(self.account.sync_from, date(2026, 4, 1))

    def test_days_that_were_read_already(self):
        """Only what is missing is booked; neither cursor nor opening stir."""
        self.sync(self.account)
        opening = self.account.opening_line_id
        late = self.add("7.00", "2026-06-03")
        self.start(date(2026, 6, 1), date(2026, 6, 29))
        self.run_cron()
        self.assertWhole([*self.present, late])
        self.assertEqual(self.account.sync_from, date(2026, 6, 1))
        self.assertEqual(self.account.synced_until, date(2026, 6, 29))
        self.assertEqual(self.account.opening_line_id, opening)
        self.assertTiesOut()

    def test_an_opening_by_hand_is_told_before(self):
        """Nobody's entry is touched: the dialog says which figure would count twice."""
        account = self.account
        account.book_opening = False
        self.env["account.bank.statement.line"].create(
            {
                "journal_id": account.journal_id.id,
                "date": "2026-05-31",
                "amount": 1110.50,
                "payment_ref": "From the old program",
            }
        )
        self.sync(account)
        self.assertEqual(account.health, "ok")
        dialog = self.env["tbc.backfill.start"].with_user(self.clerk)
        dialog = dialog.new({"account_ids": account.ids, "day_from": date(2026, 4, 1)})
        self.assertIn("1,110.50", dialog.warning)
        dialog.day_from = date(2026, 6, 1)
        self.assertFalse(dialog.warning)
        self.start(date(2026, 3, 1), date(2026, 5, 31))
        self.run_cron()
        self.sync(account)
        self.assertEqual(account.health, "difference")

    def test_a_page_a_commit(self):
        """No time at all still gets on, and never doubles."""
        more = [self.add(f"{number + 1}.00", "2026-05-12") for number in range(12)]
        self.sync(self.account)
        backfill = self.start(date(2026, 5, 1), date(2026, 5, 31))
        triggers = self.env["ir.cron.trigger"].search([])
        with patch(PAGE_SIZE, 5):
            for _call in range(12):
                self.turn([60])
                new = self.env["ir.cron.trigger"].search([]) - triggers
                self.assertIn(self.cron, new.cron_id, "nobody would go on for a minute")
                self.assertTiesOut()
                if backfill.state == "done":
                    break
        self.assertEqual(backfill.state, "done")
        self.assertWhole(self.past[3:] + self.present + more)

    def test_a_late_one_of_before_the_first_day(self):
        """The bank's opening balance has changed: the step asks for it anew."""
        self.sync(self.account)
        late = self.add("7.00", "2026-05-20")
        self.start(date(2026, 5, 1), date(2026, 5, 31))
        self.run_cron()
        self.assertWhole([*self.past[3:], *self.present, late])
        self.assertTiesOut()

    def test_the_first_day_changed_by_hand_meanwhile(self):
        """Reading on from a day that was read needs no new beginning."""
        self.sync(self.account)
        opening = self.account.opening_line_id
        backfill = self.start(date(2026, 3, 1), date(2026, 5, 31), "oldest")
        self.turn([60, 0])
        self.assertEqual(backfill.state, "running")
        self.account.sync_from = date(2026, 5, 1)
        self.assertFalse(self.account.opening_line_id)
        self.sync(self.account)
        self.assertTiesOut()
        self.run_cron()
        self.sync(self.account)
        self.assertTiesOut()
        self.assertWhole(self.past + self.present)
        self.assertFalse(opening.exists())

    def test_the_restrictive_audit_trail(self):
        """Nothing posted is deleted, and the opening counts once."""
        self.company.restrictive_audit_trail = True
        self.sync(self.account)
        before = self.account.opening_line_id.move_id
        self.start(date(2026, 4, 1), date(2026, 5, 31))
        self.run_cron()
        self.assertTiesOut()
        self.assertEqual(before.state, "cancel")
        openings = self.env["account.move"].search(
            [
                ("journal_id", "=", self.account.journal_id.id),
                ("id", "in", self.account.opening_line_id.move_id.ids + before.ids),
            ]
        )
        self.assertEqual(len(openings), 2)

    def test_an_opening_entry_split_by_hand(self):
        """It can't follow: its movements are held with the reason, the books stay."""
        self.sync(self.account)
        entry = self.account.opening_line_id.move_id
        counterpart = entry.line_ids.filtered(
            lambda line: line.account_id != self.account.journal_id.default_account_id
        )
        other = self.company.get_unaffected_earnings_account().copy()
        entry.with_context(skip_readonly_check=True).write(
            {
                "line_ids": [
                    Command.update(counterpart.id, {"credit": 10.50}),
                    Command.create(
                        {
                            "account_id": other.id,
                            "credit": counterpart.credit - 10.50,
                        }
                    ),
                ]
            }
        )
        self.start(date(2026, 5, 1), date(2026, 5, 31))
        self.run_cron()
        self.assertEqual(self.account.held_ids.mapped("reason"), ["refused"] * 2)
        self.assertIn("by hand", self.account.held_ids[0].message)
        self.assertEqual(self.account.sync_from, date(2026, 6, 1))
        self.assertTiesOut()

    def test_the_bank_is_away(self):
        self.sync(self.account)
        backfill = self.start(date(2026, 4, 1), date(2026, 5, 31))
        self.bank.add_fault("html500", on="movements", times=None)
        with patch(PAUSES, ()):
            self.run_cron()
            asked = len(self.bank.requests_to("movements"))
            self.assertEqual(backfill.state, "running")
            self.assertEqual(backfill.days_done, 0)
            self.assertIn("tries again", backfill.message)
            self.run_cron()
        self.assertEqual(len(self.bank.requests_to("movements")), asked + 1)
        self.bank.clear_faults()
        self.run_cron()
        self.assertEqual((backfill.state, backfill.error), ("done", False))
        self.assertWhole(self.past[1:] + self.present)

    def test_the_bank_is_busy(self):
        self.sync(self.account)
        backfill = self.start(date(2026, 4, 1), date(2026, 5, 31))
        self.bank.add_fault("429", on="movements", times=1, retry_after=600)
        self.run_cron()
        self.assertTrue(self.integration.not_before)
        self.bank.forget_requests()
        self.run_cron()
        self.assertFalse(self.bank.requests)
        self.assertIn("asked not to be called", backfill.message)
        self.integration.not_before = False
        self.run_cron()
        self.assertEqual(backfill.state, "done")

    def test_the_bank_refuses_access(self):
        self.sync(self.account)
        backfill = self.start(date(2026, 4, 1), date(2026, 5, 31))
        self.bank.add_fault("USER_IS_BLOCKED", on="movements", times=None)
        self.run_cron()
        self.assertEqual(self.integration.state, "paused")
        self.assertEqual(backfill.state, "running")
        self.assertIn("blocked", backfill.message)
        self.bank.forget_requests()
        self.run_cron()
        self.assertFalse(self.bank.requests)

    def test_the_bank_refuses_the_period(self):
        """A plain refusal is not asked again and again; a person may."""
        self.sync(self.account)
        backfill = self.start(date(2026, 4, 1), date(2026, 5, 31))
        self.bank.add_fault("INCORRECT_INPUT_DATA", on="movements", times=None)
        self.run_cron()
        self.assertEqual(backfill.state, "failed")
        # Single days are refused as well, so it is not that a month is too long.
        self.assertLessEqual(len(self.bank.requests_to("movements")), 7)
        self.bank.clear_faults()
        self.assertTrue(backfill.message)
        self.assertEqual(self.account.backfill_progress["state"], "failed")
        self.bank.forget_requests()
        self.run_cron()
        self.assertFalse(self.bank.requests)
        backfill.with_user(self.clerk).action_resume()
        self.run_cron()
        self.assertEqual(backfill.state, "done")

    def test_a_list_that_never_holds_still(self):
        """A month that could not be read completely is never called read."""
        for number in range(6):
            self.add(f"{number + 1}.00", "2026-05-12")
        self.sync(self.account)
        backfill = self.start(date(2026, 5, 1), date(2026, 5, 31))
        self.bank.add_fault("total_changes", on="movements", times=None)
        with patch(PAGE_SIZE, 5):
            self.run_cron()
        self.assertFalse(backfill.done_from)
        self.assertEqual(backfill.state, "running")
        self.assertIn("tries again", backfill.message)
        # What was booked until then came out of the opening line.
        self.assertTiesOut()
        self.bank.clear_faults()
        self.run_cron()
        self.assertEqual(backfill.state, "done")
        self.assertTiesOut()

    def test_pause_and_go_on(self):
        self.sync(self.account)
        backfill = self.start(date(2026, 3, 1), date(2026, 5, 31))
        self.turn([60, 0])
        done = backfill.done_from
        self.assertEqual(backfill.state, "running")
        self.assertTrue(done)
        backfill.with_user(self.clerk).action_pause()
        self.bank.forget_requests()
        self.run_cron()
        self.assertFalse(self.bank.requests)
        self.assertEqual(backfill.state, "paused")
        backfill.with_user(self.clerk).action_resume()
        self.run_cron()
        self.assertEqual(backfill.state, "done")
        asked = [
            request.query["PeriodFrom"][:10]
            for request in self.bank.requests_to("movements")
        ]
        self.assertNotIn(str(done), asked)
        self.assertWhole(self.past + self.present)

    def test_paused_between_two_pages(self):
        """The page that is there stays; the next one is not asked for."""
        self.sync(self.account)
        for number in range(12):
            self.add(f"{number + 1}.00", "2026-05-12")
        backfill = self.start(date(2026, 5, 1), date(2026, 5, 31))
        self.bank.forget_requests()
        calls = []

        def commit(*_args, **_kwargs):
            calls.append(1)
            if self.bank.requests_to("movements"):
                backfill.action_pause()
            return 60

        with (
            patch(PAGE_SIZE, 5),
            patch.object(type(self.env["ir.cron"]), "_commit_progress", commit),
            patch.object(self.env.cr, "rollback", lambda: None),
        ):
            self.env["tbc.backfill"]._cron_backfill()
        self.assertEqual(len(self.bank.requests_to("movements")), 1)
        self.assertEqual(backfill.state, "paused")

    def test_cancel_keeps_what_was_read(self):
        self.sync(self.account)
        backfill = self.start(date(2026, 3, 1), date(2026, 5, 31))
        self.turn([60, 0])
        backfill.with_user(self.clerk).action_cancel()
        self.run_cron()
        self.assertEqual(backfill.state, "cancelled")
        self.assertEqual(self.account.sync_from, date(2026, 5, 1))
        self.assertTiesOut()
        # Another one may begin.
        self.start(date(2026, 3, 1), date(2026, 4, 30))
        self.run_cron()
        self.assertWhole(self.past + self.present)
        self.assertTiesOut()

    def test_one_at_a_time(self):
        self.start(date(2026, 3, 1), date(2026, 5, 31))
        with self.assertRaisesRegex(UserError, "being imported already"):
            self.start(date(2026, 1, 1), date(2026, 1, 31))
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.env["tbc.backfill"].create(
                {
                    "account_id": self.account.id,
                    "day_from": date(2026, 1, 1),
                    "day_to": date(2026, 1, 31),
                }
            )
            self.env.flush_all()

    def test_days_that_nobody_can_read(self):
        for first, last in (
            (date(2026, 5, 1), date(2026, 6, 30)),
            (date(2026, 5, 2), date(2026, 5, 1)),
            (date(1026, 5, 1), date(2026, 5, 1)),
        ):
            with self.subTest(first), self.assertRaises(UserError):
                self.start(first, last)
        unlinked = self.make_account(self.usd, journal=False)
        with self.assertRaisesRegex(UserError, "journal"):
            self.start(date(2026, 5, 1), date(2026, 5, 31), accounts=unlinked)

    def test_what_is_held_keeps_the_first_day(self):
        """The books begin after what is missing, until that comes in."""
        self.sync(self.account)
        self.lock_until("2026-05-15")
        backfill = self.start(date(2026, 4, 1), date(2026, 5, 31))
        self.run_cron()
        self.assertEqual(backfill.state, "done")
        held = self.account.held_ids
        self.assertEqual(sorted(held.mapped("movement_id")), sorted(self.past[1:4]))
        # Days 3 to 15 are read, but the opening line finds no open day before them.
        self.assertEqual(self.account.sync_from, date(2026, 5, 16))
        self.assertTiesOut()
        self.sync(self.account)
        self.assertTiesOut()
        # The lock goes: the hourly read books them, and the first day follows.
        self.lock_until("2026-03-31")
        self.sync(self.account)
        self.assertFalse(self.account.held_ids)
        self.assertWhole(self.past[1:] + self.present)
        self.assertEqual(self.account.sync_from, date(2026, 4, 1))
        self.assertEqual(self.account.opening_line_id.amount, 1010.50)
        self.assertTiesOut()

    def test_while_the_hourly_read_is_at_work(self):
        """The account's row is left alone; that read itself moves the first day."""
        self.sync(self.account)
        self.account.reading_at = fields.Datetime.to_datetime("2026-06-30 08:00:00")
        backfill = self.start(date(2026, 5, 1), date(2026, 5, 31))
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT xmin FROM tbc_account WHERE id = %s", (self.account.id,)
        )
        version = self.env.cr.fetchone()
        self.turn([60] * 20)
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT xmin FROM tbc_account WHERE id = %s", (self.account.id,)
        )
        self.assertEqual(self.env.cr.fetchone(), version)
        self.assertEqual(backfill.state, "done")
        self.assertEqual(self.account.sync_from, date(2026, 6, 1))
        self.assertTiesOut()
        self.sync(self.account)
        self.assertEqual(self.account.sync_from, date(2026, 5, 1))
        self.assertTiesOut()

    def test_two_accounts_take_turns(self):
        usd = self.make_account(self.usd)
        ids = [self.add("1.00", f"2026-0{m}-10", currency="USD") for m in (4, 5)]
        self.sync(self.account)
        self.sync(usd)
        both = self.start(
            date(2026, 4, 1), date(2026, 5, 31), accounts=self.account + usd
        )
        self.turn([60, 0])
        self.bank.now += timedelta(minutes=1)
        self.turn([60, 0])
        self.assertEqual(set(both.mapped("days_done")), {31})
        self.run_cron()
        self.assertEqual(set(both.mapped("state")), {"done"})
        self.assertWhole(ids, usd)
        self.assertTiesOut(usd, "USD")

    def test_progress_in_words(self):
        self.sync(self.account)
        self.assertFalse(self.account.backfill_progress)
        backfill = self.start(date(2025, 7, 1), date(2026, 5, 31))
        self.assertIn("moment", backfill.message)
        self.turn([60, 0])
        backfill.seconds = 31 * 60.0
        account = self.account.with_user(self.clerk)
        account.invalidate_recordset()
        progress = account.backfill_progress
        self.assertEqual(progress["days_done"], 31)
        self.assertEqual(progress["days_total"], 335)
        self.assertEqual(progress["movements"], 2)
        self.assertEqual(progress["percent"], 9)
        self.assertIn("5 hours", progress["message"].replace("About ", ""))


@tagged("post_install", "-at_install")
class TestBackfillAccess(BackfillCase):
    def test_who_may_start(self):
        for user in (self.clerk, self.administrator, self.director):
            with self.subTest(user.login):
                backfill = self.start(date(2026, 5, 1), date(2026, 5, 31), user=user)
                seen = backfill.with_user(user)
                self.assertEqual(seen.read(["state"])[0]["state"], "waiting")
                seen.action_pause()
                seen.action_resume()
                seen.action_cancel()
                self.assertEqual(backfill.state, "cancelled")

    def test_who_may_not(self):
        with self.assertRaises(AccessError):
            self.start(date(2026, 5, 1), date(2026, 5, 31), user=self.accountant)
        backfill = self.start(date(2026, 5, 1), date(2026, 5, 31))
        as_accountant = backfill.with_user(self.accountant)
        with self.assertRaises(AccessError):
            as_accountant.read(["state"])
        for button in ("action_pause", "action_resume", "action_cancel"):
            with self.subTest(button), self.assertRaises(AccessError):
                getattr(as_accountant, button)()

    def test_nobody_writes_it(self):
        backfill = self.start(date(2026, 5, 1), date(2026, 5, 31))
        for user in (self.clerk, self.administrator, self.director):
            own = backfill.with_user(user)
            with self.subTest(user.login):
                with self.assertRaises(AccessError):
                    own.write({"done_from": date(2020, 1, 1)})
                with self.assertRaises(AccessError):
                    own.unlink()
                with self.assertRaises(AccessError):
                    own.create(
                        {
                            "account_id": self.account.id,
                            "day_from": date(2026, 1, 1),
                            "day_to": date(2026, 1, 2),
                        }
                    )

    def test_another_company(self):
        backfill = self.start(date(2026, 5, 1), date(2026, 5, 31))
        other = self.env["res.company"].create({"name": "Another LLC"})
        stranger = self.clerk.copy({"login": "tbc_stranger"})
        stranger.write(
            {"company_ids": [Command.set(other.ids)], "company_id": other.id}
        )
        context = {"allowed_company_ids": other.ids}
        own = backfill.with_user(stranger).with_context(**context)
        self.assertFalse(own.search([]))
        with self.assertRaises(AccessError):
            own.action_cancel()
        with self.assertRaises(AccessError):
            self.start(date(2026, 1, 1), date(2026, 1, 2), user=stranger)
