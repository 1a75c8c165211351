"""The front door: one method for each endpoint of the bank's accounts service.

Source: https://developers.tbcbank.ge/docs/bis-accounts
"""

import hashlib
import re
import time

from . import wire
from .account import parse_balance, parse_statement
from .auth import SCOPE_ACCOUNTS, ClientCredentials, TokenCache, fetch_token
from .errors import TbcAuthRefused, TbcRefused
from .movement import parse_movement, parse_movement_page
from .transport import Transport

PRODUCTION_URL = "https://api.tbcbank.ge"
SANDBOX_URL = "https://test-api.tbcbank.ge"
ACCOUNTS_PATH = "/bab/v1/accounts"
LARGEST_PAGE = 700


class TbcClient:
    """One API integration's connection; a context manager, for one thread.

    Methods raise ``TbcError``, or ``ValueError`` before sending what the bank would
    not take.

    :param str base_url: ``PRODUCTION_URL``, ``SANDBOX_URL`` or a fake on loopback
    :param timeout: seconds to connect, and between two pieces of an answer
    :param TokenCache tokens: shared with other clients, to share tokens with them
    :param token_key: hashable, names the integration in that cache
    :param sleep: waits between the tries of a read (injectable)
    :param clock: seconds that only grow, for the age of tokens (injectable)
    """

    def __init__(
        self,
        base_url,
        client_id,
        client_secret,
        *,
        timeout=30,
        tokens=None,
        token_key=None,
        sleep=time.sleep,
        clock=time.monotonic,
    ):
        self._credentials = ClientCredentials(client_id, client_secret)
        self._transport = Transport(base_url, timeout=timeout, sleep=sleep)
        self._tokens = TokenCache() if tokens is None else tokens
        self._clock = clock
        # A wrong secret must not be served with the token of the right one.
        secret = "\0".join((self._transport.base_url, client_id, client_secret))
        self._token_key = (token_key, hashlib.sha256(secret.encode()).digest())

    def __repr__(self):
        return f"<TbcClient {self._transport.base_url}>"

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def close(self):
        """Close the connections; the tokens stay in their cache."""
        self._transport.close()

    @property
    def last_trace_id(self):
        """The bank's trace id of the last answer, ``None`` if it gave none."""
        return self._transport.last_trace_id

    def check_scope(self, scope):
        """Fetch a new token of the scope; ``TbcAuthRefused`` if it is not granted."""
        self._tokens.drop((self._token_key, scope))
        self._token(scope)

    def movements(
        self,
        *,
        iban=None,
        currency=None,
        period_from=None,
        period_to=None,
        changed_since=None,
        page_index=0,
        page_size=LARGEST_PAGE,
    ):
        """One ``MovementPage``, in no promised order.

        Filters: a period; an account (IBAN, currency) and a period; a moment; nothing.
        Source: https://developers.tbcbank.ge/docs/bis-get-account-movements

        :param datetime.date period_from: first day wanted
        :param datetime.date period_to: last day wanted
        :param datetime.datetime changed_since: aware; made or updated after it
        :param int page_index: from 0
        :param int page_size: 0 to 700
        """
        if page_index < 0 or not 0 <= page_size <= LARGEST_PAGE:
            raise ValueError("page_index is 0 or more, page_size 0 to 700")
        paging = {"page_index": page_index, "page_size": page_size}
        query = {}
        if iban is not None or currency is not None:
            query |= _account(iban, currency)
        if query or period_from is not None or period_to is not None:
            query |= _period(period_from, period_to)
        if changed_since is not None:
            if query:
                raise ValueError("changed_since goes with no other filter")
            query = {"LastMovementTimeStamp": wire.moment_for_query(changed_since)}
        query |= {"PageIndex": page_index, "PageSize": page_size}
        return parse_movement_page(self._get("/movements", query), **paging)

    def movement(self, movement_id):
        """One ``Movement`` by its whole id (`018745219864.1`), ``None`` if not found.

        How the bank says "not found" is not documented: 404 or INCORRECT_INPUT_DATA.
        Source: https://developers.tbcbank.ge/docs/bis-get-account-movement-by-id
        """
        if not re.fullmatch(r"\w[\w.-]{0,99}", movement_id or "", re.ASCII):
            raise ValueError("not a movement id")
        try:
            payload = self._get(f"/movements/{movement_id}")
        except TbcRefused as error:
            if error.status == 404 or error.title == "INCORRECT_INPUT_DATA":
                return None
            raise
        if payload == {"transaction": None}:
            return None
        return parse_movement(payload)

    def statement(self, iban, currency, period_from, period_to):
        """The totals of a period, both days included, as a ``Statement``."""
        query = _account(iban, currency) | _period(period_from, period_to)
        return parse_statement(self._get("/statements", query))

    def balance(self, iban, currency):
        """The ``Balance`` of an account, now."""
        iban, currency = _account(iban, currency).values()
        return parse_balance(self._get(f"/{iban}/balances/{currency}"))

    def _get(self, path, query=None):
        """GET with a token; one the bank no longer takes is renewed, once."""
        token = self._token(SCOPE_ACCOUNTS)
        try:
            return self._get_with(token, path, query)
        except TbcAuthRefused as error:
            if error.status != 401:
                raise
        self._tokens.drop((self._token_key, SCOPE_ACCOUNTS), token)
        return self._get_with(self._token(SCOPE_ACCOUNTS), path, query)

    def _get_with(self, token, path, query):
        path = f"{ACCOUNTS_PATH}{path}"
        return self._transport.send("GET", path, auth=token, params=query, repeat=True)

    def _token(self, scope):
        def fetch():
            return fetch_token(self._transport, self._credentials, scope, self._clock)

        return self._tokens.get((self._token_key, scope), fetch, self._clock)


def _account(iban, currency):
    # Shape only: the check digits of the bank's own sandbox accounts are wrong.
    iban, currency = wire.clean_iban(iban), wire.currency_code(currency)
    if not wire.has_iban_shape(iban) or not currency:
        raise ValueError("an account is an IBAN and its currency")
    return {"AccountNumber": iban, "AccountCurrencyCode": currency}


def _period(first, last):
    query = {"PeriodFrom": wire.day_for_query(first)}
    query["PeriodTo"] = wire.day_for_query(last)
    if first > last:
        raise ValueError("the period ends before it starts")
    return query
