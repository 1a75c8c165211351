"""Transfer orders and batches as the bank keeps them. Bank's pages:
bis-transfers-api-overview (types), bis-get-transfer-status (statuses).
"""

import datetime as dt
from dataclasses import dataclass, field

from .clock import write_moment
from .money import cents

OWN = "TransferToOwnAccount"
WITHIN_BANK = "TransferWithinBank"
NATIONAL = "TransferToOtherBankNationalCurrency"
FOREIGN = "TransferToOtherBankForeignCurrency"
TREASURY = "TreasuryTransfer"

REGISTERED = "Registered"
WAITING = "Waiting for certification"
IN_PROGRESS = "In progress"
FINISHED = "Finished"
FAILED = "Failed"
ERROR = "Error"
CANCELLED = "Cancelled"
DELETED = "Deleted"
FINISHED_WITH_ERRORS = "Finished with errors"  # of a batch

UNDECIDED = (REGISTERED, WAITING)
OPEN = (*UNDECIDED, IN_PROGRESS)


@dataclass(slots=True, eq=False, kw_only=True)
class Order:
    """One transfer order.

    ``payload``: its JSON as it came, in a batch with the batch's debit account.
    ``external_id``: as text, or ``None``. ``questions``: how many status questions
    still find it where it is. ``reason_en``, ``reason_ge``: why it is Failed or Error.
    """

    transfer_id: int
    client_id: str
    position: int
    payload: dict
    arrived: dt.datetime
    external_id: str | None = None
    batch_id: int | None = None
    batch_external_id: str | None = None
    status: str = REGISTERED
    questions: int = 0
    reason_en: str | None = None
    reason_ge: str | None = None

    @property
    def debit(self):
        """(IBAN, currency) of the debit account."""
        return account_of(self.payload["debitAccount"])

    @property
    def credit(self):
        """(IBAN, currency) of the beneficiary, ``None`` for the Treasury."""
        account = self.payload.get("creditAccount")
        return account and account_of(account)

    @property
    def cents(self):
        """What leaves the debit account, in hundredths."""
        return cents(self.payload["amount"]["amount"])

    def end(self, status, reason_en=None, reason_ge=None):
        """Give it a final status, and the reason in both languages."""
        self.status, self.questions = status, 0
        self.reason_en, self.reason_ge = reason_en, reason_ge

    def status_data(self):
        """The bank's TransferStatusData. The reason of Error stands in
        ``errorDetail…``, that of Failed in ``failureReason…`` (a guess); what is empty
        is spelt as in the sandbox.
        """
        error, failed = self.status == ERROR, self.status == FAILED
        return {
            "position": self.position,
            "transferId": str(self.transfer_id),
            "transferStatus": self.status,
            "errorDetailEN": self.reason_en if error else "",
            "errorDetailGE": self.reason_ge if error else "",
            "failureReasonEn": self.reason_en if failed else None,
            "failureReasonGe": self.reason_ge if failed else None,
        }

    def as_json(self):
        """All of it, for the control door."""
        names = set(self.__slots__) - {"arrived", "questions"}
        shown = {name: getattr(self, name) for name in sorted(names)}
        return {**shown, "arrived": write_moment(self.arrived, offset=True)}


@dataclass(slots=True, eq=False, kw_only=True)
class Batch:
    """Orders that came together and are signed together."""

    batch_id: int
    client_id: str
    external_id: str | None = None
    name: str | None = None
    orders: list = field(default_factory=list)

    @property
    def status(self):
        """What follows from the orders: the least advanced of the open ones, or how
        they ended.
        """
        found = {order.status for order in self.orders}
        if len(found) == 1 and found != {DELETED}:
            return found.pop()
        if FINISHED in found and not found.intersection(OPEN):
            return FINISHED_WITH_ERRORS
        told = (*OPEN, FAILED, ERROR)
        return next((word for word in told if word in found), CANCELLED)


def account_of(account):
    """(IBAN, currency) of the bank's AccountIdentification."""
    return account["accountNumber"], account["accountCurrencyCode"]
