"""The scheduled action that follows the orders: one step after the other."""

from functools import partial

from ...tbc import TbcBusy, TbcUnreachable
from ..calls import end_all_calls
from ..locks import retry_on_conflict
from ..unexpected import guarded
from .closed import due_second_looks, look_again, postpone_look
from .follow import ask_locked, due_questions, postpone
from .overdue import tell_overdue
from .reject import take_back_some_payments
from .remind import remind_all_of_signatures
from .send import doubt_abandoned
from .watch import due_looks, look_for_closed, watch_movements
from .words import note_unexpected

LAST_STEPS = (watch_movements, remind_all_of_signatures, tell_overdue, end_all_calls)


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
    for step in _later_steps(env):
        if not guarded(env, step, lambda _sentence: True):
            return
    commit()


def _ask_in_turn(env, orders):
    """Ask for these orders, and return the error; told on them, if it is a strange one.

    They go to the end of the queue first: whatever happens to them then, the others
    have their turn.
    """
    retry_on_conflict(env, partial(postpone, orders))
    env["ir.cron"]._commit_progress()
    question = partial(retry_on_conflict, env, partial(ask_locked, orders))
    return guarded(env, question, partial(note_unexpected, orders))


def _later_steps(env):
    """Yield what comes after the questions; each step says whether there is time."""
    in_turn, commit = partial(retry_on_conflict, env), env["ir.cron"]._commit_progress

    def look(postpone, again, order):
        if postpone:
            in_turn(partial(postpone, order))
            commit()
        in_turn(partial(again, order))
        return commit()

    def take_back():
        while in_turn(partial(take_back_some_payments, env)):
            if not commit():
                return False
        return True

    def last(step):
        in_turn(partial(step, env))
        commit()
        return True

    for order in in_turn(partial(due_second_looks, env)):
        yield partial(look, postpone_look, look_again, order)
    yield take_back
    for order in in_turn(partial(due_looks, env)):
        yield partial(look, None, look_for_closed, order)
    for step in LAST_STEPS:
        yield partial(last, step)
