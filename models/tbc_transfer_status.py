import logging
from datetime import timedelta
from functools import partial

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .. import messages
from ..services.calls import NOT_ARRIVED, UNFOLLOWED, end_all_calls
from ..services.clock import utc_now
from ..services.connecting import open_client, record_refusal
from ..services.locks import retry_on_conflict
from ..services.notices import notice
from ..services.refusals import may_speak_of_one
from ..services.unexpected import guarded
from ..tbc import TbcBusy, TbcError, TbcUnreachable, order_state
from .tbc_transfer import RANKS

_logger = logging.getLogger(__name__)

FOLLOWED = ("unknown", "submitted", "to_sign", "in_progress")
# How often the bank is asked for an order: within an hour, a day, and after that.
PACE = (
    (timedelta(hours=1), timedelta(minutes=5)),
    (timedelta(days=1), timedelta(hours=1)),
)
SLOWEST = timedelta(days=1)
# After this, somebody is told of an order of which the bank can't be asked.
LONGEST_SILENCE = timedelta(hours=1)


class TbcTransfer(models.Model):
    _inherit = "tbc.transfer"

    # === FOLLOWING === #

    @api.model
    def _cron_refresh_status(self):
        """Ask the bank how far its orders are, one commit for each order or batch."""
        ir_cron = self.env["ir.cron"]
        retry_on_conflict(self.env, self._doubt_abandoned)
        questions = retry_on_conflict(self.env, self._due_questions)
        ir_cron._commit_progress(remaining=len(questions))
        away = self.env["tbc.integration"]
        for orders in questions:
            if orders.integration_id not in away:
                # It goes to the end of the queue first: whatever happens to it then,
                # the others have their turn.
                retry_on_conflict(self.env, orders._postpone)
                ir_cron._commit_progress()
                error = guarded(
                    self.env,
                    partial(retry_on_conflict, self.env, orders._ask_locked),
                    orders._note_unexpected,
                )
                if isinstance(error, TbcUnreachable | TbcBusy):
                    away |= orders.integration_id
            if not ir_cron._commit_progress(1):
                return
        for step in self._later_steps():
            if not guarded(self.env, step, lambda _sentence: True):
                return
        ir_cron._commit_progress()

    @api.model
    def _later_steps(self):
        """Yield what comes after the questions; each step says whether there is time."""
        commit = self.env["ir.cron"]._commit_progress
        in_turn = partial(retry_on_conflict, self.env)

        def second_look(order):
            in_turn(order._postpone_look)
            commit()
            in_turn(order._look_again)
            return commit()

        def take_back():
            while in_turn(self._take_back_some_payments):
                if not commit():
                    return False
            return True

        def closed_look(order):
            in_turn(order._look_for_closed)
            return commit()

        def last(step):
            in_turn(step)
            commit()
            return True

        for order in in_turn(self._due_second_looks):
            yield partial(second_look, order)
        yield take_back
        for order in in_turn(self._due_looks):
            yield partial(closed_look, order)
        yield partial(last, self._watch_movements)
        yield partial(last, self._remind_of_signatures)
        yield partial(last, self._tell_overdue)
        yield partial(last, partial(end_all_calls, self.env))

    @api.model
    def _due_questions(self):
        """Return recordsets: a batch's orders, or one order."""
        now = utc_now()
        due = self.search(
            Domain(
                [
                    ("state", "in", FOLLOWED),
                    ("next_question_at", "<=", now),
                    ("integration_id.state", "=", "connected"),
                ]
            )
            & (
                Domain("integration_id.not_before", "=", False)
                | Domain("integration_id.not_before", "<=", now)
            ),
            order="next_question_at, id",
        )
        return due._by_question()

    def _by_question(self):
        """Part these orders into what one question is about."""
        batches = [
            batch.order_ids.filtered(lambda order: order.state in FOLLOWED)
            for batch in self.batch_id
        ]
        return batches + list(self.filtered(lambda order: not order.batch_id))

    def action_refresh_status(self):
        """Ask the bank for these orders now, and tell what it says."""
        self._check_may_follow()
        orders_sudo = self.sudo().filtered(lambda order: order.state in FOLLOWED)
        if not orders_sudo:
            raise UserError(self.env._("The bank has nothing to tell of these now."))
        errors = [orders._ask_locked() for orders in orders_sudo._by_question()]
        errors = [error for error in errors if error]
        self.invalidate_recordset()
        return notice(
            self.env,
            "\n".join(
                messages.question_message(self.env, error) for error in errors[:1]
            )
            or "\n".join(order._state_sentence() for order in self[:20]),
            kind="danger" if errors else "success",
        )

    def _state_sentence(self):
        """How far it is, in one line."""
        state = dict(self._fields["state"]._description_selection(self.env))[self.state]
        return f"{self.display_name}: {state}"

    def _ask_locked(self):
        """Ask for these orders unless another worker does; return the ``TbcError``."""
        locked = self.try_lock_for_update(allow_referencing=True)
        locked.invalidate_recordset()
        orders = locked.filtered(lambda order: order.state in FOLLOWED)
        if orders != self or not orders:
            return None
        return orders._for_integration_user()._ask()

    def _postpone(self):
        for order in self.try_lock_for_update(allow_referencing=True):
            order.next_question_at = utc_now() + order._pause()
        self.env.flush_all()

    def _ask(self):
        self._postpone()
        integration = self.integration_id
        try:
            with open_client(integration) as client:
                self._look_up(client)
                self._take_status(client)
        except TbcError as error:
            sentence = messages.question_message(self.env, error)
            # Of one order or account: the others are asked for all the same.
            if not may_speak_of_one(error):
                record_refusal(integration, error)
            self._note_problem(sentence)
            self.env.flush_all()
            return error
        except UserError as error:
            self._note_problem(str(error))
        self.env.flush_all()
        return None

    def _pause(self):
        """How long to wait before the bank is asked again: longer with age."""
        age = utc_now() - (self.sent_at or utc_now())
        return next((pause for limit, pause in PACE if age < limit), SLOWEST)

    def _note_problem(self, sentence):
        """Tell why the bank could not be asked; call somebody if it goes on."""
        self.problem = sentence
        for order in self.filtered(lambda order: order.state == "unknown"):
            is_old = order.sent_at and utc_now() - order.sent_at > LONGEST_SILENCE
            if is_old:
                order._call_preparer(
                    self.env._("TBC Bank: a transfer can't be followed"),
                    sentence,
                    UNFOLLOWED,
                )

    # === LOOKING UP === #

    def _look_up(self, client):
        """Ask for orders of unknown outcome by our own id: the bank has them, or not."""
        unknown = self.filtered(lambda order: order.state == "unknown")
        if not unknown:
            return
        batch = unknown.batch_id
        if batch.bank_batch_id:
            # The bank has the batch: its status tells of these orders, or does not.
            return
        if batch:
            found = client.find_batch(batch.external_id)
            batch.bank_batch_id = found or batch.bank_batch_id
        else:
            found = client.find_single(unknown.external_id)
        if found:
            unknown._accept({} if batch else {unknown: found}, client.last_trace_id)
        elif unknown._may_go_on():
            unknown._go_on(client.last_trace_id)
        else:
            unknown._miss(client.last_trace_id)

    def _may_go_on(self):
        """Whether this order is sent again by itself, now that the bank misses it."""
        return (
            all(order.goes_on_if_missing and order.initiated_at for order in self)
            and not self._was_sent_by_other_client()
        )

    def _miss(self, trace_id, sentence=None):
        if any(order._was_sent_by_other_client() for order in self):
            # Another client of the bank would not know it, whether it is there or not.
            self._note_other_client(trace_id)
            return
        sentence = sentence or self.env._(
            "The bank does not know this order. It may be late: it is asked again. If"
            " you are sure that it is not in TBC's internet bank, queue it again; it"
            " keeps its ID, so the bank can't take it twice."
        )
        news = self.filtered(lambda order: not order.is_missing_at_bank)
        self.write(
            {"is_missing_at_bank": True, "problem": sentence, "trace_id": trace_id}
        )
        news._tell(sentence)
        for order in news:
            order._call_preparer(
                self.env._("TBC Bank: a transfer did not arrive"), sentence, NOT_ARRIVED
            )

    def _note_other_client(self, trace_id):
        sentence = self[:1]._other_client_sentence()
        news = self.filtered(lambda order: order.problem != sentence)
        self.write(
            {"is_missing_at_bank": False, "trace_id": trace_id, "problem": sentence}
        )
        news._tell(sentence)
        for order in news:
            order._call_preparer(
                self.env._("TBC Bank: a transfer can't be followed"),
                sentence,
                UNFOLLOWED,
            )

    # === STATUS === #

    def _take_status(self, client):
        """Ask for the status of orders that the bank has, and follow it."""
        batch, order = self.batch_id, self[:1]
        if batch and batch.bank_batch_id:
            status = client.batch_status(batch.bank_batch_id)
            batch.bank_status = status.word
        elif not batch and order.bank_transfer_id:
            status = client.single_status(order.bank_transfer_id)
        else:
            return
        trace_id = client.last_trace_id
        silent = self.browse()
        for order in self:
            is_only = len(batch.order_ids) < 2
            told = status.of(
                transfer_id=order.bank_transfer_id or None,
                position=None if is_only else order.position,
            )
            order._take_told(told, trace_id)
            if not told.word:
                silent |= order
        silent._ask_alone(client, status)
        self._learn_ids(client)
        self._take_back_payments_soon()

    def _follow(self, told, trace_id):
        """Take one order's status as the bank tells it (an ``OrderStatus``)."""
        if told.transfer_id and not self.bank_transfer_id:
            self.bank_transfer_id = told.transfer_id
        if not told.word:
            return
        self._take_error_word(told)
        if told.word != self.bank_status:
            self.write({"bank_status": told.word, "trace_id": trace_id})
            sentence = self.env._("The bank says: %(status)s.", status=told.word)
            self._tell(messages.with_trace(self.env, sentence, trace_id))
            if not order_state(told.word):
                _logger.info("TBC: a status that we do not know, on order %s", self.id)
        state = order_state(told.word)
        if not state or RANKS[state] <= RANKS[self.state]:
            return
        self.problem = False
        if state in ("failed", "cancelled"):
            self._conclude(state, told.reason_en, told.reason_ge, trace_id)
        else:
            self.state = state
            if state == "done":
                self._finish()
