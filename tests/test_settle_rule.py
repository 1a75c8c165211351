"""Operation rules: taught by a settlement, and what they would do is seen before."""

import runpy
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import file_path

from .settle_common import SettleCase

TAUGHT = "odoo.addons.account_tbc_bank.services.matching.taught"
WISSOL = {"partnerName": "Wissol Petroleum JSC", "taxCode": "205156788"}
WISSOL_IBAN = "GE98BG0000000001234567"


@tagged("post_install", "-at_install")
class TestSettleAlways(SettleCase):
    notes_changes = False

    def fuel_line(self, amount=-50, purpose="Fuel", **members):
        return self.booked(
            amount,
            purpose=purpose,
            **{"partnerAccountInfo": WISSOL, "transactionType": 30, **members},
        )

    def always(self, line, vals=None, apply=True, **part):
        vals = vals or {"name": "Wissol", "counterparty": WISSOL["taxCode"]}
        settlement = {"parts": [self.part(self.fuel, **part)]}
        return line.tbc_settle_always(settlement, vals, apply)

    def test_a_rule_for_all_alike(self):
        lines = [self.fuel_line(-number, f"Fuel {number}") for number in (50, 60, 70)]
        other = self.booked(-80)
        draft = lines[0].tbc_rule_draft()
        self.assertEqual(draft["fits"], 2)
        by_field = {one["field"]: one for one in draft["conditions"]}
        self.assertEqual(by_field["counterparty"]["value"], WISSOL["taxCode"])
        self.assertIn("Wissol", by_field["counterparty"]["label"])
        self.assertEqual(by_field["direction"]["vals"], {"direction": "out"})
        self.assertEqual(
            by_field["amount"]["vals"], {"amount_from": 50, "amount_to": 50}
        )
        self.assertFalse(by_field["amount"]["on"])
        vals = {"name": draft["name"]}
        for one in draft["conditions"]:
            vals |= one["vals"] if one["on"] else {}
        self.assertEqual(lines[0].tbc_rule_fits(vals), 2)
        told = lines[0].tbc_settle_always(
            {"parts": [self.part(self.fuel, label="Diesel")]}, vals, True
        )
        self.assertEqual(set(told["settled"]), {line.id for line in lines})
        self.assertEqual(told["problems"], {})
        rule = self.env["tbc.operation.rule"].browse(told["rule"][0])
        for line in lines:
            self.assertSettled(line)
            self.assertEqual(line.tbc_rule_id, rule)
            self.assertEqual(line._seek_for_lines()[2].name, "Diesel")
        self.assertOpen(other)
        self.assertEqual(rule.with_company(self.company).account_id, self.fuel)
        self.assertEqual(rule.company_id, self.company)
        self.assertEqual(rule.settled_count, 3)

    def test_of_an_own_transfer(self):
        """Only a rule that asks for their type takes transfers between own accounts."""
        lines = [self.fuel_line(-number, transactionType=1) for number in (50, 60)]
        draft = lines[0].tbc_rule_draft()
        on = {one["field"] for one in draft["conditions"] if one["on"]}
        self.assertEqual(on, {"transaction_type", "direction", "counterparty"})
        self.assertEqual(draft["fits"], 1)

    def test_the_next_one_is_booked_by_itself(self):
        project = self.env["account.analytic.account"].create(
            {
                "name": "Cars",
                "plan_id": self.env["account.analytic.plan"].create({"name": "P"}).id,
            }
        )
        shares, tax = {str(project.id): 100}, self.make_tax()
        told = self.always(
            self.fuel_line(-118),
            label="Diesel",
            analytic_distribution=shares,
            tax_ids=tax.ids,
            partner_id=self.vendor.id,
        )
        line = self.fuel_line(-236, "Fuel again")
        self.match()
        self.assertTrue(line.is_reconciled)
        self.assertFalse(line.tbc_settled_by_id)
        self.assertEqual(line.tbc_rule_id.id, told["rule"][0])
        base = line._seek_for_lines()[2].filtered("tax_ids")
        self.assertEqual((base.balance, base.name), (200, "Diesel"))
        self.assertEqual(base.analytic_distribution, shares)
        self.assertEqual(base.partner_id, self.vendor)
        self.assertEqual(line.tbc_rule_id.settled_count, 2)
        self.assertIn("Wissol", line.tbc_match_note)
        line.tbc_unsettle()
        self.assertEqual(line.tbc_rule_id.settled_count, 0)
        self.assertFalse(line.tbc_rule_id)

    def test_for_this_one_and_those_to_come(self):
        line, other = self.fuel_line(-50), self.fuel_line(-60, "B")
        told = self.always(line, apply=False)
        self.assertEqual(told["settled"], [line.id])
        self.assertOpen(other)

    def test_what_may_be_an_invoice_s_is_left(self):
        bill = self.invoice(60, self.vendor, move_type="in_invoice")
        line, other = self.fuel_line(-50), self.fuel_line(-60, "B")
        other.partner_id = self.vendor
        self.assertEqual(line.tbc_rule_fits({"counterparty": "Wissol"}), 0)
        self.always(line)
        self.assertOpen(other)
        self.assertEqual(bill.payment_state, "not_paid")

    def test_what_is_refused_leaves_nothing(self):
        line = self.fuel_line(-50)
        rules = self.env["tbc.operation.rule"]
        before = rules.search_count([])
        two = {"parts": [self.part(self.fuel, -20), self.part(self.fees)]}
        taxes = (self.make_tax() + self.make_tax(5)).ids
        vals = {"counterparty": "Wissol"}
        for settlement, conditions, sentence in (
            (two, vals, "one account"),
            ({"on_account": "vendor", "partner_id": self.vendor.id}, vals, "one acc"),
            ({"parts": [self.part(self.fuel, tax_ids=taxes)]}, vals, "one tax"),
            ({"parts": [self.part(self.fuel)]}, {"direction": "out"}, "nearly all"),
            ({"parts": [self.part(self.fuel)]}, {}, "nearly all"),
            ({"parts": [self.part(self.fuel)]}, None, "nearly all"),
            ({"parts": [self.part(self.fuel)]}, {"words": ["x"]}, "understood"),
            ({"parts": [self.part(self.fuel, -20)]}, vals, "left"),
        ):
            with self.subTest(sentence):
                with self.assertRaisesRegex(UserError, sentence):
                    with self.env.cr.savepoint():
                        line.tbc_settle_always(settlement, conditions, True)
        self.env.invalidate_all()
        self.assertEqual(rules.search_count([]), before)
        self.assertOpen(line)

    def test_nothing_but_conditions_and_name_is_taken(self):
        line = self.fuel_line(-50)
        sister = self.env["res.company"].create({"name": "Sister LLC"})
        told = self.always(
            line,
            {
                "counterparty": "Wissol",
                "company_id": sister.id,
                "active": False,
                "is_charge": True,
                "account_id": self.fees.id,
            },
        )
        rule = self.env["tbc.operation.rule"].browse(told["rule"][0])
        rule = rule.with_company(self.company)
        self.assertEqual((rule.company_id, rule.active), (self.company, True))
        self.assertEqual((rule.account_id, rule.is_charge), (self.fuel, False))

    # === TAKEN BACK === #

    def test_taken_back_with_all_that_it_settled(self):
        lines = self.fuel_line(-50) | self.fuel_line(-60, "B")
        told = self.always(lines[0])
        back = lines.tbc_unteach(told["rule"][0])
        self.assertEqual(back["cards"].keys(), set(lines.ids))
        for line in lines:
            self.assertOpen(line)
        rules = self.env["tbc.operation.rule"].with_context(active_test=False)
        self.assertFalse(rules.browse(told["rule"][0]).exists())
        later = self.fuel_line(-70, "C")
        self.match()
        self.assertOpen(later)

    def test_taken_back_where_it_has_booked_more(self):
        """That stays booked, and its rule is switched off; so does what was settled anew."""
        lines = self.fuel_line(-50) | self.fuel_line(-60, "B")
        told = self.always(lines[0])
        rule = self.env["tbc.operation.rule"].browse(told["rule"][0])
        later = self.fuel_line(-70, "C")
        self.match()
        lines[1].tbc_unsettle()
        lines[1].tbc_settle({"parts": [self.part(self.fees)]})
        lines.tbc_unteach(rule.id)
        self.assertOpen(lines[0])
        self.assertSettled(lines[1])
        self.assertEqual(later.tbc_rule_id, rule)
        self.assertFalse(rule.active)

    def test_taken_back_after_its_line(self):
        line = self.fuel_line(-50)
        told = self.always(line)
        line.tbc_unsettle()
        for _twice in range(2):
            self.assertEqual(line.tbc_unteach(told["rule"][0]), {"cards": {}})
        self.assertFalse(
            self.env["tbc.operation.rule"].browse(told["rule"][0]).exists()
        )

    # === NOT TOO WIDE === #

    def chosen(self, line):
        """The conditions that are on at once."""
        found = [one for one in line.tbc_rule_draft()["conditions"] if one["on"]]
        vals = {"name": "Taught"}
        for one in found:
            vals |= one["vals"]
        return vals

    def bought(self, purpose, amount=-50, **told):
        return self.booked(
            amount, purpose=purpose, partnerAccountInfo=told, transactionType=30
        )

    def test_neither_the_town_nor_the_day_makes_it_alike(self):
        """A comma of the bank's text parts no conditions."""
        line = self.bought("POS - WISSOL, Tbilisi, 12.06.2026")
        same = self.bought("POS - WISSOL, Batumi, 13.06.2026", -60)
        other = self.bought("POS - CARREFOUR, Tbilisi, 12.06.2026", -70)
        vals = self.chosen(line)
        self.assertEqual(vals["words"], "POS - WISSOL")
        told = self.always(line, vals)
        self.assertEqual(set(told["settled"]), {line.id, same.id})
        later = self.bought("POS - NIKORA, Tbilisi, 12.06.2026", -80)
        self.match()
        self.assertOpen(other)
        self.assertOpen(later)

    def test_a_comma_in_a_name(self):
        line = self.bought("A", partnerName="Google Ireland, Ltd")
        same = self.bought("B", -60, partnerName="GOOGLE IRELAND LTD")
        other = self.bought("C", -70, partnerName="Alpha, Ltd")
        told = self.always(line, self.chosen(line))
        self.assertEqual(set(told["settled"]), {line.id, same.id})
        self.match()
        self.assertOpen(other)

    def test_what_is_said_of_nearly_all_makes_no_rule(self):
        line = self.bought("Tbilisi, 12.06.2026", partnerName="Ltd")
        self.bought("Batumi, 12.06.2026", -60, partnerName="Ltd")
        draft = line.tbc_rule_draft()
        offered = {one["field"]: one for one in draft["conditions"]}
        self.assertNotIn("counterparty", offered)
        self.assertEqual(offered["words"]["vals"], {"words": ""})
        self.assertEqual(draft["fits"], 0)
        self.assertIn("nearly all", draft["problem"])
        for vals in (
            self.chosen(line),
            {"counterparty": "Ltd"},
            {"words": "wissol, tbilisi", "direction": "out"},
        ):
            with self.subTest(vals), self.assertRaisesRegex(UserError, "nearly all"):
                with self.env.cr.savepoint():
                    self.always(line, vals)
        self.assertOpen(line)

    def test_what_was_taught_by_an_older_version(self):
        """It asks for its words without commas; one that tells nothing is off.

        What was made by hand stays, and what something else narrows.
        """
        rules = {}
        for purpose, name, vals in (
            ("POS - WISSOL, Tbilisi", "A", {"words": "POS - WISSOL, Tbilisi"}),
            ("Tbilisi, 12.06.2026", "B", {"words": "Tbilisi, 12.06.2026"}),
            ("Batumi, 12.06.2026", "E", {"words": "Batumi, 12.06.2026"}),
            ("Poti, 12.06.2026", "By hand", {"words": "Poti, 12.06.2026"}),
            ("C", "Google Ireland, Ltd", {"counterparty": "Google Ireland, Ltd"}),
            ("D", "D", {"words": "wissol, d"}),
        ):
            line = self.bought(purpose, partnerName=name)
            told = self.always(line, {"op_code": "X", "name": name}, apply=False)
            rules[name] = self.env["tbc.operation.rule"].browse(told["rule"][0])
            rules[name].write(vals)
        rules["B"].op_code = False
        self.env.flush_all()
        # The bank's clock is not the database's in a test.
        self.env.cr.execute(
            "UPDATE account_bank_statement_line line SET tbc_settled_at ="
            " rule.create_date - (rule.id = %s)::int * INTERVAL '1 hour'"
            " FROM tbc_operation_rule rule WHERE rule.id = line.tbc_rule_id",
            [rules["By hand"].id],
        )
        file = file_path("account_tbc_bank/migrations/19.0.1.4.0/post-taught_rules.py")
        runpy.run_path(file)["migrate"](self.env.cr, "19.0.1.3.0")
        self.env.invalidate_all()
        self.assertEqual(rules["A"].words, "POS - WISSOL Tbilisi")
        self.assertEqual(rules["E"].words, "Batumi 12.06.2026")
        self.assertEqual(rules["By hand"].words, "Poti, 12.06.2026")
        self.assertEqual(
            rules["Google Ireland, Ltd"].counterparty, "Google Ireland Ltd"
        )
        self.assertEqual(rules["D"].words, "wissol, d")
        on = {name for name, rule in rules.items() if rule.active}
        self.assertEqual(on, rules.keys() - {"B"})

    def test_a_tax_code_of_another_country(self):
        """No rule knows it: the counterparty is its name."""
        line = self.bought("A", partnerName="Acme GmbH", taxCode="DE123456789")
        self.assertEqual(self.chosen(line)["counterparty"], "Acme GmbH")
        self.bought("B", -60, partnerName="Acme GmbH", taxCode="DE123456789")
        self.assertEqual(line.tbc_rule_draft()["fits"], 1)

    def test_of_another_bank_there_is_no_rule(self):
        line = self.other_bank(-50)
        with self.assertRaisesRegex(UserError, "not synced from it"):
            line.tbc_rule_draft()
        with self.assertRaisesRegex(UserError, "not synced from it"):
            self.always(line)
        self.assertOpen(line)


