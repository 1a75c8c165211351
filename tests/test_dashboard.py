"""The card on the dashboard: what it counts is what its links open."""

import json

from odoo.tests import tagged

from ..services.dashboard import SYNCED, fill_cards, tell_dashboards
from .shown import shown
from .test_screens import ScreensCase
from .transfer_common import TransferCase

LINKS = {
    "to_match": "action_tbc_to_match",
    "to_prepare": "action_tbc_to_prepare",
    "to_initiate": "action_tbc_to_initiate",
    "to_sign": "action_tbc_sign",
    "on_hold": "action_tbc_on_hold",
}


@tagged("post_install", "-at_install")
class TestDashboard(TransferCase):
    def set_up_once(self):
        super().set_up_once()
        self.journal = self.account.journal_id

    def card(self, user=None, journal=None):
        journal = (journal or self.journal).with_user(user or self.bookkeeper)
        journal.invalidate_recordset()
        return json.loads(journal.kanban_dashboard).get("tbc_card", {})

    def opened(self, name, user=None):
        """What the link ``name`` of the card shows."""
        journal = self.journal.with_user(user or self.bookkeeper)
        return shown(journal, getattr(journal, name)())

    def differ(self, account, *days_and_amounts, kind="unlisted"):
        """Let books and bank differ, as a read would keep it."""
        self.env["tbc.difference"].create(
            [
                {"account_id": account.id, "day": day, "kind": kind, "amount": amount}
                for day, amount in days_and_amounts
            ]
        )

    def fill(self):
        """One thing to do of each kind and more, and the same of another account."""
        other = self.make_account(self.usd)
        self.lock_until("2026-06-10")
        for currency in ("GEL", "USD"):
            for number in range(1, 4):
                self.add(f"{number}.00", currency=currency)
            self.add("9.00", "2026-06-05", currency=currency)
        self.sync(self.account)
        self.sync(other)
        self.pay()
        self.pay_many([1, 2]).action_tbc_queue()
        self.send(self.pay_many([3, 4, 5]))
        self.refresh()
        return other

    def test_each_link_opens_what_is_counted(self):
        self.fill()
        card = self.card()
        self.assertEqual(
            {name: card.get(name) for name in LINKS},
            {
                "to_match": "3 to match",
                "to_prepare": "1 to prepare",
                "to_initiate": "2 to initiate",
                "to_sign": "3 to sign",
                "on_hold": "1 on hold",
            },
        )
        for name, link in LINKS.items():
            found = self.opened(link)
            with self.subTest(name):
                self.assertEqual(card[name].split()[0], str(len(found)))
                own = found.journal_id if "journal_id" in found else found.account_id
                self.assertEqual(own, found and own[:1])
        self.assertEqual(self.opened("action_tbc_on_hold").account_id, self.account)
        self.assertEqual(self.opened("action_tbc_sign").account_id, self.account)
        self.assertEqual(self.opened("action_tbc_to_match").journal_id, self.journal)
        self.assertEqual(self.opened("action_tbc_to_prepare").journal_id, self.journal)

    def test_nothing_to_do_is_no_link(self):
        self.account.book_opening = True
        self.sync(self.account)
        card = self.card()
        self.assertFalse(card.keys() & LINKS.keys())
        self.assertEqual(card["state"], "Balance checked")
        self.assertIn("Last synced", card["last_sync"])

    def test_before_the_first_sync(self):
        card = self.card()
        self.assertFalse(card["last_sync"])
        self.assertIn("Press Sync Now", card["state"])
        self.assertEqual(card["opens"], "account")

    def test_the_opening_balance_is_of_no_day(self):
        self.sync(self.account)
        card = self.card()
        self.assertRegex(card["state"], r"^Differs by \D*10,000,000\.00\D*$")
        self.assertEqual(card["opens"], "account")

    def test_by_how_much_it_differs(self):
        """The days' differences do not make up for each other."""
        self.sync(self.account)
        self.differ(self.account, ("2026-06-02", -12000), ("2026-06-03", 601.06))
        self.differ(self.account, ("2026-06-03", -1.06))
        self.differ(self.account, ("2026-06-04", 0), kind="statement")
        card = self.card()
        self.assertEqual(card["opens"], "differences")
        self.assertRegex(card["state"], r"^Differs by .*12,600\.00.* on 2 days$")
        found = self.opened("action_tbc_differences")
        self.assertEqual(len(found), 3)
        self.assertEqual(len({*found.mapped("day")}), 2)

    def test_the_card_says_that_one_day_differs(self):
        self.sync(self.account)
        self.differ(self.account, ("2026-06-02", -5))
        self.assertRegex(self.card()["state"], r"^Differs by .*5\.00.* on 1 day$")

    def test_each_sees_what_he_may(self):
        """What a person may not open is not counted for him."""
        self.fill()
        self.assertEqual(self.card(self.accountant), {"to_match": "3 to match"})
        self.assertEqual(self.account.with_user(self.clerk).to_match_count, 3)
        clerk = self.card(self.clerk)
        self.assertEqual(clerk["on_hold"], "1 on hold")
        self.assertFalse(clerk.keys() & {"to_prepare", "to_initiate", "to_sign"})
        self.assertTrue(self.card(self.payer)["to_sign"])

    def test_queries_do_not_grow_with_the_accounts(self):
        """But for the health of each, which is an account's own."""
        counts = []
        for currency in (self.usd, self.eur):
            self.make_account(currency)
            journals = self.env["tbc.account"].search([]).journal_id
            journals = journals.with_user(self.bookkeeper)
            counts.append(self._figures_cost(journals))
        self.assertEqual(*counts)

    def _figures_cost(self, journals):
        data = {journal.id: {} for journal in journals}
        # What is looked up once by everybody, and each account's own health.
        fill_cards(journals, data)
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        fill_cards(journals, data)
        return self.env.cr.sql_log_count - before

    def test_open_dashboards_are_told(self):
        """A sync in the background ends with a word to whoever may see a card."""
        group = self.env.ref("account.group_account_basic")
        sent = []

        def messages():
            self.env.cr.precommit.run()
            found = self.env["bus.bus"].search([], order="id")
            new = found.filtered(lambda one: one.id not in sent)
            sent.extend(new.ids)
            return [one for one in new if SYNCED in one.message]

        messages()
        self.sync(self.account)
        [message] = messages()
        self.assertEqual(json.loads(message.channel)[1:], ["res.groups", group.id])
        # Nothing of the bank's is in it.
        self.assertEqual(json.loads(message.message), {"type": SYNCED, "payload": {}})
        tell_dashboards(self.env)
        self.assertEqual(len(messages()), 1)


