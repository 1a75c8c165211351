"""Who may import whom: the table of the design, kept by a test."""

import ast
import functools
import re
import sys
import unittest
from pathlib import Path

from house import LAYERS, ROOT, the_house

# An import statement begins its line. Reading lines is ten times as quick as a parser.
IMPORT = re.compile(
    r"^\s*(?:from\s+(\.|\w+)[\w.]*\s+import\b|import\s+(\w[\w.]*(?:\s*,\s*\w[\w.]*)*))",
    re.MULTILINE,
)
# Ways to speak over a network. `urllib.parse` only writes addresses.
HTTP = re.compile(r"(requests|urllib3|urllib\.request|http|httpx|aiohttp|socket)(\.|$)")


@functools.cache
def imports(folder):
    """A set of (file, first name of the module or "." for a relative import) of a folder."""
    found = set()
    for path in ROOT.glob(f"{folder}/**/*.py"):
        for source, names in IMPORT.findall(path.read_text(encoding="utf-8")):
            for name in [source] if source else names.split(","):
                found.add((path, name.strip().split(".")[0] or "."))
    return found


@functools.cache
def public(package):
    """The public names of a package, and those of its packages behind a dot."""
    names, folder = set(), Path(package)
    for path in the_house().nodes:
        if path.name == "__init__.py" and path.is_relative_to(folder):
            before = ".".join(path.parent.relative_to(folder).parts)
            told = [name for name, _source, _there in the_house().imported(path)]
            names |= {f"{before}.{name}".lstrip(".") for name in told}
    return names


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

    def test_only_tbc_speaks_http(self):
        found = []
        for path in self.above("tbc"):
            for _name, source, there in self.house.imported(path):
                whole = f"{source}.{there}".lstrip(".")
                found += [f"{path} imports {whole}"] if HTTP.match(whole) else []
        self.assertEqual(found, [])

    def test_only_services_know_bookkeeping(self):
        folders = LAYERS.keys() - {"bookkeeping", "services"}
        self.assertEqual(self.importers("bookkeeping", folders), [])

    def test_what_seals_knows_no_bank(self):
        self.assertEqual(self.importers("tbc", {"crypto"}), [])

    def test_only_public_names_are_imported(self):
        """A name is public where the package itself, its ``__init__``, imports it."""
        found = [
            f"{path}: {name}"
            for package in ("tbc", "bookkeeping")
            for path in self.above(package)
            for name in self.names_from(path, package) - public(package)
        ]
        self.assertEqual(found, [])

    # === WHAT THE HOUSE TELLS === #

    @property
    def house(self):
        return the_house()

    def above(self, package):
        """The files of the house outside of ``package``."""
        return [path for path in self.house.nodes if path.parts[0] != package]

    def importers(self, package, folders):
        return [
            str(path)
            for path in self.above(package)
            if path.parts[0].removesuffix(".py") in folders
            and any(file.parts[0] == package for file in self.house.imports(path))
        ]

    def names_from(self, path, package):
        """The names of a package that a file imports, or takes from what it imports."""
        inside = f"{package}."
        found, modules = set(), {}
        for name, source, there in self.house.imported(path):
            whole = f"{source}.{there}".lstrip(".")
            if whole.startswith(inside):
                found.add(whole.removeprefix(inside))
            if whole in self.house.modules:
                modules[name] = whole
        for node in self.house.of(path, ast.Attribute):
            whole = f"{modules.get(ast.unparse(node.value))}.{node.attr}"
            if whole.startswith(inside):
                found.add(whole.removeprefix(inside))
        return found
