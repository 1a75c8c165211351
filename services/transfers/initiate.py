"""The integration user lets queued orders go to the bank, in person."""

import hashlib
from dataclasses import astuple

from odoo import fields
from odoo.exceptions import UserError

from ..chatter import write_note
from ..clock import utc_now
from ..notices import notice
from .checks import (
    check_in_person,
    check_is_initiator,
    obstacle,
    second_person_sentence,
)
from .days import days_to_wait_for, going_sentence
from .remind import remind_initiator
from .seal import seal_initiation
from .states import others_of, waits_for_initiation
from .terms import to_bank
from .words import name_list


def initiate(orders, decision=None):
    """Mark the queued ones of these orders as initiated by the present user.

    :param decision: of payments of another day, ``NOW`` or ``ON_THE_DAY``
    :raise AccessError: somebody else asks. :raise UserError: an order may not go;
        none of them goes then.
    """
    sentence = orders.env._(
        "Transfers are initiated by the integration user in person, after an identity"
        " check."
    )
    check_in_person(orders, sentence)
    orders_sudo = _waiting_sudo(orders)
    _check_batches_whole(orders_sudo)
    _check_obstacles(orders_sudo)
    _mark_initiated(orders_sudo, days_to_wait_for(orders_sudo, decision))
    by_whom = orders.env._("Initiated by %(user)s.", user=orders.env.user.name)
    write_note(orders_sudo, by_whom)
    remind_initiator(orders_sudo.account_id)
    orders.env.ref("account_tbc_bank.ir_cron_submit").sudo()._trigger()
    return notice(orders_sudo.env, going_sentence(orders_sudo))


def _waiting_sudo(orders):
    """Those that wait, locked: whoever clicks second finds nothing left to initiate."""
    orders_sudo = orders.sudo()
    orders_sudo.flush_recordset()
    locked_sudo = orders_sudo.try_lock_for_update(allow_referencing=True)
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
    for order_sudo, day in days.items():
        order_sudo.send_on = day
    for order_sudo in orders_sudo:
        order_sudo.initiation_seal = seal_initiation(order_sudo)


def _check_batches_whole(orders):
    """A batch is one request, so it goes whole or not at all."""
    for batch in orders.batch_id:
        if others_of(batch, orders):
            raise UserError(
                orders.env._(
                    "%(batch)s goes as a whole: initiate it on the batch.",
                    batch=batch.display_name,
                )
            )


def _check_obstacles(orders):
    """Raise one list of everything that keeps these orders from going."""
    found = {order: obstacle(order) for order in orders}
    found |= {
        order: sentence
        for order in orders
        if (sentence := second_person_sentence(order, orders.env.user))
    }
    found = {order: sentence for order, sentence in found.items() if sentence}
    if found:
        raise UserError(
            orders.env._(
                "Nothing was initiated. Mend this, or take it out of the"
                " selection:\n%(faults)s",
                faults=name_list(found),
            )
        )


def digest(orders):
    """A fingerprint of what the bank would be told of these orders."""
    told = [
        (*astuple(to_bank(order, position=1)), order.payment_id.date)
        for order in orders.sudo()
    ]
    return hashlib.sha256(repr(sorted(map(str, told))).encode()).hexdigest()


def review(orders):
    """Open the dialog that shows what is about to be initiated."""
    orders = _waiting(orders)
    check_is_initiator(orders)
    dialog = orders.env["tbc.transfer.initiate"].create(
        {"order_ids": [fields.Command.set(orders.ids)]}
    )
    dialog.sudo().shown = digest(orders)
    return {
        "type": "ir.actions.act_window",
        "name": orders.env._("Initiate Transfers"),
        "res_model": dialog._name,
        "res_id": dialog.id,
        "view_mode": "form",
        "views": [(False, "form")],
        "target": "new",
    }
