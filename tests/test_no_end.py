"""Days at the ends of the calendar, ids without an end, and journals under lock."""

from datetime import date

from odoo.addons.account_tbc_bank.services.ledger import first_open_day
from odoo.addons.account_tbc_bank.services.statements.coverage import first_day_read
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import IBAN, TbcCase

LAST = date(9999, 12, 31)
REPORT = "account_tbc_bank.report_tbc_reconciliation"


@tagged("post_install", "-at_install")
class TestLastDay(TbcCase):
    bank_options = {"accounts": {IBAN: ("GEL",)}, "days": 0}

    def lock_for_ever(self, name="fiscalyear_lock_date"):
        self.company.sudo()[name] = LAST

    def test_locked_for_ever(self):
        for policy in ("hold", "first_open_day"):
            with self.subTest(policy):
                self.lock_for_ever("fiscalyear_lock_date")
                account = self.env["tbc.account"].search([]) or self.make_account()
                account.locked_policy = policy
                movement_id = self.add("5.00")
                self.sync(account)
                self.assertIn(movement_id, account.held_ids.mapped("movement_id"))
                self.assertEqual(set(account.held_ids.mapped("reason")), {"locked"})
                self.assertTrue(all(account.held_ids.mapped("message")))
                self.assertFalse(self.lines(account))
                self.assertTrue(account.calendar)
                self.assertTrue(first_day_read(account))

    def test_a_new_account_under_such_a_lock(self):
        self.lock_for_ever()
        self.make_account(journal=False, sync_from=date(2026, 6, 1))
        self.assertEqual(first_open_day(self.company), date(2026, 1, 1))
        form = Form(self.env["tbc.account"].with_company(self.company))
        self.assertEqual(form.sync_from, date(2026, 1, 1))
        other = self.env["tbc.account"].create(
            {
                "integration_id": self.integration.id,
                "iban": "GE29TB9999999999999999",
                "currency_id": self.gel.id,
            }
        )
        self.assertEqual(other.sync_from, date(2026, 1, 1))

    def test_the_hard_lock_too(self):
        account = self.make_account()
        account.locked_policy = "first_open_day"
        self.lock_for_ever("hard_lock_date")
        self.add("5.00")
        self.sync(account)
        self.assertEqual(account.held_ids.reason, "locked")

    def test_the_opening_balance_and_the_past(self):
        account = self.make_account()
        account.book_opening = True
        self.env["tbc.backfill"].create(
            {
                "account_id": account.id,
                "day_from": "2026-05-01",
                "day_to": "2026-05-31",
                "done_from": "2026-05-01",
                "done_to": "2026-05-31",
                "state": "done",
            }
        )
        self.lock_for_ever()
        self.add("5.00", "2026-05-05")
        self.sync(account)
        self.assertEqual(account.sync_from, date(2026, 6, 1))

    def test_what_can_be_entered(self):
        account = self.make_account()
        for day in (date(1, 1, 1), date(1991, 12, 31), date(2100, 1, 2), LAST):
            with self.subTest(day), self.assertRaises(ValidationError):
                account.sync_from = day
        for day in (date(1992, 1, 1), date(2100, 1, 1)):
            account.sync_from = day
            self.assertTrue(account.calendar and account.health_message)
        for days in (-1, 10**6):
            for name in ("signature_days", "rate_days", "overdue_days"):
                with self.subTest(name, days=days), self.assertRaises(ValidationError):
                    self.integration[name] = days

    def test_months_of_the_report(self):
        account = self.make_account()
        self.sync(account)
        for first, last in ((date(1, 1, 1), LAST), (LAST, LAST)):
            vals = {"month_from": first, "month_to": last}
            vals["account_ids"] = [Command.set(account.ids)]
            with self.subTest(vals):
                try:
                    wizard = self.env["tbc.reconciliation"].create(vals)
                    report = self.env[f"report.{REPORT}"]
                    self.assertTrue(report._get_report_values(wizard.ids)["sections"])
                except ValidationError as error:
                    self.assertIn("years at the most", str(error))

    def test_a_schedule_that_never_comes(self):
        account = self.make_account()
        self.sync(account)
        self.env.ref("account_tbc_bank.ir_cron_sync").interval_number = 2**31 - 1
        account.invalidate_recordset()
        self.assertEqual(account.health, "ok")

    def test_days_that_cannot_be_are_on_hold(self):
        account = self.make_account()
        good = self.add("7.00")
        bad = [
            self.add("5.00", date=day, documentDate=day)
            for day in ("9999-12-31T23:59:59Z", "0002-01-01", "1066-10-14")
        ]
        self.sync(account)
        self.assertEqual(self.ids(account), [good])
        self.assertEqual(sorted(account.held_ids.mapped("movement_id")), sorted(bad))
        self.assertEqual(set(account.held_ids.mapped("reason")), {"unreadable"})
        self.assertTrue(account.calendar)


