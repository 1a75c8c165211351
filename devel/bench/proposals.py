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
# What a page may take at most; and how many times as long with twenty times the lines.
MOST_SECONDS, MOST_QUERIES, MOST_GROWTH = 1.0, 15, 2.0


@dataclass
class PageMeasured:
    """One size: lines in the books, open items, and what a page of cards took."""

    lines: int
    items: int
    seconds: float
    first_seconds: float
    queries: int
    proposed: int


def measure_page(env, company, *, lines, items):
    """The cards of lines that are not matched, a few times.

    :param company: whose they are
    :param int lines: how many the books have
    :param int items: how many open items they have
    :raise AssertionError: the cards, or the books, are not what was to be measured
    """
    _check_books(env, company, lines, items)
    page = _page(env, company)
    seconds, queries, cards = [], 0, {}
    for _round in range(ROUNDS):
        env.invalidate_all()
        clock, before = _Clock(env), env.cr.sql_log_count
        cards = page.tbc_match_cards()
        queries = env.cr.sql_log_count - before
        seconds.append(clock.seconds())
    _check(page, cards)
    return PageMeasured(
        lines=lines,
        items=items,
        seconds=median(seconds),
        first_seconds=seconds[0],
        queries=queries,
        proposed=sum(bool(card["proposals"]) for card in cards.values()),
    )


def _page(env, company):
    """Lines that are not matched, of each kind as many as all of them have."""
    # A screen always says in which language.
    lines = env["account.bank.statement.line"].with_context(lang="en_US")
    domain = [("company_id", "=", company.id), ("is_reconciled", "=", False)]
    found = lines.search(domain, order="internal_index")
    return found[:: len(found) // PAGE][:PAGE]


def page_rows(found):
    """What was measured as rows: ``[(name, value, goal)]``, each at most its goal.

    :param found: the :class:`PageMeasured` of each size, the smallest first
    """
    rows = []
    for one in found:
        name = f"page of {PAGE}, {one.lines:,} lines, {one.items:,} open items"
        rows.append((f"{name}: processor seconds", one.seconds, MOST_SECONDS))
        rows.append((f"{name}: queries", one.queries, MOST_QUERIES))
    first, last = found[0], found[-1]
    growth = last.seconds / first.seconds
    name = f"page at {last.lines:,} lines / at {first.lines:,}"
    return [*rows, (name, growth, MOST_GROWTH)]


def _check_books(env, company, lines, items):
    in_books = env["account.bank.statement.line"].search_count(
        [("company_id", "=", company.id)]
    )
    are_open = open_items(env, company)
    if (in_books, are_open) != (lines, items):
        raise AssertionError(
            f"{in_books} lines and {are_open} open items, not {lines} and {items}"
        )


def _check(page, cards):
    """A card for each; a proposal and open items for each whose partner is known."""
    if len(page) != PAGE or cards.keys() != set(page.ids):
        raise AssertionError(f"{len(cards)} cards of {len(page)} lines are no page")
    known = [card for card in cards.values() if card["partner"]]
    if len(known) < PAGE // 4:
        raise AssertionError(f"only {len(known)} of {PAGE} lines are of a partner")
    for card in known:
        if not card["proposals"] or not card["items"]:
            raise AssertionError(f"nothing is offered for the line {card['id']}")


def open_items(env, company):
    """How many items of invoices are open."""
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
    """Print what came out beside the goals; return the exit status."""
    print(f"\nThe cards of {PAGE} transactions; processor time, with the database's.\n")
    print("  lines  open items  seconds  the first time  queries  with a proposal")
    for one in found:
        print(
            f"{one.lines:>7,}{one.items:>12,}{one.seconds:>9.2f}"
            f"{one.first_seconds:>16.2f}{one.queries:>9}{one.proposed:>17}"
        )
    print("\n    value   at most")
    missed = 0
    for name, value, goal in page_rows(found):
        is_missed = value > goal
        missed += is_missed
        print(f"{value:>9.2f}{goal:>10.2f}  {name}{'  TOO MUCH' * is_missed}")
    return 1 if missed else 0
