"""What the fake bank can get wrong with orders, and whether it took them all the same."""

import http.client
import json
import unittest

from fake_tbc import FakeBank
from fake_tbc.caller import Caller
from fake_tbc.samples import FIRST, batch, of_batch, single


class TestTransferFaults(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bank = FakeBank(accounts={FIRST: "GEL"}, days=0).start()
        cls.addClassCleanup(cls.bank.stop)
        cls.caller = Caller(cls.bank).sign_in("bab_transfers bab_accounts")
        cls.addClassCleanup(cls.caller.close)

    def setUp(self):
        self.addCleanup(self.bank.clear_faults)
        self.before = len(self.bank.transfers.orders)

    def fault(self, name, on="import_single", **options):
        self.bank.add_fault(name, on=on, **options)

    def send(self, count=1):
        return self.caller.import_single(
            *(single(position=number) for number in range(1, count + 1))
        )

    def registered(self):
        """How many orders the bank took in this test."""
        return len(self.bank.transfers.orders) - self.before

    def test_before_the_bank_takes_anything(self):
        for name, options in (("drop", {}), ("timeout", {"seconds": 0})):
            self.fault(name, **options)
            with self.assertRaises(http.client.RemoteDisconnected):
                self.send()
        for name, status in (
            ("html500", 500),
            ("401", 401),
            ("429", 429),
            ("empty", 200),
            ("redirect", 302),
        ):
            self.fault(name)
            self.assertEqual(self.send().status, status)
        self.fault("expired_token")
        self.assertEqual(self.send().status, 401)
        self.caller.sign_in("bab_transfers bab_accounts")
        self.assertEqual(self.registered(), 0)
        self.assertEqual((self.send().status, self.registered()), (200, 1))

    def test_after_the_bank_took_it(self):
        for name, options in (
            ("drop_after_accept", {}),
            ("timeout_after_accept", {"seconds": 0}),
        ):
            self.fault(name, **options)
            with self.assertRaises(http.client.RemoteDisconnected):
                self.send()
        self.assertEqual(self.registered(), 2)
        self.fault("html500_after_accept", status=502)
        answer = self.send()
        self.assertEqual((answer.status, answer.body[:6]), (502, b"<html>"))
        self.fault("slow_after_accept", seconds=0.001)
        self.assertEqual(len(self.send().json["succeeded"]), 1)
        self.fault("truncated")
        answer = self.send()
        with self.assertRaises(json.JSONDecodeError):
            json.loads(answer.body)
        self.fault("truncated", broken_connection=True)
        with self.assertRaises(http.client.IncompleteRead):
            self.send()
        self.assertEqual(self.registered(), 6)

    def test_somebody_before_the_bank_refuses(self):
        self.fault("stranger", status=404)
        answer = self.send()
        self.assertEqual((answer.status, list(answer.json)), (404, ["fault"]))
        self.fault("stranger", body={"code": "BadRequest"})
        answer = self.send()
        self.assertEqual((answer.status, answer.json), (400, {"code": "BadRequest"}))
        self.assertEqual(self.registered(), 0)
        self.fault("stranger_after_accept", status=413, body="<html>")
        answer = self.send()
        self.assertEqual((answer.status, answer.body), (413, b"<html>"))
        self.fault("refused_after_accept", code="DomainError")
        answer = self.send()
        self.assertEqual((answer.status, answer.json["code"]), (400, "DomainError"))
        self.assertEqual(self.registered(), 2)

    def test_the_lost_order_is_found_by_its_external_id(self):
        self.fault("drop_after_accept")
        with self.assertRaises(http.client.RemoteDisconnected):
            self.caller.import_single(single(transferExternalId="lost"))
        (found,) = self.caller.find("lost").json.values()
        self.assertEqual(self.bank.transfers.orders[-1].transfer_id, found)

    def test_errors_of_the_transfers_table(self):
        for code, status, title in (
            ("ValidationError", 400, "One or more validation errors occurred"),
            (
                "DUPLICATED_SINGLE_TRANSFER_REQUEST",
                400,
                "Duplicated Single Transfer Request",
            ),
            (
                "DUPLICATED_BATCH_TRANSFER_REQUEST",
                400,
                "Duplicated Batch Transfer Request",
            ),
            ("VALIDATION_ERROR", 400, "Business validation failed"),
            ("DomainError", 400, "Domain logic validation error"),
            ("Unauthorized", 401, "Unauthorized access"),
            ("ObjectNotFound", 404, "Requested object was not found"),
            ("SystemError", 500, "An error occurred while processing your request"),
            ("ApplicationError", 500, "Application logic validation error"),
        ):
            self.fault(code)
            answer = self.send()
            found = answer.json
            self.assertEqual(
                (answer.status, found["status"], found["code"], found["title"]),
                (status, status, code, title),
            )
            self.assertEqual(
                answer.headers["content-type"],
                "application/problem+json; charset=utf-8",
            )
        errors = {"singleTransferOrders[0].amount": ["too much"]}
        self.fault("VALIDATION_ERROR", title="Limit exceeded", errors=errors)
        found = self.send().json
        self.assertEqual((found["title"], found["errors"]), ("Limit exceeded", errors))
        self.fault("GENERAL_ERROR")  # one of the Accounts table
        self.assertEqual(self.send().json["code"], "SystemError")
        self.assertEqual(self.registered(), 0)

    def test_duplicate(self):
        self.fault("duplicate", on="any")
        self.assertEqual(self.caller.find("11001").status, 404)  # no import
        answer = self.send()
        self.assertEqual(answer.json["code"], "DUPLICATED_SINGLE_TRANSFER_REQUEST")
        self.fault("duplicate", on="import_batch")
        answer = self.caller.post("/batch", batch(of_batch()))
        self.assertEqual(answer.json["code"], "DUPLICATED_BATCH_TRANSFER_REQUEST")
        self.assertEqual(self.registered(), 0)

    def test_partial(self):
        self.fault("partial", positions=[2], reasons=["No", "Never"])
        found = self.send(3).json
        self.assertEqual([row["position"] for row in found["succeeded"]], [1, 3])
        self.assertEqual(found["failed"], [{"position": 2, "errors": ["No", "Never"]}])
        self.assertEqual(self.registered(), 2)
        self.fault("partial", on="import_batch", positions=[1])
        answer = self.caller.post("/batch", batch(of_batch(), of_batch()))
        self.assertEqual(
            (answer.status, answer.json["code"]), (400, "VALIDATION_ERROR")
        )
        self.assertEqual(self.registered(), 2)

    def test_missing_position(self):
        self.fault("missing_position", positions=[1])
        found = self.send(2).json
        self.assertEqual([row["position"] for row in found["succeeded"]], [2])
        self.assertEqual((found["failed"], self.registered()), ([], 2))

    def test_receipts_in_other_shapes(self):
        self.fault("shuffled")
        found = self.send(3).json["succeeded"]
        self.assertEqual([row["position"] for row in found], [3, 2, 1])
        self.assertEqual(found[0]["transferId"], found[2]["transferId"] + 2)
        self.fault("null_lists")
        found = self.send().json
        self.assertEqual((found["failed"], len(found["succeeded"])), (None, 1))
        self.fault("variant_b")
        (row,) = self.send().json["singleTransferResults"]
        self.assertEqual(list(row), ["position", "transferId"])
        self.fault("variant_c")
        (row,) = self.send().json["succeeded"]
        self.assertEqual(list(row), ["position", "id"])
        self.fault("variant_c", alone=True)
        found = self.send().json
        self.assertEqual(found, {"id": row["id"] + 1})

    def test_a_refusal_keeps_its_shape(self):
        for name in ("shuffled", "null_lists", "variant_b", "variant_c"):
            self.fault(name)
            answer = self.caller.post("/single", {})
            self.assertEqual(
                (answer.status, answer.json["code"]), (400, "ValidationError")
            )
        for name in ("unknown_status", "status_backwards"):
            self.fault(name, on="single_status")
            self.assertEqual(self.caller.status(1).json["code"], "ObjectNotFound")

    def test_statuses(self):
        body = batch(of_batch(), of_batch())
        number = self.caller.post("/batch", body).json["batchTransferId"]
        self.bank.fail(self.bank.sign(batch_id=number)[0].transfer_id)

        def told(name, **options):
            self.fault(name, on="batch_status", **options)
            found = self.caller.status(number, "batch").json
            rows = found["batchTransferData"]
            return [found["status"], *(row["transferStatus"] for row in rows)]

        self.assertEqual(
            told("status_backwards"),
            ["Waiting for certification", "In progress", "Waiting for certification"],
        )
        self.assertEqual(told("unknown_status"), ["Under review"] * 3)
        self.assertEqual(told("unknown_status", word="Uploading"), ["Uploading"] * 3)
        self.assertEqual(told("shuffled")[1:], ["Finished", "Failed"])
        one = self.send().json["succeeded"][0]["transferId"]
        self.fault("status_backwards", on="single_status")
        found = self.caller.status(one).json
        self.assertEqual(
            (found["status"], found["singleTransferData"]["transferStatus"]),
            ("Registered", "Registered"),
        )

    def test_a_batch_taken_in_part(self):
        self.fault("takes_some", on="import_batch", positions=[1, 3])
        orders = [of_batch(position=n) for n in (1, 2, 3)]
        number = self.caller.post("/batch", batch(*orders)).json["batchTransferId"]
        rows = self.caller.status(number, "batch").json["batchTransferData"]
        self.assertEqual([row["position"] for row in rows], [1, 3])

    def test_an_odd_list(self):
        body = batch(of_batch(position=1), of_batch(position=2))
        number = self.caller.post("/batch", body).json["batchTransferId"]

        def told(**options):
            self.fault("odd_list", on="batch_status", **options)
            found = self.caller.status(number, "batch").json
            rows = found["batchTransferData"]
            return found["status"], [(r["position"], r["transferId"]) for r in rows]

        first, second = (str(o.transfer_id) for o in self.bank.transfers.orders[-2:])
        waiting, finished = "Waiting for certification", "FINISHED"
        both = [(1, first), (2, second)]
        self.assertEqual(told(), (waiting, both))
        self.assertEqual(told(leave_out=[2], word=finished), (finished, [(1, first)]))
        self.assertEqual(
            told(without=["position", "transferId"]), (waiting, [(None, None)] * 2)
        )
        self.assertEqual(told(double=[1]), (waiting, [*both, (1, "9")]))

    def test_the_status_of_another_order(self):
        one = self.send().json["succeeded"][0]["transferId"]
        self.fault("other_order", on="single_status")
        found = self.caller.status(one).json["singleTransferData"]
        self.assertEqual(found["transferId"], "999999")
        for name, on in (
            ("other_order", "single_status"),
            ("odd_list", "batch_status"),
        ):
            self.fault(name, on=on)
            kind = on.partition("_")[0]
            self.assertEqual(self.caller.status(1, kind).status, 404)

    def test_an_order_of_a_batch_by_itself(self):
        body = batch(of_batch(transferExternalId="inside"))
        self.caller.post("/batch", body)
        order = self.bank.transfers.orders[-1]
        self.assertEqual(self.caller.find("inside").status, 404)
        self.assertEqual(self.caller.status(order.transfer_id).status, 404)
        self.bank.transfers.knows_batch_orders = True
        self.addCleanup(setattr, self.bank.transfers, "knows_batch_orders", False)
        found = self.caller.find("inside").json
        self.assertEqual(found, {"transferId": order.transfer_id})
        self.assertEqual(self.caller.status(order.transfer_id).status, 200)

    def test_lookup_late(self):
        self.caller.import_single(single(transferExternalId="late"))
        self.fault("lookup_late", on="find_single", times=2)
        answers = [self.caller.find("late") for _ in range(3)]
        self.assertEqual([answer.status for answer in answers], [404, 404, 200])
        self.assertEqual(answers[0].json["objectId"], "late")

    def test_times_after_and_route(self):
        self.fault("lookup_late", on="any", times=1, after=1)
        self.fault("drop_after_accept", times=1, after=1)
        self.caller.movements()  # cannot be late
        self.caller.import_single(single(transferExternalId="not yet"))
        statuses = [self.caller.find("not yet").status for _ in range(3)]
        self.assertEqual(statuses, [200, 404, 200])
        with self.assertRaises(http.client.RemoteDisconnected):
            self.send()
        self.assertEqual((self.send().status, self.registered()), (200, 3))
        self.assertEqual(self.bank.faults.waiting(), [])

    def test_orders_that_make_no_sense(self):
        for name, options in (
            ("partial", {}),
            ("missing_position", {"positions": [1], "on": "import_batch"}),
            ("partial", {"positions": [1], "on": "movements"}),
            ("unknown_status", {"on": "single_status", "words": "x"}),
            ("repeat_page", {"on": "import_single"}),
            ("SystemError", {"status": 503}),
        ):
            with self.subTest(name), self.assertRaises(ValueError):
                self.fault(name, **options)
