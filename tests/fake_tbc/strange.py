"""A bank that is not as its pages say: assumptions of its clients that do not hold.

``FakeBank(strange=["pages_from_1"])``, or ``--strange pages_from_1``. Each bends the
answers of some routes for as long as the bank runs; several at a time are possible. A
function is called with (call, truly), where ``truly(call)`` gives the answer that was due.
"""

import datetime as dt
from dataclasses import replace

from .errors import problem
from .exchange import Reply

_LISTS, _SUMS = {"movements"}, {"statements"}
_ACCOUNTS = {"movements", "movement", "statements", "balances"}
_MOVEMENTS = {"movements", "movement"}
_FIGURES = ("openingBalance", "closingBalance", "creditSum", "debitSum")
_FIGURES += ("currentBalance", "availableBalance", "amount")


def _refused(name):
    return problem("INCORRECT_INPUT_DATA", faults={name: [f"{name} is not valid"]})


def _changed(reply, change):
    """The same answer, once ``change`` has seen its value, if it is a good one."""
    if reply.status == 200:
        change(reply.value)
    return reply


def _each_movement(reply, change):
    def change_all(value):
        for movement in [*value.get("transactions", ()), value.get("transaction")]:
            if movement:
                change(movement)

    return _changed(reply, change_all)


def _day(call, name):
    return dt.date.fromisoformat(call.query[name][:10])


# --- questions ------------------------------------------------------------------------


def pages_from_1(call, truly):
    """PageIndex counts from 1; 0 is taken for 1."""
    asked = int(call.query.get("PageIndex", "0"))
    reply = truly(call.with_query(PageIndex=str(max(asked - 1, 0))))
    return _changed(reply, lambda value: value["pager"][0].update(pageIndex=asked))


def last_day_left_out(call, truly):
    """The last day of a period of movements is not part of it."""
    if "PeriodTo" not in call.query:
        return truly(call)
    last = _day(call, "PeriodTo") - dt.timedelta(days=1)
    if last >= _day(call, "PeriodFrom"):
        return truly(call.with_query(PeriodTo=str(last)))
    return _changed(truly(call), lambda value: value.update(transactions=[], total=0))


def moments_only(call, truly):
    """A day without a time of day is refused."""
    is_day = len(call.query.get("PeriodFrom", "")) == 10
    return _refused("PeriodFrom") if is_day else truly(call)


def days_only(call, truly):
    """A time of day is refused."""
    is_moment = len(call.query.get("PeriodFrom", "")) > 10
    return _refused("PeriodFrom") if is_moment else truly(call)


def short_periods(call, truly):
    """No period may be longer than 30 days."""
    if {"PeriodFrom", "PeriodTo"} <= set(call.query):
        days = (_day(call, "PeriodTo") - _day(call, "PeriodFrom")).days
        if days >= 30:
            return _refused("PeriodTo")
    return truly(call)


def small_pages(call, truly):
    """A page has 100 movements at most, whatever was asked for."""
    asked = call.query.get("PageSize", "700")
    is_large = asked.isdigit() and 100 < int(asked) <= 700
    return truly(call.with_query(PageSize="100") if is_large else call)


def half_accounts(call, truly):
    """A currency without an account is ignored, where others refuse the question."""
    query = {**call.query}
    if "AccountNumber" not in query:
        query.pop("AccountCurrencyCode", None)
    return truly(replace(call, query=query))


def no_timestamps(call, truly):
    """LastMovementTimeStamp is refused."""
    is_asked = "LastMovementTimeStamp" in call.query
    return _refused("LastMovementTimeStamp") if is_asked else truly(call)


# --- lists ----------------------------------------------------------------------------


def total_of_page(call, truly):
    """``total`` counts the page, and not the whole."""
    return _changed(
        truly(call), lambda value: value.update(total=len(value["transactions"]))
    )


def overlapping_pages(call, truly):
    """Each page but the first begins with the last movement of the one before."""
    reply, index = truly(call), int(call.query.get("PageIndex", "0"))
    if index == 0:
        return reply
    before = truly(call.with_query(PageIndex=str(index - 1)))

    def begin_so(value):
        last = before.value["transactions"][-1:]
        if value["transactions"]:
            value["transactions"] = last + value["transactions"][len(last) :]

    return _changed(reply, begin_so)


def no_page_past_end(call, truly):
    """A page past the last one is refused."""
    reply, size = truly(call), int(call.query.get("PageSize", "700"))
    index = int(call.query.get("PageIndex", "0"))
    is_past = reply.status == 200 and index and index * size >= reply.value["total"]
    return _refused("PageIndex") if is_past else reply


def utc_days(call, truly):
    """The moment of a movement is told in UTC, without saying so."""

    def tell(movement):
        midnight = dt.datetime.fromisoformat(movement["date"][:19])
        movement["date"] = (midnight - dt.timedelta(hours=4)).isoformat()

    return _each_movement(truly(call), tell)


def new_type(call, truly):
    """A transactionType that no page tells of."""
    return _each_movement(truly(call), lambda one: one.update(transactionType=77))


def new_status_code(call, truly):
    """What awaits authorisation has a statusCode that no page tells of."""

    def tell(movement):
        movement["statusCode"] = movement["statusCode"] and 7

    return _each_movement(truly(call), tell)


def new_member(call, truly):
    """A member that no page tells of."""
    return _each_movement(truly(call), lambda one: one.update(channel="WEB"))


def no_taxpayer(call, truly):
    """A member is left out where others write null."""
    return _each_movement(truly(call), lambda one: one.pop("taxpayerName", None))


