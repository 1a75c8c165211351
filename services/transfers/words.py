"""Sentences about orders, and notes of them in the chatter."""

from collections import Counter

from odoo.tools import format_amount, format_date

from ..calls import language_of
from ..chatter import write_note
from ..clock import georgian_day
from ..unexpected import unexpected_sentence

# So many orders are named at once.
MOST_NAMED = 20


def name_list(sentences):
    """Lines of ``{order: sentence}``, each with its payment and beneficiary."""
    return "\n".join(
        f"{order.payment_id.display_name}, {order.recipient or '–'}: {sentence}"
        for order, sentence in sentences.items()
    )


def totals_sentence(orders):
    """ "3 transfers, 1,200.00 GEL, 50.00 USD": count and total per currency."""
    count = orders.env._("%(count)s transfers", count=len(orders))
    if len(orders) == 1:
        count = orders.env._("1 transfer")
    totals = [
        format_amount(orders.env, currency.round(sum(own.mapped("amount"))), currency)
        for currency, own in orders.grouped("currency_id").items()
    ]
    return ", ".join([count, *totals])


def shown_states(orders):
    """The states of orders or batches as they are shown, in their order on a bar."""
    env = orders.env
    states = orders._fields["state"]._description_selection(env)
    after = [state for state, _name in states].index("queued") + 1
    return [
        *states[:after],
        ("initiated", env._("Initiated, Sending")),
        ("dated", env._("Initiated, for Its Day")),
        *states[after:],
    ]


def shown_state(order):
    """The state of an order; once it was initiated, that it was."""
    if order.state != "queued" or not order.initiated_at:
        return order.state
    return "dated" if order.send_on else "initiated"


def state_sentence(order):
    """How far it is, in one line."""
    state = dict(shown_states(order))[shown_state(order)]
    return f"{order.display_name}: {state}"


def counts_sentence(orders):
    """ "4 executed, 1 refused": how many orders are where, in the words of a state."""
    env, n = orders.env, Counter(orders.mapped("state"))
    n["queued"] += n.pop("draft", 0)
    words = {
        "queued": env._("%(count)s not sent yet", count=n["queued"]),
        "sending": env._("%(count)s being sent", count=n["sending"]),
        "unknown": env._("%(count)s being checked with the bank", count=n["unknown"]),
        "submitted": env._("%(count)s at the bank", count=n["submitted"]),
        "to_sign": env._("%(count)s to sign", count=n["to_sign"]),
        "in_progress": env._("%(count)s in progress", count=n["in_progress"]),
        "done": env._("%(count)s executed", count=n["done"]),
        "refused": env._("%(count)s refused", count=n["refused"]),
        "failed": env._("%(count)s failed", count=n["failed"]),
        "cancelled": env._("%(count)s cancelled", count=n["cancelled"]),
    }
    return ", ".join(words[state] for state in words if n[state])


def state_sentences(orders):
    """How far the first of these orders are, a line each."""
    return "\n".join(map(state_sentence, orders[:MOST_NAMED]))


def other_client_sentence(order):
    return order.env._(
        "This transfer was sent with another Client ID than the one of today, so the "
        "bank can't be asked for it. Look for it in TBC's internet bank, and enter the "
        "former Client ID and Secret to have it followed."
    )


def for_integration_user(orders):
    """These orders of one integration, with sentences in the company's language."""
    integration = orders.integration_id
    return orders.with_company(integration.company_id).with_context(
        lang=language_of(integration.company_id)
    )


def giving_up_sentence(order):
    return order.env._(
        "Closed by %(user)s on %(day)s: TBC Bank was asked on several days since"
        " %(first)s and did not know this transfer. Should it turn up there, people"
        " are told.",
        user=order.given_up_by_id.name,
        day=format_date(order.env, georgian_day(order.given_up_at)),
        first=format_date(order.env, order.missed_on),
    )


def conclusion_sentence(order):
    """What became of it, with both languages of the bank's reason."""
    if order.given_up_by_id and not order.turned_up_at:
        return giving_up_sentence(order)
    sentences = {
        "refused": order.env._("TBC Bank refused this transfer."),
        "failed": order.env._("TBC Bank could not execute this transfer."),
        "cancelled": order.env._("This transfer was cancelled in TBC Bank."),
    }
    reasons = dict.fromkeys([order.bank_reason_en, order.bank_reason_ge])
    return " ".join([sentences[order.state], *filter(None, reasons)])


def tell_bills(order, sentence):
    """Write a note into the chatter of the bills that it was to pay (sudo)."""
    payment = order.payment_id
    bills = payment.invoice_ids | payment.reconciled_bill_ids
    write_note(bills, sentence)


def note_unexpected(orders, kind):
    """Tell what nobody thought of on these orders; the others have their turn."""
    orders = for_integration_user(orders.exists())
    orders.problem = unexpected_sentence(orders.env, kind)
    return True
