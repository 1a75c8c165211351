"""The front door: one method for each endpoint of the bank."""

import datetime
import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from . import transfer_answer, wire
from .account import Balance, Statement, parse_balance, parse_statement
from .auth import SCOPE_ACCOUNTS, SCOPE_TRANSFERS
from .connection import Connection, Query
from .errors import TbcRefused, says_not_found
from .movement import Movement, MovementPage, parse_movement, parse_movement_page
from .transfer import TransferBatch, TransferOrder, batch_payload, single_payload
from .transfer_answer import ImportReceipt, TransferStatus, parse_id
from .transfer_check import RequestFaults, check_batch, check_single_request
from .wire import Json, JsonValue

PRODUCTION_URL = "https://api.tbcbank.ge"
SANDBOX_URL = "https://test-api.tbcbank.ge"
ACCOUNTS_PATH = "/bab/v1/accounts"
TRANSFERS_PATH = "/bab/v1/transfers"
LARGEST_PAGE = 700


class TbcClient(Connection):
    """A ``Connection`` with the bank's endpoints as methods. They raise ``TbcError``,
    or ``ValueError`` before sending what the bank would not take.
    """

    def movements(
        self,
        *,
        iban: str | None = None,
        currency: str | None = None,
        period_from: datetime.date | None = None,
        period_to: datetime.date | None = None,
        page_index: int = 0,
        page_size: int = LARGEST_PAGE,
    ) -> MovementPage:
        """One ``MovementPage``, in no promised order; ``page_index`` counts from 0.

        Filters: none; a period, both days included; it and an account (IBAN, currency).
        Source: https://developers.tbcbank.ge/docs/bis-get-account-movements
        """
        if page_index < 0 or not 0 <= page_size <= LARGEST_PAGE:
            raise ValueError("page_index is 0 or more, page_size 0 to 700")
        query: dict[str, str | int] = {}
        if iban is not None or currency is not None:
            query |= _account(iban, currency)
        if query or period_from is not None or period_to is not None:
            query |= _period(period_from, period_to)
        query |= {"PageIndex": page_index, "PageSize": page_size}
        return parse_movement_page(self._accounts("/movements", query), page_size)

    def movement_pages(
        self, *, begin: int = 0, read: int = 0, **question: Any
    ) -> Iterator[MovementPage]:
        """Each ``MovementPage`` of one question to ``movements``; the last says so.

        A page is asked for when it is wanted, and not before. Whoever goes on with a
        list says at which page, and how many movements were ``read`` before it.
        """
        for page_index in itertools.count(begin):
            page = self.movements(page_index=page_index, **question)
            count = len(page.movements) + len(page.unreadable)
            read += count
            # An empty page is the last one, whatever the total says.
            is_last = not count or read >= page.total
            yield replace(page, is_last=is_last)
            if is_last:
                return

    def movement(self, movement_id: str) -> Movement | None:
        """One ``Movement`` by its whole id (`018745219864.1`), ``None`` if not found.
        Source: https://developers.tbcbank.ge/docs/bis-get-account-movement-by-id
        """
        if not re.fullmatch(r"\w[\w.-]{0,99}", movement_id or "", re.ASCII):
            raise ValueError("not a movement id")
        try:
            payload = self._accounts(f"/movements/{movement_id}")
        except TbcRefused as error:
            # Not documented: as of transfers, or so.
            if says_not_found(error) or error.title == "INCORRECT_INPUT_DATA":
                return None
            raise
        return None if payload == {"transaction": None} else parse_movement(payload)

    def statement(
        self,
        iban: str,
        currency: str,
        period_from: datetime.date,
        period_to: datetime.date,
    ) -> Statement:
        """The totals of a period, both days included, as a ``Statement``."""
        query = _account(iban, currency) | _period(period_from, period_to)
        return parse_statement(self._accounts("/statements", query))

    def balance(self, iban: str, currency: str) -> Balance:
        """The ``Balance`` of an account, now."""
        number, code = _account(iban, currency).values()
        return parse_balance(self._accounts(f"/{number}/balances/{code}"))

    def import_single(self, orders: Iterable[TransferOrder]) -> ImportReceipt:
        """Send 1 to 10 ``TransferOrder``, once: the ``ImportReceipt``, order by order.

        After ``TbcNoAnswer``, ``TbcUnreadable``, ``TbcDuplicate``, or a
        ``TbcAuthRefused`` that is ``in_doubt``, the bank may have them: ``find_single``
        tells. After any other error it has none of them.
        Source: https://developers.tbcbank.ge/docs/bis-import-single-transfer
        """
        orders = tuple(orders)
        _refuse_faulty(check_single_request(orders))
        answer = self._import("single", single_payload(orders))
        return transfer_answer.parse_import_receipt(
            answer, [order.position for order in orders]
        )

    def import_batch(self, batch: TransferBatch) -> str:
        """Send a ``TransferBatch``, once: the bank's id of it, as text.

        Errors as for ``import_single``; here ``find_batch`` tells.
        Source: https://developers.tbcbank.ge/docs/bis-import-batch-transfers
        """
        _refuse_faulty(check_batch(batch))
        answer = self._import("batch", batch_payload(batch))
        return parse_id(answer, "batchTransferId", "batchId", "id")

    def single_status(self, transfer_id: str) -> TransferStatus:
        """The ``TransferStatus`` of one order, by the bank's id.
        Source: https://developers.tbcbank.ge/docs/bis-get-transfer-status
        """
        answer = self._transfers(f"/single/{_path_id(transfer_id)}/status")
        return transfer_answer.parse_transfer_status(answer, single=True)

    def batch_status(self, batch_id: str) -> TransferStatus:
        """The ``TransferStatus`` of a batch, by the bank's id."""
        answer = self._transfers(f"/batch/{_path_id(batch_id)}/status")
        return transfer_answer.parse_transfer_status(answer)

    def find_single(self, external_id: str) -> str | None:
        """The bank's id of an order, as text, ``None`` if the bank does not know it.
        Source: https://developers.tbcbank.ge/docs/bis-get-single-transfer-id
        """
        return self._find(f"/single/{_path_id(external_id)}", "transferId", "id")

    def find_batch(self, external_id: str) -> str | None:
        """The bank's id of a batch, as text, ``None`` if the bank does not know it.
        Source: https://developers.tbcbank.ge/docs/bis-get-batch-transfer-id
        """
        path = f"/batch/{_path_id(external_id)}"
        return self._find(path, "batchId", "batchTransferId", "id")

    def _import(self, kind: str, payload: dict[str, Json]) -> JsonValue:
        return self._post_once(SCOPE_TRANSFERS, f"{TRANSFERS_PATH}/{kind}", payload)

    def _transfers(self, path: str) -> JsonValue:
        return self._get(SCOPE_TRANSFERS, f"{TRANSFERS_PATH}{path}")

    def _find(self, path: str, *names: str) -> str | None:
        try:
            return parse_id(self._transfers(path), *names)
        except TbcRefused as error:
            if not says_not_found(error):
                raise
            return None

    def _accounts(self, path: str, query: Query | None = None) -> JsonValue:
        return self._get(SCOPE_ACCOUNTS, f"{ACCOUNTS_PATH}{path}", query)


