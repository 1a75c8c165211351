"""The scheduled reads: whose turn it is, one commit a page.

Odoo gives a scheduled action little time and calls it again at once while something
remains. A commit frees the row lock, so each turn takes its record anew.
"""

import logging
from datetime import timedelta
from functools import partial

from odoo import fields
from odoo.fields import Domain

from ..tbc import TbcBusy, TbcUnreachable
from . import locks
from .clock import utc_now
from .locks import try_lock
from .statements.backfill import read_on, record_unexpected, trigger_backfill
from .statements.health import due_domain, in_own_terms
from .sync import read_locked, record_failure
from .unexpected import guarded, unexpected_sentence

_logger = logging.getLogger(__name__)

# Whoever still waits in the queue after this begins a new round with all others.
LONGEST_ROUND = timedelta(minutes=30)
# Whoever met another worker again and again tries later.
RETRY_PAUSE = timedelta(minutes=1)
# What the actions do that read accounts beside the first one; see ``data/ir_cron.xml``.
HELPER_CODE = "model._cron_sync_beside()"
# The states of a back-fill that the scheduled action goes on with.
_TO_BE_READ = ("waiting", "running")


def _give_turns(queue, integration_field, read):
    """Let one record after the other have its turn, while there is time.

    :param read: called with a record and whether its bank is down; returns
        ``time_is_up``, ``bank_down``, or ``None``: the next one has its turn
    """
    commit_progress = queue.env["ir.cron"]._commit_progress
    commit_progress(remaining=len(queue))
    down = queue.env["tbc.integration"]
    for position, record in enumerate(queue):
        commit_progress(1)
        integration = record.exists().mapped(integration_field)
        outcome = read(record, integration in down)
        if outcome == "time_is_up":
            commit_progress(remaining=len(queue) - position)
            return
        if outcome == "bank_down":
            down |= integration
        if not commit_progress():
            return


# === EVERY HOUR === #


def read_due_accounts(accounts):
    """Read every account that is due: the queue says who has not had a turn yet."""
    queue = locks.retry_on_conflict(accounts.env, partial(_queue, accounts))
    # Whoever is called finds the queue: both come with the same commit.
    _call_helpers(accounts.env, len(queue) - 1)
    _give_turns(queue, "integration_id", _read_account)


def read_beside(accounts):
    """Read accounts that wait in the queue, beside the action that has made it."""
    queue = locks.retry_on_conflict(accounts.env, partial(_waiting, accounts))
    _give_turns(queue, "integration_id", _read_account)


def _call_helpers(env, count):
    """Have so many more cron workers read accounts, as far as there are any.

    Odoo gives an action to one cron worker at a time, so each has one of its own.
    """
    domain = [("code", "=", HELPER_CODE), ("model_id.model", "=", "tbc.account")]
    helpers = env["ir.cron"].sudo().search(domain, order="id")
    for helper in helpers[: max(count, 0)]:
        helper._trigger()


def _record_unexpected(account, kind):
    """Tell what nobody thought of; return the failed run, and no error."""
    account = in_own_terms(account)
    run = account.run_ids.filtered(lambda run: run.state == "running")[:1]
    run = run or run.create({"account_id": account.id})
    record_failure(account, run, unexpected_sentence(account.env, kind))
    return run, None


def _queue(accounts):
    """Return the accounts of this round that wait; begin a round if none does."""
    # Two workers that start together must not make two queues, nor one of them
    # none: the second waits here, and sees the first one's queue on its next try.
    accounts.env.cr.execute("SELECT pg_advisory_xact_lock(hashtext('tbc_account'))")
    queue = _waiting(accounts)
    if not queue or min(queue.mapped("queued_at")) < utc_now() - LONGEST_ROUND:
        due = accounts.search(due_domain(), order="last_sync_at NULLS FIRST, id")
        # Who is locked is being read already.
        queue = try_lock(due)
        queue.queued_at = utc_now()
        queue.flush_recordset()
    return queue


def _waiting(accounts):
    """Return the accounts that wait in the queue.

    Partly read ones go to its end: one long history does not delay the others.
    """
    waiting = due_domain() & Domain("queued_at", "!=", False)
    return accounts.search(waiting, order="queued_at, last_sync_at NULLS FIRST, id")


def _take_from_queue(account):
    """Return this account if no other worker has it, and nobody had it meanwhile."""
    # Its reader locks it anew after each page, and would give way to who only looks.
    account = try_lock(account.exists().filtered("queued_at"))
    account.queued_at = False
    account.flush_recordset()
    return account.filtered_domain(due_domain())


