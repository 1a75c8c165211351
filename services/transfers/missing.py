"""Orders that the bank does not know, or of which its answer says nothing."""

from datetime import datetime, timedelta

from ... import messages
from ...tbc import TbcError, TbcRefused
from ..calls import NOT_ARRIVED
from ..chatter import write_note
from ..clock import utc_now
from ..connecting import record_refusal
from .bank_line import match_movements
from .checks import was_sent_by_other_client
from .closed import status_alone
from .remind import (
    note_problem,
    order_holds_while,
    remind_of_unfollowed,
    remind_preparer,
    tell_once,
)
from .states import set_lost
from .status import take_told
from .words import other_client_sentence

# How long the list of a batch that is under way may leave an order out.
UNLISTED_PATIENCE = timedelta(days=1)
# Each is one question, and all of them are one transaction.
MOST_ASKED_ALONE = 50


def set_not_found(orders, trace_id, sentence=None):
    if any(was_sent_by_other_client(order) for order in orders):
        # Another client of the bank would not know it, whether it is there or not.
        _note_other_client(orders, trace_id)
        return
    sentence = sentence or orders.env._(
        "The bank does not know this order. It may be late: it is asked again. If"
        " you are sure that it is not in TBC's internet bank, queue it again; it"
        " keeps its ID, so the bank can't take it twice."
    )
    news = orders.filtered(lambda order: not order.is_missing_at_bank)
    orders.write(
        {"is_missing_at_bank": True, "problem": sentence, "trace_id": trace_id}
    )
    write_note(news, sentence)
    for order in news:
        summary = orders.env._("TBC Bank: a transfer did not arrive")
        remind_preparer(order, summary, sentence, NOT_ARRIVED)


@order_holds_while(NOT_ARRIVED)
def _has_not_arrived(order):
    return order.state == "unknown" and order.is_missing_at_bank


def _note_other_client(orders, trace_id):
    sentence = other_client_sentence(orders[:1])
    news = orders.filtered(lambda order: order.problem != sentence)
    orders.write(
        {"is_missing_at_bank": False, "trace_id": trace_id, "problem": sentence}
    )
    write_note(news, sentence)
    for order in news:
        remind_of_unfollowed(order, sentence)


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
    """Ask for one order by our own ID, then for its status by the bank's."""
    found = client.find_single(order.external_id)
    trace_id = client.last_trace_id
    told = status_alone(client, found or order.bank_transfer_id)
    if found:
        order.bank_transfer_id = found
    if told and told.word:
        take_told(order, told, client.last_trace_id)
    elif found or told:
        _note_silence(order, trace_id)
    else:
        _miss_alone(order, trace_id)


def learn_ids(orders, client):
    """Ask for the bank's IDs of executed orders that its list names by none.

    Without it no movement is matched by itself: people are told.
    """
    nameless = orders.filtered(lambda o: o.state == "done" and not o.bank_transfer_id)
    can_ask = True
    for number, order in enumerate(nameless):
        try:
            if can_ask and number < MOST_ASKED_ALONE:
                order.bank_transfer_id = client.find_single(order.external_id)
        except TbcError as error:
            can_ask = isinstance(error, TbcRefused)
        if not order.bank_transfer_id:
            _note_namelessness(order)
    match_movements(nameless)


def _note_namelessness(order):
    sentence = order.env._(
        "The bank has executed this transfer, but does not say its own ID of it, so its"
        " movement can't be matched by itself. Match it by hand."
    )
    tell_once(order, sentence)


def _note_silence(order, trace_id):
    """The bank has it, and does not say how far it is."""
    sentence = order.env._(
        "The bank has this order, but does not say how far it is. It is asked again;"
        " look for it in TBC's internet bank."
    )
    tell_once(order, sentence, trace_id=trace_id)


def _miss_alone(order, trace_id):
    """Neither its own ID nor the bank's finds it: nobody knows what became of it."""
    if order.state != "unknown":
        set_lost(order)
    sentence = order.batch_id and order.env._(
        "The bank does not list this order in the batch %(batch)s, and does not"
        " know its own ID either. It is asked again, and nothing is sent again;"
        " look for it in TBC's internet bank.",
        batch=order.batch_id.name,
    )
    set_not_found(order, trace_id, sentence)
