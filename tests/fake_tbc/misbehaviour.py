"""What can go wrong between a client and its bank, on order.

Each fault is a function of (bank, call, truly, options): ``truly(call)`` gives the
answer that was due.
"""

import datetime as dt
from dataclasses import replace

from .echo import ECHO_FAULTS
from .errors import ACCOUNTS_ERRORS, gateway, problem
from .exchange import Reply
from .transfer_faults import TRANSFER_FAULTS, TRANSFER_ONLY_ON

_MIB = 1 << 20
_AMOUNTS = {
    "amount",
    "openingBalance",
    "closingBalance",
    "creditSum",
    "debitSum",
    "currentBalance",
    "availableBalance",
    "overdraftLimit",
}


def timeout(bank, _call, _truly, *, seconds=60.0):
    """Take the request and say nothing for ``seconds`` (or until the bank stops); then
    close.
    """
    bank.wait(seconds)
    return Reply(dropped=True)


def drop(_bank, _call, _truly):
    """Close the connection without an answer."""
    return Reply(dropped=True)


def slow(bank, call, truly, *, seconds=1.0):
    """The right answer, after ``seconds``."""
    bank.wait(seconds)
    return truly(call)


def drop_after_accept(_bank, call, truly):
    """Do what is asked, then close the connection without an answer."""
    truly(call)
    return Reply(dropped=True)


def timeout_after_accept(bank, call, truly, *, seconds=60.0):
    """Do what is asked, then behave as ``timeout``."""
    truly(call)
    return timeout(bank, call, truly, seconds=seconds)


def slow_after_accept(bank, call, truly, *, seconds=1.0):
    """Do what is asked at once, and say so after ``seconds``."""
    reply = truly(call)
    bank.wait(seconds)
    return reply


def html500_after_accept(bank, call, truly, *, status=500):
    """Do what is asked, then behave as ``html500``."""
    truly(call)
    return html500(bank, call, truly, status=status)


def html500(_bank, _call, _truly, *, status=500):
    """A page of HTML in place of JSON, as a proxy writes it; ``status`` may be 502,
    503, 504…
    """
    body = (
        f"<html><body><h1>{status} Server Error</h1><p>nginx</p></body></html>".encode()
    )
    return Reply(status=status, body=body, content_type="text/html")


def refused_401(_bank, _call, _truly):
    """401 in the gateway's words, although the token is in force."""
    return gateway(
        401, "Access Token expired", "keymanagement.service.access_token_expired"
    )


def refused_403(_bank, _call, _truly):
    """403 in the gateway's words; the bank's own 403 is ``NOT_AUTHORIZED``."""
    return gateway(403, "Access denied", "policies.access_denied")


