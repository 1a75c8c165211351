"""The client against the fake bank: the bank's own scenarios, a whole ledger, and
transfer orders in all weathers.
"""

import datetime
import itertools
import unittest
from decimal import Decimal

from account_tbc_bank import tbc
from account_tbc_bank.bookkeeping import statement_line_values
from fake_tbc import FAKE_CLIENT_ID, FAKE_CLIENT_SECRET, FakeBank, samples

IBAN = "GE48TB7873440574631292"
JUNE = (datetime.date(2026, 6, 1), datetime.date(2026, 6, 30))


class BankCase(unittest.TestCase):
    options = {}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bank = FakeBank(**cls.options).start()
        cls.addClassCleanup(cls.bank.stop)
        cls.client = tbc.TbcClient(
            cls.bank.url,
            lambda: (FAKE_CLIENT_ID, FAKE_CLIENT_SECRET),
            timeout=10,
            sleep=lambda seconds: None,
        )
        cls.addClassCleanup(cls.client.close)

    def setUp(self):
        self.addCleanup(self.bank.clear_faults)
        self.bank.forget_requests()

    def period(self, first, last, **filters):
        return self.client.movements(period_from=first, period_to=last, **filters)


class TestDocumentedScenarios(BankCase):
    options = {"mode": "documented"}

    def test_june_of_both_accounts(self):
        for currency, count in (("GEL", 11), ("USD", 20)):
            page = self.period(*JUNE, iban=IBAN, currency=currency, page_size=100)
            found = (len(page.movements), page.unreadable, page.total)
            self.assertEqual(found, (count, (), count))
            self.assertEqual({m.currency for m in page.movements}, {currency})
            self.assertEqual({m.account_iban for m in page.movements}, {IBAN})

    def test_paging_and_its_contradiction(self):
        since = datetime.date(2026, 2, 1)
        for index, count in enumerate((20, 15, 0)):
            page = self.period(since, JUNE[1], page_index=index, page_size=20)
            self.assertEqual((len(page.movements), page.total), (count, 35))
        self.assertEqual(len(self.period(since, JUNE[1], page_size=100).movements), 60)
        self.assertEqual(len(self.client.movements(page_size=100).movements), 60)

    def test_movements_by_id(self):
        for movement_id, sign in [
            ("018383341565.1", -1),
            ("018716808825.1", -1),
            ("018716808825.2", 1),
        ]:
            movement = self.client.movement(movement_id)
            self.assertEqual(movement.movement_id, movement_id)
            self.assertGreater(movement.amount * sign, 0)
        self.assertIsNone(self.client.movement("000000000000.1"))

    def test_periods(self):
        def month(year, number, days):
            day = datetime.date(year, number, 1)
            return day, day + datetime.timedelta(days=days)

        self.assertEqual(self.period(*month(2025, 1, 30)).total, 0)
        with self.assertRaises(tbc.TbcAuthRefused) as caught:
            self.period(*month(2024, 1, 30), page_size=100)
        self.assertEqual(caught.exception.title, "NOT_AUTHORIZED")
        self.assertEqual(caught.exception.trace_id, self.client.last_trace_id)
        self.assertTrue(caught.exception.trace_id)
        with self.assertRaises(tbc.TbcNoAnswer) as caught:
            self.period(*month(2024, 2, 59), page_size=100)
        self.assertEqual(caught.exception.title, "GENERAL_ERROR")

    def test_statements_and_balance(self):
        period = datetime.date(2025, 1, 1), datetime.date(2025, 3, 1)
        statement = self.client.statement(IBAN, "GEL", *period)
        self.assertEqual((statement.opening_date, statement.closing_date), period)
        figures = statement.opening_balance, statement.closing_balance
        self.assertEqual(figures, (Decimal("1000.50"), Decimal("1250.00")))
        sums = statement.credit_sum, statement.debit_sum
        self.assertEqual(sums, (Decimal("500.25"), Decimal("250.75")))
        self.assertEqual(statement.iban, IBAN)
        balance = self.client.balance(IBAN, "GEL")
        self.assertEqual(balance.available_balance, Decimal("1702.30"))
        with self.assertRaises(tbc.TbcRefused) as caught:
            self.client.balance("GE29NB0000000101904917", "GEL")
        self.assertEqual(caught.exception.title, "INVALID_ACCOUNT")


