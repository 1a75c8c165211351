"""The set-up in a real browser: clicks are counted, for one person and for two."""

from odoo.tests import tagged

from .common import IBAN
from .setup_common import SetupTourCase

NEW = "/odoo/tbc-integrations/new"


@tagged("post_install", "-at_install")
class TestSetupTour(SetupTourCase):
    def set_up_once(self):
        super().set_up_once()
        self.owner = self.begin_anew()

    def made(self):
        return self.env["tbc.integration"].search(
            [("company_id", "=", self.company.id)]
        )

    def assertSetUp(self, integration):
        """Each account has its journal, and soon holds what the bank has."""
        self.env.ref("account_tbc_bank.ir_cron_sync").method_direct_trigger()
        self.assertEqual(integration.state, "connected")
        accounts = integration.account_ids
        self.assertEqual(len(accounts.journal_id), 3)
        for account in accounts:
            code = account.currency_id.name
            listed = self.bank.ledger.movements(IBAN, code)
            self.assertEqual(len(self.lines(account)), len(listed), code)
            self.assertEqual(account.health, "ok", code)

    def test_alone(self):
        self.start_tour("/odoo/accounting", "account_tbc_bank_alone", login="tbc_owner")
        integration = self.made()
        self.assertEqual(integration.user_id, self.owner)
        self.assertTrue(integration.can_initiate_transfers)
        self.assertSetUp(integration)

    def test_with_a_director(self):
        """The director has no role, and still nothing comes back to the other one."""
        self.start_tour(NEW, "account_tbc_bank_hand_over", login="tbc_owner")
        integration = self.made()
        self.assertEqual(integration.activity_ids.user_id, self.director)
        self.assertEqual(len(integration.activity_ids), 1)
        url = f"/odoo/tbc-integrations/{integration.id}"
        self.start_tour(url, "account_tbc_bank_taken_on", login="tbc_director")
        self.assertSetUp(integration)
        self.assertFalse(integration.activity_ids)

    def test_a_wrong_secret_of_before_is_told_once(self):
        """Met by Test Connection on the form, where two permissions are asked for."""
        integration = self.env["tbc.integration"].create(
            {
                "company_id": self.company.id,
                "environment": "sandbox",
                "user_id": self.director.id,
                "can_initiate_transfers": True,
            }
        )
        integration.with_user(self.director).set_credentials("fake-client-id", "old")
        url = f"/odoo/tbc-integrations/{integration.id}"
        tour = "account_tbc_bank_wrong_pair_of_before"
        self.start_tour(url, tour, login="tbc_director")
        self.start_tour(url, f"{tour}_seen_by_others", login="tbc_owner")

    def test_a_wrong_secret_is_told_once(self):
        integration = self.env["tbc.integration"].create(
            {
                "company_id": self.company.id,
                "environment": "sandbox",
                "user_id": self.director.id,
            }
        )
        url = f"/odoo/tbc-integrations/{integration.id}"
        self.start_tour(url, "account_tbc_bank_wrong_pair", login="tbc_director")
        self.assertEqual(integration.state, "connected")
        self.assertNotIn("wrong", str(integration.message_ids.mapped("body")))
