"""The bank's answer about many orders at once: each goes its own way, at little cost."""

from odoo.tests import tagged

from ..services.transfers.not_made import take_back_payments_soon
from ..services.transfers.prepare import queue_payments
from ..services.transfers.status import apply_statuses
from ..tbc import OrderStatus
from .transfer_common import TransferCase

# (state before, the bank's word, its reasons, state after)
ANSWERS = (
    ("unknown", "Finished", (None, None), "done"),
    ("unknown", "Failed", ("No money", "ფული არ არის"), "failed"),
    ("unknown", "Under review", (None, None), "submitted"),
    ("unknown", None, (None, None), "unknown"),
    ("submitted", "Waiting for certification", (None, None), "to_sign"),
    ("submitted", "Finished", (None, None), "done"),
    ("submitted", "Error", ("Look", None), "submitted"),
    ("to_sign", "In progress", (None, None), "in_progress"),
    ("to_sign", "Under review", (None, None), "to_sign"),
    ("to_sign", "Deleted", (None, None), "cancelled"),
    ("in_progress", "Waiting for certification", (None, None), "in_progress"),
    ("in_progress", "Failed", ("No money", "ფული არ არის"), "failed"),
    ("in_progress", "Failed", ("Closed", None), "failed"),
    ("in_progress", "Finished", (None, None), "done"),
)
SHOWN = ("state", "bank_status", "bank_reason_en", "bank_reason_ge", "problem")
SHOWN += ("trace_id", "bank_transfer_id", "takes_back_payment", "was_doubtful")
SHOWN += ("next_question_at", "is_missing_at_bank", "initiated_at", "send_on")


@tagged("post_install", "-at_install")
class TestManyAnswers(TransferCase):
    def send_batch(self, payments):
        queue_payments(payments, batch_name="June")
        self.initiate(payments)
        self.submit()
        return self.orders(payments)

    # --- the same as one by one -------------------------------------------------------

    def put_into(self, order, state):
        """Past all models: how far it is before the answer."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE tbc_transfer SET state = %s, was_doubtful = %s, problem = 'before'"
            " WHERE id = %s",
            [state, state == "unknown", order.id],
        )
        self.env.invalidate_all()

    def picture(self, order):
        """Whatever an answer may have changed."""
        payment = order.payment_id
        bills = payment.invoice_ids
        calls = (order | order.batch_id.order_ids).activity_ids | payment.activity_ids
        return {
            **{name: order[name] for name in SHOWN},
            "notes": order.message_ids.sorted("id").mapped("body"),
            "payment": payment.state,
            "payment_notes": payment.message_ids.sorted("id").mapped("body"),
            "bills": [(bill.payment_state, bill.amount_residual) for bill in bills],
            "calls": sorted(
                (c.user_id.id, c.summary or "", str(c.note), c.tbc_reason or "")
                for c in calls
            ),
            "batch": order.batch_id.state,
        }

    def after(self, orders, answers, *, at_once):
        """The pictures of all orders after these answers, which are undone then."""
        savepoint = self.env.cr.savepoint()
        told = dict(zip(orders, answers, strict=True))
        parts = [told] if at_once else [{one: told[one]} for one in told]
        for part in parts:
            apply_statuses(part, "a-trace")
        take_back_payments_soon(orders)
        self.env.flush_all()
        self.env.invalidate_all()
        pictures = [self.picture(order) for order in orders]
        savepoint.close(rollback=True)
        self.env.invalidate_all()
        return pictures

    def test_at_once_is_as_one_by_one(self):
        bills = self.make_bills([100.0 + number for number in range(len(ANSWERS))])
        payments = self.register(bills).sorted("amount")
        self.assertEqual(len(payments), len(ANSWERS))
        orders = self.send_batch(payments)
        for order, (before, *_rest) in zip(orders, ANSWERS, strict=True):
            self.put_into(order, before)
        answers = [
            OrderStatus(number, f"88{number}", word, *reasons)
            for number, (_state, word, reasons, _after) in enumerate(ANSWERS)
        ]
        single = self.after(orders, answers, at_once=False)
        together = self.after(orders, answers, at_once=True)
        self.assertEqual([one["state"] for one in single], [one[3] for one in ANSWERS])
        for number, (one, other) in enumerate(zip(single, together, strict=True)):
            with self.subTest(ANSWERS[number]):
                self.assertEqual(one, other)
        self.assertEqual(single[0]["payment"], "in_process")
        self.assertEqual(single[1]["payment"], "rejected")
        self.assertEqual(single[1]["bills"], [("not_paid", 101.0)])

    def test_their_movements_came_before_the_answer(self):
        """Those whose line is there are matched at once; each with its own."""
        payments = self.pay_many([11.0, 12.0, 13.0])
        orders = self.send_batch(payments)
        self.refresh()
        self.bank.in_progress_questions = 0
        self.bank.sign()
        self.sync(self.account)
        self.refresh()
        self.assertEqual(set(orders.mapped("state")), {"done"})
        self.assertEqual(set(payments.mapped("state")), {"paid"})
        for payment in payments:
            line = payment.sudo().reconciled_statement_line_ids
            self.assertEqual(line.amount, -payment.amount)

    # --- what it costs ----------------------------------------------------------------

    def queries_of_the_end(self, count):
        """How many queries it takes to hear that so many orders were executed."""
        [payment] = self.pay_many([12.34])
        orders = self.send_batch(self.copy_payment(payment, count - 1))
        self.refresh()
        self.bank.in_progress_questions = 0
        self.bank.sign()
        orders.next_question_at = "2026-01-01 00:00:00"
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.run_cron("ir_cron_refresh_status")
        queries = self.env.cr.sql_log_count - before
        self.assertEqual(set(orders.mapped("state")), {"done"})
        self.assertEqual(set(orders.mapped("bank_status")), {"Finished"})
        for order in orders:
            self.assertIn("Finished", order.message_ids.sorted("id")[-1].body)
        self.assertFalse(any(orders.mapped("next_question_at")))
        return queries

    def test_a_finished_batch_costs_little(self):
        few, many = self.queries_of_the_end(20), self.queries_of_the_end(120)
        self.assertLessEqual((many - few) / 100, 0.2)
