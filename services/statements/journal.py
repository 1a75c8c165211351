"""The journal of an account: which one fits, its making, and what it offers then."""

from .adoption import adopt_movements, journal_to_go_on_with


def secured_journal_sentence(account):
    """Say that Odoo takes no lines in this journal, and the way out, or ``None``."""
    journal_sudo = account.sudo().journal_id
    if not journal_sudo.restrict_mode_hash_table:
        return None
    return account.env._(
        "%(journal)s has “Secure Posted Entries with Hash” switched on, and Odoo"
        " then takes no bank line that is not matched yet. Press Switch Off the Hash"
        " on the TBC account, or link another bank journal.",
        journal=journal_sudo.display_name,
    )


def misfit_sentence(account):
    """Say which journal the account needs instead of its own; ``None`` if it fits.

    It takes a bank journal of its currency and company.
    """
    journal = account.journal_id
    currency = journal.currency_id or journal.company_id.currency_id
    if (
        journal.type == "bank"
        and currency == account.currency_id
        and journal.company_id == account.company_id
    ):
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
    """Create a bank journal for each account that has none, and link it.

    Where the account was read into a journal before, that one goes on.
    """
    for account in accounts_sudo.filtered(lambda a: not a.journal_id):
        if journal := journal_to_go_on_with(account):
            account.journal_id = journal
            continue
        journals = account.env["account.journal"].with_company(account.company_id)
        journal = journals.create(prepare_journal_vals(account))
        account.write({"journal_id": journal.id, "book_opening": True})


def prepare_journal_vals(account):
    """Return the values of a new journal for an account.

    Journals of one IBAN share its bank account record.

    Never its ``journal_id`` or currency: these would belong to one journal only.
    """
    partner = account.company_id.partner_id
    bank_account = account.env["res.partner.bank"].search(
        [
            ("sanitized_acc_number", "=", account.iban),
            ("partner_id", "=", partner.id),
        ],
        limit=1,
    )
    if not bank_account:
        bank_account = account.env["res.partner.bank"].create(
            {"acc_number": account.iban, "partner_id": partner.id}
        )
    foreign = account.currency_id != account.company_id.currency_id
    return {
        "name": f"TBC {account.currency_id.name} …{account.iban[-4:]}",
        "type": "bank",
        "company_id": account.company_id.id,
        "currency_id": account.currency_id.id if foreign else False,
        "bank_account_id": bank_account.id,
    }


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
    """Put the method on a journal, with the outstanding account.

    With that account each payment has an entry of its own, in every edition, and is
    paid when a bank line is matched with it.
    """
    env = journal_sudo.env
    method = env.ref("account_tbc_bank.payment_method_tbc_transfer")
    if method in journal_sudo.outbound_payment_method_line_ids.payment_method_id:
        return
    payment = env["account.payment"].with_company(journal_sudo.company_id)
    payment = payment.new({"company_id": journal_sudo.company_id.id})
    env["account.payment.method.line"].create(
        {
            "payment_method_id": method.id,
            "journal_id": journal_sudo.id,
            "payment_account_id": payment._get_outstanding_account("outbound").id,
            # Behind Odoo's own: what is paid without a choice stays by hand.
            "sequence": 20,
        }
    )
