"""The rows of the control door that are about transfer orders."""

from . import certification
from .exchange import Reply


def _orders(bank, _call, _asked):
    with bank.lock:
        return {"orders": [order.as_json() for order in bank.transfers.orders]}


def _settings(bank, call, asked):
    for name in ("in_progress_questions", "registered_questions"):
        setattr(bank, name, int(asked.get(name, getattr(bank, name))))
    return _questions(bank, call, asked)


def _questions(bank, _call, _asked):
    return {
        "in_progress_questions": bank.in_progress_questions,
        "registered_questions": bank.registered_questions,
    }


def _decide(bank, _call, asked, decision):
    return _changed(getattr(bank, decision)(**asked))


def _change(bank, _call, asked, transfer_id, change):
    return _changed(getattr(bank, change)(transfer_id, **asked))


def _changed(orders):
    return {"orders": [order.as_json() for order in orders]}


def _blocked(bank, _call, _asked):
    with bank.lock:
        blocked = bank.transfers.blocked
        return {"blocked": {iban: block.at for iban, block in blocked.items()}}


def _block(bank, call, asked):
    bank.block_account(**asked)
    return _blocked(bank, call, asked)


def _unblock(bank, call, _asked, iban):
    bank.unblock_account(iban)
    return _blocked(bank, call, _asked)


def _page(bank, _call, _asked):
    return Reply(
        body=certification.page(bank).encode(), content_type="text/html; charset=utf-8"
    )


def _click(bank, _call, asked):
    certification.click(bank, asked)
    return Reply(status=303, body=b"", headers={"Location": "/_fake/certification"})


ACTS = (
    ("GET", "/_fake/orders", _orders),
    ("GET", "/_fake/orders/questions", _questions),
    ("PUT", "/_fake/orders/questions", _settings),
    ("POST", "/_fake/orders/(sign|reject)", _decide),
    ("POST", r"/_fake/orders/(\d+)/(sign|reject|delete|fail|error)", _change),
    ("GET", "/_fake/blocked", _blocked),
    ("POST", "/_fake/blocked", _block),
    ("DELETE", "/_fake/blocked/([^/]+)", _unblock),
    ("GET", "/_fake/certification", _page),
    ("POST", "/_fake/certification", _click),
)
