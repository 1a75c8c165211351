"""Payments of another day than today: somebody decides when they go."""

from datetime import timedelta

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..services.clock import bank_today

NOW, ON_THE_DAY = "now", "on_the_day"
# A payment that was registered lately is no mistake.
OLD = timedelta(days=31)


class TbcTransfer(models.Model):
    _inherit = "tbc.transfer"

    # === DAY === #

    def _payment_days(self):
        """``{order: its payment's day}`` (sudo); a batch goes whole, on its last day."""
        days = {order: order.payment_id.date for order in self}
        for batch, orders in self.grouped("batch_id").items():
            if batch:
                last = max(days[order] for order in orders)
                days |= dict.fromkeys(orders, last)
        return days

    def _of_later_days(self):
        """Those of these orders whose day has not come, or that go with such a one."""
        days, today = self._payment_days(), self._today()
        return self.filtered(lambda order: days[order] > today)

    def _of_old_days(self):
        """Those whose payment is older than any that is paid as usual."""
        limit = self._today() - OLD
        return self.filtered(lambda order: order.payment_id.date < limit)

    def _days_sentence(self):
        """Say which of these payments are of another day, or return ``None`` (sudo)."""
        sentences = []
        if later := self._of_later_days():
            dated = later.filtered(lambda o: o.payment_id.date > self._today())
            sentences.append(
                self.env._(
                    "Dated later than today:\n%(payments)s",
                    payments=dated._dated_list(),
                )
            )
        if old := self._of_old_days():
            sentences.append(
                self.env._(
                    "Dated more than %(days)s days ago:\n%(payments)s",
                    days=OLD.days,
                    payments=old._dated_list(),
                )
            )
        return "\n".join(sentences) or None

    def _today(self):
        return bank_today()

    def _dated_list(self, most=20):
        """Lines with each payment's day, of the first ``most`` of them."""
        lines = [
            f"{format_date(self.env, order.payment_id.date)}: {order.display_name}"
            for order in self.sorted(lambda order: order.payment_id.date)
        ]
        return "\n".join([*lines[:most], *["…"][: len(lines) - most]])

    def _days_to_wait_for(self, decision):
        """``{order: the day that it waits for}`` of those that wait (sudo).

        :raise UserError: one is of another day, and nobody has decided.
        """
        if not decision and (sentence := self._days_sentence()):
            raise UserError(
                self.env._(
                    "%(days)s\nPress Initiate on the payment, the transfer or the batch,"
                    " and decide there whether they wait for their day or go now.",
                    days=sentence,
                )
            )
        if decision != ON_THE_DAY:
            return {}
        days = self._payment_days()
        return {order: days[order] for order in self._of_later_days()}

    def _going_sentence(self):
        """Say what goes to the bank now, and what waits for its day."""
        waiting = self.filtered("send_on")
        sentences = []
        if now := self - waiting:
            sentences.append(
                self.env._(
                    "Going to the bank now: %(transfers)s. Sign them in TBC's internet"
                    " bank when they are there.",
                    transfers=now._totals_sentence(),
                )
            )
        for day, orders in sorted(waiting.grouped("send_on").items()):
            sentences.append(
                self.env._(
                    "Going to the bank on %(day)s, by themselves: %(transfers)s.",
                    day=format_date(self.env, day),
                    transfers=orders._totals_sentence(),
                )
            )
        return "\n".join(sentences)
