"""Gives bank lines their counterpart: where their money goes, and why."""

from collections import defaultdict
from dataclasses import dataclass

from odoo.exceptions import UserError

from .at_once import write_at_once
from .chatter import write_notes
from .shares import divide, whole_share


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterpart:
    """Put ``line``'s suspense item on ``account``; reconcile it with ``items``.

    Records of Odoo, but for the texts:

    - ``note``: the sentence that explains it, on the line and in its entry's chatter;
    - ``other_leg``: a line matched together with this one, instead of ``items``;
    - ``parent``: the line that this fee or return belongs to;
    - ``reopened``: items whose reconciliation is taken back first;
    - ``currency`` and ``amount_currency``: of the suspense item, where it has to change;
    - ``tax``: included in the amount;
    - ``analytic_distribution``: as Odoo stores it;
    - ``label``: the text of the item, the line's own where there is none;
    - ``rule``: the operation rule that says so;
    - ``in_full``: whether nothing of ``items`` may be left open;
    - ``by_amount``: whether nothing but the amount says so.
    """

    line: object
    account: object
    note: str
    partner: object = None
    items: object = None
    other_leg: object = None
    parent: object = None
    reopened: object = None
    currency: object = None
    amount_currency: float = 0.0
    tax: object = None
    analytic_distribution: object = None
    label: str | None = None
    rule: object = None
    in_full: bool = False
    by_amount: bool = False


def put_on_counterpart(counterparts):
    """Do what each :class:`Counterpart` says, all or nothing; Odoo's undo reverts it.

    :raise UserError: Odoo refuses one of them.
    """
    if not counterparts:
        return
    moved, items = defaultdict(list), {}
    for one in counterparts:
        if one.reopened:
            one.reopened.remove_move_reconcile()
        if one.tax or one.analytic_distribution:
            _replace_suspense_item(one)
            continue
        items[one.line] = suspense_item(one.line)
        vals = _prepare_item_vals(one, items[one.line])
        moved[tuple(vals.items())].append(items[one.line].id)
    for vals, ids in moved.items():
        move_lines = counterparts[0].line.env["account.move.line"]
        write_at_once(move_lines.browse(ids), dict(vals))
    _reconcile(counterparts, items)
    _explain(counterparts)


def match_with_payments(lines, payments, note=None):
    """Match each of the lines with the payment at its place in ``payments``.

    :param note: why, where it is not the bank's payment id
    :raise UserError: Odoo refuses one of them.
    """
    pairs = zip(lines, payments, strict=True)
    put_on_counterpart([_of_payment(line, payment, note) for line, payment in pairs])


def _of_payment(line, payment, note):
    suspense = suspense_item(line)
    waiting, _counterpart, _write_off = payment._seek_for_lines()
    if len(waiting) != 1:
        raise UserError(line.env._("One of the two entries was changed by hand."))
    # A conversion's line is in the other currency; the payment never is.
    converted = suspense.currency_id != waiting.currency_id
    return Counterpart(
        line=line,
        account=waiting.account_id,
        partner=payment.partner_id,
        items=waiting,
        currency=waiting.currency_id if converted else None,
        amount_currency=-waiting.amount_currency,
        note=note
        or line.env._(
            "Matched with payment %(payment)s by the bank's payment ID %(payment_id)s.",
            payment=payment.display_name,
            payment_id=line.tbc_payment_id,
        ),
    )


def is_fee(line):
    """Whether the bank says that this is the fee of another operation."""
    return bool(line.tbc_parent_operation_id) and line.amount < 0


def is_return(line):
    """Whether the line brings back exactly what its parent took, and is no fee of it."""
    parent = line.tbc_parent_line_id
    return bool(parent) and not line.currency_id.compare_amounts(
        line.amount, -parent.amount
    )


