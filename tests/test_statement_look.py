"""A quiet sync looks at few statements; whatever can have changed is found all the same."""

from datetime import date, timedelta
from unittest.mock import patch

from odoo.addons.account_tbc_bank.services.proof.statement_look import look_of
from odoo.addons.account_tbc_bank.services.sync import read_locked
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import IBAN, TODAY, TbcCase
from .proof_common import ProofCase

MODULE = "odoo.addons.account_tbc_bank.services.proof.bank_statements"
REFUSAL = "A rule of another module says no."


class LookCase(TbcCase):
    """An account with statements of older days, written days ago."""

    period = "daily"

    def poll(self):
        """Read as the scheduled action does; return the number of queries."""
        self.env.flush_all()
        self.env.invalidate_all()
        account, before = self.account.sudo(), self.env.cr.sql_log_count
        account.try_lock_for_update(allow_referencing=True)
        run, _error = read_locked(account, lambda: float("inf"), is_scheduled=True)
        self.env.flush_all()
        queries = self.env.cr.sql_log_count - before
        account.invalidate_recordset()
        self.assertEqual(run.state, "done", run.error)
        return queries

    def let_time_pass(self):
        """Let all that is there be written days ago."""
        self.env.flush_all()
        for table in (
            "account_bank_statement",
            "account_bank_statement_line",
            "account_move_line",
        ):
            self.env.cr.execute(
                f"UPDATE {table} SET write_date = write_date - INTERVAL '2 days'"
            )
        self.env.invalidate_all()

    def statements(self):
        found = self.env["account.bank.statement"].search(
            [("tbc_account_id", "=", self.account.id)], order="tbc_day_from"
        )
        found.invalidate_recordset()
        return found

    def figures(self):
        return [
            (str(s.tbc_day_from), s.balance_start, s.balance_end_real, len(s.line_ids))
            for s in self.statements()
        ]

    def look(self):
        return look_of(self.account.sudo())

    def told(self):
        self.account.invalidate_recordset()
        return [(str(d.day), d.kind) for d in self.account.difference_ids]


@tagged("post_install", "-at_install")
class TestQuietStatements(LookCase):
    """How many queries a quiet sync takes, whatever the history."""

    bank_options = {"accounts": {IBAN: ("GEL", "USD")}, "days": 0}

    def quiet(self, period, first, count):
        """The queries of a quiet sync with so many days that have a statement."""
        self.account.statement_period = period
        self.account.sync_from = first
        for number in range(count):
            self.add("1.00", str(first + timedelta(days=number)))
        # The first of them ask for the months.
        with patch(f"{MODULE}.STATEMENTS_A_READ", 400):
            for _poll in range(4):
                self.poll()
        self.let_time_pass()
        self.poll()
        self.assertFalse(self.look().is_whole)
        return self.poll()

    def test_queries(self):
        for period in ("daily", "monthly"):
            self.account = self.make_account(
                self.usd if period == "monthly" else self.gel,
                sync_from=date(2026, 4, 1),
            )
            with self.subTest(period):
                few = self.quiet(period, date(2026, 4, 1), 10)
                self.assertTrue(self.statements())
                many = self.quiet(period, date(2025, 9, 1), 200)
                made = len(self.statements())
                self.assertGreaterEqual(made, 200 if period == "daily" else 7)
                self.assertEqual(few, many)
                self.assertLessEqual(many, 40)

    def add(self, amount, day):
        code = self.account.currency_id.name
        return super().add(amount, day, currency=code)


class OlderStatementsCase(LookCase, ProofCase):
    """Statements of three older days, which are right."""

    def set_up_once(self):
        super().set_up_once()
        self.account = self.make_account(
            sync_from=date(2026, 2, 1), statement_period=self.period
        )
        self.ids_of_days = {
            day: self.add(f"{day}.00", f"2026-02-{day:02}") for day in (3, 4, 5)
        }
        self.add("9.00", "2026-06-20")
        self.poll()
        self.let_time_pass()
        self.poll()
        self.right = self.figures()
        self.assertEqual(len(self.right), 4 if self.period == "daily" else 1)

    def line(self, day):
        return self.lines(self.account).filtered(
            lambda line: line.tbc_movement_id == self.ids_of_days[day]
        )

    def statement(self, day):
        wanted = date(2026, 2, day)
        return self.statements().filtered(
            lambda one: one.tbc_day_from <= wanted <= one.tbc_day_to
        )


