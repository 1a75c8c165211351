"""The integration user lets prepared orders go to the bank, in person: now, or on a day."""

import hashlib
from dataclasses import astuple
from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..buttons import notice
from ..chatter import write_note
from ..clock import bank_today, utc_now
from ..locks import try_lock
from .checks import (
    check_in_person,
    check_is_initiator,
    obstacle,
    second_person_sentence,
)
from .remind import remind_initiator
from .seal import seal_initiation
from .states import others_of, waits_for_initiation
from .terms import to_bank
from .words import MOST_NAMED, name_list, totals_sentence

NOW, ON_THE_DAY = "now", "on_the_day"
# A payment that was registered lately is no mistake.
OLD = timedelta(days=31)


def initiate(orders, decision=None, after=None):
    """Mark the queued ones of these orders as initiated by the present user.

    :param decision: of payments of another day, ``NOW`` or ``ON_THE_DAY``
    :param after: the action that follows; without one the screen is reloaded
    :raise AccessError: somebody else asks. :raise UserError: an order may not go;
        none of them goes then.
    """
    sentence = orders.env._(
        "Transfers are initiated by the integration user in person, after an identity"
        " check."
    )
    check_in_person(orders, sentence)
    orders_sudo = _lock_waiting(orders.sudo())
    _check_batches_whole(orders_sudo)
    _check_obstacles(orders_sudo)
    _mark_initiated(orders_sudo, _days_to_wait_for(orders_sudo, decision))
    by_whom = orders.env._("Initiated by %(user)s.", user=orders.env.user.name)
    write_note(orders_sudo, by_whom)
    remind_initiator(orders_sudo.account_id)
    orders.env.ref("account_tbc_bank.ir_cron_submit").sudo()._trigger()
    return notice(orders_sudo.env, _going_sentence(orders_sudo), after=after)


def _lock_waiting(orders_sudo):
    """Those that wait, locked: whoever clicks second finds nothing left to initiate."""
    orders_sudo.flush_recordset()
    locked_sudo = try_lock(orders_sudo)
    locked_sudo.invalidate_recordset()
    return _waiting(locked_sudo)


def _waiting(orders):
    """:raise UserError: none of these orders waits to be initiated."""
    waiting = orders.filtered(waits_for_initiation)
    if not waiting:
        raise UserError(orders.env._("None of these transfers waits to be initiated."))
    return waiting


def _mark_initiated(orders_sudo, days):
    """Write who initiates them, when, for which day; and seal it, last of all."""
    orders_sudo.write(
        {
            "initiated_by_id": orders_sudo.env.uid,
            "initiated_at": utc_now(),
            "problem": False,
        }
    )
    for order_sudo in orders_sudo:
        order_sudo.send_on = days.get(order_sudo)
        order_sudo.initiation_seal = seal_initiation(order_sudo)


def _check_batches_whole(orders):
    """A batch is one request, so it goes whole or not at all."""
    for batch in orders.batch_id:
        if others_of(batch, orders):
            raise UserError(_whole_sentence(batch))


def _whole_sentence(batch):
    return batch.env._(
        "The transfers of %(batch)s go together: initiate them on the batch.",
        batch=batch.display_name,
    )


def _find_obstacles(orders):
    """``{order: the sentence}`` of those of these orders that may not go (sudo)."""
    user = orders.env.user
    return {
        order: sentence
        for order in orders
        if (sentence := second_person_sentence(order, user) or obstacle(order))
    }


def _check_obstacles(orders):
    """Raise one list of everything that keeps these orders from going."""
    if found := _find_obstacles(orders):
        sentence = orders.env._(
            "Nothing was initiated. Mend this, or take it out of the"
            " selection:\n%(faults)s",
            faults=name_list(found),
        )
        raise UserError(sentence)


# === THE DIALOG === #