class TestLedger(BankCase):
    first, last = datetime.date(2026, 6, 6), datetime.date(2026, 6, 30)
    options = {"seed": 7, "days": 25, "until": last, "currencies": ("GEL", "EUR")}

    def pages(self, iban, currency, size):
        filters = {"iban": iban, "currency": currency, "page_size": size}
        page = self.period(self.first, self.last, **filters)
        yield page
        for following in range(1, -(-page.total // size)):
            yield self.period(self.first, self.last, **filters, page_index=following)

    def test_all_pages_add_up_to_the_totals(self):
        for iban, currency in self.bank.ledger.accounts:
            with self.subTest(currency=currency):
                pages = list(self.pages(iban, currency, 15))
                movements = [m for page in pages for m in page.movements]
                self.assertGreater(len(pages), 2)
                self.assertEqual({page.total for page in pages}, {len(movements)})
                self.assertEqual(
                    len({m.movement_id for m in movements}), len(movements)
                )
                self.assertFalse(any(page.unreadable for page in pages))
                booked = [m.amount for m in movements if m.is_authorised]
                totals = self.client.statement(iban, currency, self.first, self.last)
                self.assertEqual(sum(a for a in booked if a > 0), totals.credit_sum)
                self.assertEqual(-sum(a for a in booked if a < 0), totals.debit_sum)
                self.assertEqual(
                    totals.opening_balance + sum(booked), totals.closing_balance
                )

    def test_every_movement_becomes_a_line(self):
        for movement in self.client.movements().movements:
            values = statement_line_values(movement)
            self.assertEqual(values["amount"], movement.amount)
            self.assertTrue(values["payment_ref"])
            both = values["foreign_currency"], values["amount_currency"]
            self.assertEqual(both[0] is None, both[1] is None)
            self.assertEqual(both[0] is None, movement.exchange_rate is None)

    def test_unkind_moments_of_a_read(self):
        for name in ("drop", "html500", "429", "401", "expired_token"):
            with self.subTest(fault=name):
                self.bank.clear_faults()
                self.bank.add_fault(name, on="movements")
                page = self.client.movements(page_size=5)
                self.assertEqual(len(page.movements), 5)

    def test_answers_nobody_can_read(self):
        for name, expected in [
            ("truncated", tbc.TbcUnreadable),
            ("empty", tbc.TbcUnreadable),
            ("redirect", tbc.TbcUnreadable),
            ("USER_IS_BLOCKED", tbc.TbcAuthRefused),
        ]:
            with self.subTest(fault=name), self.assertRaises(expected):
                self.bank.clear_faults()
                self.bank.add_fault(name, on="movements")
                self.client.movements()

    def test_another_hand_of_the_same_bank(self):
        plain = self.client.movements(page_size=50)
        self.bank.add_fault("object_pager", on="movements")
        self.assertEqual(self.client.movements(page_size=50), plain)

    def test_check_scope_without_the_permission_is_refused(self):
        self.client.check_scope(tbc.SCOPE_ACCOUNTS)
        self.bank.permissions = {"transfers"}
        self.addCleanup(setattr, self.bank, "permissions", ["statements", "transfers"])
        with self.assertRaises(tbc.TbcAuthRefused):
            self.client.check_scope(tbc.SCOPE_ACCOUNTS)
        wrong = tbc.TbcClient(self.bank.url, lambda: (FAKE_CLIENT_ID, "wrong"))
        with wrong, self.assertRaises(tbc.TbcAuthRefused):
            wrong.check_scope(tbc.SCOPE_TRANSFERS)


class TransferCase(BankCase):
    numbers = itertools.count(1)

    def order(self, kind="WITHIN_BANK", position=1, **changes):
        """An order of the bank's own sandbox tests, with a new external id."""
        values = {
            "transfer_type": tbc.TransferType[kind],
            "external_id": f"{next(self.numbers):032x}",
            "position": position,
            "debit_iban": samples.FIRST,
            "debit_currency": "GEL",
            "credit_iban": samples.SECOND,
            "credit_currency": "GEL",
            "amount": Decimal("3.45"),
            "currency": "GEL",
            "description": "Invoice 254",
            "beneficiary_name": "Test Beneficiary",
            **_OF_TYPE.get(kind, {}),
        }
        return tbc.TransferOrder(**{**values, **changes})

    def orders(self, count):
        return [self.order(position=number) for number in range(1, count + 1)]

    def send(self, *orders):
        """What the bank took: {position: transfer id}."""
        receipt = self.client.import_single(orders)
        self.assertEqual(receipt.refused, {})
        return receipt.accepted

    def state(self, transfer_id):
        order = self.client.single_status(transfer_id).of(transfer_id)
        return tbc.order_state(order.word)


_OF_TYPE = {
    "OWN": {"beneficiary_name": None},
    "NATIONAL": {
        "credit_iban": "GE90BG0000000589021505",
        "amount": Decimal(100),
        "beneficiary_name": "Other Bank Beneficiary",
        "beneficiary_tax_code": "12345678901",
    },
    "FOREIGN": {
        "debit_currency": "EUR",
        "credit_iban": "CZ6508000000192000145399",
        "credit_currency": "EUR",
        "amount": Decimal(1),
        "currency": "EUR",
        "beneficiary_name": "Beneficiary Name",
        "beneficiary_address": "Beneficiary Address",
        "beneficiary_bank_code": "0800",
        "beneficiary_bank_name": "Some Bank",
        "intermediary_bank_code": "string",
        "intermediary_bank_name": "string",
        "charge_details": "SHA",
    },
    "TREASURY": {
        "credit_iban": None,
        "credit_currency": None,
        "beneficiary_name": None,
        "amount": Decimal(1),
        "treasury_code": "101001000",
    },
}


class TestSandboxTransfers(TransferCase):
    options = {"mode": "documented"}

    def test_each_single_order(self):
        taxpayer = {"taxpayer_code": "123456789", "taxpayer_name": "Some Taxpayer"}
        kinds = ("OWN", "WITHIN_BANK", "NATIONAL", "FOREIGN", "TREASURY", "TREASURY")
        orders = [self.order(kind, number) for number, kind in enumerate(kinds, 1)]
        orders[-1] = self.order("TREASURY", 6, **taxpayer)
        accepted = self.send(*orders)
        for order in orders:
            self.assertEqual(self.state(accepted[order.position]), "done")
        found = self.client.find_single(orders[-1].external_id)
        self.assertEqual(found, accepted[6])
        expected = [
            samples.single(
                order.transfer_type.value,
                position=order.position,
                transferExternalId=order.external_id,
                documentNumber=None,
                taxpayerCode=order.taxpayer_code,
                taxpayerName=order.taxpayer_name,
            )
            for order in orders
        ]
        (record,) = self.bank.requests_to("import_single")
        self.assertEqual(record.body, {"singleTransferOrders": expected})

    def test_the_documented_batch_is_taken_found_and_done(self):
        orders = (
            self.order(
                credit_iban="GE44TB0600051509630891",
                amount=Decimal(1),
                beneficiary_name="ალტა1",
            ),
            self.order("OWN", 2, credit_iban="GE41TB7849963286076183"),
            self.order(
                "NATIONAL", 3, beneficiary_bank_code="TB", amount=Decimal("30.00")
            ),
        )
        batch = tbc.TransferBatch(
            external_id="BATCH-2026-0001", name="June salaries", orders=orders
        )
        batch_id = self.client.import_batch(batch)
        self.assertEqual(self.client.find_batch("BATCH-2026-0001"), batch_id)
        status = self.client.batch_status(batch_id)
        words = [tbc.order_state(status.of(position=n).word) for n in (1, 2, 3)]
        self.assertEqual((status.word, words), ("FINISHED", ["done"] * 3))


class TestTransfers(TransferCase):
    options = {
        "accounts": {samples.FIRST: ("GEL", "EUR"), samples.SECOND: "GEL"},
        "days": 0,
        "now": datetime.datetime(2026, 6, 30, 12),
        "openings": {(samples.FIRST, "GEL"): "100000"},
    }

    def truth(self, *orders):
        """What the bank has of them: {position: transfer id}."""
        taken = {one.external_id: one for one in self.bank.transfers.orders}
        found = [taken.get(order.external_id) for order in orders]
        return {one.position: str(one.transfer_id) for one in found if one}

    def assert_sent_once(self):
        self.assertEqual(len(self.bank.requests_to("import_single")), 1)

    def test_from_the_order_to_the_movement(self):
        transfer_id = self.send(self.order(description="ხელფასი"))[1]
        self.assertEqual(self.state(transfer_id), "to_sign")
        self.bank.sign(transfer_id)
        states = [self.state(transfer_id) for _ in range(2)]
        self.assertEqual(states, ["in_progress", "done"])
        (movement,) = (
            one
            for one in self.client.movements().movements
            if one.payment_id == transfer_id
        )
        facts = movement.amount, movement.purpose, movement.account_iban
        self.assertEqual(facts, (Decimal("-3.45"), "ხელფასი", samples.FIRST))

    def test_each_end_at_the_bank_gives_its_state(self):
        accepted = self.send(*self.orders(4))
        for position, decide, state in [
            (1, self.bank.reject, "cancelled"),
            (2, self.bank.delete, "cancelled"),
            (3, self.bank.fail, "failed"),
            (4, self.bank.error, None),
        ]:
            decide(accepted[position])
            self.assertEqual(self.state(accepted[position]), state)
        order = self.client.single_status(accepted[4]).of(accepted[4])
        reasons = order.reason_en, order.reason_ge
        self.assertEqual(reasons, ("Rejected by the bank", "ბანკმა უარყო"))

    def test_each_form_of_receipt_tells_which_orders_were_taken(self):
        for name in ("shuffled", "null_lists", "variant_b", "variant_c"):
            with self.subTest(fault=name):
                self.bank.add_fault(name, on="import_single")
                orders = self.orders(3)
                accepted = self.send(*orders)
                self.assertEqual(accepted, self.truth(*orders))
                self.assertEqual(len(accepted), 3)
        self.bank.add_fault("variant_c", on="import_single", alone=True)
        order = self.order()
        self.assertEqual(self.send(order), self.truth(order))

    def test_each_order_goes_its_own_way(self):
        iban = "GE44TB0600051509630891"
        self.bank.block_account(iban, reason_en="Seized")
        self.addCleanup(self.bank.unblock_account, iban)
        orders = [
            self.order(),
            self.order(position=2, credit_iban=iban),
            self.order(position=3),
        ]
        self.bank.add_fault("missing_position", on="import_single", positions=[3])
        receipt = self.client.import_single(orders)
        truth = self.truth(*orders)
        self.assertEqual(list(truth), [1, 3])
        self.assertEqual(receipt.accepted, {1: truth[1]})
        self.assertEqual(receipt.refused, {2: ("Seized",)})
        found = [self.client.find_single(order.external_id) for order in orders]
        self.assertEqual(found, [truth[1], None, truth[3]])

    def test_the_bank_has_it_and_the_answer_is_lost(self):
        for name, options in [
            ("drop_after_accept", {}),
            ("html500_after_accept", {"status": 502}),
            ("html500_after_accept", {"status": 404}),
            ("stranger_after_accept", {"status": 400}),
            ("truncated", {}),
            ("truncated", {"broken_connection": True}),
        ]:
            with self.subTest(fault=name, **options):
                self.bank.forget_requests()
                self.bank.add_fault(name, on="import_single", **options)
                order = self.order()
                with self.assertRaises((tbc.TbcNoAnswer, tbc.TbcUnreadable)):
                    self.client.import_single([order])
                self.assert_sent_once()
                found = self.client.find_single(order.external_id)
                self.assertEqual({1: found}, self.truth(order))
        with self.assertRaises(tbc.TbcDuplicate):
            self.client.import_single([order])

    def test_the_bank_has_nothing(self):
        for name, expected in [
            ("drop", tbc.TbcNoAnswer),
            ("html500", tbc.TbcNoAnswer),
            ("ApplicationError", tbc.TbcNoAnswer),
            ("empty", tbc.TbcUnreadable),
            ("duplicate", tbc.TbcDuplicate),
            ("429", tbc.TbcBusy),
            ("Unauthorized", tbc.TbcAuthRefused),
            ("VALIDATION_ERROR", tbc.TbcRefused),
        ]:
            with self.subTest(fault=name):
                self.bank.forget_requests()
                self.bank.add_fault(name, on="import_single")
                order = self.order()
                with self.assertRaises(expected):
                    self.client.import_single([order])
                self.assert_sent_once()
                self.assertEqual(self.truth(order), {})

    def test_a_late_look_up(self):
        order = self.order()
        accepted = self.send(order)
        self.bank.add_fault("lookup_late", on="find_single")
        found = [self.client.find_single(order.external_id) for _ in range(2)]
        self.assertEqual(found, [None, accepted[1]])

    def test_words_of_another_bank(self):
        transfer_id = self.send(self.order())[1]
        self.bank.add_fault("unknown_status", on="single_status")
        self.assertIsNone(self.state(transfer_id))
        self.bank.add_fault("status_backwards", on="single_status")
        self.assertEqual(self.state(transfer_id), "submitted")

    def test_a_batch_whose_answer_was_lost_is_found_and_followed(self):
        orders = self.orders(3)
        batch = tbc.TransferBatch(external_id="B-1", orders=tuple(orders))
        self.bank.add_fault("drop_after_accept", on="import_batch")
        with self.assertRaises(tbc.TbcNoAnswer):
            self.client.import_batch(batch)
        with self.assertRaises(tbc.TbcDuplicate):
            self.client.import_batch(batch)
        batch_id = self.client.find_batch("B-1")
        first = self.bank.sign(batch_id=batch_id)[0]
        self.bank.fail(first.transfer_id)
        self.client.batch_status(batch_id)
        self.bank.add_fault("shuffled", on="batch_status")
        status = self.client.batch_status(batch_id)
        states = [tbc.order_state(status.of(position=n).word) for n in (1, 2, 3)]
        self.assertEqual(states, ["failed", "done", "done"])
        self.assertEqual(status.word, "Finished with errors")
        self.assertIsNone(self.client.find_batch("B-2"))

    def test_import_single_without_the_permission_is_refused(self):
        self.bank.permissions = {"statements"}
        self.addCleanup(setattr, self.bank, "permissions", ["statements", "transfers"])
        with self.assertRaises(tbc.TbcAuthRefused):
            self.client.import_single([self.order()])
