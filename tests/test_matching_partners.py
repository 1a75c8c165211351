"""Who the other side is: what is archived names nobody, and how tax codes are written."""

from odoo.tests import tagged

from ..services.partners import find_partners
from .common import OTHER_IBAN
from .test_matching import CUSTOMER_CODE, CUSTOMER_IBAN, MatchingCase


@tagged("post_install", "-at_install")
class TestArchived(MatchingCase):
    """What is archived names nobody, neither when it is read nor when it is matched."""

    def set_up_once(self):
        super().set_up_once()
        self.bank_account = self.env["res.partner.bank"].create(
            {"acc_number": CUSTOMER_IBAN, "partner_id": self.customer.id}
        )

    def receive_by_iban(self, amount=100):
        return self.receive(amount, partnerAccountInfo={"accountIban": CUSTOMER_IBAN})

    def assertNobody(self, movement, invoice):
        self.assertUnmatched(movement)
        self.assertFalse(self.line(movement).partner_id)
        self.assertEqual(invoice.payment_state, "not_paid")

    def test_an_archived_account(self):
        invoice = self.invoice(100)
        self.bank_account.active = False
        movement = self.receive_by_iban()
        self.read()
        self.assertNobody(movement, invoice)
        self.bank_account.active = True
        self.match()
        self.assertMatched(movement, invoice)

    def test_an_archived_partner(self):
        invoice = self.invoice(100)
        self.customer.active = False
        movements = [self.receive_by_iban(), self.receive(100, day="2026-06-16")]
        self.read()
        for movement in movements:
            self.assertNobody(movement, invoice)

    def test_an_active_child_of_an_archived_parent(self):
        invoice = self.invoice(100)
        child = self.env["res.partner"].create(
            {"name": "Shop", "parent_id": self.customer.id, "type": "other"}
        )
        self.env["res.partner.bank"].create(
            {"acc_number": OTHER_IBAN, "partner_id": child.id}
        )
        self.customer.active = False
        self.assertTrue(child.active and child.vat)
        movements = [
            self.receive(100),
            self.receive(100, partnerAccountInfo={"accountIban": OTHER_IBAN}),
        ]
        self.read()
        for movement in movements:
            self.assertNobody(movement, invoice)

    def test_an_active_account_of_an_archived_child(self):
        invoice = self.invoice(100)
        child = self.env["res.partner"].create(
            {"name": "Shop", "parent_id": self.customer.id, "type": "other"}
        )
        self.env["res.partner.bank"].create(
            {"acc_number": OTHER_IBAN, "partner_id": child.id}
        )
        child.active = False
        movement = self.receive(100, partnerAccountInfo={"accountIban": OTHER_IBAN})
        self.read()
        self.assertNobody(movement, invoice)

    def test_an_archived_double_does_not_block(self):
        invoice = self.invoice(100)
        double = self.customer.copy({"name": "Double", "vat": CUSTOMER_CODE})
        self.env["res.partner.bank"].create(
            {"acc_number": CUSTOMER_IBAN, "partner_id": double.id}
        )
        movements = [self.receive(100), self.receive_by_iban(70)]
        other = self.invoice(70)
        self.read()
        for movement in movements:
            self.assertUnmatched(movement)
        double.active = False
        self.match()
        self.assertMatched(movements[0], invoice)
        self.assertMatched(movements[1], other)

    def test_a_partner_who_is_archived_on_the_line(self):
        """He was known when the line came in; the right contact takes his place."""
        double = self.customer.copy({"name": "Double", "vat": CUSTOMER_CODE})
        self.customer.active = False
        movement = self.receive(100)
        self.sync(self.account)
        self.assertEqual(self.line(movement).partner_id, double)
        old = self.invoice(100, double)
        double.active = False
        self.match()
        self.assertUnmatched(movement)
        self.assertEqual(old.payment_state, "not_paid")
        self.customer.active = True
        invoice = self.invoice(100)
        self.match()
        self.assertEqual(self.line(movement).partner_id, self.customer)
        self.assertMatched(movement, invoice)

    def test_whoever_looks_at_archived_records(self):
        invoice = self.invoice(100)
        self.bank_account.active = False
        movement = self.receive_by_iban()
        account = self.account.with_context(active_test=False)
        self.sync(account)
        self.match_accounts(account)
        self.env.invalidate_all()
        self.assertNobody(movement, invoice)


