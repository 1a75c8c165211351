"""A client that keeps what it was answered, and leaves the bank time in between."""

import datetime
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .. import errors, wire
from ..auth import SCOPE_ACCOUNTS, SCOPE_TRANSFERS, Grant
from ..client import ACCOUNTS_PATH, LARGEST_PAGE, TRANSFERS_PATH, TbcClient
from ..connection import Query
from ..errors import TbcError
from ..sealed import Sealed
from ..transport import Auth
from ..wire import Json, JsonObject, JsonValue
from .subject import Period, Subject

# Seconds between two questions.
PAUSE = 0.5
# After these nothing else is asked.
_ENDS = (errors.TbcUnreachable, errors.TbcBusy)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of one question: a JSON value, or the error in its place."""

    endpoint: str
    value: JsonValue = field(default=None, repr=False)
    error: TbcError | None = None
    seconds: float
    trace_id: str | None = None

    @property
    def said(self) -> JsonObject:
        """The members of the answer, none where it is an error."""
        return wire.json_object(self.value)

    @property
    def rows(self) -> list[JsonValue]:
        """The movements of a list."""
        found = self.said.get("transactions")
        return found if isinstance(found, list) else []

    @property
    def ids(self) -> list[str]:
        """What the movements of a list are called."""
        return [str(wire.json_object(one).get("movementId")) for one in self.rows]

    @property
    def is_refused(self) -> bool:
        """Whether the bank takes the question for a wrong one."""
        return bool(self.error and self.error.status == 400)

    @property
    def total(self) -> int | None:
        """How many movements a list says that there are."""
        return wire.optional(self.said, "total", wire.integer)


class Probe(TbcClient):
    """The bank's client, for a check. ``answers`` are those since the last ``taken``."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        # Whether the bank takes days only as moments.
        self.is_moment_form = False
        self._answers: list[Answer] = []

    def taken(self) -> list[Answer]:
        """The answers so far; from now on others are kept."""
        answers, self._answers = self._answers, []
        return answers

    def grant(self, scope: str) -> Grant | TbcError:
        """What comes with a token of the scope, or why there is none."""
        time.sleep(PAUSE)
        try:
            return self._token(scope, is_new=True).grant
        except _ENDS:
            raise
        except TbcError as error:
            self._keep("token", None, error, time.monotonic())
            return error

    def ask(self, endpoint: str, path: str, query: Query | None = None) -> Answer:
        """The ``Answer`` to a question about accounts.

        :raise TbcError: the bank is away or asks for fewer requests, or gives no token
        """
        return self._look(SCOPE_ACCOUNTS, endpoint, f"{ACCOUNTS_PATH}{path}", query)

    def ask_transfers(self, endpoint: str, path: str) -> Answer:
        """Ask about transfers; return the ``Answer``, as :meth:`ask` does of accounts."""
        return self._look(SCOPE_TRANSFERS, endpoint, f"{TRANSFERS_PATH}{path}", None)

    def ask_list(
        self,
        account: dict[str, str],
        period: Period,
        index: int = 0,
        size: int = LARGEST_PAGE,
    ) -> Answer:
        """A page of the list of movements."""
        paging: dict[str, str | int] = {"PageIndex": index, "PageSize": size}
        query = {**account, **self.period(*period), **paging}
        return self.ask("movements", "/movements", query)

    def ask_sums(self, account: dict[str, str], period: Period) -> Answer:
        """The totals of a period."""
        query = {**account, **self.period(*period)}
        return self.ask("statements", "/statements", query)

    def ask_balance(self, subject: Subject) -> Answer:
        """The balance of the account."""
        path = f"/{subject.iban}/balances/{subject.currency}"
        return self.ask("balances", path)

    def ask_with_bad_token(self) -> Answer:
        """What the bank says to a token that it has not given."""
        return self._timed("movements", self._bad_token)

    def send(self, kind: str, payload: dict[str, Json]) -> Answer:
        """POST transfer orders, once: in the sandbox, which moves no money."""

        def post() -> JsonValue:
            path = f"{TRANSFERS_PATH}/{kind}"
            return self._post_once(SCOPE_TRANSFERS, path, payload)

        return self._timed(f"import_{kind}", post)

    def period(self, first: datetime.date, last: datetime.date) -> dict[str, str]:
        """Parameters of a period, in the form that this bank takes."""
        ends = ("T00:00:00", "T23:59:59") if self.is_moment_form else ("", "")
        return {"PeriodFrom": f"{first}{ends[0]}", "PeriodTo": f"{last}{ends[1]}"}

    def _bad_token(self) -> JsonValue:
        auth = Auth("Bearer", Sealed("no-token-of-this-bank"))
        path, query = f"{ACCOUNTS_PATH}/movements", {"PageSize": 1}
        send = self._transport.send
        return send("GET", path, auth=auth, repeat=False, params=query)

    def _look(
        self, scope: str, endpoint: str, path: str, query: Query | None
    ) -> Answer:
        # Its time is not the question's.
        self._token(scope)
        return self._timed(endpoint, lambda: self._get(scope, path, query))

    def _timed(self, endpoint: str, question: Callable[[], JsonValue]) -> Answer:
        time.sleep(PAUSE)
        value: JsonValue = None
        found: TbcError | None = None
        started = time.monotonic()
        try:
            value = question()
        except _ENDS:
            raise
        except TbcError as error:
            found = error
        return self._keep(endpoint, value, found, started)

    def _keep(
        self, endpoint: str, value: JsonValue, error: TbcError | None, started: float
    ) -> Answer:
        answer = Answer(
            endpoint=endpoint,
            value=value,
            error=error,
            seconds=time.monotonic() - started,
            trace_id=(error.trace_id if error else None) or self.last_trace_id,
        )
        self._answers.append(answer)
        return answer
