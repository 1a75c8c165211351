"""What the steps of a matching share."""

from dataclasses import dataclass

from .tbc_transfer import CLOSED


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

    :param company_sudo: a ``res.company``
    """

    def __init__(self, company_sudo):
        self.company = company_sudo
        self.env = company_sudo.env
        self.lines = self.env["account.bank.statement.line"]
        # An archived account's lines are the company's all the same.
        accounts = self.env["tbc.account"].with_context(active_test=False)
        self.accounts = accounts.search(
            [("company_id", "=", company_sudo.id), ("journal_id", "!=", False)]
        )
        self.transfer_account = company_sudo.transfer_account_id

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

    def still_unmatched(self, *line_ids):
        """These lines' records; none when somebody matched one of them meanwhile."""
        lines = [self.lines.browse(line_id) for line_id in line_ids]
        return [] if any(line.is_reconciled for line in lines) else lines


def title(line):
    """How a bank line is called in a sentence about another one."""
    return f"{line.move_id.name} ({line.payment_ref})"
