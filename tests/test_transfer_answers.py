"""What the bank's answers to orders mean, whoever may have written them."""

from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..services.transfers.prepare import queue_payments
from ..services.transfers.send import outcome_of_post
from .common import NOON
from .transfer_common import TransferCase, identity

ALONE = "odoo.addons.account_tbc_bank.services.transfers.status"


@tagged("post_install", "-at_install")
class TestTransferAnswers(TransferCase):
    """A refusal is the bank's own word, or none."""

    def assertFoundAfterAsking(self, order, payment):
        """In doubt, not refused; asked, and followed."""
        self.assertEqual((order.state, payment.state), ("unknown", "in_process"))
        with self.assertRaises(UserError):
            payment.action_tbc_pay_again()
        self.integration.with_user(self.director).action_test_connection()
        self.refresh()
        self.assertEqual(order.state, "to_sign")
        self.assertFalse(order.problem)

    def test_the_gateway_refuses_what_the_bank_took(self):
        table = [
            *[("html500_after_accept", {"status": code}) for code in (400, 404, 413)],
            *[("html500_after_accept", {"status": code}) for code in (401, 403, 429)],
            ("stranger_after_accept", {"status": 404}),
            ("stranger_after_accept", {"status": 401}),
            ("stranger_after_accept", {"status": 403, "body": {"message": "No"}}),
            ("stranger_after_accept", {"status": 400, "body": {"code": "BadRequest"}}),
            ("stranger_after_accept", {"status": 415, "body": ""}),
            ("stranger_after_accept", {"status": 431, "body": ""}),
        ]
        payments = self.pay_many(range(10, 10 + len(table)))
        for (fault, options), payment in zip(table, payments, strict=True):
            with self.subTest(fault, **options):
                self.bank.add_fault(fault, on="import_single", **options)
                order = self.send(payment)
                self.assertIn("nobody knows", order.problem)
                self.assertFoundAfterAsking(order, payment)
        self.assertOneOfEach(self.env["tbc.transfer"].search([]))

    def test_the_gateway_refuses_a_batch_that_the_bank_took(self):
        payments = self.pay_many([1.0, 2.0])
        queue_payments(payments, batch_name="June")
        self.initiate(payments)
        self.bank.add_fault("html500_after_accept", on="import_batch", status=400)
        self.submit()
        orders = self.orders(payments)
        self.assertEqual(set(orders.mapped("state")), {"unknown"})
        self.refresh()
        self.assertEqual(set(orders.mapped("state")), {"to_sign"})
        self.assertOneOfEach(orders)

    def test_the_gateway_refuses_what_the_bank_did_not_get(self):
        self.bank.add_fault("html500", on="import_single", status=404)
        payment = self.pay()
        order = self.send(payment)
        self.bank.add_fault("html500", on="find_single", status=404)
        self.refresh()
        self.assertEqual((order.state, order.is_missing_at_bank), ("unknown", False))
        self.assertIn("does not answer for this transfer", order.problem)
        self.refresh()
        self.assertEqual((order.state, order.is_missing_at_bank), ("unknown", True))

    def test_access_refused_by_the_gateway_pauses_and_asks(self):
        self.bank.add_fault("stranger_after_accept", on="import_single", status=401)
        payment = self.pay()
        order = self.send(payment)
        self.assertEqual(self.integration.state, "paused")
        self.assertIn("once the connection works", order.problem)
        self.assertFoundAfterAsking(order, payment)
        self.assertOneOfEach(order)

    def test_access_refused_by_the_bank_itself(self):
        self.bank.add_fault("Unauthorized", on="import_single")
        order = self.send(self.pay())
        self.assertEqual((order.state, order.initiated_at), ("queued", False))
        self.assertEqual(self.integration.state, "paused")

    def test_a_request_of_several(self):
        payments = self.pay_many([1.0, 2.0, 3.0])
        self.bank.add_fault("html500_after_accept", on="import_single", status=400)
        orders = self.send(payments)
        self.assertEqual(set(orders.mapped("state")), {"unknown"})
        self.refresh()
        self.assertEqual(set(orders.mapped("state")), {"to_sign"})
        self.assertEqual(self.posts(), 1)
        self.assertOneOfEach(orders)


