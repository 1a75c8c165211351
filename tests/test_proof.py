"""The proof, day by day: what it finds, what it mends, and what it leaves to people."""

from datetime import date, timedelta
from functools import partial

from odoo.addons.account_tbc_bank.services.sync import read_locked, run_sentence
from odoo.tests import tagged

from .common import IBAN, TODAY
from .proof_common import ProofCase


@tagged("post_install", "-at_install")
class TestProofRepair(ProofCase):
    """What the bank shows late, elsewhere or no more."""

    def set_up_once(self):
        super().set_up_once()
        self.account = self.make_account()
        self.credit_id = self.add("200.00", "2026-06-05")
        self.debit_id = self.add("-30.00", "2026-06-20")
        self.sync(self.account)

    def assertAgrees(self):
        self.assertEqual(self.differences(self.account), [])
        self.assertEqual(self.account.health, "ok", self.account.health_message)
        self.assertExplained(self.account)

    def test_agreement_costs_one_question(self):
        self.read_anew(self.account)
        self.assertEqual(self.asked(), [("2026-06-01", "2026-06-30")])
        self.assertAgrees()

    def test_a_late_movement_is_booked_in_the_same_read(self):
        late = self.add("5.00", "2026-06-02")
        run = self.read_anew(self.account)
        self.assertIn(late, self.ids(self.account))
        self.assertEqual((run.new, run.repaired), (1, 1))
        self.assertIn("1 late transaction was found and booked.", run_sentence(run))
        self.assertLessEqual(len(self.asked()), 1 + 5)
        self.assertEqual(self.asked("movements")[1:], [("2026-06-02", "2026-06-02")])
        self.assertAgrees()
        run = self.read_anew(self.account)
        self.assertEqual((run.new, run.repaired, len(self.asked())), (0, 0, 1))

    def test_what_is_written_is_made_last_before_anything_is_booked(self):
        """Else a read of the past, which has the journal's next number and wants the
        account, and this one wait for each other.
        """
        for name, day in (("late", "2026-06-02"), ("new", "2026-06-30")):
            movement, booked = self.add("5.00", day), []
            commit = partial(self._commit, movement, booked)
            with self.subTest(name):
                run, _error = read_locked(self.account.sudo(), commit)
                self.assertEqual((run.state, run.new), ("done", 1))
                self.assertEqual(booked[:2], [False, True])

    def _commit(self, movement, booked):
        booked.append(movement in self.ids(self.account))
        return float("inf")

    def test_the_first_and_the_last_day(self):
        late = [self.add("5.00", "2026-06-01"), self.add("-7.00", "2026-06-30")]
        run = self.read_anew(self.account)
        # The last day is read anyway.
        self.assertEqual((run.new, run.repaired), (2, 1))
        self.assertLessEqual(set(late), set(self.ids(self.account)))
        self.assertAgrees()

    def test_a_movement_that_comes_between_list_and_sums(self):
        """It is found on the last day, and costs no difference until the next read."""
        late = []
        statement = type(self.bank.ledger).totals

        def totals(ledger, *args):
            if not late:
                late.append(self.add("9.00", TODAY))
            return statement(ledger, *args)

        self.patch(type(self.bank.ledger), "totals", totals)
        run = self.read_anew(self.account)
        self.assertEqual(run.repaired, 1)
        self.assertIn(late[0], self.ids(self.account))
        self.assertAgrees()

    def test_days_whose_differences_cancel(self):
        late = [self.add("500.00", "2026-06-02"), self.add("-500.00", "2026-06-17")]
        self.read_anew(self.account)
        self.assertLessEqual(set(late), set(self.ids(self.account)))
        self.assertLessEqual(len(self.asked()), 1 + 2 * 5)
        self.assertAgrees()

    def test_a_deleted_line_comes_back(self):
        """Somebody deletes what the bank has: the day is read again."""
        line = self.lines(self.account)[0]
        movement_id = line.tbc_movement_id
        line.unlink()
        run = self.sync(self.account)
        self.assertEqual(run.repaired, 1)
        self.assertIn(movement_id, self.ids(self.account))
        self.assertAgrees()

    def test_hidden_from_list_and_sums(self):
        """The bank withdraws a movement for a while: told, not deleted, gone again."""
        self.bank.ledger.hide(self.credit_id)
        self.sync(self.account)
        expected = [("2026-06-05", "not_at_bank", 200.0)]
        self.assertEqual(self.differences(self.account), expected)
        self.assertEqual(self.account.health, "difference")
        for words in ("200.00", "higher than at the bank", "does not list"):
            self.assertIn(words, self.account.health_message)
        self.assertExplained(self.account)
        row = self.account.difference_ids
        self.assertEqual(row.line_id.tbc_movement_id, self.credit_id)
        self.read_anew(self.account)
        self.assertEqual(len(self.asked()), 1, "what is known costs nothing more")
        self.assertEqual(self.account.difference_ids, row)
        self.bank.ledger.show(self.credit_id)
        self.sync(self.account)
        self.assertAgrees()
        self.assertEqual(len(self.lines(self.account)), 2)

    def test_withdrawn_and_the_line_deleted_by_a_person(self):
        self.bank.ledger.withdraw(self.debit_id)
        self.sync(self.account)
        expected = [("2026-06-20", "not_at_bank", -30.0)]
        self.assertEqual(self.differences(self.account), expected)
        self.account.difference_ids.line_id.unlink()
        self.assertEqual(self.differences(self.account), [])
        self.read_anew(self.account)
        self.assertEqual(len(self.asked()), 1)
        self.assertAgrees()

    def test_withdrawn_and_reversed_by_hand(self):
        """Where nothing may be deleted, an entry of the same day makes up for it."""
        self.bank.ledger.withdraw(self.debit_id)
        self.sync(self.account)
        entry = self.by_hand(self.account, 30.0, "2026-06-20")
        self.read_anew(self.account)
        self.assertAgrees()
        for _time in range(2):
            self.read_anew(self.account)
            self.assertEqual(len(self.asked()), 1)
        entry.button_draft()
        self.sync(self.account)
        expected = [("2026-06-20", "not_at_bank", -30.0)]
        self.assertEqual(self.differences(self.account), expected)

    def test_reversed_by_an_entry_that_is_deleted(self):
        """What it made up for is told again."""
        self.bank.ledger.withdraw(self.debit_id)
        self.sync(self.account)
        entry = self.by_hand(self.account, 30.0, "2026-06-20")
        self.sync(self.account)
        self.assertAgrees()
        entry.button_draft()
        entry.unlink()
        self.sync(self.account)
        expected = [("2026-06-20", "not_at_bank", -30.0)]
        self.assertEqual(self.differences(self.account), expected)
        self.assertEqual(self.account.health, "difference")

    def test_hidden_from_the_list_alone(self):
        """Counted, not listed: told with the day, looked for, booked when it shows."""
        late = self.add("70.00", "2026-06-10")
        self.bank.ledger.hide(late, keep_in_totals=True)
        self.sync(self.account)
        expected = [("2026-06-10", "unlisted", -70.0)]
        self.assertEqual(self.differences(self.account), expected)
        self.assertIn("lower than at the bank", self.account.health_message)
        self.assertExplained(self.account)
        row = self.account.difference_ids
        self.read_anew(self.account)
        self.assertEqual(len(self.asked()), 1)
        self.assertEqual(len(self.bank.requests), 3, "and the day's list")
        self.assertEqual(self.account.difference_ids, row)
        self.bank.ledger.show(late)
        run = self.sync(self.account)
        self.assertEqual(run.repaired, 1)
        self.assertAgrees()

    def test_who_has_looked_before_sees_it(self):
        """In the same request, too: the list is asked anew."""
        self.assertFalse(self.account.difference_ids)
        late = self.add("70.00", "2026-06-10")
        self.bank.ledger.hide(late, keep_in_totals=True)
        self.sync(self.account)
        self.assertEqual(self.account.difference_ids.mapped("kind"), ["unlisted"])
        self.assertEqual(self.account.health, "difference")

    def test_an_unlisted_debit_is_a_difference_of_its_day(self):
        late = self.add("-70.00", "2026-06-10")
        self.bank.ledger.hide(late, keep_in_totals=True)
        self.sync(self.account)
        expected = [("2026-06-10", "unlisted", 70.0)]
        self.assertEqual(self.differences(self.account), expected)
        self.assertExplained(self.account)
        self.read_anew(self.account)
        self.assertEqual(len(self.asked()), 1)

    def test_both_sides_of_one_day(self):
        for amount in ("70.00", "-70.00"):
            late = self.add(amount, "2026-06-10")
            self.bank.ledger.hide(late, keep_in_totals=True)
        self.sync(self.account)
        self.assertEqual(self.account.difference, 0.0)
        self.assertEqual(self.account.health, "difference")
        expected = [("2026-06-10", "unlisted", -70.0), ("2026-06-10", "unlisted", 70.0)]
        self.assertEqual(sorted(self.differences(self.account)), expected)
        self.assertIn("one more difference", self.account.health_message)
        self.read_anew(self.account)
        self.assertEqual(len(self.asked()), 1)

    def test_listed_and_not_counted(self):
        """The bank contradicts itself the other way round."""
        for movement_id in self.ids(self.account):
            # Its amount as listed stays; what the sums count is half of it.
            movement = self.bank.ledger.find(movement_id)
            movement.members["amount"] = abs(movement.cents) / 100
            movement.cents //= 2
        self.sync(self.account)
        self.assertEqual(
            self.differences(self.account),
            [("2026-06-05", "uncounted", 100.0), ("2026-06-20", "uncounted", -15.0)],
        )
        self.assertExplained(self.account)
        self.read_anew(self.account)
        self.assertEqual(len(self.asked()), 1)

    def test_an_unlisted_one_booked_by_hand(self):
        late = self.add("70.00", "2026-06-10")
        self.bank.ledger.hide(late, keep_in_totals=True)
        self.sync(self.account)
        self.by_hand(self.account, 70.0, "2026-06-10")
        self.read_anew(self.account)
        self.assertAgrees()
        self.read_anew(self.account)
        self.assertEqual(len(self.asked()), 1)
        # Now the bank lists it, and it is booked twice.
        self.bank.ledger.show(late)
        self.sync(self.account)
        expected = [("2026-06-10", "by_hand", 70.0)]
        self.assertEqual(self.differences(self.account), expected)
        self.assertExplained(self.account)

    def test_redated_by_the_bank(self):
        """The line follows the bank's day; its entry is a person's."""
        movement_id = self.credit_id
        self.redate(movement_id, "2026-06-27")
        self.sync(self.account)
        line = self.lines(self.account).filtered(
            lambda line: line.tbc_movement_id == movement_id
        )
        self.assertEqual(line.tbc_day, date(2026, 6, 27))
        self.assertEqual(line.date, date(2026, 6, 5))
        expected = [("2026-06-05", "other_day", 200.0)]
        self.assertEqual(self.differences(self.account), expected)
        self.assertExplained(self.account)
        self.assertEqual(self.account.health, "difference")
        self.assertEqual(self.account.difference, 0.0)
        line.date = date(2026, 6, 27)
        self.sync(self.account)
        self.assertAgrees()

    def test_doubled_at_the_bank_under_another_number(self):
        """Withdrawn and given again: the old line is what is too much."""
        self.bank.ledger.withdraw(self.debit_id)
        new = self.add("-30.00", "2026-06-29")
        self.sync(self.account)
        self.assertIn(new, self.ids(self.account))
        expected = [("2026-06-20", "not_at_bank", -30.0)]
        self.assertEqual(self.differences(self.account), expected)
        self.assertExplained(self.account)

    def test_the_bank_changes_an_amount(self):
        movement_id = self.credit_id
        self.bank.ledger.withdraw(movement_id)
        self.add("210.00", "2026-06-05", movementId=movement_id)
        self.sync(self.account)
        expected = [("2026-06-05", "changed", -10.0)]
        self.assertEqual(self.differences(self.account), expected)
        self.assertExplained(self.account)
        line = self.account.difference_ids.line_id
        self.assertEqual(line.amount, 200.0)
        self.assertIn("210", line.move_id.message_ids[0].body)
        self.read_anew(self.account)
        self.assertEqual(len(self.asked()), 1)
        line.amount = 210.0
        self.sync(self.account)
        self.assertAgrees()

    def test_what_is_held_and_withdrawn_is_never_booked(self):
        self.lock_until("2026-06-03")
        locked = self.add("5.00", "2026-06-03")
        self.sync(self.account)
        self.assertEqual(self.account.held_ids.movement_id, locked)
        self.bank.ledger.withdraw(locked)
        self.sync(self.account)
        self.assertFalse(self.account.held_ids)
        self.lock_until("2026-05-31")
        self.sync(self.account)
        self.assertNotIn(locked, self.ids(self.account))
        self.assertAgrees()

    def test_held_is_no_difference(self):
        self.lock_until("2026-06-03")
        self.add("5.00", "2026-06-03")
        self.read_anew(self.account)
        self.assertEqual(self.account.health, "held")
        self.assertEqual(self.differences(self.account), [])
        self.read_anew(self.account)
        self.assertEqual(len(self.asked()), 1)

    def test_an_authorisation_taken_back(self):
        """Booked, and now it waits again: the bank does not count it."""
        movement_id = self.credit_id
        self.bank.ledger.withdraw(movement_id)
        self.add("200.00", "2026-06-05", movementId=movement_id, statusCode=1)
        self.sync(self.account)
        expected = [("2026-06-05", "not_at_bank", 200.0)]
        self.assertEqual(self.differences(self.account), expected)
        self.bank.ledger.authorise(movement_id)
        self.sync(self.account)
        self.assertAgrees()

    def test_a_later_first_day_forgets_what_lies_before(self):
        self.bank.ledger.withdraw(self.credit_id)
        self.by_hand(self.account, 5.0, "2026-06-06")
        self.sync(self.account)
        self.assertEqual(len(self.differences(self.account)), 2)
        self.account.sync_from = date(2026, 6, 15)
        self.sync(self.account)
        self.assertEqual(self.differences(self.account), [])

    def test_the_repair_can_run_twice(self):
        late = self.add("5.00", "2026-06-02")
        self.bank.ledger.withdraw(self.debit_id)
        for _time in range(3):
            self.sync(self.account)
            self.assertEqual(self.ids(self.account).count(late), 1)
            self.assertEqual(len(self.lines(self.account)), 3)
            expected = [("2026-06-20", "not_at_bank", -30.0)]
            self.assertEqual(self.differences(self.account), expected)


