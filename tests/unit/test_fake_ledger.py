"""The fake bank's ledger: of one piece, the same for the same seed, and with everything that a real one holds."""

import datetime as dt
import hashlib
import json
import unittest
from collections import Counter
from decimal import Decimal

from fake_tbc import FakeBank
from fake_tbc.caller import Caller
from fake_tbc.iban import is_valid_iban

UNTIL = dt.date(2026, 6, 30)
EVENING = dt.datetime(2026, 6, 30, 23, 59, 59)
IBAN = "GE44TB0600051509630891"
GEL = {"AccountNumber": IBAN, "AccountCurrencyCode": "GEL"}


def small_bank(**options):
    return FakeBank(
        **{
            "seed": 7,
            "accounts": 2,
            "days": 30,
            "per_day": 0.5,
            "until": UNTIL,
            "now": EVENING,
            **options,
        }
    )


def whole_ledger(bank):
    """Everything the bank will ever show, and its openings, as text."""
    bank.now = dt.datetime(2027, 1, 1)
    rows = [
        [str(row.appears_at), str(row.authorised_at), row.as_json(bank.now)]
        for row in bank.ledger.select(bank.ledger.accounts)
    ]
    openings = [str(bank.ledger.opening(*account)) for account in bank.ledger.accounts]
    return json.dumps([openings, rows], ensure_ascii=False, sort_keys=True)


