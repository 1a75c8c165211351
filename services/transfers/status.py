"""The bank's word for an order, and what follows from it."""

import logging

from ... import messages
from ...tbc import is_error, order_state
from ..chatter import write_note
from .answers import accept
from .bank_line import match_movements
from .reject import conclude
from .remind import remind_to_look
from .states import CLOSED, MOVES, set_done, set_under_way

_logger = logging.getLogger(__name__)


def take_told(order, told, trace_id):
    """Follow what the bank says of this order, which it has, then."""
    if told.word and order.state == "unknown":
        accept(order, {}, trace_id)
    _apply_status(order, told, trace_id)


def _apply_status(order, told, trace_id):
    """Take one order's status as the bank tells it (an ``OrderStatus``)."""
    if told.transfer_id and not order.bank_transfer_id:
        order.bank_transfer_id = told.transfer_id
    if not told.word:
        return
    _take_error_word(order, told)
    if told.word != order.bank_status:
        _note_word(order, told.word, trace_id)
    state = order_state(told.word)
    if state not in MOVES[order.state]:
        # Unknown; or a late answer, which never takes it back.
        return
    if state in CLOSED:
        conclude(order, state, told.reason_en, told.reason_ge, trace_id)
    elif state == "done":
        set_done(order)
        match_movements(order)
    else:
        set_under_way(order, state)


def _note_word(order, word, trace_id):
    order.write({"bank_status": word, "trace_id": trace_id})
    sentence = order.env._("The bank says: %(status)s.", status=word)
    write_note(order, messages.with_trace(order.env, sentence, trace_id))
    if not order_state(word):
        _logger.info("TBC: a status that we do not know, on order %s", order.id)


def _take_error_word(order, told):
    """Show that the bank says "Error" of it now, or that it does so no more.

    The bank may still execute it, so the payment and its bill stay as they are.
    """
    was_error = is_error(order.bank_status)
    if is_error(told.word):
        _note_error(order, told, is_news=not was_error)
    elif was_error and told.word:
        order.write(
            {"problem": False, "bank_reason_en": False, "bank_reason_ge": False}
        )


def _note_error(order, told, *, is_news):
    sentence = order.env._(
        "The bank says Error of this transfer. That is not its end: the bank may"
        " execute it yet, so it is asked again and the payment waits. Look for it in"
        " TBC's internet bank."
    )
    reasons = dict.fromkeys(filter(None, (told.reason_en, told.reason_ge)))
    sentence = " ".join([sentence, *reasons])
    vals = {
        "problem": sentence,
        "bank_reason_en": told.reason_en,
        "bank_reason_ge": told.reason_ge,
    }
    if any((order[name] or None) != value for name, value in vals.items()):
        order.write(vals)
    if is_news:
        remind_to_look(order, sentence)
