"""How an account stands, and what to do about it; whether it may be read."""

from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.fields import Domain
from odoo.tools import format_date, format_datetime

from ..amounts import is_nil, is_rounded_away
from ..calls import language_of
from ..clock import bank_today, utc_now
from ..differences import first_difference_sentence, gap_sentence
from ..outstanding import paying_fault
from ..refusals import not_refused_domain, refused
from .journal import archived_journal_sentence, misfit_sentence
from .opening import opening_gap

# A read that stored no page for this long has died, or waits for its next turn.
READING_SILENCE = timedelta(minutes=15)


def health(account):
    """Return ``(state, sentence)``: the worst thing first, with what to do."""
    checks = (
        unlinked,
        shelved,
        unpayable,
        _paused,
        refused,
        _failed,
        _unconnected,
        _unread,
        _differing,
    )
    for check in checks:
        if found := check(account):
            return found
    return "ok", _agreement_sentence(account)


def unlinked(account):
    if not account.journal_id:
        return "unlinked", account.env._("Link a journal, or create one.")
    return None


def shelved(account):
    sentence = archived_journal_sentence(account)
    return sentence and ("paused", sentence)


def unpayable(account):
    """Say that bills would be called paid that nobody pays: that comes before the rest."""
    if not account.integration_id.can_initiate_transfers:
        return None
    fault = paying_fault(account.journal_id)
    return fault and ("failed", fault)


def _paused(account):
    integration_sudo = account.integration_id.sudo()
    if integration_sudo.state == "paused":
        return "paused", integration_sudo.pause_reason
    return None


def _unconnected(account):
    integration_sudo = account.integration_id.sudo()
    if integration_sudo.state == "draft":
        return "paused", account.env._(
            "The connection has not been tested: open the integration and press"
            " Test Connection."
        )
    if not integration_sudo.can_read_statements:
        return "paused", account.env._(
            "The integration may not view statements: tick that permission."
        )
    return None


def _failed(account):
    if not account.last_error:
        return None
    sentences = _late_sentence(account), account.last_error
    return "failed", " ".join(filter(None, sentences))


def _unread(account):
    env = account.env
    if is_being_read(account):
        return "reading", env._(
            "Syncing now. Synced until: %(day)s.",
            day=format_date(env, account.synced_until) or "–",
        )
    if account.sync_from > bank_today():
        return "never", env._(
            "It is synced from %(day)s on.",
            day=format_date(env, account.sync_from),
        )
    if not account.last_sync_at:
        return "never", env._("Not synced yet. Press Sync Now.")
    if late := _late_sentence(account):
        advice = env._(
            "Press Sync Now, or check the scheduled action “TBC Bank: sync accounts”."
        )
        return "late", f"{late} {advice}"
    return None


def _late_sentence(account):
    """Say since when it was not read, if that is twice the schedule's interval."""
    env, last = account.env, account.last_sync_at
    cron_sudo = env.ref("account_tbc_bank.ir_cron_sync", raise_if_not_found=False)
    cron_sudo = (cron_sudo or env["ir.cron"]).sudo()
    cron_sudo.fetch(["interval_number", "interval_type"])
    # However rarely somebody lets it run: the calendar has an end.
    allowed = 2 * min(cron_sudo.interval_number, 10_000)
    interval = relativedelta(**{cron_sudo.interval_type or "days": allowed})
    if not last or utc_now() <= last + interval:
        return None
    return env._(
        "Not synced since %(moment)s.",
        moment=format_datetime(env, last, dt_format="short"),
    )


def _differing(account):
    """What differs, by the proof or by the balance, and what is not booked yet."""
    held = _held_sentence(account)
    if account.difference_ids:
        sentences = first_difference_sentence(account), held
        return "difference", " ".join(filter(None, sentences))
    if held:
        return "held", held
    if not is_nil(account.difference):
        gap = gap_sentence(account, account.difference, account.bank_balance_day)
        return "difference", f"{gap} {_difference_advice(account)}"
    return None


def _agreement_sentence(account):
    sentence = account.env._("Balance checked.")
    # They were looked at before: nothing is counted again.
    if held := account.held_ids:
        waiting = account.env._(
            "Waiting for authorisation at the bank: %(count)s.", count=len(held)
        )
        sentence = f"{sentence} {waiting}"
    return sentence


def _held_sentence(account):
    # The bank does not count what is not authorised.
    held = account.held_ids.filtered(lambda held: held.reason != "waiting")
    return held and account.env._(
        "On hold: %(count)s. Open them to see what each waits for.", count=len(held)
    )


def _difference_advice(account):
    gap = opening_gap(account)
    if is_nil(gap) or not is_nil(account.difference + gap):
        return account.env._(
            "Look for entries made by hand on the journal's bank account."
        )
    if account.opening_line_id:
        return account.env._(
            "The bank's opening balance has changed since it was booked: enter the "
            "rest in the books, on a day before the first one synced."
        )
    if is_rounded_away(account.currency_id, gap):
        return account.env._(
            "That is the bank's opening balance, which Odoo's rounding of"
            " %(currency)s would change: set its Rounding Factor to 0.01 under"
            " Accounting, Configuration, Currencies, and press Sync Now.",
            currency=account.currency_id.name,
        )
    if account.book_opening:
        return account.env._(
            "That is the bank's opening balance, whose day is locked: move the lock"
            " date and press Sync Now."
        )
    return account.env._(
        "That is the bank's opening balance: enter it in the books, or press Book"
        " the Opening Balance."
    )


def past_obstacle(account):
    """Return why the past can't be read now, as a sentence, or ``None``."""
    if not account.active:
        return account.env._("This account is archived.")
    for check in (unlinked, shelved, _paused, _unconnected, refused):
        if found := check(account):
            return found[1]
    return reading_obstacle(account)


def is_being_read(account):
    """Whether the hourly read is at work, perhaps between two pages."""
    moment = account.reading_at
    return bool(moment) and utc_now() - moment < READING_SILENCE


def due_domain():
    """The accounts that the scheduled actions may read now."""
    not_before = "integration_id.not_before"
    may_be_read = [
        ("journal_id.active", "=", True),
        ("integration_id.state", "=", "connected"),
        ("integration_id.can_read_statements", "=", True),
        "|",
        (not_before, "=", False),
        (not_before, "<=", fields.Datetime.now()),
    ]
    return Domain(may_be_read) & not_refused_domain()


def reading_obstacle(account):
    """Return the sentence that says why this account may not be read, or None."""
    integration = account.integration_id
    if not account.journal_id:
        return account.env._("Link a journal first, or create one.")
    for sentence in (archived_journal_sentence, misfit_sentence):
        if found := sentence(account):
            return found
    if not integration.can_read_statements:
        return account.env._(
            "%(name)s may not view statements: tick that permission here and in"
            " Business Internet Banking.",
            name=integration.name,
        )
    if integration.state == "paused":
        return integration.pause_reason
    if integration.not_before and integration.not_before > fields.Datetime.now():
        return account.env._("The bank asked not to be called for a while. Try later.")
    return None


def in_own_terms(account):
    """Return the account in its company and in that company's words.

    What a scheduled action writes is read by everybody.
    """
    return account.with_company(account.company_id).with_context(
        lang=language_of(account.company_id),
        # Odoo's audit trail is made of these messages; elsewhere they only cost.
        tracking_disable=not account.company_id.restrictive_audit_trail,
    )


def is_busy_sentence(account):
    """Say that another worker reads the account at the moment."""
    return account.env._(
        "%(account)s is being synced already.", account=account.display_name
    )
