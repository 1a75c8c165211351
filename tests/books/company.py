"""The company in Odoo: its accounts, its partners, its documents, its own orders."""

import contextlib
from datetime import timedelta

from odoo.api import SUPERUSER_ID, Environment
from odoo.fields import Command

from fake_tbc import FAKE_CLIENT_ID, FAKE_CLIENT_SECRET
from fake_tbc.year_books import Document

CODES = ("GEL", "USD", "EUR")
# GEL for one unit, month by month: near what the fake bank asks.
_RATES = {"USD": (2.70, 0.004), "EUR": (3.16, 0.005)}
# How many documents are posted in one transaction.
PORTION = 250
# What only its kind says something about: rule of a fate → the module's own rule.
RULES = {
    "treasury": "tbc_operation_rule_treasury",
    "utilities": "tbc_operation_rule_utility",
    "salary": "tbc_operation_rule_salary",
    "cash": "tbc_operation_rule_cash_out",
    "card": "tbc_operation_rule_card",
}
# Odoo's notes of who changed which field would take a third of the time.
_QUIET = {"tracking_disable": True, "mail_create_nolog": True, "mail_notrack": True}


class Company:
    """A company in Odoo whose year is that of a :class:`fake_tbc.year.Year`.

    :param registry: Odoo's, of a database with the module
    :param year: the year
    :param str name: of the company; no other in the database has it
    """

    def __init__(self, registry, year, name):
        self.registry, self.year, self.name = registry, year, name
        self.company_id = self.integration_id = None
        self.account_ids = {}  # (IBAN, currency) → tbc.account
        self.partner_ids = {}  # name of a party → res.partner
        self.addressee_ids = {}  # the same, of those with a contact
        self.rule_accounts = {}  # rule of a fate → account.account
        self.fee_account_id = None
        self.entered = 0  # how many of the year's documents are in the books

    @contextlib.contextmanager
    def env(self, login=None):
        """An environment in a transaction of its own; committed at the end.

        :param login: of a person; without it the superuser
        """
        with self.registry.cursor() as cr:
            env = Environment(cr, SUPERUSER_ID, _QUIET)
            if self.company_id:
                context = {**_QUIET, "allowed_company_ids": [self.company_id]}
                env = env(context=context)
            if login:
                users = env["res.users"]
                user = users.search([("login", "=", f"{login} of {self.name}")])
                env = env(user=user, su=False)
            yield env

    # --- the scene --------------------------------------------------------------------

    def open(self, sync_from):
        """Make the company, its integration, accounts and journals, and its partners.

        :param date sync_from: the first day wanted
        """
        with self.env() as env:
            company = self._make_company(env)
        self.company_id = company.id
        with self.env() as env:
            self._make_rates(env, sync_from)
            self._make_users(env)
            self._connect(env, sync_from)
            self._choose_accounts(env)
            self._make_partners(env)

    def _make_company(self, env):
        currencies = env["res.currency"].with_context(active_test=False)
        currencies = currencies.search([("name", "in", CODES)])
        currencies.active = True
        company = env["res.company"].create(
            {
                "name": self.name,
                "country_id": env.ref("base.ge").id,
                "vat": self.year.scene.tax_code,
            }
        )
        env["account.chart.template"].try_loading(
            "generic_coa", company, install_demo=False
        )
        company.currency_id = currencies.filtered(lambda one: one.name == "GEL")
        return company

    def _make_rates(self, env, sync_from):
        """A rate for each month from before the year until after it."""
        for code, (first, step) in _RATES.items():
            currency = self._currency(env, code)
            env["res.currency.rate"].create(
                [
                    {
                        "currency_id": currency.id,
                        "company_id": self.company_id,
                        "name": sync_from + timedelta(days=30 * month),
                        "rate": 1 / (first + step * (month % 7)),
                    }
                    for month in range(-3, 16)
                ]
            )

    def _make_users(self, env):
        groups = {
            "director": ["base.group_user"],
            "bookkeeper": [
                "account.group_account_user",
                "account_tbc_bank.group_tbc_transfers",
            ],
        }
        env["res.users"].create(
            [
                {
                    "name": name,
                    "login": f"{name} of {self.name}",
                    "company_id": self.company_id,
                    "company_ids": [Command.set([self.company_id])],
                    "group_ids": [Command.set([env.ref(one).id for one in wanted])],
                }
                for name, wanted in groups.items()
            ]
        )

    def _connect(self, env, sync_from):
        director = env["res.users"].search([("login", "=", f"director of {self.name}")])
        integration = env["tbc.integration"].create(
            {
                "name": self.name,
                "company_id": self.company_id,
                "environment": "sandbox",
                "user_id": director.id,
                "can_initiate_transfers": True,
            }
        )
        self.integration_id = integration.id
        integration.with_user(director).set_credentials(
            FAKE_CLIENT_ID, FAKE_CLIENT_SECRET
        )
        places = self.year.ledger.accounts
        accounts = env["tbc.account"].create(
            [
                {
                    "integration_id": integration.id,
                    "iban": iban,
                    "currency_id": self._currency(env, code).id,
                    "sync_from": sync_from,
                }
                for iban, code in places
            ]
        )
        accounts.action_create_journal()
        integration.with_user(director).action_test_connection()
        self.account_ids = dict(zip(places, accounts.ids, strict=True))

    def _choose_accounts(self, env):
        """Where fees go, and what only its kind says something about."""
        fees = self._make_account(env, "Fees")
        self.fee_account_id = fees.id
        env["tbc.account"].browse(self.account_ids.values()).fee_account_id = fees
        for name, rule in RULES.items():
            account = self._make_account(env, name)
            env.ref(f"account_tbc_bank.{rule}").account_id = account
            self.rule_accounts[name] = account.id

    def _make_account(self, env, name):
        return env["account.account"].create(
            {
                "name": name,
                "code": f"99{len(self.rule_accounts)}{1 if self.fee_account_id else 0}",
                "account_type": "expense",
            }
        )

    def _make_partners(self, env):
        parties = self.year.parties
        partners = env["res.partner"].create(
            [
                {
                    "name": party.name,
                    "is_company": True,
                    "company_id": self.company_id,
                    "country_id": env.ref("base.ge").id,
                    "vat": party.vat,
                }
                for party in parties
            ]
        )
        self.partner_ids = {
            party.name: partner.id
            for party, partner in zip(parties, partners, strict=True)
        }
        for double in self.year.doubles:
            partners.browse(self.partner_ids[double.name]).copy()
        env["res.partner.bank"].create(
            [
                {
                    "acc_number": party.iban,
                    "partner_id": self.partner_ids[party.name],
                    "allow_out_payment": True,
                }
                for party in parties
                if party.iban
            ]
        )

        self._make_contacts(env)

    def _make_contacts(self, env):
        """Whom documents are addressed to, where that is not the company itself."""
        addressed = [party for party in self.year.parties if party.has_contact]
        contacts = env["res.partner"].create(
            [
                {
                    "name": "Accounts Department",
                    "type": "invoice",
                    "parent_id": self.partner_ids[party.name],
                }
                for party in addressed
            ]
        )
        for party, contact in zip(addressed, contacts, strict=True):
            self.addressee_ids[party.name] = contact.id

    def _currency(self, env, code):
        return env["res.currency"].search([("name", "=", code)])

    # --- documents --------------------------------------------------------------------

    def enter_documents(self, until):
        """Post the year's documents up to a day; return how many that were.

        :param date until: the day
        """
        waiting = [
            document
            for document in self.year.documents[self.entered :]
            if document.day <= until
        ]
        later = [
            document
            for document in self.year.documents[self.entered :]
            if document.day > until
        ]
        self.year.documents[self.entered :] = waiting + later
        for begin in range(0, len(waiting), PORTION):
            with self.env() as env:
                self.post(env, waiting[begin : begin + PORTION])
        self.entered += len(waiting)
        return len(waiting)

    def post(self, env, documents):
        """Create and post documents; return the moves."""
        moves = env["account.move"].create(
            [self._move_vals(env, document) for document in documents]
        )
        moves.action_post()
        return moves

    def _move_vals(self, env, document: Document):
        name = document.party.name
        vals = {
            "move_type": "in_invoice" if document.is_bill else "out_invoice",
            "partner_id": self.addressee_ids.get(name, self.partner_ids[name]),
            "invoice_date": document.day,
            "date": document.day,
            "invoice_date_due": document.day,
            "currency_id": self._currency(env, document.currency).id,
            "invoice_line_ids": [
                Command.create(
                    {
                        "name": "Services",
                        "price_unit": document.cents / 100,
                        "tax_ids": [Command.clear()],
                    }
                )
            ],
        }
        if document.is_bill:
            return {**vals, "ref": document.number}
        if document.reference:
            vals["payment_reference"] = document.reference
        return {**vals, "name": document.number}

    # --- what the schedule does -------------------------------------------------------

    def read(self):
        """Read all accounts; return {(IBAN, currency): state of the read}."""
        with self.env() as env:
            env["tbc.account"]._cron_sync()
        with self.env() as env:
            accounts = env["tbc.account"].browse(self.account_ids.values())
            states = [account.run_ids.sorted("id")[-1:].state for account in accounts]
        return dict(zip(self.account_ids, states, strict=True))

    def match(self):
        """Match until nothing more comes of it; return how many lines that were."""
        begun = left = self.unmatched()
        before = None
        while left != before:
            before = left
            with self.env() as env:
                env["tbc.account"]._cron_match()
            left = self.unmatched()
        return begun - left

    def unmatched(self):
        """How many bank lines nobody has matched."""
        with self.env() as env:
            return env["account.bank.statement.line"].search_count(
                [
                    ("tbc_account_id", "in", list(self.account_ids.values())),
                    ("is_reconciled", "=", False),
                ]
            )

    def retire(self):
        """Take the integration out of the way of whoever comes next."""
        if not self.integration_id:
            return
        with self.env() as env:
            integration = env["tbc.integration"].browse(self.integration_id)
            integration.account_ids.active = False
            integration.state = "draft"
            credentials = env["tbc.credential"].search(
                [("integration_id", "=", integration.id)]
            )
            credentials.unlink()
