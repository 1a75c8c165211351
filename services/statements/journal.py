"""The journal of an account: which one fits, its making, and what it offers then."""

from typing import NamedTuple

from odoo.tools import format_date

from ..calls import language_of
from ..clock import DAY
from .adoption import (
    adopt_movements,
    journal_to_go_on_with,
    last_day_from_elsewhere,
)


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


def archived_journal_sentence(account):
    """Say that nothing is booked where nobody sees it, and the way out, or ``None``.

    Whoever archives a journal wants to be rid of it, and may not mean the bank account.
    """
    journal_sudo = account.sudo().journal_id
    if not journal_sudo or journal_sudo.active:
        return None
    return account.env._(
        "The journal %(journal)s is archived, so nothing is synced into it. Unarchive"
        " the journal, or archive this account, too.",
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


class Plan(NamedTuple):
    """The journal that an account gets, none: a new one; and the first day wanted."""

    journal: object
    first_day: object


def plan_of(account, first_day):
    """Return what is right for an account without a journal, if nobody says otherwise:
    a second journal of an account that the books have already would count it twice.
    """
    journal = journal_to_take(account)
    return Plan(journal, first_day_in(account, journal, first_day))


def journal_to_take(account):
    """Return the free journal of an account: what it was read into before, or the one
    with its IBAN and currency.
    """
    if journal := journal_to_go_on_with(account):
        return journal
    named = _named(free_journals(account), account)
    # Of two, the one that has the money in it.
    return named.sorted(lambda one: not has_entries(one))[:1]


def free_journals(account):
    """Return the bank journals of its company and currency that no account has, not
    even an archived one, and that take bank lines.
    """
    return _journals_of_nobody(account).filtered(
        lambda one: one.active and not one.restrict_mode_hash_table
    )


def _journals_of_nobody(account):
    """Those that no account has, archived ones and those with a hash, too."""
    currency, company = account.currency_id, account.company_id
    journals = account.env["account.journal"].with_context(active_test=False)
    found = journals.search([("type", "=", "bank"), ("company_id", "=", company.id)])
    return found.filtered(
        lambda one: (
            (one.currency_id or company.currency_id) == currency
            and not one.tbc_account_ids
        )
    )


def _named(journals, account):
    """Those of these journals that have the account's number."""
    return journals.filtered(
        lambda one: one.bank_account_id.sanitized_acc_number == account.iban
    )


def first_day_in(account, journal, first_day):
    """Return the first day that is booked there: not what came from elsewhere, which
    has no ID of the bank to know it by.
    """
    last = journal and last_day_from_elsewhere(account, journal)
    return max(first_day, last + DAY) if last else first_day


def has_entries(journal):
    """Whether its bank account has a balance of its own: drafts count, as an opening
    entry that somebody is at.
    """
    items = journal.env["account.move.line"].sudo()
    domain = [
        ("account_id", "=", journal.default_account_id.id),
        ("parent_state", "!=", "cancel"),
    ]
    return bool(items.search_count(domain, limit=1))


def plan_sentence(account, journal):
    """Say in a few words what becomes of an account."""
    env = account.env
    if not journal:
        name = prepare_journal_name(account)
        return env._("New journal %(journal)s, with the opening balance", journal=name)
    if has_entries(journal):
        return env._("Has entries: no opening balance is booked")
    return env._("No entries yet: gets the opening balance")


def elsewhere_sentence(account, journal, first_day):
    """Say that a journal has transactions that are not from here, or ``None``.

    Of days before ``first_day`` they are no matter.
    """
    last = journal and last_day_from_elsewhere(account, journal, is_later=True)
    if not last or last < first_day:
        return None
    return account.env._(
        "%(journal)s has transactions from elsewhere until %(day)s. Choose a later"
        " first day for it, or they are booked twice.",
        journal=journal.display_name,
        day=format_date(account.env, last),
    )


def nameless_sentence(account):
    """Say which journal may be this account's, though none is taken, or ``None``."""
    named = _named(_journals_of_nobody(account), account).filtered(has_entries)
    if named:
        return account.env._(
            "%(journals)s has this account number and entries: choose it, or its balance"
            " counts twice. If it can't be chosen, unarchive it first, or switch off"
            " “Secure Posted Entries with Hash”.",
            journals=", ".join(named.mapped("display_name")),
        )
    journals = free_journals(account).filtered(
        lambda one: not one.bank_account_id and has_entries(one)
    )
    if not journals:
        return None
    return account.env._(
        "No account number, but entries: %(journals)s. If they are of %(account)s,"
        " choose that journal, or they are booked twice.",
        journals=", ".join(journals.mapped("display_name")),
        account=account.display_name,
    )


def create_journals(accounts_sudo, plans=None):
    """Link a journal to each account that has none: the one that there is for it, or a
    new one. Odoo offers no currency that is switched off.

    :param plans: ``{account: Plan}`` of those for which somebody has chosen
    """
    accounts_sudo.currency_id.filtered(lambda one: not one.active).active = True
    for account in accounts_sudo.filtered(lambda a: not a.journal_id):
        plan = (plans or {}).get(account) or plan_of(account, account.sync_from)
        _link_journal(account, plan)


def _link_journal(account, plan):
    journal_sudo = plan.journal.sudo()
    if account.sync_from != plan.first_day:
        account.sync_from = plan.first_day
    if not journal_sudo:
        journals_sudo = journal_sudo.with_company(account.company_id)
        journal_sudo = journals_sudo.create(prepare_journal_vals(account))
    # What the books have already is compared with the bank's, and not booked again.
    book_opening = account.book_opening or not has_entries(journal_sudo)
    account.write({"journal_id": journal_sudo.id, "book_opening": book_opening})


def prepare_journal_name(account):
    return f"TBC {account.currency_id.name} …{account.iban[-4:]}"


def prepare_journal_vals(account):
    """Return the values of a new journal for an account.

    Journals of one IBAN share its bank account record. Its ``journal_id`` and currency
    stay empty: these would be of one journal only.
    """
    foreign = account.currency_id != account.company_id.currency_id
    return {
        "name": prepare_journal_name(account),
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
