"""Whom an order calls: who queued it, who initiates it, who signs it."""

from datetime import timedelta

from odoo.tools.translate import LazyTranslate

from ... import messages
from .. import calls
from ..chatter import write_note
from ..clock import utc_now
from ..connecting import LONGEST_SETTING_DAYS
from .words import totals_sentence

_lt = LazyTranslate(__name__)

# A batch shares these: one call for all of its orders.
OF_THE_BATCH = (calls.NOT_ARRIVED, calls.OVERDUE, calls.UNFOLLOWED)
NEEDS_A_LOOK = _lt("TBC Bank: a transfer needs a look")
SUMMARIES = {
    calls.CAME_BACK: _lt("TBC Bank: a transfer came back"),
    calls.NOT_ARRIVED: _lt("TBC Bank: a transfer did not arrive"),
    calls.NOT_MADE: _lt("TBC Bank: a payment was not made"),
    calls.OVERDUE: _lt("TBC Bank: a transfer stands still"),
    calls.UNFOLLOWED: _lt("TBC Bank: a transfer can't be followed"),
}
# After this, somebody is told of an order of which the bank can't be asked.
LONGEST_SILENCE = timedelta(hours=1)
# {model: where its orders are}
ORDERS_OF = {"account.payment": "tbc_transfer_ids", "tbc.transfer.batch": "order_ids"}


def order_holds_while(reason):
    """Have the decorated ``check(order)`` say whether the call for ``reason`` stays.

    The call may be on the order's payment or batch: it stays for one of their orders.
    """

    def register(check):
        @calls.holds_while(reason)
        def holds(record):
            return any(map(check, record.mapped(ORDERS_OF.get(record._name))))

        return check

    return register


order_holds_while(calls.OTHER)(lambda order: bool(order.problem))
order_holds_while(calls.NOT_ARRIVED)(
    lambda order: order.state == "unknown" and order.is_missing_at_bank
)
order_holds_while(calls.UNFOLLOWED)(
    lambda order: order.state == "unknown" and not order.is_missing_at_bank
)


# === WHOEVER QUEUED IT === #


def remind_preparer(order, note, reason=calls.OTHER, summary=None):
    """Leave an activity for whoever queued it, on the payment or the batch."""
    summary = summary or order.env._(SUMMARIES.get(reason, NEEDS_A_LOOK))
    user = order.queued_by_id
    record = order.payment_id
    if reason in OF_THE_BATCH and len(order.batch_id.order_ids) > 1:
        record = order.batch_id
    # In his own companies: a branch's payment may leave its parent's account.
    his = record.with_user(user).with_context(allowed_company_ids=user.company_ids.ids)
    if not user.active or not his.has_access("read"):
        # The integration user stands in for who has left, or may not see payments.
        user = order.integration_id.user_id
        record = order if record != order.batch_id else record
    calls.call(record.sudo(), user, reason=reason, summary=summary, note=note)


def tell(orders, sentence, reason=calls.OTHER, trace_id=None):
    """Write a note on each of these orders, and call whoever queued it."""
    write_note(orders, messages.with_trace(orders.env, sentence, trace_id))
    for order in orders:
        remind_preparer(order, sentence, reason)


def tell_once(orders, sentence, reason=calls.OTHER, trace_id=None):
    """Keep what is wrong with these orders, and tell it where it is news."""
    news = orders.filtered(lambda order: order.problem != sentence)
    for order in news:
        order.write({"problem": sentence, "trace_id": trace_id or order.trace_id})
    tell(news, sentence, reason, trace_id)


def note_problem(orders, sentence):
    """Tell why the bank could not be asked; call somebody if it goes on."""
    orders.problem = sentence
    limit = utc_now() - LONGEST_SILENCE
    for order in orders.filtered(lambda o: o.state == "unknown"):
        if order.sent_at and order.sent_at < limit:
            remind_preparer(order, sentence, calls.UNFOLLOWED)


# === THE INTEGRATION USER === #


def remind_initiator(accounts):
    """Leave the integration user one activity while something is to be initiated."""
    for account in accounts:
        if not _waits_for_initiator(account):
            calls.end_calls(account)
            continue
        user = account.integration_id.user_id
        account = calls.in_words_for(account, user)
        transfers = totals_sentence(to_initiate(account))
        calls.call(
            account,
            user,
            reason=calls.TO_INITIATE,
            kind=calls.INITIATE,
            summary=account.env._("To initiate: %(transfers)s", transfers=transfers),
            note=account.env._("Press Initiate on the account, and look at them."),
        )


@calls.holds_while(calls.TO_INITIATE)
def _waits_for_initiator(account):
    """Whether the integration user has to look at something of this account."""
    user = account.integration_id.user_id
    return bool(
        to_initiate(account).filtered(
            lambda order: order.queued_by_id != user or order.problem
        )
    )


def to_initiate(accounts):
    """The orders from these accounts that nobody has initiated yet."""
    domain = [
        ("account_id", "in", accounts.ids),
        ("state", "=", "queued"),
        ("initiated_at", "=", False),
    ]
    return accounts.env["tbc.transfer"].search(domain)


def remind_all_of_signatures(env):
    """Leave one activity an account while its oldest transfer waits for too long.

    What waits no more ends its call by ``end_all_calls``.
    """
    accounts = env["tbc.account"].search(
        [("integration_id.can_initiate_transfers", "=", True)]
    )
    for account in accounts:
        user = account.integration_id.user_id
        account = calls.in_words_for(account, user)
        late = _late_to_sign(account)
        if not late:
            continue
        transfers = totals_sentence(late)
        calls.call(
            account,
            user,
            reason=calls.TO_SIGN,
            kind=calls.SIGNATURE,
            summary=account.env._("To sign: %(transfers)s", transfers=transfers),
            note=account.env._("Sign or reject them in TBC's internet bank."),
        )


@calls.holds_while(calls.TO_SIGN)
def _late_to_sign(account):
    """The orders that have waited for their signature longer than is wanted."""
    days = min(account.integration_id.signature_days, LONGEST_SETTING_DAYS)
    limit = utc_now() - timedelta(days=days)
    return _to_sign(account).filtered(lambda order: order.state_at <= limit)


def signature_sentence(accounts):
    """ "3 transfers wait for your signature in TBC", or ``None``."""
    count = len(_to_sign(accounts.sudo()))
    if count == 1:
        return accounts.env._("1 transfer to sign in TBC")
    return count and accounts.env._("%(count)s transfers to sign in TBC", count=count)


def _to_sign(accounts):
    """The orders from these accounts that wait for a signature, oldest first."""
    domain = [("account_id", "in", accounts.ids), ("state", "=", "to_sign")]
    return accounts.env["tbc.transfer"].search(domain, order="state_at, id")
