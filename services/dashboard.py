"""What the dashboard's cards tell of all journals together: one query a figure.

Each figure counts what the link beside it opens, as far as the user may see it.
"""

from collections import defaultdict

from odoo.fields import Domain
from odoo.tools import format_datetime

from .amounts import format_exactly, is_nil
from .matching.screen import to_match_counts
from .rates import old_rate_sentence, old_rate_words
from .transfers.paying import TO_PREPARE

# Told to the browsers of those who may see a card: ask for the figures again.
SYNCED = "account_tbc_bank/synced"

# {task: the state of its orders}; what is queued and initiated is for the bank.
_TASKS = {"to_initiate": "queued", "to_sign": "to_sign"}
_ORDERS = Domain("state", "=", "to_sign") | Domain(
    [("state", "=", "queued"), ("initiated_at", "=", False)]
)
# Where a bank statement does not agree, books and bank may agree all the same.
DIFFERING = Domain("kind", "!=", "statement")

# {health: the colour of its words}
_CLASSES = {
    "failed": "text-danger",
    "paused": "text-danger",
    "difference": "text-danger",
    "never": "text-muted",
    "reading": "text-muted",
    "unlinked": "text-muted",
}


def tell_dashboards(env):
    """Have the open dashboards show what has come, once this is committed."""
    group_sudo = env.ref("account.group_account_basic").sudo()
    group_sudo._bus_send(SYNCED, {})


def fill_cards(journals, data):
    """Put ``tbc_card`` into the data of each journal that has something to tell."""
    user = journals.env.user
    _look_up(journals)
    counts, cards = {}, defaultdict(dict)
    if user.has_group("account.group_account_basic"):
        counts["to_match"] = to_match_counts(journals)
    if user.has_group("account_tbc_bank.group_tbc_statements"):
        accounts = journals.tbc_account_ids
        gaps = gaps_of(accounts)
        for account in accounts:
            cards[account.journal_id] = _standing(account, gaps.get(account))
        counts |= _account_counts(accounts)
    if user.has_group("account_tbc_bank.group_tbc_transfers"):
        counts["to_prepare"] = to_prepare_counts(journals)
    for name, found in counts.items():
        for journal, count in found.items():
            cards[journal][name] = _task_words(journal.env, name, count)
    for journal, card in cards.items():
        data[journal.id]["tbc_card"] = card


def _look_up(journals):
    """Read what the cards need: by itself Odoo reads a hundred columns of each."""
    journals.sudo().fetch(["default_account_id", "restrict_mode_hash_table", "type"])
    accounts_sudo = journals.sudo().tbc_account_ids
    accounts_sudo.company_id.fetch(["currency_id", "parent_path"])
    accounts_sudo.integration_id.fetch(
        ["can_initiate_transfers", "can_read_statements", "rate_days", "state"]
    )


def _account_counts(accounts):
    """``{task: {journal: number}}`` of what is counted for each account."""
    counts = {**order_counts(accounts), "on_hold": on_hold_counts(accounts)}
    return {
        name: {account.journal_id: count for account, count in found.items()}
        for name, found in counts.items()
    }


# === ONE FIGURE EACH === #


def to_prepare_counts(journals):
    """``{journal: number of payments by TBC that were not prepared}``."""
    domain = TO_PREPARE & Domain("journal_id", "in", journals.ids)
    payments = journals.env["account.payment"]
    return dict(payments._read_group(domain, ["journal_id"], ["__count"]))


def order_counts(accounts):
    """``{task: {account: number of its transfer orders}}``, in one query."""
    groups = accounts.env["tbc.transfer"]._read_group(
        _ORDERS & Domain("account_id", "in", accounts.ids),
        ["account_id", "state"],
        ["__count"],
    )
    return {
        task: {account: count for account, state, count in groups if state == of_task}
        for task, of_task in _TASKS.items()
    }


def on_hold_counts(accounts):
    """``{account: number of transactions on hold}``."""
    groups = accounts.env["tbc.held.movement"]._read_group(
        [("account_id", "in", accounts.ids)], ["account_id"], ["__count"]
    )
    return dict(groups)


def gaps_of(accounts):
    """``{account: (by how much its days differ, of whichever sign; how many do)}``."""
    domain = DIFFERING & Domain("account_id", "in", accounts.ids)
    found = accounts.env["tbc.difference"]._read_group(
        domain, ["account_id", "day:day"], ["amount:sum"]
    )
    gaps = {}
    for account, _day, amount in found:
        total, days = gaps.get(account, (0.0, 0))
        gaps[account] = total + abs(amount), days + 1
    return gaps


# === THE WORDS === #


def _task_words(env, name, count):
    words = {
        "to_match": env._("%(count)s to match", count=count),
        "to_prepare": env._("%(count)s to prepare", count=count),
        "to_initiate": env._("%(count)s to initiate", count=count),
        "to_sign": env._("%(count)s to sign", count=count),
        "on_hold": env._("%(count)s on hold", count=count),
    }
    return words[name]


def _standing(account, gap):
    """How the account stands: in a few words, and whole where one asks for it."""
    env, health, last = account.env, account.health, account.last_sync_at
    moment = last and format_datetime(env, last, dt_format="short")
    words, opens = _state_words(account), "account"
    if gap:
        words, opens = _gap_words(account, gap), "differences"
    elif health == "ok" and not account.advice:
        opens = None
    return {
        "health": health,
        "class": _CLASSES.get(health, "text-warning-emphasis")
        if opens
        else "text-success",
        "state": words,
        "opens": opens,
        "message": account.health_message,
        "last_sync": moment and env._("Last synced %(moment)s", moment=moment),
    }


def _state_words(account):
    """What there is to say before anything else; a task by itself needs no words."""
    env = account.env
    if account.health in ("ok", "held"):
        checked = env._("Balance checked") if account.health == "ok" else ""
        return _advice_words(account) or checked
    if account.health == "reading":
        return env._("Syncing")
    if account.health == "difference" and not is_nil(account.difference):
        # What no single day explains, such as the opening balance.
        amount = format_exactly(account.currency_id, abs(account.difference))
        return env._("Differs by %(amount)s", amount=amount)
    return account.health_message


def _advice_words(account):
    """What is to be set right. An old rate stays for weeks: its sentence is too long."""
    if account.advice and account.advice == old_rate_sentence(account):
        return old_rate_words(account)
    return account.advice


def _gap_words(account, gap):
    amount, days = gap
    env, words = account.env, {"amount": format_exactly(account.currency_id, amount)}
    if days == 1:
        return env._("Differs by %(amount)s on 1 day", **words)
    return env._("Differs by %(amount)s on %(days)s days", days=days, **words)
