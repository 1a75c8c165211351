"""The TBC Reconciliation report: its figures, its words, its list, and who sees it."""

import io
import json
from datetime import date, datetime, timedelta
from urllib.parse import parse_qs

import openpyxl

from odoo import http
from odoo.addons.account_tbc_bank.services.proof.month_books import (
    differing,
    is_carried,
)
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import HttpCase, JsonRpcException, tagged
from odoo.tools import mute_logger

from .common import IBAN, OTHER_IBAN, TbcCase

REPORT = "account_tbc_bank.report_tbc_reconciliation"
GROUPED = "GE29 TB77 7777 7777 7777 77"


class ReportCase(TbcCase):
    bank_options = {
        "accounts": {IBAN: ("GEL", "USD")},
        "days": 0,
        "openings": {(IBAN, "GEL"): "100.00", (IBAN, "USD"): "7.00"},
    }

    def set_up_once(self):
        super().set_up_once()
        self.account = self.make_account(
            sync_from=date(2026, 4, 10), book_opening=True, name="ჩვენი კომპანია"
        )
        self.april = self.add("20.00", "2026-04-10")
        self.may = self.add("-5.00", "2026-05-31")
        self.june = self.add("7.00", "2026-06-01")

    def wizard(self, accounts=None, user=None, **values):
        user = user or self.clerk
        wizards = self.env["tbc.reconciliation"].with_user(user)
        wizards = wizards.with_context(allowed_company_ids=user.company_ids.ids)
        accounts = self.account if accounts is None else accounts
        return wizards.create({"account_ids": [Command.set(accounts.ids)], **values})

    def sections(self, accounts=None, **values):
        wizard = self.wizard(accounts, **values)
        report = self.env[f"report.{REPORT}"].with_user(self.clerk)
        return report._get_report_values(wizard.ids)["sections"]

    def html(self, wizard):
        reports = self.env["ir.actions.report"].with_user(wizard.env.user)
        return str(reports._render_qweb_html(REPORT, wizard.ids)[0].decode())

    def book_by_hand(self, amount, day):
        """Post an entry on the journal's own ledger account, past the bank lines."""
        journal = self.account.journal_id
        other = self.company.get_unaffected_earnings_account()
        move = self.env["account.move"].create(
            {
                "journal_id": journal.id,
                "date": day,
                "line_ids": [
                    Command.create({"account_id": account.id, "balance": balance})
                    for account, balance in (
                        (journal.default_account_id, amount),
                        (other, -amount),
                    )
                ],
            }
        )
        move.action_post()
        return move


def books(row):
    names = ("opening", "credits", "debits", "closing")
    return tuple(row[f"books_{name}"] for name in names)


def bank(row):
    return (row.opening, row.credits, row.debits, row.closing)


