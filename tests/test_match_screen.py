"""What the screen of transactions to match asks beside its cards."""

from lxml import etree

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .settle_common import SettleCase
from .shown import shown


@tagged("post_install", "-at_install")
class TestMatchScreen(SettleCase):
    def found(self, action):
        """The lines that an action shows, with the filters that are on at once."""
        return shown(self.mine(self.env["account.bank.statement.line"]), action)

    def test_the_card_counts_what_it_opens(self):
        """Neither what is settled nor another journal's."""
        lines = self.booked(10) + self.booked(20) + self.booked(30)
        self.booked(40, self.usd_account)
        lines[0].tbc_settle({"parts": [self.part(self.fuel)]})
        journal = self.mine(self.account.journal_id)
        data = {journal.id: {}}
        journal._fill_bank_cash_dashboard_data(data)
        self.assertEqual(data[journal.id]["tbc_card"]["to_match"], "2 to match")
        self.assertEqual(self.found(journal.action_tbc_to_match()), lines[:0:-1])

    def test_nothing_left_is_no_number(self):
        journal = self.mine(self.account.journal_id)
        data = {journal.id: {}}
        journal._fill_bank_cash_dashboard_data(data)
        self.assertNotIn("tbc_card", data[journal.id])

    def test_from_a_line_and_from_the_account(self):
        line, other = self.booked(10), self.booked(20)
        self.assertEqual(self.found(line.action_tbc_to_match()), line)
        self.assertEqual(self.found(self.account.action_tbc_to_match()), line + other)

    def test_a_small_rest(self):
        self.account.fee_account_id = self.fees
        line = self.booked(10)
        rest = line.tbc_rest_accounts()[line.journal_id.id]
        company = self.company
        self.assertEqual(rest["fees"], [self.fees.id, self.fees.display_name])
        self.assertEqual(
            rest["gain"][0], company.income_currency_exchange_account_id.id
        )
        self.assertEqual(
            rest["loss"][0], company.expense_currency_exchange_account_id.id
        )

    def test_no_account_for_a_small_rest(self):
        line = self.other_bank()
        rest = line.tbc_rest_accounts()[line.journal_id.id]
        self.assertFalse(rest["fees"])

    def test_items_chosen_by_hand(self):
        """What each needs of the line, in its currency; not cut to the line."""
        bill = self.invoice(80, self.vendor, move_type="in_invoice")
        items = self.receivable(self.invoice(100), self.usd_invoice(100), bill)
        line = self.booked(60)
        told = line.tbc_match_items(items.ids)
        self.assertEqual([one["id"] for one in told], items.ids)
        self.assertEqual([one["residual"] for one in told], [100, 100, -80])
        self.assertEqual([one["amount"] for one in told], [100, 270, -80])
        self.assertEqual(told[1]["currency_id"], self.usd.id)
        self.assertEqual(told[0]["name"], items[0].move_id.name)

    def test_a_bill_chosen_by_hand_is_called_as_on_its_card(self):
        """By the vendor's number, too."""
        bill = self.invoice(80, self.vendor, move_type="in_invoice", ref="RT7-004001")
        line = self.booked(-80)
        item = self.receivable(bill)
        line.partner_id = self.vendor
        [shown] = line.tbc_match_cards()[line.id]["items"]
        [chosen] = line.tbc_match_items(item.ids)
        self.assertEqual(chosen["name"], f"{bill.name} (RT7-004001)")
        self.assertEqual(chosen, shown)

    def test_another_company_s_items(self):
        """Nobody reads an item here that they can't read elsewhere."""
        item = self.receivable(self.invoice(100))
        line = self.booked(60)
        with self.assertRaises(AccessError):
            line.with_user(self.director).tbc_match_items(item.ids)

    def test_what_the_bank_sent_is_not_for_everybody(self):
        form = self.env.ref("account_tbc_bank.account_bank_statement_line_view_form")
        lines = self.env["account.bank.statement.line"]
        for user, seen in ((self.accountant, False), (self.administrator, True)):
            arch = lines.with_user(user).get_view(form.id, "form")["arch"]
            found = etree.fromstring(arch).xpath("//field[@name='tbc_movement_text']")
            self.assertEqual(bool(found), seen, user.login)
