"""The fake bank refuses what the bank refuses, in the bank's words."""

import datetime as dt
import unittest

from fake_tbc import FakeBank
from fake_tbc.caller import Caller

IBAN, OTHER = "GE44TB0600051509630891", "GE41TB7849963286076183"
ACCOUNT = {"AccountNumber": IBAN, "AccountCurrencyCode": "GEL"}
PERIOD = {"PeriodFrom": "2026-06-01", "PeriodTo": "2026-06-30"}


def fresh_bank():
    bank = FakeBank(
        accounts={IBAN: ("GEL", "USD"), OTHER: "GEL"},
        days=0,
        now=dt.datetime(2026, 6, 30, 12),
    )
    for day in (1, 15, 30):
        bank.ledger.add(IBAN, "GEL", amount="10.25", day=f"2026-06-{day:02d}")
    return bank.start()


class BankCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bank = fresh_bank()
        cls.addClassCleanup(cls.bank.stop)
        cls.caller = Caller(cls.bank).sign_in()
        cls.addClassCleanup(cls.caller.close)

    def assert_refused(self, answer, status, code, title):
        self.assertEqual(
            (answer.status, answer.json["code"], answer.json["title"]),
            (status, code, title),
        )
        self.assertEqual(
            answer.headers["content-type"], "application/problem+json; charset=utf-8"
        )
        self.assertEqual(answer.json["status"], status)
        self.assertRegex(answer.json["traceId"], r"^00-[0-9a-f]{32}-[0-9a-f]{16}-00$")

    def assert_input_refused(self, answer, *names):
        self.assert_refused(answer, 400, "ValidationError", "INCORRECT_INPUT_DATA")
        self.assertEqual(set(answer.json["errors"]), set(names))


class TestToken(BankCase):
    def test_grant(self):
        answer = self.caller.ask_token("bab_accounts bab_transfers")
        token = answer.json
        self.assertEqual(answer.status, 200)
        self.assertEqual(
            (token["token_type"], token["scope"], token["expires_in"]),
            ("Bearer", "bab_accounts bab_transfers", 3600),
        )
        self.assertIsInstance(token["issued_at"], int)

    def test_refused_grants(self):
        for status, error, changes in (
            (401, "invalid_client", {"authorization": "Basic d3Jvbmc6d3Jvbmc="}),
            (401, "invalid_client", {"authorization": "Basic %%%"}),
            (401, "invalid_client", {"authorization": "Bearer x"}),
            (400, "unsupported_grant_type", {"grant_type": "password"}),
            (400, "invalid_request", {"content_type": "application/json"}),
            (400, "invalid_scope", {"scope": "bab_everything"}),
            (400, "invalid_scope", {"scope": ""}),
        ):
            with self.subTest(error, **changes):
                answer = self.caller.ask_token(**changes)
                self.assertEqual((answer.status, answer.json["error"]), (status, error))

    def test_scope_without_permission(self):
        self.bank.permissions = {"statements"}
        self.addCleanup(setattr, self.bank, "permissions", {"statements", "transfers"})
        self.assertEqual(self.caller.ask_token("bab_accounts").status, 200)
        self.assertEqual(
            self.caller.ask_token("bab_transfers").json["error"], "invalid_scope"
        )

    def test_call_without_a_good_token(self):
        for headers in (
            {},
            {"Authorization": "Bearer nonsense"},
            {"Authorization": "Basic abc"},
        ):
            answer = self.caller.call(
                "GET", "/bab/v1/accounts/movements", None, headers
            )
            self.assertEqual(answer.status, 401)
            self.assertEqual(
                answer.headers["content-type"], "application/json; charset=utf-8"
            )
            self.assertNotIn("title", answer.json)

    def test_token_of_another_scope(self):
        caller = Caller(self.bank).sign_in("bab_transfers")
        self.addCleanup(caller.close)
        self.assertEqual(caller.movements().status, 403)

    def test_token_ends(self):
        self.bank.token_lifetime = 0
        self.addCleanup(setattr, self.bank, "token_lifetime", 3600)
        caller = Caller(self.bank).sign_in()
        self.addCleanup(caller.close)
        self.assertEqual(caller.movements().status, 401)

    def test_moving_the_clock_ends_no_token(self):
        self.bank.now = dt.datetime(2026, 9, 1)
        self.addCleanup(setattr, self.bank, "now", dt.datetime(2026, 6, 30, 12))
        self.assertEqual(self.caller.movements().status, 200)

    def test_integrations_apart(self):
        self.bank.add_client(
            "second", "other-secret", {"statements"}, accounts=[(OTHER, "GEL")]
        )
        second = Caller(self.bank, "second", "other-secret").sign_in()
        self.addCleanup(second.close)
        self.assertEqual(second.movements().json["total"], 0)
        movement_id = self.caller.movements().json["transactions"][0]["movementId"]
        self.assertEqual(self.caller.get(f"/movements/{movement_id}").status, 200)
        self.assert_input_refused(second.get(f"/movements/{movement_id}"), "id")
        self.assert_refused(
            second.get(f"/{IBAN}/balances/GEL"), 400, "DomainError", "INVALID_ACCOUNT"
        )
        self.bank.revoke("second")
        self.assertEqual(second.movements().status, 401)
        self.assertEqual(second.ask_token().status, 401)
        self.assertEqual(self.caller.movements().json["total"], 3)


