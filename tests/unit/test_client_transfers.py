import dataclasses
import json
import socket
import unittest

from golden import golden, golden_bytes
from scripted_server import DROP, TOKEN, scripted
from transfer_orders import BATCH, FOREIGN, ORDERS, OWN

from account_tbc_bank import tbc
from account_tbc_bank.tbc.answer import parse_json

RECEIPT = (200, {}, {"succeeded": [{"position": 1, "transferId": 502341}]})
STATUS = (200, {}, golden_bytes("transfer_status_single"))
EXPIRED = (401, {}, {"fault": {"faultstring": "Access Token expired"}})
CREDENTIALS = lambda: ("an-id", "a-secret")  # noqa: E731
HTML = b"<html>Bad Gateway</html>"
NO_ROUTE = {"fault": {"faultstring": "Not Found", "detail": {"errorcode": "NotFound"}}}


class TransferCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        served = scripted()
        cls.server = served.__enter__()
        cls.addClassCleanup(served.__exit__, None, None, None)

    def client(self, *answers):
        """A new client of the class's server, which gives a token, then the answers."""
        self.script(TOKEN, *answers)
        sleepless = {"sleep": lambda seconds: None}
        client = tbc.TbcClient(self.server.url, CREDENTIALS, **sleepless)
        self.addCleanup(client.close)
        return client

    def script(self, *answers):
        self.server.answers[:] = [*answers, *[DROP] * 9]
        self.server.requests.clear()

    def asked(self):
        """(method, path) of each request but those for a token."""
        asked = [(method, path) for method, path, *_rest in self.server.requests]
        return [one for one in asked if one != ("POST", "/oauth/token")]


class TestRequests(TransferCase):
    def test_import_single_posts_the_orders_and_reads_the_receipt(self):
        receipt = (200, {}, golden_bytes("transfer_receipt"))
        found = self.client(receipt).import_single(iter(ORDERS.values()))
        self.assertEqual(found.accepted, {1: "502341", 3: "502342"})
        self.assertEqual(list(found.refused), [2])
        (*_, grant), (method, path, headers, body) = self.server.requests
        self.assertIn(b"scope=bab_transfers", grant)
        self.assertEqual((method, path), ("POST", "/bab/v1/transfers/single"))
        self.assertEqual(headers["Content-Type"], "application/json")
        self.assertEqual(headers["Authorization"], "Bearer token-of-the-script")
        expected = [golden(f"transfer_{name}") for name in ORDERS]
        self.assertEqual(parse_json(body), {"singleTransferOrders": expected})

    def test_import_batch_posts_the_batch_and_returns_its_id(self):
        client = self.client((200, {}, golden_bytes("transfer_batch_receipt")))
        self.assertEqual(client.import_batch(BATCH), "184729")
        method, path, _headers, body = self.server.requests[-1]
        self.assertEqual((method, path), ("POST", "/bab/v1/transfers/batch"))
        self.assertEqual(parse_json(body), golden("transfer_batch"))

    def test_the_status_of_an_order_and_of_a_batch_is_asked_by_id(self):
        client = self.client(STATUS, (200, {}, golden_bytes("transfer_status_batch")))
        self.assertEqual(client.single_status("502341").of("502341").word, "Failed")
        self.assertEqual(client.batch_status("184729").of(position=1).word, "Finished")
        paths = ["single/502341/status", "batch/184729/status"]
        expected = [("GET", f"/bab/v1/transfers/{path}") for path in paths]
        self.assertEqual(self.asked(), expected)

    def test_a_single_status_of_one_word(self):
        client = self.client((200, {}, {"status": "Error"}))
        self.assertEqual(client.single_status("502341").of("502341", 3).word, "Error")

    def test_find_by_our_own_id_returns_the_id_of_the_bank(self):
        ids = [{"transferId": 502341}, {"id": "502341"}, {"batchId": 184729}]
        client = self.client(*[(200, {}, one) for one in ids])
        self.assertEqual(client.find_single("11001"), "502341")
        self.assertEqual(client.find_single("a_B-9"), "502341")
        self.assertEqual(client.find_batch("BATCH-2026-0001"), "184729")
        paths = ["single/11001", "single/a_B-9", "batch/BATCH-2026-0001"]
        expected = [("GET", f"/bab/v1/transfers/{path}") for path in paths]
        self.assertEqual(self.asked(), expected)

    def test_reads_are_repeated_and_their_token_renewed(self):
        client = self.client((500, {}, HTML), DROP, EXPIRED, TOKEN, STATUS)
        self.assertEqual(client.single_status("502341").word, "Failed")
        self.assertEqual(len(self.asked()), 4)


