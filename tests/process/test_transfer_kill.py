"""``kill -9`` while orders are sent: each is at the bank once, and Odoo knows of it."""

from transfer_staff import TransferCase


class KillCases:
    """The moments in the life of one request, for each way of sending."""

    route = None
    # How many requests hold the three payments once they were in doubt.
    doubtful_posts = 1

    def setUp(self):
        super().setUp()
        self.payments = self.prepare()

    def dies(self, at, moment):
        """A worker that kills itself at a commit of the scheduled action."""
        worker = self.hire()
        self.send(worker, "submit", stop={"at": at, "moment": moment, "act": "kill"})
        with self.assertRaises(EOFError):
            worker.answer()
        worker.wait_for_death()
        self.buried(worker)

    def is_killed_while_it_waits(self, fault):
        """Kill a worker whose request is at the bank, which takes its time."""
        self.bank.add_fault(fault, on=self.route, seconds=60)
        worker = self.hire()
        self.send(worker, "submit")
        self.until(self.posts)
        if fault == "slow_after_accept":
            self.until(self.at_the_bank)
        self.assertTrue(worker.is_working)
        worker.kill()
        self.buried(worker)

    def recover(self):
        """A living worker meets what the dead one has left, after a while."""
        self.ask("submit")
        self.later(minutes=3)
        self.ask("refresh")

    def assertAllUnknown(self):
        """Each is unknown; the bank was asked and does not know it; each says so."""
        orders = self.orders()
        for order in orders:
            self.assertEqual(order["state"], "unknown")
            self.assertTrue(order["missing"])
            self.assertIn("does not know", order["problem"])
        self.assertNothingTwice(orders)

    def test_before_the_sending_commit(self):
        """Nothing was committed, nothing was sent: it goes at the next run."""
        self.dies("sending", "before")
        self.assertEqual(self.states(), {"queued"})
        self.ask("submit")
        self.assertOnceEach(self.payments, posts=1)

    def test_after_the_sending_commit(self):
        """It was not sent, but who knows: the bank is asked, then a person decides."""
        self.dies("sending", "after")
        self.assertEqual(self.states(), {"sending"})
        self.recover()
        self.assertEqual(self.posts(), 0)
        self.assertAllUnknown()
        self.send_again(self.payments)
        self.assertOnceEach(self.payments, posts=self.doubtful_posts)

    def test_before_the_bank_takes_it(self):
        """The bank takes it all the same, after the worker's death."""
        self.is_killed_while_it_waits("slow")
        self.assertEqual(self.states(), {"sending"})
        self.let_through()
        self.until(self.at_the_bank)
        self.recover()
        self.assertOnceEach(self.payments, posts=1)

    def test_the_bank_takes_it_after_it_was_sent_again(self):
        """The late one finds its id taken."""
        self.is_killed_while_it_waits("slow")
        self.recover()
        self.assertAllUnknown()
        self.send_again(self.payments)
        self.assertTrue(self.at_the_bank())
        self.let_through()
        self.until(lambda: all(seen.end for seen in self.witness.seen))
        self.assertOnceEach(self.payments, posts=1 + self.doubtful_posts)

    def test_the_bank_takes_it_before_it_is_sent_again(self):
        """The bank says that it has it already, so it is asked which that is."""
        self.is_killed_while_it_waits("slow")
        self.recover()
        self.assertAllUnknown()
        self.let_through()
        self.until(self.at_the_bank)
        self.send_again(self.payments)
        self.assertEqual(self.states(), {"unknown"})
        self.assertOnceEach(self.payments, posts=1 + self.doubtful_posts)

    def test_after_the_bank_took_it(self):
        self.is_killed_while_it_waits("slow_after_accept")
        self.assertEqual(self.states(), {"sending"})
        self.recover()
        self.assertOnceEach(self.payments, posts=1)

    def test_after_the_answer_before_the_commit(self):
        self.dies("outcome", "before")
        self.assertEqual(self.states(), {"sending"})
        self.recover()
        self.assertOnceEach(self.payments, posts=1)

    def test_after_the_commit(self):
        self.dies("outcome", "after")
        self.assertEqual(self.states(), {"submitted"})
        self.ask("submit")
        self.assertOnceEach(self.payments, posts=1)


class TestKillSingle(KillCases, TransferCase):
    """Three orders in one request for single transfers; each goes alone after a doubt."""

    route = "import_single"
    doubtful_posts = 3


class TestKillBatch(KillCases, TransferCase):
    """Three orders in a batch."""

    route = "import_batch"
    batch = "Salaries"
