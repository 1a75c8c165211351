"""Bank statements after a difference was mended as advised, and those that stay wrong."""

from datetime import date, timedelta
from unittest.mock import patch

from odoo.addons.account_tbc_bank.services.proof import bank_statements
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import IBAN
from .proof_common import ProofCase

MODULE = "odoo.addons.account_tbc_bank.services.proof.bank_statements"


class StatementCase(ProofCase):
    """An account with a statement of each day that has movements."""

    period = "daily"

    def set_up_once(self):
        super().set_up_once()
        self.account = self.make_account(
            sync_from=date(2026, 5, 25), statement_period=self.period
        )
        self.ids_of_days = {
            day: self.add(f"{day}.00", f"2026-06-{day:02}") for day in range(3, 13)
        }
        self.fifth = self.ids_of_days[5]
        self.second_of_fifth = self.add("-2.00", "2026-06-05")
        self.sync(self.account)
        self.assertRight()

    def statements(self):
        found = self.env["account.bank.statement"].search(
            [("tbc_account_id", "=", self.account.id)], order="tbc_day_from"
        )
        found.invalidate_recordset()
        return found

    def statement(self, day):
        return self.statements().filtered(
            lambda s: s.tbc_day_from <= date(2026, 6, day) <= s.tbc_day_to
        )

    def line(self, movement_id):
        return self.lines(self.account).filtered(
            lambda line: line.tbc_movement_id == movement_id
        )

    def assertRight(self, but=()):
        """Each statement is what the bank says of its days; Odoo finds it valid."""
        for statement in self.statements():
            first, last = statement.tbc_day_from, statement.tbc_day_to
            if first.day in but:
                continue
            with self.subTest(statement.name):
                before = self.bank.ledger.balance(
                    IBAN, "GEL", first - timedelta(days=1)
                )
                after = self.bank.ledger.balance(IBAN, "GEL", last)
                self.assertAlmostEqual(statement.balance_start, float(before))
                self.assertAlmostEqual(statement.balance_end_real, float(after))
                self.assertTrue(statement.is_complete)
                self.assertTrue(statement.line_ids)
                self.assertTrue(
                    all(first <= line.date <= last for line in statement.line_ids)
                )
                if not but:
                    self.assertTrue(statement.is_valid)
        if not but:
            self.assertFalse(self.account.journal_id.has_invalid_statements)
            self.assertEqual(self.told(), [])

    def move(self, movement_id, day):
        """Let the bank move it, and the next proof compare the balance in between."""
        self.account.proved_day = min(day, self.line(movement_id).date)
        self.redate(movement_id, str(day))
        self.sync(self.account)

    def told(self):
        self.account.invalidate_recordset()
        return [
            (str(d.day), d.kind)
            for d in self.account.difference_ids.sorted(lambda d: (d.day, d.id))
        ]

    def change_amount(self, movement_id, cents):
        movement = self.bank.ledger.find(movement_id)
        movement.members["amount"] = abs(cents) / 100
        movement.cents = cents


