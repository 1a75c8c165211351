"""What goes along when somebody undoes a match, and what forbids that."""

from odoo.exceptions import UserError

from ..counterpart import is_return

# What tells of a match, and who made it.
_REASONS = (
    "tbc_match_note",
    "tbc_match_by_amount",
    "tbc_match_problem",
    "tbc_parent_line_id",
    "tbc_rule_id",
    "tbc_settled_at",
    "tbc_settled_by_id",
)


def check_undo(lines):
    """:raise UserError: another entry has taken a line's money off the suspense account.

    account_reconcile_oca makes one where the journal keeps suspense accounts, and so may
    a person. Were the line undone alone, that entry would stay, and its money be there
    twice.
    """
    for line in lines:
        _liquidity, suspense, _others = line._seek_for_lines()
        partials = suspense.matched_debit_ids | suspense.matched_credit_ids
        moves = (partials.debit_move_id | partials.credit_move_id).move_id
        others = (moves - line.move_id).filtered(lambda one: not one.statement_line_id)
        if others:
            raise UserError(
                line.env._(
                    "%(line)s was matched by the entry %(entries)s, not by its own. Undo"
                    " it there: reset that entry to draft and cancel it, or reverse it.",
                    line=line.move_id.display_name,
                    entries=", ".join(others.mapped("display_name")),
                )
            )


def undone_with(lines):
    """The lines that are undone together with ``lines``, which are among them.

    Both legs of an own transfer, and a return and what it returned: one alone would
    leave its money out of sight on another account.
    """
    return lines | _other_legs(lines) | _returns(lines)


def part_netted(lines):
    """Part the credit notes from the invoices that they were matched with by us.

    Odoo parts what hangs on the line itself. Both were matched at one moment.
    """
    for line in lines:
        items = line.line_ids
        own = items.matched_debit_ids | items.matched_credit_ids
        group = items.full_reconcile_id.reconciled_line_ids
        others = (group.matched_debit_ids | group.matched_credit_ids) - own
        moments = set(own.mapped("create_date"))
        alike = others.filtered(lambda one, moments=moments: one.create_date in moments)
        alike.filtered(_is_netting).unlink()


def _is_netting(partial):
    """Whether it matches a credit note with an invoice."""
    items = partial.debit_move_id, partial.credit_move_id
    return all(item.move_id.is_invoice(include_receipts=True) for item in items)


def forget_reasons(lines):
    """Forget why the lines were matched; they stay unmatched, but for our own orders'.

    The bank's payment id tells beyond doubt what is our own order's.
    """
    vals = dict.fromkeys(_REASONS, False)
    ordered = of_orders(lines)
    ordered.sudo().write(vals)
    (lines - ordered).sudo().write({**vals, "tbc_match_undone": True})


def of_orders(lines):
    """Those of these lines that executed an order of ours."""
    orders_sudo = lines.env["tbc.transfer"].sudo()
    # An order that has no ID of the bank yet is not that of a line without one.
    payment_ids = lines.filtered("tbc_payment_id").mapped("tbc_payment_id")
    orders_sudo = orders_sudo.search([("bank_transfer_id", "in", payment_ids)])
    known = set(orders_sudo.mapped("bank_transfer_id"))
    return lines.filtered(lambda line: line.tbc_payment_id in known)


def _returns(lines):
    """What returns these lines, and what they return, as far as we matched it."""
    returns = lines.sudo().search(
        [("tbc_parent_line_id", "in", lines.ids), ("tbc_match_note", "!=", False)]
    )
    both = (lines | returns).filtered(
        lambda line: line.tbc_match_note and is_return(line)
    )
    originals = both.tbc_parent_line_id.filtered(
        lambda line: line.tbc_match_note and not line.tbc_payment_id
    )
    return (both | originals).with_env(lines.env) - lines


def _other_legs(lines):
    """The lines that were matched by transfer with these, by us."""
    own = lines.filtered("tbc_match_note")
    # Where the legs are of two companies, they meet on their parent's.
    transfer = own.company_id.sudo().parent_ids.transfer_account_id
    items = own.line_ids.filtered(lambda item: item.account_id in transfer)
    partials = items.matched_debit_ids | items.matched_credit_ids
    others = partials.debit_move_id | partials.credit_move_id
    return others.statement_line_id.filtered("tbc_match_note") - lines