@tagged("post_install", "-at_install")
class TestProofBooks(ProofCase):
    """What people do to the books; none of it costs a question."""

    def set_up_once(self):
        super().set_up_once()
        self.account = self.make_account()
        self.add("200.00", "2026-06-05")
        self.add("-30.00", "2026-06-20")
        self.sync(self.account)
        self.incoming, self.outgoing = self.lines(self.account)

    def assertTold(self, *expected):
        """Read: exactly this is told, and stays the same rows at the next read."""
        self.read_anew(self.account)
        self.assertEqual(len(self.asked()), 1)
        self.assertEqual(self.differences(self.account), list(expected))
        self.assertEqual(self.account.health, "difference" if expected else "ok")
        self.assertExplained(self.account)
        rows = self.account.difference_ids
        self.sync(self.account)
        self.assertEqual(self.account.difference_ids, rows)
        return rows

    def test_an_amount_changed_by_hand(self):
        self.incoming.amount = 250.0
        rows = self.assertTold(("2026-06-05", "changed", 50.0))
        self.assertEqual(rows.line_id, self.incoming)
        self.assertIn("50.00", self.account.health_message)
        self.assertIn("bank's amount", self.account.health_message)
        self.incoming.amount = 200.0
        self.assertTold()

    def test_two_amounts_that_cancel(self):
        """Neither the balance nor the sums of the month tell; the lines do."""
        self.add("80.00", "2026-06-11")
        self.sync(self.account)
        other = self.lines(self.account) - self.incoming - self.outgoing
        self.incoming.amount, other.amount = 210.0, 70.0
        self.assertTold(
            ("2026-06-05", "changed", 10.0), ("2026-06-11", "changed", -10.0)
        )
        self.assertEqual(self.account.difference, 0.0)

    def test_a_line_of_an_older_version(self):
        """It knows no amount of the bank's: the day differs, is read, and tells."""
        self.env.cr.execute(
            "UPDATE account_bank_statement_line SET tbc_amount = NULL, tbc_day = NULL"
            " WHERE id = %s",
            (self.incoming.id,),
        )
        self.incoming.invalidate_recordset()
        self.sync(self.account)
        self.assertEqual(self.differences(self.account), [])
        self.incoming.amount = 250.0
        self.sync(self.account)
        self.assertTold(("2026-06-05", "changed", 50.0))

    def test_a_date_changed_by_hand(self):
        self.incoming.date = date(2026, 6, 12)
        self.assertTold(("2026-06-05", "other_day", -200.0))
        self.assertIn("change the date", self.account.health_message)
        self.incoming.date = date(2026, 6, 2)
        self.assertTold(("2026-06-02", "other_day", 200.0))
        self.incoming.date = date(2026, 6, 5)
        self.assertTold()

    def test_booked_later_because_its_day_is_locked(self):
        self.incoming.date = date(2026, 6, 12)
        self.lock_until("2026-06-05")
        self.read_anew(self.account)
        self.assertEqual(self.differences(self.account), [])
        self.assertEqual(self.account.health, "ok")

    def test_an_entry_by_hand(self):
        entry = self.by_hand(self.account, 5.0, "2026-06-10")
        rows = self.assertTold(("2026-06-10", "by_hand", 5.0))
        self.assertEqual(rows.move_line_id.move_id, entry)
        self.assertEqual(rows.action_open_entry()["res_id"], entry.id)
        self.assertIn("by hand", self.account.health_message)
        entry.button_draft()
        self.assertTold()

    def test_a_bank_line_by_hand(self):
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.account.journal_id.id,
                "date": "2026-06-10",
                "amount": -4.0,
            }
        )
        rows = self.assertTold(("2026-06-10", "by_hand", -4.0))
        self.assertEqual(rows.line_id, line)
        line.unlink()
        self.assertFalse(rows.exists())
        self.assertTold()

    def test_a_line_doubled_by_hand(self):
        double = self.incoming.copy({"date": TODAY})
        if double.state != "posted":
            double.move_id.action_post()
        rows = self.assertTold((str(double.date), "by_hand", 200.0))
        self.assertEqual(rows.line_id, double)

    def test_two_days_that_cancel(self):
        self.by_hand(self.account, 5.0, "2026-06-10")
        self.by_hand(self.account, -5.0, "2026-06-12")
        self.assertTold(("2026-06-10", "by_hand", 5.0), ("2026-06-12", "by_hand", -5.0))
        self.assertEqual(self.account.difference, 0.0)
        self.assertIn("one more difference", self.account.health_message)

    def test_reversed_on_the_same_day(self):
        self.by_hand(self.account, 5.0, "2026-06-10")
        self.by_hand(self.account, -5.0, "2026-06-10")
        self.assertTold()

    def test_on_the_first_and_the_last_day(self):
        self.by_hand(self.account, 5.0, "2026-06-01")
        self.by_hand(self.account, 6.0, "2026-06-30")
        self.by_hand(self.account, 7.0, "2026-05-31")
        self.by_hand(self.account, 8.0, "2026-07-01")
        self.read_anew(self.account)
        self.assertEqual(
            self.differences(self.account),
            [("2026-06-01", "by_hand", 5.0), ("2026-06-30", "by_hand", 6.0)],
        )

    def test_an_entry_that_is_not_posted(self):
        self.incoming.move_id.button_draft()
        self.assertTold(("2026-06-05", "changed", -200.0))

    def test_an_entry_that_is_not_posted_on_a_later_day(self):
        """The bank's day lies before the first day wanted, the entry's after it."""
        self.incoming.date = date(2026, 6, 12)
        self.incoming.move_id.button_draft()
        self.account.sync_from = date(2026, 6, 10)
        self.sync(self.account)
        self.assertIn(("2026-06-05", "changed", -200.0), self.differences(self.account))

    def test_the_entry_of_a_line_changed_by_hand(self):
        """The bank's account is taken out of the entry; the line looks as before."""
        item = self.incoming.line_ids.filtered(
            lambda item: item.account_id == self.account.journal_id.default_account_id
        )
        other = self.company.get_unaffected_earnings_account()
        self.env.cr.execute(
            "UPDATE account_move_line SET account_id = %s WHERE id = %s",
            (other.id, item.id),
        )
        self.env.invalidate_all()
        self.assertTold(("2026-06-05", "changed", -200.0))

    def test_a_conversion_is_no_difference(self):
        """Its entry holds two currencies; the bank's account only its own."""
        rate = {"exchangeRate": "1 EUR = 3.175 GEL", "transactionType": 5}
        self.add("-317.50", "2026-06-29", movementId="018716808825.1", **rate)
        self.sync(self.account)
        self.assertTold()

    def test_the_opening_entered_on_the_first_day(self):
        """Whoever opens the books on the first day itself has no difference."""
        account = self.make_account(self.usd)
        account.book_opening = False
        self.by_hand(account, 50.0, "2026-06-01")
        self.sync(account)
        self.assertEqual(self.differences(account), [])
        self.assertEqual(account.health, "ok")

    def test_the_opening_that_is_missing_keeps_its_advice(self):
        account = self.make_account(self.usd)
        account.book_opening = False
        self.sync(account)
        self.assertEqual(self.differences(account), [])
        self.assertEqual(account.health, "difference")
        self.assertIn("opening balance", account.health_message)

    def test_an_opening_that_the_bank_changes(self):
        self.add("11.00", "2026-05-20")
        self.sync(self.account)
        self.assertEqual(self.account.health, "difference")
        self.assertIn("11.00", self.account.health_message)
        self.assertIn("has changed", self.account.health_message)
        self.by_hand(self.account, 11.0, "2026-05-31")
        self.sync(self.account)
        self.assertEqual(self.account.health, "ok")


