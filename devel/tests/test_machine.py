"""The quicker Python is taken, unless somebody has chosen one."""

import os
import sys
import unittest
from pathlib import Path
from unittest.mock import patch

from tbcdev import machine


class TestBetterPython(unittest.TestCase):
    def found(self, *, name="python3.11", runs="/home/me/python", exists=True):
        """What is found where the distribution has this one, and another one runs."""
        with (
            patch.object(machine, "DISTRIBUTION_PYTHON", Path("/usr/bin", name)),
            patch.object(Path, "exists", lambda _path: exists),
            patch.object(sys, "executable", runs),
            patch.object(sys, "prefix", sys.base_prefix),
        ):
            return machine.better_python()

    def setUp(self):
        variables = {k: v for k, v in os.environ.items() if k != "PYTHON"}
        patcher = patch.dict(os.environ, variables, clear=True)
        patcher.start()
        self.addCleanup(patcher.stop)

    def test_the_distribution_s_own(self):
        self.assertEqual(self.found(), "/usr/bin/python3.11")

    def test_none_where_it_is_missing_or_does_not_fit(self):
        self.assertIsNone(self.found(exists=False))
        for name in ("python3.9", "python3.14"):
            self.assertIsNone(self.found(name=name), name)

    def test_none_where_it_runs_already(self):
        self.assertIsNone(self.found(runs="/usr/bin/python3.11"))

    def test_none_where_somebody_chose_one(self):
        with patch.dict(os.environ, PYTHON="/home/me/python"):
            self.assertIsNone(self.found())
