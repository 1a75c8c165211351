"""Matches a company's bank lines with what they surely are; leaves the rest alone."""

import logging

from psycopg2 import IntegrityError

from odoo.exceptions import RedirectWarning, UserError
from odoo.tools.misc import split_every

from ..services.clock import utc_now
from .matching_documents import Documents, Partners
from .matching_legs import Legs
from .matching_reasons import Reasons
from .matching_returns import Returns
from .matching_rules import Fees, Rules
from .matching_step import Step

_logger = logging.getLogger(__name__)

# So many cases are settled, and made to last, at once.
CHUNK = 100
STEPS = (Partners, Legs, Fees, Documents, Returns, Rules)


class Matching:
    """One pass over the unmatched bank lines of one company and its branches.

    It plans from what is in the database, so it can stop anywhere and begin again.

    :param company_sudo: a ``res.company``, the root of its branches
    :param commit: called with the number of cases settled, and of those that remain
        in this step; makes them last, and says whether to go on
    """

    def __init__(self, company_sudo, commit):
        self.company = company_sudo
        self.lines = company_sudo.env["account.bank.statement.line"]
        self.commit = commit
        self.reasons = {}

    def run(self):
        """Settle all that is certain; return whether the end was reached."""
        Step(self.company).accounts._match_transfers()
        return all(self._take(step(self.company)) for step in (*STEPS, Reasons))

    def _take(self, step):
        step.reasons = self.reasons
        lines = step.look_up()
        cases = step.cases(lines) if lines or step.needs_no_lines else []
        remaining = len(cases)
        for some in split_every(CHUNK, cases, list):
            self._settle(some)
            remaining -= len(some)
            if not self.commit(len(some), remaining):
                return False
        return True

    def _settle(self, cases):
        """Settle some cases at once, or one by one where Odoo refuses one of them."""
        ids = [line_id for case in cases for line_id in case.line_ids]
        # One look at all of them instead of one at each.
        self.lines.browse(ids).fetch(["move_id", "is_reconciled", "amount"])
        try:
            with self.lines.env.cr.savepoint():
                settlements = [one for case in cases for one in case.settlements()]
                self.lines._tbc_settle(settlements)
        except (UserError, RedirectWarning, IntegrityError) as error:
            if len(cases) > 1:
                for case in cases:
                    self._settle([case])
                return
            _logger.info("Bank lines %s are not matched: %s", ids, error)
            self.lines.browse(ids).write(
                {
                    "tbc_match_problem": str(error.args[0]).splitlines()[0],
                    "tbc_match_refused_at": utc_now(),
                }
            )
