"""A company and its branches are looked at as one."""

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import IBAN, OTHER_IBAN
from .test_matching import CUSTOMER_CODE, CUSTOMER_IBAN, OWN, MatchingCase


@tagged("post_install", "-at_install")
class BranchCase(MatchingCase):
    """Our company has a branch, with accounts as Odoo gives them to one."""

    @classmethod
    def _make_company(cls):
        result = super()._make_company()
        cls.branch = cls.env["res.company"].create(
            {"name": "Batumi Branch", "parent_id": cls.company.id}
        )
        cls.env["account.chart.template"].try_loading(
            "generic_coa", cls.branch, install_demo=False
        )
        cls.env.user.company_ids += cls.branch
        return result

    def of_branch(self, amount, partner=None, **values):
        return self.invoice(amount, partner, company_id=self.branch.id, **values)


class TestBranchDocuments(BranchCase):
    notes_changes = False

    def test_one_of_each_is_two(self):
        invoices = self.invoice(150) + self.of_branch(150)
        self.assertEqual(invoices.company_id, self.company + self.branch)
        movement = self.receive(150)
        self.read()
        self.assertUnmatched(movement)
        self.assertEqual(invoices.mapped("payment_state"), ["not_paid"] * 2)

    def test_a_branch_s_invoice_that_is_named(self):
        invoices = self.invoice(150) + self.of_branch(150)
        movement = self.receive(150, f"For {invoices[1].name}")
        self.read()
        self.assertMatched(movement, invoices[1])
        self.assertEqual(invoices.mapped("payment_state"), ["not_paid", "paid"])

    def test_the_only_one_wherever_it_is(self):
        invoice = self.of_branch(150)
        movement = self.receive(150)
        self.read()
        self.assertMatched(movement, invoice)

    def test_another_company_s_is_none(self):
        sister = self.env["res.company"].create({"name": "Sister LLC"})
        self.env["account.chart.template"].try_loading(
            "generic_coa", sister, install_demo=False
        )
        sister.currency_id = self.gel
        invoice = self.invoice(150, company_id=sister.id)
        mine = self.of_branch(150)
        movement = self.receive(150)
        self.read()
        self.assertMatched(movement, mine)
        self.assertEqual(invoice.payment_state, "not_paid")

    def test_a_line_of_the_branch_s_other_bank_is_a_rival(self):
        invoice = self.invoice(150)
        journal = self.env["account.journal"].create(
            {"name": "Other Bank", "type": "bank", "company_id": self.branch.id}
        )
        self.env["account.bank.statement.line"].create(
            {
                "journal_id": journal.id,
                "date": "2026-06-15",
                "amount": 150,
                "payment_ref": "Payment",
                "partner_id": self.customer.id,
            }
        )
        movement = self.receive(150)
        self.read()
        self.assertUnmatched(movement)
        self.assertEqual(invoice.payment_state, "not_paid")

    def test_in_foreign_currency(self):
        usd = self.make_account(self.usd)
        invoice = self.of_branch(100, currency_id=self.usd.id)
        self.env["res.currency.rate"].create(
            {
                "currency_id": self.usd.id,
                "company_id": self.company.id,
                "name": "2026-06-14",
                "inverse_company_rate": 2.8,
            }
        )
        movement = self.receive(100, invoice.name, currency="USD")
        self.read(usd)
        self.assertTrue(self.line(movement).is_reconciled)
        self.assertEqual((invoice.payment_state, invoice.amount_residual), ("paid", 0))

    def test_a_receivable_of_the_branch_alone_is_told(self):
        account = self.env["account.account"].create(
            {
                "name": "Receivable of Batumi",
                "code": "141099",
                "account_type": "asset_receivable",
                "reconcile": True,
                "company_ids": [Command.set(self.branch.ids)],
            }
        )
        partner = self.customer.with_company(self.branch)
        partner.property_account_receivable_id = account
        invoice = self.of_branch(150)
        self.assertIn(account, invoice.line_ids.account_id)
        movement = self.receive(150, invoice.name)
        self.read()
        self.assertUnmatched(movement)
        problem = self.line(movement).tbc_match_problem
        self.assertIn("Batumi Branch", problem)


