"""Whether a closed order is closed at the bank, too, before its payment is made again.

What the bank refused, failed or cancelled is looked for by our own IDs, whatever it said
then: of two orders for one payment, both may be executed.
"""

import logging
from datetime import timedelta

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.fields import Domain

from ... import messages
from ...tbc import TbcError, TbcRefused, is_error, order_state, says_not_found
from ..chatter import write_note
from ..clock import utc_now
from ..connecting import open_client
from .bills import are_bills_open, has_unposted_bills, standing_in_for
from .remind import remind_preparer
from .states import CLOSED, live, may_be_asked, set_reopened
from .words import for_integration_user, other_client_sentence

_logger = logging.getLogger(__name__)

# When the bank is asked again for a closed order that it did not answer for.
LOOK_PAUSE = timedelta(hours=1)
# In place of the bank's word, where it has none.
SILENT = "–"


def check_still_closed(orders):
    """Ask by our own IDs for those of these orders that are closed (sudo).

    :raise UserError: the bank has one of them after all, or can't be asked.
    """
    for order in orders:
        # The time of sending is taken away where the bank refused the request, or
        # surely did not get it.
        if order.state in CLOSED and (order.sent_at or order.sent_with):
            _check_not_alive(order)


def _check_not_alive(order):
    if is_of_other_client(order):
        if not order.sent_at:
            return
        raise UserError(other_client_sentence(order))
    word = _ask_if_alive(order)
    if word is None:
        return
    _look_again_soon(order)
    raise UserError(
        order.env._(
            "The bank says of the first transfer now: %(status)s. It may have been made"
            " after all, so it is not paid again.",
            status=word,
        )
    )


def _ask_if_alive(order):
    try:
        with open_client(order.integration_id) as client:
            return word_if_alive(order, client)
    except TbcError as error:
        sentence = order.env._(
            "%(reason)s Until the bank has answered for the first transfer, it is not"
            " paid again.",
            reason=messages.question_message(order.env, error),
        )
        raise UserError(sentence) from error


def is_of_other_client(order):
    """Whether today's client of the bank would not know it (sudo)."""
    return order.sent_with != order.integration_id.credential_ids.fingerprint


def word_if_alive(order, client):
    """What the bank says of this closed order, if it may still be executed.

    ``None``: the bank surely does not have it, or calls it closed too. ``SILENT``:
    the bank has its batch or its ID, and does not say what became of it.
    """
    word = _word_in_batch(order, client)
    if word not in (None, SILENT):
        return None if _is_end(order, word) else word
    found = client.find_single(order.external_id)
    for transfer_id in {found, order.bank_transfer_id} - {None, False}:
        told = status_alone(client, transfer_id)
        if told and told.word and not _is_end(order, told.word):
            return told.word
        # Under an ID that it has forgotten, there is nothing left to execute.
        if (told and not told.word) or (not told and transfer_id == found):
            return SILENT
        word = None
    return word


def _word_in_batch(order, client):
    """The bank's word in the list of its batch.

    ``None``: there is no batch, or it lists other orders only, each in its place.
    """
    batch = order.batch_id
    batch_id = batch and (client.find_batch(batch.external_id) or batch.bank_batch_id)
    if not batch_id:
        return None
    status = client.batch_status(batch_id)
    told = status.of(
        transfer_id=order.bank_transfer_id or None, position=order.position
    )
    places = [order.position for order in status.orders]
    is_left_out = status.is_clear and order.position not in places
    return told.word or (None if is_left_out else SILENT)


def _is_end(order, word):
    """Whether the bank's word is an end, or a person took it for one."""
    if is_error(word):
        return bool(order.closed_by_id)
    return order_state(word) in ("failed", "cancelled")


def _look_again_soon(order):
    """Have the schedule look at this closed order, whatever is rolled back here.

    A cursor of its own, because whoever is told why a payment can't be made again
    is told by an exception.
    """
    with order.env.registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        order = env[order._name].browse(order.id).exists()
        order = order.try_lock_for_update(allow_referencing=True)
        if order:
            order.next_question_at = utc_now()
            env.ref("account_tbc_bank.ir_cron_refresh_status")._trigger()


def status_alone(client, transfer_id):
    """The ``OrderStatus`` under the bank's ID, ``None`` where there is none."""
    if not transfer_id:
        return None
    try:
        return client.single_status(transfer_id).of(transfer_id=transfer_id)
    except TbcRefused as error:
        if not says_not_found(error):
            raise
        return None


# === LOOKED AT ONCE MORE === #


def due_second_looks(env):
    """Return the closed orders that the bank may have after all."""
    is_due = Domain("state", "in", CLOSED) & Domain("next_question_at", "<=", utc_now())
    orders = env["tbc.transfer"]
    return orders.search(is_due & may_be_asked(), order="next_question_at, id")


def postpone_look(order):
    order = order.try_lock_for_update(allow_referencing=True)
    order.next_question_at = utc_now() + LOOK_PAUSE
    order.env.flush_all()


def look_again(order):
    """Ask for one closed order, and follow it again if the bank has it."""
    order = order.try_lock_for_update(allow_referencing=True)
    order.invalidate_recordset()
    if not order or order.state not in CLOSED:
        return
    order = for_integration_user(order)
    word = None
    if not is_of_other_client(order):
        try:
            with open_client(order.integration_id) as client:
                word = word_if_alive(order, client)
        except (TbcError, UserError) as error:
            # It is looked at again in an hour.
            _logger.info("TBC: no second look at order %s: %s", order.id, error)
            return
    order.next_question_at = False
    # Of an order that it has called closed, the bank's silence changes nothing.
    if word and (word != SILENT or order.state == "refused"):
        _reopen(order, word)
    order.env.flush_all()


def _reopen(order, word):
    """The bank has this closed order: follow it, and let its payment wait for it."""
    payment = order.payment_id
    is_free = not live(payment.tbc_transfer_ids)
    sentence = order.env._(
        "The bank has this transfer after all, and says: %(status)s. It is followed"
        " again.",
        status=word,
    )
    if not (is_free and _wait_again(payment)):
        sentence = order.env._(
            "%(sentence)s Its payment does not wait for it any more: look at its bill,"
            " it may be paid twice.",
            sentence=sentence,
        )
    if is_free:
        set_reopened(order)
    order.problem = sentence
    write_note(order, sentence)
    summary = order.env._("TBC Bank: a transfer was made after all")
    remind_preparer(order, summary, sentence)


def _wait_again(payment):
    """Post a rejected payment again, because the bank has its order (sudo).

    :return: whether it waits for the bank, with its bills if it has any.
    """
    if payment.state == "in_process":
        return True
    if not _can_wait_again(payment):
        return False
    bills = payment.invoice_ids
    try:
        with payment.env.cr.savepoint():
            payment.action_draft()
            payment.action_post()
            reconcile_with(payment, bills)
    except UserError:
        payment.invalidate_recordset()
        return False
    return True


def _can_wait_again(payment):
    # A reversed entry stays: in a locked period, nothing is posted again.
    if payment.state != "rejected" or payment.move_id.state != "cancel":
        return False
    if standing_in_for(payment) or has_unposted_bills(payment):
        return False
    return not payment.invoice_ids or are_bills_open(payment)


def reconcile_with(payment, bills):
    """Match this posted payment with its bills."""
    lines = (payment.move_id + bills).line_ids.filtered(
        lambda line: (
            line.account_id == payment.destination_account_id
            and not line.reconciled
            and line.parent_state == "posted"
        )
    )
    lines.reconcile()
    bills.matched_payment_ids += payment
