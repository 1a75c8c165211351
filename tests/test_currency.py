"""Currencies without a rate, with an old one, or rounded otherwise than the bank does."""

from datetime import date

from odoo.tests import Form, tagged

from .common import IBAN, OTHER_IBAN, TbcCase


class CurrencyCase(TbcCase):
    bank_options = {
        "accounts": {IBAN: ("GEL", "USD", "EUR", "JPY")},
        "days": 0,
        "openings": {(IBAN, code): "0" for code in ("GEL", "USD", "EUR", "JPY")},
    }

    @classmethod
    def _make_company(cls):
        result = super()._make_company()
        currencies = cls.env["res.currency"].with_context(active_test=False)
        cls.jpy = currencies.search([("name", "=", "JPY")])
        cls.jpy.active = True
        # Whatever the database brings along: each test says which rates there are.
        cls.env["res.currency.rate"].search([]).unlink()
        return result

    def rate(self, currency, lari, day):
        """Enter what one unit of a currency is worth in lari from a day on."""
        return self.env["res.currency.rate"].create(
            {
                "currency_id": currency.id,
                "company_id": self.company.id,
                "name": day,
                "inverse_company_rate": lari,
            }
        )

    def assertHeld(self, account, reason, *words):
        held = account.held_ids
        self.assertEqual(held.mapped("reason"), [reason])
        for word in words:
            self.assertIn(word, held.message)
        self.assertNotEqual(account.health, "ok")
        return held


