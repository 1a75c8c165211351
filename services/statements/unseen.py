"""Asking the bank for what is on hold, and was not among the days just read."""

import random
from datetime import timedelta

from ...tbc import TbcRefused, TbcUnreadable
from ..period_limit import from_first
from .booking import is_own
from .held import is_askable, is_to_be_listed, let_go, place, unlisted

# So many movements are asked for by their id in one read at the most.
MOST_UNSEEN = 50
# So many days, or spans of them, are listed in one read for what is held and unseen.
MOST_PLACES = 10


class Unseen:
    """Asks for what waits at the bank, or can't be read, before the days just read.

    By its id; and for its days, where the bank does not find it by that: what it says
    of an unknown id is no reason to forget.

    :param read: the :class:`.read.StatementRead`
    """

    def __init__(self, read):
        self.read, self.account = read, read.account

    def ask(self):
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
        if movement and is_own(self.account, movement):
            self.read.book([movement])
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
