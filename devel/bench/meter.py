"""What a piece of work uses up: processor time and queries; and a row of the table.

The processor time is that of this thread and of the database's process that serves it:
other work on the machine does not count, nor does the fake bank, a thread of its own.
"""

import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

# Seconds, and how much several processes do at once.
OF_THE_MACHINE = ("s", "as fast")


@dataclass(frozen=True)
class Row:
    """One row of the table: what was measured, and the most that it may be.

    :param name: of the work, with its size
    :param value: what came out; :param unit: of what, such as ``s`` or ``queries``
    :param goal: the most it may be; ``None``: it is shown for comparison
    :param is_least: whether the goal is the least instead
    """

    name: str
    value: float
    goal: float | None = None
    unit: str = "s"
    is_least: bool = False

    @property
    def is_met(self):
        """Whether it is within its goal."""
        if self.goal is None:
            return True
        return self.value >= self.goal if self.is_least else self.value <= self.goal

    @property
    def is_firm(self):
        """Whether it comes out the same on every machine."""
        return self.unit not in OF_THE_MACHINE


@dataclass
class Meter:
    """Measures from :meth:`go` to :meth:`stand`, or a ``with``: one figure each time.

    :param env: Odoo's environment
    """

    env: object
    seconds: list = field(default_factory=list)
    queries: list = field(default_factory=list)

    def __post_init__(self):
        self.env.cr.execute("SELECT pg_backend_pid()")
        [self._backend] = self.env.cr.fetchone()

    def __enter__(self):
        self.go()
        return self

    def __exit__(self, *_error):
        self.stand()

    def go(self):
        """Count from now on."""
        self._query, self._begun = self.env.cr.sql_log_count, self._now()

    def stand(self):
        """Count no further."""
        self.seconds.append(self._now() - self._begun)
        self.queries.append(self.env.cr.sql_log_count - self._query)

    @property
    def second(self):
        """The median of its figures."""
        return median(self.seconds)

    @property
    def query(self):
        """The most queries of one of its figures."""
        return max(self.queries)

    def _now(self):
        return time.thread_time() + self._of_database()

    def _of_database(self):
        """Seconds of a database on this machine; nothing of one elsewhere."""
        process = Path(f"/proc/{self._backend}")
        if (process / "schedstat").exists():
            return int((process / "schedstat").read_text().split()[0]) / 1e9
        if not process.exists():
            return 0.0
        fields = (process / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def check(what, found, expected):
    """Make sure that what was measured was done.

    :raise AssertionError: it was not, and the figure is of something else
    """
    if found != expected:
        raise AssertionError(
            f"{what}: {found} instead of {expected}; does the module still do what this"
            " benchmark measures?"
        )


def print_table(rows):
    """Print each row beside its goal; return the exit status.

    Queries and ratios that miss their goal are a failure; seconds are only marked, since
    they depend on the machine.
    """
    width = max(len(row.name) for row in rows)
    print(f"\n{'':<{width}}  {'measured':>20}  {'goal':>13}")
    for row in rows:
        print(_line(row, width))
    missed = [row for row in rows if not row.is_met]
    if missed:
        print(f"\nNot within their goal: {len(missed)} of {len(rows)}.")
    return int(any(row.is_firm for row in missed))


def _line(row, width):
    digits = 0 if float(row.value).is_integer() and row.unit != "s" else 3
    limit = "at least" if row.is_least else "at most"
    goal = "" if row.goal is None else f"{limit} {row.goal:g}"
    mark = "" if row.is_met else "  MISSED"
    value = f"{row.value:,.{digits}f} {row.unit:<9}"
    return f"{row.name:<{width}}  {value:>20}  {goal:>13}{mark}"