@tagged("post_install", "-at_install")
class TestPayAgainAsks(TransferCase):
    """Before a payment is made again, the bank is asked by our own IDs."""

    def refused(self, fault="VALIDATION_ERROR", **options):
        bill = self.make_bill()
        payment = self.register(bill)
        self.bank.add_fault(fault, on="import_single", **options)
        order = self.send(payment)
        self.assertEqual((order.state, payment.state), ("refused", "rejected"))
        self.bank.forget_requests()
        return bill, payment, order

    def assertNotAgain(self, payment, words):
        with self.assertRaisesRegex(UserError, words):
            payment.action_tbc_pay_again()
        self.assertFalse(payment.tbc_paid_again_id)
        self.assertEqual(self.posts(), 0)

    def look_again(self, order):
        """As the schedule is asked to, behind the error that a person reads."""
        order.next_question_at = NOON.replace(tzinfo=None) - timedelta(hours=5)
        self.run_cron("ir_cron_refresh_status")

    def test_refused_and_not_there(self):
        _bill, payment, order = self.refused()
        payment.action_tbc_pay_again()
        self.assertTrue(payment.tbc_paid_again_id)
        asked = self.bank.requests_to("find_single")
        self.assertEqual(
            [one.path.rsplit("/", 1)[1] for one in asked], [order.external_id]
        )

    def test_refused_and_there_after_all(self):
        bill, payment, order = self.refused("refused_after_accept")
        self.assertNotAgain(payment, "not paid again")
        self.assertEqual(bill.payment_state, "not_paid")
        self.look_again(order)
        self.assertEqual(payment.state, "in_process")
        self.assertEqual(bill.payment_state, "in_payment")
        self.assertIn("after all", payment.activity_ids[-1].note)
        with self.assertRaisesRegex(UserError, "was not rejected"):
            payment.action_tbc_pay_again()
        self.refresh()
        self.assertEqual(order.state, "to_sign")
        self.bank.sign()
        self.refresh()
        self.refresh()
        self.sync(self.account)
        self.assertEqual((payment.state, bill.payment_state), ("paid", "paid"))
        self.assertOneOfEach(order)

    def test_there_after_all_and_the_bill_is_paid_otherwise(self):
        bill, payment, order = self.refused("refused_after_accept")
        other = self.register(bill)
        self.assertEqual(bill.payment_state, "in_payment")
        self.look_again(order)
        self.assertEqual((order.state, payment.state), ("unknown", "rejected"))
        self.assertIn("may be paid twice", order.problem)
        self.assertIn("may be paid twice", payment.activity_ids[-1].note)
        self.assertEqual(other.state, "in_process")

    def test_the_bank_can_not_be_asked(self):
        _bill, payment, order = self.refused()
        for fault, words in (
            ({"name": "html500", "status": 404}, "does not answer"),
            ({"name": "stranger", "status": 404}, "does not answer"),
            ({"name": "DomainError"}, "does not answer"),
            ({"name": "html500"}, "could not be asked"),
            ({"name": "403"}, "refused access"),
        ):
            self.bank.add_fault(on="find_single", times=9, **fault)
            with self.subTest(fault):
                self.assertNotAgain(payment, words)
            self.bank.clear_faults()
        self.look_again(order)
        self.assertEqual((order.state, order.next_question_at), ("refused", False))
        payment.action_tbc_pay_again()

    def test_a_second_look_that_fails_is_made_later(self):
        _bill, _payment, order = self.refused()
        self.bank.add_fault("html500", on="find_single", times=9)
        self.look_again(order)
        self.assertEqual(order.state, "refused")
        self.assertTrue(order.next_question_at)

    def test_another_client_knows_nothing(self):
        _bill, payment, _order = self.refused()
        self.bank.add_client("other-client", "other-secret")
        integration = self.integration.with_user(self.director)
        integration.set_credentials("other-client", "other-secret")
        integration.action_test_connection()
        self.assertNotAgain(payment, "another Client ID")

    def test_a_refused_batch(self):
        for fault, is_there in (("VALIDATION_ERROR", 0), ("refused_after_accept", 1)):
            payments = self.pay_many([1.0, 2.0])
            queue_payments(payments, batch_name="June")
            self.initiate(payments)
            self.bank.add_fault(fault, on="import_batch")
            self.submit()
            self.bank.forget_requests()
            orders = self.orders(payments)
            self.assertEqual(set(orders.mapped("state")), {"refused"})
            with self.subTest(fault):
                if is_there:
                    self.assertNotAgain(payments[0], "Waiting for certification")
                    self.look_again(orders)
                    self.refresh()
                    self.assertEqual(set(orders.mapped("state")), {"to_sign"})
                    self.assertEqual(set(payments.mapped("state")), {"in_process"})
                else:
                    payments[0].action_tbc_pay_again()
                    self.assertTrue(payments[0].tbc_paid_again_id)
                self.assertTrue(self.bank.requests_to("find_batch"))

    def test_failed_at_first_and_signed_after_all(self):
        payment = self.pay()
        order = self.send(payment)
        self.refresh()
        self.bank.add_fault("unknown_status", on="single_status", word="Failed")
        self.refresh()
        self.assertEqual((order.state, payment.state), ("failed", "rejected"))
        self.bank.forget_requests()
        self.assertNotAgain(payment, "Waiting for certification")
        self.bank.add_fault("other_order", on="single_status")
        self.assertNotAgain(payment, "–")
        self.look_again(order)
        self.assertEqual((order.state, payment.state), ("unknown", "in_process"))

    def test_queued_anew_after_a_reset(self):
        """The other road to a second order of the same payment."""
        _bill, payment, order = self.refused("refused_after_accept")
        payment.action_draft()
        payment.action_post()
        with self.assertRaisesRegex(UserError, "not paid again"):
            payment.action_tbc_queue()
        self.assertEqual(payment.sudo().tbc_transfer_ids, order)


