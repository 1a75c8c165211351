"""Matches a company's bank lines with what they surely are; leaves the rest alone."""

import logging
from functools import partial

from psycopg2 import IntegrityError

from odoo.exceptions import RedirectWarning, UserError
from odoo.tools.misc import split_every

from ..calls import UNMATCHED, call, end_call, in_words_for, language_of
from ..clock import utc_now
from ..counterpart import put_on_counterpart
from ..dashboard import tell_dashboards
from ..locks import CONCURRENCY_ERRORS
from ..transfers.bank_line import match_transfers
from ..unexpected import guarded, unexpected_sentence
from .invoices import InvoiceMatcher
from .matcher import CHUNK, MatchingPass
from .own_transfers import OwnTransferMatcher
from .partners import PartnerFiller
from .reasons import ReasonWriter
from .refunds import RefundMatcher
from .rules import FeeMatcher, RuleMatcher

_logger = logging.getLogger(__name__)

MATCHERS = (
    PartnerFiller,
    OwnTransferMatcher,
    FeeMatcher,
    InvoiceMatcher,
    RefundMatcher,
    RuleMatcher,
    ReasonWriter,
)


def match_by_cron(env):
    """Match what is certain in every company, a hundred matches a commit.

    Whatever kills it, the next call plans from what is left.
    """
    ir_cron = env["ir.cron"]

    def commit(done, remaining):
        return ir_cron._commit_progress(done, remaining=remaining)

    accounts = env["tbc.account"].search([("journal_id", "!=", False)])
    # A company and its branches are matched as one.
    by_company = accounts.grouped(lambda account: account.company_id.root_id)
    for company, of_company in by_company.items():
        try:
            end = guarded(
                env,
                partial(_match_and_tell, company, of_company, commit),
                partial(_record_failure, company),
            )
            if not end:
                # Later matchers may have more than this one had left.
                ir_cron._commit_progress(remaining=1)
                return
        except CONCURRENCY_ERRORS:
            # Somebody works on the same invoices; the next call sees what is left.
            env.cr.rollback()
            ir_cron._commit_progress(remaining=1)


def match_company(company, commit=lambda done, remaining: True):
    """Match what is certain; return whether the end was reached.

    :param company: a ``res.company`` (sudo), the root of its branches
    :param commit: called with the number of matches booked, and of those that remain
        of this kind; makes them last, and says whether to go on
    """
    language = language_of(company)
    # Whoever asks may be looking at archived records.
    company = company.with_company(company)
    company = company.with_context(lang=language, active_test=True)
    return Matching(company, commit).run()


def _match_and_tell(company, accounts, commit):
    end = match_company(company, commit)
    tell_dashboards(company.env)
    if end:
        end_call(accounts, UNMATCHED)
    return end


def _record_failure(company, kind):
    """Call the integration user of one of the company's accounts, once."""
    account = company.env["tbc.account"].search(
        [("company_id", "child_of", company.id), ("journal_id", "!=", False)], limit=1
    )
    user = account.integration_id.user_id
    account = in_words_for(account, user)
    summary = account.env._("TBC Bank: transactions can't be matched")
    note = unexpected_sentence(account.env, kind)
    call(account, user, reason=UNMATCHED, summary=summary, note=note)
    return True


class Matching:
    """One pass over the unmatched bank lines of one company and its branches.

    It plans from what is in the database, so it can stop anywhere and begin again.
    """

    def __init__(self, company_sudo, commit):
        self.matching_pass = MatchingPass(company_sudo)
        self.records = company_sudo.env["account.bank.statement.line"]
        self.commit = commit

    def run(self):
        """Match all that is certain; return whether the end was reached."""
        match_transfers(self.matching_pass.accounts)
        self.matching_pass.look_up()
        return all(self._run(matcher(self.matching_pass)) for matcher in MATCHERS)

    def _run(self, matcher):
        finds = self.matching_pass.lines or matcher.needs_no_lines
        matches = matcher.find() if finds else []
        remaining, finished = len(matches), set()
        for some in split_every(CHUNK, matches, list):
            finished |= self._book(some)
            remaining -= len(some)
            if not self.commit(len(some), remaining):
                return False
        self.matching_pass.leave_out(finished)
        return True

    def _book(self, matches):
        """Book some matches at once, or one by one where Odoo refuses one of them.

        :return: the ids of the lines that are matched now, or that Odoo refuses to match
        """
        matches = self._possible(matches)
        try:
            with self.records.env.cr.savepoint():
                counterparts = self._counterparts_of(matches)
                put_on_counterpart(counterparts)
        except (UserError, RedirectWarning, IntegrityError) as error:
            if len(matches) > 1:
                return set().union(*(self._book([match]) for match in matches))
            return self._refuse(self.records.browse(matches[0].line_ids), error)
        return {one.line.id for one in counterparts}

    def _counterparts_of(self, matches):
        counterparts = []
        ids = [line_id for match in matches for line_id in match.line_ids]
        for match in matches:
            # What is read of one is read of all.
            lines = self.records.browse(match.line_ids).with_prefetch(ids)
            counterparts += match.counterparts(lines)
        return counterparts

    def _possible(self, matches):
        """Without those of which somebody matched or deleted a line meanwhile."""
        lines = self.records.browse(one for match in matches for one in match.line_ids)
        # One look at all of them instead of one at each.
        lines = lines.exists()
        there, matched = set(lines.ids), set(lines.filtered("is_reconciled").ids)
        return [
            match
            for match in matches
            if there.issuperset(match.line_ids)
            and (match.is_note or matched.isdisjoint(match.line_ids))
        ]

    def _refuse(self, lines, error):
        _logger.info("Bank lines %s are not matched: %s", lines.ids, error)
        lines.write(
            {
                "tbc_match_problem": str(error.args[0]).splitlines()[0],
                "tbc_match_refused_at": utc_now(),
            }
        )
        return set(lines.ids)
