"""A bank that behaves badly by chance: any fault that a route can have, at any request."""

import random
import threading
from collections import Counter

from fake_tbc.errors import ACCOUNTS_ERRORS, TRANSFERS_ERRORS
from fake_tbc.faults import Fault
from fake_tbc.misbehaviour import FAULTS, LATER_PAGES_ONLY, ONLY_ON

# Seconds that the client waits, and that a bank needs which makes it wait too long.
TIMEOUT = 3
# route → how many of its requests meet a fault
_CHANCES = {
    "import_single": 0.5,
    "import_batch": 0.5,
    "find_single": 0.4,
    "find_batch": 0.4,
    "single_status": 0.08,
    "batch_status": 0.25,
    "token": 0.03,
    "movements": 0.1,
    "statements": 0.1,
}
# The other routes only are in trouble as every server is: the reads have their own tests.
_PLAIN = ("drop", "html500", "empty", "truncated", "429")
# How often one is drawn, where it is not as often as the others: what pauses the
# integration stops everything until a person comes, and some take long.
_WEIGHTS = {
    **dict.fromkeys((*ACCOUNTS_ERRORS, *TRANSFERS_ERRORS), 0.5),
    **dict.fromkeys(("401", "403", "NOT_AUTHORIZED", "Unauthorized"), 0.2),
    **dict.fromkeys(("USER_IS_BLOCKED", "USER_IS_DELETED", "USER_IS_NOT_ACTIVE"), 0.1),
    **dict.fromkeys(("timeout", "timeout_after_accept"), 0.3),
    **dict.fromkeys(("drop_after_accept", "html500_after_accept", "lookup_late"), 2),
    "huge": 0.1,
    # A bank that belies itself, or loses orders, needs people who look into it.
    **dict.fromkeys(("refused_after_accept", "takes_some", "odd_list"), 0),
    "echo_after_accept": 0,
}


class Weather:
    """Takes the place of a bank's ``faults`` and draws one for each request.

    The same request of a route, by number, meets the same fault under the same seed.
    ``calm``: whether the bank behaves. ``met``: (route, fault) → how often.
    """

    def __init__(self, bank, seed):
        self.seed, self.calm = seed, False
        self.met = Counter()
        self._asked, self._lock = Counter(), threading.Lock()
        self._drawn = {route: _drawn_on(route) for route in _CHANCES}
        bank.faults = self

    def take(self, route_name, call):
        """The fault for this request, or ``None``."""
        with self._lock:
            self._asked[route_name] += 1
            number = self._asked[route_name]
        if self.calm or route_name not in _CHANCES:
            return None
        dice = random.Random(f"{self.seed} {route_name} {number}")
        if dice.random() >= _CHANCES[route_name]:
            return None
        names, weights = self._drawn[route_name]
        name = dice.choices(names, weights)[0]
        with self._lock:
            self.met[route_name, name] += 1
        return Fault(name=name, on=route_name, options=_options(dice, name))


def faults_of(route):
    """The names of all faults that requests to a route can meet."""
    if not route.startswith(("import", "find")) and not route.endswith("_status"):
        return list(_PLAIN)
    return [
        name
        for name in FAULTS
        if route in ONLY_ON.get(name, {route}) and name not in LATER_PAGES_ONLY
    ]


def _drawn_on(route):
    names = faults_of(route)
    return names, [_WEIGHTS.get(name, 1) for name in names]


def _options(dice, name):
    """Options of a fault, as chance will have it."""
    positions = sorted(dice.sample(range(1, 11), dice.randint(1, 4)))
    drawn = {
        "timeout": {"seconds": TIMEOUT + 1},
        "timeout_after_accept": {"seconds": TIMEOUT + 1},
        "slow": {"seconds": dice.random() * 0.5},
        "slow_after_accept": {"seconds": dice.random() * 0.5},
        "html500": {"status": dice.choice((500, 502, 503, 504))},
        "html500_after_accept": {"status": dice.choice((500, 502, 504))},
        "stranger": {"status": dice.choice((400, 404, 413))},
        "stranger_after_accept": {"status": dice.choice((400, 404, 415))},
        "429": {"retry_after": dice.choice((None, None, 90))},
        "truncated": {"broken_connection": dice.random() < 0.5},
        "partial": {"positions": positions},
        "missing_position": {"positions": positions},
        "variant_c": {"alone": dice.random() < 0.3},
    }
    return drawn.get(name, {})
