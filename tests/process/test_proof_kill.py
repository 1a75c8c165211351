"""``kill -9`` while the proof looks for late movements and books them."""

from staff import ProcessCase


class TestProofKill(ProcessCase):
    """Two late days, one with two pages, and a withdrawn movement."""

    def setUp(self):
        super().setUp()
        self.expected = self.add(3)
        self.call(self.clerk, "cron_sync")
        self.assertWhole(self.expected)
        for day in ("2026-06-03",) * 7 + ("2026-06-09",):
            movement = self.bank.ledger.add(self.iban, "GEL", amount="7.10", day=day)
            self.expected.append(movement.movement_id)
        self.bank.forget_requests()

    def dies(self, **stop):
        """A worker that kills itself at the commit of a page."""
        worker = self.hire()
        self.send(worker, "cron_sync", stop={"at": "page", "act": "kill", **stop})
        with self.assertRaises(EOFError):
            worker.answer()
        worker.wait_for_death()
        self.buried(worker)

    def assertCompletes(self):
        self.bank.clear_faults()
        for _time in range(2):
            self.call(self.clerk, "cron_sync")
            self.assertWhole(self.expected)

    def test_at_each_commit_of_the_repair(self):
        """Once before and once after it; a page that brings nothing commits nothing."""
        for number in range(1, 4):
            for moment in ("before", "after"):
                self.dies(number=number, moment=moment)
                ids = self.state()["ids"]
                self.assertEqual(len(ids), len(set(ids)))
        self.assertCompletes()

    def test_in_the_middle_of_the_halving(self):
        self.bank.add_fault("slow", on="statements", after=3, seconds=60)
        worker = self.hire()
        self.send(worker, "cron_sync")
        self.until(lambda: self.asked("statements") > 3)
        worker.kill()
        self.buried(worker)
        self.assertEqual(len(self.state()["ids"]), 3)
        self.assertCompletes()

    def test_two_workers_repair_at_once(self):
        workers = [self.hire() for _worker in range(2)]
        for worker in workers:
            self.send(worker, "cron_sync", times=2)
        for worker in workers:
            worker.answer()
        self.assertCompletes()
