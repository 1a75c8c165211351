"""The journal of each account in the set-up: what the books have is not made twice."""

from datetime import date

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import IBAN, OTHER_IBAN, TWO_IBANS, TbcCase


@tagged("post_install", "-at_install")
class SetupCase(TbcCase):
    bank_options = TWO_IBANS

    def set_up_once(self):
        super().set_up_once()
        self.lock_until("2026-05-30")
        self.add("50.00", "2026-06-10")
        self.add("7.00", "2026-06-15")
        self.add("2.00", currency="USD")

    def dialog(self, user=None):
        user = user or self.administrator
        action = self.integration.with_user(user).action_set_up()
        return self.env["tbc.setup"].with_user(user).browse(action["res_id"])

    def line(self, dialog, currency=None, iban=IBAN):
        return dialog.line_ids.filtered(
            lambda one: (one.iban, one.currency_id) == (iban, currency or self.gel)
        )

    def start(self, dialog):
        """Go on, and sync; return the account in lari."""
        dialog.action_start()
        account = self.account()
        self.assertEqual(self.sync(account).state, "done")
        return account

    def account(self):
        return self.env["tbc.account"].search(
            [("iban", "=", IBAN), ("currency_id", "=", self.gel.id)]
        )

    def bank_journal(self):
        """The journal "Bank" of the chart, with the IBAN of Odoo's own Bank Setup."""
        journal = self.journals().filtered(lambda one: not one.bank_account_id)[:1]
        setup = self.env["account.setup.bank.manual.config"]
        setup.with_company(self.company).create(
            {"acc_number": IBAN, "linked_journal_id": journal.id}
        )
        self.assertEqual(journal.bank_account_id.sanitized_acc_number, IBAN)
        return journal

    def journals(self):
        domain = [("type", "=", "bank"), ("company_id", "=", self.company.id)]
        return self.env["account.journal"].search(domain)

    def import_line(self, journal, day, amount):
        """A line of a file that somebody has imported."""
        self.env["account.bank.statement.line"].create(
            {"journal_id": journal.id, "date": day, "amount": amount}
        )

    def test_a_journal_without_a_number_that_has_entries_is_pointed_at(self):
        journal = self.journals().filtered(lambda one: not one.bank_account_id)[:1]
        self.assertNotIn("No account number", self.dialog().warning or "")
        self.enter(journal, 1000.0)
        self.assertIn("No account number, but entries", self.dialog().warning)

    def test_a_journal_with_the_number_that_is_archived_is_pointed_at(self):
        journal = self.bank_journal()
        self.enter(journal, 1000.0)
        self.assertFalse(self.dialog().warning)
        journal.active = False
        dialog = self.dialog()
        self.assertFalse(self.line(dialog).journal_id)
        self.assertIn("has this account number and entries", dialog.warning)

    def test_a_journal_that_is_not_chosen_though_it_has_the_number_is_pointed_at(self):
        self.enter(self.bank_journal(), 1000.0)
        dialog = self.dialog()
        self.line(dialog).journal_id = False
        self.assertIn("has this account number and entries", dialog.warning)

    def test_nobody_puts_another_account_into_the_dialog(self):
        dialog = self.dialog()
        line = self.line(dialog).with_user(self.administrator)
        for record, name in ((line, "account_id"), (dialog, "integration_id")):
            with self.subTest(name), self.assertRaises(AccessError):
                record.write({name: record[name].id})

    def enter(self, journal, amount, *, posted=True):
        """An opening entry made by hand."""
        equity = self.company.get_unaffected_earnings_account()
        entry = self.env["account.move"].create(
            {
                "date": "2026-05-31",
                "company_id": self.company.id,
                "line_ids": [
                    (0, 0, {"account_id": account.id, "balance": balance})
                    for account, balance in (
                        (journal.default_account_id, amount),
                        (equity, -amount),
                    )
                ],
            }
        )
        if posted:
            entry.action_post()
        return entry