class CardCase(ScreensCase):
    """A card with all six tasks, and one before its first sync."""

    def run_cron(self, name):
        """In this kind of test the registry is in test mode already."""
        self.env.ref(f"account_tbc_bank.{name}").method_direct_trigger()

    def set_up_once(self):
        super().set_up_once()
        self.make_account(self.usd)
        self.pay()
        self.send(self.pay_many([1, 2]))
        self.refresh()

    def look_at_cards(self, language):
        self.reader.lang = language
        card = self.card()
        self.assertEqual(card["opens"], "differences")
        self.assertLessEqual(LINKS.keys(), card.keys())
        self.start_tour(
            "/odoo/action-account.open_account_journal_dashboard_kanban",
            "account_tbc_bank_two_lines",
            login=self.reader.login,
        )

    def card(self):
        journal = self.account.journal_id.with_user(self.reader)
        return json.loads(journal.kanban_dashboard)["tbc_card"]


@tagged("post_install", "-at_install")
class TestCard(CardCase):
    browser_size = "1440x900"

    def test_english(self):
        self.look_at_cards("en_US")

    def test_georgian(self):
        self.look_at_cards("ka_GE")


@tagged("post_install", "-at_install")
class TestCardPhone(CardCase):
    browser_size = "390x844"
    touch_enabled = True

    def test_english(self):
        self.look_at_cards("en_US")

    def test_georgian(self):
        self.look_at_cards("ka_GE")


