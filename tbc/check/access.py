"""Tokens, scopes, and what the bank says to a token that is none."""

from ..auth import SCOPE_ACCOUNTS, SCOPE_TRANSFERS, UNTOLD_LIFETIME, Grant
from ..errors import TbcError
from ..wire import Json
from .judge import error_words, safe_path
from .known import MEMBERS
from .probe import Probe
from .rows import Row, row, unseen
from .subject import Memory, Subject


def tokens(probe: Probe, subject: Subject, memory: Memory) -> list[Row]:
    """Scope by scope; then the token's type and life, of the first one granted."""
    found = {
        "scope_accounts": probe.grant(SCOPE_ACCOUNTS) if subject.reads else None,
        "scope_transfers": probe.grant(SCOPE_TRANSFERS) if subject.transfers else None,
    }
    rows = [_scope(key, grant) for key, grant in found.items()]
    granted = [grant for grant in found.values() if isinstance(grant, Grant)]
    if not granted:
        return rows + unseen("token_type", "token_life")
    told = sorted(granted[0].members.items())
    memory["token"] = {safe_path(name): kind for name, kind in told}
    return [*rows, _type(granted[0]), _life(granted[0])]


def _scope(key: str, found: Grant | TbcError | None) -> Row:
    if isinstance(found, TbcError):
        return row(key, False, **error_words(found))
    return row(key, True if found else None)


def _type(grant: Grant) -> Row:
    others = {
        safe_path(name): kind
        for name, kind in grant.members.items()
        if (kind, False) != MEMBERS["token"].get(name)
    }
    is_bearer = (grant.token_type or "").lower() == "bearer"
    seen: dict[str, Json] = {"word": grant.token_type}
    return row("token_type", is_bearer and not others, members={**others}, **seen)


def _life(grant: Grant) -> Row:
    """Whether it lives longer than the margin with which we renew it."""
    is_told = grant.lifetime is not None and grant.lifetime > UNTOLD_LIFETIME
    return row("token_life", is_told, figure=grant.lifetime)


def bad_token(probe: Probe, _subject: Subject, _memory: Memory) -> list[Row]:
    """Our client asks for a new token after HTTP 401, and after nothing else."""
    error = probe.ask_with_bad_token().error
    words = error_words(error) or {"kind": "answered"}
    return [row("bad_token", bool(error and error.status == 401), **words)]
