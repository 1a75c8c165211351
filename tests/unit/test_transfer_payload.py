import dataclasses
import json
import unittest
from decimal import Decimal

from golden import golden
from transfer_orders import BATCH, ORDERS, OWN, WITHIN_BANK

from account_tbc_bank import tbc
from account_tbc_bank.tbc import TransferType
from account_tbc_bank.tbc.answer import parse_json


def sent(payload):
    """A payload as the bank reads it: written as JSON, each number exact."""
    return parse_json(json.dumps(payload).encode())


class TestPayload(unittest.TestCase):
    def test_each_type(self):
        for name, order in ORDERS.items():
            with self.subTest(name):
                expected = {"singleTransferOrders": [golden(f"transfer_{name}")]}
                self.assertEqual(sent(tbc.single_payload([order])), expected)

    def test_batch(self):
        self.assertEqual(sent(tbc.batch_payload(BATCH)), golden("transfer_batch"))
        nameless = dataclasses.replace(BATCH, name="")
        self.assertNotIn("batchName", tbc.batch_payload(nameless))

    def test_as_typed_by_people(self):
        loose = dataclasses.replace(
            OWN,
            transfer_type="TransferToOwnAccount",
            debit_iban="ge29 TB77 7777 7777 7777 77",
            description=" Conversion ",
            additional_description="",
            beneficiary_name=False,
        )
        expected = {"singleTransferOrders": [golden("transfer_own")]}
        self.assertEqual(sent(tbc.single_payload([loose])), expected)

    def test_every_cent_arrives(self):
        most = 10**15 - 1
        for cents in [*range(1, 100_000, 997), *range(most - 10**12, most, 10**11 - 7)]:
            amount = Decimal(cents) / 100
            payload = tbc.single_payload([dataclasses.replace(OWN, amount=amount)])
            [order] = sent(payload)["singleTransferOrders"]
            self.assertEqual(order["amount"]["amount"] * 100, cents)

    def test_no_amount_that_a_number_would_change(self):
        for amount in (Decimal("12345678901234567.89"), Decimal("NaN"), 3, None):
            wrong = dataclasses.replace(OWN, amount=amount)
            with self.subTest(amount=amount), self.assertRaises(ValueError):
                tbc.single_payload([wrong])

    def test_types_are_their_words(self):
        self.assertEqual(f"{TransferType.TREASURY}", "TreasuryTransfer")
        self.assertEqual(str(TransferType.OWN), "TransferToOwnAccount")
        self.assertEqual(TransferType("TransferWithinBank"), TransferType.WITHIN_BANK)

    def test_repr_hides_accounts_and_names(self):
        self.assertEqual(repr(WITHIN_BANK), "<TransferOrder 11001 0.10 GEL>")
        self.assertNotIn("GE29", repr(BATCH))
