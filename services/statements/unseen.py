"""Asking the bank for what is on hold, and was not among the days just read."""

import random

from ...tbc import TbcRefused, TbcUnreadable
from ..clock import DAY
from ..period_limit import from_first
from .booking import is_own
from .held import is_askable, is_to_be_listed, let_go, place, unlisted

# So many movements are asked for by their id in one read at the most.
MOST_UNSEEN = 50
# So many days, or spans of them, are listed in one read for what is held and unseen.
MOST_SPANS = 10


def ask_for_unseen(read):
    """Ask for what waits at the bank, or can't be read, before the days just read.

    By its id; and for its days, where the bank does not find it by that: what it says
    of an unknown id is no reason to forget. Others have their turn at the next read.
    """
    held = read.account.held_ids.filtered(lambda h: h.movement_id not in read.seen)
    unseen = held.filtered(lambda h: h.reason in ("waiting", "unreadable"))
    askable = unseen.filtered(is_askable)
    asked = random.sample(askable, min(len(askable), MOST_UNSEEN))
    missing = unseen - askable
    missing = missing.union(*(held for held in asked if _is_missing(read, held)))
    missing = missing.exists().filtered(is_to_be_listed)
    spans = sorted({place(held) for held in missing})
    for first, last in random.sample(spans, min(len(spans), MOST_SPANS)):
        _list(read, first, last)


def _is_missing(read, held):
    """Ask for it by its id; return whether its days have to tell of it."""
    try:
        movement = read.client.movement(held.movement_id)
    except (TbcUnreadable, TbcRefused):
        return False
    if not movement and held.reason != "waiting":
        return True
    if not movement:
        # The bank dropped it before it was authorised: no money moved.
        let_go(read.account, held, read.run)
    elif is_own(read.account, movement):
        read.book([movement])
    else:
        # Now that it can be read, it is another account's.
        held.unlink()
    return False


def _list(read, first, last):
    """List the days on which something should be; it goes if it is not there."""
    begin, is_complete = first, True
    while begin <= last:
        try:
            [(_first, end)], listing = read.read_longest(from_first(begin, last))
        except TbcRefused:
            return
        is_complete &= listing.is_complete
        begin = end + DAY
    if is_complete:
        let_go(read.account, unlisted(read.account, first, last, read.seen), read.run)
