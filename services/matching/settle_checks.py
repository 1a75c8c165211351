"""What forbids that a person settles a bank line so."""

from odoo.exceptions import UserError
from odoo.tools import format_datetime

from ..counterpart import check_account, is_fee
from ..outstanding import is_money, is_suspense
from ..transfers.candidates import open_candidates
from ..transfers.states import CLOSED, live, was_sent


def check_open(line):
    """:raise UserError: the line is settled already, or its entry stays as it is."""
    if line.is_reconciled:
        raise UserError(_settled_sentence(line))
    move = line.move_id
    if move.state != "posted":
        raise UserError(
            line.env._(
                "The entry %(entry)s is not posted: post it first.",
                entry=move.display_name,
            )
        )
    if move.inalterable_hash:
        raise UserError(
            line.env._(
                "The entry %(entry)s is secured by a hash and can't be changed any more:"
                " book its counterpart in another entry.",
                entry=move.display_name,
            )
        )


def _settled_sentence(line):
    env, user = line.env, line.sudo().tbc_settled_by_id
    if user:
        return env._(
            "%(user)s matched this transaction on %(moment)s. Undo that first.",
            user=user.name,
            moment=format_datetime(env, line.tbc_settled_at),
        )
    return env._(
        "This transaction is matched already. Undo that first. %(note)s",
        note=line.tbc_match_note or "",
    ).strip()


class HeldMoney:
    """Which accounts hold money, or what is not matched yet; each is looked up once."""

    def __init__(self):
        self._known = {}

    def is_on(self, account, company):
        """Whether it is the account of a bank or cash, or of bank lines in suspense."""
        key = account.id, company.id
        if key not in self._known:
            account_sudo = account.sudo()
            self._known[key] = is_money(account_sudo) or is_suspense(
                account_sudo, company.sudo()
            )
        return self._known[key]


def check_settlement(line, settlement, held_money):
    """:raise UserError: one of those chosen can't take the line's money.

    :param held_money: a :class:`HeldMoney`
    """
    for part in settlement.items:
        _check_item(line, part.item, held_money)
    for part in settlement.parts:
        _check_chosen_account(line, part.account, held_money)
        _check_taxes(line, part.taxes)
    if settlement.other_line:
        _check_other_line(line, settlement.other_line)
    _check_own_order(line, settlement)
    for part in settlement.items:
        _check_ordered_payment(line, part.item)


# === OPEN ITEMS === #


def _check_item(line, item, held_money):
    env, words = line.env, {"name": item.move_id.display_name}
    if not _are_one_legal_person(item, line):
        raise UserError(
            env._("%(name)s belongs to another company than the transaction.", **words)
        )
    check_account(line, item.account_id)
    if item.parent_state != "posted":
        raise UserError(env._("%(name)s is not posted: post it first.", **words))
    if item.reconciled or not item.amount_residual_currency:
        raise UserError(
            env._(
                "%(name)s is matched already, perhaps by somebody else just now. Choose"
                " again.",
                **words,
            )
        )
    account = item.account_id
    if not account.reconcile or held_money.is_on(account, line.company_id):
        raise UserError(
            env._(
                "%(account)s of %(name)s has no open items: choose it as an account"
                " instead.",
                account=account.display_name,
                **words,
            )
        )


def _are_one_legal_person(one, other):
    """Whether two records belong to a company and its branches."""
    return one.company_id.sudo().root_id == other.company_id.sudo().root_id


# === ACCOUNTS === #


def _check_chosen_account(line, account, held_money):
    words = {"account": account.display_name}
    if not account.active:
        raise UserError(
            line.env._("%(account)s is archived: choose another account.", **words)
        )
    if held_money.is_on(account, line.company_id):
        raise UserError(
            line.env._(
                "%(account)s is a bank's own account, or is for transactions to match: "
                "choose another account.",
                **words,
            )
        )
    check_account(line, account)


def _check_taxes(line, taxes):
    parents = line.company_id.sudo().parent_ids
    for tax in taxes:
        if tax.company_id not in parents:
            raise UserError(
                line.env._(
                    "%(tax)s belongs to another company than the transaction.",
                    tax=tax.display_name,
                )
            )


# === THE OTHER LEG === #


def _check_other_line(line, other):
    other.check_access("write")
    check_open(other)
    if (
        other.journal_id == line.journal_id
        or other.amount * line.amount >= 0
        or not _are_one_legal_person(other, line)
    ):
        raise UserError(
            line.env._(
                "%(other)s is not the other leg of this transaction: choose one of "
                "another journal, in the other direction.",
                other=other.move_id.display_name,
            )
        )


# === ORDERS === #


def _check_own_order(line, settlement):
    """What executed an order of ours settles the payment of that order."""
    order_sudo = own_order_sudo(line)
    payment_sudo = order_sudo.payment_id
    chosen = {part.item.move_id.id for part in settlement.items}
    if order_sudo and payment_sudo.move_id.id not in chosen:
        raise UserError(
            line.env._(
                "This is the transfer %(order)s, so it is matched with the payment"
                " %(payment)s: choose that.",
                order=order_sudo.display_name,
                payment=payment_sudo.display_name,
            )
        )


def own_order_sudo(line):
    """The order that ``line`` executed, while its payment waits for that."""
    orders_sudo = line.env["tbc.transfer"].sudo()
    if not line.tbc_payment_id or line.amount > 0 or is_fee(line):
        return orders_sudo
    orders_sudo = orders_sudo.search(
        [
            ("bank_transfer_id", "=", line.tbc_payment_id),
            ("account_id", "=", line.sudo().tbc_account_id.id),
            ("state", "not in", CLOSED),
            ("payment_id.is_matched", "=", False),
        ]
    )
    return orders_sudo if len(orders_sudo) == 1 else orders_sudo.browse()


def _check_ordered_payment(line, item):
    """What the bank pays, or may pay, waits for its own line."""
    orders_sudo = live(item.move_id.origin_payment_id.sudo().tbc_transfer_ids)
    for order_sudo in orders_sudo.filtered(was_sent) - own_order_sudo(line):
        if line.sudo() not in open_candidates(order_sudo):
            raise UserError(
                line.env._(
                    "%(payment)s is paid by the transfer %(order)s, and this is no"
                    " transaction of it.",
                    payment=order_sudo.payment_id.display_name,
                    order=order_sudo.display_name,
                )
            )
