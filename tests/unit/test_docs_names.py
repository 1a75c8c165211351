"""What the pages for newcomers name in backticks is there, in the tree of today."""

import re
import unittest
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "docs/architecture.md", ROOT / "CONTRIBUTING.md"]
PAGES += sorted((ROOT / "docs/decisions").glob("*.md"))
# What a name is where it is made: a definition, what is assigned, an argument, a text.
MADE = re.compile(
    r"""\b(?:def|class)\s+(\w+)|^\s*(?:\w+\.)?(\w+)(?::[^=\n]+)?\s*=|\b(\w+)="""
    r"""|["']([\w.-]+)["']""",
    re.MULTILINE,
)
# Names of elsewhere: what Python, Odoo and PostgreSQL are called by.
ELSEWHERE = {"unittest", "odoo", "write_date", "write", "unlink", "setUp", "groups"}


@cache
def names():
    """The names that the Python files make, and the words of what configures tools."""
    found = set(ELSEWHERE)
    for path in ROOT.rglob("*.py"):
        if path.name != Path(__file__).name:
            for made in MADE.findall(path.read_text(encoding="utf-8")):
                found.update(*(re.split(r"[.-]", name) for name in made))
    for name in ("Makefile", "pyproject.toml", ".pre-commit-config.yaml"):
        found.update(re.findall(r"\w+", (ROOT / name).read_text(encoding="utf-8")))
    for path in (ROOT / "devel").glob("*.txt"):
        found.update(re.findall(r"\w+", path.read_text(encoding="utf-8")))
    return found


def is_path(text):
    return bool(re.fullmatch(r"[\w./*-]+", text)) and (
        "/" in text or text.endswith((".py", ".xml", ".md", ".txt", ".yaml", ".toml"))
    )


def is_there(text, folders):
    """Whether a path is in the tree: from the root, or in a folder named before it."""
    return any(any(folder.glob(text.rstrip("/"))) for folder in [ROOT, *folders])


@cache
def targets():
    told = (ROOT / "Makefile").read_text(encoding="utf-8").replace("\\\n", " ")
    return re.search(r"^TARGETS := (.*)", told, re.MULTILINE)[1].split()


def missing(line):
    """What a line of a page names in backticks, and the tree does not have."""
    folders, found = [], []
    for text in re.findall(r"`([^`]+)`", line):
        if is_path(text):
            found += [] if is_there(text, folders) else [text]
            folders.append((ROOT / text).parent)
        elif text.startswith("make "):
            named = [word for word in text.split()[1:] if word.islower()]
            found += [text] if set(named) - set(targets()) else []
        elif re.match(r"[\w.]+(\(|$)", text):
            words = re.findall(r"\w+", text.partition("(")[0])
            found += [text] if set(words) - names() else []
    return found


class TestDocsNames(unittest.TestCase):
    def test_what_the_pages_name_is_there(self):
        found = [
            f"{page.relative_to(ROOT)}: {name}"
            for page in PAGES
            for line in page.read_text(encoding="utf-8").splitlines()
            for name in missing(line)
        ]
        self.assertEqual(found, [])

    def test_what_is_not_there_is_seen(self):
        for name in (
            "services/nowhere.py",
            "`services/transfers/send.py`, `nowhere.py`".strip("`"),
            "split_nothing_of_ours",
            "tbc.account._cron_of_nobody",
            "NobodyOfOurs.split",
            "make nothing-of-ours",
            "tests/nobody_*.py",
        ):
            with self.subTest(name):
                self.assertTrue(missing(f"see `{name}`"))

    def test_what_is_there_is_found(self):
        for line in (
            "`services/transfers/send.py`, `answers.py`",
            "`tests/unit/test_*.py`, `tests/fake_tbc/`",
            "`tbc.account._cron_sync`, `Booking.split`, `make test RING=lint`",
            "`account.payment._tbc_prepare_order_vals(...)`",
        ):
            self.assertEqual(missing(line), [])
