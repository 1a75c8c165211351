"""Accounts that the bank refuses, while it answers for others."""

from datetime import timedelta

from odoo.fields import Domain

from .. import messages
from ..tbc import TbcAuthRefused
from . import connecting
from .calls import REFUSED, call, end_calls
from .clock import utc_now

# A refused account is asked for again after this, by itself.
ASKED_AGAIN_AFTER = timedelta(days=1)
# What the bank says of one account, or of one period of it.
OF_AN_ACCOUNT = {"NOT_AUTHORIZED", "INVALID_ACCOUNT"}
# What it says of the integration or its user, whatever was asked for.
OF_ALL = {"USER_IS_BLOCKED", "USER_IS_DELETED", "USER_IS_NOT_ACTIVE"}
OF_ALL |= {"INVALID_CLIENT", "INVALID_SCOPE", "UNAUTHORIZED_CLIENT"}


def may_speak_of_one(error):
    """Whether a refusal may hold for what was asked for, and for nothing else."""
    words = {str(word).strip().upper() for word in (error.code, error.title)}
    return isinstance(error, TbcAuthRefused) and bool(
        not words & OF_ALL and (error.status == 403 or words & OF_AN_ACCOUNT)
    )


def record_account_refusal(account, error):
    """Take a refusal (sudo): the bank does not say of what. It is the account's own
    until every account of the integration has been refused.
    """
    integration = account.integration_id
    if not may_speak_of_one(error):
        connecting.record_refusal(integration, error)
        return
    sentence = messages.user_message(account.env, error)
    is_new = not account.refusal
    account.write({"refusal": sentence, "refused_at": utc_now()})
    if all(read.refusal for read in integration.account_ids.filtered("journal_id")):
        connecting.record_refusal(integration, error)
    elif is_new:
        summary = account.env._("TBC Bank: the bank refuses this account")
        user = integration.user_id
        call(account, user, reason=REFUSED, summary=summary, note=sentence)


def forget_refusals(accounts):
    """The bank answers for these accounts again, or is asked anew."""
    refused = accounts.filtered("refusal")
    refused.write({"refusal": False, "refused_at": False})
    end_calls(refused)


def not_refused_domain():
    """The accounts that were not refused, or not in the last day."""
    return Domain("refused_at", "=", False) | Domain(
        "refused_at", "<=", utc_now() - ASKED_AGAIN_AFTER
    )


def refused(account):
    """Return the state and sentence of an account that the bank refuses, or ``None``."""
    if not account.refusal:
        return None
    advice = account.env._(
        "Only this account is paused. It is asked for again once a day; when the"
        " bank has been set right, press Sync Now."
    )
    return "paused", f"{account.refusal} {advice}"
