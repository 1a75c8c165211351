"""The client-credentials grant, and tokens kept in memory only.

Source: https://developers.tbcbank.ge/docs/bis-authentication
"""

import base64
import re
import threading
from collections import defaultdict
from collections.abc import Callable, Hashable
from typing import TypeAlias

from requests import PreparedRequest

from . import wire
from .errors import TbcAuthRefused, TbcError, TbcRefused, TbcUnreadable
from .sealed import Sealed, opened
from .transport import Auth, Sender
from .wire import JsonObject

SCOPE_ACCOUNTS = "bab_accounts"
SCOPE_TRANSFERS = "bab_transfers"
TOKEN_PATH = "/oauth/token"
# A token must still be good when a slow call reaches the bank, and clocks differ a
# little: the official client too stops using it 30 seconds early.
TOKEN_MARGIN = 30
# When the bank does not say how long, it is used for 30 seconds: same client.
UNTOLD_LIFETIME = TOKEN_MARGIN + 30
# Gives (client id, client secret) of the moment.
Credentials: TypeAlias = Callable[[], tuple[str, str]]
Clock: TypeAlias = Callable[[], float]


def check_credentials(client_id: object, client_secret: object) -> None:
    """:raise ValueError: for what cannot travel in a Basic header"""
    fault = _fault(client_id, client_secret)
    # The frame of an error is kept with it.
    del client_id, client_secret
    if fault:
        raise ValueError(fault)


class BasicAuth(Auth):
    """HTTP Basic for one token call; ``hidden``: what of it no answer may show."""

    def __init__(self, client_id: str, client_secret: str) -> None:
        pair = base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()
        self.hidden = (Sealed(pair), Sealed(client_id), Sealed(client_secret))

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["Authorization"] = f"Basic {opened(self.hidden[0])}"
        return request


class Token(Auth):
    """A bearer token, and the moment of the client's clock to stop using it.

    ``hidden``: the token itself, and what it was granted for, sealed.
    """

    def __init__(
        self, value: str, fresh_until: float, hidden: tuple[Sealed, ...] = ()
    ) -> None:
        self.hidden = (Sealed(value), *hidden)
        self.fresh_until = fresh_until

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["Authorization"] = f"Bearer {opened(self.hidden[0])}"
        return request


class TokenCache:
    """Tokens of any number of clients in this process; thread-safe.

    Concurrent fetches for one key are merged: the others wait and use its token.
    """

    def __init__(self) -> None:
        self._tokens: dict[Hashable, Token] = {}
        self._locks: dict[Hashable, threading.Lock] = defaultdict(threading.Lock)
        self._guard = threading.Lock()

    def __repr__(self) -> str:
        return f"<TokenCache of {len(self._tokens)}>"

    def get(self, key: Hashable, fetch: Callable[[], Token], clock: Clock) -> Token:
        """The token under ``key`` if fresh by ``clock()``, else that of ``fetch()``."""
        with self._guard:
            lock = self._locks[key]
        with lock:
            token = self._tokens.get(key)
            if token is None or token.fresh_until <= clock():
                token = self._tokens[key] = fetch()
            return token

    def drop(self, key: Hashable, token: Token | None = None) -> None:
        """Forget the token under ``key``; with ``token``, only if it is still that one.

        A late 401 must not throw away what another thread has just fetched.
        """
        with self._guard:
            if token is None or self._tokens.get(key) is token:
                self._tokens.pop(key, None)


def fetch_token(
    transport: Sender, credentials: Credentials, scope: str, clock: Clock
) -> Token:
    """Ask the bank for a ``Token`` of one scope.

    Its life counts from before the call. `issued_at` comes in several units on this
    gateway, and `token_type` has several names for Bearer: neither is needed.

    :param credentials: called once
    :raise ValueError: for what cannot travel in a Basic header
    :raise TbcAuthRefused: for 400, 401, 403 whatever the body, and for a token
        without the scope; ``code`` is the OAuth word, such as `invalid_client`
    """
    basic = _basic_auth(credentials)
    asked_at = clock()
    found = _ask(transport, basic, scope)
    if isinstance(found, TbcError):
        raise found
    value, lifetime = found
    return Token(value, asked_at + lifetime - TOKEN_MARGIN, basic.hidden)


def _basic_auth(credentials: Credentials) -> BasicAuth:
    client_id, client_secret = credentials()
    fault = _fault(client_id, client_secret)
    basic = None if fault else BasicAuth(client_id, client_secret)
    del client_id, client_secret
    if not basic:
        raise ValueError(fault)
    return basic


def _fault(client_id: object, client_secret: object) -> str | None:
    for value in (client_id, client_secret):
        if not isinstance(value, str) or not value or not value.isprintable():
            return "client id and secret are printable text"
    return "a client id has no colon" if ":" in str(client_id) else None


def _ask(transport: Sender, basic: BasicAuth, scope: str) -> tuple[str, int] | TbcError:
    """(token, its life in seconds), or the error that it is.

    Returned, as what is raised would lead to this frame, which has the token.
    """
    form = {"grant_type": "client_credentials", "scope": scope}
    try:
        answer = transport.send("POST", TOKEN_PATH, auth=basic, repeat=True, form=form)
    except TbcRefused as error:
        return TbcAuthRefused(**vars(error)) if error.status == 400 else error
    granted = wire.json_object(answer)
    value = granted.get("access_token")
    # Visible ASCII only, or it could not go into a header.
    if not isinstance(value, str) or not re.fullmatch(r"[!-~]+", value):
        return TbcUnreadable("the answer has no usable token", status=200)
    scopes = wire.text(granted.get("scope"))
    if scopes and scope not in scopes.split():
        return TbcAuthRefused("the scope is not granted", code="invalid_scope")
    return value, _lifetime(granted)


def _lifetime(answer: JsonObject) -> int:
    lifetime = wire.optional(answer, "expires_in", wire.integer)
    return UNTOLD_LIFETIME if lifetime is None else lifetime
