"""The benchmark measures each of its rows, of a few lines: its seconds say nothing here."""

import os
import subprocess
import unittest
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROWS = (
    "import of 30 / bare create",
    "quiet poll, 300 lines",
    "quiet poll, monthly statements, 300 lines",
    "poll with 5 new, 300 lines",
    "matching that finds nothing, 300 lines",
    "matching of 5 new, 300 lines",
    "dashboard card, our part, 300 lines",
    "list of transactions, 300 lines",
    "search, of a rare word, 300 lines",
    "search, of a frequent word, 300 lines",
    "chart of days, 300 lines",
    "report of a year, 300 lines",
    "the same, requests for a page",
    "the end of a batch of 40, an order",
    "a history of 3 accounts of ",
    "an hour of 3 accounts, ",
    "an answer of 30 MiB of tiny elements",
)


class TestBench(unittest.TestCase):
    def test_each_row_is_measured_and_its_queries_are_few(self):
        variables = {"SMALL": "1", "GROW": "300", "LINES": "30"}
        done = subprocess.run(
            [
                os.environ["TBC_TEST_PYTHON"],
                ROOT / "devel" / "tbcdev" / "in_odoo.py",
                ROOT / "devel" / "bench" / "bench.py",
                os.environ["TBC_TEST_BENCH_DB"],
                os.environ["TBC_TEST_CONF"],
            ],
            env={**os.environ, **variables},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        told = f"{done.stdout}\n{done.stderr[-4000:]}"
        self.assertEqual(done.returncode, 0, told)
        for row in ROWS:
            self.assertIn(row, done.stdout, told)


if __name__ == "__main__":
    unittest.main()
