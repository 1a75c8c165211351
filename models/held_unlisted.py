"""What is on hold, and the bank does not list any more."""

import random
import re
from datetime import timedelta, timezone

from odoo.tools import format_date

from ..services.chatter import write_note
from ..tbc import GEORGIAN_TIME, TbcRefused, TbcUnreadable
from .period_limit import from_first

# An unreadable movement without an id is held by this and a digest.
NAMELESS = "no-id:"
# What can be asked for by id; anything else could not stand in an address.
ASKABLE_ID = re.compile(r"\w[\w.-]{0,99}", re.ASCII)
# So many movements are asked for by their id in one read at the most.
MOST_UNSEEN = 50
# So many days, or spans of them, are listed in one read for what is held and unseen.
MOST_PLACES = 10
# A hold of an older version, without a day, was listed at most so long before.
LONGEST_LOOK_BACK = timedelta(days=38)


def is_askable(held):
    """Whether the bank can be asked for it by its id."""
    return bool(ASKABLE_ID.fullmatch(held.movement_id))


def is_to_be_listed(held):
    """Whether only the bank's list tells of it: it can't be read, or not be asked for.

    What waits for Odoo is counted in the sums, so that the proof finds it gone.
    """
    return held.reason == "unreadable" or (
        held.reason == "waiting" and not is_askable(held)
    )


class Unseen:
    """Asks for what waits at the bank, or can't be read, before the days just read.

    By its id; and for its days, where the bank does not find it by that: what it says
    of an unknown id is no reason to forget.

    :param read: the :class:`.statement_read.StatementRead`
    """

    def __init__(self, read):
        self.read, self.account = read, read.account

    def run(self):
        """Ask for some of them; others have their turn at the next read."""
        held = self.account.held_ids.filtered(
            lambda h: (
                h.reason in ("waiting", "unreadable")
                and h.movement_id not in self.read.seen
            )
        )
        askable = held.filtered(is_askable)
        missing = held - askable
        for record in random.sample(askable, min(len(askable), MOST_UNSEEN)):
            if self._is_missing(record):
                missing |= record
        missing = missing.exists().filtered(is_to_be_listed)
        spans = sorted({place(record) for record in missing})
        for first, last in random.sample(spans, min(len(spans), MOST_PLACES)):
            self._list(first, last)

    def _is_missing(self, record):
        """Ask for it by its id; return whether its days have to tell of it."""
        try:
            movement = self.read.client.movement(record.movement_id)
        except (TbcUnreadable, TbcRefused):
            return False
        if movement and self.account._is_own(movement):
            self.read._book([movement])
        elif movement:
            # Now that it can be read, it is another account's.
            record.unlink()
        elif record.reason == "waiting":
            # The bank dropped it before it was authorised: no money moved.
            let_go(self.account, record, self.read.run)
        else:
            return True
        return False

    def _list(self, first, last):
        """List the days on which something should be; it goes if it is not there."""
        begin, is_complete = first, True
        while begin <= last:
            try:
                spans = from_first(begin, last)
                [(_first, end)], listing = self.read.read_longest(spans)
            except TbcRefused:
                return
            is_complete &= listing.is_complete
            begin = end + timedelta(days=1)
        if is_complete:
            gone = unlisted(self.account, first, last, self.read.seen)
            let_go(self.account, gone, self.read.run)


def note_listed(account, ids, first, last):
    """Keep in which days the bank listed what is held and may have no day itself.

    :param ids: what a page of the list from ``first`` to ``last`` holds
    """
    for held in account.held_ids:
        if held.movement_id in ids and is_to_be_listed(held):
            begin, end = held.listed_from or first, held.listed_to or last
            begin, end = max(begin, first), min(end, last)
            if begin > end:
                begin, end = first, last
            if (held.listed_from, held.listed_to) != (begin, end):
                held.write({"listed_from": begin, "listed_to": end})


def place(held):
    """Return the first and last day between which the bank should list it."""
    first, last = held.listed_from, held.listed_to
    if first and not (held.day and first <= held.day <= last):
        return first, last
    if held.day:
        return held.day, held.day
    created = held.create_date.replace(tzinfo=timezone.utc)
    last = created.astimezone(GEORGIAN_TIME).date()
    return last - LONGEST_LOOK_BACK, last


def unlisted(account, first, last, ids):
    """Return what should be in a complete list of these days, and is not.

    :param ids: what is listed on these days, or was elsewhere in this read
    """
    return account.held_ids.filtered(
        lambda held: (
            is_to_be_listed(held)
            and held.movement_id not in ids
            and first <= place(held)[0]
            and place(held)[1] <= last
        )
    )


def let_go(account, held, run=None):
    """Take these off hold, and tell it on the account and in the read's history."""
    if not held:
        return
    sentences = [_gone_sentence(account, record) for record in held]
    held.unlink()
    for sentence in sentences:
        write_note(account, sentence)
    if run and "note" in run._fields:
        run.note = "\n".join([*filter(None, [run.note]), *sentences])


def _gone_sentence(account, held):
    words = {"number": held.movement_id}
    if held.day:
        words["day"] = format_date(account.env, held.day)
        return account.env._(
            "The bank does not list the movement %(number)s of %(day)s any more: it is"
            " not on hold any longer.",
            **words,
        )
    return account.env._(
        "The bank does not list the movement %(number)s any more: it is not on hold any"
        " longer.",
        **words,
    )
