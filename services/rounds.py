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
from .calls import in_words_for
from .clock import utc_now
from .locks import (
    CONCURRENCY_ERRORS,
    MAX_ATTEMPTS,
    TakenByOtherWorker,
    retry_on_conflict,
)
from .statements.backfill import read_on, record_unexpected, trigger_cron
from .statements.health import due_domain
from .sync import read_locked, record_failure
from .unexpected import guarded

_logger = logging.getLogger(__name__)

# Whoever still waits in the queue after this begins a new round with all others.
LONGEST_ROUND = timedelta(minutes=30)
# Whoever met another worker again and again tries later.
REST = timedelta(minutes=1)


# === EVERY HOUR === #


def read_due_accounts(accounts):
    """Read every account that is due: the queue says who has not had a turn yet.

    :param accounts: the empty ``tbc.account`` of the scheduled action
    """
    env, ir_cron = accounts.env, accounts.env["ir.cron"]
    queue = retry_on_conflict(env, partial(_queue, accounts))
    ir_cron._commit_progress(remaining=len(queue))
    away = env["tbc.integration"]
    for position, account in enumerate(queue, 1):
        # It leaves the queue before it is read: whatever happens to it then, the
        # others have their turn.
        taken = retry_on_conflict(env, partial(_take_from_queue, account))
        ir_cron._commit_progress(1)
        if taken and account.integration_id not in away:
            run, is_away = _read_in_turn(account)
            away |= is_away
            if run.state == "partial":
                account.queued_at = utc_now()
                ir_cron._commit_progress(remaining=len(queue) - position + 1)
                break
        if not ir_cron._commit_progress():
            break


def _record_unexpected(account, sentence):
    """Tell what nobody thought of; return the failed run, and no error."""
    account = in_words_for(account, account.integration_id.user_id)
    run = account.run_ids.filtered(lambda run: run.state == "running")[:1]
    run = run or run.create({"account_id": account.id})
    record_failure(account, run, sentence)
    return run, None


def _queue(accounts):
    """Return the accounts of this round that wait; begin a round if none does."""
    # Two workers that start together must not make two queues, nor one of them
    # none: the second waits here, and sees the first one's queue on its next try.
    accounts.env.cr.execute("SELECT pg_advisory_xact_lock(hashtext('tbc_account'))")
    due = accounts.search(due_domain(), order="last_sync_at NULLS FIRST, id")
    # Partly read accounts go to the end of the queue, so that one long history does not
    # delay the others.
    queue = due.filtered("queued_at").sorted("queued_at")
    if not queue or min(queue.mapped("queued_at")) < utc_now() - LONGEST_ROUND:
        # Who is locked is being read already.
        queue = due.try_lock_for_update(allow_referencing=True)
        queue.queued_at = utc_now()
        queue.flush_recordset()
    return queue


def _take_from_queue(account):
    """Return this account if no other worker has it, and nobody had it meanwhile."""
    account = account.try_lock_for_update(allow_referencing=True)
    account = account.filtered("queued_at")
    account.queued_at = False
    account.flush_recordset()
    return account.filtered_domain(due_domain())


def _read_in_turn(account):
    """Read one account; return its run, and its integration if the bank is away."""
    env = account.env
    runs, integrations = env["tbc.sync.run"], env["tbc.integration"]
    try:
        # The commit before freed the lock.
        if not account.try_lock_for_update(allow_referencing=True):
            return runs, integrations
        run, error = guarded(
            env,
            partial(read_locked, account, partial(commit_page, account)),
            partial(_record_unexpected, account),
            passing=(TakenByOtherWorker,),
        )
        env["ir.cron"]._commit_progress()
    except (TakenByOtherWorker, *CONCURRENCY_ERRORS):
        # Somebody else wrote the same rows. What was committed stays; the rest is
        # read by that worker, or at the next run.
        env.cr.rollback()
        _logger.info("TBC account %s: left to another worker", account.id)
        return runs, integrations
    is_away = isinstance(error, TbcUnreachable | TbcBusy)
    return run, account.integration_id if is_away else integrations


def commit_page(account):
    """Commit a page; return the seconds left.

    :raise TakenByOtherWorker: another worker took the account meanwhile.
    """
    seconds_left = account.env["ir.cron"]._commit_progress()
    if not account.try_lock_for_update(allow_referencing=True):
        raise TakenByOtherWorker
    return seconds_left


# === THE PAST === #


def read_due_backfills(backfills):
    """Read on where each back-fill stopped; whoever has waited longest comes first.

    :param backfills: the empty ``tbc.backfill`` of the scheduled action
    """
    env, ir_cron = backfills.env, backfills.env["ir.cron"]
    queue = backfills.search(_due_backfills(), order="read_at NULLS FIRST, id")
    ir_cron._commit_progress(remaining=len(queue))
    away = env["tbc.integration"]
    for position, backfill in enumerate(queue):
        integration = backfill.account_id.integration_id
        outcome = "left"
        if integration not in away:
            turn = partial(_take_turn, backfill)
            outcome = guarded(env, turn, partial(record_unexpected, backfill))
        if outcome == "away":
            away |= integration
        if outcome == "later":
            # Odoo runs it again, but only wakes its sleeping workers for a trigger.
            trigger_cron(env)
            ir_cron._commit_progress(remaining=len(queue) - position)
            return
        if not ir_cron._commit_progress(1):
            return


def _due_backfills():
    return Domain("state", "in", ("waiting", "running")) & Domain(
        "account_id", "any", due_domain()
    )


def _take_turn(backfill):
    """Read on; return ``later`` (time is over), ``away`` (the bank), or ``left``."""
    for _attempt in range(MAX_ATTEMPTS):
        try:
            _take(backfill)
            outcome = read_on(backfill, partial(commit_past_page, backfill))
            backfill.env["ir.cron"]._commit_progress()
            return outcome
        except TakenByOtherWorker:
            backfill.env.cr.rollback()
            return "left"
        except CONCURRENCY_ERRORS:
            # Somebody else wrote the same rows: that page is read again.
            backfill.env.cr.rollback()
            _logger.info("TBC back-fill %s: one page is read again", backfill.id)
    cron = backfill.env.ref("account_tbc_bank.ir_cron_backfill")
    cron._trigger(at=fields.Datetime.now() + REST)
    return "left"


def _take(backfill):
    """Keep other workers from this back-fill until the transaction ends.

    No row lock: a person's Pause would wait for page after page.

    :raise TakenByOtherWorker: another worker has it, or it is not to be read any more.
    """
    backfill.env.cr.execute(
        "SELECT pg_try_advisory_xact_lock(hashtext('tbc_backfill'), %s)", (backfill.id,)
    )
    if not backfill.env.cr.fetchone()[0]:
        raise TakenByOtherWorker
    backfill.invalidate_recordset()
    if not backfill.exists() or backfill.state not in ("waiting", "running"):
        raise TakenByOtherWorker


def commit_past_page(backfill):
    """Commit a page; return the seconds left.

    :raise TakenByOtherWorker: somebody paused it, or another worker took it.
    """
    seconds_left = backfill.env["ir.cron"]._commit_progress()
    _take(backfill)
    return seconds_left
