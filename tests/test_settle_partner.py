"""Who the other side is: chosen, or made of what the bank says."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .settle_common import SettleCase

CODE = "405111222"
PERSON = "01001012345"
THEIR_IBAN = "GE61TB9876543210987654"


@tagged("post_install", "-at_install")
class TestSettlePartner(SettleCase):
    def unknown(self, amount=100, code=CODE, iban=THEIR_IBAN, name="New LLC", **more):
        info = {"partnerName": name, "taxCode": code, "accountIban": iban}
        info = {key: value for key, value in info.items() if value}
        return self.booked(amount, partnerAccountInfo=info, **more)

    def test_chosen_for_all_of_the_counterparty(self):
        line = self.unknown(100)
        same_code = self.unknown(70, iban=None, purpose="B")
        same_iban = self.unknown(60, code=None, purpose="C")
        another = self.unknown(50, code="405999999", purpose="D")
        stranger = self.booked(40, purpose="E")
        told = line.tbc_set_partner(self.vendor.id)
        self.assertEqual(told["others"], 2)
        expected = line | same_code | same_iban
        self.assertEqual(told["cards"].keys(), set(expected.ids))
        for one in expected:
            self.assertEqual(one.partner_id, self.vendor)
            self.assertEqual(one._seek_for_lines()[1].partner_id, self.vendor)
            self.assertOpen(one)
        self.assertFalse((another | stranger).partner_id)

    def test_what_is_settled_or_locked_stays(self):
        settled, locked = self.unknown(70), self.unknown(60, day="2026-06-10")
        settled.tbc_settle({"parts": [self.part(self.fuel)]})
        self.lock_until("2026-06-12")
        line = self.unknown(100, purpose="B")
        before = self.entry(settled)
        self.assertEqual(line.tbc_set_partner(self.vendor.id)["others"], 0)
        self.assertFalse((settled | locked).partner_id)
        self.assertEqual(self.entry(settled), before)
        with self.assertRaisesRegex(UserError, "matched this transaction"):
            settled.tbc_set_partner(self.vendor.id)
        self.assertSettled(settled)

    def test_corrected(self):
        line, other = self.unknown(100), self.unknown(70, purpose="B")
        line.tbc_set_partner(self.vendor.id)
        other.partner_id = self.customer
        third = self.unknown(60, purpose="C")
        self.assertEqual(line.tbc_set_partner(self.customer.id)["others"], 1)
        self.assertEqual((line + other + third).partner_id, self.customer)

    def test_made_of_what_the_bank_says(self):
        line, other = self.unknown(100), self.unknown(70, purpose="B")
        told = line.tbc_make_partner()
        self.assertEqual(told["others"], 1)
        partner = line.partner_id
        self.assertEqual(other.partner_id, partner)
        self.assertEqual((partner.name, partner.vat), ("New LLC", CODE))
        self.assertTrue(partner.is_company)
        self.assertFalse(partner.company_id)
        [bank] = partner.sudo().bank_ids
        self.assertEqual(bank.sanitized_acc_number, THEIR_IBAN)
        self.assertFalse(bank.allow_out_payment)
        # The next one is known by itself.
        third = self.unknown(50, purpose="C")
        self.match()
        self.assertEqual(third.partner_id, partner)

    def test_a_person(self):
        line = self.unknown(code=PERSON, name="Nino")
        line.tbc_make_partner()
        self.assertFalse(line.partner_id.is_company)
        self.assertEqual(line.partner_id.tbc_vat, PERSON)

    def test_a_name_alone(self):
        line, other = self.booked(100), self.booked(70, purpose="B")
        self.assertEqual(line.tbc_make_partner()["others"], 0)
        self.assertEqual(line.partner_id.name, "Stranger LLC")
        self.assertFalse(line.partner_id.bank_ids)
        self.assertFalse(other.partner_id)

    def test_nobody_is_doubled(self):
        line = self.unknown(100)
        known = self.env["res.partner"].create({"name": "Known", "vat": f"GE {CODE}"})
        line.tbc_make_partner()
        self.assertEqual(line.partner_id, known)
        other = self.unknown(70, code="405333444", iban=None)
        for name in ("One", "Two"):
            self.env["res.partner"].create({"name": name, "vat": "405333444"})
        with self.assertRaisesRegex(UserError, "One, Two|Two, One"):
            other.tbc_make_partner()
        self.assertFalse(other.partner_id)

    def test_nobody_is_named(self):
        line = self.booked(100, partnerAccountInfo={})
        with self.assertRaisesRegex(UserError, "names nobody"):
            line.tbc_make_partner()

    def test_who_can_not_stand_there(self):
        line = self.booked(100)
        sister = self.env["res.company"].create({"name": "Sister LLC"})
        theirs = self.env["res.partner"].create(
            {"name": "Theirs", "company_id": sister.id}
        )
        archived = self.env["res.partner"].create({"name": "Old", "active": False})
        for partner_id in (theirs.id, archived.id, 999999999, False, "x", [1]):
            with self.subTest(partner_id), self.assertRaises(UserError):
                line.tbc_set_partner(partner_id)
        self.assertFalse(line.partner_id)
