"""What a transaction may be: which proposals, in which order, and why."""

import datetime
import itertools
import random
import unittest

from account_tbc_bank.bookkeeping import OpenEntries, propose
from account_tbc_bank.bookkeeping.habits import habits, wording
from account_tbc_bank.bookkeeping.hints import (
    Entry,
    Leg,
    Party,
    Past,
    RuleHint,
    Transaction,
)

DAY = datetime.date(2026, 6, 15)
_ids = itertools.count(1)
FUEL, RENT, TRANSFERS, RECEIVABLE = 41, 42, 43, 44


def days(number):
    return DAY + datetime.timedelta(days=number)


def transaction(cents=10_000, purpose="", partner=1, known_by="line", **values):
    parties = (Party(partner_id=partner, known_by=known_by),) if partner else ()
    values = {"parties": parties, "currency": "GEL", "day": DAY, **values}
    return Transaction(
        line_id=900, journal_id=9, cents=cents, purpose=purpose, **values
    )


def entry(cents=10_000, number=None, **values):
    item_id, day = next(_ids), values.pop("day", DAY)
    values = {
        "document_id": item_id,
        "partner_id": 1,
        "currency": "GEL",
        "whole": cents,
        "day": day,
        "due": day,
        **values,
    }
    numbers = (number,) if number else ()
    return Entry(item_id=item_id, cents=cents, numbers=numbers, **values)


def past(cents=-5_000, account_id=FUEL, basis="counterparty", **values):
    values = {"day": days(-30), "line_id": next(_ids), **values}
    return Past(basis=basis, cents=cents, account_id=account_id, **values)


def leg(cents=-10_000, **values):
    values = {"journal_id": 8, "currency": "GEL", "day": DAY, **values}
    return Leg(line_id=next(_ids), cents=cents, **values)


class ProposalsCase(unittest.TestCase):
    def found(self, one, entries=(), **hints):
        return propose(one, OpenEntries(entries), **hints)

    def best(self, one, entries=(), **hints):
        found = self.found(one, entries, **hints)
        self.assertTrue(found)
        return found[0]

    def assert_best(self, code, one, entries=(), *, items=None, **hints):
        """The first proposal has that code, and the items of that list."""
        best = self.best(one, entries, **hints)
        self.assertEqual(best.code, code)
        if items is not None:
            wanted = {some.item_id for some in items}
            self.assertEqual(set(best.item_ids), wanted)
        return best


