"""How the bank says no. Bank's page: bis-errors. The bodies of 401 and 429 are not
public: ours are guesses in the shape of a common API gateway.
"""

import secrets

from .exchange import Reply

PROBLEM = "application/problem+json; charset=utf-8"

# title → (HTTP status, code), the Accounts table of the page
ACCOUNTS_ERRORS = {
    "INCORRECT_INPUT_DATA": (400, "ValidationError"),
    "INVALID_ACCOUNT": (400, "DomainError"),
    "USER_IS_DELETED": (400, "DomainError"),
    "USER_IS_NOT_ACTIVE": (400, "DomainError"),
    "USER_IS_BLOCKED": (400, "DomainError"),
    "NOT_AUTHORIZED": (403, "ForbiddenError"),
    "GENERAL_ERROR": (500, "SystemError"),
}

# code → (HTTP status, title), the Transfers table of the page: there it is the code
# that says what happened. The title of a duplicate batch is a guess, and that of
# VALIDATION_ERROR is the broken rule.
TRANSFERS_ERRORS = {
    "ValidationError": (400, "One or more validation errors occurred"),
    "DUPLICATED_SINGLE_TRANSFER_REQUEST": (400, "Duplicated Single Transfer Request"),
    "DUPLICATED_BATCH_TRANSFER_REQUEST": (400, "Duplicated Batch Transfer Request"),
    "VALIDATION_ERROR": (400, "Business validation failed"),
    "DomainError": (400, "Domain logic validation error"),
    "Unauthorized": (401, "Unauthorized access"),
    "ObjectNotFound": (404, "Requested object was not found"),
    "SystemError": (500, "An error occurred while processing your request"),
    "ApplicationError": (500, "Application logic validation error"),
}


class Refusal(Exception):
    """An error answer on its way out. :param Reply reply: what the client gets."""

    def __init__(self, reply):
        super().__init__(reply.status)
        self.reply = reply


def problem(title, *, faults=None, detail=None):
    """An Accounts error by its title, as application/problem+json.

    :param dict faults: parameter → list of sentences, the ``errors`` member.
    """
    status, code = ACCOUNTS_ERRORS[title]
    return _problem(status, code, title, detail=detail, errors=faults)


def transfer_problem(code, *, title=None, faults=None, sought=(None, None)):
    """A Transfers error by its code, as application/problem+json.

    :param str title: in place of the one in the table.
    :param dict faults: member of the body → list of sentences, the ``errors`` member.
    :param sought: ``objectType`` and ``objectId`` of what was not found.
    """
    status, usual = TRANSFERS_ERRORS[code]
    return _problem(status, code, title or usual, errors=faults, sought=sought)


def _problem(status, code, title, *, detail=None, errors=None, sought=(None, None)):
    value = {
        "type": f"https://developers.tbcbank.ge/docs/error-type-{status}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
        "traceId": _trace_id(),
        "errors": errors,
        "objectType": sought[0],
        "objectId": sought[1],
    }
    return Reply(status=status, value=value, content_type=PROBLEM)


def gateway(status, sentence, code, **headers):
    """An error of the gateway in front of the bank: JSON, but not problem+json, and
    without a trace id.
    """
    return Reply(
        status=status,
        value={"fault": {"faultstring": sentence, "detail": {"errorcode": code}}},
        headers=headers,
    )


def grant_error(status, error, description):
    """A refused token, in the shape of RFC 6749 section 5.2 (a guess: the bank shows
    none).
    """
    headers = {"WWW-Authenticate": "Basic"} if status == 401 else {}
    return Reply(
        status=status,
        value={"error": error, "error_description": description},
        headers=headers,
    )


def _trace_id():
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-00"
