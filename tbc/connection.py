"""What every call of one API integration needs: its token, and the way to the bank.

Source: https://developers.tbcbank.ge/docs/bis-authentication
"""

import time
from collections.abc import Callable, Hashable
from typing import TypeVar

from .auth import Clock, Credentials, Token, TokenCache, fetch_token
from .errors import (
    TbcAuthRefused,
    TbcBusy,
    TbcNoAnswer,
    TbcRefused,
    TbcUnreachable,
    TbcUnreadable,
    after_post,
)
from .transport import Query, Sender, Transport
from .wire import Json, JsonValue

Self = TypeVar("Self", bound="Connection")


class Connection:
    """One API integration's connection; a context manager, for one thread.

    :param base_url: ``PRODUCTION_URL``, ``SANDBOX_URL`` or a fake on loopback
    :param credentials: gives (client id, client secret); called when a token is asked
        for, and only then: nothing in here keeps them in clear
    :param timeout: seconds to connect, and as many for each answer as a whole
    :param tokens: shared with other clients, to share tokens with them
    :param token_key: hashable, names the integration in that cache, and its credentials
        of today: a wrong secret must not be served with the token of the right one
    :param sleep: waits between the tries of a read (injectable)
    :param clock: seconds that only grow, for the age of tokens (injectable)
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
        self._new_token(scope)

    def _get(self, scope: str, path: str, query: Query | None = None) -> JsonValue:
        """GET with a token; one the bank no longer takes is renewed, once."""
        token = self._token(scope)
        try:
            return self._get_with(token, path, query)
        except TbcAuthRefused as error:
            if error.status != 401:
                raise
        self._tokens.drop((self._token_key, scope), token)
        return self._get_with(self._token(scope), path, query)

    def _get_with(self, token: Token, path: str, query: Query | None) -> JsonValue:
        return self._transport.send("GET", path, auth=token, params=query, repeat=True)

    def _post_once(self, scope: str, path: str, payload: dict[str, Json]) -> JsonValue:
        """POST a JSON object, exactly once, with a token made for it.

        A token that has aged would be refused, and this call may not be repeated.

        :raise TbcUnreachable: also when there is no token to be had: nothing was sent
        :raise TbcNoAnswer: also for a refusal that is not the bank's own
        """
        token = self._token_of_post(scope)
        try:
            return self._transport.send(
                "POST", path, auth=token, repeat=False, json=payload
            )
        except (TbcAuthRefused, TbcBusy, TbcRefused) as error:
            refusal = after_post(error)
        raise refusal

    def _token_of_post(self, scope: str) -> Token:
        try:
            return self._new_token(scope)
        except (TbcNoAnswer, TbcUnreadable, TbcRefused) as error:
            unreached = TbcUnreachable(**vars(error))
        raise unreached

    def _new_token(self, scope: str) -> Token:
        self._tokens.drop((self._token_key, scope))
        return self._token(scope)

    def _token(self, scope: str) -> Token:
        def fetch() -> Token:
            return fetch_token(self._transport, self.__credentials, scope, self._clock)

        return self._tokens.get((self._token_key, scope), fetch, self._clock)
