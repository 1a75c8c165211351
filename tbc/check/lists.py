"""The list of movements of some days, against itself and against the bank's sums."""

import datetime
import re
from collections import Counter, defaultdict
from decimal import Decimal

from .. import wire
from ..client import LARGEST_PAGE
from ..errors import TbcError
from ..movement import Movement, parse_movement_page
from ..wire import Json, JsonValue
from .judge import CUT, error_words, safe_code, safe_path
from .known import MEMBERS, NEEDED, STATUS_CODES, TRANSACTION_TYPES
from .periods import last_days
from .probe import Answer, Probe
from .rows import DIFFERS, Row, row, unseen
from .shapes import members_of, values_of
from .subject import Memory, Period, Subject

MOST_PAGES = 5
# So many days are compared with the bank's sums, one by one.
MOST_DAYS = 3
DAY = datetime.timedelta(days=1)
_LISTED = (
    *("list_complete", "readable", "ids_unique", "id_form", "page_size"),
    *("sums_of_period", "sums_of_days", "first_day", "last_day", "night_day"),
    *("members_unknown", "members_missing", "member_types", "member_null"),
    *("amount_scale", "transaction_types", "status_codes", "operation_codes"),
)


class Listed:
    """All movements of a period, as the bank lists them, and as our code reads them."""

    def __init__(self, pages: list[Answer]) -> None:
        self.first = pages[0]
        self.raw = [raw for page in pages for raw in page.rows]
        self.objects = [wire.json_object(raw) for raw in self.raw]
        parsed = parse_movement_page({"transactions": self.raw, "total": 0})
        self.movements, self.unreadable = parsed.movements, parsed.unreadable
        self.secrets = {one for page in pages for one in values_of(page.value)}

    def sums(self, day: datetime.date | None = None) -> list[Decimal]:
        """What came in and what went out, of the authorised ones, of all days or one."""
        own = [m.amount for m in self._booked() if day in (None, m.day)]
        return [
            sum((one for one in own if one > 0), Decimal(0)),
            -sum((one for one in own if one < 0), Decimal(0)),
        ]

    def days(self) -> Counter[datetime.date]:
        """How many movements each day has."""
        return Counter(movement.day for movement in self.movements)

    def _booked(self) -> list[Movement]:
        # One that is listed twice is one.
        by_id = {m.movement_id: m for m in self.movements if m.is_authorised}
        return list(by_id.values())

    def words(self, name: str) -> list[str]:
        """What is told under a name in movements, each once, as safe codes.

        What stands under another name, too, is no word of this list: a name, say.
        """
        values = {str(one.get(name)) for one in self.objects if one.get(name)}
        values |= {"0" for one in self.objects if one.get(name) == 0}
        secrets = {
            text
            for one in self.objects
            for text in values_of({k: v for k, v in one.items() if k != name})
        }
        return sorted({safe_code(value, secrets) or CUT for value in values})


def listed(probe: Probe, subject: Subject, memory: Memory) -> list[Row]:
    """Read the days that were chosen, and look at everything in them."""
    days = memory.get("days")
    if not isinstance(days, int) or not days:
        return unseen(*_LISTED)
    period = last_days(subject, days)
    pages = _pages(probe, subject, period)
    if not pages[0].value:
        return unseen(*_LISTED, **error_words(pages[0].error or TbcError()))
    found = Listed(pages)
    memory["total"] = pages[0].total
    memory["movement_id"] = next((m.movement_id for m in found.movements), None)
    return [
        *_of_the_list(found),
        *_of_members(found),
        *_of_closed_lists(found),
        *_of_sums(probe, subject, found, period),
        *_of_days(probe, subject, found),
    ]


def _pages(probe: Probe, subject: Subject, period: Period) -> list[Answer]:
    pages = [probe.ask_list(subject.account, period)]
    read = len(pages[0].rows)
    while len(pages) < MOST_PAGES and pages[-1].rows and read < (pages[0].total or 0):
        pages.append(probe.ask_list(subject.account, period, index=len(pages)))
        read += len(pages[-1].rows)
    return pages


def _of_the_list(found: Listed) -> list[Row]:
    total, count = found.first.total, len(found.raw)
    ids = Counter(str(one.get("movementId")) for one in found.objects)
    twice = sum(times > 1 for times in ids.values())
    return [
        row("list_complete", total == count, total=total, count=count),
        row("readable", not found.unreadable, count=len(found.unreadable)),
        row("ids_unique", not twice, count=twice),
        row("id_form", *_odd_ids(found)),
        _page_size(found.first),
    ]


def _odd_ids(found: Listed) -> tuple[bool]:
    """Whether each id ends by its leg: ``.1`` of a debit, ``.2`` of a credit."""
    legs = (
        (re.fullmatch(r"\d+\.([12])", m.movement_id, re.ASCII), m.amount < 0)
        for m in found.movements
    )
    return (all(leg and (leg[1] == "1") == is_out for leg, is_out in legs),)


def _page_size(first: Answer) -> Row:
    """Whether a page takes as many as we ask for, by its length, else by its echo."""
    pager = first.said.get("pager")
    told = pager[0] if isinstance(pager, list) and pager else pager
    echo = wire.optional(told, "pageSize", wire.integer)
    count, total = len(first.rows), first.total or 0
    if total > count:
        return row("page_size", count == LARGEST_PAGE, figure=count)
    return row("page_size", None if echo is None else echo == LARGEST_PAGE, figure=echo)


