"""The words of each row: what is assumed, what the bank does, and what it means."""


def _lt(sentence):
    """Mark a sentence of a table for the translators; ``env._`` translates it."""
    return sentence


def assumption(env, key):
    """What this module relies on."""
    return env._(_ROWS[key][0]) if key in _ROWS else key


def bank_does(env, key, outcome, seen):
    """What the bank does instead, or why it could not be seen."""
    error = _error(seen)
    if outcome == "not_seen":
        sentence = env._("There was nothing to see it by.")
        if error:
            sentence = env._("The bank did not answer the question.")
    elif outcome == "differs" and key in _ROWS:
        figures = {name: seen.get(name, "") for name in ("figure", "count", "total")}
        sentence = env._(_ROWS[key][1], words=_words(seen), **figures)
    else:
        return ""
    return f"{sentence} ({error})" if error else sentence


def meaning(env, key, outcome):
    """What a difference means for this user."""
    if outcome != "differs" or key not in _ROWS:
        return ""
    return env._(_MEANINGS[_ROWS[key][2]])


def meaning_of_word(env, kind):
    """What a word means for this user that the bank says and nobody knows."""
    key = "hold" if kind == "status_code" else "report"
    return env._(_MEANINGS[key])


def _error(seen):
    status = seen.get("status")
    words = [f"HTTP {status}" if status else "", seen.get("code"), seen.get("title")]
    return ", ".join(word for word in words if word)


def _words(seen):
    found = seen.get("words") or []
    if members := seen.get("members"):
        found = [f"{name}: {kind}" for name, kind in members.items()]
    told = [*found, *filter(None, [seen.get("word"), seen.get("status_word")])]
    return ", ".join(str(word) for word in told) or "–"


_MEANINGS = {
    "nothing": _lt("Nothing: the module copes with it by itself."),
    "slower": _lt(
        "Nothing is lost: the module asks in smaller parts, which is slower."
    ),
    "setting": _lt(
        "Tick the permission in Business Internet Banking, or untick it here. Then test"
        " the connection."
    ),
    "hold": _lt(
        "Such transactions wait on hold and are named there. Send the file: this is to"
        " be mended in the module."
    ),
    "fault": _lt(
        "A fault of the module. The balance check tells which days differ until it is"
        " mended. Send the file."
    ),
    "fault_of_tokens": _lt(
        "Nothing can be synced or paid until this is mended in the module. Send the"
        " file."
    ),
    "sums": _lt(
        "Days may be shown as different although all transactions are in. Send the file."
    ),
    "report": _lt("Nothing stops for it. Send the file, so that it gets a meaning."),
    "transfers": _lt(
        "Initiate no transfers until this is looked at: a transfer may stay in "
        "Checking with the Bank. Send the file."
    ),
    "sandbox": _lt("Only the sandbox is concerned. Send the file."),
    "wait": _lt("The bank asks for fewer requests: check again later."),
}

_REFUSES = _lt("The bank refuses it.")
_OTHER = _lt("The bank answers otherwise.")
_ANSWERS = _lt("The bank answers such a question.")
_NAMES = _lt("The bank tells: %(words)s")

