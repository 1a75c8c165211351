"""Which function answers which path, and what each call must bring. Bank's page:
bis-overview, table of endpoints.
"""

import contextlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

from . import accounts, strange, transfers
from .errors import Refusal, gateway
from .exchange import RecordedRequest
from .tokens import SCOPES


@dataclass(frozen=True, slots=True)
class Route:
    """``answer`` is called as answer(bank, client, call, *parts of the path);
    ``client`` is ``None`` where no ``scope`` is needed.
    """

    name: str
    method: str
    pattern: re.Pattern
    scope: str | None
    answer: Callable


def _route(name, method, path, scope, answer):
    return Route(
        name, method, re.compile(re.sub(r"\{\w+\}", "([^/]+)", path)), scope, answer
    )


def _grant(bank, _client, call):
    return bank.tokens.grant(call)


def _account_route(name, path, answer):
    return _route(name, "GET", f"/bab/v1/accounts{path}", "bab_accounts", answer)


def _transfer_route(name, method, path, answer):
    return _route(name, method, f"/bab/v1/transfers{path}", "bab_transfers", answer)


ROUTES = (
    _route("token", "POST", "/oauth/token", None, _grant),
    _account_route("movements", "/movements", accounts.movements),
    _account_route("movement", "/movements/{id}", accounts.movement),
    _account_route("statements", "/statements", accounts.statements),
    _account_route("balances", "/{iban}/balances/{currency}", accounts.balances),
    _transfer_route("import_single", "POST", "/single", transfers.import_single),
    _transfer_route("import_batch", "POST", "/batch", transfers.import_batch),
    _transfer_route(
        "single_status", "GET", "/single/{transferId}/status", transfers.single_status
    ),
    _transfer_route(
        "batch_status", "GET", "/batch/{batchId}/status", transfers.batch_status
    ),
    _transfer_route(
        "find_single", "GET", "/single/{transferExternalId}", transfers.find_single
    ),
    _transfer_route(
        "find_batch", "GET", "/batch/{batchTransferExternalId}", transfers.find_batch
    ),
)
NAMES = tuple(route.name for route in ROUTES)


def answer(bank, call):
    """Record the call, let a waiting fault meddle, check, answer."""
    route, parts = _find(call)
    record = _record(bank, route, call)

    def truly(asked):
        try:
            return _answer(bank, route, parts, asked)
        except Refusal as refusal:
            return refusal.reply

    truly = strange.bent(bank.strange, route.name if route else None, truly)
    fault = bank.faults.take(route.name if route else None, call)
    reply = fault.spoil(bank, call, truly) if fault else truly(call)
    with bank.lock:
        record.status = None if reply.dropped else reply.status
        told = reply.value.get("traceId") if isinstance(reply.value, dict) else None
        record.trace_id = "***" if bank.tokens.is_secret(told) else told
    return reply


def _answer(bank, route, parts, call):
    with bank.lock:
        if route is None:
            raise Refusal(
                gateway(
                    404, "No such resource", "messaging.adaptors.http.flow.NotFound"
                )
            )
        if call.method != route.method:
            raise Refusal(
                gateway(
                    405, "Method not allowed", "method.not_allowed", Allow=route.method
                )
            )
        client = None
        if route.scope:
            client = _client(bank, route, call)
            client.check_user(SCOPES[route.scope])
        return route.answer(bank, client, call, *parts)


def _client(bank, route, call):
    token = bank.tokens.find(call)
    if token is None:
        raise Refusal(
            gateway(
                401,
                "Invalid Access Token",
                "keymanagement.service.invalid_access_token",
            )
        )
    if route.scope not in token.scope.split():
        raise Refusal(
            gateway(
                403,
                f"Required scope: {route.scope}",
                "steps.oauth.v2.InsufficientScope",
            )
        )
    return token.client


def _find(call):
    # before decoding: an external id may hold a slash
    for route in ROUTES:
        found = route.pattern.fullmatch(call.raw_path)
        if found:
            return route, [unquote(part) for part in found.groups()]
    return None, ()


def _record(bank, route, call):
    with bank.lock:
        clean = {
            key: "***" if bank.tokens.is_secret(value) else value
            for key, value in call.query.items()
        }
        record = RecordedRequest(
            route.name if route else None, call.method, call.path, clean
        )
        if route and route.name == "token":
            form = call.form()
            record.scope, record.grant = form.get("scope"), form.get("grant_type")
        else:
            token = bank.tokens.find(call)
            record.scope = token.scope if token else None
        if record.name in ("import_single", "import_batch"):
            with contextlib.suppress(ValueError):
                record.body = call.json()
        bank.records.append(record)
        return record
