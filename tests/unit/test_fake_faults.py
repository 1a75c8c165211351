"""Each fault that the fake bank can be ordered to have, and nothing of it once it is over."""

import datetime as dt
import http.client
import json
import threading
import time
import unittest

from fake_tbc import FAKE_CLIENT_ID, FAKE_CLIENT_SECRET, FakeBank
from fake_tbc.caller import Caller

IBAN = "GE44TB0600051509630891"


class TestFaults(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bank = FakeBank(
            accounts={IBAN: "GEL"}, days=0, now=dt.datetime(2026, 6, 30, 12)
        )
        for day in range(1, 6):
            cls.bank.ledger.add(IBAN, "GEL", amount="10.50", day=f"2026-06-0{day}")
        cls.bank.start()
        cls.addClassCleanup(cls.bank.stop)
        cls.caller = Caller(cls.bank).sign_in()
        cls.addClassCleanup(cls.caller.close)

    def setUp(self):
        self.addCleanup(self.bank.clear_faults)
        self.bank.forget_requests()

    def fault(self, name, on="movements", **options):
        self.bank.add_fault(name, on=on, **options)

    def assert_well(self):
        self.assertEqual(self.caller.movements().json["total"], 5)

    def days(self, index):
        page = self.caller.movements(PageIndex=index, PageSize=2).json
        return (
            [row["date"][8:10] for row in page["transactions"]],
            page["pager"][0]["pageIndex"],
            page["total"],
        )

    def test_connection_closed_without_an_answer(self):
        for name, options in (("drop", {}), ("timeout", {"seconds": 0.01})):
            self.fault(name, **options)
            with self.assertRaises(http.client.RemoteDisconnected):
                self.caller.movements()
        self.assertEqual([record.status for record in self.bank.requests], [None, None])
        self.assert_well()

    def test_what_was_sent_is_said_back(self):
        token = self.caller.headers["Authorization"].split()[1]
        self.fault("echo", times=2)
        self.fault("echo", page=True, status=502)
        self.fault("echo_in_answer")
        for status in (400, 400, 502, 200):
            answer = self.caller.movements()
            said = answer.body.decode()
            self.assertEqual(answer.status, status)
            for secret in (token, FAKE_CLIENT_ID, FAKE_CLIENT_SECRET):
                self.assertIn(secret, said)
        self.assertEqual(answer.headers["x-trace-id"], token)
        self.assertIn(token, answer.json["transactions"][0]["purpose"])
        self.assertNotIn(token, repr(self.bank.requests))
        self.fault("echo", on="token", status=401)
        said = self.caller.ask_token().body.decode()
        self.assertIn(FAKE_CLIENT_SECRET, said)
        self.assert_well()

    def test_one_account_only(self):
        bank = FakeBank(accounts={IBAN: ("GEL", "USD")}, days=0).start()
        self.addCleanup(bank.stop)
        caller = Caller(bank).sign_in()
        self.addCleanup(caller.close)
        bank.add_fault("NOT_AUTHORIZED", times=None, account=(IBAN, "USD"))
        period = {"PeriodFrom": "2026-06-01", "PeriodTo": "2026-06-02"}
        for path in ("/movements", "/statements"):
            for currency, status in (("GEL", 200), ("USD", 403)):
                query = {"AccountNumber": IBAN, "AccountCurrencyCode": currency}
                self.assertEqual(caller.get(path, **query, **period).status, status)

    def test_sums_with_three_decimals(self):
        query = {"AccountNumber": IBAN, "AccountCurrencyCode": "GEL"}
        query |= {"PeriodFrom": "2026-06-01", "PeriodTo": "2026-06-02"}
        self.fault("more_decimals", on="statements")
        answer = self.caller.get("/statements", **query).json
        self.assertEqual(answer["openingBalance"] + 21.005, answer["closingBalance"])
        self.assertEqual(answer["creditSum"], 21.005)

    def test_timeout_ends_with_the_bank(self):
        bank = FakeBank(days=0).start()
        caller = Caller(bank).sign_in()
        self.addCleanup(caller.close)
        bank.add_fault("timeout", seconds=60)
        threading.Timer(0.01, bank.stop).start()
        began = time.monotonic()
        with self.assertRaises((http.client.HTTPException, ConnectionError)):
            caller.movements()
        self.assertLess(time.monotonic() - began, 2)

    def test_slow(self):
        self.fault("slow", seconds=0.01)
        began = time.monotonic()
        self.assert_well()
        self.assertGreaterEqual(time.monotonic() - began, 0.01)

    def test_html500(self):
        self.fault("html500")
        self.fault("html500", status=502)
        for status in (500, 502):
            answer = self.caller.movements()
            self.assertEqual(
                (answer.status, answer.headers["content-type"]), (status, "text/html")
            )
            self.assertTrue(answer.body.startswith(b"<html>"))

    def test_gateway_refusals(self):
        for name in ("401", "403", "429"):
            self.fault(name)
            answer = self.caller.movements()
            self.assertEqual((answer.status, list(answer.json)), (int(name), ["fault"]))
            self.assertEqual(
                answer.headers["content-type"], "application/json; charset=utf-8"
            )
            self.assertNotIn("retry-after", answer.headers)
        self.fault("429", retry_after=7)
        self.assertEqual(self.caller.movements().headers["retry-after"], "7")
        self.assert_well()

    def test_every_accounts_error(self):
        for title, status, code in (
            ("INCORRECT_INPUT_DATA", 400, "ValidationError"),
            ("INVALID_ACCOUNT", 400, "DomainError"),
            ("USER_IS_DELETED", 400, "DomainError"),
            ("USER_IS_NOT_ACTIVE", 400, "DomainError"),
            ("USER_IS_BLOCKED", 400, "DomainError"),
            ("NOT_AUTHORIZED", 403, "ForbiddenError"),
            ("GENERAL_ERROR", 500, "SystemError"),
        ):
            self.fault(title, on="statements")
            answer = self.caller.get("/statements")
            found = (
                answer.status,
                answer.json["status"],
                answer.json["code"],
                answer.json["title"],
            )
            self.assertEqual(found, (status, status, code, title))
            self.assertEqual(
                answer.headers["content-type"],
                "application/problem+json; charset=utf-8",
            )
            self.assertEqual(self.bank.requests[-1].trace_id, answer.json["traceId"])

    def test_truncated(self):
        self.fault("truncated")
        answer = self.caller.movements()
        self.assertEqual(answer.status, 200)
        with self.assertRaises(json.JSONDecodeError):
            json.loads(answer.body.decode("utf-8", "ignore"))
        self.fault("truncated", broken_connection=True)
        with self.assertRaises(http.client.IncompleteRead):
            self.caller.movements()
        self.assert_well()

    def test_repeat_page(self):
        self.fault("repeat_page")
        self.assertEqual(self.days(0), (["05", "04"], 0, 5))
        self.assertEqual(self.days(1), (["05", "04"], 1, 5))
        self.assertEqual(self.days(1), (["03", "02"], 1, 5))

    def test_total_changes(self):
        self.fault("total_changes")
        self.fault("total_changes", by=-2)
        self.assertEqual([self.days(index)[2] for index in (0, 1, 2, 1)], [5, 6, 3, 5])

    def test_too_long(self):
        period = {"PeriodFrom": "2026-06-01", "AccountNumber": IBAN}
        period["AccountCurrencyCode"] = "GEL"
        for route in ("movements", "statements"):
            self.fault("too_long", on=route, times=None, days=4)
            for last, status in (("04", 200), ("04T23:59:59", 200), ("05", 400)):
                query = {**period, "PeriodTo": f"2026-06-{last}"}
                answer = self.caller.get(f"/{route}", **query)
                self.assertEqual(answer.status, status, (route, last))
            self.assertEqual(answer.json["title"], "INCORRECT_INPUT_DATA")
        self.assert_well()
        with self.assertRaises(ValueError):
            self.bank.add_fault("too_long", on="balances")

    def test_too_old(self):
        self.fault("too_old", times=None, first="2026-06-03")
        for first, status in (("2026-06-02", 400), ("2026-06-03", 200)):
            answer = self.caller.movements(PeriodFrom=first, PeriodTo="2026-06-30")
            self.assertEqual(answer.status, status)
        self.assert_well()

    def test_redirect(self):
        self.fault("redirect", to="http://127.0.0.1:9")
        answer = self.caller.movements(PageIndex=0)
        self.assertEqual(
            (answer.status, answer.headers["location"]),
            (302, "http://127.0.0.1:9/bab/v1/accounts/movements"),
        )

    def test_huge(self):
        for options in ({}, {"chunked": True}):
            self.fault("huge", **options)
            connection = http.client.HTTPConnection(
                "127.0.0.1", self.bank.port, timeout=5
            )
            connection.request(
                "GET", "/bab/v1/accounts/movements", headers=self.caller.headers
            )
            response = connection.getresponse()
            self.assertEqual(response.read(18), b'{"transactions":[]')
            self.assertEqual(
                response.getheader("Content-Length"),
                None if options else str(33 * 2**20 + 70),
            )
            response.close()
            connection.close()
        self.fault("huge", mib=1, chunked=True)
        self.fault("huge", mib=1)
        for _ in range(2):
            answer = self.caller.movements()
            self.assertEqual((answer.json["total"], len(answer.body)), (0, 2**20 + 70))

    def test_empty(self):
        self.fault("empty", on="balances")
        answer = self.caller.get(f"/{IBAN}/balances/GEL")
        self.assertEqual(
            (answer.status, answer.body, answer.headers["content-length"]),
            (200, b"", "0"),
        )

    def test_object_pager_and_amounts_in_text(self):
        self.fault("object_pager", on="any", times=None)
        page = self.caller.movements(PageSize=1).json
        self.assertEqual(
            (page["pager"], page["total"]), ({"pageIndex": 0, "pageSize": 1}, 5)
        )
        row = page["transactions"][0]
        self.assertEqual(row["amount"], "10.50")
        self.assertEqual(
            self.caller.get(f"/movements/{row['movementId']}").json["transaction"][
                "amount"
            ],
            "10.50",
        )
        balance = self.caller.get(f"/{IBAN}/balances/GEL").json
        self.assertEqual(
            (type(balance["currentBalance"]), balance["overdraftLimit"]), (str, None)
        )

    def test_expired_token(self):
        self.fault("expired_token")
        self.assertEqual([self.caller.movements().status for _ in range(2)], [401, 401])
        self.caller.sign_in()
        self.assert_well()

    def test_times_after_and_route(self):
        self.fault("403", times=2, after=2)
        self.assertEqual(self.caller.get(f"/{IBAN}/balances/GEL").status, 200)
        self.assertEqual(
            [self.caller.movements().status for _ in range(5)],
            [200, 200, 403, 403, 200],
        )
        self.fault("403", on="token")
        self.assertEqual([self.caller.ask_token().status for _ in range(2)], [403, 200])
        self.fault("403", times=None)
        self.assertEqual(
            [self.caller.movements().status for _ in range(3)], [403, 403, 403]
        )
        self.bank.clear_faults()
        self.assert_well()

    def test_orders_that_make_no_sense(self):
        for name, options in (
            ("flood", {}),
            ("drop", {"on": "moon"}),
            ("drop", {"seconds": 1}),
            ("drop", {"times": 0}),
        ):
            with self.assertRaises(ValueError):
                self.bank.add_fault(name, **options)
