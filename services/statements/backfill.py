"""Reading days of the past, beside the hourly read."""

import logging
import time
from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo.exceptions import UserError
from odoo.tools import format_date

from ... import messages
from ...tbc import TbcBusy, TbcError, TbcRefused, TbcUnreachable
from ..chatter import write_note
from ..clock import utc_now
from ..connecting import open_client, record_refusal
from ..differences import days_sentence
from ..refusals import may_speak_of_one
from .coverage import ONE_DAY
from .health import in_own_terms, is_being_read, past_obstacle
from .miscounted import miscounted
from .read import StatementRead, TimeIsUp
from .relisting import relist_miscounted

_logger = logging.getLogger(__name__)


# === ONE READ === #


class BackfillCursor:
    """Keeps on a back-fill how far it has come.

    It leaves the account's own row to the hourly read: the cursor, the counts and the
    clock are those of the back-fill.

    :param backfill_sudo: the ``tbc.backfill``, taken by the caller.
    """

    # The hourly read compares the ids of days that were listed before.
    listed_before = None

    def __init__(self, backfill_sudo):
        self.record, self.account = backfill_sudo, backfill_sudo.account_id
        self.seconds_before = backfill_sudo.seconds

    def holds_account(self):
        """Whether this read may write the account's own row."""
        return bool(self.account.try_lock_for_update(allow_referencing=True))

    def may_extend(self):
        """The hourly read does it where both want the account."""
        return not is_being_read(self.account)

    def advance(self, read, first, last):
        """Keep that these days were listed; return whether they are new."""
        is_new = _take_window(self.record, first, last, fetched=len(read.seen))
        read.extend_first_day()
        return is_new

    def tell(self, read, *, within_window):
        """Write how far the read has come."""
        vals = {"window_fetched": len(read.seen)} if within_window else {}
        self.record.write(
            {
                **vals,
                "read_at": utc_now(),
                "seconds": self.seconds_before + time.monotonic() - read.started,
                "trace_id": read.client.last_trace_id,
            }
        )


def _read_what_is_left(account, client, backfill, commit):
    """Read the windows of a back-fill that are left, and book what is missing.

    :raise TbcError: the bank failed; what was booked stays. :raise TimeIsUp: the rest
        comes next.
    """
    cursor = BackfillCursor(backfill)
    read = StatementRead(account, client, cursor, commit, forgets=True)
    read.extend_first_day()
    while _next_window(backfill):
        read.read_longest(lambda days: [_next_window(backfill, days)])
    relist_miscounted(read, backfill.day_from, backfill.day_to)
    # The hourly read may have seen to them, too.
    _take_days_read(backfill)
    read.extend_first_day()


def read_on(backfill, commit):
    """Read on where a back-fill stopped.

    :param backfill: the ``tbc.backfill`` (sudo), taken by the caller
    :param commit: called after each page: makes it last, returns the seconds left
    :return: ``later`` (time is over), ``away`` (the bank), or ``left``
    """
    account = in_own_terms(backfill.account_id)
    if past_obstacle(account):
        return "left"
    backfill.write({"state": "running", "started_at": backfill.started_at or utc_now()})
    try:
        with open_client(account.integration_id) as client:
            _read_what_is_left(account, client, backfill, commit)
    except TimeIsUp:
        return "later"
    except TbcError as error:
        return _record_failure(backfill, account, error)
    except (UserError, ValueError) as error:
        backfill.error = str(error)
        return "left"
    if sentences := _contradictions(backfill):
        backfill.error = " ".join(sentences)
    else:
        _finish(backfill, account)
    return "left"


def _next_window(backfill, days=31):
    """Return ``(first day, last day)`` of the next month to read, or ``None``.

    Next to the days read, and no longer than ``days``.
    """
    most = timedelta(days=days - 1)
    if backfill.order == "oldest":
        before = backfill.tried_to or backfill.done_to
        first = before + ONE_DAY if before else backfill.day_from
        month_end = first + relativedelta(day=31)
        window = first, min(month_end, backfill.day_to, first + most)
    else:
        before = backfill.tried_from or backfill.done_from
        last = before - ONE_DAY if before else backfill.day_to
        window = max(last.replace(day=1), backfill.day_from, last - most), last
    return window if window[0] <= window[1] else None


