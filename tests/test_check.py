"""The check of the bank's answers, from the button to the file."""

import base64
import json
import shutil
import tempfile
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

from odoo.addons.account_tbc_bank.cli import tbc_check
from odoo.addons.account_tbc_bank.services.check import run
from odoo.addons.account_tbc_bank.services.connecting import TOKENS, record_refusal
from odoo.addons.account_tbc_bank.services.unexpected import tell_unknown
from odoo.addons.account_tbc_bank.tbc import TbcRefused, check
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import IBAN, OTHER_IBAN, TbcCase
from .fake_tbc.strange import STRANGE
from .transfer_common import TransferCase


class CheckCase(TbcCase):
    bank_options = {
        "accounts": {IBAN: ("GEL", "EUR"), OTHER_IBAN: ("GEL",)},
        "days": 0,
    }

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(
            patch("odoo.addons.account_tbc_bank.tbc.check.probe.PAUSE", 0)
        )

    # Of June; on each there are two movements.
    days = range(10, 20)

    def set_up_once(self):
        super().set_up_once()
        self.account = self.make_account()
        self.integration.can_initiate_transfers = True
        for day in self.days:
            self.add("100.15", f"2026-06-{day}")
            self.add("-7.20", f"2026-06-{day}")
        self.cron = self.env.ref("account_tbc_bank.ir_cron_check")

    def run_cron(self):
        with self.enter_registry_test_mode():
            self.cron.method_direct_trigger()

    def check(self):
        """A whole check, begun by the button; return its record (sudo)."""
        action = self.integration.with_user(self.administrator).action_check_answers()
        one = self.env["tbc.check"].browse(action["res_id"])
        self.run_cron()
        one.invalidate_recordset()
        return one

    def differs(self, one):
        found = one.line_ids.filtered(lambda line: line.outcome == "differs")
        return set(found.mapped("key"))


def _commit(_cron, *_done, **_left):
    """In place of a commit, which a test may not make: there is time left."""
    return 60


