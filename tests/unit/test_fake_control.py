"""What the fake bank remembers, its control door, and the program."""

import contextlib
import io
import os
import signal
import subprocess
import sys
import unittest
from pathlib import Path

from fake_tbc import FAKE_CLIENT_SECRET, FakeBank, RecordedRequest
from fake_tbc.__main__ import main
from fake_tbc.caller import Caller

IBAN = "GE44TB0600051509630891"
TESTS = Path(__file__).parent.parent


def setUpModule():
    """Start the program, which comes up while the other tests run."""
    command = [
        sys.executable,
        "-S",  # nothing but the standard library
        "-m",
        "fake_tbc",
        "--account",
        f"{IBAN}=GEL,USD",
        "--days",
        "0",
        "--opening",
        f"{IBAN}/GEL=12.50",
        "--now",
        "2026-06-30",
        "--client-id",
        "me",
    ]
    global program
    program = subprocess.Popen(
        command,
        env={**os.environ, "PYTHONPATH": str(TESTS)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    unittest.addModuleCleanup(program.__exit__, None, None, None)
    unittest.addModuleCleanup(program.kill)


class TestControl(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bank = FakeBank(
            accounts={IBAN: "GEL"}, days=0, openings={(IBAN, "GEL"): "100.00"}
        ).start()
        cls.addClassCleanup(cls.bank.stop)
        cls.caller = Caller(cls.bank).sign_in()
        cls.addClassCleanup(cls.caller.close)

    def setUp(self):
        self.bank.forget_requests()

    def test_requests_are_recorded(self):
        caller = Caller(self.bank).sign_in()
        self.addCleanup(caller.close)
        caller.movements(PageIndex=1, PageSize=5)
        caller.get("/movements/1.1")
        caller.get("/nowhere")
        movement = self.bank.requests_to("movement")
        self.assertEqual(
            self.bank.requests,
            [
                RecordedRequest(
                    "token",
                    "POST",
                    "/oauth/token",
                    {},
                    200,
                    "bab_accounts",
                    "client_credentials",
                ),
                RecordedRequest(
                    "movements",
                    "GET",
                    "/bab/v1/accounts/movements",
                    {"PageIndex": "1", "PageSize": "5"},
                    200,
                    "bab_accounts",
                ),
                *movement,
                RecordedRequest(
                    None, "GET", "/bab/v1/accounts/nowhere", {}, 404, "bab_accounts"
                ),
            ],
        )
        self.assertEqual(
            [(one.path, one.status) for one in movement],
            [("/bab/v1/accounts/movements/1.1", 400)],
        )

    def test_no_secret_is_recorded(self):
        token = self.caller.headers["Authorization"].split()[1]
        self.caller.movements(access_token=token, secret=FAKE_CLIENT_SECRET)
        self.caller.ask_token()
        self.assertEqual(
            self.bank.requests[0].query, {"access_token": "***", "secret": "***"}
        )
        self.assertNotIn(token, repr(self.bank.requests))
        self.assertNotIn(FAKE_CLIENT_SECRET, repr(self.bank.requests))

    def test_requests_over_http(self):
        self.caller.movements()
        self.caller.get(f"/{IBAN}/balances/GEL")
        found = self.caller.control("GET", "requests")["requests"]
        self.assertEqual([one["name"] for one in found], ["movements", "balances"])
        found = self.caller.control("GET", "requests?name=balances")["requests"]
        self.assertEqual(
            [one["path"] for one in found], [f"/bab/v1/accounts/{IBAN}/balances/GEL"]
        )
        self.caller.control("DELETE", "requests")
        self.assertEqual(self.bank.requests, [])

    def test_faults_over_http(self):
        order = {
            "name": "429",
            "on": "movements",
            "times": 3,
            "after": 1,
            "retry_after": 2,
        }
        (waiting,) = self.caller.control("POST", "faults", order)["faults"]
        self.assertEqual(
            waiting,
            {
                "name": "429",
                "on": "movements",
                "times": 3,
                "after": 1,
                "options": {"retry_after": 2},
            },
        )
        self.assertEqual([self.caller.movements().status for _ in range(2)], [200, 429])
        self.assertEqual(self.caller.control("GET", "faults")["faults"][0]["times"], 2)
        self.assertEqual(self.caller.control("DELETE", "faults"), {"faults": []})
        self.assertEqual(self.caller.movements().status, 200)
        self.assertIn(
            "no such fault",
            self.caller.control("POST", "faults", {"name": "flood"})["error"],
        )

    def test_user_over_http(self):
        self.addCleanup(setattr, self.bank, "user_state", "active")
        self.addCleanup(setattr, self.bank, "permissions", {"statements", "transfers"})
        changed = self.caller.control(
            "PUT", "user", {"state": "blocked", "permissions": ["statements"]}
        )
        self.assertEqual(changed, {"state": "blocked", "permissions": ["statements"]})
        self.assertEqual(
            (self.bank.user_state, self.bank.permissions), ("blocked", {"statements"})
        )
        self.assertEqual(self.caller.control("GET", "user"), changed)

    def test_clock_over_http(self):
        self.addCleanup(setattr, self.bank, "now", None)
        frozen = {"now": "2026-06-30T12:00:00+04:00"}
        self.assertEqual(self.caller.control("PUT", "clock", frozen), frozen)
        self.assertEqual(self.caller.control("GET", "clock"), frozen)
        self.assertNotEqual(self.caller.control("PUT", "clock", {"now": None}), frozen)

    def test_tokens_over_http(self):
        self.addCleanup(setattr, self.bank, "token_lifetime", 3600)
        self.assertEqual(
            self.caller.control("PUT", "tokens", {"lifetime": 60}), {"lifetime": 60}
        )
        self.assertEqual(self.caller.ask_token().json["expires_in"], 60)
        self.caller.control("DELETE", "tokens")
        self.assertEqual(self.caller.movements().status, 401)
        self.caller.sign_in()

    def test_ledger_over_http(self):
        sent = {
            "iban": IBAN,
            "currency": "GEL",
            "amount": "-1.50",
            "day": "2026-06-01",
            "statusCode": 1,
        }
        movement_id = self.caller.control("POST", "ledger", sent)["transaction"][
            "movementId"
        ]
        account = {"iban": IBAN, "currency": "GEL", "opening": "100.00"}
        self.assertEqual(
            self.caller.control("GET", "ledger"),
            {
                "accounts": [
                    {**account, "balance": "100.00", "authorised": 0, "pending": 1}
                ]
            },
        )
        self.caller.control("POST", f"ledger/{movement_id}/authorise")
        self.assertEqual(
            self.caller.control("GET", "ledger"),
            {
                "accounts": [
                    {**account, "balance": "98.50", "authorised": 1, "pending": 0}
                ]
            },
        )
        self.caller.control("POST", f"ledger/{movement_id}/withdraw")
        self.assertEqual(self.caller.movements().json["total"], 0)
        self.assertIn(
            "KeyError",
            self.caller.control("POST", f"ledger/{movement_id}/show")["error"],
        )

    def test_control_calls_are_not_recorded(self):
        self.caller.control("GET", "ledger")
        self.caller.control("GET", "nothing")
        self.assertEqual(self.bank.requests, [])

    def test_stop_and_start_again(self):
        bank = FakeBank(days=0)
        bank.stop()
        for _ in range(2):
            with bank:
                caller = Caller(bank).sign_in()
                self.assertEqual(caller.movements().status, 200)
            with self.assertRaises(OSError):
                caller.ask_token()
            caller.close()


class TestProgram(unittest.TestCase):
    def test_starts_answers_and_ends_without_a_word(self):
        line = program.stdout.readline().decode()
        self.assertRegex(
            line, r"^fake TBC bank listening on http://127\.0\.0\.1:\d+\n$"
        )
        address = type("Address", (), {"port": int(line.rsplit(":", 1)[1])})
        caller = Caller(address, client_id="me").sign_in()
        balance = caller.get(f"/{IBAN}/balances/GEL").json
        page = caller.call("GET", "/_fake/certification", None, {})
        caller.close()
        program.send_signal(signal.SIGTERM)
        rest, errors = program.communicate(timeout=5)
        self.assertEqual(
            (balance["currentBalance"], rest, errors, program.returncode),
            (12.5, b"", b"", 0),
        )
        self.assertIn(b"FAKE TBC BANK", page.body)

    def test_help_names_what_there_is(self):
        with contextlib.redirect_stdout(io.StringIO()) as text:
            with self.assertRaises(SystemExit):
                main(["--help"])
        for word in ("/_fake/certification", "drop_after_accept", "--opening"):
            self.assertIn(word, text.getvalue())
