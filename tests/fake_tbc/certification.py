"""The page on which a person signs at the fake bank, as one does in the bank's internet
banking.
"""

import contextlib
from html import escape

from .order import OWN, TREASURY, UNDECIDED

_LATEST = 30  # decided orders that the page still shows

_STYLE = """
body { margin: 0; font: 15px/1.5 system-ui, sans-serif; background: #f3f5f8;
       color: #1b2733 }
header { background: #7a1f1f; color: #fff; padding: 14px 32px }
header strong { letter-spacing: .06em } main { padding: 8px 32px 48px }
h2 { font-size: 18px; margin: 28px 0 8px } form { display: inline }
table { border-collapse: collapse; width: 100%; margin-top: 8px; background: #fff;
        box-shadow: 0 1px 3px #0002 }
th, td { padding: 8px 12px; text-align: left; border-bottom: 1px solid #e4e8ee;
         vertical-align: top }
th { font-weight: 600; color: #5b6b7c; font-size: 13px }
td.amount { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
small { color: #5b6b7c; display: block }
button { font: inherit; padding: 4px 14px; border: 1px solid #b6c0cc; border-radius: 4px;
         background: #fff; cursor: pointer }
button.sign { background: #00758c; border-color: #00758c; color: #fff }
"""
_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Fake TBC Bank: certification</title>
<style>{style}</style></head>
<body><header><strong>FAKE TBC BANK</strong> Not a bank: a test program. No money moves
here.</header>
<main>{content}</main></body></html>
"""
_NOTHING = "<h2>Waiting for certification</h2><p>Nothing waits.</p>"
_HEADS = ("Beneficiary", "Account", "Amount", "Purpose", "Order")
_BENEFICIARIES = {OWN: "Own account", TREASURY: "State Treasury"}


def page(bank):
    """The whole page as HTML: what waits, with its buttons, and what was decided."""
    with bank.lock:
        orders, name = bank.transfers.orders, bank.transfers.batch_name
        waiting = [order for order in orders if order.status in UNDECIDED]
        decided = [order for order in orders if order.status not in UNDECIDED]
        content = _waiting(waiting, name) if waiting else _NOTHING
        content += _decided(decided[-_LATEST:]) if decided else ""
    return _PAGE.format(style=_STYLE, content=content)


def click(bank, form):
    """Do what a button says: ``decision`` (sign, reject) for ``transfer_id``,
    ``batch_id``, or all. What somebody else decided meanwhile stays.

    :raise KeyError: for anything that is not a button of the page.
    """
    decide = {"sign": bank.sign, "reject": bank.reject}[form["decision"]]
    names = form.keys() & {"transfer_id", "batch_id"}
    with contextlib.suppress(ValueError):
        decide(**{name: int(form[name]) for name in names})


def _waiting(orders, batch_name):
    """One table for the single orders, then one for each batch."""
    groups = {}
    for order in orders:
        groups.setdefault(order.batch_id, []).append(order)
    parts = [f"<h2>Waiting for certification: {len(orders)}</h2>", _buttons("all")]
    for batch_id, rows in sorted(groups.items(), key=lambda group: group[0] or 0):
        if batch_id is not None:
            title = f"Batch {batch_id} {escape(batch_name(batch_id) or '')}"
            buttons = _buttons("batch", batch_id=batch_id)
            parts.append(f"<h2>{title}: {len(rows)}</h2>{buttons}")
        parts.append(_table(rows, "", _row_buttons if batch_id is None else _nothing))
    return "".join(parts)


def _decided(orders):
    rows = _table(reversed(orders), "Status", _status)
    return f"<h2>Decided</h2>{rows}"


def _table(orders, last, cell):
    heads = "".join(f"<th>{head}</th>" for head in (*_HEADS, last))
    rows = "".join(_row(order, cell(order)) for order in orders)
    return f"<table><tr>{heads}</tr>{rows}</table>"


def _row(order, last):
    payload = order.payload
    kind = payload["transferType"]
    beneficiary = payload.get("beneficiaryName") or _BENEFICIARIES[kind]
    account = order.credit[0] if order.credit else payload.get("treasuryCode", "")
    amount = f"{order.cents / 100:,.2f} {payload['amount']['currency']}"
    purpose = escape(payload["description"])
    extra = escape(payload.get("additionalDescription", ""))
    return (
        f"<tr><td>{escape(beneficiary)}<small>{escape(kind)}</small></td>"
        f"<td>{escape(account)}<small>from {escape(order.debit[0])}</small></td>"
        f'<td class="amount">{escape(amount)}</td>'
        f"<td>{purpose}<small>{extra}</small></td>"
        f"<td>{order.transfer_id}<small>{escape(order.external_id or '')}</small></td>"
        f"<td>{last}</td></tr>"
    )


def _status(order):
    return f"{escape(order.status)}<small>{escape(order.reason_en or '')}</small>"


def _nothing(_order):
    return ""


def _row_buttons(order):
    return _buttons("", transfer_id=order.transfer_id)


def _buttons(what, **target):
    fields = "".join(
        f'<input type="hidden" name="{name}" value="{value}">'
        for name, value in target.items()
    )
    return "".join(
        f'<form method="post" action="/_fake/certification">{fields}'
        f'<button class="{decision}" name="decision" value="{decision}">'
        f"{f'{decision.title()} {what}'.strip()}</button></form> "
        for decision in ("sign", "reject")
    )