def _take_window(backfill, first, last, *, fetched):
    """Keep that these days were listed (sudo); return whether they are new."""
    begin, end = (
        backfill.tried_from or backfill.done_from,
        backfill.tried_to or backfill.done_to,
    )
    is_new = not begin or first < begin or end < last
    backfill.write(
        {
            "tried_from": min(begin or first, first),
            "tried_to": max(end or last, last),
            "fetched": backfill.fetched + (fetched if is_new else 0),
            "window_fetched": 0,
            "error": False,
        }
    )
    _take_days_read(backfill)
    return is_new


def _take_days_read(backfill):
    """Call the days read that were listed, unless one of them contradicts itself."""
    tried = {"done_from": backfill.tried_from, "done_to": backfill.tried_to}
    if backfill.tried_from and not miscounted(backfill.account_id, *tried.values()):
        backfill.write(tried)


def _record_failure(backfill, account, error):
    """Tell what the bank did; only a plain refusal ends the back-fill."""
    _logger.info("TBC back-fill %s: the read failed", backfill.id)
    sentence = messages.user_message(account.env, error)
    backfill.write({"error": sentence, "trace_id": error.trace_id or backfill.trace_id})
    is_of_these_days = may_speak_of_one(error)
    if not is_of_these_days:
        record_refusal(account.integration_id, error)
    if is_of_these_days or isinstance(error, TbcRefused):
        backfill.state = "failed"
    return "away" if isinstance(error, TbcUnreachable | TbcBusy) else "left"


def record_unexpected(backfill, sentence):
    """Tell it; others have their turn before it comes again."""
    backfill.write({"error": sentence, "read_at": utc_now()})
    return "left"


def _finish(backfill, account):
    backfill.write({"state": "done", "error": False})
    write_note(
        account,
        account.env._(
            "The days from %(first)s to %(last)s were read: %(count)s movements, of"
            " which %(new)s are new in the books.",
            first=format_date(account.env, backfill.day_from),
            last=format_date(account.env, backfill.day_to),
            count=backfill.movement_count,
            new=backfill.new,
        ),
    )
    # It matches what is new, and proves the whole.
    backfill.env.ref("account_tbc_bank.ir_cron_sync")._trigger()


def trigger_cron(env):
    """Let the scheduled action run soon."""
    env.ref("account_tbc_bank.ir_cron_backfill").sudo()._trigger()


# === IN WORDS === #


def progress(backfill):
    """What the form of the account shows of a back-fill that is not over."""
    return {
        "id": backfill.id,
        "state": backfill.state,
        "percent": int(backfill.progress),
        "days_done": backfill.days_done,
        "days_total": backfill.days_total,
        "movements": backfill.movement_count,
        "message": backfill.message,
    }


def message(backfill):
    """Say in one sentence where this read stands, and what it waits for."""
    if backfill.state in ("done", "cancelled", "failed"):
        return backfill.error or _outcome_sentence(backfill)
    if backfill.state == "paused":
        return backfill.env._("Paused: press Go On to read the rest.")
    if obstacle := past_obstacle(backfill.account_id.sudo()) or backfill.error:
        return backfill.env._("Waits and tries again: %(reason)s", reason=obstacle)
    if not backfill.days_done:
        return backfill.env._("Begins in a moment.")
    return _time_left_sentence(backfill)


def _outcome_sentence(backfill):
    return backfill.env._(
        "%(days)s days read, %(new)s transactions were new.",
        days=backfill.days_done,
        new=backfill.new,
    )


def _contradictions(backfill):
    """Return a sentence for each of the days whose list contradicts its count."""
    spans = miscounted(backfill.account_id.sudo(), backfill.day_from, backfill.day_to)
    return [days_sentence(row) for row in spans]


def _time_left_sentence(backfill):
    left = (
        backfill.seconds
        / backfill.days_done
        * (backfill.days_total - backfill.days_done)
    )
    minutes = round(left / 60)
    if minutes < 1:
        return backfill.env._("Less than a minute left.")
    if minutes < 100:
        return backfill.env._("About %(count)s minutes left.", count=minutes)
    return backfill.env._("About %(count)s hours left.", count=round(minutes / 60))
