"""What an opened row shows of one transaction: what the bank told, and how it is matched."""

from datetime import date

from odoo.tools import format_date, format_datetime

# The fields of the line that are shown as they are.
_FIELDS = (
    "transaction_type",
    "ref",
    "tbc_day",
    "tbc_operation_id",
)


def match_details(line):
    """Return ``{"told": [[label, text]], "matched": {…} or False}`` of a bank line.

    matched = {"by", "at", "why", "rule", "items": [{"id", "account", "partner", "label",
    "amount", "currency_id", "documents"}]}; what is not known is ``False``. Amounts are
    signed as the line is.
    """
    line.check_access("read")
    told = [[label, text] for label, text in _told(line) if text]
    return {"told": told, "matched": line.is_reconciled and _matched(line)}


def _told(line):
    """Yield label and text; what the bank leaves out is empty."""
    details = _members(line.transaction_details)
    other = _members(details.get("partnerAccountInfo"))
    env = line.env
    yield env._("Tax Code"), _text(other.get("taxCode"))
    yield env._("Personal Number"), _text(other.get("personalNumber"))
    yield (
        env._("Counterparty's Bank"),
        _text(other.get("bankName")) or _text(other.get("bankCode")),
    )
    yield env._("Transaction Type"), _type(line, details)
    for name in _FIELDS:
        yield _label(line, name), _shown(env, line[name])
    yield env._("Exchange Rate"), _text(details.get("exchangeRate"))
    yield env._("Additional Description"), _text(details.get("additionalDescription"))


def _members(value):
    return value if isinstance(value, dict) else {}


def _text(value):
    """What the bank sent, as far as it is text or a number."""
    is_shown = isinstance(value, str | int) and not isinstance(value, bool)
    return str(value).strip() if is_shown else ""


def _type(line, details):
    """The bank's type in words, where they are known."""
    told = _text(details.get("transactionType"))
    field = line.env["tbc.operation.rule"]._fields["transaction_type"]
    return dict(field._description_selection(line.env)).get(told, told)


def _label(line, name):
    labels = {
        "transaction_type": line.env._("Bank Code"),
        "ref": line.env._("Document"),
    }
    return labels.get(name) or line._fields[name]._description_string(line.env)


def _shown(env, value):
    return format_date(env, value) if isinstance(value, date) else value


def _matched(line):
    """Where the money went, who did that, when and why."""
    _liquidity, suspense, others = line._seek_for_lines()
    at = line.tbc_settled_at
    return {
        "by": line.sudo().tbc_settled_by_id.name,
        "at": bool(at) and format_datetime(line.env, at),
        "why": line.tbc_match_note,
        "rule": line.sudo().tbc_rule_id.name,
        "items": [_item(item) for item in suspense + others],
    }


def _item(item):
    partials = item.matched_debit_ids | item.matched_credit_ids
    items = partials.debit_move_id | partials.credit_move_id
    # What another company has is not told to who may not see it.
    documents = (items - item)._filtered_access("read").move_id
    return {
        "id": item.id,
        "account": item.account_id.display_name,
        "partner": item.partner_id.display_name,
        "label": item.name,
        "amount": -item.amount_currency,
        "currency_id": item.currency_id.id,
        "documents": ", ".join(documents.mapped("display_name")),
    }
