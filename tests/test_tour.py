"""Set-up and first read in a real browser, against the fake bank."""

from datetime import date

from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged

from .common import IBAN, TODAY, TbcCase


@tagged("post_install", "-at_install")
class TestTour(TbcCase, HttpCase):
    bank_options = {
        "accounts": {IBAN: ("GEL", "USD", "EUR")},
        "days": 20,
        "per_day": 0.5,
        "seed": 7,
        "until": TODAY,
    }

    def test_setup_and_sync(self):
        """A director connects, discovers, links and reads; then the card is pressed."""
        self.integration.unlink()
        self.company.fiscalyear_lock_date = date(2026, 5, 30)
        new_test_user(
            self.env,
            "tbc_owner",
            password="tbc_owner",
            groups="account.group_account_manager,"
            "account_tbc_bank.group_tbc_administrator",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        self.start_tour(
            "/odoo/tbc-integrations", "account_tbc_bank_setup", login="tbc_owner"
        )
        integration = self.env["tbc.integration"].search([("name", "=", "Tour")])
        self.assertEqual(integration.state, "connected")
        self.assertEqual(integration.user_id.login, "tbc_owner")
        accounts = integration.account_ids
        self.assertEqual(len(accounts.journal_id), 3)
        gel = accounts.filtered(lambda account: account.currency_id == self.gel)
        self.assertEqual(
            len(self.lines(gel)), len(self.bank.ledger.movements(IBAN, "GEL"))
        )
        self.start_tour("/odoo/accounting", "account_tbc_bank_card", login="tbc_owner")