def suspense_item(line):
    """The item that stands for what is not matched yet.

    It may be on an account that was the journal's suspense account when the line came
    in. Odoo finds out anew whether a line is reconciled as soon as an item of it
    changes its account: while it says no, nobody has moved the item.
    """
    _liquidity, suspense, others = line._seek_for_lines()
    if not suspense and len(others) == 1 and not line.is_reconciled:
        return others
    if len(suspense) != 1 or others:
        raise UserError(
            line.env._(
                "The counterpart of %(entry)s is on %(accounts)s, not on the journal's "
                "suspense account %(suspense)s alone. Put it there, or match the "
                "transaction by hand.",
                entry=line.move_id.display_name,
                accounts=", ".join(others.account_id.mapped("display_name")) or "–",
                suspense=line.journal_id.suspense_account_id.display_name,
            )
        )
    return suspense


def _prepare_item_vals(one, suspense):
    check_account(one.line, one.account)
    vals = {"account_id": one.account.id}
    # Those of several partners are moved at once, where each has its own already.
    if one.partner and one.partner != suspense.partner_id:
        vals["partner_id"] = one.partner.id
    if one.label:
        vals["name"] = one.label
    if one.currency:
        # Without its balance Odoo would make another one of the amount.
        vals["currency_id"] = one.currency.id
        vals["amount_currency"] = one.amount_currency
        vals["balance"] = suspense.balance
    return vals


def _replace_suspense_item(one):
    """Put an item of another kind, and those of its taxes, in the suspense item's place."""
    check_account(one.line, one.account)
    suspense = suspense_item(one.line)
    share = whole_share(
        suspense,
        one.account,
        label=one.label,
        partner=one.partner or one.line.partner_id,
        taxes=one.tax,
        analytic_distribution=one.analytic_distribution,
    )
    divide(suspense, [share])


def check_account(line, account):
    """A branch's own account holds nothing of its parent's.

    :raise UserError: ``account`` can't take the money of ``line``.
    """
    company = line.company_id
    if not account.company_ids & company.sudo().parent_ids:
        raise UserError(
            line.env._(
                "%(account)s belongs to %(owner)s alone, and this transaction to "
                "%(company)s: choose another account.",
                account=account.display_name,
                owner=account.sudo().company_ids[:1].name,
                company=company.name,
            )
        )


def _reconcile(counterparts, items):
    """Reconcile the lines' ``items`` with what they are matched with, wholly."""
    wholly = counterparts[0].line.env["account.move.line"]
    plan = []
    for one in counterparts:
        others = items[one.other_leg] if one.other_leg else one.items
        if others:
            wholly |= items[one.line]
            plan.append(items[one.line] + others)
        if one.items and one.in_full:
            wholly |= one.items
    reconcile_wholly(plan, wholly)


def reconcile_wholly(plan, wholly):
    """Reconcile as Odoo's ``plan`` says; nothing of the items ``wholly`` is left open.

    :raise UserError: something of them would be left.
    """
    if not plan:
        return
    wholly._reconcile_plan(plan)
    if not all(wholly.mapped("reconciled")):
        # Whatever is left of a line would be out of sight, on another account.
        raise UserError(wholly.env._("The amounts do not balance each other."))


def _explain(counterparts):
    explain(
        {one.line: one.note for one in counterparts},
        {
            one.line: {
                "tbc_match_by_amount": one.by_amount,
                "tbc_parent_line_id": one.parent.id if one.parent else False,
                "tbc_rule_id": one.rule.id if one.rule else False,
            }
            for one in counterparts
        },
    )


def explain(notes, vals):
    """Say on each line, and in its entry's chatter, why it was matched.

    :param notes: ``{line: sentence}``
    :param vals: ``{line: values}`` that are written with it
    """
    lines = next(iter(notes)).browse()
    # For account_reconcile_oca, where it is: of a match that it thinks to be in another
    # entry than the line's own, its undo reverses the invoices.
    mode = {"reconcile_mode": "edit"} if "reconcile_mode" in lines._fields else {}
    alike = defaultdict(list)
    for line, note in notes.items():
        told = {
            "tbc_match_note": note,
            "tbc_match_problem": False,
            "tbc_match_refused_at": False,
            **mode,
            **vals[line],
        }
        alike[tuple(told.items())].append(line.id)
    for told, ids in alike.items():
        # Whoever settles a line may not write what we tell of it.
        lines.sudo().browse(ids).write(dict(told))
    texts = {line.move_id.id: note for line, note in notes.items()}
    write_notes(lines.move_id.browse(texts), texts)
