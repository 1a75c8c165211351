"""Several workers and people want the same orders at the same time."""

import time

from transfer_staff import SENTENCES, TransferCase
from workers import Refused


def soon():
    """The moment at which several workers shall begin."""
    return time.time() + 0.3


class TestTwoWorkers(TransferCase):
    """Two scheduled actions at once."""

    def setUp(self):
        super().setUp()
        self.workers = [self.hire(), self.hire()]
        for worker in self.workers:
            self.call(worker, "orders", account_ids=[self.account])

    def together(self, do, **arguments):
        """Both do the same at one moment; return the sentences of those refused."""
        at, refused = soon(), []
        for worker in self.workers:
            self.send(worker, do, at=at, **arguments)
        for worker in self.workers:
            try:
                worker.answer()
            except Refused as error:
                self.assertIn(error.kind, SENTENCES)
                refused.append(error.sentence)
        return refused

    def test_both_send(self):
        """Several rounds of several requests: each is sent by one of them."""
        payments, posts = [], 0
        for number in range(3):
            with self.subTest(round=number):
                self.batch = "Salaries" if number % 2 else None
                payments += self.prepare(21)
                self.assertEqual(self.together("submit"), [])
                # Whoever came second may have found one locked and left it.
                self.ask("submit")
                posts += 1 if self.batch else 3
                self.assertEqual(self.posts(), posts)
        self.assertOnceEach(payments)

    def test_both_send_and_the_bank_is_slow(self):
        """The second finds the orders being sent, and the first alive."""
        payments = self.prepare(12)
        self.bank.add_fault("slow", on="import_single", times=None, seconds=60)
        first, second = self.workers
        self.send(first, "submit")
        self.until(self.posts)
        self.send(second, "submit")
        # Ten orders are with the first worker; the second takes the other two.
        self.until(lambda: self.posts() == 2)
        self.let_through()
        for worker in self.workers:
            worker.answer()
        self.assertOnceEach(payments, posts=2)

    def test_the_bank_is_busy_for_both(self):
        """Both note when to come back; neither loses what it was told."""
        self.prepare(12)
        self.bank.add_fault("429", on="import_single", times=None)
        stop = {"at": "outcome", "moment": "before", "act": "wait"}
        first, second = self.workers
        self.send(first, "submit", stop=stop)
        self.assertEqual(first.answer(), "waits")
        # The second is held up by the row that the first has written.
        self.send(second, "submit", stop=stop)
        self.until(lambda: self.posts() == 2)
        time.sleep(0.5)
        for worker in (first, second):
            if worker is second:
                self.assertEqual(worker.answer(), "waits")
            worker.send(None)
            worker.answer()
        self.assertEqual(self.states(), {"queued"})
        self.assertTrue(all(order["initiated"] for order in self.orders()))

    def test_both_ask(self):
        payments = self.prepare(12)
        self.ask("submit")
        for _round in range(3):
            self.later(hours=1)
            self.assertEqual(self.together("refresh"), [])
        self.assertOnceEach(payments, posts=2)

    def test_a_double_click_on_queue(self):
        """One order, and one sentence for whoever came second."""
        for number in range(3):
            with self.subTest(round=number):
                [payment] = self.pay(1)
                sentences = self.together("queue", payment_ids=[payment])
                orders = [o for o in self.orders() if o["payment_id"] == payment]
                self.assertEqual([o["state"] for o in orders], ["queued"])
                self.assertEqual(len(sentences), 1, sentences)
                self.assertNotIn("\n\n", sentences[0])
        self.assertEqual(self.posts(), 0)

    def test_a_double_click_on_initiate(self):
        payments = []
        for number in range(2):
            with self.subTest(round=number):
                fresh = self.pay(3)
                self.queue(fresh)
                sentences = self.together("initiate", payment_ids=fresh)
                self.assertEqual(len(sentences), 1, sentences)
                payments += fresh
                self.ask("submit")
        self.assertOnceEach(payments, posts=2)

    def test_initiated_while_it_is_queued(self):
        """Whatever comes first, nothing goes that was not initiated."""
        payments = self.pay(3)
        at = soon()
        first, second = self.workers
        self.send(first, "queue", payment_ids=payments, at=at)
        self.send(second, "initiate", payment_ids=payments, at=at)
        first.answer()
        try:
            second.answer()
        except Refused as error:
            self.assertIn(error.kind, SENTENCES)
            self.ask("submit")
            self.assertEqual(self.posts(), 0)
            self.ask("initiate", payment_ids=payments)
        self.ask("submit")
        self.assertOnceEach(payments, posts=1)


