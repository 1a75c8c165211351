"""The proof of one read: day by day, the bank's sums against what we know of it."""

import math
from itertools import islice

from odoo import fields

from ...bookkeeping import Sums, differing_days
from ..amounts import is_nil
from ..clock import DAY, days_between
from ..differences import all_differences, expected_sums, known_gaps
from ..kept_days import RECENT_DAYS, recent_from
from ..ledger import day_sums, told_sums
from ..period_limit import LONGEST_TRIED, MONTH, PeriodLimit
from ..statements.held import let_go, unlisted_of_day
from .reasons import keep_bank_differences

LONGEST_PERIOD = LONGEST_TRIED["longest_sums"]
# So many days are repaired in one read at the most, and so many are looked through for
# what the bank counts without listing it; the next read goes on with others.
MOST_REPAIRED_DAYS = 100
MOST_UNLISTED_DAYS = 31
READS_A_DAY = 24


class StatementProof:
    """Finds the days on which bank and books differ, reads them again, tells the rest.

    Two questions cover everything that is wanted. They meet on another day each time,
    so that in the course of the reads the balance of every day is compared, also where
    differences cancel each other in the sums of longer periods. Only where a period
    differs it is halved until the days are found.

    A scheduled read asks the newer question alone, once another one has asked both on
    this day: its sums are those of the recent days at least, and its opening balance
    tells what lies before. The first one of a day compares more balances of recent days
    instead, as many as the reads of a day did.
    """

    def __init__(self, read):
        self.read, self.account, self.client = read, read.account, read.client
        self.today = read.today
        self.limit = PeriodLimit(self.account, "longest_sums")
        self.recent_from = recent_from(self.today)
        self.is_quick = (
            read.is_scheduled
            and self.account.looked_through_on == self.today
            and self.account.bank_opening_day == self.account.sync_from
            and self.limit.days > RECENT_DAYS
        )
        self.days = {}  # the bank's day → ledger.Day, as of so many commits
        self.days_as_of = None
        self.listed = {}  # day read again → Listing
        self.told = {}  # day → Sums of the bank
        self.expected = {}  # day → Sums that the bank should have, by what we know

    def prove(self, others=()):
        """Prove, repair, and keep what remains as ``tbc.difference``.

        :param others: days that are suspects whatever their sums say
        :raise TbcError: the bank failed; what was booked and told until then stays.
        """
        unlisted = self._read_unlisted_days()
        statements = self._ask_everything()
        self._keep_balances(statements)
        self.days = day_sums(self.account, self.account.sync_from)
        self.days_as_of = self.read.commits
        self.expected = expected_sums(self.account, self.days)
        statements = self._ask_older(statements) + statements
        suspects = self._known_suspects(statements, unlisted)
        suspects |= self._unknown_suspects(
            statements, MOST_REPAIRED_DAYS - len(suspects)
        )
        self.check_days(suspects.union(others))

    def days_still_known(self):
        """Return ``{the bank's day: Day}`` as they are now, or ``None``.

        None was read again, and nobody else's work has come in with a commit.
        """
        is_same = self.days_as_of == self.read.commits and not self.listed
        return self.days if is_same else None

    def check_days(self, days):
        """Read these days again, and keep why they still differ."""
        for day in sorted(days):
            self._read_again(day)
        for day in sorted(days):
            self._keep_reasons(day)

    # === QUESTIONS === #

    def _ask(self, first, last):
        account = self.account
        return self.client.statement(
            account.iban, account.currency_id.name, first, last
        )

    def _ask_everything(self):
        """Return ``[(first, last, Statement)]`` until today, the oldest first."""
        first = max(self.account.sync_from, self.today - (LONGEST_PERIOD - 1) * DAY)
        split = self._next_split(first)
        return self.limit.ask(
            lambda days: self._questions(first, split, days), self._ask_each
        )

    def _questions(self, first, split, days):
        """Return the periods to ask for, none longer than so many days."""
        if days >= LONGEST_PERIOD and split:
            newer = self._cut(first, split)
            return newer if self.is_quick else [(first, split - DAY), *newer]
        newest = max(first, self.today - (days - 1) * DAY)
        questions = [(newest, self.today)]
        if split and split < newest and not self.is_quick:
            # And one older period, another one each time.
            end = min(split + (days - 1) * DAY, newest - DAY)
            questions.insert(0, (split, end))
        return questions

    def _cut(self, first, split):
        """Return the period from ``split`` until today, cut where that is due today."""
        begins = [split]
        if self.read.is_scheduled and not self.is_quick:
            # So that each day's turn comes as soon as if each read cut at another one.
            every = max(2, math.ceil((self.today - first).days / READS_A_DAY))
            begins += [
                day
                for day in days_between(max(self.recent_from, split + DAY), self.today)
                if (day.toordinal() + self.today.toordinal()) % every == 0
            ]
        ends = [day - DAY for day in begins[1:]] + [self.today]
        return list(zip(begins, ends, strict=True))

    def _ask_each(self, days):
        return [(first, last, self._ask(first, last)) for first, last in days]

    def _next_split(self, first):
        """Return the day before which the questions meet, or None if one will do."""
        if (self.today - first).days < min(MONTH, self.limit.days):
            return None
        proved = self.account.proved_day
        split = proved + DAY if proved else self.today.replace(day=1)
        last = self.recent_from if self.is_quick else self.today
        if not first < split <= last:
            split = first + DAY
        if split > last:
            return None
        self.account.proved_day = split
        return split

    def _keep_balances(self, statements):
        """Keep the bank's balances of today and of when the first day wanted began."""
        account = self.account
        balance = statements[-1][2].closing_balance
        account.write({"bank_balance": balance, "bank_balance_day": self.today})
        first, _last, statement = statements[0]
        if first == account.sync_from:
            self._keep_opening(statement)
        elif account.bank_opening_day != account.sync_from:
            self._keep_opening(self._ask(account.sync_from, account.sync_from))

    def _keep_opening(self, statement):
        vals = {"bank_opening_balance": statement.opening_balance}
        self.account.write({**vals, "bank_opening_day": self.account.sync_from})

    def _ask_older(self, statements):
        """Ask for the days not asked whose balances at both ends contradict our sums."""
        account = self.account
        begin, balance = account.sync_from, account.bank_opening_balance
        asked = []
        for first, last, statement in statements:
            if begin < first:
                asked += self._ask_contradicting(
                    (begin, balance), (first - DAY, float(statement.opening_balance))
                )
            begin, balance = last + DAY, float(statement.closing_balance)
        if asked and asked[0][0] == account.sync_from:
            self._keep_opening(asked[0][2])
        return asked

    def _ask_contradicting(self, opening, closing):
        """Ask for the parts of these days whose balances contradict our sums.

        Halved until the bank answers. An end is a day and its balance out there.
        """
        (first, before), (last, after) = opening, closing
        if is_nil(after - before - float(self._sum_expected(first, last).net)):
            return []
        if (last - first).days < self.limit.days:
            return self._ask_each([(first, last)])
        middle = first + (last - first) // 2
        between = float(self._ask(middle, middle).opening_balance)
        return [
            *self._ask_contradicting(opening, (middle - DAY, between)),
            *self._ask_contradicting((middle, between), closing),
        ]

    # === WHERE IT DIFFERS === #

    def _sum_expected(self, first, last):
        days = (sums for day, sums in self.expected.items() if first <= day <= last)
        return Sums.total(days)

    def _gap(self, first, last, statement=None):
        """What the bank has more than we expect; without a statement it is asked."""
        statement = statement or self._ask(first, last)
        return _sums(statement) - self._sum_expected(first, last)

    def _known_suspects(self, statements, unlisted):
        """Return the known days that are not as they were, where something changed.

        Each is asked for by itself, which spares the halving what is known.
        """
        suspects = set(unlisted)
        known = known_gaps(self.account).keys() | suspects
        for first, last, statement in statements:
            if not self._gap(first, last, statement):
                continue
            for day in sorted(day for day in known if first <= day <= last):
                self.told[day] = _sums(self._ask(day, day))
                if self.told[day] != self.expected.get(day, Sums()):
                    suspects.add(day)
                self.expected[day] = self.told[day]
        return suspects

    def _unknown_suspects(self, statements, most):
        """Return at most so many days that nobody knows yet to differ."""
        found = (
            day_and_gap
            for first, last, statement in reversed(statements)
            for day_and_gap in differing_days(
                first, last, self._gap(first, last, statement), self._gap
            )
        )
        suspects = set()
        for day, gap in islice(found, max(most, 1)):
            self.told[day] = self.expected.get(day, Sums()) + gap
            suspects.add(day)
        return suspects

    # === REPAIR === #

    def _read_unlisted_days(self):
        """Look for what the bank counted without listing it; return days that changed.

        Its sums stay as they are when it is listed at last, so they can't tell.
        """
        account, changed = self.account, set()
        by_day = self._unlisted().grouped("day")
        for day, found in list(by_day.items())[:MOST_UNLISTED_DAYS]:
            before = told_sums(account, day, day)
            self._read_again(day)
            found.asked_at = fields.Datetime.now()
            if told_sums(account, day, day) != before:
                changed.add(day)
        return changed

    def _unlisted(self):
        """What the bank counted without listing it; what waited longest comes first."""
        unlisted = all_differences(self.account, "unlisted").filtered(
            lambda d: d.day >= self.account.sync_from
        )
        return unlisted.sorted(lambda d: (d.asked_at or d.create_date, d.id))

    def _read_again(self, day):
        """Read one day's movements: book what is missing, learn what has changed."""
        if day in self.listed:
            return
        self.read.repairing = True
        self.listed[day] = self.read.read_window(day, day)
        self.read.repairing = False

    def _keep_reasons(self, day):
        """Keep why a day that was read again still differs, or that it agrees now."""
        account, listing = self.account, self.listed[day]
        if listing.is_complete:
            gone = unlisted_of_day(account, day, listing.ids)
            let_go(account, gone, self.read.run)
        ours = told_sums(account, day, day).get(day, Sums())
        if self.told.get(day) != ours:
            # Asked again: there may be more now than when the day was found.
            self.told[day] = _sums(self._ask(day, day))
        gap = self.told[day] - ours
        # A list that contradicts itself proves nothing gone.
        listed = listing.authorised if listing.is_complete else None
        keep_bank_differences(account, day, listed, gap)
        self.read.checkpoint()


def _sums(statement):
    return Sums(statement.credit_sum, statement.debit_sum)
