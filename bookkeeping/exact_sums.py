"""Several amounts whose sum is exactly another one: searched within bounds.

To find any such set of many amounts takes time that doubles with each of them. These
take a few thousand steps for the longest list: one after the other from the oldest on,
all but one, and any two, three or four.
"""

from collections.abc import Sequence

# So many are looked at: the first ones, which are the oldest.
MOST_AMOUNTS = 40


def sets_of_sum(
    amounts: Sequence[int], total: int, most: int = 2
) -> list[tuple[int, ...]]:
    """Places of two amounts or more whose sum is exactly ``total``, at most ``most``.

    The likeliest first: a run, from the first on or later; all but one of it; a few.

    :param amounts: above zero, in the order in which they would be paid
    """
    amounts = amounts[:MOST_AMOUNTS]
    found: dict[tuple[int, ...], None] = {}
    for search in (_runs, _all_but_one, _few):
        if len(found) < most:
            found.update(dict.fromkeys(search(amounts, total)))
    return list(found)[:most]


def _runs(amounts: Sequence[int], total: int) -> list[tuple[int, ...]]:
    """One after the other, from any one on."""
    found, first, running = [], 0, 0
    for last, amount in enumerate(amounts):
        running += amount
        while running > total:
            running -= amounts[first]
            first += 1
        if running == total and last > first:
            found.append(tuple(range(first, last + 1)))
    return found


def _all_but_one(amounts: Sequence[int], total: int) -> list[tuple[int, ...]]:
    """From the first on, without one between."""
    found, running = [], 0
    place: dict[int, int] = {}
    for last, amount in enumerate(amounts):
        running += amount
        without = place.get(running - total)
        if without is not None and last >= 2:
            run = range(last + 1)
            found.append(tuple(one for one in run if one != without))
        place.setdefault(amount, last)
    return found


def _few(amounts: Sequence[int], total: int) -> list[tuple[int, ...]]:
    """Any two, three or four of them."""
    pairs: dict[int, list[tuple[int, int]]] = {}
    for second in range(len(amounts)):
        for first in range(second):
            pairs.setdefault(amounts[first] + amounts[second], []).append(
                (first, second)
            )
    twos = pairs.get(total, [])[:1]
    threes = _with_pair(amounts, total, pairs)
    fours = _two_pairs(total, pairs)
    return [*twos, *threes, *fours]


def _with_pair(
    amounts: Sequence[int],
    total: int,
    pairs: dict[int, list[tuple[int, int]]],
) -> list[tuple[int, ...]]:
    """The first three."""
    for third in range(2, len(amounts)):
        for first, second in pairs.get(total - amounts[third], [])[:MOST_AMOUNTS]:
            if second < third:
                return [(first, second, third)]
    return []


def _two_pairs(
    total: int, pairs: dict[int, list[tuple[int, int]]]
) -> list[tuple[int, ...]]:
    """The first four: two pairs that have none in common."""
    for some, ones in pairs.items():
        others = pairs.get(total - some, []) if 2 * some <= total else []
        for one in ones[:1]:
            for other in others[:MOST_AMOUNTS]:
                if not set(one) & set(other):
                    return [tuple(sorted((*one, *other)))]
    return []