@tagged("post_install", "-at_install")
class TestSetupJournal(SetupCase):
    def test_the_journal_of_odoo_s_own_bank_setup_is_taken(self):
        journal, before = self.bank_journal(), self.journals()
        dialog = self.dialog()
        self.assertEqual(self.line(dialog).journal_id, journal)
        self.assertEqual(
            self.line(dialog).plan, "No entries yet: gets the opening balance"
        )
        dollars = self.line(dialog, self.usd)
        self.assertFalse(dollars.journal_id, "one of another currency is not taken")
        self.assertIn("New journal TBC USD", dollars.plan)
        account = self.start(dialog)
        self.assertEqual(account.journal_id, journal)
        self.assertEqual(len(self.journals() - before), 1)
        self.assertEqual(account.opening_line_id.amount, 1000.0)
        self.assertEqual((account.books_balance, account.health), (1057.0, "ok"))

    def test_what_the_books_have_is_not_opened_again(self):
        journal = self.bank_journal()
        self.enter(journal, 1000.0)
        dialog = self.dialog()
        self.assertIn("no opening balance is booked", self.line(dialog).plan)
        account = self.start(dialog)
        self.assertFalse(account.opening_line_id)
        self.assertEqual((account.books_balance, account.health), (1057.0, "ok"))

    def test_an_opening_entry_in_draft_is_an_entry(self):
        entry = self.enter(self.bank_journal(), 1000.0, posted=False)
        account = self.start(self.dialog())
        self.assertFalse(account.opening_line_id)
        self.assertIn("Book the Opening Balance", account.health_message)
        entry.action_post()
        account.invalidate_recordset()
        self.assertEqual((account.books_balance, account.health), (1057.0, "ok"))

    def test_the_sync_begins_behind_imported_statements(self):
        journal = self.bank_journal()
        self.enter(journal, 1000.0)
        self.import_line(journal, "2026-06-10", 50.0)
        self.import_line(journal, "2026-08-01", 1.0)
        dialog = self.dialog()
        line = self.line(dialog)
        self.assertEqual(line.sync_from, date(2026, 6, 11))
        self.assertEqual(self.line(dialog, self.usd).sync_from, date(2026, 5, 31))
        self.assertFalse(dialog.warning)
        line.sync_from = date(2026, 6, 1)
        self.assertIn("from elsewhere until 06/10/2026", dialog.warning)
        dialog.sync_from = date(2026, 6, 2)
        self.assertEqual(line.sync_from, date(2026, 6, 11))
        account = self.start(dialog)
        self.assertEqual(account.sync_from, date(2026, 6, 11))
        self.assertEqual(self.lines(account).mapped("amount"), [7.0])
        self.assertEqual(account.books_balance, 1057.0)

    def test_another_journal_may_be_chosen(self):
        journal = self.bank_journal()
        other = journal.copy({"name": "Other", "bank_account_id": False})
        dollars = journal.copy({"name": "Dollars", "currency_id": self.usd.id})
        dialog = self.dialog()
        line = self.line(dialog)
        self.assertIn(other, line.free_journal_ids)
        self.assertNotIn(dollars, line.free_journal_ids)
        line.journal_id = other
        self.line(dialog, self.usd).journal_id = False
        account = self.start(dialog)
        self.assertEqual(account.journal_id, other)
        self.assertFalse(journal.tbc_account_ids)

    def test_imported_statements_of_no_account_are_pointed_at(self):
        journal = self.bank_journal()
        journal.bank_account_id = False
        self.assertFalse(self.dialog().warning)
        self.import_line(journal, "2026-06-10", 50.0)
        dialog = self.dialog()
        line = self.line(dialog)
        self.assertFalse(line.journal_id)
        self.assertIn(f"entries: {journal.display_name}.", dialog.warning)
        line.journal_id = journal
        self.assertFalse(dialog.warning)
        self.assertEqual(line.sync_from, date(2026, 6, 11))

    def test_one_journal_for_two_accounts_is_refused(self):
        self.add("3.00", iban=OTHER_IBAN)
        journal = self.bank_journal()
        dialog = self.dialog()
        self.line(dialog, iban=OTHER_IBAN).journal_id = journal
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            dialog.action_start()
            self.env.flush_all()

    def test_who_sees_no_journals_gets_the_right_one(self):
        journal = self.bank_journal()
        other = journal.copy({"name": "Other", "bank_account_id": False})
        dialog = self.dialog(self.director)
        self.assertFalse(dialog.may_choose)
        self.line(dialog).sudo().journal_id = other
        dialog.sync_from = date(2026, 6, 12)
        account = self.start(dialog)
        self.assertEqual(account.journal_id, journal)
        self.assertEqual(account.sync_from, date(2026, 6, 12))

    def test_the_button_of_an_account_takes_it_too(self):
        journal = self.bank_journal()
        self.import_line(journal, "2026-06-10", 50.0)
        account = self.make_account()
        self.assertEqual(account.journal_id, journal)
        self.assertEqual(account.sync_from, date(2026, 6, 11))
        self.assertFalse(account.book_opening)

    def test_what_was_added_to_the_old_journal_moves_no_first_day(self):
        """The module was uninstalled, and somebody has entered a line since."""
        account = self.make_account()
        journal = account.journal_id
        self.sync(account)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_bank_statement_line SET tbc_account_id = NULL,"
            " tbc_movement_id = NULL, tbc_day = NULL WHERE journal_id = %s",
            (journal.id,),
        )
        self.env.invalidate_all()
        account.unlink()
        self.import_line(journal, "2026-06-20", 5.0)
        line = self.line(self.dialog())
        self.assertEqual(line.journal_id, journal)
        self.assertEqual(line.sync_from, date(2026, 5, 31))

    # --- fees ---------------------------------------------------------------------------

    def test_the_chart_s_account_of_bank_fees(self):
        dialog = self.dialog()
        self.assertEqual(dialog.fee_account_id.name, "Bank Fees")
        self.assertIn(dialog.fee_account_id, dialog.fee_account_ids)
        dialog.action_start()
        self.assertEqual(self.integration.account_ids.fee_account_id.name, "Bank Fees")

    def test_another_account_of_bank_fees(self):
        dialog = self.dialog()
        other = dialog.fee_account_id.sudo().copy({"name": "Fees", "code": "6299"})
        dialog.fee_account_id = other
        dialog.action_start()
        self.assertEqual(self.integration.account_ids.fee_account_id, other)
        self.add("3.00", iban=OTHER_IBAN)
        again = self.dialog()
        self.assertEqual(again.fee_account_id, other, "as the others have it")
        again.fee_account_id = False
        again.action_start()
        new = again.account_ids
        self.assertEqual((len(new), new.fee_account_id.ids), (1, []))

    def test_several_accounts_of_bank_fees(self):
        usual = self.dialog().fee_account_id.sudo()
        usual.copy({"name": "Bank Fees Abroad", "code": "6299"})
        self.assertFalse(self.dialog().fee_account_id)

    def test_who_sees_no_accounts_gets_the_usual_one(self):
        dialog = self.dialog(self.director)
        usual = dialog.fee_account_id
        dialog.fee_account_id = self.env["account.account"].search(
            [("account_type", "=", "asset_cash")], limit=1
        )
        dialog.action_start()
        self.assertEqual(self.integration.account_ids.fee_account_id, usual)


