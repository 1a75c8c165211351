"""The client-credentials grant, and tokens kept in memory only.

Source: https://developers.tbcbank.ge/docs/bis-authentication
"""

import base64
import re
import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import TypeAlias

from . import wire
from .errors import TbcAuthRefused, TbcError, TbcRefused, TbcUnreadable
from .sealed import Sealed
from .transport import Auth, Sender

SCOPE_ACCOUNTS = "bab_accounts"
SCOPE_TRANSFERS = "bab_transfers"
TOKEN_PATH = "/oauth/token"
# Seconds. A token must still be good when a slow call reaches the bank: the official
# client stops using it so early, too, and one of an untold life after as long again.
TOKEN_MARGIN = 30
UNTOLD_LIFETIME = TOKEN_MARGIN + 30
# What members of the answer are called; anything else may be a token.
_NAME = re.compile("[a-z]+(_[a-z]+)*|[a-z]+([A-Z][a-z]+){1,3}", re.ASCII)
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
        super().__init__("Basic", *map(Sealed, (pair, client_id, client_secret)))


@dataclass(frozen=True, slots=True)
class Grant:
    """What comes with a token: its life in seconds (``None``: not told), its type, and
    the bank's members but the token: their names, and the types of their values.
    """

    lifetime: int | None = None
    token_type: str | None = None
    members: dict[str, str] = field(default_factory=dict)


class Token(Auth):
    """A bearer token, and the moment of the client's clock to stop using it."""

    def __init__(
        self,
        value: str,
        fresh_until: float,
        *granted_for: Sealed,
        grant: Grant | None = None,
    ) -> None:
        # No later answer may show the credentials either.
        super().__init__("Bearer", Sealed(value), *granted_for)
        self.fresh_until, self.grant = fresh_until, grant or Grant()


class TokenCache:
    """Tokens of any number of clients in this process; thread-safe.

    Of several that want one at a time, one asks; the others wait and use its token.
    """

    def __init__(self) -> None:
        self._tokens: dict[Hashable, Token] = {}
        self._locks: dict[Hashable, threading.Lock] = {}

    def __repr__(self) -> str:
        return f"<TokenCache of {len(self._tokens)}>"

    def get(self, key: Hashable, fetch: Callable[[], Token], clock: Clock) -> Token:
        """The token under ``key`` if fresh by ``clock()``, else that of ``fetch()``."""
        with self._locks.setdefault(key, threading.Lock()):
            token = self._tokens.get(key)
            if token is None or token.fresh_until <= clock():
                token = self._tokens[key] = fetch()
            return token

    def drop(self, key: Hashable, token: Token | None = None) -> None:
        """Forget the token under ``key``; with ``token``, only if it is still that one.

        A late 401 must not throw away what another thread has just fetched.
        """
        if token is None or self._tokens.get(key) is token:
            self._tokens.pop(key, None)


def fetch_token(
    transport: Sender, credentials: Credentials, scope: str, clock: Clock
) -> Token:
    """Ask the bank for a ``Token`` of one scope; its life counts from before the call.

    Not needed: `issued_at`, of several units, and `token_type`, of several names.
    """
    basic = _basic_auth(credentials)
    asked_at = clock()
    found = _ask(transport, basic, scope)
    if isinstance(found, TbcError):
        raise found
    value, grant = found
    lifetime = UNTOLD_LIFETIME if grant.lifetime is None else grant.lifetime
    until = asked_at + lifetime - TOKEN_MARGIN
    return Token(value, until, *basic.hidden, grant=grant)


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


def _ask(
    transport: Sender, basic: BasicAuth, scope: str
) -> tuple[str, Grant] | TbcError:
    """(token, what comes with it), or the error that it is: what is raised would lead
    to this frame, which has the token.
    """
    form = {"grant_type": "client_credentials", "scope": scope}
    try:
        answer = transport.send("POST", TOKEN_PATH, auth=basic, repeat=True, data=form)
    except TbcRefused as error:
        return TbcAuthRefused(**vars(error)) if error.status == 400 else error
    return _granted(wire.json_object(answer), scope)


def _granted(answer: wire.JsonObject, scope: str) -> tuple[str, Grant] | TbcError:
    value = answer.get("access_token")
    # Visible ASCII only, or it could not go into a header.
    if not isinstance(value, str) or not re.fullmatch(r"[!-~]+", value):
        told = {n: wire.json_type(v) for n, v in answer.items() if _NAME.fullmatch(n)}
        reason = "the answer has no usable token"
        return TbcUnreadable(reason, status=200, members=told)
    scopes = wire.text(answer.get("scope"))
    if scopes and scope not in scopes.split():
        return TbcAuthRefused("the scope is not granted", code="invalid_scope")
    return value, _grant(answer)


def _grant(granted: wire.JsonObject) -> Grant:
    word = wire.text(granted.get("token_type"))
    return Grant(
        lifetime=wire.optional(granted, "expires_in", wire.integer),
        # Any longer text is no type, and may be anything.
        token_type=word if word and re.fullmatch(r"[A-Za-z]{1,20}", word) else None,
        members={name: wire.json_type(one) for name, one in granted.items()},
    )
