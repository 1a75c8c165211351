"""Where operations take place, and what they are made of."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Leg:
    """One side of an operation on one account. ``cents`` is signed; a ``fee`` is an
    operation of its own that points to the first leg by ``parentExternalPaymentId``.
    """

    account: tuple
    cents: int
    members: dict = field(default_factory=dict)
    fee: bool = False


@dataclass(slots=True)
class Scene:
    """Where operations take place: the ``accounts`` of the company, its ``cast``, its
    name and tax code.
    """

    accounts: list
    cast: object
    company: str
    tax_code: str

    def self_at(self, iban):
        """``partnerAccountInfo`` of the company itself, for the other leg."""
        return {
            "accountIban": iban,
            "bankCode": "TBCBGE22",
            "bankName": "JSC TBC Bank",
            "partnerName": self.company,
            "taxCode": self.tax_code,
        }
