"""What nobody thought of must neither end a scheduled action nor go unnoticed."""

import logging

from ..tbc import check
from .calls import language_of
from .chatter import post_note
from .locks import CONCURRENCY_ERRORS
from .own_names import own_names

_logger = logging.getLogger(__name__)

# A bank that makes up a word for each movement is told of by these.
MOST_WORDS = 20


def guarded(env, step, told, passing=()):
    """Return what ``step()`` gives. What goes wrong unexpectedly is logged and told.

    Only for the outermost loop of a scheduled action, whose other turns go on: it
    rolls back to the last commit, and commits what ``told`` writes.

    :param told: called with the kind of the error, which :func:`unexpected_sentence`
        puts in words; returns what stands for ``step``'s
    :param passing: exceptions that the caller knows what to do with
    """
    try:
        return step()
    except (*CONCURRENCY_ERRORS, *passing):
        raise
    except Exception as error:
        env.cr.rollback()
        _logger.exception("TBC: an unexpected error in a scheduled action")
        outcome = told(type(error).__name__)
        env["ir.cron"]._commit_progress()
        return outcome


def unexpected_sentence(env, kind):
    """What people are told of an error of this kind.

    Without its own words: nobody knows what is in them.
    """
    return env._(
        "Something went wrong that nobody expected (%(kind)s). It is tried"
        " again by itself; if this stays, give the server's log to whoever"
        " looks after Odoo.",
        kind=kind,
    )


def tell_unknown_codes(integration_sudo, movements):
    """Tell of transaction types and status codes that no page of the bank's has."""
    types = {movement.transaction_type for movement in movements} - {None}
    codes = {movement.status_code for movement in movements}
    others = types.difference(check.TRANSACTION_TYPES)
    tell_unknown(integration_sudo, "transaction_type", others)
    others = codes.difference(check.STATUS_CODES)
    tell_unknown(integration_sudo, "status_code", others)


def tell_unknown_error(integration_sudo, error):
    """Tell of an error that has neither a code nor a title that we know."""
    if not check.is_known_error(error.code, error.title):
        tell_unknown(integration_sudo, "error", [error.code or error.title])


def tell_unknown(integration_sudo, kind, words, secrets=()):
    """Tell a word of the bank's once, on the integration; nothing stops for it.

    :param kind: one of ``tbc.unknown.word``
    :param words: as the bank writes them; what may be more than a word is cut
    :param secrets: texts that a word may not tell, beside the company's own names
    """
    if not words:
        return
    hidden = [*own_names(integration_sudo), *secrets]
    # An error may say anything; the others are words of closed lists.
    safe = check.safe_code if kind == "error" else check.safe_word
    told = {safe(word, hidden) for word in words}
    language = language_of(integration_sudo.company_id)
    integration_sudo = integration_sudo.with_context(lang=language)
    model_sudo = integration_sudo.env["tbc.unknown.word"]
    domain = [("integration_id", "=", integration_sudo.id), ("kind", "=", kind)]
    known = model_sudo.search(domain).mapped("name")
    new = sorted(told - set(known))[: max(MOST_WORDS - len(known), 0)]
    vals = {"integration_id": integration_sudo.id, "kind": kind}
    try:
        with integration_sudo.env.cr.savepoint():
            words_sudo = model_sudo.create([{**vals, "name": word} for word in new])
            words_sudo.flush_recordset()
    except CONCURRENCY_ERRORS:
        # Another worker tells it.
        return
    if new:
        post_note(integration_sudo, _unknown_sentence(words_sudo))


def _unknown_sentence(words_sudo):
    kind = words_sudo._fields["kind"].convert_to_export(words_sudo[0].kind, words_sudo)
    return words_sudo.env._(
        "The bank says something new (%(kind)s): %(words)s. Nothing stops for it. Press"
        " Check the Bank's Answers and send the file, so that it gets a meaning.",
        kind=kind,
        words=", ".join(words_sudo.mapped("name")),
    )