class TestOpenItems(ProposalsCase):
    def test_several_of_the_amount_the_oldest_first(self):
        entries = [entry(day=days(-5)), entry(day=days(-40)), entry(day=days(-20))]
        found = self.found(transaction(), entries)
        self.assertEqual(
            [one.item_ids for one in found[:3]],
            [(entries[place].item_id,) for place in (1, 2, 0)],
        )
        self.assertEqual(found[0].values, {"count": 3, "place": 1})
        self.assertEqual({one.code for one in found[:3]}, {"exact_of"})

    def test_a_near_date(self):
        entries = [entry(day=days(-60)), entry(day=days(1)), entry(day=days(-30))]
        found = self.found(transaction(), entries)
        codes = {one.item_ids[0]: one.code for one in found if one.item_ids}
        self.assertEqual(codes[entries[1].item_id], "near_day")
        self.assertEqual(found[0].item_ids, (entries[0].item_id,))

    def test_the_number_beats_the_amount(self):
        named, other = entry(12_000, "INV/2026/00012"), entry(10_000)
        best = self.assert_best(
            "named_differs",
            transaction(11_644, "Invoice INV/2026/00012"),
            [named, other],
            items=[named],
        )
        self.assertEqual((best.difference, best.left_open), (-356, True))
        self.assertEqual((best.values["look"], best.values["rate"]), ("fee", 0))

    def test_what_the_difference_looks_like(self):
        for cents, look, rate in (
            (80_000, "withholding", 200),
            (95_000, "withholding", 50),
            (96_000, "withholding", 40),
            (84_746, "vat", 180),
            (99_998, "rounding", 0),
            (50_000, "instalment", 500),
            (43_210, "part", 0),
            (130_000, "more", 0),
        ):
            with self.subTest(cents):
                named = entry(100_000, "INV/2026/00012")
                best = self.assert_best(
                    "named_differs",
                    transaction(cents, "INV/2026/00012"),
                    [named],
                    items=[named],
                )
                self.assertEqual(
                    (best.values["look"], best.values["rate"]), (look, rate)
                )

    def test_a_second_instalment(self):
        named = entry(60_000, "INV/2026/00012", whole=100_000)
        best = self.best(transaction(41_111, "INV/2026/00012"), [named])
        self.assertEqual(best.values["look"], "instalment")

    def test_more_than_is_open_goes_on_account(self):
        named = entry(10_000, "INV/2026/00012")
        best = self.best(transaction(13_000, "INV/2026/00012"), [named])
        self.assertEqual((best.difference, best.left_open), (3_000, False))
        self.assertEqual((best.on_account, best.partner_id), ("customer", 1))

    def test_money_out_pays_bills(self):
        bill = entry(-10_000, "RT-004001")
        for cents, gap, is_open, side in (
            (-10_000, 0, False, None),
            (-9_900, 100, True, None),
            (-13_000, -3_000, False, "vendor"),
        ):
            with self.subTest(cents):
                best = self.best(transaction(cents, "RT-004001"), [bill, entry(10_000)])
                self.assertEqual(best.item_ids, (bill.item_id,))
                self.assertEqual(best.difference, gap)
                self.assertEqual((best.left_open, best.on_account), (is_open, side))

    def test_a_short_number(self):
        named = entry(10_000, "INV/2026/00254")
        one = transaction(10_000, "ინვოისი №254-ის საფასური")
        self.assert_best("named", one, [named, entry()], items=[named])
        one = transaction(9_120, "ინვოისი #254")
        self.assert_best("named_differs", one, [named, entry()], items=[named])
        one = transaction(10_000, "ინვოისი #254", partner=None)
        self.assert_best("named", one, [named, entry(9_999)], items=[named])
        one = transaction(9_120, "ინვოისი #254", partner=None)
        self.assertEqual(self.found(one, [named]), [])

    def test_several_named(self):
        entries = [entry(10_000, "INV/2026/00012"), entry(5_000, "INV/2026/00013")]
        purpose = "INV/2026/00012, INV/2026/00013"
        best = self.assert_best(
            "named", transaction(15_000, purpose), entries, items=entries
        )
        self.assertEqual(best.values["count"], 2)
        best = self.assert_best(
            "named_differs", transaction(14_321, purpose), entries, items=entries
        )
        self.assertEqual(best.difference, -679)

    def test_one_instalment_of_a_named_document(self):
        parts = [
            entry(cents, "INV/2026/00012", document_id=70, day=days(place))
            for place, cents in enumerate((3_000, 7_000))
        ]
        one = transaction(7_000, "INV/2026/00012")
        self.assert_best("named", one, parts, items=parts[1:])
        one = transaction(10_000, "INV/2026/00012")
        self.assert_best("named", one, parts, items=parts)

    def test_somebody_else_pays(self):
        named = entry(10_000, "INV/2026/00012", partner_id=2)
        one = transaction(10_000, "INV/2026/00012", partner=None)
        best = self.assert_best("named", one, [named, entry()], items=[named])
        self.assertEqual(best.values["known_by"], "nobody")
        best = self.assert_best("exact", transaction(partner=None), [named])
        self.assertEqual(best.partner_id, 2)
        one = transaction(9_000, "INV/2026/00012")
        self.assertEqual(self.best(one, [named]).code, "on_account")

    def test_of_strangers_none_is_surer_than_of_the_partner(self):
        own, other = entry(), entry(number="INV/2026/00012", partner_id=2)
        one = transaction(10_000)
        self.assert_best("exact", one, [own, other], items=[own])

    def test_a_sum_of_several(self):
        entries = [entry(3_000), entry(7_000), entry(25_000)]
        best = self.assert_best("sum", transaction(), entries, items=entries[:2])
        self.assertEqual(best.values["count"], 2)

    def test_a_payment_registered_by_hand(self):
        payment = entry(10_000, is_payment=True, is_document=False)
        best = self.assert_best("payment", transaction(), [payment, entry()])
        self.assertEqual(best.kind, "payment")
        payment = entry(10_000, is_payment=True, is_document=False, partner_id=None)
        self.assert_best("payment", transaction(partner=None), [payment])

    def test_money_on_account_is_no_stranger_s_document(self):
        entries = [entry(partner_id=2, is_document=False)]
        self.assertEqual(self.found(transaction(partner=None), entries), [])

    def test_another_currency(self):
        item = entry(10_000, currency="USD")
        one = transaction(27_050, rates={"USD": 2.7})
        best = self.assert_best("other_currency", one, [item], items=[item])
        self.assertEqual(best.difference, 0)
        for sure in (
            transaction(28_000, rates={"USD": 2.7}, foreign=("USD", 10_000)),
            transaction(27_000, rates={"USD": 2.7}),
            transaction(27_001, rates={"USD": 2.7}),
        ):
            self.assertGreater(self.best(sure, [item]).points, best.points)
        for rates in ({}, {"USD": 3.9}):
            found = self.found(transaction(27_050, rates=rates), [item])
            self.assertEqual([some.code for some in found], ["on_account"])

    def test_without_a_number_what_looks_like_something(self):
        item = entry(100_000)
        best = self.assert_best("differs", transaction(80_000), [item, entry(500_000)])
        self.assertEqual(best.values["rate"], 200)
        self.assertEqual(
            self.best(transaction(43_210), [item, entry(500_000)]).code, "on_account"
        )

    def test_the_oldest_ones(self):
        entries = [entry(cents, day=days(cents)) for cents in (30, 71, 513)]
        found = self.found(transaction(91), entries)
        oldest = next(one for one in found if one.code == "oldest")
        self.assertEqual(oldest.item_ids, tuple(one.item_id for one in entries[:2]))
        self.assertEqual((oldest.difference, oldest.left_open), (-10, True))
        found = self.found(transaction(20_000), entries)
        oldest = next(one for one in found if one.code == "oldest")
        self.assertEqual((len(oldest.item_ids), oldest.on_account), (3, "customer"))

    def test_a_name_alike(self):
        party = Party(partner_id=1, known_by="name", alikeness=90)
        sure = self.best(transaction(), [entry()])
        best = self.best(transaction(parties=(party,)), [entry()])
        self.assertEqual(best.values["known_by"], "name")
        self.assertLess(best.points, sure.points)


