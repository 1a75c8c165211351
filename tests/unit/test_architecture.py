"""The plan of the house: one body a model, one way, no circle, by imports and by calls.

Whom a call means is known by its name alone. A method that everywhere goes on to
``super()`` is Odoo's: to call it is to use Odoo.
"""

import ast
import unittest
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Who stands higher imports and calls who stands lower or beside, never the other way.
LAYERS = {"tbc": 0, "crypto": 0, "bookkeeping": 1, "messages": 2, "services": 2}
LAYERS |= {"models": 3, "wizard": 4, "report": 4}
# Methods of models that services call, so that other modules can extend them.
HOOKS = {"_prepare_statement_line_vals", "_match_partners", "_tbc_prepare_order_vals"}
# Methods of texts, lists and such: their names tell nobody who is called.
PLAIN = {name for kind in (str, bytes, list, dict, set, tuple) for name in dir(kind)}


class House:
    """The code that has a layer: its files by their path from the root, and more."""

    def __init__(self):
        paths = [path for name in LAYERS for path in ROOT.glob(f"{name}.py")]
        paths += [path for name in LAYERS for path in (ROOT / name).rglob("*.py")]
        trees = {path.relative_to(ROOT): ast.parse(path.read_bytes()) for path in paths}
        self.nodes = {path: list(ast.walk(tree)) for path, tree in trees.items()}
        self.modules = {".".join(path.with_suffix("").parts): path for path in trees}
        for name, path in list(self.modules.items()):
            self.modules[name.removesuffix(".__init__")] = path
        self.bodies = [(p, body) for p in trees for body in self.of(p, ast.ClassDef)]
        self.owners = defaultdict(set)  # {method: files of the classes that define it}
        for path, body in self.bodies:
            for method in [m for m in body.body if isinstance(m, ast.FunctionDef)]:
                if not goes_on_to_super(method):
                    self.owners[method.name].add(path)

    def of(self, path, *kinds):
        return [node for node in self.nodes[path] if isinstance(node, kinds)]

    def imports(self, path):
        """The files of ours that a file imports, wherever in it."""
        said = []
        for node in self.of(path, ast.Import, ast.ImportFrom):
            source = [getattr(node, "module", None)]
            if getattr(node, "level", 0):
                source = [*path.parts[: -node.level], *source]
            for alias in node.names:
                said.append(".".join(filter(None, [*source, alias.name])))
        said = [name.removeprefix("odoo.addons.account_tbc_bank.") for name in said]
        tries = [(name, name.rpartition(".")[0]) for name in said]
        get = self.modules.get
        return {get(name) or get(folder) for name, folder in tries} - {None, path}

    def calls(self, path):
        """``{method: the files that define it}`` of what a file names from elsewhere."""
        named = {node.attr for node in self.of(path, ast.Attribute)}
        named |= {str(node.value) for node in self.of(path, ast.Constant)}
        functions = [node.func for node in self.of(path, ast.Call)]
        called = {getattr(function, "attr", None) for function in functions}
        names = {n for n in named if n[:1] == "_" != n[1:2]} | (called - PLAIN)
        names = (names - HOOKS) & self.owners.keys()
        return {n: self.owners[n] for n in names if path not in self.owners[n]}

    def arrows(self):
        """``{file: what it imports, or is alone in defining a method that it names}``."""
        alone = {
            p: [o for o in self.calls(p).values() if len(o) == 1] for p in self.nodes
        }
        return {path: self.imports(path).union(*alone[path]) for path in self.nodes}


def goes_on_to_super(method):
    calls = [node for node in ast.walk(method) if isinstance(node, ast.Attribute)]
    same = [ast.unparse(node.value) for node in calls if node.attr == method.name]
    return any(value.startswith("super(") for value in same)


def level(path):
    return LAYERS[Path(path.parts[0]).stem]


def says(body, name):
    """The list of texts that a class assigns to ``_name`` or ``_inherit``."""
    for node in [n for n in body.body if isinstance(n, ast.Assign)]:
        if name in [getattr(target, "id", None) for target in node.targets]:
            told = ast.literal_eval(node.value)
            return [told] if isinstance(told, str) else list(told)
    return []


class TestArchitecture(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = House()

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

    def test_services_call_no_method_of_a_model(self):
        found = [
            f"{path} calls {name} of {file}"
            for path in self.house.nodes
            for name, files in self.house.calls(path).items()
            for file in files
            if path.parts[0] == "services" and level(file) > level(path)
        ]
        self.assert_rule("calls upwards", found)

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
