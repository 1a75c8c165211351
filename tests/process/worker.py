"""Odoo processes that do what the tests tell them.

``worker.py CONF DATABASE DOOR [rehearsed]``, see ``rehearsal.py`` for the last.

This process loads the registry once and then forks the workers, as Odoo's own server
does with its own. Whoever hires one sends a byte through the socket DOOR, with two file
descriptors: the line that the worker shall talk over, and its log. The answer is the
worker's process id.

Each message on a line is a line of JSON: ``do`` names one of the :class:`AnyWork`
methods, ``settings`` tell where the bank is, the rest are the method's arguments. So is
each answer: ``{"result": …}``, or ``{"error": sentence, "kind": class, "traceback":
…}``.
"""

import contextlib
import json
import os
import random
import signal
import socket
import sys
import time
import traceback
from datetime import datetime, timedelta, timezone
from unittest.mock import patch

from books_work import BooksWork
from matching_work import MatchingWork
from module_work import ModuleWork
from reading_work import ReadingWork
from rehearsal import rehearse
from server_work import ServerWork
from settle_work import SettleWork
from transfer_work import TransferWork

from odoo import sql_db
from odoo.fields import Datetime
from odoo.modules.registry import Registry
from odoo.service.server import load_server_wide_modules
from odoo.tools import config

READ = "odoo.addons.account_tbc_bank.services.statements.read"
SERVICES = "odoo.addons.account_tbc_bank.services"
TRANSPORT = "odoo.addons.account_tbc_bank.tbc.transport"


class AnyWork(
    BooksWork,
    MatchingWork,
    ModuleWork,
    ReadingWork,
    ServerWork,
    SettleWork,
    TransferWork,
):
    """Everything that a worker can do."""


class Line:
    """What a worker hears and says."""

    def __init__(self, line):
        self._in = line.makefile("r", encoding="utf-8")
        self._out = line.makefile("w", encoding="utf-8")

    def say(self, **answer):
        """Write one answer."""
        self._out.write(json.dumps(answer, default=str) + "\n")
        self._out.flush()

    def hear(self):
        """Wait for the next message; empty at the end."""
        return self._in.readline()


def main(conf, database, door, *rehearsed):
    """Load the database's registry, then fork workers until the door closes."""
    config.parse_config(["-c", conf, "-d", database], setup_logging=True)
    load_server_wide_modules()
    registry = Registry(database)
    if rehearsed:
        rehearse(AnyWork(registry, None))
    # Nobody waits for the workers: the kernel sees them off.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(fileno=int(door)) as door:
        while True:
            _message, given, _flags, _address = socket.recv_fds(door, 1, 2)
            if not given:
                return
            # A connection must not be shared between two processes.
            sql_db.close_all()
            pid = os.fork()
            if not pid:
                door.close()
                be_a_worker(registry, *given)
            for descriptor in given:
                os.close(descriptor)
            door.sendall(str(pid).encode())


def be_a_worker(registry, line, log):
    """Work until the line is closed; never return."""
    try:
        os.dup2(log, 1)
        os.dup2(log, 2)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        # Two workers must not wait equally long when they meet.
        random.seed()
        # Its connections bear the process id, by which PostgreSQL tells them apart.
        registry._db = sql_db.db_connect(registry.db_name)
        with socket.socket(fileno=line) as connection:
            work_on(AnyWork(registry, Line(connection)))
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(0)


def work_on(work):
    """Do one piece of work after the other."""
    while message := work.line.hear():
        order = json.loads(message)
        try:
            with settings(**order.pop("settings")):
                work.line.say(result=getattr(work, order.pop("do"))(**order))
        except Exception as error:
            work.let_go()
            work.line.say(
                error=str(error),
                kind=type(error).__name__,
                traceback=traceback.format_exc(),
            )


@contextlib.contextmanager
def settings(
    variables,
    now,
    page_size,
    data_dir=None,
    pauses=None,
    one_clock=False,
    goes_on=False,
):
    """What differs from test to test.

    :param variables: environment variables
    :param now: the bank's moment
    :param page_size: movements on one page
    :param data_dir: Odoo's folder, if not that of its configuration
    :param pauses: seconds before a read is tried again
    :param one_clock: whether the bank's moment is Odoo's too
    :param goes_on: whether time goes on from the bank's moment
    """
    moment, begun = datetime.fromisoformat(now), time.monotonic()

    def georgian_now():
        passed = time.monotonic() - begun if goes_on else 0
        return moment + timedelta(seconds=passed)

    os.environ.pop("TBC_BIS_ENCRYPTION_KEY", None)
    os.environ.update(variables)
    folder = {"data_dir": data_dir or config["data_dir"]}
    with contextlib.ExitStack() as stack:
        for name, value in (
            (f"{SERVICES}.clock.georgian_now", georgian_now),
            (f"{READ}.PAGE_SIZE", page_size),
            (f"{SERVICES}.sealing.config", folder),
        ):
            stack.enter_context(patch(name, value))
        if pauses:
            stack.enter_context(patch(f"{TRANSPORT}.PAUSES", pauses))
        if one_clock:
            naive = moment.astimezone(timezone.utc).replace(tzinfo=None)
            now = staticmethod(lambda *_args: naive)
            stack.enter_context(patch.object(Datetime, "now", now))
        yield


if __name__ == "__main__":
    main(*sys.argv[1:])
