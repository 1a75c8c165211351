"""Orders in doubt that the bank never had: a person closes them, and they are watched.

Nobody is sure of what was sent without an answer. So an order is closed only after the
bank was asked on two days and did not know it, and it is asked on: should it have the
order after all, people are told, because its bill may be paid otherwise by then.
"""

import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import format_date

from .. import messages
from ..services.calls import TURNED_UP, call, end_calls
from ..services.chatter import write_note
from ..services.clock import georgian_day, utc_now
from ..services.connecting import check_may_send, open_client
from ..services.identity import confirms_identity, in_person
from ..services.locks import lock
from ..services.notices import notice
from ..tbc import TbcError, order_state

_logger = logging.getLogger(__name__)

# How long, and how often, the bank is asked for what a person has closed.
WATCHED_FOR = timedelta(days=90)
LOOK_EVERY = timedelta(days=1)
# In place of the bank's word, where it has none.
SILENT = "–"


class TbcTransfer(models.Model):
    _inherit = "tbc.transfer"

    missed_on = fields.Date(
        readonly=True,
        copy=False,
        help="The first day on which the bank did not know it since it was sent.",
    )
    missed_at = fields.Datetime(
        readonly=True, copy=False, help="When the bank last did not know it."
    )
    may_be_closed = fields.Boolean(compute="_compute_may_be_closed")
    given_up_by_id = fields.Many2one(
        "res.users", string="Closed By", readonly=True, copy=False
    )
    given_up_at = fields.Datetime(string="Closed On", readonly=True, copy=False)
    look_at = fields.Datetime(
        string="Looked for Again", readonly=True, copy=False, index="btree_not_null"
    )
    turned_up_at = fields.Datetime(
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="When the bank had it after all.",
    )
    look_alike_id = fields.Many2one(
        "account.bank.statement.line",
        readonly=True,
        copy=False,
        ondelete="set null",
        help="A transaction that may be this transfer, which was closed.",
    )

    @api.depends("state", "is_missing_at_bank", "missed_on", "missed_at")
    def _compute_may_be_closed(self):
        for order in self:
            order.may_be_closed = order._was_missed_on_two_days()

    # === LOW-LEVEL METHODS === #

    def write(self, vals):
        result = super().write(vals)
        if vals.get("is_missing_at_bank"):
            self._count_missing_day()
        elif vals.get("was_doubtful"):
            # It was sent once more: what was asked before says nothing of that.
            self.write({"missed_on": False, "missed_at": False})
        return result

    def _count_missing_day(self):
        now = utc_now()
        for order in self:
            order.write(
                {"missed_on": order.missed_on or georgian_day(now), "missed_at": now}
            )

    # === CLOSING === #

    @confirms_identity
    def action_close(self):
        """Close what the bank did not know on two days, as the integration user.

        The bank is asked once more: what it has is followed and not closed.
        """
        return self._close()

    def _close(self):
        if not self:
            raise UserError(self.env._("None of these transfers can be closed."))
        self._check_may_close()
        orders_sudo = self.sudo()
        lock(orders_sudo | orders_sudo.batch_id.order_ids)
        for order_sudo in orders_sudo:
            if sentence := order_sudo._closing_obstacle():
                raise UserError(sentence)
        asked_at = utc_now()
        for question_sudo in orders_sudo._by_question():
            question_sudo._ask_before_closing()
        closing_sudo = orders_sudo.filtered(
            lambda o: o._was_missed_on_two_days() and o.missed_at >= asked_at
        )
        closing_sudo._give_up(self.env.user)
        self.invalidate_recordset()
        return notice(
            self.env,
            "\n".join(order._state_sentence() for order in self[:20]),
            kind="success" if closing_sudo == orders_sudo else "warning",
        )

    def _check_may_close(self):
        """:raise AccessError: this is not the integration user, in person."""
        self.check_access("read")
        for integration_sudo in self.sudo().integration_id:
            user = integration_sudo.user_id
            if user != self.env.user or not in_person(user):
                raise AccessError(
                    self.env._(
                        "Only %(user)s, the integration user, in person and after an"
                        " identity check, may close a transfer of which nobody knows"
                        " the outcome.",
                        user=user.name,
                    )
                )
            check_may_send(integration_sudo)

    def _closing_obstacle(self):
        """Return why this order can't be closed now, as a sentence, or ``None``."""
        if self.state == "unknown" and self._was_sent_by_other_client():
            return self._other_client_sentence()
        if self.state != "unknown" or not self.is_missing_at_bank:
            return self.env._(
                "%(order)s can't be closed: the bank has not said that it does not know"
                " it. Ask the bank first.",
                order=self.display_name,
            )
        if not self._was_missed_on_two_days():
            return self.env._(
                "%(order)s can't be closed yet: the bank did not know it on %(day)s,"
                " and may be late. Ask the bank on another day, too.",
                order=self.display_name,
                day=format_date(self.env, self.missed_on) or "–",
            )
        if self.is_matched or self._candidates():
            return self.env._(
                "%(order)s can't be closed: its payment is matched with a bank line, or a"
                " transaction of the statement fits it. Look at the transactions that fit"
                " on the transfer.",
                order=self.display_name,
            )
        return None

    def _was_missed_on_two_days(self):
        return bool(
            self.state == "unknown"
            and self.is_missing_at_bank
            and self.missed_on
            and georgian_day(self.missed_at) > self.missed_on
        )

    def _ask_before_closing(self):
        """Ask once more, and take what the bank says (sudo).

        :raise UserError: the bank can't be asked, so nothing is closed.
        """
        orders = self._for_integration_user()
        try:
            with open_client(orders.integration_id) as client:
                orders._look_up(client)
                orders._take_status(client)
        except TbcError as error:
            raise UserError(messages.question_message(self.env, error)) from error

    def _give_up(self, user):
        """Close these orders, which the bank does not have (sudo)."""
        if not self:
            return
        now = utc_now()
        self.write(
            {
                "state": "cancelled",
                "given_up_by_id": user.id,
                "given_up_at": now,
                "look_at": now + LOOK_EVERY,
                "turned_up_at": False,
                "next_question_at": False,
                "problem": False,
            }
        )
        for order in self:
            sentence = order._giving_up_sentence()
            order._tell(sentence)
            order._tell_bills(sentence)
        self.takes_back_payment = True
        self._take_back_payments_soon()

    def _giving_up_sentence(self):
        return self.env._(
            "Closed by %(user)s on %(day)s: TBC Bank was asked on several days since"
            " %(first)s and did not know this transfer. Should it turn up there, people"
            " are told.",
            user=self.given_up_by_id.name,
            day=format_date(self.env, georgian_day(self.given_up_at)),
            first=format_date(self.env, self.missed_on),
        )

    def _tell_bills(self, sentence):
        """Write a note into the chatter of the bills that it was to pay (sudo)."""
        payment = self.payment_id
        bills = payment.invoice_ids | payment.reconciled_bill_ids
        write_note(bills, sentence)

    # === WATCHED === #

    @api.model
    def _due_looks(self):
        """Return the closed orders for which the bank is asked again now."""
        now = utc_now()
        integrations = self.env["tbc.integration"].search(
            Domain("state", "=", "connected")
            & (Domain("not_before", "=", False) | Domain("not_before", "<=", now))
        )
        return self.search(
            Domain("look_at", "<=", now)
            & Domain("integration_id", "in", integrations.ids),
            order="look_at, id",
        )

    def _look_for_closed(self):
        """Ask once for this closed order; whatever happens, the next day again."""
        order = self.try_lock_for_update(allow_referencing=True)
        order.invalidate_recordset()
        if not order or not order.given_up_by_id or not order.look_at:
            return
        order = order._for_integration_user()
        is_over = utc_now() > order.given_up_at + WATCHED_FOR
        order.look_at = False if is_over else utc_now() + LOOK_EVERY
        if order.state == "cancelled" and not order._was_sent_by_other_client():
            try:
                with open_client(order.integration_id) as client:
                    word = order._word_at_bank(client)
            except (TbcError, UserError) as error:
                _logger.info("TBC: no look for closed order %s: %s", order.id, error)
            else:
                order._take_word_after_closing(word)
        self.env.flush_all()

    def _word_at_bank(self, client):
        """The bank's word for this closed order, ``SILENT``, or ``None``: not there."""
        if self.batch_id:
            return self._word_in_closed_batch(client)
        found = client.find_single(self.external_id)
        if not found:
            return None
        self.bank_transfer_id = found
        return client.single_status(found).of(transfer_id=found).word or SILENT

    def _word_in_closed_batch(self, client):
        """The batch may have come without this order: then it is not there."""
        batch_id = client.find_batch(self.batch_id.external_id)
        if not batch_id:
            return None
        listed = client.batch_status(batch_id).orders
        own = [
            one
            for one in listed
            if one.position == self.position
            or (one.transfer_id and one.transfer_id == self.bank_transfer_id)
        ]
        if own:
            self.bank_transfer_id = own[0].transfer_id or self.bank_transfer_id
            return own[0].word or SILENT
        has_places = any(one.position for one in listed)
        is_more = len(listed) > len(self.batch_id._others(self.browse()))
        return SILENT if is_more and not has_places else None

    def _take_word_after_closing(self, word):
        """Tell what the bank says of an order that somebody has closed."""
        if word is None or word == self.bank_status:
            return
        self.bank_status = word
        if order_state(word) in ("failed", "cancelled"):
            # It was there, and is not executed: nothing is lost.
            self.write({"look_at": False, "problem": False})
            self._tell(self.env._("The bank says: %(status)s.", status=word))
            end_calls(self, self.payment_id)
            return
        if not self.turned_up_at:
            self.turned_up_at = utc_now()
        self._alarm(self._turned_up_sentence())

    def _turned_up_sentence(self):
        words = {"user": self.given_up_by_id.name, "status": self.bank_status}
        if order_state(self.bank_status) == "done":
            return self.env._(
                "TBC Bank has executed this transfer, which %(user)s closed because the"
                " bank did not know it. Look at its bill: it may be paid twice.",
                **words,
            )
        return self.env._(
            "TBC Bank has this transfer after all, which %(user)s closed because the bank"
            " did not know it. It says: %(status)s. The payment was rejected meanwhile:"
            " if its bill is paid otherwise, reject the transfer in TBC's internet bank;"
            " if not, pay nothing else for it.",
            **words,
        )

    def _alarm(self, sentence):
        """Tell whoever queued it, the integration user, and the bills' readers."""
        self.problem = sentence
        self._tell(sentence)
        write_note(self.payment_id, sentence)
        self._tell_bills(sentence)
        summary = self.env._("TBC Bank: a closed transfer has turned up")
        self._call_preparer(summary, sentence, TURNED_UP)
        user = self.integration_id.user_id
        if user != self.queued_by_id:
            call(self.sudo(), user, reason=TURNED_UP, summary=summary, note=sentence)

    @api.model
    def _watch_movements(self):
        """Look whether one of the statement's movements may be a closed order."""
        closed = self.search(
            [
                ("given_up_at", ">", utc_now() - WATCHED_FOR),
                ("state", "=", "cancelled"),
                ("turned_up_at", "=", False),
            ]
        ).try_lock_for_update(allow_referencing=True)
        for order in closed:
            order._for_integration_user()._watch_movement()
        self.env.flush_all()

    def _watch_movement(self):
        found = self._candidates()
        if not found or self.look_alike_id in found:
            return
        self.look_alike_id = found[0]
        self._alarm(
            self.env._(
                "On %(day)s the bank booked a transaction of the same amount to the same"
                " recipient, which no other transfer has made: it may be this one, which"
                " %(user)s closed. Look at it before the bill is paid otherwise, or was"
                " paid twice.",
                day=format_date(self.env, found[0].date),
                user=self.given_up_by_id.name,
            )
        )

    def _has_turned_up(self):
        """Whether the bank has what was closed, or may have, and nobody settled it."""
        look_alike = self.look_alike_id
        if look_alike and not look_alike.is_reconciled:
            return True
        if not self.turned_up_at or self.is_matched:
            return False
        lines = self._movements()
        is_settled = lines and all(lines.mapped("is_reconciled"))
        is_ended = order_state(self.bank_status) in ("failed", "cancelled")
        return not is_settled and not is_ended

    def _turned_up_for(self, payment):
        """The closed orders that turned up, and were to pay what ``payment`` pays."""
        found = self.search(
            [("turned_up_at", "!=", False), ("state", "=", "cancelled")]
        )
        return found.filtered(
            lambda order: (
                order.payment_id != payment
                and order._has_turned_up()
                and (
                    order.payment_id._tbc_last_paid_again() == payment
                    or order.payment_id.invoice_ids & payment.invoice_ids
                )
            )
        )


class TbcTransferBatch(models.Model):
    _inherit = "tbc.transfer.batch"

    may_be_closed = fields.Boolean(compute="_compute_may_be_closed")

    @api.depends("order_ids.may_be_closed")
    def _compute_may_be_closed(self):
        for batch in self:
            batch.may_be_closed = any(batch.order_ids.mapped("may_be_closed"))

    @confirms_identity
    def action_close(self):
        """Close those of the batch's orders that the bank did not know on two days."""
        return self.order_ids.filtered("may_be_closed")._close()
