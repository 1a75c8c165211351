"""Paging: where it begins, whether it is whole, what lies past its end."""

from collections.abc import Sequence

from .. import wire
from ..client import LARGEST_PAGE
from .judge import error_words
from .periods import last_days
from .probe import Answer, Probe
from .rows import Row, row, unseen
from .subject import Memory, Subject

# Movements on a page of this step.
LARGEST = 20
_PAGED = ("page_index", "same_total", "pages_apart", "past_end")


def pages(probe: Probe, subject: Subject, memory: Memory) -> list[Row]:
    """Three small pages and the one past the last."""
    days, total = memory.get("days"), memory.get("total")
    if not isinstance(days, int) or not isinstance(total, int) or total < 2:
        return unseen(*_PAGED)
    period = last_days(subject, days)
    size = min(LARGEST, -(-total // 2))

    def page(index: int) -> Answer:
        return probe.ask_list(subject.account, period, index=index, size=size)

    found = [page(0), page(1)]
    # Some count from one, and take no page for the first.
    is_shifted = not found[0].value or found[0].ids == found[1].ids
    if is_shifted:
        found = [found[1], page(2)]
    past = page(-(-total // size) + is_shifted)
    return [
        row("page_index", not is_shifted, figure=int(is_shifted)),
        row(
            "same_total", {total} == {one.total for one in (*found, past) if one.value}
        ),
        row("pages_apart", _is_apart(found, size, total)),
        row("past_end", bool(past.value) and not past.rows, **_words(past)),
    ]


def _is_apart(found: Sequence[Answer], size: int, total: int) -> bool:
    ids = [one for page in found for one in page.ids]
    return len(ids) == len(set(ids)) == min(2 * size, total)


def _words(page: Answer) -> dict[str, wire.Json]:
    return error_words(page.error) or {"count": len(page.rows)}


def page_sizes(probe: Probe, subject: Subject, _memory: Memory) -> list[Row]:
    """A larger page than the largest is refused; one of none has the total alone."""
    period = last_days(subject, 7)
    large = probe.ask_list(subject.account, period, size=LARGEST_PAGE + 1)
    empty = probe.ask_list(subject.account, period, size=0)
    is_empty = empty.total is not None and not empty.rows
    return [
        row("too_large_page", large.is_refused, **_words(large)),
        row("empty_page", is_empty, **_words(empty)),
    ]
