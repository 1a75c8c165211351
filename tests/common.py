import os
from contextlib import nullcontext
from datetime import date, datetime, timedelta, timezone
from unittest.mock import patch

from cryptography.fernet import Fernet

from odoo import fields
from odoo.addons.account_tbc_bank.services.connecting import TOKENS
from odoo.addons.account_tbc_bank.services.matching.run import match_company
from odoo.tests import TransactionCase, tagged

from .company import PEOPLE, currencies, get_company, get_user
from .fake_tbc import FakeBank
from .fake_tbc.bank import FAKE_CLIENT_ID, FAKE_CLIENT_SECRET

IBAN = "GE29TB7777777777777777"
OTHER_IBAN = "GE29TB9999999999999999"
# A bank that has nothing of two numbers yet but what one of them began with.
TWO_IBANS = {
    "accounts": {IBAN: ("GEL", "USD"), OTHER_IBAN: ("GEL",)},
    "days": 0,
    "openings": {(IBAN, "GEL"): "1000.00"},
}
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
    # Whether Odoo notes each change of a field in the chatter. It takes a part of the
    # time, and most tests look at what we write there, not at these notes.
    notes_changes = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(
            patch(
                "odoo.addons.account_tbc_bank.services.clock.georgian_now",
                lambda: cls.bank.now,
            )
        )
        # The waits between two tries are the pure ring's subject.
        cls.startClassPatcher(
            patch("odoo.addons.account_tbc_bank.tbc.transport.PAUSES", (0.0, 0.0))
        )
        # After ten seconds Odoo ends a job, which proves nothing on a busy machine.
        cls.startClassPatcher(
            patch("odoo.addons.base.models.ir_cron.MIN_TIME_PER_JOB", 120)
        )
        cls._make_company()
        cls._make_users()
        cls._set_up_for_all()

    @classmethod
    def _make_company(cls):
        cls.gel, cls.usd, cls.eur = currencies(cls.env)
        cls.company = get_company(cls.env)
        cls.env.user.company_ids += cls.company
        more = {} if cls.notes_changes else {"tracking_disable": True}
        cls.env = cls.env(
            context={
                **cls.env.context,
                "allowed_company_ids": cls.company.ids,
                **more,
            }
        )

    @classmethod
    def _make_user(cls, login, groups, company=None):
        """A person of the company, or of another, who logs in as tbc_``login``."""
        return get_user(cls.env, login, groups, company or cls.company)

    @classmethod
    def _make_users(cls):
        for login in ("director", "accountant", "clerk", "payer", "administrator"):
            setattr(cls, login, cls._make_user(login, PEOPLE[login]))

    @classmethod
    def _set_up_for_all(cls):
        """Let ``set_up_once`` of a case that never runs do what all tests begin with."""
        case = cls()
        # What a test would undo at its end is undone after the last one.
        case.addCleanup = cls.addClassCleanup
        # There is no test yet of which it could be a part.
        case.subTest = lambda *_args, **_params: nullcontext()
        own = set(vars(case))
        case.set_up_once()
        cls._begun = {name: vars(case)[name] for name in vars(case).keys() - own}
        cls._first_bank = cls.bank
        cls._first_tokens = dict(TOKENS._tokens)
        cls.env.flush_all()
        cls.env.invalidate_all()
        caches = cls.registry._Registry__caches.items()
        cls._first_caches = {name: cache.snapshot for name, cache in caches}

    def set_up_once(self):
        """Do what all tests of the class begin with.

        Each test finds the same attributes, records and books of the bank, whatever
        the tests before it did to them: see ``setUp``.
        """
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

    def setUp(self):
        # Before Odoo's own: what comes first is undone last.
        self.addCleanup(self._remember_first_caches)
        super().setUp()
        for name, value in self._begun.items():
            if isinstance(value, list | dict | set):
                value = value.copy()
            setattr(self, name, value)
        self.startPatcher(patch.object(TOKENS, "_tokens", dict(self._first_tokens)))
        self._run_bank(self._first_bank.twin())

    def _remember_first_caches(self):
        """Fill Odoo's caches again with what held before the test.

        Odoo empties them after each test, and to fill them takes a tenth of the time.
        The database is rolled back to where they were filled.
        """
        for name, kept in self._first_caches.items():
            cache = self.registry._Registry__caches[name]
            cache.clear()
            for key, value in kept.items():
                cache[key] = value

    def start_bank(self, **options):
        """Start a fake bank at noon of ``TODAY`` and point the sandbox to it."""
        self.startPatcher(
            patch.dict(
                os.environ,
                {
                    "TBC_BIS_ENCRYPTION_KEY": Fernet.generate_key().decode(),
                    "TBC_BIS_TIMEOUT": "10",
                },
            )
        )
        self._run_bank(FakeBank(**{"now": NOON, **options}))

    def _run_bank(self, bank):
        type(self).bank = bank
        bank.start()
        self.addCleanup(bank.stop)
        self.startPatcher(patch.dict(os.environ, {"TBC_BIS_SANDBOX_URL": bank.url}))

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

    def match_accounts(self, accounts):
        """Match what is certain in the accounts' companies, in this transaction."""
        for company in accounts.sudo().company_id.root_id:
            match_company(company)

    def lock_until(self, day):
        """Lock the company's books up to ``day``."""
        self.company.sudo().fiscalyear_lock_date = fields.Date.to_date(day)
