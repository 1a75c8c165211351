"""What a test run said must be read right: a wrong count hides a failure."""

import re
import unittest

from tbcdev.odoo_log import OdooLog

TESTS = "odoo.addons.account_tbc_bank.tests.test_read"


def record(level, logger, message):
    """Return a record as Odoo writes it."""
    return f"2026-03-01 10:00:00,123 4242 {level} some_db {logger}: {message} "


def read(*records, known=()):
    """Return the log of ``records``."""
    log = OdooLog(known=[re.compile(pattern) for pattern in known])
    for text in records:
        for line in text.splitlines():
            log.feed(line)
    log.close()
    return log


class TestOdooLog(unittest.TestCase):
    def test_passed(self):
        log = read(record("INFO", TESTS, "Starting TestRead.test_one ..."))
        self.assertEqual(log.passed, {f"{TESTS}:TestRead.test_one"})
        self.assertFalse(log.failed or log.wrong)

    def test_a_result_is_kept_for_the_summary(self):
        log = read(record("INFO", TESTS, "Result: 7 paths, 0 leaks"))
        self.assertEqual(log.results, ["7 paths, 0 leaks"])

    def test_subtests_count_as_one_failure(self):
        log = read(
            record("INFO", TESTS, "Starting TestRead.test_one ..."),
            record("ERROR", TESTS, "FAIL: Subtest TestRead.test_one (n=0)\nTraceback"),
            record("ERROR", TESTS, "FAIL: Subtest TestRead.test_one (n=2)\nTraceback"),
            record("ERROR", "odoo.tests.result", "2 failed, 0 error(s) of 1 tests"),
        )
        self.assertEqual(list(log.failed), [f"{TESTS}:TestRead.test_one"])
        self.assertFalse(log.passed or log.wrong)

    def test_failed_class_is_a_failure(self):
        words = f"ERROR: setUpClass ({TESTS}.TestRead)\nTraceback"
        log = read(record("ERROR", "odoo.tests.suite", words))
        self.assertEqual(len(log.failed), 1)

    def test_skipped_is_not_passed(self):
        log = read(
            record("INFO", TESTS, "Starting TestRead.test_one ..."),
            record("INFO", TESTS, "skipped TestRead.test_one : no browser"),
        )
        self.assertEqual(list(log.skipped.values()), ["no browser"])
        self.assertFalse(log.passed)

    def test_warning_is_wrong(self):
        text = record("WARNING", "odoo.addons.account", "first line") + "\nsecond line"
        self.assertIn("second line", read(text).wrong[0])

    def test_known_noise_is_not_wrong(self):
        text = record("WARNING", "py.warnings", "x.py:1: DeprecationWarning: old")
        self.assertTrue(read(text).wrong)
        self.assertFalse(read(text, known=["^WARNING py.warnings: .*old"]).wrong)

    def test_sums_alone_are_wrong(self):
        text = record("ERROR", "odoo.tests.result", "2 failed, 0 error(s) of 1 tests")
        self.assertTrue(read(text).wrong)

    def test_browser_of_a_failed_tour(self):
        browser = record("ERROR", f"{TESTS}.TestRead.test_tour.browser", "FAILED: [1]")
        failure = record("ERROR", TESTS, "FAIL: TestRead.test_tour\nTraceback")
        self.assertTrue(read(browser).wrong)
        self.assertFalse(read(browser, failure).wrong)

    def test_critical_is_wrong(self):
        text = record(
            "CRITICAL", "odoo.service.server", "Failed to initialize database"
        )
        self.assertTrue(read(text).wrong)
