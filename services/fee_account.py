"""The account on which a company usually books its bank's fees."""

from odoo.fields import Domain

# What charts of accounts call it; the Georgian ones are made by companies themselves.
_NAMES = ("bank fee", "bank charge", "bank commission", "ბანკის საკომისიო")
_NAMES += ("საბანკო საკომისიო", "ბანკის მომსახურება", "საბანკო მომსახურება")


def expense_accounts(company):
    """The domain of the accounts that bank fees may be booked on."""
    own = company.env["account.account"]._check_company_domain(company)
    return Domain(own) & Domain("account_type", "=like", "expense%")


def usual_fee_account(company):
    """Return what the company's other TBC accounts have, or the one expense account
    that is called so; none where there are several.
    """
    company_sudo = company.sudo()
    domain = [("company_id", "=", company.id), ("fee_account_id", "!=", False)]
    known = company_sudo.env["tbc.account"].search(domain).fee_account_id
    # The chart's own names are English, whatever the user's language.
    accounts = company_sudo.env["account.account"].with_company(company)
    for lang in ("en_US", None):
        if known:
            break
        named = Domain.OR(Domain("name", "ilike", name) for name in _NAMES)
        places = accounts.with_context(lang=lang) if lang else accounts
        known = places.search(expense_accounts(company_sudo) & named)
    return known.with_env(company.env) if len(known) == 1 else known[:0]
