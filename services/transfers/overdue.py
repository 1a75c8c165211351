"""Orders that stand still: whoever queued them is told after a few days."""

from datetime import timedelta

from odoo.fields import Domain
from odoo.tools import format_date

from ...tbc import order_state
from ..calls import OVERDUE, end_calls
from ..chatter import write_note
from ..clock import georgian_day, utc_now
from .candidates import open_candidates
from .remind import order_holds_while, remind_preparer
from .words import for_integration_user, name_list

AT_WORK = ("submitted", "in_progress")
WITH_A_WORD = ("submitted", "to_sign", "in_progress")
# So many are named in one call.
MOST_NAMED = 20


def tell_overdue(env):
    """Tell once of each order that has begun to stand still, or to go on."""
    told = env["tbc.transfer"].search([("overdue_reason", "!=", False)])
    for integration in env["tbc.integration"].search([("account_ids", "!=", False)]):
        own = told.filtered(lambda o, one=integration: o.integration_id == one)
        late = env["tbc.transfer"].search(_overdue_domain(integration))
        orders = (late | own).try_lock_for_update(allow_referencing=True)
        if orders:
            _update_overdue(for_integration_user(orders))
    env.flush_all()


def _overdue_domain(integration):
    """What may stand still; ``_find_overdue_reason`` looks closer."""
    limit = utc_now() - timedelta(days=integration.overdue_days)
    not_sent = Domain("state", "=", "queued") & Domain("initiated_at", "<=", limit)
    at_work = Domain("state", "in", AT_WORK) & Domain("state_at", "<=", limit)
    word = Domain("state", "in", WITH_A_WORD) & Domain("bank_status", "!=", False)
    done = (
        Domain("state", "=", "done")
        & Domain("state_at", "<=", limit)
        & Domain("payment_id.is_matched", "=", False)
    )
    return Domain("integration_id", "=", integration.id) & (
        not_sent | at_work | word | done
    )


def _update_overdue(orders):
    news = orders.browse()
    for order in orders:
        reason = _find_overdue_reason(order)
        if reason == (order.overdue_reason or None):
            continue
        order.overdue_reason = reason
        if reason:
            write_note(order, overdue_sentence(order, reason))
            news |= order
        else:
            end_calls(order, order.payment_id, order.batch_id)
    for batch, orders in news.grouped("batch_id").items():
        if batch:
            overdue = batch.order_ids.filtered("overdue_reason")
            _remind_of_overdue(orders[0], _name_overdue(overdue.with_env(orders.env)))
            continue
        for order in orders:
            _remind_of_overdue(order, overdue_sentence(order, order.overdue_reason))


@order_holds_while(OVERDUE)
def _is_overdue(order):
    return order.overdue_reason and _find_overdue_reason(order)


def _remind_of_overdue(order, note):
    summary = order.env._("TBC Bank: a transfer stands still")
    remind_preparer(order, summary, note, OVERDUE)


def _name_overdue(orders):
    """One list of a batch's orders that stand still."""
    named = orders[:MOST_NAMED]
    lines = name_list(
        {order: overdue_sentence(order, order.overdue_reason) for order in named}
    )
    return f"{lines}\n…" if orders - named else lines


def _find_overdue_reason(order):
    """Why this order is overdue, or ``None``: it is not."""
    limit = utc_now() - timedelta(days=order.integration_id.overdue_days)
    if order.state == "queued":
        since = order.initiated_at
        if order.send_on:
            # It waits for its day; the bank has that long from then on.
            late = georgian_day(limit) >= order.send_on
            return "not_sent" if since and late else None
        return "not_sent" if since and since <= limit else None
    if order.state == "done" and not order.is_matched and order.state_at <= limit:
        return "candidate" if open_candidates(order) else "no_movement"
    if order.state not in WITH_A_WORD or order.is_matched:
        return None
    is_old_word = (order.bank_status_at or order.state_at) <= limit
    if order.bank_status and not order_state(order.bank_status) and is_old_word:
        return "candidate" if open_candidates(order) else "word"
    if order.state in AT_WORK and order.state_at <= limit:
        return "candidate" if open_candidates(order) else "stuck"
    return None


def overdue_sentence(order, reason):
    """Say what is overdue since when, and what to do."""
    words = {
        "day": format_date(order.env, georgian_day(order.state_at)),
        "status": order.bank_status or "–",
    }
    return {
        "not_sent": order.env._(
            "Initiated, and not sent to the bank for days. See what keeps it, or take"
            " it out of the queue."
        ),
        "stuck": order.env._(
            "The bank has this transfer since %(day)s, and has not executed it. It"
            " says: %(status)s. Look for it in TBC's internet bank, or ask the bank.",
            **words,
        ),
        "word": order.env._(
            "For days the bank has said “%(status)s” of this transfer, which is"
            " unknown here: nothing follows from it. Look for it in TBC's internet"
            " bank.",
            **words,
        ),
        "candidate": order.env._(
            "No transaction has come with the ID of this transfer, but one fits. Open"
            " the transfer, compare, and press Match with This Transaction."
        ),
        "no_movement": order.env._(
            "The bank says since %(day)s that it has executed this transfer, and no"
            " transaction of it has come with the statement. Look for it in TBC's"
            " internet bank, and whether the account is read.",
            **words,
        ),
    }[reason]
