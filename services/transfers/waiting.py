"""What of an account's transfers waits: for its initiation, or for the bank's word."""

from odoo.fields import Domain

from .follow import ask_now
from .paying import may_prepare
from .remind import to_initiate
from .states import FOLLOWED, may_be_asked
from .words import totals_sentence

# Each is a question to the bank, while somebody waits for the answers.
MOST_ASKED = 20


def to_initiate_sentence(account):
    """ "3 transfers, 1,200.00 GEL" for who may initiate them, or ``None``."""
    if account.sudo().integration_id.user_id != account.env.user:
        return None
    orders = to_initiate(account)
    return (orders and totals_sentence(orders)) or None


def ask_waiting(accounts):
    """Ask the bank for the transfers of these accounts that wait for its word.

    As far as the present user may; those that were asked for last, come last.
    """
    env = accounts.env
    is_own = all(user == env.user for user in accounts.sudo().integration_id.user_id)
    if not (env.su or is_own or may_prepare(env)):
        return
    of_these = Domain("account_id", "in", accounts.ids)
    domain = of_these & Domain("state", "in", FOLLOWED) & may_be_asked()
    orders_sudo = env["tbc.transfer"].sudo()
    orders_sudo = orders_sudo.search(
        domain, order="next_question_at, id", limit=MOST_ASKED
    )
    if orders := orders_sudo.sudo(False)._filtered_access("read"):
        ask_now(orders)
