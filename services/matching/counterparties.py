"""Who the other side of a bank line is, as a person says: chosen, or made."""

from uuid import uuid4

from odoo.exceptions import UserError

from ...bookkeeping import clean_tax_code, georgian_tax_code
from ...tbc import clean_iban
from ..counterpart import suspense_item
from ..locks import lock, try_lock
from ..partners import company_tree, find_partners, may_stand_on_line
from .settle import REFUSALS
from .settle_checks import check_open


def set_partner(lines, partner_id):
    """Name the partner of lines, and of the other open ones of their counterparties.

    :return: the lines that have him now, these first
    :raise UserError: he can't stand on one of the lines.
    """
    _check_lines(lines)
    partner = _chosen(lines.env, partner_id).commercial_partner_id
    if not partner.active or not _may_stand_on_all(partner, lines):
        raise UserError(
            lines.env._(
                "This partner is archived, or belongs to another company. Choose another"
                " one."
            )
        )
    return _name(lines, partner)


def set_partner_many(lines, partner_id):
    """Name the partner of each of the lines; whatever refuses one leaves the others.

    :return: the lines that have him now, and ``{line: sentence}`` of the others
    """
    try:
        with lines.env.cr.savepoint():
            return set_partner(lines, partner_id), {}
    except REFUSALS as error:
        if len(lines) == 1:
            return lines.browse(), {lines: str(error.args[0]).strip()}
    # By halves: of a thousand lines few are refused.
    half = len(lines) // 2
    named, problems = set_partner_many(lines[:half], partner_id)
    more, refused = set_partner_many(lines[half:], partner_id)
    return named | more, problems | refused


def _may_stand_on_all(partner, lines):
    return all(may_stand_on_line(partner, company) for company in lines.company_id)


def _chosen(env, partner_id):
    is_id = isinstance(partner_id, int) and not isinstance(partner_id, bool)
    return env["res.partner"].search([("id", "=", is_id and partner_id)])


def make_partner(line):
    """Make the partner of what the bank says, and name him: see :func:`set_partner`.

    Whoever is known already by the tax code or the IBAN is taken. No money may go to
    the account until somebody trusts it.
    """
    _check_lines(line)
    tax_code, iban = told_by_bank(line)
    key = line.id
    found = find_partners(line.company_id.sudo(), {key: (tax_code, iban)})
    partner_sudo = found.get(key) or _make(line, tax_code)
    _check_place(line, partner_sudo)
    return _name(line, partner_sudo.sudo(False).with_env(line.env))


def told_by_bank(line):
    """The counterparty's tax code and IBAN, each text or ``None``."""
    details = line.transaction_details or {}
    other = details.get("partnerAccountInfo") or {} if isinstance(details, dict) else {}
    return clean_tax_code(other.get("taxCode")), clean_iban(line.account_number)


def _check_lines(lines):
    lines.check_access("write")
    lock(lines)
    for line in lines:
        check_open(line)
        suspense_item(line)


def _make(line, tax_code):
    """A new partner; an accountant may not make one elsewhere (sudo)."""
    name = (line.partner_name or "").strip()
    if not name:
        raise UserError(
            line.env._(
                "The bank names nobody here: choose a partner, or make one by hand."
            )
        )
    if tax_code:
        _check_doubles(line, tax_code)
    is_person = len(georgian_tax_code(tax_code) or "") == 11
    return (
        line.env["res.partner"]
        .sudo()
        .create({"name": name, "vat": tax_code or False, "is_company": not is_person})
    )


def _check_doubles(line, tax_code):
    """:raise UserError: the legal person knows partners with the tax code.

    Another company's contacts are no concern of this one's: nobody here sees them.
    """
    companies = company_tree(line.company_id)
    doubles_sudo = (
        line.env["res.partner"]
        .sudo()
        .search(
            [("tbc_vat", "=", tax_code), ("company_id", "in", [False, *companies.ids])]
        )
    )
    able_sudo = doubles_sudo.filtered(
        lambda partner: may_stand_on_line(partner, line.company_id)
    )
    if able_sudo:
        raise UserError(
            line.env._(
                "There are partners with the tax code %(code)s already: %(names)s."
                " Choose one of them.",
                code=tax_code,
                names=", ".join(able_sudo.mapped("display_name")),
            )
        )
    _check_place(line, doubles_sudo[:1])


