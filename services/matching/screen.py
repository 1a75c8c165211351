"""What the screen of transactions to match needs beside its cards."""

from datetime import datetime, time, timezone

from odoo.fields import Domain

from ...tbc import GEORGIAN_TIME
from ..clock import bank_today
from ..outstanding import BANK_TYPES
from .open_documents import item_rows
from .settlement import SettlementReader

_TO_MATCH = Domain([("is_reconciled", "=", False), ("state", "=", "posted")])


def to_match_action(env):
    """Return the screen's action, to be narrowed by whoever opens it."""
    return env["ir.actions.act_window"]._for_xml_id(
        "account_tbc_bank.account_bank_statement_line_action_to_match"
    )


def to_match_counts(journals):
    """``{journal: number of posted lines without a counterpart}``, in one query."""
    journals = journals.filtered(lambda journal: journal.type in BANK_TYPES)
    groups = journals.env["account.bank.statement.line"]._read_group(
        _TO_MATCH & Domain("journal_id", "in", journals.ids),
        ["journal_id"],
        ["__count"],
    )
    return dict(groups)


def match_counts(lines, domain):
    """Return ``{"left": n, "settled_today": n}`` of what the user may see.

    :param domain: of the lines that are looked at; today's are those of all of them
    """
    midnight = datetime.combine(bank_today(), time.min, GEORGIAN_TIME)
    midnight = midnight.astimezone(timezone.utc).replace(tzinfo=None)
    return {
        "left": lines.search_count(Domain(domain or []) & _TO_MATCH),
        "settled_today": lines.search_count([("tbc_settled_at", ">=", midnight)]),
    }


def rest_accounts(lines):
    """``{journal id: {"fees", "gain", "loss", "tbc"}}``: ``[id, name]`` or False each.

    ``tbc``: whether it is a journal of ours, so that its fees account can be chosen.
    """
    journals = lines.journal_id
    # An accountant reads no TBC account, but settles its lines.
    fees = {
        one.journal_id: one.fee_account_id for one in journals.sudo().tbc_account_ids
    }
    return {
        journal.id: {
            "fees": _named(fees.get(journal.sudo())),
            "tbc": journal.sudo() in fees,
            "gain": _named(journal.company_id.income_currency_exchange_account_id),
            "loss": _named(journal.company_id.expense_currency_exchange_account_id),
        }
        for journal in journals
    }


def match_items(line, item_ids):
    """Return open items that were chosen by hand, as the card of ``line`` shows them.

    ``amount`` is what each needs of the line, in the line's currency of its day.
    """
    items = SettlementReader(line.env).several("account.move.line", item_ids)
    items.check_access("read")
    rows = item_rows(items)
    return [
        rows[item.id].card(_needs(line, item), item.account_id.display_name)
        for item in items
    ]


def _needs(line, item):
    """Cents of the line that the item needs, at the rate of the line's day."""
    amount = item.currency_id._convert(
        item.amount_residual_currency, line.currency_id, line.company_id, line.date
    )
    return round(amount * 100)


def _named(account):
    return [account.id, account.display_name] if account else False
