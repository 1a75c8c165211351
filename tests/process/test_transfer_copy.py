"""A copy of the database lives somewhere else: it sends nothing of what was initiated."""

from transfer_staff import TransferCase

ELSEWHERE = "11111111-2222-3333-4444-555555555555"


class TestCopy(TransferCase):
    def restore_elsewhere(self):
        """What Odoo does when it restores a copy, until the end of the test."""
        before = self.ask("database_uuid", new=ELSEWHERE)
        self.addCleanup(self.ask, "database_uuid", new=before)
        return before

    def test_a_restored_copy_sends_nothing(self):
        singles, self.batch = self.prepare(), "Salaries"
        payments = singles + self.prepare()
        before = self.restore_elsewhere()
        self.ask("submit")
        self.assertEqual(self.witness.seen, [])
        for order in self.orders():
            self.assertEqual((order["state"], order["initiated"]), ("queued", False))
            self.assertIn("this database", order["problem"])
        self.later(hours=1)
        self.ask("submit")
        self.ask("refresh")
        self.assertEqual(self.posts(), 0)
        # There it is another matter, if the same person says so again.
        self.ask("database_uuid", new=before)
        self.ask("initiate", payment_ids=payments)
        self.ask("submit")
        self.assertOnceEach(payments, posts=2)

    def test_a_neutralised_copy_sends_and_asks_nothing(self):
        submitted = self.prepare()
        self.ask("submit")
        queued, self.batch = self.prepare(), "Salaries"
        payments = submitted + queued + self.prepare()
        before = len(self.witness.seen)
        ids = [order["id"] for order in self.orders()]
        states, initiated = self.ask("neutralized_transfers", order_ids=ids)
        self.assertEqual(states, ["submitted"] * 3 + ["queued"] * 6)
        self.assertEqual(initiated, 3)
        self.assertEqual(len(self.witness.seen), before)
        # It was undone: here they go.
        self.ask("submit")
        self.assertOnceEach(payments, posts=3)
