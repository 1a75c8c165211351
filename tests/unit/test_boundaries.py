"""Who may import whom: the table of the design, kept by a test."""

import functools
import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).parents[2]
# An import statement begins its line. Reading lines is ten times as quick as a parser.
IMPORT = re.compile(
    r"^\s*(?:from\s+(\.|\w+)[\w.]*\s+import\b|import\s+(\w[\w.]*(?:\s*,\s*\w[\w.]*)*))",
    re.MULTILINE,
)


@functools.cache
def imports(folder):
    """A set of (file, first name of the module or "." for a relative import) of a folder."""
    found = set()
    for path in ROOT.glob(f"{folder}/**/*.py"):
        for source, names in IMPORT.findall(path.read_text(encoding="utf-8")):
            for name in [source] if source else names.split(","):
                found.add((path, name.strip().split(".")[0] or "."))
    return found


class TestBoundaries(unittest.TestCase):
    def test_an_import_is_seen(self):
        for line in (
            "import odoo",
            "    from odoo.tools import x",
            "import re, odoo.api",
        ):
            with self.subTest(line):
                [(source, names)] = IMPORT.findall(line)
                self.assertIn("odoo", source or names)
        self.assertIn(".", {name for _path, name in imports("tbc")})

    def assert_never(self, folder, *names):
        found = {(str(path), name) for path, name in imports(folder) if name in names}
        self.assertEqual(found, set())

    def test_no_odoo_in_the_pure_world(self):
        for folder in ("tbc", "bookkeeping", "tests/unit", "tests/fake_tbc"):
            self.assert_never(folder, "odoo")

    def test_tbc_needs_the_standard_library_and_requests(self):
        # The last two are named for the checker of types, and not imported.
        allowed = {".", "requests", *sys.stdlib_module_names, "urllib3", "_typeshed"}
        found = {name for _path, name in imports("tbc")}
        self.assertEqual(found - allowed, set())
        self.assertLess({".", "requests"}, found)

    def test_bookkeeping_needs_the_standard_library(self):
        found = {name for _path, name in imports("bookkeeping")}
        self.assertEqual(found - {".", *sys.stdlib_module_names}, set())

    def test_the_fake_bank_does_not_know_its_client(self):
        ours = ("account_tbc_bank", "tbc", "bookkeeping")
        self.assert_never("tests/fake_tbc", *ours, "requests")

    def test_no_http_in_the_models(self):
        for folder in ("models", "wizard"):
            self.assert_never(folder, "requests")
