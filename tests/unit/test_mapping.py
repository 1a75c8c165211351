import datetime
import json
import unittest
from decimal import Decimal

from golden import golden

from account_tbc_bank.bookkeeping import choose_transfer_type, statement_line_values
from account_tbc_bank.tbc import TransferType, parse_movement, parse_movement_page

SAMPLE = golden("movements_page")["transactions"][0]


def values_of(**change):
    return statement_line_values(parse_movement(SAMPLE | change))


class TestMapping(unittest.TestCase):
    def test_the_documented_sample(self):
        values = values_of()
        details = values.pop("transaction_details")
        expected = {
            "date": datetime.date(2026, 6, 22),
            "tbc_day": datetime.date(2026, 6, 22),
            "amount": Decimal("-1280.75"),
            "payment_ref": "Invoice payment",
            "ref": "DOC-452198",
            "partner_name": "Partner LLC",
            "account_number": "GE61TB9876543210987654",
            "transaction_type": "GIB",
            "tbc_movement_id": "018745219864.1",
            "tbc_operation_id": "18745219864",
            "tbc_parent_operation_id": None,
            "tbc_payment_id": None,
            "foreign_currency": None,
            "amount_currency": None,
        }
        self.assertEqual(values, expected)
        self.assertEqual(details["amount"], 1280.75)
        self.assertIs(type(details["amount"]), float)
        self.assertEqual(json.loads(json.dumps(details)), details)

    def test_payment_ref_is_never_empty(self):
        absent = {}
        for name, expected in [
            ("purpose", "Invoice payment"),
            ("additionalDescription", "more words"),
            ("additionalInformation", SAMPLE["additionalInformation"]),
            ("opCode", "GIB"),
            (None, "018745219864.1"),
        ]:
            change = {"additionalDescription": "more words"} | absent
            self.assertEqual(values_of(**change)["payment_ref"], expected)
            absent[name or "opCode"] = ""
        self.assertIsNone(values_of(opCode=None)["transaction_type"])

    def test_the_operation_id(self):
        for change, expected in [
            ({"externalPaymentId": None}, "18745219864"),
            ({"externalPaymentId": 77}, "77"),
            ({"externalPaymentId": "", "movementId": "000.1"}, "000.1"),
        ]:
            with self.subTest(change=change):
                self.assertEqual(values_of(**change)["tbc_operation_id"], expected)
        values = values_of(parentExternalPaymentId=18745219001)
        self.assertEqual(values["tbc_parent_operation_id"], "18745219001")

    def test_ref_without_a_document_number(self):
        self.assertEqual(values_of(documentNumber=None)["ref"], "TRN-2026-874521")

    def test_foreign_amounts(self):
        table = [
            ("1 EUR = 3.175 GEL", 317.5, ("EUR", "-100.00")),
            ("1 eur=3,175 gel", 317.5, ("EUR", "-100.00")),
            ("  1  EUR  =  3.175  GEL ", 317.5, ("EUR", "-100.00")),
            ("100 JPY = 1.72 GEL", "17.20", ("JPY", "-1000.00")),
            ("1 GEL = 0.3150 EUR", 100, ("EUR", "-31.50")),
            ("2 GEL = 1 EUR", "0.01", ("EUR", "-0.01")),
            ("1 EUR = 3 GEL", "1", ("EUR", "-0.33")),
            # Nobody has a hundredth of a yen.
            ("100 JPY = 1.72 GEL", "10", ("JPY", "-581.00")),
        ]
        for rate, amount, (currency, expected) in table:
            with self.subTest(rate=rate):
                values = values_of(exchangeRate=rate, amount=amount)
                self.assertEqual(values["foreign_currency"], currency)
                self.assertEqual(str(values["amount_currency"]), expected)

    def test_half_cents_go_away_from_zero_on_both_sides(self):
        for debit, expected in ((True, "-0.13"), (False, "0.13")):
            values = values_of(exchangeRate="1 EUR = 8 GEL", amount="1", isDebit=debit)
            self.assertEqual(str(values["amount_currency"]), expected)

    def test_a_rate_that_cannot_be_makes_a_movement_unreadable(self):
        nines = "9" * 30
        for rate in (
            f"{nines} EUR = 1 GEL",
            f"1 EUR = {nines} GEL",
            "1 GEL = 99999999999999999 EUR",
            "1 GEL = 9999999999999 EUR",
            f"1 EUR = 1.{'0' * 60} GEL",
            f"{'9' * 5000} EUR = 1 GEL",
            f"1 USD = {nines} EUR",
        ):
            with self.subTest(rate=rate):
                [bad] = parse_movement_page(
                    {"transactions": [SAMPLE | {"exchangeRate": rate}], "total": 1}
                ).unreadable
                self.assertEqual(bad.reason, "exchangeRate: too large")
                self.assertEqual(bad.movement_id, "018745219864.1")

    def test_no_foreign_amount_from_an_unreadable_rate(self):
        rates = ["3.175", "EUR/GEL 3.175", "1 EUR = 0 GEL", "0 EUR = 3 GEL", "?"]
        rates += ["1 GEL = 1 GEL", "1 EUR = 1.08 USD", "1,000 JPY = 17.2 GEL"]
        for rate in [*rates, "1 EUR = 3.1.7 GEL", "1 EUR = 1,000.5 GEL"]:
            with self.subTest(rate=rate):
                values = values_of(exchangeRate=rate)
                self.assertIsNone(values["foreign_currency"])
                self.assertIsNone(values["amount_currency"])


class TestTransferType(unittest.TestCase):
    def test_chosen_by_account_and_currency(self):
        own, other = "GE29TB7777777777777777", "GE29TB9999999999999999"
        elsewhere, abroad = "GE90BG0000000589021505", "CZ6508000000192000145399"
        table = [
            (own, "GEL", TransferType.OWN),
            ("ge29 TB77 7777 7777 7777 77", "USD", TransferType.OWN),
            (other, "GEL", TransferType.WITHIN_BANK),
            (other, "USD", TransferType.WITHIN_BANK),
            (elsewhere, "GEL", TransferType.NATIONAL),
            (elsewhere, "USD", TransferType.FOREIGN),
            (abroad, "EUR", TransferType.FOREIGN),
            ("1234567890", "USD", TransferType.FOREIGN),
            (None, "GEL", TransferType.NATIONAL),
            ("CZ65TB00000192000145399", "EUR", TransferType.FOREIGN),
        ]
        for account, currency, expected in table:
            with self.subTest(account=account, currency=currency):
                options = {"currency": currency, "account": account}
                # An account of ours at another bank is no own account to this one.
                chosen = choose_transfer_type(**options, own_ibans=[own, elsewhere])
                self.assertEqual(chosen, expected)
                chosen = choose_transfer_type(
                    **options, own_ibans=[own], treasury_code="101001000"
                )
                self.assertEqual(chosen, TransferType.TREASURY)
        spaced = ["ge29 tb77 7777 7777 7777 77"]
        chosen = choose_transfer_type(currency="GEL", account=own, own_ibans=spaced)
        self.assertEqual(chosen, TransferType.OWN)