@tagged("post_install", "-at_install")
class TestArchivedOfRules(MatchingCase):
    def rule(self, **values):
        rule = self.env.ref("account_tbc_bank.tbc_operation_rule_treasury")
        rule = rule.with_company(self.company)
        rule.write({"account_id": self.expense().id, **values})
        return rule

    def expense(self):
        return self.env["account.account"].search(
            [("account_type", "=", "expense"), ("company_ids", "in", self.company.ids)],
            limit=1,
        )

    def test_an_archived_rule_books_nothing(self):
        self.rule(active=False)
        tax = self.add(-300, transactionType=32)
        self.sync(self.account)
        self.match_accounts(self.account.with_context(active_test=False))
        self.env.invalidate_all()
        self.assertUnmatched(tax)

    def test_an_archived_partner_of_a_rule_is_none(self):
        self.rule(partner_id=self.vendor.id)
        self.vendor.active = False
        tax = self.add(-300, transactionType=32)
        self.read()
        line = self.line(tax)
        self.assertTrue(line.is_reconciled)
        self.assertFalse(line.line_ids.partner_id)

    def test_an_archived_tax_of_a_rule_is_told(self):
        tax = self.env["account.tax"].create(
            {
                "name": "VAT 18",
                "amount": 18,
                "type_tax_use": "purchase",
                "company_id": self.company.id,
            }
        )
        self.rule(tax_id=tax.id)
        tax.active = False
        movement = self.add(-300, transactionType=32)
        self.read()
        self.assertUnmatched(movement)
        self.assertIn("VAT 18 is archived", self.line(movement).tbc_match_problem)


