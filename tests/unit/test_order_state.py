"""The state of a transfer order is written in one file: services/transfers/states.py."""

import ast
import re
import unittest
from pathlib import Path

ROOT = Path(__file__).parents[2]
WRITER = Path("services/transfers/states.py")
# Words for the state of an order, and of nothing else.
OF_ORDERS = {"queued", "sending", "unknown", "submitted", "to_sign", "in_progress"}
# Other records' states that files about orders write.
# SQL that writes orders, or a state of whatever table. It may take a row's lock.
SQL_WRITES = re.compile(
    r"""\b(?:UPDATE|INTO)\s+(?:ONLY\s+)?["\w.]*\btbc_transfer\b"""
    r"""(?!"?\s+SET\s+write_date\s=\swrite_date\s+WHERE)"""
    r"""|\bUPDATE\b.*\bSET\b.*\bstate\b""",
    re.DOTALL | re.IGNORECASE,
)
OF_OTHERS = {("payment", "rejected"), ("batch", "_state_of")}


def writes(tree):
    """``(line, record, value)`` of each text that is written as somebody's ``state``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in [t for t in targets if is_state(t)]:
                record = ast.unparse(target.value)
                yield node.lineno, record, ast.unparse(node.value)
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "state":
                    yield node.lineno, "", ast.unparse(value)
        elif isinstance(node, ast.Call):
            yield from writes_by_call(node)


def is_state(target):
    """Whether ``record.state`` or ``record["state"]`` is assigned."""
    if isinstance(target, ast.Subscript):
        return ast.unparse(target.slice) == "'state'"
    return isinstance(target, ast.Attribute) and target.attr == "state"


def writes_by_call(node):
    """``dict(state=…)``, ``vals.update(state=…)``, ``setattr(record, "state", …)``."""
    name = ast.unparse(node.func).rpartition(".")[2]
    if name in ("dict", "update"):
        for keyword in [k for k in node.keywords if k.arg == "state"]:
            yield node.lineno, "", ast.unparse(keyword.value)
    if name in ("setattr", "__setitem__") and "'state'" in map(ast.unparse, node.args):
        yield node.lineno, ast.unparse(node.args[0]), ast.unparse(node.args[-1])


def writes_by_sql(tree):
    """``(line, text)`` of each text that would write an order, past the ORM."""
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) else None
        if isinstance(node, ast.JoinedStr):
            text = ast.unparse(node)
        if isinstance(text, str) and SQL_WRITES.search(text):
            yield node.lineno, " ".join(text.split())


def others(path, source):
    """The writes of an order's state in a file, as far as its text tells."""
    is_about_orders = "transfer" in str(path)
    tree = ast.parse(source)
    for line, text in writes_by_sql(tree):
        yield f"{path}:{line}: {text}"
    for line, record, value in writes(tree):
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
            'vals.update(state="done")',
            'order["state"] = "done"',
            'setattr(order, "state", "done")',
            "cr.execute(\"UPDATE tbc_transfer SET state = 'done' WHERE id = 1\")",
            'cr.execute("update tbc_transfer set problem = NULL")',
            'cr.execute(f"UPDATE {table} SET state = %s")',
            'SQL("UPDATE %s SET state = %s", SQL.identifier("tbc_transfer"), state)',
            'SQL("INSERT INTO tbc_transfer (id) VALUES (1)")',
        ):
            with self.subTest(source):
                path = Path("services/transfers/follow.py")
                self.assertEqual(len(list(others(path, source))), 1)

    def test_the_guard_sees_it_in_files_about_something_else(self):
        source = 'line.write({"state": "sending"})'
        self.assertEqual(len(list(others(Path("services/sync.py"), source))), 1)
        source = 'run.write({"state": "failed"})'
        self.assertEqual(list(others(Path("services/sync.py"), source)), [])
