"""What happened and what to do, in the user's language.

Sentences only: the bank's figures, places and names come in as arguments. Nothing in
here ever sees a client id, a secret or a token.
"""

from .tbc import errors as tbc


def user_message(env, error):
    """Return the sentence that tells the user of ``error``, a :class:`TbcError`.

    The bank's trace id ends it where there is one: the bank's support asks for it.
    """
    sentence = _by_title(env, error) or _by_class(env, error)
    if error.trace_id:
        sentence = env._(
            "%(sentence)s (The bank's trace ID: %(trace_id)s)",
            sentence=sentence,
            trace_id=error.trace_id,
        )
    return sentence


def _by_title(env, error):
    """The bank's own words, where it has one for the case."""
    sentences = {
        "USER_IS_DELETED": env._(
            "The bank says that the user linked to the API integration no longer exists."
            " Link an active user in Business Internet Banking, then enter the new"
            " client ID and secret."
        ),
        "USER_IS_NOT_ACTIVE": env._(
            "The bank says that the user linked to the API integration is not active."
            " Activate the user in Business Internet Banking, then test the connection."
        ),
        "USER_IS_BLOCKED": env._(
            "The bank says that the user linked to the API integration is blocked."
            " Unblock the user in Business Internet Banking, then test the connection."
        ),
        "NOT_AUTHORIZED": env._(
            "The bank says that the integration user may not see this account or"
            " period. Give the user this right in Business Internet Banking, then test"
            " the connection."
        ),
        "INVALID_ACCOUNT": env._(
            "The bank does not know this account in this currency, or the integration"
            " user may not see it. Check the IBAN and the currency."
        ),
        "invalid_client": env._(
            "The bank refused the client ID and secret. The integration user must enter"
            " them again, as Business Internet Banking shows them."
        ),
        "invalid_scope": env._(
            "The API integration lacks this permission. Tick it for the integration in"
            " Business Internet Banking, then test the connection."
        ),
    }
    return sentences.get(error.title) or sentences.get(error.code)


def _by_class(env, error):
    """The class says whether it is worth trying again; most special first."""
    if isinstance(error, tbc.TbcUnreachable):
        return env._(
            "The bank can't be reached, and nothing was sent to it. Check the server's"
            " internet connection; the next scheduled read tries again."
        )
    if isinstance(error, tbc.TbcUnreadable):
        return env._(
            "The bank's answer can't be read, so nothing was taken from it. The next"
            " scheduled read tries again; if it goes on, tell the bank's support."
        )
    if isinstance(error, tbc.TbcBusy):
        return env._(
            "The bank asks for fewer requests. The next scheduled read tries again."
        )
    if isinstance(error, tbc.TbcAuthRefused):
        return env._(
            "The bank refused access. Check the API integration and its permissions in"
            " Business Internet Banking, then test the connection."
        )
    if isinstance(error, tbc.TbcRefused):
        return env._(
            "The bank refused the request (%(code)s). Check the account's IBAN and"
            " currency; if they are right, tell the bank's support.",
            code=error.title or error.code or error.status,
        )
    return env._(
        "The bank did not answer as it should. Nothing is lost: the next scheduled read"
        " begins where the last complete one ended."
    )


def seal_message(env, error):
    """Return the sentence for a :class:`..crypto.SealError`."""
    sentences = {
        "no_key": env._(
            "The server has no key for the bank's credentials: tbc_bis_encryption_key is"
            " not set, and the key file is missing. Nothing was lost: put the key back,"
            " or let the integration user enter the client ID and secret again."
        ),
        "bad_key": env._(
            "tbc_bis_encryption_key holds something that is not a key. A key is 32"
            " random bytes in URL-safe base64; see the module's README."
        ),
        "no_file": env._(
            "The server can't read or make its key file for the bank's credentials,"
            " tbc_bis_encryption.key in the data folder. Nothing was lost: give the file"
            " to the account that Odoo runs as."
        ),
        "wrong_key": env._(
            "The bank's credentials were sealed with another key than the server has"
            " now. They are kept: put the old key back behind the new one in"
            " tbc_bis_encryption_key, or let the integration user enter the client ID"
            " and secret again."
        ),
        "wrong_place": env._(
            "The bank's credentials were entered for another integration or another"
            " database, and do not open in this one. The integration user must enter"
            " the client ID and secret again."
        ),
    }
    return sentences[error.reason]


def held_message(env, reason, *, currency=None, detail=None):
    """Return why a movement is not booked yet, and what lets it in."""
    sentences = {
        "waiting": env._("Not authorised at the bank yet. It is booked once it is."),
        "locked": env._(
            "Its day lies in a locked period. Move the lock date, or make an exception"
            " for everyone; the next read books it."
        ),
        "currency": env._(
            "It has an amount in %(currency)s, which is switched off in Odoo. Activate"
            " the currency; the next read books it.",
            currency=currency,
        ),
        "account": env._(
            "The bank lists it under this account, but it names another account or"
            " currency. Tell the bank's support its number."
        ),
        "unreadable": env._(
            "The bank's movement can't be read: %(detail)s. It is read again each time;"
            " if it stays, tell the bank's support its number.",
            detail=detail,
        ),
        "refused": env._(
            "Odoo refuses to book it: %(detail)s It is tried again at each read.",
            detail=detail,
        ),
    }
    return sentences[reason]