@tagged("post_install", "-at_install")
class TestTaxCodes(MatchingCase):
    written = (
        "ge404123456",
        "404 123 456",
        "GE 404-123-456",
        "404123456\u00a0",
        " 404\u2011123\u2011456 ",
        "Ge404.123.456",
    )

    def test_as_people_write_them(self):
        """When it is read, and when the partner is written so afterwards."""
        people = {}
        for number, vat in enumerate(self.written, 1):
            # Each has a code of its own, so that one read tells of all.
            vat, code = (
                one.replace("456", f"50{number}") for one in (vat, "404123456")
            )
            self.assertIn(f"50{number}", vat)
            partner = self.env["res.partner"].create({"name": vat, "vat": vat})
            people[partner] = (vat, {"taxCode": code})
        first = self.invoices([(100, partner) for partner in people])
        movements = [
            [
                self.receive(amount, partnerAccountInfo=info)
                for _vat, info in people.values()
            ]
            for amount in (100, 200)
        ]
        self.read()
        for (vat, _info), *match in zip(
            people.values(), movements[0], first, strict=True
        ):
            with self.subTest(vat):
                self.assertMatched(*match)
        lines = [self.line(movement) for movement in movements[1]]
        for partner, line in zip(people, lines, strict=True):
            partner.vat = False
            line.partner_id = False
        self.match()
        later = self.invoices([(200, partner) for partner in people])
        for partner, (vat, _info) in people.items():
            partner.vat = vat
        self.match()
        for (vat, _info), *match in zip(
            people.values(), movements[1], later, strict=True
        ):
            with self.subTest(vat):
                self.assertMatched(*match)

    def test_as_the_bank_writes_them(self):
        matches = [
            (
                code,
                self.receive(100 + number, partnerAccountInfo={"taxCode": code}),
                self.invoice(100 + number),
            )
            for number, code in enumerate(self.written, 1)
        ]
        self.read()
        for code, *match in matches:
            with self.subTest(code):
                self.assertMatched(*match)

    def test_the_iban_of_a_partner_whose_code_is_written_so(self):
        """The code that the bank tells is his, so his account tells who it was."""
        self.env["res.partner.bank"].create(
            {"acc_number": CUSTOMER_IBAN, "partner_id": self.customer.id}
        )
        # By the code there are two of them; only one has the account.
        self.customer.write({"vat": self.written[1], "country_id": False})
        abroad = {"country_id": self.env.ref("base.de").id, "vat": CUSTOMER_CODE}
        self.customer.copy({"name": "Abroad", **abroad})
        invoice = self.invoice(100)
        movement = self.receive(
            100,
            partnerAccountInfo={"accountIban": CUSTOMER_IBAN, "taxCode": CUSTOMER_CODE},
        )
        self.read()
        self.assertMatched(movement, invoice)

    def test_a_contradiction_is_told(self):
        invoice = self.invoice(100)
        movement = self.receive(100, partnerAccountInfo={"taxCode": "111111111"})
        self.sync(self.account)
        self.line(movement).partner_id = self.customer
        self.match()
        self.assertUnmatched(movement)
        problem = self.line(movement).tbc_match_problem
        for words in ("111111111", CUSTOMER_CODE, self.customer.name):
            self.assertIn(words, problem)
        # It is tried each time, and not only after a day.
        self.customer.vat = "ge 111-111-111"
        self.match()
        self.assertMatched(movement, invoice)
        self.assertFalse(self.line(movement).tbc_match_problem)

    def test_set_by_hand(self):
        self.customer.vat = False
        partner = self.env["res.partner"].create(
            {"name": "New", "vat": "ge404 123 456", "company_id": False}
        )
        invoice = self.invoice(100, partner)
        movement = self.receive(100)
        self.sync(self.account)
        self.line(movement).partner_id = partner
        self.match()
        self.assertMatched(movement, invoice)

    def test_another_code_is_another_s(self):
        self.customer.vat = "404 123 457"
        movement = self.receive(100)
        invoice = self.invoice(100)
        self.read()
        self.assertUnmatched(movement)
        self.assertFalse(self.line(movement).partner_id)
        self.assertEqual(invoice.payment_state, "not_paid")

    def test_two_who_write_it_differently_are_two(self):
        self.customer.copy({"name": "Double", "vat": "ge 404-123-456"})
        movement = self.receive(100)
        self.invoice(100)
        self.read()
        self.assertUnmatched(movement)
        self.assertFalse(self.line(movement).partner_id)

    def test_the_number_of_somebody_abroad_is_another_one(self):
        self.customer.write({"country_id": self.env.ref("base.de").id})
        movement = self.receive(100)
        invoice = self.invoice(100)
        self.read()
        self.assertUnmatched(movement)
        self.assertFalse(self.line(movement).partner_id)
        self.customer.vat = f"ge {CUSTOMER_CODE}"
        self.match()
        self.assertMatched(movement, invoice)

    def test_as_many_queries_for_fifty_as_for_one(self):
        self.env["res.partner"].create(
            [{"name": f"P{n}", "vat": f"ge 500 {n:06d}"} for n in range(50)]
        )
        codes = [f"500{number:06d}" for number in range(50)]
        self.assertEqual(len(self.find(codes)[0]), 50)
        self.assertEqual(self.find(codes)[1], self.find(codes[:1])[1])

    def find(self, codes):
        """Who is found, and how many queries that takes."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        found = find_partners(self.company, {code: (code, None) for code in codes})
        return found, self.env.cr.sql_log_count - before

    def test_no_code_at_all_contradicts_nothing(self):
        """A slash is how Odoo says that there is none."""
        self.customer.vat = "/"
        self.env["res.partner.bank"].create(
            {"acc_number": CUSTOMER_IBAN, "partner_id": self.customer.id}
        )
        invoice = self.invoice(100)
        movement = self.receive(
            100,
            partnerAccountInfo={"accountIban": CUSTOMER_IBAN, "taxCode": "111111111"},
        )
        self.read()
        self.assertMatched(movement, invoice)
