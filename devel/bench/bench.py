"""The import's speed beside Odoo's own. `make bench` runs it; LINES=700,5000 chooses.

One read of one account from the fake bank, page by page. Beside each page, while the
clock of ours stands still, the same values without our fields go through a bare
``create`` into another journal, and are committed: in one page before ours, in the next
one after it. So both meet the same machine, the same warmth and the same length of
journal. The fake bank is a thread of this process, so its work counts as ours.
"""

import os
import time
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from statistics import median
from unittest.mock import patch

from cryptography.fernet import Fernet

from fake_tbc import FAKE_CLIENT_ID, FAKE_CLIENT_SECRET, FakeBank
from fake_tbc.generator import make_accounts

DEFAULT_LINES = "700,5000"
WARM_UP_LINES = 30
# The bank's largest page, and how many make a figure that can be trusted.
PAGE, FEWEST_PAGES = 700, 4
# The days with movements, and a later moment at which all of them are final. Together
# they fit into one window of the read, so that its pages are full.
UNTIL, DAYS = date(2026, 6, 10), 10
NOW = datetime(2026, 6, 30, 20, tzinfo=timezone(timedelta(hours=4)))
SERVICES = "odoo.addons.account_tbc_bank.services"


@dataclass
class Clock:
    """What one side used up, page by page. It can stand still for a while."""

    env: object
    seconds: list = field(default_factory=lambda: [0.0])
    queries: list = field(default_factory=lambda: [0])

    def go(self):
        """Count from now on."""
        self._query = self.env.cr.sql_log_count
        self._second = time.perf_counter()

    def stand(self):
        """Count no further."""
        self.seconds[-1] += time.perf_counter() - self._second
        self.queries[-1] += self.env.cr.sql_log_count - self._query

    def next_page(self):
        """Begin a new figure."""
        self.seconds.append(0.0)
        self.queries.append(0)


@dataclass
class Measured:
    """Both sides of one size, over all its rounds."""

    lines: int
    rounds: int = 0
    ours: float = 0.0
    bare: float = 0.0
    page_ratios: list = field(default_factory=list)
    bare_queries: list = field(default_factory=list)
    added_first: list = field(default_factory=list)
    added_later: list = field(default_factory=list)

    def add(self, side_by_side):
        """Add one round."""
        ours, bare = side_by_side.ours, side_by_side.bare
        self.rounds += 1
        self.ours += sum(ours.seconds)
        self.bare += sum(bare.seconds)
        # Ours ends with what follows the last page, bare with an empty page.
        for one, other in zip(ours.seconds[:-1], bare.seconds[:-1], strict=True):
            self.page_ratios.append(one / other)
        added = [
            one - other
            for one, other in zip(ours.queries[:-1], bare.queries[:-1], strict=True)
        ]
        self.bare_queries += bare.queries[:-1]
        self.added_first += added[:1]
        self.added_later += added[1:]


class SideBySide:
    """One read of ours, and beside each page of it the bare creation.

    :param account: the account to be read
    :param bool bare_first: whether the bare creation begins with the first page
    :param show: called with this object after each page
    """

    def __init__(self, account, *, bare_first, show):
        # Not at the top: what is counted here is tested without Odoo.
        from odoo.addons.account_tbc_bank.services.statements import journal

        self.account, self.env = account, account.env
        vals = journal.prepare_journal_vals(account)
        self.journal = self.env["account.journal"].create(vals)
        self.ours, self.bare = Clock(self.env), Clock(self.env)
        self.bare_first, self.show = bare_first, show
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
        with patch.object(booking, "create_movement_lines", beside):
            self.ours.go()
            run, _error = read_locked(self.account, self._commit_page)
            self.env.cr.commit()
            self.ours.stand()
        if run.state != "done":
            raise AssertionError(run.error)

    def check(self, lines):
        """Make sure that both sides were measured with so many lines.

        :raise AssertionError: the read went another way, and the figures are of nothing
        """
        beside = self.env["account.bank.statement.line"].search_count(
            [("journal_id", "=", self.journal.id)]
        )
        for side, count in (("ours", self.measured), ("the bare creation", beside)):
            if count != lines:
                raise AssertionError(
                    f"{side}: {count} lines of {lines} were measured; does a read still"
                    " call what this benchmark replaces?"
                )

    def _commit_page(self):
        """What the read calls when a page is to last; a page may be without lines."""
        self._commit()
        if self.booked:
            self.ours.stand()
            if self.waiting:
                self._create_bare()
            self.show(self)
            self.booked, self.bare_first = False, not self.bare_first
            self.ours.next_page()
            self.ours.go()
        return True

    def _create_bare(self):
        env, vals_list = self.waiting
        self.waiting = None
        self.bare.go()
        env["account.bank.statement.line"].create(vals_list)
        self.env.cr.commit()
        self.bare.stand()
        self.bare.next_page()
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


