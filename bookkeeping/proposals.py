"""What a transaction may be: ranked proposals, each with its reason.

A person decides; here is only what it could be, the likeliest first. A reason is a
``code`` with ``values``, of which whoever shows it makes a sentence.
"""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from .habits import Habit, habits, money_given_back, paid_before
from .hints import Leg, Party, Past, RuleHint, Side, Transaction
from .open_entries import Found, OpenEntries

MOST = 5
Kind = Literal["items", "account", "payment", "own_transfer", "on_account", "rule"]
Value: TypeAlias = int | str | None
# How sure a partner is, as points that his proposals lose.
_LESS_FOR = {"line": 0, "tax_code": 0, "iban": 8, "history": 60, "name": 20}
# Two lines of one transfer are days apart at the most.
LONGEST_WAY = 5
_TRANSFERS_OWN = 870


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One thing that a person may do with the transaction.

    - ``points``: how likely it is, at most 1,000;
    - ``difference``: cents of the transaction that the items leave, below zero where it
      is less than they are; ``on_account``: the rest goes to the partner's account;
    - ``left_open``: the transaction pays less, and the last item stays open.
    """

    kind: Kind
    code: str
    points: int
    values: dict[str, Value] = field(default_factory=dict)
    item_ids: tuple[int, ...] = ()
    difference: int = 0
    left_open: bool = False
    account_id: int | None = None
    partner_id: int | None = None
    tax_ids: tuple[int, ...] = ()
    analytic: str | None = None
    on_account: Side | None = None
    other_line_id: int | None = None

    @property
    def key(self) -> str:
        """What it does, whatever the reason: two with the same key are one."""
        what: tuple[object, ...] = (
            "+".join(map(str, sorted(self.item_ids))),
            self.account_id,
            self.tax_ids and "+".join(map(str, self.tax_ids)),
            self.on_account,
            self.other_line_id,
            None if self.item_ids else self.partner_id,
        )
        return "/".join(str(one or "") for one in what)


def propose(
    transaction: Transaction,
    entries: OpenEntries,
    *,
    pasts: Sequence[Past] = (),
    legs: Iterable[Leg] = (),
    rules: Iterable[RuleHint] = (),
    transfer_account_id: int | None = None,
    most: int = MOST,
) -> list[Proposal]:
    """List what the transaction may be, the likeliest first.

    The same hints in any order give the same list.
    """
    usual = habits(transaction.cents, pasts)
    items = [_of_found(transaction, one) for one in entries.fitting(transaction)]
    found = [
        *items,
        *_of_habits(usual),
        *_of_legs(transaction, legs, transfer_account_id),
        *map(_of_rule, rules),
        *_on_account(transaction, pasts, usual, {one.partner_id for one in items}),
    ]
    found.sort(key=lambda one: (-one.points, one.key, one.code))
    best: dict[str, Proposal] = {}
    for one in found:
        best.setdefault(one.key, one)
    return list(best.values())[:most]


def _less_for(party: Party | None) -> int:
    if not party:
        return 60
    unlike = 3 * (100 - party.alikeness) if party.known_by == "name" else 0
    return _LESS_FOR[party.known_by] + unlike


# --- open items ------------------------------------------------------------------------


def _of_found(transaction: Transaction, found: Found) -> Proposal:
    parties = {party.partner_id: party for party in transaction.parties}
    first = found.entries[0]
    party = parties.get(first.partner_id) if first.partner_id else None
    values = dict(found.values)
    if party and party.known_by in ("name", "history", "iban"):
        values["known_by"] = party.known_by
        values["alikeness"] = party.alikeness
    elif not party and not first.is_payment:
        values["known_by"] = "nobody"
    # What is more than all the items is the partner's, on account.
    is_more = found.gap * transaction.cents > 0
    side: Side = "customer" if transaction.cents > 0 else "vendor"
    return Proposal(
        kind="payment" if first.is_payment else "items",
        code=found.code,
        points=found.points - _less_for(party) * (not first.is_payment),
        values=values,
        item_ids=tuple(entry.item_id for entry in found.entries),
        difference=found.gap,
        left_open=found.gap * transaction.cents < 0,
        partner_id=first.partner_id,
        on_account=side if is_more else None,
    )


# --- earlier settlements ---------------------------------------------------------------


def _of_habits(usual: Iterable[Habit]) -> list[Proposal]:
    return [
        Proposal(
            kind="account",
            code=f"habit_{habit.basis}",
            points=habit.points,
            values={"count": habit.count, "of": habit.of},
            account_id=habit.account_id,
            partner_id=habit.partner_id,
            tax_ids=habit.tax_ids,
            analytic=habit.analytic,
        )
        for habit in usual
        if not habit.side
    ]


def _on_account(
    transaction: Transaction,
    pasts: Sequence[Past],
    usual: Iterable[Habit],
    owing: Container[int | None],
) -> list[Proposal]:
    """Money of a partner whom we know, for nothing that is open.

    ``owing``: the partners of whom something open is proposed, too.
    """
    usual_ids = {habit.partner_id for habit in usual if habit.side}
    back = money_given_back(transaction, pasts)
    found: list[Proposal | None] = []
    for party in transaction.parties:
        mine = [past for past in back if past.partner_id == party.partner_id]
        found += [
            _gives_back(transaction, mine[0], party) if mine else None,
            _paid_twice(transaction, party, pasts),
            _just_on_account(
                transaction,
                party,
                is_usual=party.partner_id in usual_ids,
                is_owing=party.partner_id in owing,
            ),
        ]
    return [one for one in found if one]


def _gives_back(transaction: Transaction, past: Past, party: Party) -> Proposal:
    points = 720 if past.basis == "parent" else 640
    exact = past.cents == -transaction.cents
    return Proposal(
        kind="on_account",
        code="gives_back",
        points=points - _less_for(party) - (0 if exact else 40),
        values={"cents": abs(past.cents), "day": past.day.isoformat()},
        partner_id=party.partner_id,
        on_account=past.side,
    )


def _paid_twice(
    transaction: Transaction, party: Party, pasts: Sequence[Past]
) -> Proposal | None:
    before = paid_before(transaction, party.partner_id, pasts)
    if not before:
        return None
    return Proposal(
        kind="on_account",
        code="paid_twice",
        points=690 - _less_for(party),
        values={"day": before.day.isoformat()},
        partner_id=party.partner_id,
        on_account=before.side,
    )


def _just_on_account(
    transaction: Transaction, party: Party, *, is_usual: bool, is_owing: bool
) -> Proposal:
    return Proposal(
        kind="on_account",
        code="on_account",
        points=430 + 80 * is_usual - _less_for(party),
        values={
            "known_by": party.known_by,
            "alikeness": party.alikeness,
            "is_usual": is_usual,
            "is_owing": is_owing,
        },
        partner_id=party.partner_id,
        on_account=_side(transaction, party),
    )


def _side(transaction: Transaction, party: Party) -> Side:
    """The account that money of this partner goes to, whichever way it goes."""
    if party.is_customer != party.is_vendor:
        return "customer" if party.is_customer else "vendor"
    return "customer" if transaction.cents > 0 else "vendor"


# --- own transfers and rules -----------------------------------------------------------


def _of_legs(
    transaction: Transaction, legs: Iterable[Leg], transfer_account_id: int | None
) -> list[Proposal]:
    able = [leg for leg in legs if _may_be_leg(transaction, leg)]
    found = [_of_leg(transaction, leg) for leg in able]
    if transaction.is_own and transfer_account_id:
        found.append(
            Proposal(
                kind="account",
                code="own_account",
                points=_TRANSFERS_OWN,
                account_id=transfer_account_id,
            )
        )
    return found


def _of_leg(transaction: Transaction, leg: Leg) -> Proposal:
    return Proposal(
        kind="own_transfer",
        code="other_leg",
        points=_leg_points(transaction, leg),
        values={"days": abs((leg.day - transaction.day).days)},
        other_line_id=leg.line_id,
    )


def _may_be_leg(transaction: Transaction, leg: Leg) -> bool:
    if leg.journal_id == transaction.journal_id or leg.cents * transaction.cents > 0:
        return False
    if abs((leg.day - transaction.day).days) > LONGEST_WAY:
        return False
    if leg.currency == transaction.currency:
        return leg.cents == -transaction.cents
    return leg.is_operation or (leg.is_own and transaction.is_own and leg.is_named)


def _leg_points(transaction: Transaction, leg: Leg) -> int:
    days = abs((leg.day - transaction.day).days)
    if leg.is_operation:
        points = 975
    elif leg.is_named:
        points = 955
    elif leg.is_own or transaction.is_own:
        points = 890
    else:
        points = 560
    return points - 10 * days


def _of_rule(rule: RuleHint) -> Proposal:
    points = {"on": 830, "off": 810, "shared": 800}[rule.state]
    return Proposal(
        kind="rule",
        code=f"rule_{rule.state}",
        points=points,
        values={"rule": rule.rule_id},
        account_id=rule.account_id,
        partner_id=rule.partner_id,
        tax_ids=rule.tax_ids,
    )
