"""Reading accounts from the bank: the conductor of one read, and what it tells."""

import logging

from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from .. import messages
from ..tbc import TbcError
from .calls import UNREADABLE, call, end_calls
from .clock import bank_today, utc_now
from .connecting import open_client
from .dashboard import tell_dashboards
from .locks import try_lock
from .proof.bank_statements import update_months_and_statements
from .proof.day_by_day import StatementProof
from .proof.older_days import OlderDays
from .proof.reasons import keep_book_differences
from .refusals import forget_refusals, record_account_refusal
from .statements.bookmark import forget_end
from .statements.coverage import last_day_listed
from .statements.health import in_own_terms, is_busy_sentence, reading_obstacle
from .statements.held import held_from_books
from .statements.opening import book_opening_line
from .statements.read import AccountCursor, StatementRead, TimeIsUp
from .statements.unseen import ask_for_unseen
from .transfers.bank_line import match_transfers

_logger = logging.getLogger(__name__)

# A longer backlog is read by the scheduled action: a button must answer soon.
BUTTON_DAYS = 31
FAILURES_BEFORE_ACTIVITY = 3
_AT_REST = {
    "last_error": False,
    "failure_count": 0,
    "reading_at": False,
    "bookmark": False,
}
# Both are of the moment at which a transaction of the database began.
_LAST_WHOLE_READ = """
    COALESCE((SELECT write_date
                FROM tbc_sync_run
               WHERE account_id = %(account)s AND state = 'done' AND id < %(run)s
            ORDER BY id DESC LIMIT 1), '-infinity')
"""
# PostgreSQL does not know how late that is, and would go through all lines of the account
# for the first that fits: in this order it begins with the latest.
_NEWS = """
    SELECT 1
      FROM account_bank_statement_line
     WHERE tbc_account_id = %(account)s
       AND write_date >= LEAST(%(whole)s, %(begun)s)
       AND (write_date >= %(begun)s OR create_date > %(whole)s)
  ORDER BY write_date DESC
     LIMIT 1
"""


# === ONE READ === #


def read_and_prove(account, client, run, commit, *, is_scheduled=False):
    """Read everything from the cursor to today, prove it, and keep what differs.

    :param bool is_scheduled: see :func:`read_locked`

    :raise TbcError: the bank failed; what was booked stays, and the cursor stays before
        what was not read completely. :raise TimeIsUp: see there.
    """
    cursor = AccountCursor(account, run)
    read = StatementRead(account, client, cursor, commit, is_scheduled=is_scheduled)
    if account.sync_from > read.today:
        return
    read.book(*held_from_books(account))
    read.read_until_today()
    read.relist_miscounted()
    ask_for_unseen(read)
    read.extend_first_day()
    proof = StatementProof(read)
    proof.prove(read.suspects())
    book_opening_line(account)
    keep_book_differences(account, read.today, is_scheduled=is_scheduled)
    read.checkpoint(may_wait=True)
    days = proof.days_still_known()
    update_months_and_statements(account, client, commit, days)
    if account.last_sync_at or not read.bookmark.is_taken_up:
        # A first read of several calls has just listed them.
        OlderDays(read, proof).relist()


def read_locked(account, commit, *, is_scheduled=False):
    """Read one locked account (sudo), and tell the outcome on its run and itself.

    :param commit: called after each page: makes it last, returns the seconds left
    :param bool is_scheduled: whether it is one of the reads of each hour, which need not
        ask the bank for everything each time
    :return: the run, and the :class:`TbcError` that ended it or ``None``
    """
    account = in_own_terms(account)
    runs = account.env["tbc.sync.run"]
    running = [("account_id", "=", account.id), ("state", "=", "running")]
    runs.search(running).state = "cut"
    run = runs.create({"account_id": account.id})
    if obstacle := reading_obstacle(account):
        run.write({"state": "failed", "error": obstacle})
        return run, None
    error = _read(account, run, commit, is_scheduled=is_scheduled)
    tell_dashboards(account.env)
    return run, error


def _read(account, run, commit, *, is_scheduled):
    """Read, and tell the outcome; return the :class:`TbcError` that ended it, if any."""
    try:
        with open_client(account.integration_id) as client:
            read_and_prove(account, client, run, commit, is_scheduled=is_scheduled)
    except TimeIsUp:
        run.state = "partial"
    except TbcError as error:
        record_failure(account, run, messages.user_message(account.env, error))
        record_account_refusal(account, error)
        run.trace_id = error.trace_id or run.trace_id
        return error
    except UserError as error:
        record_failure(account, run, str(error))
    except ValueError as error:
        # The client does not send what the bank would not take.
        sentence = account.env._(
            "The bank can't be asked for this account: %(reason)s.", reason=error
        )
        record_failure(account, run, sentence)
    else:
        _record_success(account, run)
    return None


