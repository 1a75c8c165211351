"""Whether a quiet hour costs the same after ten years: three accounts, side by side.

Each has a company of its own, a fifteenth, a third, and all of so many lines; they are
measured in turn, several times.
"""

import os
from collections import defaultdict
from contextlib import contextmanager
from datetime import date, datetime, timedelta, timezone
from statistics import median
from unittest.mock import patch

from company import make_company
from grown import A_DAY, WORDS, Past, grow, ibans, make_old, take_up
from lxml import etree
from meter import Meter, Row, check

from odoo.addons.account.models.account_journal_dashboard import (
    AccountJournal as OdooJournal,
)
from odoo.addons.account_tbc_bank.services.statements.chart import chart
from odoo.addons.account_tbc_bank.services.sync import read_locked
from odoo.tools.safe_eval import safe_eval

from fake_tbc import FakeBank
from fake_tbc.cast import treasury_at

TODAY = date(2026, 6, 30)
NOW = datetime(2026, 6, 30, 12, tzinfo=timezone(timedelta(hours=4)))
ROUNDS = 5
# A quiet poll is short: what else the machine does may slow several in a row.
QUIET_ROUNDS = 15
NEW = 5
# What a read may leave to the next ones: a long past's months.
MOST_SETTLING = 40
# From so many lines on an account is long.
LONG = 20_000
PAGE, COUNT_LIMIT = 80, 10_001
# The bank statements, as if each had been made after its month.
_LONG_MADE = """
    UPDATE account_bank_statement SET create_date = date, write_date = date
     WHERE tbc_account_id = %(account)s
"""