class TestBranchPartners(BranchCase):
    def contact(self, company, **values):
        self.customer.vat = False
        return self.env["res.partner"].create(
            {
                "name": "Its own",
                "is_company": True,
                "vat": CUSTOMER_CODE,
                "company_id": company.id,
                **values,
            }
        )

    def test_a_branch_s_own_contact(self):
        """Odoo refuses him on the line of its parent; its invoice is his all the same."""
        partner = self.contact(self.branch)
        invoice = self.of_branch(150, partner)
        named, silent = self.receive(40, invoice.name), self.receive(110)
        self.read()
        self.match()
        for movement in (named, silent):
            self.assertMatched(movement, invoice)
            self.assertIn(partner, self.line(movement).line_ids.partner_id)
        self.assertEqual(invoice.payment_state, "paid")

    def test_a_branch_s_own_contact_by_his_account(self):
        partner = self.contact(self.branch, vat=False)
        self.env["res.partner.bank"].create(
            {"acc_number": CUSTOMER_IBAN, "partner_id": partner.id}
        )
        invoice = self.of_branch(150, partner)
        movement = self.receive(150, partnerAccountInfo={"accountIban": CUSTOMER_IBAN})
        self.read()
        self.assertMatched(movement, invoice)

    def test_each_has_him_for_itself(self):
        """Two contacts are two candidates, though Odoo keeps them apart."""
        partners = self.contact(self.branch) + self.contact(self.company)
        invoices = self.of_branch(150, partners[0]) + self.invoice(150, partners[1])
        movement = self.receive(150)
        self.read()
        self.assertUnmatched(movement)
        self.assertEqual(invoices.mapped("payment_state"), ["not_paid"] * 2)

    def test_another_company_s_contact_is_nobody(self):
        sister = self.env["res.company"].create({"name": "Sister LLC"})
        self.contact(sister)
        movement = self.receive(150)
        self.read()
        self.assertFalse(self.line(movement).partner_id)
        self.assertUnmatched(movement)


class TestBranchAccounts(BranchCase):
    """The TBC account is the branch's own."""

    def set_up_once(self):
        super().set_up_once()
        self.director.company_ids += self.branch
        integration = self.env["tbc.integration"].create(
            {
                "name": "Batumi",
                "company_id": self.branch.id,
                "environment": "sandbox",
                "user_id": self.director.id,
            }
        )
        integration.with_user(self.director).with_context(
            allowed_company_ids=self.branch.ids
        ).set_credentials("fake-client-id", "fake-client-secret")
        integration.state = "connected"
        self.other = self.env["tbc.account"].create(
            {
                "integration_id": integration.id,
                "iban": OTHER_IBAN,
                "currency_id": self.gel.id,
                "sync_from": "2026-06-01",
            }
        )
        self.other.with_company(self.branch).action_create_journal()
        self.assertEqual(self.other.journal_id.company_id, self.branch)

    def receive_there(self, amount, purpose="Payment", **members):
        return self.receive(amount, purpose, iban=OTHER_IBAN, **members)

    def test_the_parent_s_contact_and_invoice(self):
        self.customer.company_id = self.company
        invoice = self.invoice(150)
        movement = self.receive_there(150, invoice.name)
        self.read(self.other)
        self.assertEqual(self.line(movement).partner_id, self.customer)
        self.assertMatched(movement, invoice)

    def test_a_line_of_each_for_one_invoice(self):
        invoice = self.invoice(150)
        movements = [self.receive(150), self.receive_there(150)]
        self.read(self.account, self.other)
        for movement in movements:
            self.assertUnmatched(movement)
        self.assertEqual(invoice.payment_state, "not_paid")

    def test_between_the_two(self):
        ids = [
            self.add(
                amount,
                iban=iban,
                transactionType=1,
                movementId=f"000000000777.{suffix}",
                externalPaymentId="777",
                partnerAccountInfo={**OWN, "accountIban": partner},
            )
            for suffix, amount, iban, partner in (
                (1, -50, IBAN, OTHER_IBAN),
                (2, 50, OTHER_IBAN, IBAN),
            )
        ]
        self.read(self.account, self.other)
        for movement in ids:
            line = self.line(movement)
            self.assertTrue(line.is_reconciled, line.tbc_match_problem)
            _liquidity, _suspense, others = line._seek_for_lines()
            self.assertEqual(others.account_id, self.company.transfer_account_id)
            self.assertTrue(others.reconciled)
        self.line(ids[0]).action_undo_reconciliation()
        for movement in ids:
            self.assertUnmatched(movement)

    def test_a_rule_s_account_is_each_company_s_own(self):
        rule = self.env.ref("account_tbc_bank.tbc_operation_rule_treasury")
        expense = self.env["account.account"].search(
            [("account_type", "=", "expense"), ("company_ids", "in", self.company.ids)],
            limit=1,
        )
        rule.with_company(self.branch).account_id = expense
        mine = self.add(-300, transactionType=32)
        there = self.add(-300, transactionType=32, iban=OTHER_IBAN)
        self.read(self.account, self.other)
        self.assertUnmatched(mine)
        self.assertTrue(self.line(there).is_reconciled)

    def test_each_has_its_own_lock(self):
        movements = [self.receive(150), self.receive_there(70)]
        invoices = self.invoice(150) + self.invoice(70)
        self.sync(self.account)
        self.sync(self.other)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_company SET fiscalyear_lock_date = '2026-06-20' WHERE id = %s",
            [self.branch.id],
        )
        self.env.invalidate_all()
        self.match()
        self.assertMatched(movements[0], invoices[0])
        self.assertUnmatched(movements[1])


