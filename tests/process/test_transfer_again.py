"""What the bank has although it refused it: found again, and never sent twice."""

from transfer_staff import TransferCase


class TestDuplicateAmongSeveral(TransferCase):
    """The bank has one order of a request already, and the worker dies over it."""

    def setUp(self):
        super().setUp()
        self.payments = self.prepare()
        self.bank.add_fault("duplicate", on="import_single")

    def dies(self, moment):
        worker = self.hire()
        stop = {"at": "outcome", "moment": moment, "act": "kill"}
        self.send(worker, "submit", stop=stop)
        with self.assertRaises(EOFError):
            worker.answer()
        worker.wait_for_death()
        self.buried(worker)
        self.ask("submit")
        self.later(minutes=3)

    def test_before_the_answer_is_kept(self):
        """Nobody knows what the bank said: it is asked, then a person decides."""
        self.dies("before")
        self.ask("refresh")
        self.ask("submit")
        self.assertEqual(self.states(), {"unknown"})
        self.assertTrue(all(order["missing"] for order in self.orders()))
        self.assertEqual(self.posts(), 1)
        self.send_again(self.payments)
        # Each was in doubt, so each went alone.
        self.assertOnceEach(self.payments, posts=4)

    def test_after_the_answer_is_kept(self):
        """The bank is asked for each, and those that it does not have go on."""
        self.dies("after")
        self.ask("refresh")
        self.assertEqual(self.states(), {"queued"})
        self.ask("submit")
        self.assertOnceEach(self.payments, posts=4)


class TestPayAgain(TransferCase):
    """A payment is to be made again, of which the bank has the first order."""

    def test_the_second_look_outlives_the_refusal(self):
        payments = self.prepare(1)
        self.bank.add_fault("refused_after_accept", on="import_single")
        self.ask("submit")
        self.assertEqual(self.states(), {"refused"})
        worker = self.hire()
        self.send(worker, "pay_again", payment_ids=payments)
        self.assertIn("not paid again", self.assertRefused(worker))
        self.ask("refresh")
        [order] = self.orders()
        self.assertEqual((order["state"], order["payment"]), ("unknown", "in_process"))
        self.assertOnceEach(payments, posts=1)