def main(env):
    """Print lines per second of our import and of a bare creation of lines.

    :param env: Odoo's environment, as the superuser
    :return: the exit status
    """
    text = os.environ.get("LINES") or DEFAULT_LINES
    sizes = [int(size) for size in text.replace(",", " ").split()]
    variables = {
        "TBC_BIS_ENCRYPTION_KEY": Fernet.generate_key().decode(),
        "TBC_BIS_TIMEOUT": "60",
    }
    with (
        patch.dict(os.environ, variables),
        patch(f"{SERVICES}.clock.georgian_now", lambda: NOW),
    ):
        company = make_company(env)
        print(f"Warming up with {WARM_UP_LINES} lines.", flush=True)
        one_round(env, company, WARM_UP_LINES, 0, show=lambda *_page: None)
        found = [measure(env, company, lines) for lines in sizes]
    print_table(found)
    return 0


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


def measure(env, company, lines):
    """Read ``lines`` movements, more than once where that is only a page or two."""
    measured = Measured(lines)
    rounds = rounds_of(lines)
    for number in range(rounds):

        def show(round_, number=number):
            ours, bare = round_.ours.seconds[-1], round_.bare.seconds[-2]
            print(
                f"{lines:,} lines, round {number + 1} of {rounds},"
                f" page {len(round_.ours.seconds)} of {-(-lines // PAGE)}:"
                f" ours {ours:.1f} s, bare {bare:.1f} s",
                flush=True,
            )

        measured.add(one_round(env, company, lines, number, show=show))
    return measured


def rounds_of(lines):
    """How often so many lines are read, until there are pages enough for a figure."""
    pages = -(-lines // PAGE)
    return -(-FEWEST_PAGES // pages)


def one_round(env, company, lines, number, *, show):
    """Read ``lines`` movements of a new bank; even rounds begin with ours."""
    seed = lines * 100 + number
    [iban] = accounts = make_accounts(seed, 1, ("GEL",))
    bank = FakeBank(
        seed=seed,
        accounts=accounts,
        days=DAYS,
        until=UNTIL,
        per_day=lines / DAYS,
        openings={(iban, "GEL"): "0.00"},
        now=NOW,
    )
    for surplus in bank.ledger.all_on((iban, "GEL"))[lines:]:
        bank.ledger.withdraw(surplus.movement_id)
    with bank, patch.dict(os.environ, {"TBC_BIS_SANDBOX_URL": bank.url}):
        account = make_account(env(context={}), company, iban)
        round_ = SideBySide(account, bare_first=bool(number % 2), show=show)
        round_.read()
    bank_balance = float(bank.ledger.balance(iban, "GEL"))
    if (account.line_count, account.books_balance) != (lines, bank_balance):
        raise AssertionError("the books are not what the bank has")
    round_.check(lines)
    return round_


def make_account(env, company, iban):
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
    integration.with_user(integration.user_id).set_credentials(
        FAKE_CLIENT_ID, FAKE_CLIENT_SECRET
    )
    integration.action_test_connection()
    account = env["tbc.account"].create(
        {
            "integration_id": integration.id,
            "iban": iban,
            "currency_id": env.ref("base.GEL").id,
            "sync_from": UNTIL - timedelta(days=DAYS - 1),
        }
    )
    account.action_create_journal()
    return account


def print_table(found):
    """Print what came out, one row per size, and the ratio at the end."""
    print("\nOurs: ask the bank over HTTP, parse, look up, match, create, commit.")
    print("Bare: account.bank.statement.line.create of the same values, commit.\n")
    print("               ours, lines  bare, lines  queries of    ours adds queries")
    print(
        "  lines rounds  per second   per second   bare page  first page  other pages"
    )
    for one in found:
        total = one.lines * one.rounds
        others = f"{median(one.added_later):.0f}" if one.added_later else "-"
        print(
            f"{one.lines:>7,}{one.rounds:>7}"
            f"{total / one.ours:>12.1f}{total / one.bare:>13.1f}"
            f"{median(one.bare_queries):>12.0f}"
            f"{median(one.added_first):>12.0f}{others:>13}"
        )
    print("\nRATIO, time of ours / time of bare: the machine's speed does not matter.")
    for one in found:
        low, high = min(one.page_ratios), max(one.page_ratios)
        print(
            f"    {one.lines:>7,} lines   {one.ours / one.bare:.2f}"
            f"    (single pages: {low:.2f} to {high:.2f})"
        )