@tagged("post_install", "-at_install")
class TestStatementReport(ReportCase):
    # --- figures ------------------------------------------------------------------------

    def test_months_and_total(self):
        self.sync(self.account)
        [section] = self.sections()
        self.assertEqual(
            [(r.month.month, *books(r)) for r in section.rows],
            [
                (4, 100.0, 20.0, 0.0, 120.0),
                (5, 120.0, 0.0, 5.0, 115.0),
                (6, 115.0, 7.0, 0.0, 122.0),
            ],
        )
        for row in [*section.rows, section.total]:
            self.assertEqual(bank(row), books(row))
            self.assertTrue(row.asked_at)
            self.assertEqual((row.difference, differing(row)), (0.0, set()))
        self.assertEqual(books(section.total), (100.0, 27.0, 5.0, 122.0))
        self.assertEqual(section.tone, "success")
        self.assertEqual([r.unmatched_count for r in section.rows], [1, 1, 1])
        self.assertEqual([r.unmatched_amount for r in section.rows], [20.0, -5.0, 7.0])
        self.assertEqual(section.total.unmatched_amount, 22.0)
        self.assertEqual(section.rows[0].day_from, date(2026, 4, 10))

    def test_the_bank_was_not_asked(self):
        """Our figure is never shown as the bank's."""
        self.sync(self.account)
        self.account.month_ids.filtered(lambda m: m.month.month == 5).unlink()
        [section] = self.sections()
        april, may, june = section.rows
        self.assertTrue(april.asked_at and june.asked_at)
        self.assertFalse(may.asked_at or may.difference or any(bank(may)))
        self.assertFalse(section.total.asked_at)
        self.assertEqual(section.tone, "warning")
        self.assertIn("not checked", self.html(self.wizard()))
        self.assertEqual(books(may), (120.0, 0.0, 5.0, 115.0))

    def test_never_read(self):
        [section] = self.sections()
        self.assertFalse(any(row.asked_at for row in section.rows))
        self.assertEqual([r.unread_days for r in section.rows], [21, 31, 29])

    def test_figures_of_other_days_are_none(self):
        self.sync(self.account)
        self.account.sync_from = date(2026, 4, 20)
        [section] = self.sections()
        self.assertFalse(section.rows[0].asked_at)

    def test_an_entry_past_the_bank_lines(self):
        self.sync(self.account)
        self.book_by_hand(3.0, "2026-05-10")
        [section] = self.sections()
        april, may, june = section.rows
        self.assertFalse(differing(april))
        self.assertEqual(differing(may), {"credits", "closing"})
        self.assertEqual((may.difference, june.difference), (3.0, 3.0))
        self.assertEqual(differing(june), {"opening", "closing"})
        self.assertEqual(section.tone, "danger")
        self.assertEqual([is_carried(may, april), is_carried(june, may)], [False, True])
        self.assertIn("3.00", section.verdict)
        self.assertIn("Since May 2026", section.verdict)
        self.assertIn("higher than at the bank", section.verdict)
        self.assertEqual(section.total.difference, 3.0)

    def test_the_opening_balance_is_missing(self):
        self.account.book_opening = False
        self.sync(self.account)
        [section] = self.sections()
        self.assertEqual([r.difference for r in section.rows], [-100.0] * 3)
        self.assertIn("Since April 2026", section.verdict)
        self.assertIn("lower than at the bank", section.verdict)
        html = self.html(self.wizard())
        self.assertEqual(html.count("The opening balance differs already."), 1)

    def test_turnover_that_cancels_out(self):
        """The balance agrees, the month does not: it is said."""
        self.sync(self.account)
        self.book_by_hand(3.0, "2026-05-10")
        self.book_by_hand(-3.0, "2026-05-11")
        [section] = self.sections()
        self.assertEqual(differing(section.rows[1]), {"credits", "debits"})
        self.assertEqual(section.rows[1].difference, 0.0)
        self.assertEqual(section.tone, "danger")

    def test_drafts_and_other_companies_count_for_nothing(self):
        self.sync(self.account)
        self.book_by_hand(3.0, "2026-05-10").button_draft()
        [section] = self.sections()
        self.assertFalse(differing(section.rows[1]))

    def test_a_month_that_the_bank_knows_in_part(self):
        """Both sides end on the bank's last day; the next month begins with it all."""
        self.sync(self.account)
        self.bank.now += timedelta(days=5)
        self.book_by_hand(3.0, "2026-06-30")
        june_bank = self.account.month_ids.filtered(lambda m: m.month.month == 6)
        june_bank.day_to = date(2026, 6, 29)
        [section] = self.sections(month_to="2026-07-15")
        june, july = section.rows[-2:]
        self.assertEqual(books(june), bank(june))
        self.assertEqual(june.day_to, date(2026, 6, 29))
        self.assertIn("Until 06/29/2026.", self.html(self.wizard()))
        self.assertEqual(july.books_opening, 125.0)
        self.assertFalse(july.asked_at)
        self.assertEqual(july.day_to, date(2026, 7, 5))

    def test_the_opening_balance_on_the_first_day_itself(self):
        """It is the opening, not a credit of that day."""
        self.lock_until("2026-04-09")
        self.sync(self.account)
        self.assertEqual(self.account.opening_line_id.date, date(2026, 4, 10))
        [section] = self.sections()
        self.assertEqual(books(section.rows[0]), (100.0, 20.0, 0.0, 120.0))
        self.assertFalse(differing(section.rows[0]))

    def test_a_later_first_month(self):
        self.sync(self.account)
        [section] = self.sections(month_from="2026-06-20", month_to="2026-06-20")
        [row] = section.rows
        self.assertEqual(books(row), (115.0, 7.0, 0.0, 122.0))

    def test_a_foreign_currency(self):
        account = self.make_account(self.usd, sync_from=date(2026, 6, 1))
        account.book_opening = True
        self.env["res.currency.rate"].create(
            {
                "currency_id": self.usd.id,
                "company_id": self.company.id,
                "name": "2026-01-01",
                "rate": 0.37,
            }
        )
        self.add("-3.00", "2026-06-02", currency="USD")
        self.sync(account)
        [section] = self.sections(account)
        [row] = section.rows
        self.assertEqual(books(row), (7.0, 0.0, 3.0, 4.0))
        self.assertEqual(bank(row), (7.0, 0.0, 3.0, 4.0))
        self.assertEqual(row.unmatched_amount, -3.0)

    def test_what_is_open(self):
        self.lock_until("2026-05-31")
        self.add("1.50", "2026-06-03", statusCode=1)
        self.sync(self.account)
        self.account.synced_until = date(2026, 6, 20)
        [section] = self.sections()
        april, may, june = section.rows
        self.assertEqual((april.held_count, april.held_amount), (1, 20.0))
        self.assertEqual((may.held_count, may.held_amount), (1, -5.0))
        # One that waits for authorisation is in no sum of the bank.
        self.assertEqual((june.held_count, june.unread_days), (0, 9))
        html = self.html(self.wizard())
        self.assertIn("On hold: 1", html)
        self.assertIn("Days not synced: 9.", html)

    def test_a_line_on_another_day(self):
        self.sync(self.account)
        line = self.lines(self.account).filtered(
            lambda line: line.tbc_movement_id == self.april
        )
        line.date = date(2026, 5, 2)
        [section] = self.sections()
        self.assertEqual([row.moved_count for row in section.rows], [1, 1, 0])
        self.assertIn("Booked on another day: 1.", self.html(self.wizard()))

    def test_as_few_questions_as_will_do(self):
        """A year of nine accounts costs the database no more than a month of one."""
        self.sync(self.account)
        wizard = self.wizard()
        report = self.env[f"report.{REPORT}"].with_user(self.clerk)
        report._get_report_values(wizard.ids)
        many = self.wizard(
            self.account | self.make_account(self.usd, sync_from=date(2026, 1, 1)),
            month_from="2025-01-01",
        )
        counts = []
        for one in (wizard, many):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            report._get_report_values(one.ids)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLess(counts[1] - counts[0], 10, counts)

    # --- words --------------------------------------------------------------------------

    def test_the_page(self):
        self.sync(self.account)
        html = self.html(self.wizard())
        for words in (
            GROUPED,
            "ჩვენი კომპანია",
            "April 2026",
            "January 2026 – June 2026",
            "Balance checked: no month differs.",
            "120.00",
        ):
            with self.subTest(words):
                self.assertIn(words, html)
        self.assertNotIn("Traceback", html)

    def test_an_account_without_a_journal(self):
        account = self.make_account(self.usd, journal=False)
        [section] = self.sections(account)
        self.assertFalse(section.rows)
        self.assertIn("No journal", section.verdict)
        self.assertIn("No journal", self.html(self.wizard(account)))

    def test_months_before_the_first_day_wanted(self):
        [section] = self.sections(month_to="2026-02-01")
        self.assertFalse(section.rows)
        self.assertIn("synced from a later month", section.verdict)

    def test_a_name_is_text(self):
        self.account.name = "<script>alert(1)</script>"
        self.assertNotIn("<script>alert", self.html(self.wizard()))

    # --- the dialog ---------------------------------------------------------------------

    def test_defaults(self):
        unlinked = self.make_account(self.usd, journal=False)
        wizard = self.env["tbc.reconciliation"].with_user(self.clerk).create({})
        self.assertIn(self.account, wizard.account_ids)
        self.assertNotIn(unlinked, wizard.account_ids)
        self.assertEqual(wizard.month_from, date(2026, 1, 1))
        self.assertEqual(wizard.month_to, date(2026, 6, 30))
        chosen = wizard.with_context(
            active_model="tbc.account", active_ids=unlinked.ids
        ).create({})
        self.assertEqual(chosen.account_ids, unlinked)

    def test_a_day_stands_for_its_month(self):
        wizard = self.wizard(month_from="2026-04-20")
        self.assertEqual(wizard.month_from, date(2026, 4, 1))
        wizard.month_to = date(2026, 5, 9)
        self.assertEqual(wizard.month_to, date(2026, 5, 31))
        with self.assertRaises(ValidationError):
            wizard.month_to = date(2026, 3, 31)
        with self.assertRaises(ValidationError):
            wizard.month_from = date(1990, 1, 1)

    def test_buttons(self):
        wizard = self.wizard()
        shown = wizard.action_show()
        path, _, query = shown["url"].partition("?")
        self.assertEqual(path, f"/report/html/{REPORT}/{wizard.id}")
        language = {"lang": self.env.user.lang}
        self.assertEqual(json.loads(parse_qs(query)["context"][0]), language)
        domain = wizard.action_open_months()["domain"]
        self.assertIn(("month", "<=", date(2026, 6, 30)), domain)
        self.assertEqual(wizard.action_print()["report_name"], REPORT)
        with self.assertRaises(UserError):
            self.wizard(self.account.browse()).action_show()


