"""What the steps of a matching share."""

from dataclasses import dataclass, replace

from ..services.partners import company_tree, find_partners
from .matching_doubt import AwaitedOrders, Differences
from .tbc_transfer import CLOSED
from .unmatched import unmatched_lines


@dataclass(frozen=True, slots=True)
class Case:
    """Lines that are settled together or not at all.

    ``settlements``: called when their turn comes, gives the list of ``Settlement``;
    none when somebody was faster.
    """

    line_ids: tuple
    settlements: object


class Step:
    """One step of a matching: ``cases(lines)`` says what it is certain of.

    A company and its branches are looked at as one. ``reasons`` is for people: ``{line
    id: sentence}`` of what is not certain enough.

    :param company_sudo: a ``res.company``, the root of its branches
    """

    needs_no_lines = False

    def __init__(self, company_sudo):
        self.company = company_sudo
        self.companies = company_tree(company_sudo)
        self.reasons = {}
        self.env = company_sudo.env
        self.lines = self.env["account.bank.statement.line"]
        # An archived account's lines are the company's all the same.
        accounts = self.env["tbc.account"].with_context(active_test=False)
        self.accounts = accounts.search(
            [("company_id", "in", self.companies.ids), ("journal_id", "!=", False)]
        ).with_env(self.env)

    def look_up(self):
        """The ``Unmatched`` lines, with partners, that some step may match.

        Without those that belong to an order whose ID the bank has not told yet, and
        those that the bank does not list any more.
        """
        lines = unmatched_lines(self.companies)
        gone = set(Differences(self.accounts).gone.ids)
        claimed = AwaitedOrders(self.accounts).claimed(lines)
        for line_id, order in claimed.items():
            self.reasons[line_id] = self.env._(
                "It may be the transfer %(order)s, whose ID the bank has not told yet:"
                " it is left for that.",
                order=order.display_name,
            )
        return self._with_partners(
            line
            for line in lines
            if line.line_id not in claimed and line.line_id not in gone
        )

    def _with_partners(self, lines):
        lines = list(lines)
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

    def cases(self, lines):
        """Return the ``Case`` list of these ``Unmatched`` lines."""
        raise NotImplementedError

    def ordered(self, lines):
        """The payment ids of our own orders: their lines belong to their payments."""
        payment_ids = {line.payment_id for line in lines if line.payment_id}
        orders = self.env["tbc.transfer"].search_fetch(
            [
                ("account_id", "in", self.accounts.ids),
                ("bank_transfer_id", "in", list(payment_ids)),
                ("state", "not in", list(CLOSED)),
            ],
            ["bank_transfer_id"],
        )
        return set(orders.mapped("bank_transfer_id"))

    def transfer_account(self, *company_ids):
        """Odoo's transfer account of a company, or the one that two have in common.

        A branch may have one of its own; its parent's serves it as well.
        """
        shared = self.companies
        for company in shared.browse(company_ids):
            shared &= company.parent_ids
        return next(
            (
                company.transfer_account_id
                for company in shared.sorted("parent_path", reverse=True)
                if company.transfer_account_id
            ),
            None,
        )

    def still_unmatched(self, *line_ids):
        """These lines' records; none when somebody matched one of them meanwhile."""
        lines = [self.lines.browse(line_id) for line_id in line_ids]
        return [] if any(line.is_reconciled for line in lines) else lines


def title(line):
    """How a bank line is called in a sentence about another one."""
    return f"{line.move_id.name} ({line.payment_ref})"