class TestHabits(ProposalsCase):
    def test_an_earlier_settlement(self):
        pasts = [past(day=days(-number)) for number in range(1, 15)]
        best = self.assert_best(
            "habit_counterparty", transaction(-7_000, partner=None), pasts=pasts
        )
        self.assertEqual(best.account_id, FUEL)
        self.assertEqual(best.values, {"count": 14, "of": 14})

    def test_always_the_same_goes_along(self):
        pasts = [
            past(partner_id=7, tax_ids=(3,), analytic='{"5": 100}') for _ in range(3)
        ]
        best = self.best(transaction(-7_000), pasts=pasts)
        self.assertEqual(
            (best.partner_id, best.tax_ids, best.analytic), (7, (3,), '{"5": 100}')
        )
        pasts.append(past(partner_id=8, tax_ids=(3,)))
        best = self.best(transaction(-7_000), pasts=pasts)
        self.assertEqual(
            (best.partner_id, best.tax_ids, best.analytic), (None, (3,), None)
        )

    def test_the_usual_account_first(self):
        pasts = [past(account_id=RENT)] + [past() for _ in range(4)]
        found = self.found(transaction(-7_000, partner=None), pasts=pasts)
        self.assertEqual([one.account_id for one in found], [FUEL, RENT])
        self.assertEqual(found[0].values, {"count": 4, "of": 5})

    def test_only_of_the_same_direction(self):
        self.assertEqual(
            self.found(transaction(7_000, partner=None), pasts=[past()]), []
        )

    def test_only_the_latest(self):
        pasts = [past(account_id=RENT, day=days(-300)) for _ in range(50)]
        pasts += [past() for _ in range(20)]
        [habit] = habits(-7_000, pasts)
        self.assertEqual((habit.account_id, habit.of), (FUEL, 20))

    def test_the_counterparty_tells_more_than_the_words(self):
        pasts = [past(basis="kind", account_id=RENT) for _ in range(9)]
        pasts.append(past())
        found = self.found(transaction(-7_000, partner=None), pasts=pasts)
        self.assertEqual(
            [one.code for one in found], ["habit_counterparty", "habit_kind"]
        )

    def test_words_that_were_used_once_tell_less_than_an_open_item(self):
        """Once is no habit: a known partner's bill comes first, and on account last."""
        item = entry(-10_000, currency="USD")
        once = [past(basis="kind")]
        for cents, code in (
            (-27_000, "exact at the rate"),
            (-27_050, "a little off"),
            (-28_000, "the payer's own rate"),
            (-5_000, "the half of it"),
        ):
            bills = [entry(-10_000) if cents == -5_000 else item]
            with self.subTest(code):
                one = transaction(cents, rates={"USD": 2.7})
                found = self.found(one, bills, pasts=once)
                self.assertEqual(set(found[0].item_ids), {bills[0].item_id})
                self.assertIn("habit_kind", [some.code for some in found])
        found = self.found(transaction(-7_000), pasts=once)
        self.assertEqual([one.code for one in found], ["habit_kind", "on_account"])

    def test_words_that_were_used_again_and_again_are_a_habit(self):
        """They come before a bill that fits with another rate alone."""
        item = entry(-10_000, currency="USD")
        usual = [past(basis="kind") for _ in range(3)]
        one = transaction(-28_000, rates={"USD": 2.7})
        self.assert_best("habit_kind", one, [item], pasts=usual)
        exact = transaction(-27_000, rates={"USD": 2.7})
        self.assert_best("other_currency", exact, [item], pasts=usual)

    def test_a_counterparty_s_single_settlement_beside_the_day_s_rate(self):
        """A bill within two per cent comes first; one further away does not."""
        item = entry(-10_000, currency="USD")
        for cents, code in (
            (-27_000, "other_currency"),
            (-27_400, "other_currency"),
            (-28_000, "habit_counterparty"),
        ):
            with self.subTest(cents):
                one = transaction(cents, rates={"USD": 2.7})
                self.assert_best(code, one, [item], pasts=[past()])
        # Who always goes to one account is known by that, but for an exact bill.
        always = [past() for _ in range(14)]
        near = transaction(-27_400, rates={"USD": 2.7})
        self.assert_best("habit_counterparty", near, [item], pasts=always)
        exact = transaction(-27_000, rates={"USD": 2.7})
        self.assert_best("other_currency", exact, [item], pasts=always)

    def test_the_words_of_a_purpose(self):
        self.assertEqual(wording("ხელფასი 03/2026"), "ხელფასი")
        self.assertEqual(
            wording("POS - WISSOL #41, 120.00, MC 5***1234"), "pos wissol mc"
        )
        self.assertEqual(wording("2026-06-15 #12"), "")

    def test_money_on_account_is_no_account(self):
        pasts = [
            past(5_000, RECEIVABLE, side="customer", partner_id=1) for _ in range(3)
        ]
        best = self.assert_best("on_account", transaction(), pasts=pasts)
        self.assertEqual((best.on_account, best.partner_id), ("customer", 1))


