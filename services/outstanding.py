"""The outstanding account of TBC Transfer: on which one a transfer can wait."""

TBC_TRANSFER = "tbc_transfer"
MONEY_TYPES = ("asset_cash", "liability_credit_card")
BANK_TYPES = ("bank", "cash", "credit")
PARTNER_TYPES = ("asset_receivable", "liability_payable")


def paying_fault(journal):
    """Return why no transfer can be registered in this journal, or ``None``."""
    lines = journal.sudo().outbound_payment_method_line_ids
    return next(filter(None, map(outstanding_fault, lines)), None)


def outstanding_fault(line):
    """Return why this line's outstanding account can't be used, as a sentence.

    A transfer waits on that account until its movement is there. Without an account
    of its own Odoo takes the company's, which is in order.
    """
    journal, account_sudo = line.journal_id, line.sudo().payment_account_id
    if line.code != TBC_TRANSFER or not journal or not account_sudo:
        return None
    reason = _account_reason(line, account_sudo)
    return reason and line.env._(
        "%(journal)s: %(account)s can't be the outstanding account of TBC Transfer:"
        " %(reason)s Choose the account of outstanding payments in the journal, under"
        " Outgoing Payments.",
        journal=journal.display_name,
        account=account_sudo.with_company(journal.company_id).display_name,
        reason=reason,
    )


def _account_reason(line, account_sudo):
    """Why no transfer can wait on this account, or ``None``."""
    if is_money(account_sudo):
        return line.env._(
            "it is the account of a bank or of cash, so a bill would be called paid"
            " as soon as its payment is registered, and nobody would pay it."
        )
    if is_suspense(account_sudo, line.journal_id.company_id.sudo()):
        return line.env._(
            "bank transactions to match are on it, so none could be matched with a "
            "payment."
        )
    if not account_sudo.reconcile:
        return line.env._(
            "it does not allow reconciliation, so a bill would be called paid as soon"
            " as its payment is registered, and nobody would pay it."
        )
    if account_sudo.account_type in PARTNER_TYPES:
        return line.env._("the bills themselves stand on such an account.")
    return None


def is_money(account_sudo):
    """Whether it is the account of a bank or of cash."""
    return account_sudo.account_type in MONEY_TYPES or _has_journal(
        account_sudo,
        [("default_account_id", "=", account_sudo.id), ("type", "in", BANK_TYPES)],
    )


def is_suspense(account_sudo, company_sudo):
    """Whether bank lines wait on it for their match."""
    return (
        account_sudo == company_sudo.account_journal_suspense_account_id
        or _has_journal(account_sudo, [("suspense_account_id", "=", account_sudo.id)])
    )


def _has_journal(account_sudo, domain):
    journals_sudo = account_sudo.env["account.journal"].sudo()
    return bool(journals_sudo.with_context(active_test=False).search(domain, limit=1))
