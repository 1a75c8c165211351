"""The states of a transfer order, and the only code that writes one.

``MOVES`` is the whole of it: what is not in there, no function here does. Whoever adds
a state or a move adds it here (``tests/test_transfer_states.py`` walks the table).
"""

import secrets

from odoo.fields import Domain

from ..clock import georgian_day, utc_now

# {state: the states that may follow it}
MOVES = {
    # Prepared. It goes into the queue; or its payment is changed or cancelled.
    "draft": {"queued", "cancelled"},
    # It stays when its initiation is taken back, and is in doubt again when what was
    # sent once is taken out.
    "queued": {"queued", "draft", "unknown", "sending", "cancelled"},
    # Committed before the POST. Back in the queue: the bank surely does not have it.
    "sending": {"submitted", "refused", "unknown", "queued"},
    # Nobody knows whether the bank has it. Only the bank, or a person, ends that.
    "unknown": {"submitted", "queued", "done", "failed", "cancelled"},
    # The bank has it. Unknown: it does not know it any more.
    "submitted": {"to_sign", "in_progress", "done", "failed", "cancelled", "unknown"},
    "to_sign": {"in_progress", "done", "failed", "cancelled", "unknown"},
    "in_progress": {"done", "failed", "cancelled", "unknown"},
    "done": set(),
    # Unknown: the bank has it after all.
    "refused": {"unknown"},
    "failed": {"unknown"},
    "cancelled": {"unknown"},
}
# The bank has it, or may have it.
AT_THE_BANK = ("sending", "unknown", "submitted", "to_sign", "in_progress")
# The bank is asked how far it is.
FOLLOWED = ("unknown", "submitted", "to_sign", "in_progress")
# Nothing was paid by it, and its payment may get a fresh order.
CLOSED = ("refused", "failed", "cancelled")

NOT_INITIATED = {
    "initiated_by_id": False,
    "initiated_at": False,
    "initiation_seal": False,
}
NOTHING_WRONG = {
    "problem": False,
    "is_missing_at_bank": False,
    "goes_on_if_missing": False,
}


def new_external_id():
    """Our own id of an order or a batch: 18 digits as text.

    The bank's guide wants an integer, its own software sends text: digits are both.
    Drawn by lot, because nobody knows how widely the bank wants them to be unique.
    """
    return str(10**17 + secrets.randbelow(9 * 10**17))


# === THE MOVES === #


def _move(orders, state, vals):
    """Write the state of all of these orders, or of none, with what goes with it."""
    for order in orders:
        if state not in MOVES[order.state]:
            raise ValueError(
                f"transfer order {order.id}: no move from {order.state} to {state}"
            )
    orders.write({"state": state, **vals})


def set_queued(orders):
    """The present user has put them into the queue, where nobody has initiated them."""
    vals = {
        "queued_by_id": orders.env.uid,
        "queued_at": utc_now(),
        **NOT_INITIATED,
        **NOTHING_WRONG,
    }
    _move(orders, "queued", vals)


def set_out_of_queue(orders):
    """They are taken out. What was sent once is in doubt again: the bank may have it."""
    orders.write(NOT_INITIATED)
    doubtful = orders.filtered("was_doubtful")
    _move(doubtful, "unknown", {"next_question_at": utc_now()})
    _move(orders - doubtful, "draft", {"batch_id": False})


def set_sending(orders):
    """They are about to be sent: committed before the POST, so that it is made once."""
    vals = {
        "sent_at": utc_now(),
        "sent_with": orders.integration_id.credential_ids.fingerprint,
        "problem": False,
    }
    _move(orders, "sending", vals)


def set_queued_again(orders, sentence):
    """They wait in the queue, still initiated: the bank surely has none of them."""
    for order in orders:
        sent_at = order.was_doubtful and order.sent_at
        _move(order, "queued", {"sent_at": sent_at, "problem": sentence})


def revoke_initiation(orders, sentence):
    """They wait in the queue until somebody initiates them anew."""
    set_queued_again(orders, sentence)
    orders.write(NOT_INITIATED)


def set_submitted(orders, transfer_ids, trace_id):
    """The bank has these orders, under ``{order: its id}`` where it tells one."""
    vals = {"was_doubtful": False, **NOTHING_WRONG, "next_question_at": utc_now()}
    _move(orders, "submitted", {**vals, **_told_trace(trace_id)})
    for order, transfer_id in transfer_ids.items():
        order.bank_transfer_id = transfer_id or order.bank_transfer_id


