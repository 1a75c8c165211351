"""The count at the end of a proof of the books: each wrong thing is seen, by itself."""

import datetime as dt
import unittest
from collections import defaultdict
from types import SimpleNamespace

from books.check import CERTAIN, Check
from fake_tbc import FakeBank
from fake_tbc.year_books import (
    FEE,
    MAY_PAY,
    MOVES,
    PAYS,
    RETURNED,
    RETURNS,
    RULE,
    STAYS,
    Fate,
)

IBAN = "GE29TB7777777777777777"
DAY = dt.date(2026, 6, 10)
NOW = dt.datetime(2026, 6, 30, 12)
# Accounts of the general ledger.
RECEIVABLE, TRANSFER, FEES, TAXES = 1, 2, 3, 4


class TestCheck(unittest.TestCase):
    """Books of two movements that are right, and then one thing is not."""

    def setUp(self):
        self.bank = FakeBank(
            accounts={IBAN: ("GEL",)}, days=0, now=NOW, openings={(IBAN, "GEL"): "5"}
        )
        self.year = SimpleNamespace(fates={})
        self.items = iter(range(100, 200))
        self.books = SimpleNamespace(
            lines=[],
            paid=defaultdict(lambda: defaultdict(int)),
            partners=defaultdict(set),
            payments={},
            balances={7: {DAY - dt.timedelta(days=30): 500}},
            by_day={7: {}},
            suspense=0.0,
            differences=set(),
            transfer_account_id=TRANSFER,
        )
        self.company = SimpleNamespace(
            account_ids={(IBAN, "GEL"): 7},
            fee_account_id=FEES,
            rule_accounts={"treasury": TAXES},
            entered=2,
        )

        words = {"to Shop": TAXES}
        self.accountant = SimpleNamespace(
            by_hand={}, account_of=lambda fate: words.get(fate.account)
        )

    def add(self, cents, outcome, account=None, *, pays=None, **fate):
        """A movement, its fate, and its line: on ``account``, else in suspense."""
        movement = self.bank.ledger.add(IBAN, "GEL", amount=cents / 100, day=DAY)
        key = movement.movement_id
        self.year.fates[key] = Fate(
            kind="kind", outcome=outcome, pays=pays or {}, **fate
        )
        line = SimpleNamespace(
            line_id=len(self.books.lines),
            account_id=7,
            movement_id=key,
            payment_id=None,
            is_matched=account is not None,
            liquidity=cents / 100,
            suspense=0.0 if account else -cents / 100,
            accounts={account: {next(self.items)}} if account else {},
        )
        line.items = set().union(*line.accounts.values())
        self.books.lines.append(line)
        for days in (self.books.balances[7], self.books.by_day[7]):
            days[DAY] = days.get(DAY, 0) + cents
        self.books.suspense += line.suspense
        return line

    def pay(self, line, number, cents):
        self.books.paid[number][line.movement_id] = cents

    def tie(self, one, other):
        """Reconcile two lines with each other."""
        [left], [right] = one.items, other.items
        self.books.partners[left].add(right)
        self.books.partners[right].add(left)

    def check(self, lasting=()):
        check = Check(
            self.bank,
            self.year,
            self.books,
            self.company,
            accountant=self.accountant,
            lasting=lasting,
        )
        self.verdict = check.run(DAY - dt.timedelta(days=9), DAY)
        return self.verdict.violations()

    def assertTold(self, *words):
        [sentence] = self.check()
        for word in words:
            self.assertIn(word, sentence)

    def test_books_that_are_right(self):
        invoice = self.add(1000, PAYS, RECEIVABLE, pays={"INV/1": 1000})
        self.pay(invoice, "INV/1", 1000)
        self.add(300, STAYS)
        self.add(300, MAY_PAY, pays={"INV/2": 300})
        self.add(-40, FEE, FEES)
        self.add(-50, RULE, TAXES, rule="treasury")
        self.assertEqual(self.check(), [])
        tally = self.verdict.tallies[CERTAIN]
        self.assertEqual((tally.there, tally.matched), (1, 1))
        self.assertEqual(self.verdict.unmatched, 2)
        self.assertEqual(self.verdict.days, 10)

    def settle_by_hand(self, line):
        was = {"is_matched": line.is_matched, "accounts": dict(line.accounts)}
        self.accountant.by_hand[line.movement_id] = SimpleNamespace(**was)

    def test_what_a_person_settled_is_as_it_was(self):
        self.settle_by_hand(self.add(300, STAYS, RECEIVABLE))
        self.assertEqual(self.check(), [])
        tally = self.verdict.tallies["settled by the accountant"]
        self.assertEqual((tally.there, tally.matched), (1, 1))

    def test_what_a_person_settled_is_elsewhere(self):
        line = self.add(300, STAYS, RECEIVABLE)
        self.settle_by_hand(line)
        line.accounts = {FEES: line.items}
        self.assertTold(line.movement_id, "a person had settled it")

    def test_a_rule_that_a_person_has_taught(self):
        for cents, account in ((-50, TAXES), (-60, FEES)):
            line = self.add(cents, STAYS, account)
            self.year.fates[line.movement_id].account = "to Shop"
        self.assertTold(line.movement_id, "nothing certain")

    def test_a_day_on_which_the_ledger_differs(self):
        self.add(300, STAYS)
        self.books.balances[7][DAY - dt.timedelta(days=1)] = 1
        self.books.balances[7][DAY] -= 1
        self.assertTold("2026-06-09", "ledger", "5.01", "5.00")

    def test_bank_lines_of_another_day(self):
        self.add(300, STAYS)
        self.books.by_day[7] = {DAY - dt.timedelta(days=1): 300}
        self.assertTold("2026-06-09", "bank lines", "8.00", "5.00")

    def test_a_movement_that_is_not_booked(self):
        self.add(0, STAYS)
        line = self.books.lines.pop()
        self.assertTold(line.movement_id, "not booked")

    def test_a_movement_booked_twice(self):
        self.add(0, STAYS)
        self.books.lines.append(self.books.lines[0])
        self.assertTold("is booked 2 times")

    def test_another_invoice_is_paid(self):
        line = self.add(1000, PAYS, RECEIVABLE, pays={"INV/1": 1000})
        self.pay(line, "INV/2", 1000)
        found = self.check()
        self.assertEqual(len(found), 2)
        self.assertIn("should pay INV/1; it pays INV/2", found[0])
        self.assertIn("certain payments: 0 of 1", found[1])

    def test_a_guess(self):
        line = self.add(1000, STAYS, RECEIVABLE)
        self.pay(line, "INV/1", 1000)
        self.assertTold("nothing certain", "INV/1")

    def test_a_payment_that_may_pay_one_pays_another(self):
        line = self.add(1000, MAY_PAY, RECEIVABLE, pays={"INV/1": 1000})
        self.pay(line, "INV/2", 1000)
        self.assertTold("may pay INV/1 and no other")

    def test_a_payment_on_account_is_no_match(self):
        self.add(1000, MAY_PAY, RECEIVABLE, pays={"INV/1": 1000})
        self.assertTold("matched with something else")

    def test_too_few_certain_ones(self):
        for number in range(19):
            line = self.add(1000, PAYS, RECEIVABLE, pays={f"INV/{number}": 1000})
            self.pay(line, f"INV/{number}", 1000)
        self.add(1000, PAYS, pays={"INV/99": 1000})
        self.assertEqual(self.check(), [])
        self.add(1000, PAYS, pays={"INV/98": 1000})
        self.assertTold("certain payments: 19 of 21")

    def test_legs(self):
        one, two = self.add(-80, MOVES, TRANSFER), self.add(80, MOVES, TRANSFER)
        for line, other in ((one, two), (two, one)):
            self.year.fates[line.movement_id].other = other.movement_id
        self.tie(one, two)
        self.assertEqual(self.check(), [])
        third = self.add(80, STAYS, TRANSFER)
        self.year.fates[third.movement_id].outcome = MAY_PAY
        self.tie(one, third)
        self.assertIn("is one leg", self.check()[0])

    def test_a_leg_that_was_left(self):
        one, two = self.add(-80, MOVES), self.add(80, MOVES)
        for line, other in ((one, two), (two, one)):
            self.year.fates[line.movement_id].other = other.movement_id
        self.assertTold("conversions: 0 of 2")

    def test_a_fee_on_another_account_and_a_tax_that_was_left(self):
        self.add(-40, FEE, TAXES)
        self.add(-50, RULE, rule="treasury")
        found = self.check()
        self.assertIn("is on another account", found[0])
        self.assertIn("fees: 0 of 1", found[1])
        self.assertIn("by rule: 0 of 1", found[2])

    def make_return(self, account):
        paid = self.add(-80, RETURNED, account, pays={"B-1": 80})
        back = self.add(80, RETURNS, account)
        self.year.fates[paid.movement_id].other = back.movement_id
        self.year.fates[back.movement_id].other = paid.movement_id
        return paid, back

    def test_what_came_back(self):
        self.tie(*self.make_return(RECEIVABLE))
        self.assertEqual(self.check(), [])

    def test_what_came_back_pays_still(self):
        paid, back = self.make_return(RECEIVABLE)
        self.tie(paid, back)
        self.pay(paid, "B-1", 80)
        self.assertTold("returns: 0 of 2")

    def test_what_came_back_is_booked_as_a_fee(self):
        paid, back = self.make_return(RECEIVABLE)
        self.pay(paid, "B-1", 80)
        back.accounts, back.items = {FEES: {999}}, {999}
        found = self.check()
        self.assertIn(f"belongs to {paid.movement_id}", found[0])

    def test_a_document_paid_by_nobody_knows_what(self):
        self.books.paid["INV/1"]["something else"] = 100
        self.assertTold("INV/1 is paid by something else")

    def test_the_suspense_account_holds_more(self):
        self.add(300, STAYS)
        self.books.suspense += 0.01
        self.assertTold("suspense holds -2.99")

    def test_a_line_that_says_it_is_matched(self):
        self.add(300, STAYS)
        self.books.lines[0].is_matched = True
        self.assertIn("matched is True", " ".join(self.check()))

    def test_differences(self):
        movement = self.bank.ledger.find(self.add(300, STAYS).movement_id)
        self.bank.ledger.withdraw(movement.movement_id)
        lasting = [(movement, "not_at_bank")]
        self.assertIn("is not told", self.check(lasting)[0])
        self.books.differences = {(7, DAY, "not_at_bank", 300)}
        self.assertEqual(self.check(lasting), [])
        self.books.differences.add((7, DAY, "by_hand", 1))
        self.assertIn("is told and is none", self.check(lasting)[0])

    def test_a_difference_that_the_books_cannot_know(self):
        """Hidden, yet counted by the bank: the books lack it."""
        movement = self.bank.ledger.add(IBAN, "GEL", amount="3.00", day=DAY)
        self.bank.ledger.hide(movement.movement_id, keep_in_totals=True)
        lasting = [(movement, "unlisted")]
        self.books.differences = {(7, DAY, "unlisted", -300)}
        self.assertEqual(self.check(lasting), [])
        self.assertIn("the bank 8.00", self.check()[0])
