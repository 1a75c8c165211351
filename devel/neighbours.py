"""One database in which our module lives with another: read, pay, match; one leaves.

``neighbours.py PART MODULE MODULES`` is started by `make test-oca`. PART says who leaves:
``they-leave``, ``we-leave``; MODULES are those that leave with MODULE. Each check is
printed as a line of JSON: what was checked, and what is wrong with it, if anything is.
"""

import contextlib
import json
import os
import sys

from life import Life

IMPORTED = ["unique_import_id", "raw_data"]


class Neighbours:
    """The life of one database with a neighbour in it."""

    def __init__(self, name, modules):
        self.name, self.modules = name, modules
        self.life = Life(os.environ["TBC_TEST_DB"])
        self.books = None

    def close(self):
        """End the bank."""
        self.life.close()

    def live(self):
        """Read, pay and match with both installed."""
        life = self.life
        with life.part() as ask:
            ask("open_books")
            if self.name == "account_reconcile_oca":
                ask("reconcile_automatically", label="Income")
            life.fill(ask)
            with check("a sync books each movement once"):
                self._check_books(ask, 7)
            with check("our orders are matched"):
                matched = [
                    o["matched"] for o in ask("orders", account_ids=[life.account])
                ]
                assert sorted(matched) == [False, True, True, True], matched
            if self.name == "account_reconcile_oca":
                with check("their model reconciles what we read"):
                    self._check_income(ask, 4)
                with check("their screen opens from the journal"):
                    opened = ask("opens", journal_id=life.journal)
                    assert opened.startswith(f"{self.name}."), opened
            if self.name == "account_statement_import_online":
                with check("unique_import_id and raw_data are theirs"):
                    self._check_import_fields(ask)
            self.books = ask("books")

    def _check_books(self, ask, count):
        state = self.life.read(ask)
        ids = state["ids"]
        assert len(ids) == len(set(ids)) == count, ids
        assert state["difference"] == 0.0, state
        assert state["books"] == float(self.life.balance()), state
        assert state["unposted"] == 0, state

    def _check_income(self, ask, count):
        lines = ask(
            "values",
            model="account.bank.statement.line",
            fields=["payment_ref", "is_reconciled"],
        )
        income = [line for line in lines if line["payment_ref"] == "Income"]
        assert len(income) == count, lines
        assert all(line["is_reconciled"] for line in income), income

    def _check_import_fields(self, ask):
        lines = ask("values", model="account.bank.statement.line", fields=IMPORTED)
        touched = [
            line for line in lines if line["unique_import_id"] or line["raw_data"]
        ]
        assert lines and not touched, touched

    def they_leave(self):
        """Without them we go on."""
        life = self.life
        with check("they are uninstalled"):
            life.leave(*self.modules)
        with life.part() as ask:
            with check("nothing of the books went with them"):
                assert_same(self.books, ask("books"))
            with check("we sync without them"):
                life.add(2, "2026-06-29")
                self._check_books(ask, 9)
            with check("we pay without them"):
                assert life.pay_one(ask) == 1, "the bank has no new order"

    def we_leave(self):
        """Without us they go on."""
        life = self.life
        with check("we are uninstalled"):
            life.leave()
        with life.part() as ask:
            with check("nothing of the books went with us"):
                assert_same(self.books, ask("books"))
            with check("nothing of us is left"):
                assert ask("leftovers") == {}, ask("leftovers")
            with check("they stay"):
                assert sorted(ask("installed", names=self.modules)) == self.modules
            with check("people work without us"):
                ask("use", journal_id=life.journal, draft_id=life.draft)


@contextlib.contextmanager
def check(what):
    """Print what came out of one check, whatever it was."""
    trouble = ""
    try:
        yield
    except Exception as error:  # it is told, and the next check goes on
        trouble = f"{type(error).__name__}: {error}"[:3000]
    print(json.dumps({"check": what, "trouble": trouble}), flush=True)


def assert_same(before, after):
    """The books are what they were; say where not."""
    for kind, expected in before.items():
        found = after[kind]
        if found != expected:
            assert len(found) == len(expected), f"{kind}: {expected} became {found}"
            pairs = zip(expected, found, strict=True)
            raise AssertionError(kind, [pair for pair in pairs if pair[0] != pair[1]])


def main(part, name, modules):
    """Do one part."""
    neighbours = Neighbours(name, sorted(modules.split(",")))
    try:
        neighbours.live()
        if part == "they-leave":
            neighbours.they_leave()
        else:
            neighbours.we_leave()
    finally:
        neighbours.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
