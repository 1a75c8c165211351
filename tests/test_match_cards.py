"""The cards of Transactions to Match: what is offered for each, and why."""

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .test_matching import MatchingCase

# For a page of 80 transactions, whatever the history.
MOST_QUERIES = 15
KEYS = {
    "id",
    "date",
    "purpose",
    "counterparty",
    "counterparty_iban",
    "tax_code",
    "amount",
    "currency_id",
    "foreign",
    "journal",
    "move_id",
    "partner",
    "can_make_partner",
    "named",
    "settled",
    "note",
    "settled_by",
    "problem",
    "proposals",
    "items",
    "items_count",
}


@tagged("post_install", "-at_install")
class CardsCase(MatchingCase):
    """Lines that the matching leaves, and their cards."""

    def card(self, movement_id):
        line = self.line(movement_id)
        return line.tbc_match_cards()[line.id]

    def first(self, movement_id):
        proposals = self.card(movement_id)["proposals"]
        self.assertTrue(proposals, self.line(movement_id).payment_ref)
        return proposals[0]

    def accept(self, movement_id):
        """Do what the first proposal says."""
        line = self.line(movement_id)
        line.tbc_settle(self.first(movement_id)["settlement"])
        self.assertTrue(line.is_reconciled)

    def account_of(self, kind, name, code="990700"):
        return self.env["account.account"].create(
            {"name": name, "code": code, "account_type": kind}
        )

    def receivable_of(self, *moves):
        items = [
            move.line_ids.filtered(
                lambda one: (
                    one.account_type in ("asset_receivable", "liability_payable")
                )
            )
            for move in moves
        ]
        return [item.id for item in items]

    def assertItems(self, proposal, *moves):
        found = [one["id"] for one in proposal["settlement"]["items"]]
        self.assertEqual(sorted(found), sorted(self.receivable_of(*moves)), proposal)


