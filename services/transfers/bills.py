"""Whether a payment's money is still this payment's to pay.

In the books a bill is paid by what is matched with it, and once: whoever confirms a
second dialog holds a payment that is matched with nothing. Nor may somebody else pay
the bill past the books. Queueing, initiating, sending and paying again all ask here.
"""

from .states import AT_THE_BANK
from .terms import is_transfer

WAITING = ("in_process", "paid")
# Its order was sent, so its money goes whatever becomes of it here.
ON_ITS_WAY = (*AT_THE_BANK, "done")


def _bills_of(payment):
    """The bills that the payment was registered for, or is matched with."""
    documents = _matched_moves(_items(payment)) - payment.move_id
    return payment.invoice_ids | documents.filtered(
        lambda move: move.is_invoice(include_receipts=True)
    )


def settled_by(payment):
    """How much of the payment is matched, in its own currency."""
    items = _items(payment)
    whole = abs(sum(items.mapped("amount_currency")))
    return max(whole - abs(sum(items.mapped("amount_residual_currency"))), 0.0)


def bills_fault(payment, settled=0.0):
    """Return why its bills are not this payment's to pay, as a sentence, or ``None``.

    :param settled: what was matched when it was queued, for a payment that was not
        registered for a bill; what is beyond is an advance.
    """
    bills = _bills_of(payment)
    if has_unposted_bills(payment):
        return payment.env._("A bill of it is not posted any more.")
    if payment.invoice_ids:
        settled = abs(sum(_items(payment).mapped("amount_currency")))
    missing = settled - settled_by(payment)
    if payment.currency_id.compare_amounts(missing, _slack(payment, bills)) > 0:
        return _missing_sentence(payment, bills, missing)
    return _rivals_sentence(payment, bills, _rivals(payment, bills))


def _rivals_sentence(payment, bills, rivals):
    """Names who else is there for the bills, where that is too much together."""
    claimed = sum(_claim(rival, payment) for rival in rivals)
    theirs = bills.browse().union(*map(_bills_of_rival, rivals))
    left = _open(payment, theirs) + _slack(payment, theirs)
    if payment.currency_id.compare_amounts(claimed, left) > 0:
        return payment.env._(
            "%(others)s is there for %(bills)s, too: together that is more than is"
            " owed. Cancel what is too much, or match it with what it is for.",
            others=_names(rivals),
            bills=_names(bills & theirs),
        )
    return None


def are_bills_open(payment):
    """Whether the whole amount of a rejected payment is open on its bills again."""
    bills = _bills_of(payment)
    rivals = _rivals(payment, bills)
    left = _open(payment, bills) - sum(_claim(rival, payment) for rival in rivals)
    left += _slack(payment, bills)
    return payment.currency_id.compare_amounts(left, payment.amount) >= 0


def owed_items(items):
    """Those on receivable and payable accounts: what a bill owes, or a payment pays."""
    return items.filtered(
        lambda item: item.account_type in ("asset_receivable", "liability_payable")
    )


def _items(payment):
    """What of this payment's entry pays its bills."""
    return owed_items(payment.move_id.line_ids)


def _matched_moves(items):
    partials = items.matched_debit_ids | items.matched_credit_ids
    return (partials.debit_move_id | partials.credit_move_id).move_id


def _missing_sentence(payment, bills, missing):
    """Names who has the bills instead, where there is somebody."""
    names = {
        "bills": _names(bills) or payment.env._("its bill"),
        "amount": payment.currency_id.format(missing),
    }
    others = _payers(payment, bills)
    if others:
        return payment.env._(
            "%(amount)s of it is not matched with %(bills)s, because %(others)s is there"
            " for that, too. Cancel it, and register a payment of what is left.",
            others=_names(others),
            **names,
        )
    return payment.env._(
        "%(amount)s of it is not matched with %(bills)s. Match it there again, or cancel"
        " it and register a payment of what is open.",
        **names,
    )


def _payers(payment, bills):
    """Whatever else pays these bills: payments, or the entries that are none."""
    items = owed_items(bills.line_ids)
    partials = items.matched_debit_ids | items.matched_credit_ids
    moves = _matched_moves(items) - bills - partials.exchange_move_id
    payments = moves.origin_payment_id | bills.matched_payment_ids.filtered(
        lambda other: other.state in WAITING
    )
    return [
        *(payments - payment),
        *moves.filtered(lambda move: not move.origin_payment_id),
    ]


def _rivals(payment, bills):
    """Payments and credit notes of these bills that are not used up by a match.

    What was paid by hand is paid, matched or not. A transfer that was not sent is no
    rival: it asks the same question before it goes.
    """
    others = (bills.matched_payment_ids - payment).filtered(_goes_or_went)
    notes = bills.reversal_move_ids.filtered(lambda note: note.state == "posted")
    return [one for one in (*others, *notes) if _claim(one, payment) > 0]


def _goes_or_went(payment):
    """Whether it is paid by hand, or the bank has or may have its order."""
    if payment.state == "in_process" and is_transfer(payment):
        return payment.tbc_transfer_ids.filtered(lambda o: o.state in ON_ITS_WAY)
    return payment.state in WAITING


def _claim(rival, payment):
    """What ``rival`` pays of its bills beside its matches, in the payment's currency."""
    if rival._name == "account.move":
        amount = abs(rival.amount_residual)
    elif rival.move_id:
        amount = abs(sum(_items(rival).mapped("amount_residual_currency")))
    else:
        # As in Enterprise, it waits for its bank line alone, which is matched with the
        # bill itself.
        amount = max(rival.amount - _paid_by_bank_lines(rival), 0.0)
    return rival.currency_id._convert(
        amount, payment.currency_id, payment.company_id, payment.date
    )


def _paid_by_bank_lines(payment):
    """What bank lines have settled of the bills of a payment without an entry."""
    if payment.state != "paid":
        return 0.0
    items = payment.invoice_ids.line_ids
    partials = items.matched_debit_ids.filtered("debit_move_id.statement_line_id")
    partials |= items.matched_credit_ids.filtered("credit_move_id.statement_line_id")
    company = payment.company_id
    return company.currency_id._convert(
        sum(partials.mapped("amount")), payment.currency_id, company, payment.date
    )


def _bills_of_rival(rival):
    is_note = rival._name == "account.move"
    return rival.reversed_entry_id if is_note else rival.invoice_ids


def _open(payment, bills):
    """What is open on the bills, in the payment's currency at its own day's rate."""
    total = sum(
        bill.direction_sign
        * bill.currency_id._convert(
            bill.amount_residual, payment.currency_id, payment.company_id, payment.date
        )
        for bill in bills
    )
    return abs(total)


def _slack(payment, bills):
    """A cent of rounding for each bill, where they are in other currencies."""
    others = bills.filtered(lambda bill: bill.currency_id != payment.currency_id)
    return len(others) * payment.currency_id.rounding


def _names(records):
    return ", ".join(record.display_name for record in records)


def last_paid_again(payment):
    """The last of the payments that stood in for this one, or none."""
    again = payment.tbc_paid_again_id
    while again.tbc_paid_again_id:
        again = again.tbc_paid_again_id
    return again


def standing_in_for(payment):
    """The payment that pays in place of this one now, or none."""
    again = last_paid_again(payment)
    return again.filtered(lambda one: one.state not in ("canceled", "rejected"))


def has_open_bills(payment):
    """Whether something is open on its bills, or it was registered for none."""
    bills = payment.invoice_ids
    return not bills or any(bills.mapped("amount_residual"))


def has_unposted_bills(payment):
    return bool(_bills_of(payment).filtered(lambda bill: bill.state != "posted"))
