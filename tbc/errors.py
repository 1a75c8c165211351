"""What can go wrong with the bank: the class says whether to try again.

Source of codes and titles: https://developers.tbcbank.ge/docs/bis-errors
"""

import re
from typing import Any

from .wire import JsonValue, redact

# DUPLICATED_SINGLE_TRANSFER_REQUEST and its title; batches, other spellings and
# Georgian are guesses: to take a refusal for a duplicate costs one more question.
_DUPLICATE = re.compile("duplicat|დუბლ", re.IGNORECASE)
# HTTP status → the codes that the bank documents for a request that it refused.
_DOCUMENTED = {
    400: {
        "ValidationError",
        "VALIDATION_ERROR",
        "DomainError",
        "DUPLICATED_SINGLE_TRANSFER_REQUEST",
        "DUPLICATED_BATCH_TRANSFER_REQUEST",
    },
    401: {"Unauthorized"},
    403: {"ForbiddenError"},
    404: {"ObjectNotFound"},
}
# The titles of what went wrong in the bank itself: no refusal, whatever stands beside.
_FAILURES = {
    "AN ERROR OCCURRED WHILE PROCESSING YOUR REQUEST",
    "APPLICATION LOGIC VALIDATION ERROR",
    "GENERAL_ERROR",
}
# The bank's older service has the second form; several words of it are in use still.
_NOT_FOUND = re.compile(
    r"ObjectNotFound|((SINGLE|BATCH)_)?(TRANSFER|PAYMENT)_REQUEST_NOT_FOUND"
)
_NOT_FOUND_TITLE = "Requested object was not found"
_PERMISSION_WORDS = {
    "NOT_AUTHORIZED",
    "USER_IS_BLOCKED",
    "USER_IS_DELETED",
    "USER_IS_NOT_ACTIVE",
}
# Who wrote an answer.
BANK, GATEWAY = "bank", "gateway"


class TbcError(Exception):
    """Any trouble with the bank; ``str()`` is one English line, safe for logs.

    The attributes are as the bank wrote them, for the person in front of the screen;
    ``errors``: faults of fields, ``{field: [sentence, …]}``. ``reason``: our own words.
    ``status``: the HTTP one. ``after``: seconds the bank asked us to wait. ``author``:
    see :func:`author`. ``members``: types of the answer's members, by name.
    ``in_doubt``: the bank may have taken what was sent, although access was refused.
    """

    status: int | None = None
    code: str | None = None
    title: str | None = None
    detail: str | None = None
    trace_id: str | None = None
    after: int | None = None
    author: str | None = None
    members: dict[str, str] | None = None
    in_doubt = False

    def __init__(self, reason: str = "", **facts: Any) -> None:
        super().__init__(reason)
        self.reason = reason
        self.errors: dict[str, list[str]] = {}
        vars(self).update(facts)

    def __str__(self) -> str:
        facts = [f"HTTP {self.status}" if self.status else "", self.code, self.title]
        known = [redact(fact) for fact in facts if fact]
        if self.trace_id:
            known.append(f"trace {self.trace_id}")
        words = redact(self.reason or type(self).__name__)
        return f"{words} ({', '.join(known)})" if known else words


class TbcUnreachable(TbcError):
    """Surely nothing was sent (DNS, refused, connect time-out): may be repeated."""


class TbcNoAnswer(TbcError):
    """Anything less sure (read time-out, reset, 5xx): only reads may be repeated."""


class TbcUnreadable(TbcError):
    """An answer that does not parse, or a redirect: only reads may be repeated."""

    preview: str | None = None  # its first 200 characters or fewer, redacted


class TbcBusy(TbcError):
    """Too many requests (429): repeat after ``after`` seconds (``None``: not said)."""


class TbcAuthRefused(TbcError):
    """Token or permission refused: useless to repeat until a person acts."""


class TbcRefused(TbcError):
    """The bank understood and refused (any other 4xx): do not repeat unchanged."""


class TbcDuplicate(TbcRefused):
    """The bank already has this external id: do not repeat, look it up."""


def author(status: int, problem: JsonValue, body: bytes) -> str | None:
    """Who wrote an answer that is not 2xx: ``BANK``, ``GATEWAY``, or ``None``.

    The bank's own is JSON with a code that it documents for this HTTP status. Other
    JSON, or nothing at all, is what an API gateway writes; a page may come from anybody
    on the way, and after the bank had the request.
    """
    if not isinstance(problem, dict):
        return None if body.strip() else GATEWAY
    code, told = problem.get("code"), problem.get("status") or status
    failed = str(problem.get("title")).strip().upper().rstrip(".") in _FAILURES
    known = isinstance(code, str) and code.strip() in _DOCUMENTED.get(status, ())
    return BANK if known and not failed and str(told) == str(status) else GATEWAY


def says_not_found(error: TbcError) -> bool:
    """Whether the bank says that what was asked for is not there.

    Only its own words count: what seems unknown is sent again, or let go. The bare "Not
    Found" of a gateway speaks of the path.
    """
    if type(error) is not TbcRefused or error.status not in (400, 404):
        return False
    if error.code:
        return bool(_NOT_FOUND.fullmatch(error.code.strip()))
    return (error.title or "").strip().rstrip(".") == _NOT_FOUND_TITLE


def after_post(error: TbcError) -> TbcError:
    """The error of a POST, given the one that its answer, a 4xx, would be to a read.

    A gateway may have passed the request on before it answered: only the bank's own
    word is a refusal. What it says of too many requests, or of our access, it says
    before; even so, an order whose access was refused is in doubt.
    """
    if error.author == BANK or isinstance(error, TbcDuplicate):
        return error
    if error.author == GATEWAY and isinstance(error, (TbcBusy, TbcAuthRefused)):
        error.in_doubt = isinstance(error, TbcAuthRefused)
        return error
    known = {**vars(error), "reason": "a refusal that is not the bank's own"}
    return TbcNoAnswer(**known)


def speaks_of_duplicate(words: object) -> bool:
    """Whether the bank's words, of any type, say that it has the order already."""
    return bool(_DUPLICATE.search(str(words)))


def error_from_answer(status: int, facts: dict[str, Any]) -> TbcError:
    """The typed error, not raised, of an answer that is not 2xx.

    ``status`` is that of the status line; the one in the body is not trusted. Accounts
    puts the specific reason in the title, Transfers in the code: both count.
    """
    words = {str(facts.get(name)).strip().upper() for name in ("code", "title")}
    said = [facts.get(name) for name in ("code", "title", "detail", "errors")]
    # 408 comes from a gateway that may have passed on what it had of the request.
    if status >= 500 or status == 408:
        return TbcNoAnswer("the bank failed", status=status, **facts)
    if status == 409 or (status >= 400 and speaks_of_duplicate(said)):
        return TbcDuplicate("the bank has it already", status=status, **facts)
    if status == 429:
        return TbcBusy("the bank is busy", status=status, **facts)
    if status in (401, 403) or (status >= 400 and words & _PERMISSION_WORDS):
        return TbcAuthRefused("the bank refused access", status=status, **facts)
    if status >= 400:
        return TbcRefused("the bank refused the request", status=status, **facts)
    return TbcUnreadable("unexpected HTTP status", status=status, **facts)
