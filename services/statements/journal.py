"""The journal of an account: which one fits, its making, and what it offers then."""

from ..calls import language_of
from .adoption import adopt_movements, journal_to_go_on_with


def secured_journal_sentence(account):
    """Say that Odoo takes no lines in this journal, and the way out, or ``None``."""
    journal_sudo = account.sudo().journal_id
    if not journal_sudo.restrict_mode_hash_table:
        return None
    return account.env._(
        "%(journal)s has “Secure Posted Entries with Hash” switched on, and Odoo then "
        "takes no transaction that is still to match. Press Switch Off the Hash on the "
        "TBC account, or link another bank journal.",
        journal=journal_sudo.display_name,
    )


def misfit_sentence(account):
    """Say which journal the account needs instead of its own; ``None`` if it fits."""
    journal = account.journal_id
    currency = journal.currency_id or journal.company_id.currency_id
    found = journal.type, currency, journal.company_id
    if found == ("bank", account.currency_id, account.company_id):
        return None
    return account.env._(
        "%(account)s needs a bank journal of %(company)s in %(currency)s;"
        " %(journal)s is not one.",
        account=account.display_name,
        company=account.company_id.name,
        currency=account.currency_id.name,
        journal=journal.display_name,
    )


def create_journals(accounts_sudo):
    """Link a journal to each account that has none: the one that it was read into
    before, or a new one. Odoo offers no currency that is switched off.
    """
    accounts_sudo.currency_id.filtered(lambda one: not one.active).active = True
    for account in accounts_sudo.filtered(lambda a: not a.journal_id):
        if journal := journal_to_go_on_with(account):
            account.journal_id = journal
            continue
        journals = account.env["account.journal"].with_company(account.company_id)
        journal = journals.create(prepare_journal_vals(account))
        account.write({"journal_id": journal.id, "book_opening": True})


def prepare_journal_vals(account):
    """Return the values of a new journal for an account.

    Journals of one IBAN share its bank account record. Its ``journal_id`` and currency
    stay empty: these would be of one journal only.
    """
    foreign = account.currency_id != account.company_id.currency_id
    return {
        "name": f"TBC {account.currency_id.name} …{account.iban[-4:]}",
        "type": "bank",
        "company_id": account.company_id.id,
        "currency_id": account.currency_id.id if foreign else False,
        "bank_account_id": _bank_account_of(account).id,
    }


def _bank_account_of(account):
    """Return the company's bank account with this IBAN, perhaps a new one."""
    banks, partner = account.env["res.partner.bank"], account.company_id.partner_id
    found = banks.search(
        [("sanitized_acc_number", "=", account.iban), ("partner_id", "=", partner.id)],
        limit=1,
    )
    return found or banks.create({"acc_number": account.iban, "partner_id": partner.id})


def mark_journals(accounts):
    """These accounts' journals are theirs now, with the movements they hold."""
    accounts.journal_id.sudo().bank_statements_source = "tbc_bank"
    adopt_movements(accounts)
    offer_transfers(accounts)


def offer_transfers(accounts):
    """Put the payment method on the journals that may be paid from."""
    paying = accounts.sudo().filtered("integration_id.can_initiate_transfers")
    for journal in paying.journal_id:
        _add_payment_method(journal)


def _add_payment_method(journal_sudo):
    env = journal_sudo.env
    method = env.ref("account_tbc_bank.payment_method_tbc_transfer")
    if method in journal_sudo.outbound_payment_method_line_ids.payment_method_id:
        return
    language = language_of(journal_sudo.company_id)
    env["account.payment.method.line"].create(
        {
            # Odoo keeps one name for everybody.
            "name": method.with_context(lang=language).name,
            "payment_method_id": method.id,
            "journal_id": journal_sudo.id,
            "payment_account_id": _outstanding_account(journal_sudo.company_id).id,
            # Behind Odoo's own: what is paid without a choice stays by hand.
            "sequence": 20,
        }
    )


def _outstanding_account(company):
    """On it each payment has its own entry, and is paid when a bank line matches it."""
    payments = company.env["account.payment"].with_company(company)
    return payments.new({"company_id": company.id})._get_outstanding_account("outbound")
