"""Fills a ledger from a seed: the same seed and options, the same books everywhere."""

import datetime as dt
from dataclasses import dataclass

from . import operations as op
from .cast import Cast
from .clock import TBILISI, write_moment
from .dice import Dice
from .iban import georgian_iban
from .ledger import Ledger
from .movement import Movement, leg_id
from .scene import Scene

# (operation, trait, part of the period): written first, so that a small ledger holds
# each of them too. Traits: pending (waits for authorisation), back_dated (appears weeks
# later), twin (paid twice), night (at 01:30).
_PLANTED = (
    (op.incoming, "", ""),
    (op.outgoing_with_fee, "", ""),
    (op.conversion, "", ""),
    (op.own_transfer, "", ""),
    (op.treasury, "", ""),
    (op.utility, "", ""),
    (op.salary, "", ""),
    (op.card, "", ""),
    (op.cash, "", ""),
    (op.service_fee, "", ""),
    (op.incoming, "twin", ""),
    (op.incoming, "night", ""),
    (op.incoming, "back_dated", "start"),
    (op.incoming, "back_dated", "end"),
    (op.outgoing, "pending", "start"),
    (op.incoming, "pending", "end"),
)
_USUAL = (
    (0.36, op.incoming),
    (0.62, op.outgoing),
    (0.67, op.conversion),
    (0.71, op.own_transfer),
    (0.75, op.treasury),
    (0.81, op.salary),
    (0.87, op.utility),
    (0.95, op.card),
    (0.97, op.cash),
    (1.0, op.service_fee),
)
TRAITS = ((0.01, "back_dated"), (0.03, "pending"), (0.035, "twin"), (0.10, "night"))
_GEL_ONLY = {op.treasury, op.salary, op.utility, op.card}


@dataclass(slots=True)
class Occasion:
    """One operation on its day: the ``moment`` it happens, its legs and its trait."""

    moment: dt.datetime
    legs: list
    trait: str

    @property
    def times(self):
        """Two for twins: paid twice on one day, nothing but the ids apart."""
        return 2 if self.trait == "twin" else 1


def make_ledger(
    clock,
    lock,
    *,
    until,
    seed=1,
    accounts=1,
    currencies=("GEL", "USD", "EUR"),
    days=30,
    per_day=2,
    openings=None,
    overdrafts=None,
    company="Our Company LLC",
):
    """A ledger of ``days`` days ending with ``until``.

    :param accounts: {IBAN: currencies}, or how many IBANs to make up.
    :param currencies: of made-up IBANs.
    :param int days: 0 for empty books.
    :param float per_day: movements per day on one account in one currency, on average.
        About 25 movements in all are needed for one of each kind; a smaller ledger goes
        without some.
    :param dict openings: {(IBAN, currency): "1000.00"}; others come from the seed.
    :param dict overdrafts: {(IBAN, currency): "500.00"}.
    :param str company: the account holder.
    """
    if isinstance(accounts, int):
        accounts = make_accounts(seed, accounts, currencies)
    ledger = Ledger(_pairs(accounts), clock=clock, lock=lock, owner=company)
    ledger.set_limits(openings or {}, overdrafts or {})
    _fill(ledger, Dice(f"ledger {seed}"), days, until, per_day)
    return ledger


def make_accounts(seed, count, currencies):
    """{IBAN: currencies} for ``count`` valid TBC IBANs."""
    dice = Dice(f"accounts {seed}")
    ibans = [georgian_iban("TB", f"7{dice.digits(15)}") for _ in range(count)]
    return dict.fromkeys(ibans, currencies)


def _pairs(accounts):
    return [
        (iban, currency)
        for iban, currencies in accounts.items()
        for currency in ([currencies] if isinstance(currencies, str) else currencies)
    ]


