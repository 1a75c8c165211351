import dataclasses
import datetime
import unittest
from decimal import Decimal
from unittest import mock

from transfer_orders import (
    BATCH,
    FOREIGN,
    NATIONAL,
    ORDERS,
    OWN,
    PAYER,
    TREASURY,
    WITHIN_BANK,
)

from account_tbc_bank import tbc
from account_tbc_bank.tbc import OrderFault, transfer_check

GEORGIAN = "შპს"
# Order, what is changed in it, the rule that breaks and its limit.
WRONG = [
    (OWN, {"amount": Decimal("0")}, "not_positive"),
    (OWN, {"amount": Decimal("-1.00")}, "not_positive"),
    (OWN, {"amount": Decimal("10.005")}, "too_many_decimals", 2),
    (OWN, {"amount": Decimal(10**13)}, "too_large", 10**13),
    (OWN, {"amount": Decimal("1E+999")}, "too_large", 10**13),
    *[(OWN, {"amount": x}, "missing") for x in (5, 0.1, "5", True)],
    *[(OWN, {"amount": Decimal(x)}, "missing") for x in ("NaN", "sNaN", "Inf")],
    *[(OWN, {"position": x}, "not_a_position") for x in (0, -1, None, "1")],
    *[(OWN, {"position": x}, "not_a_position") for x in (True, 1.0)],
    (OWN, {"external_id": "x" * 51}, "too_long", 50),
    *[(OWN, {"external_id": x}, "not_latin") for x in ("a b", "a/b", GEORGIAN)],
    (OWN, {"description": "ქ" * 141}, "too_long", 140),
    (OWN, {"additional_description": "x" * 211}, "too_long", 210),
    (OWN, {"currency": "USD"}, "other_currency"),
    (OWN, {"credit_currency": "LARI"}, "missing"),
    (OWN, {"debit_currency": "GE1"}, "missing"),
    (OWN, {"currency": "gel"}, "missing"),
    (OWN, {"transfer_type": "Transfer"}, "missing"),
    (OWN, {"credit_iban": "GE90BG0000000589021505"}, "not_tbc"),
    (WITHIN_BANK, {"credit_iban": "GE90BG0000000589021505"}, "not_tbc"),
    (WITHIN_BANK, {"credit_iban": "CZ6508000000192000145399"}, "not_tbc"),
    (WITHIN_BANK, {"credit_iban": PAYER["debit_iban"]}, "same_account"),
    (WITHIN_BANK, {"beneficiary_tax_code": "2045678"}, "not_a_tax_code"),
    (NATIONAL, {"beneficiary_tax_code": "20456789x"}, "not_a_tax_code"),
    (NATIONAL, {"credit_iban": "CZ6508000000192000145399"}, "not_georgian"),
    (NATIONAL, {"credit_iban": "GE90BG"}, "not_an_account"),
    (NATIONAL, {"credit_iban": "1234/0100"}, "not_an_account"),
    (NATIONAL, {"debit_iban": "GE29TB777"}, "not_an_account"),
    (NATIONAL, {"credit_iban": "GE91BG0000000589021505"}, "check_digits"),
    (NATIONAL, {"debit_iban": "GE45TB0600051509630891"}, "check_digits"),
    (NATIONAL, {"credit_currency": "USD"}, "not_gel"),
    (TREASURY, {"treasury_code": "10100100"}, "not_nine_digits"),
    (TREASURY, {"treasury_code": "١٠١٠٠١٠٠٠"}, "not_nine_digits"),
    (TREASURY, {"taxpayer_code": "1234567890"}, "not_a_tax_code"),
    (FOREIGN, {"charge_details": "BEN"}, "not_sha_or_our"),
    (FOREIGN, {"credit_currency": "GEL"}, "gel"),
    (FOREIGN, {"credit_iban": "CZ6608000000192000145399"}, "check_digits"),
    (FOREIGN, {"credit_iban": "CZ65" + "0" * 31}, "not_an_account"),
    (FOREIGN, {"credit_iban": "GE90BG000000058902150"}, "not_an_account"),
    (FOREIGN, {"credit_iban": "1234/0100"}, "not_an_account"),
    (FOREIGN, {"description": GEORGIAN}, "not_latin"),
    (FOREIGN, {"beneficiary_name": GEORGIAN}, "not_latin"),
    (FOREIGN, {"beneficiary_address": "Münster"}, "not_latin"),
    (FOREIGN, {"beneficiary_bank_name": GEORGIAN}, "not_latin"),
    (FOREIGN, {"intermediary_bank_name": "Банк"}, "not_latin"),
]


