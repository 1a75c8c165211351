"""Who the other side is: chosen, or made of what the bank says."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .settle_common import SettleCase
from .test_matching_branches import BranchCase

CODE = "405111222"
PERSON = "01001012345"
THEIR_IBAN = "GE61TB9876543210987654"


# Odoo writes the partner into each entry by itself.
MORE_FOR_A_LINE = 16


class SettlePartnerCase(SettleCase):
    """Counterparties that the books do not know."""

    def told(self, code=CODE, iban=THEIR_IBAN, name="New LLC"):
        """What the bank says of one."""
        info = {"partnerName": name, "taxCode": code, "accountIban": iban}
        return {key: value for key, value in info.items() if value}

    def unknown(self, amount=100, code=CODE, iban=THEIR_IBAN, name="New LLC", **more):
        told = self.told(code, iban, name)
        return self.booked(amount, partnerAccountInfo=told, **more)


@tagged("post_install", "-at_install")
class TestSettlePartner(SettlePartnerCase):
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

    def test_a_sister_company_s_contact_is_none_of_ours(self):
        """Nobody here sees it: it neither stands in the way nor is named."""
        sister = self.env["res.company"].create({"name": "Sister LLC"})
        contacts = self.env["res.partner"].create(
            [
                {"name": "Theirs", "vat": CODE, "company_id": sister.id},
                {"name": "Theirs as well", "vat": CODE, "company_id": sister.id},
            ]
        )
        line = self.unknown(100)
        line.tbc_make_partner()
        self.assertEqual((line.partner_id.name, line.partner_id.vat), ("New LLC", CODE))
        self.assertFalse(line.partner_id & contacts)

    def test_a_branch_s_own_contact_stands_on_no_line_of_its_parent(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        theirs = self.env["res.partner"].create(
            {"name": "Theirs", "vat": CODE, "company_id": branch.id}
        )
        line = self.unknown(100)
        for _attempt in ("one", "two"):
            with self.assertRaisesRegex(UserError, "Take the company out"):
                line.tbc_make_partner()
            theirs.copy({"vat": CODE})
        self.assertFalse(line.partner_id)
        theirs.company_id = False
        with self.assertRaisesRegex(UserError, "already: Theirs. Choose"):
            line.tbc_make_partner()

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


@tagged("post_install", "-at_install")
class TestSettlePartnerMany(SettlePartnerCase):
    """Several transactions to one partner: one call, one answer."""

    def of(self, *codes, iban=None):
        """A line of each of these tax codes, of one read."""
        return self.booked_at_once(
            [
                {
                    "amount": 10 + place,
                    "purpose": f"{code} {place}",
                    "partnerAccountInfo": self.told(code, iban),
                }
                for place, code in enumerate(codes)
            ]
        )

    def test_others_of_all_their_counterparties_are_counted_once(self):
        one, two, stranger = "405000001", "405000002", "405000003"
        lines = self.of(one, one, two, one, two, two, stranger)
        chosen, others = lines[:3], lines[3:6]
        told = chosen.tbc_set_partner_many(self.vendor.id)
        self.assertEqual((told["others"], told["problems"]), (3, {}))
        self.assertEqual(told["cards"].keys(), set((chosen | others).ids))
        for line in chosen | others:
            self.assertEqual(told["cards"][line.id]["partner"][0], self.vendor.id)
            self.assertEqual(line.partner_id, self.vendor)
            self.assertEqual(line._seek_for_lines()[1].partner_id, self.vendor)
            self.assertOpen(line)
        self.assertFalse(lines[6].partner_id)

    def test_of_whom_the_bank_says_nothing(self):
        lines = self.booked_at_once([{"amount": 5}, {"amount": 6}, {"amount": 7}])
        told = lines[:2].tbc_set_partner_many(self.vendor.id)
        self.assertEqual(told["others"], 0)
        self.assertEqual(lines.mapped("partner_id"), self.vendor)
        self.assertFalse(lines[2].partner_id)

    def test_each_account_is_kept_once_and_not_trusted(self):
        lines = self.of(CODE, CODE, iban=THEIR_IBAN)
        lines.tbc_set_partner_many(self.vendor.id)
        [bank] = self.vendor.bank_ids.filtered(
            lambda one: one.sanitized_acc_number == THEIR_IBAN
        )
        self.assertFalse(bank.allow_out_payment)

    def test_one_that_is_refused_leaves_the_others(self):
        lines = self.of("405000001", "405000002", "405000003", "405000002")
        settled, named = lines[1], lines[0] | lines[2]
        settled.tbc_settle({"parts": [self.part(self.fuel)]})
        before = self.entry(settled)
        told = lines[:3].tbc_set_partner_many(self.vendor.id)
        self.assertEqual(told["problems"].keys(), {settled.id})
        self.assertIn("matched this transaction", told["problems"][settled.id])
        self.assertEqual(told["others"], 0)
        self.assertEqual(told["cards"].keys(), set(lines[:3].ids))
        self.assertEqual(named.partner_id, self.vendor)
        self.assertFalse((settled | lines[3]).partner_id)
        self.assertEqual(self.entry(settled), before)

    def test_who_can_stand_nowhere(self):
        lines = self.of("405000001", "405000002")
        archived = self.env["res.partner"].create({"name": "Old", "active": False})
        for partner_id in (archived.id, 999999999, False, "x", [1]):
            with self.subTest(partner_id):
                told = lines.tbc_set_partner_many(partner_id)
                self.assertEqual(told["problems"].keys(), set(lines.ids))
                self.assertFalse(lines.partner_id)

    def test_without_rights(self):
        lines = self.of("405000001", "405000002")
        auditor = self._make_user("auditor", "account.group_account_readonly")
        told = self.mine(lines, auditor).tbc_set_partner_many(self.vendor.id)
        self.assertEqual(told["problems"].keys(), set(lines.ids))
        self.env.invalidate_all()
        self.assertFalse(lines.partner_id)

    def test_queries(self):
        """Each costs what Odoo needs for its entry, and nothing else."""
        found = []
        for count in (5, 20):
            lines = self.of(*(f"4051{count:02}{number:03}" for number in range(count)))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            told = self.mine(lines).tbc_set_partner_many(self.vendor.id)
            self.env.flush_all()
            found.append(self.env.cr.sql_log_count - before)
            self.assertEqual((told["problems"], len(told["cards"])), ({}, count))
            self.assertEqual(lines.partner_id, self.vendor)
        few, many = found
        self.assertLess(many - few, 15 * MORE_FOR_A_LINE, found)


@tagged("post_install", "-at_install")
class TestSettlePartnerBranch(BranchCase):
    def test_a_branch_s_contact_stays_with_the_branch(self):
        """Odoo refuses him on the lines of the parent: those are left as they are."""
        movement = self.receive(100, partnerAccountInfo={"taxCode": CODE})
        self.read()
        parent_line = self.line(movement)
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.branch_journal().id,
                "date": "2026-06-15",
                "payment_ref": "There",
                "amount": 50,
                "transaction_details": {"partnerAccountInfo": {"taxCode": CODE}},
            }
        )
        theirs, ours = self.env["res.partner"].create(
            [{"name": "Theirs", "company_id": self.branch.id}, {"name": "Ours"}]
        )
        self.assertEqual(line.tbc_set_partner(theirs.id)["others"], 0)
        self.assertEqual((line.partner_id, parent_line.partner_id.id), (theirs, False))
        told = line.tbc_set_partner_many(ours.id)
        self.assertEqual((told["others"], told["problems"]), (1, {}))
        self.assertEqual((line | parent_line).partner_id, ours)

    def branch_journal(self):
        return self.env["account.journal"].create(
            {
                "name": "Bank in Batumi",
                "type": "bank",
                "code": "BATB",
                "company_id": self.branch.id,
            }
        )
