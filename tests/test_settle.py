"""A person settles a transaction: what becomes of its entry, and of what it pays."""

from odoo.addons.account_tbc_bank.services.ledger import books_balance
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import IBAN, OTHER_IBAN
from .settle_common import CUSTOMER, SettleCase

# Queries that one more line costs, and one more that an invoice is paid by.
MORE_FOR_A_LINE, MORE_FOR_AN_INVOICE = 2, 20


@tagged("post_install", "-at_install")
class TestSettleItems(SettleCase):
    def test_one_invoice(self):
        invoice = self.invoice(100)
        line = self.booked(100)
        told = line.tbc_settle(self.paying(invoice, why="the only one of this amount"))
        self.assertEqual(told["cards"].keys(), {line.id})
        self.assertSettled(line)
        receivable = self.receivable(invoice)
        code = self.code(receivable.account_id)
        self.assertEqual(self.items(line), [(code, -100, -100)])
        self.assertTrue(receivable.reconciled)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertIn(invoice.name, line.tbc_match_note)
        self.assertIn("the only one of this amount", line.tbc_match_note)

    def test_several_of_several_partners(self):
        invoices = self.invoice(100) + self.invoice(50, self.vendor)
        line = self.booked(150)
        line.tbc_settle(self.paying(*invoices))
        self.assertSettled(line)
        code = self.code(self.receivable(*invoices).account_id)
        self.assertEqual(self.items(line), [(code, -100, -100), (code, -50, -50)])
        self.assertEqual(invoices.mapped("payment_state"), ["paid", "paid"])
        others = line._seek_for_lines()[2]
        self.assertEqual(others.partner_id, self.customer + self.vendor)

    def test_a_credit_note_is_taken_off(self):
        invoice, note = self.invoice(100), self.invoice(30, move_type="out_refund")
        line = self.booked(70)
        line.tbc_settle(self.paying(invoice, note))
        self.assertSettled(line)
        self.assertEqual((invoice + note).mapped("amount_residual"), [0, 0])
        code = self.code(self.receivable(invoice).account_id)
        self.assertEqual(self.items(line), [(code, -100, -100), (code, 30, 30)])

    def test_a_credit_note_where_something_is_left(self):
        """Whatever comes last; what is left is named, also where it may stay open."""
        invoice, note = self.invoice(100), self.invoice(30, move_type="out_refund")
        line, exact = self.booked(130), self.booked(70, purpose="Exact")
        with self.assertRaisesRegex(UserError, "60.00.* is left"):
            line.tbc_settle(self.paying(invoice, note, left_open=True))
        exact.tbc_settle(self.paying(note, invoice, left_open=True))
        self.assertSettled(exact)
        self.assertEqual((invoice + note).mapped("amount_residual"), [0, 0])

    def test_a_bill(self):
        bill = self.invoice(80, self.vendor, move_type="in_invoice")
        line = self.booked(-80)
        line.tbc_settle(self.paying(bill))
        self.assertSettled(line)
        self.assertEqual(bill.payment_state, "paid")
        code = self.code(self.receivable(bill).account_id)
        self.assertEqual(self.items(line), [(code, 80, 80)])

    def test_a_part_of_an_item(self):
        invoice = self.invoice(100)
        line = self.booked(60)
        item = self.receivable(invoice)
        line.tbc_settle(
            {
                "items": [{"id": item.id, "amount": 40}],
                "parts": [self.part(self.fees, 20)],
            }
        )
        self.assertSettled(line)
        self.assertEqual(item.amount_residual, 60)
        self.assertEqual(invoice.payment_state, "partial")
        code = self.code(item.account_id)
        self.assertEqual(self.items(line), [(code, -40, -40), ("620000", -20, -20)])

    def test_the_rest_of_the_last_item_stays_open(self):
        first, last = self.invoice(100), self.invoice(50)
        line = self.booked(130)
        line.tbc_settle(self.paying(first, last, left_open=True))
        self.assertSettled(line)
        self.assertEqual((first + last).mapped("amount_residual"), [0, 20])

    def test_a_little_is_missing(self):
        """3.56 short, and it is the bank's fee."""
        invoice = self.invoice(100)
        line = self.booked("96.44")
        line.tbc_settle(self.paying(invoice, parts=[self.part(self.fees)]))
        self.assertSettled(line)
        self.assertEqual(invoice.payment_state, "paid")
        code = self.code(self.receivable(invoice).account_id)
        self.assertEqual(self.items(line), [(code, -100, -100), ("620000", 3.56, 3.56)])

    def test_a_little_is_too_much(self):
        invoice = self.invoice(100)
        line = self.booked("100.44")
        line.tbc_settle(self.paying(invoice, parts=[self.part(self.fees)]))
        self.assertSettled(line)
        code = self.code(self.receivable(invoice).account_id)
        self.assertEqual(
            self.items(line), [(code, -100, -100), ("620000", -0.44, -0.44)]
        )

    def test_what_is_too_much_stays_on_account(self):
        invoice = self.invoice(100)
        line = self.booked(130)
        line.tbc_settle(
            self.paying(invoice, on_account="customer", partner_id=self.customer.id)
        )
        self.assertSettled(line)
        self.assertIn("Customer LLC", line.tbc_match_note)
        others = line._seek_for_lines()[2]
        self.assertEqual(others.mapped("amount_residual"), [0, -30])
        self.assertEqual(others.partner_id, self.customer)

    def test_a_payment_registered_by_hand(self):
        invoice = self.invoice(100)
        payment = self.env["account.payment.register"]
        payment = payment.with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create(
            {
                "journal_id": self.account.journal_id.id,
                "payment_method_line_id": self.inbound_line().id,
            }
        )
        payment = payment._create_payments()
        waiting = payment._seek_for_lines()[0]
        line = self.booked(100)
        line.tbc_settle({"items": [{"id": waiting.id, "amount": None}]})
        self.assertSettled(line)
        self.assertTrue(payment.is_matched)
        self.assertEqual(payment.state, "paid")

    def inbound_line(self):
        [line] = self.account.journal_id.inbound_payment_method_line_ids[:1]
        line.payment_account_id = self.env["account.account"].create(
            {
                "code": "119999",
                "name": "Outstanding Receipts",
                "account_type": "asset_current",
                "reconcile": True,
                "company_ids": self.company.ids,
            }
        )
        return line

    def test_the_matching_leaves_it_alone(self):
        invoice = self.invoice(100)
        line = self.of_customer(100)
        line.tbc_settle({"parts": [self.part(self.fuel)]})
        before, note = self.entry(line), line.tbc_match_note
        self.match()
        self.match()
        self.assertSettled(line)
        self.assertEqual((self.entry(line), line.tbc_match_note), (before, note))
        self.assertEqual(invoice.payment_state, "not_paid")


