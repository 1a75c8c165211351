"""What can go wrong between a client and its bank when it sends orders, on order. Same
form as in :mod:`.misbehaviour`.
"""

from dataclasses import replace

from .errors import TRANSFERS_ERRORS, transfer_problem
from .order import IN_PROGRESS, REGISTERED, WAITING

_IMPORTS = {"import_single", "import_batch"}
_STATUSES = {"single_status", "batch_status"}
_EARLIER = {IN_PROGRESS: WAITING, WAITING: REGISTERED, REGISTERED: "Initial state"}


def duplicate(_bank, call, _truly):
    """Refuse it as received before, register nothing."""
    kind = "BATCH" if _is_batch(call) else "SINGLE"
    return transfer_problem(f"DUPLICATED_{kind}_TRANSFER_REQUEST")


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
