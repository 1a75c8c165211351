"""What a person does with a bank line: settle it, and take that back."""

from psycopg2 import IntegrityError

from odoo.exceptions import RedirectWarning, UserError

from ..clock import utc_now
from ..counterpart import (
    Counterpart,
    check_account,
    explain,
    put_on_counterpart,
    reconcile_wholly,
    suspense_item,
)
from ..locks import lock
from ..shares import divide
from ..transfers.bank_line import matched_by_hand
from ..transfers.states import live
from .legs import both_legs, transfer_account
from .settle_checks import check_open, check_settlement
from .settlement import read_settlement
from .takers import shares_of
from .undo import undone_with

# What Odoo, or the database, says against a settlement.
REFUSALS = (UserError, RedirectWarning, IntegrityError)


def settle(line, values, rule=None):
    """Settle a bank line as ``values`` say, wholly or not at all.

    :param values: see ``tbc_settle`` of a bank line
    :param rule: the operation rule that was made of it
    :return: the lines that are settled now: it, and maybe its other leg
    :raise UserError: it can't be settled so; the sentence says why.
    """
    line.check_access("write")
    settlement = read_settlement(line.env, values)
    with line.env.cr.savepoint():
        _lock(line, settlement)
        check_open(line)
        check_settlement(line, settlement)
        return _settle(line, settlement, rule)


def _settle(line, settlement, rule):
    if settlement.is_another_leg_alone:
        return _meet(line, settlement)
    shares = shares_of(line, settlement, _transfer_account(line, settlement))
    for share in shares:
        check_account(line, share.account)
    items = divide(suspense_item(line), shares)
    _reconcile(settlement, shares, items)
    note = _note(line, settlement)
    explain({line: note}, {line: _settled_vals(line, rule)})
    if settlement.other_line:
        _bring(settlement, line, items[len(settlement.items)])
    _follow_orders(settlement, note)
    return line | settlement.other_line


def settle_many(lines, values_of, rule=None):
    """Settle each of the lines by itself; whatever refuses one leaves the others.

    :param values_of: ``{line: what is to be done with it}``, or ``None`` for nothing
    :param rule: the operation rule that was made of one of their like
    :return: the lines that are settled now, and ``{line: sentence}`` of the others
    """
    settled, problems = lines.browse(), {}
    for line in lines:
        if values_of[line] is None:
            problems[line] = line.env._("There is no proposal for this transaction.")
            continue
        try:
            settled |= settle(line, values_of[line], rule)
        except REFUSALS as error:
            problems[line] = str(error.args[0]).strip()
    return settled, problems


def lines_to_unsettle(lines):
    """The lines that are taken back together; nothing is done with them yet.

    :raise UserError: none of them is settled.
    """
    lines.check_access("write")
    lock(lines)
    if not any(lines.mapped("is_reconciled")):
        raise UserError(
            lines.env._(
                "This transaction is not settled: there is nothing to take back."
            )
        )
    return undone_with(lines)


def _lock(line, settlement):
    """Let nobody else settle the same at the same time."""
    lock(line | settlement.other_line)
    items = line.env["account.move.line"].union(*(one.item for one in settlement.items))
    lock(items)


def _settled_vals(line, rule=None):
    return {
        "tbc_settled_by_id": line.env.uid,
        "tbc_settled_at": utc_now(),
        "tbc_match_undone": False,
        "tbc_rule_id": rule.id if rule else False,
    }


def _reconcile(settlement, shares, items):
    wholly, plan = items[0].browse(), []
    for share, item in zip(shares, items, strict=True):
        if share.item:
            wholly |= item
            plan.append(item + share.item)
    for one in settlement.items:
        if one.in_full:
            wholly |= one.item
    reconcile_wholly(plan, wholly)


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


def _meet(line, settlement):
    """Settle both legs of an own transfer or conversion with each other."""
    other = settlement.other_line
    debit, credit = (line, other) if line.amount < 0 else (other, line)
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
    account = _transfer_account(line, settlement)
    notes = {
        line: _note(line, settlement),
        other: _note_of_other_leg(other, line, settlement),
    }
    put_on_counterpart(both_legs(debit, credit, account, notes))
    for leg in line | other:
        leg.sudo().write(_settled_vals(leg))
    return line | other


def _bring(settlement, line, item):
    """Put the other leg beside the item that waits for it on the transfer account."""
    other = settlement.other_line
    note = _note_of_other_leg(other, line, settlement)
    leg = Counterpart(
        line=other, account=item.account_id, items=item, in_full=True, note=note
    )
    put_on_counterpart([leg])
    other.sudo().write(_settled_vals(other))


# === IN WORDS === #


def _note(line, settlement):
    return _sentence(line.env, _names(line, settlement), settlement.why)


def _note_of_other_leg(other, line, settlement):
    return _sentence(other.env, [line.move_id.name], settlement.why)


def _sentence(env, names, why):
    words = {"user": env.user.name, "names": ", ".join(names), "why": why}
    if why:
        return env._("Settled by %(user)s with %(names)s: %(why)s", **words)
    return env._("Settled by %(user)s with %(names)s.", **words)


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


# === ORDERS === #


def _follow_orders(settlement, note):
    """Tell the orders of which the payment has got its bank line."""
    for part in settlement.items:
        payment_sudo = part.item.move_id.origin_payment_id.sudo()
        orders_sudo = live(payment_sudo.tbc_transfer_ids)
        if orders_sudo and payment_sudo.is_matched:
            for order_sudo in orders_sudo:
                matched_by_hand(order_sudo, note)
