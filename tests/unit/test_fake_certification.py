"""The fake bank's control door for orders, and the page on which a person signs."""

import datetime as dt
import unittest
from urllib.parse import urlencode

from fake_tbc import FakeBank
from fake_tbc.caller import Caller
from fake_tbc.order import OWN, TREASURY
from fake_tbc.samples import FIRST, SECOND, batch, of_batch, single

PAGE = "/_fake/certification"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class CertificationCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bank = FakeBank(
            accounts={FIRST: "GEL", SECOND: "GEL"},
            days=0,
            now=dt.datetime(2026, 6, 30, 12),
            openings={(FIRST, "GEL"): "100000"},
        ).start()
        cls.addClassCleanup(cls.bank.stop)
        cls.caller = Caller(cls.bank).sign_in("bab_transfers")
        cls.addClassCleanup(cls.caller.close)
        cls.bank.in_progress_questions = 0

    def setUp(self):
        self.bank.reject()

    def imported(self, *args, **changes):
        self.caller.import_single(single(*args, **changes))
        return self.bank.transfers.orders[-1]

    def imported_batch(self):
        body = batch(of_batch(), of_batch(), batchName="June salaries")
        return self.caller.post("/batch", body).json["batchTransferId"]


class TestOrdersOverHttp(CertificationCase):
    def statuses(self, path, value=None):
        found = self.caller.control("POST", f"orders/{path}", value)
        return [row["status"] for row in found["orders"]]

    def test_list(self):
        order = self.imported(transferExternalId="listed")
        found = self.caller.control("GET", "orders")["orders"]
        self.assertEqual(len(found), len(self.bank.transfers.orders))
        self.assertEqual(
            found[-1],
            {
                "transfer_id": order.transfer_id,
                "external_id": "listed",
                "batch_id": None,
                "batch_external_id": None,
                "client_id": "fake-client-id",
                "position": 1,
                "status": "Waiting for certification",
                "reason_en": None,
                "reason_ge": None,
                "arrived": "2026-06-30T12:00:00+04:00",
                "payload": single(transferExternalId="listed"),
            },
        )

    def test_decisions(self):
        one, other = self.imported(), self.imported()
        name = {"transfer_id": one.transfer_id}
        self.assertEqual(self.statuses("sign", name), ["Finished"])
        self.assertEqual(self.statuses(f"{other.transfer_id}/sign"), ["Finished"])
        batch_id = self.imported_batch()
        self.assertEqual(
            self.statuses("reject", {"batch_id": batch_id}), ["Cancelled"] * 2
        )
        self.imported()
        self.imported_batch()
        self.assertEqual(self.statuses("sign"), ["Finished"] * 3)
        found = self.caller.control("POST", f"orders/{one.transfer_id}/reject")
        self.assertIn("too late", found["error"])

    def test_changes(self):
        why = {"reason_en": "No", "reason_ge": "არა"}
        for change, value, status in (
            ("delete", None, "Deleted"),
            ("fail", why, "Failed"),
            ("error", why, "Error"),
        ):
            order = self.imported()
            path = f"{order.transfer_id}/{change}"
            self.assertEqual(self.statuses(path, value), [status])
            reasons = order.reason_en, order.reason_ge
            self.assertEqual(reasons, ("No", "არა") if value else (None, None))

    def test_questions(self):
        self.addCleanup(setattr, self.bank, "in_progress_questions", 0)
        found = self.caller.control(
            "PUT", "orders/questions", {"in_progress_questions": 2}
        )
        self.assertEqual(found, {"in_progress_questions": 2, "registered_questions": 0})
        self.assertEqual(self.caller.control("GET", "orders/questions"), found)

    def test_blocked(self):
        block = {"iban": SECOND, "at": "execution", "reason_en": "No"}
        found = self.caller.control("POST", "blocked", block)
        self.assertEqual(found, {"blocked": {SECOND: "execution"}})
        order = self.imported()
        self.assertEqual(self.statuses("sign"), ["Failed"])
        self.assertEqual(order.reason_en, "No")
        found = self.caller.control("DELETE", f"blocked/{SECOND}")
        self.assertEqual(found, {"blocked": {}})
        self.assertEqual(self.caller.control("GET", "blocked"), found)


class TestPage(CertificationCase):
    def page(self):
        answer = self.caller.call("GET", PAGE, None, {})
        self.assertEqual(answer.headers["content-type"], "text/html; charset=utf-8")
        return answer.body.decode()

    def click(self, **fields):
        answer = self.caller.call("POST", PAGE, urlencode(fields), FORM)
        self.assertEqual((answer.status, answer.headers["location"]), (303, PAGE))

    def test_says_what_it_is(self):
        self.assertIn("FAKE TBC BANK", self.page())
        self.assertIn("Nothing waits", self.page())

    def test_what_waits(self):
        self.imported(
            creditAccount=("GE44TB0600051509630891", "GEL"),
            beneficiaryName="<b>შპს ალტა</b>",
            amount=(1234.5, "GEL"),
            description='"Rent" & heat',
            transferExternalId="<i>1",
        )
        self.imported(TREASURY)
        self.imported(OWN)
        batch_id = self.imported_batch()
        page = self.page()
        for text in (
            "&lt;b&gt;შპს ალტა&lt;/b&gt;",
            "GE44TB0600051509630891",
            "1,234.50 GEL",
            "&quot;Rent&quot; &amp; heat",
            "&lt;i&gt;1",
            "State Treasury",
            "101001000",
            "Own account",
            f"Batch {batch_id} June salaries: 2",
            "Waiting for certification: 5",
        ):
            self.assertIn(text, page)

    def test_single_orders_stand_above_the_batches(self):
        self.imported_batch()
        order = self.imported()
        page = self.page()
        self.assertLess(page.index(f">{order.transfer_id}<"), page.index("June sal"))

    def test_buttons(self):
        one, other, third = (self.imported() for _ in range(3))
        batch_id = self.imported_batch()
        self.assertIn(f'name="transfer_id" value="{one.transfer_id}"', self.page())
        self.assertIn(f'name="batch_id" value="{batch_id}"', self.page())
        self.click(decision="sign", transfer_id=one.transfer_id)
        self.click(decision="reject", transfer_id=other.transfer_id)
        self.click(decision="sign", transfer_id=other.transfer_id)  # too late
        self.assertEqual((one.status, other.status), ("Finished", "Cancelled"))
        self.click(decision="reject", batch_id=batch_id)
        self.assertEqual(third.status, "Waiting for certification")
        self.click(decision="sign")
        self.assertEqual(third.status, "Finished")
        self.assertIn("<h2>Decided</h2>", self.page())

    def test_no_button_of_the_page(self):
        order = self.imported()
        for fields in ({"decision": "steal"}, {}, {"decision": "sign", "batch_id": 1}):
            answer = self.caller.call("POST", PAGE, urlencode(fields), FORM)
            self.assertEqual(answer.status, 400)
        self.assertEqual(order.status, "Waiting for certification")
