"""The forms of a day, and the longest period that the bank answers for."""

import datetime

from ..client import LARGEST_PAGE
from .judge import error_words
from .probe import Probe
from .rows import Row, row, unseen
from .subject import Memory, Period, Subject

# Days. The code asks for lists of a month, and for sums of a year.
LENGTHS = (31, 92, 183, 366)
LIST_DAYS, SUM_DAYS = 31, 366
# The bank takes no period of a month: a shorter one shows the rest.
SHORT = 14
# Days whose movements are looked at hold so many, at most; and at least, if there are.
MOST_MOVEMENTS, FEW_MOVEMENTS = 2000, 10


def last_days(subject: Subject, days: int) -> Period:
    """A period of so many days that ends today."""
    return subject.today - datetime.timedelta(days=days - 1), subject.today


def date_forms(probe: Probe, subject: Subject, memory: Memory) -> list[Row]:
    """Whether a day is taken as a date, and as a moment; the others ask in that form."""
    period, answers = last_days(subject, 7), {}
    for key, is_moment in (("date_form", False), ("moment_form", True)):
        probe.is_moment_form = is_moment
        answers[key] = probe.ask_list(subject.account, period, size=1)
    probe.is_moment_form = not answers["date_form"].value
    memory["is_moment_form"] = probe.is_moment_form
    totals = {answer.total for answer in answers.values() if answer.value}
    rows = []
    for key, answer in answers.items():
        words = error_words(answer.error) or {"figure": answer.total}
        rows.append(row(key, bool(answer.value) and len(totals) < 2, **words))
    return rows


def _totals(probe: Probe, subject: Subject, lengths: tuple[int, ...]) -> dict[int, int]:
    """How many movements the list has, by the days asked for, while it is answered."""
    totals = {}
    for days in lengths:
        answer = probe.ask_list(subject.account, last_days(subject, days), size=1)
        if answer.total is None:
            break
        totals[days] = answer.total
    return totals


def _summed(probe: Probe, subject: Subject) -> list[int]:
    """The days for which the bank's sums are answered, until it refuses."""
    summed = []
    for days in LENGTHS:
        if not probe.ask_sums(subject.account, last_days(subject, days)).value:
            break
        summed.append(days)
    return summed


def longest_periods(probe: Probe, subject: Subject, memory: Memory) -> list[Row]:
    """Which periods are answered; and the days that the other steps look at."""
    totals, sums = _totals(probe, subject, LENGTHS), _summed(probe, subject)
    longest_list, longest_sums = max(totals, default=0), max(sums, default=0)
    memory["days"] = _window(totals or _totals(probe, subject, (SHORT,)))
    return [
        row("longest_list", longest_list >= LIST_DAYS, figure=longest_list),
        row("longest_sums", longest_sums >= SUM_DAYS, figure=longest_sums),
    ]


def _window(totals: dict[int, int]) -> int:
    """How many days, up to today, have movements enough and not too many; else 0."""
    for days, total in sorted(totals.items()):
        if total >= FEW_MOVEMENTS:
            return max(1, min(days, days * MOST_MOVEMENTS // total))
    return max((days for days, total in totals.items() if total), default=0)


def half_questions(probe: Probe, subject: Subject, _memory: Memory) -> list[Row]:
    """Half an account, half a period, a time stamp with a period: refused, we assume."""
    first, last = last_days(subject, 7)
    period = probe.period(first, last)
    asked: list[dict[str, str]] = [
        {"AccountCurrencyCode": subject.account["AccountCurrencyCode"], **period},
        {**subject.account, "PeriodFrom": period["PeriodFrom"]},
        {**period, "LastMovementTimeStamp": f"{first}T00:00:00"},
    ]
    answers = [
        probe.ask("movements", "/movements", {**one, "PageIndex": 0, "PageSize": 1})
        for one in asked
    ]
    refused = sum(answer.is_refused for answer in answers)
    return [row("half_questions", refused == len(answers), count=refused)]


def timestamp(probe: Probe, subject: Subject, _memory: Memory) -> list[Row]:
    """Whether the bank tells what has changed since a moment."""
    first, _last = last_days(subject, 7)
    query = {"LastMovementTimeStamp": f"{first}T00:00:00"}
    answer = probe.ask(
        "movements", "/movements", {**query, "PageIndex": 0, "PageSize": 1}
    )
    words = error_words(answer.error) or {"figure": answer.total}
    return [row("timestamp", answer.total is not None, **words)]


def all_accounts(probe: Probe, subject: Subject, memory: Memory) -> list[Row]:
    """Without an account the bank lists all: so accounts are found."""
    days, total = memory.get("days"), memory.get("total")
    if not isinstance(days, int) or not isinstance(total, int):
        return unseen("all_accounts")
    answer = probe.ask_list({}, last_days(subject, days))
    is_whole = max(answer.total or 0, len(answer.rows)) >= min(total, LARGEST_PAGE)
    return [row("all_accounts", is_whole, **error_words(answer.error))]