# key → (what is assumed, what the bank does, what it means)
_ROWS = {
    "scope_accounts": (
        _lt("The integration may view statements."),
        _REFUSES,
        "setting",
    ),
    "scope_transfers": (
        _lt("The integration may initiate transfers."),
        _REFUSES,
        "setting",
    ),
    "token_usable": (
        _lt("The bank's answer holds a token that can be used."),
        _lt("It holds none. It tells: %(words)s"),
        "fault_of_tokens",
    ),
    "token_type": (_lt("A token is of the type Bearer."), _NAMES, "nothing"),
    "token_life": (
        _lt("A token says how long it lives, which is more than a minute."),
        _lt("The bank tells %(figure)s seconds."),
        "slower",
    ),
    "bad_token": (
        _lt("A token that is over is answered with HTTP 401."),
        _OTHER,
        "report",
    ),
    "date_form": (_lt("A day may be asked for as a date."), _REFUSES, "fault"),
    "moment_form": (
        _lt("A day may be asked for as a date with a time."),
        _REFUSES,
        "nothing",
    ),
    "longest_list": (
        _lt("The bank lists the transactions of a month at once."),
        _lt("The longest list that it gives has %(figure)s days."),
        "slower",
    ),
    "longest_sums": (
        _lt("The bank tells the sums of a year at once."),
        _lt("The longest period that it tells has %(figure)s days."),
        "slower",
    ),
    "list_complete": (
        _lt("A list has as many transactions as it says."),
        _lt("It says %(total)s and has %(count)s."),
        "fault",
    ),
    "readable": (
        _lt("Each transaction can be read."),
        _lt("%(count)s can't."),
        "hold",
    ),
    "ids_unique": (
        _lt("An ID stands for one transaction."),
        _lt("%(count)s IDs come more than once."),
        "fault",
    ),
    "id_form": (
        _lt("An ID ends with .1 for money out and with .2 for money in."),
        _lt("Some end otherwise."),
        "report",
    ),
    "page_size": (
        _lt("A page has 700 transactions."),
        _lt("It has %(figure)s."),
        "slower",
    ),
    "sums_of_period": (
        _lt("The list of a period equals its sums."),
        _lt("The sums of the period are others."),
        "sums",
    ),
    "sums_of_days": (
        _lt("The list of a day equals its sums."),
        _lt("The sums of %(count)s days are others."),
        "sums",
    ),
    "first_day": (
        _lt("A period includes its first day."),
        _lt("It leaves it out."),
        "fault",
    ),
    "last_day": (
        _lt("A period includes its last day."),
        _lt("It leaves it out."),
        "fault",
    ),
    "night_day": (
        _lt("A transaction of the night belongs to its Georgian day."),
        _lt("It is listed under another day."),
        "fault",
    ),
    "members_unknown": (
        _lt("A transaction has no fields but the documented ones."),
        _NAMES,
        "report",
    ),
    "members_missing": (
        _lt("A transaction has all documented fields."),
        _lt("These are missing: %(words)s"),
        "nothing",
    ),
    "member_types": (
        _lt("Each field is of the documented type."),
        _NAMES,
        "nothing",
    ),
    "member_null": (
        _lt("Amount, currency, ID, direction and status are always filled."),
        _lt("These are empty at times: %(words)s"),
        "hold",
    ),
    "amount_scale": (
        _lt("An amount is above zero and has two decimals."),
        _lt("%(count)s are otherwise."),
        "hold",
    ),
    "transaction_types": (
        _lt("Each transaction type is a documented one."),
        _NAMES,
        "report",
    ),
    "status_codes": (
        _lt("Each status code is a documented one."),
        _NAMES,
        "hold",
    ),
    "operation_codes": (
        _lt("Operation codes are short words."),
        _NAMES,
        "report",
    ),
    "page_index": (
        _lt("Pages are counted from 0."),
        _lt("They are counted from %(figure)s."),
        "fault",
    ),
    "same_total": (
        _lt("Each page tells the same total."),
        _lt("The totals differ."),
        "fault",
    ),
    "pages_apart": (
        _lt("No transaction is on two pages."),
        _lt("Some are, or some are on none."),
        "fault",
    ),
    "past_end": (_lt("A page after the last one is empty."), _OTHER, "nothing"),
    "too_large_page": (
        _lt("More than 700 transactions on a page are refused."),
        _ANSWERS,
        "nothing",
    ),
    "empty_page": (
        _lt("A page of no transactions tells the total."),
        _OTHER,
        "nothing",
    ),
    "half_questions": (
        _lt("Half an account or half a period is refused."),
        _ANSWERS,
        "nothing",
    ),
    "movement_by_id": (
        _lt("A transaction can be asked for by its ID."),
        _OTHER,
        "report",
    ),
    "movement_unknown": (
        _lt("The bank says so when it does not know an ID."),
        _OTHER,
        "report",
    ),
    "account_unknown": (
        _lt("The bank says so when it does not know an account."),
        _OTHER,
        "report",
    ),
    "error_shape": (
        _lt("An error has a documented code and a trace ID."),
        _NAMES,
        "report",
    ),
    "timestamp": (
        _lt("The bank tells what has changed since a moment."),
        _REFUSES,
        "nothing",
    ),
    "all_accounts": (
        _lt("Without an account the bank lists all accounts."),
        _OTHER,
        "report",
    ),
    "statement_adds_up": (
        _lt("Opening balance and sums make the closing balance."),
        _lt("They do not."),
        "sums",
    ),
    "statement_dates": (
        _lt("A statement names the days that were asked for."),
        _lt("It names others."),
        "sums",
    ),
    "balance": (
        _lt("The balance now is where the statement ends."),
        _lt("It is another one."),
        "sums",
    ),
    "figure_types": (
        _lt("Balances and sums are numbers."),
        _lt("Some are not."),
        "nothing",
    ),
    "find_unknown": (
        _lt("The bank says so when it does not know a transfer."),
        _OTHER,
        "transfers",
    ),
    "status_unknown": (
        _lt("The bank says so when it has no status of a transfer."),
        _OTHER,
        "transfers",
    ),
    "find_known": (
        _lt("The bank finds a transfer by our ID."),
        _lt("It does not find it."),
        "transfers",
    ),
    "status_words": (
        _lt("The status of a transfer is a documented word."),
        _NAMES,
        "transfers",
    ),
    "find_known_batch": (
        _lt("The bank finds a batch by our ID."),
        _lt("It does not find it."),
        "transfers",
    ),
    "batch_words": (
        _lt("The status of a batch and of each of its transfers is a documented word."),
        _NAMES,
        "transfers",
    ),
    "batch_orders": (
        _lt("The status of a batch tells of each of its transfers."),
        _lt("It tells of %(count)s, or leaves out what each is known by."),
        "transfers",
    ),
    "scenario_own": (
        _lt("Sandbox: a transfer to an own account is taken."),
        _OTHER,
        "sandbox",
    ),
    "scenario_within_bank": (
        _lt("Sandbox: a transfer within the bank is taken."),
        _OTHER,
        "sandbox",
    ),
    "scenario_other_bank": (
        _lt("Sandbox: a transfer to another bank is taken."),
        _OTHER,
        "sandbox",
    ),
    "scenario_foreign": (
        _lt("Sandbox: a transfer in another currency is taken."),
        _OTHER,
        "sandbox",
    ),
    "scenario_treasury": (
        _lt("Sandbox: a transfer to the Treasury is taken."),
        _OTHER,
        "sandbox",
    ),
    "scenario_taxpayer": (
        _lt("Sandbox: a transfer to the Treasury for another taxpayer is taken."),
        _OTHER,
        "sandbox",
    ),
    "scenario_batch": (
        _lt("Sandbox: a batch of three transfers is taken."),
        _OTHER,
        "sandbox",
    ),
    "scenario_duplicate": (
        _lt("Sandbox: the same transfer is refused when it is sent again."),
        _OTHER,
        "transfers",
    ),
    "busy": (
        _lt("The bank answers a few dozen questions without asking for fewer."),
        _lt("It asks for fewer."),
        "wait",
    ),
    "seconds": (
        _lt("Each question is answered within ten seconds."),
        _lt("These take longer: %(words)s"),
        "slower",
    ),
}
