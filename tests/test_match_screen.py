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

    def test_more_than_a_page(self):
        """What is done with all selected rows is done with all, and told of each."""
        first = self.booked(-1, purpose="Coffee")
        first.tbc_settle({"parts": [self.part(self.fuel)]})
        lines = self.booked_at_once(
            [{"amount": -2, "purpose": f"Coffee {number}"} for number in range(82)]
        )
        # A list asks for no more.
        self.assertEqual(len(lines.tbc_match_cards()), 80)
        told = lines.tbc_settle_many({"first_proposal": True})
        self.assertEqual(told["problems"], {})
        self.assertEqual(set(told["settled"]), set(lines.ids))
        self.assertEqual(told["cards"].keys(), set(lines.ids))
        self.assertTrue(all(card["settled"] for card in told["cards"].values()))
        back = lines.tbc_unsettle()["cards"]
        self.assertEqual(back.keys(), set(lines.ids))
        self.assertFalse(any(card["settled"] for card in back.values()))

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

    # === AN OPENED ROW === #

    def test_what_the_bank_told(self):
        line = self.booked(
            100,
            partnerAccountInfo={
                "partnerName": "A",
                "taxCode": "405123456",
                "bankCode": "BAGAGE22",
            },
            documentNumber="DOC-1",
            opCode="GIB",
            transactionType=20,
            additionalDescription={"not": "a text"},
        )
        told = dict(line.tbc_match_details()["told"])
        self.assertEqual(told["Tax Code"], "405123456")
        self.assertEqual(told["Counterparty's Bank"], "BAGAGE22")
        self.assertEqual(told["Transaction Type"], "20 Incoming")
        self.assertEqual(told["Bank Code"], "GIB")
        self.assertEqual(told["Document"], "DOC-1")
        self.assertEqual(told["Bank's Day"], "06/15/2026")
        self.assertEqual(told["TBC Operation ID"], line.tbc_operation_id)
        self.assertNotIn("Additional Description", told)
        self.assertFalse(line.tbc_match_details()["matched"])

    def test_of_another_bank_little_is_told(self):
        line = self.other_bank(-50)
        self.assertEqual(line.tbc_match_details(), {"told": [], "matched": False})

    def test_how_it_is_matched(self):
        """What, by whom, why; and of what was matched by itself."""
        invoice = self.invoice(80)
        line = self.booked(100)
        settlement = self.paying(invoice, why="the only one")
        line.tbc_settle({**settlement, "parts": [self.part(self.fuel)]})
        matched = line.tbc_match_details()["matched"]
        self.assertEqual(matched["by"], self.accountant.name)
        self.assertTrue(matched["at"])
        self.assertIn("the only one", matched["why"])
        self.assertFalse(matched["rule"])
        found = {
            (item["account"], item["amount"], item["documents"])
            for item in matched["items"]
        }
        receivable = self.receivable(invoice).account_id.display_name
        expected = {
            (receivable, 80, invoice.name),
            (self.fuel.display_name, 20, ""),
        }
        self.assertEqual(found, expected)

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
