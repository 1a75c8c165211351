"""Who may import whom: the table of the design, kept by a test."""

import ast
import functools
import pathlib
import sys
import unittest

ROOT = pathlib.Path(__file__).parents[2]


@functools.cache
def imports(folder):
    """A set of (file, first name of the module or "." for a relative import) of a folder."""
    found = set()
    for path in ROOT.glob(f"{folder}/**/*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Import):
                found |= {(path, alias.name.split(".")[0]) for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                found.add((path, "." if node.level else node.module.split(".")[0]))
    return found


class TestBoundaries(unittest.TestCase):
    def assert_never(self, folder, *names):
        found = {(str(path), name) for path, name in imports(folder) if name in names}
        self.assertEqual(found, set())

    def test_no_odoo_in_the_pure_world(self):
        for folder in ("tbc", "tests/unit", "tests/fake_tbc"):
            self.assert_never(folder, "odoo")

    def test_tbc_needs_the_standard_library_and_requests(self):
        allowed = {".", "requests", *sys.stdlib_module_names}
        found = {name for _path, name in imports("tbc")}
        self.assertEqual(found - allowed, set())
        self.assertLess({".", "requests"}, found)

    def test_the_fake_bank_does_not_know_its_client(self):
        self.assert_never("tests/fake_tbc", "tbc", "requests")

    def test_no_http_in_the_models(self):
        for folder in ("models", "wizard"):
            self.assert_never(folder, "requests")
