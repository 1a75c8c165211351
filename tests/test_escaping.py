"""What others wrote is text wherever it lands: it reads in full, and nothing lives."""

import ast
import json
import re
from pathlib import Path
from unittest.mock import patch

from lxml import html
from markupsafe import Markup

from odoo.exceptions import UserError
from odoo.tests import BaseCase, HttpCase, tagged

from ..services.buttons import notice
from ..services.calls import OTHER, call
from ..services.chatter import as_html, write_note
from ..services.transfers.prepare import queue_payments
from .common import TODAY
from .test_adoption import OURS
from .test_matching import MatchingCase
from .transfer_common import TransferCase

ROOT = Path(__file__).parent.parent
HOST = "evil.example"
# One of each: what looks like a tag, an image, a link, an entity, quotes, a bare address.
MARK = (
    f'<GE12> <img src="http://{HOST}/x.png"> <a href="http://{HOST}">pay here</a>'
    f' &amp; "quoted" http://{HOST}/bare'
)
REPORT = "account_tbc_bank.report_tbc_reconciliation"


class EscapingCase(MatchingCase):
    """A company in which everything that a person may name bears the mark."""

    bank_options = TransferCase.bank_options

    def setUp(self):
        super().setUp()
        self.integration.name = f"Integration {MARK}"
        self.account.name = f"Holder {MARK}"
        self.account.journal_id.name = f"Journal {MARK}"
        self.customer.name = f"Customer {MARK}"
        self.vendor.name = f"Vendor {MARK}"
        # In what goes to the bank there is none of it.
        self.vendor.bank_ids.acc_holder_name = "Vendor LLC"
        self.director.name = f"Director {MARK}"
        self.bookkeeper.name = f"Bookkeeper {MARK}"

    def refusal(self, status=400, code="ValidationError", title=MARK, **members):
        """A fault's options: an answer in the bank's form, in the mark's words."""
        body = {"status": status, "code": code, "title": title, "detail": MARK}
        errors = {"field": [MARK]}
        return {"status": status, "body": {**body, "errors": errors, **members}}

    def html_values(self):
        """``(where, HTML)`` of each stored HTML field of any model that has the mark."""
        self.env.flush_all()
        cr = self.env.cr
        for model in self.registry.values():
            for name, field in model._fields.items():
                if not (field.type == "html" and field.store and field.column_type):
                    continue
                if model._abstract or not field.base_field.store or field.inherited:
                    continue
                cr.execute(
                    f'SELECT "{name}"::text FROM "{model._table}"'
                    f' WHERE "{name}"::text ~ %s',
                    [f"GE12|{re.escape(HOST)}"],
                )
                where = f"{model._name}.{name}"
                yield from ((where, value) for [value] in cr.fetchall())

    def assertText(self, value, where=""):
        """HTML in which the mark is text, in full, however often it is there."""
        tree = html.fromstring(f"<div>{value}</div>")
        for node in tree.iter():
            self.assertNotIn(node.tag, ("img", "a", "ge12"), where)
            # Odoo folds it away.
            self.assertNotIn("data-o-mail-quote", node.attrib, where)
            for attribute in node.attrib.values():
                self.assertNotIn(HOST, attribute, where)
        text = tree.text_content()
        self.assertIn("<GE12>", text, where)
        self.assertEqual(text.count(MARK), text.count("GE12"), f"{where}: {text}")

    def assertAllText(self, *wheres):
        """All HTML with the mark is text, and there is some at each of ``wheres``."""
        found = list(self.html_values())
        for where, value in found:
            self.assertText(value, where)
        self.assertEqual(set(wheres) - {where for where, _value in found}, set())

    def calls(self, record):
        """The notes of the activities of a record that have the mark."""
        notes = record.sudo().activity_ids.mapped("note")
        return [note for note in notes if HOST in note]

    def notes(self, record):
        """The messages of a record that have the mark."""
        bodies = record.sudo().message_ids.mapped("body")
        return [body for body in bodies if HOST in body]


