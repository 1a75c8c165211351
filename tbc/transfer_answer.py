"""What the bank says of transfer orders: what it took, and how far each has come.

Member names are read in any case of letters: the bank itself mixes them. What is not
clear is not guessed, because orders that seem refused are sent again.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from . import wire
from .errors import TbcUnreadable, speaks_of_duplicate
from .wire import JsonObject, JsonValue

# Zero is what a .NET server writes for a number nobody filled in.
_ID = re.compile(r"(?!0+$)[A-Za-z0-9][A-Za-z0-9_-]{0,49}")
_STATES = {
    "initialstate": "submitted",
    "draft": "submitted",
    "registered": "submitted",
    "uploading": "submitted",
    "waitingforcertification": "to_sign",
    "inprogress": "in_progress",
    "finished": "done",
    "failed": "failed",
    "cancelled": "cancelled",
    "canceled": "cancelled",
    "deleted": "cancelled",
}


# Words after which a batch goes no further. "Error" is none: see ``is_error``.
_ENDS = {"finished", "finishedwitherrors", "failed", "cancelled", "canceled", "deleted"}


@dataclass(frozen=True, slots=True)
class ImportReceipt:
    """What became of the orders of a single import, by position.

    ``accepted``: `{position: the bank's transfer id, text}`; ``refused``: `{position:
    (sentence, …)}`, maybe without a sentence. A position in neither is unknown: the
    bank may have the order.
    """

    accepted: dict[int, str]
    refused: dict[int, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class OrderStatus:
    """How far one order has come, and why it failed. ``None``: the bank is silent."""

    position: int | None = None
    transfer_id: str | None = None
    word: str | None = None  # the bank's own, see ``order_state``
    reason_en: str | None = None
    reason_ge: str | None = None


_Index = dict[str | int | None, list[OrderStatus]]


@dataclass(frozen=True, slots=True)
class TransferStatus:
    """The answer to a status question: the overall word, and each ``OrderStatus``."""

    word: str | None
    orders: tuple[OrderStatus, ...]
    is_single: bool = False  # one order was asked for: what is said is said of it
    _by_id: _Index = field(init=False, repr=False, compare=False)
    _by_position: _Index = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Each of a thousand orders is looked for among a thousand.
        object.__setattr__(self, "_by_id", _indexed(self.orders, "transfer_id"))
        object.__setattr__(self, "_by_position", _indexed(self.orders, "position"))

    def of(
        self, transfer_id: str | None = None, position: int | None = None
    ) -> OrderStatus:
        """The ``OrderStatus`` of one order, by the bank's id, else by position.

        Of an order that is not listed, or listed twice, nothing is said, whatever the
        overall word. One that is listed without a word of its own, and without a reason,
        has the overall one, if that speaks for every order: "Finished" does, "Finished
        with errors" and "Error" do not. Without a position, the batch has one order.
        """
        found = self._matches(transfer_id, position)
        if len(found) != 1:
            return OrderStatus(position, transfer_id)
        [order] = found
        speaks = order_state(self.word) and not (order.reason_en or order.reason_ge)
        return replace(order, word=order.word or (self.word if speaks else None))

    def _matches(
        self, transfer_id: str | None, position: int | None
    ) -> list[OrderStatus]:
        if found := self._by_id.get(transfer_id):
            return found
        found = self._by_position.get(position, [])
        if not found and len(self.orders) == 1 and (self.is_single or not position):
            found = list(self.orders)
        # Under the id of another order stands another order, whatever its position.
        return [order for order in found if not (order.transfer_id and transfer_id)]

    @property
    def is_over(self) -> bool:
        """Whether the whole has come to its end: nothing more will be heard of it."""
        return _squeezed(self.word) in _ENDS

    @property
    def is_clear(self) -> bool:
        """Whether each order in the list has a place, and no two have the same."""
        places = [order.position for order in self.orders]
        return bool(places) and all(places) and len(set(places)) == len(places)


def parse_import_receipt(payload: JsonValue, positions: Sequence[int]) -> ImportReceipt:
    """The ``ImportReceipt`` of an answer, in any of its three public shapes.
    Source: https://developers.tbcbank.ge/reference/single-transfers
    """
    only = positions[0] if len(positions) == 1 else None
    good, bad = _entries(payload, only)
    taken: dict[int | None, set[str | None]] = defaultdict(set)
    refused: dict[int | None, tuple[str, ...]] = defaultdict(tuple)
    for entry in good:
        taken[_position(entry, only)].add(_id(entry, "transferid", "id"))
    for entry in bad:
        position, said = _position(entry, only), _sentences(entry.get("errors"))
        refused[position] += said
        # With an id, or as a duplicate, the order is at the bank, refused or not.
        if _id(entry, "transferid", "id") or speaks_of_duplicate(said):
            taken[position].add(None)
    uses = Counter(one for ids in taken.values() for one in ids)
    alone = {p: next(iter(ids)) for p, ids in taken.items() if len(ids) == 1}
    clear = {p: one for p, one in alone.items() if one and uses[one] == 1}
    return ImportReceipt(
        accepted={p: clear[p] for p in positions if p in clear and p not in refused},
        refused={p: refused[p] for p in positions if p in refused and p not in taken},
    )


def parse_id(payload: JsonValue, *names: str) -> str:
    """The bank's id, as text, under the first of ``names`` that is filled."""
    found = _id(_folded(payload), *[name.lower() for name in names])
    if found is None:
        raise TbcUnreadable("the answer has no id")
    return found


