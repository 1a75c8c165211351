"""Which function answers which path, and what each call must bring. Bank's page:
bis-overview, table of endpoints.

A later group of endpoints adds its rows to ``ROUTES`` and nothing else here.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from . import accounts
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


ROUTES = (
    _route("token", "POST", "/oauth/token", None, _grant),
    _route(
        "movements",
        "GET",
        "/bab/v1/accounts/movements",
        "bab_accounts",
        accounts.movements,
    ),
    _route(
        "movement",
        "GET",
        "/bab/v1/accounts/movements/{id}",
        "bab_accounts",
        accounts.movement,
    ),
    _route(
        "statements",
        "GET",
        "/bab/v1/accounts/statements",
        "bab_accounts",
        accounts.statements,
    ),
    _route(
        "balances",
        "GET",
        "/bab/v1/accounts/{iban}/balances/{currency}",
        "bab_accounts",
        accounts.balances,
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

    fault = bank.faults.take(route.name if route else None, call)
    reply = fault.spoil(bank, call, truly) if fault else truly(call)
    with bank.lock:
        record.status = None if reply.dropped else reply.status
        record.trace_id = (
            reply.value.get("traceId") if isinstance(reply.value, dict) else None
        )
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
    for route in ROUTES:
        found = route.pattern.fullmatch(call.path)
        if found:
            return route, found.groups()
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
        bank.records.append(record)
        return record
