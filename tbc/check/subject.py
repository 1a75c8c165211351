"""What a check is about, and what its steps leave for those after them."""

import datetime
from dataclasses import dataclass, field
from typing import TypeAlias

from ..wire import Json

# JSON, so that a check goes on in another process. It is of use to no person.
Memory: TypeAlias = dict[str, Json]
# First and last day, both included.
Period: TypeAlias = tuple[datetime.date, datetime.date]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The account that is asked about, the bank's day, and what may be asked.

    ``order``: (our own id, the bank's id) of an order that the bank has, if any;
    ``batch``: the same of a batch.
    ``with_scenarios``: whether the sandbox's documented transfers are sent.
    """

    iban: str | None = field(repr=False)
    currency: str | None
    today: datetime.date
    reads: bool = True
    transfers: bool = False
    order: tuple[str, str] | None = field(default=None, repr=False)
    batch: tuple[str, str] | None = field(default=None, repr=False)
    with_scenarios: bool = False

    @property
    def account(self) -> dict[str, str]:
        """The account as parameters of a question, empty where there is none."""
        if not self.iban or not self.currency:
            return {}
        return {"AccountNumber": self.iban, "AccountCurrencyCode": self.currency}
