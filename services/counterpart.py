"""Gives bank lines their counterpart: where their money goes, and why."""

from collections import defaultdict
from dataclasses import dataclass

from odoo.exceptions import UserError

from .chatter import write_notes


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
        if one.tax:
            _book_with_tax(one)
            continue
        items[one.line] = suspense_item(one.line)
        vals = _prepare_item_vals(one, items[one.line])
        moved[tuple(vals.items())].append(items[one.line].id)
    for vals, ids in moved.items():
        counterparts[0].line.env["account.move.line"].browse(ids).write(dict(vals))
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
                "The counterpart of %(entry)s is on %(accounts)s, not on the"
                " journal's suspense account %(suspense)s alone. Put it there, or"
                " match the line by hand.",
                entry=line.move_id.display_name,
                accounts=", ".join(others.account_id.mapped("display_name")) or "–",
                suspense=line.journal_id.suspense_account_id.display_name,
            )
        )
    return suspense


def _prepare_item_vals(one, suspense):
    _check_account(one)
    vals = {"account_id": one.account.id}
    if one.partner:
        vals["partner_id"] = one.partner.id
    if one.currency:
        # Without its balance Odoo would make another one of the amount.
        vals["currency_id"] = one.currency.id
        vals["amount_currency"] = one.amount_currency
        vals["balance"] = suspense.balance
    return vals


def _check_account(one):
    """A branch's own account holds nothing of its parent's."""
    company = one.line.company_id
    if not one.account.company_ids & company.sudo().parent_ids:
        raise UserError(
            one.line.env._(
                "%(account)s belongs to %(owner)s alone, and this line to"
                " %(company)s: match it by hand.",
                account=one.account.display_name,
                owner=one.account.company_ids[:1].name,
                company=company.name,
            )
        )


def _reconcile(counterparts, items):
    """Reconcile the lines' ``items`` with what they are matched with, wholly."""
    own = in_full = counterparts[0].line.env["account.move.line"]
    plan = []
    for one in counterparts:
        others = items[one.other_leg] if one.other_leg else one.items
        if others:
            own |= items[one.line]
            plan.append(items[one.line] + others)
        if one.items and one.in_full:
            in_full |= one.items
    if not plan:
        return
    own._reconcile_plan(plan)
    if not all((own | in_full).mapped("reconciled")):
        # Whatever is left of a line would be out of sight, on another account.
        raise UserError(own.env._("The amounts do not balance each other."))


def _explain(counterparts):
    """Say on each line, and in its entry's chatter, why it was matched."""
    for one in counterparts:
        one.line.write(
            {
                "tbc_match_note": one.note,
                "tbc_match_by_amount": one.by_amount,
                "tbc_match_problem": False,
                "tbc_match_refused_at": False,
                "tbc_parent_line_id": one.parent.id if one.parent else False,
            }
        )
    notes = {one.line.move_id.id: one.note for one in counterparts}
    write_notes(counterparts[0].line.move_id.browse(notes), notes)


# === TAX === #


def _book_with_tax(one):
    """Book the amount with the tax that it includes, in place of the suspense item."""
    _check_tax(one.tax)
    suspense = suspense_item(one.line)
    figures = one.tax.with_context(force_price_include=True).compute_all(
        suspense.amount_currency,
        currency=suspense.currency_id,
        partner=one.partner or None,
        handle_price_include=True,
    )
    partner = one.partner or one.line.partner_id
    alike = {"currency_id": suspense.currency_id.id, "partner_id": partner.id}
    vals_list = _prepare_taxed_items_vals(one, suspense, figures)
    one.line.move_id.with_context(
        force_delete=True, skip_readonly_check=True, skip_invoice_sync=True
    ).write(
        {
            "line_ids": [
                (2, suspense.id),
                *((0, 0, {**alike, **vals}) for vals in vals_list),
            ]
        }
    )


def _check_tax(tax):
    if not tax.active:
        raise UserError(
            tax.env._(
                "%(tax)s is archived: choose another tax for the rule.", tax=tax.name
            )
        )
    if tax.tax_exigibility == "on_payment":
        raise UserError(
            tax.env._(
                "%(tax)s is due when an invoice is paid: it fits no bank line.",
                tax=tax.name,
            )
        )


def _prepare_taxed_items_vals(one, suspense, figures):
    """The values of the items for the base and each tax; the base takes what is left."""
    share = suspense.balance / suspense.amount_currency
    taxes = [
        {
            "name": tax["name"],
            "account_id": tax["account_id"] or one.account.id,
            "tax_repartition_line_id": tax["tax_repartition_line_id"],
            "tax_tag_ids": [(6, 0, tax["tag_ids"])],
            "amount_currency": tax["amount"],
            "balance": suspense.company_currency_id.round(tax["amount"] * share),
        }
        for tax in figures["taxes"]
    ]
    base = {
        "name": suspense.name,
        "account_id": one.account.id,
        "tax_ids": [(6, 0, one.tax.ids)],
        "tax_tag_ids": [(6, 0, figures["base_tags"])],
        "amount_currency": suspense.amount_currency
        - sum(vals["amount_currency"] for vals in taxes),
        "balance": suspense.balance - sum(vals["balance"] for vals in taxes),
    }
    return [base, *taxes]
