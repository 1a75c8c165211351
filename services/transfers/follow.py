"""How far an order is: the bank is asked, by its ID or by ours, until it has an end."""

from datetime import timedelta
from functools import partial

from odoo.exceptions import UserError
from odoo.fields import Domain

from ... import messages
from ...tbc import TbcBusy, TbcError, TbcNoAnswer, TbcUnreachable
from ..buttons import notice
from ..calls import end_all_calls
from ..clock import utc_now
from ..connecting import open_client, record_refusal
from ..locks import retry_on_conflict, try_lock
from ..refusals import may_speak_of_one
from ..unexpected import guarded
from .answers import accept, go_on_sending
from .checks import check_may_follow, was_sent_by_other_client
from .not_made import take_back_payments_soon, take_back_some_payments
from .overdue import tell_overdue
from .remind import note_problem, remind_all_of_signatures
from .send import doubt_abandoned
from .states import FOLLOWED, may_be_asked
from .status import apply_statuses, ask_alone, learn_ids, set_not_found
from .watch import due_looks, look_again, postpone_look, watch_movements
from .words import for_integration_user, note_unexpected, state_sentences

# How often the bank is asked for an order: within an hour, a day, and after that.
ASK_INTERVALS = (
    (timedelta(hours=1), timedelta(minutes=5)),
    (timedelta(days=1), timedelta(hours=1)),
)
LONGEST_ASK_INTERVAL = timedelta(days=1)
LAST_STEPS = (watch_movements, remind_all_of_signatures, tell_overdue, end_all_calls)


# === THE SCHEDULED ACTION === #


def refresh_due(env):
    """Ask the bank how far its orders are, one commit for each order or batch."""
    commit = env["ir.cron"]._commit_progress
    retry_on_conflict(env, partial(doubt_abandoned, env))
    questions = retry_on_conflict(env, partial(due_questions, env))
    commit(remaining=len(questions))
    away = env["tbc.integration"]
    for orders in questions:
        if orders.integration_id not in away:
            error = _ask_in_turn(env, orders)
            if isinstance(error, TbcUnreachable | TbcBusy):
                away |= orders.integration_id
        if not commit(1):
            return
    if all(guarded(env, step, lambda _kind: True) for step in _later_steps(env)):
        commit()


def _ask_in_turn(env, orders):
    """Ask for these orders, and return the error; told on them, if it is a strange one.

    They go to the end of the queue first: whatever happens to them then, the others
    have their turn.
    """
    retry_on_conflict(env, partial(_postpone, orders))
    env["ir.cron"]._commit_progress()
    question = partial(retry_on_conflict, env, partial(_ask_locked, orders))
    return guarded(env, question, partial(note_unexpected, orders))


def _later_steps(env):
    """Yield what comes after the questions; each step returns the seconds left."""
    commit = env["ir.cron"]._commit_progress

    def run(*parts):
        for part in parts:
            retry_on_conflict(env, part)
            seconds_left = commit()
        return seconds_left

    def take_back():
        while retry_on_conflict(env, partial(take_back_some_payments, env)):
            if not commit():
                return False
        return True

    for order in retry_on_conflict(env, partial(due_looks, env)):
        yield partial(run, partial(postpone_look, order), partial(look_again, order))
    yield take_back
    for step in LAST_STEPS:
        yield partial(run, partial(step, env))


# === A QUESTION === #


def due_questions(env):
    """Return recordsets: a batch's orders, or one order."""
    followed = Domain("state", "in", FOLLOWED)
    is_due = followed & Domain("next_question_at", "<=", utc_now()) & may_be_asked()
    return by_question(env["tbc.transfer"].search(is_due, order="next_question_at, id"))


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
    errors = _ask_while_there(by_question(orders_sudo))
    orders.invalidate_recordset()
    if errors:
        sentence = messages.question_message(orders.env, errors[0])
        return notice(orders.env, sentence, kind="danger")
    return notice(orders.env, state_sentences(orders))


def _ask_while_there(questions):
    """Ask these questions one after the other; return the errors.

    A bank that is away is asked no more: somebody waits, and each question may take as
    long as an answer may.
    """
    errors, away = [], set()
    for orders in questions:
        if orders.integration_id in away:
            continue
        if error := _ask_locked(orders):
            errors.append(error)
        if _is_away(error):
            away.add(orders.integration_id)
    return errors


def _is_away(error):
    """Whether the bank would say nothing to another question either."""
    is_silent = isinstance(error, TbcNoAnswer) and not error.status
    return is_silent or isinstance(error, TbcUnreachable | TbcBusy)


def _ask_locked(orders):
    """Ask for these orders unless another worker does; return the ``TbcError``."""
    locked = try_lock(orders)
    locked.invalidate_recordset()
    own = locked.filtered(lambda order: order.state in FOLLOWED)
    if own != orders or not own:
        return None
    _postpone(own)
    error = _ask(for_integration_user(own))
    orders.env.flush_all()
    return error


def _postpone(orders):
    """Wait before the bank is asked again: longer with age."""
    now = utc_now()

    def pause(order):
        age = now - (order.sent_at or now)
        pauses = (pause for limit, pause in ASK_INTERVALS if age < limit)
        return next(pauses, LONGEST_ASK_INTERVAL)

    locked = try_lock(orders)
    for length, some in locked.grouped(pause).items():
        some.next_question_at = now + length
    orders.env.flush_all()


def _ask(orders):
    integration = orders.integration_id
    try:
        with open_client(integration) as client:
            look_up(orders, client)
            ask_status(orders, client)
    except TbcError as error:
        # Of one order or account: the others are asked for all the same.
        if not may_speak_of_one(error):
            record_refusal(integration, error)
        note_problem(orders, messages.question_message(orders.env, error))
        return error
    except UserError as error:
        note_problem(orders, str(error))
    return None


def look_up(orders, client):
    """Ask by our own id for orders of unknown outcome; of a batch, its status tells."""
    unknown = orders.filtered(lambda order: order.state == "unknown")
    batch = unknown.batch_id
    if not unknown or batch.bank_batch_id:
        return
    if batch:
        found = batch.bank_batch_id = client.find_batch(batch.external_id)
    else:
        found = client.find_single(unknown.external_id)
    if found:
        accept(unknown, {} if batch else {unknown: found}, client.last_trace_id)
    elif _may_go_on(unknown):
        go_on_sending(unknown, client.last_trace_id)
    else:
        set_not_found(unknown, client.last_trace_id)


def _may_go_on(orders):
    """Whether this order is sent again by itself, now that the bank misses it."""
    return all(
        order.goes_on_if_missing and order.initiated_at for order in orders
    ) and not was_sent_by_other_client(orders)


def ask_status(orders, client):
    """Ask for the status of orders that the bank has, and follow it."""
    batch = orders.batch_id
    status = _fetch_status(orders, client)
    if status is None:
        return
    is_only = len(batch.order_ids) < 2
    told = {
        order: status.of(
            transfer_id=order.bank_transfer_id or None,
            position=None if is_only else order.position,
        )
        for order in orders
    }
    apply_statuses(told, client.last_trace_id)
    ask_alone(orders.filtered(lambda o: not told[o].word), client, status)
    learn_ids(orders, client)
    take_back_payments_soon(orders)


def _fetch_status(orders, client):
    """The status of their batch, or of the one order; ``None``: the bank has no ID."""
    batch = orders.batch_id
    if batch.bank_batch_id:
        status = client.batch_status(batch.bank_batch_id)
        batch.bank_status = status.word
        return status
    if not batch and orders.bank_transfer_id:
        return client.single_status(orders.bank_transfer_id)
    return None
