"""One run of one command: its folder, its server, its processes, and their end."""

import contextlib
import fcntl
import os
import shutil
import signal
import tempfile
import time
from pathlib import Path

from . import paths, processes
from .databases import Databases, drop_of_dead_runs
from .odoo_server import Odoo
from .postgres import Cluster

KEPT_LOGS = 40


class Run:
    """A context in which a command works; leaving it leaves nothing behind.

    The run's lock tells whether it lives: the kernel frees it however the run ends.
    """

    def __init__(self):
        self.name = f"{os.getpid()}x{int(time.time()) % 10**6}"
        self.folder = paths.RUNS / self.name
        # A browser leaves files in the folder for temporary ones, and sockets that
        # need a short path.
        self.temporary = _temporary(self.name)
        self.mark = {processes.MARK: self.name, "TMPDIR": str(self.temporary)}
        self.cluster = None
        self.databases = None
        self.odoo = None
        self._lock = None
        self._children = []
        self._stack = contextlib.ExitStack()

    def __enter__(self):
        # SIGINT too: a shell that starts us in the background switches it off.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _interrupt)
        processes.adopt_orphans()
        paths.RUNS.mkdir(parents=True, exist_ok=True)
        self.folder.mkdir()
        self.temporary.mkdir(0o700)
        self._lock = open(self.folder / "lock", "w", encoding="utf-8")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self._clean_after_dead_runs()
        return self

    def __exit__(self, *error):
        # A second Ctrl-C must not cut the tidying short.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        for child in reversed(self._children):
            processes.stop(child)
        processes.kill_marked(self.name)
        self._stack.close()
        processes.reap()
        shutil.rmtree(self.temporary, ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)
        self._lock.close()

    def _clean_after_dead_runs(self):
        for folder in paths.RUNS.iterdir():
            if folder != self.folder and not _lives(folder):
                processes.kill_marked(folder.name)
                shutil.rmtree(_temporary(folder.name), ignore_errors=True)
                shutil.rmtree(folder, ignore_errors=True)

    def start_postgres(self):
        """Start PostgreSQL for this run, and drop what dead runs left in it."""
        self.cluster = Cluster()
        self._stack.callback(self.cluster.leave)
        self.cluster.start()
        self.databases = Databases(self.cluster)
        living = {folder.name for folder in paths.RUNS.iterdir()}
        drop_of_dead_runs(self.databases, living)
        self.odoo = Odoo(self)
        self.odoo.write_conf()

    def database(self, template, purpose):
        """Return the name of a copy of ``template``, dropped at the end of the run.

        With ``KEEP=1`` in the environment the copy stays, under a name of its own.
        """
        name = f"run_{self.name}_{purpose}"
        if os.environ.get("KEEP") == "1":
            name = f"kept_{self.name}_{purpose}"
            print(f"Database {name} will be kept.", flush=True)
        else:
            self._stack.callback(self.databases.drop, name)
        self.databases.copy(template, name)
        return name

    def start(self, args, **options):
        """Start a process that ends with the run."""
        child = processes.start(args, **options)
        self._children.append(child)
        return child

    def log(self, name):
        """Return the path for a new log, and forget the oldest ones."""
        paths.LOGS.mkdir(parents=True, exist_ok=True)
        logs = sorted(paths.LOGS.glob("*-*.log"), key=lambda path: path.stat().st_mtime)
        for old in logs[:-KEPT_LOGS]:
            old.unlink(missing_ok=True)
        return paths.LOGS / f"{name}-{self.name}.log"


def _temporary(name):
    return Path(tempfile.gettempdir(), f"tbc-run-{name}")


def _interrupt(number, _frame):
    raise KeyboardInterrupt(signal.Signals(number).name)


def _lives(folder):
    """Say whether the run of ``folder`` still holds its lock."""
    try:
        with open(folder / "lock", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        # Perhaps it is just starting.
        return time.time() - folder.stat().st_mtime < 60
    return False
