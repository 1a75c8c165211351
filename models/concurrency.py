"""Workers that want the same rows at the same time."""

from psycopg2 import errors

CONCURRENCY_ERRORS = (
    errors.SerializationFailure,
    errors.LockNotAvailable,
    errors.DeadlockDetected,
    errors.UniqueViolation,
)
MAX_ATTEMPTS = 5


def afresh(env, step):
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
