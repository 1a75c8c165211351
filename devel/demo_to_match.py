"""The very last part of `make demo`: what only a person decides, of every kind."""

from demo_matching import customer, make_account

from odoo.fields import Command
from odoo.tools import format_amount

# So many lines of each kind, money in and money out.
OF_EACH = 1
USD_RATE = 2.7
WITHHELD = 0.2
SMALL = 3.56
# So many of a counterparty were settled by the accountant already, so that the next ones are known.
SETTLED = 3
FAVOURITE = "Examples of the Demo"


def leave_to_match(env, account):
    """Make documents that fit bank lines nearly; print where they are settled.

    :param account: the ``tbc.account`` in GEL, read and matched
    """
    accountant = env["res.users"].search([("login", "=", "accountant")])
    examples = Examples(env, account)
    for kind, make in KINDS.items():
        for direction in (1, -1):
            if kind[direction < 0]:
                examples.make(kind[direction < 0], make, direction)
    examples.learn(accountant)
    examples.print(env(user=accountant))
    env["ir.filters"].create(
        {
            "name": FAVOURITE,
            "model_id": "account.bank.statement.line",
            "domain": str([("id", "in", examples.ids)]),
        }
    )
    env.cr.commit()
    _print_way(env, account, examples)


def _print_way(env, account, examples):
    to_match = env["account.bank.statement.line"].search_count(
        [("journal_id", "=", account.journal_id.id), ("is_reconciled", "=", False)]
    )
    print(
        f"Where to click: as accountant, Accounting, {account.journal_id.name},"
        f" “{to_match} to match”; or /odoo/transactions-to-match. The favourite"
        f" “{FAVOURITE}” shows these {len(examples.ids)}."
    )