@tagged("post_install", "-at_install")
class TestRuleConditions(SettleCase):
    notes_changes = False

    def rule(self, **vals):
        rules = self.mine(self.env["tbc.operation.rule"]).with_company(self.company)
        return rules.create({"name": "A rule", "company_id": self.company.id, **vals})

    def fits(self, line, **vals):
        """Whether a rule of these conditions would settle the line now."""
        rule = self.rule(**vals)
        found = rule.fitting_ids
        rule.unlink()
        return line in found

    def test_counterparty(self):
        line = self.booked(
            -50,
            partnerAccountInfo={**WISSOL, "accountIban": WISSOL_IBAN},
            transactionType=30,
        )
        for told, fits in (
            ("205156788", True),
            ("GE 205156788", True),
            ("GE98 BG00 0000 0001 2345 67", True),
            ("ge98bg0000000001234567", True),
            ("wissol", True),
            ("petroleum jsc", True),
            ("Lukoil, Wissol", True),
            (" , ", True),
            ("205156789", False),
            ("GE98BG0000000001234568", False),
            ("Wiss", False),
            ("Lukoil", False),
        ):
            with self.subTest(told):
                self.assertEqual(
                    self.fits(line, counterparty=told, words="something"), fits
                )

    def test_a_georgian_name(self):
        line = self.booked(-50, partnerAccountInfo={"partnerName": "შპს ვისოლი"})
        self.assertTrue(self.fits(line, counterparty="ვისოლ"))
        self.assertFalse(self.fits(line, counterparty="სოლი"))

    def test_amounts(self):
        line = self.booked("-49.99")
        for least, most, fits in (
            (49.99, 49.99, True),
            (49.98, 50, True),
            (0, 50, True),
            (49.99, 0, True),
            (50, 0, False),
            (0, 49.98, False),
        ):
            with self.subTest(f"{least}-{most}"):
                vals = {"amount_from": least, "amount_to": most, "words": "something"}
                self.assertEqual(self.fits(line, **vals), fits)
        for least, most in ((2, 1), (-1, 0)):
            with self.assertRaises(ValidationError):
                self.rule(amount_from=least, amount_to=most)

    def test_what_it_would_do_is_seen_before(self):
        lines = self.booked(-50) | self.booked(-60, purpose="Something else")
        self.booked(-70, purpose="Nothing")
        with Form(self.mine(self.env["tbc.operation.rule"])) as form:
            form.name = "Seen"
            form.words = "something"
            self.assertEqual(form.fitting_count, 2)
            form.amount_to = 55
            self.assertEqual(form.fitting_count, 1)
            form.amount_to = 0
        rule = form.record
        self.assertFalse(rule.account_id)
        self.assertEqual(rule.fitting_ids, lines)
        action = rule.action_open_fitting()
        self.assertEqual(set(action["domain"][0][2]), set(lines.ids))
        rule.account_id = self.fuel
        self.match()
        rule.invalidate_recordset()
        self.assertEqual((rule.fitting_count, rule.settled_count), (0, 2))
        action = rule.action_open_settled()
        self.assertEqual(set(action["domain"][0][2]), set(lines.ids))

    def test_apply_now(self):
        """It books exactly what it would book, and an off one nothing."""
        lines = self.booked(-50) | self.booked(-60)
        self.booked(-70, purpose="Other")
        rule = self.rule(words="something")
        self.assertEqual((rule.status, rule.fitting_count), ("off", 2))
        with self.assertRaisesRegex(UserError, "is off"):
            rule.action_apply()
        rule.account_id = self.fuel
        self.assertEqual(rule.status, "on")
        notice = rule.action_apply()["params"]
        self.assertEqual((notice["message"], notice["type"]), ("Booked: 2.", "success"))
        self.assertEqual(lines.tbc_rule_id, rule)
        self.assertTrue(all(lines.mapped("is_reconciled")))
        rule.invalidate_recordset()
        self.assertEqual((rule.fitting_count, rule.settled_count), (0, 2))
        with self.assertRaisesRegex(UserError, "No transaction fits"):
            rule.action_apply()

    def test_apply_now_leaves_what_is_too_much_to_the_scheduled_action(self):
        """A click that takes too long is cut off by the server, and all is lost."""
        self.booked(-50)
        self.booked(-60)
        rule = self.rule(words="something", account_id=self.fuel.id)
        cron = self.env.ref("account_tbc_bank.ir_cron_match")
        triggers = self.env["ir.cron.trigger"].sudo()
        count = triggers.search_count([("cron_id", "=", cron.id)])
        self.startPatcher(patch(f"{TAUGHT}.MOST_AT_ONCE", 1))
        notice = rule.action_apply()["params"]
        self.assertEqual(notice["message"], "Booked: 1.\nBooked in the background: 1.")
        self.assertGreater(triggers.search_count([("cron_id", "=", cron.id)]), count)
        rule.invalidate_recordset()
        self.assertEqual((rule.fitting_count, rule.settled_count), (1, 1))

    def test_the_bank_s_fees_need_an_account(self):
        rule = self.rule(is_charge=True)
        self.account.fee_account_id = False
        self.assertEqual(rule.status, "off")
        self.account.fee_account_id = self.fees
        rule.invalidate_recordset()
        self.assertEqual(rule.status, "on")
        rule.active = False
        self.assertEqual(rule.status, "off")

    def test_own_accounts_in_other_banks(self):
        """By an account of the company in Odoo, or by its own tax code."""
        self.company.partner_id.vat = "405288996"
        self.env["res.partner.bank"].create(
            {"acc_number": WISSOL_IBAN, "partner_id": self.company.partner_id.id}
        )
        elsewhere = "GE61BG0000000009999999"
        for told, fits in (
            ({"accountIban": WISSOL_IBAN}, True),
            ({"accountIban": elsewhere, "taxCode": "405288996"}, True),
            ({"accountIban": elsewhere, "taxCode": "205156788"}, False),
            ({"taxCode": "405288996"}, False),
            ({}, False),
        ):
            with self.subTest(told):
                line = self.booked(-50, partnerAccountInfo=told)
                self.assertEqual(self.fits(line, own_account=True), fits)

    def test_the_rules_that_come_along_may_be_changed_by_whoever_has_all_companies(
        self,
    ):
        shared = self.env.ref("account_tbc_bank.tbc_operation_rule_salary")
        user = self._make_user("everywhere", "account.group_account_user")
        mine = self.mine(shared, user)
        with self.assertRaises(AccessError):
            mine.words = "x"
        user.company_ids = self.env["res.company"].search([])
        mine.words = "x"
        self.assertEqual(shared.words, "x")

    def test_two_that_fit_the_same(self):
        line = self.booked(-50)
        first = self.rule(name="First", words="something", account_id=self.fuel.id)
        second = self.rule(name="Second", counterparty="stranger", sequence=20)
        off = self.rule(name="Off", words="something")
        self.assertEqual(second.alike_ids, first)
        # The first one wins.
        self.assertEqual(first.fitting_ids, line)
        self.assertFalse(second.fitting_ids)
        self.assertFalse(first.alike_ids)
        self.assertEqual(off.alike_ids, first)
        second.account_id = self.fees
        first.invalidate_recordset()
        self.assertEqual(first.alike_ids, second)
        self.match()
        self.assertEqual(line.tbc_rule_id, first)
        # What was booked shows it as well.
        (first + second).invalidate_recordset()
        self.assertEqual(second.alike_ids, first)
        different = self.rule(name="Third", words="else", account_id=self.fuel.id)
        self.assertFalse(different.alike_ids)

    def test_who_makes_rules(self):
        for login, group in (
            ("accountant", "account.group_account_user"),
            ("basic", "account.group_account_basic"),
        ):
            with self.subTest(login):
                mine = self.mine(
                    self.env["tbc.operation.rule"], self._make_user(login, group)
                )
                rule = mine.create({"name": "Mine", "company_id": self.company.id})
                rule.write({"words": "x", "account_id": self.fuel.id})
                rule.unlink()
                self.refused_on_shared(mine)
        for login, group in (
            ("plain", "base.group_user"),
            ("auditor", "account.group_account_readonly"),
        ):
            with self.subTest(login), self.assertRaises(AccessError):
                self.mine(
                    self.env["tbc.operation.rule"], self._make_user(login, group)
                ).create({"name": "Mine", "company_id": self.company.id})

    def refused_on_shared(self, mine):
        """What all companies share is not his, nor another company's."""
        shared = mine.browse(
            self.env.ref("account_tbc_bank.tbc_operation_rule_salary").id
        )
        shared.account_id = self.fuel
        name = f"Sister of {mine.env.user.login}"
        sister = self.env["res.company"].create({"name": name})
        own = mine.create({"name": "Own", "company_id": self.company.id})
        for attempt in (
            lambda: shared.write({"counterparty": "x"}),
            lambda: shared.write({"amount_to": 3}),
            lambda: shared.write({"label": "x"}),
            lambda: shared.unlink(),
            lambda: mine.create({"name": "All", "company_id": False}),
            lambda: mine.create({"name": "Theirs", "company_id": sister.id}),
            lambda: own.write({"company_id": False}),
        ):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                attempt()

    def test_whoever_reads_rules_sees_no_other_lines(self):
        """The Statements role of a sister company shares the rules, not the lines."""
        line = self.booked(-50)
        shared = self.env["tbc.operation.rule"].create(
            {"name": "All", "company_id": False, "words": "something"}
        )
        sister = self.env["res.company"].create({"name": "Sister LLC"})
        clerk = self._make_user(
            "sister_clerk", "account_tbc_bank.group_tbc_statements", sister
        )
        theirs = shared.with_user(clerk).with_context(allowed_company_ids=sister.ids)
        self.assertFalse(theirs.fitting_ids)
        self.assertEqual(theirs.settled_count, 0)
        self.assertIn(line, self.mine(shared).with_company(self.company).fitting_ids)