@tagged("post_install", "-at_install")
class TestCheck(CheckCase):
    def test_the_button_checks_in_the_background(self):
        action = self.integration.with_user(self.director).action_check_answers()
        one = self.env["tbc.check"].browse(action["res_id"])
        self.assertEqual((one.state, one.line_ids.ids), ("waiting", []))
        self.assertEqual(self.bank.requests, [])
        again = self.integration.with_user(self.administrator).action_check_answers()
        self.assertEqual(again["res_id"], one.id, "one at a time")
        self.run_cron()
        one.invalidate_recordset()
        self.assertEqual((one.state, one.problem), ("done", False))
        self.assertEqual(set(one.line_ids.mapped("key")), set(check.KEYS))
        self.assertEqual(self.differs(one), set())
        self.assertEqual(one.progress, 100)
        self.assertEqual(one.differs_count, 0)
        self.assertGreater(one.expected_count, 40)
        self.assertLess(one.request_count, 60)
        methods = {r.method for r in self.bank.requests if r.name != "token"}
        self.assertEqual(methods, {"GET"}, "it only reads")

    def test_a_paused_integration_is_checked(self):
        self.integration.with_user(self.director).action_test_connection()
        self.integration.with_user(self.administrator).action_pause()
        one = self.check()
        self.assertEqual((one.state, self.differs(one)), ("done", set()))
        self.assertGreater(one.expected_count, 40)
        self.assertEqual(self.integration.state, "paused")

    def test_before_the_set_up_an_account_is_looked_for(self):
        self.account.unlink()
        self.assertEqual(self.integration.state, "draft")
        one = self.check()
        self.assertEqual((one.state, self.differs(one)), ("done", set()))
        self.assertGreater(one.expected_count, 40)
        self.assertNotIn(IBAN, str(one.sudo().memory))
        self.assertFalse(self.integration.account_ids)

    def test_a_token_of_another_shape_is_named(self):
        """The connection can't be tested then: this is where one finds out why."""
        self.bank.strange = {"other_token_shape"}
        TOKENS._tokens.clear()
        action = self.integration.with_user(self.director).action_test_connection()
        # The form tells it.
        self.assertEqual(action["tag"], "soft_reload")
        told = self.integration.connection_report
        self.assertIn("The bank's answer can't be read. Press Test Connection", told)
        self.assertEqual(self.integration.state, "draft")
        one = self.check()
        self.assertEqual((one.state, self.differs(one)), ("done", {"token_usable"}))
        line = one.line_ids.filtered(lambda line: line.key == "token_usable")
        self.assertIn("accessToken: text", line.bank_does)
        unseen = one.line_ids.filtered(lambda line: line.key == "list_complete")
        self.assertEqual(unseen.outcome, "not_seen")
        self.assertIn("nothing to see it by", unseen.bank_does)

    def test_the_status_of_a_batch_is_asked(self):
        self.check()
        asked = self.bank.requests_to("batch_status")
        self.assertEqual(len(asked), 1, "of one that is not there")
        batch = self.env["tbc.transfer.batch"].create(
            {
                "name": "June",
                "account_id": self.account.id,
                "external_id": "a-batch-of-ours",
                "bank_batch_id": "184729",
            }
        )
        subject = run._subject(self.env["tbc.check"], self.integration)
        self.assertEqual(subject.batch, ("a-batch-of-ours", "184729"))
        one = self.check()
        self.assertEqual(self.differs(one), {"find_known_batch"})
        asked = self.bank.requests_to("batch_status")
        self.assertEqual(batch.bank_batch_id, "184729")
        self.assertIn("/batch/184729/status", {r.path[-20:] for r in asked})

    def test_each_row_has_its_words(self):
        one = self.env["tbc.check"].create({"integration_id": self.integration.id})
        for key in check.KEYS:
            seen = {"figure": 7, "count": 7, "total": 7, "words": ["x"]}
            line = one.line_ids.create(
                {"check_id": one.id, "key": key, "outcome": "differs", "seen": seen}
            )
            for name in ("assumption", "bank_does", "meaning"):
                self.assertTrue(line[name], key)
                self.assertNotIn("%(", line[name], key)
            self.assertNotEqual(line.assumption, key)

    def test_the_form_is_told_how_far_it_is(self):
        one = run.begin(self.integration)
        shown = one.progress_shown
        self.assertEqual((shown["done"], shown["percent"]), (0, 0))
        self.assertEqual(shown["total"], one.step_count)
        self.run_cron()
        one.invalidate_recordset()
        self.assertFalse(one.progress_shown)

    def test_only_the_latest_are_kept(self):
        vals = {"integration_id": self.integration.id, "ended_at": "2026-06-01"}
        older = self.env["tbc.check"].create([{**vals, "state": "done"}] * 12)
        other = self.integration.copy({"name": "Other"})
        of_other = older.create({"integration_id": other.id, "state": "done"})
        older[0].write({"state": "running", "ended_at": False})
        older._gc_checks()
        kept = older.search([("integration_id", "=", self.integration.id)])
        self.assertEqual(kept.sorted("id"), older[0] + older[2:])
        self.assertTrue(of_other.exists())

    def test_it_can_be_stopped(self):
        one = run.begin(self.integration)
        steps = []

        def stop_after_three(check_sudo):
            steps.append(check_sudo.steps_done)
            if len(steps) == 3:
                check_sudo.with_user(self.administrator).action_stop()

        commit = patch.object(type(one.env["ir.cron"]), "_commit_progress", _commit)
        with commit:
            run.go_on(one, stop_after_three)
        self.assertEqual((one.state, steps), ("stopped", [1, 2, 3]))
        self.assertEqual(set(one.line_ids.mapped("key")), set(check.KEYS))
        before = len(self.bank.requests)
        self.run_cron()
        self.assertEqual(len(self.bank.requests), before)
        with self.assertRaises(AccessError):
            one.with_user(self.clerk).action_stop()

    def test_it_goes_on_where_the_time_was_up(self):
        one = run.begin(self.integration)
        with (
            patch.object(
                type(self.env["ir.cron"]), "_commit_progress", lambda *a, **k: 0
            ),
        ):
            for step in range(1, 4):
                self.assertEqual(run.go_on(one), "time_is_up")
                self.assertEqual((one.state, one.steps_done), ("running", step))
        self.run_cron()
        one.invalidate_recordset()
        self.assertEqual((one.state, self.differs(one)), ("done", set()))

    def test_a_busy_bank_is_left_alone(self):
        self.bank.add_fault("429", on="statements", times=None, retry_after=120)
        one = self.check()
        self.assertEqual((one.state, self.differs(one)), ("failed", {"busy"}))
        self.assertIn("fewer requests", one.problem)
        self.assertTrue(self.integration.not_before)
        with self.assertRaisesRegex(UserError, "not to be called before"):
            self.integration.action_check_answers()

    def test_what_is_kept_is_in_the_company_s_language(self):
        self.env["res.lang"]._activate_lang("ka_GE")
        self.company.partner_id.lang = "ka_GE"
        self.bank.stop()
        self.assertIn("ბანკთან", self.check().problem)
        self.add("5.00", "2026-06-11", transactionType=77, statusCode=0)
        tell_unknown(self.integration.sudo(), "error", ["NEW_CODE"])
        self.assertIn("ბანკის ახალი", self.integration.message_ids[0].body)

    def test_a_bank_that_is_away_is_told(self):
        self.bank.stop()
        one = self.check()
        self.assertEqual(one.state, "failed")
        self.assertIn("can't be reached", one.problem)
        self.assertEqual(set(one.line_ids.mapped("outcome")), {"not_seen"})

    def test_the_command_does_not_end_without_a_word(self):
        """Where another worker has the check, there are no rows to tell."""
        with (
            patch.object(run, "_take", lambda _check: False),
            self.assertRaisesRegex(SystemExit, "Another worker"),
        ):
            self.command()

    def command(self, **options):
        """What the command prints."""
        self.integration.name = "To be checked"
        told = {"integration": "To be checked", "transfers": False, "file": None}
        commit = patch.object(type(self.env["ir.cron"]), "_commit_progress", _commit)
        output = StringIO()
        with commit, redirect_stdout(output):
            tbc_check._check(self.env, SimpleNamespace(**{**told, **options}))
        return output.getvalue()

    def test_the_command_tells_what_a_difference_means(self):
        self.bank.strange = {"pages_from_1"}
        lines = self.command().splitlines()
        place = lines.index(
            "Differs            Pages are counted from 0. They are counted from 1."
        )
        self.assertIn("A fault of the module.", lines[place + 1])
        self.assertTrue(lines[place + 1].startswith(" " * 19))
        self.assertIn("As Expected        Each page tells the same total.", lines)
        starts = "Could Not Be Seen  Sandbox: "
        self.assertTrue(any(line.startswith(starts) for line in lines))

    def test_the_command_sends_transfers_if_asked_to(self):
        self.command()
        self.assertFalse(self.bank.requests_to("import_single"))
        output = self.command(transfers=True)
        self.assertEqual(len(self.bank.requests_to("import_single")), 7)
        self.assertIn("As Expected        Sandbox: a transfer to an own", output)
        self.integration.environment = "production"
        with (
            patch.object(run, "check_may_call"),
            self.assertRaisesRegex(UserError, "sandbox only"),
        ):
            self.command(transfers=True)

    def test_the_command_shows_the_file_before_it_saves_it(self):
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        path = Path(folder) / "check.json"
        output = self.command(file=path)
        saved = path.read_text(encoding="utf-8")
        self.assertIn(saved, output)
        self.assertTrue(json.loads(saved)["rows"])

    def test_without_credentials_it_says_so(self):
        self.integration.sudo().credential_ids.unlink()
        with self.assertRaisesRegex(UserError, "no Client ID"):
            self.integration.with_user(self.director).action_check_answers()

    def test_who_may(self):
        for user in (self.clerk, self.payer):
            with self.assertRaises(AccessError):
                self.integration.with_user(user).action_check_answers()
        one = self.check()
        for user in (self.director, self.administrator):
            self.assertIn("rows", one.with_user(user).read(["report"])[0]["report"])
            with self.assertRaises(AccessError):
                one.with_user(user).read(["memory"])
            with self.assertRaises(AccessError):
                one.with_user(user).write({"state": "done"})
        for user in (self.clerk, self.payer):
            self.assertFalse(self.env["tbc.check"].with_user(user).search([]))
            self.assertFalse(self.env["tbc.check.line"].with_user(user).search([]))

    def test_transfers_are_tried_in_the_sandbox_only(self):
        one = self.check()
        self.assertFalse(self.bank.requests_to("import_single"))
        with self.assertRaises(AccessError):
            # Whoever may not initiate tries none.
            one.with_user(self.administrator).action_check_transfers()
        action = one.with_user(self.director).action_check_transfers()
        self.run_cron()
        tried = self.env["tbc.check"].browse(action["res_id"])
        tried.invalidate_recordset()
        self.assertEqual(tried.state, "done")
        self.assertEqual(len(self.bank.requests_to("import_single")), 7)
        found = tried.line_ids.filtered(lambda one: one.key == "scenario_own")
        self.assertEqual(found.outcome, "expected")
        self.integration.environment = "production"
        with (
            patch.object(run, "check_may_call"),
            self.assertRaisesRegex(UserError, "sandbox only"),
        ):
            one.with_user(self.director).action_check_transfers()


