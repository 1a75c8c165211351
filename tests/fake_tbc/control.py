"""The fake bank's own door, ``/_fake/...``, to drive a bank in another process.

GET       /_fake/requests               recorded requests (?name=movements for a route)
DELETE    /_fake/requests               forget them
GET       /_fake/faults                 the faults that wait
POST      /_fake/faults                 order one: {"name", "on", "times", "after"}
                                        and its options beside them
DELETE    /_fake/faults                 clear them
GET PUT   /_fake/user                   {"state": "active", "permissions":
                                        ["statements", "transfers"]}
GET PUT   /_fake/clock                  {"now": "2026-06-30T12:00:00+04:00"}, or null
                                        for real time
GET PUT   /_fake/tokens                 {"lifetime": seconds}
DELETE    /_fake/tokens                 end them all
GET       /_fake/ledger                 accounts, with balances (text) and counts
POST      /_fake/ledger                 add a movement: {"iban", "currency", "amount",
                                        "day"} and any of its members
POST      /_fake/ledger/{id}/{change}   change: hide, show, withdraw, authorise, repeat,
                                        or change: {any of its members}
GET       /_fake/certification          the page on which a person signs transfer orders
GET       /_fake/orders                 transfer orders
POST      /_fake/orders/{decision}      sign or reject: {"transfer_id"}, {"batch_id"},
                                        or all that wait
POST      /_fake/orders/{id}/{change}   change: sign, reject, delete, or fail, error:
                                        {"reason_en", "reason_ge"}
GET PUT   /_fake/orders/questions       {"in_progress_questions": 1,
                                        "registered_questions": 0}: for how many status
                                        questions an order stays there
GET POST  /_fake/blocked                let a beneficiary get nothing: {"iban",
                                        "at": "import" or "execution", "reason_en",
                                        "reason_ge"}
DELETE    /_fake/blocked/{iban}         take that back

These calls are never recorded.
"""

import json
import re
from dataclasses import asdict

from .clock import read_moment, write_moment
from .control_orders import ACTS
from .exchange import FORM, Reply


def answer(bank, call):
    """Do what is asked; 400 with a sentence when it cannot be done, 404 for anything
    else.
    """
    try:
        asked = _asked(call)
        for method, pattern, act in _ACTS:
            found = re.fullmatch(pattern, call.path)
            if found and call.method == method:
                done = act(bank, call, asked, *found.groups())
                return done if isinstance(done, Reply) else Reply(value=done)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return Reply(status=400, value={"error": f"{type(error).__name__}: {error}"})
    return Reply(status=404, value={"error": "see the table", "table": __doc__})


def _asked(call):
    if call.headers.get("content-type", "").startswith(FORM):
        return call.form()
    return json.loads(call.body) if call.body else {}


def _requests(bank, call, _asked):
    name = call.query.get("name")
    return {
        "requests": [
            asdict(record)
            for record in (bank.requests_to(name) if name else bank.requests)
        ]
    }


def _forget(bank, _call, _asked):
    bank.forget_requests()
    return {"requests": []}


def _faults(bank, _call, _asked):
    return {"faults": [asdict(fault) for fault in bank.faults.waiting()]}


def _add_fault(bank, call, asked):
    bank.add_fault(asked.pop("name"), **asked)
    return _faults(bank, call, asked)


def _clear(bank, call, asked):
    bank.clear_faults()
    return _faults(bank, call, asked)


def _user(bank, _call, asked):
    if "state" in asked:
        bank.user_state = asked["state"]
    if "permissions" in asked:
        bank.permissions = asked["permissions"]
    return {"state": bank.user_state, "permissions": sorted(bank.permissions)}


def _clock(bank, _call, asked):
    if "now" in asked:
        bank.now = read_moment(asked["now"]) if asked["now"] else None
    return {"now": write_moment(bank.now, offset=True)}


def _tokens(bank, _call, asked):
    bank.token_lifetime = asked.get("lifetime", bank.token_lifetime)
    return {"lifetime": bank.token_lifetime}


def _expire(bank, call, asked):
    bank.expire_tokens()
    return _tokens(bank, call, asked)


def _ledger(bank, _call, _asked):
    with bank.lock:
        return {
            "accounts": [_account(bank, account) for account in bank.ledger.accounts]
        }


def _account(bank, account):
    shown = bank.ledger.select([account])
    authorised = sum(row.status(bank.now) == 0 for row in shown)
    return {
        "iban": account[0],
        "currency": account[1],
        "opening": str(bank.ledger.opening(*account)),
        "balance": str(bank.ledger.balance(*account)),
        "authorised": authorised,
        "pending": len(shown) - authorised,
    }


def _add(bank, _call, asked):
    for name in {"appears_at", "authorised_at"} & set(asked):
        asked[name] = read_moment(asked[name])
    movement = bank.ledger.add(asked.pop("iban"), asked.pop("currency"), **asked)
    return {"transaction": movement.as_json(bank.now)}


def _change(bank, _call, asked, movement_id, change):
    getattr(bank.ledger, change)(movement_id, **asked)
    return {"movementId": movement_id, "change": change}


_ACTS = (
    ("GET", "/_fake/requests", _requests),
    ("DELETE", "/_fake/requests", _forget),
    ("GET", "/_fake/faults", _faults),
    ("POST", "/_fake/faults", _add_fault),
    ("DELETE", "/_fake/faults", _clear),
    ("GET", "/_fake/user", _user),
    ("PUT", "/_fake/user", _user),
    ("GET", "/_fake/clock", _clock),
    ("PUT", "/_fake/clock", _clock),
    ("GET", "/_fake/tokens", _tokens),
    ("PUT", "/_fake/tokens", _tokens),
    ("DELETE", "/_fake/tokens", _expire),
    ("GET", "/_fake/ledger", _ledger),
    ("POST", "/_fake/ledger", _add),
    (
        "POST",
        "/_fake/ledger/([^/]+)/(hide|show|withdraw|authorise|repeat|change)",
        _change,
    ),
    *ACTS,
)