@tagged("post_install", "-at_install")
class TestMenu(TransferCase):
    def menus(self, user):
        """``{xml id}`` of the module's menus that a user has."""
        menus = self.env["ir.ui.menu"].with_user(user).load_menus(False)
        names = {menu.get("xmlid") or "" for menu in menus.values()}
        own = "account_tbc_bank.menu_tbc_"
        return {n.removeprefix(own) for n in names if n.startswith(own)}

    def test_the_daily_lists_stand_beside_accounting(self):
        found = self.menus(self.payer)
        daily = {"to_match", "lines", "transfer", "batch", "held_movement"}
        daily |= {"difference", "reconciliation", "operation_rule", "sync_run"}
        self.assertLessEqual(daily, found)
        parents = {
            self.env.ref(f"account_tbc_bank.menu_tbc_{name}").parent_id.parent_id
            for name in daily
        }
        self.assertEqual(parents, {self.env.ref("account.menu_finance")})
        self.assertNotIn("own", found)

    def test_only_set_up_is_under_configuration(self):
        found = self.env.ref("account_tbc_bank.menu_tbc_configuration").child_id
        models = {menu.action.res_model for menu in found}
        self.assertEqual(models, {"tbc.integration", "tbc.account", "tbc.check"})

    def test_an_accountant_matches_and_keeps_rules(self):
        found = self.menus(self.accountant)
        self.assertLessEqual({"to_match", "lines", "operation_rule"}, found)
        self.assertFalse(found & {"transfer", "held_movement", "own", "configuration"})

    def test_the_integration_user_has_a_menu(self):
        own = {"own", "own_transfer", "own_account", "own_integration"}
        self.assertLessEqual(own, self.menus(self.director))
        stranger = self._make_user("stranger", "base.group_user")
        self.assertFalse(self.menus(stranger))
        # Given to another one, it goes with the integration.
        self.integration.user_id = stranger
        self.assertFalse(self.menus(self.director))
        self.assertLessEqual(own, self.menus(stranger))

    def test_the_activity_menu_opens_what_has_an_activity(self):
        """Odoo switches these filters on by their names."""
        self.sync(self.account)
        self.pay_many([1, 2]).action_tbc_queue()
        other = self.make_account(self.usd)
        context = {
            "search_default_filter_activities_my": 1,
            "search_default_activities_overdue": 1,
            "search_default_activities_today": 1,
        }
        accounts = (self.account | other).with_user(self.director)
        self.assertTrue(self.account.with_user(self.director).activity_ids)
        action = {"res_model": "tbc.account", "context": context}
        self.assertEqual(shown(accounts, action), self.account)
        for model in ("tbc.integration", "tbc.transfer", "tbc.transfer.batch"):
            action = {"res_model": model, "context": context}
            self.assertFalse(shown(accounts, action), model)


