"""What is kept of the older days: the same figures, and nothing is missed by it."""

from datetime import date, timedelta
from itertools import pairwise

from odoo.addons.account_tbc_bank.services.adding_up import keep_days
from odoo.addons.account_tbc_bank.services.kept_days import NOTHING_KEPT, kept
from odoo.addons.account_tbc_bank.services.ledger import (
    books_balance,
    day_sums,
    items_per_day,
    unlike_moves,
)
from odoo.addons.account_tbc_bank.services.sync import read_locked
from odoo.tests import tagged

from .common import OTHER_IBAN, TODAY
from .proof_common import ProofCase

OLD = date(2026, 2, 10)


@tagged("post_install", "-at_install")
class TestKeptDays(ProofCase):
    def set_up_once(self):
        super().set_up_once()
        self.account = self.make_account(sync_from=date(2026, 1, 1))
        self.old_id = self.add("5.00", "2026-02-10")
        self.add("-2.00", "2026-02-10")
        self.add("7.00", "2026-03-15")
        self.add("9.00", "2026-06-20")
        self.poll()
        self.let_time_pass()

    def poll(self):
        """Read as the scheduled action does; return the run."""
        self.bank.forget_requests()
        account = self.account.sudo()
        run, _error = read_locked(account, lambda: float("inf"), is_scheduled=True)
        self.env.flush_all()
        account.invalidate_recordset()
        self.assertEqual(run.state, "done", run.error)
        return run

    def let_time_pass(self):
        """Let all that is there be written days ago."""
        self.env.flush_all()
        for table in ("account_bank_statement_line", "account_move_line"):
            self.env.cr.execute(
                f"UPDATE {table} SET write_date = write_date - INTERVAL '2 days'"
            )
        self.env.invalidate_all()

    def line_of(self, movement_id):
        lines = self.lines(self.account)
        return lines.filtered(lambda line: line.tbc_movement_id == movement_id)

    def figures(self):
        account = self.account
        days = (date(2025, 12, 31), OLD, date(2026, 5, 1), TODAY)
        return (
            day_sums(account),
            day_sums(account, date(2026, 2, 1), date(2026, 3, 1)),
            sorted(items_per_day(account, TODAY)),
            [books_balance(account, day) for day in days],
        )

    def test_the_same_figures(self):
        known = kept(self.account)
        self.assertEqual((known.until, known.touched), (date(2026, 5, 16), []))
        with_kept = self.figures()
        self.account.sudo().days_kept_at = False
        self.assertEqual(self.figures(), with_kept)

    def test_what_is_held_of_an_older_day_is_added_to_it(self):
        after = OLD + timedelta(days=1)
        self.env["tbc.held.movement"].sudo().create(
            [
                {
                    "account_id": self.account.id,
                    "movement_id": f"{reason} {amount}",
                    "reason": reason,
                    "amount": amount,
                    "day": day,
                }
                for reason, amount, day in (
                    ("locked", 3.0, OLD),
                    ("locked", -1.0, OLD),
                    ("waiting", 8.0, OLD),
                    ("locked", 4.0, after),
                )
            ]
        )
        days = day_sums(self.account)
        told = {day: (days[day].told.credit, days[day].told.debit) for day in days}
        self.assertEqual(told[OLD], (8, 3))
        self.assertEqual(told[after], (4, 0))
        self.assertEqual([days[OLD].lines, days[OLD].posted], [2, 2])
        self.assertEqual(list(days), sorted(days))
        with_kept = self.figures()
        self.account.sudo().days_kept_at = False
        self.assertEqual(self.figures(), with_kept)

    def test_what_is_kept_is_taken(self):
        """Else the test before says nothing."""
        self.env.cr.execute(
            "UPDATE tbc_day SET credits = 50, booked_in = 50"
            " WHERE account_id = %s AND day = %s",
            [self.account.id, OLD],
        )
        self.assertEqual(day_sums(self.account)[OLD].told.credit, 50)
        self.assertEqual(books_balance(self.account, OLD), 1048.0)

    def test_a_quiet_read_asks_little(self):
        for _hour in range(3):
            self.poll()
            names = {request.name for request in self.bank.requests}
            self.assertEqual(names - {"token"}, {"movements", "statements"})
            self.assertLessEqual(len(self.bank.requests), len(names))
            self.assertLessEqual(self.asked()[0][0], "2026-05-17")
        self.bank.now += timedelta(days=1)
        self.poll()
        periods = self.asked()
        self.assertEqual((periods[0][0], periods[-1][1]), ("2026-01-01", "2026-07-01"))
        self.assertGreater(len(periods), 3, "balances of recent days are compared")
        for (_first, last), (begin, _end) in pairwise(periods):
            after = date.fromisoformat(last) + timedelta(days=1)
            self.assertEqual(str(after), begin)

    def test_each_recent_day_is_compared_within_days(self):
        begins = set()
        for _day in range(10):
            self.bank.now += timedelta(days=1)
            self.poll()
            begins.update(begin for begin, _end in self.asked())
            self.poll()
        recent = {str(date(2026, 6, 1) + timedelta(days=n)) for n in range(29)}
        self.assertLessEqual(recent, begins)

    def test_an_older_difference_at_the_bank_is_found_at_once(self):
        late = self.add("3.00", "2026-01-20")
        run = self.poll()
        self.assertEqual(run.repaired, 1)
        self.assertIn(late, self.ids(self.account))
        self.assertEqual(self.differences(self.account), [])

    def test_older_differences_that_cancel_are_found_within_a_day(self):
        self.account.sudo().proved_day = date(2026, 3, 20)
        late = [self.add("3.00", "2026-01-20"), self.add("-3.00", "2026-01-20")]
        self.poll()
        self.bank.now += timedelta(days=1)
        self.poll()
        self.assertLessEqual(set(late), set(self.ids(self.account)))

    def test_a_deleted_line_comes_back(self):
        self.line_of(self.old_id).unlink()
        self.assertEqual(self.poll().repaired, 1)
        self.assertEqual(self.account.health, "ok", self.account.health_message)

    def test_a_deleted_entry_comes_back(self):
        move = self.line_of(self.old_id).move_id
        move.button_draft()
        move.unlink()
        self.assertEqual(self.poll().repaired, 1)
        self.assertEqual(self.account.health, "ok", self.account.health_message)

    def test_a_date_changed_and_changed_back(self):
        line = self.line_of(self.old_id)
        line.date = date(2026, 3, 12)
        self.assertEqual(books_balance(self.account, OLD), 998.0)
        self.poll()
        expected = [("2026-02-10", "other_day", -5.0)]
        self.assertEqual(self.differences(self.account), expected)
        self.let_time_pass()
        self.poll()
        self.assertEqual(self.differences(self.account), expected)
        self.let_time_pass()
        line.date = OLD
        self.poll()
        self.assertEqual(self.differences(self.account), [])
        self.assertEqual(books_balance(self.account, OLD), 1003.0)

    def test_back_to_draft_and_posted(self):
        move = self.line_of(self.old_id).move_id
        move.button_draft()
        self.assertEqual(self.account.difference, -5.0)
        self.poll()
        expected = [("2026-02-10", "changed", -5.0)]
        self.assertEqual(self.differences(self.account), expected)
        self.let_time_pass()
        move.action_post()
        self.poll()
        self.assertEqual(self.differences(self.account), [])

    def test_an_entry_by_hand_and_its_end(self):
        entry = self.by_hand(self.account, 4.0, OLD)
        self.assertEqual(self.account.difference, 4.0)
        self.poll()
        expected = [("2026-02-10", "by_hand", 4.0)]
        self.assertEqual(self.differences(self.account), expected)
        self.let_time_pass()
        self.poll()
        self.assertEqual(self.differences(self.account), expected)
        entry.button_draft()
        entry.unlink()
        self.assertEqual(self.account.difference, 0.0)
        self.poll()
        self.assertEqual(self.differences(self.account), [])

    def test_a_line_that_knows_no_day_costs_nothing(self):
        """Of an older version: looked at where something of its day was written."""
        line = self.line_of(self.old_id)
        self.env.cr.execute(
            "UPDATE account_bank_statement_line SET tbc_day = NULL WHERE id = %s",
            [line.id],
        )
        self.env.invalidate_all()
        account = self.account.sudo()
        self.poll()
        self.assertEqual(unlike_moves(account, NOTHING_KEPT), [])
        self.assertEqual(unlike_moves(account, kept(account)), [])
        line.move_id.button_draft()
        self.poll()
        expected = [("2026-02-10", "changed", -5.0)]
        self.assertEqual(self.differences(self.account), expected)

    def test_behind_odoo_s_back(self):
        """What nothing tells of is found on the next day."""
        item, _other = self.line_of(self.old_id).move_id.line_ids.sorted("balance")[
            ::-1
        ]
        self.env.cr.execute(
            "UPDATE account_move_line SET balance = 6, amount_currency = 6 WHERE id = %s",
            [item.id],
        )
        self.env.invalidate_all()
        self.poll()
        self.assertEqual(self.differences(self.account), [])
        self.bank.now += timedelta(days=1)
        self.poll()
        expected = [("2026-02-10", "changed", 1.0)]
        self.assertEqual(self.differences(self.account), expected)

    def test_another_ledger_account(self):
        bank = self.account.journal_id.default_account_id
        other = bank.copy()
        self.account.journal_id.default_account_id = other
        self.assertEqual(books_balance(self.account, TODAY), 0.0)

    def test_another_ledger_account_by_who_sees_no_tbc_account(self):
        manager = self._make_user("manager", "account.group_account_manager")
        other = self.account.journal_id.default_account_id.copy()
        journal = self.account.journal_id.with_user(manager)
        self.env.invalidate_all()
        self.assertFalse(journal.tbc_account_ids, "else it proves nothing")
        self.env.invalidate_all()
        journal.default_account_id = other
        self.env.invalidate_all()
        self.assertEqual(books_balance(self.account, TODAY), 0.0)

    def test_another_journal(self):
        """An account without lines may get one."""
        account = self.make_account(iban=OTHER_IBAN, sync_from=date(2026, 1, 1))
        self.by_hand(account, 4.0, OLD)
        keep_days(account.sudo(), kept(account), whole=True)
        self.let_time_pass()
        self.assertEqual(books_balance(account, TODAY), 4.0)
        account.journal_id = self.env["account.journal"].create(
            {
                "name": "Another",
                "code": "ANO",
                "type": "bank",
                "company_id": self.company.id,
            }
        )
        self.assertEqual(books_balance(account, TODAY), 0.0)

    def test_only_news_is_committed_within_a_read(self):
        commits = []

        def commit():
            commits.append(True)
            return float("inf")

        account = self.account.sudo()
        self.poll()
        run, _error = read_locked(account, commit, is_scheduled=True)
        self.assertEqual((run.state, run.new, commits), ("done", 0, []))
        self.assertEqual(run.fetched, run.known)
        self.add("3.00", TODAY)
        run, _error = read_locked(account, commit, is_scheduled=True)
        self.assertEqual((run.state, run.new), ("done", 1))
        self.assertTrue(commits)

    def test_what_is_held_or_told_otherwise_is_committed_before_the_proof(self):
        """Whatever stops the proof, it is not forgotten."""
        account, commits = self.account.sudo(), []

        def commit():
            commits.append(
                (account.held_count, len(self.bank.requests_to("statements")))
            )
            return float("inf")

        def read():
            commits.clear()
            self.bank.forget_requests()
            run, _error = read_locked(account, commit, is_scheduled=True)
            self.assertEqual((run.state, run.new), ("done", 0))
            return commits[:1]

        recent = self.add("8.00", TODAY)
        self.poll()
        self.assertEqual(read(), [])
        self.add("3.00", TODAY, statusCode=1)
        self.assertEqual(read(), [(1, 0)])
        self.assertEqual(read(), [])
        self.bank.ledger.change(recent, purpose="Rent")
        self.assertEqual(read(), [(1, 0)])
        self.assertEqual(read(), [])

    def test_only_news_calls_the_matching(self):
        cron = self.env.ref("account_tbc_bank.ir_cron_match")
        triggers = self.env["ir.cron.trigger"].sudo()
        count = triggers.search_count([("cron_id", "=", cron.id)])
        self.poll()
        self.assertEqual(triggers.search_count([("cron_id", "=", cron.id)]), count)
        self.add("3.00", TODAY)
        self.poll()
        self.assertGreater(triggers.search_count([("cron_id", "=", cron.id)]), count)

    def test_what_came_beside_a_whole_read_calls_the_matching(self):
        """A page of a read that was cut short, or of the past."""
        triggers = self.env["ir.cron.trigger"].sudo()
        domain = [("cron_id", "=", self.env.ref("account_tbc_bank.ir_cron_match").id)]
        self.env.flush_all()
        for table, column, hours in (
            ("tbc_sync_run", "write_date", 3),
            ("account_bank_statement_line", "create_date", 2),
            ("account_bank_statement_line", "write_date", 2),
        ):
            self.env.cr.execute(
                f"UPDATE {table} SET {column} = NOW() - %s * INTERVAL '1 hour'",
                [hours],
            )
        self.env.invalidate_all()
        before = triggers.search_count(domain)
        self.assertEqual(self.poll().new, 0)
        self.assertEqual(triggers.search_count(domain), before + 1)
        self.poll()
        self.assertEqual(triggers.search_count(domain), before + 1)

    def test_a_read_by_hand_leaves_the_day_s_balances_to_the_next_one(self):
        self.bank.now += timedelta(days=1)
        self.sync(self.account)
        self.poll()
        self.assertGreater(len(self.asked()), 3)
