"""A private PostgreSQL: own cluster, Unix socket only, started when it is needed.

Every run holds a shared lock while it uses the server; the last one to leave stops
it. The kernel frees the locks of dead runs, so a run that was cut off leaves at most
a server that the next run finds, uses and stops.
"""

import contextlib
import fcntl
import os
import pwd
import shlex
import shutil
import stat
import subprocess
import tempfile
import time
from pathlib import Path

from . import paths
from .machine import postgres_programs
from .progress import Failure, command, exclusive

ROLE = "odoo"  # Odoo refuses to work as the database user `postgres`
PORT = 5432  # only part of the socket's name: no TCP port is opened
SOCKET_NAME_LIMIT = 100  # the system allows 107 characters

# Speed instead of safety: everything in it can be made again.
SETTINGS = """
listen_addresses = ''
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 4GB
checkpoint_timeout = 30min
shared_buffers = 256MB
max_connections = 200
jit = off
"""


def _may_enter(folder):
    """Say whether every user may enter ``folder``."""
    existing = [p for p in (folder, *folder.parents) if p.exists()]
    return all(stat.S_IMODE(path.stat().st_mode) & stat.S_IXOTH for path in existing)


# What PostgreSQL says while its own vacuum is looking at a database.
_VACUUM_IS_THERE = (
    "being accessed by other users",
    "role whose process is being terminated",
)


