"""The commands of `run.py`: one function each, its first line is its help."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from . import environment, paths, processes, quick, rings, setup
from .crew import Crew
from .databases import leave_tables_alone, want_demo
from .demonstration import bench, demo, pictures, prove_books, prove_transfers
from .neighbours import test_oca
from .postgres import Cluster
from .progress import Failure, exclusive
from .run import Run

DEV_DATABASE = f"dev_{paths.REPOSITORY}"


def setup_all():
    """Bring in Odoo 19, PostgreSQL and Python packages; make a template database."""
    with Run() as run:
        setup.prepare(run)
    print(f"Everything is in {paths.CACHE}")
    return 0


def test():
    """Run all tests and checks; RING=… and TAGS=… choose some."""
    chosen = os.environ.get("RING", "").replace(",", " ").split() or rings.ALL_RINGS
    if unknown := set(chosen).difference(rings.ALL_RINGS):
        raise Failure(
            f"RING={' '.join(unknown)}: choose of {', '.join(rings.ALL_RINGS)}."
        )
    with Run() as run:
        if {"odoo", "process"}.intersection(chosen):
            setup.prepare(run)
        else:
            setup.fetch()
        return rings.print_table(Crew(run, chosen).work())


def test_quick():
    """Check in seconds: lint of what changed, types, and the pure ring."""
    with Run() as run:
        setup.fetch()
        return quick.check(run)


def test_fast():
    """Run the Odoo tests of TAGS on the kept database: seconds instead of minutes."""
    with Run() as run:
        _steps, template = setup.prepare(run)
        with exclusive(DEV_DATABASE, "the kept database"):
            installed = _dev_database(run, template)
            outcome = rings.odoo(run, DEV_DATABASE, "-u" if installed else "-i")
    return rings.print_table([outcome])


def dev_db():
    """Make the kept database with the module, or update it; FRESH=1 makes it anew."""
    with Run() as run:
        steps, template = setup.prepare(run, more_steps=1)
        with (
            exclusive(DEV_DATABASE, "the kept database"),
            steps.step("Kept database with the module") as step,
        ):
            installed = _dev_database(run, template)
            run.odoo.install(DEV_DATABASE, [paths.MODULE], step, update=installed)
    print(f"Database {DEV_DATABASE} is for `make test-fast TAGS=…` and `make shell`.")
    return 0


def _dev_database(run, template):
    """Make the kept database if it is missing; say whether it has the module."""
    fresh = os.environ.get("FRESH") == "1"
    if fresh or DEV_DATABASE not in run.databases.names(DEV_DATABASE):
        run.databases.copy(template, DEV_DATABASE)
        want_demo(run.cluster, DEV_DATABASE)
    leave_tables_alone(run.cluster, DEV_DATABASE)
    state = f"SELECT state FROM ir_module_module WHERE name = '{paths.MODULE}'"
    rows = run.cluster.query(state, database=DEV_DATABASE)
    return rows in ([["installed"]], [["to upgrade"]])


def shell():
    """Open Odoo's shell on the kept database, or run the script on its input."""
    with Run() as run:
        _steps, template = setup.prepare(run)
        if not _dev_database(run, template):
            raise Failure("The kept database has no module yet: `make dev-db`.")
        odoo = [environment.program("python"), "-m", "odoo", "shell", "--no-http"]
        args = [*odoo, "-c", run.odoo.conf, "-d", DEV_DATABASE]
        # It reads the keyboard, so it stays in our process group and gets Ctrl-C.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        variables = run.odoo.variables()
        return subprocess.call(list(map(str, args)), env=variables, cwd=paths.ROOT)


def format_code():
    """Format the Python files, and mend what ruff can mend."""
    ruff = environment.program("ruff")
    for options in (["check", "--fix", "--quiet"], ["format"]):
        subprocess.call([ruff, *options], cwd=paths.ROOT, env=environment.variables())
    return 0


def tool(name, *arguments):
    """Run a program of the Python environment, as the pre-commit hooks do."""
    program = environment.program(name)
    if not program.exists():
        raise Failure(f"{name} is not there yet: `make setup`.")
    os.execve(program, [name, *arguments], environment.variables())


