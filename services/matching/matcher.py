"""What the matchers of one pass share."""

from dataclasses import dataclass, replace
from functools import cached_property

from ..partners import company_tree, find_partners
from ..transfers.states import CLOSED
from .candidates import lines_to_match, open_items
from .doubt import AwaitedOrders, Differences
from .legs import transfer_account
from .returns import Returns

# So many matches are booked, and made to last, at once.
CHUNK = 100


@dataclass(frozen=True, slots=True)
class Match:
    """Lines that are matched together or not at all.

    - ``counterparts``: called with their records when their turn comes, if nobody was
      faster; gives the list of ``Counterpart``;
    - ``is_note``: it only writes to people, on lines that are matched already, too.
    """

    line_ids: tuple
    counterparts: object
    is_note: bool = False


class MatchingPass:
    """One look at the unmatched bank lines of a company and its branches.

    - ``unmatched``: all of them, as ``LineToMatch``;
    - ``lines``: those that a matcher may take, with their partners;
    - ``reasons``: for people, ``{line id: sentence}`` of what is not certain enough.

    :param company_sudo: a ``res.company``, the root of its branches
    """

    def __init__(self, company_sudo):
        self.env, self.company = company_sudo.env, company_sudo
        self.companies = company_tree(company_sudo)
        # An archived account's lines are the company's all the same.
        accounts = self.env["tbc.account"].with_context(active_test=False)
        self.accounts = accounts.search(
            [("company_id", "in", self.companies.ids), ("journal_id", "!=", False)]
        ).with_env(self.env)
        self.unmatched, self.lines, self.reasons = [], [], {}

    def look_up(self):
        """Look up the lines; none is taken that somebody or something else waits for.

        That is a line of an order whose ID the bank has not told yet, and one that the
        bank does not list any more.
        """
        self.unmatched = lines_to_match(self.companies)
        gone = set(Differences(self.accounts).gone.ids)
        claimed = AwaitedOrders(self.accounts).claimed(self.unmatched)
        for line_id, order in claimed.items():
            self.reasons[line_id] = self._awaited_sentence(order)
        left_alone = gone | claimed.keys()
        self.lines = self._with_partners(
            [line for line in self.unmatched if line.line_id not in left_alone]
        )

    def _awaited_sentence(self, order):
        return self.env._(
            "It may be the transfer %(order)s, whose ID the bank has not told yet:"
            " it is left for that.",
            order=order.display_name,
        )

    def _with_partners(self, lines):
        unnamed = {
            line.line_id: (line.tax_code, line.counterparty_iban)
            for line in lines
            if not line.has_partner and (line.tax_code or line.counterparty_iban)
        }
        found = find_partners(self.company, unnamed) if unnamed else {}
        return [
            replace(line, partner_id=found[line.line_id].id)
            if line.line_id in found
            else line
            for line in lines
        ]

    @cached_property
    def open_items(self):
        """The ``OpenItem`` of all that is open, until something is matched."""
        return open_items(self.companies)

    def leave_out(self, line_ids):
        """No later matcher looks at these lines: they are matched, or Odoo refused."""
        if line_ids:
            self.__dict__.pop("open_items", None)
        self.unmatched = [one for one in self.unmatched if one.line_id not in line_ids]
        self.lines = [one for one in self.lines if one.line_id not in line_ids]

    @cached_property
    def returns(self):
        return Returns(self.accounts, self.lines)

    @cached_property
    def resembled(self):
        """The ids of lines that look like the movement of an order."""
        return AwaitedOrders(self.accounts).resembled(self.lines)

    @cached_property
    def ordered(self):
        """The payment ids of our own orders: their lines belong to their payments."""
        payment_ids = {line.payment_id for line in self.lines if line.payment_id}
        orders = self.env["tbc.transfer"].search_fetch(
            [
                ("account_id", "in", self.accounts.ids),
                ("bank_transfer_id", "in", list(payment_ids)),
                ("state", "not in", list(CLOSED)),
            ],
            ["bank_transfer_id"],
        )
        return set(orders.mapped("bank_transfer_id"))


class Matcher:
    """One kind of match: ``find()`` says what is certain now."""

    # Whether it has work when there is no line to match.
    needs_no_lines = False

    def __init__(self, matching_pass):
        self.matching_pass = matching_pass
        self.env, self.company = matching_pass.env, matching_pass.company
        self.companies, self.accounts = matching_pass.companies, matching_pass.accounts
        self.lines = matching_pass.lines
        self.reasons = matching_pass.reasons
        self.records = self.env["account.bank.statement.line"]

    def find(self):
        """Return the ``Match`` list of what is certain."""
        raise NotImplementedError

    def transfer_account(self, *company_ids):
        """Odoo's transfer account of a company, or the one that two have in common."""
        return transfer_account(self.companies.browse(company_ids))


def title(line):
    """How a bank line is called in a sentence about another one."""
    return f"{line.move_id.name} ({line.payment_ref})"