@tagged("post_install", "-at_install")
class TestSettleAccounts(SettleCase):
    def test_straight_to_an_account(self):
        line = self.booked(-118)
        line.tbc_settle(
            {"parts": [self.part(self.fuel, label="Diesel", partner_id=self.vendor.id)]}
        )
        self.assertSettled(line)
        self.assertEqual(self.items(line), [("600000", 118, 118)])
        item = line._seek_for_lines()[2]
        self.assertEqual((item.name, item.partner_id), ("Diesel", self.vendor))
        self.assertIn(self.fuel.display_name, line.tbc_match_note)

    def test_several_accounts(self):
        line = self.booked(-100)
        line.tbc_settle(
            {
                "parts": [
                    self.part(self.fuel, -33.33),
                    self.part(self.fees, -16.67),
                    self.part(self.account_of("630000")),
                ]
            }
        )
        self.assertSettled(line)
        self.assertEqual(
            self.items(line),
            [("600000", 33.33, 33.33), ("620000", 16.67, 16.67), ("630000", 50, 50)],
        )

    def test_a_part_the_other_way(self):
        """A payout of 100 less a commission of 3."""
        line = self.booked(97)
        sales = self.account_of("630000")
        line.tbc_settle({"parts": [self.part(sales, 100), self.part(self.fees, -3)]})
        self.assertSettled(line)
        self.assertEqual(self.items(line), [("620000", 3, 3), ("630000", -100, -100)])

    def test_with_a_tax(self):
        tax = self.make_tax()
        line = self.booked(-118)
        line.tbc_settle({"parts": [self.part(self.fuel, tax_ids=tax.ids)]})
        self.assertSettled(line)
        base, of_tax = self.taxed(line)
        self.assertEqual((base.balance, base.tax_ids), (100, tax))
        self.assertEqual((of_tax.balance, of_tax.tax_line_id), (18, tax))
        self.assertEqual(of_tax.tax_repartition_line_id.document_type, "invoice")

    def taxed(self, line):
        others = line._seek_for_lines()[2]
        base = others.filtered("tax_ids")
        return base, others - base

    def test_with_several_taxes(self):
        taxes = self.make_tax() + self.make_tax(5)
        line = self.booked(-246)
        line.tbc_settle({"parts": [self.part(self.fuel, tax_ids=taxes.ids)]})
        self.assertSettled(line)
        base, of_taxes = self.taxed(line)
        self.assertEqual((base.balance, base.tax_ids), (200, taxes))
        self.assertEqual(of_taxes.mapped("balance"), [36, 10])
        self.assertEqual(of_taxes.tax_line_id, taxes)

    def test_a_tax_beside_an_invoice(self):
        tax, invoice = self.make_tax(kind="sale"), self.invoice(100)
        line = self.booked(159)
        sale = self.part(self.fuel, tax_ids=tax.ids)
        line.tbc_settle(self.paying(invoice, parts=[sale]))
        self.assertSettled(line)
        base, _others = self.taxed(line)
        self.assertEqual(base.balance, -50)
        self.assertEqual(invoice.payment_state, "paid")

    def test_money_back_is_a_refund_for_the_tax(self):
        tax = self.make_tax()
        line = self.booked(118)
        line.tbc_settle({"parts": [self.part(self.fuel, tax_ids=tax.ids)]})
        base, of_tax = self.taxed(line)
        self.assertEqual((base.balance, of_tax.balance), (-100, -18))
        self.assertEqual(of_tax.tax_repartition_line_id.document_type, "refund")
        self.assertTrue(base.is_refund)

    def test_no_tax_but_the_one_that_was_chosen(self):
        """The account's own default taxes would have no item of their own."""
        tax = self.make_tax()
        self.fuel.tax_ids = self.make_tax(5)
        lines = self.booked(-118) + self.booked(-100, purpose="Other")
        lines[0].tbc_settle({"parts": [self.part(self.fuel, tax_ids=tax.ids)]})
        lines[1].tbc_settle({"parts": [self.part(self.fuel)]})
        base, _of_tax = self.taxed(lines[0])
        self.assertEqual((base.tax_ids, base.balance), (tax, 100))
        self.assertEqual(self.items(lines[1]), [("600000", 100, 100)])
        self.assertFalse(lines[1].line_ids.tax_ids)

    def analytic(self, name="Project"):
        plan = self.env["account.analytic.plan"].create({"name": name})
        return self.env["account.analytic.account"].create(
            {"name": name, "plan_id": plan.id, "company_id": self.company.id}
        )

    def test_with_an_analytic_distribution(self):
        project = self.analytic()
        line = self.booked(-100)
        shares = {str(project.id): 100}
        line.tbc_settle({"parts": [self.part(self.fuel, analytic_distribution=shares)]})
        self.assertSettled(line)
        item = line._seek_for_lines()[2]
        self.assertEqual(item.analytic_distribution, shares)
        booked = item.sudo().analytic_line_ids
        self.assertEqual(booked.mapped("amount"), [-100])
        line.tbc_unsettle()
        self.assertFalse(booked.exists())

    def test_a_plan_that_is_mandatory(self):
        project = self.analytic()
        self.env["account.analytic.applicability"].create(
            {
                "analytic_plan_id": project.plan_id.id,
                "business_domain": "general",
                "applicability": "mandatory",
            }
        )
        line = self.booked(-100)
        with self.assertRaisesRegex(UserError, "analytic"):
            line.tbc_settle({"parts": [self.part(self.fuel)]})
        self.assertOpen(line)

    def test_on_account(self):
        line, other = self.booked(100), self.booked(-70, purpose="Advance")
        line.tbc_settle({"on_account": "customer", "partner_id": self.customer.id})
        other.tbc_settle({"on_account": "vendor", "partner_id": self.vendor.id})
        for one, name, partner, balance in (
            (line, "property_account_receivable_id", self.customer, -100),
            (other, "property_account_payable_id", self.vendor, 70),
        ):
            self.assertSettled(one)
            item = one._seek_for_lines()[2]
            mine = partner.with_company(self.company)
            self.assertEqual(item.account_id, mine[name])
            self.assertEqual((item.balance, item.partner_id), (balance, partner))
            self.assertEqual(item.amount_residual, balance)

    def test_the_partner_on_the_line_is_taken(self):
        line = self.of_customer(100)
        line.tbc_settle({"on_account": "customer"})
        self.assertEqual(line._seek_for_lines()[2].partner_id, self.customer)

    def test_the_bank_s_balance_stays(self):
        lines = self.booked(100) + self.booked(-70, purpose="Out")
        before = books_balance(self.account, False)
        lines[0].tbc_settle({"parts": [self.part(self.fuel)]})
        lines[1].tbc_settle(
            {"parts": [self.part(self.fuel, -20), self.part(self.fees)]}
        )
        self.assertEqual(books_balance(self.account, False), before)
        self.assertEqual(lines.mapped("amount"), [100, -70])
        self.assertEqual(lines.mapped("payment_ref"), ["Something", "Out"])


