"""The speed of matching, and whether it grows with the number of lines.

`make bench` runs it after the import; MATCH_LINES=1000,20000 chooses the sizes. Each has
a company of its own with 5,000 open invoices, on a database of its own; of the lines
60 % are matched: invoices named or by exact amount, own transfers, fees, by a rule.
Invoices that were paid are replaced before a page of cards is measured.

Lines and invoices are copies of a few that Odoo itself has created, made by SQL, since
Odoo would take a quarter of an hour. One of each kind is created beside its copy, and
they must be alike in every column. The matching is the scheduled action itself.
"""

import os
import sys
import time
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

from odoo.addons.account_tbc_bank.services.statements.booking import Booking
from odoo.addons.account_tbc_bank.tbc import parse_movement
from odoo.fields import Command

from fake_tbc import FakeBank
from fake_tbc.cast import treasury_at
from fake_tbc.generator import make_accounts
from fake_tbc.iban import georgian_iban

sys.path.insert(0, str(Path(__file__).parent))
from company import make_company
from copies import Copies
from proposals import PageMeasured, measure_page, open_items, print_pages

DEFAULT_LINES = "1000,20000"
# Two of five are left: enough for a page.
WARM_UP_LINES = 240
INVOICES, CUSTOMERS = 5_000, 250
FIRST_DAY, DAYS = date(2026, 6, 1), 28
NOW = datetime(2026, 6, 30, 20, tzinfo=timezone(timedelta(hours=4)))
# What a line is, by its number modulo 20: twelve of these are matched.
NAMED, EXACT, DEBIT_LEG, CREDIT_LEG = {0, 1, 2}, {3}, {4}, {5}
FEE, TAX, KNOWN_PAYER = {6, 7, 8}, {9, 10, 11}, {12, 13, 14}
MATCHED_OF_20 = 12


@dataclass
class Measured:
    """One size: seconds of the run that matches, and of one that finds nothing."""

    lines: int
    matched: int
    seconds: float
    idle_seconds: float
    page: PageMeasured

    @property
    def per_line(self):
        """Seconds per line, matched or not."""
        return self.seconds / self.lines


@dataclass
class Books:
    """One company: accounts of two IBANs, its customers, its invoices' template."""

    env: object
    company: object
    accounts: object
    customers: list = field(default_factory=list)


def main(env):
    """Print lines per second of the matching, and the ratio of the sizes.

    :param env: Odoo's environment, as the superuser
    :return: the exit status
    """
    text = os.environ.get("MATCH_LINES") or DEFAULT_LINES
    sizes = [int(size) for size in text.replace(",", " ").split()]
    print(f"Warming up with {WARM_UP_LINES} lines.", flush=True)
    found = [
        measure(env, number, lines)
        for number, lines in enumerate([WARM_UP_LINES, *sizes])
    ]
    print_table(found[1:])
    return print_pages([one.page for one in found[1:]])


def open_books(env, number):
    """A company with two accounts in GEL, a fees account, a rule, and customers."""
    company = make_company(env, f"Bench {number} LLC")
    env = env(context={"allowed_company_ids": company.ids, "tracking_disable": True})
    company = company.with_env(env)
    integration = env["tbc.integration"].create(
        {
            "name": company.name,
            "company_id": company.id,
            "environment": "sandbox",
            "user_id": env.ref("base.user_admin").id,
        }
    )
    accounts = env["tbc.account"].create(
        [
            {
                "integration_id": integration.id,
                "iban": iban,
                "currency_id": env.ref("base.GEL").id,
                "sync_from": FIRST_DAY,
            }
            for iban in make_accounts(f"matching {number}", 2, ("GEL",))
        ]
    )
    accounts.action_create_journal()
    fees, taxes = env["account.account"].create(
        [
            {"name": name, "code": code, "account_type": "expense"}
            for name, code in (("Fees", "990001"), ("Taxes", "990002"))
        ]
    )
    accounts.fee_account_id = fees
    env.ref("account_tbc_bank.tbc_operation_rule_treasury").account_id = taxes
    customers = env["res.partner"].create(
        [
            {
                "name": f"Customer {index}",
                "vat": f"{400_000_000 + number * 1_000 + index}",
                "company_id": company.id,
                "is_company": True,
            }
            for index in range(CUSTOMERS)
        ]
    )
    return Books(env, company, accounts, list(customers))


# --- what is in the books --------------------------------------------------------------


def invoice_cents(index):
    """What an invoice is about: no two of one customer have the same amount."""
    return 10_000 + 37 * index