def _fill(ledger, dice, days, until, per_day):
    scene = Scene(ledger.accounts, Cast(dice), ledger.owner, f"2{dice.digits(8)}")
    wanted = round(days * per_day * len(scene.accounts))
    number = 18_000_000_000 + dice.below(500_000_000)
    occasions = _occasions(dice, scene, wanted, days, until)
    for occasion in sorted(occasions, key=lambda one: one.moment):
        number = _write(dice, ledger, occasion, number)
    _open(dice, ledger)


def _occasions(dice, scene, wanted, days, until):
    planted, written, found = iter(_PLANTED), 0, []
    while written < wanted:
        operation, trait, part = next(planted, (None, "", ""))
        if operation is None:
            operation, trait = share(dice, _USUAL), share(dice, TRAITS) or ""
        day = until - dt.timedelta(days=_days_back(dice, days, part))
        legs = _legs(dice, scene, operation)
        found.append(Occasion(moment_on(dice, day, trait), legs, trait))
        written += len(legs) * found[-1].times
    return found


def share(dice, table):
    """The value whose part of a table of (upper limit, value) a throw falls into."""
    throw = dice.throw()
    return next((value for limit, value in table if throw < limit), None)


def _days_back(dice, days, part):
    if part == "end":
        return 0
    if part == "start":
        return days - 1 - dice.below(max(1, days // 3))
    return dice.below(days)


def _legs(dice, scene, operation):
    fit = scene.accounts
    if operation in _GEL_ONLY:
        fit = [account for account in scene.accounts if account[1] == "GEL"]
    if not fit:
        operation, fit = op.outgoing, scene.accounts
    legs = operation(dice, scene, dice.pick(fit))
    return [leg for leg in legs if leg.account in scene.accounts]


def moment_on(dice, day, trait):
    """A moment of that Georgian day, in office hours unless it is ``night``."""
    time = dt.time(1, 30)
    if trait != "night":
        time = dt.time(dice.between(9, 18), dice.below(60))
    return dt.datetime.combine(day, time, TBILISI)


def _write(dice, ledger, occasion, number):
    """Number one operation and write its movements. Returns the last number used."""
    shared, date = alike(dice, occasion), date_text(dice, occasion)
    for _ in range(occasion.times):
        number = parent = number + dice.between(1, 900)
        for leg in occasion.legs:
            members = {**leg.members, "date": date}
            if leg.fee:
                number += dice.between(1, 9)
                members["parentExternalPaymentId"] = parent
            iban, currency = leg.account
            ledger.write(
                Movement(
                    movement_id=leg_id(number, leg.cents),
                    iban=iban,
                    currency=currency,
                    cents=leg.cents,
                    members=members,
                    owner=ledger.owner,
                    **shared,
                )
            )
    return number


def alike(dice, occasion):
    """What all movements of one operation share, as arguments of a movement."""
    appears_at = authorised_at = occasion.moment
    pending = 1
    if occasion.trait == "back_dated":
        appears_at += dt.timedelta(days=dice.between(14, 20))
        authorised_at = appears_at
    if occasion.trait == "pending":
        authorised_at += dt.timedelta(days=dice.between(1, 3))
        pending = dice.between(1, 2)
    return {
        "day": occasion.moment.date(),
        "appears_at": appears_at,
        "authorised_at": authorised_at,
        "pending": pending,
        "blank": dice.chance(0.2),
    }


def date_text(dice, occasion):
    """The ``date`` member of all movements of one operation."""
    if occasion.trait == "night":
        return write_moment(occasion.moment, offset=dice.chance(0.5))
    midnight = occasion.moment.replace(hour=0, minute=0)
    return write_moment(midnight, offset=dice.chance(0.1))


def _open(dice, ledger):
    """Openings with tetri, large enough that no account ends any day below zero."""
    for account in ledger.accounts:
        running = lowest = 0
        for movement in reversed(ledger.all_on(account)):
            # money that comes or counts late is not leaned on
            if movement.cents < 0 or movement.authorised_at.date() == movement.day:
                running += movement.cents
            lowest = min(lowest, running)
        opening = dice.between(100_001, 3_000_000) - lowest
        ledger.open_with(account, opening + (opening % 100 == 0))