def rows(bench):
    """Yield the rows of the three accounts."""
    if not bench.grow:
        return
    sizes = [bench.grow // 15, bench.grow // 3, bench.grow]
    a_day = 1 if bench.is_small else A_DAY
    pasts = [Past(place, size, a_day) for place, size in enumerate(sizes, 1)]
    owned = ibans(len(pasts))
    bank = FakeBank(
        accounts=dict.fromkeys(owned, ("GEL",)),
        days=0,
        openings={(iban, "GEL"): "0.00" for iban in owned},
        now=NOW,
    )
    with (
        bank,
        patch.dict(os.environ, {"TBC_BIS_SANDBOX_URL": bank.url}),
        patch(
            "odoo.addons.account_tbc_bank.services.clock.georgian_now", lambda: bank.now
        ),
    ):
        grown = [Grown(bench.env, bank, past) for past in pasts]
        yield from Growth(bank, grown, is_small=bench.is_small).rows()


class Grown:
    """One account, and what is done with it."""

    def __init__(self, env, bank, past):
        self.bank, self.past, self.lines = bank, past, past.count
        name = f"Grown {past.count} LLC"
        # In a database that was kept it is there already.
        there = env["res.company"].search([("name", "=", name)])
        company = there or make_company(env, name)
        self.env = env(context={"allowed_company_ids": company.ids})
        self.company = company.with_env(self.env)
        if there:
            self.account = take_up(self.env, bank, company, past)
        else:
            self._make_rule()
            self.account = grow(self.env, bank, company, past)
        self.env = self.account.env
        self.account.integration_id.state = "connected"
        self.env.cr.commit()

    def _make_rule(self):
        taxes = self.env["account.account"].create(
            {"name": "Taxes", "code": "990002", "account_type": "expense"}
        )
        rule = self.env.ref("account_tbc_bank.tbc_operation_rule_treasury")
        rule.with_company(self.company).account_id = taxes

    # --- reading ----------------------------------------------------------------------

    def poll(self, meter=None, *, new=0):
        """Read as the scheduled action does; return the number of requests."""
        env, account = self.env, self.account
        env.cr.commit()
        env.invalidate_all()
        self.bank.forget_requests()
        with meter or SimpleMeter():
            account.try_lock_for_update(allow_referencing=True)
            run, _error = read_locked(account, self._commit, is_scheduled=True)
            env.cr.commit()
        check("a read", (run.state, run.error, run.new), ("done", False, new))
        self.lines += new
        account.invalidate_recordset()
        check("lines", account.line_count, self.lines)
        check("health", (account.health, account.difference), ("ok", 0.0))
        return len(self.bank.requests)

    def first_poll(self, meter=None):
        """Read as on a new day: everything is looked through, an older month listed."""
        self.account.write({"looked_through_on": False, "relisted_on": False})
        self.poll(meter)

    def _commit(self):
        self.env.cr.commit()
        self.account.try_lock_for_update(allow_referencing=True)
        return float("inf")

    def settle(self):
        """Read until nothing is left of a long past: no more is asked than twice before."""
        asked = []
        for _read in range(MOST_SETTLING):
            asked.append(self.poll())
            if asked[-1] <= 3 and asked[-2:-1] == asked[-1:]:
                return
        raise AssertionError(f"reads do not settle: {asked} requests")

    def make_statements(self):
        """Read until each month that is over has its bank statement."""
        self.account.statement_period = "monthly"
        made = -1
        while (count := self._statements()) > made:
            made = count
            self.poll()
        check("months with a statement", made, self.past.months)
        self.env.flush_all()
        self.env.cr.execute(_LONG_MADE, {"account": self.account.id})
        make_old(self.account)

    def _statements(self):
        domain = [("tbc_account_id", "=", self.account.id)]
        return self.env["account.bank.statement"].search_count(domain)

    def pay_taxes(self):
        """Let the bank have a few new movements, which a rule matches."""
        for _number in range(NEW):
            self.bank.ledger.add(
                self.account.iban,
                "GEL",
                amount="-3.00",
                day=TODAY,
                transactionType=32,
                purpose="Taxes",
                partnerAccountInfo=treasury_at("101001000"),
            )

    # --- matching ---------------------------------------------------------------------

    def match(self, meter=None, *, matched=0):
        """Let the scheduled action match; it finds so many."""
        before = self.unmatched()
        self.env.cr.commit()
        self.env.invalidate_all()
        with self._alone(), meter or SimpleMeter():
            self.env["tbc.account"]._cron_match()
            self.env.cr.commit()
        check("matched lines", before - self.unmatched(), matched)

    @contextmanager
    def _alone(self):
        """While the other accounts have no journal that anybody looks at."""
        others = self.env["tbc.account"].search([]) - self.account
        others.active = False
        self.env.cr.commit()
        yield
        others.active = True
        self.env.cr.commit()

    def unmatched(self):
        return self.env["account.bank.statement.line"].search_count(
            [("tbc_account_id", "=", self.account.id), ("is_reconciled", "=", False)]
        )

    def triggers(self):
        """How often the matching is to be called."""
        cron = self.env.ref("account_tbc_bank.ir_cron_match")
        return self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])

    # --- screens ----------------------------------------------------------------------

    def card(self, meter):
        """What we add to the card of the journal on the dashboard."""
        found = defaultdict(dict)
        # As a browser asks, in a language; Odoo knows who it is by then.
        journal = self.account.journal_id.with_context(lang="en_US")
        self.env.invalidate_all()
        check("who asks", bool(self.env.user.partner_id.name), True)
        name = "_fill_bank_cash_dashboard_data"
        with patch.object(OdooJournal, name, lambda *_args: None), meter:
            journal._fill_bank_cash_dashboard_data(found)
        card = found[journal.id]
        card = card["tbc_card"]
        check("the card", card["health"], "ok")
        to_match = f"{self.unmatched()} to match"
        check("the card's count", card["to_match"], to_match)

    def list(self, meter, domain=(), found=None):
        """The first page of the transactions, and how many there are."""
        lines = self.env["account.bank.statement.line"]
        # As the rules say it for a person; they do not bind the superuser.
        ours = [("company_id", "in", self.company.ids)]
        names = ("date", "payment_ref", "partner_name", "account_number")
        names += ("transaction_type", "amount", "is_reconciled", "tbc_match_note")
        fields = {name: {} for name in names}
        fields |= {name: {"fields": {}} for name in ("currency_id", "company_id")}
        self.env.invalidate_all()
        with meter:
            page = lines.web_search_read(
                [("tbc_movement_id", "!=", False), *ours, *domain],
                fields,
                limit=PAGE,
                count_limit=COUNT_LIMIT,
            )
        if found is None:
            found = min(self.all_lines(), COUNT_LIMIT)
        check("transactions", page["length"], found)
        check("transactions on a page", len(page["records"]), min(found, PAGE))

    def all_lines(self):
        return self.lines

    def search(self, meter, word, found=None):
        """The same for a word, as the screen searches for it."""
        view = self.env.ref("account_tbc_bank.account_bank_statement_line_view_search")
        field = etree.fromstring(view.arch).find(".//field")
        text = field.get("filter_domain") or f"[('{field.get('name')}', 'ilike', self)]"
        self.list(meter, safe_eval(text, {"self": word}), found)

    def chart(self, meter):
        """The chart of days on the account's form."""
        self.env.invalidate_all()
        with meter:
            months = chart(self.account)["months"]
        booked = sum(sum(month["booked"].values()) for month in months)
        check("lines on the chart", booked, self.lines)

    def report(self, meter):
        """The reconciliation report of the last twelve months."""
        wizard = self.env["tbc.reconciliation"].create(
            {
                "account_ids": self.account.ids,
                "month_from": date(2025, 7, 1),
                "month_to": date(2026, 6, 30),
            }
        )
        report = self.env["report.account_tbc_bank.report_tbc_reconciliation"]
        self.env.flush_all()
        self.env.invalidate_all()
        with meter:
            [section] = report._get_report_values(wizard.ids)["sections"]
        check("the report's verdict", section.tone, "success")
        first = max(self.account.sync_from, date(2025, 7, 1))
        months = (2026 - first.year) * 12 + 6 - first.month + 1
        check("months of the report", len(section.rows), months)


