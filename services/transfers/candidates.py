"""Movements that may be an order of ours, although they do not have its payment id."""

from collections import defaultdict
from datetime import timedelta

from ...tbc import clean_iban, order_state
from ..clock import georgian_day
from ..counterpart import is_fee
from ..matching.undo import of_orders
from .bills import last_paid_again
from .states import is_closed

# How long after its execution an order's movement may be dated.
DATED_WITHIN = timedelta(days=10)


def movements_by_id(orders):
    """Return ``{(account, the bank's ID): lines}`` of these orders, without fees (sudo).

    Of an ID that no line has, and of an order without one, there are none.
    """
    ids = orders.filtered("bank_transfer_id").mapped("bank_transfer_id")
    domain = [
        ("tbc_account_id", "in", orders.account_id.ids),
        ("tbc_payment_id", "in", ids),
    ]
    lines = orders.env["account.bank.statement.line"].search(domain)
    lines = lines.filtered(lambda line: not is_fee(line))
    by_id = lines.grouped(lambda line: (line.tbc_account_id, line.tbc_payment_id))
    return defaultdict(lines.browse, by_id)


def movements(order):
    """The bank lines that have this order's ID, without fees (sudo)."""
    return movements_by_id(order)[order.account_id, order.bank_transfer_id]


def open_candidates(order):
    """The lines that fit, while it waits for one (sudo)."""
    if is_closed(order) or not order.sent_at or order.is_matched:
        return order.env["account.bank.statement.line"]
    return find_candidates(order)


def find_candidates(order):
    """The unmatched lines that may be this order, and no other one (sudo)."""
    day = georgian_day(order.sent_at or order.create_date)
    domain = [
        ("tbc_account_id", "=", order.account_id.id),
        ("is_reconciled", "=", False),
        ("amount", "=", -order.amount),
        ("date", ">=", day),
    ]
    if order.state == "done":
        domain.append(("date", "<=", georgian_day(order.state_at) + DATED_WITHIN))
    lines = order.env["account.bank.statement.line"].search(domain, order="date, id")
    lines = lines.filtered(lambda line: not is_fee(line) and _fits(order, line))
    return lines - of_orders(lines)


def _fits(order, line):
    """Whether a line's counterparty is this order's, as far as the bank tells."""
    if line.tbc_payment_id and order.bank_transfer_id:
        # The bank has said whose it is.
        return False
    details = line.transaction_details or {}
    other = details.get("partnerAccountInfo") or {}
    if order.treasury_code:
        return other.get("treasuryCode") in (None, "", order.treasury_code)
    iban = clean_iban(line.account_number)
    if iban and order.credit_account:
        return iban == clean_iban(order.credit_account)
    names = {_plain(order.beneficiary_name), _plain(order.payment_id.partner_id.name)}
    name = _plain(line.partner_name)
    return not name or any(one and (one in name or name in one) for one in names)


def has_turned_up(order):
    """Whether the bank has what was closed, or may have, and nobody settled it."""
    look_alike = order.look_alike_id
    if look_alike and not look_alike.is_reconciled:
        return True
    if not order.turned_up_at or order.is_matched:
        return False
    lines = movements(order)
    is_settled = lines and all(lines.mapped("is_reconciled"))
    is_ended = order_state(order.bank_status) in ("failed", "cancelled")
    return not is_settled and not is_ended


def turned_up_for(payment):
    """The closed orders that turned up, and were to pay what ``payment`` pays."""
    domain = [
        ("turned_up_at", "!=", False),
        ("state", "=", "cancelled"),
        ("payment_id", "!=", payment.id),
    ]
    found = payment.env["tbc.transfer"].search(domain).filtered(has_turned_up)
    return found.filtered(
        lambda order: (
            last_paid_again(order.payment_id) == payment
            or order.payment_id.invoice_ids & payment.invoice_ids
        )
    )


def _plain(name):
    """A name without the marks and the case that banks and people write differently."""
    return "".join(sign for sign in (name or "").casefold() if sign.isalnum())
