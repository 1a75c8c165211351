"""Who the other side of a movement is, in Odoo: the one place that decides it."""

from collections import defaultdict

from ..bookkeeping import clean_tax_code, georgian_tax_code
from ..tbc import clean_iban

TREASURY_BIC = "TRESGE22"


def company_tree(company):
    """The company with its parents and branches: one legal person, one set of books."""
    companies = company.sudo().with_context(active_test=False)
    tree = companies.search([("id", "child_of", company.root_id.ids)])
    return tree.with_env(company.env)


def find_partners(company, counterparties):
    """Return ``{key: partner}``: by tax code, else by IBAN.

    If more than one partner could be meant, nobody is; nor who is archived, nor the
    owner of the IBAN if he has another tax code. A company and its branches know the
    same partners.

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
    found = {
        key: by_tax_code[code] or _owners(by_iban[iban], code)
        for key, (code, iban) in cleaned.items()
    }
    return {key: partners for key, partners in found.items() if len(partners) == 1}


def _owners(partners, code):
    """Those of the owners of an IBAN that do not have another tax code than the bank's."""
    return partners.filtered(
        lambda partner: not (code and partner.tbc_vat) or partner.tbc_vat == code
    )


def counterparty_of(movement):
    """Return the (tax code, IBAN) of the other side, as :func:`find_partners` wants."""
    return movement.counterparty.tax_code, movement.counterparty.iban


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


def compared_tax_code(partner):
    """The tax ID as ``tbc_vat`` keeps it, to be compared with the bank's; or ``None``."""
    return clean_tax_code(partner.vat)


def _by_tax_code(env, places, tax_codes):
    """Return ``{tax code: commercial partners}``."""
    partners = env["res.partner"].search_fetch(
        [("tbc_vat", "in", list(tax_codes - {None})), places], ["tbc_vat", "country_id"]
    )
    found = defaultdict(env["res.partner"].browse)
    for partner in partners:
        code = partner.tbc_vat
        # Somebody abroad may have a number that looks like a Georgian one.
        if not georgian_tax_code(code) or georgian_code_of(partner):
            found[code] |= _named_by(partner)
    return found


def _by_iban(env, places, ibans):
    banks = env["res.partner.bank"].search(
        [("sanitized_acc_number", "in", list(ibans - {None})), places]
    )
    found = defaultdict(env["res.partner"].browse)
    for bank in banks:
        found[bank.sanitized_acc_number] |= _named_by(bank.partner_id)
    return found


def _named_by(partner):
    """The commercial partner, if neither of them is archived."""
    return partner.filtered("active").commercial_partner_id.filtered("active")


def georgian_code_of(partner):
    """The Georgian tax code (9 digits) or personal number (11), or ``None``.

    Without the prefix, a number of somebody abroad is another country's.
    """
    is_abroad = (partner.country_id.code or "GE") != "GE"
    return georgian_tax_code(partner.vat, is_abroad=is_abroad)


def address_of(partner):
    """The address in one line, or ``None`` while street, city or country is missing."""
    street, street2, postcode, city = (
        (partner[name] or "").strip() for name in ("street", "street2", "zip", "city")
    )
    if not (street and city and partner.country_id):
        return None
    country = partner.country_id.with_context(lang="en_US").name
    parts = (street, street2, postcode, city, country)
    return ", ".join(part for part in parts if part)


def treasury_code_of(bank):
    """The account number, if this is a code of the State Treasury; else ``None``."""
    name = "account_tbc_bank.partner_treasury"
    treasury = bank.env.ref(name, raise_if_not_found=False)
    is_treasury = (bank.bank_id.bic or "").upper().startswith(
        TREASURY_BIC
    ) or bank.partner_id.commercial_partner_id == treasury
    return bank.sanitized_acc_number or "" if is_treasury else None
