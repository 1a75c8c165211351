"""What every piece of work needs: environments, and a company with its people."""

import contextlib
import time

import odoo.init  # noqa: F401 -- must come before everything else of Odoo
from odoo.api import SUPERUSER_ID, Environment
from odoo.fields import Command

COMPANY = "Our Company LLC (process tests)"
TAX_CODE = "405123456"
# login → groups
PEOPLE = {
    "process_director": ["base.group_user"],
    "process_clerk": ["account_tbc_bank.group_tbc_statements"],
    "process_bookkeeper": [
        "account.group_account_user",
        "account_tbc_bank.group_tbc_transfers",
    ],
}


def wait_until(moment):
    """Sleep until ``moment`` (of ``time.time``), so that workers begin together."""
    if moment:
        time.sleep(max(0, moment - time.time()))


class Work:
    """What a worker can do. Each method is one piece of work, one or more commits.

    :param line: says and hears, see ``worker.Line``
    """

    def __init__(self, registry, line):
        self.registry = registry
        self.line = line
        self.kept_cr = None

    @contextlib.contextmanager
    def env(self, uid=SUPERUSER_ID):
        """An environment on a connection of its own; committed at the end."""
        self.registry.check_signaling()
        with self.registry.cursor() as cr:
            yield Environment(cr, uid, {})
        self.registry.signal_changes()

    @contextlib.contextmanager
    def person(self, login):
        """The environment of one of the company's people."""
        with self.env() as env:
            user = env["res.users"].search([("login", "=", login)])
            context = {"allowed_company_ids": user.company_ids.ids}
            yield env(user=user, su=False, context=context)

    def let_go(self):
        """Roll back what is left open."""
        if self.kept_cr:
            self.kept_cr.close()
            self.kept_cr = None

    def open_integration(self, accounts, client_id, client_secret):
        """Connect a new integration with its accounts, each with a journal.

        :param accounts: list of ``(iban, currency code)``
        """
        with self.env() as env:
            company, director = self._company(env)
            env = env(context={"allowed_company_ids": company.ids})
            integration = env["tbc.integration"].create(
                {
                    "name": f"Odoo {time.monotonic_ns()}",
                    "company_id": company.id,
                    "environment": "sandbox",
                    "user_id": director.id,
                }
            )
            integration.with_user(director).set_credentials(client_id, client_secret)
            integration.action_test_connection()
            currencies = env["res.currency"]
            records = env["tbc.account"].create(
                [
                    {
                        "integration_id": integration.id,
                        "iban": iban,
                        "currency_id": currencies.search([("name", "=", code)]).id,
                        "sync_from": "2026-06-01",
                    }
                    for iban, code in accounts
                ]
            )
            records.action_create_journal()
            return {"integration": integration.id, "accounts": records.ids}

    def _company(self, env):
        """The company and its integration user, made when they are asked for first."""
        company = env["res.company"].search([("name", "=", COMPANY)])
        users = env["res.users"]
        if not company:
            company = self._make_company(env)
            users.create([self._user_vals(env, company, login) for login in PEOPLE])
        return company, users.search([("login", "=", "process_director")])

    def _make_company(self, env):
        currencies = env["res.currency"].with_context(active_test=False)
        currencies = currencies.search([("name", "in", ("GEL", "USD", "EUR"))])
        currencies.active = True
        company = env["res.company"].create(
            {"name": COMPANY, "country_id": env.ref("base.ge").id, "vat": TAX_CODE}
        )
        env["account.chart.template"].try_loading(
            "generic_coa", company, install_demo=False
        )
        gel = currencies.filtered(lambda one: one.name == "GEL")
        company.currency_id = gel
        for currency in currencies - gel:
            # Without any rate nothing in it could be booked.
            vals = {"currency_id": currency.id, "company_id": company.id}
            env["res.currency.rate"].create({**vals, "name": "2020-01-01", "rate": 1.0})
        return company

    def _user_vals(self, env, company, login):
        return {
            "name": login,
            "login": login,
            "company_id": company.id,
            "company_ids": [Command.set(company.ids)],
            "group_ids": [Command.set([env.ref(group).id for group in PEOPLE[login]])],
        }

    def retire(self, integration_id):
        """Take an integration out of the way of the next test."""
        with self.env() as env:
            integration = env["tbc.integration"].browse(integration_id)
            self._free_codes(integration.account_ids.journal_id.default_account_id)
            integration.account_ids.active = False
            env["tbc.credential"].search(
                [("integration_id", "=", integration_id)]
            ).unlink()
            integration.state = "draft"

    def _free_codes(self, general_accounts):
        """Odoo tries one code after the other for the account of the next journal."""
        for account in general_accounts:
            company = account.company_ids.root_id
            account.with_company(company).code = f"9999{account.id}"

    def backends(self, pid):
        """How many connections of the process ``pid`` PostgreSQL still serves."""
        with self.env() as env:
            env.cr.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s",
                [f"odoo-{pid}"],
            )
            return env.cr.fetchone()[0]
