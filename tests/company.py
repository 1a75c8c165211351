"""The company of the tests and its people.

`make test` makes them once, in the database that all its tests begin with. Everywhere
else each class makes its own.
"""

from odoo.fields import Command
from odoo.tests import new_test_user

# login → groups
PEOPLE = {
    "director": "base.group_user",
    "accountant": "account.group_account_user",
    "clerk": "account_tbc_bank.group_tbc_statements",
    "payer": "account_tbc_bank.group_tbc_transfers",
    "administrator": (
        "base.group_system,account.group_account_manager,"
        "account_tbc_bank.group_tbc_administrator"
    ),
    "bookkeeper": "account.group_account_user,account_tbc_bank.group_tbc_transfers",
}


def currencies(env):
    """Return lari, dollar and euro."""
    found = env["res.currency"].with_context(active_test=False)
    return [found.search([("name", "=", code)]) for code in ("GEL", "USD", "EUR")]


def get_company(env):
    """Return the company that was made for all tests, or make one."""
    return _person(env, "director").company_id or _make_company(env)


def get_user(env, login, groups, company):
    """Return the person who logs in as tbc_``login``: the one there is, or a new one."""
    found = _person(env, login)
    if found and found.company_id == company and PEOPLE.get(login) == groups:
        return found
    return new_test_user(
        env,
        login=f"tbc_{login}",
        password=f"tbc_{login}",
        groups=groups,
        company_id=company.id,
        company_ids=[Command.set(company.ids)],
    )


def _person(env, login):
    return env["res.users"].search([("login", "=", f"tbc_{login}")])


def _make_company(env):
    gel, usd, eur = currencies(env)
    (gel + usd + eur).active = True
    company = env["res.company"].create(
        {"name": "Our Company LLC", "country_id": env.ref("base.ge").id}
    )
    env["account.chart.template"].try_loading(
        "generic_coa", company, install_demo=False
    )
    # The generic chart of accounts brings a currency of its own.
    company.currency_id = gel
    # Without any rate nothing in these currencies could be booked.
    env["res.currency.rate"].search([]).unlink()
    env["res.currency.rate"].create(
        [
            {
                "name": "2020-01-01",
                "currency_id": currency.id,
                "company_id": company.id,
                "rate": 1.0,
            }
            for currency in usd + eur
        ]
    )
    return company


def main(env):
    """Make company and people for all tests that this database will see."""
    company = get_company(env)
    for login, groups in PEOPLE.items():
        get_user(env, login, groups, company)
