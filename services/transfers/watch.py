"""Orders that a person has closed: the bank is asked for them for some time yet."""

import logging
from datetime import timedelta

from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ...tbc import TbcError, order_state
from ..calls import TURNED_UP, call, end_calls
from ..chatter import write_note
from ..clock import utc_now
from ..connecting import open_client
from .candidates import find_candidates, has_turned_up
from .checks import was_sent_by_other_client
from .closed import SILENT
from .remind import order_holds_while, remind_preparer
from .states import may_be_asked, others_of
from .words import for_integration_user, tell_bills

_logger = logging.getLogger(__name__)

# How long, and how often, the bank is asked for what a person has closed.
WATCHED_FOR = timedelta(days=90)
LOOK_EVERY = timedelta(days=1)


order_holds_while(TURNED_UP)(has_turned_up)


def due_looks(env):
    """Return the closed orders for which the bank is asked again now."""
    is_due = Domain("look_at", "<=", utc_now())
    return env["tbc.transfer"].search(is_due & may_be_asked(), order="look_at, id")


def look_for_closed(order):
    """Ask once for this closed order; whatever happens, the next day again."""
    order = order.try_lock_for_update(allow_referencing=True)
    order.invalidate_recordset()
    if not order or not order.given_up_by_id or not order.look_at:
        return
    order = for_integration_user(order)
    is_over = utc_now() > order.given_up_at + WATCHED_FOR
    order.look_at = False if is_over else utc_now() + LOOK_EVERY
    if order.state == "cancelled" and not was_sent_by_other_client(order):
        try:
            with open_client(order.integration_id) as client:
                word = _word_at_bank(order, client)
        except (TbcError, UserError) as error:
            _logger.info("TBC: no look for closed order %s: %s", order.id, error)
        else:
            _take_word_after_closing(order, word)
    order.env.flush_all()


def _word_at_bank(order, client):
    """The bank's word for this closed order, ``SILENT``, or ``None``: not there."""
    if order.batch_id:
        return _word_in_closed_batch(order, client)
    found = client.find_single(order.external_id)
    if not found:
        return None
    order.bank_transfer_id = found
    return client.single_status(found).of(transfer_id=found).word or SILENT


def _word_in_closed_batch(order, client):
    """The batch may have come without this order: then it is not there."""
    batch_id = client.find_batch(order.batch_id.external_id)
    if not batch_id:
        return None
    listed = client.batch_status(batch_id).orders
    own = [
        one
        for one in listed
        if one.position == order.position
        or (one.transfer_id and one.transfer_id == order.bank_transfer_id)
    ]
    if own:
        order.bank_transfer_id = own[0].transfer_id or order.bank_transfer_id
        return own[0].word or SILENT
    has_places = any(one.position for one in listed)
    is_more = len(listed) > len(others_of(order.batch_id, order.browse()))
    return SILENT if is_more and not has_places else None


def _take_word_after_closing(order, word):
    """Tell what the bank says of an order that somebody has closed."""
    if word is None or word == order.bank_status:
        return
    order.bank_status = word
    if order_state(word) in ("failed", "cancelled"):
        # It was there, and is not executed: nothing is lost.
        order.write({"look_at": False, "problem": False})
        write_note(order, order.env._("The bank says: %(status)s.", status=word))
        end_calls(order, order.payment_id)
        return
    if not order.turned_up_at:
        order.turned_up_at = utc_now()
    _alarm(order, _turned_up_sentence(order))


def _turned_up_sentence(order):
    words = {"user": order.given_up_by_id.name, "status": order.bank_status}
    if order_state(order.bank_status) == "done":
        return order.env._(
            "TBC Bank has executed this transfer, which %(user)s closed because the"
            " bank did not know it. Look at its bill: it may be paid twice.",
            **words,
        )
    return order.env._(
        "TBC Bank has this transfer after all, which %(user)s closed because the bank"
        " did not know it. It says: %(status)s. The payment was rejected meanwhile:"
        " if its bill is paid otherwise, reject the transfer in TBC's internet bank;"
        " if not, pay nothing else for it.",
        **words,
    )


def _alarm(order, sentence):
    """Tell whoever queued it, the integration user, and the bills' readers."""
    order.problem = sentence
    write_note(order, sentence)
    write_note(order.payment_id, sentence)
    tell_bills(order, sentence)
    summary = order.env._("TBC Bank: a closed transfer has turned up")
    remind_preparer(order, summary, sentence, TURNED_UP)
    user = order.integration_id.user_id
    if user != order.queued_by_id:
        call(order.sudo(), user, reason=TURNED_UP, summary=summary, note=sentence)


def watch_movements(env):
    """Look whether one of the statement's movements may be a closed order."""
    closed = (
        env["tbc.transfer"]
        .search(
            [
                ("given_up_at", ">", utc_now() - WATCHED_FOR),
                ("state", "=", "cancelled"),
                ("turned_up_at", "=", False),
            ]
        )
        .try_lock_for_update(allow_referencing=True)
    )
    for order in closed:
        _watch_movement(for_integration_user(order))
    env.flush_all()


def _watch_movement(order):
    found = find_candidates(order)
    if not found or order.look_alike_id in found:
        return
    order.look_alike_id = found[0]
    _alarm(
        order,
        order.env._(
            "On %(day)s the bank booked a transaction of the same amount to the same"
            " recipient, which no other transfer has made: it may be this one, which"
            " %(user)s closed. Look at it before the bill is paid otherwise, or was"
            " paid twice.",
            day=format_date(order.env, found[0].date),
            user=order.given_up_by_id.name,
        ),
    )
