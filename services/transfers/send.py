"""What was initiated goes to the bank: each request once, committed before it is made."""

import logging
from datetime import timedelta
from functools import partial

from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import split_every

from ...tbc import (
    MOST_SINGLE_ORDERS,
    TbcAuthRefused,
    TbcBusy,
    TbcRefused,
    TbcUnreachable,
    TransferBatch,
)
from ..clock import bank_today, utc_now
from ..connecting import check_may_send, open_client
from ..locks import retry_on_conflict, try_lock
from ..unexpected import guarded
from .answers import IN_DOUBT, doubt, keep_answer, keep_error, lapse
from .checks import obstacle, was_sent_by_other_client
from .seal import is_initiated
from .states import is_reachable, others_of, set_sending
from .terms import to_bank
from .words import for_integration_user, note_unexpected, other_client_sentence

_logger = logging.getLogger(__name__)

# A worker that sends holds its orders locked. This is for the moment between its commit
# and its lock.
SENDING_GRACE = timedelta(minutes=2)
# The errors of which it is known what they mean for the orders. After any other one they
# stay ``sending``, and the bank is asked for them.
ANSWERED = (*IN_DOUBT, TbcUnreachable, TbcBusy, TbcRefused, TbcAuthRefused)


def send_due(env):
    """Send what was initiated: each request once, one commit before and one after.

    The commit before it says ``sending``. Whatever happens then, nobody sends these
    orders again before the bank was asked for them by their IDs.
    """
    ir_cron = env["ir.cron"]
    retry_on_conflict(env, partial(doubt_abandoned, env))
    requests = retry_on_conflict(env, partial(_due_requests, env))
    ir_cron._commit_progress(remaining=len(requests))
    for orders in requests:
        # What was being sent stays ``sending``: the bank is asked for it.
        send = partial(_mark_and_send, orders)
        if not guarded(env, send, partial(note_unexpected, orders)):
            break


def _mark_and_send(orders):
    """Send one request; return the seconds left."""
    ir_cron = orders.env["ir.cron"]
    marked = retry_on_conflict(orders.env, partial(mark_sending, orders))
    seconds_left = ir_cron._commit_progress(1)
    if marked:
        send_marked(marked)
        seconds_left = ir_cron._commit_progress()
    return seconds_left


def doubt_abandoned(env):
    """What a dead worker left being sent is unknown: it may be at the bank."""
    limit = utc_now() - SENDING_GRACE
    abandoned = env["tbc.transfer"].search(
        [("state", "=", "sending"), ("sent_at", "<", limit)]
    )
    abandoned = try_lock(abandoned)
    for orders in abandoned.grouped("integration_id").values():
        orders = for_integration_user(orders)
        sentence = orders.env._(
            "The server stopped while this was being sent, so nobody knows whether the"
            " bank has it. The bank is asked."
        )
        doubt(orders, sentence)


def _due_requests(env):
    """Return recordsets, each of which goes to the bank in one request."""
    due = env["tbc.transfer"].search(_due_to_send(), order="initiated_at, id")
    batches = due.batch_id
    requests = [due.filtered(lambda o, b=batch: o.batch_id == b) for batch in batches]
    singles = due.filtered(lambda order: not order.batch_id)
    for orders in singles.grouped("integration_id").values():
        # One that may be at the bank would have the others refused with it.
        alone = orders.filtered(lambda o: o.goes_alone or o.was_doubtful)
        requests += list(alone)
        requests += [
            env["tbc.transfer"].browse(ids)
            for ids in split_every(MOST_SINGLE_ORDERS, (orders - alone).ids)
        ]
    return requests


def _due_to_send():
    """The domain of what was initiated, and goes now."""
    has_come = Domain("send_on", "=", False) | Domain("send_on", "<=", bank_today())
    initiated = Domain("state", "=", "queued") & Domain("initiated_at", "!=", False)
    return initiated & has_come & is_reachable()


def mark_sending(orders):
    """Mark as ``sending`` those of these orders that may go now; return them.

    What another worker has locked or taken meanwhile is left to it.
    """
    due = try_lock(orders)
    due.invalidate_recordset()
    due = due.filtered_domain(_due_to_send())
    if not due or (orders.batch_id and due != orders):
        return orders.browse()
    going = _drop_obstructed(for_integration_user(due))
    _number(going)
    set_sending(going)
    going.env.flush_all()
    return going