def invoice_number(index):
    """The number of an invoice."""
    return f"INV/2026/{index + 1:05d}"


def fill(books, lines):
    """Make the invoices and the bank lines, and check the copies."""
    started = time.monotonic()
    copies = Copies(books.env)
    make_invoices(books, copies, range(INVOICES))
    make_lines(books, copies, lines)
    analyze(books)
    print(
        f"{lines:,} lines and {INVOICES:,} invoices made in"
        f" {time.monotonic() - started:.0f} s",
        flush=True,
    )


def replace_paid(books):
    """Make an invoice for each that was paid, so that as many are open as at first."""
    paid = INVOICES - open_items(books.env, books.company)
    make_invoices(books, Copies(books.env), range(INVOICES, INVOICES + paid))
    analyze(books)


def analyze(books):
    """Commit, and let the database know what there is."""
    books.env.cr.commit()
    books.env.cr.execute("ANALYZE")
    books.env.cr.commit()
    books.env.invalidate_all()


def make_invoices(books, copies, indexes):
    """Open invoices: two from Odoo, the first the pattern, the second a check.

    :param indexes: a range of theirs, see :func:`invoice_cents`
    """
    rows = [
        {
            "name": invoice_number(index),
            "number": index + 1,
            "cents": invoice_cents(index),
            "partner_id": books.customers[index % CUSTOMERS].id,
            "date": FIRST_DAY,
        }
        for index in indexes
    ]
    first = indexes[0]
    pattern = real_invoice(books, first, 90_001, 100)
    check = real_invoice(books, first, 90_002, invoice_cents(first))
    copies.of_invoice(pattern, rows)
    copies.compare(check, invoice_number(first))
    remove(pattern + check)


def real_invoice(books, index, number, cents):
    """An invoice of the customer of that index, as Odoo posts it."""
    line = {"name": "Work", "price_unit": cents / 100, "tax_ids": [Command.clear()]}
    invoice = books.env["account.move"].create(
        {
            "move_type": "out_invoice",
            "name": f"INV/2026/{number}",
            "partner_id": books.customers[index % CUSTOMERS].id,
            "invoice_date": FIRST_DAY,
            "invoice_date_due": FIRST_DAY,
            "date": FIRST_DAY,
            "invoice_line_ids": [Command.create(line)],
        }
    )
    invoice.action_post()
    return invoice


def remove(moves):
    """Delete entries that were only patterns."""
    moves.button_draft()
    moves.unlink()


def make_lines(books, copies, count):
    """The bank lines: for each account and direction, with and without a partner, one
    from Odoo is the pattern, and another one the check.
    """
    groups = {}
    for vals in line_vals(books, count):
        key = vals["tbc_account_id"], vals["amount"] > 0, bool(vals["partner_id"])
        groups.setdefault(key, []).append(vals)
    for begin, group in enumerate(groups.values(), 1):
        first = group[0]
        sign = 1 if first["amount"] > 0 else -1
        pattern = real_line(books, {**first, "amount": sign}, "pattern")
        check = real_line(books, first, "check")
        prefix = pattern.move_id.sequence_prefix
        rows = [
            {
                **vals,
                "name": f"{prefix}{number}",
                "number": number,
                "cents": round(abs(vals["amount"]) * 100),
            }
            for number, vals in enumerate(group, begin * 100_000)
        ]
        copies.of_line(pattern, rows)
        copies.compare(check.move_id, rows[0]["name"])
        remove(pattern.move_id + check.move_id)


def real_line(books, vals, movement_id):
    """A bank line as reading creates it."""
    return books.env["account.bank.statement.line"].create(
        {**vals, "tbc_movement_id": movement_id}
    )


def line_vals(books, count):
    """The values of all lines, from the bank's movements, as reading makes them."""
    bank = FakeBank(
        accounts={account.iban: ("GEL",) for account in books.accounts},
        days=0,
        now=NOW,
    )
    movements = {account: [] for account in books.accounts}
    for number in range(count):
        position, members = line_movement(books, number)
        account = books.accounts[position]
        suffix = 1 if members["amount"] < 0 else 2
        movement = bank.ledger.add(
            account.iban,
            "GEL",
            movementId=f"{18_000_000_000 + number:012d}.{suffix}",
            **members,
        )
        movements[account].append(parse_movement(movement.as_json(bank.now)))
    found = []
    for account, parsed in movements.items():
        found += Booking(account, parsed).prepare_lines_vals(parsed).values()
    return found