class CheckCase(unittest.TestCase):
    def assert_faults(self, order, expected, **change):
        """``expected``: (field, rule) or (field, rule, limit) of each, but warnings."""
        found = tbc.check_order(dataclasses.replace(order, **change))
        with self.subTest(order=order, change=change):
            expected = {OrderFault(*fault) for fault in expected}
            self.assertEqual({f for f in found if not f.is_warning}, expected)
            self.assertLessEqual({fault.rule for fault in found}, set(tbc.RULES))


class TestOrder(CheckCase):
    def test_good_orders_of_each_type_have_no_fault(self):
        for order in ORDERS.values():
            self.assert_faults(order, [])
        ours = dataclasses.replace(TREASURY, debit_iban="GE44TB0600051509630891")
        self.assertEqual(tbc.check_order(ours), ())

    def test_each_type_needs_its_fields(self):
        always = ["transfer_type", "external_id", "debit_iban", "debit_currency"]
        always += ["amount", "currency", "description"]
        credit = ["credit_iban", "credit_currency"]
        name = ["beneficiary_name"]
        abroad = ["beneficiary_address", "beneficiary_bank_code", "charge_details"]
        needed = {
            "own": credit,
            "within_bank": credit + name,
            "national": credit + name,
            "foreign": credit + name + abroad,
            "treasury": ["treasury_code", "taxpayer_code", "taxpayer_name"],
        }
        for kind, order in ORDERS.items():
            for field in always + needed[kind]:
                for nothing in (None, " ", []):
                    self.assert_faults(order, [(field, "missing")], **{field: nothing})

    def test_what_may_be_left_out(self):
        for kind, fields in {
            "within_bank": ["additional_description", "beneficiary_tax_code"],
            "national": ["beneficiary_tax_code", "beneficiary_bank_code"],
            "foreign": ["beneficiary_bank_name", "intermediary_bank_code"],
            "treasury": ["taxpayer_code", "taxpayer_name"],
        }.items():
            self.assert_faults(ORDERS[kind], [], **dict.fromkeys(fields))

    def test_no_field_of_another_type(self):
        alien = {
            "own": ["beneficiary_name", "beneficiary_tax_code", "treasury_code"],
            "within_bank": ["beneficiary_bank_code", "beneficiary_bank_name"],
            "national": ["beneficiary_address", "charge_details", "taxpayer_code"],
            "foreign": ["beneficiary_tax_code", "taxpayer_name"],
            "treasury": ["credit_iban", "credit_currency", "beneficiary_name"],
        }
        good = {
            "beneficiary_tax_code": "204567891",
            "taxpayer_code": "204567891",
            "treasury_code": "101001000",
            "charge_details": "SHA",
            "credit_iban": "GE44TB0600051509630891",
            "credit_currency": "GEL",
        }
        for kind, fields in alien.items():
            for field in fields:
                change = {field: good.get(field, "x")}
                self.assert_faults(ORDERS[kind], [(field, "unexpected")], **change)

    def test_each_wrong_value_is_a_fault_of_its_field(self):
        for order, change, *rule in WRONG:
            self.assert_faults(order, [(*change, *rule)], **change)

    def test_what_is_in_order_although_it_looks_odd(self):
        table = [
            (OWN, {"amount": Decimal("1.500")}),
            (OWN, {"amount": Decimal("9999999999999.99")}),
            (OWN, {"credit_iban": PAYER["debit_iban"]}),
            (OWN, {"debit_iban": "ge29 TB77 7777 7777 7777 77"}),
            (OWN, {"external_id": "-" * 50}),
            (OWN, {"external_id": 11001}),
            (OWN, {"transfer_type": "TransferToOwnAccount"}),
            (OWN, {"description": " " + "x" * 140}),
            (WITHIN_BANK, {"credit_currency": "USD"}),
            (NATIONAL, {"credit_iban": "ge90 bg00 0000 0589 0215 05"}),
            (FOREIGN, {"credit_iban": "123456789"}),
            (FOREIGN, {"credit_iban": "GE90BG0000000589021505"}),
            (FOREIGN, {"additional_description": GEORGIAN}),
            (FOREIGN, {"beneficiary_address": "12–14, “A” Str. № 5"}),
        ]
        for order, change in table:
            self.assert_faults(order, [], **change)

    def test_currencies_of_the_whole_order(self):
        euro = {"currency": "EUR", "debit_currency": "EUR"}
        gel = {"currency": "GEL", "debit_currency": "GEL"}
        self.assert_faults(NATIONAL, [("currency", "not_gel")], **euro)
        self.assert_faults(TREASURY, [("currency", "not_gel")], **euro)
        self.assert_faults(FOREIGN, [("currency", "gel")], **gel)
        self.assert_faults(OWN, [], **euro)

    def test_every_fault_at_once(self):
        change = {"amount": Decimal("-0.001"), "external_id": None, "debit_iban": "x"}
        expected = [("amount", "not_positive"), ("amount", "too_many_decimals", 2)]
        expected += [("external_id", "missing"), ("debit_iban", "not_an_account")]
        self.assert_faults(OWN, expected, **change)

    def test_strange_values_are_faults_and_nothing_is_raised(self):
        names = [field.name for field in dataclasses.fields(tbc.TransferOrder)]
        strange = [None, 5, -1.5, True, [], {}, b"x", datetime.date(2026, 6, 1)]
        for value in [*strange, Decimal("NaN"), "\x00", "\ud800", "x" * 999]:
            order = tbc.TransferOrder(**dict.fromkeys(names, value))
            self.assertIn("transfer_type", {f.field for f in tbc.check_order(order)})

    def test_the_sandbox_accounts_are_a_warning(self):
        for iban in ("GE48TB7873440574631292", *{OWN.debit_iban, OWN.credit_iban}):
            [fault] = tbc.check_order(dataclasses.replace(TREASURY, debit_iban=iban))
            expected = OrderFault("debit_iban", "check_digits", is_warning=True)
            self.assertEqual(fault, expected)


