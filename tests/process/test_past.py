"""Reading the past in one process and the present in another, under ``kill -9``."""

import time

from staff import ProcessCase


class TestPast(ProcessCase):
    """Twelve movements of May on three pages, and some of April and June."""

    def setUp(self):
        super().setUp()
        self.old = self.add_on("2026-05-12", 12) + self.add_on("2026-04-20", 3)
        self.new = self.add(7)
        self.call(self.clerk, "cron_sync")
        self.begun = self.state()["ids"]

    def add_on(self, day, count):
        return [
            self.bank.ledger.add(
                self.iban, "GEL", amount=f"{number + 1}.50", day=day
            ).movement_id
            for number in range(count)
        ]

    def start(self, first="2026-04-01", last="2026-05-31", order="newest"):
        self.call(
            self.clerk,
            "start_past",
            account_id=self.account,
            first=first,
            last=last,
            order=order,
        )

    def past(self):
        return self.call(self.clerk, "past", account_id=self.account)

    def dies(self, **stop):
        """A worker that kills itself at the commit of a page of the past."""
        worker = self.hire()
        self.send(worker, "cron_past", stop={"at": "past", "act": "kill", **stop})
        with self.assertRaises(EOFError):
            worker.answer()
        worker.wait_for_death()
        self.buried(worker)

    def assertBooksRight(self):
        """Half of the past is there, and today's balance is the bank's."""
        state = self.state()
        self.assertEqual(state["difference"], 0.0)
        self.assertEqual(len(state["ids"]), len(set(state["ids"])))
        self.assertEqual(state["unposted"], 0)
        return state

    def assertDone(self, expected=None):
        expected = self.old + self.new if expected is None else expected
        self.bank.clear_faults()
        self.call(self.clerk, "cron_past")
        self.call(self.clerk, "cron_sync")
        state = self.assertWhole(expected)
        past = self.past()
        self.assertEqual(past["state"], "done", past["error"])
        self.assertEqual(past["sync_from"], "2026-04-01")
        opening = self.bank.ledger.opening(self.iban, "GEL")
        self.assertEqual(past["opening"], float(opening))
        return state

    def test_killed_again_and_again(self):
        """At each page, before and after its commit; the books are right each time."""
        self.start()
        for page in (1, 2, 3):
            for moment in ("before", "after"):
                with self.subTest(page=page, moment=moment):
                    # The one before has left it the pages that are committed.
                    self.dies(number=2, moment=moment)
                    self.assertBooksRight()
        self.assertDone()

    def test_killed_while_the_first_day_moves(self):
        """May's last page, the done days, the first day and the opening are one."""
        self.start()
        self.dies(number=6, moment="before")
        past = self.past()
        self.assertEqual(past["sync_from"], "2026-06-01")
        self.assertIsNone(past["done_from"])
        self.assertBooksRight()
        self.dies(number=2, moment="after")
        past = self.past()
        self.assertEqual(past["sync_from"], "2026-05-01")
        self.assertEqual(past["done_from"], "2026-05-01")
        self.assertBooksRight()
        self.assertDone()

    def test_killed_beside_the_hourly_read(self):
        """That read stands between two pages when the other worker dies."""
        self.start(order="oldest")
        new = self.add(12)
        hourly = self.hire()
        stop = {"at": "page", "moment": "after", "act": "wait"}
        self.send(hourly, "cron_sync", stop=stop)
        self.assertEqual(hourly.answer(), "waits")
        self.dies(number=4, moment="after")
        hourly.send(None)
        hourly.answer()
        state = self.assertBooksRight()
        self.assertEqual(state["runs"][-1], "done")
        self.assertDone(self.old + self.new + new)

    def test_both_at_once(self):
        """The hourly read is never put off by the past."""
        expected = self.old + self.new
        self.bank.add_fault("slow", times=None, seconds=0.05)
        self.start()
        workers = [self.hire() for _worker in range(3)]
        for worker in workers:
            self.call(worker, "state", account_id=self.account)
        expected += self.add(17)
        at = time.time() + 0.3
        self.send(workers[0], "cron_past", at=at, times=3)
        self.send(workers[1], "cron_past", at=at, times=3)
        self.send(workers[2], "cron_sync", at=at, times=3)
        for worker in workers:
            worker.answer()
        state = self.assertDone(expected)
        self.assertEqual(set(state["runs"]), {"done"}, state["errors"])

    def test_pause_does_not_wait_for_the_bank(self):
        """A person's click takes effect while the reader waits for an answer."""
        self.start()
        self.bank.add_fault("slow", on="movements", times=1, seconds=4)
        asked = self.asked()
        reader = self.hire()
        self.send(reader, "cron_past")
        self.until(lambda: self.asked() > asked)
        seconds = self.call(
            self.clerk, "press_past", account_id=self.account, button="pause"
        )
        self.assertTrue(reader.is_working)
        self.assertLess(seconds, 3)
        reader.answer()
        self.assertEqual(self.past()["state"], "paused")
        self.assertEqual(self.asked(), asked + 1)
        self.assertEqual(self.state()["ids"], self.begun)
        self.call(self.clerk, "press_past", account_id=self.account, button="resume")
        self.assertDone()

    def test_two_workers_and_one_past(self):
        """The second one leaves it to the first."""
        self.start()
        self.bank.add_fault("slow", on="movements", times=1, seconds=2)
        asked = self.asked()
        first, second = self.hire(), self.hire()
        self.send(first, "cron_past")
        self.until(lambda: self.asked() > asked)
        self.call(second, "cron_past")
        self.assertTrue(first.is_working)
        self.assertEqual(self.asked(), asked + 1)
        first.answer()
        self.assertDone()
