"""The fake bank's business year: of one piece, the same for a seed, and true."""

import datetime as dt
import hashlib
import json
import unittest
from collections import Counter

from fake_tbc import FakeBank
from fake_tbc.generator import make_accounts
from fake_tbc.year import Year
from fake_tbc.year_books import (
    FEE,
    MAY_PAY,
    MOVES,
    PAYS,
    RETURNED,
    RETURNS,
    RULE,
    STAYS,
)
from fake_tbc.year_kinds import STORIES

FIRST, LAST = dt.date(2025, 7, 1), dt.date(2026, 6, 30)
AFTER = dt.datetime(2026, 9, 1)
COUNT = 600


def make_year(seed="7", count=COUNT):
    bank = FakeBank(
        accounts=make_accounts(seed, 3, ("GEL", "USD", "EUR")), days=0, now=AFTER
    )
    year = Year(bank.ledger, seed=seed)
    year.fill(FIRST, LAST, count)
    return year


def shown(year):
    """{movement id: what the bank sends}."""
    return {
        row["movementId"]: row
        for account in year.ledger.accounts
        for row in year.ledger.movements(*account)
    }


class TestYear(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.year = make_year()
        cls.rows = shown(cls.year)
        cls.documents = {one.number: one for one in cls.year.documents}

    def fated(self, *outcomes):
        return [
            (movement_id, fate, self.rows[movement_id])
            for movement_id, fate in self.year.fates.items()
            if fate.outcome in outcomes
        ]

    def test_the_same_seed_gives_the_same_year(self):
        digests = [
            hashlib.sha256(
                json.dumps([shown(year), list(year.documents)], default=str).encode()
            ).hexdigest()
            for year in (self.year, make_year(), make_year("8"))
        ]
        self.assertEqual(digests[0], digests[1])
        self.assertNotEqual(digests[0], digests[2])

    def test_everything_has_a_fate_and_is_shown(self):
        self.assertEqual(self.rows.keys(), self.year.fates.keys())
        self.assertIn(len(self.rows) - COUNT, range(8))

    def test_every_story_and_outcome_is_there(self):
        self.assertEqual(
            {fate.outcome for fate in self.year.fates.values()},
            {FEE, MAY_PAY, MOVES, PAYS, RETURNED, RETURNS, RULE, STAYS},
        )
        self.assertGreater(len({fate.kind for fate in self.year.fates.values()}), 30)
        small = make_year(count=len(STORIES) * 2)
        kinds = {fate.kind for fate in self.year.fates.values()}
        self.assertEqual({fate.kind for fate in small.fates.values()}, kinds)

    def test_nobody_is_mistaken_for_another(self):
        self.assertEqual(len(self.documents), len(self.year.documents))
        for name in ("name", "prefix"):
            known = [getattr(party, name) for party in self.year.parties]
            self.assertEqual(len(known), len(set(known)), name)

    def test_what_certainly_pays_fills_its_documents_exactly(self):
        paid = Counter()
        for movement_id, fate, row in self.fated(PAYS):
            with self.subTest(movement_id, kind=fate.kind):
                self.assertEqual(sum(fate.pays.values()), round(row["amount"] * 100))
                self.assertTrue(fate.pays)
                for number, cents in fate.pays.items():
                    document = self.documents[number]
                    self.assertEqual(row["isDebit"], document.is_bill)
                    self.assertEqual(row["currency"], document.currency)
                    self.assertLess(document.day.isoformat(), row["date"])
                    paid[number] += cents
        for number, cents in paid.items():
            self.assertEqual(cents, self.documents[number].cents)

    def test_who_pays_is_who_owes(self):
        for movement_id, fate, row in self.fated(PAYS, RETURNED):
            other = row["partnerAccountInfo"]
            for number in fate.pays:
                party = self.documents[number].party
                code = (party.vat or "").removeprefix("GE")
                with self.subTest(movement_id):
                    self.assertTrue(
                        (code and code == other["taxCode"])
                        or (party.iban and party.iban == other["accountIban"])
                    )

    def test_no_amount_is_an_open_one_by_accident(self):
        """What must be left alone differs from every document of its payer, but for the
        stories that are about equal amounts."""
        about_amounts = {
            "one of two alike",
            "two of two alike",
            "twins, no number",
            "another's number",
            "names a paid one",
            "no such number",
            "payer known twice",
            "payer unknown",
            "two payers",
            "refund without a link",
        }
        open_ones = {
            (one.party.account["accountIban"], one.currency, one.cents, one.is_bill)
            for one in self.year.documents
        }
        for movement_id, fate, row in self.fated(STAYS):
            if fate.kind not in about_amounts:
                iban = row["partnerAccountInfo"]["accountIban"]
                cents = round(row["amount"] * 100)
                with self.subTest(movement_id, kind=fate.kind):
                    self.assertNotIn(
                        (iban, row["currency"], cents, row["isDebit"]), open_ones
                    )

    def test_legs_find_each_other(self):
        for movement_id, fate, row in self.fated(MOVES):
            other = self.rows[fate.other]
            with self.subTest(movement_id, kind=fate.kind):
                self.assertEqual(self.year.fates[fate.other].other, movement_id)
                self.assertEqual(row["externalPaymentId"], other["externalPaymentId"])
                self.assertNotEqual(row["isDebit"], other["isDebit"])

    def test_what_returns_names_what_it_returns(self):
        found = self.fated(RETURNS)
        self.assertTrue(found)
        for movement_id, fate, row in found:
            original = self.rows[fate.other]
            with self.subTest(movement_id, kind=fate.kind):
                named = f"{row['parentExternalPaymentId']} {row['purpose']}"
                self.assertIn(original["externalPaymentId"], named)
                self.assertEqual(row["amount"], original["amount"])
                self.assertNotEqual(row["isDebit"], original["isDebit"])
                self.assertGreater(row["date"], original["date"])

    def test_fees_name_their_operation(self):
        found = [one for one in self.fated(FEE) if one[1].other]
        self.assertTrue(found)
        for _movement_id, fate, row in found:
            self.assertEqual(
                str(row["parentExternalPaymentId"]),
                self.rows[fate.other]["externalPaymentId"],
            )

    def test_no_account_is_ever_overdrawn(self):
        for account in self.year.ledger.accounts:
            running = self.year.ledger.opening(*account) * 100
            for movement in reversed(self.year.ledger.all_on(account)):
                running += movement.cents
                self.assertGreaterEqual(running, 0)

    def test_more_days_can_be_told_later(self):
        year = make_year(count=200)
        openings = [year.ledger.opening(*one) for one in year.ledger.accounts]
        known, documents = dict(year.fates), len(year.documents)
        moment = dt.datetime(2026, 9, 2, tzinfo=dt.timezone.utc)
        year.fill(FIRST, FIRST + dt.timedelta(days=30), 100, appears=moment)
        self.assertGreaterEqual(len(year.fates) - len(known), 100)
        self.assertGreater(len(year.documents), documents)
        self.assertEqual(shown(year).keys(), known.keys())
        self.assertEqual(
            openings, [year.ledger.opening(*one) for one in year.ledger.accounts]
        )
