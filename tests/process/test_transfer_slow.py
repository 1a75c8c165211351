"""A worker that takes long, beside one that looks after the dead."""

import time

from transfer_staff import TransferCase


class TestSlowOrDead(TransferCase):
    """A worker that takes long is not a dead one."""

    def test_a_slow_bank(self):
        """However long it takes: the worker holds its orders, so it lives."""
        payments = self.prepare()
        self.bank.add_fault("slow", on="import_single", seconds=60)
        worker = self.hire()
        self.send(worker, "submit")
        self.until(self.posts)
        self.later(hours=2)
        for act in ("refresh", "submit"):
            self.ask(act)
            self.assertEqual(self.states(), {"sending"})
        self.let_through()
        worker.answer()
        self.assertEqual(self.states(), {"submitted"})
        self.assertOnceEach(payments, posts=1)

    def stalls(self):
        """A worker that stands still between its commit and its request."""
        worker = self.hire()
        stop = {"at": "sending", "moment": "after", "act": "wait"}
        self.send(worker, "submit", stop=stop)
        self.assertEqual(worker.answer(), "waits")
        return worker

    def test_a_stalled_worker_within_the_grace(self):
        payments = self.prepare()
        worker = self.stalls()
        self.later(seconds=60)
        self.ask("refresh")
        self.assertEqual(self.states(), {"sending"})
        worker.send(None)
        worker.answer()
        self.assertOnceEach(payments, posts=1)

    def test_somebody_looks_at_what_a_stalled_worker_has(self):
        """Whoever only looks, and leaves it, does not keep the worker from sending."""
        payments = self.prepare()
        worker = self.stalls()
        self.ask("lock", payment_ids=payments)
        worker.send(None)
        time.sleep(0.5)
        self.ask("let_go")
        worker.answer()
        self.assertOnceEach(payments, posts=1)

    def test_a_stalled_worker_finds_itself_given_up(self):
        """It sends nothing: the orders are not its own any more.

        What was in doubt then goes in a request for each.
        """
        payments = self.prepare()
        worker = self.stalls()
        self.later(minutes=3)
        self.ask("refresh")
        self.assertEqual(self.states(), {"unknown"})
        worker.send(None)
        worker.answer()
        self.assertEqual(self.posts(), 0)
        self.send_again(payments)
        self.assertOnceEach(payments, posts=len(payments))

    def test_a_stalled_worker_wakes_after_it_was_sent_again(self):
        payments = self.prepare()
        worker = self.stalls()
        self.later(minutes=3)
        self.ask("refresh")
        self.send_again(payments)
        worker.send(None)
        worker.answer()
        self.assertOnceEach(payments, posts=len(payments))

    def test_two_stalled_workers(self):
        """Both have committed ``sending``; one of them sends."""
        payments = self.prepare()
        first = self.stalls()
        self.later(minutes=3)
        self.ask("refresh")
        self.ask("queue_again", payment_ids=payments)
        self.ask("initiate", payment_ids=payments)
        second = self.stalls()
        for worker in (first, second):
            worker.send(None)
            worker.answer()
        self.assertOnceEach(payments, posts=len(payments))