class TestCards(CardsCase):
    def test_two_of_one_amount(self):
        first = self.invoice(100, invoice_date_due="2026-06-11")
        second = self.invoice(100, invoice_date_due="2026-06-20")
        movement = self.receive(100)
        self.read()
        card = self.card(movement)
        self.assertEqual(card.keys(), KEYS)
        self.assertEqual(card["amount"], 100.0)
        self.assertEqual(card["partner"], [self.customer.id, "Customer LLC"])
        self.assertFalse(card["settled"])
        self.assertEqual(card["items_count"], 2)
        self.assertEqual([one["amount"] for one in card["items"]], [100.0, 100.0])
        best, other = card["proposals"][:2]
        self.assertEqual(best["kind"], "items")
        self.assertEqual(best["title"], first.name)
        self.assertEqual(best["reason"], "the oldest of 2 of this amount")
        self.assertItems(best, first)
        self.assertItems(other, second)
        self.assertEqual(best["difference"], 0.0)

    def test_a_little_is_missing(self):
        invoice = self.invoice(100)
        movement = self.receive(96.44, f"Invoice #{int(invoice.name[-5:])}")
        self.read()
        best = self.first(movement)
        self.assertItems(best, invoice)
        self.assertEqual(best["difference"], -3.56)
        self.assertTrue(best["settlement"]["left_open"])
        self.assertIn("less: looks like a bank's fee", best["reason"])

    def test_somebody_nobody_knows(self):
        movement = self.receive(41, partnerAccountInfo={"partnerName": "Somebody"})
        self.read()
        card = self.card(movement)
        self.assertEqual((card["partner"], card["can_make_partner"]), (False, True))
        self.assertEqual((card["proposals"], card["items"]), ([], []))

    def test_whose_document_it_is(self):
        """The row says it, but where somebody else pays."""
        invoice, _one, _other = self.invoice(41), self.invoice(42), self.invoice(42)
        own = self.receive(42, "Rest")
        movement = self.receive(41, partnerAccountInfo={"partnerName": "Somebody"})
        self.read()
        best = self.first(movement)
        self.assertItems(best, invoice)
        self.assertEqual(best["partner"], [self.customer.id, "Customer LLC"])
        self.assertFalse(self.first(own)["partner"])

    def test_the_habit_of_a_counterparty(self):
        fuel = self.account_of("expense", "Fuel")
        shop = {"partnerAccountInfo": {"partnerName": "WISSOL #41"}}
        earlier = [self.receive(-50 - number, **shop) for number in range(3)]
        movement = self.receive(-70, day="2026-06-17", **shop)
        self.read()
        for one in earlier:
            line = self.line(one)
            line.tbc_settle({"parts": [{"account_id": fuel.id, "amount": None}]})
        best = self.first(movement)
        self.assertEqual(best["kind"], "account")
        self.assertEqual(best["title"], fuel.display_name)
        self.assertEqual(
            best["reason"],
            f"the last 3 of WISSOL #41 went to {fuel.display_name}",
        )
        self.accept(movement)
        self.assertEqual(self.line(movement)._seek_for_lines()[2].account_id, fuel)

    def test_a_habit_tells_how_many(self):
        """One of several is not the last one."""
        fuel = self.account_of("expense", "Fuel")
        rent = self.account_of("expense", "Rent", "990701")
        words = {"purpose": "Diesel and oil"}
        shop = {**words, "partnerAccountInfo": {"partnerName": "WISSOL #41"}}
        stranger = {**words, "partnerAccountInfo": {"partnerName": "Somebody"}}
        earlier = [self.receive(-50 - number, **shop) for number in range(3)]
        of_shop = self.receive(-70, day="2026-06-17", **shop)
        of_words = self.receive(-71, day="2026-06-17", **stranger)
        self.read()
        expected = (
            (fuel, "the last one of WISSOL #41", "the last one with these words"),
            (fuel, "the last 2 of WISSOL #41", "the last 2 with these words"),
            (rent, "1 of the last 3 of WISSOL #41", "1 of the last 3 with these words"),
        )
        for movement, (account, *told) in zip(earlier, expected, strict=True):
            part = {"account_id": account.id, "amount": None}
            self.line(movement).tbc_settle({"parts": [part]})
            for one, start in zip((of_shop, of_words), told, strict=True):
                reasons = [own["reason"] for own in self.card(one)["proposals"]]
                self.assertIn(f"{start} went to {account.display_name}", reasons)
                self.assertEqual(len(reasons), len(set(reasons)))

    def test_one_name_in_two_scripts(self):
        self.customer.write({"name": "შპს ალფა", "vat": False})
        invoice = self.invoice(120)
        other = {"partnerName": "Alpha LLC", "taxCode": "205111222"}
        movement = self.receive(120, partnerAccountInfo=other)
        self.read()
        best = self.first(movement)
        self.assertItems(best, invoice)
        self.assertEqual(
            best["reason"], "the only one open of this amount; the name is alike"
        )
        self.accept(movement)
        self.assertEqual(invoice.payment_state, "paid")
        item = self.line(movement)._seek_for_lines()[2]
        self.assertEqual(item.partner_id, self.customer)

    def test_several_items_of_exactly_the_sum(self):
        moves = [self.invoice(amount) for amount in (30, 70.5, 900)]
        movement = self.receive(100.5)
        self.read()
        best = self.first(movement)
        self.assertItems(best, *moves[:2])
        self.assertEqual(best["reason"], "2 open items of exactly this sum")
        self.accept(movement)
        self.assertEqual([one.payment_state for one in moves[:2]], ["paid", "paid"])

    def test_an_item_in_another_currency(self):
        invoice = self.invoice(100, currency_id=self.usd.id)
        self.env["res.currency.rate"].create(
            {
                "currency_id": self.usd.id,
                "company_id": self.company.id,
                "name": "2026-06-01",
                "inverse_company_rate": 2.71,
            }
        )
        movement = self.receive(271)
        self.read()
        best = self.first(movement)
        self.assertItems(best, invoice)
        self.assertIn("100.00 at the rate of the day", best["reason"])
        self.accept(movement)
        self.assertEqual(invoice.payment_state, "paid")

    def test_a_payment_registered_by_hand(self):
        invoice = self.invoice(100)
        wizard = (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"journal_id": self.account.journal_id.id})
        )
        payment = wizard._create_payments()
        movement = self.receive(100)
        self.read()
        best = self.first(movement)
        self.assertEqual(best["kind"], "payment")
        self.accept(movement)
        self.assertTrue(payment.is_matched)

    def test_the_other_leg_in_another_bank_s_journal(self):
        cash = self.env["account.journal"].create(
            {
                "name": "Other Bank",
                "type": "bank",
                "code": "OTHB",
                "company_id": self.company.id,
            }
        )
        leg = self.env["account.bank.statement.line"].create(
            {
                "journal_id": cash.id,
                "date": "2026-06-16",
                "payment_ref": "Own money",
                "amount": 300,
            }
        )
        own = {"partnerName": self.company.name}
        movement = self.receive(-300, partnerAccountInfo=own)
        self.read()
        best = self.first(movement)
        self.assertEqual(best["kind"], "own_transfer")
        self.assertEqual(best["settlement"]["other_line_id"], leg.id)
        self.assertIn("Other Bank", best["title"])
        self.accept(movement)
        self.assertTrue(leg.is_reconciled)

    def test_a_rule_that_is_switched_off(self):
        fuel = self.account_of("expense", "Fuel")
        rule = self.env["tbc.operation.rule"].create(
            {"name": "Filling", "words": "fuel", "account_id": fuel.id, "active": False}
        )
        movement = self.receive(-64, "Fuel for cars", partnerAccountInfo={})
        self.read()
        best = self.first(movement)
        self.assertEqual((best["kind"], best["title"]), ("rule", fuel.display_name))
        self.assertEqual(
            best["reason"], "operation rule “Filling” fits, but is switched off"
        )
        rule.unlink()

    def test_on_account_of_a_customer(self):
        movement = self.receive(77)
        self.read()
        best = self.first(movement)
        self.assertEqual(best["kind"], "on_account")
        self.assertEqual(best["title"], "On account of customer Customer LLC")
        self.assertEqual(best["reason"], "nothing that is open fits")
        self.accept(movement)
        item = self.line(movement)._seek_for_lines()[2]
        self.assertEqual(item.account_id.account_type, "asset_receivable")

    def test_on_account_beside_what_is_open(self):
        """It does not say that nothing fits where an invoice is proposed, too."""
        self.invoice(77)
        self.invoice(77)
        movements = [self.receive(77), self.receive(30)]
        self.read()
        for movement, reason in zip(
            movements,
            ("if it pays nothing that is open", "as earlier ones of this partner"),
            strict=True,
        ):
            own = [
                one
                for one in self.card(movement)["proposals"]
                if one["kind"] == "on_account"
            ]
            self.assertEqual([one["reason"] for one in own], [reason])
            self.line(movement).tbc_settle(
                {"on_account": "customer", "partner_id": self.customer.id}
            )

    def test_a_settled_line(self):
        movement = self.receive(77)
        self.read()
        self.accept(movement)
        card = self.card(movement)
        self.assertTrue(card["settled"])
        self.assertEqual(card["settled_by"], self.env.user.name)
        self.assertTrue(card["note"])
        self.assertEqual((card["proposals"], card["items"]), ([], []))

    def test_the_door_is_for_people_with_the_books(self):
        movement = self.receive(77)
        self.read()
        reader = new_test_user(self.env, "reader", "base.group_user")
        with self.assertRaises(AccessError):
            self.line(movement).with_user(reader).tbc_match_cards()


