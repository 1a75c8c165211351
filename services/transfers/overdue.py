"""Orders that stand still: whoever queued them is told after a few days."""

from datetime import timedelta

from odoo.fields import Domain
from odoo.tools import LazyTranslate, format_date

from ...tbc import order_state
from ..calls import OVERDUE, end_calls
from ..chatter import write_note
from ..clock import georgian_day, utc_now
from ..locks import try_lock
from .candidates import open_candidates
from .remind import order_holds_while, remind_preparer
from .words import MOST_NAMED, for_integration_user, name_list

WITH_A_WORD = ("submitted", "to_sign", "in_progress")

_lt = LazyTranslate(__name__)
SENTENCES = {
    "not_sent": _lt(
        "Initiated, and not sent to the bank for days. See what keeps it, or reset"
        " it to draft."
    ),
    "stuck": _lt(
        "The bank has this transfer since %(day)s, and has not executed it. It"
        " says: %(status)s. Look for it in TBC's internet bank, or ask the bank."
    ),
    "word": _lt(
        "For days the bank's status of this transfer has been “%(status)s”, which "
        "nobody here knows. Look for it in TBC's internet bank."
    ),
    "candidate": _lt(
        "No transaction has come with the ID of this transfer, but one fits. Open"
        " the transfer, compare, and press Match with This Transaction."
    ),
    "no_movement": _lt(
        "The bank says since %(day)s that it has executed this transfer, and no "
        "transaction of it has come. Look for it in TBC's internet bank, and whether "
        "the account is synced."
    ),
}


def tell_overdue(env):
    """Tell once of each order that has begun to stand still, or to go on."""
    done = Domain([("state", "=", "done"), ("payment_id.is_matched", "=", False)])
    may_be = Domain("state", "in", ("queued", *WITH_A_WORD)) | done
    orders = env["tbc.transfer"].search(may_be | Domain("overdue_reason", "!=", False))
    changed = orders.filtered(
        lambda order: _find_overdue_reason(order) != (order.overdue_reason or None)
    )
    changed = try_lock(changed)
    for own in changed.grouped("integration_id").values():
        _update_overdue(for_integration_user(own))
    env.flush_all()


def _update_overdue(changed):
    for order in changed:
        order.overdue_reason = _find_overdue_reason(order)
        if order.overdue_reason:
            write_note(order, overdue_sentence(order))
        else:
            end_calls(order, order.payment_id, order.batch_id)
    for batch, news in changed.filtered("overdue_reason").grouped("batch_id").items():
        if batch:
            overdue = batch.order_ids.filtered("overdue_reason")
            note = _name_overdue(overdue.with_env(news.env))
            remind_preparer(news[0], note, OVERDUE)
        else:
            for order in news:
                remind_preparer(order, overdue_sentence(order), OVERDUE)


@order_holds_while(OVERDUE)
def _is_overdue(order):
    return order.overdue_reason and _find_overdue_reason(order)


def _name_overdue(orders):
    named = orders[:MOST_NAMED]
    lines = name_list({order: overdue_sentence(order) for order in named})
    return f"{lines}\n…" if orders - named else lines


def _find_overdue_reason(order):
    """Why this order is overdue, or ``None``: it is not."""
    limit = utc_now() - timedelta(days=order.integration_id.overdue_days)
    if order.state == "queued" and order.initiated_at:
        # If it waits for its day, the bank has that long from then on.
        day = order.send_on
        is_late = georgian_day(limit) >= day if day else order.initiated_at <= limit
        return "not_sent" if is_late else None
    reason = None if order.is_matched else _find_standing_reason(order, limit)
    return "candidate" if reason and open_candidates(order) else reason


def _find_standing_reason(order, limit):
    """Why an order that the bank has is overdue, whatever the statement says."""
    is_late = order.state_at <= limit
    if order.state == "done":
        return "no_movement" if is_late else None
    if order.state not in WITH_A_WORD:
        return None
    is_old_word = (order.bank_status_at or order.state_at) <= limit
    if order.bank_status and not order_state(order.bank_status) and is_old_word:
        return "word"
    return "stuck" if is_late and order.state != "to_sign" else None


def overdue_sentence(order):
    """Say what is overdue since when, and what to do."""
    sentence = order.env._(SENTENCES[order.overdue_reason])
    return sentence % {
        "day": format_date(order.env, georgian_day(order.state_at)),
        "status": order.bank_status or "–",
    }
