"""A database of an earlier version updates, keeps what it has, reads and pays on."""

import os
import re
import unittest

from earlier import MODULE, Earlier, run_odoo
from life import Life

# 19.0.1.1.0, whose models did all the work themselves.
COMMIT = "4e46076e1efd"


class TestUpdate(unittest.TestCase):
    """On a database of its own, which never had the module."""

    maxDiff = None

    def setUp(self):
        self.life = Life(os.environ["TBC_TEST_UPDATE_DB"])
        self.addCleanup(self.life.close)
        self.earlier = Earlier(COMMIT)
        self.addCleanup(self.earlier.close)

    def test_an_earlier_database_reads_and_pays_on(self):
        life, database = self.life, self.life.database
        run_odoo(database, "-i", MODULE, version=self.earlier)
        with life.part(self.earlier) as ask:
            ask("appoint_people")
            life.fill(ask)
            before, state = ask("books"), ask("state", account_id=life.account)
        log = run_odoo(database, "-u", MODULE)
        # Python's own warnings belong to no database.
        wrong = rf"^\S+ \S+ \d+ (?:WARNING {database}|ERROR|CRITICAL) .*$"
        self.assertEqual(re.findall(wrong, log, re.MULTILINE), [])
        with life.part() as ask:
            self.assertEqual(ask("books"), before)
            self.assertEqual(ask("state", account_id=life.account), state)
            self.assertTrue(state["ids"])
            nothing = {"indexes": [], "lines without words": []}
            self.assertEqual(ask("missing"), nothing)
            # The credentials open, the order that waits is followed.
            [waiting] = [o for o in life.bank.transfers.orders if o.cents == 4000]
            life.bank.sign(waiting.transfer_id)
            life.add(2, "2026-06-29")
            ask("refresh")
            after = life.read(ask)
            self.assertEqual(after["books"], float(life.balance()))
            self.assertEqual(after["difference"], 0.0)
            self.assertEqual(len(after["ids"]), len(state["ids"]) + 3)
            self.assertEqual(life.pay_one(ask), 1)