def _check_place(line, partner_sudo):
    """:raise UserError: it is a contact of a branch alone, so that no line of this
    company takes it.
    """
    if partner_sudo and not may_stand_on_line(partner_sudo, line.company_id):
        raise UserError(
            line.env._(
                "A branch has this partner for itself alone: %(name)s. Take the company"
                " out of that contact, then choose it here.",
                name=partner_sudo.display_name,
            )
        )


def _name(lines, partner):
    named = lines | _others_of(lines, partner)
    changed = named.filtered(lambda line: line.partner_id != partner)
    by_earlier = changed.grouped("partner_id")
    named.partner_id = partner
    accounts = _keep_ibans(lines, partner)
    _remember(by_earlier, partner, accounts)
    return named


def _remember(by_earlier, partner, accounts):
    """Keep what was there before, for whoever takes it back: all lines at once."""
    naming = {"key": uuid4().hex, "partner": partner.id, "accounts": accounts.ids}
    for earlier, lines in by_earlier.items():
        lines.sudo().tbc_naming = {**naming, "before": earlier.id}


def _keep_ibans(lines, partner):
    """Keep the accounts that the bank names, as Odoo does; nobody trusts them yet.

    :return: those that were not known (sudo)
    """
    by_iban = {clean_iban(line.account_number): line for line in lines}
    by_iban.pop(None, None)
    banks_sudo = lines.env["res.partner.bank"].sudo().with_context(active_test=False)
    known_sudo = banks_sudo.search([("partner_id", "=", partner.id)])
    kept_sudo = banks_sudo.browse()
    for line in by_iban.values():
        kept_sudo |= line.sudo()._find_or_create_bank_account()
    return kept_sudo - known_sudo


def _others_of(lines, partner):
    """The other open lines of their counterparties, without a partner or with the same.

    Of those whom ``partner`` may stand on.
    """
    found = lines.browse()
    by_root = lines.grouped(lambda one: one.company_id.sudo().root_id)
    for some in by_root.values():
        if any(any(told_by_bank(line)) for line in some):
            found |= _alike(some, _open_beside(some, partner))
    found = found.filtered(is_untouched)
    return try_lock(found)


def _open_beside(lines, partner):
    """The other open lines of one legal person that may take the partner."""
    companies = company_tree(lines.company_id[:1]).filtered(
        lambda company: may_stand_on_line(partner, company)
    )
    return lines.search(
        [
            ("company_id", "in", companies.ids),
            ("is_reconciled", "=", False),
            ("state", "=", "posted"),
            ("partner_id", "in", [False, *lines.partner_id.ids]),
            ("id", "not in", lines.ids),
        ]
    )


def _alike(lines, others):
    """Those of ``others`` that are of the counterparty of one of ``lines``."""
    wanted = {(line.partner_id, told_by_bank(line)) for line in lines}
    return others.filtered(lambda other: _is_of_one(other, wanted))


def _is_of_one(other, wanted):
    told = told_by_bank(other)
    return any(
        other.partner_id in (partner, partner.browse()) and _is_same(one, told)
        for partner, one in wanted
    )


def _is_same(told, other):
    """Whether two counterparties have one tax code; or one IBAN and no two tax codes."""
    (code, iban), (other_code, other_iban) = told, other
    if code and other_code:
        return code == other_code
    return bool(iban) and iban == other_iban


def is_untouched(line):
    """Whether the partner of its entry can still be named."""
    _liquidity, suspense, others = line._seek_for_lines()
    is_locked = line.company_id._get_lock_date_violations(
        line.date, sale=False, purchase=False, tax=False
    )
    return (
        len(suspense) == 1
        and not others
        and not line.move_id.inalterable_hash
        and not is_locked
    )
