"""Who may prepare an order, and what forbids that it is queued, initiated or sent."""

from odoo.exceptions import AccessError
from odoo.tools import format_amount

from ... import messages
from ...tbc import check_order
from ..clock import bank_today
from ..connecting import check_may_initiate
from ..identity import in_person
from .bills import bills_fault, standing_in_for
from .candidates import turned_up_for
from .states import live
from .terms import changed_names, debit_account_sudo, is_transfer, to_bank
from .words import state_sentence


def check_may_prepare(env):
    if not env.su and not env.user.has_group("account_tbc_bank.group_tbc_transfers"):
        raise AccessError(env._("Only users of TBC Bank's transfers may prepare them."))


def check_may_follow(orders):
    """Whoever prepares, and the integration user, may ask how far an order is."""
    orders.check_access("read")
    if orders.sudo().integration_id.user_id != orders.env.user:
        check_may_prepare(orders.env)


def check_in_person(orders, sentence):
    """:raise AccessError: this is not the integration user, in person (``sentence``)."""
    orders.check_access("read")
    if not in_person(orders.env.user):
        raise AccessError(sentence)
    check_is_initiator(orders)


def check_is_initiator(orders):
    """:raise AccessError: this is not the integration user of these orders."""
    for integration_sudo in orders.sudo().integration_id:
        check_may_initiate(integration_sudo, orders.env.user)


def is_of_other_client(order):
    """Whether it was not sent with today's client ID, under which alone it is known."""
    return order.sent_with != order.integration_id.credential_ids.fingerprint


def was_sent_by_other_client(order):
    """Whether only another client of the bank can know what became of it."""
    return order.was_doubtful and is_of_other_client(order)


def obstacle(order):
    """Return what forbids that this queued order goes now, as a sentence (sudo)."""
    return (
        _account_obstacle(order)
        or _payment_obstacle(order)
        or _recipient_obstacle(order)
        or _change_obstacle(order)
        or next(iter(order_faults(order)), None)
    )


def _account_obstacle(order):
    if not order.account_id.active:
        return order.env._(
            "The TBC account that it leaves is archived, so it would not be synced."
        )
    if turned_up_for(order.payment_id):
        return order.env._(
            "An earlier transfer of the same bill, which was closed, has turned up at "
            "the bank. Look at that one first."
        )
    return None


def _payment_obstacle(order):
    payment, currency = order.payment_id, order.currency_id
    is_posted = payment.move_id.state == "posted"
    if payment.state != "in_process" or payment.is_matched or not is_posted:
        return order.env._("The payment is no longer one that waits for the bank.")
    if fault := bills_fault(payment, order.settled):
        return fault
    is_other_amount = currency.compare_amounts(payment.amount, order.amount)
    if payment.currency_id != currency or is_other_amount:
        return order.env._(
            "The payment was changed after its transfer was prepared. Reset the"
            " transfer to draft and prepare it again."
        )
    return None


def _recipient_obstacle(order):
    recipient = order.payment_id.partner_bank_id
    if not recipient.allow_out_payment or not recipient.active:
        return order.env._(
            "The recipient account %(account)s is not trusted any more: check it and"
            " trust it, then initiate again.",
            account=recipient.acc_number,
        )
    told = order.treasury_code or order.credit_account
    if recipient.sanitized_acc_number != told:
        return order.env._(
            "The recipient account was changed after the transfer was prepared. Reset"
            " it to draft and prepare it again."
        )
    return None


def _change_obstacle(order):
    names = changed_names(order)
    return names and order.env._(
        "This was changed after the transfer was prepared: %(fields)s. Reset it to"
        " draft and prepare it again.",
        fields=names,
    )


def second_person_sentence(order, user):
    """Return why ``user`` may not initiate what the same person prepared."""
    if order.queued_by_id != user:
        return None
    return over_limit_sentence(order.account_id, order.amount, order.currency_id)


def over_limit_sentence(account, amount, currency):
    """Return why one person alone may not pay this amount, or ``None`` (sudo)."""
    integration = account.integration_id
    limit = integration.second_person_above
    if not limit:
        return None
    amount = _company_amount(account.company_id, amount, currency)
    if amount is not None and amount <= limit:
        return None
    return account.env._(
        "Above %(limit)s two people are required: whoever prepared a transfer may not"
        " initiate it. Let somebody else prepare it.",
        limit=format_amount(account.env, limit, integration.company_currency_id),
    )


def _company_amount(company, amount, currency):
    """The amount at today's rate; ``None`` where Odoo has no rate to tell it by."""
    today = bank_today()
    domain = [
        ("currency_id", "=", currency.id),
        ("company_id", "in", (False, company.root_id.id)),
        ("name", "<=", today),
    ]
    is_foreign = currency != company.currency_id
    rates = currency.env["res.currency.rate"]
    if is_foreign and not rates.search_count(domain, limit=1):
        return None
    return currency._convert(amount, company.currency_id, company, today)


def payment_faults(payment):
    """Return sentences: why this payment can't have an order now."""
    faults = (_state_fault(payment), _account_fault(payment), _trust_fault(payment))
    return [fault for fault in faults if fault]


def _trust_fault(payment):
    recipient = payment.partner_bank_id
    if not recipient:
        return payment.env._("Choose the recipient's bank account on the payment.")
    if recipient.allow_out_payment and recipient.active:
        return None
    return payment.env._(
        "The recipient account %(account)s is not trusted: check it with the recipient,"
        " then allow Send Money on it.",
        account=recipient.acc_number,
    )


def _state_fault(payment):
    ordered = live(payment.tbc_transfer_ids).filtered(lambda o: o.state != "draft")
    if ordered:
        return payment.env._(
            "It has a transfer already (%(state)s).",
            state=state_sentence(ordered),
        )
    if not is_transfer(payment) or payment.payment_type != "outbound":
        return payment.env._("Its payment method is not TBC Transfer.")
    if again := standing_in_for(payment):
        return payment.env._(
            "It was paid again already, by %(again)s.", again=again.display_name
        )
    if payment.state == "draft":
        return payment.env._("It is a draft. Confirm it first.")
    if payment.state != "in_process":
        return payment.env._("It is paid, cancelled or rejected already.")
    return _entry_fault(payment) or bills_fault(payment)


def _entry_fault(payment):
    entry = payment.move_id
    if "expense_ids" in entry._fields and entry.expense_ids:
        return payment.env._("It is the entry of an expense, which is paid already.")
    if entry.state != "posted":
        return payment.env._("Its journal entry is not posted: post it first.")
    lines = payment.env["account.bank.statement.line"]
    of_lines = lines.search_count([("payment_ids", "in", payment.ids)], limit=1)
    if payment.is_matched or entry.statement_line_id or of_lines:
        return payment.env._(
            "It is matched with a bank transaction, so the bank has paid it already."
        )
    return None


def _account_fault(payment):
    account_sudo = debit_account_sudo(payment)
    if not account_sudo or not account_sudo.integration_id.can_initiate_transfers:
        return payment.env._(
            "The journal %(journal)s has no TBC account whose integration may"
            " initiate transfers.",
            journal=payment.journal_id.display_name,
        )
    if account_sudo.currency_id != payment.currency_id:
        return payment.env._(
            "The payment is in %(currency)s, and the account that it leaves is in"
            " %(other)s. The bank takes the amount in the account's currency.",
            currency=payment.currency_id.name,
            other=account_sudo.currency_id.name,
        )
    return None


def order_faults(order):
    """Return sentences: what the bank would refuse in this order."""
    return [
        messages.fault_message(order.env, fault, order)
        for fault in check_order(to_bank(order))
        if not fault.is_warning
    ]