class TestBranchOrders(BranchCase):
    """Somebody of the branch pays from the company's account, as Odoo lets him."""

    def set_up_once(self):
        super().set_up_once()
        groups = "account.group_account_user,account_tbc_bank.group_tbc_transfers"
        self.cashier = self._make_user("cashier", groups, self.branch)
        self.add(1000, "2026-06-01")

    def branch_payment(self):
        payment = self.env["account.payment"].create(
            {
                "payment_type": "outbound",
                "partner_type": "supplier",
                "partner_id": self.vendor.id,
                "amount": 100,
                "date": "2026-06-30",
                "memo": "From Batumi",
                "company_id": self.branch.id,
                "journal_id": self.account.journal_id.id,
                "payment_method_line_id": self.method_line().id,
            }
        )
        payment.action_post()
        self.assertEqual(payment.company_id, self.branch)
        return payment.with_user(self.cashier).with_context(
            allowed_company_ids=self.branch.ids
        )

    def test_he_queues_sees_and_follows(self):
        payment = self.branch_payment()
        payment.action_tbc_queue()
        self.assertEqual(payment.tbc_state, "queued")
        order = payment.tbc_transfer_id
        self.assertEqual(order.amount, 100)
        spec = {
            "state": {},
            "amount": {},
            "is_matched": {},
            "is_integration_user": {},
            "account_id": {"fields": {"display_name": {}}},
            "integration_id": {"fields": {"display_name": {}}},
            "payment_id": {"fields": {"display_name": {}}},
        }
        [values] = order.web_read(spec)
        self.assertEqual(values["state"], "queued")
        found = order.search([("state", "=", "queued")])
        self.assertEqual(found, order)
        Form(order)
        self.initiate(payment.sudo().with_user(self.env.user))
        self.submit()
        notice = order.action_refresh_status()["params"]
        self.assertEqual(notice["type"], "success")
        self.assertEqual(order.state, "to_sign")
        self.bank.in_progress_questions = 0
        self.bank.sign()
        self.refresh()
        self.sync(self.account)
        self.assertEqual(payment.state, "paid")

    def test_he_is_called_when_it_was_not_made(self):
        payment = self.branch_payment()
        payment.action_tbc_queue()
        self.initiate(payment.sudo().with_user(self.env.user))
        self.submit()
        self.refresh()
        self.bank.reject()
        self.refresh()
        self.assertEqual(payment.state, "rejected")
        self.assertEqual(payment.activity_ids.user_id, self.cashier)

    def test_he_takes_it_out_and_queues_a_batch(self):
        payment = self.branch_payment()
        payment.action_tbc_queue()
        payment.tbc_transfer_id.action_withdraw()
        self.assertEqual(payment.tbc_state, "draft")
        wizard = self.env["tbc.transfer.queue"].with_user(self.cashier)
        wizard = wizard.with_context(
            allowed_company_ids=self.branch.ids,
            **payment.action_tbc_queue_batch()["context"],
        )
        wizard.create({"name": "June"}).action_queue()
        batch = payment.tbc_transfer_id.batch_id
        self.assertEqual(batch.name, "June")
        self.assertEqual(batch.order_ids, payment.tbc_transfer_id)

    def test_he_sees_his_own_alone(self):
        mine = self.pay(70)
        mine.action_tbc_queue()
        orders = self.env["tbc.transfer"].with_user(self.cashier)
        orders = orders.with_context(allowed_company_ids=self.branch.ids)
        self.assertFalse(orders.search([]))
        with self.assertRaises(AccessError):
            orders.browse(self.order(mine).id).read(["amount"])
        for model in ("tbc.integration", "tbc.account", "tbc.credential"):
            records = self.env[model].with_user(self.cashier)
            records = records.with_context(allowed_company_ids=self.branch.ids)
            if records.has_access("read"):
                self.assertFalse(records.search([]))

    def test_the_company_s_own_people_see_it_too(self):
        payment = self.branch_payment()
        payment.action_tbc_queue()
        order = payment.sudo().tbc_transfer_id.with_user(self.bookkeeper)
        order = order.with_context(allowed_company_ids=self.company.ids)
        self.assertEqual(order.state, "queued")

    def test_the_company_s_other_account_is_its_own(self):
        """From a branch's payment, too: the bank knows one client."""
        other = self.make_account(iban=OTHER_IBAN)
        payment = self.branch_payment()
        payment = payment.sudo().with_user(self.env.user)
        payment.partner_bank_id = self.env["res.partner.bank"].create(
            {"acc_number": other.iban, "partner_id": self.vendor.id}
        )
        self.assertEqual(payment.tbc_transfer_type, "TransferToOwnAccount")
