"""From payments to orders in the queue, and out of the queue again."""

from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import split_every

from ...tbc import MOST_BATCH_ORDERS
from ..buttons import at_least_one
from ..chatter import write_note
from ..locks import lock, try_lock
from . import checks
from .bills import settled_by
from .closed import check_still_closed
from .remind import remind_initiator, remind_preparer
from .states import others_of, set_out_of_queue, set_queued
from .terms import ORDER_FIELDS, changed_names
from .words import other_client_sentence


def queue(orders):
    """Put prepared orders into the queue, as the present user (sudo)."""
    set_queued(orders)
    for order in orders:
        order.settled = settled_by(order.payment_id)
    remind_initiator(orders.account_id)
    write_note(orders, orders.env._("Prepared by %(user)s.", user=orders.env.user.name))


def take_out(orders, move, sentence):
    """Make the move that ends these orders' wait, and tell why (sudo)."""
    batches = orders.batch_id
    move(orders)
    remind_initiator(orders.account_id)
    batches.filtered(lambda batch: not batch.order_ids).unlink()
    write_note(orders, sentence)


def _lock_to_change(orders):
    """Return these orders (sudo), locked and fresh, for who may change them."""
    at_least_one(orders)
    checks.check_may_follow(orders)
    orders_sudo = orders.sudo()
    lock(orders_sudo)
    return orders_sudo


def withdraw_changed(env, domain):
    """Take the orders of ``domain`` out of the queue that tell what is not so any more.

    Only those that it was never told of. One that is being sent at this moment goes
    as it was, and is left alone.
    """
    waiting = Domain([("state", "=", "queued"), ("sent_at", "=", False)])
    orders_sudo = env["tbc.transfer"].sudo().search(waiting & Domain(domain))
    for order_sudo in try_lock(orders_sudo):
        if names := changed_names(order_sudo):
            _withdraw_changed_one(order_sudo, names)


def _withdraw_changed_one(order, names):
    """Say it where the person is: on the payment, and to who queued it."""
    sentence = order.env._(
        "A draft again, because %(user)s has changed this: %(fields)s. Prepare the"
        " transfer again.",
        user=order.env.user.name,
        fields=names,
    )
    take_out(order, set_out_of_queue, sentence)
    order.problem = sentence
    if order.queued_by_id != order.env.user:
        summary = order.env._("TBC Bank: a transfer is a draft again")
        remind_preparer(order, sentence, summary=summary)


def queue_payments(payments, batch_name=None):
    """Queue these payments, singly or as one batch an account; return the orders."""
    at_least_one(payments)
    checks.check_may_prepare(payments.env)
    payments.check_access("write")
    payments = payments.union().sudo()  # each once, whoever names it twice
    # Whoever clicks second is told to wait, or finds an order already: a lock alone
    # would let pass who looked before the first one was done.
    lock(payments)
    payments.env.cr.execute(
        "UPDATE account_payment SET write_date = write_date WHERE id IN %s",
        [tuple(payments.ids)],
    )
    check_still_closed(payments.tbc_transfer_ids)
    with payments.env.cr.savepoint():
        _raise_faults(payments, {one: checks.payment_faults(one) for one in payments})
        orders = _prepare_orders(payments)
        _raise_faults(
            payments, {one.payment_id: checks.order_faults(one) for one in orders}
        )
        if batch_name:
            _gather_into_batches(orders, batch_name)
        queue(orders)
    return orders.sudo(False)


def _raise_faults(payments, faults):
    lines = [
        f"{payment.display_name}, {payment.partner_id.display_name}: {sentence}"
        for payment, sentences in faults.items()
        for sentence in sentences
    ]
    if lines:
        sentence = payments.env._(
            "Nothing was prepared. Mend this first:\n%(faults)s",
            faults="\n".join(lines),
        )
        raise UserError(sentence)


def _prepare_orders(payments):
    """An order for each payment: the prepared one anew, or a fresh one (sudo)."""
    orders = payments.env["tbc.transfer"]
    fresh = []
    # What another type of transfer was told is not told of this one.
    blank = dict.fromkeys(ORDER_FIELDS, False)
    for payment in payments:
        vals = payment._tbc_prepare_order_vals()
        prepared = payment.tbc_transfer_ids.filtered(lambda o: o.state == "draft")
        if prepared:
            prepared.write({**blank, **vals, "batch_id": False})
            orders |= prepared
        else:
            fresh.append(vals)
    return orders | orders.create(fresh)


def withdraw(orders):
    """Take orders out of the queue, as long as none of them is being sent.

    What was sent once without an answer goes back to being unknown: only the bank
    can tell that it was not accepted.
    """
    orders_sudo, env = _lock_to_change(orders), orders.env
    if gone := orders_sudo.filtered(lambda order: order.state != "queued"):
        sentence = env._(
            "Already sent or closed, so this can't be reset to draft:\n%(orders)s",
            orders="\n".join(gone.mapped("display_name")),
        )
        raise UserError(sentence)
    if others_of(orders_sudo.filtered("was_doubtful").batch_id, orders_sudo):
        raise UserError(env._("A batch that may be at the bank is reset as a whole."))
    sentence = env._("Reset to draft by %(user)s.", user=env.user.name)
    take_out(orders_sudo, set_out_of_queue, sentence)


def queue_again(orders):
    """Queue what the bank did not know when it was asked, with the same ID.

    Should the bank have it after all, it refuses the ID, and is asked again.
    """
    orders_sudo = _lock_to_change(orders)
    for order_sudo in orders_sudo:
        if fault := _queue_again_fault(order_sudo):
            raise UserError(fault)
    if others_of(orders_sudo.batch_id, orders_sudo):
        raise UserError(
            orders.env._("A batch is prepared again as a whole: do it on the batch.")
        )
    queue(orders_sudo)


def _queue_again_fault(order):
    if checks.was_sent_by_other_client(order):
        return other_client_sentence(order)
    if order.batch_id.bank_batch_id:
        return order.env._(
            "%(order)s can't be prepared again: the bank has its batch. Look for it in"
            " TBC's internet bank.",
            order=order.display_name,
        )
    if order.state != "unknown" or not order.is_missing_at_bank:
        return order.env._(
            "%(order)s can't be prepared again yet. Press Ask the Bank first: only a "
            "transfer that the bank does not have is prepared again.",
            order=order.display_name,
        )
    return None


def _gather_into_batches(orders, name):
    """One batch for each debit account, or more where it would be too large (sudo)."""
    for account, own in orders.grouped("account_id").items():
        parts = list(split_every(MOST_BATCH_ORDERS, own.ids, orders.browse))
        for number, part in enumerate(parts, 1):
            part_name = f"{name} {number}/{len(parts)}" if len(parts) > 1 else name
            part.batch_id = orders.env["tbc.transfer.batch"].create(
                {"name": part_name, "account_id": account.id}
            )
