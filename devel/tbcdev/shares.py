"""Shares of the tests that take equally long, by how long they took the last time."""

import ast
import json

from . import paths

SECONDS = paths.CACHE / "test-seconds.json"
# Before they were ever run: for each test.
UNKNOWN_ODOO = 1.5
UNKNOWN_PROCESS = 9.0


def odoo_classes():
    """Return ``{class: seconds}`` of the tests in Odoo, a guess."""
    known, found = _known(), {}
    for path in sorted((paths.ROOT / "tests").glob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and (count := _count(node)):
                found[node.name] = known.get(node.name, count * UNKNOWN_ODOO)
    return found


def process_files():
    """Return ``{file: seconds}`` of the process ring, a guess."""
    known, found = _known(), {}
    for path in sorted((paths.ROOT / "tests" / "process").glob("test_*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        count = sum(_count(node) for node in tree.body)
        found[path.stem] = known.get(path.stem, count * UNKNOWN_PROCESS)
    return found


def split(seconds, number):
    """Split ``{name: seconds}`` into ``number`` lists of names, or fewer."""
    shares = [[0.0, []] for _number in range(number)]
    for name, long in sorted(seconds.items(), key=lambda item: (-item[1], item[0])):
        least = min(shares, key=lambda share: share[0])
        least[0] += long
        least[1].append(name)
    return [sorted(names) for _long, names in shares if names]


def tags(parts):
    """Return Odoo's test tags of each of these shares of the classes.

    The last one takes whatever is in no other, so that no test is left out.
    """
    module = f"/{paths.MODULE}"
    *others, _last = parts
    taken = [f"-{module}:{name}" for names in others for name in names]
    return [
        *(",".join(f"{module}:{name}" for name in names) for names in others),
        ",".join([module, *taken]),
    ]


def remember(seconds):
    """Keep how long tests took, for the next run."""
    text = json.dumps({**_known(), **seconds}, indent=0, sort_keys=True)
    SECONDS.write_text(text, encoding="utf-8")


def _known():
    try:
        return json.loads(SECONDS.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _count(node):
    if not isinstance(node, ast.ClassDef):
        return 0
    return sum(
        isinstance(one, ast.FunctionDef) and one.name.startswith("test_")
        for one in node.body
    )