def parse_transfer_status(
    payload: JsonValue, *, single: bool = False
) -> TransferStatus:
    """The ``TransferStatus`` of an answer; ``single``: of one order, even if not named.
    Source: https://developers.tbcbank.ge/docs/bis-get-transfer-status
    """
    answer = _folded(payload)
    word = wire.text(answer.get("status"))
    lone, batch = answer.get("singletransferdata"), answer.get("batchtransferdata")
    orders = [_order_status(entry) for entry in _objects(batch)]
    is_single = not orders and (single or isinstance(lone, dict))
    if is_single:
        orders = [_order_status(_folded(lone), word)]
    if not any([word, *(order.word for order in orders)]):
        raise TbcUnreadable("the answer has no status")
    return TransferStatus(word, tuple(orders), is_single)


def order_state(word: str | None) -> str | None:
    """`submitted`, `to_sign`, `in_progress`, `done`, `failed` or `cancelled`; ``None``
    for a word that is not known, or is no state.
    """
    return _STATES.get(_squeezed(word))


def is_error(word: str | None) -> bool:
    """Whether it is "Error": something went wrong, and the bank may still execute it."""
    return _squeezed(word) == "error"


def _indexed(orders: tuple[OrderStatus, ...], name: str) -> _Index:
    """``{value of a member: orders}`` of the orders in which it is filled."""
    found: _Index = defaultdict(list)
    for order in orders:
        if value := getattr(order, name):
            found[value].append(order)
    return dict(found)


def _entries(
    payload: JsonValue, only: int | None
) -> tuple[list[JsonObject], list[JsonObject]]:
    """Two lists of objects with folded names: orders taken, and orders refused."""
    answer = _folded(payload)
    if answer.keys() & {"succeeded", "failed", "singletransferresults"}:
        taken = _objects(answer.get("succeeded"))
        taken += _objects(answer.get("singletransferresults"))
        return taken, _objects(answer.get("failed"))
    bare = _objects(payload if isinstance(payload, list) else [payload])
    bare = [e for e in bare if len({_id(e, "id"), _id(e, "transferid")} - {None}) == 1]
    if not bare:
        raise TbcUnreadable("the receipt names no order")
    # An id by itself tells no order from another.
    return ([] if only is None else bare), []


def _order_status(entry: JsonObject, word: str | None = None) -> OrderStatus:
    return OrderStatus(
        position=wire.optional(entry, "position", wire.integer),
        transfer_id=_id(entry, "transferid"),
        word=wire.text(entry.get("transferstatus")) or word,
        reason_en=_reason(entry, "errordetailen", "failurereasonen"),
        reason_ge=_reason(entry, "errordetailge", "failurereasonge"),
    )


def _reason(entry: JsonObject, *names: str) -> str | None:
    words = [wire.text(entry.get(name)) for name in names]
    return "; ".join(dict.fromkeys(filter(None, words))) or None


def _position(entry: JsonObject, only: int | None) -> int | None:
    if entry.get("position") in (None, ""):
        return only
    return wire.optional(entry, "position", wire.integer)


def _id(entry: JsonObject, *names: str) -> str | None:
    filled = [entry[name] for name in names if entry.get(name) not in (None, "")]
    found = wire.text(filled[0]) if filled else None
    return found if found and _ID.fullmatch(found) else None


def _sentences(said: JsonValue) -> tuple[str, ...]:
    if isinstance(said, dict):
        said = list(said.values())
    if isinstance(said, list):
        return tuple(sentence for one in said for sentence in _sentences(one))
    return tuple(filter(None, [wire.text(said)]))


def _objects(value: JsonValue) -> list[JsonObject]:
    found = value if isinstance(value, list) else []
    return [_folded(one) for one in found if isinstance(one, dict)]


def _folded(value: JsonValue) -> JsonObject:
    """The members of an object by their names in small letters; of the rest, none."""
    return {name.lower(): one for name, one in wire.json_object(value).items()}


def _squeezed(word: str | None) -> str:
    return re.sub(r"[\s_-]", "", word or "").lower()