class TestUser(BankCase):
    def test_user_states(self):
        self.addCleanup(setattr, self.bank, "user_state", "active")
        for state, title in (
            ("not_active", "USER_IS_NOT_ACTIVE"),
            ("blocked", "USER_IS_BLOCKED"),
            ("deleted", "USER_IS_DELETED"),
        ):
            self.bank.user_state = state
            self.assert_refused(self.caller.movements(), 400, "DomainError", title)

    def test_permission_taken_away(self):
        self.addCleanup(setattr, self.bank, "permissions", {"statements"})
        self.bank.permissions = {"transfers"}
        self.assert_refused(
            self.caller.movements(), 403, "ForbiddenError", "NOT_AUTHORIZED"
        )


class TestParameters(BankCase):
    def test_documented_combinations(self):
        for query, total in (
            (PERIOD, 3),
            ({**ACCOUNT, **PERIOD}, 3),
            ({"LastMovementTimeStamp": "2026-06-01T00:00:00"}, 3),
            ({}, 3),
            ({"PageIndex": 0, "PageSize": 2}, 3),
            (ACCOUNT, 3),
        ):
            self.assertEqual(self.caller.movements(**query).json["total"], total, query)

    def test_incorrect_input(self):
        cases = (
            ({"AccountNumber": IBAN, **PERIOD}, ["AccountCurrencyCode"]),
            ({"AccountCurrencyCode": "GEL", **PERIOD}, ["AccountNumber"]),
            ({"PeriodFrom": "2026-06-01"}, ["PeriodTo"]),
            ({"PeriodTo": "2026-06-01"}, ["PeriodFrom"]),
            (
                {"LastMovementTimeStamp": "2026-06-01", **ACCOUNT},
                ["LastMovementTimeStamp"],
            ),
            (
                {"LastMovementTimeStamp": "2026-06-01", **PERIOD},
                ["LastMovementTimeStamp"],
            ),
            ({"LastMovementTimeStamp": "yesterday"}, ["LastMovementTimeStamp"]),
            ({"PageSize": 701}, ["PageSize"]),
            ({"PageSize": -1}, ["PageSize"]),
            ({"PageSize": "ten"}, ["PageSize"]),
            ({"PageIndex": -1}, ["PageIndex"]),
            ({"PageIndex": "1.5"}, ["PageIndex"]),
            ({"PageIndex": ""}, ["PageIndex"]),
            ({"PeriodFrom": "01.06.2026", "PeriodTo": "2026-06-30"}, ["PeriodFrom"]),
            ({"PeriodFrom": "2026-06-01", "PeriodTo": "2026-06-31"}, ["PeriodTo"]),
            ({"PeriodFrom": "2026-06-30", "PeriodTo": "2026-06-01"}, ["PeriodTo"]),
            ({"AccountNumber": "", "AccountCurrencyCode": "GEL"}, ["AccountNumber"]),
            (
                {"PageSize": 701, "PeriodFrom": "x", "PeriodTo": "2026-06-30"},
                ["PageSize", "PeriodFrom"],
            ),
        )
        for query, names in cases:
            with self.subTest(**query):
                self.assert_input_refused(self.caller.movements(**query), *names)

    def test_offset_whose_plus_is_not_encoded(self):
        answer = self.caller.get(
            "/movements?PeriodFrom=2026-06-01T00:00:00+04:00&PeriodTo=2026-06-30"
        )
        self.assert_input_refused(answer, "PeriodFrom")

    def test_period_counts_whole_georgian_days(self):
        for since, until, total in (
            ("2026-06-01", "2026-06-30", 3),
            ("2026-06-02", "2026-06-29", 1),
            ("2026-06-15", "2026-06-15", 1),
            ("2026-06-01T00:00:00", "2026-06-30T23:59:59", 3),
            ("2026-06-01T12:00:00", "2026-06-30T00:00:00", 3),
            ("2026-05-31T21:00:00Z", "2026-06-14T21:00:00Z", 2),
            ("2026-06-01T00:00:00+04:00", "2026-06-14", 1),
        ):
            answer = self.caller.movements(**ACCOUNT, PeriodFrom=since, PeriodTo=until)
            self.assertEqual(answer.json["total"], total, (since, until))

    def test_paging(self):
        pages = [
            self.caller.movements(PageIndex=index, PageSize=2).json
            for index in range(3)
        ]
        self.assertEqual([len(page["transactions"]) for page in pages], [2, 1, 0])
        self.assertEqual([page["total"] for page in pages], [3, 3, 3])
        self.assertEqual(
            [page["pager"] for page in pages],
            [[{"pageIndex": index, "pageSize": 2}] for index in range(3)],
        )
        days = [row["date"][:10] for page in pages for row in page["transactions"]]
        self.assertEqual(days, ["2026-06-30", "2026-06-15", "2026-06-01"])
        self.assertEqual(
            self.caller.movements().json["pager"], [{"pageIndex": 0, "pageSize": 700}]
        )

    def test_page_size_zero(self):
        answer = self.caller.movements(PageSize=0).json
        self.assertEqual((answer["transactions"], answer["total"]), ([], 3))

    def test_unknown_parameters_and_other_spellings_are_ignored(self):
        answer = self.caller.movements(accountNumber=OTHER, pagesize=1, Colour="blue")
        self.assertEqual(
            (answer.json["total"], answer.json["pager"][0]["pageSize"]), (3, 700)
        )

    def test_invalid_account(self):
        for iban, currency in (
            ("GE00TB0000000000000000", "GEL"),
            (IBAN, "EUR"),
            (OTHER, "USD"),
            (IBAN, "gel"),
        ):
            query = {"AccountNumber": iban, "AccountCurrencyCode": currency, **PERIOD}
            for path, asked in (
                ("/movements", query),
                ("/statements", query),
                (f"/{iban}/balances/{currency}", {}),
            ):
                self.assert_refused(
                    self.caller.get(path, **asked),
                    400,
                    "DomainError",
                    "INVALID_ACCOUNT",
                )

    def test_statement_needs_all_four(self):
        whole = {**ACCOUNT, **PERIOD}
        for name in whole:
            query = {key: value for key, value in whole.items() if key != name}
            answer = self.caller.get("/statements", **query)
            self.assert_input_refused(answer, name)
        self.assert_input_refused(self.caller.get("/statements"), *whole)

    def test_statement_echoes_the_period(self):
        answer = self.caller.get(
            "/statements",
            **ACCOUNT,
            PeriodFrom="2026-06-02",
            PeriodTo="2026-06-30T23:59:59",
        ).json
        self.assertEqual(
            (answer["openingDate"], answer["closingDate"]),
            ("2026-06-02T00:00:00", "2026-06-30T23:59:59"),
        )
        self.assertEqual(answer["creditSum"], 20.5)

    def test_unknown_movement(self):
        self.assert_input_refused(self.caller.get("/movements/000000000001.1"), "id")

    def test_unknown_path_and_method(self):
        self.assertEqual(self.caller.get("/nothing").status, 404)
        answer = self.caller.call(
            "POST", "/bab/v1/accounts/movements", "{}", self.caller.headers
        )
        self.assertEqual((answer.status, answer.headers["allow"]), (405, "GET"))
