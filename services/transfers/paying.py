"""What *Pay* offers first, and which payments by TBC the bank is not asked to make."""

from odoo.fields import Domain
from odoo.tools import format_date

from ..outstanding import TBC_TRANSFER
from .checks import over_limit_sentence, second_person_sentence
from .prepare import queue_payments
from .states import CLOSED
from .words import totals_sentence

# A payment by TBC that waits for the bank, and no transfer tells the bank of it; as the
# filter of that name.
TO_PREPARE = Domain(
    [
        ("payment_method_id.code", "=", TBC_TRANSFER),
        ("state", "=", "in_process"),
        ("is_matched", "=", False),
        (
            "tbc_transfer_ids",
            "not any",
            [("state", "not in", ("draft", *CLOSED))],
        ),
    ]
)


def transfer_line(journal, payment_type):
    """The journal's way of paying by TBC Transfer, or none where it has no such way."""
    lines = journal._get_available_payment_method_lines(payment_type)
    return lines.filtered(lambda line: line.code == TBC_TRANSFER)[:1]


def may_prepare(env):
    return env.user.has_group("account_tbc_bank.group_tbc_transfers")


# === NOT PREPARED === #


def unprepared(payments):
    """Those of these payments that wait to be prepared (sudo)."""
    return payments.filtered_domain(TO_PREPARE)


def has_unprepared(bill):
    """Whether one of this bill's payments is not prepared (sudo)."""
    return bool(unprepared(bill.matched_payment_ids | bill.reconciled_payment_ids))


# === PREPARED AT ONCE === #


def prepare_at_once(payments, batch_name=None):
    """Prepare these; return ``(sentence, kind)``: what was, and who has to initiate it.

    Whoever prepared what the same person may not initiate reads that now.
    """
    name = (batch_name or "").strip()
    orders_sudo = queue_payments(payments, batch_name=name or None).sudo()
    env, users = orders_sudo.env, orders_sudo.integration_id.user_id
    sentence = env._(
        "Prepared: %(transfers)s. Next, %(users)s must initiate them.",
        transfers=totals_sentence(orders_sudo),
        users=", ".join(users.mapped("name")),
    )
    for order in orders_sudo:
        if limit := second_person_sentence(order, order.integration_id.user_id):
            return f"{sentence}\n{limit}", "warning"
    return sentence, "success"


def batch_name(env, day):
    """The name under which several payments go together, if nobody gives another."""
    return env._("Payments of %(day)s", day=format_date(env, day))


def limit_warning(wizard):
    """Say in *Pay* that the present user could prepare this, but not initiate it."""
    account = wizard.journal_id.sudo().tbc_account_ids[:1]
    if account.integration_id.user_id != wizard.env.user or not wizard.can_edit_wizard:
        return None
    return over_limit_sentence(account, wizard.amount, wizard.currency_id)