class SimpleMeter:
    """What is not measured."""

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        pass


class Growth:
    """Measures the accounts in turn, several times each."""

    def __init__(self, bank, grown, *, is_small):
        self.bank, self.grown, self.is_small = bank, grown, is_small

    def rows(self):
        """Yield all rows."""
        for one in self.grown:
            one.settle()
            one.match()
        yield from self._quiet()
        yield from self._new()
        for name, measure, goal in (
            ("dashboard card, our part", Grown.card, 0.03),
            ("list of transactions", Grown.list, 0.05),
            ("search, of a rare word", _search_rare, 0.3),
            ("search, of a frequent word", _search_frequent, 0.3),
            ("chart of days", Grown.chart, 0.1),
            ("report of a year", Grown.report, 0.5),
        ):
            meters = self._each(measure)
            yield from self._seconds(name, meters, goal)
        for one in self.grown:
            one.make_statements()
        yield from self._quiet_with("monthly statements")
        first = self._each(Grown.first_poll)
        yield from self._seconds("first poll of a day", first, None)

    def _each(self, measure, rounds=ROUNDS):
        """Measure each account in turn; return ``{account: meter}``."""
        meters = {one: Meter(one.env) for one in self.grown}
        for _round in range(1 if self.is_small else rounds):
            for one, meter in meters.items():
                measure(one, meter)
        return meters

    def _quiet(self):
        triggers = self.grown[0].triggers()
        yield from self._quiet_with()
        called = self.grown[0].triggers() - triggers
        yield Row("calls of the matching by quiet polls", called, 0, "calls")
        yield from self._seconds(
            "matching that finds nothing", self._each(Grown.match), 0.2
        )

    def _quiet_with(self, *what):
        """Yield the rows of a quiet poll, with statements or without."""
        title, requests = ", ".join(["quiet poll", *what]), defaultdict(list)

        def poll(one, meter):
            self.bank.now += timedelta(minutes=5)
            requests[one].append(one.poll(meter))

        meters = self._each(poll, QUIET_ROUNDS)
        yield from self._seconds(title, meters, 0.3, queries=40)
        small, *_others, large = meters
        # Of each round by itself: what slows one down, slows both.
        pairs = zip(meters[large].seconds, meters[small].seconds, strict=True)
        ratio = median(slow / fast for slow, fast in pairs)
        # A smaller account is hardly more than its recent days, which are looked at.
        goal = 1.2 if small.past.count >= LONG else None
        yield Row(f"{title}, the largest / the smallest", ratio, goal, "times")
        for one in meters:
            name = f"{title}, {one.past.count:,} lines"
            yield Row(name, max(requests[one]), 2, "requests")

    def _new(self):
        matching = {one: Meter(one.env) for one in self.grown}

        def poll(one, meter):
            one.pay_taxes()
            one.poll(meter, new=NEW)
            one.match(matching[one], matched=NEW)

        meters = self._each(poll)
        yield from self._seconds(f"poll with {NEW} new", meters, 0.8)
        yield from self._seconds(f"matching of {NEW} new", matching, 0.2)

    def _seconds(self, name, meters, goal, queries=None):
        for one, meter in meters.items():
            title = f"{name}, {one.past.count:,} lines"
            yield Row(title, meter.second, goal)
            yield Row(title, meter.query, queries, "queries")


def _search_rare(one, meter):
    one.search(meter, WORDS.format(one.past.count // 2), 1)


def _search_frequent(one, meter):
    # Taxes are not among these.
    one.search(meter, "Order", min(one.past.count, COUNT_LIMIT))
