"""What can go wrong between a client and its bank when it sends orders, on order. Same
form as in :mod:`.misbehaviour`.
"""

import json
from dataclasses import replace

from .errors import TRANSFERS_ERRORS, gateway, transfer_problem
from .exchange import Reply
from .order import IN_PROGRESS, REGISTERED, WAITING

_IMPORTS = {"import_single", "import_batch"}
_STATUSES = {"single_status", "batch_status"}
_EARLIER = {IN_PROGRESS: WAITING, WAITING: REGISTERED, REGISTERED: "Initial state"}


def duplicate(_bank, call, _truly):
    """Refuse it as received before, register nothing."""
    kind = "BATCH" if _is_batch(call) else "SINGLE"
    return transfer_problem(f"DUPLICATED_{kind}_TRANSFER_REQUEST")


def stranger(_bank, _call, _truly, *, status=400, body=None):
    """An answer of somebody before the bank, who has not passed it on: ``body``, JSON
    or text, in place of a gateway's usual words.
    """
    if isinstance(body, str):
        return Reply(status=status, body=body.encode(), content_type="text/html")
    if body is not None:
        return Reply(status=status, value=body)
    return gateway(status, "Refused on the way", "policies.refused")


def stranger_after_accept(bank, call, truly, *, status=400, body=None):
    """Do what is asked, then behave as ``stranger``."""
    truly(call)
    return stranger(bank, call, truly, status=status, body=body)


def refused_after_accept(_bank, call, truly, *, code="VALIDATION_ERROR"):
    """Do what is asked, then refuse it with ``code``: the bank belies itself."""
    truly(call)
    return transfer_problem(code)


def takes_some(_bank, call, truly, *, positions):
    """Take the orders at ``positions`` of a batch only, and say nothing of it."""
    body = call.json()
    orders = body["transferOrders"]
    body["transferOrders"] = [o for o in orders if o["position"] in positions]
    return truly(replace(call, body=json.dumps(body).encode()))


def odd_list(_bank, call, truly, *, leave_out=(), without=(), double=(), word=None):
    """A list of the batch's orders that leaves those at some positions out, tells some
    members of none of them, or some orders twice; ``word`` for the whole.
    """
    reply = truly(call)
    if reply.status == 200:
        rows = reply.value["batchTransferData"]
        told = [row for row in rows if row["position"] not in leave_out]
        told += [{**r, "transferId": "9"} for r in told if r["position"] in double]
        for row in told:
            row.update(dict.fromkeys(without))
        reply.value["batchTransferData"] = told
        reply.value["status"] = word or reply.value["status"]
    return reply


def other_order(_bank, call, truly, *, transfer_id="999999"):
    """The status of another order than the one that was asked for."""
    reply = truly(call)
    if reply.status == 200:
        reply.value["singleTransferData"]["transferId"] = transfer_id
    return reply


def partial(_bank, call, truly, *, positions, reasons=("Refused by the bank",)):
    """Refuse the orders at ``positions``: with ``reasons`` in ``failed``; a batch as a
    whole.
    """
    return truly(replace(call, refused=dict.fromkeys(positions, reasons)))


def missing_position(_bank, call, truly, *, positions):
    """Register all, but say nothing of the orders at ``positions``."""
    reply = truly(call)
    for name in ("succeeded", "failed"):
        rows = reply.value.get(name, [])
        rows[:] = [row for row in rows if row["position"] not in positions]
    return reply


def shuffled(_bank, call, truly):
    """Tell of the orders in another order: the last first."""
    reply = truly(call)
    for rows in reply.value.values():
        if isinstance(rows, list):
            rows.reverse()
    return reply


def null_lists(_bank, call, truly):
    """``null`` in place of an empty list."""
    reply = truly(call)
    if reply.status == 200:
        reply.value = {name: rows or None for name, rows in reply.value.items()}
    return reply


def variant_b(_bank, call, truly):
    """The older receipt: ``singleTransferResults`` in place of ``succeeded``, and not a
    word of the others.
    """
    reply = truly(call)
    if reply.status == 200:
        reply.value = {"singleTransferResults": reply.value["succeeded"]}
    return reply


def variant_c(_bank, call, truly, *, alone=False):
    """``id`` in place of ``transferId``; ``alone``: nothing but the ``id`` of the first
    order.
    """
    reply = truly(call)
    if reply.status == 200:
        for row in reply.value["succeeded"]:
            row["id"] = row.pop("transferId")
        if alone and reply.value["succeeded"]:
            reply.value = {"id": reply.value["succeeded"][0]["id"]}
    return reply


def unknown_status(_bank, call, truly, *, word="Under review"):
    """``word`` for every status."""
    return _reworded(truly(call), lambda _status: word)


def status_backwards(_bank, call, truly):
    """For every status the one before it; before the end comes ``In progress``."""
    return _reworded(truly(call), lambda status: _EARLIER.get(status, IN_PROGRESS))


def lookup_late(_bank, call, _truly):
    """Know nothing of the external id, whether it is there or not."""
    return transfer_problem("ObjectNotFound", sought=_sought(call))


def _coded(code):
    def refuse(_bank, call, _truly, *, title=None, errors=None):
        sought = _sought(call) if code == "ObjectNotFound" else (None, None)
        return transfer_problem(code, title=title, faults=errors, sought=sought)

    return refuse


def _reworded(reply, word_for):
    if reply.status == 200:
        value = reply.value
        value["status"] = word_for(value["status"])
        rows = [value["singleTransferData"], *(value["batchTransferData"] or ())]
        for row in filter(None, rows):
            row["transferStatus"] = word_for(row["transferStatus"])
    return reply


def _is_batch(call):
    return "/batch" in call.path


def _sought(call):
    kind = "BatchTransfer" if _is_batch(call) else "SingleTransfer"
    return kind, call.path.removesuffix("/status").rsplit("/", 1)[1]


TRANSFER_FAULTS = {
    "duplicate": (duplicate, set()),
    "stranger": (stranger, {"status", "body"}),
    "stranger_after_accept": (stranger_after_accept, {"status", "body"}),
    "refused_after_accept": (refused_after_accept, {"code"}),
    "takes_some": (takes_some, {"positions"}),
    "odd_list": (odd_list, {"leave_out", "without", "double", "word"}),
    "other_order": (other_order, {"transfer_id"}),
    "partial": (partial, {"positions", "reasons"}),
    "missing_position": (missing_position, {"positions"}),
    "shuffled": (shuffled, set()),
    "null_lists": (null_lists, set()),
    "variant_b": (variant_b, set()),
    "variant_c": (variant_c, {"alone"}),
    "unknown_status": (unknown_status, {"word"}),
    "status_backwards": (status_backwards, set()),
    "lookup_late": (lookup_late, set()),
    **{code: (_coded(code), {"title", "errors"}) for code in TRANSFERS_ERRORS},
}
TRANSFER_ONLY_ON = {
    "duplicate": _IMPORTS,
    "stranger_after_accept": _IMPORTS,
    "refused_after_accept": _IMPORTS,
    "takes_some": {"import_batch"},
    "odd_list": {"batch_status"},
    "other_order": {"single_status"},
    "partial": _IMPORTS,
    "missing_position": {"import_single"},
    "shuffled": {"import_single", "batch_status"},
    "null_lists": {"import_single"},
    "variant_b": {"import_single"},
    "variant_c": {"import_single"},
    "unknown_status": _STATUSES,
    "status_backwards": _STATUSES,
    "lookup_late": {"find_single", "find_batch"},
}