class Cluster:
    """The private database cluster and its server."""

    def __init__(self):
        self.programs = postgres_programs()
        # The server refuses to run as root: there it runs as user `postgres`.
        self.user = "postgres" if os.geteuid() == 0 else None
        self.home = self._home()
        self.data = self.home / "data"
        self.log = self.home / "server.log"
        self.socket = self._socket_folder()
        self._users_lock = None

    def _home(self):
        inside = paths.CACHE / "postgres"
        if not self.user or _may_enter(paths.CACHE):
            return inside
        # `postgres` may not enter root's home.
        return Path(f"/var/cache/{paths.MODULE}-{paths.digest(paths.CACHE)}/postgres")

    def _socket_folder(self):
        inside = self.home / "socket"
        if len(f"{inside}/.s.PGSQL.{PORT}.lock") <= SOCKET_NAME_LIMIT:
            return inside
        name = f"tbc-{os.getuid()}-{paths.digest(paths.CACHE)}"
        return Path(tempfile.gettempdir(), name)

    def _as_server(self):
        """Return the options that run a command as the server's user."""
        # Without our mark: the server may serve the next run too.
        env = {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}
        options = {"cwd": self.home, "env": env}
        if self.user:
            group = pwd.getpwnam(self.user).pw_gid
            options |= {"user": self.user, "group": group, "extra_groups": []}
        return options

    def _own_folder(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        if self.user:
            owner = pwd.getpwnam(self.user)
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        elif folder.stat().st_uid != os.getuid():
            raise Failure(f"{folder} belongs to another user.")
        folder.chmod(0o700)

    def make(self):
        """Make the cluster, unless it is there and whole."""
        stamp = self.data / "made-by-account_tbc_bank"
        if stamp.exists():
            return
        self.home.mkdir(parents=True, exist_ok=True)
        self._own_folder(self.home)
        fresh = self.home / "data.part"
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(self.data, ignore_errors=True)
        initdb = [self.programs / "initdb", "--pgdata", fresh, "--username", "postgres"]
        initdb += ["--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8"]
        command([*initdb, "--no-sync"], **self._as_server())
        with open(fresh / "postgresql.conf", "a", encoding="utf-8") as conf:
            conf.write(SETTINGS)
        (fresh / stamp.name).touch()
        fresh.rename(self.data)

    def running(self):
        """Say whether our server runs."""
        status = [str(self.programs / "pg_ctl"), "--pgdata", str(self.data), "status"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return not subprocess.run(status, **quiet, **self._as_server()).returncode

    def start(self):
        """Start the server unless it runs, and keep it until `leave`."""
        self._users_lock = open(paths.CACHE / "postgres-users.lock", "w")  # noqa: SIM115
        fcntl.flock(self._users_lock, fcntl.LOCK_SH)
        with exclusive("postgres-start", "PostgreSQL"):
            self.make()
            if not self.running():
                self._own_folder(self.socket)
                self._start_server()
                self._make_role()

    def _start_server(self):
        options = f"-k {shlex.quote(str(self.socket))} -p {PORT}"
        pg_ctl = [self.programs / "pg_ctl", "--pgdata", self.data, "--log", self.log]
        pg_ctl += ["--wait", "--timeout", "120", "--options", options, "start"]
        try:
            self._run_quietly(pg_ctl)
        except Failure:
            # After a reboot the process id in a stale file can be anybody's.
            if not self._forget_stale_pid():
                raise
            self._run_quietly(pg_ctl)

    def _run_quietly(self, args):
        # Not into a pipe: the server would inherit it and never close it.
        done = subprocess.run(
            list(map(str, args)), stdout=subprocess.DEVNULL, **self._as_server()
        )
        if done.returncode:
            tail = self.log.read_text("utf-8", "replace")[-2000:]
            raise Failure(f"PostgreSQL does not start. `make clean` helps.\n{tail}")

    def _forget_stale_pid(self):
        """Remove the server's pid file when its process is no PostgreSQL."""
        pid_file = self.data / "postmaster.pid"
        if not pid_file.exists():
            return False
        pid = pid_file.read_text("utf-8").splitlines()[0]
        with contextlib.suppress(OSError):
            if b"postgres" in Path("/proc", pid, "cmdline").read_bytes():
                return False
        pid_file.unlink(missing_ok=True)
        return True

    def _make_role(self):
        exists = f"SELECT 1 FROM pg_roles WHERE rolname = '{ROLE}'"
        if not self.query(exists, user="postgres"):
            self.query(f"CREATE ROLE {ROLE} LOGIN CREATEDB", user="postgres")

    def leave(self):
        """Stop the server, unless another run uses it."""
        if not self._users_lock:
            return
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(self._users_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.stop()
        self._users_lock.close()
        self._users_lock = None

    def stop(self):
        """Stop the server if it runs."""
        if not self.data.exists() or not self.programs or not self.running():
            return
        pg_ctl = [self.programs / "pg_ctl", "--pgdata", self.data]
        pg_ctl += ["--wait", "--timeout", "60", "--mode", "fast", "stop"]
        self._run_quietly(pg_ctl)

    def remove(self):
        """Remove the cluster with all databases."""
        self.stop()
        shutil.rmtree(self.socket, ignore_errors=True)
        shutil.rmtree(self.home, ignore_errors=True)
        if self.home.parent != paths.CACHE:
            self.home.parent.rmdir()

    def query(self, sql, *, user=ROLE, database="postgres"):
        """Run ``sql`` and return its rows, as lists of texts."""
        psql = [str(self.programs / "psql"), "--no-psqlrc", "--quiet", "--no-align"]
        psql += ["--tuples-only", "--set", "ON_ERROR_STOP=1", "--host", self.socket]
        psql += ["--port", PORT, "--username", user, "--dbname", database]
        done = subprocess.run(
            [*map(str, psql), "--command", sql],
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise Failure(f"PostgreSQL refused `{sql}`: {done.stderr.strip()}")
        return [line.split("|") for line in done.stdout.splitlines() if line]

    def query_patiently(self, sql):
        """Run ``sql``, again if PostgreSQL's own vacuum is looking at the database."""
        for attempt in range(10):
            try:
                return self.query(sql)
            except Failure as failure:
                passes = any(words in str(failure) for words in _VACUUM_IS_THERE)
                if attempt == 9 or not passes:
                    raise
                time.sleep(0.5)
