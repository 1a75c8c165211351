import os
from datetime import date, datetime, timedelta, timezone
from unittest.mock import patch

from cryptography.fernet import Fernet

from odoo import fields
from odoo.fields import Command
from odoo.tests import TransactionCase, new_test_user, tagged

from .fake_tbc import FakeBank
from .fake_tbc.bank import FAKE_CLIENT_ID, FAKE_CLIENT_SECRET

IBAN = "GE29TB7777777777777777"
OTHER_IBAN = "GE29TB9999999999999999"
# The bank's and Odoo's day in these tests.
TODAY = date(2026, 6, 30)
GEORGIA = timezone(timedelta(hours=4))
NOON = datetime(2026, 6, 30, 12, tzinfo=GEORGIA)


@tagged("post_install", "-at_install")
class TbcCase(TransactionCase):
    """A Georgian company, its people, and a fake bank with an empty ledger.

    Movements are added by the tests themselves, so that each figure in them is one
    that the test wrote down.
    """

    bank_options = {"accounts": {IBAN: ("GEL", "USD", "EUR")}, "days": 0}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(
            patch(
                "odoo.addons.account_tbc_bank.models.tbc_account.georgian_now",
                lambda: cls.bank.now,
            )
        )
        cls._make_company()
        cls._make_users()

    @classmethod
    def _make_company(cls):
        currencies = cls.env["res.currency"].with_context(active_test=False)
        cls.gel, cls.usd, cls.eur = (
            currencies.search([("name", "=", code)]) for code in ("GEL", "USD", "EUR")
        )
        (cls.gel + cls.usd + cls.eur).active = True
        cls.company = cls.env["res.company"].create(
            {"name": "Our Company LLC", "country_id": cls.env.ref("base.ge").id}
        )
        cls.env["account.chart.template"].try_loading(
            "generic_coa", cls.company, install_demo=False
        )
        # The generic chart of accounts brings a currency of its own.
        cls.company.currency_id = cls.gel
        # Without any rate nothing in these currencies could be booked.
        cls.env["res.currency.rate"].search([]).unlink()
        cls.env["res.currency.rate"].create(
            [
                {
                    "name": "2020-01-01",
                    "currency_id": currency.id,
                    "company_id": cls.company.id,
                    "rate": 1.0,
                }
                for currency in cls.usd + cls.eur
            ]
        )
        cls.env.user.company_ids += cls.company
        cls.env = cls.env(
            context={**cls.env.context, "allowed_company_ids": cls.company.ids}
        )

    @classmethod
    def _make_user(cls, login, groups, company=None):
        """A person of the company, or of another, who logs in as tbc_``login``."""
        company = company or cls.company
        return new_test_user(
            cls.env,
            login=f"tbc_{login}",
            password=f"tbc_{login}",
            groups=groups,
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    @classmethod
    def _make_users(cls):
        user = cls._make_user
        cls.director = user("director", "base.group_user")
        cls.accountant = user("accountant", "account.group_account_user")
        cls.clerk = user("clerk", "account_tbc_bank.group_tbc_statements")
        cls.payer = user("payer", "account_tbc_bank.group_tbc_transfers")
        cls.administrator = user(
            "administrator",
            "base.group_system,account.group_account_manager,"
            "account_tbc_bank.group_tbc_administrator",
        )

    def setUp(self):
        super().setUp()
        self.start_bank(**self.bank_options)
        self.integration = self.env["tbc.integration"].create(
            {
                "name": "Odoo",
                "company_id": self.company.id,
                "environment": "sandbox",
                "user_id": self.director.id,
                # The rates of these tests are old.
                "rate_days": 0,
            }
        )
        self.integration.with_user(self.director).set_credentials(
            FAKE_CLIENT_ID, FAKE_CLIENT_SECRET
        )

    def start_bank(self, **options):
        """Start a fake bank at noon of ``TODAY`` and point the sandbox to it."""
        bank = FakeBank(**{"now": NOON, **options})
        type(self).bank = bank
        bank.start()
        self.addCleanup(bank.stop)
        self.startPatcher(
            patch.dict(
                os.environ,
                {
                    "TBC_BIS_SANDBOX_URL": bank.url,
                    "TBC_BIS_ENCRYPTION_KEY": Fernet.generate_key().decode(),
                    "TBC_BIS_TIMEOUT": "10",
                },
            )
        )

    def make_account(self, currency=None, *, iban=IBAN, journal=True, **values):
        """Return a ``tbc.account`` read from 1 June on, linked to a new journal."""
        account = self.env["tbc.account"].create(
            {
                "integration_id": self.integration.id,
                "iban": iban,
                "currency_id": (currency or self.gel).id,
                "sync_from": date(2026, 6, 1),
                **values,
            }
        )
        if journal:
            account.action_create_journal()
        return account

    def add(self, amount, day="2026-06-15", *, currency="GEL", iban=IBAN, **members):
        """Write a movement at the bank; return its id."""
        movement = self.bank.ledger.add(
            iban, currency, amount=amount, day=day, **members
        )
        return movement.movement_id

    def lines(self, account):
        """The account's bank lines, oldest first."""
        return self.env["account.bank.statement.line"].search(
            [("tbc_account_id", "=", account.id)], order="date, id"
        )

    def ids(self, account):
        """The movement ids booked on the account, in the order of booking."""
        return self.lines(account).sorted("id").mapped("tbc_movement_id")

    def sync(self, account):
        """Read, and fail with the sentence where the read failed; return the run."""
        run = account.sync()
        self.assertEqual(run.state, "done", run.error)
        return run

    def lock_until(self, day):
        """Lock the company's books up to ``day``."""
        self.company.sudo().fiscalyear_lock_date = fields.Date.to_date(day)
