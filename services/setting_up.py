"""From the accounts that the bank shows to journals and a first sync."""

from odoo.fields import Command

from .clock import bank_today, utc_now
from .discovery import DISCOVER_DAYS, accounts_of_others, archived_accounts
from .fee_account import usual_fee_account
from .ledger import first_open_day
from .rates import missing_rate_sentence
from .statements.coverage import last_day_listed
from .statements.journal import (
    create_journals,
    elsewhere_sentence,
    journal_to_take,
    nameless_sentence,
    plan_of,
)


def prepare_dialog_vals(integration_sudo, pairs, trouble):
    """Return the values of the dialog that shows what will be made.

    :param pairs: what the bank showed, ``{(iban, currency code): name}``
    :param trouble: what of the test did not work, as a sentence, or ``None``
    """
    accounts = _without_journal(integration_sudo)
    return {
        "integration_id": integration_sudo.id,
        "account_ids": accounts.ids,
        "line_ids": [
            Command.create(
                {"account_id": one.id, "journal_id": journal_to_take(one).id}
            )
            for one in accounts
        ],
        "taken_ids": accounts_of_others(integration_sudo, pairs).ids,
        "archived_ids": archived_accounts(integration_sudo, pairs).ids,
        "sync_from": first_open_day(integration_sudo.company_id),
        "fee_account_id": usual_fee_account(integration_sudo.company_id).id,
        "trouble": trouble,
    }


def _without_journal(integration_sudo):
    return integration_sudo.account_ids.filtered(lambda one: not one.journal_id)


def warning(dialog_sudo):
    """Say what is missing before the accounts of a dialog can be synced, or ``""``."""
    env, accounts = dialog_sudo.env, dialog_sudo.account_ids
    taken_sudo, archived_sudo = dialog_sudo.taken_ids, dialog_sudo.archived_ids
    sentences = [missing_rate_sentence(account) for account in accounts]
    sentences += map(_line_warning, dialog_sudo.line_ids)
    if archived_sudo:
        sentences.append(_archived_sentence(archived_sudo))
    if not accounts and not taken_sudo and not archived_sudo:
        sentences.append(
            env._(
                "The bank listed no transaction of another account in the last"
                " %(days)s days. Add the account by hand under TBC Accounts, or come"
                " back after its first transaction.",
                days=DISCOVER_DAYS,
            )
        )
    for ones_sudo in taken_sudo.grouped("integration_id").values():
        sentences.append(_taken_sentence(env, ones_sudo))
    return "\n".join(dict.fromkeys(filter(None, sentences)))


def _taken_sentence(env, accounts_sudo):
    return env._(
        "The integration %(name)s has %(accounts)s already. An administrator"
        " may take them over.",
        name=accounts_sudo.integration_id.name,
        accounts=", ".join(accounts_sudo.mapped("display_name")),
    )


def _line_warning(line):
    """Say that days are booked twice, where somebody has chosen so, or may have to."""
    account, journal, first_day = line.account_id, line.journal_id, line.sync_from
    if not journal:
        return nameless_sentence(account)
    return first_day and elsewhere_sentence(account, journal, first_day)


def _archived_sentence(accounts_sudo):
    return accounts_sudo.env._(
        "Archived here, so not synced: %(accounts)s. An administrator unarchives them"
        " under TBC Accounts, with the filter Archived.",
        accounts=", ".join(accounts_sudo.mapped("display_name")),
    )


def begin(accounts, first_day, plans, fee_account):
    """Give these accounts their journals, and let the scheduled action sync them at
    once: a click must not wait for the bank.

    :param accounts: ``tbc.account``, of an integration that the caller may set up
    :param first_day: the first day wanted of those without a plan
    :param plans: ``{account: Plan}``, as far as the caller may choose
    :param fee_account: where the bank's fees of new accounts are booked, if anywhere
    """
    new_sudo = accounts.sudo().filtered(lambda one: not one.journal_id)
    of_others = {one: plan_of(one, first_day) for one in new_sudo if one not in plans}
    create_journals(new_sudo, {**of_others, **plans})
    new_sudo.filtered(lambda one: not one.fee_account_id).fee_account_id = fee_account
    accounts.sudo().write({"queued_at": utc_now(), "refused_at": False})
    accounts.env.ref("account_tbc_bank.ir_cron_sync").sudo()._trigger()


def progress(integration):
    """What the form shows of the first sync, until each account has had one."""
    accounts = integration.account_ids.filtered("journal_id")
    is_over = all(account.last_sync_at for account in accounts)
    if is_over or integration.state != "connected":
        return False
    return {"accounts": [_progress_of(account) for account in accounts]}


def _progress_of(account):
    env, until = account.env, last_day_listed(account)
    total = max((bank_today() - account.sync_from).days, 1)
    done = min((until - account.sync_from).days + 1, total) if until else 0
    if account.last_sync_at:
        done = total
    told = env._(
        "%(done)s of %(total)s days, %(count)s transactions",
        done=done,
        total=total,
        count=account.line_count,
    )
    return {
        "id": account.id,
        "name": account.display_name,
        "percent": 100 * done // total,
        "message": account.last_error or told,
        "is_failed": bool(account.last_error),
    }
