"""The company of a benchmark, its integration, and its accounts at the fake bank."""

from fake_tbc import FAKE_CLIENT_ID, FAKE_CLIENT_SECRET, FakeBank


def make_company(env, name="Bench LLC"):
    """A Georgian company that keeps its books in GEL."""
    (env.ref("base.GEL") + env.ref("base.USD") + env.ref("base.EUR")).active = True
    company = env["res.company"].create(
        {"name": name, "country_id": env.ref("base.ge").id}
    )
    env["account.chart.template"].try_loading(
        "generic_coa", company, install_demo=False
    )
    company.currency_id = env.ref("base.GEL")
    for currency in env.ref("base.USD") + env.ref("base.EUR"):
        vals = {"currency_id": currency.id, "company_id": company.id, "rate": 0.4}
        env["res.currency.rate"].create({**vals, "name": "2020-01-01"})
    env.ref("base.user_admin").company_ids += company
    env.cr.commit()
    return company


def make_bank(accounts, lines, *, days, until, **options):
    """A bank that makes up ``lines`` movements of each account, over so many days.

    Days have about as many each, so there may be a few less.

    :param dict accounts: IBAN → currency codes
    """
    each = [(iban, code) for iban, codes in accounts.items() for code in codes]
    bank = FakeBank(
        accounts=accounts,
        days=days,
        until=until,
        per_day=lines / days,
        openings=dict.fromkeys(each, "0.00"),
        **options,
    )
    for account in each:
        for surplus in bank.ledger.all_on(account)[lines:]:
            bank.ledger.withdraw(surplus.movement_id)
    return bank


def make_account(env, company, iban, sync_from):
    """An account with its journal, through an integration of its own."""
    env = env(context={"allowed_company_ids": company.ids})
    integration = env["tbc.integration"].create(
        {
            "name": f"Bench {iban}",
            "company_id": company.id,
            "environment": "sandbox",
            "user_id": env.ref("base.user_admin").id,
        }
    )
    connect(integration)
    account = env["tbc.account"].create(
        {
            "integration_id": integration.id,
            "iban": iban,
            "currency_id": env.ref("base.GEL").id,
            "sync_from": sync_from,
        }
    )
    account.action_create_journal()
    return account


def connect(integration):
    """Give it the fake bank's credentials."""
    integration.with_user(integration.user_id).set_credentials(
        FAKE_CLIENT_ID, FAKE_CLIENT_SECRET
    )
    integration.action_test_connection()
