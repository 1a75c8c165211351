"""Who the other side of a bank line is, as a person says: chosen, or made."""

from odoo.exceptions import UserError

from ...bookkeeping import clean_tax_code, georgian_tax_code
from ...tbc import clean_iban
from ..counterpart import suspense_item
from ..locks import lock
from ..partners import company_tree, find_partners, may_stand_on_line
from .settle_checks import check_open


def set_partner(line, partner_id):
    """Name the partner of this line, and of the other open ones of its counterparty.

    :return: the lines that have him now, this one first
    :raise UserError: he can't stand on the line.
    """
    _check_line(line)
    partner = _chosen(line.env, partner_id).commercial_partner_id
    if not partner.active or not may_stand_on_line(partner, line.company_id):
        raise UserError(
            line.env._(
                "This partner is archived, or belongs to another company. Choose another"
                " one."
            )
        )
    return _name(line, partner)


def _chosen(env, partner_id):
    is_id = isinstance(partner_id, int) and not isinstance(partner_id, bool)
    return env["res.partner"].search([("id", "=", is_id and partner_id)])


def make_partner(line):
    """Make the partner of what the bank says, and name him: see :func:`set_partner`.

    Whoever is known already by the tax code or the IBAN is taken. No money may go to
    the account until somebody trusts it.
    """
    _check_line(line)
    tax_code, iban = told_by_bank(line)
    key = line.id
    found = find_partners(line.company_id.sudo(), {key: (tax_code, iban)})
    partner_sudo = found.get(key) or _make(line, tax_code)
    return _name(line, partner_sudo.sudo(False).with_env(line.env))


def told_by_bank(line):
    """The counterparty's tax code and IBAN, each text or ``None``."""
    details = line.transaction_details or {}
    other = details.get("partnerAccountInfo") or {} if isinstance(details, dict) else {}
    return clean_tax_code(other.get("taxCode")), clean_iban(line.account_number)


def _check_line(line):
    line.check_access("write")
    lock(line)
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
    partners_sudo = line.env["res.partner"].sudo()
    if tax_code and (doubles := partners_sudo.search([("tbc_vat", "=", tax_code)])):
        raise UserError(
            line.env._(
                "There are partners with the tax code %(code)s already: %(names)s."
                " Choose one of them.",
                code=tax_code,
                names=", ".join(doubles.mapped("display_name")),
            )
        )
    is_person = len(georgian_tax_code(tax_code) or "") == 11
    return partners_sudo.create(
        {"name": name, "vat": tax_code or False, "is_company": not is_person}
    )


def _name(line, partner):
    others = _others_of(line)
    line.partner_id = partner
    others.partner_id = partner
    _keep_iban(line)
    return line | others


def _keep_iban(line):
    """Keep the account that the bank names, as Odoo does; nobody trusts it yet."""
    if clean_iban(line.account_number):
        line.sudo()._find_or_create_bank_account()


def _others_of(line):
    """The other open lines of this counterparty that have the same partner or none."""
    told = told_by_bank(line)
    if not any(told):
        return line.browse()
    lines = line.search(
        [
            ("company_id", "in", company_tree(line.company_id).ids),
            ("is_reconciled", "=", False),
            ("state", "=", "posted"),
            ("partner_id", "in", [False, line.partner_id.id]),
            ("id", "!=", line.id),
        ]
    )
    alike = lines.filtered(lambda one: _is_same(told, told_by_bank(one)))
    alike = alike.filtered(_is_untouched)
    return alike.try_lock_for_update(allow_referencing=True)


def _is_same(told, other):
    """Whether two counterparties have one tax code; or one IBAN and no two tax codes."""
    (code, iban), (other_code, other_iban) = told, other
    if code and other_code:
        return code == other_code
    return bool(iban) and iban == other_iban


def _is_untouched(line):
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