@tagged("post_install", "-at_install")
class TestEscaping(EscapingCase):
    # --- the integration and the reads ------------------------------------------------

    def test_what_the_bank_says_of_a_test(self):
        self.bank.add_fault("stranger", on="movements", times=9, **self.refusal())
        notice = self.integration.with_user(self.director).action_test_connection()
        # The web client escapes it: here it is text.
        self.assertEqual(notice["tag"], "display_notification")
        self.assertIn(MARK, notice["params"]["message"])
        self.assertIn(MARK, self.integration.connection_report)
        self.assertTrue(self.notes(self.integration))
        self.assertAllText("mail.message.body")

    def test_a_pause(self):
        self.integration.with_user(self.director).action_pause()
        self.assertIn(MARK, self.integration.pause_reason)
        self.assertTrue(self.calls(self.integration))
        self.assertTrue(self.notes(self.integration))
        self.assertAllText("mail.activity.note", "mail.message.body")

    def test_a_read_that_fails(self):
        self.bank.add_fault("stranger", on="movements", times=None, **self.refusal())
        for _time in range(3):
            run = self.account.sync()
        self.assertIn(MARK, run.error)
        self.assertTrue(self.calls(self.account))
        self.assertAllText("mail.activity.note")
        notice = self.account.with_user(self.clerk).action_sync()
        self.assertIn(MARK, notice["params"]["message"])

    def test_accounts_that_are_not_found(self):
        self.bank.add_fault("stranger", on="movements", times=9, **self.refusal())
        notice = self.integration.with_user(self.director).action_discover_accounts()
        self.assertIn(MARK, notice["params"]["message"])

    # --- movements --------------------------------------------------------------------

    def test_a_movement_told_anew(self):
        """Its lines stand below each other, however many the bank tells."""
        movement_id = self.receive(100, f"before {MARK}", day=TODAY)
        self.sync(self.account)
        partner = {"partnerName": f"New {MARK}"}
        self.bank.ledger.change(
            movement_id, purpose=f"after {MARK}", partnerAccountInfo=partner
        )
        self.sync(self.account)
        [note] = self.notes(self.line(movement_id).move_id)
        self.assertEqual(note.count("<br>"), 2, note)
        self.assertAllText("mail.message.body")

    def test_what_odoo_says_in_markup(self):
        """Even what comes as markup is text in a note of ours."""
        movement_id = self.receive(100, "before", day=TODAY)
        self.sync(self.account)
        line = self.line(movement_id)
        write = type(line).write

        def refuse(lines, vals):
            if vals.get("payment_ref") == "after":
                raise UserError(Markup(MARK))
            return write(lines, vals)

        self.patch(type(line), "write", refuse)
        self.bank.ledger.change(movement_id, purpose="after")
        self.sync(self.account)
        self.assertTrue(self.notes(line.move_id))
        self.assertAllText("mail.message.body")

    def test_matched_and_returned(self):
        """Rules, and the purposes of other movements, are named in notes."""
        self.env["tbc.operation.rule"].with_company(self.company).create(
            {
                "name": f"Rule {MARK}",
                "words": "subscription",
                "account_id": self.company.get_unaffected_earnings_account().id,
            }
        )
        booked = self.receive(-7, f"subscription {MARK}")
        bill = self.make_bill(100.0)
        bill.ref = MARK
        payment = self.register(bill)
        order = self.executed(payment)
        self.read()
        self.assertEqual(bill.payment_state, "paid")
        self.receive(
            100,
            f"returned {MARK}",
            day="2026-06-30",
            paymentId=order.bank_transfer_id,
            partnerAccountInfo={},
        )
        self.read()
        self.assertTrue(self.notes(self.line(booked).move_id))
        self.assertTrue(self.calls(payment), "it came back")
        self.assertTrue(self.notes(bill))
        self.assertAllText("mail.activity.note", "mail.message.body")

    def test_a_journal_of_before(self):
        """What is adopted names its journal."""
        self.receive(100, MARK)
        self.sync(self.account)
        journal = self.account.journal_id
        self.env.flush_all()
        columns = ", ".join(f"{name} = NULL" for name in OURS)
        self.env.cr.execute(f"UPDATE account_bank_statement_line SET {columns}")
        self.env.invalidate_all()
        self.account.unlink()
        journal.bank_statements_source = "undefined"
        account = self.make_account(journal=False, journal_id=journal.id)
        self.assertTrue(self.notes(account))
        self.assertAllText("mail.message.body")

    def test_another_day(self):
        """The narration is HTML too."""
        self.lock_until("2026-06-20")
        self.account.locked_policy = "first_open_day"
        movement_id = self.receive(100, MARK)
        self.sync(self.account)
        narration = self.line(movement_id).narration
        self.assertIn("is locked", narration)
        self.assertAllText()

    # --- transfers --------------------------------------------------------------------

    def test_refused_at_the_import(self):
        bill = self.make_bill(100.0)
        bill.ref = MARK
        payment = self.register(bill)
        self.bank.add_fault(
            "partial", on="import_single", positions=[1], reasons=[MARK, f"> {MARK}"]
        )
        order = self.send(payment)
        self.assertEqual(order.state, "refused")
        self.assertIn(MARK, order.bank_reason_en)
        self.assertEqual(self.calls(payment)[0].count("&lt;GE12&gt;"), 2)
        self.assertTrue(self.notes(order))
        self.assertTrue(self.notes(payment))
        self.assertAllText("mail.activity.note", "mail.message.body")

    def test_refused_in_the_errors_form(self):
        payment = self.pay()
        self.bank.add_fault(
            "VALIDATION_ERROR", on="import_single", title=MARK, errors={MARK: [MARK]}
        )
        order = self.send(payment)
        self.assertEqual(order.state, "refused")
        self.assertEqual(self.calls(payment)[0].count("&lt;GE12&gt;"), 3)
        self.assertAllText("mail.activity.note", "mail.message.body")

    def test_failed_and_error(self):
        payments = self.pay() + self.pay()
        failed, erring = (self.send(payment) for payment in payments)
        self.refresh()
        self.bank.fail(failed.bank_transfer_id, MARK, f"მიზეზი {MARK}")
        self.bank.error(erring.bank_transfer_id, MARK, f"მიზეზი {MARK}")
        self.refresh()
        self.assertEqual(failed.state, "failed")
        self.assertTrue(self.notes(failed))
        for payment in payments:
            self.assertEqual(self.calls(payment)[0].count("&lt;GE12&gt;"), 2)
        self.assertAllText("mail.activity.note", "mail.message.body")

    def test_a_status_that_nobody_knows(self):
        order = self.send(self.pay())
        self.bank.add_fault("unknown_status", on="single_status", word=MARK)
        self.refresh()
        self.assertEqual(order.bank_status, MARK)
        self.assertTrue(self.notes(order))
        self.assertAllText("mail.message.body")

    def test_a_question_that_the_bank_refuses(self):
        payment = self.pay()
        self.bank.add_fault("drop_after_accept", on="import_single")
        order = self.send(payment)
        order.sent_at = "2026-06-30 04:00:00"
        self.bank.add_fault("DomainError", on="find_single", title=MARK)
        self.refresh()
        self.assertIn(MARK, order.problem)
        self.assertTrue(self.calls(payment))
        self.assertAllText("mail.activity.note")

    def test_what_odoo_says_of_a_match(self):
        """Account and journal names stand in Odoo's own refusals."""
        payment = self.pay(100.0)
        order = self.send(payment)
        self.refresh()
        account = payment.outstanding_account_id.sudo()
        account.write({"reconcile": False, "name": f"Outstanding {MARK}"})
        self.add("-100.00", "2026-06-30", paymentId=order.bank_transfer_id)
        self.sync(self.account)
        self.assertTrue(order.problem)
        self.assertTrue(payment.sudo().activity_ids)
        self.assertAllText()

    def test_a_change_of_the_payment(self):
        """Whoever queued it is called, by the name of who changed it."""
        payment = self.pay()
        payment.action_tbc_queue()
        self.env.user.name = f"Somebody {MARK}"
        self.vendor.bank_ids.acc_holder_name = "Another LLC"
        self.assertEqual(self.order(payment).state, "draft")
        self.assertTrue(self.calls(payment))
        self.assertAllText("mail.activity.note", "mail.message.body")

    def test_a_memo(self):
        payment = self.pay()
        payment.sudo().memo = MARK
        self.send(payment)
        self.assertAllText()

    # --- the report -------------------------------------------------------------------

    def test_the_report(self):
        self.company.name = f"Company {MARK}"
        self.receive(100, MARK)
        self.sync(self.account)
        wizard = self.env["tbc.reconciliation"].create(
            {"account_ids": self.account.ids}
        )
        reports = self.env["ir.actions.report"]
        content = reports._render_qweb_html(REPORT, wizard.ids)[0].decode()
        tree = html.fromstring(content)
        self.assertFalse(tree.xpath(f"//*[@*[contains(., '{HOST}')]]"))
        self.assertFalse(tree.xpath("//ge12"))
        text = tree.text_content()
        for name in ("Company", "Holder", "Journal"):
            self.assertIn(f"{name} {MARK}", " ".join(text.split()))