class TestNotFound(TransferCase):
    def test_the_bank_does_not_know_it(self):
        said = [{"code": "ObjectNotFound"}, {"title": "Requested object was not found"}]
        said += [{"code": "SINGLE_TRANSFER_REQUEST_NOT_FOUND"}]
        said += [golden("error_not_found")]
        statuses = (404, 400)
        client = self.client(*[(one, {}, word) for word in said for one in statuses])
        for _word in said:
            self.assertIsNone(client.find_single("11001"))
            self.assertIsNone(client.find_batch("11001"))

    def test_a_404_that_is_not_the_banks_own_raises(self):
        """A path that is wrong must not make an order look as if it were not sent."""
        aspnet = {"title": "Not Found", "status": 404, "traceId": "00-ab-cd-00"}
        spring = {"error": "Not Found", "path": "/bab", "status": 404}
        table = [
            *[((404, {}, body), tbc.TbcRefused) for body in (NO_ROUTE, aspnet, spring)],
            ((404, {}, HTML), tbc.TbcRefused),
            ((404, {}, {"code": "USER_NOT_FOUND"}), tbc.TbcRefused),
            ((404, {}, {"code": "Transfer", "title": "Not Found"}), tbc.TbcRefused),
            ((404, {}, b""), tbc.TbcRefused),
            ((404, {}, {"code": "ResourceNotFound"}), tbc.TbcRefused),
            (
                (404, {}, {"title": "The requested API object was not found"}),
                tbc.TbcRefused,
            ),
            ((404, {}, {"error": "Payment not found"}), tbc.TbcRefused),
            (
                (404, {}, {"code": "X", "title": "Requested object was not found"}),
                tbc.TbcRefused,
            ),
            ((422, {}, {"code": "ObjectNotFound"}), tbc.TbcRefused),
            ((400, {}, golden_bytes("transfer_validation")), tbc.TbcRefused),
            ((403, {}, {"code": "ObjectNotFound"}), tbc.TbcAuthRefused),
            ((200, {}, {}), tbc.TbcUnreadable),
            ((200, {}, {"transferId": None, "batchId": 0}), tbc.TbcUnreadable),
        ]
        client = self.client(*[answer for answer, _expected in table])
        for place, (answer, expected) in enumerate(table):
            look_up = (client.find_single, client.find_batch)[place % 2]
            with self.subTest(answer=answer), self.assertRaises(expected) as caught:
                look_up("11001")
            self.assertIs(type(caught.exception), expected)


