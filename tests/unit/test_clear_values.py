"""How long what is secret lives in clear: neither client nor error leads to it."""

import base64
import datetime
import socket
import ssl
import unittest
from unittest import mock

import requests
from golden import golden_bytes
from scripted_server import DROP, Drip, scripted
from transfer_orders import BATCH, WITHIN_BANK
from walk import clear_values

from account_tbc_bank import tbc
from account_tbc_bank.tbc.sealed import Sealed, opened

CLIENT_ID = "an-id-of-the-integration"
SECRET = "s3cret-0f-the-integration"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.t0ken-0f-the-integration"
PAIR = base64.b64encode(f"{CLIENT_ID}:{SECRET}".encode()).decode()
CLEAR = (CLIENT_ID, SECRET, TOKEN, PAIR)
IBAN = "GE48TB7873440574631292"
DAY = datetime.date(2026, 6, 1)

GRANTED = (200, {}, {"access_token": TOKEN, "expires_in": 3600})
ECHO = " ".join(CLEAR)
PROBLEM = {"title": ECHO, "detail": ECHO, "code": ECHO, "traceId": SECRET}
FAULTS = {
    "dropped": DROP,
    "refused": (401, {"X-Trace-Id": SECRET}, PROBLEM),
    "forbidden": (403, {}, PROBLEM),
    "not found": (404, {}, ECHO.encode()),
    "bad request": (400, {"X-Echo": ECHO}, {**PROBLEM, "errors": {ECHO: [ECHO]}}),
    "busy": (429, {"Retry-After": "99", "X-Echo": ECHO}, ECHO.encode()),
    "failed": (500, {}, f"<html>{ECHO}</html>".encode()),
    "redirect": (302, {"Location": f"http://127.0.0.1:9/{TOKEN}"}, b""),
    "not JSON": (200, {"X-Trace-Id": SECRET}, ECHO.encode()),
    "cut off": (200, {"Content-Length": 9999}, ECHO.encode()),
    "lying encoding": (200, {"Content-Encoding": "gzip"}, ECHO.encode()),
    "no status line": Drip(ECHO.encode() + b"\r\n\r\n", 0, at_once=999),
    "no header": Drip(
        f"HTTP/1.1 400 {ECHO}\r\n{ECHO}\r\n\r\n".encode(), 0, at_once=999
    ),
    "unusable": (200, {}, {"access_token": f"{TOKEN} {SECRET}", "status": {"a": ECHO}}),
    "no scope": (200, {}, {"access_token": TOKEN, "scope": f"{TOKEN} {SECRET}"}),
}
CALLS = {
    "token": lambda client: client.check_scope(tbc.SCOPE_TRANSFERS),
    "statement": lambda client: client.statement(IBAN, "GEL", DAY, DAY),
    "movement": lambda client: client.movement("018745219864.1"),
    "single": lambda client: client.import_single([WITHIN_BANK]),
    "batch": lambda client: client.import_batch(BATCH),
    "status": lambda client: client.single_status("1"),
    "look-up": lambda client: client.find_single("an-order"),
}
BEARING = [CALLS[name] for name in ("statement", "single", "status", "look-up")]


given = [(CLIENT_ID, SECRET)]


def credentials():
    # Not of a closure: that would lead to them.
    return given[-1]


class ClearCase(unittest.TestCase):
    def client(self, url, **options):
        options = {"timeout": 5, "sleep": lambda seconds: None, **options}
        client = tbc.TbcClient(url, credentials, **options)
        self.addCleanup(client.close)
        return client

    def assert_no_clear_value(self, *roots, clear=CLEAR):
        self.assertEqual(clear_values(clear, *roots), [])

    def assert_clean(self, call, *expected, clear=CLEAR):
        """``call()`` raises an error that leads to nothing; return it."""
        expected = expected or (tbc.TbcError,)
        try:
            call()
        except expected as error:
            # Not assertRaises: it empties the frames.
            self.assertIsNotNone(error.__traceback__)
            self.assertIsNone(error.__context__)
            self.assertIsNone(error.__cause__)
            self.assert_no_clear_value(error, clear=clear)
            return error
        return self.fail("nothing was raised")