@tagged("post_install", "-at_install")
class TestEscapingOnce(EscapingCase):
    """The one place itself."""

    def test_lines_are_kept_and_none_is_taken_for_a_quotation(self):
        text = f"first\n> {MARK}\r\n--\n\N{LINE SEPARATOR}last"
        write_note(self.integration, text)
        [body] = self.notes(self.integration)
        self.assertNotIn("data-o-mail-quote", body)
        self.assertEqual(
            html.fromstring(body.replace("<br>", "\n")).text_content(),
            f"first\n> {MARK}\n--\n\nlast",
        )

    def test_markup_is_text_too(self):
        for text in (MARK, Markup(MARK)):
            self.assertText(as_html(text))
        sentence = self.env._("The bank says: %(status)s.", status=Markup(MARK))
        self.assertText(as_html(sentence))
        self.assertEqual(as_html(False), "")

    def test_the_same_call_is_written_once(self):
        notes = ("A sentence.", f"{MARK}\n> and {MARK}", "  spaces  *stars* [1]\n\n.")
        for note in notes:
            self.call(note)
            self.env.flush_all()
            self.env.invalidate_all()
            [activity] = self.integration.activity_ids
            self.assertIn(as_html(note.split()[0]), activity.note)
            with patch.object(type(activity), "write") as write:
                self.call(note)
            write.assert_not_called()
            self.assertEqual(self.integration.activity_ids, activity)

    def call(self, note):
        user = self.director
        call(self.integration, user, reason=OTHER, summary="Look", note=note)