def busy_429(_bank, _call, _truly, *, retry_after=None):
    """429; ``retry_after`` (seconds or a date) becomes the ``Retry-After`` header."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return gateway(
        429,
        "Rate limit quota violation",
        "policies.ratelimit.QuotaViolation",
        **headers,
    )


def truncated(_bank, call, truly, *, broken_connection=False):
    """Half of the right answer: as a whole body of broken JSON, or cut off by
    ``broken_connection``.
    """
    reply = truly(call)
    body = reply.payload()
    declared = len(body) if broken_connection else None
    return replace(
        reply, body=body[: len(body) // 2], declared=declared, close=broken_connection
    )


def empty(_bank, _call, _truly):
    """200 and no body at all."""
    return Reply(body=b"")


def huge(_bank, _call, _truly, *, mib=33, chunked=False):
    """A valid, endless page of movements: ``mib`` MiB of spaces before the last
    bracket.
    """
    head, tail = (
        b'{"transactions":[],"pager":[{"pageIndex":0,"pageSize":700}],"total":0',
        b"}",
    )
    pieces = [head, *[b" " * (_MIB // 4)] * (mib * 4), tail]
    length = len(head) + mib * _MIB + len(tail)
    return Reply(stream=pieces, declared=None if chunked else length)


def redirect(_bank, call, _truly, *, to="http://127.0.0.1:9", status=302):
    """Send the client elsewhere: the same path at ``to``."""
    return Reply(status=status, body=b"", headers={"Location": f"{to}{call.path}"})


def repeat_page(_bank, call, truly):
    """Page n − 1 again in place of page n, as when a new movement shifts them; the
    pager says n.
    """
    asked = int(call.query["PageIndex"])
    reply = truly(call.with_query(PageIndex=str(asked - 1)))
    if reply.status == 200:
        reply.value["pager"][0]["pageIndex"] = asked
    return reply


def total_changes(_bank, call, truly, *, by=1):
    """A ``total`` that differs by ``by`` from the one told with the first page."""
    reply = truly(call)
    if reply.status == 200:
        reply.value["total"] += by
    return reply


def too_old(_bank, call, truly, *, first):
    """Refuse a period that begins before the day ``first`` (YYYY-MM-DD)."""
    begin, _end = _period(call)
    if not begin or begin >= dt.date.fromisoformat(first):
        return truly(call)
    faults = {"PeriodFrom": ["The period is too old"]}
    return problem("INCORRECT_INPUT_DATA", faults=faults)


def _period(call):
    """First and last day asked for; ``None`` where there is none to be read."""
    days = []
    for name in ("PeriodFrom", "PeriodTo"):
        try:
            days.append(dt.date.fromisoformat(call.query.get(name, "")[:10]))
        except ValueError:
            days.append(None)
    return days


def too_long(_bank, call, truly, *, days=30):
    """Refuse a period of more than ``days`` days; the right answer to all others."""
    first, last = _period(call)
    if not first or not last or (last - first).days < days:
        return truly(call)
    faults = {"PeriodTo": [f"The period must not exceed {days} days"]}
    return problem("INCORRECT_INPUT_DATA", faults=faults)


def object_pager(_bank, call, truly):
    """The same answer in another hand: the pager an object, each amount a text."""
    reply = truly(call)
    if reply.status == 200:
        value = reply.value
        if "pager" in value:
            value["pager"] = value["pager"][0]
        for row in [value, value.get("transaction"), *value.get("transactions", ())]:
            for name in _AMOUNTS & set(row or ()):
                if isinstance(row[name], (int, float)):
                    row[name] = f"{row[name]:.2f}"
    return reply


def more_decimals(_bank, call, truly, *, by=0.005):
    """Balances and sums with a third decimal: ``by`` more at the end of the period."""
    reply = truly(call)
    if reply.status == 200:
        for name in {"closingBalance", "creditSum"} & set(reply.value):
            reply.value[name] = round(reply.value[name] + by, 3)
    return reply


def expired_token(bank, call, truly):
    """End every token, this call's too."""
    bank.expire_tokens()
    return truly(call)


def _titled(title):
    return lambda _bank, _call, _truly: problem(title)


FAULTS = {
    "timeout": (timeout, {"seconds"}),
    "drop": (drop, set()),
    "slow": (slow, {"seconds"}),
    "html500": (html500, {"status"}),
    "401": (refused_401, set()),
    "403": (refused_403, set()),
    "429": (busy_429, {"retry_after"}),
    "truncated": (truncated, {"broken_connection"}),
    "empty": (empty, set()),
    "huge": (huge, {"mib", "chunked"}),
    "redirect": (redirect, {"to", "status"}),
    "repeat_page": (repeat_page, set()),
    "total_changes": (total_changes, {"by"}),
    "too_long": (too_long, {"days"}),
    "too_old": (too_old, {"first"}),
    "object_pager": (object_pager, set()),
    "expired_token": (expired_token, set()),
    "more_decimals": (more_decimals, {"by"}),
    "drop_after_accept": (drop_after_accept, set()),
    "timeout_after_accept": (timeout_after_accept, {"seconds"}),
    "slow_after_accept": (slow_after_accept, {"seconds"}),
    "html500_after_accept": (html500_after_accept, {"status"}),
    **{title: (_titled(title), set()) for title in ACCOUNTS_ERRORS},
    **TRANSFER_FAULTS,
    **ECHO_FAULTS,
}
LATER_PAGES_ONLY = {"repeat_page", "total_changes"}
# fault → the routes that can have it; any route has the others
ONLY_ON = {
    **{name: {"movements"} for name in LATER_PAGES_ONLY},
    **{name: {"movements", "statements"} for name in ("too_long", "too_old")},
    "more_decimals": {"statements"},
    **TRANSFER_ONLY_ON,
    "echo_after_accept": {"import_single", "import_batch"},
}
NEEDED_OPTIONS = {
    **{n: {"positions"} for n in ("partial", "missing_position", "takes_some")},
    "too_old": {"first"},
}
