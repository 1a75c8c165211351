"""Chance with a seed. Only ``random()`` is promised to repeat on every Python, so all
is made from it.
"""

import random


class Dice:
    """The same seed, the same throws, whatever the machine or the Python version."""

    def __init__(self, seed):
        self.throw = random.Random(seed).random

    def below(self, limit):
        """An integer from 0 up to, not including, ``limit``."""
        return int(self.throw() * limit)

    def between(self, low, high):
        """An integer from ``low`` to ``high``, both included."""
        return low + int(self.throw() * (high - low + 1))

    def chance(self, probability):
        """True with this probability."""
        return self.throw() < probability

    def pick(self, choices):
        """One of a sequence."""
        return choices[int(self.throw() * len(choices))]

    def digits(self, count):
        """Text of ``count`` digits (at most 16), the first of which may be zero."""
        return f"{int(self.throw() * 10**count):0{count}d}"
