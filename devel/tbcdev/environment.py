"""The Python environment with pinned packages, and what our programs see of it."""

import os
import shutil
import sys

from . import odoo_source, paths
from .progress import command

REQUIREMENTS = ("requirements.txt", "requirements-dev.txt", "constraints.txt")
# Variables that would lead our PostgreSQL, Odoo or Python somewhere else.
FOREIGN = ("PG", "ODOO_", "OPENERP_", "PYTHON", "VIRTUAL_ENV", "COVERAGE_", "TBC_BIS_")


def requirements():
    """Return the text of all requirement files."""
    return "\n".join((paths.DEVEL / name).read_text("utf-8") for name in REQUIREMENTS)


def folder():
    """Return the environment's folder; its name tells what is in it."""
    python = f"{sys.version_info[0]}.{sys.version_info[1]} {sys.base_prefix}"
    return paths.CACHE / f"venv-{paths.digest(python, requirements())}"


def program(name):
    """Return the path of a program of the environment, such as ``python``."""
    return folder() / "bin" / name


def make(step):
    """Make the environment, unless it is there and whole.

    An environment cannot be renamed once made, so a stamp is written last.
    """
    target = folder()
    stamp = target / "complete.txt"
    if stamp.exists() and program("python").exists():
        return
    shutil.rmtree(target, ignore_errors=True)
    step.detail("making the environment")
    command([sys.executable, "-m", "venv", target])
    total = sum(
        line[:1].isalnum() for line in requirements().splitlines() if "==" in line
    )
    seen = set()

    def on_line(line):
        words = line.split()
        if words[:1] == ["Collecting"] or words[:1] == ["Processing"]:
            seen.add(words[1])
            step.detail(f"package {len(seen)} of about {total}")
        elif words[:1] == ["Installing"]:
            step.detail("installing")

    pip = [program("python"), "-m", "pip", "install", "--no-input"]
    pip += ["--progress-bar", "off", "--disable-pip-version-check", "--no-compile"]
    pip += ["-r", paths.DEVEL / "requirements.txt"]
    pip += ["-r", paths.DEVEL / "requirements-dev.txt"]
    command([*pip, "-c", paths.DEVEL / "constraints.txt"], on_line=on_line)
    stamp.write_text(requirements(), encoding="utf-8")


def variables(*python_path, **more):
    """Return the environment variables of our programs.

    :param python_path: folders to put before everything on Python's path
    :param more: further variables
    """
    kept = {k: v for k, v in os.environ.items() if not k.startswith(FOREIGN)}
    search = [str(program("python").parent), kept.get("PATH", os.defpath)]
    loopback = [kept.get("no_proxy") or kept.get("NO_PROXY"), "127.0.0.1", "localhost"]
    no_proxy = ",".join(filter(None, loopback))
    kept.update(
        PATH=os.pathsep.join(search),
        LANG="C.UTF-8",
        LC_ALL="C.UTF-8",
        NO_PROXY=no_proxy,
        no_proxy=no_proxy,
        PYTHONUNBUFFERED="1",
        # What tools remember stays out of the repository.
        PYTHONPYCACHEPREFIX=str(paths.CACHE / "pycache"),
        RUFF_CACHE_DIR=str(paths.CACHE / "ruff"),
        MYPY_CACHE_DIR=str(paths.CACHE / "mypy"),
        PRE_COMMIT_HOME=str(paths.CACHE / "pre-commit"),
        PYLINTHOME=str(paths.CACHE / "pylint"),
    )
    if python_path:
        kept["PYTHONPATH"] = os.pathsep.join(map(str, python_path))
    kept.update(more)
    return kept


def lint_variables(**more):
    """Return the variables for pre-commit."""
    return variables(
        PRE_COMMIT_COLOR="never",
        # git distrusts a folder of another user, as in many containers.
        GIT_CONFIG_COUNT="1",
        GIT_CONFIG_KEY_0="safe.directory",
        GIT_CONFIG_VALUE_0=str(paths.ROOT),
        **more,
    )


def odoo_variables(*python_path, **more):
    """Return the variables for a program that imports ``odoo``."""
    return variables(odoo_source.source_folder(), *python_path, **more)
