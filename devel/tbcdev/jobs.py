"""Pieces of work for all processors: the longest first, so that none waits for long."""

import contextlib
import io
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from .progress import Failure

PROGRESS_EVERY_SECONDS = 30


@dataclass
class Job:
    """One piece of work: ``do`` is called in a thread; ``seconds`` are a guess.

    :param failed: called with a sentence when ``do`` cannot come to its end
    """

    name: str
    seconds: float
    do: Callable
    failed: Callable


def workers():
    """Return how many jobs are worked on at once."""
    return len(os.sched_getaffinity(0))


def work_off(jobs):
    """Do all ``jobs``; return what they returned, in their order.

    What a job says is shown when it ends, so that nobody's words are among another's.
    """
    desk = _Desk(jobs)
    # Daemons: Ctrl-C does not wait for them; the run ends what they have started.
    threads = [
        threading.Thread(target=desk.work, daemon=True)
        for _number in range(min(workers(), len(jobs)))
    ]
    with contextlib.redirect_stdout(desk.voices):
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            threads[0].join(1) if threads[0].is_alive() else time.sleep(1)
            desk.tell_progress()
    return desk.results


class _Desk:
    """The jobs that wait, those in work, and what came of the others."""

    def __init__(self, jobs):
        self.jobs = jobs
        self.waiting = sorted(range(len(jobs)), key=lambda n: jobs[n].seconds)
        self.begun = {}  # number → when
        self.results = [job.failed("It did not end.") for job in jobs]
        self.voices = _Voices(sys.stdout)
        self._spoke = time.monotonic()

    def work(self):
        """Take one job after the other."""
        while self.waiting:
            with contextlib.suppress(IndexError):  # somebody took the last one
                self._do(self.waiting.pop())

    def _do(self, number):
        job = self.jobs[number]
        self.begun[number] = time.monotonic()
        with self.voices.kept():
            try:
                self.results[number] = job.do()
            except Exception as error:
                plain = isinstance(error, Failure)
                told = str(error) if plain else f"{type(error).__name__}: {error}"
                print(f"\n{job.name}: {told}")
                self.results[number] = job.failed(told)
        del self.begun[number]

    def tell_progress(self):
        """Say from time to time what is in work."""
        now = time.monotonic()
        if now - self._spoke > PROGRESS_EVERY_SECONDS:
            self._spoke = now
            working = [
                f"{self.jobs[number].name} for {now - since:.0f} s"
                for number, since in sorted(self.begun.items())
            ]
            print(f"  in work: {', '.join(working)}", flush=True)


class _Voices(io.TextIOBase):
    """Keeps what a thread says until it has said all; others are heard at once."""

    def __init__(self, screen):
        self._screen = screen
        self._own = threading.local()
        self._lock = threading.Lock()

    def write(self, text):
        return self._stream().write(text)

    def flush(self):
        self._stream().flush()

    def fileno(self):
        """The file for the output of a process that the thread starts."""
        self.flush()
        return self._stream().fileno()

    def _stream(self):
        return getattr(self._own, "file", self._screen)

    @contextlib.contextmanager
    def kept(self):
        """Keep what this thread says, and show it at the end."""
        # Appended to: the processes that the thread starts write to it as well.
        with tempfile.TemporaryFile("a+", encoding="utf-8") as file:
            self._own.file = file
            try:
                yield
            finally:
                del self._own.file
                file.flush()
                file.seek(0)
                with self._lock:
                    self._screen.write(file.read())
                    self._screen.flush()
