"""The accountant settles the day's rest, in a real browser; each click is counted."""

from odoo.fields import Command
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import OTHER_IBAN
from .test_matching import MatchingCase

NEWCOMER = {"taxCode": "405777777", "partnerName": "Newcomer LLC"}
CITY = {"taxCode": "405999999", "partnerName": "City Parking"}
TAXI = {"taxCode": "405666666", "partnerName": "Night Taxi LLC"}
STRANGER = {"taxCode": "405888888", "partnerName": "Stranger LLC"}
NEIGHBOUR = {"taxCode": "405888889", "partnerName": "Kind Neighbour LLC"}


class MatchingTourCase(MatchingCase, HttpCase):
    """One transaction for each thing that an accountant wants."""

    def set_up_once(self):
        super().set_up_once()
        self.make_accounts()
        self.partners = {
            name: self.env["res.partner"].create({"name": name, "vat": code})
            for name, code in (
                ("Friend LLC", "405100001"),
                ("Short LLC", "405100002"),
                ("Rich LLC", "405100003"),
                ("Twice LLC", "405100004"),
                ("Both LLC", "405100005"),
                ("Slow LLC", "405100006"),
                ("Early LLC", "405100007"),
                ("Pair LLC", "405100008"),
                ("Supplies LLC", "405100009"),
            )
        }
        self.make_open_items()
        self.make_movements()
        self.sync(self.account)
        self.sync(self.other)

    def make_accounts(self):
        self.other = self.make_account(iban=OTHER_IBAN)
        expense = {"account_type": "expense", "company_ids": self.company.ids}
        self.env["account.account"].create(
            [
                {"name": "Tour Expenses", "code": "T64001", **expense},
                {"name": "Tour Travel", "code": "T64002", **expense},
                {"name": "Tour Fees", "code": "T64003", **expense},
            ]
        )
        self.account.fee_account_id = self.env["account.account"].search(
            [("name", "=", "Tour Fees")]
        )
        tax = self.env["account.tax"].create(
            {
                "name": "Tour Tax",
                "amount": 18,
                "type_tax_use": "purchase",
                "company_id": self.company.id,
                "country_id": self.company.account_fiscal_country_id.id,
            }
        )
        travel = self.env["account.account"].search([("name", "=", "Tour Travel")])
        travel.tax_ids = tax
        plan = self.env["account.analytic.plan"].create({"name": "Tour Plan"})
        self.env["account.analytic.account"].create(
            {"name": "Tour Project", "plan_id": plan.id, "company_id": False}
        )
        self.accountant.group_ids = [
            Command.link(self.env.ref("analytic.group_analytic_accounting").id)
        ]

    def make_open_items(self):
        """What waits to be paid."""
        partners = self.partners
        self.first = self.invoice(100)
        wanted = [
            (amount, partners[name])
            for amount, name in (
                (30, "Both LLC"),
                (40, "Both LLC"),
                (200, "Twice LLC"),
                (200, "Twice LLC"),
                (77, "Friend LLC"),
                (800, "Slow LLC"),
                (100, "Short LLC"),
                (60, "Rich LLC"),
                (21, "Pair LLC"),
                (23, "Pair LLC"),
            )
        ]
        self.invoices([*wanted, *((1000 + number, None) for number in range(20))])

    def make_movements(self):
        """What the bank sends."""
        first = self.first.name
        self.receive(100, f"Pays the first {first}")
        self.receive(200, "One of two", partnerAccountInfo=self.info("Twice LLC"))
        self.receive(70, "Two at once", partnerAccountInfo=self.info("Both LLC"))
        self.receive(77, "For a friend", partnerAccountInfo=STRANGER)
        self.receive(44, "For both friends", partnerAccountInfo=NEIGHBOUR)
        self.receive(300, "An instalment", partnerAccountInfo=self.info("Slow LLC"))
        self.receive(96.44, "A little short", partnerAccountInfo=self.info("Short LLC"))
        self.receive(62, "A little too much", partnerAccountInfo=self.info("Rich LLC"))
        self.receive(-118, "Printer paper", partnerAccountInfo={})
        for number in (1, 2):
            self.receive(-5 * number, f"Parking {number}", partnerAccountInfo=CITY)
            self.receive(-59 * number, f"Night taxi {number}", partnerAccountInfo=TAXI)
            self.receive(
                11 * number, f"A newcomer {number}", partnerAccountInfo=NEWCOMER
            )
            self.receive(
                13 * number, f"Who is it {number}", partnerAccountInfo=STRANGER
            )
        self.receive(500, "In advance", partnerAccountInfo=self.info("Early LLC"))
        supplies = self.info("Supplies LLC")
        self.receive(-400, "Before the bill", partnerAccountInfo=supplies)
        self.receive(-45, "Two things", partnerAccountInfo={})
        self.receive(-333, "To our other account", partnerAccountInfo={})
        self.add(333, iban=OTHER_IBAN, purpose="From our other account")
        self.receive(-444, "To our other bank", partnerAccountInfo={})
        self.make_line_of_another_bank()
        for number in range(20):
            self.receive(-3, f"Morning coffee {number:02}", partnerAccountInfo={})
            self.receive(1000 + number, f"Daily sale {number:02}")

    def make_line_of_another_bank(self):
        """Where that money arrived, entered by hand."""
        journal = self.env["account.journal"].create(
            {
                "name": "Another Bank",
                "type": "bank",
                "code": "ANB",
                "company_id": self.company.id,
            }
        )
        self.arrived = self.env["account.bank.statement.line"].create(
            {
                "journal_id": journal.id,
                "date": "2026-06-15",
                "payment_ref": "From TBC",
                "amount": 444,
            }
        )

    def info(self, name):
        return {"taxCode": self.partners[name].vat, "partnerName": name}

    def settled(self, purpose):
        """The counterpart items of a line that must be settled."""
        line = self.lines(self.account).filtered(
            lambda line: line.payment_ref.startswith(purpose)
        )
        self.assertEqual(len(line), 1, purpose)
        self.assertTrue(line.is_reconciled, purpose)
        _liquidity, suspense, others = line._seek_for_lines()
        self.assertFalse(suspense, purpose)
        return others

    def assertAccounts(self, purpose, *names):
        self.assertEqual(
            sorted(self.settled(purpose).account_id.mapped("name")), sorted(names)
        )

    def walk(self, tour, url="/odoo/transactions-to-match"):
        self.start_tour(url, tour, login="tbc_accountant", timeout=600)
        self.env.invalidate_all()

    def check_chosen(self):
        """What was chosen with clicks alone is what is booked."""
        receivable = "Account Receivable"
        fees = self.account.fee_account_id.name
        gain = self.company.income_currency_exchange_account_id.name
        self.assertTrue(self.settled("One of two").reconciled)
        self.assertEqual(len(self.settled("Two at once")), 2)
        self.assertEqual(
            self.settled("For a friend").partner_id, self.partners["Friend LLC"]
        )
        pair = self.settled("For both friends")
        self.assertEqual(pair.partner_id, self.partners["Pair LLC"])
        self.assertEqual(sorted(pair.mapped("amount_currency")), [-23, -21])
        self.assertTrue(all(pair.mapped("reconciled")))
        self.assertTrue(self.settled("An instalment").full_reconcile_id.ids == [])
        self.assertAccounts("A little short", receivable, fees)
        self.assertAccounts("A little too much", receivable, gain)
        self.assertAccounts("In advance", receivable)
        self.assertAccounts("Before the bill", "Account Payable")
        self.assertTrue(self.settled("To our other account"))
        self.assertTrue(self.settled("To our other bank").reconciled)
        self.assertTrue(self.arrived.is_reconciled)
        self.assertEqual(self.partner("A newcomer").name, "Newcomer LLC")
        self.assertEqual(self.partner("A newcomer").vat, NEWCOMER["taxCode"])

    def check_typed(self):
        """So is what was typed, and what was settled at once."""
        self.assertAccounts("Parking 1", "Tour Expenses")
        self.assertAccounts("Parking 2", "Tour Expenses")
        self.assertAccounts("Two things", "Tour Expenses", "Tour Travel")
        travel = self.settled("Two things").filtered("tax_ids")
        self.assertEqual(travel.account_id.name, "Tour Travel")
        self.check_paper()
        for number in (1, 2):
            taxi = self.settled(f"Night taxi {number}").filtered("tax_ids")
            self.assertEqual(taxi.account_id.name, "Tour Travel")
            self.assertEqual(taxi.balance, 50 * number)
            self.assertEqual(taxi.tax_ids.name, "Tour Tax")
        self.assertEqual(self.partner("Who is it"), self.partners["Friend LLC"])
        for number in range(20):
            self.assertAccounts(f"Morning coffee {number:02}", "Tour Expenses")
            coffee = self.settled(f"Morning coffee {number:02}")
            self.assertEqual(coffee.partner_id, self.partners["Friend LLC"])
            self.assertTrue(self.settled(f"Daily sale {number:02}").reconciled)

    def check_paper(self):
        items = self.settled("Printer paper")
        # The tax has no account of its own, so its item is on the same one.
        expense = items.filtered("tax_ids")
        self.assertEqual(expense.account_id.name, "Tour Expenses")
        self.assertEqual(expense.balance, 100)
        self.assertEqual(expense.tax_ids.name, "Tour Tax")
        self.assertEqual(expense.name, "Paper for June")
        self.assertEqual(expense.partner_id, self.partners["Friend LLC"])
        self.assertTrue(expense.analytic_distribution)

    def partner(self, purpose):
        """The one partner of both lines."""
        lines = self.lines(self.account).filtered(
            lambda line: line.payment_ref.startswith(purpose)
        )
        self.assertEqual(len(lines), 2)
        return lines.partner_id.ensure_one()


@tagged("post_install", "-at_install")
class TestMatchingTour(MatchingTourCase):
    def test_each_wish(self):
        self.walk("account_tbc_bank_match")
        self.check_chosen()
        self.check_typed()

    def test_keys(self):
        self.walk("account_tbc_bank_match_keys")

    @mute_logger("odoo.http")
    def test_card(self):
        """The card counts what the screen shows; what Odoo refuses is told on the row."""
        self.walk("account_tbc_bank_match_card", "/odoo/accounting")


@tagged("post_install", "-at_install")
class TestMatchingTourPhone(MatchingTourCase):
    browser_size = "390x844"
    touch_enabled = True

    def test_each_wish(self):
        self.walk("account_tbc_bank_match_phone")
        self.check_chosen()
        self.check_typed()
