"""Set-up and first read in a real browser, against the fake bank."""

from odoo.tests import tagged

from .common import IBAN
from .setup_common import SetupTourCase


@tagged("post_install", "-at_install")
class TestTour(SetupTourCase):
    def test_setup_and_sync(self):
        """A director connects, discovers, links and reads; then the card is pressed."""
        self.begin_anew()
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
