import datetime
import json
import unittest
from decimal import Decimal

from golden import golden, golden_bytes

from account_tbc_bank.tbc import (
    TbcUnreadable,
    UnreadableMovement,
    parse_movement,
    parse_movement_page,
    wire,
)
from account_tbc_bank.tbc.answer import parse_json

SAMPLE = golden("movements_page")["transactions"][0]


class TestMovement(unittest.TestCase):
    def test_the_documented_sample(self):
        movement = parse_movement(SAMPLE)
        expected = {
            "movement_id": "018745219864.1",
            "payment_id": None,
            "external_payment_id": "18745219864",
            "amount": Decimal("-1280.75"),
            "currency": "GEL",
            "purpose": "Invoice payment",
            "account_iban": "GE48TB7873440574631292",
            "account_name": "Our Company LLC",
            "day": datetime.date(2026, 6, 22),
            "document_date": datetime.date(2026, 6, 22),
            "exchange_rate": None,
            "op_code": "GIB",
            "intermediary_bank_code": None,
            "intermediary_bank_name": None,
            "status_code": 0,
            "parent_external_payment_id": None,
            "transaction_reference": "TRN-2026-874521",
            "additional_description": None,
            "document_number": "DOC-452198",
            "charge_detail": None,
            "taxpayer_code": "204123456",
            "taxpayer_name": None,
            "transaction_type": 30,
            "raw": SAMPLE,
            "is_authorised": True,
            "operation_id": "018745219864",
        }
        found = {name: getattr(movement, name) for name in expected}
        self.assertEqual(found, expected)
        self.assertIn("Invoice #1", movement.additional_information)
        partner = movement.counterparty
        self.assertEqual(partner.name, "Partner LLC")
        self.assertEqual(partner.iban, "GE61TB9876543210987654")
        self.assertEqual(
            (partner.bank_code, partner.tax_code), ("TBCBGE22", "204567891")
        )
        self.assertEqual(partner.bank_name, "JSC TBC Bank")
        self.assertIsNone(partner.personal_number or partner.treasury_code)

    def test_by_id_answer_is_the_credit_leg(self):
        movement = parse_movement(golden("movement_by_id"))
        self.assertEqual(movement.amount, Decimal("1280.75"))
        self.assertEqual(movement.operation_id, "018716808825")
        self.assertEqual(
            repr(movement), "<Movement 018716808825.2 2026-06-22 1280.75 GEL>"
        )

    def test_other_spellings_of_the_same(self):
        loose, conversion, waiting = parse_movement_page(
            golden("movements_variants")
        ).movements
        self.assertEqual(loose.movement_id, "018745219864.2")
        self.assertEqual((loose.amount, loose.currency), (Decimal("1280.75"), "GEL"))
        # Half past ten in the evening in London is the next day in Tbilisi.
        self.assertEqual(loose.day, datetime.date(2026, 6, 23))
        self.assertEqual(loose.document_date, datetime.date(2026, 6, 22))
        self.assertEqual(loose.account_iban, "GE48TB7873440574631292")
        self.assertEqual(loose.parent_external_payment_id, "18745219864")
        self.assertEqual((loose.payment_id, loose.transaction_type), ("778899", 20))
        self.assertIsNone(
            loose.purpose or loose.account_name or loose.counterparty.name
        )
        self.assertEqual(conversion.day, datetime.date(2026, 6, 23))
        self.assertEqual(conversion.exchange_rate, "1 EUR = 3.175 GEL")
        self.assertFalse(waiting.is_authorised)
        self.assertEqual(waiting.day, waiting.document_date)

    def test_what_makes_a_movement_unreadable(self):
        table = [
            ({"amount": Decimal("10.005")}, "amount: more than 2 decimals"),
            ({"amount": Decimal("NaN")}, "amount: not a number"),
            ({"amount": None}, "amount: missing"),
            ({"amount": Decimal("-5")}, "amount: negative"),
            ({"amount": "-5", "isDebit": False}, "amount: negative"),
            ({"isDebit": None}, "isDebit: missing"),
            ({"isDebit": "D"}, "isDebit: not true or false"),
            ({"currency": ""}, "currency: missing"),
            ({"movementId": " "}, "movementId: missing"),
            ({"movementId": Decimal("18745219864.1")}, "movementId: not text"),
            ({"statusCode": None}, "statusCode: missing"),
            ({"statusCode": "A"}, "statusCode: not a number"),
            ({"date": "22.06.2026"}, "date: not a date"),
            ({"date": None, "documentDate": None}, "documentDate: missing"),
            ({"date": "9999-12-31T23:59:59"}, "date: not a day of our time"),
            ({"date": "0002-01-01"}, "date: not a day of our time"),
            ({"movementId": "1" * 201}, "movementId: too long"),
            ({"externalPaymentId": "1" * 201}, "externalPaymentId: too long"),
            ({"paymentId": "1" * 201}, "paymentId: too long"),
            (
                {"parentExternalPaymentId": "1" * 201},
                "parentExternalPaymentId: too long",
            ),
        ]
        for change, reason in table:
            with self.subTest(change=change):
                with self.assertRaises(TbcUnreadable) as caught:
                    parse_movement(SAMPLE | change)
                self.assertEqual(
                    str(caught.exception), f"unreadable movement: {reason}"
                )

    def test_odd_optional_members_of_a_movement_read_as_absent(self):
        change = {"documentDate": "?", "transactionType": "?", "purpose": {"a": 1}}
        movement = parse_movement(SAMPLE | change | {"customerAccountInfo": "?"})
        self.assertIsNone(movement.document_date or movement.transaction_type)
        self.assertIsNone(movement.purpose or movement.account_iban)
        self.assertEqual(parse_movement(SAMPLE | {"amount": 0}).amount, 0)

    def test_no_object_no_movement(self):
        for payload in (None, [], {"transaction": None}, {"transaction": "x"}):
            with self.assertRaisesRegex(TbcUnreadable, "movement: not an object"):
                parse_movement(payload)