class TestTheWalk(unittest.TestCase):
    def test_it_finds_what_is_there(self):
        def provider():
            return SECRET

        def hidden():
            yield secret

        class Slotted:
            __slots__ = ("held",)

        secret, slotted, generator = SECRET, Slotted(), hidden()
        slotted.held = [{"a": (SECRET.encode(),)}]
        next(generator)
        for root in (slotted, lambda: secret, generator, {SECRET: 1}, secret):
            self.assertTrue(clear_values([SECRET], root), root)
        self.assertEqual(clear_values([SECRET], provider), [])

    def test_it_follows_frames_and_contexts(self):
        server = {"url": f"{SECRET}"}
        opener = {}
        # Neither the file nor the names of this code are a test's.
        code = (
            "def f(held):\n try:\n  1 / 0\n except ZeroDivisionError:\n  raise OSError"
        )
        exec(compile(code, "elsewhere.py", "exec"), opener)
        try:
            opener["f"](server)
        except OSError as error:
            self.assertTrue(clear_values([SECRET], error))
            self.assertTrue(clear_values([SECRET], error.__context__))


class TestClient(ClearCase):
    def test_nothing_of_it_leads_to_a_clear_value(self):
        page = (200, {}, golden_bytes("movements_past_the_end"))
        tokens = tbc.TokenCache()
        with scripted(GRANTED, page) as server:
            client = self.client(server.url, tokens=tokens, token_key=1)
            self.assert_no_clear_value(client)
            client.movements()
            self.assert_no_clear_value(client, tokens)
            client.close()
            self.assert_no_clear_value(client, tokens)

    def test_a_client_that_waits_leads_to_no_clear_value(self):
        found = []

        def think(answer):
            found.append(clear_values(CLEAR, client))
            return answer

        page = (200, {}, golden_bytes("movements_past_the_end"))
        answers = [lambda: think(GRANTED), lambda: think(page)]
        with scripted(*answers) as server:
            client = self.client(server.url)
            client.movements()
        self.assertEqual(found, [[], []])

    def test_a_client_that_was_echoed_leads_to_no_clear_value(self):
        page = {"transactions": [], "pager": [], "total": 0, "echo": [ECHO]}
        headers = {"X-Echo": ECHO, "X-Trace-Id": TOKEN, "Set-Cookie": f"a={SECRET}"}
        with scripted(GRANTED, (200, headers, page)) as server:
            client = self.client(server.url)
            client.movements()
            self.assertIsNone(client.last_trace_id)
            self.assert_no_clear_value(client)

    def test_no_cookie_is_kept_or_sent(self):
        page = (200, {"Set-Cookie": "a=b"}, golden_bytes("movements_past_the_end"))
        with scripted(GRANTED, page, page) as server:
            client = self.client(server.url)
            client.movements()
            client.movements()
            self.assertNotIn("Cookie", server.requests[-1][2])

    def test_the_credentials_are_opened_for_a_token_alone(self):
        opened_for = []

        def counted():
            opened_for.append(len(server.requests))
            return CLIENT_ID, SECRET

        page = (200, {}, golden_bytes("movements_past_the_end"))
        receipt = (200, {}, {"succeeded": [{"position": 2, "transferId": 1}]})
        refused = (401, {}, b"")
        answers = [GRANTED, page, page, refused, GRANTED, page, GRANTED, receipt]
        with scripted(*answers) as server:
            client = tbc.TbcClient(server.url, counted)
            self.addCleanup(client.close)
            self.assertEqual(opened_for, [])
            for _time in range(3):
                client.movements()
            client.import_single([WITHIN_BANK])
            self.assertEqual(opened_for, [0, 4, 6])

    def test_credentials_that_do_not_open(self):
        def closed():
            raise LookupError("the key is lost")

        with scripted(GRANTED) as server:
            client = tbc.TbcClient(server.url, closed)
            self.addCleanup(client.close)
            for call in CALLS.values():
                with self.assertRaisesRegex(LookupError, "the key is lost"):
                    call(client)
            self.assertEqual(server.requests, [])

    def test_credentials_that_can_be_none(self):
        table = [("", "b"), ("a", ""), ("a:b", "c"), ("a", "b\n"), (None, "b")]
        table += [(f"{CLIENT_ID}\n", SECRET), (CLIENT_ID, f"{SECRET}\n")]
        for pair in table:
            with self.subTest(pair=pair):
                self.assert_clean(lambda: tbc.check_credentials(*pair), ValueError)  # noqa: B023
                given.append(pair)
                self.addCleanup(given.pop)
                client = self.client("http://127.0.0.1:9")
                self.assert_clean(lambda: client.check_scope("a"), ValueError)  # noqa: B023