def _read_account(account, is_down):
    """Read one account; return how its turn ended.

    It leaves the queue before: whatever happens to it, the others have their turn.
    """
    env, ir_cron = account.env, account.env["ir.cron"]
    taken = locks.retry_on_conflict(env, partial(_take_from_queue, account))
    # This frees the lock.
    ir_cron._commit_progress()
    try:
        if is_down or not try_lock(taken):
            return None
        outcome = _read_taken(account)
        ir_cron._commit_progress()
        return outcome
    except (locks.TakenByOtherWorker, *locks.CONCURRENCY_ERRORS) as error:
        # Somebody else wrote the same rows. What was committed stays; the rest is
        # read by that worker, or when its turn comes again.
        env.cr.rollback()
        _logger.info("TBC account %s: left to another worker", account.id)
        if isinstance(error, locks.RETRIED_ERRORS):
            return locks.retry_on_conflict(env, partial(_put_back, account))
        return None


def _put_back(account):
    """Let it wait for another turn, unless another worker has it."""
    account = try_lock(account)
    account.queued_at = utc_now()
    account.flush_recordset()
    return "time_is_up" if account else None


def _read_taken(account):
    run, error = guarded(
        account.env,
        partial(read_locked, account, partial(commit_page, account), is_scheduled=True),
        partial(_record_unexpected, account),
        passing=(locks.TakenByOtherWorker,),
    )
    if run.state == "partial":
        account.queued_at = utc_now()
        return "time_is_up"
    return "bank_down" if isinstance(error, TbcUnreachable | TbcBusy) else None


def commit_page(account):
    """Commit a page; return the seconds left.

    :raise TakenByOtherWorker: another worker took the account meanwhile.
    """
    seconds_left = account.env["ir.cron"]._commit_progress()
    if not try_lock(account):
        raise locks.TakenByOtherWorker
    return seconds_left


# === THE PAST === #


def read_due_backfills(backfills):
    """Read on where each back-fill stopped; whoever has waited longest comes first."""
    due = [("state", "in", _TO_BE_READ), ("account_id", "any", due_domain())]
    queue = backfills.search(due, order="read_at NULLS FIRST, id")
    _give_turns(queue, "account_id.integration_id", _read_backfill)


def _read_backfill(backfill, is_down):
    """Read on; return how its turn ended."""
    if is_down:
        return None
    turn = partial(_read_on_repeatedly, backfill)
    return guarded(backfill.env, turn, partial(record_unexpected, backfill))


def _read_on_repeatedly(backfill):
    env = backfill.env
    for _attempt in range(locks.MAX_ATTEMPTS):
        try:
            _lock_backfill(backfill)
            outcome = read_on(backfill, partial(commit_past_page, backfill))
            if outcome == "time_is_up":
                # Odoo runs it again, but wakes its sleeping workers for a trigger only.
                trigger_backfill(env)
            env["ir.cron"]._commit_progress()
            return outcome
        except locks.TakenByOtherWorker:
            env.cr.rollback()
            return None
        except locks.CONCURRENCY_ERRORS:
            # Somebody else wrote the same rows: that page is read again.
            env.cr.rollback()
            _logger.info("TBC back-fill %s: one page is read again", backfill.id)
    cron = env.ref("account_tbc_bank.ir_cron_backfill")
    cron._trigger(at=fields.Datetime.now() + RETRY_PAUSE)
    return None


def _lock_backfill(backfill):
    """Keep other workers from this back-fill until the transaction ends.

    No row lock: a person's Pause would wait for page after page.

    :raise TakenByOtherWorker: another worker has it, or it is not to be read any more.
    """
    backfill.env.cr.execute(
        "SELECT pg_try_advisory_xact_lock(hashtext('tbc_backfill'), %s)", (backfill.id,)
    )
    if not backfill.env.cr.fetchone()[0]:
        raise locks.TakenByOtherWorker
    backfill.invalidate_recordset()
    if not backfill.exists() or backfill.state not in _TO_BE_READ:
        raise locks.TakenByOtherWorker


def commit_past_page(backfill):
    """Commit a page; return the seconds left.

    :raise TakenByOtherWorker: somebody paused it, or another worker took it.
    """
    seconds_left = backfill.env["ir.cron"]._commit_progress()
    _lock_backfill(backfill)
    return seconds_left
