"""Transfer orders at the fake bank: from the import, over the signature, to the books."""

import datetime as dt
import threading
import unittest
from decimal import Decimal

from fake_tbc import FakeBank
from fake_tbc.caller import Caller
from fake_tbc.order import FOREIGN, NATIONAL, OWN, TREASURY, WITHIN_BANK
from fake_tbc.samples import FIRST, SECOND, batch, of_batch, single

NOON = dt.datetime(2026, 6, 30, 12)


class BankCase(unittest.TestCase):
    options = {}

    @classmethod
    def setUpClass(cls):
        cls.bank = FakeBank(**cls.options).start()
        cls.addClassCleanup(cls.bank.stop)
        cls.caller = Caller(cls.bank).sign_in("bab_transfers")
        cls.addClassCleanup(cls.caller.close)

    def imported(self, *args, **changes):
        """The transfer id of one order that the bank took."""
        answer = self.caller.import_single(single(*args, **changes)).json
        self.assertEqual(answer["failed"], [])
        return answer["succeeded"][0]["transferId"]

    def imported_batch(self, count, **members):
        answer = self.caller.post("/batch", batch(*[of_batch()] * count, **members))
        return answer.json["batchTransferId"]

    def told(self, transfer_id):
        return self.caller.status(transfer_id).json["status"]

    def told_of_batch(self, batch_id):
        """Its status, and those of its orders."""
        answer = self.caller.status(batch_id, "batch").json
        rows = answer["batchTransferData"]
        return [answer["status"], *(row["transferStatus"] for row in rows)]


class TestSandbox(BankCase):
    options = {"mode": "documented"}

    def test_each_single_order_of_the_bank_s_own_tests(self):
        for number, changes in enumerate(
            (
                {"kind": OWN},
                {"kind": TREASURY},
                {
                    "kind": TREASURY,
                    "taxpayerCode": "123456789",
                    "taxpayerName": "Some Taxpayer",
                },
                {"kind": WITHIN_BANK},
                {"kind": NATIONAL},
                {"kind": FOREIGN},
            )
        ):
            with self.subTest(**changes):
                external_id = f"{number:032x}"
                found = self.imported(**changes, transferExternalId=external_id)
                self.assertEqual(found, 502341 + number)
                self.assertEqual(
                    self.caller.find(external_id).json, {"transferId": found}
                )
                self.assertEqual(
                    self.caller.status(found).json,
                    {
                        "status": "Finished",
                        "singleTransferData": {
                            "position": 1,
                            "transferId": str(found),
                            "transferStatus": "Finished",
                            "errorDetailEN": "",
                            "errorDetailGE": "",
                            "failureReasonEn": None,
                            "failureReasonGe": None,
                        },
                        "batchTransferData": None,
                    },
                )

    def test_the_batch_of_the_bank_s_own_tests(self):
        gel = [
            (iban, "GEL")
            for iban in (
                "GE44TB0600051509630891",
                "GE41TB7849963286076183",
                "GE90BG0000000589021505",
            )
        ]
        body = batch(
            of_batch(creditAccount=gel[0], amount=(1, "GEL"), beneficiaryName="ალტა1"),
            of_batch(OWN, creditAccount=gel[1], amount=(2, "GEL")),
            of_batch(
                NATIONAL,
                creditAccount=gel[2],
                amount=(30, "GEL"),
                beneficiaryBankCode="TB",
                beneficiaryBankName="TBC Bank",
            ),
            batchTransferExternalId="BATCH-2026-0001",
            batchName="June salaries",
        )
        answer = self.caller.post("/batch", body)
        self.assertEqual(answer.json, {"batchTransferId": 184729})
        self.assertEqual(
            self.caller.find("BATCH-2026-0001", "batch").json, {"batchId": 184729}
        )
        found = self.caller.status(184729, "batch").json
        self.assertEqual(
            (found["status"], found["singleTransferData"]), ("FINISHED", None)
        )
        self.assertEqual(
            [
                (row["position"], row["transferStatus"])
                for row in found["batchTransferData"]
            ],
            [(1, "Finished"), (2, "Finished"), (3, "Finished")],
        )

    def test_only_the_two_test_accounts_are_debited(self):
        for account, good in (
            ((FIRST, "USD"), True),
            ((SECOND, "EUR"), True),
            ((FIRST, "GBP"), False),
            (("GE48TB7873440574631292", "GEL"), False),
        ):
            order = single(
                OWN, debitAccount=account, amount=(1, account[1]), position=None
            )
            answer = self.caller.import_single(order).json
            self.assertEqual(bool(answer["succeeded"]), good, account)

    def test_nothing_waits_and_nothing_is_executed(self):
        self.imported(OWN)
        self.assertEqual(self.bank.sign(), [])
        self.assertNotIn((FIRST, "GEL"), self.bank.ledger.accounts)


