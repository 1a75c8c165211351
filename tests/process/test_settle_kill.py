"""Two people at one bank line, one beside the matching, and ``kill -9`` in between."""

import time

from matching_work import TAX_CODE
from staff import ProcessCase
from workers import Refused

FIRST, SECOND = "process_bookkeeper", "process_clerk"
OPEN = {"by": None, "matched": False, "note": False, "suspense": 1, "kinds": []}


class SettleProcessCase(ProcessCase):
    """A line, its invoice, and whoever settles it."""

    def setUp(self):
        super().setUp()
        # An amount of its own: the invoices of other tests are still there.
        self.amount = round(1000 + time.time_ns() % 10**7 / 100, 2)
        self.invoices = self.call(
            self.clerk,
            "make_invoices",
            integration_id=self.integration,
            amounts=[self.amount],
        )
        self.movement = self.paid_in(self.amount, TAX_CODE)
        self.call(self.clerk, "cron_sync")

    def paid_in(self, amount, tax_code):
        """A movement of whoever has that tax code; its id."""
        return self.bank.ledger.add(
            self.iban,
            "GEL",
            amount=f"{amount:.2f}",
            day="2026-06-15",
            partnerAccountInfo={"taxCode": tax_code},
        ).movement_id

    def settle(self, worker, login, how="account", **when):
        self.send(
            worker,
            "settle_line",
            login=login,
            movement_id=self.movement,
            how=how,
            **when,
        )

    def settled(self):
        return self.call(self.clerk, "settled", movement_id=self.movement)

    def paid(self):
        return self.call(
            self.clerk, "matches", account_id=self.account, invoice_ids=self.invoices
        )["paid"]

    def assertWhollyOpen(self):
        found = self.settled()
        self.assertEqual({name: found[name] for name in OPEN}, OPEN)
        self.assertEqual((found["partials"], found["balance"]), (0, 0))
        self.assertEqual(self.paid(), 0)

    def assertSettledBy(self, login, kind="expense"):
        found = self.settled()
        self.assertTrue(found["matched"] and found["note"])
        self.assertEqual((found["by"], found["kinds"]), (login, [kind]))
        self.assertEqual((found["suspense"], found["balance"]), (0, 0))
        self.assertEqual(found["partials"], int(kind == "asset_receivable"))

    def outcome(self, worker):
        """The sentence that the worker got, or nothing."""
        try:
            worker.answer()
        except Refused as refused:
            self.assertIn(refused.kind, ("UserError", "LockError"))
            return refused.sentence
        return None


class TestSettleKill(SettleProcessCase):
    def test_killed_before_and_after_the_commit(self):
        for how, kind in (("invoice", "asset_receivable"), ("account", "expense")):
            with self.subTest(how):
                self.dies(how, "before")
                self.assertWhollyOpen()
                self.dies(how, "after")
                self.assertSettledBy(FIRST, kind)
                self.dies("back", "before")
                self.assertSettledBy(FIRST, kind)
                self.dies("back", "after")
                self.assertWhollyOpen()
        self.call(self.clerk, "cron_match")
        self.assertWhollyOpen()

    def dies(self, how, moment):
        worker = self.hire()
        self.settle(worker, FIRST, how, dies=moment)
        with self.assertRaises(EOFError):
            worker.answer()
        worker.wait_for_death()
        self.buried(worker)

    def test_two_people_one_after_the_other(self):
        first, second = self.hire(), self.hire()
        begin = time.time() + 1
        self.settle(first, FIRST, "invoice", at=begin, holds=3)
        self.settle(second, SECOND, at=begin + 1.5)
        sentence = self.outcome(second)
        self.assertIn("Somebody else is changing this", sentence)
        self.assertIsNone(self.outcome(first))
        self.assertSettledBy(FIRST, "asset_receivable")
        # Whoever repeats it learns who was faster.
        self.settle(second, SECOND)
        self.assertIn("matched this transaction", self.outcome(second))
        self.assertSettledBy(FIRST, "asset_receivable")
        self.assertEqual(self.paid(), 1)

    def test_two_people_at_once(self):
        workers = [self.hire(), self.hire()]
        for _round in range(4):
            begin = time.time() + 0.5
            for worker, login in zip(workers, (FIRST, SECOND), strict=True):
                self.settle(worker, login, at=begin)
            sentences = [self.outcome(worker) for worker in workers]
            self.assertEqual(sentences.count(None), 1, sentences)
            self.assertSettledBy((FIRST, SECOND)[sentences.index(None)])
            self.settle(workers[0], FIRST, "back")
            self.assertIsNone(self.outcome(workers[0]))
            self.assertWhollyOpen()

    def test_a_person_beside_the_matching(self):
        """One of the two settles it; nothing is undone, nothing is paid twice."""
        person, matching = self.hire(), self.hire()
        begin = time.time() + 0.5
        self.settle(person, FIRST, at=begin, holds=1)
        self.send(matching, "cron_match", at=begin + 0.3)
        sentence = self.outcome(person)
        matching.answer()
        self.call(self.clerk, "cron_match")
        if sentence:
            self.assertEqual(self.settled()["by"], None)
            self.assertEqual(self.paid(), 1)
        else:
            self.assertSettledBy(FIRST)
            self.assertEqual(self.paid(), 0)


class TestPartnerBack(SettleProcessCase):
    """Who takes a partner back of several lines, while others are at one of them."""

    def setUp(self):
        super().setUp()
        tax_code = str(400_000_000 + time.time_ns() % 10**8)
        self.movements = [self.paid_in(amount, tax_code) for amount in (31, 32, 33)]
        self.call(self.clerk, "cron_sync")
        self.movement = self.movements[1]
        count = self.call(
            self.clerk,
            "name_partner",
            login=FIRST,
            movement_id=self.movements[0],
            name="Named",
        )
        self.assertEqual(count, 3)

    def take_back(self, worker, login, place=0, **when):
        self.send(
            worker,
            "name_partner",
            login=login,
            movement_id=self.movements[place],
            **when,
        )

    def names(self):
        told = [self.call(self.clerk, "named", movement_id=m) for m in self.movements]
        for one in told:
            self.assertEqual(one["items"], [one["line"]] if one["line"] else [])
        return [one["line"] for one in told]

    def test_one_is_being_settled(self):
        """It is let alone, and keeps its partner."""
        back, settling = self.hire(), self.hire()
        begin = time.time() + 1
        self.settle(settling, SECOND, at=begin, holds=3)
        self.take_back(back, FIRST, at=begin + 1.5)
        self.assertEqual(back.answer(), 2)
        self.assertIsNone(self.outcome(settling))
        self.assertSettledBy(SECOND)
        self.assertEqual(self.names(), [None, "Named", None])

    def test_one_is_settled_while_they_are_taken_back(self):
        back, settling = self.hire(), self.hire()
        begin = time.time() + 1
        self.take_back(back, FIRST, at=begin, holds=3)
        self.settle(settling, SECOND, at=begin + 1.5)
        self.assertIn("Somebody else is changing this", self.outcome(settling))
        self.assertEqual(back.answer(), 3)
        self.assertEqual(self.names(), [None, None, None])

    def test_two_take_back_at_once(self):
        workers = [self.hire(), self.hire()]
        begin = time.time() + 1
        for place, login in enumerate((FIRST, SECOND)):
            self.take_back(workers[place], login, place, at=begin)
        sentences = [self.outcome(worker) for worker in workers]
        self.assertIn(None, sentences)
        told = " ".join(filter(None, sentences))
        if told:
            self.assertRegex(told, "Somebody else is changing|nothing to undo")
        self.assertEqual(self.names(), [None, None, None])
