"""Whom an order calls: who queued it, who initiates it, who signs it."""

from datetime import timedelta

from ... import messages
from ..calls import (
    INITIATE,
    NOT_ARRIVED,
    OTHER,
    OVERDUE,
    SIGNATURE,
    TO_INITIATE,
    TO_SIGN,
    UNFOLLOWED,
    call,
    end_calls,
    holds_while,
    in_words_for,
)
from ..chatter import write_note
from ..clock import utc_now
from ..connecting import MOST_DAYS
from .words import totals_sentence

# A batch shares these: one call for all of its orders.
OF_THE_BATCH = (NOT_ARRIVED, OVERDUE, UNFOLLOWED)
# After this, somebody is told of an order of which the bank can't be asked.
LONGEST_SILENCE = timedelta(hours=1)


# {model: where its orders are}
ORDERS_OF = {"account.payment": "tbc_transfer_ids", "tbc.transfer.batch": "order_ids"}


def order_holds_while(reason):
    """Have the decorated ``check(order)`` say whether the call for ``reason`` stays.

    The call may be on the order's payment or batch: it stays for one of their orders.
    """

    def register(check):
        holds_while(reason)(lambda record: any(map(check, _orders_of(record))))
        return check

    return register


def _orders_of(record):
    field = ORDERS_OF.get(record._name)
    return record[field] if field else record


@order_holds_while(OTHER)
def _has_problem(order):
    return bool(order.problem)


@order_holds_while(UNFOLLOWED)
def _is_unfollowed(order):
    return order.state == "unknown" and not order.is_missing_at_bank


def remind_preparer(order, summary, note, reason=OTHER):
    """Leave an activity for whoever queued it, on the payment or the batch.

    Who has left, or may not see payments any more, is stood in for by the
    integration user, on the order.
    """
    user = order.queued_by_id
    record = order.payment_id
    if reason in OF_THE_BATCH and len(order.batch_id.order_ids) > 1:
        record = order.batch_id
    # In his own companies: a branch's payment may leave its parent's account.
    his = record.with_user(user).with_context(allowed_company_ids=user.company_ids.ids)
    if not user.active or not his.has_access("read"):
        user = order.integration_id.user_id
        record = order if record != order.batch_id else record
    call(record.sudo(), user, reason=reason, summary=summary, note=note)


def note_problem(orders, sentence):
    """Tell why the bank could not be asked; call somebody if it goes on."""
    orders.problem = sentence
    limit = utc_now() - LONGEST_SILENCE
    for order in orders.filtered(lambda o: o.state == "unknown"):
        if order.sent_at and order.sent_at < limit:
            remind_of_unfollowed(order, sentence)


def remind_of_unfollowed(order, sentence):
    summary = order.env._("TBC Bank: a transfer can't be followed")
    remind_preparer(order, summary, sentence, UNFOLLOWED)


def remind_to_look(order, sentence, reason=OTHER):
    """Have whoever queued it look at the transfer."""
    summary = order.env._("TBC Bank: a transfer needs a look")
    remind_preparer(order, summary, sentence, reason)


def tell_once(order, sentence, reason=OTHER, trace_id=None):
    """Keep what is wrong with it, and tell it, unless it was told already."""
    if sentence == order.problem:
        return
    order.problem = sentence
    order.trace_id = trace_id or order.trace_id
    write_note(order, messages.with_trace(order.env, sentence, trace_id))
    remind_to_look(order, sentence, reason)


def remind_all_of_signatures(env):
    """Leave one activity an account for transfers that wait for their signature."""
    accounts = env["tbc.account"].search(
        [("integration_id.can_initiate_transfers", "=", True)]
    )
    for account in accounts:
        _remind_of_signatures(account)


def _to_sign(accounts):
    """The orders from this account that wait for a signature, oldest first."""
    return accounts.env["tbc.transfer"].search(
        [("account_id", "in", accounts.ids), ("state", "=", "to_sign")],
        order="state_at, id",
    )


def signature_sentence(accounts):
    """ "3 transfers wait for your signature in TBC", or ``None``."""
    count = len(_to_sign(accounts.sudo()))
    if not count:
        return None
    if count == 1:
        return accounts.env._("1 transfer waits for your signature in TBC")
    return accounts.env._(
        "%(count)s transfers wait for your signature in TBC", count=count
    )


@holds_while(TO_INITIATE)
def _waits_for_initiator(account):
    """Whether the integration user has to look at something of this account."""
    user = account.integration_id.user_id
    return bool(
        account.env["tbc.transfer"].search_count(
            [
                ("account_id", "=", account.id),
                ("state", "=", "queued"),
                ("initiated_at", "=", False),
                "|",
                ("queued_by_id", "!=", user.id),
                ("problem", "!=", False),
            ],
            limit=1,
        )
    )


def remind_initiator(accounts):
    """Leave the integration user one activity while something is to be initiated."""
    for account in accounts:
        if not _waits_for_initiator(account):
            end_calls(account)
            continue
        user = account.integration_id.user_id
        account = in_words_for(account, user)
        call(
            account,
            user,
            reason=TO_INITIATE,
            kind=INITIATE,
            summary=account.env._("Transfers wait for you to initiate them"),
            note=account.env._("Open the account's transfers, and look at them."),
        )


@holds_while(TO_SIGN)
def _late_to_sign(account):
    """The orders that have waited for their signature longer than is wanted."""
    limit = utc_now() - timedelta(
        days=min(account.integration_id.signature_days, MOST_DAYS)
    )
    return _to_sign(account).filtered(lambda order: order.state_at <= limit)


def _remind_of_signatures(account):
    """Leave an activity while the oldest has waited longer than is wanted."""
    late = _late_to_sign(account)
    if not late:
        end_calls(account)
        return
    user = account.integration_id.user_id
    account = in_words_for(account, user)
    call(
        account,
        user,
        reason=TO_SIGN,
        kind=SIGNATURE,
        summary=signature_sentence(account),
        note=account.env._(
            "%(transfers)s wait in TBC's internet bank. Sign or reject them there.",
            transfers=totals_sentence(late.with_env(account.env)),
        ),
    )
