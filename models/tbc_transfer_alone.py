"""Orders of which an answer to a status question says nothing."""

from datetime import datetime, timedelta

from odoo import fields, models

from .. import messages
from ..services.clock import utc_now
from ..services.connecting import record_refusal
from ..tbc import TbcError, TbcRefused, says_not_found

# How long the list of a batch that is under way may leave an order out.
UNLISTED_PATIENCE = timedelta(days=1)
# Each is one question, and all of them are one transaction.
MOST_ASKED_ALONE = 50


class TbcTransfer(models.Model):
    _inherit = "tbc.transfer"

    asked_alone_at = fields.Datetime(
        readonly=True,
        copy=False,
        help="When the bank was last asked for it by our own ID, because its status did"
        " not tell of it.",
    )

    def _ask_alone(self, client, status):
        """Ask by our own IDs for these orders, of which ``status`` says nothing.

        What the bank says of a whole batch is said of the orders that it lists.
        """
        latest = utc_now() - UNLISTED_PATIENCE
        orders = self.filtered(
            lambda o: (
                not o.batch_id or status.is_over or (o.sent_at and o.sent_at < latest)
            )
        )
        # The others have their turn at the next question.
        waiting = orders.sorted(lambda o: o.asked_alone_at or datetime.min)
        for order in waiting[:MOST_ASKED_ALONE]:
            order.asked_alone_at = utc_now()
            try:
                order._ask_one(client)
            except TbcError as error:
                order._note_problem(messages.question_message(self.env, error))
                record_refusal(order.integration_id, error)
                if not isinstance(error, TbcRefused):
                    return

    def _ask_one(self, client):
        """Ask for one order by our own ID, then for its status by the bank's."""
        found = client.find_single(self.external_id)
        trace_id = client.last_trace_id
        told = self._told_alone(client, found or self.bank_transfer_id)
        if found:
            self.bank_transfer_id = found
        if told and told.word:
            self._take_told(told, client.last_trace_id)
        elif found or told:
            self._note_silence(trace_id)
        else:
            self._miss_alone(trace_id)

    def _told_alone(self, client, transfer_id):
        """The ``OrderStatus`` under the bank's ID, ``None`` where there is none."""
        if not transfer_id:
            return None
        try:
            return client.single_status(transfer_id).of(transfer_id=transfer_id)
        except TbcRefused as error:
            if not says_not_found(error):
                raise
            return None

    def _take_told(self, told, trace_id):
        """Follow what the bank says of this order, which it has, then."""
        if told.word and self.state == "unknown":
            self._accept({}, trace_id)
        self._follow(told, trace_id)

    def _learn_ids(self, client):
        """Ask for the bank's IDs of executed orders that its list names by none.

        Without it no movement is matched by itself: people are told.
        """
        nameless = self.filtered(lambda o: o.state == "done" and not o.bank_transfer_id)
        can_ask = True
        for number, order in enumerate(nameless):
            try:
                if can_ask and number < MOST_ASKED_ALONE:
                    order.bank_transfer_id = client.find_single(order.external_id)
            except TbcError as error:
                can_ask = isinstance(error, TbcRefused)
            if not order.bank_transfer_id:
                order._note_namelessness()
        nameless._match_movements()

    def _note_namelessness(self):
        sentence = self.env._(
            "The bank has executed this transfer, but does not say its own ID of it, so"
            " its movement can't be matched by itself. Match it by hand."
        )
        self.problem = sentence
        self._tell(sentence)
        self._call_preparer(self.env._("TBC Bank: a transfer needs a look"), sentence)

    def _note_silence(self, trace_id):
        """The bank has it, and does not say how far it is."""
        sentence = self.env._(
            "The bank has this order, but does not say how far it is. It is asked again;"
            " look for it in TBC's internet bank."
        )
        if sentence != self.problem:
            self.write({"problem": sentence, "trace_id": trace_id})
            self._tell(messages.with_trace(self.env, sentence, trace_id))
            self._call_preparer(
                self.env._("TBC Bank: a transfer needs a look"), sentence
            )

    def _miss_alone(self, trace_id):
        """Neither its own ID nor the bank's finds it: nobody knows what became of it."""
        if self.state != "unknown":
            self.write({"state": "unknown", "was_doubtful": True})
        if not self.batch_id:
            self._miss(trace_id)
            return
        self._miss(
            trace_id,
            self.env._(
                "The bank does not list this order in the batch %(batch)s, and does not"
                " know its own ID either. It is asked again, and nothing is sent again;"
                " look for it in TBC's internet bank.",
                batch=self.batch_id.name,
            ),
        )