def pylint_odoo(*options):
    """Run pylint-odoo on a copy under the module's technical name, as a hook does.

    It looks for the manifest below the folder that has `.git`, and not in it; where
    it finds none, rules such as `consider-merging-classes-inherited` are silent. It
    remembers nothing by itself, so the same files that were good stay good.
    """
    rules = paths.ROOT / ".pylintrc"
    pylint = [environment.program("pylint"), f"--rcfile={rules}"]
    left_out = shutil.ignore_patterns(".*", "__pycache__", "devel")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, paths.MODULE)
        shutil.copytree(paths.ROOT, copy, ignore=left_out)
        checked = paths.digest(
            environment.folder(), rules.read_bytes(), *options, *_files(copy)
        )
        good = paths.CACHE / "pylint" / f"good-{paths.REPOSITORY}.txt"
        if good.exists() and good.read_text(encoding="utf-8") == checked:
            return 0
        status = subprocess.call(
            [*pylint, *options, paths.MODULE], cwd=folder, env=environment.variables()
        )
        if not status:
            good.parent.mkdir(parents=True, exist_ok=True)
            good.write_text(checked, encoding="utf-8")
        return status


def _files(folder):
    """Name and content of each file in a folder, in order."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.relative_to(folder)
            yield path.read_bytes()


def types():
    """Check the types of the packages without Odoo, as a hook does."""
    os.chdir(paths.addons_folder())
    packages = [f"--package={paths.MODULE}.{name}" for name in ("tbc", "bookkeeping")]
    tool("mypy", f"--config-file={paths.ROOT / 'pyproject.toml'}", *packages)


def stop():
    """End what runs that were cut off have left: processes, databases, the server."""
    if paths.CACHE.exists():
        with Run() as run:
            if Cluster().data.exists():
                run.start_postgres()
    return 0


def clean():
    """Remove the cache with everything in it: Odoo, Python packages, databases."""
    with Run():
        Cluster().remove()
        shutil.rmtree(paths.CACHE, ignore_errors=True)
    return 0


def help_text():
    """List the commands."""
    for name, function in COMMANDS.items():
        if name in TARGETS:
            print(f"  make {name:<15} {function.__doc__.splitlines()[0]}")
    print(VARIABLES)
    return 0


COMMANDS = {
    "help": help_text,
    "demo": demo,
    "pictures": pictures,
    "test": test,
    "bench": bench,
    "prove-transfers": prove_transfers,
    "prove-books": prove_books,
    "test-oca": test_oca,
    "setup": setup_all,
    "test-quick": test_quick,
    "test-fast": test_fast,
    "dev-db": dev_db,
    "shell": shell,
    "format": format_code,
    "stop": stop,
    "clean": clean,
    "tool": tool,
    "pylint-odoo": pylint_odoo,
    "types": types,
}
TARGETS = [name for name in COMMANDS if name not in ("tool", "pylint-odoo", "types")]
VARIABLES = """
Variables:
  ODOO=PATH       an Odoo 19 that is already there, instead of Debian's
  PYTHON=PATH     the Python 3.11 to 3.13 to use
  TBC_CACHE=PATH  the cache folder, otherwise one in ~/.cache
  RING=…          of lint, tools, pure, odoo, process: what `make test` runs
  TAGS=…          of Odoo's tests, as its --test-tags wants them
  SERVE=0         `make demo` ends after its table
  BANK='…'        more options of the demo's fake bank, such as --per-day 5
  LINES=…, MATCH_LINES=…
                  of `make bench`: sizes such as 1000,20000; 0 leaves one out
  GROW=300000     of `make bench`: lines of its largest account, with ten years of
                  past; 0 leaves it out
  N=2000, SEED=…  of `make prove-transfers`: how many transfers, and which storm; the
                  storm of `make test` too
  N=20000, SEED=… of `make prove-books`: how many transactions, and which year
  WITH=…          of the modules of `make test-oca`, some instead of all
  KEEP=1          keep the database of this run"""


def main(arguments):
    """Run the command that ``arguments`` name; return the exit status."""
    processes.end_with_make()
    name, *rest = arguments or ["help"]
    if name not in COMMANDS:
        print(f"There is no command {name}.", file=sys.stderr)
        return 2
    try:
        return COMMANDS[name](*rest)
    except Failure as failure:
        print(f"\n{failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
