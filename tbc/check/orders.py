"""Transfer orders: what can be seen of them without sending any."""

import uuid

from .. import wire
from ..errors import says_not_found
from ..wire import JsonObject
from .judge import error_words, safe_word
from .known import is_known_status_word
from .probe import Answer, Probe
from .rows import Row, row, unseen
from .shapes import members_of
from .subject import Memory, Subject

# No order and no batch has it: the bank's own ids have fewer digits.
NO_ORDER = "999999999999999999"


def unknown_orders(probe: Probe, _subject: Subject, _memory: Memory) -> list[Row]:
    """What is not there is told as such: only then is an order sent again."""
    fresh = uuid.uuid4().hex
    asked = {
        "find_unknown": [("find_single", "/single/{}"), ("find_batch", "/batch/{}")],
        "status_unknown": [("status", f"/{kind}/{{}}/status") for kind in _KINDS],
    }
    rows = []
    for (key, questions), told in zip(asked.items(), (fresh, NO_ORDER), strict=True):
        answers = [probe.ask_transfers(n, path.format(told)) for n, path in questions]
        odd = [answer for answer in answers if not _is_missing(answer)]
        words = error_words(odd[0].error if odd else None)
        rows.append(row(key, not odd, count=len(odd), **words))
    return rows


_KINDS = ("single", "batch")


def _is_missing(answer: Answer) -> bool:
    return bool(answer.error and says_not_found(answer.error))


def known_order(probe: Probe, subject: Subject, _memory: Memory) -> list[Row]:
    """An order that the bank has is found by our own id, and its status is known."""
    if not subject.order:
        return unseen("find_known", "status_words")
    external_id, transfer_id = subject.order
    found = probe.ask_transfers("find_single", f"/single/{external_id}")
    status = probe.ask_transfers("status", f"/single/{transfer_id}/status")
    is_found = str(found.said.get("transferId")) == transfer_id
    words = error_words(found.error)
    return [row("find_known", is_found, **words), status_row("status_words", status)]


def known_batch(probe: Probe, subject: Subject, _memory: Memory) -> list[Row]:
    """The same of a batch, whose status tells of each of its orders."""
    if not subject.batch:
        return unseen("find_known_batch", "batch_words", "batch_orders")
    external_id, batch_id = subject.batch
    found = probe.ask_transfers("find_batch", f"/batch/{external_id}")
    status = probe.ask_transfers("status", f"/batch/{batch_id}/status")
    words = error_words(found.error)
    named = {str(found.said.get(name)) for name in ("batchId", "batchTransferId")}
    return [
        row("find_known_batch", batch_id in named, **words),
        status_row("batch_words", status),
        _orders_row(status),
    ]


def _orders_row(status: Answer) -> Row:
    """Whether each order of a batch has its word and the id that it is known by."""
    if status.error:
        return row("batch_orders", None, **error_words(status.error))
    told = status.said.get("batchTransferData")
    orders = [wire.json_object(one) for one in told] if isinstance(told, list) else []
    is_told = bool(orders) and all(map(_is_told, orders))
    return row("batch_orders", is_told, count=len(orders))


def _is_told(order: JsonObject) -> bool:
    return bool(order.get("transferId") and order.get("transferStatus"))


def status_row(key: str, answer: Answer) -> Row:
    """Whether each status word of an answer has a meaning for us."""
    told = [(path, str(v)) for path, v in members_of(answer.value) if v is not None]
    words = [value for path, value in told if _is_word(path)]
    others = [value for path, value in told if not _is_word(path)]
    odd = {safe_word(o, others) or "" for o in words if not is_known_status_word(o)}
    if not words:
        return row(key, None, **error_words(answer.error))
    return row(key, not odd, words=[*sorted(odd)])


def _is_word(path: str) -> bool:
    return path.endswith(("status", "transferStatus"))