class TestChangeOfMind(TransferCase):
    """A person takes back what was initiated."""

    def start_to_send(self, at=None):
        """A worker that sends while the bank takes its time, or stops at a commit."""
        worker = self.hire()
        if at:
            self.send(worker, "submit", stop={**at, "act": "wait"})
            self.assertEqual(worker.answer(), "waits")
        else:
            self.bank.add_fault("slow", on="import_single", seconds=60)
            self.send(worker, "submit")
            self.until(self.posts)
        return worker

    def assertTooLate(self, do, payments):
        """A person's act is refused with a sentence, and changes nothing."""
        before = self.orders()
        self.send(self.clerk, do, payment_ids=payments)
        self.assertTrue(self.assertRefused(self.clerk))
        self.assertEqual(self.orders(), before)

    def test_before(self):
        for act, state in (("withdraw", "draft"), ("cancel", "cancelled")):
            with self.subTest(act):
                payments = self.prepare()
                self.ask(act, payment_ids=payments)
                self.ask("submit")
                self.assertEqual(self.posts(), 0)
                ours = [o for o in self.orders() if o["payment_id"] in payments]
                self.assertEqual({o["state"] for o in ours}, {state})
                self.assertFalse(any(o["initiated"] for o in ours))
        self.assertEqual(self.at_the_bank(), {})

    def test_at_the_same_moment(self):
        """Either it goes, or the person's word holds: never both."""
        worker = self.hire()
        for number in range(4):
            act = "cancel" if number % 2 else "withdraw"
            with self.subTest(act, round=number):
                [payment] = self.prepare(1)
                at = soon()
                self.send(worker, "submit", at=at)
                time.sleep(max(0, at + 0.01 * number - time.time()))
                try:
                    self.ask(act, payment_ids=[payment])
                except Refused as error:
                    self.assertIn(error.kind, SENTENCES)
                worker.answer()
                [order] = [o for o in self.orders() if o["payment_id"] == payment]
                went = order["external_id"] in self.at_the_bank()
                self.assertEqual(went, order["state"] == "submitted", order)
                self.assertEqual(
                    order["payment"] == "canceled", act == "cancel" and not went
                )
        self.assertNothingTwice(self.orders())

    def test_while_the_bank_answers(self):
        payments = self.prepare()
        worker = self.start_to_send()
        for act in ("withdraw", "cancel", "queue", "initiate", "queue_again"):
            with self.subTest(act):
                self.assertTooLate(act, payments)
        self.let_through()
        worker.answer()
        self.assertOnceEach(payments, posts=1)

    def test_between_the_commit_and_the_request(self):
        """The lock is free, and it is too late all the same."""
        payments = self.prepare()
        worker = self.start_to_send({"at": "sending", "moment": "after"})
        for act in ("withdraw", "cancel", "queue", "initiate", "queue_again"):
            with self.subTest(act):
                self.assertTooLate(act, payments)
        worker.send(None)
        worker.answer()
        self.assertOnceEach(payments, posts=1)

    def test_before_the_commit(self):
        """What the worker holds locked can't be taken back."""
        payments = self.prepare()
        worker = self.start_to_send({"at": "sending", "moment": "before"})
        for act in ("withdraw", "cancel"):
            with self.subTest(act):
                self.assertTooLate(act, payments)
        worker.send(None)
        worker.answer()
        self.assertOnceEach(payments, posts=1)

    def test_after_the_answer(self):
        """The bank has it, whatever the books still say."""
        payments = self.prepare()
        worker = self.start_to_send({"at": "outcome", "moment": "before"})
        for act in ("withdraw", "cancel"):
            with self.subTest(act):
                self.assertTooLate(act, payments)
        worker.send(None)
        worker.answer()
        self.assertTooLate("cancel", payments)
        self.assertOnceEach(payments, posts=1)