@tagged("post_install", "-at_install")
class TestRate(CurrencyCase):
    def set_up_once(self):
        super().set_up_once()
        fields = self.integration.default_get(["rate_days"])
        self.assertEqual(fields, {"rate_days": 7})
        self.integration.write(fields)

    def test_no_rate_at_all(self):
        """33,259.15 euro are not as many lari."""
        account = self.make_account(self.eur)
        self.assertIn("EUR has no exchange rate", account.health_message)
        movement_id = self.add("33259.15", currency="EUR")
        run = self.sync(account)
        self.assertEqual((run.new, run.held), (0, 1))
        held = self.assertHeld(account, "rate", "EUR", "exchange rate", "Currencies")
        self.assertEqual(held.amount, 33259.15)
        self.assertEqual(account.health, "held")
        self.assertIn("EUR has no exchange rate", account.health_message)
        card = account.journal_id._get_journal_dashboard_data_batched()
        told = card[account.journal_id.id]["tbc_card"]
        self.assertIn("EUR has no", told["state"])
        self.assertEqual(told["on_hold"], "1 on hold")
        self.assertEqual(held.action_open_currency()["res_id"], self.eur.id)
        self.rate(self.eur, 3.0, "2026-06-01")
        self.sync(account)
        self.assertEqual(self.ids(account), [movement_id])
        self.assertEqual(
            self.lines(account).line_ids.mapped("balance"), [99777.45, -99777.45]
        )
        self.assertFalse(account.held_ids)

    def test_a_conversion_into_lari_brings_its_own_rate(self):
        account = self.make_account(self.usd)
        movement_id = self.add(
            "-100.00", currency="USD", exchangeRate="1 USD = 2.7 GEL"
        )
        self.add("-100.00", currency="USD", exchangeRate="1 EUR = 1.1 USD")
        self.sync(account)
        self.assertEqual(self.ids(account), [movement_id])
        balances = self.lines(account).line_ids.mapped("balance")
        self.assertEqual(balances, [-270.0, 270.0])
        self.assertHeld(account, "rate", "USD")

    def test_a_form_that_is_not_saved_yet(self):
        form = Form(self.env["tbc.account"].with_company(self.company))
        form.integration_id = self.integration
        form.iban = IBAN
        form.currency_id = self.usd
        self.assertIn("USD has no exchange rate", form.advice)
        self.rate(self.usd, 2.7, "2026-06-01")
        with Form(self.make_account(self.usd, iban=OTHER_IBAN)) as form:
            form.name = "Our Company LLC"
            self.assertFalse(form.advice)

    def test_lari_need_none(self):
        account = self.make_account()
        self.add("10.00", exchangeRate="1 EUR = 3.1 GEL")
        self.sync(account)
        self.assertEqual(account.health, "ok")
        self.assertFalse(account.advice)

    def test_rates_of_others_are_none(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.rate(self.eur, 3.0, "2026-06-01").company_id = other
        account = self.make_account(self.eur)
        self.add("10.00", currency="EUR")
        self.sync(account)
        self.assertHeld(account, "rate")

    def test_a_rate_for_all_companies(self):
        self.rate(self.eur, 3.0, "2026-06-14").company_id = False
        account = self.make_account(self.eur)
        self.add("10.00", currency="EUR")
        self.sync(account)
        self.assertEqual(self.lines(account).line_ids[0].balance, 30.0)
        self.assertEqual(account.health, "ok")

    def test_all_rates_refer_to_the_foreign_currency(self):
        """Where euro is the one that has no rate, because it is the measure."""
        self.env["res.currency.rate"].create(
            {
                "currency_id": self.gel.id,
                "company_id": False,
                "name": "2026-06-15",
                "rate": 3.0,
            }
        )
        account = self.make_account(self.eur)
        self.add("10.00", currency="EUR")
        self.sync(account)
        self.assertEqual(self.lines(account).line_ids[0].balance, 30.0)
        self.assertFalse(account.held_ids)
        self.assertFalse(account.advice)

    def test_an_old_rate_is_told_with_its_day(self):
        self.rate(self.usd, 2.7, "2026-03-01")
        account = self.make_account(self.usd)
        self.add("10.00", currency="USD")
        self.sync(account)
        self.assertEqual(self.lines(account).line_ids[0].balance, 27.0)
        self.assertIn("03/01/2026", account.health_message)
        self.assertIn("06/15/2026", account.health_message)
        card = account.journal_id._get_journal_dashboard_data_batched()
        self.assertIn("03/01/2026", card[account.journal_id.id]["tbc_card"]["state"])
        # Within the days that are allowed, and with a rate entered later.
        self.integration.rate_days = 200
        account.invalidate_recordset()
        self.assertNotIn("2026-03", account.health_message)
        self.integration.rate_days = 7
        self.rate(self.usd, 2.8, "2026-06-10")
        self.sync(account)
        self.assertEqual(account.health_message, "Balance checked.")

    def test_a_rate_of_later_only(self):
        """Odoo takes it; it may be years away."""
        self.rate(self.usd, 2.7, "2026-06-29")
        account = self.make_account(self.usd)
        self.add("10.00", "2026-06-02", currency="USD")
        self.sync(account)
        self.assertEqual(self.lines(account).line_ids[0].balance, 27.0)
        self.assertIn("06/29/2026", account.advice)

    def test_the_opening_balance_needs_a_rate_too(self):
        account = self.make_account(self.eur, sync_from=date(2026, 6, 2))
        self.add("10.00", "2026-06-01", currency="EUR")
        self.sync(account)
        self.assertFalse(account.opening_line_id)
        self.assertEqual(account.health, "difference")
        self.assertIn("EUR has no exchange rate", account.health_message)
        self.rate(self.eur, 3.0, "2026-06-01")
        self.sync(account)
        self.assertEqual(account.opening_line_id.line_ids[0].balance, 30.0)
        self.assertEqual(account.health, "ok")

    def test_the_connection_test_tells(self):
        self.add("10.00", currency="EUR")
        self.add("10.00", currency="GEL")
        notice = self.integration.action_test_connection()
        self.assertIn("EUR has no exchange rate", notice["params"]["message"])
        self.assertNotIn("GEL has", notice["params"]["message"])
        self.assertEqual(self.integration.state, "connected")

    def test_discovery_tells(self):
        self.add("10.00", currency="EUR")
        notice = self.integration.action_discover_accounts()
        self.assertIn("EUR has no exchange rate", notice["params"]["message"])
        self.assertEqual(notice["params"]["next"]["res_model"], "tbc.account")
        self.assertEqual(self.integration.account_ids.currency_id, self.eur)
        self.rate(self.eur, 3.0, "2026-06-14")
        action = self.integration.action_discover_accounts()
        self.assertEqual(action["res_model"], "tbc.account")


@tagged("post_install", "-at_install")
class TestRounding(CurrencyCase):
    def set_up_once(self):
        super().set_up_once()
        self.rate(self.jpy, 0.017, "2026-06-01")
        self.rate(self.usd, 2.7, "2026-06-12")

    def round_lari(self, rounding):
        # Past the check of a currency in use: other databases came to it otherwise.
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_currency SET rounding = %s WHERE id = %s",
            (rounding, self.gel.id),
        )
        self.env.invalidate_all()
        self.env.registry.clear_all_caches()

    def test_lari_rounded_to_five_tetri(self):
        account = self.make_account()
        self.round_lari(0.05)
        bad = self.add("10.42")
        good = self.add("10.40", "2026-06-16")
        run = self.sync(account)
        self.assertEqual((run.new, run.held), (1, 1))
        self.assertEqual(self.ids(account), [good])
        held = self.assertHeld(account, "rounding", "GEL", "0.05", "0.01", "Rounding")
        self.assertEqual(held.amount, 10.42)
        self.assertAlmostEqual(account.difference, -10.42, 2)
        self.assertFalse(account.difference_ids)
        self.assertNotIn("0.00", account.health_message)
        self.sync(account)
        self.assertHeld(account, "rounding")
        self.round_lari(0.01)
        self.sync(account)
        self.assertFalse(account.held_ids)
        self.assertEqual(self.ids(account), [good, bad])
        self.assertEqual(self.lines(account)[0].amount, 10.42)
        self.assertEqual(account.health, "ok")

    def test_yen_with_sen(self):
        account = self.make_account(self.jpy)
        bad = self.add("100.50", currency="JPY")
        good = self.add("200.00", "2026-06-16", currency="JPY")
        run = self.sync(account)
        self.assertEqual(self.ids(account), [good])
        self.assertHeld(account, "rounding", "JPY", "0.01")
        self.assertEqual((run.new, run.held), (1, 1))
        self.assertEqual(account.bank_balance, 300.5)
        self.assertEqual(account.difference, -100.5)
        self.jpy.rounding = 0.01
        self.sync(account)
        self.assertEqual(sorted(self.ids(account)), sorted([good, bad]))
        self.assertEqual(account.health, "ok")

    def test_a_conversion_into_yen_has_no_sen(self):
        account = self.make_account()
        self.add("-10.00", exchangeRate="100 JPY = 1.72 GEL")
        self.sync(account)
        self.assertEqual(self.lines(account).amount_currency, -581.0)
        self.assertEqual(account.health, "ok")

    def test_a_conversion_whose_lari_are_rounded(self):
        account = self.make_account(self.usd)
        self.round_lari(0.05)
        self.add("-10.00", currency="USD", exchangeRate="1 USD = 2.701 GEL")
        self.sync(account)
        self.assertHeld(account, "rounding", "GEL", "0.05")

    def test_the_opening_balance(self):
        account = self.make_account(sync_from=date(2026, 6, 2))
        self.round_lari(0.05)
        self.add("10.42", "2026-06-01")
        self.sync(account)
        self.assertFalse(account.opening_line_id)
        self.assertEqual(account.health, "difference")
        self.assertIn("10.42", account.health_message)
        self.assertIn("Rounding Factor", account.health_message)
        self.round_lari(0.01)
        self.sync(account)
        self.assertEqual(account.opening_line_id.amount, 10.42)
        self.assertEqual(account.health, "ok")

    def test_a_difference_smaller_than_the_rounding(self):
        """Booked by an older version, which rounded: told to the tetri."""
        account = self.make_account()
        self.round_lari(0.05)
        self.add("10.40")
        self.sync(account)
        self.bank.ledger.add(IBAN, "GEL", amount="0.02", day="2026-06-15")
        self.sync(account)
        self.assertNotIn("0.00", account.health_message)
        self.assertAlmostEqual(account.difference, -0.02, 2)

    def test_amounts_with_three_decimals(self):
        """Named and on hold; the bank's own sums with them end no read."""
        account = self.make_account()
        bad = self.add("10.425")
        good = self.add("7.00", "2026-06-16")
        self.bank.add_fault("more_decimals", on="statements", times=None)
        self.sync(account)
        self.assertEqual(self.ids(account), [good])
        held = self.assertHeld(account, "unreadable", "amount", "decimals")
        self.assertEqual(held.movement_id, bad)
        self.assertEqual(account.synced_until, date(2026, 6, 29))
        self.assertAlmostEqual(account.bank_balance, 7.005, 3)
        self.assertIn("0.005", account.health_message)
        self.sync(account)
        self.bank.clear_faults()
        self.bank.ledger.withdraw(bad)
        self.sync(account)
