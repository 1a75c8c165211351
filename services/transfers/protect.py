"""What the bank is paying stays as it was told: the payment, its entry, its matches."""

from odoo.exceptions import UserError
from odoo.tools import SQL

from ..locks import lock
from ..outstanding import outstanding_fault
from .bills import settled_by
from .prepare import cancel_unsent
from .states import AT_THE_BANK, live, was_sent
from .words import state_sentence

# What the order of a payment was made of. With a live order, it stays as it is.
ORDERED = {
    "amount",
    "currency_id",
    "journal_id",
    "move_id",
    "partner_bank_id",
    "partner_id",
    "payment_method_line_id",
    "payment_type",
}


def release_orders(payments, vals):
    """Close the orders that the bank does not know; refuse where it may."""
    orders_sudo = live(payments.sudo().tbc_transfer_ids)
    orders_sudo = orders_sudo.filtered(lambda o: _is_touched(o.payment_id, vals))
    if not orders_sudo:
        return
    lock(orders_sudo)
    for order_sudo in orders_sudo.filtered(was_sent):
        raise UserError(
            payments.env._(
                "%(payment)s has a transfer order that TBC Bank has or may have"
                " (%(state)s), so it can't be changed or cancelled here. Reject the"
                " order in TBC's internet bank; the payment follows.",
                payment=order_sudo.payment_id.display_name,
                state=state_sentence(order_sudo),
            )
        )
    sentence = payments.env._(
        "Closed, because its payment was changed or cancelled by %(user)s.",
        user=payments.env.user.name,
    )
    cancel_unsent(orders_sudo, sentence)


def _is_touched(payment, vals):
    """Whether the values change what the order of the payment was made of."""
    return "state" in vals or any(
        vals[name] != payment._fields[name].convert_to_write(payment[name], payment)
        for name in ORDERED & vals.keys()
    )


def check_waits(payments):
    """:raise UserError: Odoo calls one of these paid, and nobody has paid it."""
    for payment in payments:
        if payment.currency_id.is_zero(payment.amount):
            continue
        if payment.state == "paid" or payment.is_matched:
            fault = outstanding_fault(payment.payment_method_line_id)
            raise UserError(
                fault
                or payments.env._(
                    "%(payment)s would be called paid although no transfer was made:"
                    " on %(account)s it does not wait for the bank. Choose another"
                    " outstanding account for TBC Transfer in %(journal)s.",
                    payment=payment.display_name,
                    account=payment.outstanding_account_id.display_name,
                    journal=payment.journal_id.display_name,
                )
            )


def check_entries(moves):
    """Refuse what the payment itself refuses: its entry is the payment's record."""
    orders_sudo = live(moves.origin_payment_id.sudo().tbc_transfer_ids)
    if orders_sudo:
        # A worker may be taking one of them for sending at this very moment.
        lock(orders_sudo)
    for order_sudo in orders_sudo:
        if sentence := _entry_sentence(moves.env, order_sudo):
            raise UserError(sentence)


def _entry_sentence(env, order_sudo):
    """Return why the entry of the order's payment stays, as a sentence, or ``None``."""
    name = order_sudo.payment_id.display_name
    if order_sudo.state == "done" and not order_sudo.is_matched:
        return env._(
            "TBC Bank has executed the transfer of %(payment)s, so its entry stays and"
            " waits for its bank line.",
            payment=name,
        )
    if order_sudo.state == "done":
        return env._(
            "TBC Bank has executed the transfer of %(payment)s, so its entry stays."
            " What came back is booked by its own bank line.",
            payment=name,
        )
    if order_sudo.state in AT_THE_BANK:
        return env._(
            "TBC Bank has or may have the transfer order of %(payment)s, so its entry"
            " stays. Reject the order in TBC's internet bank; the payment follows.",
            payment=name,
        )
    return None


def release_matches(partials):
    """Refuse where the bank has or may have the order; remember it where it waits.

    What is in the queue, asks for its bills again before it goes.
    """
    payments_sudo = _matched_payments(partials.sudo())
    orders_sudo = live(payments_sudo.tbc_transfer_ids)
    if not orders_sudo:
        return
    lock(orders_sudo)
    # Whoever looked at one of them before this was done, is to look again.
    partials.env.cr.execute(
        SQL(
            "UPDATE tbc_transfer SET write_date = write_date WHERE id IN %s",
            tuple(orders_sudo.ids),
        )
    )
    for order_sudo in orders_sudo:
        payment_sudo = order_sudo.payment_id
        if sentence := _refusal(order_sudo):
            raise UserError(sentence)
        if order_sudo.state == "queued":
            settled = settled_by(payment_sudo)
            order_sudo.settled = max(order_sudo.settled, settled)


def _matched_payments(partials):
    """The payments that these partials match with a bill, or with what stands for one.

    Not what matches them with their bank line: that may be undone.
    """
    payments = partials.env["account.payment"]
    for partial in partials:
        items = partial.debit_move_id | partial.credit_move_id
        if items.statement_line_id:
            continue
        payments |= items.filtered(
            lambda item: item.account_type in ("asset_receivable", "liability_payable")
        ).move_id.origin_payment_id
    return payments


def _refusal(order_sudo):
    """Return why the order's payment stays matched, as a sentence, or ``None``."""
    name = order_sudo.payment_id.display_name
    if order_sudo.state == "done" and not order_sudo.is_matched:
        return order_sudo.env._(
            "TBC Bank has executed the transfer of %(payment)s, so it stays matched with"
            " its bill and waits for its bank line.",
            payment=name,
        )
    may_be_there = order_sudo.state in AT_THE_BANK or order_sudo.was_doubtful
    if may_be_there and not _is_booked(order_sudo):
        return order_sudo.env._(
            "TBC Bank has or may have the transfer order of %(payment)s, so it stays"
            " matched with its bill. Reject the order in TBC's internet bank; the bill"
            " is open again then.",
            payment=name,
        )
    return None


def _is_booked(order_sudo):
    """Whether the payment is matched with the very bank line of this order."""
    lines = order_sudo.payment_id.reconciled_statement_line_ids
    ids = set(lines.mapped("tbc_payment_id")) - {False}
    return order_sudo.bank_transfer_id in ids