class TestTheWayOfAnOrder(BankCase):
    options = {
        "accounts": {FIRST: ("GEL", "EUR"), SECOND: "GEL"},
        "days": 0,
        "now": NOON,
        "openings": {(FIRST, "GEL"): "100000"},
    }

    def setUp(self):
        self.addCleanup(setattr, self.bank, "in_progress_questions", 1)
        self.addCleanup(setattr, self.bank, "registered_questions", 0)

    def test_receipt(self):
        answer = self.caller.import_single(
            single(position=7, transferExternalId="receipt 7"),
            single(position=3, description="x" * 141),
            single(position=5),
        )
        found = answer.json
        first, second = (row["transferId"] for row in found["succeeded"])
        self.assertEqual(second, first + 1)
        self.assertEqual([row["position"] for row in found["succeeded"]], [7, 5])
        self.assertEqual(
            found["failed"],
            [
                {
                    "position": 3,
                    "errors": ["description must have at most 140 characters"],
                }
            ],
        )
        order = self.bank.transfers.orders[-2]
        self.assertEqual(
            (order.transfer_id, order.external_id, order.position, order.arrived),
            (first, "receipt 7", 7, self.bank.now),
        )
        self.assertEqual(
            order.payload, single(position=7, transferExternalId="receipt 7")
        )
        self.assertEqual(
            self.caller.status(second).json["singleTransferData"]["position"], 5
        )

    def test_orders_without_positions_are_numbered_from_one(self):
        orders = [single(position=None, description=text) for text in "ab"]
        found = self.caller.import_single(*orders, single(position=None, amount=None))
        self.assertEqual([row["position"] for row in found.json["succeeded"]], [1, 2])
        self.assertEqual([row["position"] for row in found.json["failed"]], [3])

    def test_what_was_sent_is_recorded(self):
        self.bank.forget_requests()
        sent = {"singleTransferOrders": [single(amount=(1234567.89, "GEL"))]}
        self.caller.post("/single", sent)
        self.caller.post("/single", b"{")
        self.caller.post("/batch", batch(of_batch()))
        self.caller.find("11001")
        self.assertEqual(
            [(record.name, record.body) for record in self.bank.requests],
            [
                ("import_single", sent),
                ("import_single", None),
                ("import_batch", batch(of_batch())),
                ("find_single", None),
            ],
        )
        self.assertEqual(
            {record.scope for record in self.bank.requests}, {"bab_transfers"}
        )

    def test_waits_until_somebody_signs(self):
        one, other = self.imported(), self.imported()
        waits = "Waiting for certification"
        self.assertEqual([self.told(one) for _ in range(3)], [waits] * 3)
        self.bank.sign(str(one))
        self.assertEqual(
            [self.told(one) for _ in range(3)], ["In progress", "Finished", "Finished"]
        )
        self.assertEqual(self.told(other), waits)
        with self.assertRaises(ValueError):
            self.bank.sign(one)
        with self.assertRaises(KeyError):
            self.bank.sign(1)
        self.assertIn(other, [order.transfer_id for order in self.bank.sign()])

    def test_how_long_it_stays_where_it_is(self):
        self.bank.in_progress_questions = self.bank.registered_questions = 2
        one = self.imported()
        words = [self.told(one) for _ in range(3)]
        self.assertEqual(
            words, ["Registered", "Registered", "Waiting for certification"]
        )
        self.bank.sign(one)
        words = [self.told(one) for _ in range(3)]
        self.assertEqual(words, ["In progress", "In progress", "Finished"])
        self.bank.in_progress_questions = 0
        other = self.imported()
        (order,) = self.bank.sign(other)  # although still Registered
        self.assertEqual(order.status, "Finished")

    def test_other_ends(self):
        decided = {
            "Cancelled": self.bank.reject,
            "Deleted": self.bank.delete,
            "Failed": self.bank.fail,
            "Error": self.bank.error,
        }
        for word, decide in decided.items():
            with self.subTest(word):
                one = self.imported()
                decide(one)
                self.assertEqual(self.told(one), word)
                for again in (decide, self.bank.sign):
                    with self.assertRaises(ValueError):
                        again(one)

    def test_reasons_in_both_languages(self):
        failed, error = self.imported(), self.imported()
        self.bank.sign(failed)
        self.bank.fail(failed, "Account closed", "ანგარიში დახურულია")
        self.bank.error(error, "Try later", "სცადეთ მოგვიანებით")
        names = "errorDetailEN", "errorDetailGE", "failureReasonEn", "failureReasonGe"
        for one, expected in (
            (failed, ["", "", "Account closed", "ანგარიში დახურულია"]),
            (error, ["Try later", "სცადეთ მოგვიანებით", None, None]),
        ):
            row = self.caller.status(one).json["singleTransferData"]
            self.assertEqual([row[name] for name in names], expected)

    def test_batches(self):
        batch_id = self.imported_batch(3, batchTransferExternalId="B 1/2")
        self.assertEqual(self.caller.find("B 1/2", "batch").json, {"batchId": batch_id})
        self.assertEqual(
            self.told_of_batch(batch_id), ["Waiting for certification"] * 4
        )
        orders = self.bank.sign(batch_id=batch_id)
        self.assertEqual({order.batch_external_id for order in orders}, {"B 1/2"})
        self.assertEqual(orders[0].payload["debitAccount"], single()["debitAccount"])
        self.assertEqual(self.told_of_batch(batch_id), ["In progress"] * 4)
        self.bank.fail(orders[1].transfer_id)
        self.assertEqual(
            self.told_of_batch(batch_id),
            ["Finished with errors", "Finished", "Failed", "Finished"],
        )
        for decide, word in (
            (self.bank.reject, "Cancelled"),
            (self.bank.sign, "Finished"),
        ):
            batch_id = self.imported_batch(2)
            decide(batch_id=batch_id)
            self.told_of_batch(batch_id)
            self.assertEqual(self.told_of_batch(batch_id), [word] * 3)

    def test_mixed_batches(self):
        def status(*ends):
            batch_id = self.imported_batch(len(ends))
            for end, order in zip(
                ends, self.bank.transfers.named(batch_id=batch_id), strict=True
            ):
                if end:
                    end(order.transfer_id)
            return self.caller.status(batch_id, "batch").json["status"]

        fail, error, delete = self.bank.fail, self.bank.error, self.bank.delete
        self.assertEqual(status(fail, None), "Waiting for certification")
        self.assertEqual(status(fail, self.bank.sign), "In progress")
        self.assertEqual(status(fail, error), "Failed")
        self.assertEqual(status(error, delete), "Error")
        self.assertEqual(status(delete, delete), "Cancelled")
        self.assertEqual(status(delete, self.bank.reject), "Cancelled")

    def test_orders_of_a_batch_are_not_single_orders(self):
        body = batch(of_batch(transferExternalId="inner"))
        self.caller.post("/batch", body)
        order = self.bank.transfers.orders[-1]
        self.assertEqual(self.caller.find("inner").status, 404)
        self.assertEqual(self.caller.find("inner", "batch").status, 404)
        self.assertEqual(self.caller.status(order.transfer_id).status, 404)

    def test_not_found(self):
        for answer, kind, sought in (
            (self.caller.status(1), "SingleTransfer", "1"),
            (self.caller.status(1, "batch"), "BatchTransfer", "1"),
            (self.caller.find("11/00 1"), "SingleTransfer", "11/00 1"),
            (self.caller.find("B-9", "batch"), "BatchTransfer", "B-9"),
        ):
            found = answer.json
            self.assertEqual(
                (answer.status, found["code"], found["title"]),
                (404, "ObjectNotFound", "Requested object was not found"),
            )
            self.assertEqual((found["objectType"], found["objectId"]), (kind, sought))
        answer = self.caller.status("11001a")
        self.assertEqual((answer.status, answer.json["code"]), (400, "ValidationError"))

    def test_integrations_apart(self):
        one = self.imported(transferExternalId="mine")
        batch_id = self.imported_batch(1, batchTransferExternalId="my batch")
        self.bank.add_client("second", "other-secret")
        self.addCleanup(self.bank.revoke, "second")
        second = Caller(self.bank, "second", "other-secret").sign_in("bab_transfers")
        self.addCleanup(second.close)
        for answer in (
            second.status(one),
            second.status(batch_id, "batch"),
            second.find("mine"),
            second.find("my batch", "batch"),
        ):
            self.assertEqual(answer.status, 404)
        answer = second.import_single(single(transferExternalId="mine"))
        self.assertEqual(len(answer.json["succeeded"]), 1)

    def test_one_external_id_sent_twice_at_once_is_one_order(self):
        callers = [Caller(self.bank).sign_in("bab_transfers") for _ in range(4)]
        answers, start = [], threading.Barrier(len(callers))

        def send(caller):
            start.wait()
            answers.append(
                caller.import_single(single(transferExternalId="at once")).status
            )
            caller.close()

        threads = [threading.Thread(target=send, args=(one,)) for one in callers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(answers), [200, 400, 400, 400])
        found = [order.external_id for order in self.bank.transfers.orders]
        self.assertEqual(found.count("at once"), 1)


