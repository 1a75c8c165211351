"""A bill is paid once, whatever several people do with it at one moment."""

import time

from transfer_staff import SENTENCES, TransferCase
from workers import Refused


def soon():
    """The moment at which several workers shall begin."""
    return time.time() + 0.3


class TestOneBill(TransferCase):
    def make_bill(self, amount=100.0):
        [bill] = self.ask("bill", vendor="Vendor in TBC", amounts=[amount])
        return bill

    def test_two_dialogs_at_one_moment(self):
        """Both are confirmed and queued together: one of them is told no."""
        workers = [self.hire(), self.hire()]
        for number in range(3):
            with self.subTest(round=number):
                before = len(self.orders())
                bill, at = self.make_bill(), soon()
                for worker in workers:
                    self.send(
                        worker, "pay_bill", bill_id=bill, account_id=self.account, at=at
                    )
                payments = [worker.answer() for worker in workers]
                at = soon()
                for worker, payment in zip(workers, payments, strict=True):
                    if payment:
                        self.send(worker, "queue", payment_ids=[payment], at=at)
                for worker, payment in zip(workers, payments, strict=True):
                    if payment:
                        try:
                            worker.answer()
                        except Refused as error:
                            self.assertIn(error.kind, SENTENCES)
                self.assertEqual(len(self.orders()) - before, 1, payments)

    def test_parted_while_it_is_sent(self):
        """Either it is parted, or it goes: never both."""
        worker = self.hire()
        for number in range(6):
            with self.subTest(round=number):
                bill = self.make_bill()
                payment = self.ask("pay_bill", bill_id=bill, account_id=self.account)
                self.queue([payment])
                self.ask("initiate", payment_ids=[payment])
                at = soon()
                self.send(worker, "submit", at=at)
                parted = True
                try:
                    self.ask("part", payment_ids=[payment], at=at + 0.01 * number)
                except Refused as error:
                    self.assertIn(error.kind, SENTENCES)
                    parted = False
                worker.answer()
                [order] = [o for o in self.orders() if o["payment_id"] == payment]
                went = order["external_id"] in self.at_the_bank()
                self.assertEqual(went, order["state"] == "submitted", order)
                # Whoever came while the order was locked, was told to wait.
                self.assertFalse(went and parted, order)

    def test_parted_between_the_commit_and_the_request(self):
        """The lock is free, and it is too late all the same."""
        bill = self.make_bill()
        payment = self.ask("pay_bill", bill_id=bill, account_id=self.account)
        self.queue([payment])
        self.ask("initiate", payment_ids=[payment])
        worker = self.hire()
        stop = {"at": "sending", "moment": "after", "act": "wait"}
        self.send(worker, "submit", stop=stop)
        self.assertEqual(worker.answer(), "waits")
        self.send(self.clerk, "part", payment_ids=[payment])
        self.assertIn("stays matched with its bill", self.assertRefused(self.clerk))
        worker.send(None)
        worker.answer()
        self.assertOnceEach([payment], posts=1)