class TestRequest(CheckCase):
    def assert_request(self, found, *expected):
        """``expected``: (position or None, field, rule), of each, but warnings."""
        found = [(place, f) for place, f in found if not f.is_warning]
        told = {(place, fault.field, fault.rule) for place, fault in found}
        self.assertEqual(told, set(expected))
        self.assertLessEqual({fault.rule for _place, fault in found}, set(tbc.RULES))

    def orders(self, count):
        return [
            dataclasses.replace(OWN, position=n, external_id=f"TBC-{n}")
            for n in range(1, count + 1)
        ]

    def test_a_single_request_of_none_or_above_ten_is_a_fault(self):
        self.assert_request(tbc.check_single_request(self.orders(10)))
        for nothing in ([], (), None):
            found = tbc.check_single_request(nothing)
            self.assertEqual(found, ((None, OrderFault("orders", "none")),))
        found = tbc.check_single_request(self.orders(11))
        self.assertEqual(found[0], (None, OrderFault("orders", "too_many", 10)))

    def test_faults_of_the_orders(self):
        wrong = dataclasses.replace(NATIONAL, amount=Decimal(0))
        found = tbc.check_single_request([OWN, wrong])
        self.assert_request(found, (3, "amount", "not_positive"))

    def test_positions_and_ids_are_unique(self):
        same_place = dataclasses.replace(NATIONAL, position=1)
        same_id = dataclasses.replace(NATIONAL, external_id=OWN.external_id)
        self.assert_request(
            tbc.check_single_request([OWN, same_place]), (1, "position", "not_unique")
        )
        self.assert_request(
            tbc.check_single_request([OWN, same_id]),
            (1, "external_id", "not_unique"),
            (3, "external_id", "not_unique"),
        )
        nameless = [dataclasses.replace(o, external_id=None) for o in (OWN, NATIONAL)]
        self.assert_request(
            tbc.check_single_request(nameless),
            (1, "external_id", "missing"),
            (3, "external_id", "missing"),
        )

    def test_a_batch_without_orders_or_id_of_its_own_is_a_fault(self):
        self.assert_request(tbc.check_batch(BATCH))
        table = [
            ({"orders": ()}, (None, "orders", "none")),
            ({"orders": None}, (None, "orders", "none")),
            ({"external_id": ""}, (None, "external_id", "missing")),
            ({"external_id": "a b"}, (None, "external_id", "not_latin")),
            ({"external_id": OWN.external_id}, (1, "external_id", "not_unique")),
        ]
        for change, *expected in table:
            with self.subTest(change=change):
                batch = dataclasses.replace(BATCH, **change)
                self.assert_request(tbc.check_batch(batch), *expected)
        self.assertEqual((tbc.MOST_SINGLE_ORDERS, tbc.MOST_BATCH_ORDERS), (10, 1000))
        with mock.patch.object(transfer_check.transfer, "MOST_BATCH_ORDERS", 1):
            expected = (None, OrderFault("orders", "too_many", 1))
            self.assertEqual(tbc.check_batch(BATCH)[0], expected)

    def test_one_debit_account(self):
        other = dataclasses.replace(NATIONAL, debit_iban="GE44TB0600051509630891")
        for orders in ((OWN, other), (OWN, FOREIGN)):
            batch = dataclasses.replace(BATCH, orders=orders)
            expected = (None, "orders", "different_debit")
            self.assert_request(tbc.check_batch(batch), expected)


class TestRules(unittest.TestCase):
    def test_each_rule_is_broken_somewhere_in_here(self):
        broken = [rule for _order, _change, rule, *_limit in WRONG]
        broken += ["unexpected", "none", "too_many", "not_unique", "different_debit"]
        self.assertEqual(sorted(tbc.RULES), sorted(set(broken)))