@tagged("post_install", "-at_install")
class TestSettleMany(SettleCase):
    def test_twenty_to_one_account(self):
        lines = self.booked_at_once(
            [{"amount": -10 - n, "purpose": f"Fuel {n}"} for n in range(20)]
        )
        lines[3].tbc_settle({"parts": [self.part(self.fees)]})
        told = lines.tbc_settle_many({"parts": [self.part(self.fuel)]})
        self.assertEqual(set(told["settled"]), set((lines - lines[3]).ids))
        self.assertEqual(told["problems"].keys(), {lines[3].id})
        self.assertIn(self.accountant.name, told["problems"][lines[3].id])
        self.assertEqual(told["cards"].keys(), set(lines.ids))
        for line in lines:
            self.assertSettled(line)
        self.assertEqual(self.items(lines[5]), [("600000", 15, 15)])
        self.assertEqual(self.items(lines[3]), [("620000", 13, 13)])

    def test_one_invoice_for_two(self):
        invoice = self.invoice(100)
        lines = self.booked_at_once(
            [{"amount": 100}, {"amount": 100, "purpose": "Again"}]
        )
        told = lines.tbc_settle_many(self.paying(invoice))
        self.assertEqual(len(told["settled"]), 1)
        [sentence] = told["problems"].values()
        self.assertIn(invoice.name, sentence)
        self.assertEqual(invoice.payment_state, "paid")

    def queries(self, lines, settlement):
        """How many it takes to settle all of these."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        told = self.mine(lines).tbc_settle_many(settlement)
        self.env.flush_all()
        self.assertEqual(sorted(told["settled"]), sorted(lines.ids))
        return self.env.cr.sql_log_count - before

    def test_queries_to_one_account(self):
        """Twenty cost little more than five."""
        found = []
        for count in (5, 20):
            lines = self.booked_at_once(
                [{"amount": -1 - n, "purpose": f"{count}"} for n in range(count)]
            )
            found.append(self.queries(lines, {"parts": [self.part(self.fuel)]}))
        few, many = found
        self.assertLess(many - few, 15 * MORE_FOR_A_LINE, found)

    def test_queries_of_first_proposals(self):
        """Odoo tells followers of each invoice that it is paid, one by one."""
        found = []
        for count in (2, 10):
            amounts = [100 * count + number for number in range(count)]
            self.invoices([(amount, None) for amount in amounts])
            lines = self.booked_at_once(
                [{"amount": one, "partnerAccountInfo": CUSTOMER} for one in amounts]
            )
            found.append(self.queries(lines, {"first_proposal": True}))
        few, many = found
        self.assertLess(many - few, 8 * MORE_FOR_AN_INVOICE, found)

    def test_one_that_odoo_refuses_leaves_the_others(self):
        """Of a locked day, which nothing says before Odoo is asked to change it."""
        lines = self.booked_at_once(
            [
                {"amount": -10, "day": "2026-06-16"},
                {"amount": -20, "day": "2026-06-12", "purpose": "Locked"},
                {"amount": -30, "day": "2026-06-16", "purpose": "Third"},
            ]
        )
        self.lock_until("2026-06-14")
        told = lines.tbc_settle_many({"parts": [self.part(self.fuel)]})
        self.assertEqual(set(told["settled"]), {lines[0].id, lines[2].id})
        self.assertIn("prior to and inclusive of", told["problems"][lines[1].id])
        self.assertOpen(lines[1])
        self.assertSettled(lines[0])
        self.assertSettled(lines[2])

    def test_both_legs_are_chosen(self):
        """Each one's proposal is the other: settled once, and nothing is wrong."""
        debit = self.booked(-100, partnerAccountInfo={"accountIban": OTHER_IBAN})
        credit = self.booked(
            100, self.other_account, partnerAccountInfo={"accountIban": IBAN}
        )
        told = (debit | credit).tbc_settle_many({"first_proposal": True})
        self.assertEqual(set(told["settled"]), {debit.id, credit.id})
        self.assertFalse(told["problems"])
        for line in debit | credit:
            self.assertSettled(line)

    def test_counts(self):
        lines = self.booked(100) | self.booked(70, purpose="Other")
        domain = [("tbc_account_id", "=", self.account.id)]
        mine = self.mine(self.env["account.bank.statement.line"])
        before = mine.tbc_match_counts(domain)
        self.mine(lines[0]).tbc_settle({"parts": [self.part(self.fuel)]})
        after = mine.tbc_match_counts(domain)
        self.assertEqual(after["left"], before["left"] - 1)
        self.assertEqual(after["settled_today"], before["settled_today"] + 1)
        self.assertEqual(mine.search_count([("tbc_settled_by_id", "!=", False)]), 1)