@tagged("post_install", "-at_install")
class TestUnlistedOrders(TransferCase):
    """A batch's word is said of the orders that it lists."""

    def send_batch(self, amounts=(1.0, 2.0, 3.0, 4.0, 5.0), **fault):
        payments = self.pay_many(amounts)
        queue_payments(payments, batch_name="June")
        self.initiate(payments)
        if fault:
            self.bank.add_fault(on="import_batch", **fault)
        self.submit()
        return self.orders(payments)

    def execute(self):
        self.bank.in_progress_questions = 0
        self.bank.sign()

    def assertMissed(self, orders):
        """In doubt, shown, and told once."""
        self.assertEqual(set(orders.mapped("state")), {"unknown"})
        self.assertTrue(all(orders.mapped("is_missing_at_bank")))
        for order in orders:
            self.assertIn("does not list this transfer", order.problem)
            self.assertIn("does not list this transfer", order.message_ids[0].body)
            self.assertEqual(order.payment_id.state, "in_process")
        called = orders.payment_id.activity_ids | orders.activity_ids
        self.assertTrue(called or getattr(orders.batch_id, "activity_ids", False))

    def test_a_batch_of_five_of_which_the_bank_takes_three(self):
        orders = self.send_batch(name="takes_some", positions=[1, 3, 4])
        self.refresh()
        self.assertEqual(
            orders.mapped("state"),
            ["to_sign", "submitted", "to_sign", "to_sign", "submitted"],
        )
        self.execute()
        self.bank.add_fault("odd_list", on="batch_status", times=None, word="FINISHED")
        self.refresh()
        taken, lost = orders[0] + orders[2] + orders[3], orders[1] + orders[4]
        self.assertEqual(set(taken.mapped("state")), {"done"})
        self.assertMissed(lost)
        told = len(lost[0].message_ids)
        calls = self.env["mail.activity"].search_count([])
        self.refresh()
        self.refresh()
        self.assertMissed(lost)
        self.assertEqual(len(lost[0].message_ids), told)
        self.assertEqual(self.env["mail.activity"].search_count([]), calls)
        self.assertEqual(orders.batch_id.state, "unknown")
        for again in (lost[0], orders.batch_id):
            with self.assertRaises(UserError):
                again.with_user(self.bookkeeper).action_queue_again()
        self.sync(self.account)
        self.assertEqual(set(taken.payment_id.mapped("state")), {"paid"})
        self.assertEqual(self.posts(), 1)

    def test_found_by_its_own_id(self):
        self.bank.transfers.knows_batch_orders = True
        orders = self.send_batch()
        self.execute()
        self.bank.add_fault(
            "odd_list", on="batch_status", leave_out=[2, 5], word="FINISHED"
        )
        self.refresh()
        self.assertEqual(set(orders.mapped("state")), {"done"})
        self.assertTrue(all(orders.mapped("bank_transfer_id")))
        self.assertEqual(len(self.bank.requests_to("find_single")), 2)

    def test_one_that_was_not_executed_is_not_done(self):
        self.bank.transfers.knows_batch_orders = True
        orders = self.send_batch()
        bank_order = self.bank.transfers.orders[1]
        self.bank.fail(bank_order.transfer_id)
        self.execute()
        self.bank.add_fault(
            "odd_list", on="batch_status", leave_out=[2], word="FINISHED"
        )
        self.refresh()
        self.assertEqual(orders[1].state, "failed")
        self.assertEqual(orders[1].payment_id.state, "rejected")
        self.assertEqual(set((orders - orders[1]).mapped("state")), {"done"})

    def test_a_list_that_tells_no_order_from_another(self):
        table = (
            ("FINISHED", {"without": ["position", "transferId"]}),
            ("Finished with errors", {"without": ["position"]}),
            ("FINISHED", {"leave_out": [1, 2]}),
            ("Failed", {"double": [1, 2]}),
            ("Cancelled", {"without": ["transferId"], "double": [1, 2]}),
            ("Finished", {"leave_out": [2], "without": ["position", "transferId"]}),
        )
        for word, options in table:
            with self.subTest(word, **options):
                orders = self.send_batch((1.0, 2.0))
                self.bank.add_fault("odd_list", on="batch_status", word=word, **options)
                self.run_cron("ir_cron_refresh_status")
                self.assertMissed(orders)
                orders.next_question_at = "2026-01-01 00:00:00"
                self.run_cron("ir_cron_refresh_status")
                self.assertEqual(set(orders.mapped("state")), {"to_sign"})
                self.assertFalse(any(orders.mapped("is_missing_at_bank")))
                self.assertFalse(any(orders.mapped("problem")))
                # The next one's fault is for the next one.
                orders.next_question_at = False

    def test_without_ids_each_place_tells(self):
        orders = self.send_batch((1.0, 2.0))
        self.bank.add_fault("odd_list", on="batch_status", without=["transferId"])
        self.refresh()
        self.assertEqual(set(orders.mapped("state")), {"to_sign"})

    def test_executed_without_an_id(self):
        """It is asked for; what stays without one is told, for nothing matches it."""
        for is_known, state in ((True, "paid"), (False, "in_process")):
            self.bank.transfers.knows_batch_orders = is_known
            orders = self.send_batch((1.0, 2.0))
            self.execute()
            self.bank.add_fault("odd_list", on="batch_status", without=["transferId"])
            self.refresh()
            self.assertEqual(set(orders.mapped("state")), {"done"})
            self.sync(self.account)
            with self.subTest(is_known=is_known):
                self.assertEqual(set(orders.payment_id.mapped("state")), {state})
                for order in orders:
                    self.assertEqual(bool(order.bank_transfer_id), is_known)
                    told = "Match it by hand" in (order.problem or "")
                    self.assertEqual(told, not is_known)
                    self.assertEqual(bool(order.payment_id.activity_ids), not is_known)

    def test_the_only_order_of_a_batch_needs_no_place(self):
        order = self.send_batch((1.0,))
        self.bank.add_fault(
            "odd_list", on="batch_status", without=["position", "transferId"]
        )
        self.refresh()
        self.assertEqual(order.state, "to_sign")

    def test_while_the_batch_is_under_way_its_list_may_come_yet(self):
        orders = self.send_batch((1.0, 2.0))
        self.bank.add_fault("odd_list", on="batch_status", times=None, leave_out=[2])
        self.refresh()
        self.assertEqual(orders.mapped("state"), ["to_sign", "submitted"])
        self.assertFalse(self.bank.requests_to("find_single"))
        orders.sent_at = orders[0].sent_at - timedelta(days=2)
        self.refresh()
        self.assertMissed(orders[1])

    def test_the_bank_can_not_be_asked_for_one(self):
        orders = self.send_batch((1.0, 2.0, 3.0))
        self.execute()
        self.bank.add_fault(
            "odd_list", on="batch_status", leave_out=[2, 3], word="FINISHED"
        )
        self.bank.add_fault("html500", on="find_single", status=404)
        self.refresh()
        self.assertEqual(orders.mapped("state"), ["done", "unknown", "submitted"])
        self.assertIn("does not answer for this transfer", orders[2].problem)
        self.assertFalse(orders[0].problem)
        self.refresh()
        self.assertEqual(set(orders.mapped("state")), {"done"})

    def test_many_are_asked_for_some_at_a_time(self):
        self.startPatcher(patch(f"{ALONE}.MOST_ASKED_ALONE", 2))
        orders = self.send_batch()
        self.bank.add_fault(
            "odd_list",
            on="batch_status",
            times=None,
            leave_out=[1, 2, 3, 4, 5],
            word="FINISHED",
        )
        for missed in (2, 4, 5):
            self.refresh()
            self.assertEqual(len(orders.filtered("is_missing_at_bank")), missed)
        self.assertMissed(orders)

    def test_the_status_of_another_order(self):
        order = self.send(self.pay())
        self.execute()
        for late in (0, 1):
            self.bank.add_fault("other_order", on="single_status", times=2)
            if late:
                self.bank.add_fault("lookup_late", on="find_single")
            self.refresh()
            self.assertEqual(order.state, "submitted")
            self.assertIn("does not say how far", order.problem)
        self.assertEqual(len(order.payment_id.activity_ids), 1)
        self.refresh()
        self.assertEqual(order.state, "done")
        self.assertFalse(order.problem)


