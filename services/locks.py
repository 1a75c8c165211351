"""Workers that want the same rows at the same time."""

from psycopg2 import errors

from odoo.exceptions import LockError, UserError

# Of these the next try knows nothing any more.
RETRIED_ERRORS = (
    errors.SerializationFailure,
    errors.LockNotAvailable,
    errors.DeadlockDetected,
)
CONCURRENCY_ERRORS = (*RETRIED_ERRORS, errors.UniqueViolation)
MAX_ATTEMPTS = 5


class TakenByOtherWorker(Exception):
    """Another worker has taken the record between two pages, and goes on with it."""


def retry_on_conflict(env, step):
    """Return what ``step()`` gives, on a fresh view of the data if need be.

    A transaction sees what there was when it began, and may not lock a row that
    another one wrote since. Only for the beginning of a transaction: it rolls back.
    """
    for _attempt in range(MAX_ATTEMPTS - 1):
        try:
            return step()
        except CONCURRENCY_ERRORS:
            env.cr.rollback()
    return step()


def lock(records):
    """Lock the rows, and look at them anew."""
    records.flush_recordset()
    try:
        records.lock_for_update(allow_referencing=True)
    except LockError as error:
        raise UserError(
            records.env._(
                "Somebody else is changing this at the moment. Wait, then try again."
            )
        ) from error
    records.invalidate_recordset()


def try_lock(records):
    """Lock the rows that nobody else has, waiting for none; return their records.

    Others may write rows that refer to them: that changes nothing of theirs.
    """
    return records.try_lock_for_update(allow_referencing=True)
