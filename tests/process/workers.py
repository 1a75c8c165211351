"""Worker processes: how they are hired, heard and killed."""

import atexit
import contextlib
import functools
import json
import os
import queue
import signal
import socket
import subprocess
import tempfile
import threading
from pathlib import Path

# The least patience that a slow, busy machine needs.
PATIENCE = 60

_started = []


class Refused(Exception):
    """A worker's work ended with an exception; ``kind`` is its class."""

    def __init__(self, answer):
        super().__init__(
            f"{answer['error']}\nIn the worker:\n{answer['traceback'][-2500:]}"
        )
        self.kind, self.sentence = answer["kind"], answer["error"]


class Agency:
    """The process that has Odoo loaded and forks the workers (``worker.py``).

    :param database: the tests' one, if it is not named; that has a rehearsal
    :param version: an :class:`.earlier.Earlier` whose code and workers are taken
    """

    def __init__(self, database=None, version=None):
        conf = version.conf if version else os.environ["TBC_TEST_CONF"]
        worker = version.worker if version else Path(__file__).with_name("worker.py")
        self._log = _new_log()
        self._door, theirs = socket.socketpair()
        self._door.settimeout(PATIENCE)
        with theirs:
            self.process = subprocess.Popen(
                [
                    os.environ["TBC_TEST_PYTHON"],
                    worker,
                    conf,
                    database or os.environ["TBC_TEST_DB"],
                    str(theirs.fileno()),
                    *([] if database else ["rehearsed"]),
                ],
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=self._log,
                pass_fds=[theirs.fileno()],
                env=version.environ() if version else None,
            )
        atexit.register(self.close)

    def hire(self, line, log):
        """Fork a worker that talks over the socket ``line``; return its process id."""
        with contextlib.suppress(OSError):
            socket.send_fds(self._door, [b"!"], [line.fileno(), log.fileno()])
            if answer := self._door.recv(20):
                return int(answer)
        raise EOFError(f"Odoo does not start; its log:\n{_text(self._log)[-3000:]}")

    def close(self):
        """End it."""
        self._door.close()
        self.process.wait(PATIENCE)
        self._log.close()


@functools.cache
def agency():
    """The one agency of this run."""
    return Agency()


class Worker:
    """One worker process.

    :param office: the :class:`Agency`, if it is not the one of this run
    """

    def __init__(self, office=None):
        # Open as long as the worker lives.
        self.log = _new_log()
        self._line, theirs = socket.socketpair()
        with theirs:
            self.pid = (office or agency()).hire(theirs, self.log)
        self._answers = queue.Queue()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        self._owed = 0
        _started.append(self)

    def _listen(self):
        # Reset: it was killed before it read all.
        with (
            contextlib.suppress(ConnectionResetError),
            self._line.makefile() as answers,
        ):
            for line in answers:
                self._answers.put(json.loads(line))
        self._answers.put(None)

    def send(self, order):
        """Hand over one order (a dict; ``None``: an empty line), and go on at once."""
        self._owed += 1
        line = "" if order is None else json.dumps(order, default=str)
        with contextlib.suppress(BrokenPipeError):  # the answer will tell
            self._line.sendall(f"{line}\n".encode())

    def answer(self, patience=PATIENCE):
        """Wait for the answer; return its result.
        :raise Refused: the work raised. :raise EOFError: the process is dead.
        """
        answer = self._answers.get(timeout=patience)
        self._owed -= 1
        if answer is None:
            raise EOFError(f"the worker is dead; its log:\n{self.log_text()[-3000:]}")
        if "error" in answer:
            raise Refused(answer)
        return answer.get("result", answer.get("event"))

    @property
    def is_alive(self):
        """Whether the process lives: its line closes when it dies."""
        return self._listener.is_alive()

    @property
    def is_working(self):
        """Whether the answer is still to come."""
        return self._answers.empty() and self.is_alive

    @property
    def is_idle(self):
        """Whether it lives and has given all its answers."""
        return self.is_alive and not self._owed

    def kill(self):
        """``kill -9``."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        self.wait_for_death()

    def dismiss(self):
        """Let it end when its work is done."""
        with contextlib.suppress(OSError):  # it is dead
            self._line.shutdown(socket.SHUT_WR)

    def wait_for_death(self, patience=PATIENCE):
        """See the process off.
        :raise TimeoutError: it lives on.
        """
        self._listener.join(patience)
        if self.is_alive:
            raise TimeoutError(f"the worker {self.pid} lives on")
        self.dismiss()

    def log_text(self):
        """All that Odoo logged in it."""
        return _text(self.log)


def _new_log():
    # A file to which processes append does not care where another one reads.
    return tempfile.TemporaryFile("a+", encoding="utf-8")


def _text(log):
    log.flush()
    log.seek(0)
    return log.read()


@atexit.register
def _send_home():
    for worker in _started:
        worker.dismiss()
    for worker in _started:
        try:
            worker.wait_for_death(10)
        except TimeoutError:
            worker.kill()
        worker.log.close()
