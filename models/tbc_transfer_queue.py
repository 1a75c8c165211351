import hashlib
from dataclasses import astuple

from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_amount

from .. import messages
from ..services.clock import bank_today, utc_now
from ..services.connecting import check_may_initiate
from ..services.identity import confirms_identity, in_person
from ..services.locks import lock
from ..services.notices import notice
from ..tbc import check_order
from .bill_claims import bills_fault, settled_by
from .guard import at_least_one
from .tbc_initiation import seal_initiation


class TbcTransfer(models.Model):
    _inherit = "tbc.transfer"

    # === QUEUE === #

    def _queue(self):
        """Put prepared orders into the queue, as the present user (sudo)."""
        self.write(
            {
                "state": "queued",
                "queued_by_id": self.env.uid,
                "queued_at": utc_now(),
                "initiated_by_id": False,
                "initiated_at": False,
                "initiation_seal": False,
                "problem": False,
                "is_missing_at_bank": False,
            }
        )
        for order in self:
            order.settled = settled_by(order.payment_id)
        self.account_id._call_initiator()
        self._tell(self.env._("Queued by %(user)s.", user=self.env.user.name))

    def action_withdraw(self):
        """Take orders out of the queue, as long as none of them is being sent.

        What was sent once without an answer goes back to being unknown: only the bank
        can tell that it was not accepted.
        """
        orders_sudo = self._lock_to_change()
        gone = orders_sudo.filtered(lambda order: order.state != "queued")
        if gone:
            raise UserError(
                self.env._(
                    "Not in the queue any more, so it can't be taken out:\n%(orders)s",
                    orders="\n".join(gone.mapped("display_name")),
                )
            )
        doubtful = orders_sudo.filtered("was_doubtful")
        if doubtful.batch_id._others(orders_sudo):
            raise UserError(
                self.env._("A batch that may be at the bank is taken out as a whole.")
            )
        orders_sudo._withdraw(
            self.env._("Taken out of the queue by %(user)s.", user=self.env.user.name)
        )

    def _withdraw(self, sentence):
        """Take queued orders out of the queue, and tell why (sudo)."""
        batches, doubtful = self.batch_id, self.filtered("was_doubtful")
        self.write(
            {"initiated_by_id": False, "initiated_at": False, "initiation_seal": False}
        )
        doubtful.write({"state": "unknown", "next_question_at": utc_now()})
        (self - doubtful).write({"state": "draft", "batch_id": False})
        self.account_id._call_initiator()
        (batches.filtered(lambda batch: not batch.order_ids)).unlink()
        self._tell(sentence)

    def action_queue_again(self):
        """Queue what the bank did not know when it was asked, with the same ID.

        Should the bank have it after all, it refuses the ID, and is asked again.
        """
        orders_sudo = self._lock_to_change()
        for order_sudo in orders_sudo:
            if order_sudo._was_sent_by_other_client():
                raise UserError(order_sudo._other_client_sentence())
            if order_sudo.batch_id.bank_batch_id:
                raise UserError(
                    self.env._(
                        "%(order)s can't be queued again: the bank has its batch. Look"
                        " for it in TBC's internet bank.",
                        order=order_sudo.display_name,
                    )
                )
            if order_sudo.state != "unknown" or not order_sudo.is_missing_at_bank:
                raise UserError(
                    self.env._(
                        "%(order)s can't be queued again: the bank has not said that"
                        " it does not know it. Ask the bank first.",
                        order=order_sudo.display_name,
                    )
                )
        if orders_sudo.batch_id._others(orders_sudo):
            raise UserError(
                self.env._("A batch is queued again as a whole: do it on the batch.")
            )
        orders_sudo._queue()

    def _was_sent_by_other_client(self):
        """Whether only another client of the bank can know what became of it."""
        used = self.integration_id.credential_ids.fingerprint
        return self.was_doubtful and self.sent_with != used

    def _other_client_sentence(self):
        return self.env._(
            "This order was sent with another client ID than the one of today, so the"
            " bank can't be asked for it. Look for it in TBC's internet bank, and enter"
            " the former client ID and secret to have it followed."
        )

    def _lock_to_change(self):
        """Return these orders (sudo), locked and fresh, for who may change them."""
        at_least_one(self)
        self._check_may_follow()
        orders_sudo = self.sudo()
        lock(orders_sudo)
        return orders_sudo

    # === INITIATE === #

    @confirms_identity
    def action_initiate(self):
        """Let these queued orders go to the bank, as the integration user.

        Nothing is sent here: the scheduled action does it, while the same person is
        still the integration user.
        """
        return self._initiate()

    def _initiate(self, decision=None):
        """Mark the queued ones of these orders as initiated by the present user.

        :param decision: of payments of another day, ``NOW`` or ``ON_THE_DAY``
        :raise AccessError: somebody else asks. :raise UserError: an order may not go;
            none of them goes then.
        """
        self.check_access("read")
        if not in_person(self.env.user):
            raise AccessError(
                self.env._(
                    "Transfers are initiated by the integration user in person, after"
                    " an identity check."
                )
            )
        for integration_sudo in self.sudo().integration_id:
            check_may_initiate(integration_sudo, self.env.user)
        orders_sudo = self.sudo()
        orders_sudo.flush_recordset()
        # Whoever clicks second finds nothing left to initiate.
        locked_sudo = orders_sudo.try_lock_for_update(allow_referencing=True)
        locked_sudo.invalidate_recordset()
        waiting_sudo = locked_sudo.filtered(lambda order: order._waits_for_initiation())
        if not waiting_sudo:
            raise UserError(
                self.env._("None of these transfers waits to be initiated.")
            )
        waiting_sudo._check_batches_whole()
        waiting_sudo._check_obstacles()
        days = waiting_sudo._days_to_wait_for(decision)
        waiting_sudo.write(
            {
                "initiated_by_id": self.env.uid,
                "initiated_at": utc_now(),
                "problem": False,
            }
        )
        for order_sudo, day in days.items():
            order_sudo.send_on = day
        for order_sudo in waiting_sudo:
            order_sudo.initiation_seal = seal_initiation(order_sudo)
        waiting_sudo._tell(
            self.env._("Initiated by %(user)s.", user=self.env.user.name)
        )
        waiting_sudo.account_id._call_initiator()
        self.env.ref("account_tbc_bank.ir_cron_submit").sudo()._trigger()
        return notice(waiting_sudo.env, waiting_sudo._going_sentence())

    def _waits_for_initiation(self):
        return self.state == "queued" and not self.initiated_at

    def _check_batches_whole(self):
        """A batch is one request, so it goes whole or not at all."""
        for batch in self.batch_id:
            if batch._others(self):
                raise UserError(
                    self.env._(
                        "%(batch)s goes as a whole: initiate it on the batch.",
                        batch=batch.display_name,
                    )
                )

    def _check_obstacles(self):
        """Raise one list of everything that keeps these orders from going."""
        found = {order: order._obstacle() for order in self}
        found |= {
            order: sentence
            for order in self
            if (sentence := order._second_person_sentence(self.env.user))
        }
        found = {order: sentence for order, sentence in found.items() if sentence}
        if found:
            raise UserError(
                self.env._(
                    "Nothing was initiated. Mend this, or take it out of the"
                    " selection:\n%(faults)s",
                    faults=self._name_list(found),
                )
            )

    def _obstacle(self):
        """Return what forbids that this queued order goes now, as a sentence (sudo)."""
        payment, recipient = self.payment_id, self.payment_id.partner_bank_id
        is_posted = payment.move_id.state == "posted"
        if not self.account_id.active:
            return self.env._(
                "The TBC account that it leaves is archived, so nobody would read its"
                " statement."
            )
        if self._turned_up_for(payment):
            return self.env._(
                "An earlier transfer of the same bill, which was closed, has turned up at"
                " the bank. Settle that first."
            )
        if payment.state != "in_process" or payment.is_matched or not is_posted:
            return self.env._("The payment is no longer one that waits for the bank.")
        if fault := bills_fault(payment, self.settled):
            return fault
        if payment.currency_id != self.currency_id or self.currency_id.compare_amounts(
            payment.amount, self.amount
        ):
            return self.env._(
                "The payment was changed after it was queued. Take it out of the queue"
                " and queue it again."
            )
        if not recipient.allow_out_payment or not recipient.active:
            return self.env._(
                "The recipient account %(account)s is not trusted any more: check it"
                " and trust it, then initiate again.",
                account=recipient.acc_number,
            )
        if recipient.sanitized_acc_number != (
            self.treasury_code or self.credit_account
        ):
            return self.env._(
                "The recipient account was changed after the payment was queued. Take"
                " it out of the queue and queue it again."
            )
        if names := self._changed_names():
            return self.env._(
                "This was changed after the payment was queued: %(fields)s. Take it out"
                " of the queue and queue it again.",
                fields=names,
            )
        faults = [
            fault for fault in check_order(self._to_bank()) if not fault.is_warning
        ]
        if faults:
            return messages.fault_message(self.env, faults[0], self)
        return None

    def _second_person_sentence(self, user):
        """Return why ``user`` may not initiate what the same person queued."""
        integration = self.integration_id
        limit = integration.second_person_above
        if not limit or self.queued_by_id != user:
            return None
        amount = self._company_amount()
        if amount is not None and amount <= limit:
            return None
        return self.env._(
            "Above %(limit)s, whoever queued a payment may not initiate it: let"
            " somebody else queue it.",
            limit=format_amount(self.env, limit, integration.company_currency_id),
        )

    def _company_amount(self):
        """The amount at today's rate; ``None`` where Odoo has no rate to tell it by."""
        company = self.company_id
        today = bank_today()
        if self.currency_id != company.currency_id and not self.env[
            "res.currency.rate"
        ].search_count(
            [
                ("currency_id", "=", self.currency_id.id),
                ("company_id", "in", (False, company.root_id.id)),
                ("name", "<=", today),
            ],
            limit=1,
        ):
            return None
        return self.currency_id._convert(
            self.amount, company.currency_id, company, today
        )

    # === TOTALS === #

    def _totals_sentence(self):
        """ "3 transfers, 1,200.00 GEL, 50.00 USD": count and total per currency."""
        totals = [
            format_amount(self.env, total, currency)
            for currency, total in self._totals().items()
        ]
        count = self.env._("%(count)s transfers", count=len(self))
        if len(self) == 1:
            count = self.env._("1 transfer")
        return ", ".join([count, *totals])

    def _digest(self):
        """A fingerprint of what the bank would be told of these orders."""
        told = [
            (*astuple(order._to_bank(position=1)), order.payment_id.date)
            for order in self.sudo()
        ]
        return hashlib.sha256(repr(sorted(map(str, told))).encode()).hexdigest()

    def _totals(self):
        """Return ``{currency: total}`` of these orders."""
        grouped = self.grouped("currency_id")
        return {
            currency: currency.round(sum(orders.mapped("amount")))
            for currency, orders in grouped.items()
        }

    def action_review(self):
        """Open the dialog that shows what is about to be initiated."""
        orders = self.filtered(lambda order: order._waits_for_initiation())
        if not orders:
            raise UserError(
                self.env._("None of these transfers waits to be initiated.")
            )
        for integration_sudo in orders.sudo().integration_id:
            check_may_initiate(integration_sudo, self.env.user)
        review = self.env["tbc.transfer.initiate"].create(
            {"order_ids": [fields.Command.set(orders.ids)]}
        )
        review.sudo().shown = orders._digest()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Initiate Transfers"),
            "res_model": review._name,
            "res_id": review.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
        }
