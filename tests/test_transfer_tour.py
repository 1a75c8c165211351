"""From the bill to *paid*, in a real browser."""

from odoo.tests import HttpCase, tagged

from .transfer_common import TransferCase


@tagged("post_install", "-at_install")
class TestTransferTour(TransferCase, HttpCase):
    def run_cron(self, name):
        """In this kind of test the registry is in test mode already."""
        self.env.ref(f"account_tbc_bank.{name}").method_direct_trigger()

    def test_from_bill_to_paid(self):
        """The accountant queues, the director initiates and signs; the bill is paid."""
        bill = self.make_bill(123.45)
        self.start_tour(
            "/odoo/action-account.action_move_in_invoice_type",
            "account_tbc_bank_queue",
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
