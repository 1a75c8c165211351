"""How a bank line will be settled: checked, put in words, and not done yet."""

from dataclasses import dataclass

from odoo.exceptions import UserError

from ..counterpart import check_account
from .legs import transfer_account
from .settle_checks import check_open, check_settlement
from .takers import shares_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One line, and what takes its money.

    - ``settlement``: what a person wants, a ``Settlement``;
    - ``account``: where it meets its other leg, if it has one;
    - ``shares``: who takes how much; none, where it meets that other leg alone;
    - ``note``, ``note_of_other_leg``: the sentences that tell of it.
    """

    line: object
    settlement: object
    account: object
    shares: list
    note: str
    note_of_other_leg: str | None

    @property
    def lines(self):
        """The line, and its other leg."""
        return self.line | self.settlement.other_line


def plan(line, settlement, held_money):
    """Return the :class:`Plan`, if nothing forbids it.

    :param held_money: a ``HeldMoney``
    :raise UserError: something does; the sentence says what.
    """
    check_open(line)
    check_settlement(line, settlement, held_money)
    account, other = _transfer_account(line, settlement), settlement.other_line
    shares = []
    if settlement.is_another_leg_alone:
        _check_alike(line, other)
    else:
        shares = shares_of(line, settlement, account)
    for share in shares:
        check_account(line, share.account)
    return Plan(
        line=line,
        settlement=settlement,
        account=account,
        shares=shares,
        note=_sentence(line.env, _names(line, settlement), settlement.why),
        note_of_other_leg=other
        and _sentence(line.env, [line.move_id.name], settlement.why),
    )


# === THE OTHER LEG === #


def _transfer_account(line, settlement):
    """The account on which the line meets its other leg, if it has one."""
    other = settlement.other_line
    if not other:
        return line.env["account.account"]
    account = transfer_account(line.company_id | other.company_id)
    if not account:
        raise UserError(
            line.env._(
                "Choose the account of internal transfers in the settings of Accounting"
                " first."
            )
        )
    return account


def _check_alike(line, other):
    """Refuse two legs of one currency and two amounts."""
    is_alike = line.currency_id == other.currency_id
    if is_alike and line.currency_id.compare_amounts(line.amount, -other.amount):
        raise UserError(
            line.env._(
                "%(line)s and %(other)s are of different amounts: choose an account for"
                " the difference.",
                line=line.move_id.display_name,
                other=other.move_id.display_name,
            )
        )


# === IN WORDS === #


def _sentence(env, names, why):
    words = {"user": env.user.name, "names": ", ".join(names), "why": why}
    if why:
        return env._("Matched by %(user)s with %(names)s: %(why)s", **words)
    return env._("Matched by %(user)s with %(names)s.", **words)


def _names(line, settlement):
    """How those are called that took the line's money."""
    names = [
        part.item.move_id.name or part.item.display_name for part in settlement.items
    ]
    names += [part.account.display_name for part in settlement.parts]
    if settlement.other_line:
        names.append(settlement.other_line.move_id.name)
    if settlement.on_account:
        partner = settlement.partner or line.partner_id
        names.append(
            line.env._("the account of %(partner)s", partner=partner.display_name)
        )
    return list(dict.fromkeys(names))
