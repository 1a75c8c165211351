"""One movement on one account, and the object that the bank sends for it."""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal

from .clock import aware
from .money import cents, number

_NUMBERS = (
    "docTypeId",
    "parentExternalPaymentId",
    "transactionType",
    "statusCode",
    "paymentId",
)

COUNTERPARTY = dict.fromkeys(
    (
        "accountIban",
        "bankCode",
        "bankName",
        "treasuryCode",
        "partnerName",
        "docTypeId",
        "personalNumber",
        "documentNumber",
        "taxCode",
    )
)

MEMBERS = dict.fromkeys(
    (
        "movementId",
        "paymentId",
        "externalPaymentId",
        "amount",
        "currency",
        "purpose",
        "isDebit",
        "customerAccountInfo",
        "documentDate",
        "exchangeRate",
        "additionalInformation",
        "opCode",
        "partnerAccountInfo",
        "intermediaryBankCode",
        "intermediaryBankName",
        "statusCode",
        "date",
        "parentExternalPaymentId",
        "transactionReference",
        "additionalDescription",
        "documentNumber",
        "chargeDetail",
        "taxpayerCode",
        "taxpayerName",
        "transactionType",
    )
)

# the same two with "" for each absent text: the bank spells "nothing" in both ways
_BLANK_COUNTERPARTY = {name: None if name in _NUMBERS else "" for name in COUNTERPARTY}
_BLANK_MEMBERS = {name: None if name in _NUMBERS else "" for name in MEMBERS}


@dataclass(slots=True, eq=False, kw_only=True)
class Movement:
    """A movement as the bank keeps it.

    ``cents`` is signed (debit below zero), in hundredths of ``currency``. ``day`` is
    the Georgian calendar day it counts for. ``appears_at`` is when the bank first shows
    it, ``authorised_at`` when its statusCode becomes 0 (``None``: not yet); until then
    the statusCode is ``pending``. ``members`` replace or complete the members sent.
    ``changed`` is the last change made by hand; ``hidden`` keeps it out of every list,
    and out of the totals too unless ``kept_in_totals``; a list's ``total`` counts it all
    the same with ``kept_in_count``. ``listed`` is how many times a list shows it.
    """

    movement_id: str
    iban: str
    currency: str
    cents: int
    day: dt.date
    appears_at: dt.datetime
    authorised_at: dt.datetime | None = None
    pending: object = 1
    members: dict = field(default_factory=dict)
    owner: str = ""
    blank: bool = False
    changed: dt.datetime | None = None
    hidden: bool = False
    kept_in_totals: bool = False
    kept_in_count: bool = False
    listed: int = 1
    without: tuple = ()

    @property
    def account(self):
        """(IBAN, currency)."""
        return self.iban, self.currency

    @property
    def operation(self):
        """The number of the operation: the id without leading zero and suffix."""
        return self.movement_id.split(".")[0].lstrip("0")

    def is_visible(self, now):
        """Whether any answer of the bank shows it at that moment."""
        return not self.hidden and self.appears_at <= now

    def status(self, now):
        """Its statusCode at that moment: 0 authorised, 1 or 2 waiting."""
        authorised = self.authorised_at is not None and self.authorised_at <= now
        return 0 if authorised else self.pending

    def is_counted(self, now):
        """Whether statement totals and balances hold it at that moment."""
        authorised = self.authorised_at is not None and self.authorised_at <= now
        return (
            authorised
            and self.appears_at <= now
            and (not self.hidden or self.kept_in_totals)
        )

    def changed_at(self, now):
        """The last moment, up to now, at which it was created or updated
        (``LastMovementTimeStamp``).
        """
        moments = (self.appears_at, self.authorised_at, self.changed)
        return max(moment for moment in moments if moment is not None and moment <= now)

    def as_json(self, now):
        """The bank's Movement object (account-movements), ready for ``json.dumps``."""
        sent = dict(_BLANK_MEMBERS if self.blank else MEMBERS)
        midnight = f"{self.day.isoformat()}T00:00:00"
        sent.update(
            movementId=self.movement_id,
            externalPaymentId=self.operation,
            amount=number(abs(self.cents)),
            currency=self.currency,
            isDebit=self.cents < 0,
            documentDate=midnight,
            date=midnight,
            customerAccountInfo={"accountName": self.owner, "accountIban": self.iban},
            opCode="GIB",
            statusCode=self.status(now),
            parentExternalPaymentId=0,
            transactionType=30 if self.cents < 0 else 20,
        )
        sent.update(self.members)
        counterparty = self.members.get("partnerAccountInfo", {})
        if isinstance(counterparty, dict):
            absent = _BLANK_COUNTERPARTY if self.blank else COUNTERPARTY
            sent["partnerAccountInfo"] = {**absent, **counterparty}
        for name in self.without:
            sent.pop(name, None)
        return sent


def leg_id(operation, signed):
    """``movementId`` of one leg: twelve digits, ``.1`` for a debit, ``.2`` for a
    credit.
    """
    return f"{operation:012d}.{1 if signed < 0 else 2}"


def merge_members(before, members):
    """Members told until now, completed by others; see ``Ledger.change``."""
    unknown = set(members) - set(MEMBERS)
    if unknown:
        raise TypeError(f"the bank's movement has no {', '.join(sorted(unknown))}")
    merged = {**before, **members}
    counterparties = [m.get("partnerAccountInfo") for m in (before, members)]
    if all(isinstance(one, dict) for one in counterparties):
        merged["partnerAccountInfo"] = {**counterparties[0], **counterparties[1]}
    return merged


def by_hand(amount, day, members, now):
    """Members of a :class:`Movement` from what a test asked for (``Ledger.add``)."""
    members = dict(members)
    appears_at = aware(members.pop("appears_at", None)) or now
    authorised_at = aware(members.pop("authorised_at", None))
    status = members.pop("statusCode", 0)
    unknown = set(members) - set(MEMBERS)
    if unknown:
        raise TypeError(f"the bank's movement has no {', '.join(sorted(unknown))}")
    signed = cents(amount)
    if signed is None:
        garbage = float(amount) if isinstance(amount, Decimal) else amount
        members.setdefault("amount", garbage)
    return {
        "cents": signed or 0,
        "day": dt.date.fromisoformat(day) if isinstance(day, str) else day,
        "appears_at": appears_at,
        "authorised_at": authorised_at or (appears_at if status == 0 else None),
        "pending": status or 1,
        "members": members,
    }