def figures_as_text(call, truly):
    """Amounts are text."""

    def tell(value):
        movements = [*value.get("transactions", ()), value.get("transaction") or {}]
        for one in [value, *movements]:
            for name in set(_FIGURES) & set(one):
                one[name] = f"{one[name]:.2f}"

    return _changed(truly(call), tell)


# --- sums, errors, tokens -------------------------------------------------------------


def sums_without_debits(call, truly):
    """The sums of a period leave something out that the list has."""
    return _changed(
        truly(call),
        lambda value: value.update(
            debitSum=0,
            closingBalance=round(value["openingBalance"] + value["creditSum"], 2),
        ),
    )


def late_balance(call, truly):
    """The balance is not where the statement ends."""

    def tell(value):
        value["currentBalance"] = round(value["currentBalance"] - 1, 2)

    return _changed(truly(call), tell)


def unknown_id_fails(call, truly):
    """An id of no movement is a failure of the bank's."""
    reply = truly(call)
    return problem("GENERAL_ERROR") if reply.status == 400 else reply


def unknown_account_is_empty(call, truly):
    """An account that is not there has no movements and no money."""
    reply = truly(call)
    if reply.status != 400 or reply.value.get("title") != "INVALID_ACCOUNT":
        return reply
    paging = {"pageIndex": 0, "pageSize": int(call.query.get("PageSize", "0"))}
    nothing = {"transactions": [], "pager": [paging], "total": 0}
    return Reply(value={**nothing, **dict.fromkeys(_FIGURES, 0)})


def other_errors(call, truly):
    """An error is an object with a message, and none of the documented members."""
    reply = truly(call)
    if reply.status != 400:
        return reply
    return Reply(status=400, value={"error": {"message": "The request is not valid"}})


def other_not_found(call, truly):
    """What is not there is told in other words than the documented ones."""
    reply = truly(call)
    if reply.status == 404:
        reply.value.update(code="NO_SUCH_ORDER", title="No such order")
    return reply


def other_status_words(call, truly):
    """An executed order is "Completed"."""

    def tell(value):
        for one in [
            value,
            value["singleTransferData"],
            *(value["batchTransferData"] or ()),
        ]:
            for name in ("status", "transferStatus"):
                if one and str(one.get(name)).lower() == "finished":
                    one[name] = "Completed"

    return _changed(truly(call), tell)


def unknown_batch_is_empty(call, truly):
    """The status of a batch that is not there is that of one without transfers."""
    reply = truly(call)
    if reply.status != 404:
        return reply
    nothing = {"singleTransferData": None, "batchTransferData": []}
    return Reply(value={"status": "Initial state", **nothing})


def batch_without_orders(call, truly):
    """The status of a batch is one word for all of its transfers."""
    return _changed(truly(call), lambda value: value.update(batchTransferData=None))


def short_tokens(call, truly):
    """A token lives for twenty seconds."""
    return _changed(truly(call), lambda value: value.update(expires_in=20))


def other_token_shape(call, truly):
    """The token is not where the documented answer has it."""
    return _changed(
        truly(call),
        lambda value: value.update(accessToken=value.pop("access_token")),
    )


def other_token_type(call, truly):
    """The type of a token has another name."""
    return _changed(truly(call), lambda value: value.update(token_type="BearerToken"))


# name → (what bends the answer, the routes that it bends)
STRANGE = {
    "pages_from_1": (pages_from_1, _LISTS),
    "last_day_left_out": (last_day_left_out, _LISTS),
    "moments_only": (moments_only, _LISTS | _SUMS),
    "days_only": (days_only, _LISTS | _SUMS),
    "short_periods": (short_periods, _LISTS | _SUMS),
    "small_pages": (small_pages, _LISTS),
    "half_accounts": (half_accounts, _LISTS),
    "no_timestamps": (no_timestamps, _LISTS),
    "total_of_page": (total_of_page, _LISTS),
    "overlapping_pages": (overlapping_pages, _LISTS),
    "no_page_past_end": (no_page_past_end, _LISTS),
    "utc_days": (utc_days, _MOVEMENTS),
    "new_type": (new_type, _MOVEMENTS),
    "new_status_code": (new_status_code, _MOVEMENTS),
    "new_member": (new_member, _MOVEMENTS),
    "no_taxpayer": (no_taxpayer, _MOVEMENTS),
    "figures_as_text": (figures_as_text, _ACCOUNTS),
    "sums_without_debits": (sums_without_debits, _SUMS),
    "late_balance": (late_balance, {"balances"}),
    "unknown_id_fails": (unknown_id_fails, {"movement"}),
    "unknown_account_is_empty": (unknown_account_is_empty, _ACCOUNTS),
    "other_errors": (other_errors, _ACCOUNTS),
    "other_not_found": (
        other_not_found,
        {"find_single", "find_batch", "single_status", "batch_status"},
    ),
    "other_status_words": (other_status_words, {"single_status", "batch_status"}),
    "unknown_batch_is_empty": (unknown_batch_is_empty, {"batch_status"}),
    "batch_without_orders": (batch_without_orders, {"batch_status"}),
    "short_tokens": (short_tokens, {"token"}),
    "other_token_shape": (other_token_shape, {"token"}),
    "other_token_type": (other_token_type, {"token"}),
}


def check_names(names):
    """Return the names as a set.
    :raise ValueError: when one does not exist.
    """
    unknown = set(names) - set(STRANGE)
    if unknown:
        raise ValueError(
            f"nothing strange is called {', '.join(sorted(unknown))}; there are"
            f" {', '.join(STRANGE)}"
        )
    return set(names)


def bent(names, route_name, truly):
    """``truly`` as a bank with these oddities answers."""
    for name, (bend, routes) in STRANGE.items():
        if name in names and route_name in routes:
            truly = _one(bend, truly)
    return truly


def _one(bend, truly):
    return lambda call: bend(call, truly)
