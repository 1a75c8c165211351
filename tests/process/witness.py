"""What a bank was asked, and what it answered, in order: the proof that nothing was sent
twice.
"""

import threading
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise

from fake_tbc.errors import ACCOUNTS_ERRORS, TRANSFERS_ERRORS

IMPORTS = ("import_single", "import_batch")
LOOK_UPS = ("find_single", "find_batch")
# The bank's own codes that say surely that it took nothing of the request; of what the
# gateway says, only that it is too busy (429) does.
_SURE = {code for code, (status, _title) in TRANSFERS_ERRORS.items() if status < 500}
_SURE |= {code for status, code in ACCOUNTS_ERRORS.values() if status < 500}


@dataclass(slots=True, eq=False)
class Seen:
    """One request, or one act of a person (``kind``: ``queued again``).

    ``begin`` and ``end`` number all that happened, in order; ``end`` is ``None`` while
    the answer is due. ``ids``: external ids, of a batch its own too. ``status`` is
    ``None`` where nobody heard the answer; ``code``: the bank's word for a refusal.
    """

    kind: str
    ids: frozenset
    begin: int
    end: int | None = None
    status: int | None = None
    code: str | None = None
    fault: str | None = None

    @property
    def refused_surely(self):
        """Whether the bank has said that it took nothing."""
        return self.status == 429 or (self.code in _SURE and not self.is_duplicate)

    @property
    def is_duplicate(self):
        """Whether the bank has said that it has one of the orders already."""
        return "DUPLICATE" in (self.code or "").upper()


class Witness:
    """Stands between a bank and its faults, and remembers.

    :param bank: its ``faults`` become this object.
    """

    def __init__(self, bank):
        self._faults = bank.faults
        self._lock = threading.Lock()
        self._number = 0
        self.seen = []
        bank.faults = self

    def __getattr__(self, name):
        return getattr(self._faults, name)

    def take(self, route_name, call):
        """The fault for this request, or none, in the shape of a fault."""
        seen = self._note(route_name, _ids(route_name, call))
        fault = self._faults.take(route_name, call)
        seen.fault = fault and fault.name
        return _Watched(self, seen, fault)

    def queued_again(self, external_ids):
        """A person has queued these again."""
        seen = self._note("queued again", frozenset(external_ids))
        self.answered(seen, None, None)

    def _note(self, kind, ids):
        with self._lock:
            self._number += 1
            self.seen.append(Seen(kind, ids, self._number))
            return self.seen[-1]

    def answered(self, seen, status, code):
        """The bank has answered."""
        with self._lock:
            self._number += 1
            seen.end, seen.status, seen.code = self._number, status, code

    def posts(self):
        """{external id: its import requests, in order of arrival}."""
        found = defaultdict(list)
        with self._lock:
            for seen in self.seen:
                if seen.kind in IMPORTS:
                    for one in seen.ids:
                        found[one].append(seen)
        return found

    def posted_twice(self, batch_of=None):
        """The external ids that were sent again although they might have been taken.

        :param dict batch_of: external id of an order → that of its batch: the bank is
            asked for the batch
        """
        acts = defaultdict(list)
        for seen in self.seen:
            for one in seen.ids if seen.kind not in IMPORTS else ():
                acts[one].append(seen)
        return sorted(
            one
            for one, posts in self.posts().items()
            for first, second in pairwise(posts)
            if not _may_follow(
                first,
                second,
                acts[one],
                acts[(batch_of or {}).get(one, one)],
            )
        )


class _Watched:
    """A fault, or none, of whose answer the witness is told."""

    def __init__(self, witness, seen, fault):
        self._witness, self._seen, self._fault = witness, seen, fault

    def spoil(self, bank, call, truly):
        """The answer, whatever it is."""
        reply = self._fault.spoil(bank, call, truly) if self._fault else truly(call)
        status = None if reply.dropped else reply.status
        code = reply.value.get("code") if isinstance(reply.value, dict) else None
        self._witness.answered(self._seen, status, code)
        return reply


def _may_follow(first, second, acts, look_ups):
    """Whether an order may be sent a second time: the bank said that it took nothing;
    or it was asked and did not know it, and then a person queued it again, or it had
    refused the request because of another order in it.
    """
    if first.refused_surely and first.end < second.begin:
        return True
    unknown = [
        seen
        for seen in look_ups
        if seen.kind in LOOK_UPS and seen.status == 404 and seen.begin > first.begin
    ]
    if first.is_duplicate and len(first.ids) > 1:
        return any(asked.end < second.begin for asked in unknown)
    again = [seen for seen in acts if seen.kind == "queued again"]
    return any(
        asked.end < act.begin < second.begin for asked in unknown for act in again
    )


def _ids(route_name, call):
    """The external ids that a request is about."""
    if route_name in LOOK_UPS:
        return frozenset([call.path.rsplit("/", 1)[1]])
    if route_name not in IMPORTS:
        return frozenset()
    try:
        body = call.json()
    except ValueError:
        return frozenset()
    orders = body.get("singleTransferOrders") or body.get("transferOrders") or []
    found = [order.get("transferExternalId") for order in orders]
    found.append(body.get("batchTransferExternalId"))
    return frozenset(str(one) for one in found if one is not None)
