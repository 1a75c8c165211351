"""The last part of `make demo`: what is certain is matched, the rest stays in suspense."""

from odoo.fields import Command

# Rule → expense or other account of the chart, by its type, and a name to show.
RULE_ACCOUNTS = {
    "treasury": ("334000", "Tax payable", "liability_current"),
    "utility": ("741000", "Utilities", "expense"),
    "salary": ("313000", "Salaries payable", "liability_current"),
    "cash_out": ("111000", "Cash drawn", "asset_current"),
    "card": ("742000", "Card purchases", "expense"),
}
FEES = ("743000", "Bank fees", "expense")
INVOICES = 12


def match(env, accounts):
    """Choose accounts, invoice some customers, match; print what became of the lines.

    :param accounts: the ``tbc.account`` records, already read
    :return: whether every suspense account holds exactly the unmatched lines
    """
    company = accounts.company_id
    choose_accounts(env, company, accounts.sudo())
    make_invoices(env, accounts)
    env.cr.commit()
    env["tbc.account"]._cron_match()
    env.cr.commit()
    return print_table(env, accounts.sudo())


def choose_accounts(env, company, accounts):
    """What an accountant does once: where fees, taxes, salaries… are booked."""
    for name, account in RULE_ACCOUNTS.items():
        rule = env.ref(f"account_tbc_bank.tbc_operation_rule_{name}")
        rule.with_company(company).account_id = make_account(env, company, *account)
    accounts.fee_account_id = make_account(env, company, *FEES)


def make_account(env, company, code, name, account_type):
    """An account of the company's chart."""
    return env["account.account"].create(
        {
            "code": code,
            "name": name,
            "account_type": account_type,
            "company_ids": [Command.set(company.ids)],
        }
    )


def make_invoices(env, accounts):
    """Invoices to customers whose money is in the bank already."""
    lines = env["account.bank.statement.line"].search(
        [
            ("tbc_account_id", "in", accounts.ids),
            ("amount", ">", 0),
            ("transaction_type", "=", "GIB"),
            ("partner_name", "!=", False),
            ("partner_name", "not ilike", accounts.company_id.name),
        ],
        limit=INVOICES,
        order="date desc, id desc",
    )
    for line in lines:
        details = line.transaction_details["partnerAccountInfo"]
        invoice = env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": customer(env, details).id,
                "invoice_date": line.date,
                "currency_id": line.currency_id.id,
                "payment_reference": line.payment_ref.split()[-1].lstrip("#"),
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Services",
                            "price_unit": line.amount,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
            }
        )
        invoice.action_post()


def customer(env, details):
    """The partner of this tax code, made if need be."""
    partners = env["res.partner"]
    found = partners.search([("vat", "=", details["taxCode"])], limit=1)
    return found or partners.create(
        {"name": details["partnerName"], "vat": details["taxCode"]}
    )


def print_table(env, accounts):
    """Print how many lines were matched to where, and what is in suspense."""
    lines = env["account.bank.statement.line"].search(
        [("tbc_account_id", "in", accounts.ids)]
    )
    places = {}
    for line in lines.filtered("tbc_match_note"):
        _liquidity, _suspense, others = line._seek_for_lines()
        name = others.account_id[:1].name
        places[name] = places.get(name, env["account.bank.statement.line"]) | line
    print(f"\n{'Matched automatically, to':<32} {'count':>6}   for example")
    for name, found in sorted(places.items(), key=lambda pair: -len(pair[1])):
        print(f"{name:<32} {len(found):>6}   {found[0].tbc_match_note}")
    unmatched = lines.filtered(lambda line: not line.is_reconciled)
    print(f"{'to match, by a person':<32} {len(unmatched):>6}")
    suspense = env["account.move.line"].search(
        [
            ("account_id", "in", accounts.journal_id.suspense_account_id.ids),
            ("parent_state", "=", "posted"),
        ]
    )
    exact = suspense.statement_line_id == unmatched
    print("The suspense account holds exactly these." if exact else "Suspense DIFFERS.")
    return exact