class TestOnce(TransferCase):
    def assert_sent_once(self, client, expected, answer, *, batch=False):
        """Whatever would come next, the order is not sent again."""
        self.script(TOKEN, answer, TOKEN, RECEIPT, RECEIPT)
        with self.subTest(answer=answer), self.assertRaises(expected) as caught:
            client.import_batch(BATCH) if batch else client.import_single([OWN])
        self.assertIs(type(caught.exception), expected)
        self.assertEqual(len(self.server.requests), 2)
        self.caught = caught.exception

    def test_the_bank_may_have_it(self):
        client = self.client()
        half, away = (200, {"Content-Length": 99}, b'{"succ'), {"Location": "/away"}
        for expected, *answers in [
            (tbc.TbcNoAnswer, DROP, half, (500, {}, HTML), (408, {}, HTML)),
            (tbc.TbcUnreadable, (200, {}, HTML), (200, {}, {}), (307, away, b"")),
            (tbc.TbcDuplicate, (400, {}, golden_bytes("transfer_duplicate"))),
        ]:
            for answer in answers:
                self.assert_sent_once(client, expected, answer)
        self.assert_sent_once(client, expected, answer, batch=True)
        nameless = (200, {}, {"batchTransferId": 0})
        self.assert_sent_once(client, tbc.TbcUnreadable, nameless, batch=True)

    def test_a_no_that_is_not_the_banks_own(self):
        """Whoever says so may have passed the order on before."""
        client = self.client()
        statuses = [*range(400, 432), 451, 494, 499]
        pages = [(status, {}, HTML) for status in statuses if status not in (408, 409)]
        silent = [(status, {}, b"") for status in (400, 404, 413, 415, 431)]
        documented = golden("transfer_validation")
        said = [
            NO_ROUTE,
            {"message": "Bad Request"},
            {"error": "ValidationError", "status": 400},
            {"title": "One or more validation errors occurred.", "status": 400},
            {"code": "BadRequest", "title": "Bad Request"},
            {"code": 400},
            documented | {"code": "SystemError"},
            documented | {"title": "GENERAL_ERROR"},
            documented | {"status": 500},
            documented | {"code": "ObjectNotFound"},
            [documented],
            "ValidationError",
        ]
        gateway = [(400, {}, json.dumps(one).encode()) for one in said]
        gateway += [(404, {}, NO_ROUTE), (404, {}, documented), (422, {}, documented)]
        for answer in [*pages, *silent, *gateway]:
            self.assert_sent_once(client, tbc.TbcNoAnswer, answer)
        self.assert_sent_once(client, tbc.TbcNoAnswer, pages[4], batch=True)

    def test_the_words_of_an_answer_in_doubt_are_kept(self):
        client = self.client((404, {"X-Trace-Id": "tr-1"}, NO_ROUTE))
        with self.assertRaises(tbc.TbcNoAnswer) as caught:
            client.import_single([OWN])
        self.assertEqual(
            (caught.exception.status, caught.exception.author), (404, "gateway")
        )
        self.assertEqual(caught.exception.trace_id, "tr-1")
        self.assertIn("not the bank's own", str(caught.exception))

    def test_the_gateway_refuses_access(self):
        """It is told, and the order is in doubt unless the bank itself says no."""
        client = self.client()
        forbidden = {"code": "ForbiddenError", "title": "NOT_AUTHORIZED"}
        blocked = {"code": "DomainError", "title": "USER_IS_BLOCKED"}
        for answer, in_doubt in [
            (EXPIRED, True),
            ((403, {}, NO_ROUTE), True),
            ((401, {}, b""), True),
            ((400, {}, {"title": "USER_IS_BLOCKED"}), True),
            (
                (401, {}, {"code": "Unauthorized", "title": "Unauthorized access"}),
                False,
            ),
            ((403, {}, forbidden), False),
            ((400, {}, blocked), False),
        ]:
            self.assert_sent_once(client, tbc.TbcAuthRefused, answer)
            self.assertIs(self.caught.in_doubt, in_doubt)

    def test_the_bank_has_not_got_it(self):
        client = self.client()
        table = [
            ((429, {}, b""), tbc.TbcBusy),
            ((429, {}, NO_ROUTE), tbc.TbcBusy),
            ((400, {}, golden_bytes("transfer_validation")), tbc.TbcRefused),
            ((400, {}, {"code": "VALIDATION_ERROR", "title": "No"}), tbc.TbcRefused),
            ((400, {}, {"code": "DomainError", "status": "400"}), tbc.TbcRefused),
            ((404, {}, golden_bytes("error_not_found")), tbc.TbcRefused),
        ]
        for answer, expected in table:
            self.assert_sent_once(client, expected, answer)
            self.assertFalse(self.caught.in_doubt)

    def test_an_answer_that_says_nothing_of_the_order(self):
        client = self.client((200, {}, {"succeeded": None, "failed": None}))
        self.assertEqual(client.import_single([OWN]), tbc.ImportReceipt({}, {}))

    def test_no_token_nothing_sent(self):
        page = (200, {}, HTML)
        table = [
            *[
                ((status, {}, HTML), tbc.TbcUnreachable)
                for status in (500, 408, 404, 302)
            ],
            *[(answer, tbc.TbcUnreachable) for answer in (DROP, page, (200, {}, {}))],
            ((409, {}, {"code": "DUPLICATED"}), tbc.TbcUnreachable),
            ((429, {"Retry-After": "99"}, b""), tbc.TbcBusy),
            ((401, {}, golden_bytes("token_refused")), tbc.TbcAuthRefused),
            ((200, {}, TOKEN[2] | {"scope": "bab_accounts"}), tbc.TbcAuthRefused),
        ]
        client = self.client()
        for answer, expected in table:
            with self.subTest(answer=answer):
                self.script(answer, answer, answer, RECEIPT)
                with self.assertRaises(expected) as caught:
                    client.import_single([OWN])
                self.assertIs(type(caught.exception), expected)
                self.assertEqual(self.asked(), [])

    def test_an_import_that_reaches_nobody_raises_unreachable(self):
        with socket.create_server(("127.0.0.1", 0)) as closed:
            url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        sleepless = {"sleep": lambda seconds: None}
        with tbc.TbcClient(url, CREDENTIALS, **sleepless) as client:
            with self.assertRaises(tbc.TbcUnreachable):
                client.import_single([OWN])

    def test_each_goes_with_a_new_token(self):
        fresh = (200, {}, {"access_token": "fresh", "expires_in": 3600})
        client = self.client(STATUS, fresh, RECEIPT, TOKEN, RECEIPT)
        client.single_status("502341")
        client.import_single([OWN])
        self.assertEqual(self.server.requests[-1][2]["Authorization"], "Bearer fresh")
        client.import_single([OWN])
        self.assertEqual(len(self.server.requests), 6)

    def test_each_goes_over_a_new_connection(self):
        opened, open_next = [], self.server.get_request
        self.addCleanup(setattr, self.server, "get_request", open_next)
        self.server.get_request = lambda: opened.append(1) or open_next()
        client = self.client(STATUS, STATUS, TOKEN, RECEIPT, STATUS)
        client.single_status("502341")
        client.single_status("502341")
        self.assertEqual(len(opened), 1)
        client.import_single([OWN])
        self.assertEqual(len(opened), 2)
        client.single_status("502341")
        self.assertEqual(len(opened), 2)


