"""Reading days of the past, beside the hourly read."""

import logging

from dateutil.relativedelta import relativedelta

from odoo.exceptions import UserError
from odoo.tools import format_date

from ... import messages
from ...tbc import TbcBusy, TbcError, TbcRefused, TbcUnreachable
from ..chatter import write_note
from ..clock import DAY, utc_now
from ..connecting import open_client, record_refusal
from ..differences import miscounted_sentence
from ..refusals import may_speak_of_one
from ..unexpected import unexpected_sentence
from .bookmark import Bookmark
from .health import in_own_terms, is_being_read, past_obstacle
from .miscounted import miscounted
from .read import StatementRead, TimeIsUp

_logger = logging.getLogger(__name__)


# === ONE READ === #


class BackfillCursor:
    """Chooses the windows of a back-fill, and keeps on it how far it has come.

    It leaves the account's own row to the hourly read.

    :param backfill_sudo: the ``tbc.backfill``, taken by the caller
    """

    # The hourly read compares the ids of days that were listed before.
    listed_before = None

    def __init__(self, backfill_sudo):
        self.record, self.account = backfill_sudo, backfill_sudo.account_id
        self.bookmark = Bookmark(backfill_sudo, self.account)
        if backfill_sudo.done_from and not backfill_sudo.tried_from:
            # One of an older version knows only the days that are done.
            backfill_sudo.tried_from = backfill_sudo.done_from
            backfill_sudo.tried_to = backfill_sudo.done_to

    def next_window(self, days=31):
        """Return first and last of the days to read next, or ``None``: in one month,
        and so many at the most.
        """
        backfill, most = self.record, (days - 1) * DAY
        if backfill.order == "oldest":
            before = backfill.tried_to
            first = before + DAY if before else backfill.day_from
            month_end = first + relativedelta(day=31)
            window = first, min(month_end, backfill.day_to, first + most)
        else:
            before = backfill.tried_from
            last = before - DAY if before else backfill.day_to
            window = max(last.replace(day=1), backfill.day_from, last - most), last
        return window if window[0] <= window[1] else None

    def advance(self, read, first, last):
        """Keep that these days were listed; return whether they are new."""
        backfill = self.record
        begin, end = backfill.tried_from, backfill.tried_to
        is_new = not begin or first < begin or end < last
        backfill.write(
            {
                "tried_from": min(begin or first, first),
                "tried_to": max(end or last, last),
                "fetched": backfill.fetched + (len(read.seen) if is_new else 0),
                "error": False,
            }
        )
        # A long past must not fill the memory.
        read.seen, read.known = set(), set()
        self.note_days_read()
        self.extend(read)
        return is_new

    def note_days_read(self):
        """Call the days listed read, unless one of them contradicts itself."""
        backfill = self.record
        listed = {"done_from": backfill.tried_from, "done_to": backfill.tried_to}
        if backfill.tried_from and not miscounted(self.account, *listed.values()):
            backfill.write(listed)

    def extend(self, read):
        """Let the account begin earlier, unless the hourly read is about to do so."""
        if not is_being_read(self.account):
            read.extend_first_day()

    def prepare_progress_vals(self, read):
        """Return how far the read is, for its record."""
        return {"window_fetched": len(read.seen), "read_at": utc_now()}


def read_on(backfill, commit):
    """Read on where a back-fill stopped.

    :param backfill: the ``tbc.backfill`` (sudo), taken by the caller
    :param commit: called after each page: makes it last, returns the seconds left
    :return: ``time_is_up``, ``bank_down``, or ``None``
    """
    account = in_own_terms(backfill.account_id)
    if past_obstacle(account):
        return None
    backfill.write({"state": "running", "started_at": backfill.started_at or utc_now()})
    try:
        with open_client(account.integration_id) as client:
            _read_what_is_left(account, client, backfill, commit)
    except TimeIsUp:
        return "time_is_up"
    except TbcError as error:
        return _record_failure(backfill, account, error)
    except (UserError, ValueError) as error:
        backfill.error = str(error)
    else:
        _finish(backfill, account)
    return None


def _read_what_is_left(account, client, backfill, commit):
    """Read the windows that are left; whatever ends it, what was booked stays.

    :raise TbcError: the bank failed. :raise TimeIsUp: see there.
    """
    cursor = BackfillCursor(backfill)
    read = StatementRead(account, client, cursor, commit)
    cursor.extend(read)
    while cursor.next_window():
        read.read_longest(lambda days: [cursor.next_window(days)], keeps=True)
    read.relist_miscounted(backfill.day_from, backfill.day_to)
    # The hourly read may have seen to them, too.
    cursor.note_days_read()
    cursor.extend(read)


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
    return "bank_down" if isinstance(error, TbcUnreachable | TbcBusy) else None


def record_unexpected(backfill, kind):
    """Tell it; others have their turn before it comes again."""
    env = in_own_terms(backfill.account_id).env
    sentence = unexpected_sentence(env, kind)
    backfill.write({"error": sentence, "read_at": utc_now()})


def _finish(backfill, account):
    """Tell that all was read; it is not over while a list contradicts its count."""
    if spans := miscounted(account, backfill.day_from, backfill.day_to):
        backfill.error = " ".join(map(miscounted_sentence, spans))
        return
    backfill.write({"state": "done", "error": False, "bookmark": False})
    write_note(account, _imported_sentence(account.env, backfill))
    # It proves what has been imported, and calls the matching.
    backfill.env.ref("account_tbc_bank.ir_cron_sync")._trigger()


def _imported_sentence(env, backfill):
    return env._(
        "The days from %(first)s to %(last)s were imported: %(count)s transactions, of"
        " which %(new)s are new in the books.",
        first=format_date(env, backfill.day_from),
        last=format_date(env, backfill.day_to),
        count=backfill.movement_count,
        new=backfill.new,
    )


def trigger_backfill(env):
    env.ref("account_tbc_bank.ir_cron_backfill").sudo()._trigger()


# === IN WORDS === #


def shown_progress(backfill):
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
    env, days, new = backfill.env, backfill.days_done, backfill.new
    if backfill.state in ("done", "cancelled", "failed"):
        return backfill.error or env._(
            "%(days)s days imported, %(new)s transactions were new.", days=days, new=new
        )
    if backfill.state == "paused":
        return env._("Paused: press Go On to import the rest.")
    if obstacle := past_obstacle(backfill.account_id.sudo()) or backfill.error:
        return env._("Waits and tries again: %(reason)s", reason=obstacle)
    if not days:
        return env._("Begins in a moment.")
    return _time_left_sentence(
        env, backfill.seconds / days * (backfill.days_total - days)
    )


def _time_left_sentence(env, seconds):
    minutes = round(seconds / 60)
    if minutes < 1:
        return env._("Less than a minute left.")
    if minutes < 100:
        return env._("About %(count)s minutes left.", count=minutes)
    return env._("About %(count)s hours left.", count=round(minutes / 60))
