"""``kill -9`` while an account is read: nothing is lost, nothing doubled."""

from staff import ProcessCase


class TestKill(ProcessCase):
    """Twelve movements on three pages."""

    def setUp(self):
        super().setUp()
        self.expected = self.add(12)
        # The bank lists the newest first.
        self.page_one = self.expected[-5:]

    def kill_while_it_waits(self, *, on, after):
        """Kill a worker that waits for the answer to its ``after`` + 1st request."""
        self.bank.add_fault("slow", on=on, after=after, seconds=60)
        worker = self.hire()
        self.send(worker, "cron_sync")
        self.until(lambda: self.asked(on) > after)
        self.assertTrue(worker.is_working)
        worker.kill()
        self.buried(worker)

    def dies(self, **stop):
        """A worker that kills itself at the commit of a page."""
        worker = self.hire()
        self.send(worker, "cron_sync", stop={"at": "page", "act": "kill", **stop})
        with self.assertRaises(EOFError):
            worker.answer()
        worker.wait_for_death()
        self.buried(worker)

    def assertCompletes(self, *runs, pages):
        """The next run reads everything, and asks for the ``pages`` that are left.

        :param runs: the states of the runs before
        """
        self.bank.clear_faults()
        self.bank.forget_requests()
        self.call(self.clerk, "cron_sync")
        state = self.assertWhole(self.expected)
        self.assertEqual(state["runs"], [*runs, "done"])
        asked = self.bank.requests_to("movements")
        self.assertEqual([int(one.query["PageIndex"]) for one in asked], pages)

    def assertPageOneOnly(self):
        """What was committed is there; the cursor waits for what was not."""
        state = self.state()
        self.assertEqual(sorted(state["ids"]), sorted(self.page_one))
        self.assertEqual(state["unposted"], 0)
        self.assertIsNone(state["synced_until"])
        self.assertEqual(state["runs"], ["running"])
        self.assertTrue(state["reading_at"])

    def assertNothing(self):
        """Nothing is half there."""
        state = self.state()
        self.assertEqual((state["ids"], state["runs"]), ([], []))
        self.assertIsNone(state["synced_until"])

    def test_while_page_two_of_three_is_awaited(self):
        self.kill_while_it_waits(on="movements", after=1)
        self.assertPageOneOnly()
        self.assertCompletes("cut", pages=[1, 2])

    def test_while_page_two_of_three_is_booked(self):
        """Its lines are written, and not committed."""
        self.dies(number=4, moment="before")
        self.assertPageOneOnly()
        self.assertCompletes("cut", pages=[1, 2])

    def test_after_the_last_page_before_the_statement(self):
        self.kill_while_it_waits(on="statements", after=0)
        state = self.state()
        self.assertEqual(sorted(state["ids"]), sorted(self.expected))
        self.assertEqual(state["runs"], ["running"])
        # The month is read: only its last days are listed again.
        self.assertCompletes("cut", pages=[0])

    def test_before_the_first_answer(self):
        self.kill_while_it_waits(on="movements", after=0)
        self.assertNothing()
        self.assertCompletes(pages=[0, 1, 2])

    def test_before_the_first_page_is_committed(self):
        self.dies(number=1, moment="before")
        self.assertNothing()
        self.dies(number=2, moment="before")
        state = self.state()
        self.assertEqual((state["ids"], state["runs"]), ([], ["running"]))
        self.assertIsNone(state["synced_until"])
        self.assertCompletes("cut", pages=[0, 1, 2])

    def test_before_the_second_page_is_booked(self):
        self.dies(number=3, moment="before")
        self.assertPageOneOnly()
        self.dies(number=1, moment="after")
        state = self.state()
        self.assertEqual(sorted(state["ids"]), sorted(self.page_one))
        self.assertCompletes("cut", "cut", pages=[1, 2])

    def test_killed_again_and_again(self):
        """Each time one page further; in the end everything is there once."""
        for _page in range(3):
            self.dies(number=2, moment="after")
        self.assertCompletes("cut", "cut", "cut", pages=[0])

    def test_the_list_changed_before_it_goes_on(self):
        """What the dead one had read of it proves nothing any more."""
        self.dies(number=4, moment="after")
        self.expected += self.add(1)
        self.assertCompletes("cut", pages=[2, 0, 1, 2])
