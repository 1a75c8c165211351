"""Clients (API integrations) and their tokens. Bank's page: bis-authentication.

Tokens live in real time, not by the bank's clock: moving the clock by weeks must not
sign anybody out.
"""

import base64
import binascii
import secrets
import time
from dataclasses import dataclass, field

from .errors import Refusal, grant_error, problem
from .exchange import FORM, Reply

# scope → the permission of the API integration that it needs
SCOPES = {"bab_accounts": "statements", "bab_transfers": "transfers"}
USER_STATES = {
    "active": None,
    "not_active": "USER_IS_NOT_ACTIVE",
    "blocked": "USER_IS_BLOCKED",
    "deleted": "USER_IS_DELETED",
}


@dataclass(slots=True, eq=False)
class Client:
    """One API integration. ``permissions`` ⊆ {"statements", "transfers"};
    ``user_state``: a key of ``USER_STATES``; ``accounts``: the (IBAN, currency) pairs
    it may see, ``None`` for all.
    """

    client_id: str
    client_secret: str = field(repr=False)
    permissions: set = field(default_factory=lambda: {"statements", "transfers"})
    user_state: str = "active"
    accounts: list | None = None

    def sees(self, account):
        """Whether it may see, and debit, the (IBAN, currency)."""
        return self.accounts is None or account in self.accounts

    def check_user(self, permission):
        """:raise Refusal: USER_IS_… or NOT_AUTHORIZED, when the linked user or the
        permission does not allow it.
        """
        title = USER_STATES[self.user_state]
        if title:
            raise Refusal(problem(title))
        if permission not in self.permissions:
            raise Refusal(problem("NOT_AUTHORIZED"))


@dataclass(slots=True, repr=False)
class Token:
    """A granted token: whose, for which scopes (text), and until when (monotonic
    seconds).
    """

    client: Client
    scope: str
    ends: float


class Tokens:
    """The tokens in force. ``lifetime``: seconds, announced as ``expires_in`` and kept
    to.
    """

    def __init__(self, lifetime):
        self.lifetime = lifetime
        self.clients = {}
        self._granted = {}

    def grant(self, call):
        """``POST /oauth/token``: Basic authentication, form body with ``grant_type``
        and ``scope``.
        """
        client = self._authenticate(call.headers.get("authorization", ""))
        scope = _granted_scope(client, call)
        text = secrets.token_urlsafe(32)
        self._granted[text] = Token(client, scope, time.monotonic() + self.lifetime)
        return Reply(
            value={
                "access_token": text,
                "token_type": "Bearer",
                "scope": scope,
                "issued_at": int(time.time()),
                "expires_in": int(self.lifetime),
            }
        )

    def find(self, call):
        """The :class:`Token` in force that a call carries, or ``None``."""
        scheme, _space, text = call.headers.get("authorization", "").partition(" ")
        token = self._granted.get(text.strip()) if scheme.lower() == "bearer" else None
        return token if token and time.monotonic() < token.ends else None

    def expire(self, client=None):
        """End all tokens, or those of one client."""
        self._granted = {
            text: token
            for text, token in self._granted.items()
            if client is not None and token.client is not client
        }

    def is_secret(self, text):
        """Whether the text is a token or a secret of ours, which no record may hold."""
        return text in self._granted or any(
            text == one.client_secret for one in self.clients.values()
        )

    def _authenticate(self, header):
        scheme, _space, coded = header.partition(" ")
        try:
            pair = (
                base64.b64decode(coded, validate=True).decode()
                if scheme.lower() == "basic"
                else ""
            )
        except (binascii.Error, UnicodeDecodeError):
            pair = ""
        client_id, _colon, secret = pair.partition(":")
        client = self.clients.get(client_id)
        if client is None or not secrets.compare_digest(
            client.client_secret.encode(), secret.encode()
        ):
            raise Refusal(
                grant_error(401, "invalid_client", "client authentication failed")
            )
        return client


def _granted_scope(client, call):
    form = call.form()
    content_type = call.headers.get("content-type", "")
    if not content_type.startswith(FORM):
        raise _refusal("invalid_request", "the body must be form encoded")
    if form.get("grant_type") != "client_credentials":
        raise _refusal("unsupported_grant_type", "it must be client_credentials")
    scopes = form.get("scope", "").split()
    if not scopes or any(SCOPES.get(one) not in client.permissions for one in scopes):
        raise _refusal("invalid_scope", "a scope is missing, unknown or not permitted")
    return " ".join(scopes)


def _refusal(error, description):
    return Refusal(grant_error(400, error, description))
