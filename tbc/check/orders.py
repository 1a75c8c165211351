"""Transfer orders: what can be seen of them without sending any."""

import uuid

from ..errors import says_not_found
from .judge import error_words, safe_word
from .known import is_known_status_word
from .probe import Answer, Probe
from .rows import Row, row, unseen
from .shapes import members_of
from .subject import Memory, Subject

# No order has it: the bank's own ids have fewer digits.
NO_ORDER = "999999999999999999"


def unknown_orders(probe: Probe, _subject: Subject, _memory: Memory) -> list[Row]:
    """What is not there is told as such: only then is an order sent again."""
    fresh = uuid.uuid4().hex
    single = probe.ask_transfers("find_single", f"/single/{fresh}")
    batch = probe.ask_transfers("find_batch", f"/batch/{fresh}")
    status = probe.ask_transfers("status", f"/single/{NO_ORDER}/status")
    odd = [answer for answer in (single, batch) if not _is_missing(answer)]
    words = error_words(odd[0].error if odd else None)
    return [
        row("find_unknown", not odd, count=len(odd), **words),
        row("status_unknown", _is_missing(status), **error_words(status.error)),
    ]


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
    return [
        row("find_known", is_found, **error_words(found.error)),
        status_row(status),
    ]


def status_row(answer: Answer) -> Row:
    """Whether each status word of an answer has a meaning for us."""
    words = [
        str(value)
        for path, value in members_of(answer.value)
        if path.endswith(("status", "transferStatus")) and value is not None
    ]
    odd = [safe_word(word) or "" for word in words if not is_known_status_word(word)]
    if not words:
        return row("status_words", None, **error_words(answer.error))
    return row("status_words", not odd, words=[*odd])
