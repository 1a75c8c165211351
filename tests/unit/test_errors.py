import time
import unittest
from email.utils import formatdate

from golden import golden

from account_tbc_bank import tbc
from account_tbc_bank.tbc.answer import facts, parse_json, trace_id
from account_tbc_bank.tbc.errors import BANK, GATEWAY, author, error_from_answer

DUPLICATED = "Duplicated Single Transfer Request"
INVALID = "One or more validation errors occurred"
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"


class TestClassification(unittest.TestCase):
    def test_status_code_and_title_together(self):
        blocked, deleted = {"title": "USER_IS_BLOCKED"}, {"title": "user_is_deleted "}
        table = [
            (400, {}, tbc.TbcRefused),
            (400, blocked, tbc.TbcAuthRefused),
            (400, deleted, tbc.TbcAuthRefused),
            (400, {"code": "USER_IS_NOT_ACTIVE"}, tbc.TbcAuthRefused),
            (404, {"title": "NOT_AUTHORIZED"}, tbc.TbcAuthRefused),
            (401, {}, tbc.TbcAuthRefused),
            (403, {"title": "anything"}, tbc.TbcAuthRefused),
            (404, {}, tbc.TbcRefused),
            (429, blocked, tbc.TbcBusy),
            (500, blocked, tbc.TbcNoAnswer),
            (503, {}, tbc.TbcNoAnswer),
            (302, blocked, tbc.TbcUnreadable),
            (408, {}, tbc.TbcNoAnswer),
            (409, {}, tbc.TbcDuplicate),
            (400, {"code": "DUPLICATED_BATCH_TRANSFER_REQUEST"}, tbc.TbcDuplicate),
            (422, {"title": "Duplicated Single Transfer Request"}, tbc.TbcDuplicate),
            (403, {"detail": "Duplicate id"}, tbc.TbcDuplicate),
            (400, {"errors": {"x": ["დუბლირებული"]}}, tbc.TbcDuplicate),
            (429, {"code": "DUPLICATED"}, tbc.TbcDuplicate),
            (500, {"code": "DUPLICATED"}, tbc.TbcNoAnswer),
            (302, {"code": "DUPLICATED"}, tbc.TbcUnreadable),
        ]
        for status, known, expected in table:
            with self.subTest(status=status, known=known):
                error = error_from_answer(status, known)
                self.assertIs(type(error), expected)
                self.assertIsInstance(error, tbc.TbcError)
                self.assertEqual(error.status, status)

    def test_documented_bodies(self):
        table = [
            ("error_invalid_account", 400, tbc.TbcRefused, "INVALID_ACCOUNT"),
            ("error_validation", 400, tbc.TbcRefused, "INCORRECT_INPUT_DATA"),
            ("error_user_blocked", 400, tbc.TbcAuthRefused, "USER_IS_BLOCKED"),
            ("error_not_authorized", 403, tbc.TbcAuthRefused, "NOT_AUTHORIZED"),
            ("error_general", 500, tbc.TbcNoAnswer, "GENERAL_ERROR"),
            ("transfer_duplicate", 400, tbc.TbcDuplicate, DUPLICATED),
            ("transfer_validation", 400, tbc.TbcRefused, INVALID),
            ("error_not_found", 404, tbc.TbcRefused, "Requested object was not found"),
        ]
        for name, status, expected, title in table:
            with self.subTest(name=name):
                error = error_from_answer(status, facts(golden(name), {}))
                self.assertIs(type(error), expected)
                self.assertEqual((error.title, error.trace_id), (title, TRACE))