@tagged("post_install", "-at_install")
class TestLists(TransferCase):
    def help(self):
        return self.env["tbc.difference"].with_user(self.clerk).get_empty_list_help("")

    def test_books_and_bank_agree_only_where_they_do(self):
        self.account.book_opening = True
        self.assertNotIn("agree", self.help())
        self.assertIn(self.account.display_name, self.help())
        self.sync(self.account)
        self.assertIn("Books and bank agree", self.help())
        other = self.make_account(self.usd)
        self.assertNotIn("agree", self.help())
        self.assertIn(other.display_name, self.help())
        self.assertNotIn(self.account.display_name, self.help())

    def test_without_a_bank(self):
        self.account.journal_id = False
        self.assertIn("No bank is connected", self.help())

    def test_a_filter_in_sight_and_no_hidden_domain(self):
        account = self.account.with_user(self.payer)
        for name in (
            "action_open_lines",
            "action_open_held",
            "action_open_differences",
            "action_open_runs",
            "action_open_backfills",
            "action_open_transfers",
        ):
            with self.subTest(name):
                action = getattr(account, name)()
                self.assertFalse(action["domain"])
                self.assertIn(account.id, action["context"].values())
                # It has the filter that is on.
                shown(account, action)

    def test_what_a_day_holds(self):
        """Each of the chart's figures opens exactly what it counts."""
        self.account.locked_policy = "hold"
        for day in ("2026-06-14", "2026-06-15"):
            self.add("1.00", day)
        self.add("2.00", "2026-06-15")
        self.lock_until("2026-06-10")
        self.add("3.00", "2026-06-05")
        self.sync(self.account)
        self.env["tbc.difference"].create(
            {
                "account_id": self.account.id,
                "day": "2026-06-15",
                "kind": "unlisted",
                "amount": 1,
            }
        )
        self.env["tbc.difference"].create(
            {
                "account_id": self.account.id,
                "day": "2026-06-02",
                "day_to": "2026-06-04",
                "kind": "miscounted",
            }
        )
        self.account.invalidate_recordset()
        account, counted = self.account.with_user(self.clerk), 0
        [month] = [m for m in account.calendar["months"] if m["month"] == "2026-06"]
        for number in range(1, 31):
            day = f"2026-06-{number:02d}"
            for kind in ("booked", "held", "differing"):
                found = shown(account, account.open_day(day, kind))
                expected = month[kind].get(str(number), 0)
                counted += expected
                self.assertEqual(len(found), expected, (day, kind))
        title = account.open_day("2026-06-30", "booked")["display_name"]
        self.assertEqual(title, f"{account.display_name}, 06/30/2026")
        self.assertEqual(counted, 3 + 1 + 4)


@tagged("post_install", "-at_install")
class TestLanguage(TransferCase):
    def test_what_is_kept_is_in_the_company_s_language(self):
        """Whatever language the scheduler, or the integration user, has."""
        self.env["res.lang"]._activate_lang("ka_GE")
        self.company.partner_id.lang = "ka_GE"
        self.director.lang = "en_US"
        georgian = r"[ა-ჰ]{3}"
        self.bank.add_fault("INVALID_ACCOUNT", on="movements")
        self.run_cron("ir_cron_sync")
        self.assertRegex(self.account.last_error, georgian)
        self.assertRegex(self.account.run_ids[:1].error, georgian)

    def test_why_a_line_was_matched(self):
        """By itself: in the company's language; by hand: in that of who did it."""
        self.env["res.lang"]._activate_lang("ka_GE")
        self.company.partner_id.lang = "ka_GE"
        self.bookkeeper.lang = "en_US"
        order = self.send(self.pay())
        self.bank.in_progress_questions = 0
        self.bank.sign()
        self.refresh()
        by_hand = self.add("-7.20", "2026-06-30", purpose="Coffee")
        self.sync(self.account)
        self.assertTrue(order.is_matched)
        matched = order.payment_id.reconciled_statement_line_ids
        self.assertRegex(matched.tbc_match_note, r"[ა-ჰ]{3}")
        lines = self.lines(self.account).with_user(self.bookkeeper)
        line = lines.filtered(lambda one: one.tbc_movement_id == by_hand)
        line = line.with_context(lang="en_US")
        part = {"account_id": self.expense_account().id, "amount": -7.2}
        line.tbc_settle({"parts": [part]})
        self.assertRegex(line.tbc_match_note, r"^Matched by .* with ")

    def expense_account(self):
        return self.env["account.account"].search(
            [("account_type", "=", "expense"), ("company_ids", "in", self.company.id)],
            limit=1,
        )