def set_unknown(orders, sentence, trace_id):
    """Nobody knows whether the bank has these orders: it is asked from now on."""
    vals = {
        "was_doubtful": True,
        **NOTHING_WRONG,
        "problem": sentence,
        "next_question_at": utc_now(),
        "trace_id": trace_id,
    }
    _move(orders, "unknown", vals)


def set_lost(order):
    """The bank had it, and does not know it any more."""
    _move(order, "unknown", {"was_doubtful": True})


def set_reopened(order):
    """The bank has it although it was closed: it is followed again."""
    vals = {
        "was_doubtful": True,
        "is_missing_at_bank": False,
        "takes_back_payment": False,
        "bank_reason_en": False,
        "bank_reason_ge": False,
        "closed_by_id": False,
        "given_up_by_id": False,
        "look_at": False,
        "next_question_at": utc_now(),
    }
    _move(order, "unknown", vals)


def set_progress(orders, state):
    """They are ``to_sign``, ``in_progress``, or ``done``: the bank is not asked on."""
    vals = {"problem": False}
    if state == "done":
        vals["next_question_at"] = False
    _move(orders, state, vals)


def set_final(orders, state, reason_en, reason_ge, trace_id):
    """The bank will not execute them (``CLOSED``): payments are to be taken back."""
    vals = {
        "bank_reason_en": reason_en,
        "bank_reason_ge": reason_ge,
        "problem": False,
        "was_doubtful": False,
        "next_question_at": False,
    }
    _move(orders, state, {**vals, **_told_trace(trace_id)})


def _told_trace(trace_id):
    """The values that keep a trace id; what the bank told before stays without one."""
    return {"trace_id": trace_id} if trace_id else {}


def set_given_up(orders, user, look_at):
    """``user`` has closed what the bank does not know; it is looked for once more."""
    vals = {
        "given_up_by_id": user.id,
        "given_up_at": utc_now(),
        "look_at": look_at,
        "turned_up_at": False,
        "next_question_at": False,
        "problem": False,
    }
    _move(orders, "cancelled", vals)


def set_cancelled_unsent(orders):
    """Their payment is gone, and the bank was never told of them."""
    _move(orders, "cancelled", {"batch_id": False, **NOT_INITIATED})


# === WHAT GOES WITH A WRITE === #


def with_moments(vals):
    """The values with the moment of what they say."""
    if "state" in vals:
        vals = {**vals, "state_at": utc_now()}
    if "bank_status" in vals:
        vals = {**vals, "bank_status_at": utc_now()}
    if "initiated_at" in vals:
        # Which day it waits for is a part of each initiation, and of none other.
        vals = {"send_on": False, **vals}
    return vals


def count_missing_day(orders):
    """Keep the first day, and the last moment, at which the bank did not know them."""
    now = utc_now()
    for order in orders:
        first = order.missed_on or georgian_day(now)
        order.write({"missed_on": first, "missed_at": now})


# === WHAT A STATE MEANS === #


def was_sent(order):
    """Whether the bank has it, or may have it, or had it."""
    return bool(order.sent_at) or order.state not in ("draft", "queued", "cancelled")


def waits_for_initiation(order):
    return order.state == "queued" and not order.initiated_at


def was_missed_on_two_days(order):
    return bool(
        order.state == "unknown"
        and order.is_missing_at_bank
        and order.missed_on
        and georgian_day(order.missed_at) > order.missed_on
    )


def is_closed(order):
    return order.state in CLOSED


def live(orders):
    """Those of these orders that are not closed."""
    return orders.filtered(lambda order: not is_closed(order))


def others_of(batches, orders):
    """The orders of these batches besides ``orders``, without those that are closed.

    What a person took out of a batch that the bank does not have, is gone from it.
    """
    return live(batches.order_ids) - orders


# === WHICH ARE DUE === #


def is_reachable():
    """The domain of orders whose bank has not asked to be left alone."""
    not_before = "integration_id.not_before"
    return Domain(not_before, "=", False) | Domain(not_before, "<=", utc_now())


def may_be_asked():
    """The domain of orders of which the bank may be asked now."""
    return Domain("integration_id.state", "=", "connected") & is_reachable()
