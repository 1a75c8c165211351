"""Run plain unittest tests and write what came out.

``plain_tests.py FOLDER RESULT [FILE…]``: RESULT gets one JSON object with the numbers of
tests passed, failed and skipped, and the seconds of each file.
"""

import json
import sys
import time
import unittest
from collections import Counter


class CountingResult(unittest.TextTestResult):
    """Keeps the names of tests: each counts once, whatever its subtests do."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.started = set()
        self.failed = set()
        self.seconds = Counter()
        self._since = time.monotonic()

    def startTest(self, test):
        super().startTest(test)
        self.started.add(test.id())

    def stopTest(self, test):
        super().stopTest(test)
        # With what was set up before it.
        now = time.monotonic()
        self.seconds[type(test).__module__] += now - self._since
        self._since = now

    def addError(self, test, err):
        super().addError(test, err)
        self.failed.add(test.id())

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.failed.add(test.id())

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self.failed.add(test.id())

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.failed.add(test.id())


def main(folder, result_path, *names):
    """Run all tests of ``folder``, or of its files ``names``; return 1 for a failure."""
    loader = unittest.defaultTestLoader
    if names:
        sys.path.insert(0, folder)
        suite = loader.loadTestsFromNames(names)
    else:
        suite = loader.discover(folder, top_level_dir=folder)
    runner = unittest.TextTestRunner(resultclass=CountingResult, warnings="default")
    result = runner.run(suite)
    skipped = {test.id() for test, _reason in result.skipped}
    ran = {
        "passed": len(result.started - result.failed - skipped),
        "failed": len(result.failed),
        "skipped": len(skipped),
        "seconds": {name: round(took, 1) for name, took in result.seconds.items()},
    }
    with open(result_path, "w", encoding="utf-8") as file:
        json.dump(ran, file)
    return 1 if result.failed else 0


if __name__ == "__main__":
    sys.path.pop(0)  # this folder is no place to import from
    sys.exit(main(*sys.argv[1:]))
