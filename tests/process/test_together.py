"""Several workers and a person at the same time."""

import time

from staff import ProcessCase
from workers import Refused


class TestOneAccount(ProcessCase):
    """Three processes want the same account."""

    def test_two_schedules_and_a_click(self):
        expected = []
        workers = [self.hire() for _ in range(3)]
        for worker in workers:
            self.call(worker, "state", account_id=self.account)
        for number in range(3):
            with self.subTest(round=number):
                expected += self.add(40)
                self.bank.add_fault("slow", times=None, seconds=0.05)
                at = time.time() + 0.3
                # More than once, so that they meet at page commits and at the end.
                for worker in workers[:2]:
                    self.send(worker, "cron_sync", times=3, at=at)
                account = self.account
                self.send(workers[2], "click", account_id=account, times=3, at=at)
                for worker in workers:
                    worker.answer()
                self.bank.clear_faults()
                state = self.assertWhole(expected)
                self.assertEqual(set(state["runs"]), {"done"}, state["errors"])

    def test_the_account_is_taken_between_two_pages(self):
        """A commit frees the lock: whoever takes it then reads on, the first leaves."""
        expected = self.add(12)
        first, second = self.hire(), self.hire()
        stop = {"at": "page", "moment": "after", "act": "wait"}
        self.send(first, "cron_sync", stop=stop)
        self.assertEqual(first.answer(), "waits")
        self.bank.add_fault("slow", on="movements", after=1, seconds=2)
        asked = self.asked()
        self.send(second, "cron_sync")
        self.until(lambda: self.asked() > asked)
        first.send(None)
        first.answer()
        second.answer()
        state = self.assertWhole(expected)
        self.assertEqual(state["runs"], ["cut", "done"])

    def test_who_looks_between_two_pages_takes_nothing(self):
        """Whoever's turn it is not leaves the account to the one who reads it."""
        expected = self.add(12)
        first, second = self.hire(), self.hire()
        stop = {"at": "page", "moment": "after", "act": "wait"}
        self.send(first, "cron_sync", stop=stop)
        self.assertEqual(first.answer(), "waits")
        self.assertFalse(self.call(second, "look_for_turn", account_id=self.account))
        first.send(None)
        first.answer()
        self.call(second, "commit")
        self.assertEqual(self.assertWhole(expected)["runs"], ["done"])

    def test_the_account_was_read_between_two_pages(self):
        expected = self.add(12)
        first, second = self.hire(), self.hire()
        stop = {"at": "page", "moment": "after", "act": "wait"}
        self.send(first, "cron_sync", stop=stop)
        self.assertEqual(first.answer(), "waits")
        self.call(second, "cron_sync")
        first.send(None)
        first.answer()
        self.assertWhole(expected)

    def test_the_database_takes_a_movement_once(self):
        """The net below it all: two transactions insert the same movement."""
        first, second = self.hire(), self.hire()
        movement = {"account_id": self.account, "movement_id": "018000000001.2"}
        self.call(first, "insert", **movement)
        self.send(second, "insert", **movement)
        time.sleep(1)
        self.assertTrue(second.is_working, "it waits for what the first one does")
        self.call(first, "commit")
        with self.assertRaises(Refused) as caught:
            second.answer()
        self.assertEqual(caught.exception.kind, "UniqueViolation")
        self.assertIn("tbc_movement_uniq", str(caught.exception))
        self.assertEqual(self.state()["ids"], ["018000000001.2"])