@tagged("post_install", "-at_install")
class TestArchived(SetupCase):
    def test_an_archived_account_is_named(self):
        account = self.make_account(journal=False)
        self.make_account(self.usd)
        account.active = False
        dialog = self.dialog()
        self.assertFalse(dialog.account_ids)
        self.assertIn(f"not synced: {IBAN} GEL. An administrator", dialog.warning)
        self.assertNotIn("by hand", dialog.warning)
        action = dialog.action_open_archived()
        self.assertEqual(
            (action["res_model"], action["res_id"]), ("tbc.account", account.id)
        )
        found = self.env[action["res_model"]].browse(action["res_id"])
        found.with_user(self.administrator).active = True
        self.assertEqual(self.dialog().account_ids, account)
        account.active = False
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.make_account(journal=False)

    def test_nothing_is_booked_into_an_archived_journal(self):
        self.integration.action_test_connection()
        account = self.make_account()
        self.sync(account)
        self.assertEqual(account.health, "ok")
        account.journal_id.with_user(self.accountant).sudo().action_archive()
        self.assertEqual(account.health, "paused")
        self.assertIn("is archived, so nothing is synced", account.health_message)
        self.add("9.00", "2026-06-20")
        with self.enter_registry_test_mode():
            self.env.ref("account_tbc_bank.ir_cron_sync").method_direct_trigger()
        self.assertEqual(len(self.lines(account)), 2)
        run = account.sync()
        self.assertEqual(run.state, "failed")
        self.assertIn("Unarchive the journal", run.error)
        with self.assertRaisesRegex(UserError, "is archived"):
            self.env["tbc.backfill.start"].create(
                {
                    "account_ids": account.ids,
                    "day_from": "2026-05-01",
                    "day_to": "2026-05-31",
                }
            ).action_start()
        account.journal_id.active = True
        self.sync(account)
        self.assertEqual(len(self.lines(account)), 3)
        self.assertEqual(account.health, "ok")

    def test_a_journal_that_is_archived_is_not_taken(self):
        journal = self.bank_journal()
        journal.active = False
        self.assertFalse(self.line(self.dialog()).journal_id)
