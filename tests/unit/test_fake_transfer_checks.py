"""The fake bank refuses the orders that the bank refuses, whole requests and single orders."""

import datetime as dt
import unittest

from fake_tbc import FakeBank
from fake_tbc.caller import Caller
from fake_tbc.order import FOREIGN, NATIONAL, OWN, TREASURY, WITHIN_BANK
from fake_tbc.samples import FIRST, SECOND, batch, of_batch, single

HIDDEN = "GE41TB7849963286076183"


class TestRefusals(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bank = FakeBank(
            accounts={FIRST: ("GEL", "USD", "EUR"), SECOND: "GEL", HIDDEN: "GEL"},
            days=0,
            now=dt.datetime(2026, 6, 30, 12),
        ).start()
        cls.addClassCleanup(cls.bank.stop)
        seen = [account for account in cls.bank.ledger.accounts if account[0] != HIDDEN]
        cls.bank.add_client("us", "secret", accounts=seen)
        cls.caller = Caller(cls.bank, "us", "secret").sign_in("bab_transfers")
        cls.addClassCleanup(cls.caller.close)

    def setUp(self):
        self.before = self.bank.transfers.orders

    def assert_nothing_registered(self):
        self.assertEqual(self.bank.transfers.orders, self.before)

    def assert_request_refused(self, answer, name, code="ValidationError"):
        self.assertEqual((answer.status, answer.json["code"]), (400, code))
        self.assertEqual(answer.json["status"], 400)
        self.assertEqual(
            answer.headers["content-type"], "application/problem+json; charset=utf-8"
        )
        self.assertEqual(list(answer.json["errors"] or ()), [name] if name else [])
        self.assert_nothing_registered()

    def broken(self, *orders):
        """For each order the first words of the reasons for which it is refused; those
        without any are registered, and no others.
        """
        found, before = [], len(self.bank.transfers.orders)
        for start in range(0, len(orders), 10):
            ten = enumerate(orders[start : start + 10], 1)
            sent = [{**order, "position": number} for number, order in ten]
            answer = self.caller.import_single(*sent)
            self.assertEqual(answer.status, 200, answer.body)
            failed = {row["position"]: row["errors"] for row in answer.json["failed"]}
            good = [row["position"] for row in answer.json["succeeded"]]
            self.assertEqual(sorted([*failed, *good]), list(range(1, len(sent) + 1)))
            for number in range(1, len(sent) + 1):
                texts = failed.get(number, ())
                found.append([text.split()[0] for text in texts])
        self.before = self.bank.transfers.orders
        self.assertEqual(len(self.before) - before, found.count([]))
        return found

    def test_structure_of_a_single_import(self):
        one, many = single(), "singleTransferOrders"
        for name, value in (
            ("body", b"{"),
            ("body", b'{"singleTransferOrders": NaN}'),
            ("body", b"[]"),
            (many, {}),
            (many, {many: []}),
            (many, {many: one}),
            (many, {many: [{**one, "position": n} for n in range(11)]}),
            ("SingleTransferOrders", {"SingleTransferOrders": [one]}),
            (f"{many}[0]", {many: [7]}),
            (many, {many: [one, one]}),
            (many, {many: [one, single(position=None)]}),
        ):
            with self.subTest(value=value):
                self.assert_request_refused(self.caller.post("/single", value), name)

    def test_wrong_types(self):
        for name, where, value in (
            ("amount", ".amount", ("3.45", "GEL")),
            ("amount", ".amount", (True, "GEL")),
            ("amount", ".currency", (1, None)),
            ("amount", "", 3.45),
            ("position", "", "1"),
            ("position", "", 1.0),
            ("position", "", True),
            ("documentNumber", "", "10001"),
            ("documentNumber", "", -1),
            ("transferExternalId", "", ""),
            ("transferExternalId", "", "x" * 51),
            ("transferExternalId", "", 1.5),
            ("description", "", 254),
            ("colour", "", "blue"),
            ("creditAccount", "", SECOND),
            ("creditAccount", ".iban", {**single()["creditAccount"], "iban": "GE"}),
            ("creditAccount", ".accountCurrencyCode", {"accountNumber": SECOND}),
            ("transferType", "", "transferwithinbank"),
        ):
            with self.subTest(name, value=value):
                path = f"singleTransferOrders[0].{name}{where}"
                answer = self.caller.import_single(single(**{name: value}))
                self.assert_request_refused(answer, path)
        answer = self.caller.import_single({**single(), "beneficiaryTaxCode": None})
        self.assert_request_refused(
            answer, "singleTransferOrders[0].beneficiaryTaxCode"
        )
        answer = self.caller.import_single(single(transferType=None))
        self.assert_request_refused(answer, "singleTransferOrders[0].transferType")

    def test_a_body_that_does_not_say_what_it_is(self):
        answer = self.caller.call(
            "POST", "/bab/v1/transfers/single", "{}", self.caller.headers
        )
        self.assert_request_refused(answer, "Content-Type")

    def test_structure_of_a_batch_import(self):
        whole, one = batch(of_batch()), of_batch()
        ids = {"transferExternalId": "twice"}
        for name, value in (
            ("debitAccount", {"transferOrders": [one]}),
            ("transferOrders", {**whole, "transferOrders": []}),
            ("transferOrders", {"debitAccount": whole["debitAccount"]}),
            ("transferOrders", batch(*[{}] * 1001)),
            ("transferOrders", batch({**one, **ids}, {**one, **ids})),
            (
                "transferOrders",
                batch({**one, **ids}, batchTransferExternalId="twice"),
            ),
            ("transferOrders[0].debitAccount", batch(single())),
            ("batchName", {**whole, "batchName": 1}),
            ("batchTransferId", {**whole, "batchTransferId": 1}),
        ):
            with self.subTest(name):
                self.assert_request_refused(self.caller.post("/batch", value), name)

    def test_members_of_each_type(self):
        for kind, needed, foreign, value in (
            (OWN, ["creditAccount"], "beneficiaryName", "Somebody"),
            (WITHIN_BANK, ["beneficiaryName"], "beneficiaryBankCode", "TBCBGE22"),
            (NATIONAL, ["creditAccount"], "personalNumber", "01001012345"),
            (
                FOREIGN,
                ["beneficiaryAddress", "beneficiaryBankCode", "chargeDetails"],
                "beneficiaryTaxCode",
                "123456789",
            ),
            (TREASURY, ["treasuryCode"], "creditAccount", (SECOND, "GEL")),
        ):
            with self.subTest(kind):
                needed = [*needed, "amount", "description", "debitAccount"]
                orders = [single(kind, **{name: None}) for name in needed]
                found = self.broken(*orders, single(kind, **{foreign: value}))
                self.assertEqual(found, [[name] for name in [*needed, foreign]])
                self.assertEqual(self.broken(single(kind)), [[]])

    def test_texts(self):
        cases = (
            (OWN, "description", "ა" * 141),
            (OWN, "description", "  "),
            (OWN, "additionalDescription", "x" * 211),
            (WITHIN_BANK, "beneficiaryName", ""),
            (WITHIN_BANK, "beneficiaryTaxCode", "1234567890"),
            (WITHIN_BANK, "beneficiaryTaxCode", "GE12345678"),
            (WITHIN_BANK, "personalNumber", "123456789"),
            (FOREIGN, "chargeDetails", "BEN"),
            (FOREIGN, "chargeDetails", "sha"),
            (TREASURY, "treasuryCode", "10100100"),
            (TREASURY, "treasuryCode", "10100100A"),
            (TREASURY, "treasuryCode", "١٠١٠٠١٠٠٠"),
            (TREASURY, "taxpayerCode", "123456789"),  # without the name
        )
        orders = [single(kind, **{name: value}) for kind, name, value in cases]
        expected = [[name] for _kind, name, _value in cases]
        self.assertEqual(self.broken(*orders), expected)
        longest = {"description": "ა" * 140, "additionalDescription": "x\n" * 105}
        self.assertEqual(self.broken(single(**longest)), [[]])

    def test_amounts(self):
        wrong = (0, -1, 1.005, 0.1 + 0.2, 10**13)
        orders = [single(OWN, amount=(amount, "GEL")) for amount in wrong]
        orders += [single(OWN, amount=(1, code)) for code in ("USD", "gel")]
        self.assertEqual(self.broken(*orders), [["amount"]] * 7)
        right = (0.01, 10**13 - 0.01, 1e2)
        orders = [single(OWN, amount=(amount, "GEL")) for amount in right]
        self.assertEqual(self.broken(*orders), [[]] * 3)

    def test_currencies(self):
        usd = {"debitAccount": (FIRST, "USD"), "amount": (1, "USD")}
        tbilisi = {"creditAccount": ("GE90BG0000000589021505", "USD")}
        gel = {"debitAccount": (FIRST, "GEL"), "amount": (1, "GEL")}
        prague = {"creditAccount": ("CZ6508000000192000145399", "GEL")}
        found = self.broken(
            single(TREASURY, **usd),
            single(NATIONAL, **usd, **tbilisi),
            single(FOREIGN, **gel, **prague),
        )
        self.assertEqual(found, [["amount"]] * 3)
        self.assertEqual(self.broken(single(FOREIGN, **usd, **tbilisi)), [[]])

    def test_debit_accounts(self):
        orders = [
            single(TREASURY, debitAccount=account)
            for account in (
                (HIDDEN, "GEL"),  # ours, but not of this integration
                (SECOND, "GBP"),
                ("GE44TB0600051509630891", "GEL"),
            )
        ]
        found = self.broken(*orders)
        self.assertEqual(found[::2], [["debitAccount"]] * 2)
        self.assertEqual(found[1], ["debitAccount", "amount"])

    def test_beneficiary_accounts(self):
        gel = ("GE44TB0600051509630891", "GEL")
        orders = [
            single(kind, creditAccount=account)
            for kind, account in (
                (OWN, gel),  # not ours
                (OWN, (SECOND, "EUR")),
                (OWN, (FIRST, "GEL")),  # the debit account itself
                (WITHIN_BANK, (FIRST, "GEL")),
                (WITHIN_BANK, ("GE90BG0000000589021505", "GEL")),
                (WITHIN_BANK, ("GE44TB0600051509630892", "GEL")),  # check digits
                (WITHIN_BANK, ("GE44 TB06 0005 1509 6308 91", "GEL")),
                (WITHIN_BANK, ("ge44tb0600051509630891", "GEL")),
                (WITHIN_BANK, (gel[0], "USD")),
                (NATIONAL, gel),
                (NATIONAL, ("CZ6508000000192000145399", "GEL")),
                (FOREIGN, ("CZ6508000000192000145398", "EUR")),
                (FOREIGN, ("CZ65 0800 0000 1920 0014 5399", "EUR")),
                (FOREIGN, (gel[0], "EUR")),
                (FOREIGN, ("CZ6508000000192000145399", "USD")),
            )
        ]
        self.assertEqual(self.broken(*orders), [["creditAccount"]] * len(orders))
        found = self.broken(
            single(OWN, creditAccount=(HIDDEN, "GEL")),
            single(OWN, creditAccount=(FIRST, "USD")),
            single(creditAccount=gel),
            single(FOREIGN, creditAccount=("000123456789", "EUR")),
        )
        self.assertEqual(found, [[]] * 4)

    def test_one_answer_names_all_that_is_wrong(self):
        bad = single(description="", amount=(0, "GEL"), beneficiaryName=None)
        (found,) = self.broken(bad)
        self.assertEqual(sorted(found), ["amount", "beneficiaryName", "description"])

    def test_a_bad_order_refuses_its_whole_batch(self):
        answer = self.caller.post(
            "/batch", batch(of_batch(), of_batch(description="x" * 141))
        )
        name = "transferOrders[1].description"
        self.assert_request_refused(answer, name, "VALIDATION_ERROR")
        self.assertEqual(answer.json["title"], answer.json["errors"][name][0])
        answer = self.caller.post("/batch", batch(of_batch(), debit=(HIDDEN, "GEL")))
        self.assert_request_refused(
            answer, "transferOrders[0].debitAccount", "VALIDATION_ERROR"
        )

    def test_blocked_at_import(self):
        iban = "GE44TB0600051509630891"
        self.bank.block_account(iban, reason_en="Seized")
        self.addCleanup(self.bank.unblock_account, iban)
        order = single(creditAccount=(iban, "GEL"))
        self.assertEqual(
            self.caller.import_single(order).json,
            {"succeeded": [], "failed": [{"position": 1, "errors": ["Seized"]}]},
        )
        answer = self.caller.post("/batch", batch({**order, "debitAccount": None}))
        self.assertEqual(answer.status, 400)
        self.assert_nothing_registered()
        with self.assertRaises(ValueError):
            self.bank.block_account(iban, at="noon")

    def test_external_ids_that_came_before(self):
        self.caller.import_single(single(transferExternalId="11001"))
        self.caller.post(
            "/batch",
            batch(of_batch(transferExternalId=7), batchTransferExternalId="B-1"),
        )
        self.before = self.bank.transfers.orders
        for known in (11001, "7", "B-1"):
            fresh = single(transferExternalId="fresh", position=2)
            answer = self.caller.import_single(single(transferExternalId=known), fresh)
            self.assert_request_refused(
                answer, None, "DUPLICATED_SINGLE_TRANSFER_REQUEST"
            )
            self.assertEqual(answer.json["title"], "Duplicated Single Transfer Request")
            for body in (
                batch(of_batch(), batchTransferExternalId=known),
                batch(of_batch(transferExternalId=known)),
            ):
                answer = self.caller.post("/batch", body)
                self.assert_request_refused(
                    answer, None, "DUPLICATED_BATCH_TRANSFER_REQUEST"
                )

    def test_a_refused_order_leaves_its_external_id_free(self):
        bad = single(transferExternalId="free", beneficiaryName=None)
        self.assertEqual(self.broken(bad), [["beneficiaryName"]])
        self.assertEqual(self.caller.find("free").status, 404)
        self.assertEqual(self.broken(single(transferExternalId="free")), [[]])

    def test_who_may(self):
        reader = Caller(self.bank).sign_in("bab_accounts")
        self.addCleanup(reader.close)
        self.assertEqual(reader.import_single(single()).status, 403)
        self.addCleanup(setattr, self.bank, "user_state", "active")
        self.bank.user_state = "blocked"
        caller = Caller(self.bank).sign_in("bab_transfers")
        self.addCleanup(caller.close)
        self.assertEqual(
            caller.import_single(single()).json["title"], "USER_IS_BLOCKED"
        )
        self.bank.user_state = "active"
        self.addCleanup(setattr, self.bank, "permissions", {"statements", "transfers"})
        self.bank.permissions = {"statements"}
        answer = caller.status(1)
        self.assertEqual((answer.status, answer.json["title"]), (403, "NOT_AUTHORIZED"))
        self.assert_nothing_registered()
