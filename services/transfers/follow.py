"""How far an order is: the bank is asked, by its ID or by ours, until it has an end."""

from datetime import timedelta

from odoo.exceptions import UserError
from odoo.fields import Domain

from ... import messages
from ...tbc import TbcError
from ..clock import utc_now
from ..connecting import open_client, record_refusal
from ..notices import notice
from ..refusals import may_speak_of_one
from .answers import accept, go_on
from .checks import check_may_follow, was_sent_by_other_client
from .missing import ask_alone, learn_ids, set_not_found
from .reject import take_back_payments_soon
from .remind import note_problem
from .states import FOLLOWED, may_be_asked
from .status import take_told
from .words import for_integration_user, state_sentences

# How often the bank is asked for an order: within an hour, a day, and after that.
ASK_INTERVALS = (
    (timedelta(hours=1), timedelta(minutes=5)),
    (timedelta(days=1), timedelta(hours=1)),
)
LONGEST_ASK_INTERVAL = timedelta(days=1)


def due_questions(env):
    """Return recordsets: a batch's orders, or one order."""
    is_due = Domain("state", "in", FOLLOWED) & Domain(
        "next_question_at", "<=", utc_now()
    )
    orders = env["tbc.transfer"]
    return by_question(
        orders.search(is_due & may_be_asked(), order="next_question_at, id")
    )


def by_question(orders):
    """Part these orders into what one question is about."""
    batches = [
        batch.order_ids.filtered(lambda order: order.state in FOLLOWED)
        for batch in orders.batch_id
    ]
    return batches + list(orders.filtered(lambda order: not order.batch_id))


def ask_now(orders):
    """Ask the bank for these orders now, and tell what it says."""
    check_may_follow(orders)
    orders_sudo = orders.sudo().filtered(lambda order: order.state in FOLLOWED)
    if not orders_sudo:
        raise UserError(orders.env._("The bank has nothing to tell of these now."))
    errors = [ask_locked(orders) for orders in by_question(orders_sudo)]
    errors = [error for error in errors if error]
    orders.invalidate_recordset()
    return notice(
        orders.env,
        "\n".join(messages.question_message(orders.env, error) for error in errors[:1])
        or state_sentences(orders),
        kind="danger" if errors else "success",
    )


def ask_locked(orders):
    """Ask for these orders unless another worker does; return the ``TbcError``."""
    locked = orders.try_lock_for_update(allow_referencing=True)
    locked.invalidate_recordset()
    own = locked.filtered(lambda order: order.state in FOLLOWED)
    if own != orders or not own:
        return None
    return _ask(for_integration_user(own))


def postpone(orders):
    for order in orders.try_lock_for_update(allow_referencing=True):
        order.next_question_at = utc_now() + _ask_interval(order)
    orders.env.flush_all()


def _ask(orders):
    postpone(orders)
    integration = orders.integration_id
    try:
        with open_client(integration) as client:
            look_up(orders, client)
            take_status(orders, client)
    except TbcError as error:
        sentence = messages.question_message(orders.env, error)
        # Of one order or account: the others are asked for all the same.
        if not may_speak_of_one(error):
            record_refusal(integration, error)
        note_problem(orders, sentence)
        orders.env.flush_all()
        return error
    except UserError as error:
        note_problem(orders, str(error))
    orders.env.flush_all()
    return None


def _ask_interval(order):
    """How long to wait before the bank is asked again: longer with age."""
    age = utc_now() - (order.sent_at or utc_now())
    return next(
        (pause for limit, pause in ASK_INTERVALS if age < limit), LONGEST_ASK_INTERVAL
    )


def look_up(orders, client):
    """Ask for orders of unknown outcome by our own id: the bank has them, or not."""
    unknown = orders.filtered(lambda order: order.state == "unknown")
    if not unknown:
        return
    batch = unknown.batch_id
    if batch.bank_batch_id:
        # The bank has the batch: its status tells of these orders, or does not.
        return
    if batch:
        found = client.find_batch(batch.external_id)
        batch.bank_batch_id = found or batch.bank_batch_id
    else:
        found = client.find_single(unknown.external_id)
    if found:
        accept(unknown, {} if batch else {unknown: found}, client.last_trace_id)
    elif _may_go_on(unknown):
        go_on(unknown, client.last_trace_id)
    else:
        set_not_found(unknown, client.last_trace_id)


def _may_go_on(orders):
    """Whether this order is sent again by itself, now that the bank misses it."""
    return all(
        order.goes_on_if_missing and order.initiated_at for order in orders
    ) and not was_sent_by_other_client(orders)


def take_status(orders, client):
    """Ask for the status of orders that the bank has, and follow it."""
    batch = orders.batch_id
    status = _ask_status(orders, client)
    if status is None:
        return
    trace_id = client.last_trace_id
    silent = orders.browse()
    for order in orders:
        is_only = len(batch.order_ids) < 2
        told = status.of(
            transfer_id=order.bank_transfer_id or None,
            position=None if is_only else order.position,
        )
        take_told(order, told, trace_id)
        if not told.word:
            silent |= order
    ask_alone(silent, client, status)
    learn_ids(orders, client)
    take_back_payments_soon(orders)


def _ask_status(orders, client):
    """The status of their batch, or of the one order; ``None``: the bank has no ID."""
    batch = orders.batch_id
    if batch and batch.bank_batch_id:
        status = client.batch_status(batch.bank_batch_id)
        batch.bank_status = status.word
        return status
    if not batch and orders[:1].bank_transfer_id:
        return client.single_status(orders[:1].bank_transfer_id)
    return None