_KNOWN_MEMBERS = {
    path.removeprefix("transactions[]."): kind
    for path, kind in MEMBERS["movements"].items()
    if path.startswith("transactions[].")
}


def _of_members(found: Listed) -> list[Row]:
    seen: dict[str, set[str]] = defaultdict(set)
    for one in found.objects:
        for path, value in members_of(one):
            seen[path].add(wire.json_type(value))
    known = _KNOWN_MEMBERS
    unknown = [safe_path(path, found.secrets) for path in seen if path not in known]
    missing = [path for path in known if path not in seen and _has_parent(path, seen)]
    other = _of_other_type(seen)
    null = [path for path in NEEDED if "null" in seen.get(path, ())]
    return [
        _row_of_names("members_unknown", sorted(unknown)),
        _row_of_names("members_missing", missing),
        row("member_types", not other, members={**other}),
        _row_of_names("member_null", null),
    ]


def _of_other_type(seen: dict[str, set[str]]) -> dict[str, Json]:
    """The JSON types that members have beside their own and null."""
    others = {
        path: kinds - {_KNOWN_MEMBERS[path][0], "null"}
        for path, kinds in seen.items()
        if path in _KNOWN_MEMBERS
    }
    return {path: ", ".join(sorted(kinds)) for path, kinds in others.items() if kinds}


def _has_parent(path: str, seen: dict[str, set[str]]) -> bool:
    above = path.rpartition(".")[0]
    return not above or "object" in seen.get(above, ())


def _row_of_names(key: str, names: list[str]) -> Row:
    told: list[Json] = [*names]
    return row(key, not names, words=told)


def _of_closed_lists(found: Listed) -> list[Row]:
    amounts = [wire.optional(one, "amount", wire.decimal) for one in found.objects]
    odd = [a for a in amounts if a is not None and (a <= 0 or a != round(a, 2))]
    codes = found.words("opCode")
    return [
        row("amount_scale", not odd, count=len(odd)),
        _closed(found, "transaction_types", "transactionType", TRANSACTION_TYPES),
        _closed(found, "status_codes", "statusCode", STATUS_CODES),
        # The bank publishes no list of these.
        row("operation_codes", None if not codes else CUT not in codes, words=[*codes]),
    ]


def _closed(found: Listed, key: str, name: str, known: tuple[int, ...]) -> Row:
    others = [word for word in found.words(name) if word not in map(str, known)]
    return _row_of_names(key, others)


def _of_sums(
    probe: Probe, subject: Subject, found: Listed, period: Period
) -> list[Row]:
    """The list against the statement, as a whole and day by day."""
    if found.first.total != len(found.raw):
        return unseen("sums_of_period", "sums_of_days")
    whole = _agrees(probe, subject, found.sums(), period)
    days = sorted(found.days())
    # Today's movements may come between two questions.
    days = [day for day in days if day < subject.today] or days
    chosen = sorted({days[0], days[len(days) // 2], days[-1]}) if days else []
    each = [_agrees(probe, subject, found.sums(d), (d, d)) for d in chosen]
    told = [one for one in each if one is not None]
    return [
        row("sums_of_period", whole),
        row("sums_of_days", all(told) if told else None, count=told.count(False)),
    ]


def _agrees(
    probe: Probe, subject: Subject, own: list[Decimal], period: Period
) -> bool | None:
    said = probe.ask_sums(subject.account, period).said
    names = ("creditSum", "debitSum")
    sums = [wire.optional(said, name, wire.decimal) for name in names]
    return None if None in sums else sums == own


def _of_days(probe: Probe, subject: Subject, found: Listed) -> list[Row]:
    """Both ends of a period belong to it; and a night's movement to its Georgian day."""
    if not found.days():
        return unseen("first_day", "last_day", "night_day")
    night = _night(probe, subject, found)
    if night.outcome == DIFFERS:
        # Nobody knows which day is meant.
        return [night, *unseen("first_day", "last_day")]
    [(day, count)] = found.days().most_common(1)
    has_first = _count(probe, subject, (day, day + DAY), day) == count
    has_last = _count(probe, subject, (day - DAY, day), day) == count
    return [night, row("first_day", has_first), row("last_day", has_last)]


def _count(probe: Probe, subject: Subject, period: Period, day: datetime.date) -> int:
    rows = probe.ask_list(subject.account, period).rows
    page = parse_movement_page({"transactions": rows, "total": 0})
    return sum(movement.day == day for movement in page.movements)


def _night(probe: Probe, subject: Subject, found: Listed) -> Row:
    """A movement that names an hour of the night is listed under the day we read."""
    for movement in found.movements:
        if not _is_night(movement.raw.get("date")):
            continue
        period = movement.day, movement.day
        listed_then = probe.ask_list(subject.account, period).ids
        return row("night_day", movement.movement_id in listed_then)
    return row("night_day", None)


def _is_night(value: JsonValue) -> bool:
    """Whether another zone's day may be another one: 20:00 to 04:00, but midnight."""
    clock = re.match(r"[\d-]{10}T(\d\d):(\d\d)", str(value), re.ASCII)
    hours = clock.groups() if clock else ("12", "00")
    return hours != ("00", "00") and not 4 <= int(hours[0]) < 20