class Examples:
    """Lines that the matching left, and what is made so that each is of some kind."""

    def __init__(self, env, account):
        self.env, self.account = env, account
        lines = env["account.bank.statement.line"].search(
            [
                ("tbc_account_id", "=", account.id),
                ("is_reconciled", "=", False),
                ("partner_name", "!=", False),
            ]
        )
        own = lines.filtered(lambda line: account.company_id.name in line.partner_name)
        self.own = list(own)
        self.lines = [line for line in lines - own if _told(line).get("taxCode")]
        self.of_kind, self.used = {}, set()

    @property
    def ids(self):
        """The ids of all examples."""
        return [line.id for lines in self.of_kind.values() for line in lines]

    def make(self, kind, make, direction):
        """Take the newest lines of this direction, and make what they are nearly.

        No other line of the counterparty is an example of documents: they would fit it.
        """
        is_own = make is _Documents.other_leg
        lines = self.own if is_own else self.lines
        able = [
            line for line in lines if is_own or _told(line)["taxCode"] not in self.used
        ]
        found = [line for line in able if line.amount * direction > 0][:OF_EACH]
        for line in found:
            make(_Documents(self.env, line))
            lines.remove(line)
            if not is_own:
                self.used.add(_told(line)["taxCode"])
        self.of_kind[kind] = found

    def learn(self, accountant):
        """The accountant has settled some of two counterparties, and a rule is off."""
        for told in HABITS:
            account = make_account(self.env, self.account.company_id, *told)
            part = {"account_id": account.id, "amount": None}
            lines = self._most_of_one(SETTLED + 2)
            for line in lines[:SETTLED]:
                line.with_user(accountant).tbc_settle({"parts": [part]})
            self.of_kind[f"Earlier ones went to {told[1]}"] = lines[SETTLED:]
        self._make_rule()
        self.of_kind["Nobody knows who it is"] = self._unknown()[:2]

    def _make_rule(self):
        adverts = make_account(self.env, self.account.company_id, *ADVERTS)
        ruled = self._most_of_one(2)
        self.env["tbc.operation.rule"].create(
            {
                "name": "Advertising",
                "active": False,
                "counterparty": _told(ruled[0])["taxCode"],
                "account_id": adverts.id,
                "company_id": self.account.company_id.id,
            }
        )
        self.of_kind["A rule that is off fits"] = ruled

    def _most_of_one(self, count):
        """The newest lines to one counterparty, which are taken away from the rest."""
        by_code = {}
        for line in self.lines:
            if line.amount < 0:
                by_code.setdefault(_told(line)["taxCode"], []).append(line)
        found = max(by_code.values(), key=len)[:count]
        self.lines = [line for line in self.lines if line not in found]
        return found

    def _unknown(self):
        partners = self.env["res.partner"].search([])
        known = {*partners.mapped("vat"), *partners.mapped("name")}
        return [
            line
            for line in self.lines
            if not known & {_told(line)["taxCode"], line.partner_name}
        ]

    def print(self, env):
        """Print a line of each kind, with what the screen proposes first."""
        print(f"\n{'For a person, on Transactions to Match':<40} for example")
        for kind, lines in self.of_kind.items():
            for line in lines[:1]:
                own = line.with_env(env)
                proposals = own.tbc_match_cards()[line.id]["proposals"]
                best = proposals[0]["reason"] if proposals else "no proposal"
                print(f"{kind:<40} {_shown(line)}: {best}")


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

    @property
    def partner(self):
        """Whoever the bank says is on the other side."""
        return customer(self.env, _told(self.line))

    def make(self, *amounts, partner=None, currency=None, reference=False):
        """Post a document of each amount; return them."""
        currency = currency or self.line.currency_id
        documents = self.env["account.move"].create(
            [
                {
                    "move_type": self.kind,
                    "partner_id": (partner or self.partner).id,
                    "invoice_date": self.line.date,
                    "date": self.line.date,
                    "currency_id": currency.id,
                    "payment_reference": reference,
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
        self.make(self.amount + SMALL)

    def too_much(self):
        self.make(self.amount - SMALL)

    def withheld(self):
        """The bank's purpose names it; a part of it was kept for the tax office."""
        number = self.line.payment_ref.split()[-1].lstrip("#")
        self.make(self.amount / (1 - WITHHELD), reference=number)

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

    def of_another(self):
        """Somebody else owes exactly this."""
        partner = self.env["res.partner"].create(
            {"name": f"Friend of {self.partner.name}"}
        )
        self.make(self.amount, partner=partner)

    def by_hand(self):
        """A payment that somebody registered, without the bank."""
        is_in = self.line.amount > 0
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound" if is_in else "outbound",
                "partner_type": "customer" if is_in else "supplier",
                "partner_id": self.partner.id,
                "amount": self.amount,
                "currency_id": self.line.currency_id.id,
                "date": self.line.date,
                "journal_id": self.line.journal_id.id,
            }
        )
        payment.action_post()

    def other_leg(self):
        """It is on the statement of another bank, which somebody imported."""
        journals = self.env["account.journal"]
        company = self.line.company_id
        journal = journals.search(
            [("code", "=", OTHER_BANK[0]), ("company_id", "=", company.id)]
        ) or journals.create(
            {
                "code": OTHER_BANK[0],
                "name": OTHER_BANK[1],
                "type": "bank",
                "company_id": company.id,
            }
        )
        self.env["account.bank.statement.line"].create(
            {
                "journal_id": journal.id,
                "date": self.line.date,
                "payment_ref": "Between our accounts",
                "amount": -self.line.amount,
            }
        )


HABITS = (("744000", "Fuel", "expense"), ("746000", "Office supplies", "expense"))
ADVERTS = ("745000", "Advertising", "expense")
OTHER_BANK = ("OTHER", "Another Bank")
# What it is with money in, and with money out → what makes it.
KINDS = {
    ("An invoice, 3.56 short", "A bill, 3.56 short"): _Documents.short,
    ("An invoice, 3.56 too much", "A bill, 3.56 too much"): _Documents.too_much,
    ("An invoice named, a tax withheld", ""): _Documents.withheld,
    ("An instalment of an invoice", "An instalment of a bill"): _Documents.instalment,
    ("Two invoices at once", "Two bills at once"): _Documents.two_at_once,
    ("Two invoices of this amount", "Two bills of this amount"): _Documents.one_of_two,
    ("An invoice in dollars", "A bill in dollars"): _Documents.in_dollars,
    ("A customer without a tax code", "A vendor without one"): _Documents.by_name,
    ("Somebody else's invoice", ""): _Documents.of_another,
    (
        "A receipt registered by hand",
        "A payment registered by hand",
    ): _Documents.by_hand,
    ("From another bank of ours", "To another bank of ours"): _Documents.other_leg,
}