@tagged("post_install", "-at_install")
class TestStatementMended(StatementCase):
    notes_changes = False

    # --- the bank changes, a person follows the advice ----------------------------------

    def test_moved_to_another_day(self):
        for day in (9, 4, 25):
            with self.subTest(day=day):
                self.move(self.fifth, date(2026, 6, day))
                self.assertIn("other_day", [kind for _day, kind in self.told()])
                self.line(self.fifth).date = date(2026, 6, day)
                self.sync(self.account)
                self.assertRight()
                self.assertIn(self.line(self.fifth), self.statement(day).line_ids)
                self.assertNotIn(self.line(self.fifth), self.statement(5).line_ids)

    def test_the_only_one_of_its_day_moved(self):
        movement_id = self.ids_of_days[8]
        for day in (20, 10, 3):
            with self.subTest(day=day):
                self.move(movement_id, date(2026, 6, day))
                self.line(movement_id).date = date(2026, 6, day)
                self.sync(self.account)
                self.assertRight()
                self.assertFalse(self.statement(8))

    def test_moved_by_the_entry(self):
        """As on screen: reset to draft, change the date, post."""
        self.move(self.fifth, date(2026, 6, 9))
        move = self.line(self.fifth).move_id
        move.button_draft()
        move.date = date(2026, 6, 9)
        move.action_post()
        self.sync(self.account)
        self.assertRight()

    def test_another_amount(self):
        self.change_amount(self.fifth, 12_50)
        self.sync(self.account)
        self.assertEqual(self.told(), [("2026-06-05", "changed")])
        self.line(self.fifth).amount = 12.5
        self.sync(self.account)
        self.assertRight()

    def test_another_amount_by_the_entry(self):
        self.change_amount(self.fifth, 12_50)
        self.sync(self.account)
        move = self.line(self.fifth).move_id
        move.button_draft()
        liquidity, suspense, _other = self.line(self.fifth)._seek_for_lines()
        move.line_ids = [
            Command.update(liquidity.id, {"debit": 12.5}),
            Command.update(suspense.id, {"credit": 12.5}),
        ]
        move.action_post()
        self.sync(self.account)
        self.assertRight()

    def test_withdrawn_and_deleted(self):
        self.bank.ledger.withdraw(self.fifth)
        self.sync(self.account)
        self.assertEqual(self.told(), [("2026-06-05", "not_at_bank")])
        self.assertTrue(self.line(self.fifth).statement_id)
        difference = self.account.difference_ids.with_user(self.administrator)
        difference.action_delete_line()
        self.assertFalse(self.line(self.fifth))
        self.sync(self.account)
        self.assertRight()

    def test_withdrawn_the_only_one_of_its_day_and_deleted(self):
        self.bank.ledger.withdraw(self.ids_of_days[8])
        self.sync(self.account)
        self.line(self.ids_of_days[8]).with_user(self.administrator).unlink()
        self.sync(self.account)
        self.assertRight()
        self.assertFalse(self.statement(8))

    def test_withdrawn_and_the_entry_deleted(self):
        """The database takes the line along, without asking Odoo's own code."""
        self.bank.ledger.withdraw(self.fifth)
        self.sync(self.account)
        move = self.line(self.fifth).move_id.with_user(self.administrator)
        move.button_draft()
        move.unlink()
        self.sync(self.account)
        self.assertRight()

    def test_withdrawn_and_reversed(self):
        """The line stays, with an entry against it; the bank's statement has neither."""
        self.bank.ledger.withdraw(self.fifth)
        self.sync(self.account)
        line = self.line(self.fifth)
        self.by_hand(self.account, -5.0, "2026-06-05")
        self.sync(self.account)
        self.assertRight()
        self.assertFalse(line.statement_id)
        self.sync(self.account)
        self.assertRight()
        self.assertFalse(line.statement_id)

    def test_withdrawn_and_reversed_by_a_line_of_the_bank(self):
        self.bank.ledger.withdraw(self.fifth)
        self.sync(self.account)
        self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.account.journal_id.id,
                "date": "2026-06-05",
                "amount": -5.0,
                "payment_ref": "taken back",
            }
        )
        self.sync(self.account)
        self.assertRight()

    def test_the_bank_has_it_again(self):
        self.bank.ledger.hide(self.fifth)
        self.sync(self.account)
        entry = self.by_hand(self.account, -5.0, "2026-06-05")
        self.sync(self.account)
        self.bank.ledger.show(self.fifth)
        entry.button_draft()
        self.sync(self.account)
        self.assertRight()
        self.assertTrue(self.line(self.fifth).statement_id)

    def test_in_a_locked_period(self):
        """Statements are no entries: a lock holds none of them back."""
        # Odoo locks no period with lines in suspense.
        for line in self.lines(self.account):
            _liquidity, suspense, _other = line._seek_for_lines()
            suspense.account_id = self.company.get_unaffected_earnings_account()
        self.statement(5).write({"balance_end_real": 1.0})
        self.lock_until("2026-06-11")
        self.sync(self.account)
        self.assertRight()

    def test_many_followers(self):
        """What moves the balances of more days than one read may ask about."""
        self.move(self.fifth, date(2026, 6, 3))
        self.line(self.fifth).date = date(2026, 6, 3)
        with patch(f"{MODULE}.STATEMENTS_A_READ", 1):
            self.sync(self.account)
        wrong = [kind for _day, kind in self.told()]
        self.assertEqual(wrong, ["statement"] * len(wrong))
        self.assertTrue(wrong)
        self.assertEqual(self.account.health, "difference")
        difference = self.account.difference_ids[0]
        self.assertIn(difference.statement_id.name, difference.message)
        self.assertNotIn("0.00", self.account.health_message)
        notice = difference.with_user(self.clerk).action_make_statements()
        self.assertEqual(notice["params"]["type"], "success")
        self.assertRight()

    # --- what a person does to statements -----------------------------------------------

    def test_a_date_changed_by_hand_and_back(self):
        line = self.line(self.fifth)
        line.date = date(2026, 6, 9)
        self.sync(self.account)
        self.assertEqual(self.told(), [("2026-06-05", "other_day")])
        line.date = date(2026, 6, 5)
        self.sync(self.account)
        self.assertRight()

    def test_figures_changed_by_hand(self):
        for name in ("balance_start", "balance_end_real"):
            with self.subTest(name):
                self.statement(5)[name] = 1.0
                self.sync(self.account)
                self.assertRight()

    def test_a_line_put_into_a_statement_by_hand(self):
        """Ours can't be made without it: told, until a person takes it out."""
        line = self.line(self.fifth)
        own = self.env["account.bank.statement"].create(
            {"name": "mine", "line_ids": [Command.set(line.ids)]}
        )
        self.sync(self.account)
        self.assertEqual(self.told(), [("2026-06-05", "statement")])
        self.assertEqual(line.statement_id, own, "a person's own statement stays")
        self.assertEqual(self.account.health, "difference")
        notice = self.account.difference_ids.action_make_statements()
        self.assertEqual(notice["params"]["type"], "warning")
        self.assertIn(self.statement(5).name, notice["params"]["message"])
        own.unlink()
        self.sync(self.account)
        self.assertRight()

    def test_a_line_by_hand_put_into_ours(self):
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.account.journal_id.id,
                "date": "2026-06-05",
                "amount": 1.0,
                "payment_ref": "by hand",
                "statement_id": self.statement(5).id,
            }
        )
        self.sync(self.account)
        self.assertEqual(self.told(), [("2026-06-05", "by_hand")])
        self.account.difference_ids.line_id.with_user(self.administrator).unlink()
        self.assertFalse(line.exists())
        self.sync(self.account)
        self.assertRight()

    def test_a_line_of_one_statement_put_into_another(self):
        self.line(self.fifth).statement_id = self.statement(9)
        self.sync(self.account)
        self.assertRight()

    def test_counted_without_being_listed_and_booked_by_hand(self):
        """The day's statement can't be right: a person may delete it."""
        self.bank.ledger.hide(self.add("70.00", "2026-06-05"), keep_in_totals=True)
        self.sync(self.account)
        self.assertEqual(self.told(), [("2026-06-05", "unlisted")])
        self.by_hand(self.account, 70.0, "2026-06-05")
        self.sync(self.account)
        self.assertEqual(self.told(), [("2026-06-05", "statement")])
        self.assertRight(but=(5,))
        self.statement(5).unlink()
        for _time in range(2):
            self.sync(self.account)
            self.assertEqual(self.told(), [])
            self.assertEqual(self.account.health, "ok")
            self.assertFalse(self.statement(5))

    def test_booked_on_the_first_open_day(self):
        """A late one of a locked day, of which no other difference is told."""
        self.account.locked_policy = "first_open_day"
        with patch.object(type(self.company), "_validate_locks", lambda *_args: None):
            self.lock_until("2026-06-15")
        late = self.add("70.00", "2026-06-05")
        self.sync(self.account)
        self.assertEqual(self.line(late).date, date(2026, 6, 16))
        self.assertEqual(self.told(), [("2026-06-05", "statement")])
        self.assertRight(but=(5,))
        self.statement(5).unlink()
        self.sync(self.account)
        self.assertEqual(self.told(), [])

    # --- telling ------------------------------------------------------------------------

    def test_another_module_refuses(self):
        """Told as long as it lasts; money comes first."""
        model = type(self.env["account.bank.statement"])
        refusal = "A rule of another module says no."

        def write(statements, vals):
            raise UserError(refusal)

        self.line(self.fifth).statement_id = False
        with patch.object(model, "write", write):
            self.sync(self.account)
            self.assertEqual(self.told(), [("2026-06-05", "statement")])
            self.by_hand(self.account, 3.0, "2026-06-10")
            self.sync(self.account)
        self.assertEqual(
            self.told(), [("2026-06-05", "statement"), ("2026-06-10", "by_hand")]
        )
        self.assertIn("3.00", self.account.health_message)
        # It is no disagreement with the bank: neither in the chart nor in the report.
        june = self.account.calendar["months"][0]["days"]
        self.assertEqual((june[4], june[9]), ("c", "d"))
        self.assertExplained(self.account)

    def test_the_bank_is_away(self):
        self.line(self.fifth).statement_id = False
        self.bank.add_fault("html500", on="statements", times=None)
        notice = self.account.action_make_statements()
        self.assertEqual(notice["params"]["type"], "danger")
        self.bank.clear_faults()
        notice = self.account.action_make_statements()
        self.assertEqual(notice["params"]["type"], "success")
        self.assertRight()

    def test_the_bank_refuses_one_period(self):
        """The others are made all the same."""
        ask = bank_statements._make_statement
        refused = []

        def make(account, client, first, last):
            if first.day == 5 and not refused:
                refused.append(first)
                self.bank.add_fault("INVALID_ACCOUNT", on="statements")
            return ask(account, client, first, last)

        for day in (5, 9):
            self.statement(day).balance_start = 1.0
        with patch.object(bank_statements, "_make_statement", make):
            self.sync(self.account)
        self.assertTrue(refused)
        self.assertEqual(self.told(), [("2026-06-05", "statement")])
        self.assertRight(but=(5,))

    def test_who_may(self):
        self.line(self.fifth).statement_id = False
        with self.assertRaises(AccessError):
            self.account.with_user(self.accountant).action_make_statements()
        self.bank.ledger.withdraw(self.ids_of_days[9])
        self.sync(self.account)
        difference = self.account.difference_ids.filtered(
            lambda d: d.kind == "not_at_bank"
        )
        with self.assertRaises(AccessError):
            difference.with_user(self.clerk).action_delete_line()

    def test_a_valid_statement_keeps_what_the_bank_has(self):
        with self.assertRaises(UserError):
            self.line(self.fifth).with_user(self.administrator).unlink()

    def test_only_a_line_that_is_told_can_be_deleted_by_the_button(self):
        self.change_amount(self.fifth, 12_50)
        self.sync(self.account)
        with self.assertRaises(UserError):
            self.account.difference_ids.action_delete_line()