class TestMovementPage(unittest.TestCase):
    def test_envelope(self):
        page = parse_movement_page(golden("movements_page"))
        self.assertEqual(page.total, 1)
        self.assertEqual((len(page.movements), page.unreadable), (1, ()))
        page = parse_movement_page(golden("movements_variants"))
        self.assertEqual(page.total, 9)
        page = parse_movement_page(golden("movements_past_the_end"))
        self.assertEqual((page.movements, page.total), ((), 35))

    def test_bad_movements_stand_beside_the_good_ones(self):
        page = parse_movement_page(golden("movements_unreadable"))
        self.assertEqual([m.movement_id for m in page.movements], ["018745219864.1"])
        june = datetime.date(2026, 6, 22)
        found = [(bad.movement_id, bad.day, bad.reason) for bad in page.unreadable]
        expected = [
            ("018800000003.1", june, "amount: more than 2 decimals"),
            ("018800000004.1", june, "amount: negative"),
            (None, june, "movementId: missing"),
            (None, None, "movement: not an object"),
            ("018800000006.1", june, "date: not a date"),
        ]
        self.assertEqual(found, expected)
        self.assertEqual(page.unreadable[1].raw["amount"], -5)
        self.assertIsInstance(page.unreadable[0], UnreadableMovement)
        self.assertNotIn("Partner", repr(page))

    def test_one_figure_that_no_number_holds_leaves_the_others(self):
        good = golden_bytes("movements_page").decode()
        for digits in ("1e99999999999999999999", "9" * 5000, "1E999999", "NaN"):
            page = parse_movement_page(
                parse_json(good.replace("1280.75", digits).encode())
            )
            self.assertEqual(page.movements, ())
            self.assertIn("amount", page.unreadable[0].reason)
            self.assertEqual(page.unreadable[0].movement_id, "018745219864.1")

    def test_what_lies_too_deep_is_left_out(self):
        deep = "[" * 400 + "]" * 400
        text = golden_bytes("movements_page").decode()
        text = text.replace('"purpose": "Invoice payment"', f'"purpose": {deep}')
        [movement] = parse_movement_page(parse_json(text.encode())).movements
        self.assertIsNone(movement.purpose)
        self.assertLess(len(json.dumps(wire.json_value(movement.raw)["purpose"])), 101)

    def test_bad_envelopes(self):
        good = {"transactions": [], "total": 0}
        for change in ({"transactions": None}, {"transactions": {}}, {"total": None}):
            with self.assertRaises(TbcUnreadable):
                parse_movement_page(good | change)
        for payload in (None, [], "x", {}, good | {"total": -1}, good | {"total": "x"}):
            with self.assertRaises(TbcUnreadable):
                parse_movement_page(payload)