def _number(orders):
    """Give each its position in the request.

    The bank may know the orders of a batch by their positions, from before: each keeps
    its own, also where one was closed since.
    """
    if not orders.batch_id or not all(o.was_doubtful and o.position for o in orders):
        for position, order in enumerate(orders, 1):
            order.position = position


def _drop_obstructed(orders):
    """Return the orders that may go; of a batch, all or none.

    What may not go any more loses its initiation, and says why.
    """
    if sentence := _request_obstacle(orders):
        found = dict.fromkeys(orders, sentence)
    else:
        found = {one: why for one in orders if (why := _order_obstacle(one))}
    if found and orders.batch_id:
        rest = orders.env._("Its batch waits because of another transfer in it.")
        found = {order: found.get(order, rest) for order in orders}
    lapse(orders, found)
    return orders - orders.browse(order.id for order in found)


def _request_obstacle(orders):
    """Return why none of these orders may be sent, as a sentence, or ``None``."""
    if orders.filtered("was_doubtful") and others_of(orders.batch_id, orders):
        return orders.env._(
            "This batch may be at the bank, so its transfers are sent again only "
            "together."
        )
    try:
        check_may_send(orders.integration_id)
    except UserError as error:
        return str(error)
    return None


def _order_obstacle(order):
    """Return why this order may not be sent, whoever says that it may, or ``None``."""
    if not is_initiated(order):
        return order.env._(
            "The integration user's initiation does not fit this transfer or this "
            "database. Initiate it again."
        )
    if order.initiated_by_id != order.integration_id.user_id:
        return order.env._(
            "%(user)s, who initiated it, is not the integration user any more. The new"
            " one must initiate it.",
            user=order.initiated_by_id.name,
        )
    if was_sent_by_other_client(order):
        return other_client_sentence(order)
    return obstacle(order)


def send_marked(orders):
    """POST one request, once, and keep what the bank says of each order."""
    orders = for_integration_user(orders)
    # The commit has freed the lock: another worker may think that this one died.
    retry_on_conflict(orders.env, partial(_lock_patiently, orders))
    if set(orders.mapped("state")) != {"sending"}:
        _logger.info("TBC transfers %s: left to another worker", orders.ids)
        return
    # Nor does it help anybody to write ``sending`` into an order by hand.
    orders = _drop_obstructed(orders)
    if not orders:
        return
    outcome = outcome_of_post(orders)
    # What the bank said must not be lost because somebody writes the same row.
    retry_on_conflict(orders.env, partial(_keep_outcome, orders, outcome))


def _lock_patiently(orders):
    """Lock these rows; wait for whoever has one of them only for a moment."""
    orders.env.cr.execute(
        "SELECT id FROM tbc_transfer WHERE id IN %s ORDER BY id FOR NO KEY UPDATE",
        [tuple(orders.ids)],
    )
    orders.invalidate_recordset()


def outcome_of_post(orders):
    """POST, once; return ``outcome(orders)``, which keeps what the bank said."""
    try:
        with open_client(orders.integration_id) as client:
            answer = _post(orders, client)
            trace_id = client.last_trace_id
    except ANSWERED as error:
        return partial(keep_error, error=error)
    except UserError as error:
        # The credentials do not open: nothing was sent.
        reason = str(error)
        return lambda orders: lapse(orders, dict.fromkeys(orders, reason))
    return partial(keep_answer, answer=answer, trace_id=trace_id)


def _keep_outcome(orders, outcome):
    """Keep the outcome, unless another worker thinks by now that we are dead."""
    _lock_patiently(orders)
    if set(orders.mapped("state")) == {"sending"}:
        outcome(orders)
    orders.env.flush_all()


def _post(orders, client):
    """Send these orders; return the batch's id at the bank, or the receipt."""
    told, batch = tuple(to_bank(order) for order in orders), orders.batch_id
    if not batch:
        return client.import_single(told)
    return client.import_batch(
        TransferBatch(external_id=batch.external_id, name=batch.name, orders=told)
    )
