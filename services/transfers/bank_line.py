"""An executed order and its bank line: matched by the bank's ID, or by a person."""

from odoo.exceptions import UserError
from odoo.tools import format_amount

from ..calls import CAME_BACK, MISMATCH, end_calls
from ..chatter import write_note
from ..clock import utc_now
from ..counterpart import is_return, match_with_payments
from ..locks import lock
from .bills import WAITING, has_open_bills
from .candidates import movements, movements_by_id, open_candidates
from .checks import check_may_follow
from .remind import order_holds_while, tell_once
from .states import is_closed, set_progress


def match_candidate(order, line):
    """Match this order's payment with a line that fits, because somebody says so."""
    check_may_follow(order)
    line.check_access("read")
    order_sudo, line_sudo = order.sudo(), line.sudo()
    lock(order_sudo)
    line_sudo.invalidate_recordset()
    if line_sudo not in open_candidates(order_sudo) or len(line_sudo) != 1:
        sentence = order.env._(
            "This transaction does not fit the transfer any more: one of the two is"
            " matched already, or was changed."
        )
        raise UserError(sentence)
    _match_by_hand(order_sudo, line_sudo)


def _match_by_hand(order_sudo, line_sudo):
    env = order_sudo.env
    sentence = env._(
        "Matched with payment %(payment)s of %(amount)s by %(user)s: the bank did not"
        " tell its payment ID.",
        payment=order_sudo.payment_id.display_name,
        amount=format_amount(env, order_sudo.amount, order_sudo.currency_id),
        user=env.user.name,
    )
    match_with_payments(line_sudo, order_sudo.payment_id, note=sentence)
    matched_by_hand(order_sudo, sentence)


def matched_by_hand(order_sudo, sentence):
    """Let the order know that a person has matched its payment with a bank line."""
    if order_sudo.state == "unknown":
        # Nobody knew what became of it, and somebody does now.
        set_progress(order_sudo, "done")
    write_note(order_sudo, sentence)
    _note_matched(order_sudo)


@order_holds_while(MISMATCH)
def _is_mismatched(order):
    """Whether a movement with its id still waits for somebody's decision."""
    lines = movements(order)
    waits = not is_closed(order) and not order.is_matched
    return lines and (waits or not all(lines.mapped("is_reconciled")))


@order_holds_while(CAME_BACK)
def _came_back(order):
    """Whether its money came back, and what it had paid is still open."""
    paid = order.payment_id.reconciled_statement_line_ids
    returns = order.env["account.bank.statement.line"].search(
        [("tbc_parent_line_id", "in", paid.ids), ("is_reconciled", "=", True)]
    )
    return has_open_bills(order.payment_id) and returns.filtered(is_return)


def match_movements(orders):
    """Match these orders' payments with their bank lines, by the bank's own id.

    Nothing is forced: one line on its account with exactly its amount, or a sentence.
    """
    by_id, pairs = movements_by_id(orders), {}
    for order in orders:
        found = _without_returns(order, by_id[order.account_id, order.bank_transfer_id])
        if not found or found == order.payment_id.reconciled_statement_line_ids:
            continue
        if sentence := _mismatch_sentence(order, found):
            tell_once(order, sentence, MISMATCH)
        else:
            pairs[order] = found
    if pairs:
        _reconcile(orders, pairs)


def _without_returns(order, lines):
    """``lines`` without what only brings the money of the matched one back."""
    paid = order.payment_id.reconciled_statement_line_ids
    if len(paid) == 1 and paid in lines:
        lines = lines.filtered(
            lambda line: line.currency_id.compare_amounts(line.amount, -paid.amount)
        )
    return lines


def _mismatch_sentence(order, lines):
    return (
        _namesake_sentence(order)
        or _elsewhere_sentence(order, lines)
        or _number_sentence(order, lines)
        or _amount_sentence(order, lines)
    )


def _namesake_sentence(order):
    domain = [
        ("account_id", "=", order.account_id.id),
        ("bank_transfer_id", "=", order.bank_transfer_id),
    ]
    if order.search_count(domain, limit=2) < 2:
        return None
    return order.env._(
        "Two transfers have the same ID of the bank, so none of its transactions was "
        "matched. Tell the bank's support."
    )


def _elsewhere_sentence(order, lines):
    """Whether the payment is matched already, or waits for no movement any more."""
    payment, was_closed = order.payment_id, is_closed(order)
    if not was_closed and order.is_matched:
        if payment.reconciled_statement_line_ids & lines:
            return order.env._(
                "The bank lists another transaction with the ID of this transfer, "
                "which is matched already. The money may have come back: look at it."
            )
        return order.env._(
            "The bank has booked this transfer, and its payment is matched with "
            "something else already. Undo that, and it is matched at the next sync."
        )
    if was_closed or payment.state not in WAITING:
        return order.env._(
            "The bank has booked this transfer, although the payment is not waiting for"
            " it any more. Look at its bill: it may be paid twice."
        )
    return None


def _number_sentence(order, lines):
    if len(lines) < 2:
        return None
    return order.env._(
        "The bank lists %(count)s transactions for this one transfer, so none was "
        "matched. Ask the bank.",
        count=len(lines),
    )


def _amount_sentence(order, line):
    currency = order.currency_id
    is_other_amount = currency.compare_amounts(-line.amount, order.amount)
    if line.currency_id != currency or is_other_amount:
        return order.env._(
            "The bank's transaction is %(booked)s and the transfer was %(ordered)s, so "
            "they were not matched. Match them by hand once you know why.",
            booked=format_amount(order.env, -line.amount, line.currency_id),
            ordered=format_amount(order.env, order.amount, currency),
        )
    if line.is_reconciled:
        return order.env._(
            "The bank's transaction is matched with something else already. Undo that, "
            "and the payment is matched at the next sync."
        )
    return None


def _reconcile(orders, pairs):
    """Match ``{order: line}``: all at once, or one by one where Odoo refuses one."""
    orders = orders.browse().union(*pairs)
    try:
        with orders.env.cr.savepoint():
            match_with_payments(pairs.values(), [one.payment_id for one in pairs])
    except UserError as error:
        if len(pairs) > 1:
            for order, line in pairs.items():
                _reconcile(order, {order: line})
        else:
            sentence = orders.env._(
                "The bank has booked this transfer, but Odoo could not match it: "
                "%(reason)s It is tried again at the next sync.",
                reason=error,
            )
            tell_once(orders, sentence, MISMATCH)
        return
    _note_matched(orders)
    # They have been executed, whatever the bank's last word was.
    orders.filtered(lambda o: o.state != "done").next_question_at = utc_now()


def _note_matched(orders):
    orders.write({"problem": False, "overdue_reason": False})
    end_calls(orders, orders.payment_id, orders.batch_id)


def match_transfers(accounts):
    """Match what was booked by the bank's payment id and is still in suspense."""
    lines = accounts.env["account.bank.statement.line"].search(
        [
            ("tbc_account_id", "in", accounts.ids),
            ("tbc_payment_id", "!=", False),
            ("is_reconciled", "=", False),
        ]
    )
    if lines:
        domain = [
            ("account_id", "in", accounts.ids),
            ("bank_transfer_id", "in", lines.mapped("tbc_payment_id")),
        ]
        match_movements(accounts.env["tbc.transfer"].search(domain))
