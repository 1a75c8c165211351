"""*Pay* offers the transfer and prepares it; what is not prepared says so."""

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from ..services.transfers.prepare import queue_payments
from .transfer_common import BANK_OF_GEORGIA_IBAN, TBC_IBAN, TransferCase, identity


@tagged("post_install", "-at_install")
class TestPayDialog(TransferCase):
    notes_changes = False

    def dialog(self, documents, user=None, **values):
        model = self.env["account.payment.register"].with_user(user or self.bookkeeper)
        model = model.with_context(
            active_model="account.move", active_ids=documents.ids
        )
        return model.create({"payment_date": "2026-06-30", **values})

    def offered(self, documents, user=None):
        dialog = self.dialog(documents, user)
        return dialog.journal_id, dialog.payment_method_line_id.code, dialog.tbc_prepare

    def press(self, dialog):
        return dialog.action_create_payments()

    # --- what is offered ----------------------------------------------------------------

    def test_a_bill_is_paid_by_transfer(self):
        ours = self.account.journal_id
        self.assertEqual(
            self.offered(self.make_bill()), (ours, "tbc_transfer", True), "trusted"
        )
        stranger = self.make_vendor("Stranger LLC", BANK_OF_GEORGIA_IBAN, trusted=False)
        self.assertEqual(
            self.offered(self.make_bill(vendor=stranger)), (ours, "manual", False)
        )
        self.assertEqual(
            self.offered(self.make_bill(), self.accountant),
            (ours, "tbc_transfer", False),
            "who may not prepare, pays as before",
        )

    def test_the_journal_is_in_the_document_s_currency(self):
        dollars = self.make_account(self.usd)
        self.assertEqual(
            self.offered(self.make_bill(currency=self.usd))[0], dollars.journal_id
        )
        # Nothing of ours is in euros, and nothing of another currency comes instead.
        journal = self.offered(self.make_bill(currency=self.eur))[0]
        self.assertFalse(journal.tbc_account_ids)

    def test_an_invoice_never_goes_to_another_currency(self):
        """Odoo's first journal is one in euros, of no account of ours."""
        plain = self.env["account.journal"].create(
            {
                "name": "Euro",
                "code": "EUR1",
                "type": "bank",
                "company_id": self.company.id,
                "currency_id": self.eur.id,
                "sequence": 0,
            }
        )
        self.env["account.journal"].search(
            [
                ("company_id", "=", self.company.id),
                ("type", "in", ("bank", "cash", "credit")),
                ("id", "not in", (plain + self.account.journal_id).ids),
            ]
        ).active = False
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.vendor.id,
                "invoice_date": "2026-06-20",
                "currency_id": self.gel.id,
                "invoice_line_ids": [
                    Command.create(
                        {"name": "Work", "price_unit": 1000, "tax_ids": [(5,)]}
                    )
                ],
            }
        )
        invoice.action_post()
        invoice.partner_bank_id = False
        dialog = self.dialog(invoice)
        self.assertEqual(dialog.journal_id, self.account.journal_id)
        self.assertEqual((dialog.currency_id, dialog.amount), (self.gel, 1000.0))
        self.assertFalse(dialog.tbc_may_prepare)

    def test_a_preferred_way_of_paying_stays(self):
        manual = self.account.journal_id.outbound_payment_method_line_ids - (
            self.method_line()
        )
        self.vendor.property_outbound_payment_method_line_id = manual[:1]
        self.assertEqual(self.offered(self.make_bill())[1:], ("manual", False))

    def test_the_account_may_not_pay(self):
        self.integration.can_initiate_transfers = False
        self.assertEqual(
            self.offered(self.make_bill()), (self.account.journal_id, "manual", False)
        )

    # --- prepared at once ---------------------------------------------------------------

    def test_prepared_with_the_payment(self):
        bill = self.make_bill(100)
        told = self.press(self.dialog(bill))
        payment = bill.matched_payment_ids
        self.assertEqual(self.order(payment).state, "queued")
        self.assertEqual(self.order(payment).queued_by_id, self.bookkeeper)
        self.assertIn("Prepared: 1 transfer", told["params"]["message"])
        self.assertIn(self.director.name, told["params"]["message"])
        self.assertEqual(payment.tbc_shown_state, "queued")
        self.assertEqual(bill.status_in_payment, "in_payment")
        self.initiate(payment)
        self.assertEqual(payment.tbc_shown_state, "initiated")
        self.assertEqual(payment.tbc_initiated_by_id, self.director)
        # On the bar it stands where it is on the way.
        states = payment._fields["tbc_shown_state"].get_values(self.env)
        self.assertLess(states.index("queued"), states.index("initiated"))
        self.assertLess(states.index("initiated"), states.index("sending"))
        self.submit()
        self.assertOneOfEach(self.order(payment))
        self.assertEqual(payment.tbc_shown_state, "submitted")

    def test_several_go_as_one_batch_or_each_by_itself(self):
        bills = self.make_bill(1) + self.make_bill(2)
        dialog = self.dialog(bills)
        self.assertTrue(dialog.tbc_batch_name)
        told = self.press(dialog)
        orders = self.orders(bills.matched_payment_ids)
        self.assertEqual(orders.batch_id.name, dialog.tbc_batch_name)
        self.assertEqual(len(orders), 2)
        self.assertEqual(told["params"]["next"]["res_model"], "account.payment")
        bills = self.make_bill(1) + self.make_bill(2)
        self.press(self.dialog(bills, tbc_batch_name=False))
        orders = self.orders(bills.matched_payment_ids)
        self.assertEqual(orders.mapped("state"), ["queued"] * 2)
        self.assertFalse(orders.batch_id)

    def test_what_is_missing_is_told_and_nothing_is_paid(self):
        mistyped = self.make_vendor("Mistyped LLC", "12345")
        bills = self.make_bill(1, mistyped) + self.make_bill(2)
        with self.assertRaisesRegex(UserError, "Nothing was prepared"):
            with self.env.cr.savepoint():
                self.press(self.dialog(bills))
        self.assertFalse(bills.matched_payment_ids)
        self.assertEqual(set(bills.mapped("payment_state")), {"not_paid"})

    def test_without_the_box_it_says_so(self):
        bill = self.make_bill(100)
        dialog = self.dialog(bill)
        dialog.tbc_prepare = False
        self.press(dialog)
        payment = bill.matched_payment_ids
        self.assertFalse(payment.tbc_transfer_ids)
        self.assertEqual(payment.tbc_shown_state, "not_prepared")
        self.assertEqual(bill.status_in_payment, "tbc_not_prepared")
        payment.with_user(self.bookkeeper).action_tbc_queue()
        self.assertEqual(payment.tbc_shown_state, "queued")
        self.assertEqual(bill.status_in_payment, "in_payment")
        self.order(payment).with_user(self.bookkeeper).action_withdraw()
        self.assertEqual(payment.tbc_shown_state, "not_prepared")
        self.assertEqual(bill.status_in_payment, "tbc_not_prepared")

    def test_on_screen(self):
        bill = self.make_bill(100)
        model = self.env["account.payment.register"].with_user(self.bookkeeper)
        model = model.with_context(active_model="account.move", active_ids=bill.ids)
        with Form(model) as form:
            self.assertEqual(form.journal_id, self.account.journal_id)
            self.assertTrue(form.tbc_prepare)
            form.payment_date = "2026-06-30"
        self.press(form.record)
        self.assertEqual(self.order(bill.matched_payment_ids).state, "queued")

    # --- told before the password -------------------------------------------------------

    def test_two_people_are_told_in_time(self):
        self.director.group_ids += self.env.ref("account_tbc_bank.group_tbc_transfers")
        self.director.group_ids += self.env.ref("account.group_account_user")
        self.integration.second_person_above = 1000
        bill = self.make_bill(1500)
        dialog = self.dialog(bill, self.director)
        self.assertIn("may not initiate it", dialog.tbc_warning)
        self.assertFalse(self.dialog(bill).tbc_warning, "somebody else prepares")
        told = self.press(dialog)
        self.assertEqual(told["params"]["type"], "warning")
        self.assertIn("may not initiate it", told["params"]["message"])
        order = self.order(bill.matched_payment_ids).with_user(self.director)
        with self.assertRaisesRegex(UserError, "two people are required"):
            order.action_review()

    def test_what_may_not_go_stays_and_the_rest_goes(self):
        good, bad = self.pay(10), self.pay(20)
        batch = self.pay_many([1, 2])
        (good + bad).action_tbc_queue()
        queue_payments(batch, batch_name="June")
        bad.with_user(self.env.user).move_id.button_draft()
        batch[0].with_user(self.env.user).move_id.button_draft()
        action = self.account.with_user(self.director).action_initiate()
        dialog = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(dialog.order_ids, self.order(good))
        self.assertIn(f"{bad.name}, Vendor LLC: The payment is no longer", dialog.kept)
        self.assertIn(f"{batch[1].name}, Vendor LLC: Its batch waits", dialog.kept)
        with identity(self.director):
            dialog.with_user(self.director).action_confirm()
        self.assertTrue(self.order(good).initiated_at)
        self.assertFalse(any(self.orders(bad + batch).mapped("initiated_at")))

    def test_what_waits_is_on_the_account_for_who_initiates(self):
        payments = self.pay_many([100, 200])
        payments.action_tbc_queue()
        for user, sees in ((self.director, True), (self.bookkeeper, False)):
            with self.subTest(user.login):
                sentence = self.account.with_user(user).to_initiate
                self.assertEqual(bool(sentence), sees)
        self.initiate(payments)
        self.account.invalidate_recordset()
        self.assertFalse(self.account.with_user(self.director).to_initiate)

    # --- afterwards ---------------------------------------------------------------------

    def test_sync_asks_for_what_waits(self):
        payment = self.pay(10)
        self.send(payment)
        self.account.with_user(self.clerk).action_sync()
        self.assertEqual(self.order(payment).state, "submitted", "not theirs to ask")
        self.account.with_user(self.director).action_sync()
        self.assertEqual(self.order(payment).state, "to_sign")

    def test_paid_again_to_another_account(self):
        bill = self.make_bill(100)
        payment = self.register(bill)
        other = self.env["res.partner.bank"].create(
            {"acc_number": BANK_OF_GEORGIA_IBAN, "partner_id": self.vendor.id}
        )
        self.reject(payment)
        action = payment.action_tbc_choose_account()
        dialog = self.env[action["res_model"]].with_user(self.bookkeeper)
        dialog = dialog.browse(action["res_id"])
        self.assertEqual(dialog.bank_account_id, payment.partner_bank_id)
        self.assertNotIn(other, dialog.bank_account_ids)
        stranger = self.make_vendor("Stranger LLC", "GE41TB7849963286076183")
        for account in (other, stranger.bank_ids):
            dialog.bank_account_id = account
            with self.assertRaisesRegex(UserError, "not a trusted account"):
                dialog.action_pay_again()
        other.allow_out_payment = True
        dialog.bank_account_id = other
        dialog.action_pay_again()
        fresh = payment.tbc_paid_again_id
        self.assertEqual(fresh.partner_bank_id, other)
        self.assertEqual(self.order(fresh).credit_account, BANK_OF_GEORGIA_IBAN)
        self.assertEqual(self.order(fresh).state, "queued")
        self.assertEqual(payment.partner_bank_id.acc_number, TBC_IBAN)

    def test_the_words_are_translated(self):
        self.env["res.lang"]._activate_lang("ka_GE")
        done = self.env["ir.model.fields.selection"].search(
            [
                ("field_id.model", "=", "tbc.transfer"),
                ("field_id.name", "=", "state"),
                ("value", "=", "done"),
            ]
        )
        done.with_context(lang="ka_GE").name = "შესრულებულია"
        fields = (
            self.env["account.payment"]
            .with_context(lang="ka_GE")
            .fields_get(
                ["tbc_state", "tbc_shown_state", "tbc_transfer_type"], ["selection"]
            )
        )
        for name, described in fields.items():
            english = self.env["account.payment"].fields_get([name], ["selection"])
            self.assertEqual(
                [value for value, _label in described["selection"]],
                [value for value, _label in english[name]["selection"]],
            )
        for name in ("tbc_state", "tbc_shown_state"):
            words = dict(map(tuple, fields[name]["selection"]))
            self.assertEqual(words["done"], "შესრულებულია")
