"""From the two values to journals and a first sync, and what may not happen there."""

from datetime import date
from itertools import product

from lxml import etree

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from ..services.sealing import open_credential
from .common import IBAN, OTHER_IBAN, TbcCase
from .fake_tbc.bank import FAKE_CLIENT_ID, FAKE_CLIENT_SECRET


@tagged("post_install", "-at_install")
class TestSetup(TbcCase):
    bank_options = {
        "accounts": {IBAN: ("GEL", "USD", "EUR"), OTHER_IBAN: ("GEL",)},
        "days": 0,
    }

    def set_up_once(self):
        super().set_up_once()
        self.lock_until("2026-05-31")
        self.add("1.00")
        self.add("2.00", currency="USD")

    def keep(self, client_id=FAKE_CLIENT_ID, secret=FAKE_CLIENT_SECRET):
        """What the dialog's boxes send."""
        context = {"tbc_client_id": client_id, "tbc_client_secret": secret}
        integration = self.integration.with_user(self.director)
        return integration.with_context(**context).action_keep_credentials()

    def dialog(self, user, action=None):
        integration = self.integration.with_user(user)
        action = action or integration.action_set_up()
        self.assertEqual(action["res_model"], "tbc.setup")
        return self.env["tbc.setup"].with_user(user).browse(action["res_id"])

    def another_integration(self):
        return self.integration.copy({"name": "Older"})

    # --- the two values -----------------------------------------------------------------

    def test_a_wrong_pair_leaves_what_was_there(self):
        self.integration.action_test_connection()
        before = self.integration.message_ids
        answer = self.keep("fake-client-id", "of production")
        self.assertEqual(
            answer["fault"],
            "Client ID or Secret is wrong. Sandbox and production have different ones.",
        )
        credential_sudo = self.integration.sudo().credential_ids
        self.assertEqual(
            open_credential(credential_sudo, self.director),
            (FAKE_CLIENT_ID, FAKE_CLIENT_SECRET),
        )
        self.assertEqual(self.integration.state, "connected")
        self.assertFalse(self.integration.is_pair_refused)
        self.assertFalse(self.integration.activity_ids)
        self.assertEqual(self.integration.message_ids, before)

    def test_a_wrong_pair_is_not_kept(self):
        self.integration.sudo().credential_ids.unlink()
        self.assertIn("fault", self.keep("wrong", "wrong"))
        self.assertFalse(self.integration.has_credentials)
        self.assertEqual(self.integration.state, "draft")

    def test_a_pair_that_the_bank_forgets_is_asked_for_again(self):
        self.integration.action_test_connection()
        account = self.make_account()
        self.bank.tokens.clients[FAKE_CLIENT_ID].client_secret = "another"
        self.bank.tokens.expire()
        account.sync()
        self.assertEqual(self.integration.state, "paused")
        self.assertTrue(self.integration.is_pair_refused)
        self.keep(secret="another")
        self.assertEqual(self.integration.state, "connected")
        self.assertFalse(self.integration.is_pair_refused)

    def test_a_permission_that_is_missing_is_said_before(self):
        self.integration.can_initiate_transfers = True
        self.bank.permissions = {"statements"}
        dialog = self.dialog(self.director, self.keep())
        self.assertIn("lacks this permission", dialog.warning)

    def test_the_bank_does_not_answer(self):
        """The pair may be right: it stays, and the test is repeated."""
        self.integration.sudo().credential_ids.unlink()
        self.bank.stop()
        self.assertEqual(self.keep()["tag"], "soft_reload")
        self.assertTrue(self.integration.has_credentials)
        self.assertEqual(self.integration.state, "draft")
        self.assertEqual(
            self.integration.connection_report,
            "The bank can't be reached. Check the server's internet connection, then"
            " press Test Connection.",
        )
        self.assertTrue(self.integration.tested_at)
        told = self.told_on_form()
        self.assertIn("Last tested:", told)
        self.assertNotIn("Not tested yet", told)

    def test_what_was_not_tested_says_so(self):
        """Another pair is one that nobody has tested."""
        self.bank.stop()
        self.integration.with_user(self.director).action_test_connection()
        self.assertNotIn("Not tested yet", self.told_on_form())
        self.integration.with_user(self.director).set_credentials("a", "b")
        self.assertFalse(self.integration.connection_report)
        self.assertIn("Not tested yet", self.told_on_form())
        self.assertNotIn("Last tested:", self.told_on_form())

    def test_a_pause_by_hand_does_not_hide_a_failed_test(self):
        self.integration.action_pause()
        self.bank.stop()
        notice = self.integration.with_user(self.director).action_test_connection()
        self.assertEqual(notice["params"]["type"], "danger")
        self.assertIn("can't be reached", notice["params"]["message"])
        self.assertIn("Paused by", self.integration.pause_reason)

    def told_on_form(self):
        """The words on the integration's form at this moment."""
        integration = self.integration.with_user(self.director)
        form = etree.fromstring(integration.get_view(view_type="form")["arch"])
        names = {node.get("name") for node in form.iter("field")}
        values = {name: integration[name] for name in names} | {"id": integration.id}
        for node in form.xpath("//*[@invisible]"):
            if safe_eval(node.get("invisible"), dict(values)):
                node.clear()
        return " ".join("".join(form.itertext()).split())

    # --- what will be made --------------------------------------------------------------

    def test_the_integration_user_alone_goes_on_to_the_first_sync(self):
        dialog = self.dialog(self.director, self.keep())
        accounts = dialog.account_ids
        self.assertEqual(
            [(one.iban, one.currency_id.name) for one in accounts],
            [(IBAN, "GEL"), (IBAN, "USD")],
        )
        self.assertFalse(accounts.journal_id)
        self.assertEqual(dialog.sync_from, date(2026, 6, 1))
        self.assertFalse(dialog.warning)
        dialog.sync_from = date(2026, 6, 10)
        dialog.action_start()
        self.assertEqual(len(accounts.journal_id), 2)
        self.assertEqual(set(accounts.mapped("sync_from")), {date(2026, 6, 10)})
        shown = self.integration.with_user(self.director).sync_progress["accounts"]
        self.assertEqual([one["percent"] for one in shown], [0, 0])
        with self.enter_registry_test_mode():
            self.env.ref("account_tbc_bank.ir_cron_sync").method_direct_trigger()
        self.assertEqual(set(accounts.mapped("line_count")), {1})
        self.assertFalse(self.integration.sync_progress)

    def test_the_rate_is_shown_or_missed(self):
        self.add("3.00", currency="EUR")
        self.env["res.currency.rate"].search([]).unlink()
        self.eur.active = False
        dialog = self.dialog(self.director)
        eur = dialog.account_ids.filtered(lambda one: one.currency_id == self.eur)
        self.assertEqual(eur.exchange_rate, "No exchange rate")
        self.assertIn("EUR has no exchange rate in Odoo", dialog.warning)
        self.env["res.currency.rate"].create(
            {
                "name": "2026-06-01",
                "currency_id": self.eur.id,
                "company_id": self.company.id,
                "inverse_company_rate": 2.7,
            }
        )
        self.env.invalidate_all()
        self.assertEqual(eur.exchange_rate, "2.7000 GEL, 06/01/2026")
        self.assertNotIn("EUR", dialog.warning)
        dialog.action_start()
        self.assertTrue(self.eur.active)

    def test_nothing_found_is_said(self):
        self.make_account()
        self.make_account(self.usd)
        dialog = self.dialog(self.director)
        self.assertFalse(dialog.account_ids)
        self.assertIn("listed no transaction of another account", dialog.warning)

    def test_a_long_history_shows_how_far_it_is(self):
        self.integration.action_test_connection()
        dialog = self.dialog(self.director)
        dialog.sync_from = date(2026, 2, 1)
        self.company.sudo().fiscalyear_lock_date = False
        dialog.action_start()
        shown = self.integration.sync_progress["accounts"]
        self.assertEqual(
            [(one["percent"], one["message"]) for one in shown],
            [(0, "0 of 149 days, 0 transactions")] * 2,
        )
        self.integration.account_ids.sync()
        self.assertFalse(self.integration.sync_progress)

    # --- the next step ------------------------------------------------------------------

    def moments(self):
        """Each moment of the set-up, as the form of who may set up sees it."""
        flags = ("id", "is_integration_user", "has_credentials", "is_pair_refused")
        flags += ("can_read_statements", "is_set_up")
        for values in product((False, True), repeat=len(flags)):
            one = dict(zip(flags, values, strict=True))
            for state in ("draft", "connected", "paused"):
                begun = one["has_credentials"] or one["is_set_up"] or state != "draft"
                impossible = (
                    (not one["id"] and begun)
                    or (one["is_pair_refused"] and not one["has_credentials"])
                    or (one["is_pair_refused"] and state != "paused")
                    or (state == "connected" and not one["has_credentials"])
                )
                if not impossible:
                    yield {**one, "state": state, "may_configure": True}

    def test_one_button_is_highlighted_at_each_moment(self):
        arch = self.env["tbc.integration"].get_view(view_type="form")["arch"]
        buttons = etree.fromstring(arch).xpath(
            "//form/header/button[contains(@class, 'oe_highlight')]"
        )
        seen = set()
        for moment in self.moments():
            shown = [
                button.get("name")
                for button in buttons
                if not safe_eval(button.get("invisible"), dict(moment))
            ]
            with self.subTest(**moment):
                self.assertEqual(len(shown), 1, shown)
            seen.update(shown)
        self.assertEqual(seen, {button.get("name") for button in buttons})

    def test_the_check_is_there_whenever_it_can_ask(self):
        """Most of all where nothing is connected: the notes point to it."""
        arch = self.env["tbc.integration"].get_view(view_type="form")["arch"]
        button = etree.fromstring(arch).xpath(
            "//button[@name='action_check_answers']/ancestor-or-self::*[@invisible]"
        )
        self.assertTrue(button)
        for moment in self.moments():
            for report in ("", "Token: the bank gave one"):
                told = {**moment, "connection_report": report}
                hidden = any(safe_eval(one.get("invisible"), told) for one in button)
                with self.subTest(**told):
                    self.assertEqual(hidden, not moment["has_credentials"])

    # --- whose they are -----------------------------------------------------------------

    def test_accounts_of_another_integration_are_offered(self):
        account = self.make_account()
        older = self.another_integration()
        account.integration_id = older
        dialog = self.dialog(self.administrator)
        self.assertEqual(dialog.taken_ids, account)
        self.assertTrue(dialog.may_take_over)
        self.assertIn(f"Older has {IBAN} GEL already", dialog.warning)
        dialog.action_start()
        self.assertEqual(account.integration_id, older)
        dialog.take_over = True
        dialog.action_start()
        self.assertEqual(account.integration_id, self.integration)

    def test_the_integration_user_takes_nothing_from_another(self):
        account = self.make_account()
        older = self.another_integration()
        older.user_id = self.clerk
        account.integration_id = older
        dialog = self.dialog(self.director)
        self.assertFalse(dialog.may_take_over)
        self.assertIn(f"Older has {IBAN} GEL already", dialog.warning)
        dialog.take_over = True
        with self.assertRaises(AccessError):
            dialog.action_start()
        # Nor does a role by which the other accounts are seen.
        role = self.env.ref("account_tbc_bank.group_tbc_transfers")
        self.director.sudo().group_ids += role
        with self.assertRaises(AccessError):
            dialog.action_start()
        self.assertEqual(account.integration_id, older)

    def test_a_dialog_makes_nothing_for_another_integration(self):
        """Whatever somebody writes into it: the rights are asked when it is pressed."""
        other = self.make_account(iban=OTHER_IBAN, journal=False)
        other.integration_id = self.another_integration()
        dialog = self.dialog(self.director)
        with self.assertRaises(AccessError):
            dialog.account_ids = [Command.link(other.id)]
        dialog.sudo().account_ids = [Command.link(other.id)]
        dialog.action_start()
        self.assertFalse(other.journal_id)
        self.integration.user_id = self.clerk
        with self.assertRaises(AccessError):
            dialog.action_start()

    def test_nobody_else_sets_up(self):
        for user in (self.clerk, self.accountant, self.payer):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.integration.with_user(user).action_set_up()
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.env["tbc.setup"].with_user(user).create(
                    {
                        "integration_id": self.integration.id,
                        "sync_from": date(2026, 6, 1),
                    }
                )

    # --- where it begins ----------------------------------------------------------------

    def test_connect_goes_on_where_it_was(self):
        journal = self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", self.company.id)], limit=1
        )
        journal = journal.with_user(self.administrator)
        self.assertEqual(journal.action_tbc_connect()["res_id"], self.integration.id)
        self.make_account()
        self.assertFalse(journal.action_tbc_connect().get("res_id"))
        for user in (self.clerk, self.director):
            with self.assertRaises(AccessError):
                self.env["tbc.integration"].with_user(user).action_connect()

    def test_two_people_above_an_amount(self):
        integration = self.integration
        self.assertFalse(integration.require_two_people)
        with self.assertRaisesRegex(ValidationError, "Enter the amount"):
            integration.require_two_people = True
        integration.write({"require_two_people": True, "second_person_above": 100})
        self.assertTrue(integration.require_two_people)
        self.assertEqual(integration.second_person_above, 100)
        integration.require_two_people = False
        self.assertEqual(integration.second_person_above, 0)