@tagged("post_install", "-at_install")
class TestProofForeign(ProofCase):
    def set_up_once(self):
        super().set_up_once()
        self.env["res.currency.rate"].create(
            {
                "currency_id": self.usd.id,
                "company_id": self.company.id,
                "name": "2026-01-01",
                "inverse_company_rate": 2.7,
            }
        )
        self.account = self.make_account(self.usd)
        self.add("100.00", "2026-06-05", currency="USD")
        self.sync(self.account)

    def test_all_in_the_account_s_currency(self):
        self.assertEqual(self.account.health, "ok", self.account.health_message)
        late = self.add("-7.00", "2026-06-02", currency="USD")
        self.sync(self.account)
        self.assertIn(late, self.ids(self.account))
        self.by_hand(self.account, 3.0, "2026-06-08", balance=8.1)
        self.sync(self.account)
        self.assertEqual(
            self.differences(self.account), [("2026-06-08", "by_hand", 3.0)]
        )
        self.assertExplained(self.account)

    def by_hand(self, account, amount, day, balance=None):
        counterpart = self.company.get_unaffected_earnings_account()
        bank = account.journal_id.default_account_id
        entry = self.env["account.move"].create(
            {
                "journal_id": account.journal_id.id,
                "date": day,
                "line_ids": [
                    (0, 0, self.item(bank, amount, self.usd, balance=balance)),
                    (0, 0, self.item(counterpart, -balance, self.gel)),
                ],
            }
        )
        entry.action_post()
        return entry

    def test_an_exchange_difference_is_none(self):
        """It has no amount in the account's currency."""
        self.by_hand(self.account, 0.0, "2026-06-08", balance=12.34)
        self.read_anew(self.account)
        self.assertEqual(self.differences(self.account), [])
        self.assertEqual(self.account.health, "ok")


