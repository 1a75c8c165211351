"""The state of a transfer order is written in one file: services/transfers/states.py."""

import ast
import unittest
from pathlib import Path

ROOT = Path(__file__).parents[2]
WRITER = Path("services/transfers/states.py")
# Words for the state of an order, and of nothing else.
OF_ORDERS = {"queued", "sending", "unknown", "submitted", "to_sign", "in_progress"}
# Other records' states that files about orders write.
OF_OTHERS = {("payment", "rejected"), ("batch", "_state_of")}


def writes(tree):
    """``(line, record, value)`` of each text that is written as somebody's ``state``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in [t for t in targets if isinstance(t, ast.Attribute)]:
                if target.attr == "state":
                    yield (
                        node.lineno,
                        ast.unparse(target.value),
                        ast.unparse(node.value),
                    )
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "state":
                    yield node.lineno, "", ast.unparse(value)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "dict":
            for keyword in [k for k in node.keywords if k.arg == "state"]:
                yield node.lineno, "", ast.unparse(keyword.value)


def others(path, source):
    """The writes of an order's state in a file, as far as its text tells."""
    is_about_orders = "transfer" in str(path)
    for line, record, value in writes(ast.parse(source)):
        is_known = any(one in record and word in value for one, word in OF_OTHERS)
        words = {value.strip("'\"")}
        if (is_about_orders and not is_known) or words & OF_ORDERS:
            yield f"{path}:{line}: {record or '…'}.state = {value}"


class TestOrderState(unittest.TestCase):
    def test_one_file_writes_it(self):
        found = []
        for folder in ("models", "services", "wizard", "report"):
            for file in (ROOT / folder).rglob("*.py"):
                path = file.relative_to(ROOT)
                if path != WRITER:
                    found += others(path, file.read_text(encoding="utf-8"))
        self.assertEqual(found, [])

    def test_the_guard_sees_each_way_to_write(self):
        for source in (
            'order.state = "done"',
            "self.state = state",
            'orders.write({"state": "cancelled"})',
            'orders.write({"state": state, "problem": False})',
            'vals |= {"state": "done"}',
            'orders.write(dict(state="done"))',
        ):
            with self.subTest(source):
                path = Path("services/transfers/follow.py")
                self.assertEqual(len(list(others(path, source))), 1)

    def test_the_guard_sees_it_in_files_about_something_else(self):
        source = 'line.write({"state": "sending"})'
        self.assertEqual(len(list(others(Path("services/sync.py"), source))), 1)
        source = 'run.write({"state": "failed"})'
        self.assertEqual(list(others(Path("services/sync.py"), source)), [])
