"""A person settles across currencies: what Odoo makes of the rates, to the tetri."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .settle_common import SettleCase


@tagged("post_install", "-at_install")
class TestSettleCurrency(SettleCase):
    """A dollar is 2.70 when the invoices are made; a euro 3.20."""

    notes_changes = False

    def dollar_at(self, value, day="2026-06-15"):
        self.env["res.currency.rate"].create(
            {
                "currency_id": self.usd.id,
                "company_id": self.company.id,
                "name": day,
                "inverse_company_rate": value,
            }
        )

    def differences(self, item):
        """What Odoo booked for the rates when this item was paid."""
        partials = item.matched_debit_ids | item.matched_credit_ids
        exchange = partials.exchange_move_id.line_ids
        other = exchange.filtered(lambda one: one.account_id != item.account_id)
        return other.mapped("balance")

    def test_dollars_for_dollars(self):
        invoice = self.usd_invoice(100)
        self.dollar_at(2.80)
        line = self.booked(100, self.usd_account)
        line.tbc_settle(self.paying(invoice))
        self.assertSettled(line)
        item = self.receivable(invoice)
        self.assertEqual(self.items(line), [(self.code(item.account_id), -100, -280)])
        self.assertEqual((item.amount_residual, item.reconciled), (0, True))
        # Ten lari more than it was worth: a gain.
        self.assertEqual(self.differences(item), [-10])
        self.assertEqual(invoice.payment_state, "paid")

    def test_a_part_in_dollars(self):
        invoice = self.usd_invoice(100)
        line = self.booked(40, self.usd_account)
        line.tbc_settle(self.paying(invoice, left_open=True))
        self.assertSettled(line)
        self.assertEqual(invoice.amount_residual, 60)
        self.assertEqual(invoice.payment_state, "partial")

    def test_lari_for_dollars_at_the_day_s_rate(self):
        invoice = self.usd_invoice(100)
        self.dollar_at(2.80)
        line = self.booked(280)
        line.tbc_settle(self.paying(invoice))
        self.assertSettled(line)
        item = self.receivable(invoice)
        self.assertEqual(self.items(line), [(self.code(item.account_id), -100, -280)])
        self.assertEqual(self.differences(item), [-10])
        self.assertEqual(invoice.payment_state, "paid")

    def test_lari_for_dollars_and_the_rest_to_an_account(self):
        invoice = self.usd_invoice(100)
        line = self.booked(268)
        with self.assertRaisesRegex(UserError, "2.00.* more"):
            line.tbc_settle(self.paying(invoice))
        line.tbc_settle(self.paying(invoice, parts=[self.part(self.fees)]))
        self.assertSettled(line)
        code = self.code(self.receivable(invoice).account_id)
        self.assertEqual(self.items(line), [(code, -100, -270), ("620000", 2, 2)])
        self.assertEqual(invoice.payment_state, "paid")

    def test_lari_for_dollars_at_the_payer_s_rate(self):
        """Paid wholly by what came: the difference is one of the rates."""
        for amount, difference in ((268, 2), ("273.45", -3.45)):
            with self.subTest(amount):
                invoice = self.usd_invoice(100)
                line = self.booked(amount, purpose=f"For {amount}")
                item = self.receivable(invoice)
                part = {"id": item.id, "amount": float(amount), "in_full": True}
                line.tbc_settle({"items": [part]})
                self.assertSettled(line)
                self.assertEqual(
                    self.items(line),
                    [(self.code(item.account_id), -100, -float(amount))],
                )
                self.assertEqual(invoice.payment_state, "paid")
                found = self.differences(item)
                self.assertEqual([round(one, 2) for one in found], [difference])

    def test_lari_for_dollars_left_open(self):
        invoice = self.usd_invoice(100)
        line = self.booked(135)
        line.tbc_settle(self.paying(invoice, left_open=True))
        self.assertSettled(line)
        self.assertEqual(invoice.amount_residual, 50)
        self.assertEqual(invoice.payment_state, "partial")

    def test_the_rounding_of_a_rate_leaves_nothing(self):
        self.dollar_at(2.6973)
        for amount, lari in (
            ("137.17", "369.99"),
            ("33.33", "89.90"),
            ("0.07", "0.19"),
        ):
            with self.subTest(amount):
                invoice = self.usd_invoice(float(amount))
                line = self.booked(lari, purpose=f"For {amount}")
                line.tbc_settle(self.paying(invoice))
                self.assertSettled(line)
                self.assertEqual(invoice.payment_state, "paid")

    def test_dollars_for_lari(self):
        invoice = self.invoice(270)
        line = self.booked(100, self.usd_account)
        line.tbc_settle(self.paying(invoice))
        self.assertSettled(line)
        code = self.code(self.receivable(invoice).account_id)
        self.assertEqual(self.items(line), [(code, -270, -270)])
        self.assertEqual(invoice.payment_state, "paid")

    def test_dollars_for_lari_and_a_rest(self):
        invoice = self.invoice(135)
        line = self.booked(100, self.usd_account)
        line.tbc_settle(self.paying(invoice, parts=[self.part(self.fuel)]))
        self.assertSettled(line)
        code = self.code(self.receivable(invoice).account_id)
        self.assertEqual(self.items(line), [(code, -135, -135), ("600000", -50, -135)])

    def test_dollars_for_lari_that_no_rate_makes_even(self):
        """A tetri between the two is a difference of rates."""
        invoice = self.invoice(270.01)
        line = self.booked(100, self.usd_account)
        line.tbc_settle(self.paying(invoice))
        self.assertSettled(line)
        self.assertEqual(invoice.payment_state, "paid")
        code = self.code(self.receivable(invoice).account_id)
        loss = self.company.expense_currency_exchange_account_id
        self.assertEqual(
            self.items(line),
            sorted([(code, -270.01, -270.01), (self.code(loss), 0.01, 0.01)]),
        )

    def test_a_third_currency(self):
        invoice = self.invoice(100, currency_id=self.eur.id)
        lari, dollars = self.booked(160), self.booked("59.26", self.usd_account)
        lari.tbc_settle(self.paying(invoice, left_open=True))
        self.assertSettled(lari)
        self.assertEqual(invoice.amount_residual, 50)
        dollars.tbc_settle(self.paying(invoice))
        self.assertSettled(dollars)
        self.assertEqual(invoice.payment_state, "paid")

    def test_dollars_straight_to_accounts_with_a_tax(self):
        tax = self.make_tax()
        line = self.booked("-100.01", self.usd_account)
        line.tbc_settle(
            {
                "parts": [
                    self.part(self.fuel, -33.34, tax_ids=tax.ids),
                    self.part(self.fees, -33.33),
                    self.part(self.account_of("630000")),
                ]
            }
        )
        self.assertSettled(line)
        others = line._seek_for_lines()[2]
        self.assertEqual(round(sum(others.mapped("amount_currency")), 2), 100.01)
        self.assertEqual(round(sum(others.mapped("balance")), 2), 270.03)
        self.assertEqual(others.currency_id, self.usd)

    def test_an_account_of_one_currency(self):
        self.fuel.currency_id = self.eur
        line = self.booked(100, self.usd_account)
        with self.assertRaises(UserError):
            line.tbc_settle({"parts": [self.part(self.fuel)]})
        self.assertOpen(line)

    def test_on_account_in_dollars(self):
        line = self.booked(100, self.usd_account)
        line.tbc_settle({"on_account": "customer", "partner_id": self.customer.id})
        self.assertSettled(line)
        item = line._seek_for_lines()[2]
        self.assertEqual(
            (item.currency_id, item.amount_residual_currency, item.amount_residual),
            (self.usd, -100, -270),
        )

    def test_both_legs_of_a_conversion(self):
        dollars = self.booked(100, self.usd_account)
        lari = self.booked("-271.50", purpose="Conversion")
        told = lari.tbc_settle({"other_line_id": dollars.id})
        self.assertEqual(told["cards"].keys(), set((dollars + lari).ids))
        for line in dollars + lari:
            self.assertSettled(line)
        # What was paid is what it is worth.
        self.assertEqual(dollars._seek_for_lines()[0].balance, 271.5)
        transfer = self.company.transfer_account_id
        items = (dollars + lari).line_ids.filtered(
            lambda one: one.account_id == transfer
        )
        self.assertEqual(items.mapped("reconciled"), [True, True])
        self.assertEqual(sum(items.mapped("balance")), 0)

    def test_between_two_foreign_currencies(self):
        euro_account = self.make_account(self.eur)
        euro_account.book_opening = False
        euros = self.booked(100, euro_account)
        dollars = self.booked(-120, self.usd_account, purpose="Conversion")
        euros.tbc_settle({"other_line_id": dollars.id})
        for line in euros + dollars:
            self.assertSettled(line)
        transfer = self.company.transfer_account_id
        items = self.env["account.move.line"].search([("account_id", "=", transfer.id)])
        self.assertTrue(all(items.mapped("reconciled")))

    def test_taken_back(self):
        invoice = self.usd_invoice(100)
        self.dollar_at(2.80)
        line = self.booked("281.30")
        before = self.entry(line)
        part = {"id": self.receivable(invoice).id, "amount": 281.3, "in_full": True}
        line.tbc_settle({"items": [part]})
        exchange = self.receivable(invoice).matched_credit_ids.exchange_move_id
        self.assertTrue(exchange)
        line.tbc_unsettle()
        self.assertOpen(line)
        self.assertEqual(self.entry(line), before)
        self.assertEqual(invoice.amount_residual, 100)
        receivable = self.receivable(invoice)
        self.assertEqual(receivable.amount_residual, 270)