# What makes HTML of text, or hands text to what is HTML: where each may stand.
MAKES_HTML = {
    "Html",
    "Markup",
    "_activity_schedule_with_view",
    "_bus_send",
    "_get_html_link",
    "_message_log",
    "_message_log_batch",
    "_message_log_with_view",
    "activity_feedback",
    "activity_schedule",
    "append_content_to_html",
    "body_html",
    "comment",
    "create_link",
    "display_notification",
    "html_escape",
    "html_keep_url",
    "html_sanitize",
    "mail.activity",
    "mail.compose.message",
    "mail.mail",
    "mail.message",
    "mail.template",
    "markupsafe",
    "message_notify",
    "message_post",
    "message_post_with_source",
    "narration",
    "plaintext2html",
    "send_mail",
}
IN_PYTHON = {
    "services/chatter.py": {
        "Markup",
        "_message_log_batch",
        "markupsafe",
        "message_post",
    },
    "services/calls.py": {"activity_schedule", "mail.activity"},
    # Odoo's own messages, unchanged.
    "models/account_move.py": {"_message_log"},
    "models/mail_activity.py": {"mail.activity"},
    # Only that there is news.
    "services/dashboard.py": {"_bus_send"},
    # The web client escapes its title and its message.
    "services/buttons.py": {"display_notification"},
    # By services.chatter.as_html.
    "services/statements/booking.py": {"narration"},
    "services/statements/page_create.py": {"narration"},
    "uninstall.py": {"mail.activity"},
}
# The same in views, templates and scripts.
LIVES = re.compile(
    r"""t-raw|t-att[f]?-(?:href|src|style|onclick)|widget="(?:html|url|email|phone)"
    |\bmarkup\b|innerHTML|outerHTML|insertAdjacentHTML|htmlSprintf|sanitize""",
    re.VERBOSE,
)
IN_FILES = {
    # Percentages.
    ("static/src/backfill_progress/backfill_progress_field.xml", "t-attf-style"),
    ("static/src/check_progress/check_progress_field.xml", "t-attf-style"),
    ("static/src/sync_progress/sync_progress_field.xml", "t-attf-style"),
    # What `get_empty_list_help` says: an action's own text, or services.chatter.as_help.
    ("static/src/lists/lists.js", "markup"),
}
OURS_IN_PYTHON = ("models", "services", "wizard", "report")
OURS_IN_FILES = ("views", "wizard", "report", "data", "static/src")


