"""The fake bank itself: what a test builds, starts, changes, questions and stops."""

import copy
import datetime as dt
import threading
from dataclasses import replace

from . import documented, generator
from . import strange as oddities
from .clock import TBILISI, Clock
from .faults import Fault, Faults
from .order_book import OrderBook
from .routes import NAMES
from .server import Server
from .signing import Signing
from .tokens import USER_STATES, Client, Tokens

FAKE_CLIENT_ID = "fake-client-id"
FAKE_CLIENT_SECRET = "fake-client-secret"


class FakeBank(Signing):
    """TBC's Business Integration Services on 127.0.0.1: token, accounts and transfers.

    ``ledger`` holds the accounts, ``transfers`` the orders (:class:`.OrderBook`).

    :param str mode: ``ledger``, a consistent bank from a seed; ``documented``, the
        bank's own sandbox scenarios, which has its own books and ignores ``books``.
    :param date until: last day of the books (default: today at the bank).
    :param datetime now: frozen clock; without it real time, but never before the end
        of ``until``.
    :param float token_lifetime: seconds.
    :param int port: 0 for a free one.
    :param bool verbose: a line for each request on stderr.
    :param strange: names of assumptions that do not hold here, see :mod:`.strange`;
        ``strange`` is a set of them, which a test may change.
    :param books: ``seed``, ``accounts``, ``currencies``, ``days``, ``per_day``,
        ``openings``, ``overdrafts``, ``company``: see :func:`.generator.make_ledger`.
    """

    def __init__(
        self,
        mode="ledger",
        *,
        until=None,
        now=None,
        port=0,
        verbose=False,
        client_id=FAKE_CLIENT_ID,
        client_secret=FAKE_CLIENT_SECRET,
        token_lifetime=3600,
        strange=(),
        **books,
    ):
        self.mode, self.port, self.verbose = mode, port, verbose
        self.strange = oddities.check_names(strange)
        self.lock = threading.RLock()
        self.faults = Faults(self.lock)
        self.records = []
        self.tokens = Tokens(token_lifetime)
        self._default = self.add_client(client_id, client_secret)
        self._stopping, self._server = threading.Event(), None
        self._open_books(until, now, books)

    def _open_books(self, until, now, books):
        if self.mode == "documented":
            self.clock = Clock(now, not_before=_end_of(documented.LAST_DAY))
            self.scenarios = documented.Scenarios()
            self.ledger = documented.make_ledger(self.clock, self.lock)
        elif self.mode == "ledger":
            self.clock = Clock(now, not_before=_end_of(until))
            self.scenarios = None
            self.ledger = generator.make_ledger(
                self.clock, self.lock, until=until or self.now.date(), **books
            )
        else:
            raise ValueError(f"no such mode: {self.mode}")
        self.transfers = OrderBook(self.ledger, self.clock, bool(self.scenarios))

    # --- running ----------------------------------------------------------------------

    def start(self):
        """Listen, in a thread of its own. Returns the bank."""
        self._stopping.clear()
        self._server = Server(self, self.port)
        self.port = self._server.server_port
        return self

    def stop(self):
        """Stop listening, wake the answers that wait, close the connections. Harmless
        when not started.
        """
        server, self._server = self._server, None
        if server:
            self._stopping.set()
            server.end()

    def twin(self):
        """Return another bank with the same past, which goes its own way from here and
        is not started.
        """
        twin = object.__new__(type(self))
        fresh = {
            id(self): twin,
            id(self.lock): threading.RLock(),
            id(self._stopping): threading.Event(),
        }
        own = {**vars(self), "port": 0, "_server": None}
        with self.lock:
            vars(twin).update(copy.deepcopy(own, fresh))
        return twin

    def __enter__(self):
        return self.start()

    def __exit__(self, *_exception):
        self.stop()

    @property
    def url(self):
        """``http://127.0.0.1:PORT``, to be used in place of the bank's base URL."""
        return f"http://127.0.0.1:{self.port}"

    def wait(self, seconds):
        """Sleep, but no longer than the bank runs."""
        self._stopping.wait(seconds)

    # --- clients, user, clock ---------------------------------------------------------

    def add_client(
        self,
        client_id,
        client_secret,
        permissions=("statements", "transfers"),
        accounts=None,
    ):
        """Register one more API integration, which sees all accounts or those given.
        Returns the :class:`Client`, whose ``permissions`` and ``user_state`` can be
        set.
        """
        client = Client(client_id, client_secret, set(permissions), accounts=accounts)
        self.tokens.clients[client_id] = client
        return client

    def revoke(self, client_id):
        """Remove an integration: its secret and its tokens are no good any more."""
        with self.lock:
            self.tokens.expire(self.tokens.clients.pop(client_id))

    def expire_tokens(self):
        """End every token that was granted."""
        with self.lock:
            self.tokens.expire()

    @property
    def user_state(self):
        """State of the default client's user: ``active``, ``not_active``, ``blocked``
        or ``deleted``.
        """
        return self._default.user_state

    @user_state.setter
    def user_state(self, state):
        if state not in USER_STATES:
            raise ValueError(f"no such state: {state}")
        self._default.user_state = state

    @property
    def permissions(self):
        """What the default client may do: a subset of {"statements", "transfers"}."""
        return self._default.permissions

    @permissions.setter
    def permissions(self, permissions):
        self._default.permissions = set(permissions)

    @property
    def token_lifetime(self):
        """Seconds that the next tokens live."""
        return self.tokens.lifetime

    @token_lifetime.setter
    def token_lifetime(self, seconds):
        self.tokens.lifetime = seconds

    @property
    def now(self):
        """The bank's present moment (aware, UTC+4). Set it to freeze time, or to
        ``None`` for real time.
        """
        return self.clock.now

    @now.setter
    def now(self, moment):
        self.clock.now = moment

    # --- faults and records -----------------------------------------------------------

    def add_fault(self, name, *, on="any", times=1, after=0, **options):
        """Order a fault (names and options: :mod:`.misbehaviour`) for ``times`` requests
        (``None``: until cleared) to the route ``on``, once ``after`` of them have been
        answered well.
        """
        if on not in (*NAMES, "any"):
            raise ValueError(f"no such route: {on}; there are {', '.join(NAMES)}, any")
        self.faults.add(
            Fault(name=str(name), on=on, times=times, after=after, options=options)
        )

    def clear_faults(self):
        """Behave again."""
        self.faults.clear()

    @property
    def requests(self):
        """List of :class:`RecordedRequest`, copies, in order of arrival; control calls
        are not among them.
        """
        with self.lock:
            return [replace(record) for record in self.records]

    def requests_to(self, name):
        """Those to one route: ``token``, ``movements``, ``import_single``… (all:
        ``routes.NAMES``).
        """
        return [record for record in self.requests if record.name == name]

    def forget_requests(self):
        """Start recording afresh."""
        with self.lock:
            self.records.clear()


def _end_of(day):
    return day and dt.datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=TBILISI)
