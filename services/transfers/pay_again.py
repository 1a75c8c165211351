"""A payment that the bank did not make: it is made once more, or waits again."""

from odoo.exceptions import UserError

from ..chatter import write_note
from ..clock import bank_today
from ..locks import lock
from .bills import are_bills_open, has_unposted_bills, standing_in_for
from .checks import check_may_prepare
from .closed import check_still_closed, reconcile_with
from .states import live


def check_may_pay_again(payment):
    """:raise UserError: it was made, or is paid otherwise, or may still be made."""
    check_may_prepare(payment.env)
    lock(payment.sudo())
    if fault := _pay_again_fault(payment):
        raise UserError(fault)
    check_still_closed(payment.sudo().tbc_transfer_ids)
    if payment.invoice_ids and not are_bills_open(payment):
        raise UserError(
            payment.env._(
                "The bills of %(payment)s are not open for its whole amount any more:"
                " somebody has paid them meanwhile. Register a payment of what is left.",
                payment=payment.display_name,
            )
        )


def _pay_again_fault(payment):
    orders_sudo = payment.sudo().tbc_transfer_ids
    name = payment.display_name
    if not orders_sudo or live(orders_sudo) or payment.state != "rejected":
        return payment.env._(
            "%(payment)s was not rejected by the bank, so it can't be paid again.",
            payment=name,
        )
    if again := standing_in_for(payment):
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


def copy_payment(payment):
    """Return a posted copy of this payment, reconciled with the same bills."""
    fresh = payment.copy({"date": bank_today()})
    fresh.action_post()
    reconcile_with(fresh, payment.invoice_ids)
    payment.tbc_paid_again_id = fresh
    write_note(
        payment, payment.env._("Paid again by %(payment)s.", payment=fresh.display_name)
    )
    return fresh