@tagged("post_install", "-at_install")
class TestFile(CheckCase):
    def test_the_file_is_what_the_screen_shows(self):
        one = self.check()
        found = json.loads(one.report)
        self.assertEqual(base64.b64decode(one.report_file).decode(), one.report)
        self.assertEqual(len(found["rows"]), len(check.KEYS))
        self.assertIn("account_tbc_bank", found["versions"])
        self.assertIn("transactions[].amount", found["shapes"]["movements"])
        self.assertTrue(any(error["trace_id"] for error in found["errors"]))
        self.assertIn("/web/content/tbc.check", one.action_save_file()["url"])

    def test_nothing_that_is_anybodys_is_in_the_file(self):
        """Marked values in every member of the bank's, in its errors and in Odoo."""
        for kind in ("digits", "letters"):
            with self.subTest(kind), self.env.cr.savepoint() as savepoint:
                self.assert_nothing_told(self.mark_everything(kind))
                savepoint.rollback()
                self.env.invalidate_all()

    def assert_nothing_told(self, marks):
        self.account.sync()
        integration_sudo = self.integration.sudo()
        for title in ("Zhuzhuna", self.director.login.upper()):
            record_refusal(integration_sudo, TbcRefused(status=400, title=title))
        self.bank.strange = {"new_member", "new_type", "other_errors"}
        # Each list says what it was sent, and so do the errors about balances.
        self.bank.add_fault("echo_in_answer", on="movements", times=None)
        self.bank.add_fault("echo", on="balances", times=None)
        with mute_logger("odoo.addons.account_tbc_bank"):
            one = self.check()
        text = one.report
        self.assertEqual(one.state, "done", one.problem)
        self.assertIn('"transactions[].channel"', text)
        granted = [*self.bank.tokens._granted]
        self.assertTrue(granted)
        for mark in [*marks, *granted]:
            for form in self.forms(mark):
                # Not assertNotIn: what it says has the whole file.
                self.assertFalse(form.lower() in text.lower(), (mark, form))

    def mark_everything(self, kind):
        """Fill bank and company with values that can't be missed; return them."""

        def mark(number, name):
            told = f"{number:03}" if kind == "digits" else chr(97 + number) * 3
            return f"Marked{told}{name}"

        texts = [
            *("purpose", "additionalInformation", "transactionReference"),
            *("additionalDescription", "documentNumber", "chargeDetail"),
            *("taxpayerCode", "taxpayerName", "intermediaryBankName", "exchangeRate"),
            *("externalPaymentId", "paymentId", "opCode"),
        ]
        other_side = [
            *("accountIban", "bankCode", "bankName", "treasuryCode", "partnerName"),
            *("personalNumber", "documentNumber", "taxCode"),
        ]
        members = {name: mark(n, name) for n, name in enumerate(texts)}
        party = {name: mark(n, f"{name}P") for n, name in enumerate(other_side)}
        movement_id = self.add(
            "48151.62",
            "2026-06-19",
            **members,
            partnerAccountInfo=party,
            extra={"GE65TB0000004815162342": "Marked999extra", "MarkedByName": 1},
        )
        for code in ("Zhuzhuna", "ZHUZHUNA"):
            # The bank writes a person where we look for a code.
            named = {"partnerName": "Zhuzhuna"}
            self.add("-99073.31", "2026-06-18", opCode=code, partnerAccountInfo=named)
        self.bank.add_client("Gvantsaclient", "Tamarsecret")
        self.integration.with_user(self.director).set_credentials(
            "Gvantsaclient", "Tamarsecret"
        )
        self.integration.name = "Marked-integration-of-ours"
        self.company.vat = "204815162"
        balance = self.bank.ledger.balance(IBAN, "GEL")
        marks = [*members.values(), *party.values(), movement_id, movement_id[:12]]
        marks += ["48151.62", "99073.31", "Zhuzhuna", "Marked999extra", str(balance)]
        marks += ["GE65TB0000004815162342", self.integration.name, IBAN, OTHER_IBAN]
        marks += ["204815162", self.company.name, self.director.name, "MarkedByName"]
        marks += [self.director.login, "Gvantsaclient", "Tamarsecret"]
        return marks

    def forms(self, mark):
        """A mark in clear, base64 and hex, from either end, each read either way."""
        for text in (mark, mark[::-1]):
            data = text.encode()
            found = [text, data.hex()]
            for shift in range(3):
                # In a longer text it begins at any of three places.
                coded = base64.b64encode(bytes(shift) + data).decode()
                found.append(coded[-(-shift * 8 // 6) : (shift + len(data)) * 8 // 6])
            for one in found:
                yield from (one, one[::-1])


@tagged("post_install", "-at_install")
class TestUnknownWords(CheckCase):
    def test_a_new_word_is_told_once(self):
        self.add("5.00", "2026-06-11", transactionType=77, statusCode=0)
        for _time in range(2):
            self.sync(self.account)
        word = self.env["tbc.unknown.word"].search([])
        self.assertEqual((word.kind, word.name), ("transaction_type", "77"))
        notes = self.integration.message_ids.filtered(lambda m: "77" in (m.body or ""))
        self.assertEqual(len(notes), 1)
        self.assertIn("Check the Bank", notes.body)
        shown = self.integration.with_user(self.administrator)
        self.assertEqual(shown.unknown_word_count, 1)
        action = shown.action_open_unknown_words()
        listed = self.env["tbc.unknown.word"].with_user(self.administrator)
        self.assertEqual(listed.search(action["domain"]), word)
        self.assertIn("Nothing stops for it", word.meaning)
        self.assertFalse(listed.with_user(self.payer).search([]))
        self.assertIn("77", self.check().report)

    def test_a_new_status_code_waits_and_is_told(self):
        self.add("5.00", "2026-06-11", statusCode=7)
        self.sync(self.account)
        word = self.env["tbc.unknown.word"].search([])
        self.assertEqual((word.kind, word.name), ("status_code", "7"))
        self.assertIn("wait on hold", word.meaning)
        self.assertEqual(self.account.held_count, 1)

    def test_a_new_error_is_told(self):
        integration_sudo = self.integration.sudo()
        for code in ("NEW_CODE", "NEW_CODE", "INVALID_ACCOUNT", None, "Mr Who 1234567"):
            record_refusal(integration_sudo, TbcRefused(status=400, code=code))
        words = self.env["tbc.unknown.word"].search([("kind", "=", "error")])
        self.assertEqual(set(words.mapped("name")), {"NEW_CODE", "…"})

    def test_a_new_error_may_be_a_name(self):
        """One word of a title, and our own company in capitals."""
        self.company.name = "Marani"
        integration_sudo = self.integration.sudo()
        for title in ("Zhuzhuna", "MARANI", "MARANI_BLOCKED"):
            record_refusal(integration_sudo, TbcRefused(status=400, title=title))
        words = self.env["tbc.unknown.word"].search([("kind", "=", "error")])
        self.assertEqual(words.mapped("name"), ["…"])


@tagged("post_install", "-at_install")
class TestStrangeDays(CheckCase):
    """A day's work with a strange bank: all is booked, or a sentence says why not."""

    # These can't be coped with; the sentence is in the run, or in the differences.
    TOLD = {"moments_only": "refused the request"}
    DIFFERENT = {"sums_without_debits"}
    days = range(10, 15)

    def set_up_once(self):
        super().set_up_once()
        self.expected = len(self.bank.ledger.movements(IBAN, "GEL"))

    def test_a_day_s_work_goes_on(self):
        """With a list of three pages, which is what most of them are about."""
        size = "odoo.addons.account_tbc_bank.services.statements.read.PAGE_SIZE"
        for name in STRANGE:
            with (
                self.subTest(name),
                self.env.cr.savepoint() as savepoint,
                patch(size, 4),
            ):
                self.work(name)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_pages_that_are_smaller_than_asked_for(self):
        for _one in range(100):
            self.add("1.00")
        self.expected += 100
        self.work("small_pages")

    def work(self, name):
        self.bank.strange = {name}
        sync_run = self.account.sync()
        self.bank.strange = set()
        told = " ".join(filter(None, [sync_run.error, sync_run.note]))
        if name in self.TOLD:
            self.assertEqual(sync_run.state, "failed")
            self.assertIn(self.TOLD[name], told)
            return
        self.assertEqual(sync_run.state, "done", told)
        booked = self.lines(self.account).filtered("tbc_movement_id")
        self.assertEqual(len(booked), self.expected)
        differs = bool(self.account.difference_ids)
        self.assertEqual(differs, name in self.DIFFERENT)


@tagged("post_install", "-at_install")
class TestStrangeTransfers(TransferCase):
    def test_a_status_word_that_nobody_knows(self):
        """It is shown as it is, told once, and no end of the order."""
        payment = self.pay()
        order = self.send(payment)
        self.bank.sign(transfer_id=int(order.bank_transfer_id))
        self.bank.in_progress_questions = 0
        self.bank.strange = {"other_status_words"}
        for _time in range(3):
            self.refresh()
        self.assertEqual(order.bank_status, "Completed")
        self.assertIn(order.state, ("submitted", "to_sign", "in_progress"))
        self.assertEqual(payment.state, "in_process")
        word = self.env["tbc.unknown.word"].search([])
        self.assertEqual((word.kind, word.name), ("status_word", "Completed"))
        self.bank.strange = set()
        self.refresh()
        self.assertEqual(order.state, "done")

    def test_an_order_that_is_not_found_in_other_words(self):
        """Nobody knows whether the bank has it, so it is not sent again."""
        self.bank.add_fault("drop", on="import_single")
        order = self.send(self.pay())
        self.bank.strange = {"other_not_found"}
        self.refresh()
        self.assertEqual((order.state, order.is_missing_at_bank), ("unknown", False))
        self.assertIn("does not answer for this transfer", order.problem)
        word = self.env["tbc.unknown.word"].search([])
        self.assertEqual((word.kind, word.name), ("error", "NO_SUCH_ORDER"))
        self.bank.strange = set()
        self.refresh()
        self.assertTrue(order.is_missing_at_bank)


@tagged("post_install", "-at_install")
class TestCheckTour(CheckCase, HttpCase):
    def test_the_form_follows_the_check(self):
        """In a real browser: nobody loads the page again."""
        groups = "base.group_system,account_tbc_bank.group_tbc_administrator"
        self._make_user("checker", groups)
        self.integration.with_user(self.director).action_test_connection()
        url = f"/odoo/tbc-integrations/{self.integration.id}"
        self.start_tour(url, "account_tbc_bank_check", login="tbc_checker")
        one = self.env["tbc.check"].search([])
        self.assertEqual((one.state, self.differs(one)), ("done", set()))
