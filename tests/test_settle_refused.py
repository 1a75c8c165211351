"""What no settlement may do: each time a sentence, and nothing is changed."""

import re

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from ..services.transfers.states import live
from .settle_common import SettleCase


@tagged("post_install", "-at_install")
class TestSettleRefused(SettleCase):
    begins_with_a_line = True

    def refuse(self, line, settlement, sentence, error=UserError):
        """It is refused with that sentence, and the entry stays as it was."""
        before = self.entry(line)
        with self.assertRaisesRegex(error, sentence):
            line.tbc_settle(settlement)
        self.env.invalidate_all()
        self.assertEqual(self.entry(line), before)
        if not line.is_reconciled:
            self.assertOpen(line)

    def to_fuel(self, **more):
        return {"parts": [self.part(self.fuel)], **more}

    # === THE LINE === #

    def test_twice(self):
        line = self.booked(100)
        line.tbc_settle(self.to_fuel())
        other = self._make_user("second", "account.group_account_user")
        sentence = f"{self.accountant.name} matched this transaction"
        self.refuse(self.mine(line, other), self.to_fuel(), re.escape(sentence))

    def test_what_the_matching_did(self):
        self.invoice(100)
        line = self.of_customer(100)
        self.match()
        self.refuse(line, self.to_fuel(), "matched already.*only one open")

    def test_a_draft(self):
        line = self.booked(100)
        line.move_id.button_draft()
        self.refuse(line, self.to_fuel(), "not posted")

    def test_what_is_half_done(self):
        line = self.booked(100)
        suspense = line._seek_for_lines()[1]
        line.move_id.with_context(skip_readonly_check=True).write(
            {
                "line_ids": [
                    Command.update(suspense.id, {"credit": 60}),
                    Command.create({"account_id": self.fees.id, "credit": 40}),
                ]
            }
        )
        self.refuse(line, self.to_fuel(), "suspense account")

    def test_a_locked_day(self):
        line = self.booked(100)
        invoice = self.invoice(100, invoice_date="2026-06-29", date="2026-06-29")
        self.lock_until("2026-06-20")
        self.refuse(line, self.to_fuel(), "prior to and inclusive of")
        self.refuse(line, self.paying(invoice), "prior to and inclusive of")
        self.assertEqual(invoice.payment_state, "not_paid")

    def test_taking_back_on_a_locked_day(self):
        line = self.booked(100)
        line.tbc_settle(self.to_fuel())
        self.lock_until("2026-06-20")
        before = self.entry(line)
        with self.assertRaisesRegex(UserError, "prior to and inclusive of"):
            line.tbc_unsettle()
        self.env.invalidate_all()
        self.assertEqual(self.entry(line), before)
        self.assertSettled(line)

    def test_an_invoice_of_a_locked_day_can_be_paid(self):
        invoice = self.invoice(100, invoice_date="2026-05-10", date="2026-05-10")
        line = self.booked(100)
        self.lock_until("2026-05-31")
        line.tbc_settle(self.paying(invoice))
        self.assertSettled(line)

    def test_a_hashed_entry(self):
        line = self.booked(100)
        # Odoo secures none that waits in suspense; another way may have been found.
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_move SET inalterable_hash = 'x' WHERE id = %s",
            [line.move_id.id],
        )
        self.env.invalidate_all()
        self.refuse(line, self.to_fuel(), "secured by a hash")
        with self.assertRaisesRegex(UserError, "secured by a hash"):
            line.tbc_set_partner(self.customer.id)

    def test_taking_back_what_is_hashed(self):
        line = self.booked(100)
        line.tbc_settle(self.to_fuel())
        line.move_id.sudo()._hash_moves(force_hash=True)
        self.assertTrue(line.move_id.inalterable_hash)
        before = self.entry(line)
        with self.assertRaisesRegex(UserError, "locked journal entry|hashed"):
            line.tbc_unsettle()
        self.env.invalidate_all()
        self.assertEqual(self.entry(line), before)
        self.assertSettled(line)

    # === WHO === #

    def test_who_may(self):
        line = self.booked(100)
        for user in (
            self._make_user("plain", "base.group_user"),
            self._make_user("auditor", "account.group_account_readonly"),
            self._make_user("invoicer", "account.group_account_invoice"),
            self.director,
        ):
            mine = self.mine(line, user)
            for name, attempt in self.doors(mine).items():
                with self.subTest(user.login, door=name):
                    with self.assertRaises(AccessError):
                        attempt()
        self.env.invalidate_all()
        self.assertOpen(line)
        # Odoo's own role of whoever matches bank lines.
        basic = self._make_user("basic", "account.group_account_basic")
        self.mine(line, basic).tbc_settle(self.to_fuel())
        self.assertSettled(line, user=basic)

    def doors(self, line):
        rule = {"name": "Mine", "words": "Something"}
        return {
            "tbc_settle": lambda: line.tbc_settle(self.to_fuel()),
            "tbc_unsettle": lambda: line.tbc_unsettle(),
            "tbc_set_partner": lambda: line.tbc_set_partner(self.customer.id),
            "tbc_make_partner": lambda: line.tbc_make_partner(),
            "tbc_settle_always": lambda: line.tbc_settle_always(
                self.to_fuel(), rule, True
            ),
            "tbc_unteach": lambda: line.tbc_unteach(0),
        }

    def test_another_company(self):
        line = self.booked(100)
        sister = self.env["res.company"].create({"name": "Sister LLC"})
        theirs = self._make_user("sister", "account.group_account_manager", sister)
        mine = line.with_user(theirs).with_context(allowed_company_ids=sister.ids)
        for name, attempt in self.doors(mine).items():
            with self.subTest(name), self.assertRaises(AccessError):
                attempt()
        with self.assertRaises(AccessError):
            mine.tbc_rule_draft()
        with self.assertRaises(AccessError):
            mine.tbc_match_details()
        counts = mine.browse().tbc_match_counts([])
        self.assertEqual(counts, {"left": 0, "settled_today": 0})

    def test_many_without_rights(self):
        line = self.booked(100)
        auditor = self._make_user("auditor", "account.group_account_readonly")
        told = self.mine(line, auditor).tbc_settle_many(self.to_fuel())
        self.assertEqual(told["settled"], [])
        self.assertEqual(told["problems"].keys(), {line.id})
        self.assertOpen(line)

    def test_nobody_writes_who_settled_it(self):
        line = self.booked(100)
        for name, value in (
            ("tbc_settled_by_id", self.director.id),
            ("tbc_settled_at", "2026-06-30 10:00:00"),
            ("tbc_rule_id", self.env["tbc.operation.rule"].search([], limit=1).id),
        ):
            with self.subTest(name), self.assertRaises(AccessError):
                line.with_user(self.administrator).write({name: value})

    # === OPEN ITEMS === #

    def sister_invoice(self):
        sister = self.env["res.company"].create(
            {"name": "Sister LLC", "country_id": self.env.ref("base.ge").id}
        )
        self.env["account.chart.template"].try_loading(
            "generic_coa", sister, install_demo=False
        )
        sister.currency_id = self.gel
        self.accountant.company_ids += sister
        invoices = self.env["account.move"].with_company(sister)
        invoices = invoices.with_context(
            allowed_company_ids=[sister.id, self.company.id]
        )
        invoice = invoices.create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "invoice_date": "2026-06-10",
                "invoice_line_ids": [
                    Command.create(
                        {"name": "Goods", "price_unit": 100, "tax_ids": [(5,)]}
                    )
                ],
            }
        )
        invoice.action_post()
        return invoice

    def test_an_item_of_another_company(self):
        invoice = self.sister_invoice()
        line = self.booked(100)
        settlement = self.paying(invoice)
        self.refuse(line, settlement, "company that you do not see")
        both = (self.company + invoice.company_id).ids
        line = line.with_context(allowed_company_ids=both)
        self.refuse(line, settlement, "belongs to another company")
        account = invoice.invoice_line_ids.account_id
        self.refuse(line, {"parts": [self.part(account)]}, "belongs to")
        self.assertEqual(invoice.payment_state, "not_paid")

    def test_an_item_of_a_branch_with_its_own_account(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        own = self.env["account.account"].create(
            {
                "code": "129999",
                "name": "The branch's own",
                "account_type": "asset_current",
                "reconcile": True,
                "company_ids": branch.ids,
            }
        )
        self.accountant.company_ids += branch
        line = self.booked(100)
        line = line.with_context(allowed_company_ids=(self.company + branch).ids)
        self.refuse(line, {"parts": [self.part(own)]}, "belongs to Branch alone")

    def test_an_item_that_somebody_paid_meanwhile(self):
        invoice = self.invoice(100)
        line, other = self.booked(100), self.booked(100, purpose="Other")
        settlement = self.paying(invoice)
        other.tbc_settle(settlement)
        self.refuse(line, settlement, f"{invoice.name}.* matched already")

    def test_an_item_of_a_draft(self):
        invoice = self.invoice(100)
        settlement = self.paying(invoice)
        invoice.button_draft()
        self.refuse(self.booked(100), settlement, "not posted")

    def test_an_item_without_residual_of_its_own(self):
        invoice = self.invoice(100)
        item = invoice.invoice_line_ids
        line = self.booked(100)
        self.refuse(
            line,
            {"items": [{"id": item.id, "amount": None}]},
            "no open items|matched already",
        )

    def test_another_line_s_suspense(self):
        line, other = self.booked(100), self.booked(-100, purpose="Other")
        item = other._seek_for_lines()[1]
        self.refuse(
            line,
            {"items": [{"id": item.id, "amount": None}]},
            "no open items|matched already",
        )

    def test_more_than_is_open(self):
        item = self.receivable(self.invoice(100))
        line = self.booked(150)
        for amount in (100.01, 150, -10, 0):
            with self.subTest(amount):
                settlement = {
                    "items": [{"id": item.id, "amount": amount}],
                    **self.to_fuel(),
                }
                self.refuse(line, settlement, "can't be taken")
        dollars = self.receivable(self.usd_invoice(10))
        settlement = {"items": [{"id": dollars.id, "amount": 150}]}
        self.refuse(line, settlement, "can't be taken.*10.00.* is open")

    def test_the_wrong_way(self):
        invoice, bill = self.invoice(100), self.invoice(80, move_type="in_invoice")
        self.refuse(self.booked(-100), self.paying(invoice), "more|left")
        self.refuse(self.booked(80, purpose="In"), self.paying(bill), "left|more")

    def test_amounts_that_do_not_add_up(self):
        line = self.booked(100)
        for parts, sentence in (
            ([self.part(self.fuel, 99.99)], "0.01.* is left"),
            ([self.part(self.fuel, 100.01)], "0.01.* more than the transaction"),
            ([self.part(self.fuel, 60), self.part(self.fees, 50)], "10.00.* more"),
            ([self.part(self.fuel, 0), self.part(self.fees)], "would get nothing"),
            ([self.part(self.fuel), self.part(self.fees)], "Only one of them"),
            ([], "Nothing was chosen"),
        ):
            with self.subTest(sentence):
                self.refuse(line, {"parts": parts}, sentence)
        self.refuse(
            line, {"parts": [self.part(self.fuel)], "on_account": "vendor"}, "Only one"
        )
        invoice = self.invoice(120)
        self.refuse(line, self.paying(invoice), "20.00.* more than the transaction")
        self.refuse(
            line, self.paying(self.invoice(90), left_open=True), "10.00.* is left"
        )
        self.refuse(
            line,
            self.paying(self.invoice(100), invoice, left_open=True),
            "would get nothing",
        )
        self.refuse(line, {"on_account": "customer"}, "Choose the partner")

    # === ACCOUNTS AND TAXES === #

    def test_accounts(self):
        line = self.booked(100)
        journal = self.account.journal_id
        for account in (
            journal.suspense_account_id,
            journal.default_account_id,
            self.other_account.journal_id.default_account_id,
        ):
            with self.subTest(account.name):
                self.refuse(line, {"parts": [self.part(account)]}, "bank's own account")
        self.fees.active = False
        self.refuse(line, {"parts": [self.part(self.fees)]}, "archived")
        off = self.env["account.account"].create(
            {"code": "999001", "name": "Off", "account_type": "off_balance"}
        )
        self.refuse(line, {"parts": [self.part(off)]}, "Off-Balance")

    def test_taxes(self):
        line = self.booked(118)
        transition = self.account_of("199998")
        transition.write({"account_type": "asset_current", "reconcile": True})
        on_payment = self.make_tax(
            7,
            tax_exigibility="on_payment",
            cash_basis_transition_account_id=transition.id,
        )
        archived = self.make_tax(8, active=False)
        for tax, sentence in (
            (on_payment, "due when an invoice is paid"),
            (archived, "archived"),
        ):
            with self.subTest(sentence):
                part = self.part(self.fuel, tax_ids=tax.ids)
                self.refuse(line, {"parts": [part]}, sentence)

    def test_a_tax_period_that_is_closed(self):
        tax, line = self.make_tax(), self.booked(-118)
        self.company.sudo().tax_lock_date = "2026-06-20"
        part = self.part(self.fuel, tax_ids=tax.ids)
        self.refuse(line, {"parts": [part]}, "tax statement")
        line.tbc_settle(self.to_fuel())
        self.assertSettled(line)

    # === WHAT A BROWSER MAY SEND === #

    def test_what_is_no_settlement(self):
        line = self.booked(100)
        item = self.receivable(self.invoice(100))
        for settlement in (
            None,
            [],
            "all",
            {"items": "all"},
            {"items": [item.id]},
            {"items": [{"id": "1; DROP TABLE", "amount": None}]},
            {"items": [{"id": True, "amount": None}]},
            {"items": [{"amount": 3}]},
            {"items": [{"id": 999999999, "amount": None}]},
            {"items": [{"id": item.id, "amount": "100"}]},
            {"items": [{"id": item.id, "amount": float("nan")}]},
            {"items": [{"id": item.id, "amount": float("inf")}]},
            {"parts": [{"account_id": False, "amount": 100}]},
            {"parts": [{**self.part(self.fuel), "tax_ids": ["x"]}]},
            {"parts": [{**self.part(self.fuel), "label": {"x": 1}}]},
            {"parts": [{**self.part(self.fuel), "analytic_distribution": {"x": 1}}]},
            {"parts": [{**self.part(self.fuel), "analytic_distribution": {"9999": 1}}]},
            {"parts": [{**self.part(self.fuel), "partner_id": [1]}]},
            {"on_account": "everybody"},
            {"other_line_id": "x"},
            {**self.to_fuel(), "why": ["x"]},
            {"items": [{"id": item.id}, {"id": item.id}]},
        ):
            with self.subTest(settlement):
                self.refuse(line, settlement, ".")

    def test_words_stay_words(self):
        line = self.booked(100)
        line.tbc_settle(self.to_fuel(why="<b>bold</b> <script>x</script>"))
        body = str(line.move_id.message_ids[:1].body)
        self.assertNotIn("<script>", body)
        self.assertNotIn("<b>", body)
        self.assertIn("<b>bold</b>", line.tbc_match_note)


@tagged("post_install", "-at_install")
class TestSettleOrders(SettleCase):
    """Transactions of our own transfer orders, and payments that wait for one."""

    def executed_line(self, amount=100.0):
        self.add(1000, "2026-06-01")
        payment = self.pay_vendor(amount)
        order = self.executed(payment)
        self.sync(self.account)
        line = self.lines(self.account).filtered("tbc_payment_id")
        self.assertEqual(line.tbc_payment_id, order.bank_transfer_id)
        return payment, order, self.mine(line)

    def pay_vendor(self, amount=100.0):
        return self.register(self.make_bill(amount))

    def waiting(self, payment):
        [item] = payment.sudo()._seek_for_lines()[0]
        return {"items": [{"id": item.id, "amount": None}]}

    def test_an_executed_order_settles_its_payment(self):
        payment, order, line = self.executed_line()
        if line.is_reconciled:
            line.action_undo_reconciliation()
        with self.assertRaisesRegex(UserError, "choose that") as caught:
            line.tbc_settle({"parts": [self.part(self.fuel)]})
        self.assertIn(payment.display_name, str(caught.exception))
        self.assertOpen(line)
        line.tbc_settle(self.waiting(payment))
        self.assertSettled(line)
        self.assertTrue(payment.is_matched)
        self.assertEqual(payment.state, "paid")
        self.assertEqual(order.state, "done")
        self.match()
        self.assertSettled(line)

    def test_its_payment_waits_for_its_own(self):
        payment = self.pay_vendor(100)
        self.send(payment)
        line = self.booked(-55, purpose="Something else")
        settlement = self.waiting(payment)
        settlement["parts"] = [self.part(self.fuel)]
        with self.assertRaisesRegex(UserError, "no transaction of it"):
            line.tbc_settle(settlement)
        self.assertOpen(line)
        self.assertFalse(payment.is_matched)

    def test_a_transaction_without_the_bank_s_id(self):
        """It fits, and a person says so: the order learns of it."""
        payment = self.pay_vendor(100)
        order = self.send(payment)
        line = self.booked(
            -100,
            day="2026-06-30",
            partnerAccountInfo={"accountIban": payment.partner_bank_id.acc_number},
        )
        line.tbc_settle(self.waiting(payment))
        self.assertSettled(line)
        self.assertTrue(payment.is_matched)
        self.assertFalse(order.problem)
        self.assertTrue(live(order) or order.state == "done")

    def test_paid_in_another_way_before_it_went(self):
        payment = self.pay_vendor(100)
        payment.action_tbc_queue()
        self.initiate(payment)
        order = self.order(payment)
        line = self.booked(-100)
        line.tbc_settle(self.waiting(payment))
        self.assertSettled(line)
        self.submit()
        self.assertIn(order.state, ("queued", "draft", "cancelled"))
        self.assertFalse(self.at_the_bank())
