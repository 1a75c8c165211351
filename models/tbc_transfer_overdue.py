"""Orders that stand still: whoever queued them is told after a few days."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from ..services.calls import OVERDUE, end_calls
from ..services.clock import georgian_day, utc_now
from ..tbc import order_state

AT_WORK = ("submitted", "in_progress")
WITH_A_WORD = ("submitted", "to_sign", "in_progress")
# So many are named in one call.
MOST_NAMED = 20


class TbcTransfer(models.Model):
    _inherit = "tbc.transfer"

    overdue_reason = fields.Selection(
        [
            ("not_sent", "Not sent"),
            ("stuck", "Not executed"),
            ("word", "Unknown status"),
            ("no_movement", "No transaction"),
            ("candidate", "A transaction fits"),
        ],
        string="Overdue",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    overdue_note = fields.Text(compute="_compute_overdue_note")

    @api.depends("overdue_reason", "bank_status", "state_at")
    def _compute_overdue_note(self):
        for order in self:
            reason = order.overdue_reason
            order.overdue_note = reason and order._overdue_sentence(reason)

    # === OVERDUE === #

    @api.model
    def _tell_overdue(self):
        """Tell once of each order that has begun to stand still, or to go on."""
        told = self.search([("overdue_reason", "!=", False)])
        for integration in self.env["tbc.integration"].search(
            [("account_ids", "!=", False)]
        ):
            own = told.filtered(lambda o, one=integration: o.integration_id == one)
            late = self.search(self._overdue_domain(integration))
            orders = (late | own).try_lock_for_update(allow_referencing=True)
            if orders:
                orders._for_integration_user()._update_overdue()
        self.env.flush_all()

    @api.model
    def _overdue_domain(self, integration):
        """What may stand still; ``_find_overdue_reason`` looks closer."""
        limit = utc_now() - timedelta(days=integration.overdue_days)
        not_sent = Domain("state", "=", "queued") & Domain("initiated_at", "<=", limit)
        at_work = Domain("state", "in", AT_WORK) & Domain("state_at", "<=", limit)
        word = Domain("state", "in", WITH_A_WORD) & Domain("bank_status", "!=", False)
        done = (
            Domain("state", "=", "done")
            & Domain("state_at", "<=", limit)
            & Domain("payment_id.is_matched", "=", False)
        )
        return Domain("integration_id", "=", integration.id) & (
            not_sent | at_work | word | done
        )

    def _update_overdue(self):
        news = self.browse()
        for order in self:
            reason = order._find_overdue_reason()
            if reason == (order.overdue_reason or None):
                continue
            order.overdue_reason = reason
            if reason:
                order._tell(order._overdue_sentence(reason))
                news |= order
            else:
                end_calls(order, order.payment_id, order.batch_id)
        for batch, orders in news.grouped("batch_id").items():
            if batch:
                overdue = batch.order_ids.filtered("overdue_reason")
                orders[0]._call_overdue(overdue.with_env(self.env)._name_overdue())
                continue
            for order in orders:
                order._call_overdue(order._overdue_sentence(order.overdue_reason))

    def _call_overdue(self, note):
        summary = self.env._("TBC Bank: a transfer stands still")
        self._call_preparer(summary, note, OVERDUE)

    def _name_overdue(self):
        """One list of a batch's orders that stand still."""
        named = self[:MOST_NAMED]
        lines = named._name_list(
            {order: order._overdue_sentence(order.overdue_reason) for order in named}
        )
        return f"{lines}\n…" if self - named else lines

    def _find_overdue_reason(self):
        """Why this order is overdue, or ``None``: it is not."""
        limit = utc_now() - timedelta(days=self.integration_id.overdue_days)
        if self.state == "queued":
            since = self.initiated_at
            if self.send_on:
                # It waits for its day; the bank has that long from then on.
                late = georgian_day(limit) >= self.send_on
                return "not_sent" if since and late else None
            return "not_sent" if since and since <= limit else None
        if self.state == "done" and not self.is_matched and self.state_at <= limit:
            return "candidate" if self._open_candidates() else "no_movement"
        if self.state not in WITH_A_WORD or self.is_matched:
            return None
        is_old_word = (self.bank_status_at or self.state_at) <= limit
        if self.bank_status and not order_state(self.bank_status) and is_old_word:
            return "candidate" if self._open_candidates() else "word"
        if self.state in AT_WORK and self.state_at <= limit:
            return "candidate" if self._open_candidates() else "stuck"
        return None

    def _overdue_sentence(self, reason):
        """Say what is overdue since when, and what to do."""
        words = {
            "day": format_date(self.env, georgian_day(self.state_at)),
            "status": self.bank_status or "–",
        }
        if reason == "not_sent":
            return self.env._(
                "Initiated, and not sent to the bank for days. See what keeps it, or take"
                " it out of the queue."
            )
        if reason == "stuck":
            return self.env._(
                "The bank has this transfer since %(day)s, and has not executed it. It"
                " says: %(status)s. Look for it in TBC's internet bank, or ask the bank.",
                **words,
            )
        if reason == "word":
            return self.env._(
                "For days the bank has said “%(status)s” of this transfer, which is"
                " unknown here: nothing follows from it. Look for it in TBC's internet"
                " bank.",
                **words,
            )
        if reason == "candidate":
            return self.env._(
                "No transaction has come with the ID of this transfer, but one fits. Open"
                " the transfer, compare, and press Match with This Transaction."
            )
        return self.env._(
            "The bank says since %(day)s that it has executed this transfer, and no"
            " transaction of it has come with the statement. Look for it in TBC's"
            " internet bank, and whether the account is read.",
            **words,
        )
