"""The steps of a check, one after the other; each is a few questions."""

from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeAlias

from ..errors import TbcAuthRefused, TbcRefused, TbcUnreadable
from ..wire import Json
from . import access, lists, orders, pages, periods, scenarios, singles
from .judge import error_words, safe_path
from .known import MEMBERS
from .probe import Answer, Probe
from .rows import KEYS, Row, row, unseen
from .shapes import shape_of, values_of
from .subject import Memory, Subject

# Seconds; a slower answer than this makes a day's work slow.
SLOW = 10
# Kept of those that were met.
MOST_ERRORS = 50
Step: TypeAlias = Callable[[Probe, Subject, Memory], list[Row]]


def _times(_probe: Probe, _subject: Subject, memory: Memory) -> list[Row]:
    longest = _part(memory, "seconds").items()
    slow = [n for n, one in longest if isinstance(one, float) and one > SLOW]
    return [row("busy", True), row("seconds", not slow, words=[*slow])]


_ALWAYS: dict[str, Step] = {
    "tokens": access.tokens,
    "find_account": access.find_account,
}
_ACCOUNT: dict[str, Step] = {
    "bad_token": access.bad_token,
    "date_forms": periods.date_forms,
    "longest_periods": periods.longest_periods,
    "listed": lists.listed,
    "pages": pages.pages,
    "page_sizes": pages.page_sizes,
    "half_questions": periods.half_questions,
    "timestamp": periods.timestamp,
    "all_accounts": periods.all_accounts,
    "movement": singles.movement,
    "unknown_account": singles.unknown_account,
    "figures": singles.figures,
}
_TRANSFERS: dict[str, Step] = {
    "unknown_orders": orders.unknown_orders,
    "known_order": orders.known_order,
    "known_batch": orders.known_batch,
}
_SCENARIOS: dict[str, Step] = {
    **{key: partial(scenarios.single, key) for key in scenarios.SINGLES},
    "scenario_batch": scenarios.batch,
    "scenario_duplicate": scenarios.duplicate,
}
_END: dict[str, Step] = {"times": _times}
STEPS: dict[str, Step] = {**_ALWAYS, **_ACCOUNT, **_TRANSFERS, **_SCENARIOS, **_END}


def names_of_steps(subject: Subject) -> list[str]:
    """The steps of a check of this subject, in their order."""
    steps = {**_ALWAYS}
    if subject.reads and subject.account:
        steps |= _ACCOUNT
    if subject.transfers:
        steps |= _TRANSFERS
        steps |= _SCENARIOS if subject.with_scenarios else {}
    return [*steps, *_END]


def run_step(name: str, probe: Probe, subject: Subject, memory: Memory) -> list[Row]:
    """The rows of one step; ``memory`` gets what it leaves for others.

    :raise TbcError: the bank is away, or asks for fewer requests
    """
    probe.is_moment_form = bool(memory.get("is_moment_form"))
    try:
        return STEPS[name](probe, subject, memory)
    except (TbcAuthRefused, TbcRefused, TbcUnreadable) as error:
        # No token for it: that is told already, scope by scope.
        _count(memory, "requests", 1)
        return unseen(**error_words(error))
    finally:
        _keep(memory, probe.taken())


def unseen_rows(rows: Iterable[str]) -> list[Row]:
    """The rows of what no step has looked at, given the keys of those that were."""
    known = set(rows)
    return unseen(*(key for key in KEYS if key not in known))


def _keep(memory: Memory, answers: list[Answer]) -> None:
    """Keep of the answers what tells nothing of anybody: shapes, times, errors."""
    shapes, seconds = _part(memory, "shapes"), _part(memory, "seconds")
    secrets = {one for answer in answers for one in values_of(answer.value)}
    for answer in answers:
        _count(memory, "requests", 1)
        before = seconds.get(answer.endpoint)
        longest = before if isinstance(before, float) else 0.0
        seconds[answer.endpoint] = max(longest, round(answer.seconds, 3))
        _add_shape(shapes, answer, secrets)
        if answer.error:
            _add_error(memory, answer, secrets)


def _add_shape(shapes: dict[str, Json], answer: Answer, secrets: set[str]) -> None:
    known = MEMBERS.get(answer.endpoint, {})
    shape = _part(shapes, answer.endpoint)
    for path, counted in shape_of(answer.value).items():
        name = path if path in known else safe_path(path, secrets)
        before = shape.get(name)
        told = Counter(before if isinstance(before, dict) else {})
        shape[name] = dict(told + counted)


def _add_error(memory: Memory, answer: Answer, secrets: set[str]) -> None:
    known = memory.setdefault("errors", [])
    if answer.error and isinstance(known, list) and len(known) < MOST_ERRORS:
        words = error_words(answer.error, secrets)
        told: dict[str, Json] = {"endpoint": answer.endpoint, **words}
        known.append({**told, "trace_id": answer.trace_id})


def _part(memory: dict[str, Json], name: str) -> dict[str, Json]:
    part = memory.setdefault(name, {})
    return part if isinstance(part, dict) else {}


def _count(memory: Memory, name: str, by: int) -> None:
    before = memory.get(name)
    memory[name] = (before if isinstance(before, int) else 0) + by
