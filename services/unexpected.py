"""What nobody thought of must neither end a scheduled action nor go unnoticed."""

import logging

from .locks import CONCURRENCY_ERRORS

_logger = logging.getLogger(__name__)


def guarded(env, step, told, passing=()):
    """Return what ``step()`` gives. What goes wrong unexpectedly is logged and told.

    Only for the outermost loop of a scheduled action, whose other turns go on: it
    rolls back to the last commit, and commits what ``told`` writes.

    :param told: called with a sentence for a person; returns what stands for ``step``'s
    :param passing: exceptions that the caller knows what to do with
    """
    try:
        return step()
    except (*CONCURRENCY_ERRORS, *passing):
        raise
    except Exception as error:
        env.cr.rollback()
        _logger.exception("TBC: an unexpected error in a scheduled action")
        # Without the error's own words: nobody knows what is in them.
        outcome = told(
            env._(
                "Something went wrong that nobody expected (%(kind)s). It is tried"
                " again by itself; if this stays, give the server's log to whoever"
                " looks after Odoo.",
                kind=type(error).__name__,
            )
        )
        env["ir.cron"]._commit_progress()
        return outcome
