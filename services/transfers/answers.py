"""What the bank's answer to a request means for the orders in it."""

from datetime import timedelta

from ... import messages, tbc
from ..chatter import write_note
from ..clock import utc_now
from ..connecting import LONGEST_WAIT, record_refusal
from ..refusals import may_speak_of_one
from ..unexpected import tell_unknown_error
from .not_made import conclude, take_back_payments_soon
from .remind import remind_initiator
from .states import revoke_initiation, set_queued_again, set_submitted, set_unknown

# After these nobody knows whether the bank took the orders: it must be asked.
IN_DOUBT = (tbc.TbcDuplicate, tbc.TbcNoAnswer, tbc.TbcUnreadable)
# How long to leave a bank alone that can't be reached, or that is busy for a time it
# does not tell.
BANK_DOWN_PAUSE = timedelta(minutes=5)


def accept(orders, transfer_ids, trace_id):
    """The bank has these orders, under ``{order: its id}`` where it tells one."""
    if not orders:
        return
    set_submitted(orders, transfer_ids, trace_id)
    sentence = orders.env._("The bank has the transfer.")
    write_note(orders, messages.with_trace(orders.env, sentence, trace_id))
    orders.env.ref("account_tbc_bank.ir_cron_refresh_status")._trigger()


def doubt(orders, sentence, trace_id=None):
    """Nobody knows whether the bank has these orders: it is asked from now on."""
    if not orders:
        return
    set_unknown(orders, sentence, trace_id)
    write_note(orders, sentence)
    orders.env.ref("account_tbc_bank.ir_cron_refresh_status")._trigger()


def lapse(orders, reasons):
    """Take back the initiation of ``{order: reason}``: nothing was sent."""
    for order, reason in reasons.items():
        sentence = orders.env._(
            "Not sent, and not initiated any more. %(reason)s", reason=reason
        )
        revoke_initiation(order, sentence)
        write_note(order, sentence)
    remind_initiator(orders.account_id)


def keep_error(orders, error):
    """Keep what an error of the POST means for these orders."""
    tell_unknown_error(orders.integration_id.sudo(), error)
    if isinstance(error, IN_DOUBT):
        _keep_doubt(orders, error)
    elif isinstance(error, tbc.TbcUnreachable | tbc.TbcBusy):
        _wait(orders, error)
    elif isinstance(error, tbc.TbcAuthRefused):
        sentence = messages.user_message(orders.env, error)
        if not may_speak_of_one(error):
            record_refusal(orders.integration_id, error)
        if error.in_doubt:
            doubt(orders, messages.doubt_message(orders.env, error), error.trace_id)
        else:
            lapse(orders, dict.fromkeys(orders, sentence))
    else:
        _keep_refusal(orders, error)


def _keep_doubt(orders, error):
    """Keep an error after which the bank may have these orders.

    Where the bank itself refused several of them because it has one already, it is
    asked for each, and those that it does not have go on by themselves.
    """
    sentence = messages.doubt_message(orders.env, error)
    goes_on = isinstance(error, tbc.TbcDuplicate) and error.author == tbc.BANK
    goes_on = goes_on and len(orders) > 1 and not orders.batch_id
    if goes_on:
        sentence = orders.env._(
            "The bank already has one transfer of this request, so it refused them "
            "all. It is asked about each; those that it does not have are sent one by"
            " one."
        )
    doubt(orders, sentence, error.trace_id)
    orders.goes_on_if_missing = goes_on


def go_on_sending(orders, trace_id):
    """Send by itself what the bank refused with another order, and does not know.

    It may be withdrawn only as one in doubt: the bank, asked too early, may not know
    yet what it has.
    """
    sentence = orders.env._(
        "The bank does not have this transfer: it refused the whole request because "
        "of another one in it. This one is sent alone now."
    )
    orders.write({"goes_on_if_missing": False, "trace_id": trace_id})
    _send_alone(orders, sentence, trace_id)


def _send_alone(orders, sentence, trace_id=None):
    """Each of these goes by itself now, with the same ID, under the same initiation."""
    set_queued_again(orders, sentence)
    orders.goes_alone = True
    write_note(orders, messages.with_trace(orders.env, sentence, trace_id))
    orders.env.ref("account_tbc_bank.ir_cron_submit")._trigger()


def keep_answer(orders, answer, trace_id):
    """Keep what the bank's answer says of each order.

    What goes wrong in here is not caught: the orders stay ``sending``, and the bank
    is asked for them later.
    """
    if orders.batch_id:
        orders.batch_id.bank_batch_id = answer
        accept(orders, {}, trace_id)
        return
    accepted = orders.filtered(lambda order: order.position in answer.accepted)
    refused = orders.filtered(lambda order: order.position in answer.refused)
    ids = {order: answer.accepted[order.position] for order in accepted}
    accept(accepted, ids, trace_id)
    for order in refused:
        _refuse(order, "\n".join(answer.refused[order.position]), trace_id)
    take_back_payments_soon(refused)
    sentence = orders.env._(
        "The bank's answer says nothing of this transfer, so nobody knows whether the "
        "bank has it. The bank is asked."
    )
    doubt(orders - accepted - refused, sentence, trace_id)


def _wait(orders, error):
    """Surely nothing was sent: the same initiation holds for the next try."""
    pause = min(timedelta(seconds=error.after or 0), LONGEST_WAIT) or BANK_DOWN_PAUSE
    orders.integration_id.not_before = utc_now() + pause
    set_queued_again(orders, messages.waiting_message(orders.env, error))


def _keep_refusal(orders, error):
    """The bank refused the whole request, so it has none of its orders.

    One bad order makes the bank refuse nine good ones. A batch is refused as a whole.
    """
    if len(orders) > 1 and not orders.batch_id:
        sentence = orders.env._(
            "The bank refused the request with this and other transfers. Each is sent"
            " alone now."
        )
        _send_alone(orders, sentence)
        return
    reason = messages.refusal_words(error)
    for order in orders:
        _refuse(order, reason, error.trace_id)
    take_back_payments_soon(orders)


def _refuse(order, reason, trace_id):
    """The bank refused this order. One that it may have from before stays unknown:
    whether it looks for doubles first or for faults, nobody knows."""
    if not order.was_doubtful:
        conclude(order, "refused", reason, None, trace_id)
        return
    sentence = order.env._(
        "The bank refused this transfer when it was sent again, and may have it from "
        "the first time. It is asked. The bank's words: %(reason)s",
        reason=reason or "–",
    )
    days = {"missed_on": order.missed_on, "missed_at": order.missed_at}
    doubt(order, sentence, trace_id)
    # What is refused is not taken: the days on which it was not known count on.
    order.write(days)