class TestGenerated(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bank = small_bank()
        cls.accounts = cls.bank.ledger.accounts
        cls.rows = [
            row
            for account in cls.accounts
            for row in cls.bank.ledger.movements(*account)
        ]
        cls.everything = cls.bank.ledger.select(cls.accounts)
        cls.whole = whole_ledger(small_bank())

    def rows_of(self, transaction_type):
        return [row for row in self.rows if row["transactionType"] == transaction_type]

    def test_the_same_seed_gives_the_same_ledger(self):
        again, other = (whole_ledger(small_bank(seed=seed)) for seed in (7, 8))
        self.assertEqual(self.whole, again)
        self.assertNotEqual(self.whole, other)

    def test_the_ledger_of_seed_7_on_any_machine(self):
        # changes only when the generator is changed on purpose
        digest = hashlib.sha256(self.whole.encode()).hexdigest()
        self.assertEqual(digest[:16], "0fe95cac51cb39c9")

    def test_accounts(self):
        ibans = {iban for iban, _currency in self.accounts}
        self.assertEqual(
            [currency for _iban, currency in self.accounts], ["GEL", "USD", "EUR"] * 2
        )
        for iban in ibans:
            self.assertRegex(iban, r"^GE\d\dTB\d{16}$")
            self.assertTrue(is_valid_iban(iban))

    def test_iban_check_digits(self):
        for iban, valid in (
            ("GE29NB0000000101904917", True),
            ("CZ6508000000192000145399", True),
            ("GE48TB7873440574631292", False),
        ):
            self.assertEqual(is_valid_iban(iban), valid)

    def test_number_of_movements(self):
        self.assertIn(len(json.loads(self.whole)[1]), (90, 91, 92))

    def test_every_transaction_type(self):
        self.assertEqual(
            {row["transactionType"] for row in self.rows}, {1, 5, 20, 30, 31, 32, 33}
        )

    def test_ids(self):
        for row in self.rows:
            self.assertRegex(
                row["movementId"],
                r"^0\d{11}\.1$" if row["isDebit"] else r"^0\d{11}\.2$",
            )
            self.assertEqual(row["externalPaymentId"], row["movementId"][1:12])

    def test_fees_point_to_their_operation(self):
        operations = {row["externalPaymentId"]: row for row in self.rows}
        fees = [row for row in self.rows_of(33) if row["parentExternalPaymentId"]]
        self.assertTrue(fees)
        for fee in fees:
            parent = operations[str(fee["parentExternalPaymentId"])]
            self.assertEqual(
                (parent["transactionType"], parent["customerAccountInfo"]),
                (30, fee["customerAccountInfo"]),
            )

    def test_conversions_have_two_legs_that_agree_with_the_rate(self):
        by_id = {row["movementId"]: row for row in self.rows_of(5)}
        debits = [row for name, row in by_id.items() if name.endswith(".1")]
        self.assertEqual(len(by_id), 2 * len(debits))
        self.assertTrue(debits)
        for debit in debits:
            credit = by_id[debit["movementId"][:-1] + "2"]
            self.assertEqual((debit["isDebit"], credit["isDebit"]), (True, False))
            self.assertEqual(
                debit["customerAccountInfo"], credit["customerAccountInfo"]
            )
            self.assertEqual(debit["exchangeRate"], credit["exchangeRate"])
            one, base, _equals, rate, quote = debit["exchangeRate"].split()
            value = {
                row["currency"]: Decimal(str(row["amount"])) for row in (debit, credit)
            }
            product = (value[base] * Decimal(rate)).quantize(
                Decimal("0.01"), "ROUND_HALF_UP"
            )
            self.assertEqual((one, product), ("1", value[quote]))

    def test_own_transfers_have_two_legs(self):
        by_id = {row["movementId"]: row for row in self.rows_of(1)}
        debits = [row for name, row in by_id.items() if name.endswith(".1")]
        self.assertTrue(debits)
        for debit in debits:
            credit = by_id[debit["movementId"][:-1] + "2"]
            self.assertEqual(
                (debit["amount"], debit["currency"]),
                (credit["amount"], credit["currency"]),
            )
            self.assertEqual(
                debit["partnerAccountInfo"]["accountIban"],
                credit["customerAccountInfo"]["accountIban"],
            )
            self.assertNotEqual(
                debit["customerAccountInfo"], credit["customerAccountInfo"]
            )

    def test_with_one_iban_the_other_leg_is_out_of_sight(self):
        bank = small_bank(accounts={IBAN: "GEL"}, per_day=2)
        rows = bank.ledger.movements(IBAN, "GEL")
        self.assertEqual(
            {row["transactionType"] for row in rows}, {1, 5, 20, 30, 31, 32, 33}
        )
        self.assertEqual(
            {row["customerAccountInfo"]["accountIban"] for row in rows}, {IBAN}
        )

    def test_treasury(self):
        for row in self.rows_of(32):
            self.assertRegex(row["partnerAccountInfo"]["treasuryCode"], r"^\d{9}$")
            self.assertRegex(row["taxpayerCode"], r"^\d{9}$")
            self.assertEqual((row["currency"], row["isDebit"]), ("GEL", True))

    def test_counterparties(self):
        lengths = Counter(
            len(row["partnerAccountInfo"]["taxCode"]) for row in self.rows_of(20)
        )
        self.assertEqual(set(lengths), {9, 11})
        names = [row["partnerAccountInfo"]["partnerName"] for row in self.rows_of(20)]
        self.assertTrue(any(name.isascii() for name in names))
        self.assertTrue(any(not name.isascii() for name in names))
        self.assertTrue(
            all(
                is_valid_iban(row["partnerAccountInfo"]["accountIban"])
                for row in self.rows_of(20)
            )
        )

    def test_cash_is_drawn_by_somebody(self):
        takers = [
            row["partnerAccountInfo"] for row in self.rows if row["opCode"] == "CSH"
        ]
        self.assertTrue(takers)
        for taker in takers:
            self.assertIsInstance(taker["docTypeId"], int)
            self.assertRegex(taker["personalNumber"], r"^\d{11}$")

    def test_identical_payments(self):
        def face(row):
            return json.dumps(
                {**row, "movementId": "", "externalPaymentId": ""}, sort_keys=True
            )

        self.assertIn(2, Counter(face(row) for row in self.rows).values())

    def test_dates_in_both_forms_and_at_night(self):
        tails = {row["date"][10:] for row in self.rows}
        self.assertLessEqual({"T00:00:00", "T00:00:00+04:00"}, tails)
        self.assertTrue(tails & {"T01:30:00", "T01:30:00+04:00"})

    def test_absent_text_is_null_or_blank(self):
        self.assertEqual(
            {row["additionalDescription"] for row in self.rows}, {None, ""}
        )
        self.assertEqual({row["exchangeRate"] for row in self.rows_of(20)}, {None, ""})

    def test_some_wait_for_authorisation(self):
        waiting = [
            row for row in self.everything if row.status(self.bank.now) in (1, 2)
        ]
        self.assertTrue(waiting)
        later = self.bank.now + dt.timedelta(days=4)
        self.assertEqual({row.status(later) for row in waiting}, {0})
        self.assertNotIn(
            waiting[0].movement_id, [row["movementId"] for row in self.rows]
        )

    def test_some_appear_weeks_late(self):
        late = [
            row
            for row in self.everything
            if row.appears_at.date() - row.day >= dt.timedelta(days=14)
        ]
        self.assertTrue(late)
        bank = small_bank()
        before = len(bank.ledger.select(bank.ledger.accounts))
        bank.now = dt.datetime(2026, 8, 31)
        self.assertGreater(len(bank.ledger.select(bank.ledger.accounts)), before)

    def test_openings_have_tetri_and_no_day_ends_below_zero(self):
        for seed in (7, 17, 29):  # in the last two, much money comes late
            ledger = small_bank(seed=seed).ledger
            for account in ledger.accounts:
                opening = ledger.opening(*account)
                self.assertNotEqual(opening % 1, 0)
                ends = [
                    ledger.balance(*account, UNTIL - dt.timedelta(days=back))
                    for back in range(31)
                ]
                self.assertEqual(ends[-1], opening)
                self.assertGreaterEqual(min(ends), 0)


class TestAgreement(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bank = small_bank(days=6, per_day=4).start()
        cls.addClassCleanup(cls.bank.stop)
        cls.caller = Caller(cls.bank).sign_in()
        cls.addClassCleanup(cls.caller.close)

    def test_statements_agree_with_movements_on_each_account_and_day(self):
        for iban, currency in self.bank.ledger.accounts:
            query = {"AccountNumber": iban, "AccountCurrencyCode": currency}
            listed = self.caller.movements(**query).json["transactions"]
            running = self.bank.ledger.opening(iban, currency)
            for back in range(6, -1, -1):
                day = str(UNTIL - dt.timedelta(days=back))
                amounts = [
                    Decimal(str(row["amount"])) * (-1 if row["isDebit"] else 1)
                    for row in listed
                    if row["date"][:10] == day and row["statusCode"] == 0
                ]
                credit, debit = (
                    sum(x for x in amounts if x > 0),
                    -sum(x for x in amounts if x < 0),
                )
                statement = self.caller.get(
                    "/statements", **query, PeriodFrom=day, PeriodTo=day
                ).json
                found = [
                    Decimal(str(statement[name]))
                    for name in (
                        "openingBalance",
                        "creditSum",
                        "debitSum",
                        "closingBalance",
                    )
                ]
                self.assertEqual(
                    found,
                    [running, credit, debit, running + credit - debit],
                    (iban, currency, day),
                )
                running = found[-1]
            balance = self.caller.get(f"/{iban}/balances/{currency}").json
            self.assertEqual(Decimal(str(balance["currentBalance"])), running)

    def test_pages_hold_each_movement_once(self):
        sizes = []
        ids = []
        for index in range(20):
            page = self.caller.movements(PageIndex=index, PageSize=10).json
            sizes.append(page["total"])
            ids += [row["movementId"] for row in page["transactions"]]
        self.assertEqual(len(set(ids)), len(ids))
        self.assertEqual(set(sizes), {len(ids)})
        self.assertGreater(len(ids), 100)

    def test_by_id_is_the_same_movement(self):
        row = self.caller.movements(PageSize=1).json["transactions"][0]
        self.assertEqual(
            self.caller.get(f"/movements/{row['movementId']}").json,
            {"transaction": row},
        )


class TestByHand(unittest.TestCase):
    def setUp(self):
        self.bank = FakeBank(
            accounts={IBAN: ("GEL", "USD")},
            days=0,
            now=dt.datetime(2026, 6, 30, 12),
            openings={(IBAN, "GEL"): "1000.00"},
            overdrafts={(IBAN, "USD"): "500"},
        )
        self.ledger = self.bank.ledger

    def ids(self, **filters):
        return [
            row.movement_id
            for row in self.ledger.select(self.ledger.accounts, **filters)
        ]

    def answers(self):
        """A caller of the bank, which then listens on the network."""
        self.bank.start()
        self.addCleanup(self.bank.stop)
        caller = Caller(self.bank).sign_in()
        self.addCleanup(caller.close)
        return caller

    def test_empty(self):
        self.assertEqual(self.ledger.accounts, [(IBAN, "GEL"), (IBAN, "USD")])
        self.assertEqual(
            (self.ids(), self.ledger.balance(IBAN, "GEL")), ([], Decimal("1000.00"))
        )

    def test_add(self):
        self.ledger.add(
            IBAN,
            "GEL",
            amount="-12.30",
            day="2026-06-10",
            purpose="ქირა",
            partnerAccountInfo={"partnerName": "შპს ალტა"},
        )
        (row,) = self.ledger.movements(IBAN, "GEL")
        self.assertEqual(
            (row["amount"], row["isDebit"], row["date"]),
            (12.3, True, "2026-06-10T00:00:00"),
        )
        self.assertEqual(row["partnerAccountInfo"]["partnerName"], "შპს ალტა")
        self.assertIsNone(row["partnerAccountInfo"]["taxCode"])
        balances = [
            self.ledger.balance(IBAN, "GEL", dt.date(2026, 6, day)) for day in (9, 10)
        ]
        self.assertEqual(balances, [Decimal("1000.00"), Decimal("987.70")])

    def test_ids_go_on_and_may_be_given(self):
        first = self.ledger.add(IBAN, "GEL", amount=1, day=UNTIL)
        second = self.ledger.add(IBAN, "GEL", amount=-1, day=UNTIL)
        given = self.ledger.add(
            IBAN, "GEL", amount=1, day=UNTIL, movementId="018745219864.2"
        )
        self.assertEqual(
            [first.movement_id, second.movement_id, given.movement_id],
            ["018000000001.2", "018000000002.1", "018745219864.2"],
        )
        with self.assertRaises(ValueError):
            self.ledger.add(
                IBAN, "GEL", amount=1, day=UNTIL, movementId="018745219864.2"
            )

    def test_unreadable_members_are_sent_as_they_are(self):
        self.ledger.add(
            IBAN,
            "GEL",
            amount="abc",
            day=UNTIL,
            date=None,
            isDebit="yes",
            movementId=None,
            partnerAccountInfo=[],
            extra={"colour": "blue"},
            without=("purpose",),
        )
        (row,) = self.ledger.movements(IBAN, "GEL")
        self.assertEqual(
            [
                row[name]
                for name in (
                    "amount",
                    "date",
                    "isDebit",
                    "movementId",
                    "partnerAccountInfo",
                )
            ],
            ["abc", None, "yes", None, []],
        )
        self.assertEqual((row["colour"], "purpose" in row), ("blue", False))
        self.assertEqual(self.ledger.balance(IBAN, "GEL"), 1000)
        for amount, sent in ((None, None), (Decimal("1.005"), 1.005)):
            self.assertEqual(
                self.ledger.add(IBAN, "GEL", amount=amount, day=UNTIL).as_json(
                    self.bank.now
                )["amount"],
                sent,
            )

    def test_mistakes_of_the_test_are_told(self):
        with self.assertRaises(TypeError):
            self.ledger.add(IBAN, "GEL", amount=1, day=UNTIL, purpos="x")
        with self.assertRaises(KeyError):
            self.ledger.add(IBAN, "EUR", amount=1, day=UNTIL)
        with self.assertRaises(KeyError):
            FakeBank(days=0, openings={("GE00", "GEL"): "1"})
        with self.assertRaises(ValueError):
            FakeBank(accounts={IBAN: "GEL"}, days=0, openings={(IBAN, "GEL"): "much"})
        with self.assertRaises(ValueError):
            FakeBank(mode="real")

    def test_hide_show_withdraw(self):
        one = self.ledger.add(IBAN, "GEL", amount="5.00", day=UNTIL).movement_id
        self.ledger.hide(one)
        self.assertEqual((self.ids(), self.ledger.balance(IBAN, "GEL")), ([], 1000))
        self.ledger.hide(one, keep_in_totals=True)
        self.assertEqual((self.ids(), self.ledger.balance(IBAN, "GEL")), ([], 1005))
        self.ledger.show(one)
        self.assertEqual((self.ids(), self.ledger.find(one).movement_id), ([one], one))
        self.ledger.withdraw(one)
        self.assertEqual(
            (self.ids(), self.ledger.balance(IBAN, "GEL"), self.ledger.find(one)),
            ([], 1000, None),
        )

    def listed(self):
        """The ids that a client sees of the account, and the total that it is told."""
        with self.bank:
            caller = Caller(self.bank).sign_in()
            page = caller.movements(PageIndex=0, PageSize=700).json
            caller.close()
        return [row["movementId"] for row in page["transactions"]], page["total"]

    def test_counted_and_not_listed(self):
        one = self.ledger.add(IBAN, "GEL", amount="5.00", day=UNTIL).movement_id
        other = self.ledger.add(IBAN, "GEL", amount="6.00", day=UNTIL).movement_id
        self.ledger.hide(one, keep_in_count=True)
        self.assertEqual(self.listed(), ([other], 2))
        self.assertEqual(self.ledger.balance(IBAN, "GEL"), 1006)
        self.ledger.show(one)
        self.assertEqual(self.listed(), ([other, one], 2))

    def test_listed_and_counted_twice(self):
        one = self.ledger.add(IBAN, "GEL", amount="5.00", day=UNTIL).movement_id
        self.ledger.repeat(one)
        self.assertEqual(self.listed(), ([one, one], 2))
        self.assertEqual(self.ledger.balance(IBAN, "GEL"), 1005)
        self.ledger.repeat(one, times=1)
        self.assertEqual(self.listed(), ([one], 1))

    def test_completed_later(self):
        partner = {"accountIban": "GE1", "taxCode": None}
        one = self.ledger.add(
            IBAN, "GEL", amount="5.00", day=UNTIL, partnerAccountInfo=partner
        ).movement_id
        self.ledger.change(
            one, paymentId="77", partnerAccountInfo={"taxCode": "204567891"}
        )
        told = self.ledger.find(one).as_json(self.bank.now)
        self.assertEqual(told["paymentId"], "77")
        self.assertEqual(told["partnerAccountInfo"]["accountIban"], "GE1")
        self.assertEqual(told["partnerAccountInfo"]["taxCode"], "204567891")
        self.assertEqual((told["movementId"], told["amount"]), (one, 5))
        with self.assertRaises(TypeError):
            self.ledger.change(one, purpos="x")

    def test_late_movement(self):
        late = self.ledger.add(
            IBAN,
            "GEL",
            amount="5.00",
            day="2026-06-01",
            appears_at=dt.datetime(2026, 7, 15),
        )
        self.assertEqual((self.ids(), self.ledger.find(late.movement_id)), ([], None))
        self.bank.now = dt.datetime(2026, 7, 15)
        self.assertEqual(
            (len(self.ids()), self.ledger.balance(IBAN, "GEL", dt.date(2026, 6, 1))),
            (1, 1005),
        )
        self.bank.now = dt.datetime(2026, 7, 1)
        self.ledger.show(late.movement_id)
        self.assertEqual((len(self.ids()), self.ledger.balance(IBAN, "GEL")), (1, 1005))

    def test_authorise(self):
        one = self.ledger.add(
            IBAN, "USD", amount="-70", day=UNTIL, statusCode=2
        ).movement_id
        self.assertEqual(
            (
                self.ledger.find(one).status(self.bank.now),
                self.ledger.movements(IBAN, "USD"),
            ),
            (2, []),
        )
        caller = self.answers()
        before = caller.get(f"/{IBAN}/balances/USD").json
        self.bank.now = dt.datetime(2026, 7, 2)
        self.ledger.authorise(one)
        after = caller.get(f"/{IBAN}/balances/USD").json
        opening = before["currentBalance"]
        self.assertAlmostEqual(before["availableBalance"], opening - 70 + 500)
        self.assertAlmostEqual(after["currentBalance"], opening - 70)
        self.assertAlmostEqual(after["availableBalance"], opening - 70 + 500)
        self.assertEqual(after["overdraftLimit"], 500)
        self.assertEqual(
            caller.get(f"/movements/{one}").json["transaction"]["statusCode"], 0
        )

    def test_time_stamp_sees_what_was_created_or_updated_after_it(self):
        one = self.ledger.add(
            IBAN, "GEL", amount=1, day="2026-06-01", statusCode=1
        ).movement_id
        self.bank.now = dt.datetime(2026, 7, 1)
        two = self.ledger.add(IBAN, "GEL", amount=1, day="2026-06-01").movement_id
        caller = self.answers()

        def since(text):
            rows = caller.movements(LastMovementTimeStamp=text).json["transactions"]
            return {row["movementId"] for row in rows}

        self.assertEqual(since("2026-06-30T11:59:59"), {one, two})
        self.assertEqual(since("2026-06-30T12:00:00"), {two})
        self.assertEqual(since("2026-07-01T00:00:00"), set())
        self.bank.now = dt.datetime(2026, 7, 2)
        self.ledger.authorise(one)
        self.assertEqual(since("2026-07-01T00:00:00"), {one})

    def test_real_time_unless_told(self):
        bank = FakeBank(days=0)
        self.assertAlmostEqual(
            bank.now.timestamp(), dt.datetime.now().timestamp(), delta=5
        )
        bank.now = EVENING
        self.assertEqual(bank.now.isoformat(), "2026-06-30T23:59:59+04:00")
        bank.now = None
        self.assertAlmostEqual(
            bank.now.timestamp(), dt.datetime.now().timestamp(), delta=5
        )

    def test_real_time_is_never_before_the_end_of_the_books(self):
        self.assertEqual(
            FakeBank(days=0, until=dt.date(2999, 1, 1)).now.isoformat(),
            "2999-01-01T23:59:59+04:00",
        )
