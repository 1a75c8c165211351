"""Payments of another day than today: somebody decides when they go."""

from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tools import format_date

from ..clock import bank_today
from .words import totals_sentence

NOW, ON_THE_DAY = "now", "on_the_day"
# A payment that was registered lately is no mistake.
OLD = timedelta(days=31)


def _payment_days(orders):
    """``{order: its payment's day}`` (sudo); a batch goes whole, on its last day."""
    days = {order: order.payment_id.date for order in orders}
    for batch, own in orders.grouped("batch_id").items():
        if batch:
            days |= dict.fromkeys(own, max(days[order] for order in own))
    return days


def of_later_days(orders):
    """Those of these orders whose day has not come, or that go with such a one."""
    days, today = _payment_days(orders), bank_today()
    return orders.filtered(lambda order: days[order] > today)


def _of_old_days(orders):
    """Those whose payment is older than any that is paid as usual."""
    limit = bank_today() - OLD
    return orders.filtered(lambda order: order.payment_id.date < limit)


def days_sentence(orders):
    """Say which of these payments are of another day, or return ``None`` (sudo)."""
    sentences = []
    if later := of_later_days(orders):
        dated = later.filtered(lambda o: o.payment_id.date > bank_today())
        sentences.append(
            orders.env._(
                "Dated later than today:\n%(payments)s",
                payments=_dated_list(dated),
            )
        )
    if old := _of_old_days(orders):
        sentences.append(
            orders.env._(
                "Dated more than %(days)s days ago:\n%(payments)s",
                days=OLD.days,
                payments=_dated_list(old),
            )
        )
    return "\n".join(sentences) or None


def _dated_list(orders, most=20):
    """Lines with each payment's day, of the first ``most`` of them."""
    lines = [
        f"{format_date(orders.env, order.payment_id.date)}: {order.display_name}"
        for order in orders.sorted(lambda order: order.payment_id.date)
    ]
    return "\n".join([*lines[:most], *["…"][: len(lines) - most]])


def days_to_wait_for(orders, decision):
    """``{order: the day that it waits for}`` of those that wait (sudo).

    :raise UserError: one is of another day, and nobody has decided.
    """
    if not decision and (sentence := days_sentence(orders)):
        raise UserError(
            orders.env._(
                "%(days)s\nPress Initiate on the payment, the transfer or the batch,"
                " and decide there whether they wait for their day or go now.",
                days=sentence,
            )
        )
    if decision != ON_THE_DAY:
        return {}
    days = _payment_days(orders)
    return {order: days[order] for order in of_later_days(orders)}


def going_sentence(orders):
    """Say what goes to the bank now, and what waits for its day."""
    waiting = orders.filtered("send_on")
    sentences = []
    if now := orders - waiting:
        sentences.append(
            orders.env._(
                "Going to the bank now: %(transfers)s. Sign them in TBC's internet"
                " bank when they are there.",
                transfers=totals_sentence(now),
            )
        )
    for day, own in sorted(waiting.grouped("send_on").items()):
        sentences.append(
            orders.env._(
                "Going to the bank on %(day)s, by themselves: %(transfers)s.",
                day=format_date(orders.env, day),
                transfers=totals_sentence(own),
            )
        )
    return "\n".join(sentences)
