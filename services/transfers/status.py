"""The bank's word for an order, or that it has none, and what follows from it."""

import logging
from collections import defaultdict
from contextlib import suppress
from datetime import datetime, timedelta

from ... import messages
from ...tbc import TbcError, TbcRefused, check, is_error, order_state
from ..calls import NOT_ARRIVED, UNFOLLOWED
from ..chatter import write_note
from ..clock import utc_now
from ..connecting import record_refusal
from ..unexpected import tell_unknown
from .answers import accept
from .bank_line import match_movements
from .checks import was_sent_by_other_client
from .closed import ask_by_id
from .not_made import conclude
from .remind import note_problem, remind_preparer, tell, tell_once
from .states import CLOSED, MOVES, set_lost, set_progress
from .words import other_client_sentence

_logger = logging.getLogger(__name__)

# How long the list of a batch that is under way may leave an order out.
UNLISTED_PATIENCE = timedelta(days=1)
# Each is one question, and all of them are one transaction.
MOST_ASKED_ALONE = 50


def apply_statuses(told, trace_id):
    """Follow what the bank says of each order, ``{order: OrderStatus}``, if anything.

    Each goes its own way; what is the same for many of them is written at once.
    """
    spoken = {order: one for order, one in told.items() if one.word}
    unknown = [order for order in spoken if order.state == "unknown"]
    accept(_union(unknown), {}, trace_id)
    for order, one in told.items():
        if one.transfer_id and not order.bank_transfer_id:
            order.bank_transfer_id = one.transfer_id
    for order, one in spoken.items():
        _apply_error(order, one)
    _note_words(spoken, trace_id)
    _follow_words(spoken, trace_id)


def _union(orders):
    """One recordset of a list of orders, or ``None`` of an empty one."""
    return orders[0].union(*orders[1:]) if orders else None


def _note_words(spoken, trace_id):
    """Keep the bank's words where they are others than before, and tell them."""
    by_word = defaultdict(list)
    for order, one in spoken.items():
        if one.word != order.bank_status:
            by_word[one.word].append(order)
    for word, orders in by_word.items():
        orders = _union(orders)
        orders.write({"bank_status": word, "trace_id": trace_id})
        sentence = orders.env._("The bank says: %(status)s.", status=word)
        write_note(orders, messages.with_trace(orders.env, sentence, trace_id))
        if not order_state(word):
            _logger.info("TBC: a status that we do not know, on orders %s", orders.ids)
        if not check.is_known_status_word(word):
            _tell_unknown(orders, word)


def _tell_unknown(orders, word):
    """Tell of a word that has no meaning yet, unless it names a recipient."""
    names = filter(None, orders.sudo().payment_id.partner_id.mapped("name"))
    tell_unknown(orders.integration_id.sudo(), "status_word", [word], names)


def _follow_words(spoken, trace_id):
    """Move the orders to where the bank says they are.

    An unknown word moves nothing, nor does a late answer, which would take it back.
    """
    by_end, by_state = defaultdict(list), defaultdict(list)
    for order, one in spoken.items():
        state = order_state(one.word)
        if state not in MOVES[order.state]:
            continue
        if state in CLOSED:
            by_end[state, one.reason_en, one.reason_ge].append(order)
        else:
            by_state[state].append(order)
    for end, orders in by_end.items():
        conclude(_union(orders), *end, trace_id)
    for state, orders in by_state.items():
        set_progress(_union(orders), state)
    if done := _union(by_state["done"]):
        match_movements(done)


def _apply_error(order, told):
    """Show that the bank says "Error" of it now, or that it does so no more.

    The bank may still execute it, so the payment and its bill stay as they are.
    """
    was_error = is_error(order.bank_status)
    if not is_error(told.word):
        if was_error:
            order.write(
                {"problem": False, "bank_reason_en": False, "bank_reason_ge": False}
            )
        return
    sentence = order.env._(
        "The bank reports Error for this transfer. It may still execute it, so it is "
        "asked again and the payment waits. Look for it in TBC's internet bank."
    )
    reasons = {"bank_reason_en": told.reason_en, "bank_reason_ge": told.reason_ge}
    sentence = " ".join([sentence, *dict.fromkeys(filter(None, reasons.values()))])
    order.write({"problem": sentence, **reasons})
    if not was_error:
        remind_preparer(order, sentence)


def set_not_found(orders, trace_id, sentence=None):
    if any(was_sent_by_other_client(order) for order in orders):
        # Another client of the bank would not know it, whether it is there or not.
        orders.write({"is_missing_at_bank": False, "trace_id": trace_id})
        tell_once(orders, other_client_sentence(orders[:1]), UNFOLLOWED)
        return
    sentence = sentence or orders.env._(
        "The bank does not know this transfer. It may be late: it is asked again. If "
        "you are sure that it is not in TBC's internet bank, prepare it again; it "
        "keeps its ID, so the bank can't take it twice."
    )
    news = orders.filtered(lambda order: not order.is_missing_at_bank)
    orders.write(
        {"is_missing_at_bank": True, "problem": sentence, "trace_id": trace_id}
    )
    tell(news, sentence, NOT_ARRIVED)


def ask_alone(orders, client, status):
    """Ask by our own IDs for these orders, of which ``status`` says nothing.

    What the bank says of a whole batch is said of the orders that it lists.
    """
    latest = utc_now() - UNLISTED_PATIENCE
    orders = orders.filtered(
        lambda o: not o.batch_id or status.is_over or (o.sent_at and o.sent_at < latest)
    )
    # The others have their turn at the next question.
    waiting = orders.sorted(lambda o: o.asked_alone_at or datetime.min)
    for order in waiting[:MOST_ASKED_ALONE]:
        order.asked_alone_at = utc_now()
        try:
            _ask_one(order, client)
        except TbcError as error:
            note_problem(order, messages.question_message(orders.env, error))
            record_refusal(order.integration_id, error)
            if not isinstance(error, TbcRefused):
                return


def _ask_one(order, client):
    told = ask_by_id(order, client)
    trace_id = client.last_trace_id
    if not told:
        _miss_alone(order, trace_id)
        return
    order.bank_transfer_id = told.transfer_id
    if told.word:
        apply_statuses({order: told}, trace_id)
        return
    sentence = order.env._(
        "The bank has this transfer, but does not say how far it is. It is asked "
        "again; look for it in TBC's internet bank."
    )
    tell_once(order, sentence, trace_id=trace_id)


def learn_ids(orders, client):
    """Ask for the bank's IDs of executed orders that its list names by none."""
    nameless = orders.filtered(lambda o: o.state == "done" and not o.bank_transfer_id)
    # One that is refused is left out; if the bank does not answer, so are the rest.
    with suppress(TbcError):
        for order in nameless[:MOST_ASKED_ALONE]:
            with suppress(TbcRefused):
                order.bank_transfer_id = client.find_single(order.external_id)
    sentence = orders.env._(
        "The bank has executed this transfer, but does not say its own ID of it, so "
        "its transaction can't be matched by itself. Match it by hand."
    )
    tell_once(nameless.filtered(lambda o: not o.bank_transfer_id), sentence)
    match_movements(nameless)


def _miss_alone(order, trace_id):
    """Neither its own ID nor the bank's finds it: nobody knows what became of it."""
    if order.state != "unknown":
        set_lost(order)
    sentence = order.batch_id and order.env._(
        "The bank does not list this transfer in the batch %(batch)s, and does not "
        "know its own ID either. It is asked again, and nothing is sent again; look "
        "for it in TBC's internet bank.",
        batch=order.batch_id.name,
    )
    set_not_found(order, trace_id, sentence)