def _record_success(account, run):
    account.write({**_AT_REST, "last_sync_at": utc_now()})
    forget_refusals(account)
    _forget_what_follows(account)
    match_transfers(account)
    if _has_news(account, run):
        account.env.ref("account_tbc_bank.ir_cron_match").sudo()._trigger()
    end_calls(account)
    if account.integration_id.state == "draft":
        account.integration_id.state = "connected"
    figures = {name: account[name] for name in ("bank_balance", "difference")}
    run.write({"state": "done", "held": len(account.held_ids), **figures})


def _forget_what_follows(account):
    """Let the figures that follow from transactions be asked anew."""
    fields = account._fields.values()
    names = [one.name for one in fields if one.compute and not one.store]
    account.invalidate_recordset(names)


def _has_news(account, run):
    """Whether a transaction came since the last whole read, or changed in this one.

    A read that was cut short, or one of the past, may have brought it. For all else
    that a match may come of, the scheduled action runs by itself.
    """
    account.env["account.bank.statement.line"].flush_model(
        ["tbc_account_id", "write_date"]
    )
    whole = SQL(_LAST_WHOLE_READ, account=account.id, run=run.id)
    query = SQL(_NEWS, account=account.id, begun=run.create_date, whole=whole)
    return bool(account.env.execute_query(query))


def record_failure(account, run, sentence):
    """Tell a failure on the run and the account; the third one calls for a person."""
    _logger.info("TBC account %s: the read failed", account.id)
    run.write({"state": "failed", "error": sentence, "held": account.held_count})
    count = account.failure_count + 1
    account.write({"last_error": sentence, "failure_count": count, "reading_at": False})
    forget_end(account)
    if count == FAILURES_BEFORE_ACTIVITY:
        summary = account.env._("TBC Bank: an account can't be synced")
        user = account.integration_id.user_id
        call(account, user, reason=UNREADABLE, summary=summary, note=sentence)


# === AT ONCE === #


def sync_accounts(accounts):
    """Read these accounts in the caller's transaction; return their runs.

    An account that another worker reads now is left to it.
    """
    runs = accounts.env["tbc.sync.run"]
    for account_sudo in accounts.sudo():
        # The lock comes first: whoever waited for it must not decide on what the
        # account looked like before.
        account_sudo.flush_recordset()
        if try_lock(account_sudo):
            run, _error = read_locked(account_sudo, lambda: float("inf"))
            runs |= run
    return runs.with_env(accounts.env)


def sync_now(accounts):
    """Read now, a long backlog in the background; return how it went, for a notice."""
    env = accounts.env
    backlog = accounts.sudo().filtered(is_backlog)
    if backlog:
        # Whoever presses has set right what the bank refused.
        backlog.write({"queued_at": utc_now(), "refused_at": False})
        env.ref("account_tbc_bank.ir_cron_sync").sudo()._trigger()
    runs = sync_accounts(accounts - backlog.with_env(env))
    sentences = [run_sentence(run, named=len(accounts) > 1) for run in runs]
    sentences += [_backlog_sentence(account) for account in backlog]
    busy = accounts - runs.account_id - backlog
    sentences += [is_busy_sentence(account) for account in busy]
    return "\n".join(sentences), _kind_of(runs)


def _kind_of(runs):
    if "failed" in runs.mapped("state"):
        return "danger"
    is_ok = all(account.health == "ok" for account in runs.account_id)
    return "success" if is_ok else "warning"


def run_sentence(run, *, named=False):
    """What a read brought, for the notice after a click.

    :param bool named: whether to say of which account; a failure always does.
    """
    env, account = run.env, run.account_id
    if run.state == "failed":
        return f"{account.display_name}: {run.error}"
    count = env._("%(count)s new transactions.", count=run.new)
    if run.new == 1:
        count = env._("1 new transaction.")
    elif not run.new:
        count = env._("No new transactions.")
    name = f"{account.display_name}:" if named else None
    sentences = name, count, _repair_sentence(run), account.health_message
    return " ".join(filter(None, sentences))


def _repair_sentence(run):
    env, count = run.env, run.repaired
    if count == 1:
        return env._("1 late transaction was found and booked.")
    return count and env._(
        "%(count)s late transactions were found and booked.", count=count
    )


def is_backlog(account):
    """Whether so much is to be read that a click should not wait for it."""
    begin = last_day_listed(account) or account.sync_from
    return (
        account.integration_id.state == "connected"
        and bool(account.journal_id)
        and (bank_today() - begin).days > BUTTON_DAYS
    )


def _backlog_sentence(account):
    return account.env._(
        "%(account)s is being synced from %(day)s on, in the background.",
        account=account.display_name,
        day=format_date(account.env, last_day_listed(account) or account.sync_from),
    )
