"""What every call of one API integration needs: its token, and the way to the bank."""

import time
from collections.abc import Callable, Hashable, Mapping
from functools import partial
from typing import TypeAlias, TypeVar

from . import errors
from .auth import Clock, Credentials, Token, TokenCache, fetch_token
from .errors import TbcAuthRefused, TbcRefused
from .transport import Sender, Transport
from .wire import Json, JsonValue

Query: TypeAlias = Mapping[str, str | int]
Self = TypeVar("Self", bound="Connection")


class Connection:
    """One API integration's connection; a context manager, for one thread.

    :param base_url: ``PRODUCTION_URL``, ``SANDBOX_URL`` or a fake on loopback
    :param credentials: gives (client id, client secret); called when a token is asked
        for, and only then: nothing in here keeps them in clear
    :param timeout: seconds to connect, and as many for each answer as a whole
    :param tokens: shared with other clients, to share tokens with them
    :param token_key: names the integration in that cache, and its credentials of today:
        a wrong secret must not be served with the token of the right one
    :param clock: seconds that only grow, for the age of tokens
    :param transport: stands in for our own; it has its own URL, time-out and pauses
    """

    def __init__(
        self,
        base_url: str,
        credentials: Credentials,
        *,
        timeout: float = 30,
        tokens: TokenCache | None = None,
        token_key: Hashable = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Clock = time.monotonic,
        transport: Sender | None = None,
    ) -> None:
        # The class-private name keeps it from code that walks attributes.
        self.__credentials = credentials
        self._transport: Sender = transport or Transport(
            base_url, timeout=timeout, sleep=sleep
        )
        self._tokens = TokenCache() if tokens is None else tokens
        self._clock = clock
        self._token_key = (token_key, self._transport.base_url)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._transport.base_url}>"

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; the tokens stay in their cache."""
        self._transport.close()

    @property
    def last_trace_id(self) -> str | None:
        """The bank's trace id of the last answer, ``None`` if it gave none."""
        return self._transport.last_trace_id

    def check_scope(self, scope: str) -> None:
        """Fetch a new token of the scope; ``TbcAuthRefused`` if it is not granted."""
        self._token(scope, is_new=True)

    def _get(self, scope: str, path: str, query: Query | None = None) -> JsonValue:
        """GET with a token; one the bank no longer takes is renewed, once."""
        send = partial(self._transport.send, "GET", path, params=query, repeat=True)
        token = self._token(scope)
        try:
            return send(auth=token)
        except TbcAuthRefused as error:
            if error.status != 401:
                raise
        self._tokens.drop((self._token_key, scope), token)
        return send(auth=self._token(scope))

    def _post_once(self, scope: str, path: str, payload: dict[str, Json]) -> JsonValue:
        """POST a JSON object, exactly once, with a token made for it: an aged one would
        be refused. Without any nothing was sent.
        """
        send = self._transport.send
        try:
            token = self._token(scope, is_new=True)
        except (errors.TbcNoAnswer, errors.TbcUnreadable, TbcRefused) as error:
            trouble: errors.TbcError = errors.TbcUnreachable(**vars(error))
        else:
            try:
                return send("POST", path, auth=token, repeat=False, json=payload)
            except (TbcAuthRefused, errors.TbcBusy, TbcRefused) as error:
                trouble = errors.after_post(error)
        raise trouble

    def _token(self, scope: str, *, is_new: bool = False) -> Token:
        def fetch() -> Token:
            return fetch_token(self._transport, self.__credentials, scope, self._clock)

        key = self._token_key, scope
        if is_new:
            self._tokens.drop(key)
        return self._tokens.get(key, fetch, self._clock)