class TestErrors(ClearCase):
    """Of each call and each fault: what is raised leads to nothing in clear."""

    def setUp(self):
        served = scripted()
        self.server = served.__enter__()
        self.addCleanup(served.__exit__, None, None, None)

    def test_of_the_token_request(self):
        # A token that nobody has sent yet is not known, but where it was granted.
        never_sent = FAULTS.keys() - {"unusable", "no scope"}
        for name, fault in FAULTS.items():
            clear = [one for one in CLEAR if one != TOKEN or name not in never_sent]
            for call in (CALLS["token"], *BEARING[:2]):
                with self.subTest(name):
                    self.server.answers[:] = [fault] * 3 + [DROP] * 9
                    client = self.client(self.server.url)
                    error = self.assert_clean(lambda: call(client), clear=clear)  # noqa: B023
                    self.assert_no_clear_value(client, str(error), clear=clear)

    def test_of_the_call_itself(self):
        for name, fault in FAULTS.items():
            for call in BEARING:
                refused = isinstance(fault, tuple) and fault[0] == 401
                answers = [GRANTED, fault, GRANTED if refused else fault, fault]
                answers += [DROP] * 9
                with self.subTest(name):
                    self.server.answers[:] = answers
                    client = self.client(self.server.url)
                    error = self.assert_clean(lambda: call(client))  # noqa: B023
                    self.assert_no_clear_value(client, str(error), repr(error))

    def test_of_a_token_that_was_refused(self):
        """The answer to the next token request may hold the one before."""
        self.server.answers[:] = [GRANTED, (401, {}, b""), FAULTS["bad request"], DROP]
        error = self.assert_clean(self.client(self.server.url).movements)
        self.assertIsInstance(error, tbc.TbcAuthRefused)

    def test_of_an_answer_that_takes_too_long(self):
        slow = Drip(f"HTTP/1.1 200 OK\r\nX-A: {ECHO}".encode() + b"x" * 99, 0.02)
        for answers in ([slow], [GRANTED, slow]):
            self.server.answers[:] = [*answers, DROP, DROP, DROP]
            client = self.client(self.server.url, timeout=0.1)
            error = self.assert_clean(lambda: client.import_batch(BATCH))  # noqa: B023
            self.assertIn("no answer", str(error))

    def test_unreachable(self):
        with socket.create_server(("127.0.0.1", 0)) as closed:
            url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        for call in CALLS.values():
            client = self.client(url)
            error = self.assert_clean(lambda: call(client))  # noqa: B023
            self.assertIsInstance(error, tbc.TbcUnreachable)

    def test_tls_that_is_broken(self):
        with scripted(GRANTED) as server:
            client = self.client(server.url.replace("http:", "https:"))
            self.assert_clean(lambda: client.import_single([WITHIN_BANK]))

    def test_whatever_else_comes_in_between(self):
        """Such as the signal of Odoo's time limit, in the midst of ``requests``."""
        for expected in (RuntimeError, KeyboardInterrupt, ssl.SSLError, MemoryError):
            sent = mock.Mock(side_effect=expected("in between"))
            with mock.patch.object(requests.adapters.HTTPAdapter, "send", sent):
                client = self.client("http://127.0.0.1:9")
                for call in CALLS.values():
                    error = self.assert_clean(
                        lambda: call(client),  # noqa: B023
                        tbc.TbcError,
                        expected,
                    )
                    del sent.mock_calls[:]
                    sent.reset_mock()
                    self.assertIsNotNone(error)


class TestSealed(unittest.TestCase):
    def test_it_opens_for_whoever_calls(self):
        for text in ("", "a", "საიდუმლო", "x" * 10_000):
            sealed = Sealed(text)
            self.assertEqual(opened(sealed), text)
            self.assertEqual(repr(sealed), "<Sealed>")

    def test_the_same_text_looks_different_each_time(self):
        shown = [clear_values(["x" * 8], Sealed("x" * 99)) for _time in range(3)]
        self.assertEqual(shown, [[]] * 3)
        one, other = Sealed("same"), Sealed("same")
        self.assertNotEqual(one._Sealed__shut, other._Sealed__shut)
