"""A payment that the bank did not make: taken back, made once more, or waiting again."""

from functools import partial

from odoo.exceptions import UserError

from ... import messages
from ..calls import NOT_MADE
from ..chatter import write_note, write_notes
from ..clock import bank_today
from ..locks import lock, try_lock
from .bills import are_bills_open, has_open_bills, has_unposted_bills, standing_in_for
from .checks import check_may_prepare
from .closed import check_still_closed
from .remind import order_holds_while, remind_preparer
from .states import is_closed, live, set_final
from .words import conclusion_sentence, for_integration_user

# Taking a payment back costs Odoo about a tenth of a second.
TAKEN_BACK_AT_ONCE = 20
# What a person does with a payment that the bank did not make.
SETTLED_BY_HAND = ("draft", "canceled")


# === TAKEN BACK === #


def conclude(orders, state, reason_en, reason_ge, trace_id):
    """The bank will not execute them: the bills are open again, and people know why."""
    set_final(orders, state, reason_en, reason_ge, trace_id)
    sentences = {order.id: conclusion_sentence(order) for order in orders}
    trace = partial(messages.with_trace, orders.env, trace_id=trace_id)
    write_notes(orders, {key: trace(text) for key, text in sentences.items()})
    orders.takes_back_payment = True


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
    orders, waiting = env["tbc.transfer"], [("takes_back_payment", "=", True)]
    orders = orders.search(waiting, limit=TAKEN_BACK_AT_ONCE)
    orders = try_lock(orders)
    for order in orders:
        _take_back_payment(for_integration_user(order))
    env.flush_all()
    return bool(orders)


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
    remind_preparer(order, sentence, NOT_MADE)


def _reject_payment(payment, sentence):
    """The bank did not pay: take the entry back, so that the bill is open again."""
    if payment.state in (*SETTLED_BY_HAND, "rejected"):
        return
    if payment.is_matched or payment.reconciled_statement_line_ids:
        raise UserError(payment.env._("It is matched with a bank transaction."))
    # Bills that were matched by hand are known by the reconciliation only.
    payment.invoice_ids |= payment.reconciled_bill_ids | payment.reconciled_invoice_ids
    try:
        with payment.env.cr.savepoint():
            payment.move_id.button_cancel()
    except UserError:
        # In a locked period it stays, and another one of today takes it back.
        payment.move_id._reverse_moves([{"date": bank_today()}], cancel=True)
    payment.state = "rejected"
    write_note(payment, sentence)


@order_holds_while(NOT_MADE)
def _is_not_made(order):
    """Whether the bank did not make it, and what it was to pay is still open."""
    payment = order.payment_id
    if not is_closed(order) or payment.state in SETTLED_BY_HAND:
        return False
    if standing_in_for(payment):
        return False
    # If it is not rejected, it could not be taken back.
    return payment.state != "rejected" or has_open_bills(payment)


# === MADE ONCE MORE === #


def check_may_pay_again(payment):
    """:raise UserError: it was made, or is paid otherwise, or may still be made."""
    check_may_prepare(payment.env)
    lock(payment.sudo())
    if fault := _pay_again_fault(payment):
        raise UserError(fault)
    check_still_closed(payment.sudo().tbc_transfer_ids)
    if payment.invoice_ids and not are_bills_open(payment):
        sentence = payment.env._(
            "The bills of %(payment)s are not open for its whole amount any more:"
            " somebody has paid them meanwhile. Register a payment of what is left.",
            payment=payment.display_name,
        )
        raise UserError(sentence)


def _pay_again_fault(payment):
    orders_sudo, again = payment.sudo().tbc_transfer_ids, standing_in_for(payment)
    name = payment.display_name
    if not orders_sudo or live(orders_sudo) or payment.state != "rejected":
        return payment.env._(
            "%(payment)s was not rejected by the bank, so it can't be paid again.",
            payment=name,
        )
    if again:
        return payment.env._(
            "%(payment)s was paid again already, by %(again)s.",
            payment=name,
            again=again.display_name,
        )
    if has_unposted_bills(payment) or payment._seek_for_lines()[2]:
        return payment.env._(
            "%(payment)s had a discount or a write-off, or a bill of it is not posted"
            " any more. Register a new payment on the bill instead.",
            payment=name,
        )
    return None


def trusted_accounts(payment):
    """The accounts to which this payment may be made once more."""
    return payment.available_partner_bank_ids.filtered("allow_out_payment")


def copy_payment(payment, bank_account=None):
    """Return a posted copy of this payment, reconciled with the same bills.

    :param bank_account: another one of the recipient's; by default the same
    """
    bank_account = bank_account or payment.partner_bank_id
    if bank_account != payment.partner_bank_id:
        _check_is_recipients(payment, bank_account)
    fresh = payment.copy({"date": bank_today(), "partner_bank_id": bank_account.id})
    fresh.action_post()
    _reconcile_with(fresh, payment.invoice_ids)
    payment.tbc_paid_again_id = fresh
    write_note(
        payment, payment.env._("Paid again by %(payment)s.", payment=fresh.display_name)
    )
    return fresh


def _check_is_recipients(payment, bank_account):
    """:raise UserError: it is no account of who is paid, or is not trusted."""
    if bank_account not in trusted_accounts(payment):
        sentence = payment.env._(
            "%(account)s is not a trusted account of %(recipient)s. Choose another one.",
            account=bank_account.acc_number,
            recipient=payment.partner_id.display_name,
        )
        raise UserError(sentence)


# === WAITING AGAIN === #


def wait_again(payment):
    """Post a payment again whose order the bank has; return whether it waits (sudo)."""
    if payment.state == "in_process" or not _can_wait_again(payment):
        return payment.state == "in_process"
    bills = payment.invoice_ids
    try:
        with payment.env.cr.savepoint():
            payment.action_draft()
            payment.action_post()
            _reconcile_with(payment, bills)
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


def _reconcile_with(payment, bills):
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
