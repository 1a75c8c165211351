"""What the person at the keyboard sees, and how commands are run under it."""

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
import time

from . import paths
from .processes import die_with_parent

DETAIL_EVERY_SECONDS = 10  # where lines cannot be rewritten


class Failure(Exception):
    """Something that the person can understand and mend: no traceback is shown."""


class Step:
    """One numbered step while it runs; ``detail`` says how far it is."""

    def __init__(self, label):
        self.label = label
        self.started = time.monotonic()
        self._spoke = self.started
        self._tty = sys.stdout.isatty()
        print(f"{label}…", end="" if self._tty else "\n", flush=True)

    def detail(self, text):
        """Show ``text`` beside the step: at once, or at times in a plain log."""
        now = time.monotonic()
        if self._tty:
            line = f"{self.label}… {text}"[:100]
            print(f"\r\033[K{line}", end="", flush=True)
        elif now - self._spoke > DETAIL_EVERY_SECONDS:
            self._spoke = now
            print(f"      {text} ({now - self.started:.0f} s)", flush=True)

    def close(self, outcome):
        """End the step with one word and, when it took a while, its seconds."""
        seconds = time.monotonic() - self.started
        ending = f"{outcome}, {seconds:.0f} s" if seconds >= 1 else outcome
        if self._tty:
            print(f"\r\033[K{self.label}… {ending}", flush=True)
        elif seconds >= 1:
            print(f"      {ending}", flush=True)


class Steps:
    """Numbers the steps of one command: ``[2/7] Python packages…``."""

    def __init__(self, total):
        self.total = total
        self.number = 0

    @contextlib.contextmanager
    def step(self, label):
        """Run one step; an exception in it closes the line as failed."""
        self.number += 1
        step = Step(f"[{self.number}/{self.total}] {label}")
        try:
            yield step
        except BaseException:
            step.close("failed")
            raise
        step.close("done")


def command(args, *, on_line=None, outlive=False, **options):
    """Run ``args`` to its end, its output into the setup log.

    :param on_line: called with each line of output, to show how far it is
    :param outlive: let it come to its end even if we are killed
    :raise Failure: with the last lines of output, when the command fails
    """
    paths.LOGS.mkdir(parents=True, exist_ok=True)
    lines = []
    with open(paths.LOGS / "setup.log", "a", encoding="utf-8") as log:
        print(f"\n$ {' '.join(map(str, args))}", file=log, flush=True)
        process = subprocess.Popen(
            [str(arg) for arg in args],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            preexec_fn=None if outlive else die_with_parent,
            **options,
        )
        try:
            for line in process.stdout:
                log.write(line)
                lines.append(line)
                if on_line:
                    on_line(line.rstrip())
        except BaseException:
            process.terminate()
            raise
        finally:
            process.stdout.close()
            status = process.wait()
    if status:
        tail = "".join(lines[-20:])
        raise Failure(f"{args[0]} failed (status {status}):\n{tail}")
    return "".join(lines)


@contextlib.contextmanager
def exclusive(name, waiting_for):
    """Hold the lock ``name`` of the cache; tell the person when it has to wait.

    The kernel frees the lock when its holder dies, however it dies.
    """
    paths.CACHE.mkdir(parents=True, exist_ok=True)
    with open(paths.CACHE / f"{name}.lock", "w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"Waiting for another run: {waiting_for}…", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def remake(folder, make):
    """Put at ``folder`` what ``make(temporary_folder)`` makes, whole or not at all."""
    fresh = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    make(fresh)
    shutil.rmtree(folder, ignore_errors=True)
    os.rename(fresh, folder)
