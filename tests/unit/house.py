"""The code of the module as the guards of its plan read it: imports, calls, class bodies.

Whom a call means is known by its name alone. A method that everywhere goes on to
``super()`` is Odoo's: to call it is to use Odoo.
"""

import ast
import re
from collections import defaultdict
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Who stands higher imports and calls who stands lower or beside, never the other way.
LAYERS = {"tbc": 0, "crypto": 0, "bookkeeping": 1, "messages": 2, "services": 2}
LAYERS |= {"models": 3, "wizard": 4, "report": 4}
# Methods of models that services call, so that other modules can extend them.
HOOKS = {"_prepare_statement_line_vals", "_match_partners", "_tbc_prepare_order_vals"}
# Names of methods of texts, lists and such: they do not tell who is called.
PLAIN = {name for kind in (str, bytes, list, dict, set, tuple) for name in dir(kind)}
# What calls by a text: getattr(record, "name")(), methodcaller("name").
BY_TEXT = {"getattr": 1, "methodcaller": 0, "attrgetter": 0}


def level(path):
    return LAYERS[Path(path.parts[0]).stem]


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
                if not _goes_on_to_super(method):
                    self.owners[method.name].add(path)

    def of(self, path, *kinds):
        return [node for node in self.nodes[path] if isinstance(node, kinds)]

    def imported(self, path):
        """``[(name in the file, module, name there)]``, wherever it is imported."""
        found = []
        for node in self.of(path, ast.Import, ast.ImportFrom):
            source = [getattr(node, "module", None)]
            if getattr(node, "level", 0):
                source = [*path.parts[: -node.level], *source]
            source = ".".join(filter(None, source))
            source = source.removeprefix("odoo.addons.account_tbc_bank").lstrip(".")
            for alias in node.names:
                found.append((alias.asname or alias.name, source, alias.name))
        return found

    def imports(self, path):
        """The files of ours that a file imports."""
        said = self.imported(path)
        tries = [(f"{source}.{name}".lstrip("."), source) for _, source, name in said]
        get = self.modules.get
        return {get(name) or get(source) for name, source in tries} - {None, path}

    def calls(self, path):
        """``{method: the files that define it}`` of what a file names from elsewhere."""
        named = {node.attr for node in self.of(path, ast.Attribute)}
        named |= {str(node.value) for node in self.of(path, ast.Constant)}
        functions = [node.func for node in self.of(path, ast.Call)]
        called = {getattr(function, "attr", None) for function in functions} - PLAIN
        names = {n for n in named if n[:1] == "_" != n[1:2]} | called
        names = (names & self.owners.keys() | self.called_by_text(path)) - HOOKS
        return {n: self.owners[n] for n in names if path not in self.owners[n]}

    def called_by_text(self, path):
        """The methods that a text may name; a name that is put together means many."""
        found = set()
        for node in self.of(path, ast.Call):
            place = BY_TEXT.get(_name_of(node.func), len(node.args))
            for text in node.args[place : place + 1]:
                pattern = re.compile(_pattern(text) or "")
                found |= set(filter(pattern.fullmatch, self.owners))
        return found

    def called_by_variable(self, path):
        """The calls of ``getattr(record, name)(…)`` whose name no file can tell."""
        functions = [node.func for node in self.of(path, ast.Call)]
        got = [f for f in functions if isinstance(f, ast.Call)]
        return [
            ast.unparse(call)
            for call in got
            if _name_of(call.func) in BY_TEXT and not any(map(_pattern, call.args))
        ]

    def arrows(self):
        """``{file: what it imports, or is alone in defining a method that it names}``."""
        alone = {
            p: [o for o in self.calls(p).values() if len(o) == 1] for p in self.nodes
        }
        return {path: self.imports(path).union(*alone[path]) for path in self.nodes}


@cache
def the_house():
    return House()


def says(body, name):
    """The list of texts that a class assigns to ``_name`` or ``_inherit``."""
    for node in [n for n in body.body if isinstance(n, ast.Assign | ast.AnnAssign)]:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if node.value and name in [getattr(target, "id", None) for target in targets]:
            told = ast.literal_eval(node.value)
            return [told] if isinstance(told, str) else list(told)
    return []


def _goes_on_to_super(method):
    calls = [node for node in ast.walk(method) if isinstance(node, ast.Attribute)]
    same = [ast.unparse(node.value) for node in calls if node.attr == method.name]
    return any(value.startswith("super(") for value in same)


def _name_of(function):
    return getattr(function, "attr", None) or getattr(function, "id", None)


def _pattern(text):
    """What a constant or an f-string may say, as a pattern; of a variable nothing."""
    if isinstance(text, ast.Constant):
        return re.escape(str(text.value))
    if isinstance(text, ast.JoinedStr):
        parts = [_pattern(part) or ".*" for part in text.values]
        return "".join(parts)
    return None