def _account(iban: str | None, currency: str | None) -> dict[str, str]:
    # Shape only: the check digits of the bank's own sandbox accounts are wrong.
    number, code = wire.clean_iban(iban), wire.currency_code(currency)
    if not number or not wire.has_iban_shape(number) or not code:
        raise ValueError("an account is an IBAN and its currency")
    return {"AccountNumber": number, "AccountCurrencyCode": code}


def _period(first: datetime.date | None, last: datetime.date | None) -> dict[str, str]:
    for day in (first, last):
        # A moment is a day, too, but its zone may have another one.
        if not isinstance(day, datetime.date) or isinstance(day, datetime.datetime):
            raise ValueError("a date is needed")
    begin, end = str(first), str(last)
    if begin > end:
        raise ValueError("the period ends before it starts")
    return {"PeriodFrom": begin, "PeriodTo": end}


def _path_id(value: object) -> str:
    # Of these signs none means anything in a URL.
    word = wire.text(value) or ""
    if not wire.EXTERNAL_ID.fullmatch(word):
        raise ValueError("an id is 1 to 50 letters, digits, _ and -")
    return word


def _refuse_faulty(found: RequestFaults) -> None:
    words = [f"{f.field} {f.rule}" for _position, f in found if not f.is_warning]
    if words:
        raise ValueError(f"not to be sent: {', '.join(words[:10])}")
