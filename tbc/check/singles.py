"""One movement by its id, an account by its number, and what is not there."""

from .. import wire
from ..errors import BANK, TbcRefused, says_not_found
from ..wire import Json
from .judge import error_words, safe_path
from .known import MEMBERS
from .periods import last_days
from .probe import Answer, Probe
from .rows import Row, row, unseen
from .shapes import members_of
from .subject import Memory, Subject

# They have the form of what they name, and nobody has them.
NO_MOVEMENT = "000000000000.1"
NO_IBAN = "GE00TB0000000000000000"


def movement(probe: Probe, _subject: Subject, memory: Memory) -> list[Row]:
    """By its id a movement is told as in the list; an unknown id is told as such."""
    rows = unseen("movement_by_id")
    if movement_id := memory.get("movement_id"):
        answer = probe.ask("movement", f"/movements/{movement_id}")
        told = wire.json_object(answer.said.get("transaction"))
        is_same = told.get("movementId") == movement_id
        rows = [row("movement_by_id", is_same, **error_words(answer.error))]
    unknown = probe.ask("movement", f"/movements/{NO_MOVEMENT}")
    words = error_words(unknown.error)
    return [*rows, row("movement_unknown", _is_missing(unknown), **words)]


def _is_missing(answer: Answer) -> bool:
    """Whether our client reads it as "there is none"."""
    error = answer.error
    if isinstance(error, TbcRefused):
        return says_not_found(error) or error.title == "INCORRECT_INPUT_DATA"
    return answer.value == {"transaction": None}


def unknown_account(probe: Probe, subject: Subject, memory: Memory) -> list[Row]:
    """Each endpoint says INVALID_ACCOUNT of an account that is not there."""
    currency = subject.account["AccountCurrencyCode"]
    account = {"AccountNumber": NO_IBAN, "AccountCurrencyCode": currency}
    period = last_days(subject, 7)
    answers = [
        probe.ask_list(account, period, size=1),
        probe.ask_sums(account, period),
        probe.ask("balances", f"/{NO_IBAN}/balances/{currency}"),
    ]
    errors = [answer.error for answer in answers if answer.error]
    named = [error for error in errors if error.title == "INVALID_ACCOUNT"]
    odd = [answer for answer in answers if answer.error not in named]
    memory["error"] = _members(answers[0])
    told = {"count": len(named), **error_words(odd[0].error if odd else None)}
    is_shaped = all(error.author == BANK and error.trace_id for error in errors)
    return [
        row("account_unknown", len(named) == len(answers), **told),
        row("error_shape", is_shaped if errors else None, members=memory["error"]),
    ]


def _members(answer: Answer) -> dict[str, Json]:
    found = answer.error.members if answer.error else None
    return {safe_path(name): kind for name, kind in (found or {}).items()}


def figures(probe: Probe, subject: Subject, memory: Memory) -> list[Row]:
    """The statement adds up and names its days; the balance is where it ends."""
    days = memory.get("days")
    period = last_days(subject, days if isinstance(days, int) and days else 7)
    sums = probe.ask_sums(subject.account, period)
    balance = probe.ask_balance(subject)
    if not sums.value:
        return unseen("statement_adds_up", "statement_dates", "balance", "figure_types")
    names = ("openingBalance", "creditSum", "debitSum", "closingBalance")
    told = [wire.optional(sums.said, name, wire.decimal) for name in names]
    opening, credit, debit, closing = [one or 0 for one in told]
    days_told = [
        wire.optional(sums.said, name, wire.day)
        for name in ("openingDate", "closingDate")
    ]
    current = wire.optional(balance.said, "currentBalance", wire.decimal)
    is_sum = None not in told and opening + credit - debit == closing
    return [
        row("statement_adds_up", is_sum),
        row("statement_dates", days_told == [*period]),
        row("balance", None if current is None else current == closing),
        row("figure_types", *_odd_types(sums, balance)),
    ]


def _odd_types(*answers: Answer) -> tuple[bool]:
    """Whether each figure is a number, and each text a text."""
    for answer in answers:
        known = MEMBERS[answer.endpoint]
        for path, value in members_of(answer.value):
            kind, may_be_null = known.get(path, ("", True))
            allowed = {kind, "null"} if may_be_null else {kind}
            if wire.json_type(value) not in allowed:
                return (False,)
    return (True,)
