"""A month's list, page by page, when a call of the scheduled action has time for one."""

import os
from contextlib import contextmanager
from datetime import date, datetime, timedelta, timezone
from unittest.mock import patch

from company import make_account, make_bank, make_company
from meter import Row, check

from fake_tbc.generator import make_accounts

UNTIL, DAYS = date(2026, 6, 29), 30
NOW = datetime(2026, 6, 30, 20, tzinfo=timezone(timedelta(hours=4)))
PAGES, PAGE = 18, 700
SMALL_PAGE = 5
MOST_REQUESTS, MOST_CALLS = 1.2, 400
READ = "odoo.addons.account_tbc_bank.services.statements.read"


def rows(bench):
    """Yield how many requests a page takes, from the first call to the last."""
    env, page = bench.env, SMALL_PAGE if bench.is_small else PAGE
    company = make_company(env, "Windows LLC")
    [iban] = accounts = make_accounts(18, 1, ("GEL",))
    lines = PAGES * page
    bank = make_bank(accounts, lines, days=DAYS, until=UNTIL, seed=18, now=NOW)
    with (
        bench.at(NOW),
        alone(env),
        bank,
        patch.dict(os.environ, {"TBC_BIS_SANDBOX_URL": bank.url}),
        patch(f"{READ}.PAGE_SIZE", page),
    ):
        account = make_account(
            env(context={}), company, iban, UNTIL - timedelta(days=DAYS - 1)
        )
        calls = read_page_by_page(account)
        asked = len(bank.requests_to("movements"))
    bank_balance = float(bank.ledger.balance(iban, "GEL"))
    # Some of the newest do not appear yet, or are not authorised.
    lines = len(bank.ledger.movements(iban, "GEL"))
    found = account.line_count, account.books_balance
    check("the books", found, (lines, bank_balance))
    account.active = False
    env.cr.commit()
    yield Row(f"a month of {PAGES} pages, calls of one page each", calls, unit="calls")
    yield Row(
        "the same, requests for a page", asked / PAGES, MOST_REQUESTS, unit="requests"
    )


@contextmanager
def alone(env):
    """Let the scheduled action find no account that another row has made."""
    others = env["tbc.account"].search([])
    others.active = False
    env.cr.commit()
    yield
    others.active = True
    env.cr.commit()


def read_page_by_page(account):
    """Call the scheduled action until the month is read; return how often."""
    env = account.env

    def commit(cron, *_processed, **_remaining):
        """As of a call whose time is over."""
        cron.env.cr.commit()
        return 0

    with patch.object(type(env["ir.cron"]), "_commit_progress", commit):
        for call in range(1, MOST_CALLS):
            env["tbc.account"]._cron_sync()
            account.invalidate_recordset()
            state = account.run_ids.sorted("id")[-1:].state
            if state != "partial":
                check("the last read", state, "done")
                return call
    raise AssertionError(f"not read after {MOST_CALLS} calls")
