"""Takes the naming of a partner back: each line has him again whom it had before."""

from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.tools import SQL

from ..counterpart import suspense_item
from ..locks import lock, try_lock
from ..partners import find_partners, may_stand_on_line
from .counterparties import is_untouched, told_by_bank
from .settle_checks import check_open

# By its expression, as the index has it.
_OF_NAMINGS = """
    SELECT id FROM account_bank_statement_line
     WHERE tbc_naming->>'key' IN %(keys)s
"""


def take_back_partner(lines):
    """Give what was named together with ``lines`` the partners that it had before.

    Not what was settled since, or got another partner. A partner that was made stays,
    as he is a contact that somebody may use by now; his accounts go that came with him
    and that nobody trusts or uses.

    :return: the lines that have their earlier partner again
    :raise UserError: there is nothing to take back, or one of ``lines`` stays as it is.
    """
    lines.check_access("write")
    lock(lines)
    back = _named_with(lines)
    if not back:
        raise UserError(_nothing_sentence(lines))
    namings = {line: line.tbc_naming for line in back}
    for some in back.grouped(_before_and_company).values():
        some.partner_id = _earlier_of(some)
    back.sudo().tbc_naming = False
    _forget_accounts(back, namings)
    _leave_alone(back, namings)
    return back


def is_named(line):
    """Whether the partner whom somebody named is on the line, which is open still."""
    naming = line.tbc_naming
    return bool(
        naming and not line.is_reconciled and line.partner_id.id == naming["partner"]
    )


def _named_with(lines):
    """What was named with ``lines``; these as far as they can be taken back at all."""
    keys = {line.tbc_naming["key"] for line in lines if line.tbc_naming}
    if not keys:
        return lines.browse()
    lines.env["account.bank.statement.line"].flush_model(["tbc_naming"])
    rows = lines.env.execute_query(SQL(_OF_NAMINGS, keys=tuple(keys)))
    found = lines.search([("id", "in", [line_id for (line_id,) in rows])])
    found = found.filtered(is_named)
    chosen = found & lines
    for line in chosen:
        check_open(line)
        suspense_item(line)
    others = (found - chosen).filtered(
        lambda line: line.state == "posted" and is_untouched(line)
    )
    return chosen | try_lock(others)


def _nothing_sentence(lines):
    settled = lines.filtered("is_reconciled")[:1]
    if settled:
        check_open(settled)
    return lines.env._(
        "The partner of this transaction is not the one that was set here: there is"
        " nothing to undo. Choose the partner."
    )


def _before_and_company(line):
    return line.tbc_naming["before"], line.company_id


def _earlier_of(lines):
    """Who was there before, if he still exists and may stand there."""
    before = lines[:1].tbc_naming["before"]
    partner_sudo = lines.env["res.partner"].sudo().browse(before or ()).exists()
    may_stand = may_stand_on_line(partner_sudo, lines.company_id)
    return partner_sudo.sudo(False) if may_stand else partner_sudo.browse()


def _forget_accounts(lines, namings):
    """Delete the accounts that were kept for the partner, but not what is in use.

    By such an account the next transactions would take him by themselves.
    """
    ids = {one for naming in namings.values() for one in naming["accounts"]}
    accounts_sudo = lines.env["res.partner.bank"].sudo().browse(ids).exists()
    lines.env.flush_all()
    for account_sudo in accounts_sudo.filtered(lambda one: not one.allow_out_payment):
        if _is_told(account_sudo):
            continue
        try:
            with lines.env.cr.savepoint():
                account_sudo.unlink()
        except (UserError, IntegrityError):
            # A payment or a bill goes to it.
            continue


def _is_told(account_sudo):
    """Whether the bank tells it of the partner on a line."""
    lines_sudo = account_sudo.env["account.bank.statement.line"]
    return lines_sudo.search_count(
        [
            ("partner_id", "=", account_sudo.partner_id.id),
            ("account_number", "=", account_sudo.acc_number),
        ],
        limit=1,
    )


def _leave_alone(lines, namings):
    """Have the matching not name him again by itself, where it knows him surely."""
    nameless = lines.filtered(lambda line: not line.partner_id)
    for root_sudo, some in nameless.grouped(_root_sudo).items():
        found = find_partners(root_sudo, {line: told_by_bank(line) for line in some})
        again = some.filtered(
            lambda line, found=found: (
                line in found and found[line].id == namings[line]["partner"]
            )
        )
        again.sudo().tbc_match_undone = True


def _root_sudo(line):
    return line.company_id.sudo().root_id