class TestTwoAccounts(ProcessCase):
    """Two accounts of one integration, the scheduled action and a copy of it."""

    currencies = ("GEL", "USD")

    def waiting(self):
        """The currencies of the requests that the bank is answering now."""
        return {
            request.query.get("AccountCurrencyCode")
            for request in self.bank.requests_to("movements")
            if request.status is None
        }

    def send_until_together(self, workers, do, **arguments):
        """Order the same of all until both accounts are asked for at one moment.

        The workers begin together, but which of them the machine lets go first, and
        how far, is its own affair: a round in which one did it all is repeated.
        """
        for _round in range(5):
            at = time.time() + 0.3
            for number, worker in enumerate(workers):
                own = {"number": number} if do == "run_schedule" else {}
                self.send(worker, do, at=at, **own, **arguments)
            while any(worker.is_working for worker in workers):
                if self.waiting() == {"GEL", "USD"}:
                    return
                time.sleep(0.02)
            for worker in workers:
                worker.answer()
        self.fail("the accounts were never asked for at one moment")

    def test_they_are_read_in_parallel(self):
        gel, usd = self.add(4, "GEL"), self.add(4, "USD")
        workers = [self.hire(), self.hire()]
        for number, worker in enumerate(workers):
            self.call(worker, "run_schedule", number=number)
        self.assertWhole(gel, self.accounts[0], "GEL")
        self.assertWhole(usd, self.accounts[1], "USD")
        gel, usd = gel + self.add(7, "GEL"), usd + self.add(7, "USD")
        self.bank.add_fault("slow", on="movements", times=None, seconds=0.8)
        self.send_until_together(workers, "run_schedule")
        for worker in workers:
            worker.answer()
        self.assertWhole(gel, self.accounts[0], "GEL")
        self.assertWhole(usd, self.accounts[1], "USD")

    def test_the_bank_refuses_both(self):
        """Both workers pause the integration; neither ends with a traceback."""
        workers = [self.hire(), self.hire()]
        for worker in workers:
            self.call(worker, "state", account_id=self.account)
        # Both accounts are asked for at once, and refused at once.
        self.bank.add_fault("slow", on="movements", times=None, seconds=0.8)
        self.send_until_together(workers, "cron_sync")
        self.bank.user_state = "blocked"
        for worker in workers:
            worker.answer()
        for account in self.accounts:
            self.assertEqual(self.state(account)["integration"], "paused")


class TestMoreWorkers(ProcessCase):
    """Three accounts of one company, and Odoo's cron workers as they come."""

    currencies = ("GEL", "USD", "EUR")

    def waiting(self):
        """The currencies of the requests that the bank is answering now, sorted."""
        return sorted(
            request.query.get("AccountCurrencyCode")
            for request in self.bank.requests_to("movements")
            if request.status is None
        )

    def fill(self):
        """Write movements for each account; return their ids by currency."""
        return {code: self.add(4, code) for code in self.currencies}

    def assertRead(self, expected):
        """All accounts are read, and each was asked for once."""
        for account, code in zip(self.accounts, self.currencies, strict=True):
            self.assertWhole(expected[code], account, code)
        asked = [
            request.query["AccountCurrencyCode"]
            for request in self.bank.requests_to("movements")
        ]
        self.assertEqual(sorted(asked), sorted(self.currencies))

    def read_with(self, count):
        """Let so many cron workers work; return who was asked for at one moment."""
        workers = [self.hire() for _ in range(count)]
        expected = self.fill()
        self.call(self.clerk, "call_readers")
        self.bank.forget_requests()
        self.bank.add_fault("slow", on="movements", times=None, seconds=3)
        self.send(workers[0], "run_ready_readers")
        self.until(self.waiting)
        for worker in workers[1:]:
            self.send(worker, "run_ready_readers")
        found = []
        while any(worker.is_working for worker in workers):
            found.append(self.waiting())
            time.sleep(0.02)
        ready = [worker.answer() for worker in workers]
        self.assertNotIn(0, ready)
        self.assertRead(expected)
        return max(found, key=len)

    def test_each_cron_worker_reads_one(self):
        self.assertEqual(self.read_with(3), ["EUR", "GEL", "USD"])

    def test_one_cron_worker_reads_them_all(self):
        self.assertEqual(len(self.read_with(1)), 1)
