"""Who the other side of a movement is, in Odoo: the one place that decides it."""

from ..bookkeeping import clean_tax_code, georgian_tax_code
from ..tbc import clean_iban


def company_tree(company):
    """The company with its parents and branches: one legal person, one set of books."""
    companies = company.sudo().with_context(active_test=False)
    tree = companies.search([("id", "child_of", company.root_id.ids)])
    return tree.with_env(company.env)


def find_partners(company, counterparties):
    """Return ``{key: partner}``: by tax code, else by IBAN.

    Two candidates are none, what is archived names nobody, no partner is ever created,
    and an account whose owner has another tax code than the bank says is none of his.
    A company and its branches know the same partners.

    :param company: a ``res.company``
    :param dict counterparties: key → (tax code, IBAN), each text or ``None``
    """
    cleaned = {
        key: (clean_tax_code(tax_code), clean_iban(iban))
        for key, (tax_code, iban) in counterparties.items()
    }
    places = ("company_id", "in", [False, *company_tree(company).ids])
    env = company.with_context(active_test=True).env
    by_tax_code = _by_tax_code(env, places, {code for code, _iban in cleaned.values()})
    by_iban = _by_iban(env, places, {iban for _code, iban in cleaned.values()})
    matches = {}
    for key, (code, iban) in cleaned.items():
        found = by_tax_code.get(code)
        if not found:
            found = by_iban.get(iban, env["res.partner"]).filtered(
                lambda partner, code=code: (
                    not (code and partner.tbc_vat) or partner.tbc_vat == code
                )
            )
        if len(found) == 1:
            matches[key] = found
    return matches


def find_partner_ids(company, counterparties):
    """Return ``{key: partner id}`` of :func:`find_partners` who may stand on a line."""
    return {
        key: partner.id
        for key, partner in find_partners(company, counterparties).items()
        if may_stand_on_line(partner, company)
    }


def may_stand_on_line(partner, company):
    """Whether Odoo lets ``partner`` stand on a bank line of ``company``.

    A branch's own contact may not on the line of its parent: it stays on the entry's
    item that pays its invoice.
    """
    return bool(partner.filtered_domain(partner._check_company_domain(company)))


def _by_tax_code(env, places, tax_codes):
    """Return ``{tax code: commercial partners}``."""
    partners = env["res.partner"].search_fetch(
        [("tbc_vat", "in", list(tax_codes - {None})), places], ["tbc_vat", "country_id"]
    )
    found = {}
    for partner in partners:
        code = partner.tbc_vat
        if georgian_tax_code(code) and not partner._tbc_tax_code():
            # Somebody abroad, whose number looks like a Georgian one.
            continue
        found[code] = found.get(code, env["res.partner"]) | _named_by(partner)
    return found


def _by_iban(env, places, ibans):
    banks = env["res.partner.bank"].search(
        [("sanitized_acc_number", "in", list(ibans - {None})), places]
    )
    found = {}
    for bank in banks:
        number = bank.sanitized_acc_number
        found[number] = found.get(number, env["res.partner"]) | _named_by(
            bank.partner_id
        )
    return found


def _named_by(partner):
    """The commercial partner, if neither of them is archived."""
    return partner.filtered("active").commercial_partner_id.filtered("active")
