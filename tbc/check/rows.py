"""One row of the check: what we assume, and whether the bank does so."""

from dataclasses import dataclass

from ..wire import Json

EXPECTED, DIFFERS, NOT_SEEN = "expected", "differs", "not_seen"

# Everything that is looked at, in the order in which it is shown.
KEYS = (
    *("scope_accounts", "scope_transfers", "token_usable", "token_type"),
    *("token_life", "bad_token"),
    *("date_form", "moment_form", "longest_list", "longest_sums"),
    *("list_complete", "readable", "ids_unique", "id_form", "page_size"),
    *("sums_of_period", "sums_of_days", "first_day", "last_day", "night_day"),
    *("members_unknown", "members_missing", "member_types", "member_null"),
    *("amount_scale", "transaction_types", "status_codes", "operation_codes"),
    *("page_index", "same_total", "pages_apart", "past_end"),
    *("too_large_page", "empty_page", "half_questions"),
    *("movement_by_id", "movement_unknown"),
    *("account_unknown", "error_shape", "timestamp", "all_accounts"),
    *("statement_adds_up", "statement_dates", "balance", "figure_types"),
    *("find_unknown", "status_unknown", "find_known", "status_words"),
    *("find_known_batch", "batch_words", "batch_orders"),
    *("scenario_own", "scenario_within_bank", "scenario_other_bank"),
    *("scenario_foreign", "scenario_treasury", "scenario_taxpayer"),
    *("scenario_batch", "scenario_duplicate"),
    *("busy", "seconds"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One thing that was looked at.

    ``seen``: counts, and words of closed lists, by name: never a value of the bank's.
    """

    key: str
    outcome: str
    seen: dict[str, Json]


def row(key: str, is_fine: bool | None, **seen: Json) -> Row:
    """The ``Row`` of a thing; ``None``: it could not be seen."""
    outcome = NOT_SEEN if is_fine is None else EXPECTED if is_fine else DIFFERS
    return Row(key=key, outcome=outcome, seen=seen)


def unseen(*keys: str, **seen: Json) -> list[Row]:
    """The rows of things that could not be seen."""
    return [row(key, None, **seen) for key in keys]
