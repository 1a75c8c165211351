"""The client-credentials grant, and tokens kept in memory only.

Source: https://developers.tbcbank.ge/docs/bis-authentication
"""

import base64
import re
import threading
from collections import defaultdict

from requests.auth import AuthBase

from . import wire
from .errors import TbcAuthRefused, TbcError, TbcRefused, TbcUnreadable
from .sealed import Sealed, opened

SCOPE_ACCOUNTS = "bab_accounts"
SCOPE_TRANSFERS = "bab_transfers"
TOKEN_PATH = "/oauth/token"
# A token must still be good when a slow call reaches the bank, and clocks differ a
# little: the official client too stops using it 30 seconds early.
TOKEN_MARGIN = 30
# When the bank does not say how long, it is used for 30 seconds: same client.
UNTOLD_LIFETIME = TOKEN_MARGIN + 30


def check_credentials(client_id, client_secret):
    """:raise ValueError: for what cannot travel in a Basic header"""
    fault = _fault(client_id, client_secret)
    # The frame of an error is kept with it.
    del client_id, client_secret
    if fault:
        raise ValueError(fault)


class BasicAuth(AuthBase):
    """HTTP Basic for one token call; ``hidden``: what of it no answer may show."""

    def __init__(self, client_id, client_secret):
        pair = base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()
        self.hidden = (Sealed(pair), Sealed(client_id), Sealed(client_secret))

    def __call__(self, request):
        request.headers["Authorization"] = f"Basic {opened(self.hidden[0])}"
        return request


class Token(AuthBase):
    """A bearer token, and the moment of the client's clock to stop using it.

    ``hidden``: the token itself, and what it was granted for, sealed.
    """

    def __init__(self, value, fresh_until, hidden=()):
        self.hidden = (Sealed(value), *hidden)
        self.fresh_until = fresh_until

    def __call__(self, request):
        request.headers["Authorization"] = f"Bearer {opened(self.hidden[0])}"
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

    :param credentials: called once, gives (client id, client secret)
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


def _basic_auth(credentials):
    client_id, client_secret = credentials()
    fault = _fault(client_id, client_secret)
    basic = None if fault else BasicAuth(client_id, client_secret)
    del client_id, client_secret
    if fault:
        raise ValueError(fault)
    return basic


def _fault(client_id, client_secret):
    for value in (client_id, client_secret):
        if not isinstance(value, str) or not value or not value.isprintable():
            return "client id and secret are printable text"
    return "a client id has no colon" if ":" in client_id else None


def _ask(transport, basic, scope):
    """(token, its life in seconds), or the error that it is.

    Returned, as what is raised would lead to this frame, which has the token.
    """
    form = {"grant_type": "client_credentials", "scope": scope}
    try:
        answer = transport.send("POST", TOKEN_PATH, auth=basic, repeat=True, form=form)
    except TbcRefused as error:
        return TbcAuthRefused(**vars(error)) if error.status == 400 else error
    value = answer.get("access_token") if isinstance(answer, dict) else None
    # Visible ASCII only, or it could not go into a header.
    if not isinstance(value, str) or not re.fullmatch(r"[!-~]+", value):
        return TbcUnreadable("the answer has no usable token", status=200)
    granted = wire.text(answer.get("scope"))
    if granted and scope not in granted.split():
        return TbcAuthRefused("the scope is not granted", code="invalid_scope")
    return value, _lifetime(answer)


def _lifetime(answer):
    lifetime = wire.optional(answer, "expires_in", wire.integer)
    return UNTOLD_LIFETIME if lifetime is None else lifetime