@tagged("post_install", "-at_install")
class TestProofLong(ProofCase):
    """Histories of more than a month, and of more than a year."""

    def test_two_questions_that_meet_elsewhere_each_time(self):
        account = self.make_account(sync_from=date(2026, 1, 1))
        self.sync(account)
        splits = []
        for _time in range(4):
            self.read_anew(account)
            before, after = self.asked()
            self.assertEqual((before[0], after[1]), ("2026-01-01", "2026-06-30"))
            self.assertEqual(
                date.fromisoformat(before[1]) + timedelta(days=1),
                date.fromisoformat(after[0]),
            )
            splits.append(after[0])
        self.assertEqual(
            splits, ["2026-06-02", "2026-06-03", "2026-06-04", "2026-06-05"]
        )
        account.proved_day = TODAY
        self.read_anew(account)
        self.assertEqual(self.asked()[1][0], "2026-01-02")

    def test_months_late(self):
        account = self.make_account(sync_from=date(2026, 1, 1))
        self.sync(account)
        late = [self.add("5.00", "2026-01-01"), self.add("-5.00", "2026-03-15")]
        run = self.read_anew(account)
        self.assertEqual(run.repaired, 2)
        self.assertLessEqual(set(late), set(self.ids(account)))
        self.assertLessEqual(len(self.asked()), 2 + 2 * 8)
        self.assertEqual(account.health, "ok")

    def test_a_new_day_inside_one_period_is_found_in_time(self):
        """Its sums agree, until the questions meet between the two days."""
        account = self.make_account(sync_from=date(2026, 1, 1))
        movement_id = self.add("5.00", "2026-02-10")
        self.sync(account)
        self.redate(movement_id, "2026-02-13")
        account.proved_day = date(2026, 2, 8)
        days = []
        for _time in range(3):
            self.sync(account)
            days.append(self.lines(account).tbc_day.day)
        self.assertEqual(days, [10, 10, 13])
        expected = [("2026-02-10", "other_day", 5.0)]
        self.assertEqual(self.differences(account), expected)

    def test_an_older_line_whose_date_was_changed_by_hand(self):
        """It knows no day of the bank's; its day differs, is read, and tells."""
        account = self.make_account(sync_from=date(2026, 1, 1))
        self.add("5.00", "2026-02-10")
        self.sync(account)
        line = self.lines(account)
        self.env.cr.execute(
            "UPDATE account_bank_statement_line SET tbc_amount = NULL, tbc_day = NULL"
            " WHERE id = %s",
            (line.id,),
        )
        line.invalidate_recordset()
        line.date = date(2026, 3, 12)
        account.proved_day = date(2026, 2, 19)
        self.sync(account)
        self.assertEqual(line.tbc_day, date(2026, 2, 10))
        expected = [("2026-02-10", "other_day", -5.0)]
        self.assertEqual(self.differences(account), expected)

    def test_more_than_a_year(self):
        account = self.make_account(sync_from=date(2024, 3, 1))
        self.add("1.00", "2024-03-01")
        self.sync(account)
        self.assertEqual(account.opening_line_id.amount, 1000.0)
        self.assertEqual(account.health, "ok", account.health_message)
        self.read_anew(account)
        self.assertEqual(len(self.asked()), 2)
        self.assertEqual(self.asked()[0][0], "2025-06-30")
        late = self.add("8.00", "2024-05-05")
        run = self.read_anew(account)
        self.assertEqual(run.repaired, 1)
        self.assertIn(late, self.ids(account))
        self.assertLessEqual(len(self.asked()), 2 + 2 + 9)
        self.bank.ledger.withdraw(late)
        self.sync(account)
        expected = [("2024-05-05", "not_at_bank", 8.0)]
        self.assertEqual(self.differences(account), expected)
        self.read_anew(account)
        self.assertEqual(len(self.asked()), 2)
        self.assertEqual(account.health, "difference")

    def test_an_old_opening_that_the_bank_changes(self):
        account = self.make_account(sync_from=date(2024, 3, 1))
        self.sync(account)
        self.add("8.00", "2024-01-05")
        self.sync(account)
        self.assertEqual(account.bank_opening_balance, 1008.0)
        self.assertIn("has changed", account.health_message)
        self.read_anew(account)
        self.assertEqual(len(self.asked()), 2)

    def refuse_long(self, longest=31):
        """Let the bank refuse sums of more than so many days."""
        add = self.bank.ledger.totals

        def totals(account, first, last):
            if (last - first).days >= longest:
                raise self.refusal
            return add(account, first, last)

        from .fake_tbc.errors import Refusal, problem

        self.refusal = Refusal(problem("INCORRECT_INPUT_DATA"))
        self.bank.ledger.totals = totals

    def test_a_bank_that_refuses_long_periods(self):
        account = self.make_account(sync_from=date(2025, 9, 1))
        self.add("1.00", "2025-10-10")
        self.refuse_long()
        self.sync(account)
        self.assertEqual(account.opening_line_id.amount, 1000.0)
        self.assertEqual(account.health, "ok", account.health_message)
        late = [self.add("3.00", "2025-09-01"), self.add("4.00", "2026-02-28")]
        run = self.read_anew(account)
        self.assertEqual(run.repaired, 2)
        self.assertLessEqual(set(late), set(self.ids(account)))
        self.assertEqual(account.health, "ok", account.health_message)
        self.read_anew(account)
        self.assertLessEqual(len(self.asked()), 3)

    def test_a_known_difference_and_a_new_one(self):
        """The known day is asked by itself, and not searched for again."""
        account = self.make_account(sync_from=date(2026, 1, 1))
        known = self.add("5.00", "2026-02-10")
        self.sync(account)
        self.bank.ledger.withdraw(known)
        self.sync(account)
        row = account.difference_ids
        late = self.add("6.00", "2026-03-10")
        self.read_anew(account)
        self.assertIn(late, self.ids(account))
        self.assertEqual(account.difference_ids, row)
        self.assertIn(("2026-02-10", "2026-02-10"), self.asked())
        self.assertLessEqual(len(self.asked()), 2 + 1 + 8)

    def test_two_accounts_keep_to_themselves(self):
        gel = self.make_account()
        usd = self.make_account(self.usd)
        (gel + usd).sync()
        withdrawn = self.add("9.00", "2026-06-10", currency="USD")
        self.sync(usd)
        self.bank.ledger.withdraw(withdrawn)
        (gel + usd).sync()
        self.assertEqual(self.differences(gel), [])
        self.assertEqual(len(self.differences(usd)), 1)
        self.assertEqual(self.bank.ledger.balance(IBAN, "USD"), 50)
