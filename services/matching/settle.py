"""What a person does with a bank line: settle it, and take that back.

Several are settled as one is, by the same steps at once: Odoo asks the database as often
for twenty entries as for one.
"""

from psycopg2 import IntegrityError

from odoo.exceptions import RedirectWarning, UserError

from ..clock import utc_now
from ..counterpart import (
    Counterpart,
    explain,
    put_on_counterpart,
    reconcile_wholly,
    suspense_item,
)
from ..locks import lock
from ..shares import divide_each
from ..transfers.bank_line import matched_by_hand
from ..transfers.states import live
from .legs import both_legs
from .settle_checks import HeldMoney
from .settle_plan import plan
from .settlement import SettlementReader
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
    settlement = SettlementReader(line.env).read(values)
    with line.env.cr.savepoint():
        _lock({line: settlement})
        return _carry_out([plan(line, settlement, HeldMoney())], rule)


def settle_many(lines, values_of, rule=None):
    """Settle each of the lines; whatever refuses one leaves the others.

    :param values_of: ``{line: what is to be done with it}``, or ``None`` for nothing
    :param rule: the operation rule that was made of one of their like
    :return: the lines that are settled now, and ``{line: sentence}`` of the others
    """
    problems = {
        line: line.env._("There is no proposal for this transaction.")
        for line in lines
        if values_of[line] is None
    }
    wanted = lines.filtered(lambda line: line not in problems)
    settled = _settle_at_once(wanted, values_of, rule)
    for line in wanted:
        if line in settled:
            continue
        try:
            settled |= settle(line, values_of[line], rule)
        except REFUSALS as error:
            problems[line] = str(error.args[0]).strip()
    return settled, problems


def _settle_at_once(lines, values_of, rule):
    """Settle as many as possible together; return them.

    Not one that is refused, which then hears why by itself; nor one that needs what
    another one takes.
    """
    if len(lines) < 2:
        return lines.browse()
    try:
        with lines.env.cr.savepoint():
            lines.check_access("write")
            settlements = _read_each(lines, values_of)
            _lock(settlements)
            plans = _plan_each(settlements)
            return _carry_out(plans, rule) if plans else lines.browse()
    except REFUSALS:
        return lines.browse()


def _read_each(lines, values_of):
    """``{line: Settlement}`` of those that can be read, and take not the same."""
    reader, taken, found = SettlementReader(lines.env), lines.browse(), {}
    items = lines.env["account.move.line"]
    for line in lines:
        try:
            settlement = reader.read(values_of[line])
        except UserError:
            continue
        both = line | settlement.other_line
        if both & taken or settlement.open_items & items:
            continue
        found[line] = settlement
        taken |= both
        items |= settlement.open_items
    return found


def _plan_each(settlements):
    plans, held_money = [], HeldMoney()
    for line, settlement in settlements.items():
        try:
            plans.append(plan(line, settlement, held_money))
        except UserError:
            continue
    return plans


def lines_to_unsettle(lines):
    """The lines that are taken back together; nothing is done with them yet.

    :raise UserError: none of them is settled.
    """
    lines.check_access("write")
    lock(lines)
    if not any(lines.mapped("is_reconciled")):
        raise UserError(
            lines.env._("This transaction is not matched: there is nothing to undo.")
        )
    return undone_with(lines)


def _lock(settlements):
    """Let nobody else settle the same at the same time."""
    if not settlements:
        return
    first = next(iter(settlements))
    others = (one.other_line for one in settlements.values())
    lock(first.union(*settlements, *others))
    items = first.env["account.move.line"]
    lock(items.union(*(one.open_items for one in settlements.values())))


# === WHAT IS PLANNED IS DONE === #


def _carry_out(plans, rule):
    """Do what the plans say, all or nothing; return the lines that are settled now."""
    lines = plans[0].line.union(*(one.lines for one in plans))
    _meet([one for one in plans if not one.shares])
    _share_out([one for one in plans if one.shares], rule)
    for one in plans:
        _follow_orders(one)
    return lines


def _meet(plans):
    """Settle both legs of own transfers and conversions with each other."""
    counterparts, legs = [], []
    for one in plans:
        line, other = one.line, one.settlement.other_line
        debit, credit = (line, other) if line.amount < 0 else (other, line)
        notes = {line: one.note, other: one.note_of_other_leg}
        counterparts += both_legs(debit, credit, one.account, notes)
        legs += [line, other]
    put_on_counterpart(counterparts)
    for leg in legs:
        leg.sudo().write(_settled_vals(leg))


def _share_out(plans, rule):
    """Put the shares in the place of the suspense items, and reconcile them."""
    if not plans:
        return
    items = divide_each([(suspense_item(one.line), one.shares) for one in plans])
    _reconcile(plans, items)
    explain(
        {one.line: one.note for one in plans},
        {one.line: _settled_vals(one.line, rule) for one in plans},
    )
    _bring(plans, items)


def _reconcile(plans, items_of):
    wholly, pairs = plans[0].line.env["account.move.line"], []
    for one, items in zip(plans, items_of, strict=True):
        for share, item in zip(one.shares, items, strict=True):
            if share.item:
                wholly |= item
                pairs.append(item + share.item)
        wholly = wholly.union(
            *(part.item for part in one.settlement.items if part.in_full)
        )
    reconcile_wholly(pairs, wholly)


def _bring(plans, items_of):
    """Put other legs beside the items that wait for them on the transfer account."""
    legs = []
    for one, items in zip(plans, items_of, strict=True):
        if not one.settlement.other_line:
            continue
        item = items[len(one.settlement.items)]
        leg = Counterpart(
            line=one.settlement.other_line,
            account=item.account_id,
            items=item,
            in_full=True,
            note=one.note_of_other_leg,
        )
        legs.append(leg)
    put_on_counterpart(legs)
    for leg in legs:
        leg.line.sudo().write(_settled_vals(leg.line))


def _settled_vals(line, rule=None):
    return {
        "tbc_settled_by_id": line.env.uid,
        "tbc_settled_at": utc_now(),
        "tbc_match_undone": False,
        "tbc_rule_id": rule.id if rule else False,
    }


def _follow_orders(one):
    """Tell the orders of which the payment has got its bank line."""
    for part in one.settlement.items:
        payment_sudo = part.item.move_id.origin_payment_id.sudo()
        orders_sudo = live(payment_sudo.tbc_transfer_ids)
        if orders_sudo and payment_sudo.is_matched:
            for order_sudo in orders_sudo:
                matched_by_hand(order_sudo, one.note)
