"""Whether a closed order is closed at the bank, too.

It is looked for by its batch, by our own ID and by the bank's, whatever the bank said
then: of two orders for one payment, both may be executed.
"""

from dataclasses import replace

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError

from ... import messages, tbc
from ..clock import utc_now
from ..connecting import open_client
from ..locks import try_lock
from .checks import is_of_other_client
from .states import is_closed, others_of
from .words import other_client_sentence

# In place of the bank's word, where it has none.
SILENT = "–"


def check_still_closed(orders):
    """Ask for those of these that are closed (sudo): the bank must not have them."""
    for order in orders.filtered(is_closed):
        # The time of sending is taken away where the bank refused the request, or
        # surely did not get it.
        if not is_of_other_client(order):
            if order.sent_at or order.sent_with:
                _check_not_alive(order)
        elif order.sent_at:
            raise UserError(other_client_sentence(order))


def _check_not_alive(order):
    try:
        with open_client(order.integration_id) as client:
            told = ask_by_all_ids(order, client)
    except tbc.TbcError as error:
        sentence = order.env._(
            "%(reason)s Until the bank has answered for the first transfer, it is not"
            " paid again.",
            reason=messages.question_message(order.env, error),
        )
        raise UserError(sentence) from error
    if is_alive(order, told):
        _look_again_soon(order)
        sentence = order.env._(
            "The bank says of the first transfer now: %(status)s. It may have been"
            " made after all, so it is not paid again.",
            status=told.word or SILENT,
        )
        raise UserError(sentence)


def _look_again_soon(order):
    """Have the schedule look at this closed order, whatever is rolled back here.

    A cursor of its own, because whoever is told why a payment can't be made again
    is told by an exception.
    """
    with order.env.registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        order = env[order._name].browse(order.id).exists()
        try_lock(order).next_question_at = utc_now()
        env.ref("account_tbc_bank.ir_cron_refresh_status")._trigger()


def ask_by_all_ids(order, client, *, is_sure=True):
    """Return what the bank says of this order, an ``OrderStatus``.

    ``None``: the bank surely does not have it. Without a word: the bank has its batch
    or its ID, and does not say what became of it.

    :param is_sure: whether a list of its batch that tells no order from another may
        hold it, however short the list is
    """
    told = _told_in_batch(order, client, is_sure)
    if told and told.word:
        return told
    alone = ask_by_id(order, client)
    # Under an ID that it has forgotten, there is nothing left to execute.
    return alone if alone or order.bank_transfer_id else told


def ask_by_id(order, client):
    """Return what the bank says of this order under our own ID, and under its own.

    ``None``: it knows neither. Without a word: it has the order, and says no more.
    """
    found, told = client.find_single(order.external_id), None
    for transfer_id in dict.fromkeys(filter(None, (found, order.bank_transfer_id))):
        told = _status_of(transfer_id, client)
        if not told and transfer_id == found:
            told = tbc.OrderStatus(transfer_id=found)
        if is_alive(order, told):
            break
    return told


def is_alive(order, told):
    """Whether the bank may still execute it. "Error" is an end if a person says so."""
    if not told or (tbc.is_error(told.word) and order.closed_by_id):
        return False
    return tbc.order_state(told.word) not in ("failed", "cancelled")


def _told_in_batch(order, client, is_sure):
    """``None``: there is no batch, or it lists other orders only, each in its place."""
    batch = order.batch_id
    batch_id = batch and (client.find_batch(batch.external_id) or batch.bank_batch_id)
    if not batch_id:
        return None
    status = client.batch_status(batch_id)
    told = status.of(
        transfer_id=order.bank_transfer_id or None, position=order.position
    )
    if status.is_clear:
        is_left_out = order.position not in [one.position for one in status.orders]
    else:
        others = others_of(batch, order)
        is_left_out = not is_sure and len(status.orders) <= len(others)
    return None if is_left_out and not told.word else told


def _status_of(transfer_id, client):
    try:
        told = client.single_status(transfer_id).of(transfer_id=transfer_id)
    except tbc.TbcRefused as error:
        if not tbc.says_not_found(error):
            raise
        return None
    return replace(told, transfer_id=transfer_id)
