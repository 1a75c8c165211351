"""Who let a transfer order go, sealed, so that nobody can write it in by hand.

Functions rather than methods: neither RPC nor the code of a server action can call
them, and neither can therefore make an order look initiated.
"""

from dataclasses import astuple

from odoo.exceptions import UserError

from ... import crypto, messages
from ..clock import georgian_day
from ..sealing import server_keys
from .terms import to_bank


def seal_initiation(order_sudo):
    """Return the sealed id of the order's initiator; it fits this very order only."""
    initiator, place = str(order_sudo.initiated_by_id.id), _place(order_sudo)
    try:
        return crypto.seal(initiator, place, server_keys(create=True))
    except crypto.SealError as error:
        sentence = messages.seal_message(order_sudo.env, error)
    raise UserError(sentence)


def is_initiated(order_sudo):
    """Whether the initiator who is written down is the one who is sealed."""
    if not order_sudo.initiation_seal:
        return False
    try:
        initiator = crypto.open_sealed(
            order_sudo.initiation_seal, _place(order_sudo), server_keys()
        )
    except crypto.SealError:
        return False
    return initiator == str(order_sudo.initiated_by_id.id)


def break_seals(orders_sudo):
    """What these orders were initiated with holds no more, whoever writes it back."""
    orders_sudo.env["tbc.broken.seal"].create(
        [{"order_id": order.id} for order in orders_sudo]
    )


def _place(order_sudo):
    """What the seal is bound to: this database, the moment, every word of the order.

    And to the last time that an initiation of it was taken back, if there was one.
    """
    uuid = order_sudo.env["ir.config_parameter"].sudo().get_param("database.uuid")
    # Not its repr(), which is made for logs and leaves out accounts and names.
    order = astuple(to_bank(order_sudo, position=1))
    place = (uuid, order_sudo.env.cr.dbname, order_sudo.id, order_sudo.initiated_at)
    own = [("order_id", "=", order_sudo.id)]
    if broken := order_sudo.env["tbc.broken.seal"].search(
        own, order="id desc", limit=1
    ):
        place += (broken.id,)
    return repr((*map(str, (*place, *_decision(order_sudo))), *map(str, order)))


def _decision(order_sudo):
    """What was decided about a payment of a later day: which day that was, and which
    one it waits for. Of others there is nothing to decide."""
    day, initiated_at = order_sudo.payment_id.date, order_sudo.initiated_at
    if not initiated_at:
        return ()
    is_later = day and day > georgian_day(initiated_at)
    return (day, order_sudo.send_on) if is_later or order_sudo.send_on else ()
