"""From the bill to *paid*, in a real browser."""

from contextlib import contextmanager
from unittest.mock import patch

from odoo import SUPERUSER_ID, api
from odoo.tests import HttpCase, tagged

from .transfer_common import TransferCase


@tagged("post_install", "-at_install")
class TestTransferTour(TransferCase, HttpCase):
    def run_cron(self, name):
        """In this kind of test the registry is in test mode already."""
        self.env.ref(f"account_tbc_bank.{name}").method_direct_trigger()

    def test_from_bill_to_paid(self):
        """The accountant pays, the director initiates and signs; the bill is paid."""
        bill = self.make_bill(123.45)
        self.start_tour(
            "/odoo/action-account.action_move_in_invoice_type",
            "account_tbc_bank_pay",
            login="tbc_bookkeeper",
        )
        payment = bill.matched_payment_ids
        self.assertEqual(self.order(payment).state, "queued")
        # The browser's day is the machine's, and the bank's is fixed.
        payment.date = "2026-06-30"
        self.start_tour(
            "/odoo/tbc-transfers", "account_tbc_bank_initiate", login="tbc_director"
        )
        self.assertFalse(self.posts())
        self.submit()
        self.refresh()
        self.assertOneOfEach(self.order(payment))
        self.bank.sign()
        self.start_tour(
            "/odoo/tbc-transfers", "account_tbc_bank_paid", login="tbc_bookkeeper"
        )
        self.assertEqual((payment.state, bill.payment_state), ("paid", "paid"))

    def test_five_bills_in_one_batch(self):
        bills = [self.make_bill(amount) for amount in (100, 200, 300, 400, 500)]
        self.start_tour(
            "/odoo/action-account.action_move_in_invoice_type",
            "account_tbc_bank_pay_five",
            login="tbc_bookkeeper",
        )
        payments = self.env["account.move"].union(*bills).matched_payment_ids
        batch = self.orders(payments).batch_id
        self.assertEqual((len(batch), batch.order_count), (1, 5))
        self.assertEqual((batch.state, batch.amount), ("queued", 1500))

    def test_what_is_not_prepared_says_so(self):
        self.make_bill(50)
        self.start_tour(
            "/odoo/action-account.action_move_in_invoice_type",
            "account_tbc_bank_not_prepared",
            login="tbc_bookkeeper",
        )


@tagged("post_install", "-at_install")
class TestTransferPhone(TransferCase, HttpCase):
    browser_size = "390x844"
    touch_enabled = True

    def test_from_the_activity_to_initiated(self):
        payments = self.pay_many([100, 200, 300])
        payments.action_tbc_queue()
        # The browser's day is the machine's, and the bank's is fixed.
        self.env["mail.activity"].search([]).date_deadline = "2026-06-30"
        # Odoo's robot greets a new user with a chat that covers the phone's screen.
        if "odoobot_state" in self.director._fields:
            self.director.odoobot_state = "disabled"
        with self.sending_meanwhile():
            self.start_tour(
                "/odoo", "account_tbc_bank_initiate_on_phone", login="tbc_director"
            )
        orders = self.orders(payments)
        self.assertEqual(set(orders.mapped("shown_state")), {"submitted"})
        self.assertEqual(payments.tbc_initiated_by_id, self.director)

    @contextmanager
    def sending_meanwhile(self):
        """The scheduled action sends what was initiated once the browser has shown it."""
        transfers, shown = self.registry["tbc.transfer"], []
        read = transfers.web_search_read

        @api.model
        def read_and_send(orders, *args, **options):
            if shown:
                orders.with_user(SUPERUSER_ID)._cron_submit()
            shown.append(orders)
            return read(orders, *args, **options)

        # What sends may write.
        read_and_send._readonly = False
        with patch.object(transfers, "web_search_read", read_and_send):
            yield

    def test_initiate_stands_first_on_the_account(self):
        self.pay_many([100]).action_tbc_queue()
        self.start_tour(
            f"/odoo/tbc-accounts/{self.account.id}",
            "account_tbc_bank_initiate_stands_first",
            login="tbc_director",
        )
