import datetime
import unittest
from decimal import Decimal
from urllib.parse import parse_qsl, urlsplit

from golden import golden_bytes
from scripted_server import TOKEN, scripted

from account_tbc_bank import tbc

IBAN = "GE48TB7873440574631292"
JUNE = {
    "period_from": datetime.date(2026, 6, 1),
    "period_to": datetime.date(2026, 6, 30),
}
PAGE = (200, {}, golden_bytes("movements_past_the_end"))
EXPIRED = (401, {}, {"fault": {"faultstring": "Access Token expired"}})


class ClientCase(unittest.TestCase):
    def client(self, server, **options):
        client = tbc.TbcClient(
            server.url,
            lambda: ("an-id", "a-secret"),
            sleep=lambda seconds: None,
            **options,
        )
        self.addCleanup(client.close)
        return client

    def asked(self, *answers, call):
        """What the last request asked: its path and its query."""
        with scripted(TOKEN, *answers) as server:
            self.answer = call(self.client(server))
            url = urlsplit(server.requests[-1][1])
        return url.path, dict(parse_qsl(url.query))


class TestEndpoints(ClientCase):
    def test_movements_of_an_account(self):
        path, query = self.asked(
            PAGE,
            call=lambda client: client.movements(
                iban="ge48 TB78 7344 0574 6312 92",
                currency="gel",
                **JUNE,
                page_index=2,
                page_size=20,
            ),
        )
        self.assertEqual(path, "/bab/v1/accounts/movements")
        expected = {
            "AccountNumber": IBAN,
            "AccountCurrencyCode": "GEL",
            "PeriodFrom": "2026-06-01",
            "PeriodTo": "2026-06-30",
            "PageIndex": "2",
            "PageSize": "20",
        }
        self.assertEqual(query, expected)
        self.assertEqual(self.answer.total, 35)

    def test_the_other_documented_filters(self):
        paging = {"PageIndex": "0", "PageSize": "700"}
        period = {"PeriodFrom": "2026-06-01", "PeriodTo": "2026-06-30"}
        for filters, expected in [({}, {}), (JUNE, period)]:
            with self.subTest(filters=filters):
                _path, query = self.asked(
                    PAGE, call=lambda client, f=filters: client.movements(**f)
                )
                self.assertEqual(query, expected | paging)

    def test_statement(self):
        path, query = self.asked(
            (200, {}, golden_bytes("statement")),
            call=lambda client: client.statement(IBAN, "GEL", *JUNE.values()),
        )
        self.assertEqual(path, "/bab/v1/accounts/statements")
        self.assertEqual(
            query,
            {
                "AccountNumber": IBAN,
                "AccountCurrencyCode": "GEL",
                "PeriodFrom": "2026-06-01",
                "PeriodTo": "2026-06-30",
            },
        )
        self.assertEqual(self.answer.closing_balance, Decimal("1250.00"))

    def test_balance(self):
        path, query = self.asked(
            (200, {}, golden_bytes("balance")),
            call=lambda client: client.balance(IBAN, "GEL"),
        )
        self.assertEqual((path, query), (f"/bab/v1/accounts/{IBAN}/balances/GEL", {}))
        self.assertEqual(self.answer.available_balance, Decimal("1702.30"))

    def test_movement_by_id(self):
        path, query = self.asked(
            (200, {}, golden_bytes("movement_by_id")),
            call=lambda client: client.movement("018716808825.2"),
        )
        self.assertEqual(path, "/bab/v1/accounts/movements/018716808825.2")
        self.assertEqual(query, {})
        self.assertEqual(self.answer.movement_id, "018716808825.2")

    def test_movement_not_found(self):
        for answer in (
            (404, {}, golden_bytes("error_not_found")),
            (400, {}, golden_bytes("error_validation")),
            (200, {}, {"transaction": None}),
        ):
            self.asked(answer, call=lambda client: client.movement("000000000000.1"))
            self.assertIsNone(self.answer)
        for answer in (
            (400, {}, golden_bytes("error_invalid_account")),
            # A path that is wrong must not make a movement look as if it were gone.
            (404, {}, b"<html>"),
            (404, {}, b""),
            (404, {}, {"title": "Not Found", "status": 404}),
            (404, {}, {"message": "no Route matched with those values"}),
        ):
            with self.subTest(answer=answer), self.assertRaises(tbc.TbcRefused):
                self.asked(
                    answer, call=lambda client: client.movement("000000000000.1")
                )


