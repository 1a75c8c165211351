"""The benchmark: each row of the table beside its goal. `make bench` runs it.

A function of ``ROWS`` takes the :class:`Bench` and yields :class:`Row`; it makes what it
needs, checks that what it measured was done, and measures several times in turn, in one
state of the database.

LINES=700,5000 chooses the sizes of the import, GROW=300000 the size of the largest
account; 0 leaves them out. SMALL=1 is for `make test`: everything once, in seconds.
"""

import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from cryptography.fernet import Fernet

sys.path.insert(0, str(Path(__file__).parent))
import answers
import cron_workers
import growth
import huge
import imports
import windows
from meter import print_table

ROWS = (
    imports.rows,
    growth.rows,
    windows.rows,
    answers.rows,
    cron_workers.rows,
    huge.rows,
)
DEFAULT_LINES, DEFAULT_GROW = "700,2000,5000", "20000"
GEORGIAN_NOW = "odoo.addons.account_tbc_bank.services.clock.georgian_now"


@dataclass
class Bench:
    """What the rows are told.

    :param env: Odoo's environment, as the superuser
    :param list lines: sizes of the import
    :param int grow: lines of the largest account
    :param bool is_small: whether everything is done once and on few lines
    """

    env: object
    lines: list
    grow: int
    is_small: bool = False

    @contextmanager
    def at(self, now):
        """Let it be that moment at the bank."""
        with patch(GEORGIAN_NOW, lambda: now):
            yield


def main(env):
    """Measure, and print the table.

    :param env: Odoo's environment, as the superuser
    :return: the exit status
    """
    lines = os.environ.get("LINES") or DEFAULT_LINES
    bench = Bench(
        env,
        lines=[int(size) for size in lines.replace(",", " ").split() if int(size)],
        grow=int(os.environ.get("GROW") or DEFAULT_GROW),
        is_small=os.environ.get("SMALL") == "1",
    )
    variables = {
        "TBC_BIS_ENCRYPTION_KEY": Fernet.generate_key().decode(),
        "TBC_BIS_TIMEOUT": "60",
    }
    found = []
    with patch.dict(os.environ, variables):
        for rows in ROWS:
            for row in rows(bench):
                print(f"{row.name}: {row.value:,.3f} {row.unit}", flush=True)
                found.append(row)
    return print_table(found)
