"""The very last part of `make demo`: what only a person decides, of every kind."""

from demo_matching import customer

from odoo.fields import Command
from odoo.tools import format_amount

# So many lines of each kind, money in and money out.
OF_EACH = 2
USD_RATE = 2.7


def leave_to_match(env, account):
    """Make documents that fit bank lines nearly; print where they are settled.

    :param account: the ``tbc.account`` in GEL, read and matched
    """
    lines = _unmatched(env, account)
    print(f"\n{'For a person, on Transactions to Match':<44} for example")
    for kind, make in KINDS.items():
        for direction in (1, -1):
            found = [line for line in lines if line.amount * direction > 0][:OF_EACH]
            for line in found:
                make(_Documents(env, line))
            lines = [line for line in lines if line not in found]
            if found:
                print(f"{kind[direction < 0]:<44} {_shown(found[0])}")
    env.cr.commit()
    to_match = env["account.bank.statement.line"].search_count(
        [("journal_id", "=", account.journal_id.id), ("is_reconciled", "=", False)]
    )
    print(
        f"Where to click: as accountant, Accounting, {account.journal_id.name},"
        f" “{to_match} to match”; or /odoo/transactions-to-match"
    )


def _unmatched(env, account):
    """The newest lines of other people's that the matching left."""
    lines = env["account.bank.statement.line"].search(
        [
            ("tbc_account_id", "=", account.id),
            ("is_reconciled", "=", False),
            ("partner_name", "!=", False),
            ("partner_name", "not ilike", account.company_id.name),
        ]
    )
    return [line for line in lines if _told(line).get("taxCode")]


def _told(line):
    return line.transaction_details.get("partnerAccountInfo") or {}


def _shown(line):
    amount = format_amount(line.env, line.amount, line.currency_id)
    return f"{line.date} {line.partner_name}, {amount}"


class _Documents:
    """Makes invoices to whoever paid a line, or bills of whoever was paid."""

    def __init__(self, env, line):
        self.env, self.line, self.amount = env, line, abs(line.amount)
        self.kind = "out_invoice" if line.amount > 0 else "in_invoice"

    def make(self, *amounts, partner=None, currency=None):
        """Post a document of each amount; return them."""
        partner = partner or customer(self.env, _told(self.line))
        currency = currency or self.line.currency_id
        documents = self.env["account.move"].create(
            [
                {
                    "move_type": self.kind,
                    "partner_id": partner.id,
                    "invoice_date": self.line.date,
                    "date": self.line.date,
                    "currency_id": currency.id,
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "name": "Services",
                                "price_unit": currency.round(amount),
                                "tax_ids": [Command.clear()],
                            }
                        )
                    ],
                }
                for amount in amounts
            ]
        )
        documents.action_post()
        return documents

    def short(self):
        self.make(self.amount + 3.56)

    def instalment(self):
        self.make(self.amount * 3)

    def two_at_once(self):
        first = round(self.amount * 0.6, 2)
        self.make(first, self.amount - first)

    def one_of_two(self):
        self.make(self.amount, self.amount)

    def in_dollars(self):
        self.make(self.amount / USD_RATE, currency=self.env.ref("base.USD"))

    def by_name(self):
        """The partner has no tax code, so only the name tells."""
        partner = self.env["res.partner"].create({"name": self.line.partner_name})
        self.make(self.amount, partner=partner)


# What it is with money in, and with money out → what makes it.
KINDS = {
    ("A customer's payment, 3.56 short", "A bill, paid 3.56 short"): _Documents.short,
    ("An instalment of an invoice", "An instalment of a bill"): _Documents.instalment,
    ("Two invoices at once", "Two bills at once"): _Documents.two_at_once,
    ("Two invoices of this amount", "Two bills of this amount"): _Documents.one_of_two,
    ("An invoice in dollars", "A bill in dollars"): _Documents.in_dollars,
    ("A customer without a tax code", "A vendor without one"): _Documents.by_name,
}