@tagged("post_install", "-at_install")
class TestDuplicateAmongSeveral(TransferCase):
    """One that the bank knows holds up nobody else."""

    def in_doubt_and_queued_again(self):
        """An order that the bank has, although it said that it does not."""
        payment = self.pay(50.0)
        self.bank.add_fault("drop_after_accept", on="import_single")
        order = self.send(payment)
        self.bank.add_fault("lookup_late", on="find_single")
        self.refresh()
        order.with_user(self.bookkeeper).action_queue_again()
        return payment

    def test_one_that_was_in_doubt_goes_alone(self):
        doubtful = self.in_doubt_and_queued_again()
        fresh = self.pay_many([float(10 + number) for number in range(9)])
        fresh.action_tbc_queue()
        self.initiate(doubtful + fresh)
        self.submit()
        self.assertEqual(set(self.orders(fresh).mapped("state")), {"submitted"})
        self.assertEqual(self.order(doubtful).state, "unknown")
        self.refresh()
        orders = self.orders(doubtful + fresh)
        self.assertEqual(set(orders.mapped("state")), {"to_sign"})
        self.assertEqual(self.posts(), 3)
        self.assertOneOfEach(orders)

    def test_a_duplicate_asks_for_each(self):
        payments = self.pay_many([float(10 + number) for number in range(10)])
        payments.action_tbc_queue()
        self.initiate(payments)
        orders = self.orders(payments)
        known = orders[2]
        self.import_behind_odoo(known)
        calls = self.env["mail.activity"].search([])
        self.submit()
        self.assertEqual(set(orders.mapped("state")), {"unknown"})
        self.assertIn("are sent one by one", orders[0].problem)
        self.refresh()
        self.assertEqual(known.state, "to_sign")
        innocent = orders - known
        self.assertEqual(set(innocent.mapped("state")), {"queued"})
        self.assertTrue(all(innocent.mapped("initiated_at")))
        self.submit()
        self.assertEqual(set(innocent.mapped("state")), {"submitted"})
        self.refresh()
        self.assertEqual(set(orders.mapped("state")), {"to_sign"})
        self.assertFalse(any(orders.mapped("problem")))
        self.assertEqual(self.env["mail.activity"].search([]), calls)
        self.assertOneOfEach(orders)

    def import_behind_odoo(self, order):
        """The bank gets the order by another way: a copy of the database, say."""
        order.state = "sending"
        order.position = 1
        outcome_of_post(order)
        order.state = "queued"

    def test_the_look_up_comes_too_early(self):
        """Each goes alone then, with its ID, and the bank knows its own."""
        payments = self.pay_many([1.0, 2.0, 3.0])
        payments.action_tbc_queue()
        self.initiate(payments)
        orders = self.orders(payments)
        self.import_behind_odoo(orders[1])
        self.submit()
        self.bank.add_fault("lookup_late", on="find_single", times=3)
        self.refresh()
        self.assertEqual(set(orders.mapped("state")), {"queued"})
        self.submit()
        self.assertEqual(orders.mapped("state"), ["submitted", "unknown", "submitted"])
        self.refresh()
        self.assertEqual(set(orders.mapped("state")), {"to_sign"})
        self.assertOneOfEach(orders)

    def test_only_the_banks_own_word_sends_again(self):
        payments = self.pay_many([1.0, 2.0])
        self.bank.add_fault("duplicate", on="import_single")
        orders = self.send(payments)
        self.bank.add_fault("html500", on="find_single", times=9, status=404)
        self.refresh()
        self.assertEqual(set(orders.mapped("state")), {"unknown"})
        self.submit()
        self.assertEqual(self.posts(), 1)
        self.bank.clear_faults()
        self.refresh()
        self.submit()
        self.assertEqual(set(orders.mapped("state")), {"submitted"})
        self.assertOneOfEach(orders)

    def test_a_duplicate_that_is_not_the_banks_word(self):
        payments = self.pay_many([1.0, 2.0])
        self.bank.add_fault("html500_after_accept", on="import_single", status=409)
        orders = self.send(payments)
        self.assertFalse(any(orders.mapped("goes_on_if_missing")))
        self.bank.add_fault("lookup_late", on="find_single", times=2)
        self.refresh()
        self.assertEqual(set(orders.mapped("state")), {"unknown"})
        self.assertTrue(all(orders.mapped("is_missing_at_bank")))
        self.submit()
        self.assertEqual(self.posts(), 1)
        self.refresh()
        self.assertOneOfEach(orders)

    def test_an_innocent_is_not_let_go_before_the_bank_has_answered(self):
        payments = self.pay_many([1.0, 2.0])
        self.bank.add_fault("duplicate", on="import_single")
        orders = self.send(payments)
        self.refresh()
        self.assertEqual(set(orders.mapped("state")), {"queued"})
        with self.assertRaises(UserError):
            payments[0].action_cancel()
        orders[0].with_user(self.bookkeeper).action_withdraw()
        self.assertEqual(orders[0].state, "unknown")
        self.refresh()
        self.assertTrue(orders[0].is_missing_at_bank)
        self.submit()
        self.assertOneOfEach(orders[1])

    def test_whoever_may_not_send_any_more_sends_nothing(self):
        payments = self.pay_many([1.0, 2.0])
        self.bank.add_fault("duplicate", on="import_single")
        orders = self.send(payments)
        self.vendor.bank_ids.allow_out_payment = False
        self.refresh()
        self.submit()
        self.assertEqual(self.posts(), 1)
        self.assertFalse(any(orders.mapped("initiated_at")))

    def test_a_duplicate_of_one_is_asked_for(self):
        self.bank.add_fault("duplicate", on="import_single")
        order = self.send(self.pay())
        self.assertFalse(order.goes_on_if_missing)
        self.refresh()
        self.assertEqual((order.state, order.is_missing_at_bank), ("unknown", True))