@tagged("post_install", "-at_install")
class TestStatementLook(OlderStatementsCase):
    """Whatever a person or the bank does with older days is found at once."""

    def assertMended(self):
        """At the next sync, and it stays so when nothing is written any more."""
        for _time in range(2):
            self.assertFalse(self.look().is_whole)
            self.assertMendedSoon()
            self.let_time_pass()

    def assertMendedSoon(self):
        self.poll()
        # Of the next day there may be another one.
        older = self.figures()[: len(self.right)]
        self.assertEqual((older, self.told()), (self.right, []))

    def test_nothing_older_is_looked_at(self):
        look = self.look()
        self.assertEqual((look.first, look.days), (date(2026, 5, 17), ()))

    def test_figures_changed_by_hand(self):
        self.statement(4).balance_end_real = 1.0
        self.assertMended()

    def test_a_line_taken_out(self):
        self.line(4).statement_id = False
        self.assertMended()

    def test_a_line_deleted(self):
        self.line(4).move_id.button_draft()
        self.line(4).move_id.unlink()
        self.assertMended()

    def test_a_date_changed_and_changed_back(self):
        self.line(4).date = date(2026, 2, 5)
        self.poll()
        self.assertEqual(self.told(), [("2026-02-04", "other_day")])
        self.let_time_pass()
        self.poll()
        self.line(4).date = date(2026, 2, 4)
        self.assertMendedSoon()

    def test_a_statement_deleted(self):
        self.statement(4).unlink()
        self.assertMended()

    def test_a_line_in_a_statement_of_somebody_s_own(self):
        own = self.env["account.bank.statement"].create(
            {"name": "mine", "line_ids": [Command.set(self.line(4).ids)]}
        )
        first = str(self.statement(4).tbc_day_from)
        for _time in range(3):
            self.poll()
            self.assertEqual(self.told(), [(first, "statement")])
            self.let_time_pass()
        self.bank.now += timedelta(days=1)
        self.poll()
        self.assertEqual(self.told(), [(first, "statement")])
        own.unlink()
        self.assertMended()

    def test_a_line_by_hand(self):
        """It keeps a statement back until it goes."""
        self.statement(4).unlink()
        by_hand = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.account.journal_id.id,
                "date": "2026-02-04",
                "amount": 3.0,
                "payment_ref": "by hand",
            }
        )
        for _time in range(3):
            self.poll()
            self.assertFalse(self.statement(4))
            self.let_time_pass()
        by_hand.unlink()
        self.assertMendedSoon()

    def test_a_late_movement_moves_what_follows(self):
        self.add("50.00", "2026-02-03")
        self.poll()
        moved = [
            (day, start + (50 if day > "2026-02-03" else 0), end + 50)
            for day, start, end, _lines in self.right
        ]
        self.assertEqual([figures[:3] for figures in self.figures()], moved)
        self.assertEqual(self.told(), [])

    def test_another_module_refuses(self):
        """Named as long as it lasts, also when nothing is written any more."""
        model = type(self.env["account.bank.statement"])

        def write(statements, vals):
            raise UserError(REFUSAL)

        self.line(4).statement_id = False
        first = str(self.statement(4).tbc_day_from)
        with patch.object(model, "write", write):
            for _time in range(3):
                self.poll()
                self.assertEqual(self.told(), [(first, "statement")])
                self.let_time_pass()
        self.assertMended()

    def test_the_bank_is_away_when_it_is_to_be_mended(self):
        self.line(4).statement_id = False

        def fail(*_args):
            raise UserError(REFUSAL)

        with (
            patch(f"{MODULE}.StatementDays", fail),
            self.env.cr.savepoint(flush=False),
        ):
            run, _error = read_locked(
                self.account.sudo(), lambda: float("inf"), is_scheduled=True
            )
            self.assertEqual(run.state, "failed")
        self.let_time_pass()
        self.assertMended()

    def test_behind_odoo_s_back(self):
        """Of a recent day at the next sync; of an older one on the next day."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_bank_statement_line SET statement_id = NULL WHERE id = %s",
            [self.line(4).id],
        )
        self.env.invalidate_all()
        self.poll()
        self.assertNotEqual(self.figures(), self.right)
        self.bank.now += timedelta(days=1)
        self.assertMendedSoon()

    def test_more_days_than_are_looked_up(self):
        look = "odoo.addons.account_tbc_bank.services.proof.statement_look.MOST_DAYS"
        for day in (3, 4, 5):
            self.line(day).statement_id = False
        with patch(look, 1):
            self.assertMendedSoon()

    def test_another_setting(self):
        self.account.statement_period = "none"
        self.assertTrue(self.look().is_whole)
        self.poll()
        self.assertEqual(self.figures(), self.right)


@tagged("post_install", "-at_install")
class TestStatementLookPeriod(OlderStatementsCase):
    def test_statements_of_another_period_stay(self):
        """Days that had some are looked at as they are, whatever is wanted now."""
        self.account.statement_period = "monthly"
        self.poll()
        self.let_time_pass()
        self.poll()
        right = self.figures()
        self.line(4).payment_ref = "Looked at again"
        for _time in range(2):
            self.poll()
            self.assertFalse(self.look().is_whole)
            self.assertEqual((self.figures(), self.told()), (right, []))
            self.let_time_pass()


@tagged("post_install", "-at_install")
class TestStatementLookMonthly(TestStatementLook):
    """The same with a statement of each month."""

    # Odoo runs what is inherited only where it is asked to.
    allow_inherited_tests_method = True
    period = "monthly"

    def test_a_month_over_is_made_at_once(self):
        self.bank.now += timedelta(days=1)
        self.assertEqual(self.bank.now.date(), TODAY + timedelta(days=1))
        self.poll()
        self.assertEqual(len(self.figures()), 2)