class TestOthers(ProposalsCase):
    def test_the_other_leg(self):
        one = transaction(partner=None, is_own=True)
        legs = [
            leg(is_own=True),
            leg(is_named=True, day=days(1)),
            leg(),
            leg(is_operation=True, currency="USD", cents=-3_700),
        ]
        found = self.found(one, legs=legs, transfer_account_id=TRANSFERS)
        self.assertEqual(
            [(some.code, some.other_line_id) for some in found],
            [
                ("other_leg", legs[3].line_id),
                ("other_leg", legs[1].line_id),
                ("other_leg", legs[0].line_id),
                ("other_leg", legs[2].line_id),
                ("own_account", None),
            ],
        )
        self.assertEqual(found[1].values, {"days": 1})
        self.assertEqual(found[-1].account_id, TRANSFERS)

    def test_a_leg_by_its_amount_alone_is_a_guess(self):
        best = self.assert_best("other_leg", transaction(partner=None), legs=[leg()])
        self.assertLess(best.points, 600)

    def test_no_leg(self):
        legs = [
            leg(journal_id=9),
            leg(10_000),
            leg(day=days(6)),
            leg(-9_999),
            leg(-3_700, currency="USD"),
        ]
        self.assertEqual(self.found(transaction(partner=None), legs=legs), [])

    def test_a_conversion_whose_legs_name_each_other(self):
        legs = [leg(-3_700, currency="USD", is_own=True, is_named=True)]
        self.assertEqual(
            self.best(transaction(partner=None, is_own=True), legs=legs).other_line_id,
            legs[0].line_id,
        )

    def test_a_rule_that_did_not_take_it(self):
        rules = [
            RuleHint(rule_id=number, account_id=FUEL + number, state=state)
            for number, state in enumerate(("shared", "off", "on"))
        ]
        found = self.found(transaction(partner=None), rules=rules)
        self.assertEqual(
            [one.code for one in found], ["rule_on", "rule_off", "rule_shared"]
        )
        self.assertEqual([one.kind for one in found], ["rule"] * 3)

    def test_on_account_of_whom_we_know(self):
        for cents, is_customer, is_vendor, side in (
            (100, True, True, "customer"),
            (-100, True, True, "vendor"),
            (100, False, True, "vendor"),
            (-100, True, False, "customer"),
            (-100, False, False, "vendor"),
        ):
            with self.subTest(cents, side=side):
                party = Party(
                    partner_id=1,
                    known_by="line",
                    is_customer=is_customer,
                    is_vendor=is_vendor,
                )
                best = self.assert_best(
                    "on_account", transaction(cents, parties=(party,))
                )
                self.assertEqual(best.on_account, side)

    def test_on_account_knows_what_else_is_proposed(self):
        pasts = [past(100, RECEIVABLE, side="customer", partner_id=1)]
        for entries, some, is_usual, is_owing in (
            ([], [], False, False),
            ([entry()], [], False, True),
            ([entry()], pasts, True, True),
        ):
            found = self.found(transaction(), entries, pasts=some)
            [own] = [one for one in found if one.code == "on_account"]
            told = (own.values["is_usual"], own.values["is_owing"])
            self.assertEqual(told, (is_usual, is_owing))

    def test_money_that_is_given_back(self):
        pasts = [
            past(4_000, RECEIVABLE, side="customer", partner_id=1, basis="partner"),
            past(9_000, RECEIVABLE, side="customer", partner_id=1, basis="partner"),
            past(9_999, RECEIVABLE, side="customer", partner_id=2, basis="partner"),
        ]
        best = self.assert_best("gives_back", transaction(-4_000), pasts=pasts)
        self.assertEqual((best.on_account, best.partner_id), ("customer", 1))
        self.assertEqual(best.values, {"cents": 4_000, "day": "2026-05-16"})
        named = past(8_000, RECEIVABLE, side="customer", partner_id=1, basis="parent")
        best = self.best(transaction(-3_000), pasts=[*pasts, named])
        self.assertEqual(best.values["cents"], 8_000)

    def test_money_that_came_twice(self):
        pasts = [
            past(
                10_000,
                RECEIVABLE,
                side="customer",
                partner_id=1,
                basis="partner",
                day=days(number),
            )
            for number in (-30, -2, -5)
        ]
        best = self.assert_best("paid_twice", transaction(), pasts=pasts)
        self.assertEqual(best.values, {"day": "2026-06-13"})
        self.assert_best("exact", transaction(), [entry()], pasts=pasts)
        self.assert_best("on_account", transaction(), pasts=pasts[:1])


class TestOrder(ProposalsCase):
    def test_the_same_in_any_order(self):
        dice = random.Random(7)
        entries = [entry(dice.choice((10_000, 5_000, 2_500))) for _ in range(20)]
        pasts = [past(dice.choice((1, 2)), dice.choice((FUEL, RENT))) for _ in range(9)]
        legs = [leg(is_own=dice.random() < 0.5) for _ in range(5)]
        one = transaction()
        keys = {
            tuple(
                some.key
                for some in propose(
                    one,
                    OpenEntries(dice.sample(entries, len(entries))),
                    pasts=dice.sample(pasts, len(pasts)),
                    legs=dice.sample(legs, len(legs)),
                    most=30,
                )
            )
            for _time in range(20)
        }
        self.assertEqual(len(keys), 1)

    def test_at_most_five_and_none_twice(self):
        entries = [entry(number="INV/2026/00012")] + [entry() for _ in range(9)]
        found = self.found(transaction(purpose="INV/2026/00012"), entries)
        self.assertEqual(len(found), 5)
        self.assertEqual(len({one.key for one in found}), 5)
        self.assertEqual(found[0].code, "named")