@tagged("post_install", "-at_install")
class TestStatementMendedMonthly(StatementCase):
    period = "monthly"

    def set_up_once(self):
        super().set_up_once()
        self.may = [self.add("1.00", f"2026-05-{day:02}") for day in (4, 20)]
        self.april = self.add("1.00", "2026-04-10")
        self.account.sync_from = date(2026, 4, 1)
        self.sync(self.account)
        self.assertEqual([s.tbc_day_from.month for s in self.statements()], [4, 5])

    def assertRight(self, but=()):
        for statement in self.statements():
            self.assertTrue(statement.is_complete)
            self.assertTrue(statement.is_valid)
            self.assertEqual(statement.date, statement.tbc_day_to)
        self.assertFalse(self.account.journal_id.has_invalid_statements)
        self.assertEqual(self.told(), [])

    def test_moved_to_another_month(self):
        self.move(self.may[0], date(2026, 4, 20))
        self.line(self.may[0]).date = date(2026, 4, 20)
        self.sync(self.account)
        self.assertRight()
        april, may = self.statements()
        self.assertEqual(april.balance_end_real - april.balance_start, 2.0)
        self.assertEqual(may.balance_end_real - may.balance_start, 1.0)

    def test_all_of_a_month_moved(self):
        self.move(self.april, date(2026, 5, 20))
        self.line(self.april).date = date(2026, 5, 20)
        self.sync(self.account)
        self.assertRight()
        self.assertEqual(len(self.statements()), 1)

    def test_another_amount(self):
        self.change_amount(self.april, 4_00)
        self.sync(self.account)
        self.assertEqual(self.told(), [("2026-04-10", "changed")])
        self.line(self.april).amount = 4.0
        self.sync(self.account)
        self.assertRight()

    def test_after_the_setting_was_switched_off(self):
        self.account.statement_period = "none"
        self.move(self.may[0], date(2026, 4, 20))
        self.line(self.may[0]).date = date(2026, 4, 20)
        self.sync(self.account)
        self.assertRight()

    def test_a_later_first_day(self):
        """What lies before it is nobody's concern any more."""
        self.account.sync_from = date(2026, 5, 1)
        self.sync(self.account)
        self.statements()[0].balance_end_real = 77.0
        self.sync(self.account)
        self.assertEqual(self.told(), [])
