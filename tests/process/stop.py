"""A worker that stops at a commit: it kills itself there, or waits."""

import contextlib
import importlib
import os
import signal
from collections import Counter
from unittest.mock import patch

# which commit → the function of which service it follows; or (page, past) which makes it
_SERVICES = "odoo.addons.account_tbc_bank.services"
_PLACES = {
    "page": (f"{_SERVICES}.rounds", "commit_page"),
    "past": (f"{_SERVICES}.rounds", "commit_past_page"),
    "sending": (f"{_SERVICES}.transfers.send", "mark_sending"),
    "outcome": (f"{_SERVICES}.transfers.send", "send_marked"),
}


class Stop:
    """Stops this process at one commit, and lets it pass all the others.

    :param work: whose process it is
    :param at: ``page``: of a page of movements, of which there is one before something
        is booked, and one at the end; ``past``: the same of a back-fill; ``sending``: the one before a request; ``outcome``: the one after the bank's answer
    :param moment: ``before`` or ``after`` the commit itself
    :param act: ``kill`` this process, or make it ``wait`` for a message
    :param number: which of these commits
    """

    def __init__(self, work, *, at, moment, act, number=1):
        self.work, self.act = work, act
        self.wanted = at, moment, number
        self.next = None
        self.passed = Counter()

    @contextlib.contextmanager
    def watch(self):
        """Watch the commits made in this context."""
        registry, (place, _moment, _number) = self.work.registry, self.wanted
        name, method = _PLACES[place]
        is_service = name.startswith(_SERVICES)
        model = importlib.import_module(name) if is_service else registry[name]
        cron = registry["ir.cron"]
        watched = self._before if place in ("page", "past") else self._after
        with (
            patch.object(model, method, watched(getattr(model, method), place)),
            patch.object(cron, "_commit_progress", self._commit(cron)),
        ):
            yield

    def _before(self, method, place):
        """The method makes the commit itself."""

        def watched(record):
            self.next = place
            try:
                return method(record)
            finally:
                self.next = None

        return watched

    def _after(self, method, place):
        """The commit follows the method, unless that had nothing to do."""

        def watched(records):
            result = method(records)
            if place == "outcome" or result:
                self.next = place
            return result

        return watched

    def _commit(self, cron):
        commit = cron._commit_progress

        def watched(record, *args, **kwargs):
            place, self.next = self.next, None
            if place:
                self.passed[place] += 1
            self._stop(place, "before")
            result = commit(record, *args, **kwargs)
            self._stop(place, "after")
            return result

        return watched

    def _stop(self, place, moment):
        if (place, moment, self.passed[place]) != self.wanted:
            return
        if self.act == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        self.work.line.say(event="waits")
        self.work.line.hear()