@tagged("post_install", "-at_install")
class TestErrorIsNoEnd(TransferCase):
    """The bank's "Error" is shown and asked on; a person may call it the end."""

    def in_error(self, payment=None):
        payment = payment or self.pay()
        order = self.send(payment)
        self.refresh()
        self.bank.error(order.bank_transfer_id)
        self.refresh()
        return payment, order

    def close(self, order, user=None):
        user = user or self.director
        with identity(user):
            return order.with_user(user).action_close_error()

    def test_the_bill_stays_as_it_is(self):
        bill = self.make_bill()
        payment, order = self.in_error(self.register(bill))
        self.assertEqual((order.state, order.bank_status), ("to_sign", "Error"))
        self.assertEqual(
            (payment.state, bill.payment_state), ("in_process", "in_payment")
        )
        self.assertTrue(order.next_question_at)
        for words in ("reports Error", "Rejected by the bank", "ბანკმა უარყო"):
            self.assertIn(words, order.problem)
            self.assertIn(words, payment.tbc_note)
        self.assertEqual(payment.activity_ids.user_id, self.bookkeeper)
        for attempt in (payment.action_tbc_pay_again, payment.action_cancel):
            with self.assertRaises(UserError):
                attempt()
        self.refresh()
        self.assertEqual(len(payment.activity_ids), 1)

    def test_executed_after_all(self):
        payment, order = self.in_error()
        [there] = self.bank.transfers.orders
        there.status = "Waiting for certification"
        self.refresh()
        self.assertEqual((order.state, order.problem), ("to_sign", False))
        self.assertFalse(order.bank_reason_en)
        self.bank.sign()
        self.refresh()
        self.refresh()
        self.sync(self.account)
        self.assertEqual((order.state, payment.state), ("done", "paid"))

    def test_each_word_and_what_it_does(self):
        table = (
            ("Error", "to_sign", "in_process"),
            ("ERROR", "to_sign", "in_process"),
            ("Finished with errors", "to_sign", "in_process"),
            ("Suspended", "to_sign", "in_process"),
            ("Failed", "failed", "rejected"),
            ("Cancelled", "cancelled", "rejected"),
            ("Deleted", "cancelled", "rejected"),
        )
        payments = self.pay_many(range(10, 10 + len(table)))
        for (word, state, paid), payment in zip(table, payments, strict=True):
            order = self.send(payment)
            self.refresh()
            fault = {"on": "single_status", "word": word}
            self.bank.add_fault("unknown_status", **fault)
            order.next_question_at = "2026-01-01 00:00:00"
            self.run_cron("ir_cron_refresh_status")
            with self.subTest(word):
                self.assertEqual((order.state, payment.state), (state, paid))
                self.assertEqual(order.bank_status, word)

    def test_in_a_batch(self):
        payments = self.pay_many([1.0, 2.0])
        queue_payments(payments, batch_name="June")
        self.initiate(payments)
        self.submit()
        self.refresh()
        orders = self.orders(payments)
        self.bank.error(orders[0].bank_transfer_id)
        self.refresh()
        self.assertEqual(orders.mapped("state"), ["to_sign", "to_sign"])
        self.assertIn("reports Error", orders[0].problem)
        self.assertFalse(orders[1].problem)
        self.close(orders[0])
        self.assertEqual(orders.mapped("state"), ["failed", "to_sign"])
        self.assertEqual(payments.mapped("state"), ["rejected", "in_process"])

    def test_a_person_who_has_looked_closes_it(self):
        bill = self.make_bill()
        payment, order = self.in_error(self.register(bill))
        for user in (self.bookkeeper, self.administrator):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.close(order, user)
        with self.assertRaises(AccessError):
            order.with_user(self.director).action_close_error.__wrapped__(
                order.with_user(self.director)
            )
        self.close(order)
        self.assertEqual((order.state, order.closed_by_id), ("failed", self.director))
        self.assertEqual((payment.state, bill.payment_state), ("rejected", "not_paid"))
        told = "".join(order.message_ids.mapped("body"))
        self.assertIn("Taken as not executed by tbc_director", told)
        payment.action_tbc_pay_again()
        self.assertTrue(payment.tbc_paid_again_id)

    def test_the_bank_is_asked_before_it_is_closed(self):
        payment, order = self.in_error()
        self.bank.add_fault("html500", on="single_status", times=9)
        with self.assertRaisesRegex(UserError, "could not be asked"):
            self.close(order)
        self.bank.clear_faults()
        self.bank.add_fault("other_order", on="single_status", times=2)
        self.close(order)
        self.assertEqual(order.state, "to_sign")
        [there] = self.bank.transfers.orders
        there.status, there.questions = "In progress", 9
        self.close(order)
        self.assertEqual((order.state, payment.state), ("in_progress", "in_process"))
        with self.assertRaisesRegex(UserError, "does not say Error"):
            self.close(order)

    def test_executed_although_a_person_had_closed_it(self):
        payment, order = self.in_error()
        self.close(order)
        self.add("-100.00", "2026-06-30", paymentId=order.bank_transfer_id)
        self.sync(self.account)
        self.assertIn("may be paid twice", order.problem)
        self.assertEqual(payment.state, "rejected")
