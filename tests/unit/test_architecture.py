"""The plan of the house: one body a model, one way, no circle, by imports and by calls."""

import ast
import unittest
from collections import defaultdict

from house import LAYERS, PLAIN, level, says, the_house

# What imports or calls by a text, past everything that a guard can read.
BY_TEXT = {"importlib", "import_module", "__import__", "runpy", "exec", "eval"}


class TestArchitecture(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = the_house()

    def assert_rule(self, rule, found):
        told = "\n".join(sorted(map(str, found)))
        self.assertFalse(found, f"{rule}:\n{told}")

    def test_a_model_has_one_class_body(self):
        made = {
            name for _path, body in self.house.bodies for name in says(body, "_name")
        }
        parts = defaultdict(list)
        for path, body in self.house.bodies:
            name, inherited = says(body, "_name"), says(body, "_inherit")
            bases = [b for b in map(ast.unparse, body.bases) if b[:7] != "models."]
            own = made.intersection(inherited).difference(name) if name else ()
            for model in name or inherited:
                parts[model] += [path, *bases, *own]
                if level(path) < LAYERS["models"]:
                    parts[model].append("below the models")
        found = [f"{m}: {part}" for m, all_of in parts.items() for part in all_of[1:]]
        self.assert_rule("second class bodies", found)

    def test_imports_go_one_way(self):
        found = [
            f"{path} imports {file}"
            for path in self.house.nodes
            for file in self.house.imports(path)
            if level(file) > level(path)
        ]
        self.assert_rule("imports upwards", found)

    def test_nothing_is_imported_or_called_by_a_text(self):
        found = []
        for path in self.house.nodes:
            names = {node.id for node in self.house.of(path, ast.Name)}
            names |= {node.attr for node in self.house.of(path, ast.Attribute)}
            names.update(*self.house.imported(path))
            found += [f"{path} uses {name}" for name in names & BY_TEXT]
            if level(path) < LAYERS["models"]:
                calls = self.house.called_by_variable(path)
                found += [f"{path} calls {call}" for call in calls]
        self.assert_rule("imports and calls that no guard can read", found)

    def test_calls_go_one_way(self):
        found = [
            f"{path} calls {name} of {file}"
            for path in self.house.nodes
            for name, files in self.house.calls(path).items()
            for file in files
            if level(file) > level(path) and level(file) >= LAYERS["models"]
        ]
        self.assert_rule("calls upwards", found)

    def test_a_method_of_a_model_is_not_named_like_one_of_a_list(self):
        """A call of such a name could mean a text or a list: nobody could guard it."""
        found = [
            f"{path} defines {name}"
            for name in PLAIN & self.house.owners.keys()
            for path in self.house.owners[name]
            if level(path) >= LAYERS["models"] and name[:2] != "__"
        ]
        self.assert_rule("methods named like those of texts and lists", found)

    def test_no_circle_of_files(self):
        arrows, found = self.house.arrows(), set()
        for path in arrows:
            seen, ends = set(), [path]
            while ends:
                new = arrows[ends.pop()] - seen
                seen |= new
                ends += new
            found |= {path} & seen
        self.assert_rule("files in circles", found)