@tagged("post_install", "-at_install")
class TestFiguresThatCannotBe(TbcCase):
    bank_options = {"accounts": {IBAN: ("GEL",)}, "days": 0}

    def test_they_are_on_hold_and_the_rest_goes_on(self):
        account = self.make_account()
        good = self.add("7.00")
        bad = [
            self.add("5.00", exchangeRate=f"{'9' * 30} EUR = 1 GEL"),
            self.add("5.00", exchangeRate="1 GEL = 99999999999999999 EUR"),
            self.add("5.00", externalPaymentId="1" * 5000),
            self.add("5.00", paymentId="1" * 5000),
        ]
        self.bank.ledger.add(
            IBAN, "GEL", amount="5", day="2026-06-15", movementId="x" * 5000
        )
        for _time in range(2):
            self.sync(account)
            self.assertEqual(self.ids(account), [good])
            self.assertEqual(account.held_count, 5)
            self.assertEqual(set(account.held_ids.mapped("reason")), {"unreadable"})
            self.assertLess(set(bad), set(account.held_ids.mapped("movement_id")))
        messages = account.held_ids.mapped("message")
        self.assertTrue(any("exchangeRate" in message for message in messages))

    def test_one_held_for_another_reason_by_an_older_version(self):
        """It is read again from what is stored, and its rate can't be."""
        account = self.make_account()
        movement_id = self.add("5.00", "2026-06-02", statusCode=1)
        self.sync(account)
        held = account.held_ids
        held.raw = {
            **held.raw,
            "statusCode": 0,
            "exchangeRate": f"{'9' * 30} EUR = 1 GEL",
        }
        held.reason = "refused"
        self.bank.ledger.hide(movement_id)
        self.assertEqual(account.sync().state, "done")

    def test_texts_of_any_length_are_booked(self):
        account = self.make_account()
        long = "ა" * 50_000
        names = ("purpose", "documentNumber", "transactionReference", "opCode")
        names += ("additionalInformation", "additionalDescription", "taxpayerName")
        movement_id = self.add(
            "5.00",
            **dict.fromkeys(names, long),
            partnerAccountInfo={
                "partnerName": long,
                "accountIban": long,
                "taxCode": long,
            },
        )
        self.sync(account)
        self.assertEqual(self.ids(account), [movement_id])
        self.assertEqual(account.health, "ok")


@tagged("post_install", "-at_install")
class TestSecuredJournal(TbcCase):
    bank_options = {"accounts": {IBAN: ("GEL",)}, "days": 0}

    def test_a_journal_secured_later(self):
        account = self.make_account()
        account.journal_id.restrict_mode_hash_table = True
        movement_id = self.add("5.00")
        self.sync(account)
        self.assertEqual(account.health, "held")
        self.assertEqual(account.held_ids.reason, "secured")
        for text in (account.health_message, account.held_ids.message):
            self.assertIn("Secure Posted Entries with Hash", text)
            self.assertIn("Switch Off the Hash", text)
        account.with_user(self.administrator).action_release_journal()
        self.sync(account)
        self.assertEqual(self.ids(account), [movement_id])
        self.assertEqual(account.health, "ok")
        self.assertFalse(account.advice)

    def test_who_may_not_change_journals_may_not_here(self):
        account = self.make_account()
        account.journal_id.restrict_mode_hash_table = True
        for user in (self.clerk, self.accountant, self.director):
            with self.subTest(user.login), self.assertRaises(AccessError):
                account.with_user(user).action_release_journal()

    def test_such_a_journal_is_not_linked(self):
        journal = self.env["account.journal"].create(
            {
                "name": "Secured",
                "type": "bank",
                "code": "SEC",
                "company_id": self.company.id,
                "restrict_mode_hash_table": True,
            }
        )
        account = self.make_account(journal=False)
        with self.assertRaisesRegex(ValidationError, "Secure Posted Entries"):
            account.journal_id = journal
