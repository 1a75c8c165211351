"""The accounts endpoints. Bank's pages: bis-accounts and the four pages below it."""

import datetime as dt

from .clock import write_moment
from .errors import Refusal, problem
from .exchange import Reply
from .money import number
from .parameters import movements_query, statement_query


def movements(bank, client, call):
    """``GET /movements``: ``transactions`` (newest first), ``pager`` (a list of one),
    ``total`` over all pages.
    """
    asked = movements_query(call.query)
    accounts = _reachable(bank, client, asked.account)
    found = bank.ledger.select(
        accounts, changed_after=asked.changed_after, **asked.days
    )
    if bank.scenarios:
        found = bank.scenarios.movements(asked, found)
    unlisted = bank.ledger.count_unlisted(accounts, **asked.days)
    start = asked.page_index * asked.page_size
    now = bank.now
    return Reply(
        value={
            "transactions": [
                row.as_json(now) for row in found[start : start + asked.page_size]
            ],
            "pager": [{"pageIndex": asked.page_index, "pageSize": asked.page_size}],
            "total": len(found) + unlisted,
        }
    )


def movement(bank, client, _call, movement_id):
    """``GET /movements/{id}``: ``{"transaction": …}``. An unknown id is
    INCORRECT_INPUT_DATA (the page is silent).
    """
    found = bank.ledger.find(movement_id)
    if found is None or found.account not in _visible(bank, client):
        raise Refusal(
            problem("INCORRECT_INPUT_DATA", faults={"id": ["movement not found"]})
        )
    return Reply(value={"transaction": found.as_json(bank.now)})


def statements(bank, client, call):
    """``GET /statements``: totals of whole days; the dates echo the question in local
    time without offset.
    """
    asked = statement_query(call.query)
    _reachable(bank, client, asked.account)
    totals = bank.scenarios and bank.scenarios.statement(asked)
    if not totals:
        totals = bank.ledger.totals(
            asked.account, asked.since.date(), asked.until.date()
        )
    iban, currency = asked.account
    return Reply(
        value={
            "openingDate": write_moment(asked.since),
            "openingBalance": number(totals["opening"]),
            "closingDate": write_moment(asked.until),
            "closingBalance": number(totals["closing"]),
            "creditSum": number(totals["credit"]),
            "debitSum": number(totals["debit"]),
            "currency": currency,
            "accountNumber": iban,
        }
    )


def balances(bank, client, _call, iban, currency):
    """``GET /accounts/{iban}/balances/{currency}``: available is current, less debits
    that wait for authorisation, plus the overdraft limit.
    """
    account = iban, currency
    _reachable(bank, client, account)
    balance = bank.scenarios and bank.scenarios.balance(account)
    if not balance:
        whole = bank.ledger.totals(account, dt.date.min, dt.date.max)
        balance = {
            "current": whole["closing"],
            "available": bank.ledger.available(account),
            "limit": bank.ledger.overdraft(account),
        }
    limit = balance["limit"]
    return Reply(
        value={
            "currentBalance": number(balance["current"]),
            "availableBalance": number(balance["available"]),
            "overdraftLimit": None if limit is None else number(limit),
            "currency": currency,
        }
    )


def _visible(bank, client):
    return [one for one in bank.ledger.accounts if client.sees(one)]


def _reachable(bank, client, account):
    """The accounts asked for: the one, or all that the credentials may see."""
    visible = _visible(bank, client)
    if account is None:
        return visible
    if account not in visible:
        raise Refusal(problem("INVALID_ACCOUNT"))
    return [account]
