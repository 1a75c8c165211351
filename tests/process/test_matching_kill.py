"""``kill -9`` while lines are matched, and two workers at it: each is matched once."""

import time

from matching_work import TAX_CODE
from staff import ProcessCase

COUNT = 6


class TestMatchingKill(ProcessCase):
    """Six payments of six invoices, one case a commit."""

    def setUp(self):
        super().setUp()
        amounts = [number + 1.25 for number in range(COUNT)]
        self.invoices = self.call(
            self.clerk,
            "make_invoices",
            integration_id=self.integration,
            amounts=amounts,
        )
        for amount in amounts:
            self.bank.ledger.add(
                self.iban,
                "GEL",
                amount=str(amount),
                day="2026-06-15",
                partnerAccountInfo={"taxCode": TAX_CODE},
            )
        self.call(self.clerk, "cron_sync")

    def matches(self):
        return self.call(
            self.clerk, "matches", account_id=self.account, invoice_ids=self.invoices
        )

    def assertAllOnce(self):
        found = self.matches()
        self.assertEqual(found["states"], ["paid"])
        self.assertEqual(found["payments"], [1] * COUNT)
        self.assertEqual((found["notes"], found["suspense"]), (COUNT, 0))

    def dies(self, **how):
        worker = self.hire()
        self.send(worker, "cron_match", **how)
        with self.assertRaises(EOFError):
            worker.answer()
        worker.wait_for_death()
        self.buried(worker)

    def test_killed_around_a_commit(self):
        self.dies(dies_at=3, moment="before")
        self.assertEqual(self.matches()["paid"], 2)
        self.dies(dies_at=2, moment="after")
        found = self.matches()
        self.assertEqual((found["paid"], found["matched"]), (4, 4))
        self.assertEqual(found["suspense"], COUNT - 4)
        self.call(self.clerk, "cron_match")
        self.assertAllOnce()
        self.call(self.clerk, "cron_match")
        self.assertAllOnce()

    def test_two_workers_at_once(self):
        workers = [self.hire(), self.hire()]
        begin = time.time() + 0.5
        for worker in workers:
            self.send(worker, "cron_match", at=begin)
        for worker in workers:
            worker.answer()
        # Whoever met the other has left something for the next call.
        self.call(self.clerk, "cron_match")
        self.assertAllOnce()
