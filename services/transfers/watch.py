"""Closed orders that the bank may have after all: it is asked for them now and then."""

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
from ..locks import try_lock
from .candidates import find_candidates, has_turned_up
from .checks import is_of_other_client
from .closed import SILENT, ask_by_all_ids, is_alive
from .not_made import wait_again
from .remind import order_holds_while, remind_preparer
from .states import CLOSED, is_closed, live, may_be_asked, set_reopened
from .words import for_integration_user, tell_bills

_logger = logging.getLogger(__name__)

# How long, and how often, the bank is asked for what a person has closed.
WATCHED_FOR = timedelta(days=90)
LOOK_EVERY = timedelta(days=1)
# When it is asked again for one that was to be paid again, if it did not answer.
LOOK_PAUSE = timedelta(hours=1)

order_holds_while(TURNED_UP)(has_turned_up)


def due_looks(env):
    """Return the closed orders for which the bank is asked now.

    ``next_question_at``: somebody wanted to pay it again, and the bank had it.
    ``look_at``: a person closed it.
    """
    now = utc_now()
    is_due = Domain("state", "in", CLOSED) & Domain("next_question_at", "<=", now)
    is_due |= Domain("state", "=", "cancelled") & Domain("look_at", "<=", now)
    order = "next_question_at, look_at, id"
    return env["tbc.transfer"].search(is_due & may_be_asked(), order=order)


def postpone_look(order):
    """Have it looked at later, whatever becomes of this look."""
    order = try_lock(order)
    if order.next_question_at:
        order.next_question_at = utc_now() + LOOK_PAUSE
    if order.look_at:
        is_over = utc_now() > order.given_up_at + WATCHED_FOR
        order.look_at = False if is_over else utc_now() + LOOK_EVERY
    order.env.flush_all()


def look_again(order):
    """Ask for one closed order, and act on what the bank says."""
    order = try_lock(order)
    order.invalidate_recordset()
    if not order or not is_closed(order):
        return
    order = for_integration_user(order)
    try:
        told = _ask(order)
    except (TbcError, UserError) as error:
        _logger.info("TBC: no look at closed order %s: %s", order.id, error)
        return
    _act_on(order, told)
    order.env.flush_all()


def _ask(order):
    if is_of_other_client(order):
        return None
    with open_client(order.integration_id) as client:
        return ask_by_all_ids(order, client, is_sure=bool(order.next_question_at))


def _act_on(order, told):
    """Follow it again, if it was to be paid again; else tell whoever may pay it twice."""
    if order.next_question_at:
        order.next_question_at = False
        # Of an order that it has called closed, the bank's silence changes nothing.
        if is_alive(order, told) and (told.word or order.state == "refused"):
            _reopen(order, told.word or SILENT)
    elif told and order.given_up_by_id:
        _tell_word(order, told)


def _reopen(order, word):
    """The bank has this closed order: follow it, and let its payment wait for it."""
    payment = order.payment_id
    is_free = not live(payment.tbc_transfer_ids)
    sentence = order.env._(
        "The bank has this transfer after all, and says: %(status)s. It is followed"
        " again.",
        status=word,
    )
    if not (is_free and wait_again(payment)):
        sentence = order.env._(
            "%(sentence)s Meanwhile its payment was changed, matched or sent again: look"
            " at its bill, it may be paid twice.",
            sentence=sentence,
        )
    if is_free:
        set_reopened(order)
    order.problem = sentence
    write_note(order, sentence)
    summary = order.env._("TBC Bank: a transfer was made after all")
    remind_preparer(order, sentence, summary=summary)


def _tell_word(order, told):
    """Tell what the bank says of an order that a person has closed."""
    word = told.word or SILENT
    order.bank_transfer_id = told.transfer_id or order.bank_transfer_id
    if word == order.bank_status and order.turned_up_at:
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
    remind_preparer(order, sentence, TURNED_UP, summary)
    user = order.integration_id.user_id
    if user != order.queued_by_id:
        call(order.sudo(), user, reason=TURNED_UP, summary=summary, note=sentence)


def watch_movements(env):
    """Look whether one of the statement's movements may be a closed order."""
    given_up = Domain("given_up_at", ">", utc_now() - WATCHED_FOR)
    domain = given_up & Domain(
        [("state", "=", "cancelled"), ("turned_up_at", "=", False)]
    )
    closed = env["tbc.transfer"].search(domain)
    for order in try_lock(closed):
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
            "On %(day)s the bank booked a transaction of the same amount to the same "
            "recipient, and no other transfer explains it. It may be this transfer, "
            "which %(user)s closed: look at it, or its bill may be paid twice.",
            day=format_date(order.env, found[0].date),
            user=order.given_up_by_id.name,
        ),
    )