def line_movement(books, number):
    """What the bank says of one line: the position of its account, and arguments of
    ``Ledger.add``.
    """
    kind, score = number % 20, number // 20
    cents, customer = 500 + number, books.customers[number % CUSTOMERS]
    members = {"purpose": "თანხა", "transactionType": 20}
    position, sign = 0, 1
    if kind in NAMED | EXACT:
        index = score * 4 + kind
        cents, customer = invoice_cents(index), books.customers[index % CUSTOMERS]
        if kind in NAMED:
            members["purpose"] = f"ინვოისი {invoice_number(index)}"
    elif kind in DEBIT_LEG | CREDIT_LEG:
        position, sign = (0, -1) if kind in DEBIT_LEG else (1, 1)
        cents = 700 + score
        members = own_leg(books, position, score)
    elif kind in FEE | TAX:
        sign, customer = -1, None
        members = charge(number) if kind in FEE else tax()
    elif kind in KNOWN_PAYER:
        cents = invoice_cents(INVOICES) + number
        members["purpose"] = f"Invoice INV/2026/{90_000 + number:05d}"
    else:
        customer = None
    if kind not in DEBIT_LEG | CREDIT_LEG | FEE | TAX:
        members["partnerAccountInfo"] = payer(customer, number)
    day = FIRST_DAY + timedelta(days=number % DAYS)
    return position, {"amount": sign * Decimal(cents) / 100, "day": day, **members}


def own_leg(books, position, score):
    """A transfer between the two accounts."""
    return {
        "purpose": "პირად ანგარიშზე გადარიცხვა",
        "transactionType": 1,
        "externalPaymentId": str(19_000_000_000 + score),
        "partnerAccountInfo": {
            "accountIban": books.accounts[1 - position].iban,
            "partnerName": "Bench LLC",
        },
    }


def charge(number):
    """The bank's fee for another line's operation."""
    return {
        "purpose": "გადარიცხვის საკომისიო",
        "transactionType": 33,
        "parentExternalPaymentId": 18_000_000_000 + number // 20 * 20 + 16,
    }


def tax():
    """A payment to the Treasury."""
    return {
        "purpose": "გადასახადების ერთიანი კოდი",
        "transactionType": 32,
        "partnerAccountInfo": treasury_at("101001000"),
    }


def payer(customer, number):
    """``partnerAccountInfo`` of a customer, or of somebody unknown."""
    return {
        "accountIban": georgian_iban("BG", f"{number:016d}"),
        "partnerName": customer.name if customer else f"Somebody {number}",
        "taxCode": customer.vat if customer else f"{230_000_000 + number}",
    }


def measure(env, number, lines):
    """Match in a new company, and once more when nothing is left to match."""
    books = open_books(env, number)
    fill(books, lines)
    begun = unmatched(books)
    seconds = timed(books.env["tbc.account"]._cron_match)
    matched = begun - unmatched(books)
    expected = lines * MATCHED_OF_20 // 20
    if matched != expected:
        raise AssertionError(f"{matched} of {lines} lines were matched, not {expected}")
    idle = timed(books.env["tbc.account"]._cron_match)
    replace_paid(books)
    page = measure_page(books.env, books.company, lines=lines, items=INVOICES)
    # Out of the way of the next company.
    books.accounts.active = False
    env.cr.commit()
    print(f"{lines:,} lines: {matched:,} matched in {seconds:.1f} s", flush=True)
    return Measured(lines, matched, seconds, idle, page)


def unmatched(books):
    """How many bank lines are not matched."""
    return books.env["account.bank.statement.line"].search_count(
        [("tbc_account_id", "in", books.accounts.ids), ("is_reconciled", "=", False)]
    )


def timed(act):
    """Seconds that it takes."""
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def print_table(found):
    """Print what came out, one row per size, and the ratio at the end."""
    print(f"\nMatching, with {INVOICES:,} open invoices; commits included.\n")
    print("  lines  matched  seconds  lines per second  a run that finds nothing")
    for one in found:
        print(
            f"{one.lines:>7,}{one.matched:>9,}{one.seconds:>9.1f}"
            f"{one.lines / one.seconds:>18.1f}{one.idle_seconds:>24.2f} s"
        )
    first, last = found[0], found[-1]
    print(
        f"\nRATIO, time per line at {last.lines:,} / at {first.lines:,}:"
        f" {last.per_line / first.per_line:.2f}    (1.00 is linear)"
    )
