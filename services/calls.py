"""Calls to act: one activity for each record and reason, gone when its reason goes.

Whoever is called a second time for the same thing, or for what is done already, reads
no activity any more. Whoever calls for a reason says here with ``holds_while`` how to
tell that it still holds.
"""

from odoo.fields import Domain

from .chatter import as_html

ATTENTION = "account_tbc_bank.mail_activity_type_attention"
INITIATE = "account_tbc_bank.mail_activity_type_initiate"
SIGNATURE = "account_tbc_bank.mail_activity_type_signature"
TYPES = (ATTENTION, INITIATE, SIGNATURE)

# Of an integration.
CREDENTIALS, PAUSED = "credentials", "paused"
# Of an account.
UNREADABLE, REFUSED, UNMATCHED = "unreadable", "refused", "unmatched"
TO_INITIATE, TO_SIGN = "to_initiate", "to_sign"
# Of an order; the activity may sit on its payment or its batch.
NOT_MADE, NOT_ARRIVED, UNFOLLOWED = "not_made", "not_arrived", "unfollowed"
MISMATCH, CAME_BACK, OVERDUE = "mismatch", "came_back", "overdue"
TURNED_UP, OTHER = "turned_up", "other"
OF_AN_ORDER = (
    *(NOT_MADE, NOT_ARRIVED, UNFOLLOWED, MISMATCH),
    *(CAME_BACK, OVERDUE, TURNED_UP, OTHER),
)
REASONS = {
    "tbc.integration": (CREDENTIALS, PAUSED),
    "tbc.account": (UNREADABLE, REFUSED, UNMATCHED, TO_INITIATE, TO_SIGN),
    **dict.fromkeys(
        ("tbc.transfer", "tbc.transfer.batch", "account.payment"), OF_AN_ORDER
    ),
}


def _is_unreadable(account):
    may_read = account.integration_id.can_read_statements
    return account.last_error and account.active and account.journal_id and may_read


# {reason: the check(record) of whether it still holds}
_CHECKS = {
    CREDENTIALS: lambda one: not one.has_credentials or one.is_pair_refused,
    PAUSED: lambda integration: integration.state == "paused",
    UNREADABLE: _is_unreadable,
    REFUSED: lambda account: account.refusal,
    # The next run of the matching that ends well takes the call away itself.
    UNMATCHED: lambda _account: True,
}


def holds_while(reason):
    """Have the decorated ``check(record)`` say whether the call for ``reason`` stays."""

    def register(check):
        _CHECKS[reason] = check
        return check

    return register


def language_of(company):
    """The language of what is kept for everybody in the company."""
    return company.sudo().partner_id.lang or company.env.lang


def in_words_for(record, user):
    """The record, whose sentences are in the language of whoever reads them."""
    return record.with_context(lang=user.lang)


def call(record_sudo, user, *, reason, summary, note, kind=ATTENTION):
    """Leave ``user`` one activity on the record, or bring the one there up to date."""
    if not user.active:
        return
    # Text, whatever the bank or others wrote in it.
    note = as_html(note)
    activity = _open_calls(record_sudo, reason)[:1]
    if not activity and kind != ATTENTION:
        # One of an older version, which did not say why.
        activity = record_sudo.activity_search(
            [kind], additional_domain=[("tbc_reason", "=", False)]
        )[:1]
        activity.tbc_reason = reason
    if not activity:
        record_sudo.activity_schedule(
            kind, user_id=user.id, summary=summary, note=note, tbc_reason=reason
        )
        return
    if activity.user_id != user:
        activity.user_id = user
    as_kept = activity._fields["note"].convert_to_cache(note, activity)
    if activity.note != as_kept or activity.summary != summary:
        activity.write({"summary": summary, "note": note})


def end_calls(*recordsets):
    """End those of the calls to these records of which the reason is gone."""
    called = [_to(records.sudo()) for records in recordsets if records]
    if called:
        env = recordsets[0].env
        domain = _ours(env) & Domain.OR(called)
        _end(env["mail.activity"].sudo().search(domain))


def end_call(records_sudo, reason):
    """End the calls to these records for ``reason``, which is gone."""
    if records_sudo:
        _open_calls(records_sudo, reason).unlink()


def end_all_calls(env):
    """End every call of the module of which the reason is gone."""
    domain = _ours(env) & Domain("res_model", "in", list(REASONS))
    _end(env["mail.activity"].sudo().search(domain))


def reassign_calls(records_sudo, user):
    """Hand the calls to these records to ``user``."""
    activities = _open_calls(records_sudo).filtered(lambda one: one.user_id != user)
    if user.active:
        activities.write({"user_id": user.id})


def called_records(model_sudo):
    """The records of a model to which somebody is called now."""
    env = model_sudo.env
    domain = _ours(env) & Domain("res_model", "=", model_sudo._name)
    activities_sudo = env["mail.activity"].sudo().search(domain)
    return model_sudo.browse(set(activities_sudo.mapped("res_id"))).exists()


def _open_calls(records_sudo, reason=None):
    env = records_sudo.env
    domain = _ours(env) & _to(records_sudo)
    if reason:
        domain &= Domain("tbc_reason", "=", reason)
    return env["mail.activity"].sudo().search(domain)


def _to(records_sudo):
    return Domain("res_model", "=", records_sudo._name) & Domain(
        "res_id", "in", records_sudo.ids
    )


def _ours(env):
    find = env["ir.model.data"].sudo()._xmlid_to_res_id
    types = [find(name, raise_if_not_found=False) for name in TYPES]
    return Domain([("activity_type_id", "in", types), ("automated", "=", True)])


def _end(activities_sudo):
    for activity in activities_sudo:
        record = activity.env[activity.res_model].browse(activity.res_id).exists()
        # Activities of older versions do not say why: any reason keeps them.
        reason = activity.tbc_reason
        reasons = {reason} if reason else REASONS[record._name]
        checks = [_CHECKS[one] for one in reasons if record and one in _CHECKS]
        if not any(check(record) for check in checks):
            activity.unlink()
