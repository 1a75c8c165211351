import io
import os
import pathlib
import socket
import ssl
import struct
import tempfile
import threading
import time
import tracemalloc
import unittest
from unittest import mock

import requests
from scripted_server import DROP, Drip, scripted

from account_tbc_bank import tbc
from account_tbc_bank.tbc import deadline, transport
from account_tbc_bank.tbc.auth import Token

BEARER = Token("token-under-test", 0)
OK = (200, {}, {"fine": True})
HTML = b"<html><body>error 204567891, key abcdefghijklmnopqrstuvw012345</body></html>"


class TransportCase(unittest.TestCase):
    def setUp(self):
        self.pauses = []

    def send(self, server, *, repeat=True, timeout=5, **options):
        sender = transport.Transport(
            server.url, timeout=timeout, sleep=self.pauses.append
        )
        self.addCleanup(sender.close)
        self.sender = sender
        return sender.send("GET", "/path", auth=BEARER, repeat=repeat, **options)

    def assert_fails(self, expected, *answers, tries=1, **options):
        with scripted(*answers) as server:
            with self.assertRaises(expected) as caught:
                self.send(server, **options)
            self.assertEqual(len(server.requests), tries)
        self.assertIs(type(caught.exception), expected)
        return caught.exception


class TestAnswers(TransportCase):
    def test_a_good_answer(self):
        with scripted((200, {"X-Trace-Id": "abc"}, b'{"amount": 0.10}')) as server:
            value = self.send(server, params={"Day": "2026-06-01T00:00:00"})
            method, path, headers, _body = server.requests[0]
        self.assertEqual(str(value["amount"]), "0.10")
        self.assertEqual(self.sender.last_trace_id, "abc")
        self.assertEqual((method, path), ("GET", "/path?Day=2026-06-01T00%3A00%3A00"))
        self.assertEqual(headers["Authorization"], "Bearer token-under-test")

    def test_a_good_answer_that_is_not_json(self):
        error = self.assert_fails(tbc.TbcUnreadable, (200, {}, HTML))
        self.assertEqual(error.status, 200)
        expected = "<html><body>error …, key …</body></html>"
        self.assertEqual(error.preview, expected)
        for body in (b"", b"null", b'{"half": ', b"\xff\xfe"):
            self.assert_fails(tbc.TbcUnreadable, (200, {}, body))

    def test_no_preview_of_an_answer_that_may_hold_a_token(self):
        error = self.assert_fails(
            tbc.TbcUnreadable, (200, {}, b'{"access_token": "x'), data={"a": "b"}
        )
        self.assertIsNone(error.preview)

    def test_refusals_are_not_repeated(self):
        problem = {"title": "INVALID_ACCOUNT", "traceId": "t-1"}
        error = self.assert_fails(tbc.TbcRefused, (400, {}, problem))
        self.assertEqual((error.title, error.trace_id), ("INVALID_ACCOUNT", "t-1"))
        self.assertEqual(self.sender.last_trace_id, "t-1")
        self.assert_fails(tbc.TbcRefused, (404, {}, HTML))
        self.assert_fails(tbc.TbcAuthRefused, (401, {}, HTML))
        self.assertEqual(self.pauses, [])

    def test_redirects_are_not_followed(self):
        with scripted(OK) as elsewhere:
            for status in (301, 302, 307, 308):
                away = {"Location": f"{elsewhere.url}/path"}
                error = self.assert_fails(tbc.TbcUnreadable, (status, away, b""))
                self.assertEqual(error.status, status)
            self.assertEqual(elsewhere.requests, [])

    def test_a_huge_answer(self):
        with mock.patch.object(transport, "LARGEST_ANSWER", 100_000):
            endless = (200, {"Content-Length": 10**9}, b" " * 300_000)
            error = self.assert_fails(tbc.TbcUnreadable, endless)
        self.assertEqual(str(error), "the answer is too large (HTTP 200)")
        self.assertEqual(transport.LARGEST_ANSWER, 32 * 1024 * 1024)

    def test_an_answer_of_tiny_values(self):
        for many in (b"{},", b"1,", b"[", b'{"a":'):
            with self.subTest(many=many):
                body = b'{"transactions":[' + many * (30 * 2**20 // len(many))
                tracemalloc.start()
                error = self.assert_fails(tbc.TbcUnreadable, (200, {}, body))
                _now, most = tracemalloc.get_traced_memory()
                tracemalloc.stop()
                self.assertEqual(str(error), "the answer is too large (HTTP 200)")
                self.assertLess(most, 100 * 2**20)

    def test_a_lying_content_encoding(self):
        lying = (200, {"Content-Encoding": "gzip"}, b"not gzip")
        self.assert_fails(tbc.TbcNoAnswer, lying, repeat=False)


class TestRetries(TransportCase):
    def test_reads_are_tried_three_times(self):
        with scripted(DROP, (500, {}, HTML), OK) as server:
            self.assertEqual(self.send(server), {"fine": True})
        self.assertEqual(self.pauses, [0.5, 2])

    def test_a_read_that_fails_three_times_raises_its_last_error(self):
        error = self.assert_fails(tbc.TbcNoAnswer, DROP, DROP, DROP, OK, tries=3)
        self.assertEqual(str(error), "no answer (ConnectionError)")
        self.pauses.clear()
        error = self.assert_fails(tbc.TbcNoAnswer, *[(502, {}, HTML)] * 4, tries=3)
        self.assertEqual(str(error), "the bank failed (HTTP 502)")
        self.assertEqual(self.pauses, [0.5, 2])

    def test_what_must_not_be_repeated_is_not(self):
        self.assert_fails(tbc.TbcNoAnswer, DROP, OK, repeat=False)
        self.assert_fails(tbc.TbcBusy, (429, {}, b""), OK, repeat=False)

    def test_a_busy_bank_is_asked_again_after_its_own_pause(self):
        with scripted((429, {"Retry-After": 7}, HTML), (429, {}, {}), OK) as server:
            self.assertEqual(self.send(server), {"fine": True})
        self.assertEqual(self.pauses, [7, 2])

    def test_too_long_a_wait_is_for_the_caller(self):
        error = self.assert_fails(tbc.TbcBusy, (429, {"Retry-After": 31}, b""))
        self.assertEqual((error.after, self.pauses), (31, []))
        busy = [(429, {}, b"")] * 3
        self.assertIsNone(self.assert_fails(tbc.TbcBusy, *busy, tries=3).after)

    def test_an_answer_cut_off(self):
        half = (200, {"Content-Length": 500}, b'{"half": ')
        with scripted(half, OK) as server:
            self.assertEqual(self.send(server), {"fine": True})

    def test_an_upload_cut_off(self):
        """What was sent of it may have been enough for the bank."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            # Small, so that the body does not fit into what lies between the two.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            server = mock.Mock(url=f"http://127.0.0.1:{listener.getsockname()[1]}")
            hanging_up = threading.Thread(target=hang_up_on, args=(listener,))
            hanging_up.start()
            body = {"description": "x" * 10**6}
            with self.assertRaises(tbc.TbcNoAnswer):
                self.send(server, repeat=False, json=body)
            hanging_up.join()

    def test_an_answer_that_never_comes_raises_no_answer(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            server = mock.Mock(url=f"http://127.0.0.1:{silent.getsockname()[1]}")
            with self.assertRaises(tbc.TbcNoAnswer) as caught:
                self.send(server, timeout=0.01, repeat=False)
        self.assertEqual(str(caught.exception), "no answer (ReadTimeout)")


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


class TestDripping(TransportCase):
    """Each byte comes in time, and the answer never ends."""

    def assert_ends(self, answer, *, at_once=0, expected=tbc.TbcNoAnswer, **options):
        with scripted(Drip(answer, 0.01, at_once=at_once)) as server:
            began = time.monotonic()
            with self.assertRaises(expected):
                self.send(server, timeout=0.1, repeat=False, **options)
            self.assertLess(time.monotonic() - began, 0.6)

    def test_a_body_that_drips(self):
        body = b'{"fine": true}' + b" " * 200
        head = HEAD.replace(b"14", b"214")
        self.assert_ends(head + body, at_once=len(head))

    def test_headers_that_drip(self):
        self.assert_ends(HEAD[:17] + b"X-Slow: " + b"1" * 200)

    def test_a_status_line_that_drips(self):
        self.assert_ends(b"HTTP/1.1 200 " + b"OK" * 100)

    def test_chunks_that_drip(self):
        self.assert_ends(CHUNKED + b"1\r\n \r\n" * 60, at_once=len(CHUNKED))
        self.assert_ends(CHUNKED + b"0" * 200, at_once=len(CHUNKED))

    def test_an_error_that_drips(self):
        head = HEAD.replace(b"200 OK", b"400 Bad").replace(b"14", b"214")
        self.assert_ends(head + b"x" * 214, at_once=len(head))

    def test_a_redirect_that_drips(self):
        """Nobody follows it, nor reads what comes with it without an end."""
        head = HEAD.replace(b"200 OK\r\n", b"302 Found\r\nLocation: /x\r\n")
        self.assert_ends(head.replace(b"14", b"214") + b"x" * 214, at_once=len(head))

    def test_an_order_that_drips_is_in_doubt_and_sent_once(self):
        answer = Drip(HEAD.replace(b"14", b"214") + b" " * 214, 0.01, at_once=60)
        with scripted(answer, OK) as server:
            with self.assertRaises(tbc.TbcNoAnswer):
                self.send(server, timeout=0.1, repeat=False, json={"order": 1})
            self.assertEqual(len(server.requests), 1)

    def test_what_comes_after_the_deadline_is_not_read(self):
        late = deadline._Hurried(io.BytesIO(b"late"), None, time.monotonic() - 1)
        with self.assertRaises(TimeoutError):
            late.read()

    def test_whatever_drips_in_time_is_an_answer(self):
        with scripted(Drip(HEAD + b'{"fine": true}', 0.001), OK, OK) as server:
            self.assertEqual(self.send(server, timeout=5), {"fine": True})
            # And the connection kept alive has its time again.
            for _time in range(2):
                value = self.sender.send("GET", "/", auth=BEARER, repeat=False)
                self.assertEqual(value, {"fine": True})

    def test_each_answer_has_the_whole_time(self):
        slow = [lambda: time.sleep(0.15) or OK] * 4
        with scripted(*slow) as server:
            sender = transport.Transport(server.url, timeout=0.3, sleep=None)
            self.addCleanup(sender.close)
            for _time in range(4):
                sender.send("GET", "/", auth=BEARER, repeat=True)

    def test_through_a_proxy_too(self):
        sender = transport.Transport(tbc.SANDBOX_URL, timeout=0.1, sleep=None)
        self.addCleanup(sender.close)
        answer = Drip(b"HTTP/1.1 200 " + b"OK" * 100, 0.01)
        with scripted(answer, answer) as proxy:
            through = {"https_proxy": proxy.url, "no_proxy": ""}
            for _time in range(2):
                began = time.monotonic()
                with mock.patch.dict(os.environ, through):
                    with self.assertRaises(tbc.TbcNoAnswer):
                        sender.send("GET", "/", auth=BEARER, repeat=False)
                self.assertLess(time.monotonic() - began, 0.6)
            self.assertEqual({r[0] for r in proxy.requests}, {"CONNECT"})

    def test_addresses_that_are_none(self):
        for address in ("http://[::1", "http://\xff\xfe", "//", "x" * 9000):
            error = self.assert_fails(
                tbc.TbcUnreadable, (302, {"Location": address}, b"")
            )
            self.assertEqual(error.status, 302)


class TestUnreachable(TransportCase):
    def test_a_refused_connection_is_unreachable_after_three_tries(self):
        with socket.create_server(("127.0.0.1", 0)) as closed:
            server = mock.Mock(url=f"http://127.0.0.1:{closed.getsockname()[1]}")
        with self.assertRaises(tbc.TbcUnreachable) as caught:
            self.send(server)
        self.assertEqual(str(caught.exception), "unreachable (ConnectionRefusedError)")
        self.assertEqual(self.pauses, [0.5, 2])

    def test_nothing_sent_or_not_sure(self):
        """As requests wraps them: the reason is deep in the chain of causes."""
        table = [
            (socket.gaierror("no such host"), tbc.TbcUnreachable),
            (ssl.SSLCertVerificationError("self-signed"), tbc.TbcUnreachable),
            (requests.exceptions.ConnectTimeout("late"), tbc.TbcUnreachable),
            (ConnectionResetError("reset"), tbc.TbcNoAnswer),
            (BrokenPipeError("while sending"), tbc.TbcNoAnswer),
            (TimeoutError("while sending"), tbc.TbcNoAnswer),
            (requests.exceptions.ProxyError("bad gateway"), tbc.TbcNoAnswer),
            (ssl.SSLError("bad record"), tbc.TbcNoAnswer),
            (requests.exceptions.ReadTimeout("late"), tbc.TbcNoAnswer),
            (requests.exceptions.InvalidHeader("odd"), tbc.TbcNoAnswer),
        ]
        sender = transport.Transport("https://bank.test", timeout=1, sleep=None)
        self.addCleanup(sender.close)
        for cause, expected in table:
            error = requests.exceptions.ConnectionError("secret-in-the-text")
            error.__cause__ = cause
            request = mock.patch.object(requests.Session, "request", side_effect=error)
            with self.subTest(cause=cause), request:
                with self.assertRaises(tbc.TbcError) as caught:
                    sender.send("GET", "/path", auth=BEARER, repeat=False)
                self.assertIs(type(caught.exception), expected)
                self.assertNotIn("secret", str(caught.exception))

    def test_what_our_caller_is_busy_with_is_no_reason(self):
        with scripted(DROP) as server:
            try:
                raise tbc.TbcUnreachable from ConnectionRefusedError("another call")
            except tbc.TbcUnreachable:
                with self.assertRaises(tbc.TbcNoAnswer):
                    self.send(server, repeat=False)

    def test_certificates_that_are_not_there(self):
        lost = {"REQUESTS_CA_BUNDLE": "/nowhere/ca.pem", "https_proxy": ""}
        sender = transport.Transport("https://127.0.0.1:9", timeout=1, sleep=None)
        self.addCleanup(sender.close)
        with mock.patch.dict(os.environ, lost), self.assertRaises(tbc.TbcNoAnswer):
            sender.send("GET", "/path", auth=BEARER, repeat=False)


def hang_up_on(listener):
    """Take a connection, read a little of it, and reset it."""
    connection, _address = listener.accept()
    connection.recv(1024)
    linger = struct.pack("ii", 1, 0)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    connection.close()


class TestOrigin(unittest.TestCase):
    def test_an_origin_with_tls_or_on_this_machine_is_taken(self):
        table = [
            (tbc.PRODUCTION_URL, "https://api.tbcbank.ge"),
            (tbc.SANDBOX_URL + "/", "https://test-api.tbcbank.ge"),
            ("HTTPS://Bank.Test:8443", "https://bank.test:8443"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://localhost", "http://localhost"),
            ("http://[::1]:8080/", "http://[::1]:8080"),
        ]
        for url, expected in table:
            self.assertEqual(transport.checked_origin(url), expected)

    def test_any_other_origin_raises_value_error(self):
        urls = ["http://api.tbcbank.ge", "http://127.0.0.1.bank.test", "ftp://a.test"]
        urls += ["http://localhost@bank.test", "https://a:b@bank.test", "bank.test"]
        urls += ["https://bank.test/path", "https://bank.test?x=1", "https://", ""]
        urls += ["http://localhost\\@bank.test", "https://bank.test\n", None]
        for url in urls:
            with self.subTest(url=url), self.assertRaises(ValueError):
                transport.checked_origin(url)

    def test_one_number_as_timeout(self):
        for timeout in (0, -1, None, (3, 30), "30", float("nan"), float("inf"), 1e9):
            with self.subTest(timeout=timeout), self.assertRaises(ValueError):
                transport.Transport(tbc.SANDBOX_URL, timeout=timeout, sleep=None)


class TestEnvironment(TransportCase):
    def test_neither_netrc_nor_proxy_gets_between(self):
        with tempfile.TemporaryDirectory() as folder, scripted(OK, OK) as server:
            netrc = pathlib.Path(folder, "netrc")
            netrc.write_text("machine 127.0.0.1 login thief password thief\n")
            there = {"NETRC": str(netrc), "http_proxy": "http://127.0.0.1:9"}
            with mock.patch.dict(os.environ, there | {"no_proxy": ""}):
                self.send(server)
                # As it would be for https, where the environment is read.
                self.sender._session.trust_env = True
                with mock.patch.dict(os.environ, {"no_proxy": "127.0.0.1"}):
                    self.sender.send("GET", "/", auth=BEARER, repeat=False)
            found = {
                headers["Authorization"] for _m, _p, headers, _b in server.requests
            }
        self.assertEqual(found, {"Bearer token-under-test"})

    def test_tls_is_verified_and_the_environment_read_for_the_bank(self):
        sender = transport.Transport(tbc.SANDBOX_URL, timeout=1, sleep=None)
        self.addCleanup(sender.close)
        self.assertIs(sender._session.verify, True)
        self.assertIs(sender._session.trust_env, True)