class TestTheBooks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bank = FakeBank(
            accounts={FIRST: ("GEL", "USD", "EUR"), SECOND: ("GEL", "EUR")},
            days=0,
            now=NOON,
            openings={
                (FIRST, "GEL"): "1000",
                (FIRST, "USD"): "1000",
                (FIRST, "EUR"): "0",
                (SECOND, "GEL"): "0",
                (SECOND, "EUR"): "0",
            },
            overdrafts={(FIRST, "EUR"): "100"},
        ).start()
        cls.addClassCleanup(cls.bank.stop)
        cls.caller = Caller(cls.bank).sign_in("bab_transfers bab_accounts")
        cls.addClassCleanup(cls.caller.close)
        cls.bank.in_progress_questions = 0

    def setUp(self):
        self.addCleanup(self.withdraw_all)

    def withdraw_all(self):
        for row in self.bank.ledger.select(self.bank.ledger.accounts):
            self.bank.ledger.withdraw(row.movement_id)

    def executed(self, kind=WITHIN_BANK, **changes):
        """The order, once it was signed, and its movements: {account: rows}."""
        self.caller.import_single(single(kind, **changes))
        (order,) = self.bank.sign(self.bank.transfers.orders[-1].transfer_id)
        books = {}
        for account in self.bank.ledger.accounts:
            rows = self.bank.ledger.movements(*account)
            if rows:
                books[account] = rows
        return order, books

    def assert_row(self, row, **expected):
        self.assertEqual({name: row[name] for name in expected}, expected)

    def assert_counterparty(self, row, **expected):
        self.assert_row(row["partnerAccountInfo"], **expected)

    def assert_failed(self, order, books, reason):
        self.assertEqual((order.status, order.reason_en), ("Failed", reason))
        self.assertRegex(order.reason_ge, "[ა-ჰ]")
        self.assertEqual(books, {})

    def test_within_the_bank(self):
        order, books = self.executed(
            creditAccount=("GE44TB0600051509630891", "GEL"),
            beneficiaryTaxCode="204567891",
            additionalDescription="June",
            amount=(3.45, "GEL"),
        )
        self.assertEqual(order.status, "Finished")
        self.assertEqual(list(books), [(FIRST, "GEL")])
        (row,) = books[FIRST, "GEL"]
        self.assert_row(
            row,
            paymentId=str(order.transfer_id),
            amount=3.45,
            isDebit=True,
            transactionType=30,
            purpose="Invoice 254",
            additionalDescription="June",
            documentNumber="10001",
            date="2026-06-30T00:00:00",
            statusCode=0,
            parentExternalPaymentId=0,
            exchangeRate=None,
        )
        self.assertRegex(row["movementId"], r"^0\d{11}\.1$")
        self.assert_counterparty(
            row,
            accountIban="GE44TB0600051509630891",
            bankCode="TBCBGE22",
            partnerName="Test Beneficiary",
            taxCode="204567891",
        )
        found = self.caller.movements().json["transactions"]
        self.assertEqual(found, [row])
        self.assertEqual(self.bank.ledger.balance(FIRST, "GEL"), Decimal("996.55"))

    def test_to_an_account_in_the_same_books(self):
        order, books = self.executed()
        (debit,), (credit,) = books[FIRST, "GEL"], books[SECOND, "GEL"]
        self.assertEqual(debit["paymentId"], str(order.transfer_id))
        self.assert_row(
            credit, paymentId=None, isDebit=False, amount=3.45, transactionType=20
        )
        self.assertEqual(credit["externalPaymentId"], debit["externalPaymentId"])

    def test_to_another_bank_with_its_fee(self):
        order, books = self.executed(NATIONAL)
        transfer, fee = books[FIRST, "GEL"]
        self.assert_row(
            transfer, paymentId=str(order.transfer_id), amount=100, transactionType=30
        )
        self.assert_counterparty(transfer, bankCode="BAGAGE22", taxCode="12345678901")
        self.assert_row(
            fee,
            paymentId=None,
            amount=0.9,
            isDebit=True,
            transactionType=33,
            parentExternalPaymentId=int(transfer["externalPaymentId"]),
        )
        self.assertNotEqual(fee["externalPaymentId"], transfer["externalPaymentId"])

    def test_abroad(self):
        _order, books = self.executed(FOREIGN)
        transfer, fee = books[FIRST, "EUR"]
        self.assert_row(
            transfer,
            amount=1,
            transactionType=30,
            chargeDetail="SHA",
            intermediaryBankCode="string",
        )
        self.assert_counterparty(
            transfer,
            accountIban="CZ6508000000192000145399",
            bankCode="0800",
            bankName="Some Bank",
            partnerName="Beneficiary Name",
        )
        self.assert_row(fee, amount=15, currency="EUR", transactionType=33)

    def test_to_the_treasury(self):
        _order, books = self.executed(
            TREASURY, taxpayerCode="123456789", taxpayerName="Some Taxpayer"
        )
        (row,) = books[FIRST, "GEL"]
        self.assert_row(
            row,
            transactionType=32,
            taxpayerCode="123456789",
            taxpayerName="Some Taxpayer",
        )
        self.assert_counterparty(
            row, treasuryCode="101001000", bankCode="TRESGE22", accountIban=None
        )

    def test_to_our_own_account(self):
        order, books = self.executed(OWN)
        (debit,), (credit,) = books[FIRST, "GEL"], books[SECOND, "GEL"]
        self.assertEqual(debit["movementId"][:-1], credit["movementId"][:-1])
        both = {"paymentId": str(order.transfer_id), "transactionType": 1}
        self.assert_row(debit, isDebit=True, amount=3.45, **both)
        self.assert_row(credit, isDebit=False, amount=3.45, **both)
        self.assert_counterparty(debit, accountIban=SECOND)
        self.assert_counterparty(credit, accountIban=FIRST)

    def test_conversions(self):
        for source, target, sent, came, rate in (
            ("USD", "GEL", 10.01, 27.18, "1 USD = 2.715 GEL"),  # 27.17715
            ("GEL", "USD", 27.15, 10, "1 USD = 2.715 GEL"),
            ("USD", "EUR", 117.03, 100.08, "1 EUR = 1.1694 USD"),  # 100.0769…
        ):
            with self.subTest(f"{source} {target}"):
                _order, books = self.executed(
                    OWN,
                    debitAccount=(FIRST, source),
                    creditAccount=(FIRST, target),
                    amount=(sent, source),
                )
                (debit,), (credit,) = books[FIRST, source], books[FIRST, target]
                both = {"exchangeRate": rate, "transactionType": 5, "opCode": "CNV"}
                self.assert_row(debit, amount=sent, currency=source, **both)
                self.assert_row(credit, amount=came, currency=target, **both)
            self.withdraw_all()

    def test_not_enough_money(self):
        for kind, currency, amount in (
            (WITHIN_BANK, "GEL", 1000.01),
            (NATIONAL, "GEL", 999.11),  # and then the fee
            (FOREIGN, "EUR", 85.01),
        ):
            with self.subTest(kind):
                order, books = self.executed(kind, amount=(amount, currency))
                self.assert_failed(order, books, "Insufficient funds")
        for kind, currency, amount in (
            (WITHIN_BANK, "GEL", 1000),
            (FOREIGN, "EUR", 85),
        ):
            order, _books = self.executed(kind, amount=(amount, currency))
            self.assertEqual(order.status, "Finished")

    def test_blocked_at_execution(self):
        self.bank.block_account(SECOND, at="execution")
        self.addCleanup(self.bank.unblock_account, SECOND)
        order, books = self.executed()
        self.assert_failed(order, books, "The account of the beneficiary is blocked")

    def test_money_moves_when_finished_is_first_told(self):
        self.addCleanup(setattr, self.bank, "in_progress_questions", 0)
        self.bank.in_progress_questions = 1
        order, books = self.executed()
        self.assertEqual(books, {})
        for word, balance in (("In progress", 1000), ("Finished", Decimal("996.55"))):
            found = self.caller.status(order.transfer_id).json["status"]
            self.assertEqual(found, word)
            self.assertEqual(self.bank.ledger.balance(FIRST, "GEL"), balance)