@tagged("post_install", "-at_install")
class TestStatementReportAccess(ReportCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_company = cls.env["res.company"].create({"name": "Other LLC"})
        groups = "account_tbc_bank.group_tbc_statements"
        cls.other_clerk = cls._make_user("other_clerk", groups, cls.other_company)

    def set_up_once(self):
        super().set_up_once()
        self.sync(self.account)

    def get(self, user, url):
        self.authenticate(user.login, user.login)
        return self.url_open(url)

    def page(self, wizard):
        return f"/report/html/{REPORT}/{wizard.id}"

    def export(self, user):
        """Odoo's own export of the list, as this user: rows of cells."""
        user.group_ids += self.env.ref("base.group_allow_export")
        self.authenticate(user.login, user.login)
        names = [
            "account_id",
            "month",
            *(f"books_{name}" for name in ("opening", "credits", "debits", "closing")),
            *("opening", "credits", "debits", "closing", "difference"),
            *("unmatched_count", "unmatched_amount", "asked_at", "notes"),
        ]
        data = {
            "model": "tbc.month",
            "fields": [{"name": n, "label": n, "type": "char"} for n in names],
            "ids": False,
            "domain": [],
            "groupby": [],
            "import_compat": False,
        }
        answer = self.url_open(
            "/web/export/xlsx",
            data={
                "data": json.dumps(data),
                "csrf_token": http.Request.csrf_token(self),
            },
        )
        self.assertEqual(answer.status_code, 200)
        book = openpyxl.load_workbook(io.BytesIO(answer.content))
        return [[cell.value for cell in row] for row in book.active.rows][1:]

    def test_the_list_exported(self):
        self.book_by_hand(3.0, "2026-06-10")
        rows = self.export(self.clerk)
        self.assertEqual(
            [row[2:13] for row in rows],
            [
                [100, 20, 0, 120, 100, 20, 0, 120, 0, 1, 20],
                [120, 0, 5, 115, 120, 0, 5, 115, 0, 1, -5],
                [115, 10, 0, 125, 115, 7, 0, 122, 3, 1, 7],
            ],
        )
        self.assertEqual(rows[0][0], f"{IBAN} GEL")
        self.assertIsInstance(rows[0][13], datetime)

    def test_the_role_opens_the_page(self):
        answer = self.get(self.clerk, self.page(self.wizard()))
        self.assertEqual(answer.status_code, 200)
        self.assertIn(GROUPED, answer.text)

    def test_the_page_is_in_the_user_s_language(self):
        self.env["res.lang"]._activate_lang("ka_GE")
        self.clerk.lang = "ka_GE"
        url = self.wizard().with_user(self.clerk).action_show()["url"]
        self.assertIn("ივნისი", self.get(self.clerk, url).text)

    def test_strangers_open_no_page(self):
        """Not even the administrator another's, nor the integration user without role."""
        url = self.page(self.wizard())
        strangers = (
            self.director,
            self.accountant,
            self.payer,
            self.administrator,
            self.other_clerk,
        )
        for user in strangers:
            with (
                self.subTest(user.login),
                mute_logger("odoo.http", "odoo.addons.base.models.ir_rule"),
            ):
                answer = self.get(user, url)
                self.assertGreaterEqual(answer.status_code, 400)
                self.assertNotIn(GROUPED, answer.text)
                self.assertNotIn(IBAN, answer.text)
        self.logout()
        answer = self.url_open(url, allow_redirects=False)
        self.assertIn(answer.status_code, (303, 404))

    def test_strangers_export_nothing(self):
        for user in (self.accountant, self.other_clerk):
            with self.subTest(user.login):
                self.assertFalse(self.export(user))

    def test_strangers_make_none(self):
        for user in (self.director, self.accountant):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.wizard(user=user)

    def test_another_company_sees_nothing_of_ours(self):
        """Whatever ids somebody writes into his own dialog."""
        with self.assertRaises(AccessError):
            self.wizard(user=self.other_clerk)
        wizard = self.wizard(self.account.browse(), user=self.other_clerk)
        wizard.sudo().account_ids = self.account
        self.assertFalse(wizard._chosen_accounts())
        answer = self.get(self.other_clerk, self.page(wizard))
        self.assertNotIn(GROUPED, answer.text)

    @mute_logger("odoo.http")
    def test_over_rpc(self):
        wizard = self.wizard()
        self.authenticate(self.other_clerk.login, self.other_clerk.login)
        for method, args in (
            ("read", [wizard.ids, ["month_from", "account_ids"]]),
            ("web_read", [wizard.ids, {"account_ids": {}}]),
            ("write", [wizard.ids, {"month_from": "2026-01-01"}]),
            ("action_open_months", [wizard.ids]),
            ("_chosen_accounts", [wizard.ids]),
        ):
            with self.subTest(method), self.assertRaises(JsonRpcException):
                self.make_jsonrpc_request(
                    f"/web/dataset/call_kw/tbc.reconciliation/{method}",
                    {
                        "model": "tbc.reconciliation",
                        "method": method,
                        "args": args,
                        "kwargs": {},
                    },
                )

    def test_two_companies_in_one_report(self):
        """A link carries no choice of companies: what was chosen is shown."""
        integration = self.env["tbc.integration"].create(
            {
                "name": "Second",
                "company_id": self.other_company.id,
                "environment": "sandbox",
                "user_id": self.other_clerk.id,
            }
        )
        second = self.env["tbc.account"].create(
            {
                "integration_id": integration.id,
                "iban": OTHER_IBAN,
                "currency_id": self.gel.id,
                "sync_from": date(2026, 6, 1),
            }
        )
        self.clerk.company_ids += self.other_company
        answer = self.get(self.clerk, self.page(self.wizard(self.account | second)))
        self.assertIn(GROUPED, answer.text)
        self.assertIn("GE29 TB99 9999 9999 9999 99", answer.text)
        self.assertIn("Other LLC", answer.text)
