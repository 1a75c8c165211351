"""The proof of one read: day by day, the bank's sums against what we know of it."""

from datetime import timedelta
from itertools import islice

from odoo import fields

from ...bookkeeping import Sums, differing_days
from ..amounts import is_nil
from ..differences import all_differences, known_gaps
from ..ledger import told_sums
from ..period_limit import LONGEST, MONTH, PeriodLimit
from ..statements.held import let_go, unlisted_of_day
from .reasons import keep_bank_differences, reasons_at_the_bank

DAY = timedelta(days=1)
LONGEST_PERIOD = LONGEST["longest_sums"]
# So many days are repaired in one read at the most, and so many are looked through for
# what the bank counts without listing it; the next read goes on with others.
MOST_DAYS = 100
MOST_UNLISTED_DAYS = 31


class StatementProof:
    """Finds the days on which bank and books differ, reads them again, tells the rest.

    Two questions cover everything that is wanted. They meet on another day each time,
    so that in the course of the reads the balance of every day is compared, also where
    differences cancel each other in the sums of longer periods. Only where a period
    differs it is halved until the days are found.

    :param read: the :class:`..statements.read.StatementRead`, its windows being read
    """

    def __init__(self, read):
        self.read, self.account, self.client = read, read.account, read.client
        self.today = read.today
        self.limit = PeriodLimit(self.account, "longest_sums")
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
        self._expect()
        statements = self._ask_older(statements) + statements
        suspects = self._known_suspects(statements, unlisted)
        suspects |= self._unknown_suspects(statements, MOST_DAYS - len(suspects))
        self.look_at(suspects.union(others))

    def look_at(self, days):
        """Read these days again, and keep why they still differ."""
        for day in sorted(days):
            self._read_again(day)
        for day in sorted(days):
            self._judge(day)

    # === QUESTIONS === #

    def _ask(self, first, last):
        account = self.account
        return self.client.statement(
            account.iban, account.currency_id.name, first, last
        )

    def _ask_sums(self, first, last):
        return _sums(self._ask(first, last))

    def _ask_everything(self):
        """Return ``[(first, last, Statement)]`` until today, the oldest first."""
        first = max(self.account.sync_from, self.today - (LONGEST_PERIOD - 1) * DAY)
        split = self._next_split(first)
        return self.limit.ask(
            lambda days: self._questions(first, split, days), self._ask_each
        )

    def _questions(self, first, split, days):
        """Return the periods to ask for, none longer than so many days."""
        if days >= LONGEST_PERIOD:
            return _around(first, split, self.today)
        newest = max(first, self.today - (days - 1) * DAY)
        questions = [(newest, self.today)]
        if split and split < newest:
            # And one older period, another one each time.
            end = min(split + (days - 1) * DAY, newest - DAY)
            questions.insert(0, (split, end))
        return questions

    def _ask_each(self, days):
        return [(first, last, self._ask(first, last)) for first, last in days]

    def _next_split(self, first):
        """Return the day before which the questions meet, or None if one will do."""
        if (self.today - first).days < min(MONTH, self.limit.days):
            return None
        proved = self.account.proved_day
        split = proved + DAY if proved else self.today.replace(day=1)
        if not first < split <= self.today:
            split = first + DAY
        self.account.proved_day = split
        return split

    def _keep_balances(self, statements):
        """Keep the bank's balances of today and of when the first day wanted began."""
        account = self.account
        account.write(
            {
                "bank_balance": statements[-1][2].closing_balance,
                "bank_balance_day": self.today,
            }
        )
        first, _last, statement = statements[0]
        if first == account.sync_from:
            self._keep_opening(statement)
        elif account.bank_opening_day != account.sync_from:
            self._keep_opening(self._ask(account.sync_from, account.sync_from))

    def _keep_opening(self, statement):
        self.account.write(
            {
                "bank_opening_balance": statement.opening_balance,
                "bank_opening_day": self.account.sync_from,
            }
        )

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

        Halved by the balances in between, until the bank answers for so many days.

        :param opening: the first day, and the bank's balance when it began
        :param closing: the last day, and the bank's balance when it ended
        """
        (first, before), (last, after) = opening, closing
        net = float(self._sum_expected(first, last).net)
        if is_nil(after - before - net):
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

    def _expect(self):
        """Note what the bank should have each day: what we know, less known gaps."""
        self.expected = told_sums(self.account, self.account.sync_from, self.today)
        for day, gap in known_gaps(self.account).items():
            self.expected[day] = self.expected.get(day, Sums()) - gap

    def _sum_expected(self, first, last):
        days = (sums for day, sums in self.expected.items() if first <= day <= last)
        return sum(days, Sums())

    def _gap(self, first, last, bank):
        return bank - self._sum_expected(first, last)

    def _ask_gap(self, first, last):
        return self._gap(first, last, self._ask_sums(first, last))

    def _known_suspects(self, statements, unlisted):
        """Return the known days that are not as they were, where something changed.

        Each is asked for by itself, which spares the halving what is known.
        """
        suspects = set(unlisted)
        known = known_gaps(self.account).keys() | suspects
        for first, last, statement in statements:
            if not self._gap(first, last, _sums(statement)):
                continue
            for day in sorted(day for day in known if first <= day <= last):
                self.told[day] = self._ask_sums(day, day)
                if self._gap(day, day, self.told[day]):
                    suspects.add(day)
                self.expected[day] = self.told[day]
        return suspects

    def _unknown_suspects(self, statements, most):
        """Return at most so many days that nobody knows yet to differ."""
        found = (
            day_and_gap
            for first, last, statement in reversed(statements)
            for day_and_gap in differing_days(
                first, last, self._gap(first, last, _sums(statement)), self._ask_gap
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
        unlisted = all_differences(self.account, "unlisted").filtered(
            lambda d: d.day >= self.account.sync_from
        )
        unlisted = unlisted.sorted(lambda d: (d.asked_at or d.create_date, d.id))
        changed = set()
        for day in list(dict.fromkeys(unlisted.mapped("day")))[:MOST_UNLISTED_DAYS]:
            before = told_sums(self.account, day, day)
            self._read_again(day)
            unlisted.filtered(lambda d, day=day: d.day == day).write(
                {"asked_at": fields.Datetime.now()}
            )
            if told_sums(self.account, day, day) != before:
                changed.add(day)
        return changed

    def _read_again(self, day):
        """Read one day's movements: book what is missing, learn what has changed."""
        if day in self.listed:
            return
        self.read.repairing = True
        self.listed[day] = self.read.read_window(day, day)
        self.read.repairing = False

    def _judge(self, day):
        """Keep why a day that was read again still differs, or that it agrees now."""
        account, listing = self.account, self.listed[day]
        if listing.is_complete:
            gone = unlisted_of_day(account, day, listing.ids)
            let_go(account, gone, self.read.run)
        ours = told_sums(account, day, day).get(day, Sums())
        if self.told.get(day) != ours:
            # Asked again: there may be more now than when the day was found.
            self.told[day] = self._ask_sums(day, day)
        gap = self.told[day] - ours
        # A list that contradicts itself proves nothing gone.
        listed = listing.authorised if listing.is_complete else None
        reasons = reasons_at_the_bank(account, day, listed, gap)
        keep_bank_differences(account, day, reasons)
        self.read.checkpoint()


def _around(first, split, last):
    """Return the days from first to last, parted before ``split`` if there is one."""
    return [(first, split - DAY), (split, last)] if split else [(first, last)]


def _sums(statement):
    return Sums(statement.credit_sum, statement.debit_sum)