class TestEscapingDoors(BaseCase):
    """A new door that text could go out by is noticed here, and routed or listed."""

    def test_python(self):
        found = {}
        paths = [p for folder in OURS_IN_PYTHON for p in (ROOT / folder).rglob("*.py")]
        for path in sorted([*paths, *ROOT.glob("*.py")]):
            if names := MAKES_HTML & set(self.names(ast.parse(path.read_text()))):
                found[path.relative_to(ROOT).as_posix()] = names
        self.assertEqual(found, IN_PYTHON)

    def names(self, tree):
        """All that is named in a file, and its texts: fields are named in texts."""
        for node in ast.walk(tree):
            for attribute in ("id", "attr", "arg", "name", "module", "value"):
                value = getattr(node, attribute, None)
                if isinstance(value, str):
                    yield value

    def test_views_and_scripts(self):
        found = set()
        for folder in OURS_IN_FILES:
            for path in (ROOT / folder).rglob("*"):
                if path.suffix in (".xml", ".js"):
                    name = path.relative_to(ROOT).as_posix()
                    found |= {(name, hit) for hit in LIVES.findall(path.read_text())}
        self.assertEqual(found, IN_FILES)


# Opens one screen after the other; the server says which.
LOOK = """
(async () => {
    const { screens, notice, host, mark } = %s;
    const { action } = odoo.__WOWL_DEBUG__.root.env.services;
    const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    const find = (selector) => [...document.querySelectorAll(selector)];
    const isAlive = (node) =>
        node.localName === "ge12" ||
        ["src", "href", "srcset", "data"].some((name) =>
            (node.getAttribute(name) || "").includes(host)
        ) || (node.getAttribute("style") || "").includes(host);
    const words = (selector) => find(selector).map((n) => n.innerText).join(" ");
    const check = (place) => {
        const alive = find("body *").filter(isAlive);
        if (alive.length) {
            throw new Error(`${place}: alive: ${alive[0].outerHTML}`);
        }
    };
    const until = async (condition) => {
        for (let i = 0; i < 50 && !condition(); i++) {
            await wait(100);
        }
        return condition();
    };
    const read = async (place, selector) => {
        if (!(await until(() => words(selector).includes(mark)))) {
            check(place);
            throw new Error(`${place}: ${selector} reads: ${words(selector)}`);
        }
    };
    for (const { place, request, awaited, marked } of screens) {
        await action.doAction(request, { clearBreadcrumbs: true });
        if (!(await until(() => find(awaited).length))) {
            throw new Error(`${place}: no ${awaited}`);
        }
        for (const selector of marked) {
            await read(place, selector);
        }
        check(place);
    }
    await action.doAction(notice);
    await read("notice", ".o_notification");
    check("notice");
    console.log("test successful");
})().catch((error) => console.error(error.message));
"""


