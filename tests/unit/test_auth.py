import base64
import threading
import unittest

from golden import golden, golden_bytes
from scripted_server import TOKEN, scripted

from account_tbc_bank import tbc
from account_tbc_bank.tbc.auth import BasicAuth, Token, TokenCache, fetch_token
from account_tbc_bank.tbc.sealed import opened
from account_tbc_bank.tbc.transport import Transport


def credentials():
    return "an-id", "s3cret-of-the-bank"


def value_of(token):
    return opened(token.hidden[0])


class TestCredentials(unittest.TestCase):
    def test_what_cannot_travel_in_a_basic_header(self):
        for pair in (("", "b"), ("a", ""), ("a:b", "c"), ("a", "b\n"), (None, "b")):
            with self.subTest(pair=pair), self.assertRaises(ValueError):
                tbc.check_credentials(*pair)
        tbc.check_credentials(*credentials())

    def test_repr_shows_nothing(self):
        cache = TokenCache()
        token = cache.get("key", lambda: Token("a-token-value", 9), lambda: 0)
        basic = BasicAuth(*credentials())
        shown = f"{basic!r} {vars(basic)} {token!r} {vars(token)} {token} {cache!r}"
        self.assertNotIn("s3cret", shown)
        self.assertNotIn("a-token-value", shown)
        self.assertIn("<TokenCache of 1>", shown)


class Answering:
    """Stands in for a transport where only what the bank says matters."""

    def __init__(self, value):
        self.value = value

    def send(self, *arguments, **options):
        return self.value


def token_from(value, scope=tbc.SCOPE_ACCOUNTS):
    return fetch_token(Answering(value), credentials, scope, lambda: 1000)


class TestFetchToken(unittest.TestCase):
    def fetch(self, *answers):
        with scripted(*answers) as server:
            sender = Transport(server.url, timeout=5, sleep=lambda seconds: None)
            self.addCleanup(sender.close)
            try:
                return fetch_token(
                    sender, credentials, tbc.SCOPE_ACCOUNTS, lambda: 1000
                )
            finally:
                self.requests = server.requests

    def test_the_call_as_documented(self):
        token = self.fetch((200, {}, golden_bytes("token")))
        method, path, headers, body = self.requests[0]
        self.assertEqual((method, path), ("POST", "/oauth/token"))
        self.assertEqual(body, b"grant_type=client_credentials&scope=bab_accounts")
        form = "application/x-www-form-urlencoded"
        self.assertEqual(headers["Content-Type"], form)
        word, pair = headers["Authorization"].split()
        self.assertEqual(word, "Basic")
        self.assertEqual(base64.b64decode(pair), b"an-id:s3cret-of-the-bank")
        self.assertEqual(value_of(token), "eyJhbGciOi...fake")
        self.assertEqual(token.fresh_until, 1000 + 3600 - 30)

    def test_lifetimes(self):
        token = token_from(golden("token_other_product"))
        self.assertEqual(token.fresh_until, 1000 + 7775999 - 30)
        table = [(None, 1030), ("soon", 1030), ("90", 1060), (10, 980), (60.0, 1030)]
        for expires_in, expected in table:
            answer = {"access_token": "abc", "expires_in": expires_in}
            self.assertEqual(token_from(answer).fresh_until, expected)

    def test_refused_whatever_the_body(self):
        refused = golden_bytes("token_refused")
        bodies = [(400, b""), (401, b"<html>"), (403, b""), (400, b"<html>")]
        for status, body in [*bodies, (400, refused)]:
            with self.assertRaises(tbc.TbcAuthRefused) as caught:
                self.fetch((status, {}, body))
            self.assertEqual(caught.exception.status, status)
            self.assertEqual(len(self.requests), 1)
        self.assertEqual(caught.exception.code, "invalid_client")
        self.assertEqual(caught.exception.detail, "ClientId is Invalid")

    def test_other_refusals_stay_what_they_are(self):
        with self.assertRaises(tbc.TbcRefused):
            self.fetch((404, {}, b""))

    def test_the_token_call_is_repeated_like_a_read(self):
        token = self.fetch((503, {}, b""), TOKEN)
        self.assertEqual(value_of(token), TOKEN[2]["access_token"])
        self.assertEqual(len(self.requests), 2)

    def test_a_token_without_the_scope(self):
        answer = {"access_token": "abc", "scope": "bab_accounts other"}
        self.assertEqual(value_of(token_from(answer)), "abc")
        with self.assertRaises(tbc.TbcAuthRefused) as caught:
            token_from(answer, scope=tbc.SCOPE_TRANSFERS)
        self.assertEqual(caught.exception.code, "invalid_scope")

    def test_no_usable_token(self):
        for token in (None, "", 7, "a b", "a\nHost: x", "ტოკენი"):
            with self.subTest(token=token), self.assertRaises(tbc.TbcUnreadable):
                token_from({"access_token": token})
        with self.assertRaises(tbc.TbcUnreadable):
            token_from(["access_token"])

    def test_what_stands_in_place_of_a_token_is_told_by_name(self):
        with self.assertRaises(tbc.TbcUnreadable) as caught:
            token_from({"accessToken": "abc", "token": 7, "eyJhbGciOiJIUzI1": 1})
        told = {"accessToken": "text", "token": "number"}
        self.assertEqual(caught.exception.members, told)


class TestTokenCache(unittest.TestCase):
    def test_a_token_is_used_until_its_margin(self):
        cache, fetched = TokenCache(), []

        def fetch():
            fetched.append(Token(f"token-{len(fetched)}", 1000))
            return fetched[-1]

        self.assertIs(cache.get("a", fetch, lambda: 0), fetched[0])
        self.assertIs(cache.get("a", fetch, lambda: 999.9), fetched[0])
        self.assertIs(cache.get("a", fetch, lambda: 1000), fetched[1])
        self.assertIs(cache.get("b", fetch, lambda: 0), fetched[2])

    def test_a_late_refusal_does_not_drop_a_newer_token(self):
        cache, old, new = TokenCache(), Token("old", 9), Token("new", 9)
        cache.get("a", lambda: new, lambda: 0)
        cache.drop("a", old)
        self.assertIs(cache.get("a", lambda: old, lambda: 0), new)
        cache.drop("a", new)
        self.assertIs(cache.get("a", lambda: old, lambda: 0), old)
        cache.drop("a")
        cache.drop("a")
        self.assertIs(cache.get("a", lambda: new, lambda: 0), new)

    def test_concurrent_fetches_are_one(self):
        cache, fetched, found = TokenCache(), [], []
        everyone = threading.Barrier(8)

        def fetch():
            fetched.append(1)
            return Token("shared", 1000)

        def ask():
            everyone.wait()
            found.append(cache.get("a", fetch, lambda: 0))

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual((len(fetched), len(set(map(id, found)))), (1, 1))

    def test_a_failed_fetch_leaves_the_lock_open(self):
        cache = TokenCache()
        with self.assertRaises(tbc.TbcBusy):
            cache.get("a", bank_is_busy, lambda: 0)
        token = Token("later", 9)
        self.assertIs(cache.get("a", lambda: token, lambda: 0), token)


def bank_is_busy():
    raise tbc.TbcBusy("busy")
