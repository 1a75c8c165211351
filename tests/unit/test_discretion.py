"""Neither secret nor token nor a whole IBAN in any log record, str() or repr()."""

import base64
import datetime
import functools
import logging
import traceback
import unittest

from golden import golden, golden_bytes
from scripted_server import DROP, scripted

from account_tbc_bank import tbc

IBAN = "GE48TB7873440574631292"
SECRET = "s3cret-0f-the-integration"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.t0ken-0f-the-integration"
BASIC = base64.b64encode(f"an-id:{SECRET}".encode()).decode()

GRANTED = (200, {}, {"access_token": TOKEN, "expires_in": 3600})
ECHO = f"{IBAN} {TOKEN} {SECRET} {BASIC}"
ANSWERS = [
    (200, {"X-Trace-Id": "fine"}, golden_bytes("balance")),
    (200, {}, ECHO.encode()),
    (200, {}, {"currentBalance": ECHO}),
    (400, {}, {"title": ECHO, "code": ECHO, "detail": ECHO, "traceId": ECHO}),
    (400, {}, {"title": "INVALID_ACCOUNT", "errors": {ECHO: [ECHO]}}),
    (403, {}, {"title": "NOT_AUTHORIZED", "detail": ECHO}),
    (404, {}, ECHO.encode()),
    (302, {"Location": f"http://127.0.0.1:9/{TOKEN}"}, b""),
    (429, {"Retry-After": "99"}, b""),
    (200, {"Content-Length": 9999}, ECHO.encode()),
    *[(500, {}, ECHO.encode())] * 3,
    DROP,
]


class TestDiscretion(unittest.TestCase):
    def setUp(self):
        self.records = []
        root = logging.getLogger()
        catcher = logging.Handler()
        catcher.emit = self.records.append
        root.addHandler(catcher)
        self.addCleanup(root.removeHandler, catcher)
        self.addCleanup(root.setLevel, root.level)
        root.setLevel(logging.DEBUG)

    def client(self, server):
        client = tbc.TbcClient(
            server.url, lambda: ("an-id", SECRET), sleep=lambda seconds: None
        )
        self.addCleanup(client.close)
        return client

    def shown_by(self, call):
        try:
            return repr(call())
        except tbc.TbcError as error:
            printed = "".join(traceback.format_exception(error))
            preview = getattr(error, "preview", None)
            return f"{error} {error!r} {printed} {preview}"

    def test_a_run_with_many_errors(self):
        day = datetime.date(2026, 6, 1)
        shown = []
        for answer in ANSWERS:
            with scripted(GRANTED, *[answer] * 9) as server:
                client = self.client(server)
                for call in (
                    functools.partial(client.balance, IBAN, "GEL"),
                    functools.partial(client.statement, IBAN, "GEL", day, day),
                    functools.partial(client.check_scope, tbc.SCOPE_ACCOUNTS),
                ):
                    shown.append(self.shown_by(call))
                shown.append(f"{client!r} {vars(client)}")
        lines = [f"{record.getMessage()} {vars(record)}" for record in self.records]
        self.assertGreater(len(lines), 3 * len(ANSWERS))
        for line in shown + lines:
            for secret in (IBAN, SECRET, TOKEN, BASIC):
                self.assertNotIn(secret, line)

    def test_the_log_line_says_what_is_needed(self):
        answer = (200, {"X-Trace-Id": "tr-1"}, golden_bytes("balance"))
        with scripted(GRANTED, answer) as server:
            self.client(server).balance(IBAN, "GEL")
        name = tbc.transport.__name__
        ours = [r.getMessage() for r in self.records if r.name == name]
        self.assertEqual(len(ours), 2)
        self.assertRegex(ours[0], r"^POST /oauth/token: 200 in \d+ ms, trace None$")
        path = r"/bab/v1/accounts/GE48…1292/balances/GEL"
        self.assertRegex(ours[1], rf"^GET {path}: 200 in \d+ ms, trace tr-1$")

    def test_urllib3_names_no_whole_iban(self):
        day = datetime.date(2026, 6, 1)
        with scripted(GRANTED, (200, {}, golden_bytes("statement"))) as server:
            self.client(server).statement(IBAN, "GEL", day, day)
        theirs = [r.getMessage() for r in self.records if r.name.startswith("urllib3")]
        self.assertTrue(any("AccountNumber=GE48…1292&" in line for line in theirs))

    def test_what_is_read_hides_the_account(self):
        page = tbc.parse_movement_page(golden("movements_unreadable"))
        shown = f"{page!r} {page.movements[0].counterparty!r}"
        shown += repr(tbc.parse_statement(golden("statement")))
        self.assertNotIn(IBAN, shown)
        self.assertNotIn("GE61TB9876543210987654", shown)
