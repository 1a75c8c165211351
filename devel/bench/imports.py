"""The import of new movements, beside Odoo's own creation of the same lines.

One read of one account from the fake bank, page by page. Beside each page, while ours
is not measured, the same values without our fields go through a bare ``create`` into
another journal, and are committed: in one page before ours, in the next one after it. So
both meet the same machine, the same warmth and the same length of journal.
"""

import gc
import os
from datetime import date, datetime, timedelta, timezone
from unittest.mock import patch

from company import make_account, make_bank, make_company
from meter import Meter, Row, check

from fake_tbc.generator import make_accounts

WARM_UP_LINES = 29
# The bank's largest page, and how many make a figure that can be trusted.
PAGE, FEWEST_PAGES = 700, 4
# The days with movements, and a later moment at which all of them are final. Together
# they fit into one window of the read, so that its pages are full.
UNTIL, DAYS = date(2026, 6, 10), 10
NOW = datetime(2026, 6, 30, 20, tzinfo=timezone(timedelta(hours=4)))
MOST_OF_BARE, MOST_QUERIES = 0.55, 3


def rows(bench):
    """Yield two rows for each number of lines."""
    if not bench.lines:
        return
    company = make_company(bench.env)
    with bench.at(NOW):
        one_round(bench.env, company, WARM_UP_LINES, 0)
        for lines in bench.lines:
            yield from _rows_of(bench, company, lines)


def _rows_of(bench, company, lines):
    rounds = 1 if bench.is_small else rounds_of(lines)
    found = [one_round(bench.env, company, lines, number) for number in range(rounds)]
    ours, bare = (
        sum(sum(getattr(one, side).seconds) for one in found)
        for side in ("ours", "bare")
    )
    total = lines * rounds
    queries = sum(sum(one.ours.queries) for one in found) / total
    yield Row(f"import of {lines:,}, a line", 1000 * ours / total, unit="ms")
    name = f"import of {lines:,} / bare create"
    # A page and the proof of its read: of a few lines alone they cost the more.
    goals = (None, None) if bench.is_small else (MOST_OF_BARE, MOST_QUERIES)
    yield Row(name, ours / bare, goals[0], "times")
    yield Row(f"import of {lines:,}, a line", queries, goals[1], "queries")


def rounds_of(lines):
    """How often so many lines are read, until there are pages enough for a figure."""
    pages = -(-lines // PAGE)
    return -(-FEWEST_PAGES // pages)


def one_round(env, company, lines, number):
    """Read ``lines`` movements of a new bank; even rounds begin with ours."""
    seed = lines * 100 + number
    [iban] = accounts = make_accounts(seed, 1, ("GEL",))
    bank = make_bank(accounts, lines, days=DAYS, until=UNTIL, seed=seed, now=NOW)
    with bank, patch.dict(os.environ, {"TBC_BIS_SANDBOX_URL": bank.url}):
        first_day = UNTIL - timedelta(days=DAYS - 1)
        account = make_account(env(context={}), company, iban, first_day)
        round_ = SideBySide(account, bare_first=bool(number % 2))
        round_.read()
    bank_balance = float(bank.ledger.balance(iban, "GEL"))
    check(
        "the books", (account.line_count, account.books_balance), (lines, bank_balance)
    )
    round_.check(lines)
    return round_


class SideBySide:
    """One read of ours, and beside each page of it the bare creation.

    :param account: the account to be read
    :param bool bare_first: whether the bare creation begins with the first page
    """

    def __init__(self, account, *, bare_first):
        # Not at the top: what is counted here is tested without Odoo.
        from odoo.addons.account_tbc_bank.services.statements import journal

        self.account, self.env = account, account.env
        vals = journal.prepare_journal_vals(account)
        self.journal = self.env["account.journal"].create(vals)
        self.ours, self.bare = Meter(self.env), Meter(self.env)
        self.bare_first = bare_first
        self.booked, self.waiting, self.measured = False, None, 0

    def read(self):
        """Read the account as the scheduled action does, page by page."""
        from odoo.addons.account_tbc_bank.services.statements import booking
        from odoo.addons.account_tbc_bank.services.sync import read_locked

        create_lines = booking.create_movement_lines

        def beside(account, vals_list):
            if vals_list:
                self.booked = True
                self.measured += len(vals_list)
                self.waiting = account.env, [self._bare(vals) for vals in vals_list]
                if self.bare_first:
                    self._commit()
                    self.ours.stand()
                    self._create_bare()
                    self.ours.go()
            return create_lines(account, vals_list)

        self._commit()
        # Odoo goes through all environments of a transaction for each amount: those that
        # are left of making the company are not there where a scheduled action begins.
        gc.collect()
        with patch.object(booking, "create_movement_lines", beside):
            self.ours.go()
            run, _error = read_locked(self.account, self._commit_page)
            self.env.cr.commit()
            self.ours.stand()
        check("the read", (run.state, run.error), ("done", False))

    def check(self, lines):
        """Make sure that both sides were measured with so many lines."""
        beside = self.env["account.bank.statement.line"].search_count(
            [("journal_id", "=", self.journal.id)]
        )
        check("lines of ours that were measured", self.measured, lines)
        check("lines of the bare creation that were measured", beside, lines)

    def _commit_page(self):
        """What the read calls when a page is to last; a page may be without lines."""
        self._commit()
        if self.booked:
            self.ours.stand()
            if self.waiting:
                self._create_bare()
            self.booked, self.bare_first = False, not self.bare_first
            self.ours.go()
        return True

    def _create_bare(self):
        env, vals_list = self.waiting
        self.waiting = None
        with self.bare:
            env["account.bank.statement.line"].create(vals_list)
            self.env.cr.commit()
        self._lock()

    def _commit(self):
        self.env.cr.commit()
        self._lock()

    def _lock(self):
        self.account.try_lock_for_update(allow_referencing=True)

    def _bare(self, vals):
        """The values of one line as the bare creation gets them."""
        kept = {name: vals[name] for name in vals if not name.startswith("tbc_")}
        return {**kept, "journal_id": self.journal.id}