class TestNothingWrongIsSent(ClientCase):
    def test_wrong_filters_of_movements_raise_before_a_request(self):
        first, last = JUNE.values()
        account = {"iban": IBAN, "currency": "GEL"}
        aware = datetime.datetime(2026, 6, 9, tzinfo=tbc.GEORGIAN_TIME)
        wrong = [
            {"iban": IBAN, **JUNE},
            {"currency": "GEL", **JUNE},
            {"iban": "", "currency": "GEL", **JUNE},
            {"iban": "GE48/../x", "currency": "GEL", **JUNE},
            {"iban": IBAN, "currency": "LARI", **JUNE},
            account,
            {"period_from": first},
            {"period_to": last},
            {**account, "period_from": first},
            {"period_from": last, "period_to": first},
            {"period_from": aware, "period_to": last},
            {"period_from": "2026-06-01", "period_to": last},
            {"period_from": first, "period_to": aware.replace(tzinfo=None)},
            {"page_index": -1},
            {"page_size": 701},
            {"page_size": -1},
        ]
        with scripted() as server:
            client = self.client(server)
            for filters in wrong:
                with self.subTest(filters=filters):
                    with self.assertRaises(ValueError) as caught:
                        client.movements(**filters)
                    self.assertNotIn(IBAN, str(caught.exception))
            self.assertEqual(server.requests, [])

    def test_wrong_arguments_of_other_questions_raise_before_a_request(self):
        first, last = JUNE.values()
        with scripted() as server:
            client = self.client(server)
            for call, arguments in [
                (client.statement, (IBAN, "GEL", last, first)),
                (client.statement, (IBAN, "GEL", first, None)),
                (client.statement, (None, "GEL", first, last)),
                (client.balance, (IBAN, None)),
                (client.balance, ("x/y", "GEL")),
                (client.movement, ("../statements",)),
                (client.movement, ("..",)),
                (client.movement, ("",)),
                (client.movement, (None,)),
            ]:
                with self.subTest(arguments=arguments), self.assertRaises(ValueError):
                    call(*arguments)
            self.assertEqual(server.requests, [])


class TestTokens(ClientCase):
    def paths(self, server):
        return [
            path.split("?")[0].rpartition("/")[2] for _, path, *_ in server.requests
        ]

    def test_one_token_for_many_calls_until_it_ages(self):
        now = [0]
        with scripted(TOKEN, PAGE, PAGE, TOKEN, PAGE) as server:
            client = self.client(server, clock=lambda: now[0])
            client.movements()
            now[0] = 3569
            client.movements()
            now[0] = 3570
            client.movements()
            expected = ["token", "movements", "movements", "token", "movements"]
            self.assertEqual(self.paths(server), expected)

    def test_one_refresh_on_401(self):
        fresh = (200, {}, {"access_token": "fresh", "expires_in": 3600})
        with scripted(TOKEN, EXPIRED, fresh, PAGE) as server:
            self.client(server).movements()
            self.assertEqual(server.requests[-1][2]["Authorization"], "Bearer fresh")

    def test_a_second_401_is_raised_without_another_token(self):
        with scripted(TOKEN, EXPIRED, TOKEN, EXPIRED, TOKEN, PAGE) as server:
            with self.assertRaises(tbc.TbcAuthRefused) as caught:
                self.client(server).movements()
            self.assertEqual(len(server.requests), 4)
        self.assertEqual(caught.exception.status, 401)

    def test_no_refresh_for_a_permission(self):
        for answer in (
            (403, {}, golden_bytes("error_not_authorized")),
            (400, {}, golden_bytes("error_user_blocked")),
        ):
            with scripted(TOKEN, answer, TOKEN, PAGE) as server:
                with self.assertRaises(tbc.TbcAuthRefused):
                    self.client(server).movements()
                self.assertEqual(len(server.requests), 2)

    def test_clients_of_one_integration_share_tokens(self):
        cache = tbc.TokenCache()
        with scripted(TOKEN, PAGE, PAGE, TOKEN, PAGE) as server:
            for key in (1, 1, 2):
                with self.client(server, tokens=cache, token_key=key) as client:
                    client.movements()
            expected = ["token", "movements", "movements", "token", "movements"]
            self.assertEqual(self.paths(server), expected)

    def test_a_wrong_secret_never_gets_the_token_of_the_right_one(self):
        cache = tbc.TokenCache()
        with scripted(TOKEN, PAGE, (401, {}, golden_bytes("token_refused"))) as server:
            self.client(server, tokens=cache, token_key="right").movements()
            options = {"tokens": cache, "token_key": "wrong"}
            wrong = tbc.TbcClient(server.url, lambda: ("an-id", "wrong"), **options)
            with wrong, self.assertRaises(tbc.TbcAuthRefused):
                wrong.movements()

    def test_check_scope_always_asks(self):
        refused = (400, {}, {"error": "invalid_scope"})
        with scripted(TOKEN, TOKEN, refused) as server:
            client = self.client(server)
            client.check_scope(tbc.SCOPE_ACCOUNTS)
            client.check_scope(tbc.SCOPE_ACCOUNTS)
            with self.assertRaises(tbc.TbcAuthRefused) as caught:
                client.check_scope(tbc.SCOPE_TRANSFERS)
            self.assertIn(b"scope=bab_transfers", server.requests[-1][3])
        self.assertEqual(caught.exception.code, "invalid_scope")

    def test_last_trace_id_is_of_the_last_answer(self):
        traced = (200, {"traceparent": "00-abc-01"}, golden_bytes("balance"))
        with scripted(TOKEN, traced, PAGE) as server:
            client = self.client(server)
            self.assertIsNone(client.last_trace_id)
            client.balance(IBAN, "GEL")
            self.assertEqual(client.last_trace_id, "00-abc-01")
            client.movements()
            self.assertIsNone(client.last_trace_id)
