"""The fake bank answers the scenarios of the bank's sandbox page, contradictions included."""

import unittest

from fake_tbc import FakeBank
from fake_tbc.caller import Caller

IBAN = "GE48TB7873440574631292"
JUNE = {"PeriodFrom": "2026-06-01", "PeriodTo": "2026-06-30"}
FIVE_MONTHS = {"PeriodFrom": "2026-02-01", "PeriodTo": "2026-06-30"}


class TestDocumented(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bank = FakeBank(mode="documented").start()
        cls.addClassCleanup(cls.bank.stop)
        cls.caller = Caller(cls.bank).sign_in()
        cls.addClassCleanup(cls.caller.close)

    def page(self, **query):
        answer = self.caller.movements(**query)
        self.assertEqual(answer.status, 200, answer.body)
        pager = {
            "pageIndex": int(query["PageIndex"]),
            "pageSize": int(query["PageSize"]),
        }
        self.assertEqual(answer.json["pager"], [pager])
        return len(answer.json["transactions"]), answer.json["total"]

    def refusal(self, answer):
        return answer.status, answer.json["code"], answer.json["title"]

    def test_scenario_1_and_2_one_account_in_june(self):
        for currency, count in (("GEL", 11), ("USD", 20)):
            query = dict(JUNE, AccountNumber=IBAN, AccountCurrencyCode=currency)
            self.assertEqual(
                self.page(PageIndex=0, PageSize=100, **query), (count, count)
            )
            self.assertEqual(
                self.page(PageIndex=0, PageSize=700, **query), (count, count)
            )

    def test_movements_of_one_account_are_of_that_account(self):
        found = self.caller.movements(
            AccountNumber=IBAN, AccountCurrencyCode="USD", **JUNE
        ).json["transactions"]
        self.assertEqual({row["currency"] for row in found}, {"USD"})
        self.assertEqual(
            {row["customerAccountInfo"]["accountIban"] for row in found}, {IBAN}
        )
        self.assertTrue(
            all("2026-06-01" <= row["date"][:10] <= "2026-06-30" for row in found)
        )

    def test_scenario_3_twenty_a_page_count_35(self):
        counts = [
            self.page(PageIndex=index, PageSize=20, **FIVE_MONTHS) for index in range(3)
        ]
        self.assertEqual(counts, [(20, 35), (15, 35), (0, 35)])

    def test_scenario_4_a_hundred_a_page_count_60(self):
        self.assertEqual(self.page(PageIndex=0, PageSize=100, **FIVE_MONTHS), (60, 60))

    def test_scenario_5_paging_alone(self):
        self.assertEqual(self.page(PageIndex=0, PageSize=100), (60, 60))

    def test_scenario_7_and_8_by_id(self):
        for movement_id, is_debit in (
            ("018383341565.1", True),
            ("018716808825.1", True),
            ("018716808825.2", False),
        ):
            row = self.caller.get(f"/movements/{movement_id}").json["transaction"]
            self.assertEqual(
                (row["movementId"], row["isDebit"]), (movement_id, is_debit)
            )

    def test_scenario_9_time_stamp(self):
        for text in ("2026-06-09", "2026-06-09T00:00:00"):
            count, total = self.page(
                LastMovementTimeStamp=text, PageIndex=0, PageSize=100
            )
            self.assertEqual(count, total)
            self.assertGreater(total, 0)

    def test_january_2025_is_empty(self):
        query = {"PeriodFrom": "2025-01-01", "PeriodTo": "2025-01-31"}
        self.assertEqual(self.page(PageIndex=0, PageSize=100, **query), (0, 0))

    def test_january_2024_is_not_authorized(self):
        answer = self.caller.movements(
            PeriodFrom="2024-01-01", PeriodTo="2024-01-31", PageSize=100
        )
        self.assertEqual(
            self.refusal(answer), (403, "ForbiddenError", "NOT_AUTHORIZED")
        )

    def test_spring_2024_is_a_general_error(self):
        answer = self.caller.movements(
            PeriodFrom="2024-02-01", PeriodTo="2024-03-31", PageSize=100
        )
        self.assertEqual(self.refusal(answer), (500, "SystemError", "GENERAL_ERROR"))

    def test_statements(self):
        cases = (
            (IBAN, "GEL", "2025-01-01", "2025-03-01", 1000.50, 1250.00, 500.25, 250.75),
            (IBAN, "USD", "2025-03-01", "2025-06-01", 0, 0, 0, 0),
            ("GE12TB7189885380696572", "GEL", "2026-01-01", "2026-06-01", 0, 0, 0, 0),
        )
        for iban, currency, since, until, opening, closing, credit, debit in cases:
            answer = self.caller.get(
                "/statements",
                AccountNumber=iban,
                AccountCurrencyCode=currency,
                PeriodFrom=since,
                PeriodTo=until,
            )
            self.assertEqual(
                answer.json,
                {
                    "openingDate": f"{since}T00:00:00",
                    "openingBalance": opening,
                    "closingDate": f"{until}T00:00:00",
                    "closingBalance": closing,
                    "creditSum": credit,
                    "debitSum": debit,
                    "currency": currency,
                    "accountNumber": iban,
                },
            )

    def test_balance(self):
        self.assertEqual(
            self.caller.get(f"/{IBAN}/balances/GEL").json,
            {
                "currentBalance": 5000,
                "availableBalance": 1702.3,
                "overdraftLimit": None,
                "currency": "GEL",
            },
        )
        self.assertEqual(
            self.caller.get(f"/{IBAN}/balances/USD").json["currency"], "USD"
        )

    def test_unlisted_account(self):
        answer = self.caller.get("/GE44TB0600051509630891/balances/GEL")
        self.assertEqual(self.refusal(answer), (400, "DomainError", "INVALID_ACCOUNT"))