class TestCardQueries(CardsCase):
    def test_a_page_takes_few_queries_whatever_the_history(self):
        """At most 15 for 80 lines, and not one more with ten times the history."""
        fuel = self.account_of("expense", "Fuel")
        self.env["tbc.operation.rule"].create(
            {"name": "Shops", "words": "POS", "account_id": fuel.id}
        )
        self.invoices([(1_000 + number % 7, None) for number in range(40)])
        page = [self.receive(1_000 + number % 9) for number in range(40)]
        page += [self.shop_payment(number, "Goods") for number in range(40)]
        counts = []
        for begin, end in ((100, 110), (110, 200)):
            history = [self.shop_payment(one, "POS") for one in range(begin, end)]
            self.read()
            self.assertTrue(self.line(history[-1]).is_reconciled)
            counts.append(self.queries(page))
        self.assertEqual(counts[0], counts[1])
        self.assertLessEqual(max(counts), MOST_QUERIES, counts)

    def shop_payment(self, number, purpose):
        shop = {"partnerName": f"Shop {number % 10}"}
        day = f"2026-06-{1 + number % 15:02d}"
        return self.receive(-1 - number, purpose, day=day, partnerAccountInfo=shop)

    def queries(self, page):
        lines = self.env["account.bank.statement.line"].search(
            [("tbc_movement_id", "in", page), ("is_reconciled", "=", False)]
        )
        self.assertGreaterEqual(len(lines), 70)
        self.env.flush_all()
        self.env.invalidate_all()
        begun = self.env.cr.sql_log_count
        cards = lines.tbc_match_cards()
        count = self.env.cr.sql_log_count - begun
        self.assertTrue(any(card["proposals"] for card in cards.values()))
        return count
