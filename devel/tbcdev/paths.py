"""Where everything lives: the repository, and the cache outside of it."""

import ast
import hashlib
import os
from pathlib import Path

MODULE = "account_tbc_bank"

# TBC_ROOT lets the tools be tried on another copy of the module.
ROOT = Path(os.environ.get("TBC_ROOT") or Path(__file__).parents[2]).resolve()
DEVEL = Path(__file__).resolve().parents[1]

# What an installed module is made of. Tests and tools change nothing in a database.
_MODULE_SUFFIXES = {
    *(".py", ".xml", ".csv", ".po", ".pot", ".sql"),
    *(".js", ".scss", ".css", ".svg", ".png"),
}
_NOT_INSTALLED = {"devel", "tests", "__pycache__"}


def digest(*texts):
    """Return a short hash of ``texts``, fit for a folder or database name."""
    joined = "\0".join(str(text) for text in texts)
    return hashlib.sha256(joined.encode()).hexdigest()[:10]


def cache_folder():
    """Return the cache folder: ``TBC_CACHE``, or a folder in the user's cache."""
    if chosen := os.environ.get("TBC_CACHE"):
        return Path(chosen).expanduser().resolve()
    user_cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(user_cache).expanduser().resolve() / MODULE


CACHE = cache_folder()
LOGS = CACHE / "logs"
RUNS = CACHE / "runs"
DATA = CACHE / "data"  # Odoo's data_dir
REPOSITORY = digest(ROOT)  # tells the databases of two clones apart


def shown(path):
    """Return ``path`` as we print it: relative to the cache where it can be."""
    path = Path(path)
    if path.is_relative_to(CACHE):
        return f"<cache>/{path.relative_to(CACHE)}"
    return str(path)


def addons_folder():
    """Return the folder to put in Odoo's addons path.

    Odoo wants the parent of a folder named like the module. A clone may have any
    name, and a link inside the repository would send Odoo in circles, so the parent
    is made in the cache, with one link to the repository in it.
    """
    folder = CACHE / f"addons-{REPOSITORY}"
    link = folder / MODULE
    if not link.is_symlink() or link.resolve() != ROOT:
        folder.mkdir(parents=True, exist_ok=True)
        fresh = folder / f".{MODULE}-{os.getpid()}"
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(ROOT)
        fresh.rename(link)
    return folder


def module_depends():
    """Return the modules named by the manifest's ``depends``."""
    manifest = ROOT / "__manifest__.py"
    if not manifest.exists():
        return ["account"]
    return ast.literal_eval(manifest.read_text(encoding="utf-8"))["depends"]


def module_digest():
    """Return a hash of all files that an installation of the module reads."""
    hashed = hashlib.sha256()
    for folder, folders, files in os.walk(ROOT):
        folders[:] = sorted(
            name
            for name in folders
            if name not in _NOT_INSTALLED and not name.startswith(".")
        )
        for name in sorted(files):
            path = Path(folder, name)
            if path.suffix in _MODULE_SUFFIXES:
                hashed.update(str(path.relative_to(ROOT)).encode() + b"\0")
                hashed.update(path.read_bytes() + b"\0")
    return hashed.hexdigest()[:10]
