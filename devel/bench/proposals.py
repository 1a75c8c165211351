"""The cards of a page of Transactions to Match: processor time, and queries.

Of this process and of the database's own that serves it, so that other work on the
machine does not count.
"""

import os
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

PAGE, ROUNDS = 80, 5
# What a page may take at most.
MOST_SECONDS, MOST_QUERIES = 1.0, 15


@dataclass
class PageMeasured:
    """One size: lines in the books, open items, and what a page of cards took."""

    lines: int
    items: int
    seconds: float
    first_seconds: float
    queries: int
    proposed: int

    @property
    def faults(self):
        """Sentences: what is above the limit."""
        if self.seconds > MOST_SECONDS:
            yield f"{self.lines:,} lines: a page takes {self.seconds:.2f} s"
        if self.queries > MOST_QUERIES:
            yield f"{self.lines:,} lines: a page takes {self.queries} queries"


def measure_page(env, company, lines):
    """The cards of the oldest lines that are not matched, a few times.

    :param company: whose they are
    :param int lines: how many the books have
    """
    env.cr.execute("ANALYZE")
    page = env["account.bank.statement.line"].search(
        [("company_id", "=", company.id), ("is_reconciled", "=", False)],
        order="internal_index",
        limit=PAGE,
    )
    if len(page) != PAGE:
        raise AssertionError(f"{len(page)} lines are no page")
    seconds, queries, cards = [], 0, {}
    for _round in range(ROUNDS):
        env.invalidate_all()
        clock, before = _Clock(env), env.cr.sql_log_count
        cards = page.tbc_match_cards()
        queries = env.cr.sql_log_count - before
        seconds.append(clock.seconds())
    return PageMeasured(
        lines=lines,
        items=_open_items(env, company),
        seconds=median(seconds),
        first_seconds=seconds[0],
        queries=queries,
        proposed=sum(bool(card["proposals"]) for card in cards.values()),
    )


def _open_items(env, company):
    return env["account.move.line"].search_count(
        [
            ("company_id", "=", company.id),
            ("parent_state", "=", "posted"),
            ("reconciled", "=", False),
            ("account_id.account_type", "=", "asset_receivable"),
        ]
    )


class _Clock:
    """Processor time of this process and of its connection to the database."""

    def __init__(self, env):
        env.cr.execute("SELECT pg_backend_pid()")
        [self.backend] = env.cr.fetchone()
        self.begun = self._now()

    def seconds(self):
        return self._now() - self.begun

    def _now(self):
        return time.process_time() + self._of_database()

    def _of_database(self):
        """Of a database on this machine; nothing of one elsewhere."""
        path = Path(f"/proc/{self.backend}/stat")
        if not path.exists():
            return 0.0
        fields = path.read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def print_pages(found):
    """Print what came out, one row per size; return the exit status."""
    print(f"\nThe cards of {PAGE} transactions; processor time, with the database's.\n")
    print("  lines  open items  seconds  the first time  queries  with a proposal")
    for one in found:
        print(
            f"{one.lines:>7,}{one.items:>12,}{one.seconds:>9.2f}"
            f"{one.first_seconds:>16.2f}{one.queries:>9}{one.proposed:>17}"
        )
    first, last = found[0], found[-1]
    print(
        f"\nRATIO, a page at {last.lines:,} lines / at {first.lines:,}:"
        f" {last.seconds / first.seconds:.2f}    (1.00 does not grow)"
    )
    faults = [fault for one in found for fault in one.faults]
    for fault in faults:
        print(
            f"TOO MUCH: {fault}; at most {MOST_SECONDS:.0f} s, {MOST_QUERIES} queries"
        )
    return 1 if faults else 0
