"""Child processes that never outlive the run that started them.

Each child leads a process group, is killed by the kernel when this process dies, and
carries the run's mark in its environment. By that mark the next run finds whatever a
run that was cut off with ``kill -9`` left behind, and nothing else.
"""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

MARK = "TBC_RUN"
PATIENCE_SECONDS = 15

_libc = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


def die_with_parent():
    """Have the kernel kill this process, a child, when its parent dies."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def end_with_make():
    """End this process tidily when the ``make`` that started it dies."""
    if os.environ.get("MAKELEVEL"):
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def adopt_orphans():
    """Become the parent of our children's orphans, so that `reap` can see them off.

    PostgreSQL's server and some of the browser's processes become orphans by design,
    and not every container has an init that sees dead ones off.
    """
    _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1)


def reap():
    """See dead children off; give those that are just dying a moment."""
    for _ in range(20):
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
            time.sleep(0.05)
            continue
        return


def start(args, *, env, **options):
    """Start ``args`` as the leader of a process group that dies with us."""
    return subprocess.Popen(
        [str(arg) for arg in args],
        env=env,
        stdin=options.pop("stdin", subprocess.DEVNULL),
        start_new_session=True,
        preexec_fn=die_with_parent,
        **options,
    )


def stop(process):
    """End ``process`` and its group: first kindly, then surely."""
    if process.poll() is None:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE_SECONDS)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def marked(mark):
    """Return the ids of the living processes that carry ``mark``."""
    wanted = f"{MARK}={mark}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            environ = (folder / "environ").read_bytes()
            if wanted in environ.split(b"\0") and int(folder.name) != os.getpid():
                found.append(int(folder.name))
    return found


def kill_marked(mark):
    """Kill every process that carries ``mark``, and wait until they are gone."""
    for _ in range(50):
        left = marked(mark)
        if not left:
            return
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.1)


def free_port():
    """Return a TCP port that nothing listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