class TestNothingWrongIsSent(TransferCase):
    def test_faulty_orders_raise_before_a_request(self):
        wrong = dataclasses.replace(OWN, credit_iban="GE48TB000000", description=None)
        client = self.client(RECEIPT)
        with self.assertRaises(ValueError) as caught:
            client.import_single([wrong])
        expected = "not to be sent: description missing, credit_iban not_an_account"
        self.assertEqual(str(caught.exception), expected)
        for call, asked in [
            (client.import_single, []),
            (client.import_single, [OWN, OWN]),
            (client.import_batch, dataclasses.replace(BATCH, orders=(OWN, FOREIGN))),
            (client.import_batch, dataclasses.replace(BATCH, external_id="")),
        ]:
            with self.subTest(asked=asked), self.assertRaises(ValueError):
                call(asked)
        self.assertEqual(self.server.requests, [])

    def test_ids_that_are_none(self):
        client = self.client(STATUS)
        calls = [client.single_status, client.batch_status]
        calls += [client.find_single, client.find_batch]
        for call in calls:
            for word in (None, "", " ", "../x", "a/b", "a?b", "a.b", "ა", "x" * 51, []):
                with self.subTest(call=call, word=word):
                    with self.assertRaises(ValueError):
                        call(word)
        self.assertEqual(self.server.requests, [])


class TestLog(TransferCase):
    def test_the_line_names_neither_account_nor_order(self):
        client = self.client((200, {"X-Trace-Id": "tr-1"}, RECEIPT[2]))
        with self.assertLogs(level="DEBUG") as logs:
            client.import_single([OWN])
        line = r"POST /bab/v1/transfers/single: 200 in \d+ ms, trace tr-1$"
        ours = [one for one in logs.output if "tbc.transport" in one]
        self.assertRegex(ours[-1], line)
        for secret in (OWN.debit_iban, OWN.external_id, "token-of-the-script"):
            self.assertNotIn(secret, json.dumps(logs.output))
