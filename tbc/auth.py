"""The client-credentials grant, and tokens kept in memory only.

Source: https://developers.tbcbank.ge/docs/bis-authentication
"""

import base64
import re
import threading
from collections import defaultdict
from dataclasses import dataclass, field

from requests.auth import AuthBase

from . import wire
from .errors import TbcAuthRefused, TbcRefused, TbcUnreadable

SCOPE_ACCOUNTS = "bab_accounts"
SCOPE_TRANSFERS = "bab_transfers"
TOKEN_PATH = "/oauth/token"
# A token must still be good when a slow call reaches the bank, and clocks differ a
# little: the official client too stops using it 30 seconds early.
TOKEN_MARGIN = 30
# When the bank does not say how long, it is used for 30 seconds: same client.
UNTOLD_LIFETIME = TOKEN_MARGIN + 30


class ClientCredentials(AuthBase):
    """HTTP Basic for the token call; ``repr`` shows neither id nor secret.

    :raise ValueError: for what cannot travel in a Basic header
    """

    def __init__(self, client_id, client_secret):
        for value in (client_id, client_secret):
            if not isinstance(value, str) or not value or not value.isprintable():
                raise ValueError("client id and secret are printable text")
        if ":" in client_id:
            raise ValueError("a client id has no colon")
        pair = f"{client_id}:{client_secret}".encode()
        # The class-private name keeps it from the code of Odoo's server actions.
        self.__header = f"Basic {base64.b64encode(pair).decode()}"

    def __call__(self, request):
        request.headers["Authorization"] = self.__header
        return request


@dataclass(frozen=True, slots=True)
class Token(AuthBase):
    """A bearer token, and the moment of the client's clock to stop using it."""

    value: str = field(repr=False)
    fresh_until: float

    def __call__(self, request):
        request.headers["Authorization"] = f"Bearer {self.value}"
        return request


class TokenCache:
    """Tokens of any number of clients in this process; thread-safe.

    Concurrent fetches for one key are merged: the others wait and use its token.
    """

    def __init__(self):
        self._tokens = {}
        self._locks = defaultdict(threading.Lock)
        self._guard = threading.Lock()

    def __repr__(self):
        return f"<TokenCache of {len(self._tokens)}>"

    def get(self, key, fetch, clock):
        """The token under ``key`` if fresh by ``clock()``, else that of ``fetch()``."""
        with self._guard:
            lock = self._locks[key]
        with lock:
            token = self._tokens.get(key)
            if token is None or token.fresh_until <= clock():
                token = self._tokens[key] = fetch()
            return token

    def drop(self, key, token=None):
        """Forget the token under ``key``; with ``token``, only if it is still that one.

        A late 401 must not throw away what another thread has just fetched.
        """
        with self._guard:
            if token is None or self._tokens.get(key) is token:
                self._tokens.pop(key, None)


def fetch_token(transport, credentials, scope, clock):
    """Ask the bank for a ``Token`` of one scope.

    Its life counts from before the call. `issued_at` comes in several units on this
    gateway, and `token_type` has several names for Bearer: neither is needed.

    :raise TbcAuthRefused: for 400, 401, 403 whatever the body, and for a token
        without the scope; ``code`` is the OAuth word, such as `invalid_client`
    """
    asked_at = clock()
    form = {"grant_type": "client_credentials", "scope": scope}
    try:
        answer = transport.send(
            "POST", TOKEN_PATH, auth=credentials, repeat=True, form=form
        )
    except TbcRefused as error:
        if error.status != 400:
            raise
        raise TbcAuthRefused(**vars(error)) from None
    value = _usable(answer)
    granted = wire.text(answer.get("scope"))
    if granted and scope not in granted.split():
        raise TbcAuthRefused("the scope is not granted", code="invalid_scope")
    return Token(value, asked_at + _lifetime(answer) - TOKEN_MARGIN)


def _usable(answer):
    value = answer.get("access_token") if isinstance(answer, dict) else None
    # Visible ASCII only, or it could not go into a header.
    if not isinstance(value, str) or not re.fullmatch(r"[!-~]+", value):
        raise TbcUnreadable("the answer has no usable token", status=200)
    return value


def _lifetime(answer):
    lifetime = wire.optional(answer, "expires_in", wire.integer)
    return UNTOLD_LIFETIME if lifetime is None else lifetime