def review(orders):
    """Open the dialog that shows what is about to be initiated.

    What may not go is told now, before the password, and the rest goes without it.
    """
    orders = _waiting(orders)
    check_is_initiator(orders)
    kept = _find_kept(orders.sudo())
    going = orders - orders.browse(order.id for order in kept)
    if not going:
        _raise_kept(orders, kept)
    dialog = orders.env["tbc.transfer.initiate"].create(
        {"order_ids": [fields.Command.set(going.ids)]}
    )
    dialog.sudo().write({"shown": digest(going), "kept": name_list(kept)})
    name = orders.env._("Initiate Transfers")
    return dialog._get_records_action(name=name, target="new")


def _find_kept(orders):
    """``{order: the sentence}`` of what stays; of a batch, all or none (sudo)."""
    found = _find_obstacles(orders)
    for batch, own in orders.grouped("batch_id").items():
        if batch and others_of(batch, own):
            found |= dict.fromkeys(own, _whole_sentence(batch))
        elif batch and own & orders.browse(order.id for order in found):
            rest = orders.env._("Its batch waits because of another transfer in it.")
            found |= {order: found.get(order, rest) for order in own}
    return found


def _raise_kept(orders, kept):
    sentence = orders.env._(
        "None of these can be initiated. Mend this first:\n%(faults)s",
        faults=name_list(kept),
    )
    raise UserError(sentence)


def digest(orders):
    """A fingerprint of what the bank would be told of these orders."""
    told = [
        (*astuple(to_bank(order, position=1)), order.payment_id.date)
        for order in orders.sudo()
    ]
    return hashlib.sha256(repr(sorted(map(str, told))).encode()).hexdigest()


# === PAYMENTS OF ANOTHER DAY === #


def later_days(orders):
    """``{order: its day}`` of those whose day has not come (sudo).

    A batch goes whole, on its last day.
    """
    days = {order: order.payment_id.date for order in orders}
    for batch, own in orders.grouped("batch_id").items():
        if batch:
            days |= dict.fromkeys(own, max(days[order] for order in own))
    today = bank_today()
    return {order: day for order, day in days.items() if day > today}


def days_sentence(orders):
    """Say which of these payments are of another day, or return ``None`` (sudo)."""
    today = bank_today()
    later = orders.filtered(lambda order: order.payment_id.date > today)
    old = orders.filtered(lambda order: order.payment_id.date < today - OLD)
    later_sentence = later and orders.env._(
        "Dated later than today:\n%(payments)s", payments=_dated_list(later)
    )
    old_sentence = old and orders.env._(
        "Dated more than %(days)s days ago:\n%(payments)s",
        days=OLD.days,
        payments=_dated_list(old),
    )
    return "\n".join(filter(None, (later_sentence, old_sentence))) or None


def _dated_list(orders):
    orders = orders.sorted(lambda order: order.payment_id.date)
    lines = [
        f"{format_date(orders.env, order.payment_id.date)}: {order.display_name}"
        for order in orders[:MOST_NAMED]
    ]
    return "\n".join([*lines, *["…"][: len(orders) - len(lines)]])


def _days_to_wait_for(orders, decision):
    """``{order: its day}`` of those that wait (sudo); somebody has to decide that."""
    if not decision and (sentence := days_sentence(orders)):
        sentence = orders.env._(
            "%(days)s\nPress Initiate on the payment, the transfer or the batch,"
            " and decide there whether they wait for their day or go now.",
            days=sentence,
        )
        raise UserError(sentence)
    return later_days(orders) if decision == ON_THE_DAY else {}


def _going_sentence(orders):
    """Say what goes to the bank now, and what waits for its day."""
    waiting = orders.filtered("send_on")
    sentences = [
        orders.env._(
            "Going to the bank on %(day)s, by themselves: %(transfers)s.",
            day=format_date(orders.env, day),
            transfers=totals_sentence(own),
        )
        for day, own in sorted(waiting.grouped("send_on").items())
    ]
    if now := orders - waiting:
        sentence = orders.env._(
            "Going to the bank now: %(transfers)s. Sign them in TBC's internet"
            " bank when they are there.",
            transfers=totals_sentence(now),
        )
        sentences.insert(0, sentence)
    return "\n".join(sentences)
