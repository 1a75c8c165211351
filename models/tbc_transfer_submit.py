import logging
from datetime import timedelta
from functools import partial

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, split_every

from .. import messages
from ..services.clock import bank_today, utc_now
from ..services.connecting import (
    LONGEST_WAIT,
    check_may_send,
    open_client,
    record_refusal,
)
from ..services.locks import retry_on_conflict
from ..services.refusals import may_speak_of_one
from ..services.unexpected import guarded
from ..tbc import (
    BANK,
    MOST_SINGLE_ORDERS,
    TbcAuthRefused,
    TbcBusy,
    TbcDuplicate,
    TbcNoAnswer,
    TbcRefused,
    TbcUnreachable,
    TbcUnreadable,
    TransferBatch,
)
from .tbc_initiation import is_initiated

_logger = logging.getLogger(__name__)

# A worker that sends holds its orders locked. This is for the moment between its commit
# and its lock.
SENDING_GRACE = timedelta(minutes=2)
# After these nobody knows whether the bank took the orders: it must be asked.
IN_DOUBT = (TbcDuplicate, TbcNoAnswer, TbcUnreadable)
# How long to leave a bank alone that can't be reached, or that is busy for a time it
# does not tell.
AWAY = timedelta(minutes=5)


class TbcTransfer(models.Model):
    _inherit = "tbc.transfer"

    # === SENDING === #

    @api.model
    def _cron_submit(self):
        """Send what was initiated: each request once, one commit before and one after.

        The commit before it says ``sending``. Whatever happens then, nobody sends these
        orders again before the bank was asked for them by their IDs.
        """
        ir_cron = self.env["ir.cron"]
        retry_on_conflict(self.env, self._doubt_abandoned)
        requests = retry_on_conflict(self.env, self._due_requests)
        ir_cron._commit_progress(remaining=len(requests))
        for orders in requests:
            # What was being sent stays ``sending``: the bank is asked for it.
            if not guarded(self.env, orders._take_and_send, orders._note_unexpected):
                break

    def _take_and_send(self):
        """Send one request; return the seconds left."""
        ir_cron = self.env["ir.cron"]
        taken = retry_on_conflict(self.env, self._take)
        seconds_left = ir_cron._commit_progress(1)
        if taken:
            taken._send_taken()
            seconds_left = ir_cron._commit_progress()
        return seconds_left

    def _note_unexpected(self, sentence):
        """Tell what nobody thought of on these orders; the others have their turn."""
        self.exists().problem = sentence
        return True

    @api.model
    def _doubt_abandoned(self):
        """What a dead worker left being sent is unknown: it may be at the bank."""
        abandoned = self.search(
            [
                ("state", "=", "sending"),
                ("sent_at", "<", utc_now() - SENDING_GRACE),
            ]
        ).try_lock_for_update(allow_referencing=True)
        for orders in abandoned.grouped("integration_id").values():
            orders = orders._for_integration_user()
            orders._doubt(
                self.env._(
                    "The server stopped while this was being sent, so nobody knows"
                    " whether the bank has it. The bank is asked."
                )
            )

    @api.model
    def _due_requests(self):
        """Return recordsets, each of which goes to the bank in one request."""
        due = self.search(self._due_to_send(), order="initiated_at, id")
        batches = due.batch_id
        requests = [
            due.filtered(lambda o, b=batch: o.batch_id == b) for batch in batches
        ]
        singles = due.filtered(lambda order: not order.batch_id)
        for orders in singles.grouped("integration_id").values():
            # One that may be at the bank would have the others refused with it.
            alone = orders.filtered(lambda o: o.goes_alone or o.was_doubtful)
            requests += list(alone)
            requests += [
                self.browse(ids)
                for ids in split_every(MOST_SINGLE_ORDERS, (orders - alone).ids)
            ]
        return requests

    @api.model
    def _due_to_send(self):
        now, today = utc_now(), bank_today()
        return (
            Domain([("state", "=", "queued"), ("initiated_at", "!=", False)])
            & (Domain("send_on", "=", False) | Domain("send_on", "<=", today))
            & (
                Domain("integration_id.not_before", "=", False)
                | Domain("integration_id.not_before", "<=", now)
            )
        )

    def _take(self):
        """Mark as ``sending`` those of these orders that may go now; return them.

        Locked by another worker, or taken by it meanwhile: left to it. What may not go
        any more loses its initiation, and says why.
        """
        orders = self.try_lock_for_update(allow_referencing=True)
        orders.invalidate_recordset()
        orders = orders.filtered_domain(self._due_to_send())
        if self.batch_id and orders != self:
            return self.browse()
        if orders.filtered("was_doubtful") and orders.batch_id._others(orders):
            orders._lapse(
                dict.fromkeys(
                    orders,
                    self.env._(
                        "A batch that may be at the bank goes again as a whole only."
                    ),
                )
            )
            return self.browse()
        orders = orders._for_integration_user()._drop_obstructed()
        if not orders._have_places_at_the_bank():
            for position, order in enumerate(orders, 1):
                order.position = position
        orders.write(
            {
                "state": "sending",
                "sent_at": utc_now(),
                "sent_with": orders.integration_id.credential_ids.fingerprint,
                "problem": False,
            }
        )
        self.env.flush_all()
        return orders

    def _have_places_at_the_bank(self):
        """Whether the bank may have this batch from before, and knows its orders by
        their positions then: each keeps its own, also where one was closed since."""
        return self.batch_id and all(o.was_doubtful and o.position for o in self)

    def _drop_obstructed(self):
        """Return the orders that may go; of a batch, all or none."""
        if sentence := self.integration_id and self._integration_obstacle():
            self._lapse(dict.fromkeys(self, sentence))
            return self.browse()
        found = {}
        for order in self:
            if not is_initiated(order):
                found[order] = self.env._(
                    "The integration user's initiation does not fit this order or this"
                    " database. Initiate it again."
                )
            elif order.initiated_by_id != order.integration_id.user_id:
                found[order] = self.env._(
                    "%(user)s, who initiated it, is not the integration user any more."
                    " The new one must initiate it.",
                    user=order.initiated_by_id.name,
                )
            elif order._was_sent_by_other_client():
                found[order] = order._other_client_sentence()
            elif sentence := order._obstacle():
                found[order] = sentence
        if found and self.batch_id:
            rest = self.env._("Its batch waits because of another order in it.")
            found = {order: found.get(order, rest) for order in self}
        self._lapse(found)
        return self - self.browse(order.id for order in found)

    def _integration_obstacle(self):
        """Return why the integration may not send now, as a sentence, or ``None``."""
        try:
            check_may_send(self.integration_id)
        except UserError as error:
            return str(error)
        return None

    def _lapse(self, sentences):
        """Take back the initiation of ``{order: sentence}``: nothing was sent."""
        for order, sentence in sentences.items():
            order._requeue(
                self.env._(
                    "Not sent, and not initiated any more. %(reason)s", reason=sentence
                )
            )
            order.write(
                {
                    "initiated_by_id": False,
                    "initiated_at": False,
                    "initiation_seal": False,
                }
            )
            order._tell(order.problem)
        self.account_id._call_initiator()

    def _send_taken(self):
        """POST one request, once, and keep what the bank says of each order."""
        orders = self._for_integration_user()
        # The commit has freed the lock. Whoever found the orders meanwhile thinks that
        # we died; then they are not ours to send any more.
        retry_on_conflict(self.env, orders._lock_patiently)
        if set(orders.mapped("state")) != {"sending"}:
            _logger.info("TBC transfers %s: left to another worker", self.ids)
            return
        # Nor does it help anybody to write ``sending`` into an order by hand.
        orders = orders._drop_obstructed()
        if not orders:
            return
        outcome = orders._outcome_of_post()
        # What the bank said must not be lost because somebody else writes a row that
        # the outcome touches.
        retry_on_conflict(self.env, partial(orders._settle, outcome))

    def _lock_patiently(self):
        """Lock these rows; wait for whoever has one of them only for a moment."""
        self.env.cr.execute(
            SQL(
                "SELECT id FROM tbc_transfer WHERE id IN %s ORDER BY id"
                " FOR NO KEY UPDATE",
                tuple(self.ids),
            )
        )
        self.invalidate_recordset()

    def _outcome_of_post(self):
        """POST, once; return ``outcome(orders)``, which keeps what the bank said."""
        try:
            with open_client(self.integration_id) as client:
                answer = self._post(client)
                trace_id = client.last_trace_id
        except (
            *IN_DOUBT,
            TbcUnreachable,
            TbcBusy,
            TbcRefused,
            TbcAuthRefused,
        ) as error:
            return partial(TbcTransfer._take_error, error=error)
        except UserError as error:
            # The credentials do not open: nothing was sent.
            reason = str(error)
            return lambda orders: orders._lapse(dict.fromkeys(orders, reason))
        return partial(TbcTransfer._take_answer, answer=answer, trace_id=trace_id)

    def _settle(self, outcome):
        """Keep the outcome, unless another worker thinks by now that we are dead."""
        self._lock_patiently()
        if set(self.mapped("state")) == {"sending"}:
            outcome(self)
        self.env.flush_all()

    def _take_error(self, error):
        """Keep what an error of the POST means for these orders."""
        if isinstance(error, IN_DOUBT):
            self._take_doubt(error)
        elif isinstance(error, TbcUnreachable | TbcBusy):
            self._wait(error)
        elif isinstance(error, TbcAuthRefused):
            sentence = messages.user_message(self.env, error)
            if not may_speak_of_one(error):
                record_refusal(self.integration_id, error)
            if error.in_doubt:
                self._doubt(messages.doubt_message(self.env, error), error.trace_id)
            else:
                self._lapse(dict.fromkeys(self, sentence))
        else:
            self._take_refusal(error)

    def _take_doubt(self, error):
        """Keep an error after which the bank may have these orders.

        Where the bank itself refused several of them because it has one already, it is
        asked for each, and those that it does not have go on by themselves.
        """
        sentence = messages.doubt_message(self.env, error)
        goes_on = isinstance(error, TbcDuplicate) and error.author == BANK
        goes_on = goes_on and len(self) > 1 and not self.batch_id
        if goes_on:
            sentence = self.env._(
                "The bank has an order of this request already, so it refused them all."
                " It is asked for each, and those that it does not have go on by"
                " themselves."
            )
        self._doubt(sentence, error.trace_id)
        self.goes_on_if_missing = goes_on

    def _go_on(self, trace_id):
        """Send by itself what the bank refused with another order, and does not know.

        It keeps its ID and its initiation. It may be withdrawn only as one in doubt: the
        bank, asked too early, may not know yet what it has.
        """
        sentence = self.env._(
            "The bank does not have this order: it refused the whole request because of"
            " another one in it. It is sent by itself now."
        )
        self._requeue(sentence)
        self.write(
            {"goes_alone": True, "goes_on_if_missing": False, "trace_id": trace_id}
        )
        self._tell(messages.with_trace(self.env, sentence, trace_id))
        self.env.ref("account_tbc_bank.ir_cron_submit")._trigger()

    def _post(self, client):
        """Send these orders; return the batch's id at the bank, or the receipt."""
        orders = tuple(order._to_bank() for order in self)
        if not self.batch_id:
            return client.import_single(orders)
        batch = self.batch_id
        return client.import_batch(
            TransferBatch(external_id=batch.external_id, name=batch.name, orders=orders)
        )

    def _take_answer(self, answer, trace_id):
        """Keep what the bank's answer says of each order.

        What goes wrong in here is not caught: the orders stay ``sending``, and the bank
        is asked for them later.
        """
        if self.batch_id:
            self.batch_id.bank_batch_id = answer
            self._accept({}, trace_id)
            return
        accepted = self.filtered(lambda order: order.position in answer.accepted)
        refused = self.filtered(lambda order: order.position in answer.refused)
        accepted._accept(
            {order: answer.accepted[order.position] for order in accepted}, trace_id
        )
        for order in refused:
            reason = "\n".join(answer.refused[order.position])
            order._refuse(reason, trace_id)
        refused._take_back_payments_soon()
        (self - accepted - refused)._doubt(
            self.env._(
                "The bank's answer says nothing of this order, so nobody knows whether"
                " the bank has it. The bank is asked."
            ),
            trace_id,
        )

    def _accept(self, transfer_ids, trace_id):
        """The bank has these orders, under ``{order: its id}`` where it tells one."""
        if not self:
            return
        for order in self:
            order.write(
                {
                    "state": "submitted",
                    "bank_transfer_id": transfer_ids.get(order)
                    or order.bank_transfer_id,
                    "problem": False,
                    "was_doubtful": False,
                    "is_missing_at_bank": False,
                    "goes_on_if_missing": False,
                    "next_question_at": utc_now(),
                    "trace_id": trace_id or order.trace_id,
                }
            )
        sentence = self.env._("The bank has the order.")
        self._tell(messages.with_trace(self.env, sentence, trace_id))
        self.env.ref("account_tbc_bank.ir_cron_refresh_status")._trigger()

    def _doubt(self, sentence, trace_id=None):
        """Nobody knows whether the bank has these orders: it is asked from now on."""
        if not self:
            return
        self.write(
            {
                "state": "unknown",
                "was_doubtful": True,
                "is_missing_at_bank": False,
                "goes_on_if_missing": False,
                "problem": sentence,
                "next_question_at": utc_now(),
                "trace_id": trace_id,
            }
        )
        self._tell(sentence)
        self.env.ref("account_tbc_bank.ir_cron_refresh_status")._trigger()

    def _wait(self, error):
        """Surely nothing was sent: the same initiation holds for the next try."""
        pause = min(timedelta(seconds=error.after or 0), LONGEST_WAIT) or AWAY
        self.integration_id.not_before = utc_now() + pause
        self._requeue(messages.waiting_message(self.env, error))

    def _requeue(self, sentence):
        """Back into the queue, still initiated: the bank surely has none of them."""
        for order in self:
            order.write(
                {
                    "state": "queued",
                    "sent_at": order.was_doubtful and order.sent_at,
                    "problem": sentence,
                }
            )

    def _take_refusal(self, error):
        """The bank refused the whole request, so it has none of its orders.

        One bad order makes the bank refuse nine good ones: each goes alone then, with
        the same ID, under the same initiation. A batch is refused as a whole.
        """
        if len(self) > 1 and not self.batch_id:
            sentence = self.env._(
                "The bank refused the request that held this and other orders. Each is"
                " sent by itself now."
            )
            self._requeue(sentence)
            self.goes_alone = True
            self._tell(sentence)
            self.env.ref("account_tbc_bank.ir_cron_submit")._trigger()
            return
        reason = messages.refusal_words(error)
        for order in self:
            order._refuse(reason, error.trace_id)
        self._take_back_payments_soon()

    def _refuse(self, reason, trace_id):
        """The bank refused this order. One that it may have from before stays unknown:
        whether it looks for doubles first or for faults, nobody knows."""
        if not self.was_doubtful:
            self._conclude("refused", reason, None, trace_id)
            return
        sentence = self.env._(
            "The bank refused this order when it was sent again, and may have it from"
            " the first time. It is asked. The bank's words: %(reason)s",
            reason=reason or "–",
        )
        days = {"missed_on": self.missed_on, "missed_at": self.missed_at}
        self._doubt(sentence, trace_id)
        # What is refused is not taken: the days on which it was not known count on.
        self.write(days)

    def _for_integration_user(self):
        """These orders of one integration, with sentences in its user's language."""
        integration = self.integration_id
        return self.with_company(integration.company_id).with_context(
            lang=integration.user_id.lang
        )
