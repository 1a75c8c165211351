"""The main job of the module, shown on a fresh database. `make demo` runs it."""

import sys
import time
from datetime import timedelta
from pathlib import Path

from odoo.addons.account_tbc_bank.services.clock import bank_today
from odoo.addons.account_tbc_bank.services.connecting import open_client

sys.path.insert(0, str(Path(__file__).parent))
import demo_matching
import demo_paying
import demo_to_match

DAYS = 365
LOGINS = (
    ("administrator", "admin", "admin"),
    ("integration user", "director", "director"),
    ("accountant", "accountant", "accountant"),
)


def main(env, bank_url):
    """Read a year of movements from the fake bank, and pay bills and salaries.

    Prints a row per account and a row per transfer order.

    :param env: Odoo's environment, as the superuser
    :param str bank_url: address of the fake bank
    :return: the exit status: 0 when every difference is 0.00, and every order ended as
        it should
    """
    print("Georgian company, chart of accounts in GEL…", flush=True)
    make_company(env)
    env.cr.commit()
    director = env.ref("account_tbc_bank.user_integration")
    integration = env.ref("account_tbc_bank.integration_demo").with_user(director)
    print(
        f"As {director.name}, with the Client ID and Secret of {bank_url}:", flush=True
    )
    accounts = connect(integration)
    env.cr.commit()
    runs = read(env, accounts)
    agreed = print_table(integration, accounts, runs)
    gel = accounts.filtered(lambda account: account.currency_id.name == "GEL")[:1]
    paid = demo_paying.pay(env, gel, bank_url)
    agreed &= print_table(integration, accounts, read(env, accounts))
    agreed &= demo_matching.match(env, accounts)
    demo_to_match.leave_to_match(env, gel.sudo())
    print("\nLogins:")
    for role, login, password in LOGINS:
        print(f"  {role:<17} {login} / {password}")
    return 0 if agreed and paid else 1


def make_company(env):
    """Make the database's company a Georgian one that keeps its books in GEL."""
    company = env.ref("base.main_company")
    gel = env.ref("base.GEL")
    foreign = env.ref("base.USD") + env.ref("base.EUR")
    (gel + foreign).active = True
    company.write({"name": "Our Company LLC", "country_id": env.ref("base.ge").id})
    env["account.chart.template"].try_loading(
        "generic_coa", company, install_demo=False
    )
    company.currency_id = gel
    # A rate for each week, as what fetches rates would have left: older ones fit no day.
    env["res.currency.rate"].create(
        [
            {
                "name": bank_today() - timedelta(days=days),
                "currency_id": currency.id,
                "company_id": company.id,
                "inverse_company_rate": lari,
            }
            for currency, lari in zip(foreign, (2.7, 3.1), strict=True)
            for days in range(0, DAYS, 7)
        ]
    )
    env.ref("base.user_admin").tz = "Asia/Tbilisi"
    # The scheduled actions would do what the demonstration does.
    for name in ("sync", "match", "submit", "refresh_status"):
        cron = env.ref(f"account_tbc_bank.ir_cron_{name}")
        cron.nextcall += timedelta(hours=1)


def connect(integration):
    """Credentials, test, accounts, journals, as the integration user does them."""
    integration.set_credentials("fake-client-id", "fake-client-secret")
    integration.action_test_connection()
    for sentence in integration.connection_report.splitlines():
        print(f"  {sentence}")
    integration.action_discover_accounts()
    accounts = integration.account_ids
    accounts.sync_from = bank_today() - timedelta(days=DAYS - 1)
    accounts.action_create_journal()
    for account in accounts:
        print(f"  {account.display_name} → {account.journal_id.display_name}")
    return accounts


def read(env, accounts):
    """Read each account; return the runs."""
    runs = env["tbc.sync.run"].with_user(accounts.env.user)
    for number, account in enumerate(accounts, 1):
        print(
            f"[{number}/{len(accounts)}] syncing {account.display_name} from"
            f" {account.sync_from}…",
            end=" ",
            flush=True,
        )
        started = time.monotonic()
        run = account.sync()
        env.cr.commit()
        print(f"{run.new} booked in {time.monotonic() - started:.0f} s", flush=True)
        if run.error:
            print(f"  {run.error}")
        runs |= run
    return runs


def print_table(integration, accounts, runs):
    """Print the books beside the bank's own balance; return whether all agree."""
    row = "{:<22} {:<4} {:>6} {:>7} {:>14} {:>14} {:>14} {:>11}"
    print()
    print(
        row.format(
            "IBAN", "", "listed", "booked", "opening", "books", "bank", "difference"
        )
    )
    agreed = bool(accounts)
    with open_client(integration.sudo()) as client:
        for account, run in zip(accounts, runs, strict=True):
            code = account.currency_id.name
            bank = float(client.balance(account.iban, code).current_balance)
            difference = account.currency_id.round(account.books_balance - bank)
            agreed &= run.state == "done" and not difference
            print(
                row.format(
                    account.iban,
                    code,
                    run.fetched,
                    run.new,
                    f"{account.bank_opening_balance:,.2f}",
                    f"{account.books_balance:,.2f}",
                    f"{bank:,.2f}",
                    f"{difference:,.2f}",
                )
            )
            for held in account.held_ids:
                print(f"  on hold: {held.day} {held.amount:,.2f} {held.message}")
    print("\nBooks and bank agree." if agreed else "\nBooks and bank DIFFER.")
    return agreed
