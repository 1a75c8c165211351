"""A partner who was set at once is taken back at once."""

from odoo.exceptions import AccessError, MissingError, UserError
from odoo.tests import tagged

from .test_settle_partner import THEIR_IBAN, SettlePartnerCase


@tagged("post_install", "-at_install")
class TestPartnerBack(SettlePartnerCase):
    def suspense_partner(self, line):
        line.invalidate_recordset()
        return line._seek_for_lines()[1].partner_id

    def bank_of(self, partner):
        return partner.sudo().bank_ids.filtered(
            lambda one: one.sanitized_acc_number == THEIR_IBAN
        )

    def tracked(self, line):
        """What Odoo itself tells of the partner: ``[(old, new)]``, the oldest first."""
        self.env.flush_all()
        self.env.cr.precommit.run()
        values = line.move_id.sudo().message_ids.tracking_value_ids
        values = values.filtered(lambda one: one.field_id.name == "partner_id")
        return values.sorted("id").mapped(
            lambda one: (one.old_value_char or "", one.new_value_char or "")
        )

    def test_each_has_whom_it_had(self):
        """None, or another one; from any of those that took him."""
        line, other = self.unknown(100), self.unknown(70, purpose="B")
        before = {one: self.entry(one) for one in line | other}
        told = line.tbc_set_partner(self.vendor.id)
        self.assertTrue(all(card["named"] for card in told["cards"].values()))
        told = other.tbc_unset_partner()
        self.assertEqual(told["others"], 1)
        self.assertEqual(told["cards"].keys(), {line.id, other.id})
        self.assertFalse(any(card["named"] for card in told["cards"].values()))
        for one in line | other:
            self.assertFalse(one.partner_id | self.suspense_partner(one))
            self.assertEqual(self.entry(one), before[one])
            self.assertFalse(one.tbc_match_undone)

    def test_odoo_tells_both(self):
        line = self.unknown(100).with_context(tracking_disable=False)
        name = self.vendor.display_name
        line.tbc_set_partner(self.vendor.id)
        self.assertEqual(self.tracked(line), [("", name)])
        line.tbc_unset_partner()
        self.assertEqual(self.tracked(line), [("", name), (name, "")])

    def test_another_one_comes_back(self):
        line, other = self.unknown(100), self.unknown(70, purpose="B")
        line.tbc_set_partner(self.vendor.id)
        third = self.unknown(60, code=None, iban=None, purpose="C")
        line.tbc_set_partner(self.customer.id)
        self.vendor.active = False
        line.tbc_unset_partner()
        self.assertEqual((line | other).partner_id, self.vendor)
        self.assertEqual(self.suspense_partner(other), self.vendor)
        self.assertFalse(third.partner_id)
        with self.assertRaisesRegex(UserError, "nothing to undo"):
            line.tbc_unset_partner()

    def test_what_is_settled_or_changed_since_stays(self):
        line, settled, changed, locked = (
            self.unknown(100),
            self.unknown(70, purpose="B"),
            self.unknown(60, purpose="C"),
            self.unknown(50, purpose="D", day="2026-06-10"),
        )
        line.tbc_set_partner(self.vendor.id)
        settled.tbc_settle({"parts": [self.part(self.fuel)]})
        changed.partner_id = self.customer
        self.lock_until("2026-06-12")
        before = self.entry(settled)
        told = line.tbc_unset_partner()
        self.assertEqual(told["cards"].keys(), {line.id})
        self.assertFalse(line.partner_id)
        self.assertEqual((settled | locked).partner_id, self.vendor)
        self.assertEqual(changed.partner_id, self.customer)
        self.assertEqual(self.entry(settled), before)
        # The bank tells his account on what is settled.
        self.assertTrue(self.bank_of(self.vendor))
        for one, sentence in (
            (settled, "matched this transaction"),
            (changed, "nothing to undo"),
            (locked, "prior to"),
        ):
            with self.subTest(sentence), self.assertRaisesRegex(UserError, sentence):
                one.tbc_unset_partner()
        # As soon as it is open, he can be taken back.
        [card] = settled.tbc_unsettle()["cards"].values()
        self.assertTrue(card["named"])
        settled.tbc_unset_partner()
        self.assertFalse(settled.partner_id)

    def test_from_one_that_is_settled_the_others_are_taken_back(self):
        line, other = self.unknown(100), self.unknown(70, purpose="B")
        line.tbc_set_partner(self.vendor.id)
        line.tbc_settle({"on_account": "vendor", "partner_id": self.vendor.id})
        told = line.tbc_unset_partner()
        self.assertEqual(told["cards"].keys(), {other.id})
        self.assertFalse(other.partner_id)
        self.assertSettled(line)
        self.assertEqual(line.partner_id, self.vendor)

    def test_a_hashed_entry_stays(self):
        line, hashed = self.unknown(100), self.unknown(70, purpose="B")
        line.tbc_set_partner(self.vendor.id)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_move SET inalterable_hash = 'x' WHERE id = %s",
            [hashed.move_id.id],
        )
        self.env.invalidate_all()
        with self.assertRaisesRegex(UserError, "secured by a hash"):
            hashed.tbc_unset_partner()
        line.tbc_unset_partner()
        self.assertEqual(hashed.partner_id, self.vendor)

    def test_the_account_goes_that_came_with_him(self):
        """Or the next transaction of it would take him by itself."""
        line = self.unknown(100, code=None)
        line.tbc_set_partner(self.vendor.id)
        self.assertTrue(self.bank_of(self.vendor))
        line.tbc_unset_partner()
        self.assertFalse(self.bank_of(self.vendor))
        self.assertFalse(line.tbc_match_undone)
        third = self.unknown(50, code=None, purpose="C")
        self.match()
        self.assertFalse((line | third).partner_id)

    def test_an_account_that_is_known_or_trusted_stays(self):
        known = self.env["res.partner.bank"].create(
            {"acc_number": THEIR_IBAN, "partner_id": self.vendor.id}
        )
        line = self.unknown(100, code=None)
        line.partner_id = False
        line.tbc_set_partner(self.vendor.id)
        line.tbc_unset_partner()
        self.assertTrue(known.exists())
        # By it he would be named again; what was taken back stays so.
        self.assertTrue(line.tbc_match_undone)
        self.match()
        self.assertFalse(line.partner_id)
        other = self.unknown(70, code=None, iban="GE24TB1111111111111111", purpose="B")
        other.tbc_set_partner(self.customer.id)
        bank = self.customer.bank_ids
        bank.allow_out_payment = True
        other.tbc_unset_partner()
        self.assertTrue(bank.exists())

    def test_one_that_was_made_stays_a_contact(self):
        line, other = self.unknown(100), self.unknown(70, purpose="B")
        line.tbc_make_partner()
        made = line.partner_id
        line.tbc_unset_partner()
        self.assertTrue(made.exists().active)
        self.assertFalse(made.bank_ids)
        self.assertFalse((line | other).partner_id)
        self.match()
        self.assertFalse((line | other).partner_id)
        line.tbc_set_partner(made.id)
        self.assertEqual((line | other).partner_id, made)

    def test_many_at_once(self):
        codes = ("405000001", "405000002", "405000001")
        lines = self.booked_at_once(
            [
                {"amount": 10, "purpose": code, "partnerAccountInfo": {"taxCode": code}}
                for code in codes
            ]
        )
        chosen = lines[:2]
        self.assertEqual(chosen.tbc_set_partner_many(self.vendor.id)["others"], 1)
        told = chosen.tbc_unset_partner()
        self.assertEqual(told["others"], 1)
        self.assertFalse(lines.partner_id)

    def test_who_was_deleted_comes_not_back(self):
        line = self.unknown(100)
        first = self.env["res.partner"].create({"name": "Soon gone"})
        line.tbc_set_partner(first.id)
        line.tbc_set_partner(self.vendor.id)
        first.bank_ids.unlink()
        first.unlink()
        line.tbc_unset_partner()
        self.assertFalse(line.partner_id)

    def test_without_rights(self):
        line = self.unknown(100)
        line.tbc_set_partner(self.vendor.id)
        auditor = self._make_user("auditor", "account.group_account_readonly")
        with self.assertRaises(AccessError):
            self.mine(line, auditor).tbc_unset_partner()
        stranger = self._make_user("stranger", "account.group_account_basic")
        sister = self.env["res.company"].create({"name": "Sister LLC"})
        stranger.write({"company_ids": sister.ids, "company_id": sister.id})
        with self.assertRaises(AccessError):
            line.with_user(stranger).tbc_unset_partner()
        with self.assertRaises(AccessError):
            line.with_user(stranger).tbc_set_partner(self.vendor.id)
        naming = {"key": "x", "partner": self.vendor.id, "before": 1, "accounts": []}
        with self.assertRaises(AccessError):
            line.tbc_naming = naming
        self.env.invalidate_all()
        self.assertEqual(line.partner_id, self.vendor)

    def test_one_that_is_gone(self):
        line = self.unknown(100)
        gone = line.browse(999999999)
        for call in (
            gone.tbc_unset_partner,
            gone.tbc_make_partner,
            lambda: gone.tbc_set_partner(self.vendor.id),
        ):
            with self.assertRaises(MissingError):
                call()
        with self.assertRaises(UserError):
            line.browse().tbc_unset_partner()
        with self.assertRaisesRegex(UserError, "nothing to undo"):
            line.tbc_unset_partner()

    def test_queries(self):
        """Each costs what Odoo needs for its entry, and nothing else."""
        found = []
        for count in (5, 20):
            lines = self.booked_at_once(
                [
                    {
                        "amount": 10 + number,
                        "partnerAccountInfo": self.told(f"4052{count:05}"),
                    }
                    for number in range(count)
                ]
            )
            lines[:1].tbc_set_partner(self.vendor.id)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            told = self.mine(lines[:1]).tbc_unset_partner()
            self.env.flush_all()
            found.append(self.env.cr.sql_log_count - before)
            self.assertEqual(len(told["cards"]), count)
            self.assertFalse(lines.partner_id)
        few, many = found
        self.assertLess(many - few, 15 * 16, found)