class TestAuthor(unittest.TestCase):
    """Who has written an answer: the bank, a gateway before it, or nobody knows."""

    def test_the_bank(self):
        names = ["error_invalid_account", "error_validation", "error_user_blocked"]
        names += ["transfer_duplicate", "transfer_validation"]
        for name in names:
            self.assertEqual(author(400, golden(name), b"{"), BANK, name)
        self.assertEqual(author(403, golden("error_not_authorized"), b"{"), BANK)
        self.assertEqual(author(404, golden("error_not_found"), b"{"), BANK)
        self.assertEqual(author(401, {"code": "Unauthorized"}, b"{"), BANK)

    def test_somebody_else(self):
        known = golden("transfer_validation")
        strangers = [
            {},
            {"code": "BadRequest"},
            {"code": None},
            {"code": ["DomainError"]},
        ]
        strangers += [{"error": "DomainError"}, known | {"status": 502}]
        strangers += [known | {"title": "GENERAL_ERROR"}]
        for problem in strangers:
            self.assertEqual(author(400, problem, b"{"), GATEWAY, problem)
        self.assertEqual(author(404, known, b"{"), GATEWAY)
        self.assertEqual(author(429, None, b" \n"), GATEWAY)
        for problem, body in ((None, b"<html>"), ([known], b"["), ("x", b'"x"')):
            self.assertIsNone(author(400, problem, body))


class TestFacts(unittest.TestCase):
    def test_problem_json(self):
        known = facts(golden("error_validation"), {"Retry-After": " 7 "})
        expected = {
            "code": "ValidationError",
            "title": "INCORRECT_INPUT_DATA",
            "detail": "PageSize is at most 700",
            "errors": {"PageSize": ["at most 700"], "PeriodTo": ["is required"]},
            "trace_id": TRACE,
            "after": 7,
        }
        self.assertEqual(known, expected)

    def test_oauth_body(self):
        known = facts(golden("token_refused"), {})
        self.assertEqual(known["code"], "invalid_client")
        self.assertEqual(known["detail"], "ClientId is Invalid")
        gateway = {"ErrorCode": "invalid_client", "Error": "ClientId is Invalid"}
        self.assertEqual(facts(gateway, {}), known)

    def test_bodies_that_say_nothing(self):
        nothing = dict.fromkeys(("code", "title", "detail", "trace_id", "after"))
        odd = {"code": 7, "title": "", "detail": {}, "errors": "x", "traceId": "a b\n"}
        for problem in (None, "text", [1], 5, {}, odd):
            with self.subTest(problem=problem):
                self.assertEqual(facts(problem, {}), nothing | {"errors": {}})

    def test_retry_after_is_seconds_or_a_date_or_not_said(self):
        for value in ("", "-1", "1.5", "soon", "9" * 12, "Wed, 99 Oct 2026 07:28:00"):
            with self.subTest(value):
                self.assertIsNone(facts({}, {"Retry-After": value})["after"])
        self.assertEqual(facts({}, {"Retry-After": "120"})["after"], 120)
        past = {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}
        self.assertEqual(facts({}, past)["after"], 0)
        in_two_hours = {"Retry-After": formatdate(time.time() + 7200, usegmt=True)}
        self.assertAlmostEqual(facts({}, in_two_hours)["after"], 7200, delta=5)

    def test_trace_id_of_the_headers(self):
        self.assertEqual(trace_id({"X-Request-Id": "b", "traceparent": "a"}), "a")
        self.assertIsNone(trace_id({"X-Trace-Id": "a\r\nb"}))
        self.assertIsNone(trace_id({}))

    def test_json(self):
        self.assertEqual(parse_json(b'\xef\xbb\xbf{"a": 1}'), {"a": 1})
        bad = [b"", b"<html>", b'{"a": ', b"\xff\xfe", b"[" * 100_000, b"1" * 5000]
        for body in bad:
            with self.assertRaises(ValueError):
                parse_json(body)


class TestWords(unittest.TestCase):
    def test_one_safe_line(self):
        error = tbc.TbcRefused(
            "the bank refused the request",
            status=400,
            code="DomainError",
            title="no account GE48TB7873440574631292\nfor 01234567891",
            detail="not in the log",
            trace_id=TRACE,
        )
        self.assertEqual(
            str(error),
            "the bank refused the request (HTTP 400, DomainError, "
            f"no account GE48…1292 for …, trace {TRACE})",
        )
        self.assertEqual(repr(error), "TbcRefused('the bank refused the request')")

    def test_what_is_not_known(self):
        error = tbc.TbcUnreadable()
        self.assertEqual(str(error), "TbcUnreadable")
        self.assertEqual(error.errors, {})
        for name in ("status", "code", "title", "detail", "trace_id", "after"):
            self.assertIsNone(getattr(error, name))
        self.assertIsNone(error.preview)
