"""The end of an order that is not executed: its payment is taken back."""

from odoo.exceptions import UserError

from ... import messages
from ..calls import NOT_MADE
from ..chatter import write_note
from ..clock import bank_today
from .bills import standing_in_for
from .remind import order_holds_while, remind_preparer
from .states import CLOSED, set_final
from .words import conclusion_sentence, for_integration_user

# Taking a payment back costs Odoo about a tenth of a second.
TAKEN_BACK_AT_ONCE = 20
# What a person does with a payment that the bank did not make.
SETTLED_BY_HAND = ("draft", "canceled")


def conclude(order, state, reason_en, reason_ge, trace_id):
    """The bank will not execute it: the bill is open again, and people know why."""
    set_final(order, state, reason_en, reason_ge, trace_id)
    sentence = conclusion_sentence(order)
    write_note(order, messages.with_trace(order.env, sentence, trace_id))
    order.takes_back_payment = True


def take_back_payments_soon(orders):
    """Take back the payments of what was concluded: a few at once, many one by one
    with a commit between, by the scheduled action."""
    waiting = orders.filtered("takes_back_payment")
    if len(waiting) > TAKEN_BACK_AT_ONCE:
        orders.env.ref("account_tbc_bank.ir_cron_refresh_status").sudo()._trigger()
        return
    for order in waiting:
        _take_back_payment(order)


def take_back_some_payments(env):
    """Take back a few payments that wait for it; return whether there were any."""
    waiting = (
        env["tbc.transfer"]
        .search([("takes_back_payment", "=", True)], limit=TAKEN_BACK_AT_ONCE)
        .try_lock_for_update(allow_referencing=True)
    )
    for order in waiting:
        _take_back_payment(for_integration_user(order))
    env.flush_all()
    return bool(waiting)


def _take_back_payment(order):
    """Reject the payment, and call whoever queued it."""
    order.takes_back_payment = False
    sentence = conclusion_sentence(order)
    try:
        with order.env.cr.savepoint():
            _reject_payment(order.payment_id, sentence)
    except UserError as error:
        order.problem = order.env._(
            "The payment could not be taken back: %(reason)s Reset it by hand.",
            reason=error,
        )
        sentence = f"{sentence} {order.problem}"
    remind_preparer(
        order, order.env._("TBC Bank: a payment was not made"), sentence, NOT_MADE
    )


@order_holds_while(NOT_MADE)
def _is_not_made(order):
    """Whether the bank did not make it, and what it was to pay is still open."""
    payment = order.payment_id
    if order.state not in CLOSED or payment.state in SETTLED_BY_HAND:
        return False
    if standing_in_for(payment):
        return False
    if payment.state != "rejected":
        # It could not be taken back.
        return True
    bills = payment.invoice_ids
    return not bills or any(bill.amount_residual for bill in bills)


def _reject_payment(payment, sentence):
    """The bank did not pay: take the entry back, so that the bill is open again.

    In a locked period the entry stays, and another one of today takes it back.
    """
    if payment.state in ("draft", "canceled", "rejected"):
        return
    if payment.is_matched or payment.reconciled_statement_line_ids:
        raise UserError(payment.env._("It is matched with a bank line."))
    # Bills that were matched by hand are known by the reconciliation only.
    payment.invoice_ids |= payment.reconciled_bill_ids | payment.reconciled_invoice_ids
    try:
        with payment.env.cr.savepoint():
            payment.move_id.button_cancel()
    except UserError:
        payment.move_id._reverse_moves([{"date": bank_today()}], cancel=True)
    payment.state = "rejected"
    write_note(payment, sentence)
