"""A bank, or a gateway before it, that says back what it was sent in confidence. Same
form as in :mod:`.misbehaviour`.
"""

import base64
from urllib.parse import quote

from .errors import PROBLEM
from .exchange import Reply

# Where the bank writes for people.
_FOR_PEOPLE = {
    "purpose",
    "additionalInformation",
    "partnerName",
    "errorDetailEN",
    "errorDetailGE",
    "failureReasonEn",
    "failureReasonGe",
}


def echo(bank, call, _truly, *, status=400, code="ValidationError", page=False):
    """Refuse, and say all of it: in every member of the problem, or in a ``page``."""
    said = _said(bank, call)
    if page:
        body = f"<html><body>{' '.join(said)}</body></html>".encode()
        return Reply(status=status, body=body, content_type="text/html")
    told = " ".join(said)
    value = {
        "type": f"https://bank.test/{said[-1]}",
        "title": told,
        "status": status,
        "detail": told,
        "code": code,
        "instance": told,
        "traceId": said[0],
        "errors": {said[1]: said},
        "error": told,
        "error_description": told,
    }
    headers = _headers(said)
    return Reply(status=status, value=value, content_type=PROBLEM, headers=headers)


def echo_in_answer(bank, call, truly, *, word=None):
    """The right answer, and all of it in each text for people, in a member that nobody
    knows, and in the headers; ``word``: as the status of each order.
    """
    reply, said = truly(call), _said(bank, call)
    if reply.status == 200:
        reply.value = _spoilt(reply.value, " ".join(said), word)
        reply.headers = {**reply.headers, **_headers(said)}
    return reply


def echo_after_accept(bank, call, truly, **options):
    """Do what is asked, then behave as ``echo``."""
    truly(call)
    return echo(bank, call, truly, **options)


def _said(bank, call):
    """Token or secret first, then whatever belongs to it, in several codings."""
    scheme, _space, coded = call.headers.get("authorization", "").partition(" ")
    granted = bank.tokens.find(call)
    if granted:
        client_id, secret = granted.client.client_id, granted.client.client_secret
        first = [coded]
    else:
        pair = base64.b64decode(coded).decode() if scheme.lower() == "basic" else ""
        client_id, _colon, secret = pair.partition(":")
        first = []
    plain = [*first, secret, client_id, coded]
    return [
        *plain,
        f"Authorization: {scheme} {coded}",
        *(one.upper() for one in plain),
        *(quote("".join(f"%{byte:02x}" for byte in one.encode())) for one in plain),
        *(base64.b64encode(f"it is {one}.".encode()).decode() for one in plain),
        *("".join(f"\\u{ord(sign):04x}" for sign in one) for one in plain),
    ]


def _headers(said):
    names = ("X-Trace-Id", "X-Request-Id", "traceparent", "X-Said")
    return {**dict.fromkeys(names, said[0]), "Set-Cookie": f"said={said[0]}"}


def _spoilt(value, told, word):
    if isinstance(value, list):
        return [_spoilt(one, told, word) for one in value]
    if not isinstance(value, dict):
        return value
    spoilt = {name: _spoilt(one, told, word) for name, one in value.items()}
    for name in _FOR_PEOPLE & spoilt.keys():
        spoilt[name] = f"{spoilt[name] or ''} {told}".strip()
    if word and "transferStatus" in spoilt:
        spoilt["transferStatus"] = f"{word} {told}"
    if "errors" in spoilt and isinstance(spoilt["errors"], list):
        spoilt["errors"] = [f"{one} {told}" for one in spoilt["errors"]]
    return {**spoilt, "said": {told: told}}


ECHO_FAULTS = {
    "echo": (echo, {"status", "code", "page"}),
    "echo_after_accept": (echo_after_accept, {"status", "code", "page"}),
    "echo_in_answer": (echo_in_answer, {"word"}),
}
