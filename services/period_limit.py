"""The longest period that the bank answers for: found by halving, and remembered."""

from dataclasses import replace

from ..tbc import TbcDuplicate, TbcRefused
from .clock import DAY, bank_today, days_between

# The bank's longest periods are not published. A year of sums is tried, and a month of
# movements, which keeps every answer small; a month is the next to be tried.
LONGEST_TRIED = {"longest_list": 31, "longest_sums": 366}
MONTH = 31
# After so many days a longer one is tried again.
REMEMBERED = 30 * DAY
# What a refusal says when it is not about the period.
_OTHER_TITLES = ("INVALID_ACCOUNT",)


class PeriodLimit:
    """How many days one kind of question may be about.

    :param account: the ``tbc.account`` that remembers it; empty: nobody does
    :param str name: ``longest_list`` (movements) or ``longest_sums`` (statements)
    :param may_keep: called before the account's row is written: whether it may be
    """

    def __init__(self, account, name, may_keep=lambda: True):
        self.account, self.name, self.may_keep = account, name, may_keep
        self.days = self._remembered() or LONGEST_TRIED[name]
        # Days of a list that was refused, and that no shorter one has told yet.
        self.untold = set()

    def _remembered(self):
        account = self.account
        if not account or not account.longest_found_on:
            return None
        is_old = bank_today() - account.longest_found_on > REMEMBERED
        return None if is_old else account[self.name]

    def ask(self, spans, question):
        """Return what the question answers, for shorter periods once it is refused.

        A list's limit is remembered when shorter ones have told all days of the one
        refused: else it may be that the bank does not go back so far.

        Where single days are refused, too, it is not the period: nothing is remembered.

        :param spans: called with the longest period allowed, in days, gives the periods
            to ask for, ``[(first day, last day)]``
        :param question: called with these; may raise what the bank raises
        """
        before, refusal = self.days, None
        while True:
            asked = spans(self.days)
            try:
                answer = question(asked)
            except TbcRefused as error:
                refusal = refusal or error
                if self.name == "longest_list":
                    self.untold |= _days(asked)
                length = max((last - first).days + 1 for first, last in asked)
                if length == 1 or not _may_be_about_period(error):
                    self.days, self.untold = before, set()
                    raise refusal from None
                length = min(length, self.days)
                self.days = MONTH if length > MONTH else length // 2
                continue
            was_untold = bool(self.untold)
            self.untold -= _days(asked)
            if not self.untold and (refusal or was_untold):
                self._remember()
            return answer

    def _remember(self):
        if self.account and self.may_keep():
            vals = {self.name: self.days, "longest_found_on": bank_today()}
            self.account.write(vals)


def _may_be_about_period(error):
    is_other = isinstance(error, TbcDuplicate) or error.title in _OTHER_TITLES
    return not is_other and error.status != 404


def _days(spans):
    return {day for span in spans for day in days_between(*span)}


def from_first(first, last):
    """Return the spans of a question: from the first day on, one at a time."""
    return lambda days: [(first, min(last, first + (days - 1) * DAY))]


def to_last(first, last):
    """Return the spans of a question: up to the last day, one at a time."""
    return lambda days: [(max(first, last - (days - 1) * DAY), last)]


def ask_statement(account, client, first, last):
    """Return the bank's ``Statement`` of a period, put together if it is too long."""
    limit, whole = PeriodLimit(account, "longest_sums"), None
    while first <= last:

        def question(spans):
            [span] = spans
            return span, client.statement(account.iban, account.currency_id.name, *span)

        (_first, end), part = limit.ask(from_first(first, last), question)
        whole = _joined(whole, part) if whole else part
        first = end + DAY
    return whole


def _joined(one, other):
    return replace(
        one,
        closing_date=other.closing_date,
        closing_balance=other.closing_balance,
        credit_sum=one.credit_sum + other.credit_sum,
        debit_sum=one.debit_sum + other.debit_sum,
    )
