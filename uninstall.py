"""What an uninstallation must leave in order for those who stay."""

from .services.calls import TYPES
from .services.outstanding import TBC_TRANSFER

# The Treasury's partner, its bank and its account; and whose they are while the module
# is not installed.
TREASURY = ("partner_treasury", "bank_treasury", "treasury_code_unified")
KEPT = "__account_tbc_bank__"


def uninstall_hook(env):
    """Put into Odoo's own terms what would otherwise hang in the air."""
    # Archived records too; and what happens here is no news of any of them.
    env = env(context={**env.context, "active_test": False, "tracking_disable": True})
    # No journal names a source of statements that is gone.
    of_tbc = [("bank_statements_source", "=", "tbc_bank")]
    env["account.journal"].search(of_tbc).bank_statements_source = "undefined"
    _leave_payments(env)
    _leave_treasury(env)
    # Odoo would delete the types, and can't while there is an activity of them.
    types = env["mail.activity.type"]
    for name in TYPES:
        types |= env.ref(name, raise_if_not_found=False) or types
    env["mail.activity"].search([("activity_type_id", "in", types.ids)]).unlink()


def _leave_payments(env):
    """Payments by TBC transfer become payments by hand, on a line of the same account.

    Odoo keeps the lines that payments use, and with them the method: a code that nothing
    knows any more, and that a new installation could not create a second time. Lines
    without payments go with the method.
    """
    payments = env["account.payment"].search(
        [("payment_method_line_id.payment_method_id.code", "=", TBC_TRANSFER)]
    )
    manual = env.ref("account.account_payment_method_manual_out")
    for line in payments.payment_method_line_id:
        line.write({"name": _free_name(line), "payment_method_id": manual.id})


def _free_name(line):
    """A name that stays free for the line of a new installation."""
    name = line.env._("%(method)s (uninstalled)", method=line.name)
    taken = set(line.journal_id.outbound_payment_method_line_ids.mapped("name"))
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name} {number}"
    return free


def _leave_treasury(env):
    """What people pay the Treasury by stays, and belongs to nobody meanwhile."""
    names = [f"account_tbc_bank.{name}" for name in TREASURY]
    found = [env.ref(name, raise_if_not_found=False) for name in names]
    if not all(found):
        return
    partner, bank, account = found
    accounts = env["res.partner.bank"].search(
        ["|", ("partner_id", "=", partner.id), ("bank_id", "=", bank.id)]
    )
    is_paid = env["account.payment"].search_count(
        [("partner_id", "=", partner.id)], limit=1
    )
    if accounts != account or is_paid:
        _give(env, of="account_tbc_bank", to=KEPT)


def pre_init_hook(env):
    """Take back what an earlier uninstallation has left."""
    _give(env, of=KEPT, to="account_tbc_bank")


def _give(env, *, of, to):
    env["ir.model.data"].search(
        [("module", "=", of), ("name", "in", TREASURY)]
    ).module = to
