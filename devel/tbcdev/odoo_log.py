"""Reads the log of an Odoo test run: tests, failures, and what must not be there."""

import re
from dataclasses import dataclass, field

from . import paths

# The format set in odoo/netsvc.py.
_RECORD = re.compile(
    r"(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}) \d+ "
    r"(?P<level>DEBUG|RUNBOT|INFO|WARNING|ERROR|CRITICAL) \S+ "
    r"(?P<logger>[\w.?-]+): (?P<message>.*)"
)
# The words of odoo/tests/result.py.
STARTING = re.compile(r"Starting (?P<test>\S+) \.\.\.")
_TROUBLE = re.compile(r"(?:FAIL|ERROR): (?:Subtest )?(?P<test>[^\n]+)")
_SKIPPED = re.compile(r"skipped (?P<test>.+?) : (?P<reason>.*)")
# What a test wants to be read in the summary, passed or not.
_RESULT = re.compile(r"Result: (?P<result>.+)")
# The sums that Odoo adds after failures that were counted already.
_SUMS = (
    re.compile(r"Module \w+: \d+ failures, \d+ errors of \d+ tests"),
    re.compile(r"\d+ failed, \d+ error\(s\) of \d+ tests"),
    re.compile(r"At least one test failed when loading the modules\."),
)
_WRONG_LEVELS = {"WARNING", "ERROR", "CRITICAL"}


def known_lines():
    """Return the patterns of `known-log-lines.txt`: Odoo's own noise."""
    text = (paths.DEVEL / "known-log-lines.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [re.compile(line) for line in lines]


@dataclass
class OdooLog:
    """What a log says so far; feed it line by line, then call `close`.

    ``passed`` and ``failed`` hold names of tests, ``wrong`` the records of level
    WARNING and above that are neither a failed test nor known noise.
    """

    known: list = field(default_factory=known_lines)
    started: set = field(default_factory=set)
    failed: dict = field(default_factory=dict)
    skipped: dict = field(default_factory=dict)
    results: list = field(default_factory=list)
    troubles: list = field(default_factory=list)
    _record: list = field(default_factory=list)

    @property
    def passed(self):
        """The names of the tests that ran to their end without a failure."""
        return self.started - self.failed.keys() - self.skipped.keys()

    @property
    def wrong(self):
        """The records that must not be there, as texts."""
        # What the browser of a failed tour says belongs to that failure.
        tours = {f"{name.replace(':', '.')}.browser" for name in self.failed}
        return [
            f"{level} {logger}: {text}"
            for level, logger, text in self.troubles
            if logger not in tours
        ]

    def feed(self, line):
        """Read one line; a line that begins no record continues the last one."""
        if _RECORD.match(line):
            self.close()
        self._record.append(line)

    def close(self):
        """Read the record that was collected."""
        lines, self._record = self._record, []
        match = _RECORD.match("\n".join(lines)) if lines else None
        if match:
            text = "\n".join([match["message"], *lines[1:]]).rstrip()
            self._read(match["level"], match["logger"], text)

    def _read(self, level, logger, text):
        first = text.partition("\n")[0]
        if ".tests." in f"{logger}." or logger.startswith("odoo.tests"):
            if match := STARTING.match(first):
                self.started.add(f"{logger}:{match['test']}")
                return
            if match := _SKIPPED.match(first):
                self.skipped[f"{logger}:{match['test']}"] = match["reason"]
                return
            if match := _RESULT.match(first):
                self.results.append(match["result"])
                return
            if level == "ERROR" and (match := _TROUBLE.match(first)):
                self._add_failure(logger, match["test"], text)
                return
        if level in _WRONG_LEVELS and not self._expected(level, logger, text):
            self.troubles.append((level, logger, text))

    def _add_failure(self, logger, test, text):
        name = test.split(" ")[0]
        if name in ("setUpClass", "tearDownClass"):
            name = test
        key = f"{logger}:{name}"
        self.failed[key] = "\n".join(filter(None, [self.failed.get(key), text]))

    def _expected(self, level, logger, text):
        if self.failed and any(sums.match(text) for sums in _SUMS):
            return True
        return any(line.search(f"{level} {logger}: {text}") for line in self.known)


def read_log(text):
    """Return what a whole log says."""
    log = OdooLog()
    for line in text.splitlines():
        log.feed(line)
    log.close()
    return log
