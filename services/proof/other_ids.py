"""Days on which the bank lists other movements than the books have."""

from ..differences import all_differences
from ..ledger import movements_between


def days_with_other_ids(account, listings):
    """Return the days on which our ids are not those that the bank lists, nor told so.

    :param listings: ``{(first day, last day): ids}`` of complete lists
    """
    listed = set().union(*listings.values())
    told = all_differences(account, "not_at_bank").line_id.ids
    return {
        day
        for first, last in listings
        for line_id, day, movement_id in movements_between(account, first, last)
        if (movement_id in listed) == (line_id in told)
    }