@tagged("post_install", "-at_install")
class TestEscapingScreens(EscapingCase, HttpCase):
    """What a person sees, in a real browser."""

    def run_cron(self, name):
        """In this kind of test the registry is in test mode already."""
        self.env.ref(f"account_tbc_bank.{name}").method_direct_trigger()

    def test_every_screen(self):
        """Each list, cards and form of each model, and what is in their chatter."""
        self.fill()
        screens = self.screens()
        self.assertGreater(len(screens), 20)
        self.assertGreater(sum(len(one["marked"]) for one in screens), 5)
        facts = {
            "screens": screens,
            "notice": {**notice(self.env, MARK, kind="warning", title=MARK)},
            "host": HOST,
            "mark": MARK,
        }
        facts["notice"]["params"].pop("next")
        self.browser_js(
            "/odoo/tbc-accounts",
            LOOK % json.dumps(facts),
            ready="odoo.isReady === true",
            login="tbc_everybody",
            timeout=180,
        )

    def fill(self):
        """One record at least of each kind, with the mark in it."""
        groups = (
            "base.group_system,account.group_account_manager,"
            "account_tbc_bank.group_tbc_administrator,"
            "account_tbc_bank.group_tbc_transfers"
        )
        self.everybody = self._make_user("everybody", groups)
        self.receive(100, f"before {MARK}")
        self.add("7.00", "2026-06-28", purpose=MARK, without=["date", "documentDate"])
        self.sync(self.account)
        payment = self.pay()
        order = self.send(payment)
        self.refresh()
        self.bank.fail(order.bank_transfer_id, MARK, MARK)
        self.refresh()
        payments = self.pay_many([1.0, 2.0])
        queue_payments(payments, batch_name=MARK)
        self.bank.add_fault("stranger", on="movements", times=None, **self.refusal())
        for _time in range(3):
            self.account.sync()
        self.integration.with_user(self.director).action_pause()

    def screens(self):
        """The views of each window action of the module, and a form of each record."""
        actions = self.env["ir.model.data"].search(
            [
                ("module", "=", "account_tbc_bank"),
                ("model", "=", "ir.actions.act_window"),
            ]
        )
        actions = self.env["ir.actions.act_window"].browse(actions.mapped("res_id"))
        models = {action.res_model for action in actions if action.target != "new"}
        models |= {"account.payment", "account.journal", "account.move"}
        screens = []
        for name in sorted(models):
            for kind in ("list", "kanban"):
                screens.append(self.screen(name, kind))
            seen = self.env[name].with_user(self.everybody)
            records = seen.search([], order="id desc", limit=40)
            marked = {record: self.marked(record) for record in records}
            for record in sorted(records, key=lambda one: -len(marked[one]))[:2]:
                screens.append(self.screen(name, "form", record, marked[record]))
        screens.append(self.dashboard())
        return screens

    def dashboard(self):
        """The cards of the journals, which tell how the reads stand."""
        action = self.env["ir.actions.actions"]._for_xml_id(
            "account.open_account_journal_dashboard_kanban"
        )
        screen = self.screen("account.journal", "kanban", marked=[".o_kanban_renderer"])
        screen["request"].update(
            views=[[action["view_id"][0], "kanban"]],
            domain=[["id", "=", self.account.journal_id.id]],
        )
        return screen

    def marked(self, record):
        """Where in its chatter a person reads the mark."""
        if "message_ids" not in record:
            return []
        places = {
            ".o-mail-Activity-note": self.calls(record),
            ".o-mail-Message-body": self.notes(record),
        }
        return [selector for selector, found in places.items() if found]

    def screen(self, model, kind, record=None, marked=()):
        return {
            "place": f"{model} {kind} {record.id if record else ''}",
            "request": {
                "type": "ir.actions.act_window",
                "res_model": model,
                "views": [[False, kind]],
                "res_id": record.id if record else False,
                "domain": [],
                "context": {},
                "name": "Look",
            },
            "awaited": f".o_{kind}_renderer",
            "marked": list(marked),
        }
