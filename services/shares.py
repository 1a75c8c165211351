"""Divides the money of a bank line among several items of its own entry."""

from collections import defaultdict
from dataclasses import dataclass
from itertools import accumulate

from odoo.exceptions import UserError

from .at_once import write_at_once


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """An item that takes a part of the suspense item's place.

    Records of Odoo, but for the texts and figures:

    - ``currency``, ``amount_currency``, ``balance``: as they stand on the item, in the
      sign of the books;
    - ``label``: its text, the line's own where there is none;
    - ``taxes``: included in the amount;
    - ``analytic_distribution``: as Odoo stores it;
    - ``item``: the open item that it pays.
    """

    account: object
    currency: object
    amount_currency: float
    balance: float
    label: str | None = None
    partner: object = None
    taxes: object = None
    analytic_distribution: object = None
    item: object = None


def whole_share(suspense, account, **terms):
    """The :class:`Share` that takes all of the suspense item's place."""
    return Share(
        account=account,
        currency=suspense.currency_id,
        amount_currency=suspense.amount_currency,
        balance=suspense.balance,
        **terms,
    )


def divide_each(divisions):
    """Divide the suspense items of several lines; return the items of each.

    One that a single share takes whole, without a tax, stays what it is and is only
    moved: so many of them are moved at once.

    :param divisions: pairs of a suspense item and its shares
    :raise UserError: Odoo refuses one of them.
    """
    found, moved = [], defaultdict(list)
    for suspense, shares in divisions:
        if is_moved := len(shares) == 1 and _is_whole(suspense, shares[0]):
            moved[_moving_vals(shares[0])].append(suspense.id)
        found.append([suspense] if is_moved else divide(suspense, shares))
    for vals, ids in moved.items():
        items = divisions[0][0].browse(ids).with_context(validate_analytic=True)
        write_at_once(items, dict(vals))
    return found


def _is_whole(suspense, share):
    """Whether the share takes all of it, as it stands."""
    same = share.currency == suspense.currency_id
    worth = share.amount_currency - suspense.amount_currency
    value = share.balance - suspense.balance
    return (
        same
        and share.currency.is_zero(worth)
        and suspense.company_currency_id.is_zero(value)
        and not (share.taxes or share.analytic_distribution)
    )


def _moving_vals(share):
    # Of the analytic plans nothing but what a person chose.
    vals = {
        "analytic_distribution": False,
        "account_id": share.account.id,
        "partner_id": share.partner.id if share.partner else False,
    }
    if share.label:
        vals["name"] = share.label
    return tuple(vals.items())


def divide(suspense, shares):
    """Put items of ``shares`` in the place of the suspense item; return one of each.

    The shares make up its balance. Of a share with taxes it is the item of the base.

    :raise UserError: Odoo refuses it, or a tax fits no bank line.
    """
    move = suspense.move_id
    groups = [_prepare_items_vals(suspense, share) for share in shares]
    vals_list = [vals for group in groups for vals in group]
    before = move.line_ids
    # Taxes are those that were chosen, none of the account's own.
    move.with_context(
        force_delete=True,
        skip_computed_taxes=True,
        skip_invoice_sync=True,
        skip_readonly_check=True,
        validate_analytic=True,
    ).write({"line_ids": [(2, suspense.id), *((0, 0, vals) for vals in vals_list)]})
    created = (move.line_ids - before).sorted("id")
    # Odoo looks at it when an item is changed, not when it is made.
    created._check_constrains_account_id_journal_id()
    ends = accumulate(map(len, groups))
    return [created[end - len(group)] for end, group in zip(ends, groups, strict=True)]


def _prepare_items_vals(suspense, share):
    """The values of the share's item, and of one more for each of its taxes."""
    label = share.label or suspense.name
    alike = {
        "currency_id": share.currency.id,
        "partner_id": share.partner.id if share.partner else False,
    }
    figures = _tax_figures(share)
    taxes = [
        {**alike, **_prepare_tax_vals(share, tax, suspense.company_currency_id)}
        for tax in figures["taxes"]
        if not share.currency.is_zero(tax["amount"])
    ]
    untaxed = {
        name: getattr(share, name) - sum(vals[name] for vals in taxes)
        for name in ("amount_currency", "balance")
    }
    base = {
        **alike,
        **untaxed,
        "name": label,
        "account_id": share.account.id,
        "analytic_distribution": share.analytic_distribution or False,
        "tax_ids": [(6, 0, share.taxes.ids if share.taxes else [])],
        "tax_tag_ids": [(6, 0, figures["base_tags"])],
    }
    return [base, *taxes]


def _tax_figures(share):
    """What Odoo computes of the taxes, which are included in the share's amount."""
    if not share.taxes:
        return {"taxes": [], "base_tags": []}
    for tax in share.taxes.flatten_taxes_hierarchy():
        _check_tax(tax)
    return share.taxes.with_context(force_price_include=True).compute_all(
        share.amount_currency,
        currency=share.currency,
        partner=share.partner or None,
        is_refund=_is_refund(share),
        handle_price_include=True,
    )


def _is_refund(share):
    """Whether the money goes against the taxes' way, as Odoo sees it on entries."""
    kinds = share.taxes.mapped("type_tax_use")
    is_sale = kinds[0] == "sale" or {"sale", "purchase"} <= set(kinds)
    return is_sale == (share.balance > 0)


def _check_tax(tax):
    if not tax.active:
        raise UserError(
            tax.env._("%(tax)s is archived: choose another tax.", tax=tax.name)
        )
    if tax.tax_exigibility == "on_payment":
        raise UserError(
            tax.env._(
                "%(tax)s is due when an invoice is paid: it fits no bank transaction.",
                tax=tax.name,
            )
        )


def _prepare_tax_vals(share, tax, company_currency):
    worth = share.balance / share.amount_currency
    return {
        "name": tax["name"],
        "account_id": tax["account_id"] or share.account.id,
        "analytic_distribution": tax["analytic"] and share.analytic_distribution,
        "tax_ids": [(6, 0, tax["tax_ids"])],
        "tax_repartition_line_id": tax["tax_repartition_line_id"],
        "tax_tag_ids": [(6, 0, tax["tag_ids"])],
        "amount_currency": tax["amount"],
        "balance": company_currency.round(tax["amount"] * worth),
    }
