"""What the books of a business year hold besides the bank: parties, documents, and the
truth about each movement.
"""

import datetime as dt
from dataclasses import dataclass, field

from .cast import COMPANIES, at_bank

# What becomes of a movement.
PAYS = "pays"  # certainly pays the documents named, each with that much
MAY_PAY = "may pay"  # nobody can demand it; but no other documents than these
STAYS = "stays"  # a guess at best: must be left alone
MOVES = "moves"  # one leg of a transfer or conversion; `other` is the other leg
FEE = "fee"  # the bank's own, for the operation of `other` or for none
ORDER = "order"  # executes an order of the company, which pays the documents
RULE = "rule"  # nothing but its kind tells where it goes: `rule`
RETURNED = "returned"  # had paid documents, and came back with `other`
RETURNS = "returns"  # brings back what `other` had paid

# The word for the account of transfers of one's own; see ``Fate.account``.
OWN = "own"

# How the books know a party: by tax code, by account, by both.
_KNOWN_BY = ("tax code", "tax code", "tax code with GE", "account", "both", "both")


@dataclass(slots=True, kw_only=True)
class Party:
    """A customer or a vendor.

    - ``vat``, ``iban``: as the books have them, ``None`` where they do not;
    - ``account``: its ``partnerAccountInfo`` members, as the bank has them;
    - ``has_contact``: its documents are addressed to a person there;
    - ``prefix``: what a vendor's own numbers begin with.
    """

    name: str
    vat: str | None
    iban: str | None
    account: dict
    prefix: str
    has_contact: bool


@dataclass(slots=True, kw_only=True)
class Document:
    """An invoice of the company or a vendor's bill, in ``cents`` of its currency.

    ``number``: the company's own, or what the vendor has put on the bill; no two are
    alike. ``reference``: what a customer is asked to quote, where that is not the
    number.
    """

    number: str
    is_bill: bool
    party: Party
    currency: str
    cents: int
    day: dt.date
    reference: str | None = None

    @property
    def short(self):
        """The invoice's number as people say it: 254 of INV/2026/00254."""
        return int(self.number.rpartition("/")[2])


@dataclass(slots=True, kw_only=True)
class Fate:
    """The truth about one movement: the ``kind`` of story that it is part of, and the
    ``outcome`` (the words above).

    - ``pays``: {number of a document: cents}, of ``PAYS``, ``MAY_PAY``, ``RETURNED``;
    - ``rule``: of ``RULE``; ``other``: a movement id;
    - ``is_certain``: whether a return must be seen as such.

    What a person who knows the company does with it, where the bank tells too little:

    - ``meant``: sets of documents' numbers, each as right as the others;
    - ``party``: on whose account it goes, if none of these is open any more;
    - ``account``: the word for the account that it goes to.
    """

    kind: str
    outcome: str
    pays: dict = field(default_factory=dict)
    rule: str | None = None
    other: str | None = None
    is_certain: bool = True
    meant: tuple = ()
    party: object = None
    account: str | None = None


@dataclass(slots=True, kw_only=True)
class Entry:
    """One operation: the ``moment`` it happens, its legs, a fate for each, its trait.

    ``after`` is the entry that it returns. Its movement ids are known when it is
    written.
    """

    moment: dt.datetime
    legs: list
    fates: list
    trait: str = ""
    after: object = None
    names_parent: bool = True
    operation: int = 0
    ids: list = field(default_factory=list)


def make_parties(dice, count, taken):
    """``count`` parties; no two share a name, a number series or a tax code.

    :param set taken: tax codes that others have
    """
    parties = []
    while len(parties) < count:
        code = f"{dice.pick('24')}{dice.digits(8)}"
        if code not in taken:
            taken.add(code)
            parties.append(_party(dice, len(taken), code))
    return parties


def _party(dice, number, code):
    name = f"{dice.pick(COMPANIES)} {number}"
    known_by = dice.pick(_KNOWN_BY)
    account = {
        **at_bank(dice, dice.pick(("TB", "BG", "LB", "CD"))),
        "partnerName": name,
    }
    # Where the books know the account alone, the bank may tell less as well.
    if known_by != "account" or dice.chance(0.5):
        account["taxCode"] = code
    vat = {"account": None, "tax code with GE": f"GE{code}"}.get(known_by, code)
    return Party(
        name=name,
        vat=vat,
        iban=account["accountIban"] if known_by in ("account", "both") else None,
        account=account,
        has_contact=dice.chance(0.15),
        prefix=f"{dice.pick(('RT', 'SF', 'ეა', 'F'))}{number}",
    )
