"""The bank's own sandbox: every scenario of the page bis-test-scenarios-accounts,
contradictions included.

The page promises its answers for exactly its requests; all others are undefined there.
Here they are answered from one list of sixty movements (February to June 2026) with the
usual checks: so June with any page size gives the same 11 and 20 movements, an account
that is not listed is INVALID_ACCOUNT, and a period outside is empty. The two refused
periods are refused with any page size. Special cases, by the page's word:

* no account, February to June 2026, 20 a page: total 35, though 100 a page counts 60;
* the statement of GEL from 2025-01-01 to 2025-03-01, and the balance of GEL, have
  figures of their own.
"""

import datetime as dt

from .clock import TBILISI
from .errors import Refusal, problem
from .ledger import Ledger
from .movement import Movement, leg_id

IBAN = "GE48TB7873440574631292"
SECOND_IBAN = "GE12TB7189885380696572"
FIRST_DAY, LAST_DAY = dt.date(2026, 2, 1), dt.date(2026, 6, 30)
_REFUSED = {
    (dt.date(2024, 1, 1), dt.date(2024, 1, 31)): "NOT_AUTHORIZED",
    (dt.date(2024, 2, 1), dt.date(2024, 3, 31)): "GENERAL_ERROR",
}
_STATEMENT = (IBAN, "GEL"), dt.date(2025, 1, 1), dt.date(2025, 3, 1)
_STATED = {"opening": 100050, "credit": 50025, "debit": 25075, "closing": 125000}


class Scenarios:
    """The answers that do not follow from the sixty movements.

    ``debit_accounts``: (IBAN, currency) that a transfer may be made from, by the page
    bis-test-scenarios-transfers; they have no movements here.
    """

    debit_accounts = [
        (iban, currency)
        for iban in ("GE29TB7777777777777777", "GE29TB9999999999999999")
        for currency in ("GEL", "USD", "EUR")
    ]

    def movements(self, asked, found):
        """The movements to page through, of those ``found``.
        :raise Refusal: for the two refused periods.
        """
        period = tuple(asked.days.values())
        if asked.account is None and period in _REFUSED:
            raise Refusal(problem(_REFUSED[period]))
        five_months = asked.account is None and period == (FIRST_DAY, LAST_DAY)
        return found[:35] if five_months and asked.page_size == 20 else found

    def statement(self, asked):
        """Totals in cents, or ``None``."""
        if (asked.account, asked.since.date(), asked.until.date()) == _STATEMENT:
            return dict(_STATED)
        return None

    def balance(self, account):
        """Balance in cents, or ``None``."""
        if account == (IBAN, "GEL"):
            return {"current": 500000, "available": 170230, "limit": None}
        return None


def make_ledger(clock, lock):
    """The sixty movements, on one IBAN in three currencies; a second IBAN has none."""
    accounts = [(IBAN, "GEL"), (IBAN, "USD"), (IBAN, "EUR"), (SECOND_IBAN, "GEL")]
    ledger = Ledger(accounts, clock=clock, lock=lock, owner="Our Company LLC")
    ledger.set_limits({(IBAN, "GEL"): "1250.00"}, {})
    for turn in range(29):  # February to May
        day = FIRST_DAY + dt.timedelta(days=4 * turn)
        _write(
            ledger, 18_100_000_000 + turn, ("GEL", "USD", "EUR")[turn % 3], day, turn
        )
    for turn in range(9):
        day = dt.date(2026, 6, 2 + 3 * turn)
        _write(ledger, 18_400_000_000 + turn, "GEL", day, turn)
    for turn in range(19):
        _write(ledger, 18_500_000_000 + turn, "USD", dt.date(2026, 6, 2 + turn), turn)
    _write(ledger, 18_383_341_565, "GEL", dt.date(2026, 6, 1), 1)
    _write_conversion(ledger, 18_716_808_825, dt.date(2026, 6, 22))
    return ledger


def _write(ledger, operation, currency, day, turn):
    """Turn 0, 2, 4… is money in, 1, 3, 5… money out."""
    debit = turn % 2
    value = 10_050 + 1_725 * turn
    counterparty = {
        "accountIban": "GE61TB9876543210987654",
        "bankCode": "TBCBGE22",
        "bankName": "JSC TBC Bank",
        "partnerName": "Partner LLC",
        "taxCode": "204567891",
    }
    members = {
        "purpose": "Invoice payment",
        "partnerAccountInfo": counterparty,
        "transactionReference": f"TRN-2026-{operation % 1_000_000:06d}",
        "documentNumber": f"DOC-{operation % 1_000_000:06d}",
        "taxpayerCode": "204123456",
    }
    _book(ledger, operation, currency, day, -value if debit else value, members)


def _write_conversion(ledger, operation, day):
    members = {
        "purpose": "Currency conversion",
        "transactionType": 5,
        "exchangeRate": "1 USD = 2.7 GEL",
        "opCode": "CNV",
    }
    _book(ledger, operation, "GEL", day, -27_000, members)
    _book(ledger, operation, "USD", day, 10_000, members)


def _book(ledger, operation, currency, day, value, members):
    moment = dt.datetime(day.year, day.month, day.day, 12, tzinfo=TBILISI)
    ledger.write(
        Movement(
            movement_id=leg_id(operation, value),
            iban=IBAN,
            currency=currency,
            cents=value,
            day=day,
            appears_at=moment,
            authorised_at=moment,
            members=members,
            owner=ledger.owner,
        )
    )
