"""Tokens, scopes, an account to ask for; what the bank says to a token that is none."""

from collections import Counter
from itertools import product

from ..auth import SCOPE_ACCOUNTS, SCOPE_TRANSFERS, UNTOLD_LIFETIME, Grant
from ..errors import TbcAuthRefused, TbcError, TbcUnreadable
from ..movement import parse_movement_page
from ..wire import Json
from .judge import CUT, error_words, safe_path
from .known import MEMBERS
from .periods import LIST_DAYS, SHORT, last_days
from .probe import Probe
from .rows import Row, row, unseen
from .subject import Memory, Subject

# What types of tokens are called.
_TYPES = ("bearer", "mac", "dpop", "jwt", "pop")


def tokens(probe: Probe, subject: Subject, memory: Memory) -> list[Row]:
    """Scope by scope; then the token's type and life, of the first one granted."""
    found = {
        "scope_accounts": probe.grant(SCOPE_ACCOUNTS) if subject.reads else None,
        "scope_transfers": probe.grant(SCOPE_TRANSFERS) if subject.transfers else None,
    }
    rows = [_scope(key, grant) for key, grant in found.items()]
    rows.append(_usable(*found.values()))
    granted = [grant for grant in found.values() if isinstance(grant, Grant)]
    if not granted:
        return rows + unseen("token_type", "token_life")
    told = sorted(granted[0].members.items())
    memory["token"] = {safe_path(name): kind for name, kind in told}
    return [*rows, _type(granted[0]), _life(granted[0])]


def _scope(key: str, found: Grant | TbcError | None) -> Row:
    if isinstance(found, TbcError):
        # Anything but a refusal says nothing of the permission.
        is_refused = isinstance(found, TbcAuthRefused)
        return row(key, False if is_refused else None, **error_words(found))
    return row(key, True if found else None)


def _usable(*found: Grant | TbcError | None) -> Row:
    """Whether each answer that should have a token has one, where we look for it."""
    odd = [one for one in found if isinstance(one, TbcUnreadable)]
    if not odd:
        granted = any(isinstance(one, Grant) for one in found)
        return row("token_usable", granted or None)
    members = {safe_path(name): kind for name, kind in (odd[0].members or {}).items()}
    return row("token_usable", False, members={**members})


def _type(grant: Grant) -> Row:
    others = {
        safe_path(name): kind
        for name, kind in grant.members.items()
        if (kind, False) != MEMBERS["token"].get(name)
    }
    word = grant.token_type
    is_bearer = (word or "").lower() == "bearer"
    # Any other word stands beside the token, and may be one.
    is_told = not word or word.lower().startswith(_TYPES)
    seen: dict[str, Json] = {"word": word if is_told else CUT}
    return row("token_type", is_bearer and not others, members={**others}, **seen)


def _life(grant: Grant) -> Row:
    """Whether it lives longer than the margin with which we renew it."""
    is_told = grant.lifetime is not None and grant.lifetime > UNTOLD_LIFETIME
    return row("token_life", is_told, figure=grant.lifetime)


def find_account(probe: Probe, subject: Subject, memory: Memory) -> list[Row]:
    """Where no account is known yet, take the one of which the bank shows the most."""
    if subject.account or not subject.reads:
        return []
    for days, is_moment in product((LIST_DAYS, SHORT), (False, True)):
        probe.is_moment_form = is_moment
        answer = probe.ask_list({}, last_days(subject, days))
        if answer.value:
            page = parse_movement_page({"transactions": answer.rows, "total": 0})
            found = Counter(
                (movement.account_iban, movement.currency)
                for movement in page.movements
                if movement.account_iban and movement.currency
            )
            for pair, _count in found.most_common(1):
                memory["account"] = [*pair]
            break
    return []


def bad_token(probe: Probe, _subject: Subject, _memory: Memory) -> list[Row]:
    """Our client asks for a new token after HTTP 401, and after nothing else."""
    error = probe.ask_with_bad_token().error
    words = error_words(error) or {"kind": "answered"}
    return [row("bad_token", bool(error and error.status == 401), **words)]
