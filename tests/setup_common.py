"""What the tours of the set-up begin with: a bank with three accounts, and an owner."""

from datetime import date

from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user

from .common import IBAN, TODAY, TbcCase


class SetupTourCase(TbcCase, HttpCase):
    bank_options = {
        "accounts": {IBAN: ("GEL", "USD", "EUR")},
        "days": 20,
        "per_day": 0.5,
        "seed": 7,
        "until": TODAY,
    }

    def begin_anew(self):
        """Let the company have no integration; return who may connect it."""
        self.integration.unlink()
        self.company.fiscalyear_lock_date = date(2026, 5, 30)
        return new_test_user(
            self.env,
            "tbc_owner",
            password="tbc_owner",
            groups="account.group_account_manager,"
            "account_tbc_bank.group_tbc_administrator",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
