"""From the bill to the bank and back into the books."""

from odoo.tests import tagged

from .transfer_common import TransferCase


@tagged("post_install", "-at_install")
class TestTransfer(TransferCase):
    def test_a_bill_is_paid(self):
        bill = self.make_bill(123.45)
        payment = self.register(bill)
        self.assertEqual(payment.state, "in_process")
        self.assertEqual(bill.payment_state, "in_payment")
        payment.action_tbc_queue()
        order = self.order(payment)
        self.assertEqual(order.state, "queued")
        self.assertFalse(self.posts())
        self.initiate(payment)
        self.assertFalse(self.posts())
        self.submit()
        self.assertEqual(self.posts(), 1)
        self.assertEqual(order.state, "submitted")
        self.assertOneOfEach(order)
        self.refresh()
        self.assertEqual(order.state, "to_sign")
        self.bank.sign()
        self.refresh()
        self.assertEqual(order.state, "in_progress")
        self.refresh()
        self.assertEqual(order.state, "done")
        self.assertEqual(payment.state, "in_process")
        self.assertEqual(bill.payment_state, "in_payment")
        self.sync(self.account)
        self.assertEqual(payment.state, "paid")
        self.assertEqual(bill.payment_state, "paid")
        self.assertTrue(order.is_matched)
        self.assertFalse(order.problem)
