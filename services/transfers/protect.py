"""What the bank is paying stays as it was told: the payment, its entry, its matches."""

from odoo.exceptions import UserError

from ..locks import lock
from ..outstanding import outstanding_fault
from .bills import owed_items, settled_by
from .prepare import take_out
from .states import AT_THE_BANK, live, set_cancelled_unsent, was_sent
from .words import state_sentence


def release_orders(payments_sudo):
    """Close the orders that the bank does not know; refuse where it may."""
    orders_sudo = _lock_live(payments_sudo)
    for order_sudo in orders_sudo.filtered(was_sent):
        sentence = order_sudo.env._(
            "%(payment)s has a transfer that TBC Bank has or may have (%(state)s), so "
            "it can't be changed or cancelled here. Reject the transfer in TBC's "
            "internet bank; the payment follows.",
            payment=order_sudo.payment_id.display_name,
            state=state_sentence(order_sudo),
        )
        raise UserError(sentence)
    if orders_sudo:
        sentence = orders_sudo.env._(
            "Closed, because its payment was changed or cancelled by %(user)s.",
            user=orders_sudo.env.user.name,
        )
        take_out(orders_sudo, set_cancelled_unsent, sentence)


def check_waits(payments):
    """:raise UserError: Odoo calls one of these paid, and nobody has paid it."""
    for payment in payments:
        is_paid = payment.state == "paid" or payment.is_matched
        if is_paid and not payment.currency_id.is_zero(payment.amount):
            fault = outstanding_fault(payment.payment_method_line_id)
            sentence = fault or payments.env._(
                "%(payment)s would be called paid although no transfer was made: on"
                " %(account)s it does not wait for the bank. Choose another"
                " outstanding account for TBC Transfer in %(journal)s.",
                payment=payment.display_name,
                account=payment.outstanding_account_id.display_name,
                journal=payment.journal_id.display_name,
            )
            raise UserError(sentence)


def _lock_live(payments_sudo):
    """The live orders of these payments, which no worker takes for sending now."""
    orders_sudo = live(payments_sudo.tbc_transfer_ids)
    lock(orders_sudo)
    return orders_sudo


def check_entries(moves):
    """Refuse what the payment itself refuses: its entry is the payment's record."""
    for order_sudo in _lock_live(moves.origin_payment_id.sudo()):
        if sentence := _entry_sentence(moves.env, order_sudo):
            raise UserError(sentence)


def _entry_sentence(env, order_sudo):
    name = order_sudo.payment_id.display_name
    if order_sudo.state == "done" and not order_sudo.is_matched:
        return env._(
            "TBC Bank has executed the transfer of %(payment)s, so its entry stays and "
            "waits for its bank transaction.",
            payment=name,
        )
    if order_sudo.state == "done":
        return env._(
            "TBC Bank has executed the transfer of %(payment)s, so its entry stays. "
            "What came back is booked by its own bank transaction.",
            payment=name,
        )
    if order_sudo.state in AT_THE_BANK:
        return env._(
            "TBC Bank has or may have the transfer of %(payment)s, so its entry stays. "
            "Reject the transfer in TBC's internet bank; the payment follows.",
            payment=name,
        )
    return None


def release_matches(partials):
    """Refuse where the bank has or may have the order; remember it where it waits.

    What is in the queue, asks for its bills again before it goes.
    """
    orders_sudo = _lock_live(_matched_payments(partials.sudo()))
    if not orders_sudo:
        return
    # Whoever looked at one of them before this was done, is to look again.
    partials.env.cr.execute(
        "UPDATE tbc_transfer SET write_date = write_date WHERE id IN %s",
        [tuple(orders_sudo.ids)],
    )
    for order_sudo in orders_sudo:
        if sentence := _match_sentence(order_sudo):
            raise UserError(sentence)
        if order_sudo.state == "queued":
            settled = settled_by(order_sudo.payment_id)
            order_sudo.settled = max(order_sudo.settled, settled)


def _matched_payments(partials):
    """The payments that these partials match with a bill, or with what stands for one.

    Not what matches them with their bank line: that may be undone.
    """
    with_bills = partials.filtered(
        lambda one: not (one.debit_move_id | one.credit_move_id).statement_line_id
    )
    items = owed_items(with_bills.debit_move_id | with_bills.credit_move_id)
    return items.move_id.origin_payment_id


def _match_sentence(order_sudo):
    env, name = order_sudo.env, order_sudo.payment_id.display_name
    if order_sudo.state == "done" and not order_sudo.is_matched:
        return env._(
            "TBC Bank has executed the transfer of %(payment)s, so it stays matched "
            "with its bill and waits for its bank transaction.",
            payment=name,
        )
    may_be_there = order_sudo.state in AT_THE_BANK or order_sudo.was_doubtful
    is_held = may_be_there and not _is_booked(order_sudo)
    return is_held and env._(
        "TBC Bank has or may have the transfer of %(payment)s, so it stays matched "
        "with its bill. Reject the transfer in TBC's internet bank; the bill is open "
        "again then.",
        payment=name,
    )


def _is_booked(order_sudo):
    """Whether the payment is matched with the very bank line of this order."""
    lines = order_sudo.payment_id.reconciled_statement_line_ids
    own_id = order_sudo.bank_transfer_id
    return any(line.tbc_payment_id == own_id for line in lines if own_id)
