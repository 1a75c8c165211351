"""From the accounts that the bank shows to journals and a first sync."""

from .clock import bank_today, utc_now
from .discovery import DISCOVER_DAYS, accounts_of_others
from .ledger import first_open_day
from .rates import missing_rate_sentence
from .statements.coverage import last_day_listed
from .statements.journal import create_journals


def prepare_dialog_vals(integration_sudo, pairs, trouble):
    """Return the values of the dialog that shows what will be made.

    :param pairs: what the bank showed, ``{(iban, currency code): name}``
    :param trouble: what of the test did not work, as a sentence, or ``None``
    """
    taken_sudo = accounts_of_others(integration_sudo, pairs)
    free_sudo = integration_sudo.account_ids.filtered(lambda one: not one.journal_id)
    return {
        "integration_id": integration_sudo.id,
        "account_ids": free_sudo.ids,
        "taken_ids": taken_sudo.ids,
        "sync_from": first_open_day(integration_sudo.company_id),
        "trouble": trouble,
    }


def warning(env, accounts, taken_sudo):
    """Say what is missing before these accounts can be synced, or ``""``."""
    sentences = [missing_rate_sentence(account) for account in accounts]
    if not accounts and not taken_sudo:
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


def begin(accounts, first_day):
    """Make the journals of these accounts, and let the scheduled action sync them from
    ``first_day`` on at once: a click must not wait for the bank.

    :param accounts: ``tbc.account``, of an integration that the caller may set up
    """
    new_sudo = accounts.sudo().filtered(lambda one: not one.journal_id)
    new_sudo.filtered(lambda one: one.sync_from != first_day).sync_from = first_day
    create_journals(new_sudo)
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
