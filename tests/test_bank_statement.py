"""An account.bank.statement of each period that is over and agrees with the bank."""

from datetime import date, timedelta
from unittest.mock import patch

from odoo.addons.account_tbc_bank.services.proof.bank_statements import make_statements
from odoo.addons.account_tbc_bank.services.proof.statement_days import StatementDays
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from ..services.connecting import open_client
from .common import IBAN, TbcCase

MODULE = "odoo.addons.account_tbc_bank.services.proof.bank_statements"


@tagged("post_install", "-at_install")
class TestBankStatement(TbcCase):
    bank_options = {
        "accounts": {IBAN: ("GEL", "USD")},
        "days": 0,
        "openings": {(IBAN, "GEL"): "100.00", (IBAN, "USD"): "7.00"},
    }

    def set_up_once(self):
        super().set_up_once()
        self.account = self.make_account(
            sync_from=date(2026, 3, 1), statement_period="monthly"
        )
        self.march = self.add("20.00", "2026-03-10")
        self.add("-5.00", "2026-03-31")
        # Nothing in April.
        self.may = self.add("7.00", "2026-05-01")
        self.june = self.add("1.00", "2026-06-10")

    def statements(self, account=None):
        return self.env["account.bank.statement"].search(
            [("journal_id", "=", (account or self.account).journal_id.id)],
            order="first_line_index",
        )

    def figures(self):
        """Of each statement: name's end, opening, closing, lines."""
        return [
            (s.name[-7:], s.balance_start, s.balance_end_real, len(s.line_ids))
            for s in self.statements()
        ]

    def assertInOrder(self, account=None):
        statements = self.statements(account)
        statements.invalidate_recordset()
        for statement in statements:
            with self.subTest(statement.name):
                self.assertTrue(statement.is_valid)
                self.assertTrue(statement.is_complete)
                self.assertTrue(statement.line_ids)
        return statements

    def line(self, movement_id):
        return self.lines(self.account).filtered(
            lambda line: line.tbc_movement_id == movement_id
        )

    def asked(self):
        self.bank.forget_requests()
        self.sync(self.account)
        return {
            (request.query["PeriodFrom"][:10], request.query["PeriodTo"][:10])
            for request in self.bank.requests_to("statements")
        }

    # --- making -------------------------------------------------------------------------

    def test_months_that_are_over(self):
        self.account.book_opening = True
        self.sync(self.account)
        self.assertEqual(
            self.figures(),
            [("2026-03", 100.0, 115.0, 2), ("2026-05", 115.0, 122.0, 1)],
        )
        march, _may = self.assertInOrder()
        self.assertEqual(march.name, f"TBC GEL …{IBAN[-4:]} 2026-03")
        self.assertEqual(march.reference, f"{IBAN} GEL 2026-03-01 2026-03-31")
        self.assertEqual(march.date, date(2026, 3, 31))
        self.assertEqual(march.tbc_account_id, self.account)
        self.assertFalse(self.account.opening_line_id.statement_id)
        self.assertFalse(self.account.journal_id.has_invalid_statements)

    def test_none_is_the_default(self):
        account = self.make_account(self.usd)
        self.add("1.00", "2026-06-01", currency="USD")
        self.sync(account)
        self.assertFalse(self.statements(account))

    def test_nothing_is_asked_twice_for_nothing(self):
        self.sync(self.account)
        self.assertNotIn(("2026-03-01", "2026-03-31"), self.asked())

    def test_days(self):
        self.account.statement_period = "daily"
        self.sync(self.account)
        self.assertEqual(
            [name for name, *_rest in self.figures()],
            ["6-03-10", "6-03-31", "6-05-01", "6-06-10"],
        )
        self.assertEqual(self.statements()[0].name, f"TBC GEL …{IBAN[-4:]} 2026-03-10")
        self.assertInOrder()

    def test_today_is_not_over(self):
        self.account.statement_period = "daily"
        self.add("1.00", "2026-06-30")
        self.sync(self.account)
        self.assertEqual(self.statements()[-1].tbc_day_to, date(2026, 6, 10))
        self.bank.now += timedelta(days=1)
        self.sync(self.account)
        self.assertEqual(self.statements()[-1].tbc_day_to, date(2026, 6, 30))
        self.assertInOrder()

    def test_a_period_that_begins_before_the_first_day_wanted(self):
        self.account.sync_from = date(2026, 3, 2)
        self.sync(self.account)
        self.assertEqual([f[0] for f in self.figures()], ["2026-05"])
        self.assertInOrder()

    def test_a_foreign_currency(self):
        account = self.make_account(self.usd, statement_period="monthly")
        self.add("-3.00", "2026-06-02", currency="USD")
        self.bank.now += timedelta(days=1)
        self.sync(account)
        statement = self.assertInOrder(account)
        self.assertEqual(statement.currency_id, self.usd)
        self.assertEqual(
            (statement.balance_start, statement.balance_end_real), (7.0, 4.0)
        )

    def test_a_user_presses_the_button(self):
        self.account.with_user(self.clerk).sync()
        self.assertEqual(len(self.assertInOrder()), 2)

    def test_as_many_as_one_read_may_ask(self):
        self.account.statement_period = "daily"
        for count in (2, 4, 4):
            with patch(f"{MODULE}.STATEMENTS_A_READ", 2):
                self.sync(self.account)
            self.assertEqual(len(self.assertInOrder()), count)
        self.assertEqual(self.statements()[0].tbc_day_from, date(2026, 3, 10))

    def test_one_commit_each_and_time_runs_out(self):
        self.account.statement_period = "daily"
        seconds = iter([9, 9, 0])
        self.sync(self.account)
        self.statements().unlink()
        found = StatementDays(self.account)
        make_statements(self.account, self.client(), lambda: next(seconds), found)
        self.assertEqual(len(self.statements()), 3)
        self.sync(self.account)
        self.assertEqual(len(self.assertInOrder()), 4)

    def test_the_scheduled_action(self):
        """What it commits is whole: statements with all their lines."""
        self.integration.action_test_connection()
        cron = self.env.ref("account_tbc_bank.ir_cron_sync")
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.assertEqual(self.account.run_ids[:1].state, "done")
        self.assertEqual(len(self.assertInOrder()), 2)

    def client(self):
        opened = open_client(self.integration.sudo())
        client = opened.__enter__()
        self.addCleanup(opened.__exit__, None, None, None)
        return client

    # --- not making ---------------------------------------------------------------------

    def test_a_held_movement(self):
        self.lock_until("2026-03-15")
        self.sync(self.account)
        self.assertEqual([f[0] for f in self.figures()], ["2026-05"])
        self.lock_until("2026-02-28")
        self.sync(self.account)
        self.assertEqual([f[0] for f in self.figures()], ["2026-03", "2026-05"])
        self.assertInOrder()

    def test_a_movement_that_waits_for_authorisation(self):
        """It is in no sum of the bank, so it keeps nothing back."""
        waiting = self.add("9.00", "2026-03-15", statusCode=1)
        self.sync(self.account)
        self.assertEqual(self.figures()[0], ("2026-03", 100.0, 115.0, 2))
        self.bank.ledger.authorise(waiting)
        self.sync(self.account)
        self.assertEqual(
            self.figures(),
            [("2026-03", 100.0, 124.0, 3), ("2026-05", 124.0, 131.0, 1)],
        )
        self.assertInOrder()

    def test_the_bank_counts_more_than_it_lists(self):
        self.bank.ledger.hide(self.march, keep_in_totals=True)
        self.sync(self.account)
        self.assertEqual([f[0] for f in self.figures()], ["2026-05"])

    def test_sums_that_cancel_out(self):
        """Same balance, other turnover: no agreement."""
        hidden = [self.add("4.00", "2026-03-20"), self.add("-4.00", "2026-03-20")]
        for movement_id in hidden:
            self.bank.ledger.hide(movement_id, keep_in_totals=True)
        self.sync(self.account)
        self.assertEqual([f[0] for f in self.figures()], ["2026-05"])

    def test_a_difference(self):
        self.env["tbc.difference"].create(
            {
                "account_id": self.account.id,
                "day": date(2026, 3, 31),
                "kind": "by_hand",
                "amount": 1.0,
            }
        )
        self.sync(self.account)
        found = self.account.difference_ids
        # A proof that finds nothing forgets it: then there is nothing to look at.
        expected = ["2026-05"] if found else ["2026-03", "2026-05"]
        self.assertEqual([f[0] for f in self.figures()], expected)

    def test_a_line_made_by_hand(self):
        self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.account.journal_id.id,
                "date": "2026-03-12",
                "amount": 3.0,
                "payment_ref": "by hand",
            }
        )
        self.sync(self.account)
        self.assertEqual([f[0] for f in self.figures()], ["2026-05"])

    def test_a_statement_made_by_hand(self):
        self.account.statement_period = "none"
        self.sync(self.account)
        own = self.env["account.bank.statement"].create(
            {"name": "mine", "line_ids": [Command.set(self.line(self.march).ids)]}
        )
        self.account.statement_period = "monthly"
        self.sync(self.account)
        self.assertEqual([f[0] for f in self.figures()], ["mine", "2026-05"])
        self.assertEqual(own.line_ids, self.line(self.march))

    def test_a_line_booked_on_another_day(self):
        self.account.statement_period = "none"
        self.sync(self.account)
        self.line(self.march).date = "2026-05-20"
        self.account.statement_period = "monthly"
        self.sync(self.account)
        self.assertFalse(self.statements())

    def test_a_line_taken_back_to_draft(self):
        self.account.statement_period = "none"
        self.sync(self.account)
        self.line(self.march).move_id.button_draft()
        self.account.statement_period = "monthly"
        self.sync(self.account)
        self.assertEqual([f[0] for f in self.figures()], ["2026-05"])

    def test_another_module_refuses_one(self):
        """The others are made, the read is done, and the next one tries again."""
        model = type(self.env["account.bank.statement"])
        original = model.create
        refusal = "A rule of another module says no."

        def create(statements, vals_list):
            if "2026-03" in str(vals_list):
                raise ValidationError(refusal)
            return original(statements, vals_list)

        with patch.object(model, "create", create):
            self.sync(self.account)
        self.assertEqual([f[0] for f in self.figures()], ["2026-05"])
        self.sync(self.account)
        self.assertEqual(len(self.assertInOrder()), 2)

    # --- mending ------------------------------------------------------------------------

    def test_a_late_movement(self):
        self.sync(self.account)
        late = self.add("50.00", "2026-03-05")
        self.sync(self.account)
        self.assertEqual(
            self.figures(),
            [("2026-03", 100.0, 165.0, 3), ("2026-05", 165.0, 172.0, 1)],
        )
        self.assertIn(late, self.statements()[0].line_ids.mapped("tbc_movement_id"))
        self.assertInOrder()

    def test_a_late_movement_of_a_month_without_any(self):
        self.sync(self.account)
        self.add("50.00", "2026-04-15")
        self.sync(self.account)
        self.assertEqual(
            self.figures(),
            [
                ("2026-03", 100.0, 115.0, 2),
                ("2026-04", 115.0, 165.0, 1),
                ("2026-05", 165.0, 172.0, 1),
            ],
        )
        self.assertInOrder()

    def test_a_late_movement_that_is_held(self):
        """It is not booked, so what there is stays as it is until it can be."""
        self.sync(self.account)
        before = self.figures()
        self.eur.active = False
        self.add("317.50", "2026-03-05", exchangeRate="1 EUR = 3.175 GEL")
        self.sync(self.account)
        self.assertEqual(self.account.held_count, 1)
        self.assertEqual(self.figures()[0], before[0])
        self.eur.active = True
        self.sync(self.account)
        self.assertEqual(self.figures()[0], ("2026-03", 100.0, 432.5, 3))
        self.assertInOrder()

    def test_a_late_movement_moves_all_days_after_it(self):
        self.account.statement_period = "daily"
        self.sync(self.account)
        self.add("50.00", "2026-03-10")
        self.sync(self.account)
        self.assertEqual(
            [(f[1], f[2]) for f in self.figures()],
            [(100.0, 170.0), (170.0, 165.0), (165.0, 172.0), (172.0, 173.0)],
        )
        self.assertInOrder()

    def test_a_late_movement_after_the_setting_changed(self):
        """What has a statement keeps it, and no day gets a second one."""
        self.sync(self.account)
        self.account.statement_period = "daily"
        self.add("50.00", "2026-03-05")
        self.sync(self.account)
        self.assertEqual(
            self.figures(),
            [
                ("2026-03", 100.0, 165.0, 3),
                ("2026-05", 165.0, 172.0, 1),
                ("6-06-10", 172.0, 173.0, 1),
            ],
        )
        self.account.statement_period = "none"
        self.add("2.00", "2026-03-06")
        self.sync(self.account)
        self.assertEqual(self.figures()[0], ("2026-03", 100.0, 167.0, 4))
        self.assertInOrder()

    def test_from_days_to_months(self):
        self.account.statement_period = "daily"
        self.sync(self.account)
        self.account.statement_period = "monthly"
        self.add("2.00", "2026-04-06")
        self.add("3.00", "2026-05-06")
        self.sync(self.account)
        # May has a day's statement already, so it gets none as a month.
        self.assertEqual(
            [name for name, *_rest in self.figures()],
            ["6-03-10", "6-03-31", "2026-04", "6-05-01", "6-06-10"],
        )

    def test_lines_that_somebody_took_out_come_back(self):
        self.sync(self.account)
        self.line(self.march).statement_id = False
        self.sync(self.account)
        self.assertEqual(self.figures()[0], ("2026-03", 100.0, 115.0, 2))
        self.assertInOrder()

    def test_what_the_bank_took_back(self):
        """Its line is deleted by a person; the statement follows the bank."""
        self.sync(self.account)
        self.bank.ledger.withdraw(self.may)
        line = self.line(self.may)
        line.statement_id = False
        line.unlink()
        self.sync(self.account)
        self.assertEqual(self.figures(), [("2026-03", 100.0, 115.0, 2)])
        self.assertInOrder()

    def test_a_deleted_statement_is_made_again(self):
        self.sync(self.account)
        self.statements()[0].unlink()
        self.sync(self.account)
        self.assertEqual(len(self.assertInOrder()), 2)

    # --- who may ------------------------------------------------------------------------

    def test_nobody_makes_a_statement_the_banks(self):
        self.sync(self.account)
        statement = self.statements()[0].with_user(self.clerk)
        for vals in ({"tbc_account_id": False}, {"tbc_day_from": "2026-01-01"}):
            with self.subTest(vals), self.assertRaises(AccessError):
                statement.write(vals)
        with self.assertRaises(AccessError):
            statement.create([{"name": "x", "tbc_account_id": self.account.id}])
        made = statement.with_context(
            default_tbc_account_id=self.account.id, default_tbc_day_from="2026-01-01"
        ).create({"name": "x"})
        self.assertFalse(made.tbc_account_id or made.tbc_day_from)
