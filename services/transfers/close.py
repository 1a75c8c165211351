"""Orders that a person closes: the bank never had them, or can't execute them.

Nobody is sure of what was sent without an answer. So an order is closed only after the
bank was asked on two days and did not know it, and it is asked on: should it have the
order after all, people are told, because its bill may be paid otherwise by then.
"""

from contextlib import contextmanager

from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from ... import messages
from ...tbc import TbcError, is_error
from ..buttons import notice
from ..chatter import write_note
from ..clock import utc_now
from ..connecting import check_may_send, open_client
from ..identity import in_person
from ..locks import lock
from . import words
from .candidates import find_candidates
from .checks import check_in_person, was_sent_by_other_client
from .closed import ask_by_all_ids
from .follow import ask_status, by_question, look_up
from .not_made import conclude, take_back_payments_soon
from .states import set_given_up, was_missed_on_two_days
from .watch import LOOK_EVERY


@contextmanager
def _client_for(orders):
    """The client to ask once more before these are closed (sudo): else nothing is."""
    try:
        with open_client(orders.integration_id) as client:
            yield client
    except TbcError as error:
        raise UserError(messages.question_message(orders.env, error)) from error


def close_missing(orders):
    """Close what the bank did not know on two days, as the integration user."""
    if not orders:
        raise UserError(orders.env._("None of these transfers can be closed."))
    _check_may_close(orders)
    orders_sudo = orders.sudo()
    lock(orders_sudo | orders_sudo.batch_id.order_ids)
    for order_sudo in orders_sudo:
        if sentence := _closing_obstacle(order_sudo):
            raise UserError(sentence)
    asked_at = utc_now()
    for question_sudo in by_question(orders_sudo):
        question_sudo = words.for_integration_user(question_sudo)
        with _client_for(question_sudo) as client:
            look_up(question_sudo, client)
            ask_status(question_sudo, client)
    closing_sudo = orders_sudo.filtered(
        lambda o: was_missed_on_two_days(o) and o.missed_at >= asked_at
    )
    _give_up(closing_sudo, orders.env.user)
    orders.invalidate_recordset()
    kind = "success" if closing_sudo == orders_sudo else "warning"
    return notice(orders.env, words.state_sentences(orders), kind=kind)


def _check_may_close(orders):
    """:raise AccessError: this is not the integration user, in person."""
    orders.check_access("read")
    for integration_sudo in orders.sudo().integration_id:
        user = integration_sudo.user_id
        if user != orders.env.user or not in_person(user):
            sentence = orders.env._(
                "Only %(user)s, the integration user, in person and after an identity"
                " check, may close a transfer of which nobody knows the outcome.",
                user=user.name,
            )
            raise AccessError(sentence)
        check_may_send(integration_sudo)


def _closing_obstacle(order):
    name = order.display_name
    if order.state == "unknown" and was_sent_by_other_client(order):
        return words.other_client_sentence(order)
    if order.state != "unknown" or not order.is_missing_at_bank:
        return order.env._(
            "%(order)s can't be closed yet. Press Ask the Bank first: only a transfer"
            " that the bank does not have is closed.",
            order=name,
        )
    if not was_missed_on_two_days(order):
        return order.env._(
            "%(order)s can't be closed yet: the bank did not know it on %(day)s,"
            " and may be late. Ask the bank on another day, too.",
            order=name,
            day=format_date(order.env, order.missed_on) or "–",
        )
    if order.is_matched or find_candidates(order):
        return order.env._(
            "%(order)s can't be closed: its payment is matched with a transaction, or "
            "a transaction fits it. Look at the transactions that fit on the transfer.",
            order=name,
        )
    return None


def _give_up(orders, user):
    """Close these orders, which the bank does not have (sudo)."""
    set_given_up(orders, user, utc_now() + LOOK_EVERY)
    for order in orders:
        sentence = words.giving_up_sentence(order)
        write_note(order, sentence)
        words.tell_bills(order, sentence)
    orders.takes_back_payment = True
    take_back_payments_soon(orders)


def close_errors(orders):
    """Take these as not executed, as the integration user, who has looked.

    The bank is asked once more. What it does not call an error any more is followed
    as before.
    """
    sentence = orders.env._(
        "Only the integration user in person, after an identity check, may take a"
        " transfer as not executed."
    )
    check_in_person(orders, sentence)
    orders_sudo = orders.sudo().filtered("is_error_at_bank")
    if not orders_sudo:
        raise UserError(
            orders.env._("The bank does not say Error of any of these transfers.")
        )
    lock(orders_sudo)
    for order_sudo in orders_sudo:
        _close_error(words.for_integration_user(order_sudo), orders.env.user)
    orders.invalidate_recordset()
    return notice(orders.env, words.state_sentences(orders))


def _close_error(order, user):
    """Ask once more, and close what is still an error (sudo)."""
    with _client_for(order) as client:
        told = ask_by_all_ids(order, client)
        if not told or not is_error(told.word):
            ask_status(order, client)
            return
    order.closed_by_id = user
    sentence = order.env._(
        "Taken as not executed by %(user)s, who has looked in TBC's internet bank.",
        user=user.name,
    )
    write_note(order, sentence)
    conclude(order, "failed", order.bank_reason_en, order.bank_reason_ge, None)
    take_back_payments_soon(order)
