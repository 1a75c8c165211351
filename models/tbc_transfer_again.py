"""Whether a closed order is closed at the bank, too, before its payment is made again.

What the bank refused, failed or cancelled is looked for by our own IDs, whatever it said
then: of two orders for one payment, both may be executed.
"""

import logging
from datetime import timedelta

from odoo import SUPERUSER_ID, api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .. import messages
from ..services.clock import utc_now
from ..services.connecting import open_client
from ..tbc import TbcError, is_error, order_state
from .bill_claims import are_bills_open
from .tbc_transfer import CLOSED

_logger = logging.getLogger(__name__)

# When the bank is asked again for a closed order that it did not answer for.
NEXT_LOOK = timedelta(hours=1)
# In place of the bank's word, where it has none.
SILENT = "–"


class TbcTransfer(models.Model):
    _inherit = "tbc.transfer"

    # === BEFORE IT IS PAID AGAIN === #

    def _check_still_closed(self):
        """Ask by our own IDs for those of these orders that are closed (sudo).

        :raise UserError: the bank has one of them after all, or can't be asked.
        """
        for order in self:
            # The time of sending is taken away where the bank refused the request, or
            # surely did not get it.
            if order.state in CLOSED and (order.sent_at or order.sent_with):
                order._check_not_alive()

    def _check_not_alive(self):
        if self._is_of_other_client():
            if not self.sent_at:
                return
            raise UserError(self._other_client_sentence())
        try:
            with open_client(self.integration_id) as client:
                word = self._word_if_alive(client)
        except TbcError as error:
            raise UserError(
                self.env._(
                    "%(reason)s Until the bank has answered for the first transfer, it"
                    " is not paid again.",
                    reason=messages.question_message(self.env, error),
                )
            ) from error
        if word is None:
            return
        self._look_again_soon()
        raise UserError(
            self.env._(
                "The bank says of the first transfer now: %(status)s. It may have been"
                " made after all, so it is not paid again.",
                status=word,
            )
        )

    def _is_of_other_client(self):
        """Whether today's client of the bank would not know it (sudo)."""
        return self.sent_with != self.integration_id.credential_ids.fingerprint

    def _word_if_alive(self, client):
        """What the bank says of this closed order, if it may still be executed.

        ``None``: the bank surely does not have it, or calls it closed too. ``SILENT``:
        the bank has its batch or its ID, and does not say what became of it.
        """
        word = self._word_in_batch(client)
        if word not in (None, SILENT):
            return None if self._is_end(word) else word
        found = client.find_single(self.external_id)
        for transfer_id in {found, self.bank_transfer_id} - {None, False}:
            told = self._told_alone(client, transfer_id)
            if told and told.word and not self._is_end(told.word):
                return told.word
            # Under an ID that it has forgotten, there is nothing left to execute.
            if (told and not told.word) or (not told and transfer_id == found):
                return SILENT
            word = None
        return word

    def _word_in_batch(self, client):
        """The bank's word in the list of its batch.

        ``None``: there is no batch, or it lists other orders only, each in its place.
        """
        batch = self.batch_id
        batch_id = batch and (
            client.find_batch(batch.external_id) or batch.bank_batch_id
        )
        if not batch_id:
            return None
        status = client.batch_status(batch_id)
        told = status.of(
            transfer_id=self.bank_transfer_id or None, position=self.position
        )
        places = [order.position for order in status.orders]
        is_left_out = status.is_clear and self.position not in places
        return told.word or (None if is_left_out else SILENT)

    def _is_end(self, word):
        """Whether the bank's word is an end, or a person took it for one."""
        if is_error(word):
            return bool(self.closed_by_id)
        return order_state(word) in ("failed", "cancelled")

    # === FOUND AFTER ALL === #

    def _look_again_soon(self):
        """Have the schedule look at this closed order, whatever is rolled back here.

        A cursor of its own, because whoever is told why a payment can't be made again
        is told by an exception.
        """
        with self.env.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            order = env[self._name].browse(self.id).exists()
            order = order.try_lock_for_update(allow_referencing=True)
            if order:
                order.next_question_at = utc_now()
                env.ref("account_tbc_bank.ir_cron_refresh_status")._trigger()

    @api.model
    def _due_second_looks(self):
        """Return the closed orders that the bank may have after all."""
        now = utc_now()
        integrations = self.env["tbc.integration"].search(
            Domain("state", "=", "connected")
            & (Domain("not_before", "=", False) | Domain("not_before", "<=", now))
        )
        return self.search(
            Domain("state", "in", CLOSED)
            & Domain("next_question_at", "<=", now)
            & Domain("integration_id", "in", integrations.ids),
            order="next_question_at, id",
        )

    def _postpone_look(self):
        order = self.try_lock_for_update(allow_referencing=True)
        order.next_question_at = utc_now() + NEXT_LOOK
        self.env.flush_all()

    def _look_again(self):
        """Ask for one closed order, and follow it again if the bank has it."""
        order = self.try_lock_for_update(allow_referencing=True)
        order.invalidate_recordset()
        if not order or order.state not in CLOSED:
            return
        order = order._for_integration_user()
        word = None
        if not order._is_of_other_client():
            try:
                with open_client(order.integration_id) as client:
                    word = order._word_if_alive(client)
            except (TbcError, UserError) as error:
                # It is looked at again in an hour.
                _logger.info("TBC: no second look at order %s: %s", order.id, error)
                return
        order.next_question_at = False
        # Of an order that it has called closed, the bank's silence changes nothing.
        if word and (word != SILENT or order.state == "refused"):
            order._reopen(word)
        self.env.flush_all()

    def _reopen(self, word):
        """The bank has this closed order: follow it, and let its payment wait for it."""
        payment = self.payment_id
        is_free = not payment.tbc_transfer_ids.filtered(lambda o: o.state not in CLOSED)
        is_waiting = is_free and payment._tbc_wait_again()
        sentence = self.env._(
            "The bank has this transfer after all, and says: %(status)s. It is followed"
            " again.",
            status=word,
        )
        if not is_waiting:
            sentence = self.env._(
                "%(sentence)s Its payment does not wait for it any more: look at its"
                " bill, it may be paid twice.",
                sentence=sentence,
            )
        if is_free:
            self.write(
                {
                    "state": "unknown",
                    "was_doubtful": True,
                    "is_missing_at_bank": False,
                    "takes_back_payment": False,
                    "bank_reason_en": False,
                    "bank_reason_ge": False,
                    "closed_by_id": False,
                    "given_up_by_id": False,
                    "look_at": False,
                    "next_question_at": utc_now(),
                }
            )
        self.problem = sentence
        self._tell(sentence)
        self._call_preparer(
            self.env._("TBC Bank: a transfer was made after all"), sentence
        )


class AccountPayment(models.Model):
    _inherit = "account.payment"

    def _tbc_wait_again(self):
        """Post a rejected payment again, because the bank has its order (sudo).

        :return: whether it waits for the bank, with its bills if it has any.
        """
        if self.state == "in_process":
            return True
        again = self._tbc_last_paid_again()
        is_replaced = again and again.state not in ("canceled", "rejected")
        # A reversed entry stays: in a locked period, nothing is posted again.
        if self.state != "rejected" or self.move_id.state != "cancel" or is_replaced:
            return False
        bills = self.invoice_ids
        if self._tbc_has_unposted_bills() or (bills and not are_bills_open(self)):
            return False
        try:
            with self.env.cr.savepoint():
                self.action_draft()
                self.action_post()
                self._tbc_reconcile_with(bills)
        except UserError:
            self.invalidate_recordset()
            return False
        return True

    def _tbc_reconcile_with(self, bills):
        """Match this posted payment with its bills."""
        lines = (self.move_id + bills).line_ids.filtered(
            lambda line: (
                line.account_id == self.destination_account_id
                and not line.reconciled
                and line.parent_state == "posted"
            )
        )
        lines.reconcile()
        bills.matched_payment_ids += self
