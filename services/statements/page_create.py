"""Creates a page of bank lines in half of Odoo's time, with the very rows of Odoo.

Odoo's ``create`` of bank lines makes their entries in one call, and then goes through
them one by one. Under the context key ``tbc_page``, which only this file sets, the
models hand these steps over to the :class:`Page`, which takes them for all lines at once.
Odoo's own context flags leave out what a new bank line has no use for. A test compares
each column with those of Odoo's plain ``create``; where a method of Odoo is not the one
that was known when this was written, the plain way is taken.
"""

import hashlib
import inspect
import logging
from functools import cache

from odoo.addons.account.models.account_bank_statement_line import (
    AccountBankStatementLine,
)
from odoo.addons.account.models.account_move import AccountMove
from odoo.addons.account.models.account_move_line import AccountMoveLine
from odoo.addons.account.models.sequence_mixin import SequenceMixin
from odoo.addons.analytic.models.analytic_distribution_model import (
    AccountAnalyticDistributionModel,
)

from ..at_once import Distributions

_logger = logging.getLogger(__name__)

# Odoo's own flags, and what they leave out for lines that are new.
_FLAGS = {
    # Taxes, terms and rounding of invoices: a bank line has none.
    "skip_invoice_sync": True,
    # Whether each entry is balanced, at each step: it is asked once, at the end.
    "check_move_validity": False,
    # Analytic items of what was posted before: posting makes those of new entries.
    "skip_analytic_sync": True,
    # Line and entry made alike after each change: `Page.link` makes them so, once.
    "skip_account_move_synchronization": True,
}
# What Odoo writes on an entry as soon as its bank line exists.
_LINK = {"statement_line_id", "narration", "name"}
# The methods that are replaced or left out, by the digest of their source in Odoo 19.
_KNOWN = {
    AccountBankStatementLine.create: "729d42738730",
    AccountBankStatementLine._synchronize_from_moves: "917aa7ec66e1",
    AccountMove.write: "aa77d84b62e6",
    AccountMove._compute_name: "b82522bda4f4",
    AccountMove._post: "b405c232d2a5",
    AccountMoveLine.create: "3d1f87956493",
    AccountMoveLine._inverse_analytic_distribution: "5b65c31cb60e",
    AccountAnalyticDistributionModel._get_distribution: "f67f8ff14e2b",
    SequenceMixin._get_next_sequence_format: "c60f0d82919e",
    SequenceMixin._set_next_sequence: "3640c804ca71",
    SequenceMixin._locked_increment: "b2717f487010",
}


def create_lines(env, vals_list):
    """Create bank lines of new movements.

    :return: the lines
    :raise UserError: Odoo refuses one of them
    """
    # account_reconcile_oca guesses a partner; here one is named where that is certain.
    lines = env["account.bank.statement.line"].with_context(skip_retrieve_partner=True)
    if not _is_known():
        return lines.create(vals_list).with_env(env)
    quick = lines.with_context(**_FLAGS, tbc_page=Page())
    created = quick.create(vals_list).with_env(env)
    with created.move_id._check_balanced({"records": created.move_id}):
        pass
    return created


class Page:
    """What is asked or written once for all lines of a page."""

    def __init__(self):
        self._lines, self._formats = {}, {}
        self.distributions = Distributions()

    def defers(self, move, vals):
        """Whether ``vals`` are what Odoo writes on each new entry: :meth:`link` does."""
        if vals.keys() != _LINK:
            return False
        self._lines[move.id] = vals["statement_line_id"]
        return True

    def link(self, env):
        """Write on all entries what Odoo writes one by one, and the line's partner."""
        moves = env["account.move"].browse(self._lines)
        lines = env["account.bank.statement.line"].browse(self._lines.values())
        names = ("statement_line_id", "name", "is_manually_modified", "partner_id")
        self._lines = {}
        # What is protected goes to the database as it is, a whole page in one query.
        with env.protecting([moves._fields[name] for name in names], moves):
            for move, line in zip(moves, lines, strict=True):
                move.statement_line_id = line
                move.name = False
                move.is_manually_modified = True
                move.partner_id = line.partner_id
        moves.modified(names)

    def number_format(self, move, ask):
        """Return the format of numbers, asked once for each journal and month."""
        key = move.journal_id.id, move.date.year, move.date.month
        if key not in self._formats:
            self._formats[key] = ask()
        template, values = self._formats[key]
        return template, dict(values)


def page_of(records):
    """Return the page that these records are created with, or ``None``."""
    found = records.env.context.get("tbc_page")
    # A caller over RPC chooses the context, too.
    return found if isinstance(found, Page) else None


@cache
def _is_known():
    """Whether Odoo's methods are those that the page stands for; the log says it once."""
    changed = [
        method.__qualname__
        for method, known in _KNOWN.items()
        if _digest(method) != known
    ]
    if changed:
        _logger.warning(
            "Bank lines are created as Odoo does, at half the speed: another version of"
            " %s is installed than TBC Bank was made for.",
            ", ".join(changed),
        )
    return not changed


def _digest(method):
    source = inspect.getsource(inspect.unwrap(method))
    return hashlib.sha256(source.encode()).hexdigest()[:12]
